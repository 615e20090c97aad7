//! Bulk files at the institution: accepted, executed on their day, rejected, once each.

mod accepted;
mod agreed;
mod collected;
mod corrected;
mod demo;
mod guards;
mod killed;
mod paid;
pub mod site;
