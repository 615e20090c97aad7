//! Verifying the audit log: recomputes every hash, checks numbers, lines and signed heads.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ed25519_dalek::{Signature, SigningKey, Verifier};

use crate::db::queries::audit as queries;
use crate::db::{DbConn, DbError};
use crate::domain::audit::{AuditHead, AuditLine, AuditSeal, GENESIS_HASH};
use crate::operations::Services;
use crate::operations::audit::seal::SIGNING_KEY_LABEL;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::AuditLineId;
use crate::primitives::keys::KeyRing;

/// Lines may stand unsealed this long (movable clock) before that is a finding.
const UNSEALED_MAX: TimeDelta = TimeDelta::minutes(5);
const SLICE: i64 = 2_000;

/// The first thing wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A seal's number is missing: seals were deleted.
    MissingSeal {
        /// The number.
        no: i64,
    },
    /// A sealed line is not there any more.
    MissingLine {
        /// The seal.
        no: i64,
        /// The line.
        line_id: AuditLineId,
    },
    /// A line, or its seal, was changed.
    Changed {
        /// The seal.
        no: i64,
        /// The line.
        line_id: AuditLineId,
    },
    /// The chain ends before a signed head: its end was cut off.
    Truncated {
        /// The head's number.
        head_no: i64,
        /// The last seal.
        last_no: i64,
    },
    /// A signed head does not fit its seal, or its signature is wrong.
    BadHead {
        /// The head's number.
        no: i64,
    },
    /// A head was signed with a key that is not configured.
    UnknownHeadKey {
        /// The head's number.
        no: i64,
        /// The key.
        key_id: String,
    },
    /// Lines stand unsealed for too long: no sealer runs.
    UnsealedTooLong {
        /// The oldest.
        line_id: AuditLineId,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::MissingSeal { no } => write!(formatter, "seal {no} is missing"),
            Finding::MissingLine { no, line_id } => {
                write!(formatter, "line {line_id} (seal {no}) is missing")
            }
            Finding::Changed { no, line_id } => {
                write!(formatter, "line {line_id} (seal {no}) was changed")
            }
            Finding::Truncated { head_no, last_no } => write!(
                formatter,
                "the log ends at seal {last_no}, but seal {head_no} was signed: its end is missing"
            ),
            Finding::BadHead { no } => {
                write!(formatter, "the signed head at seal {no} does not fit the log")
            }
            Finding::UnknownHeadKey { no, key_id } => write!(
                formatter,
                "the head at seal {no} was signed with key {key_id}, which is not configured"
            ),
            Finding::UnsealedTooLong { line_id } => {
                write!(formatter, "line {line_id} stands unsealed for too long: does a worker run?")
            }
        }
    }
}

/// What a verification saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Sealed lines.
    pub sealed: i64,
    /// Signed heads.
    pub heads: usize,
    /// Lines not sealed yet: the tail, no gap.
    pub unsealed: usize,
    /// The first thing wrong, if any.
    pub finding: Option<Finding>,
}

/// Verifies the whole log.
///
/// Permission: whoever may run commands on the database; staff with the role 監査.
///
/// # Errors
/// Whatever the database says; a finding is not an error.
pub fn verify(services: &Services) -> Result<Report, DbError> {
    let keys = services.keys.clone();
    let now = services.clock.now();
    services.db.read_blocking(move |conn| {
        let mut report = Report { sealed: 0, heads: 0, unsealed: 0, finding: None };
        let heads = queries::list_heads(conn)?;
        report.heads = heads.len();
        report.finding = walk_chain(conn, &heads, &keys, &mut report.sealed)?;
        let unsealed = queries::list_unsealed(conn, SLICE)?;
        report.unsealed = unsealed.len();
        if report.finding.is_none() {
            report.finding = overdue(&unsealed, now);
        }
        Ok(report)
    })
}

fn overdue(unsealed: &[AuditLine], now: UtcTime) -> Option<Finding> {
    let oldest = unsealed.first()?;
    (now - oldest.happened_at > UNSEALED_MAX)
        .then_some(Finding::UnsealedTooLong { line_id: oldest.id })
}

fn walk_chain(
    conn: &mut DbConn,
    heads: &[AuditHead],
    keys: &KeyRing,
    sealed: &mut i64,
) -> Result<Option<Finding>, DbError> {
    let mut prev_hash = GENESIS_HASH.to_owned();
    let mut heads = heads.iter().peekable();
    loop {
        let slice = queries::list_seals(conn, *sealed, SLICE)?;
        if slice.is_empty() {
            let finding =
                heads.next().map(|head| Finding::Truncated { head_no: head.no, last_no: *sealed });
            return Ok(finding);
        }
        for (seal, line) in slice {
            if let Some(finding) = check_seal(&seal, line.as_ref(), *sealed + 1, &prev_hash) {
                return Ok(Some(finding));
            }
            if let Some(head) = heads.next_if(|head| head.no == seal.no)
                && let Some(finding) = check_head(head, &seal, keys)
            {
                return Ok(Some(finding));
            }
            *sealed = seal.no;
            prev_hash = seal.hash;
        }
    }
}

fn check_seal(
    seal: &AuditSeal,
    line: Option<&AuditLine>,
    expected_no: i64,
    prev_hash: &str,
) -> Option<Finding> {
    if seal.no != expected_no {
        return Some(Finding::MissingSeal { no: expected_no });
    }
    let Some(line) = line else {
        return Some(Finding::MissingLine { no: seal.no, line_id: seal.line_id });
    };
    let is_intact = seal.prev_hash == prev_hash && seal.hash == line.seal_hash(prev_hash, seal.no);
    (!is_intact).then_some(Finding::Changed { no: seal.no, line_id: seal.line_id })
}

fn check_head(head: &AuditHead, seal: &AuditSeal, keys: &KeyRing) -> Option<Finding> {
    let bad = Some(Finding::BadHead { no: head.no });
    if head.hash != seal.hash || head.line_count != seal.no {
        return bad;
    }
    let known = keys
        .derive_each::<32>(SIGNING_KEY_LABEL)
        .into_iter()
        .find(|(id, _)| *id == head.signing_key_id);
    let Some((_, seed)) = known else {
        return Some(Finding::UnknownHeadKey { no: head.no, key_id: head.signing_key_id.clone() });
    };
    let bytes = AuditHead::signed_bytes(head.no, &head.hash, head.line_count, head.signed_at);
    let signature =
        STANDARD.decode(&head.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    match signature {
        Some(signature)
            if SigningKey::from_bytes(&seed).verifying_key().verify(&bytes, &signature).is_ok() =>
        {
            None
        }
        _ => bad,
    }
}
