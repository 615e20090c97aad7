//! The rows of a bulk file.

use chrono::{NaiveDate, NaiveDateTime};

use super::{BulkAct, BulkKind, BulkOrigin, BulkState, RecordFailure};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{
    AccountId, BulkEventId, BulkFileId, ContractId, EntryId, ReceiptId, UserId,
};
use crate::primitives::yen::Yen;

/// What the institution agreed with a contract for one kind of file: a row of `bulk_services`.
#[derive(
    Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::schema::bulk_services, treat_none_as_default_value = false)]
pub struct BulkService {
    /// Whose.
    pub contract_id: ContractId,
    /// For which kind.
    pub kind: BulkKind,
    /// 委託者コード.
    pub originator_code: String,
    /// 委託者名 in half-width kana.
    pub originator_kana: String,
    /// 種別コード that its files have.
    pub business_type: String,
    /// From which total on two people must approve; nothing: one is always enough.
    pub second_approval_from_yen: Option<Yen>,
    /// Whether whoever made a file may approve it.
    pub maker_may_approve: bool,
    /// Most for one file.
    pub file_limit_yen: Yen,
    /// Most for one record.
    pub record_limit_yen: Yen,
    /// Whether its files may be sent straight, without 承認 on the screen (外部ファイル送信).
    pub external_send: bool,
}

impl BulkService {
    /// How many people must approve a file of this total (承認経路 by amount).
    #[must_use]
    pub fn approvals_needed(&self, total: Yen) -> i32 {
        let is_double = self.second_approval_from_yen.is_some_and(|from| total >= from);
        if is_double { 2 } else { 1 }
    }
}

/// A row of `bulk_files`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::bulk_files)]
pub struct BulkFile {
    /// Row id.
    pub id: BulkFileId,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// What kind.
    pub kind: BulkKind,
    /// 種別コード of its header.
    pub business_type: String,
    /// How it stands.
    pub state: BulkState,
    /// How it came.
    pub origin: BulkOrigin,
    /// As its user knows it.
    pub name: String,
    /// Who began it.
    pub maker_id: UserId,
    /// 出金口座; for direct debits the account that is credited. Nothing while it is uploaded.
    pub account_id: Option<AccountId>,
    /// 指定日. Nothing while it is uploaded.
    pub value_date: Option<NaiveDate>,
    /// Data records.
    pub item_count: i64,
    /// Sum of their amounts in yen.
    pub total_yen: Yen,
    /// Bytes from one record to the next in its chunks.
    pub stride: i32,
    /// Where records were taken away, as [`super::content::Layout`] reads it.
    pub gaps: String,
    /// SHA-256 in hex of the bytes as uploaded.
    pub original_sha256: Option<String>,
    /// What approvals are bound to ([`super::content::content_digest`]).
    pub content_sha256: String,
    /// Counts changes of the content.
    pub version: i64,
    /// Counts the times that it was handed in.
    pub submission: i32,
    /// How many people must approve what was handed in.
    pub approvals_needed: i32,
    /// How many have.
    pub approvals_given: i32,
    /// Until when it must be sent.
    pub deadline_at: Option<NaiveDateTime>,
    /// Begin.
    pub created_at: NaiveDateTime,
    /// Last change of anything.
    pub changed_at: NaiveDateTime,
    /// 送信.
    pub sent_at: Option<NaiveDateTime>,
    /// Who sent it.
    pub sender_id: Option<UserId>,
    /// 受付番号.
    pub receipt_number: Option<i32>,
    /// The receipt; the ledger's keys carry its id.
    pub receipt_id: Option<ReceiptId>,
    /// Why it was rejected, by the name of a [`super::BulkReason`].
    pub reason: Option<String>,
}

impl BulkFile {
    /// Whether it is too late to send it: after the very second of its deadline.
    #[must_use]
    pub fn is_late_at(&self, now: UtcTime) -> bool {
        self.deadline_at.is_none_or(|deadline| deadline < now)
    }
}

/// What a file's day brought: a row of `bulk_results`.
#[derive(
    Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::schema::bulk_results, treat_none_as_default_value = false)]
pub struct BulkResult {
    /// Which file.
    pub file_id: BulkFileId,
    /// When the worker did it.
    pub executed_at: NaiveDateTime,
    /// The debit of what went out, or the credit of what came in; nothing where nothing came in.
    pub entry_id: Option<EntryId>,
    /// Records that could not be done.
    pub failed_count: i64,
    /// Their sum in yen.
    pub failed_yen: Yen,
    /// Fee without tax in yen.
    pub net_yen: Yen,
    /// Its tax in yen.
    pub tax_yen: Yen,
}

/// A row of `bulk_approvals`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::bulk_approvals)]
pub struct BulkApproval {
    /// Which file.
    pub file_id: BulkFileId,
    /// Which time that it was handed in.
    pub submission: i32,
    /// Who.
    pub user_id: UserId,
    /// What was approved.
    pub content_sha256: String,
    /// When.
    pub approved_at: NaiveDateTime,
}

/// A row of `bulk_events`: one line of a file's history.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::bulk_events)]
pub struct BulkEvent {
    /// Row id.
    pub id: BulkEventId,
    /// Which file.
    pub file_id: BulkFileId,
    /// When.
    pub happened_at: NaiveDateTime,
    /// Who; nobody for what the institution did.
    pub user_id: Option<UserId>,
    /// The name as it was.
    pub actor_name: String,
    /// What.
    pub act: BulkAct,
    /// How it stood afterwards.
    pub state: BulkState,
    /// The proof that was given, by the name of its method.
    pub proof: String,
    /// What was written to it.
    pub comment: String,
    /// The content at that time.
    pub content_sha256: String,
}

/// A row of `bulk_failures`: a record that could not be done.
#[derive(
    Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::schema::bulk_failures, treat_none_as_default_value = false)]
pub struct BulkFailure {
    /// Which file.
    pub file_id: BulkFileId,
    /// Which record, from 1; the header is 1.
    pub record_no: i64,
    /// Why.
    pub reason: RecordFailure,
    /// Its amount in yen.
    pub amount_yen: Yen,
}
