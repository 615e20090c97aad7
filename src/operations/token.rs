//! Tokens: the customer's flows (issue, start, exchange, stop), what the token app asks for
//! (credential, set-up), and what staff do by command (import, ship, release, revoke).

pub mod confirmation;
pub mod credential;
pub mod exchange;
pub mod expiry;
pub mod export;
pub mod flow;
pub mod hand_over;
pub mod import;
pub mod issue;
pub mod issue_draft;
pub mod issue_end;
pub mod menu;
pub(in crate::operations) mod registration;
pub mod registration_number;
pub mod release;
pub mod revoke;
pub mod set_up;
pub mod settle_suspension;
pub mod ship;
pub mod start;
pub mod stop;
