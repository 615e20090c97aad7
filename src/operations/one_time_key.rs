//! One-time keys of final forms (specification: a form submitted twice acts once and shows the same
//! result). The key is claimed as pending together with the attempt, finished with the effect, and
//! freed by a refusal, so that the corrected form can be sent again.

use std::time::Duration;

use crate::db::queries::one_time_keys;
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

/// Claims the key in a `claim` transaction.
///
/// # Errors
/// Whatever the database says.
pub fn claim(conn: &mut DbConn, ctx: &Ctx, key: &RequestKey) -> Result<KeyClaim, DbError> {
    let is_fresh = one_time_keys::claim(
        conn,
        &key.key,
        key.user_id,
        key.operation,
        &key.payload_digest,
        ctx.now,
    )?;
    if is_fresh {
        return Ok(KeyClaim::Fresh);
    }
    Ok(match one_time_keys::find(conn, &key.key)? {
        Some(known) if known.user_id != key.user_id || known.operation != key.operation => {
            KeyClaim::Conflict
        }
        Some(known) if known.payload_digest != key.payload_digest => KeyClaim::Conflict,
        Some(known) => known.result.map_or(KeyClaim::Running, KeyClaim::Done),
        None => KeyClaim::Running,
    })
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
        match known.map(|known| known.result) {
            Some(Some(result)) => return Ok(TwinEnd::Done(result)),
            Some(None) => {}
            None => return Ok(TwinEnd::Refused),
        }
    }
    Ok(TwinEnd::Running)
}
