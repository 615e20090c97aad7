//! The page after login, and what it tells of coming changes.

pub mod changes;
pub mod top;
