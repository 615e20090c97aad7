//! An act with a proof, once for its form: its key and the attempt at the code are claimed in
//! one commit, since each commit is a wait for the disk on the way of a payment.

use crate::db::queries::one_time_keys;
use crate::db::{DbConn, DbError};
use crate::operations::one_time_key::{self, KeyClaim, RequestKey};
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::act::{ActProof, Asked, ClaimedCode, claim_code_in_tx, compare};
use crate::operations::step::{Outcome, StepOutcome, free_unless_done, of_known_key, once};
use crate::operations::token::confirmation::{Confirmation, Confirmed};
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::ids::TokenId;

/// How the claims of a form ended.
enum Claims {
    /// The form was sent before, or the key is another form's.
    Key(KeyClaim),
    /// The key is fresh; the code was claimed, or refused and the key given back.
    Code(Box<Result<ClaimedCode, ProofRefusal>>),
}

/// Proves and acts once for the form's key: `act` gets the proof, which its transaction settles. A
/// second sending waits for the first one and gets its result; whatever did not succeed gives the
/// key back. A refused proof is on disk when this returns.
///
/// # Errors
/// The act's, or database, hashing or key trouble; a refusal is a value.
pub(in crate::operations) async fn once_proven<O, F>(
    services: &Services,
    ctx: &Ctx,
    key: &RequestKey,
    asked: Asked<'_>,
    act: impl FnOnce(ActProof) -> F,
) -> Result<O, OperationError>
where
    O: Outcome,
    F: Future<Output = Result<O, OperationError>>,
{
    let (code, token_id) = match (&asked.given.confirmation, &asked.given.code, asked.user.token_id)
    {
        (Confirmation::NotAsked, Some(code), Some(token_id)) => (code.clone(), token_id),
        // A confirmation is proved before a code may be claimed, in commits of its own.
        _ => return once(services, ctx, key, prove_and_act(services, ctx, asked, act)).await,
    };
    let claimed = match claim(services, ctx, key, &asked, (token_id, &code)).await? {
        Claims::Key(known) => return of_known_key(services, key, known).await,
        Claims::Code(claimed) => *claimed,
    };
    let claimed = match claimed {
        Ok(claimed) => claimed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal]).into()),
    };
    let outcome = async {
        let attempt = compare(services, ctx, &asked, &code, claimed)?;
        act(ActProof::new(Some(attempt), Confirmed::NotAsked)).await
    };
    free_unless_done(services, key, outcome.await).await
}

async fn prove_and_act<O, F>(
    services: &Services,
    ctx: &Ctx,
    asked: Asked<'_>,
    act: impl FnOnce(ActProof) -> F,
) -> Result<O, OperationError>
where
    O: Outcome,
    F: Future<Output = Result<O, OperationError>>,
{
    match super::act::prove(services, ctx, asked).await? {
        Ok(proof) => act(proof).await,
        Err(refusal) => Ok(StepOutcome::Refused(vec![refusal]).into()),
    }
}

async fn claim(
    services: &Services,
    ctx: &Ctx,
    key: &RequestKey,
    asked: &Asked<'_>,
    (token_id, code): (TokenId, &str),
) -> Result<Claims, DbError> {
    let (ctx, key, keys) = (ctx.clone(), key.clone(), services.keys.clone());
    let (code, is_signed) = (code.to_owned(), asked.signed.is_some());
    let claims = move |conn: &mut DbConn| {
        let known = one_time_key::claim(conn, &ctx, &key)?;
        if known != KeyClaim::Fresh {
            return Ok(Claims::Key(known));
        }
        let claimed = claim_code_in_tx(conn, &ctx, &keys, (token_id, &code), is_signed)?;
        if claimed.is_err() {
            one_time_keys::free(conn, &key.key)?;
        }
        Ok(Claims::Code(Box::new(claimed)))
    };
    services.db.claim(claims).await
}
