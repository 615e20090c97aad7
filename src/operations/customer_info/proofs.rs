//! The proofs of BCI002. Each is claimed and compared in turn, and whatever was right is given back
//! where a later one fails; the one-time password comes last, because it is spent once looked at.

use crate::db::queries::mail_codes;
use crate::db::{DbConn, DbError};
use crate::domain::customer_info::{CODE_PURPOSE, InfoDraft, InfoItem};
use crate::domain::mail_code::MailCode;
use crate::domain::user::User;
use crate::operations::customer_info::change::Change;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::proof::{ProofRefusal, login_secret, mail};
use crate::operations::token::confirmation::{Confirmed, confirm, settle_confirmed};
use crate::operations::{Ctx, OperationError, Services};

/// What was right so far and waits to be settled with the act.
#[derive(Debug, Clone)]
pub(super) struct Proven {
    mailed: Option<MailCode>,
    confirmed: Confirmed,
    knows_login_secret: bool,
    attempt: Option<OtpAttempt>,
}

/// Proves everything that the form brought. A failed proof is on disk when this returns.
///
/// # Errors
/// Database, hashing or key trouble; a refusal is a value.
pub(super) async fn prove(
    services: &Services,
    ctx: &Ctx,
    input: &Change,
    draft: &InfoDraft,
) -> Result<Result<Proven, ProofRefusal>, OperationError> {
    let mut proven = Proven {
        mailed: None,
        confirmed: Confirmed::NotAsked,
        knows_login_secret: false,
        attempt: None,
    };
    let refusal = match prove_all(services, ctx, input, draft, &mut proven).await? {
        Ok(()) => return Ok(Ok(proven)),
        Err(refusal) => refusal,
    };
    let user = input.user.clone();
    services.db.write(move |conn| proven.give_back_in_tx(conn, &user)).await?;
    Ok(Err(refusal))
}

async fn prove_all(
    services: &Services,
    ctx: &Ctx,
    input: &Change,
    draft: &InfoDraft,
    proven: &mut Proven,
) -> Result<Result<(), ProofRefusal>, OperationError> {
    if draft.item == InfoItem::MailAddress {
        match prove_mail_code(services, ctx, input, &draft.value).await? {
            Ok(mailed) => proven.mailed = Some(mailed),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    match confirm(services, ctx, &input.user, &input.given.confirmation).await? {
        Ok(confirmed) => proven.confirmed = confirmed,
        Err(refusal) => return Ok(Err(refusal)),
    }
    if let Some(secret) = &input.given.current_password {
        if let Err(refusal) = login_secret::prove(services, ctx, &input.user, secret).await? {
            return Ok(Err(refusal));
        }
        proven.knows_login_secret = true;
    }
    if let Some(code) = &input.given.otp {
        match prove_otp(services, ctx, &input.user, code).await? {
            Ok(attempt) => proven.attempt = Some(attempt),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Ok(()))
}

async fn prove_mail_code(
    services: &Services,
    ctx: &Ctx,
    input: &Change,
    address: &str,
) -> Result<Result<MailCode, ProofRefusal>, OperationError> {
    let code = input.given.mail_code.as_deref().unwrap_or_default();
    let digest = mail::digest(&services.keys, &input.user, CODE_PURPOSE, code);
    let (claim_ctx, user, address) = (ctx.clone(), input.user.clone(), address.to_owned());
    let claimed = services
        .db
        .claim(move |conn| mail::claim_in_tx(conn, &claim_ctx, &user, (CODE_PURPOSE, &address)))
        .await?;
    let mailed = match claimed {
        Ok(mailed) if mailed.code_digest == digest => return Ok(Ok(mailed)),
        Ok(mailed) => mailed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (ctx, user) = (ctx.clone(), input.user.clone());
    let settled = services
        .db
        .write(move |conn| mail::settle_in_tx(conn, &ctx, &user, &mailed, &digest))
        .await?;
    // Not this code when it was read; it may be by now, and is then used up.
    Ok(Err(settled.err().unwrap_or(ProofRefusal::MailCodeUsedUp)))
}

/// Claims and compares; whether the code was right comes out when it is settled.
async fn prove_otp(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    code: &str,
) -> Result<Result<OtpAttempt, ProofRefusal>, OperationError> {
    // The auth rules ask for a code only while a token is in use.
    let Some(token_id) = user.token_id else { return Ok(Err(ProofRefusal::Suspended)) };
    let (claim_ctx, keys, claim_code) = (ctx.clone(), services.keys.clone(), code.to_owned());
    let claimed = services
        .db
        .claim(move |conn| otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &claim_code))
        .await?;
    Ok(match claimed {
        Ok(token) => Ok(otp::compare(ctx, &services.keys, token, code, Search::Window)?),
        Err(refusal) => Err(refusal),
    })
}

impl Proven {
    /// Settles all in the act's transaction, but for the mailed code.
    ///
    /// # Errors
    /// Whatever the database says. A refusal is a value: commit it.
    pub(super) fn settle_in_tx(
        &self,
        conn: &mut DbConn,
        ctx: &Ctx,
        user: &User,
    ) -> Result<Result<(), ProofRefusal>, DbError> {
        let is_confirmed = settle_confirmed(conn, user, &self.confirmed)?;
        // First, because a code that was looked at is spent whatever comes after it.
        if let Some(attempt) = &self.attempt
            && let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)?
        {
            return Ok(Err(refusal));
        }
        if !is_confirmed {
            return Ok(Err(ProofRefusal::PicturesWrong { remaining: None }));
        }
        if self.knows_login_secret {
            return login_secret::clear_in_tx(conn, user);
        }
        Ok(Ok(()))
    }

    /// Uses the mailed code up. False: it was used or replaced meanwhile.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn use_code_in_tx(&self, conn: &mut DbConn, ctx: &Ctx) -> Result<bool, DbError> {
        match &self.mailed {
            Some(mailed) => mail_codes::use_up(conn, mailed.id, &mailed.code_digest, ctx.now),
            None => Ok(true),
        }
    }

    /// Gives the try at the mailed code back.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn give_code_back_in_tx(&self, conn: &mut DbConn) -> Result<(), DbError> {
        if let Some(mailed) = &self.mailed {
            mail_codes::give_try_back(conn, mailed.id, &mailed.code_digest)?;
        }
        Ok(())
    }

    fn give_back_in_tx(&self, conn: &mut DbConn, user: &User) -> Result<(), DbError> {
        self.give_code_back_in_tx(conn)?;
        settle_confirmed(conn, user, &self.confirmed)?;
        if self.knows_login_secret {
            // A lock that came first stays.
            login_secret::clear_in_tx(conn, user)?.ok();
        }
        Ok(())
    }
}
