//! File services: deadlines and how long files are kept.

use serde::Deserialize;

use super::when::TimeOfDay;

/// Deadline of one kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// Business days before the file's date.
    pub business_days: u32,
    /// The same where all payees are at the own institution; without it no other.
    #[serde(default)]
    pub business_days_own: Option<u32>,
    /// Time on that day until which the file must be sent.
    pub until: TimeOfDay,
}

/// Section `files`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilePolicy {
    /// 総合振込.
    pub general_transfer: Deadline,
    /// 給与振込.
    pub salary: Deadline,
    /// 賞与振込.
    pub bonus: Deadline,
    /// 預金口座振替.
    pub direct_debit: Deadline,
    /// Business days ahead that a file's date may lie.
    pub days_ahead_max: u32,
    /// Days for which files put out for a contract are kept.
    pub external_kept_days: u32,
    /// From when on a business day the files of the days before are put out.
    pub external_at: TimeOfDay,
}

impl Default for FilePolicy {
    fn default() -> Self {
        let until = TimeOfDay::of(12, 0);
        let payroll = Deadline { business_days: 3, business_days_own: Some(1), until };
        Self {
            general_transfer: Deadline { business_days: 1, business_days_own: None, until },
            salary: payroll,
            bonus: payroll,
            direct_debit: Deadline { business_days: 4, business_days_own: None, until },
            days_ahead_max: 15,
            external_kept_days: 60,
            external_at: TimeOfDay::of(6, 0),
        }
    }
}
