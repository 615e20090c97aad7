//! Bulk files (ファイル伝送) of 100,000 and 1,000,000 records: their booking, and everything that
//! people do with them before it.

mod booking;
mod made;
mod people;
mod uploading;

use anyhow::Result;

use crate::Effort;

/// Booking in this process, then the program in a process of its own.
pub fn run(effort: Effort) -> Result<()> {
    booking::run(effort)?;
    uploading::run(effort)
}
