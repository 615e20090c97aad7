//! The ledger: posting entries and checking that money is neither made nor lost.

pub mod check;
pub mod post;
pub mod reverse;
