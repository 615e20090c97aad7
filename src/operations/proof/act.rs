//! The proof of an act after login, as the auth rules ask for it: the token's code, the
//! confirmation, or both. The confirmation is looked at first; only a right one costs a code.

use crate::db::{DbConn, DbError};
use crate::domain::challenge::Challenge;
use crate::domain::token::Token;
use crate::domain::user::User;
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::proof::signed::{self, SignedAct, SignedAttempt};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::ids::TokenId;
use crate::primitives::keys::KeyRing;

/// What the customer gave.
#[derive(Debug, Clone)]
pub struct GivenProof {
    /// The normalised code, where one is asked.
    pub code: Option<String>,
    /// The confirmation.
    pub confirmation: Confirmation,
}

/// Which proof is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whose.
    pub user: &'a User,
    /// What was given.
    pub given: &'a GivenProof,
    /// The act that the token app signed, where the code is such a one.
    pub signed: Option<&'a SignedAct>,
}

impl<'a> Asked<'a> {
    /// A proof of this user that the token app did not sign.
    pub fn of(user: &'a User, given: &'a GivenProof) -> Asked<'a> {
        Asked { user, given, signed: None }
    }
}

/// A proof that was claimed and compared; the act's transaction settles it.
#[derive(Debug, Clone)]
pub struct ActProof {
    attempt: Option<Attempt>,
    confirmed: Confirmed,
}

impl ActProof {
    pub(super) fn new(attempt: Option<Attempt>, confirmed: Confirmed) -> ActProof {
        ActProof { attempt, confirmed }
    }

    /// Whether the code was compared and is wrong, so that [`settle_in_tx`] will refuse it.
    pub fn is_wrong(&self) -> bool {
        match &self.attempt {
            None => false,
            Some(Attempt::Otp(attempt)) => !attempt.is_matched(),
            Some(Attempt::Signed(attempt)) => !attempt.is_matched(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Attempt {
    Otp(Box<OtpAttempt>),
    Signed(Box<SignedAttempt>),
}

/// An attempt that was claimed and is not compared yet: the token, and what it may have signed.
pub(super) type ClaimedCode = (Token, Vec<Challenge>);

/// Claims and compares. A failed confirmation is on disk when this returns; a code is settled by
/// [`settle_in_tx`], right or wrong.
///
/// # Errors
/// Database, hashing or key trouble; a refusal is a value.
pub async fn prove(
    services: &Services,
    ctx: &Ctx,
    asked: Asked<'_>,
) -> Result<Result<ActProof, ProofRefusal>, OperationError> {
    let confirmed = match confirm(services, ctx, asked.user, &asked.given.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(code) = asked.given.code.clone() else {
        return Ok(Ok(ActProof::new(None, confirmed)));
    };
    let Some(token_id) = asked.user.token_id else {
        return Ok(Err(ProofRefusal::OtpWrong { remaining: None, until: None }));
    };
    let (claim_ctx, keys, claim_code) = (ctx.clone(), services.keys.clone(), code.clone());
    let (user, settled, is_signed) =
        (asked.user.clone(), confirmed.clone(), asked.signed.is_some());
    let claims = move |conn: &mut DbConn| {
        let what = (token_id, claim_code.as_str());
        let claimed = claim_code_in_tx(conn, &claim_ctx, &keys, what, is_signed)?;
        if claimed.is_err() {
            settle_confirmed(conn, &user, &settled)?;
        }
        Ok::<_, DbError>(claimed)
    };
    let claimed = match services.db.claim(claims).await? {
        Ok(claimed) => claimed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let attempt = compare(services, ctx, &asked, &code, claimed)?;
    Ok(Ok(ActProof::new(Some(attempt), confirmed)))
}

/// Claims one attempt at the code of the token.
///
/// # Errors
/// Whatever the database says. A refusal is a value: commit it.
pub(super) fn claim_code_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    keys: &KeyRing,
    (token_id, code): (TokenId, &str),
    is_signed: bool,
) -> Result<Result<ClaimedCode, ProofRefusal>, DbError> {
    let token = match otp::claim_in_tx(conn, ctx, keys, token_id, code)? {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let known = if is_signed { signed::list_known(conn, ctx, token_id)? } else { Vec::new() };
    Ok(Ok((token, known)))
}

/// Compares a code that was claimed.
///
/// # Errors
/// [`OperationError::Key`] when the token's secret cannot be opened.
pub(super) fn compare(
    services: &Services,
    ctx: &Ctx,
    asked: &Asked<'_>,
    code: &str,
    (token, known): ClaimedCode,
) -> Result<Attempt, OperationError> {
    Ok(match asked.signed {
        None => {
            let attempt = otp::compare(ctx, &services.keys, token, code, Search::Window)?;
            Attempt::Otp(Box::new(attempt))
        }
        Some(act) => {
            let attempt = signed::compare(&services.keys, token, code, known, act.clone())?;
            Attempt::Signed(Box::new(attempt))
        }
    })
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
