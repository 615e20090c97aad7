//! Six-digit codes by mail. メール通知パスワード goes to the customer's registered address, as the
//! auth rules ask for an issue (`mail+confirm`); the code that proves a new address (BCI002) goes
//! to that one. The profile's `mail_code` says how long, how many tries and how many sendings.

use crate::db::queries::mail_codes;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail_code::{MailCode, MailCodePurpose};
use crate::domain::user::User;
use crate::operations::notice;
use crate::operations::proof::ProofRefusal;
use crate::operations::{Ctx, audit};
use crate::primitives::ids::random_below;
use crate::primitives::keys::KeyRing;

/// A code on its way: in clear for the mail, as a digest for the database.
#[derive(Debug, Clone)]
pub struct DrawnCode {
    code: String,
    digest: String,
}

/// Draws a code for `user`.
///
/// # Errors
/// When the operating system has no randomness.
pub fn draw(
    keys: &KeyRing,
    user: &User,
    purpose: MailCodePurpose,
) -> Result<DrawnCode, getrandom::Error> {
    let code = format!("{:06}", random_below(1_000_000)?);
    Ok(DrawnCode { digest: digest(keys, user, purpose, &code), code })
}

/// What the database keeps of a code.
pub fn digest(keys: &KeyRing, user: &User, purpose: MailCodePurpose, code: &str) -> String {
    keys.digest("mailed code", &format!("{purpose} {} {code}", user.id))
}

/// Sends a code to an address of the user. False: the sendings to it are used up for now.
///
/// # Errors
/// Whatever the database says.
pub fn send_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    (purpose, address): (MailCodePurpose, &str),
    drawn: &DrawnCode,
) -> Result<bool, DbError> {
    let policy = purpose.policy(ctx.profile.mail_code);
    let since = ctx.now - purpose.sendings_counted_for();
    if !mail_codes::may_send(conn, user.id, purpose, address, policy, since)? {
        return Ok(false);
    }
    let open = find(conn, user, purpose)?.filter(|open| open.address == address);
    let is_again = match open {
        Some(open) => mail_codes::send_again(conn, open.id, &drawn.digest, policy, ctx.now)?,
        None => false,
    };
    if !is_again {
        mail_codes::open(conn, user.id, purpose, address, &drawn.digest, policy, ctx.now)?;
    }
    let operation = if purpose == MailCodePurpose::TokenIssue {
        notice::enqueue_issue_code(conn, ctx, user, address, &drawn.code)?;
        "token.issue_code"
    } else {
        notice::enqueue_mail_code(conn, ctx, user, address, &drawn.code)?;
        "customer_info.code"
    };
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, operation, &object, AuditResult::Done, "sent")?;
    Ok(true)
}

/// The code sent last that is not used.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    user: &User,
    purpose: MailCodePurpose,
) -> Result<Option<MailCode>, DbError> {
    mail_codes::find_open(conn, user.id, purpose)
}

/// Claims one try at the code that went to `address`, in a `claim` transaction, before the code is
/// looked at.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub fn claim_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    (purpose, address): (MailCodePurpose, &str),
) -> Result<Result<MailCode, ProofRefusal>, DbError> {
    let open = find(conn, user, purpose)?.filter(|open| open.address == address);
    if let Some(open) = open
        && mail_codes::claim_try(conn, open.id, ctx.profile.mail_code, ctx.now)?
    {
        return Ok(Ok(open));
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "mail_code.check", &object, AuditResult::Refused, "used up")?;
    Ok(Err(ProofRefusal::MailCodeUsedUp))
}

/// Settles a claimed try in the act's transaction: uses the right code up, writes a wrong one down.
///
/// # Errors
/// Whatever the database says. A refusal is a value: commit it.
pub fn settle_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    claimed: &MailCode,
    digest: &str,
) -> Result<Result<(), ProofRefusal>, DbError> {
    if mail_codes::use_up(conn, claimed.id, digest, ctx.now)? {
        return Ok(Ok(()));
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "mail_code.check", &object, AuditResult::Refused, "wrong")?;
    Ok(Err(ProofRefusal::MailCodeWrong))
}
