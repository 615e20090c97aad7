//! The staff console at `/{slug}/staff` (STF001 to STF080): sessions, cookies and forms of its own.

mod act;
pub mod additions;
pub mod ask;
pub mod audit;
pub mod code;
pub mod contract;
pub mod customer;
pub mod customers;
pub mod enrol;
pub mod home;
pub mod import;
pub mod jobs;
pub mod letter;
pub mod limits;
pub mod login;
pub mod mails;
pub mod number;
pub mod opening;
pub mod order;
pub mod orders;
pub mod principal;
pub mod requests;
pub mod stock;
mod subject_fields;
pub mod token;
pub mod visit;
mod words;
