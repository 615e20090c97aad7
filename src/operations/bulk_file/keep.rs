//! Content on its way into the database: whole chunks in short transactions, so that neither memory
//! nor the writer is held by the size of a file. Nobody sees such a file; what breaks off is taken
//! away, and what a killed server leaves behind is housekeeping's.

use sha2::{Digest, Sha256};

use crate::db::DbError;
use crate::db::queries::bulk_files::{self, NewBulkFile};
use crate::db::queries::{bulk_chunks, bulk_uploads};
use crate::domain::audit::hex;
use crate::domain::bulk_file::content::{RECORDS_A_CHUNK, chunk_digest, content_digest};
use crate::domain::bulk_file::{BulkKind, BulkOrigin, BulkState};
use crate::domain::user::User;
use crate::operations::bulk_file::read::chunk_no;
use crate::operations::{ActAbort, Ctx, OperationError, Services, guard};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::BulkFileId;

/// Chunks taken away in one transaction.
const CHUNKS_A_TIME: i64 = 40;

/// What a file is before its content is there.
#[derive(Debug, Clone)]
pub(super) struct Coming {
    pub user: User,
    pub kind: BulkKind,
    pub business_type: String,
    pub origin: BulkOrigin,
    pub name: String,
    pub stride: usize,
}

/// Takes bytes and keeps them chunk by chunk.
pub(super) struct Keeper<'a> {
    services: &'a Services,
    ctx: &'a Ctx,
    coming: Coming,
    buffer: Vec<u8>,
    id: Option<BulkFileId>,
    digests: Vec<String>,
    original: Sha256,
}

/// A file all of whose content is kept.
pub(super) struct KeptContent {
    pub id: BulkFileId,
    /// The digest over its chunks, to which approvals are bound.
    pub content_sha256: String,
    /// SHA-256 in hex of its bytes as they came.
    pub original_sha256: String,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(services: &'a Services, ctx: &'a Ctx, coming: Coming) -> Keeper<'a> {
        let (buffer, digests) = (Vec::new(), Vec::new());
        Keeper { services, ctx, coming, buffer, id: None, digests, original: Sha256::new() }
    }

    fn chunk_length(&self) -> usize {
        usize::try_from(RECORDS_A_CHUNK).unwrap_or(usize::MAX).saturating_mul(self.coming.stride)
    }

    /// Takes the next bytes.
    pub(super) async fn take(&mut self, bytes: &[u8]) -> Result<(), OperationError> {
        self.original.update(bytes);
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let room = self.chunk_length().saturating_sub(self.buffer.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() >= self.chunk_length() {
                self.store().await?;
            }
        }
        Ok(())
    }

    /// Keeps the rest.
    pub(super) async fn end(&mut self) -> Result<KeptContent, OperationError> {
        if !self.buffer.is_empty() || self.id.is_none() {
            self.store().await?;
        }
        let id = self.id.ok_or(OperationError::Corrupt("a bulk file without content"))?;
        Ok(KeptContent {
            id,
            content_sha256: content_digest(self.digests.iter().map(String::as_str)),
            original_sha256: hex(&self.original.clone().finalize()),
        })
    }

    async fn store(&mut self) -> Result<(), OperationError> {
        let id = match self.id {
            Some(id) => id,
            None => self.begin().await?,
        };
        let bytes = std::mem::take(&mut self.buffer);
        let digest = chunk_digest(&bytes);
        let no = chunk_no(u64::try_from(self.digests.len()).unwrap_or(u64::MAX));
        let (sha256, now) = (digest.clone(), self.services.clock.now());
        let kept = self.services.db.claim(move |conn| {
            guard(bulk_uploads::touch(conn, id, now)?)?;
            bulk_chunks::insert(conn, id, no, (&bytes, &sha256))?;
            Ok::<_, ActAbort>(())
        });
        match kept.await {
            Ok(()) => self.digests.push(digest),
            Err(ActAbort::Stale) => return Err(OperationError::Corrupt("an upload taken away")),
            Err(ActAbort::Db(error)) => return Err(error.into()),
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<BulkFileId, OperationError> {
        let coming = &self.coming;
        let row = NewBulkFile {
            portal: self.ctx.portal_slug().to_owned(),
            contract_id: coming.user.contract_id,
            kind: coming.kind,
            business_type: coming.business_type.clone(),
            state: BulkState::Uploading,
            origin: coming.origin,
            name: coming.name.clone(),
            maker_id: coming.user.id,
            stride: i32::try_from(coming.stride).unwrap_or(i32::MAX),
            created_at: self.ctx.now,
            changed_at: self.ctx.now,
        };
        let id = self.services.db.claim(move |conn| bulk_files::insert(conn, row.clone())).await?;
        self.id = Some(id);
        Ok(id)
    }

    /// Takes away what was kept.
    pub(super) async fn discard(mut self) -> Result<(), OperationError> {
        match self.id.take() {
            Some(id) => discard(self.services, id).await,
            None => Ok(()),
        }
    }
}

/// Takes away an upload that came to nothing, some chunks at a time. One that did become a draft,
/// by a commit whose answer was lost, stays.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn discard(services: &Services, id: BulkFileId) -> Result<(), OperationError> {
    let db = &services.db;
    if !db.claim(move |conn| bulk_uploads::give_up(conn, id, None)).await? {
        return Ok(());
    }
    while db.claim(move |conn| bulk_uploads::delete_chunks(conn, id, CHUNKS_A_TIME)).await? > 0 {}
    Ok(db.claim(move |conn| bulk_uploads::delete(conn, id)).await?)
}

/// Takes away the uploads of which nothing has come since `before`, and says how many.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn discard_stale(services: &Services, before: UtcTime) -> Result<usize, DbError> {
    let db = &services.db;
    let mut count = 0;
    for id in db.read_blocking(move |conn| bulk_uploads::list_stale(conn, before))? {
        if !db.claim_blocking(move |conn| bulk_uploads::give_up(conn, id, Some(before)))? {
            continue;
        }
        let some = move |conn: &mut _| bulk_uploads::delete_chunks(conn, id, CHUNKS_A_TIME);
        while db.claim_blocking(some)? > 0 {}
        db.claim_blocking(move |conn| bulk_uploads::delete(conn, id))?;
        count += 1;
    }
    Ok(count)
}
