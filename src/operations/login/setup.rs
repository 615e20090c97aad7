//! First setup (BLG095): new login and confirming secrets instead of the welcome letter's, then the
//! mail address with a six-digit code (profile: `mail_code`); the address may come
//! later.

use chrono::TimeDelta;

use crate::db::queries::{logins, mail_codes, member_acts, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::customer_info::{InfoItem, masked_address};
use crate::domain::login::{EndReason, Login, LoginStage};
use crate::domain::mail::MailKind;
use crate::domain::mail_code::{MailCode, MailCodePurpose, SENDINGS_COUNTED_FOR};
use crate::domain::user::{Channel, SetupState, User};
use crate::operations::login::register;
use crate::operations::notice::customer_info::{self, InfoNotice};
use crate::operations::notice::{self, Notice};
use crate::operations::user::hold::open_hold;
use crate::operations::{Ctx, OperationError, Services, audit, receipt};
use crate::primitives::ids::{random_below, random_short_id};

const PURPOSE: MailCodePurpose = MailCodePurpose::FirstSetup;

/// Sets both secrets. False: they were set already. A user whose mail address is proven, as after a
/// reset of the password, is then done.
///
/// Permission: the user of a login in stage `setup` whose initial password still holds. Every other
/// login of the user ends.
///
/// # Errors
/// Database or hashing trouble.
pub async fn set_secrets(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    (password, confirm): (&str, &str),
) -> Result<bool, OperationError> {
    let initial = user.login_secret_hash.clone();
    let password_hash = services.hasher.make(password).await?;
    let confirm_hash = services.hasher.make(confirm).await?;
    let flow_id = random_short_id()?;
    let (ctx, login) = (ctx.clone(), login.clone());
    let is_set = services
        .db
        .write(move |conn| {
            let id = login.user_id;
            let hashes = (password_hash.as_str(), confirm_hash.as_str());
            let is_open = logins::is_open_at(conn, &login.id, LoginStage::Setup)?;
            if !is_open || !users::set_first_secrets(conn, id, &initial, hashes, ctx.now)? {
                return Ok::<_, DbError>(false);
            }
            logins::end_of_users(conn, &[id], &login.id, EndReason::SecretChanged, ctx.now)?;
            let object = format!("user {id}");
            audit::write(conn, &ctx, "setup.secrets", &object, AuditResult::Done, "")?;
            finish_if_proven(conn, &ctx, &login, &flow_id)?;
            Ok(true)
        })
        .await?;
    Ok(is_set)
}

/// Skips the mail step of whoever has a proven address, as after a reset of the password, unless an
/// administrator wrote another one down.
///
/// # Errors
/// Whatever the database says.
pub(super) fn finish_if_proven(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    flow_id: &str,
) -> Result<(), DbError> {
    let id = login.user_id;
    let is_proven = member_acts::find_unverified_address(conn, id)?.is_none();
    if is_proven && member_acts::finish_setup(conn, id)? {
        let user = users::get(conn, id)?;
        finish(conn, ctx, login, &user, flow_id)?;
    }
    Ok(())
}

/// How a sending of the code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOutcome {
    /// On its way.
    Sent,
    /// All sendings to this address are used up.
    TooMany,
    /// There is no code to send again.
    NothingOpen,
}

/// Sends a code to `address` (the first sending).
///
/// Permission: the user of a login in stage `setup`. An address that was written to before keeps
/// its count of sendings, so that going back and forth gains nothing.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn send_code(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    address: &str,
) -> Result<SendOutcome, OperationError> {
    let code = draw_code()?;
    let digest = code_digest(services, user, &code);
    let (ctx, user, address) = (ctx.clone(), user.clone(), address.to_owned());
    let outcome = services
        .db
        .write(move |conn| {
            let (policy, since) = (ctx.profile.mail_code, ctx.now - SENDINGS_COUNTED_FOR);
            if !mail_codes::may_send(conn, user.id, PURPOSE, &address, policy, since)? {
                return Ok(SendOutcome::TooMany);
            }
            match mail_codes::find_open(conn, user.id, PURPOSE)? {
                Some(open) if open.address == address => {
                    if !mail_codes::send_again(conn, open.id, &digest, policy, ctx.now)? {
                        return Ok(SendOutcome::TooMany);
                    }
                }
                _ => mail_codes::open(conn, user.id, PURPOSE, &address, &digest, policy, ctx.now)?,
            }
            enqueue_code(conn, &ctx, &user, &address, &code)?;
            Ok::<_, DbError>(SendOutcome::Sent)
        })
        .await?;
    Ok(outcome)
}

/// Sends a new code to the same address (再送).
///
/// Permission: as [`send_code`].
///
/// # Errors
/// As [`send_code`].
pub async fn send_again(
    services: &Services,
    ctx: &Ctx,
    user: &User,
) -> Result<SendOutcome, OperationError> {
    let code = draw_code()?;
    let digest = code_digest(services, user, &code);
    let (ctx, user) = (ctx.clone(), user.clone());
    let outcome = services
        .db
        .write(move |conn| {
            let Some(open) = mail_codes::find_open(conn, user.id, PURPOSE)? else {
                return Ok(SendOutcome::NothingOpen);
            };
            let policy = ctx.profile.mail_code;
            if !mail_codes::send_again(conn, open.id, &digest, policy, ctx.now)? {
                return Ok(SendOutcome::TooMany);
            }
            enqueue_code(conn, &ctx, &user, &open.address, &code)?;
            Ok::<_, DbError>(SendOutcome::Sent)
        })
        .await?;
    Ok(outcome)
}

