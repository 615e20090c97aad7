//! Acts on users: the emergency stop, and what staff do.

pub mod emergency_stop;
pub mod hold;
pub mod lift_stop;
pub mod unlock;
