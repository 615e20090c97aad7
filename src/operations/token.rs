//! Tokens: the customer's flows (issue, start, exchange, stop), and what staff do by command
//! (import, ship, release).

pub mod confirmation;
pub mod exchange;
pub mod expiry;
pub mod flow;
pub mod import;
pub mod issue;
pub mod issue_draft;
pub mod issue_end;
pub mod menu;
mod registration;
pub mod release;
pub mod settle_suspension;
pub mod ship;
pub mod start;
pub mod stop;
