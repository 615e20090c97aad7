//! What the institution's staff do: their own logins, and the console's acts.

pub mod acts;
pub mod bulk_service;
mod close;
pub mod code;
pub mod decide;
pub mod end;
pub mod external_accounts;
pub mod external_download;
pub mod external_put;
pub mod import;
pub mod letter;
pub mod log_in;
pub mod members;
pub mod opening;
pub mod orders;
pub mod payee;
pub mod registration_number;
pub mod request;
pub mod resynchronise;
pub mod standing;
pub mod upkeep;
