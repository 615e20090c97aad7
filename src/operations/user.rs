//! Acts of staff on users.

pub mod unlock;
