//! メール通知パスワード: a six-digit code sent to the customer's registered address, as the auth
//! rules ask for an issue (`mail+confirm`). The profile's `mail_code` says how long, how many tries
//! and how many times 再送; sendings are counted over an hour.

use crate::db::queries::mail_codes;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail_code::{ISSUE_SENDINGS_COUNTED_FOR, MailCode, MailCodePurpose};
use crate::domain::user::User;
use crate::operations::notice;
use crate::operations::proof::ProofRefusal;
use crate::operations::{Ctx, audit};
use crate::primitives::ids::random_below;
use crate::primitives::keys::KeyRing;

const PURPOSE: MailCodePurpose = MailCodePurpose::TokenIssue;

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
pub fn draw(keys: &KeyRing, user: &User) -> Result<DrawnCode, getrandom::Error> {
    let code = format!("{:06}", random_below(1_000_000)?);
    Ok(DrawnCode { digest: digest(keys, user, &code), code })
}

/// What the database keeps of a code.
pub fn digest(keys: &KeyRing, user: &User, code: &str) -> String {
    keys.digest("mailed code", &format!("{PURPOSE} {} {code}", user.id))
}

/// Sends a code to the registered address. False: the sendings of the last hour are used up.
///
/// # Errors
/// Whatever the database says.
pub fn send_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    drawn: &DrawnCode,
) -> Result<bool, DbError> {
    let Some(address) = &user.mail_address else { return Ok(false) };
    let policy = ctx.profile.mail_code.of_act();
    let since = ctx.now - ISSUE_SENDINGS_COUNTED_FOR;
    let sent = mail_codes::sendings_to(conn, user.id, PURPOSE, address, since)?;
    if sent >= policy.sendings_max.into() {
        return Ok(false);
    }
    let open = find(conn, user)?.filter(|open| open.address == *address);
    let is_again = match open {
        Some(open) => mail_codes::send_again(conn, open.id, &drawn.digest, policy, ctx.now)?,
        None => false,
    };
    if !is_again {
        mail_codes::open(conn, user.id, PURPOSE, address, &drawn.digest, policy, ctx.now)?;
    }
    notice::enqueue_issue_code(conn, ctx, user, address, &drawn.code)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "token.issue_code", &object, AuditResult::Done, "sent")?;
    Ok(true)
}

/// The code sent last that is not used.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, user: &User) -> Result<Option<MailCode>, DbError> {
    mail_codes::find_open(conn, user.id, PURPOSE)
}

/// Claims one try in a `claim` transaction, before the code is looked at.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub fn claim_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
) -> Result<Result<MailCode, ProofRefusal>, DbError> {
    let open = find(conn, user)?;
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
