//! HTTP in, page out.

pub mod error;
pub mod form;
pub mod help;
pub mod home;
pub mod login;
pub mod page;
pub mod portals;
pub mod token;
