//! Tokens in the menu after login: what stands (BOT000), issue (BOT001 to BOT003), start (BOT011,
//! BOT012), cancel (BOS001, BOS002).

pub mod begin;
pub mod issue;
pub mod issue_confirm;
pub mod issue_export;
pub mod overview;
pub mod start;
pub mod stop;
