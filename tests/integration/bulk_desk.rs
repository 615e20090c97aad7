//! Bulk files from the hand-in to the sending, in the portal `aoba` of the demo: A makes, B
//! approves, C sends.

mod approve;
mod changes;
mod course;
mod expire;
mod limits;
mod pages;
mod pdf;
mod races;
mod review;
pub mod site;
