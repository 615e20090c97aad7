//! The files that companies send (総合振込, 給与・賞与振込, 預金口座振替) as types: header, items,
//! trailer, and a writer that goes through a file record by record, so that a file of any length
//! needs no more memory than one record.
//!
//! Where sources disagree: optional numbers that are not given are written as zeros and read as
//! zeros or spaces; numbers of the sender's own (顧客コード, 社員番号, 顧客番号) are texts, because
//! zeros in front count and some banks let letters stand there.

mod header;
mod item;
#[cfg(test)]
mod tests;
mod trailer;

use serde::Serialize;

pub use self::header::BulkHeader;
pub use self::item::{BulkItem, Reference};
pub use self::trailer::{BulkFile, BulkTrailer, end_record};
use crate::zengin::layout::Format;
use crate::zengin::layouts;

/// A kind of file that companies send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkKind {
    /// 21 総合振込.
    GeneralTransfer,
    /// 11 and 71 給与振込.
    Payroll,
    /// 12 and 72 賞与振込.
    Bonus,
    /// 91 預金口座振替.
    DirectDebit,
}

impl BulkKind {
    /// All kinds.
    pub const ALL: [BulkKind; 4] =
        [BulkKind::GeneralTransfer, BulkKind::Payroll, BulkKind::Bonus, BulkKind::DirectDebit];

    /// By 種別コード.
    #[must_use]
    pub fn of(business_type: &str) -> Option<BulkKind> {
        BulkKind::ALL.into_iter().find(|kind| kind.business_types().contains(&business_type))
    }

    /// The layout of its records.
    #[must_use]
    pub fn format(self) -> &'static Format {
        match self {
            BulkKind::GeneralTransfer => &layouts::GENERAL_TRANSFER,
            BulkKind::Payroll => &layouts::PAYROLL,
            BulkKind::Bonus => &layouts::BONUS,
            BulkKind::DirectDebit => &layouts::DIRECT_DEBIT,
        }
    }

    /// 種別コード of its files, the usual one first.
    #[must_use]
    pub fn business_types(self) -> &'static [&'static str] {
        self.format().business_types
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.format().name
    }
}
