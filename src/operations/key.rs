//! The sealing keys.

pub mod reseal;
