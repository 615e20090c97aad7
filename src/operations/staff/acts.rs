//! What staff do at once, without a second person: revoke a lost token, hand out another one, write
//! down what a customer applied for.

use crate::db::queries::{contracts, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::certificate::CertificateRevocation;
use crate::domain::limit::LimitService;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::domain::user::User;
use crate::operations::certificate::require::{self, RequireOutcome};
use crate::operations::certificate::revoke::revoke_and_tell_in_tx;
use crate::operations::limit::applied::{AppliedOutcome, set_in_tx};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now, find_made};
use crate::operations::staff::standing::refused;
use crate::operations::token::revoke::{RevokeOutcome, RevokeReason, revoke_in_tx};
use crate::operations::token::ship::{ShipOutcome, ship_in_tx};
use crate::operations::{Ctx, Services};
use crate::primitives::clock::jst_iso;
use crate::primitives::ids::UserId;
use crate::primitives::yen::Yen;

/// Revokes the user's token at once (失効).
///
/// Permission: clerks and checkers; no second person, because a lost token cannot wait.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn revoke(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user: &User,
    (reason, note): (RevokeReason, String),
) -> Result<ActOutcome, DbError> {
    let Some(token_id) = user.token_id else {
        // The second click may come when the first has done it.
        return Ok(match find_made(services, member, key).await? {
            ActOutcome::Made(id) => ActOutcome::Made(id),
            _ => ActOutcome::Blocked(Blocked::NoToken),
        });
    };
    let subject = Subject {
        act: StaffAct::Revoke,
        user_id: Some(user.id),
        token_id: Some(token_id),
        note,
        payload: reason.as_str().to_owned(),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let token = tokens::get(conn, token_id)?;
        Ok(match revoke_in_tx(conn, ctx, &token, reason)? {
            RevokeOutcome::Revoked { users, registrable_from } => {
                Ok(format!("{}; {}", users.join(", "), jst_iso(registrable_from)))
            }
            RevokeOutcome::NoSuchToken | RevokeOutcome::NotInUse => Err(Blocked::Changed),
            RevokeOutcome::Refused(refusal) => Err(refused(refusal)),
        })
    })
    .await
}

/// Hands a token from stock out to the user's contract (再発行).
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn reissue(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user: &User,
    (serial, note): (String, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::Ship,
        user_id: Some(user.id),
        token_id: None,
        note,
        payload: serial.clone(),
    };
    let contract_id = user.contract_id;
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let number = contracts::number_of(conn, contract_id)?;
        Ok(shipped(conn, ctx, &serial, &number)?)
    })
    .await
}

/// Ships a token from stock to a contract.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn ship(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (serial, contract_number, note): (String, String, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::Ship,
        user_id: None,
        token_id: None,
        note,
        payload: format!("{serial} {contract_number}"),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        Ok(shipped(conn, ctx, &serial, &contract_number)?)
    })
    .await
}

fn shipped(
    conn: &mut DbConn,
    ctx: &Ctx,
    serial: &str,
    contract_number: &str,
) -> Result<Result<String, Blocked>, DbError> {
    Ok(match ship_in_tx(conn, ctx, serial, contract_number)? {
        ShipOutcome::Shipped => Ok(contract_number.to_owned()),
        ShipOutcome::NoSuchToken => Err(Blocked::NoSuchToken),
        ShipOutcome::NoSuchContract => Err(Blocked::NoSuchContract),
        ShipOutcome::NotInStock => Err(Blocked::NotInStock),
    })
}

/// Sets whether the user's contract requires client certificates.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn require_certificate(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user: &User,
    (is_required, note): (bool, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::RequireCertificate,
        user_id: Some(user.id),
        token_id: None,
        note,
        payload: if is_required { "required" } else { "not required" }.to_owned(),
    };
    let contract_id = user.contract_id;
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        Ok(match require::set_in_tx(conn, ctx, contract_id, is_required)? {
            RequireOutcome::Changed => Ok(String::new()),
            RequireOutcome::Same => Err(Blocked::Same),
            RequireOutcome::NoSuchContract | RequireOutcome::NotOffered => Err(Blocked::Changed),
        })
    })
    .await
}

/// Revokes the user's client certificates at once.
///
/// Permission: clerks and checkers; no second person, because a lost device cannot wait.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn revoke_certificate(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user_id: UserId,
    note: String,
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::RevokeCertificate,
        user_id: Some(user_id),
        token_id: None,
        note,
        payload: String::new(),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let user = users::get(conn, user_id)?;
        let is_done = revoke_and_tell_in_tx(conn, ctx, &user, CertificateRevocation::Staff)?;
        Ok(if is_done { Ok(String::new()) } else { Err(Blocked::NoCertificate) })
    })
    .await
}

/// Writes down the most a day that a customer applied for.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn set_limit(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    user_id: UserId,
    (service, yen, note): (LimitService, Yen, String),
) -> Result<ActOutcome, DbError> {
    let subject = Subject {
        act: StaffAct::Limit,
        user_id: Some(user_id),
        token_id: None,
        note,
        payload: format!("{service} {}", yen.0),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let user = users::get(conn, user_id)?;
        Ok(match set_in_tx(conn, ctx, &user, service, yen)? {
            AppliedOutcome::Changed => Ok(String::new()),
            AppliedOutcome::Same => Err(Blocked::Same),
            AppliedOutcome::NotOffered | AppliedOutcome::NoSuchUser | AppliedOutcome::Stale => {
                Err(Blocked::Changed)
            }
        })
    })
    .await
}
