//! Files in the fixed-length formats of the banks' association (全銀協): layouts as tables, records
//! made from them, and how records follow each other. Nothing here knows the portal.
//!
//! A format is a [`layout::Format`]: four tables of fields. [`record::Record`] fills one record by
//! the fields' keys and refuses what does not fit; a module a format ([`statement`] for 03) has the
//! records as types, in the order of the file. A further format is a further pair of such modules.

pub mod era;
pub mod layout;
pub mod layouts;
pub mod record;
pub mod statement;
pub mod text;
