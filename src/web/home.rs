//! The page after login.

pub mod top;
