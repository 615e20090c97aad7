//! Whether an act that needs a second person is possible as things stand, and the act itself.

use crate::db::queries::{
    contracts, flows, initial_passwords, logins, picture_cards, staff_letters, tokens, users,
};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::staff_request::{Blocked, StaffAct, StaffRequest};
use crate::domain::token::{ActRefusal, TokenAct, TokenActor, UserTokenStatus, decide};
use crate::domain::user::{Role, SetupState, User};
use crate::operations::notice::{self, Notice};
use crate::operations::staff::close::close_in_tx;
use crate::operations::token::release::{ReleaseOutcome, release_in_tx};
use crate::operations::user::hold::{self, HoldOutcome};
use crate::operations::user::lift_stop::{self, LiftOutcome};
use crate::operations::user::unlock::{UnlockOutcome, unlock_in_tx};
use crate::operations::{Ctx, audit, count_limit};
use crate::primitives::clock::UtcTime;
use crate::primitives::keys::Sealed;

/// A new initial password, made before the transaction.
#[derive(Debug, Clone)]
pub(super) struct NewPassword {
    pub(super) hash: String,
    pub(super) sealed: Sealed,
}

/// Why the act on the user is not possible now; none where it is.
///
/// # Errors
/// Whatever the database says.
pub fn blocked(
    conn: &mut DbConn,
    ctx: &Ctx,
    act: StaffAct,
    user: &User,
) -> Result<Option<Blocked>, DbError> {
    // Their own masters and administrators look after the others.
    if user.role == Role::General && (act == StaffAct::Release || act.draws_password()) {
        return Ok(Some(Blocked::NotByStaff));
    }
    Ok(match act {
        StaffAct::Release => {
            let Some(token_id) = user.token_id else { return Ok(Some(Blocked::NoToken)) };
            let token = tokens::get(conn, token_id)?;
            let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
            let status = UserTokenStatus::at(user.token_status, token.expires_at, ctx.now);
            let is_suspended = token.is_suspended(limit);
            decide(status, is_suspended, TokenAct::Release, TokenActor::Staff).err().map(refused)
        }
        StaffAct::Unlock => {
            let card = picture_cards::find_by_user(conn, user.id)?;
            let is_counted = user.login_failures > 0
                || user.confirm_failures > 0
                || user.login_locked_at.is_some()
                || user.confirm_locked_at.is_some()
                || card.is_some_and(|card| card.failures > 0 || card.locked_at.is_some());
            (!is_counted).then_some(Blocked::NotLocked)
        }
        StaffAct::ResetPassword => None,
        StaffAct::IssuePassword => {
            (user.setup_state != SetupState::Initial).then_some(Blocked::SetUp)
        }
        StaffAct::CloseContract => {
            let contract = contracts::get(conn, user.contract_id)?;
            contract.closed_at.is_some().then_some(Blocked::Closed)
        }
        StaffAct::LiftHold => {
            let is_held = user.hold_until.is_some_and(|until| until > ctx.now);
            (!is_held).then_some(Blocked::NoHold)
        }
        StaffAct::LiftStop => user.stopped_at.is_none().then_some(Blocked::NotStopped),
        _ => Some(Blocked::WrongStatus),
    })
}

/// What a request of this kind is about as it stands now, so that an approval undoes what was asked
/// about and nothing that came since.
///
/// # Errors
/// Whatever the database says.
pub(super) fn seen(conn: &mut DbConn, act: StaffAct, user: &User) -> Result<String, DbError> {
    let at = |time: Option<UtcTime>| time.map_or_else(|| "-".to_owned(), |at| at.to_string());
    Ok(match act {
        StaffAct::Release => {
            let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
            token.map_or_else(String::new, |token| {
                format!("token {} {}", token.id, at(token.suspended_at))
            })
        }
        StaffAct::Unlock => {
            let card = picture_cards::find_by_user(conn, user.id)?;
            let card = at(card.and_then(|card| card.locked_at));
            let (login, confirm) = (at(user.login_locked_at), at(user.confirm_locked_at));
            format!("locked {login} {confirm} {card}")
        }
        StaffAct::ResetPassword | StaffAct::IssuePassword => {
            format!("set {}", at(user.login_secret_changed_at))
        }
        StaffAct::CloseContract => format!("contract {}", user.contract_id),
        StaffAct::LiftHold => format!("held until {}", at(user.hold_until)),
        StaffAct::LiftStop => format!("stopped {}", at(user.stopped_at)),
        _ => String::new(),
    })
}