/// How the check of a mailed code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeOutcome {
    /// The address is verified, the login complete.
    Done,
    /// Wrong code.
    Wrong,
    /// Too late, too many tries, or no code at all: send a new one.
    UsedUp,
}

/// Verifies the address with the mailed code and completes the login.
///
/// Permission: as [`send_code`]. The try is claimed before the code is looked at.
///
/// # Errors
/// Database trouble.
pub async fn verify_code(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    code: &str,
) -> Result<CodeOutcome, OperationError> {
    let digest = code_digest(services, user, code);
    let (user_id, policy, now) = (user.id, ctx.profile.mail_code, ctx.now);
    let open = services
        .db
        .claim(move |conn| {
            let Some(open) = mail_codes::find_open(conn, user_id, PURPOSE)? else {
                return Ok::<_, DbError>(None);
            };
            Ok(mail_codes::claim_try(conn, open.id, policy, now)?.then_some(open))
        })
        .await?;
    let Some(open) = open else { return Ok(CodeOutcome::UsedUp) };
    let flow_id = random_short_id()?;
    let (ctx, login, user) = (ctx.clone(), login.clone(), user.clone());
    let outcome = services
        .db
        .write(move |conn| settle_code(conn, &ctx, &login, &user, &open, (&digest, &flow_id)))
        .await?;
    Ok(outcome)
}

fn settle_code(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    open: &MailCode,
    (digest, flow_id): (&str, &str),
) -> Result<CodeOutcome, DbError> {
    let object = format!("user {}", user.id);
    if !mail_codes::use_up(conn, open.id, digest, ctx.now)? {
        audit::write(conn, ctx, "setup.mail", &object, AuditResult::Refused, "wrong code")?;
        return Ok(CodeOutcome::Wrong);
    }
    let is_change = user.mail_address.is_some();
    let is_set = if is_change {
        member_acts::replace_address(conn, user.id, &open.address)?
    } else {
        member_acts::delete_unverified_address(conn, user.id)?;
        users::set_mail_address(conn, user.id, &open.address)?
    };
    if !is_set {
        audit::write(conn, ctx, "setup.mail", &object, AuditResult::Refused, "has one already")?;
        return Ok(CodeOutcome::UsedUp);
    }
    finish(conn, ctx, login, user, flow_id)?;
    audit::write(conn, ctx, "setup.mail", &object, AuditResult::Done, "")?;
    if is_change {
        // As any change of the address (otp.md, Rails): a hold, and word to the old one.
        open_hold(conn, ctx, user)?;
        let details = masked_address(&open.address);
        let (_, receipt_number) = receipt::write_in_tx(conn, ctx, user.id, "setup.mail", &details)?;
        let hours = i64::from(ctx.profile.hold.hours);
        let what = InfoNotice {
            item: InfoItem::MailAddress,
            receipt_number,
            new_address: Some(&open.address),
            held_until: (hours > 0).then(|| ctx.now + TimeDelta::hours(hours)),
        };
        customer_info::enqueue(conn, ctx, user, &what)?;
        return Ok(CodeOutcome::Done);
    }
    let told = User { mail_address: Some(open.address.clone()), ..user.clone() };
    notice::enqueue(conn, ctx, &told, &Notice::of(MailKind::MailAddressSet))?;
    Ok(CodeOutcome::Done)
}

/// Leaves the mail address for later and completes the login.
///
/// Permission: the user of a login in stage `setup` whose secrets are set. False: they are not.
///
/// # Errors
/// Database trouble.
pub async fn leave_for_later(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    user: &User,
) -> Result<bool, OperationError> {
    if user.setup_state == SetupState::Initial {
        return Ok(false);
    }
    let flow_id = random_short_id()?;
    let (ctx, login, user) = (ctx.clone(), login.clone(), user.clone());
    services
        .db
        .write(move |conn| {
            finish(conn, &ctx, &login, &user, &flow_id)?;
            let object = format!("user {}", user.id);
            audit::write(conn, &ctx, "setup.later", &object, AuditResult::Done, "")
        })
        .await?;
    Ok(true)
}

/// The login is complete, or goes on to the registration of a token (BLG020).
fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    flow_id: &str,
) -> Result<(), DbError> {
    let is_next = register::must_register(conn, ctx, user)?;
    let to = if is_next { LoginStage::TokenFlow } else { LoginStage::Complete };
    if !logins::advance(conn, &login.id, LoginStage::Setup, to, ctx.now)? {
        return Ok(());
    }
    if is_next {
        register::begin_in_tx(conn, ctx, user, &login.id, flow_id)
    } else {
        users::note_login(conn, user.id, Channel::Web, ctx.now)
    }
}

fn draw_code() -> Result<String, getrandom::Error> {
    Ok(format!("{:06}", random_below(1_000_000)?))
}

fn code_digest(services: &Services, user: &User, code: &str) -> String {
    services.keys.digest("mailed code", &format!("{} {code}", user.id))
}

fn enqueue_code(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
    code: &str,
) -> Result<(), DbError> {
    notice::enqueue_mail_code(conn, ctx, user, address, code)?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "setup.mail_code", &object, AuditResult::Done, "sent")
}
