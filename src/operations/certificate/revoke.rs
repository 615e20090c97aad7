//! 失効 of certificates: by the contract's administrator, by staff, or with the user.
//!
//! Rule: all of the user's certificates go, and every login that came with one of them ends. The
//! user can draw another one then, with id, secret and confirming secret.

use crate::db::DbConn;
use crate::db::DbError;
use crate::db::queries::{certificates, logins, users};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::CertificateRevocation;
use crate::domain::mail::MailKind;
use crate::domain::user::{Role, User};
use crate::operations::administration::{
    MemberLine, MembersAct, MembersOutcome, MembersReceipt, finish, load, prove_and_act,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};

/// The act's name in receipts and in the audit log.
pub const OPERATION: &str = "certificate.revoke";

/// Revokes the certificates of the ticked users.
///
/// Permission: administrators of the contract, for its general users.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn revoke(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
) -> Result<MembersOutcome, OperationError> {
    let ticked = input.clone();
    prove_and_act(services, ctx, &input, move |conn, ctx| act(conn, ctx, &ticked)).await
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &MembersAct) -> Result<String, ActAbort> {
    let (actor, ticked) = load(conn, ctx, input)?;
    let mut concerned = Vec::new();
    for member in &ticked {
        guard(member.role == Role::General && member.id != actor.id)?;
        let user = users::get(conn, member.id)?;
        guard(revoke_in_tx(conn, ctx, &user, CertificateRevocation::Administrator)?)?;
        concerned.push(user);
    }
    let lines = ticked.iter().map(MemberLine::of).collect();
    let details = MembersReceipt { members: lines, kept: Vec::new() };
    let (_, url, number) = finish(conn, ctx, input, OPERATION, &details)?;
    let what = Notice { receipt_number: Some(number), ..Notice::of(MailKind::CertificateRevoked) };
    tell_of_token(conn, ctx, &concerned, &[], &what)?;
    Ok(url)
}

/// Revokes what the user with `login_id` has; false where there is nothing, none where there is no
/// such user.
///
/// Permission: staff (by command).
///
/// # Errors
/// Whatever the database says.
pub fn revoke_of(services: &Services, ctx: &Ctx, login_id: &str) -> Result<Option<bool>, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(None);
        };
        revoke_and_tell_in_tx(conn, &ctx, &user, CertificateRevocation::Command).map(Some)
    })
}

/// [`revoke_in_tx`], with the notice to user and administrators.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn revoke_and_tell_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    reason: CertificateRevocation,
) -> Result<bool, DbError> {
    let is_done = revoke_in_tx(conn, ctx, user, reason)?;
    if is_done {
        let what = Notice::of(MailKind::CertificateRevoked);
        tell_of_token(conn, ctx, std::slice::from_ref(user), &[], &what)?;
    }
    Ok(is_done)
}

/// Revokes every certificate of the user; false where there is none.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn revoke_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    reason: CertificateRevocation,
) -> Result<bool, DbError> {
    let mut is_done = false;
    for certificate in certificates::list_own(conn, user.id)? {
        if !certificates::revoke(conn, certificate.id, reason, ctx.now)? {
            continue;
        }
        is_done = true;
        logins::end_of_certificate(conn, &certificate.fingerprint, ctx.now)?;
        let object = format!("user {}", user.id);
        let details = format!("serial {}, {reason}", certificate.serial);
        audit::write(conn, ctx, OPERATION, &object, AuditResult::Done, &details)?;
    }
    Ok(is_done)
}