/// Why the life cycle says no.
pub(super) fn refused(refusal: ActRefusal) -> Blocked {
    match refusal {
        ActRefusal::NotSuspended => Blocked::NotSuspended,
        ActRefusal::Suspended => Blocked::Suspended,
        ActRefusal::WrongStatus(_) => Blocked::WrongStatus,
        ActRefusal::Stopped => Blocked::StopFirst,
        ActRefusal::NotAllowed => Blocked::NotByStaff,
    }
}

/// Does an approved act; its guards decide, whatever was read before. `Ok(Err(_))`: nothing was
/// changed.
///
/// # Errors
/// Whatever the database says.
pub(super) fn run_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    request: &StaffRequest,
    user: &User,
    password: Option<&NewPassword>,
) -> Result<Result<String, Blocked>, DbError> {
    if let Some(why) = blocked(conn, ctx, request.kind, user)? {
        return Ok(Err(why));
    }
    if request.payload != seen(conn, request.kind, user)? {
        return Ok(Err(Blocked::Changed));
    }
    let details = format!("request {}", request.id);
    Ok(match request.kind {
        StaffAct::Release => match release_in_tx(conn, ctx, user, TokenActor::Staff, &details)? {
            ReleaseOutcome::Released(users) => Ok(users.join(", ")),
            ReleaseOutcome::NotSuspended => Err(Blocked::NotSuspended),
            ReleaseOutcome::NoSuchUser | ReleaseOutcome::NoToken => Err(Blocked::NoToken),
            ReleaseOutcome::Refused(refusal) => Err(refused(refusal)),
        },
        StaffAct::Unlock => match unlock_in_tx(conn, ctx, user, &details)? {
            UnlockOutcome::Unlocked => Ok(String::new()),
            UnlockOutcome::NoSuchUser | UnlockOutcome::NothingLocked => Err(Blocked::NotLocked),
        },
        StaffAct::LiftHold => match hold::lift_in_tx(conn, ctx, user, &details)? {
            HoldOutcome::Changed => Ok(String::new()),
            _ => Err(Blocked::NoHold),
        },
        StaffAct::LiftStop => match lift_stop::lift_in_tx(conn, ctx, user, &details)? {
            LiftOutcome::Lifted { .. } => Ok(String::new()),
            LiftOutcome::NoSuchUser | LiftOutcome::NotStopped => Err(Blocked::NotStopped),
        },
        StaffAct::CloseContract => close_in_tx(conn, ctx, user.contract_id, &details)?,
        StaffAct::ResetPassword | StaffAct::IssuePassword => match password {
            Some(password) => reset_password(conn, ctx, request, user, password)?,
            None => Err(Blocked::Changed),
        },
        _ => Err(Blocked::WrongStatus),
    })
}

/// The first setup begins anew with a new initial password, which waits for its letter.
fn reset_password(
    conn: &mut DbConn,
    ctx: &Ctx,
    request: &StaffRequest,
    user: &User,
    password: &NewPassword,
) -> Result<Result<String, Blocked>, DbError> {
    if !users::reset_login_secret(conn, user.id, &password.hash)? {
        return Ok(Err(Blocked::Changed));
    }
    logins::end_of_users(conn, &[user.id], "", EndReason::Staff, ctx.now)?;
    flows::end_of_user(conn, user.id, "")?;
    initial_passwords::delete_of_user(conn, user.id)?;
    if request.kind == StaffAct::ResetPassword {
        notice::enqueue(conn, ctx, user, &Notice::of(MailKind::PasswordReset))?;
    }
    // An earlier password opens nothing any more.
    let kinds = [StaffAct::ResetPassword, StaffAct::IssuePassword];
    staff_letters::forget(conn, user.id, &kinds, ctx.now)?;
    let sealed = &password.sealed;
    staff_letters::insert(conn, request.id, ctx.portal_slug(), user.id, sealed, ctx.now)?;
    let object = format!("user {}", user.id);
    let details = format!("request {}", request.id);
    let name = request.kind.as_str();
    audit::write(conn, ctx, name, &object, AuditResult::Done, &details)?;
    Ok(Ok(String::new()))
}
