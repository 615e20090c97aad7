//! Limits: what holds, the three-day rule, the one rise that waits, what the end of a token's use
//! brings back, what can be typed.

mod applied;
mod asked;
mod company;
mod ends;
mod input;
mod once;
mod site;

pub use site::{FUTABA, LimitApp, values};
