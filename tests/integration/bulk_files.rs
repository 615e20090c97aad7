//! Bulk files from nothing to 承認依頼: upload, repair, making, copying.

mod copied;
mod guide;
mod made;
mod repaired;
mod samples;
pub mod site;
mod submitted;
mod uploaded;
