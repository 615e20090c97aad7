//! Companies whose users must register a token at login: registration and sharing, release,
//! revocation; who may do what to whom.

mod approval;
mod custody;
mod matrix;
mod registration;
mod release;
mod revocation;
pub mod site;
mod table;
