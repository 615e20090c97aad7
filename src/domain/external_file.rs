//! 外部ファイル: what the institution puts out for a company (BEF011), and what goes to other banks.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::domain::bulk_file::{BulkKind, BulkStep};
use crate::domain::right::{Rights, UserRight};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, ExternalFileId, UserId};
use crate::primitives::yen::Yen;
use crate::text_enum;

/// For how long after the proof of BEF012 its files can be saved.
pub const SAVED_WITHIN: TimeDelta = TimeDelta::hours(1);

text_enum! {
    /// What kind of file.
    ExternalKind {
        /// 入出金取引明細 (03).
        Statement = "statement",
        /// 振込入金明細 (01).
        CreditNotice = "credit_notice",
        /// 口座振替結果 (91 with its result codes).
        DebitResult = "debit_result",
        /// 総合振込結果, as CSV.
        TransferResult = "transfer_result",
        /// 給与・賞与振込結果, as CSV.
        PayrollResult = "payroll_result",
        /// 仕向: what goes to other banks (21), the institution's own.
        Outgoing = "outgoing",
    }
}

impl ExternalKind {
    /// What companies may find, in the order in which they are offered.
    pub const FOR_CONTRACTS: [ExternalKind; 5] = [
        Self::Statement,
        Self::CreditNotice,
        Self::DebitResult,
        Self::TransferResult,
        Self::PayrollResult,
    ];
    /// What is put out of an account's movements.
    pub const DAILY: [ExternalKind; 2] = [Self::Statement, Self::CreditNotice];

    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Statement => "入出金取引明細",
            Self::CreditNotice => "振込入金明細",
            Self::DebitResult => "口座振替結果",
            Self::TransferResult => "総合振込結果",
            Self::PayrollResult => "給与・賞与振込結果",
            Self::Outgoing => "仕向ファイル",
        }
    }

    /// How its files are called, in the characters that every system takes.
    #[must_use]
    pub fn file_word(self) -> &'static str {
        match self {
            Self::Statement => "nyushukkin",
            Self::CreditNotice => "furikomi-nyukin",
            Self::DebitResult => "kofuri-kekka",
            Self::TransferResult => "sofuri-kekka",
            Self::PayrollResult => "kyuyo-kekka",
            Self::Outgoing => "shimuke",
        }
    }

    /// The result of a bulk file of this kind.
    #[must_use]
    pub fn of_result(kind: BulkKind) -> ExternalKind {
        match kind {
            BulkKind::DirectDebit => Self::DebitResult,
            BulkKind::GeneralTransfer => Self::TransferResult,
            BulkKind::Salary | BulkKind::Bonus => Self::PayrollResult,
        }
    }

    /// Bytes of a record without its line end; nothing for CSV.
    #[must_use]
    pub fn record_length(self) -> usize {
        match self {
            Self::Statement | Self::CreditNotice => 200,
            Self::DebitResult | Self::Outgoing => 120,
            Self::TransferResult | Self::PayrollResult => 0,
        }
    }

    /// The rights of which a user needs one beside that of 外部ファイル受信: to see the account's
    /// movements, or to take any step with files of the kind.
    #[must_use]
    pub fn rights(self) -> Vec<UserRight> {
        let steps = |kind: BulkKind| {
            [BulkStep::Make, BulkStep::Approve, BulkStep::Send].map(|step| kind.right(step)).into()
        };
        match self {
            Self::Statement | Self::CreditNotice => vec![UserRight::Statement],
            Self::DebitResult => steps(BulkKind::DirectDebit),
            Self::TransferResult => steps(BulkKind::GeneralTransfer),
            Self::PayrollResult => steps(BulkKind::Salary),
            Self::Outgoing => Vec::new(),
        }
    }

    /// Whether a user with these rights receives files of this kind.
    #[must_use]
    pub fn is_open_to(self, rights: &Rights) -> bool {
        rights.allows(UserRight::ExternalReceive)
            && self.rights().into_iter().any(|right| rights.allows(right))
    }
}

text_enum! {
    /// How a file stands.
    ExternalState {
        /// To be written.
        Due = "due",
        /// To be fetched.
        Ready = "ready",
        /// There was nothing to write.
        Empty = "empty",
        /// Its time is over, and its content gone.
        Expired = "expired",
    }
}

