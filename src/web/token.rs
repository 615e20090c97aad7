//! Flows of tokens: start, exchange and stop from the login page (BOM101 to BOM123, BOR001 to
//! BOR013); issue, start and stop in the menu after login (BOT000 to BOT012, BOS001, BOS002).

pub mod exchange;
pub mod flow;
pub mod menu;
pub mod place;
pub mod start;
pub mod stop;
pub mod words;
