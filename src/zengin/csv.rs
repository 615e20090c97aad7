//! Files of the formats as CSV, and CSV as files.
//!
//! One line is one record and begins with its データ区分; one column is one field, under the name
//! that the field has in the standard. A line of headings, which begins with `データ区分`, stands
//! before the records that it is for. Texts are without the spaces behind them, amounts and counts
//! without zeros in front, all other digits as they stand; EDI情報 has a column of its own. What a
//! spreadsheet would take for a formula has an apostrophe in front.
//!
//! From CSV, an empty cell or a missing column is what a record has of itself: constants, zeros,
//! spaces, and in a trailer the totals; digits that lost their zeros get them back; names in other
//! characters are brought into those of the field, and this is said. Lines without データ区分 under
//! headings of a data record are data records; then the header is given by the caller.
//!
//! [`CsvWriter`] takes records, [`CsvReader`] bytes in pieces; neither needs more memory than a
//! line. Records that pass the check without an error come back byte for byte.

mod cells;
mod charset;
mod headings;
mod make;
mod read;
mod reading;
#[cfg(test)]
mod tests;
mod write;

pub use self::make::CsvGiven;
pub use self::read::{ByteSink, CsvReader};
pub use self::reading::CsvReading;
pub use self::write::{CsvCharset, CsvWriter};
