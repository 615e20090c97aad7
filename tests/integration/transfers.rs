//! Transfers: made at once and reserved, limits, holds, what is asked once more, reservations that
//! run and that are taken back, and the way back from the input to the choice.

mod again;
mod company;
mod made;
mod paid;
mod property;
mod reserved;
mod signed;
pub mod site;
mod told;
