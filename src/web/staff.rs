//! The staff console at `/{slug}/staff` (STF001 to STF080): sessions, cookies and forms of its own.

mod act;
pub mod ask;
pub mod audit;
pub mod certificate;
pub mod code;
pub mod customer;
pub mod customers;
pub mod enrol;
pub mod home;
pub mod jobs;
pub mod limits;
pub mod login;
pub mod mails;
pub mod order;
pub mod orders;
pub mod principal;
pub mod requests;
pub mod stock;
pub mod token;
pub mod visit;
mod words;
