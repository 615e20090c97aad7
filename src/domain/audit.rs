//! The audit log: insert-only lines, sealed into a hash chain, whose head is signed.
//!
//! **Canonical bytes** of a line: the fields in the order of [`AuditLine::canonical_bytes`], each
//! as UTF-8 preceded by its length in bytes (8 bytes, big-endian). Numbers are decimal, times are
//! microseconds since 1970. The hash of seal *n* is SHA-256 over the hash of seal *n - 1* (64 hex
//! digits; 64 zeros before the first), the seal's number and the canonical bytes, lengths first
//! likewise. Nothing is left out, so no field can move into its neighbour.

use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};

use crate::primitives::ids::AuditLineId;
use crate::text_enum;

text_enum! {
    /// Who acted.
    ActorKind {
        /// A customer or corporate user.
        Customer = "customer",
        /// The institution's staff.
        Staff = "staff",
        /// The portal itself: worker, counters, clock.
        System = "system",
        /// Somebody at the command line.
        Command = "command",
    }
}

text_enum! {
    /// How an act ended; the details say more.
    AuditResult {
        /// Done.
        Done = "done",
        /// A proof failed or a rule refused; nothing else changed.
        Refused = "refused",
    }
}

/// The hash before the first seal.
pub const GENESIS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A line as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::audit_lines)]
pub struct AuditLine {
    /// Row id, in order of insertion; gaps are normal (rolled-back acts).
    pub id: AuditLineId,
    /// When.
    pub happened_at: NaiveDateTime,
    /// The portal's slug; empty for what concerns all.
    pub portal: String,
    /// Who.
    pub actor_kind: ActorKind,
    /// Who exactly: user row id, staff id, job name.
    pub actor: String,
    /// From where: network address, or the command.
    pub source: String,
    /// What, as `token.start`.
    pub operation: String,
    /// On what, as `token 12` (never a full serial or account number).
    pub object: String,
    /// How it ended.
    pub result: AuditResult,
    /// More, never a secret or a code.
    pub details: String,
    /// The request that did it, as in the logs.
    pub request_id: String,
}

/// A line to be written.
#[derive(Debug, Clone, diesel::Insertable)]
#[diesel(table_name = crate::schema::audit_lines)]
pub struct NewAuditLine {
    /// When.
    pub happened_at: NaiveDateTime,
    /// The portal's slug.
    pub portal: String,
    /// Who.
    pub actor_kind: ActorKind,
    /// Who exactly.
    pub actor: String,
    /// From where.
    pub source: String,
    /// What.
    pub operation: String,
    /// On what.
    pub object: String,
    /// How it ended.
    pub result: AuditResult,
    /// More.
    pub details: String,
    /// The request.
    pub request_id: String,
}

/// A link of the chain.
#[derive(
    Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::schema::audit_seals)]
pub struct AuditSeal {
    /// Dense, from 1.
    pub no: i64,
    /// The line.
    pub line_id: AuditLineId,
    /// The hash of the seal before.
    pub prev_hash: String,
    /// This seal's hash.
    pub hash: String,
}

/// A signed head of the chain.
#[derive(
    Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable,
)]
#[diesel(table_name = crate::schema::audit_heads)]
pub struct AuditHead {
    /// The seal it stands for.
    pub no: i64,
    /// That seal's hash.
    pub hash: String,
    /// Sealed lines so far.
    pub line_count: i64,
    /// When it was signed.
    pub signed_at: NaiveDateTime,
    /// Which key signed.
    pub signing_key_id: String,
    /// Ed25519 signature (RFC 8032), base64.
    pub signature: String,
}

impl AuditLine {
    /// See the module's text.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let happened_at = self.happened_at.and_utc().timestamp_micros().to_string();
        let id = self.id.to_string();
        for field in [
            id.as_str(),
            &happened_at,
            &self.portal,
            self.actor_kind.as_str(),
            &self.actor,
            &self.source,
            &self.operation,
            &self.object,
            self.result.as_str(),
            &self.details,
            &self.request_id,
        ] {
            push_field(&mut bytes, field.as_bytes());
        }
        bytes
    }

    /// The hash of the seal with number `no` over this line.
    pub fn seal_hash(&self, prev_hash: &str, no: i64) -> String {
        let mut bytes = Vec::with_capacity(512);
        push_field(&mut bytes, prev_hash.as_bytes());
        push_field(&mut bytes, no.to_string().as_bytes());
        push_field(&mut bytes, &self.canonical_bytes());
        hex(&Sha256::digest(&bytes))
    }
}

impl AuditHead {
    /// What the signature covers.
    pub fn signed_bytes(no: i64, hash: &str, line_count: i64, signed_at: NaiveDateTime) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(160);
        push_field(&mut bytes, b"madoguchi audit head");
        push_field(&mut bytes, no.to_string().as_bytes());
        push_field(&mut bytes, hash.as_bytes());
        push_field(&mut bytes, line_count.to_string().as_bytes());
        push_field(&mut bytes, signed_at.and_utc().timestamp_micros().to_string().as_bytes());
        bytes
    }
}

fn push_field(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend_from_slice(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
    bytes.extend_from_slice(field);
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> AuditLine {
        AuditLine {
            id: AuditLineId(7),
            happened_at: crate::primitives::clock::parse_rfc3339("2026-01-01T00:00:00Z").unwrap(),
            portal: "p".into(),
            actor_kind: ActorKind::Customer,
            actor: "user 1".into(),
            source: "127.0.0.1".into(),
            operation: "token.start".into(),
            object: "token 1".into(),
            result: AuditResult::Done,
            details: String::new(),
            request_id: "r".into(),
        }
    }

    #[test]
    fn every_field_changes_the_hash() {
        let hash = line().seal_hash(GENESIS_HASH, 1);
        let changes: [fn(&mut AuditLine); 11] = [
            |l| l.id = AuditLineId(8),
            |l| l.happened_at += chrono::TimeDelta::microseconds(1),
            |l| l.portal.push('x'),
            |l| l.actor_kind = ActorKind::Staff,
            |l| l.actor.push('x'),
            |l| l.source.push('x'),
            |l| l.operation.push('x'),
            |l| l.object.push('x'),
            |l| l.result = AuditResult::Refused,
            |l| l.details.push('x'),
            |l| l.request_id.push('x'),
        ];
        for change in changes {
            let mut changed = line();
            change(&mut changed);
            assert_ne!(changed.seal_hash(GENESIS_HASH, 1), hash);
        }
        assert_ne!(line().seal_hash(GENESIS_HASH, 2), hash);
        assert_ne!(line().seal_hash(&hash, 1), hash);
    }

    #[test]
    fn text_cannot_move_between_fields() {
        let (mut one, mut other) = (line(), line());
        (one.operation, one.object) = ("ab".into(), "c".into());
        (other.operation, other.object) = ("a".into(), "bc".into());
        assert_ne!(one.canonical_bytes(), other.canonical_bytes());
    }
}
