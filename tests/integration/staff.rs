//! The staff console.

mod acts;
mod login;
mod matrix;
mod requests;
mod roles;
mod search;
pub mod support;
mod upkeep;
