//! One-time keys of final forms (specification: a form submitted twice acts once and shows the same
//! result). The key is claimed as pending together with the attempt, finished with the effect, and
//! freed by a refusal, so that the corrected form can be sent again. What is refused before that
//! (the balance does not do) notes its key as refused: the balance may do a moment later, and the
//! other of two clicks would be done behind the back of who was told that nothing is.

use std::time::Duration;

use crate::db::queries::one_time_keys::{self, NewKey, OneTimeKey};
use crate::db::{DbConn, DbError};
use crate::operations::{Ctx, Services};
use crate::primitives::ids::UserId;

/// How long a second submission waits for the first one's result.
const WAIT_MAX: Duration = Duration::from_secs(2);
const WAIT_STEP: Duration = Duration::from_millis(40);

/// What a form carries and what it is bound to.
#[derive(Debug, Clone)]
pub struct RequestKey {
    /// The hidden field.
    pub key: String,
    /// Whose form.
    pub user_id: UserId,
    /// Which act.
    pub operation: &'static str,
    /// Keyed digest of everything the form sent.
    pub payload_digest: String,
}

/// How a key stands when a form comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaim {
    /// This submission is the first.
    Fresh,
    /// Another submission of the same form is being worked on.
    Running,
    /// It was done; the result shows there.
    Done(String),
    /// The same was refused.
    Refused,
    /// The key belongs to another user, act or content: 409.
    Conflict,
}

/// What became of the first submission while a second one waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwinEnd {
    /// It was done; the result shows there.
    Done(String),
    /// It was refused, and the form may be sent again.
    Refused,
    /// It is still being worked on.
    Running,
}

impl RequestKey {
    fn at(&self, ctx: &Ctx) -> NewKey<'_> {
        NewKey {
            request_key: &self.key,
            user_id: self.user_id,
            operation: self.operation,
            payload_digest: &self.payload_digest,
            created_at: ctx.now,
        }
    }

    fn is_of(&self, known: &OneTimeKey) -> bool {
        known.user_id == self.user_id && known.operation == self.operation
    }

    /// How a key that is known stands for this form.
    pub fn standing(&self, known: OneTimeKey) -> KeyClaim {
        if !self.is_of(&known) || known.payload_digest != self.payload_digest {
            return KeyClaim::Conflict;
        }
        match known.is_refused() {
            true => KeyClaim::Refused,
            false => known.result.map_or(KeyClaim::Running, KeyClaim::Done),
        }
    }
}

/// Claims the key in a `claim` transaction. A refused form that was corrected is a new one.
///
/// # Errors
/// Whatever the database says.
pub fn claim(conn: &mut DbConn, ctx: &Ctx, key: &RequestKey) -> Result<KeyClaim, DbError> {
    let new = key.at(ctx);
    if one_time_keys::claim(conn, new)? {
        return Ok(KeyClaim::Fresh);
    }
    let Some(known) = one_time_keys::find(conn, &key.key)? else { return Ok(KeyClaim::Running) };
    let is_corrected = known.is_refused() && known.payload_digest != key.payload_digest;
    if is_corrected && key.is_of(&known) && one_time_keys::claim_refused(conn, new)? {
        return Ok(KeyClaim::Fresh);
    }
    Ok(key.standing(known))
}

/// Refuses a form whose key is not claimed, in a `claim` transaction: the same form sent twice is
/// refused both times, whatever has become possible between. Fresh: it is refused now.
///
/// # Errors
/// Whatever the database says.
pub fn refuse(conn: &mut DbConn, ctx: &Ctx, key: &RequestKey) -> Result<KeyClaim, DbError> {
    if one_time_keys::refuse(conn, key.at(ctx))? {
        return Ok(KeyClaim::Fresh);
    }
    let known = one_time_keys::find(conn, &key.key)?;
    Ok(known.map_or(KeyClaim::Running, |known| key.standing(known)))
}

/// Waits for the end of the first submission, at most two seconds.
///
/// # Errors
/// Whatever the database says.
pub async fn wait_for_twin(services: &Services, key: &RequestKey) -> Result<TwinEnd, DbError> {
    let mut waited = Duration::ZERO;
    while waited < WAIT_MAX {
        tokio::time::sleep(WAIT_STEP).await;
        waited += WAIT_STEP;
        let request_key = key.key.clone();
        let known = services.db.read(move |conn| one_time_keys::find(conn, &request_key)).await?;
        match known.map(|known| (known.is_refused(), known.result)) {
            Some((_, Some(result))) => return Ok(TwinEnd::Done(result)),
            Some((false, None)) => {}
            Some((true, None)) | None => return Ok(TwinEnd::Refused),
        }
    }
    Ok(TwinEnd::Running)
}
