//! What the check of a file found, as it is kept for its user.

use serde::{Deserialize, Serialize};

use super::BulkKind;

/// One thing found, in the words that users see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    /// As `Z301`.
    pub code: String,
    /// Whether the file cannot be taken because of it.
    pub is_error: bool,
    /// What it is.
    pub title: String,
    /// Which record, from 1; 0: the file as a whole.
    pub record: u64,
    /// Which byte of the record, from 1; 0: the record as a whole.
    pub byte: u32,
    /// The field.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
    /// How it is mended.
    pub fix: String,
}

/// The report of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// What kind of file it is, where that was seen.
    pub kind: Option<BulkKind>,
    /// Records of any kind.
    pub records: u64,
    /// How many errors there are in all.
    pub errors: u64,
    /// How many warnings.
    pub warnings: u64,
    /// The first of them, in the file's order.
    pub lines: Vec<ReportLine>,
    /// Whether `record` of these counts the lines of a CSV file.
    #[serde(default)]
    pub is_by_lines: bool,
}
