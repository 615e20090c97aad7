//! The token app's side of the portal: credentials of its own making, set-up of issued ones, and
//! the files it works from.

mod credentials;
mod files;
pub mod phone;
mod set_up;
