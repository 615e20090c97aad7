//! Files that are there without having been uploaded, and files to upload.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use chrono::{NaiveDate, TimeDelta};
use madoguchi::db::queries::bulk_files::{self, NewBulkFile};
use madoguchi::db::queries::bulk_uploads::{self, BulkContent};
use madoguchi::db::queries::{bulk_chunks, bulk_moves};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::bulk_file::content::{RECORDS_A_CHUNK, chunk_digest, content_digest};
use madoguchi::domain::bulk_file::{BulkKind, BulkOrigin, BulkState};
use madoguchi::operations::{Ctx, receipt};
use madoguchi::primitives::ids::{AccountId, BulkFileId, ContractId, UserId};
use madoguchi::primitives::yen::Yen;
use madoguchi::zengin::bulk::{self, BulkHeader, BulkItem};
use madoguchi::zengin::layout::LineEnd;
use madoguchi::zengin::record::FieldError;

/// Bytes of a record without line end.
const LENGTH: usize = 120;

/// Whose file it is.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    pub contract_id: ContractId,
    pub user_id: UserId,
    pub account_id: AccountId,
}

/// The account of record `n`: in the branch of this bank.
pub fn item((bank, branch): (&str, &str), n: usize, amount: u64) -> BulkItem {
    BulkItem {
        bank_code: bank.to_owned(),
        branch_code: branch.to_owned(),
        account_type: 1,
        account_no: number(n),
        name: format!("ﾀﾝｽ ﾊﾅｺ {n}"),
        amount,
        ..BulkItem::default()
    }
}

/// The number of that account.
pub fn number(n: usize) -> String {
    format!("{:07}", 2_000_000 + n)
}

/// Writes a file of so many records to the disk; its bytes.
pub fn write_file(
    path: &Path,
    header: &BulkHeader,
    items: impl Iterator<Item = BulkItem>,
) -> Result<u64> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let wrong = |error: FieldError| anyhow!("a record: {error}");
    let (mut making, begin) = bulk::BulkFile::begin(header, LineEnd::CrLf).map_err(wrong)?;
    file.write_all(&begin)?;
    for item in items {
        file.write_all(&making.item(&item).map_err(wrong)?)?;
    }
    file.write_all(&making.finish().map_err(wrong)?)?;
    file.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

/// A salary file whose content is there, without line ends: a draft.
pub fn draft(
    conn: &mut DbConn,
    ctx: &Ctx,
    owner: Owner,
    (header, items, on): (&BulkHeader, &[BulkItem], NaiveDate),
) -> Result<BulkFileId> {
    let id = bulk_files::insert(
        conn,
        NewBulkFile {
            portal: ctx.portal_slug().to_owned(),
            contract_id: owner.contract_id,
            kind: BulkKind::Salary,
            business_type: header.business_type.clone(),
            state: BulkState::Uploading,
            origin: BulkOrigin::Upload,
            name: "bench".to_owned(),
            maker_id: owner.user_id,
            stride: i32::try_from(LENGTH)?,
            created_at: ctx.now,
            changed_at: ctx.now,
        },
    )?;
    let wrong = |error: FieldError| anyhow!("a record: {error}");
    let (mut making, mut bytes) = bulk::BulkFile::begin(header, LineEnd::None).map_err(wrong)?;
    let mut total = 0;
    for item in items {
        bytes.extend(making.item(item).map_err(wrong)?);
        total += item.amount;
    }
    bytes.extend(making.finish().map_err(wrong)?);
    let mut digests = Vec::new();
    let size = usize::try_from(RECORDS_A_CHUNK)? * LENGTH;
    for (no, chunk) in (0..).zip(bytes.chunks(size)) {
        let digest = chunk_digest(chunk);
        bulk_chunks::insert(conn, id, no, (chunk, &digest))?;
        digests.push(digest);
    }
    let content = BulkContent {
        account_id: owner.account_id,
        value_date: on,
        item_count: i64::try_from(items.len())?,
        total: Yen(i64::try_from(total)?),
        content_sha256: content_digest(digests.iter().map(String::as_str)),
        gaps: String::new(),
    };
    let is_made = bulk_uploads::finish(conn, id, &content, (None, BulkState::Draft), ctx.now)?;
    is_made.then_some(id).context("the file went away")
}

/// Hands a draft in, for so many approvals.
pub fn hand_in(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: BulkFileId,
    (state, approvals): (BulkState, i32),
) -> Result<(), DbError> {
    let file = bulk_files::get(conn, id)?;
    let until = ctx.now + TimeDelta::days(1);
    bulk_uploads::submit(conn, &file, state, (approvals, until), ctx.now).map(drop)
}

/// Hands a draft in and sends it, as if nobody had to approve it.
pub fn send(conn: &mut DbConn, ctx: &Ctx, sender: UserId, id: BulkFileId) -> Result<(), DbError> {
    hand_in(conn, ctx, id, (BulkState::Approved, 0))?;
    let file = bulk_files::get(conn, id)?;
    let number = receipt::write_in_tx(conn, ctx, sender, "bulk.send", &id)?;
    bulk_moves::send(conn, &file, sender, number, ctx.now).map(drop)
}
