//! Six-digit codes sent to a mail address to verify it (BLG095). How long and how often is said by
//! the profile's `mail_code`.

use chrono::{NaiveDateTime, TimeDelta};

use crate::primitives::ids::UserId;

/// Sendings are counted over this time, also those of codes that were replaced meanwhile.
pub const SENDINGS_COUNTED_FOR: TimeDelta = TimeDelta::days(1);

/// A row of `mail_codes`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::mail_codes)]
pub struct MailCode {
    /// Row id.
    pub id: i64,
    /// Whose address.
    pub user_id: UserId,
    /// The address that was written to.
    pub address: String,
    /// Keyed digest of the code.
    pub code_digest: String,
    /// Tries so far.
    pub tries: i32,
    /// Sendings so far.
    pub sendings: i32,
    /// 送信日時.
    pub sent_at: NaiveDateTime,
    /// End.
    pub expires_at: NaiveDateTime,
    /// Used, replaced or given up.
    pub closed_at: Option<NaiveDateTime>,
}
