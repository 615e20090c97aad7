//! Sealing: committed lines are linked into the hash chain by one sealer at a time, within a
//! second, so that no act has to queue for the chain. Every 1,000 seals or hour the head is signed.

use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::db::queries::audit as queries;
use crate::db::{DbConn, DbError};
use crate::domain::audit::{AuditHead, AuditLine, AuditSeal, GENESIS_HASH};
use crate::operations::Services;
use crate::primitives::clock::{Clock, UtcTime};
use crate::primitives::ids::AuditLineId;
use crate::primitives::keys::KeyRing;

/// Label under which signing keys are derived from the portal's keys.
pub const SIGNING_KEY_LABEL: &str = "madoguchi audit head signature";
const BATCH: i64 = 500;
/// On PostgreSQL a line with a lower id can be committed after one with a higher id was sealed. So
/// many ids before the last seal are looked at every time; [`Reach::Whole`] finds what is older.
const LATE_LINES: i64 = 1_000;
const SEALS_PER_HEAD: i64 = 1_000;
const HEAD_EVERY: TimeDelta = TimeDelta::hours(1);

/// How far back to look for unsealed lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// About the end of the chain: cheap however long the log is.
    Tail,
    /// The whole log: for lines that were committed very late.
    Whole,
}

/// Whether there is a line to seal. Only reads.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn has_unsealed(services: &Services, reach: Reach) -> Result<bool, DbError> {
    services.db.read_blocking(move |conn| {
        let last = queries::find_last_seal(conn)?;
        Ok(!list_lines(conn, last.as_ref(), reach, 1)?.is_empty())
    })
}

/// Seals one batch of lines and signs the head where one is due; returns how many were sealed.
///
/// Permission: the worker, while it holds the sealer's lease.
///
/// # Errors
/// Whatever the database says. Two sealers at once cannot both win: seal numbers are unique.
pub fn seal_batch(services: &Services, reach: Reach) -> Result<usize, DbError> {
    let keys = services.keys.clone();
    let real_now = Clock::real_now();
    services.db.claim_blocking(move |conn| {
        let sealed = link_lines(conn, reach)?;
        sign_head_if_due(conn, &keys, real_now)?;
        Ok::<_, DbError>(sealed)
    })
}

fn list_lines(
    conn: &mut DbConn,
    last: Option<&AuditSeal>,
    reach: Reach,
    limit: i64,
) -> Result<Vec<AuditLine>, DbError> {
    match (reach, last) {
        (Reach::Tail, Some(seal)) => {
            let after = AuditLineId(seal.line_id.0.saturating_sub(LATE_LINES));
            queries::list_unsealed_after(conn, after, limit)
        }
        _ => queries::list_unsealed(conn, limit),
    }
}

fn link_lines(conn: &mut DbConn, reach: Reach) -> Result<usize, DbError> {
    let last = queries::find_last_seal(conn)?;
    let lines = list_lines(conn, last.as_ref(), reach, BATCH)?;
    let (mut no, mut prev_hash) =
        last.map_or((0, GENESIS_HASH.to_owned()), |seal| (seal.no, seal.hash));
    let count = lines.len();
    for line in lines {
        no += 1;
        let hash = line.seal_hash(&prev_hash, no);
        let seal = AuditSeal { no, line_id: line.id, prev_hash, hash: hash.clone() };
        queries::insert_seal(conn, seal)?;
        prev_hash = hash;
    }
    Ok(count)
}

fn sign_head_if_due(conn: &mut DbConn, keys: &KeyRing, real_now: UtcTime) -> Result<(), DbError> {
    let Some(seal) = queries::find_last_seal(conn)? else { return Ok(()) };
    let head = queries::find_last_head(conn)?;
    let is_due = head.as_ref().is_none_or(|head| {
        seal.no - head.no >= SEALS_PER_HEAD
            || (seal.no > head.no && real_now - head.signed_at >= HEAD_EVERY)
    });
    if !is_due {
        return Ok(());
    }
    let signing_key = SigningKey::from_bytes(&keys.derive::<32>(SIGNING_KEY_LABEL));
    let bytes = AuditHead::signed_bytes(seal.no, &seal.hash, seal.no, real_now);
    let signature = STANDARD.encode(signing_key.sign(&bytes).to_bytes());
    queries::insert_head(
        conn,
        AuditHead {
            no: seal.no,
            hash: seal.hash,
            line_count: seal.no,
            signed_at: real_now,
            signing_key_id: keys.sealing_key_id().to_owned(),
            signature,
        },
    )
}
