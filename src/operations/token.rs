//! Tokens: the customer's flows from the login page (start, exchange, stop), and what staff do by
//! command (import, ship, release, revoke).

pub mod confirmation;
pub mod exchange;
pub mod expiry;
pub mod flow;
pub mod import;
mod registration;
pub mod release;
pub mod revoke;
pub mod settle_suspension;
pub mod ship;
pub mod start;
pub mod stop;
