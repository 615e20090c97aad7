//! Start, exchange and stop of a token from the login page (BOM101 to BOM123).

pub mod exchange;
pub mod flow;
pub mod start;
pub mod stop;
