//! お客様情報変更 (BCI001 to 003): mail address, telephone number, passwords.

mod contact;
mod mail_code;
mod portals;
mod refusals;
mod secrets;
mod site;
mod tabs;

pub use site::{NEW_PASSWORD, to_confirm};
