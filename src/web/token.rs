//! Flows of tokens: from the login page (start, exchange, stop), and in the menu after login.

pub mod exchange;
pub mod flow;
pub mod menu;
pub mod start;
pub mod stop;
