//! Start, exchange and stop of a token from the login page (BOM101 to BOM123, BOR001 to BOR013).

pub mod exchange;
pub mod flow;
pub mod place;
pub mod start;
pub mod stop;
pub mod words;
