//! Pay-easy: bills looked up by the numbers of a slip, paid once, and their billers told.

mod company;
mod looked_up;
mod paid;
mod settled;
pub mod site;
