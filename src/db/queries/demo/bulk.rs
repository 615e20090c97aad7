//! Rows of bulk files.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::bulk_file::{BulkAct, BulkKind, BulkOrigin, BulkState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, ReceiptId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{bulk_approvals, bulk_chunks, bulk_events, bulk_files, receipts};

/// A receipt with its id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = receipts, treat_none_as_default_value = false)]
pub struct ReceiptRow {
    /// Row id.
    pub id: ReceiptId,
    /// The portal's slug.
    pub portal: String,
    /// The day in Japan.
    pub day: NaiveDate,
    /// 受付番号.
    pub number: i32,
    /// Whose act.
    pub user_id: UserId,
    /// Which act.
    pub operation: String,
    /// When.
    pub accepted_at: UtcTime,
    /// JSON.
    pub details: String,
}

/// A bulk file with its id, in any state.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_files, treat_none_as_default_value = false)]
pub struct BulkFileRow {
    /// Row id.
    pub id: BulkFileId,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub contract_id: ContractId,
    /// What kind.
    pub kind: BulkKind,
    /// 種別コード.
    pub business_type: String,
    /// How it stands.
    pub state: BulkState,
    /// How it came.
    pub origin: BulkOrigin,
    /// As its user knows it.
    pub name: String,
    /// Who began it.
    pub maker_id: UserId,
    /// 出金口座.
    pub account_id: Option<AccountId>,
    /// 指定日.
    pub value_date: Option<NaiveDate>,
    /// Data records.
    pub item_count: i64,
    /// Their sum in yen.
    pub total_yen: Yen,
    /// Bytes from one record to the next.
    pub stride: i32,
    /// Of the bytes as uploaded.
    pub original_sha256: Option<String>,
    /// What approvals are bound to.
    pub content_sha256: String,
    /// Changes of the content.
    pub version: i64,
    /// Times that it was handed in.
    pub submission: i32,
    /// How many must approve.
    pub approvals_needed: i32,
    /// How many have.
    pub approvals_given: i32,
    /// Until when it must be sent.
    pub deadline_at: Option<UtcTime>,
    /// Begin.
    pub created_at: UtcTime,
    /// Last change.
    pub changed_at: UtcTime,
    /// 送信.
    pub sent_at: Option<UtcTime>,
    /// Who sent it.
    pub sender_id: Option<UserId>,
    /// 受付番号.
    pub receipt_number: Option<i32>,
    /// The receipt.
    pub receipt_id: Option<ReceiptId>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// A chunk of a file.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_chunks)]
pub struct ChunkRow {
    /// Which file.
    pub file_id: BulkFileId,
    /// From 0.
    pub no: i64,
    /// Whole records.
    pub bytes: Vec<u8>,
    /// Of the bytes.
    pub sha256: String,
}

/// A line of a file's history.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_events, treat_none_as_default_value = false)]
pub struct BulkEventRow {
    /// Which file.
    pub file_id: BulkFileId,
    /// When.
    pub happened_at: UtcTime,
    /// Who; nobody for what the institution did.
    pub user_id: Option<UserId>,
    /// The name.
    pub actor_name: String,
    /// What.
    pub act: BulkAct,
    /// How it stood afterwards.
    pub state: BulkState,
    /// The proof.
    pub proof: String,
    /// What was written to it.
    pub comment: String,
    /// The content.
    pub content_sha256: String,
}

/// An approval of a file.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bulk_approvals)]
pub struct ApprovalRow {
    /// Which file.
    pub file_id: BulkFileId,
    /// Which time that it was handed in.
    pub submission: i32,
    /// Who.
    pub user_id: UserId,
    /// What.
    pub content_sha256: String,
    /// When.
    pub approved_at: UtcTime,
}
