//! Files in the fixed-length formats of the banks' association (全銀協): layouts as tables, records
//! made from them, and how records follow each other. Nothing here knows the portal.
//!
//! A format is a [`layout::Format`]: four tables of fields. [`record::Record`] fills one record by
//! the fields' keys and refuses what does not fit, and [`record::RecordView`] reads one; a module a
//! format has the records as types, in the order of the file: [`statement`] for 03, [`bulk`] for
//! what companies send. [`check`] reads a file of any format piece by piece and says everything
//! that is wrong with it; [`csv`] turns files into tables and tables into files.

pub mod bulk;
pub mod byte_class;
pub mod check;
pub mod credit_notice;
pub mod csv;
pub mod era;
pub mod follow;
pub mod layout;
pub mod layouts;
pub mod record;
pub mod statement;
#[cfg(test)]
mod tests;
pub mod text;
