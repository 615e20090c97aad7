//! Signed codes: a challenge is shown, the token app signs it, the code is claimed, compared and
//! settled as a one-time password is, and counts against the same token.
//!
//! Rule: a code is taken for the act of the flow in which its challenge was shown, if that act is
//! still what was signed, within five minutes, and once. A code that was signed for something else
//! is an alarm: what was sent is not what the customer saw.

use subtle::{Choice, ConstantTimeEq};

use crate::db::queries::{challenges, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::challenge::{Challenge, KNOWN_FOR, LIFETIME, signed_code, summary};
use crate::domain::token::Token;
use crate::domain::user::User;
use crate::operations::notice::signature::tell_of_alarm;
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::otp::count_failure_in_tx;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{TokenId, random_short_id};
use crate::primitives::keys::KeyRing;

const CHECK: &str = "signed.check";
const ALARM: &str = "signed.alarm";
/// Most challenges that a user is shown while they are known. Whoever opens more would push the one
/// that the customer signed out of sight, and its alarm with it.
const SHOWN_MAX: i64 = 40;

/// What a code is to be taken for.
#[derive(Debug, Clone)]
pub struct SignedAct {
    /// The flow whose act it is.
    pub flow_id: String,
    /// The act as it would be done: all lines of its challenge but the nonce.
    pub body: String,
    /// Whether the form that brought the code showed the same.
    pub is_form_current: bool,
}

/// An attempt that was claimed and compared, not settled yet.
#[derive(Debug, Clone)]
pub struct SignedAttempt {
    token: Token,
    act: SignedAct,
    matched: Option<Challenge>,
}

impl SignedAttempt {
    /// Whether the code is that of a challenge; perhaps of one that says something else.
    pub(super) fn is_matched(&self) -> bool {
        self.matched.is_some()
    }
}

/// The challenge to show for an act: the open one while it holds and says the same, else a new one
/// in its place. None: the user was shown too many lately.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn present(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    token_id: TokenId,
    (flow_id, body): (&str, &str),
) -> Result<Option<Challenge>, OperationError> {
    let new = challenges::NewChallenge {
        portal: ctx.portal_slug().to_owned(),
        flow_id: flow_id.to_owned(),
        user_id: user.id,
        token_id,
        body: body.to_owned(),
        nonce: random_short_id()?,
        shown_at: ctx.now,
        expires_at: ctx.now + LIFETIME,
    };
    let wanted = new.clone();
    let shown = services.db.read(move |conn| find_fresh(conn, &wanted)).await?;
    if shown.is_some() {
        return Ok(shown);
    }
    let made = services
        .db
        .write(move |conn| {
            let shown = find_fresh(conn, &new)?;
            let since = new.shown_at - KNOWN_FOR;
            if shown.is_some() || challenges::count_of_user(conn, new.user_id, since)? >= SHOWN_MAX
            {
                return Ok(shown);
            }
            challenges::open(conn, new.clone())?;
            find_fresh(conn, &new)
        })
        .await?;
    Ok(made)
}

fn find_fresh(
    conn: &mut DbConn,
    wanted: &challenges::NewChallenge,
) -> Result<Option<Challenge>, DbError> {
    let open = challenges::find_open(conn, &wanted.flow_id)?;
    Ok(open.filter(|open| {
        open.is_open_at(wanted.shown_at)
            && open.body == wanted.body
            && (open.user_id, open.token_id) == (wanted.user_id, wanted.token_id)
    }))
}

/// What the token was asked to sign lately, to be read with the claim of an attempt.
///
/// # Errors
/// Whatever the database says.
pub fn list_known(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
) -> Result<Vec<Challenge>, DbError> {
    challenges::list_shown(conn, token_id, ctx.now - KNOWN_FOR)
}

/// Opens the secret, compares the code with those of all challenges in constant time, wipes the
/// secret.
///
/// # Errors
/// [`OperationError::Key`] when the secret cannot be opened.
pub fn compare(
    keys: &KeyRing,
    token: Token,
    code: &str,
    known: Vec<Challenge>,
    act: SignedAct,
) -> Result<SignedAttempt, OperationError> {
    let context = Token::sealing_context(&token.portal, &token.serial);
    let secret = keys.open(&context, &token.sealing_key_id, &token.secret_sealed)?;
    let mut matched = None;
    for challenge in known {
        let expected = signed_code(&secret, &challenge.text()).unwrap_or_default();
        let is_equal = expected.as_bytes().ct_eq(code.as_bytes())
            & Choice::from(u8::from(!expected.is_empty()));
        if bool::from(is_equal) {
            matched = Some(challenge);
        }
    }
    Ok(SignedAttempt { token, act, matched })
}

/// Settles the outcome in the act's transaction: uses the challenge up and clears the run of
/// failures, or writes the failure down, with an alarm where something else was signed.
///
/// # Errors
/// Whatever the database says. A refusal is a value: commit it.
pub fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    attempt: &SignedAttempt,
) -> Result<Result<(), ProofRefusal>, DbError> {
    let (token_id, act) = (attempt.token.id, &attempt.act);
    let Some(signed) = &attempt.matched else {
        return count_failure_in_tx(conn, ctx, token_id, (CHECK, "wrong")).map(Err);
    };
    let used = (ctx.actor.user_id(), ctx.now);
    let meant = (act.flow_id.as_str(), act.body.as_str());
    if act.is_form_current
        && challenges::use_up(conn, signed.id, meant, ctx.now)?
        && tokens::clear_failures(conn, token_id, used)?
    {
        return Ok(Ok(()));
    }
    let is_alarm = signed.body != act.body && signed.used_at.is_none();
    challenges::close(conn, signed.id, ctx.now)?;
    let (what, refusal) = match is_alarm {
        true => ("signed for something else", ProofRefusal::SignedChanged),
        false => ("signed for what is over", ProofRefusal::SignedOld),
    };
    if is_alarm && challenges::alarm(conn, signed.id, ctx.now)? {
        alarm(conn, ctx, user, signed, act)?;
    }
    match count_failure_in_tx(conn, ctx, token_id, (CHECK, what))? {
        ProofRefusal::Suspended => Ok(Err(ProofRefusal::Suspended)),
        _ => Ok(Err(refusal)),
    }
}

/// Tells the log, the audit log and the customer that what was signed is not what was sent.
fn alarm(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    signed: &Challenge,
    act: &SignedAct,
) -> Result<(), DbError> {
    let (user_id, portal) = (user.id, ctx.portal_slug());
    tracing::warn!(user = %user_id, portal, "what was signed is not what was sent");
    let details = format!("signed: {}; sent: {}", summary(&signed.body), summary(&act.body));
    let object = format!("user {user_id}");
    audit::write(conn, ctx, ALARM, &object, AuditResult::Refused, &details)?;
    tell_of_alarm(conn, ctx, user)
}
