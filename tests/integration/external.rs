//! External files: put out once, fetched after a proof and recorded, sent straight.

mod daily;
mod killed;
mod received;
mod results;
mod sent;
pub mod site;
mod staff;