/// A row of `external_files`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::external_files)]
pub struct ExternalFile {
    /// Row id.
    pub id: ExternalFileId,
    /// The portal's slug.
    pub portal: String,
    /// Whom it is for; nothing: the institution itself.
    pub contract_id: Option<ContractId>,
    /// What kind.
    pub kind: ExternalKind,
    /// What it is about; nothing: the whole contract.
    pub account_id: Option<AccountId>,
    /// The bulk file whose result it is.
    pub bulk_file_id: Option<BulkFileId>,
    /// The first day that it covers.
    pub from_day: NaiveDate,
    /// The last one.
    pub to_day: NaiveDate,
    /// How it stands.
    pub state: ExternalState,
    /// Counts those who set about writing it; only the last one's pieces are taken.
    pub attempt: i64,
    /// As it is saved.
    pub name: String,
    /// Bytes of a record without its CR LF; 0 for what has no records of one length.
    pub record_length: i32,
    /// Its records.
    pub item_count: i64,
    /// The sum of their amounts in yen.
    pub total_yen: Yen,
    /// Its bytes; 0 once they are gone.
    pub byte_count: i64,
    /// SHA-256 in hex of its bytes.
    pub sha256: String,
    /// The same without line ends; empty for what has no records.
    pub plain_sha256: String,
    /// Of 仕向: what was posted to outgoing clearing for its records, in yen.
    pub posted_yen: Option<Yen>,
    /// Of 仕向: all else that was posted there on these days, in yen.
    pub other_yen: Option<Yen>,
    /// Who put it out by hand.
    pub staff_name: Option<String>,
    /// Since when it is due.
    pub created_at: NaiveDateTime,
    /// Since when it can be fetched.
    pub ready_at: Option<NaiveDateTime>,
}

impl ExternalFile {
    /// Whether a user with these rights, of its contract, receives it.
    #[must_use]
    pub fn is_open_to(&self, rights: &Rights) -> bool {
        self.kind.is_open_to(rights)
            && self.account_id.is_none_or(|account_id| rights.has_account(account_id))
    }

    /// Whether it can be fetched: it is there, and its time is not over.
    #[must_use]
    pub fn is_there(&self, now: UtcTime, kept_days: u32) -> bool {
        let since = kept_since(now, kept_days);
        self.state == ExternalState::Ready && self.ready_at.is_some_and(|at| at >= since)
    }

    /// Whether its sum is that of what was posted for it.
    #[must_use]
    pub fn is_reconciled(&self) -> bool {
        self.posted_yen == Some(self.total_yen)
    }
}

/// What was put out before is over.
#[must_use]
pub fn kept_since(now: UtcTime, kept_days: u32) -> UtcTime {
    now - TimeDelta::days(i64::from(kept_days))
}

/// An account of which a contract gets daily files: a row of `external_accounts`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
)]
#[diesel(table_name = crate::schema::external_accounts)]
pub struct ExternalAccount {
    /// The account.
    pub account_id: AccountId,
    /// Which file.
    pub kind: ExternalKind,
    /// Whose.
    pub contract_id: ContractId,
    /// The first day that a file covers.
    pub agreed_on: NaiveDate,
}

/// Who fetched a file: a row of `external_fetches`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::external_fetches)]
pub struct ExternalFetch {
    /// Which file.
    pub file_id: ExternalFileId,
    /// Who.
    pub user_id: UserId,
    /// The name as it was.
    pub user_name: String,
    /// When.
    pub fetched_at: NaiveDateTime,
}

/// The days that files made on this day cover: from the day after the last ones on, or from the
/// business day before, to yesterday. Nothing where they are made already.
#[must_use]
pub fn span_before(
    today: NaiveDate,
    business_day_before: NaiveDate,
    last: Option<NaiveDate>,
) -> Option<(NaiveDate, NaiveDate)> {
    let to = today.pred_opt()?;
    let from = match last {
        Some(last) => last.succ_opt()?,
        None => business_day_before,
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_belongs_to_one_span() {
        // Monday after a first Friday, and after a Monday that nobody worked on.
        let (friday, monday) = (day("2026-11-20"), day("2026-11-23"));
        let span = |today: &str, last| span_before(day(today), friday, last);
        let first = Some((friday, day("2026-11-22")));
        assert_eq!(span("2026-11-23", None), first);
        assert_eq!(span("2026-11-23", Some(day("2026-11-22"))), None);
        let later = Some((monday, day("2026-11-24")));
        assert_eq!(span("2026-11-25", Some(day("2026-11-22"))), later);
        assert_eq!(span("2026-11-22", Some(day("2026-11-30"))), None, "a clock set back");
    }

    #[test]
    fn names_and_lengths_belong_to_the_format() {
        for kind in ExternalKind::FOR_CONTRACTS {
            assert!(!kind.rights().is_empty(), "{kind}");
        }
        assert!(ExternalKind::Outgoing.rights().is_empty(), "no company's");
        let longest = ExternalKind::ALL.iter().map(|kind| kind.as_str().len()).max();
        assert!(longest.unwrap() <= 20);
    }
}
