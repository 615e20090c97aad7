//! A step of a flow that ends in an act: how it ended, and that a form sent twice acts once.

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
        return Ok(O::from(match stale_key(claim) {
            Some(outcome) => outcome,
            None => await_twin(services, key).await?,
        }));
    }
    let outcome = act.await;
    if !outcome.as_ref().is_ok_and(O::is_done) {
        let key = key.key.clone();
        services.db.claim(move |conn| one_time_keys::free(conn, &key)).await?;
    }
    outcome
}

/// The outcome of a key that is not fresh.
pub(in crate::operations) fn stale_key(claim: KeyClaim) -> Option<StepOutcome> {
    match claim {
        KeyClaim::Done(result) => Some(StepOutcome::AlreadyDone(result)),
        KeyClaim::Conflict => Some(StepOutcome::Conflict),
        KeyClaim::Fresh | KeyClaim::Running => None,
    }
}
