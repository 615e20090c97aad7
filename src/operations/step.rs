//! A step of a flow that ends in an act: how it ended, and that a form sent twice acts once.

use crate::db::DbError;
use crate::db::queries::one_time_keys;
use crate::domain::portal::ClosedReason;
use crate::domain::token::TokenKind;
use crate::operations::one_time_key::{self, KeyClaim, RequestKey, TwinEnd};
use crate::operations::proof::ProofRefusal;
use crate::operations::{Ctx, OperationError, Services};

/// How a step of a flow ended, whatever the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// Done; go on to this address.
    Done,
    /// The same form was done before; the result shows there.
    AlreadyDone(String),
    /// The same form was refused a moment ago: the step shows again.
    TwinRefused,
    /// Proofs that failed, each with its field.
    Refused(Vec<ProofRefusal>),
    /// The kind of token cannot be registered today.
    KindClosed(TokenKind, ClosedReason),
    /// Too many wrong serials or codes: the attempt is over.
    Ended,
    /// Somebody was faster, or the flow stands elsewhere: 409.
    Stale,
    /// The one-time key belongs to another form: 409.
    Conflict,
}

/// How an act ended, where that is more than what any step of a flow may come to.
pub trait Outcome: From<StepOutcome> {
    /// Whether the act is done; if not, the form may be sent again.
    fn is_done(&self) -> bool;
}

impl Outcome for StepOutcome {
    fn is_done(&self) -> bool {
        *self == StepOutcome::Done
    }
}

/// Waits for the submission of the same form that is being worked on.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) async fn await_twin(
    services: &Services,
    key: &RequestKey,
) -> Result<StepOutcome, OperationError> {
    Ok(match one_time_key::wait_for_twin(services, key).await? {
        TwinEnd::Done(result) => StepOutcome::AlreadyDone(result),
        TwinEnd::Refused => StepOutcome::TwinRefused,
        TwinEnd::Running => StepOutcome::Stale,
    })
}

/// Does an act once for its form's key: a second sending waits for the first one and gets its
/// result, and whatever did not succeed gives the key back.
///
/// # Errors
/// The act's, or database trouble.
pub async fn once<O: Outcome>(
    services: &Services,
    ctx: &Ctx,
    key: &RequestKey,
    act: impl Future<Output = Result<O, OperationError>>,
) -> Result<O, OperationError> {
    let (claim_ctx, claimed) = (ctx.clone(), key.clone());
    let claim =
        services.db.claim(move |conn| one_time_key::claim(conn, &claim_ctx, &claimed)).await?;
    if claim != KeyClaim::Fresh {
        return of_known_key(services, key, claim).await;
    }
    free_unless_done(services, key, act.await).await
}

/// How a form ends whose key is not fresh: a second sending waits for the first one.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) async fn of_known_key<O: Outcome>(
    services: &Services,
    key: &RequestKey,
    claim: KeyClaim,
) -> Result<O, OperationError> {
    Ok(O::from(match stale_key(claim) {
        Some(outcome) => outcome,
        None => await_twin(services, key).await?,
    }))
}

/// Gives the key back that was claimed for an act which did not succeed.
///
/// # Errors
/// The act's, or database trouble.
pub(in crate::operations) async fn free_unless_done<O: Outcome>(
    services: &Services,
    key: &RequestKey,
    outcome: Result<O, OperationError>,
) -> Result<O, OperationError> {
    if outcome.as_ref().is_ok_and(O::is_done) {
        return outcome;
    }
    let request_key = key.key.clone();
    let freed = services.db.claim(move |conn| one_time_keys::free(conn, &request_key)).await;
    if let Err(OperationError::Db(DbError::OutcomeUnknown(_))) = outcome {
        // "Not accepted" would be a guess, as long as the database cannot be asked.
        return if freed.is_ok() { known_after_all(services, key).await } else { outcome };
    }
    freed?;
    outcome
}

/// How an act ended whose commit got no answer. Its key, which is done in that commit, was freed if
/// it still was pending: so what is not done by now never will be.
async fn known_after_all<O: Outcome>(
    services: &Services,
    key: &RequestKey,
) -> Result<O, OperationError> {
    let request_key = key.key.clone();
    let known = services.db.read(move |conn| one_time_keys::find(conn, &request_key)).await;
    let unknown = |error: DbError| DbError::OutcomeUnknown(error.to_string());
    match known.map_err(unknown)?.and_then(|known| known.result) {
        Some(result) => Ok(O::from(StepOutcome::AlreadyDone(result))),
        None => Err(DbError::Unavailable("the commit was lost, nothing is stored".into()).into()),
    }
}

/// How the same form sent before ended, where that is done, or is being done just now: then it is
/// waited for, and still running is [`StepOutcome::Stale`].
///
/// Permission: none; the key is the form's.
///
/// # Errors
/// Whatever the database says.
pub async fn find_twin(
    services: &Services,
    key: &RequestKey,
) -> Result<Option<StepOutcome>, OperationError> {
    let request_key = key.key.clone();
    let known = services.db.read(move |conn| one_time_keys::find(conn, &request_key)).await?;
    match known {
        Some(known) => done_or_running(services, key, key.standing(known)).await,
        None => Ok(None),
    }
}

/// Refuses a form before its key is claimed, unless the same form is done or being done, as
/// [`find_twin`] says. What the first of two clicks has done already may be a reason to refuse the
/// second one, which would hide its result; and what refuses the first may be gone when the second
/// one is looked at, which then is refused as well.
///
/// Permission: none; the key is the form's.
///
/// # Errors
/// Whatever the database says.
pub async fn refuse(
    services: &Services,
    ctx: &Ctx,
    key: &RequestKey,
) -> Result<Option<StepOutcome>, OperationError> {
    let (ctx, refused) = (ctx.clone(), key.clone());
    let claim = services.db.claim(move |conn| one_time_key::refuse(conn, &ctx, &refused)).await?;
    done_or_running(services, key, claim).await
}

async fn done_or_running(
    services: &Services,
    key: &RequestKey,
    claim: KeyClaim,
) -> Result<Option<StepOutcome>, OperationError> {
    Ok(match claim {
        KeyClaim::Fresh | KeyClaim::Refused | KeyClaim::Conflict => None,
        KeyClaim::Done(result) => Some(StepOutcome::AlreadyDone(result)),
        KeyClaim::Running => {
            let ended = await_twin(services, key).await?;
            (ended != StepOutcome::TwinRefused).then_some(ended)
        }
    })
}

/// The outcome of a key that is not fresh.
pub(in crate::operations) fn stale_key(claim: KeyClaim) -> Option<StepOutcome> {
    match claim {
        KeyClaim::Done(result) => Some(StepOutcome::AlreadyDone(result)),
        KeyClaim::Refused => Some(StepOutcome::TwinRefused),
        KeyClaim::Conflict => Some(StepOutcome::Conflict),
        KeyClaim::Fresh | KeyClaim::Running => None,
    }
}
