//! The proof of an act after login, as the auth rules ask for it: the token's code, the
//! confirmation, or both. The confirmation is looked at first; only a right one costs a code.

use crate::db::{DbConn, DbError};
use crate::domain::user::User;
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::proof::signed::{self, SignedAct, SignedAttempt};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::{Ctx, OperationError, Services};

/// What the customer gave.
#[derive(Debug, Clone)]
pub struct GivenProof {
    /// The normalised code, where one is asked.
    pub code: Option<String>,
    /// The confirmation.
    pub confirmation: Confirmation,
}

/// A proof that was claimed and compared; the act's transaction settles it.
#[derive(Debug, Clone)]
pub struct ActProof {
    attempt: Option<Attempt>,
    confirmed: Confirmed,
}

#[derive(Debug, Clone)]
enum Attempt {
    Otp(Box<OtpAttempt>),
    Signed(Box<SignedAttempt>),
}

/// Claims and compares. A failed confirmation is on disk when this returns; a code is settled by
/// [`settle_in_tx`], right or wrong.
///
/// # Errors
/// Database, hashing or key trouble; a refusal is a value.
pub async fn prove(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    given: &GivenProof,
) -> Result<Result<ActProof, ProofRefusal>, OperationError> {
    prove_for(services, ctx, user, given, None).await
}

/// [`prove`], with a code that the token app signed for the act, where one is given.
///
/// # Errors
/// As [`prove`].
pub async fn prove_for(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    given: &GivenProof,
    signed: Option<&SignedAct>,
) -> Result<Result<ActProof, ProofRefusal>, OperationError> {
    let confirmed = match confirm(services, ctx, user, &given.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(code) = given.code.clone() else {
        return Ok(Ok(ActProof { attempt: None, confirmed }));
    };
    let Some(token_id) = user.token_id else {
        return Ok(Err(ProofRefusal::OtpWrong { remaining: None, until: None }));
    };
    let (claim_ctx, keys, claim_code) = (ctx.clone(), services.keys.clone(), code.clone());
    let (claim_user, settled, is_signed) = (user.clone(), confirmed.clone(), signed.is_some());
    let claimed = services
        .db
        .claim(move |conn| {
            let claimed = otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &claim_code)?;
            if claimed.is_err() {
                settle_confirmed(conn, &claim_user, &settled)?;
            }
            let known = match is_signed && claimed.is_ok() {
                true => signed::list_known(conn, &claim_ctx, token_id)?,
                false => Vec::new(),
            };
            Ok::<_, DbError>((claimed, known))
        })
        .await?;
    let (token, known) = match claimed {
        (Ok(token), known) => (token, known),
        (Err(refusal), _) => return Ok(Err(refusal)),
    };
    let attempt = match signed {
        None => {
            let attempt = otp::compare(ctx, &services.keys, token, &code, Search::Window)?;
            Attempt::Otp(Box::new(attempt))
        }
        Some(act) => {
            let attempt = signed::compare(&services.keys, token, &code, known, act.clone())?;
            Attempt::Signed(Box::new(attempt))
        }
    };
    Ok(Ok(ActProof { attempt: Some(attempt), confirmed }))
}

/// Settles the proof in the act's transaction: gives the claims back and burns the code, or writes
/// the failure down.
///
/// # Errors
/// Whatever the database says. A refusal is a value: commit it.
pub fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    proof: &ActProof,
) -> Result<Result<(), ProofRefusal>, DbError> {
    let is_confirmed = settle_confirmed(conn, user, &proof.confirmed)?;
    let settled = match &proof.attempt {
        None => Ok(()),
        Some(Attempt::Otp(attempt)) => otp::settle_in_tx(conn, ctx, attempt)?,
        Some(Attempt::Signed(attempt)) => signed::settle_in_tx(conn, ctx, user, attempt)?,
    };
    if let Err(refusal) = settled {
        return Ok(Err(refusal));
    }
    Ok(if is_confirmed { Ok(()) } else { Err(ProofRefusal::PicturesWrong { remaining: None }) })
}
