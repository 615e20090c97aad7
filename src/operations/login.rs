//! Logins: identify by id and password, second step by one-time password, first setup, end.

pub mod activate;
pub mod complete;
pub mod end;
pub mod identify;
pub mod password;
pub mod register;
mod resume;
pub mod setup;
