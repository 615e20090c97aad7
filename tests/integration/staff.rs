//! The staff console.

mod acts;
mod closing;
mod import;
mod login;
mod matrix;
mod numbers;
mod opening;
mod requests;
mod roles;
mod search;
pub mod support;
mod upkeep;
