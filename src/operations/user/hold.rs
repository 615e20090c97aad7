//! The hold on transfers that follows a start, an exchange or the like: staff lift it or give it a
//! later end.

use chrono::TimeDelta;

use crate::db::queries::users;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::user::User;
use crate::operations::notice::{self, Notice};
use crate::operations::{Ctx, Services, audit};
use crate::primitives::clock::{UtcTime, jst_iso};

/// What becomes of the hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldChange {
    /// It ends now.
    Lift,
    /// It lasts until then, which is later than before.
    Until(UtcTime),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldOutcome {
    /// Done.
    Changed,
    /// No such user.
    NoSuchUser,
    /// There is no hold to lift.
    NoHold,
    /// The new end has passed already.
    Past,
    /// It lasts until then already, or longer.
    LastsLonger(UtcTime),
}

/// Changes the hold of the user with `login_id`.
///
/// Permission: staff, by command; lifting also in the console, with a second person.
///
/// # Errors
/// Whatever the database says.
pub fn change(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
    to: HoldChange,
) -> Result<HoldOutcome, DbError> {
    let (ctx, login_id) = (ctx.clone(), login_id.to_owned());
    services.db.write_blocking(move |conn| {
        let Some(user) = users::find_by_login_id(conn, ctx.portal_slug(), &login_id)? else {
            return Ok(HoldOutcome::NoSuchUser);
        };
        match to {
            HoldChange::Lift => lift_in_tx(conn, &ctx, &user, "lifted"),
            HoldChange::Until(until) => lengthen(conn, &ctx, &user, until),
        }
    })
}

/// Lifts the hold of a user in the caller's transaction; `details` go into the audit line.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn lift_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    details: &str,
) -> Result<HoldOutcome, DbError> {
    if !users::lift_hold(conn, user.id, ctx.now)? {
        return Ok(HoldOutcome::NoHold);
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "user.hold", &object, AuditResult::Done, details)?;
    notice::enqueue(conn, ctx, user, &Notice::of(MailKind::HoldLifted))?;
    Ok(HoldOutcome::Changed)
}

fn lengthen(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    until: UtcTime,
) -> Result<HoldOutcome, DbError> {
    if until <= ctx.now {
        return Ok(HoldOutcome::Past);
    }
    if !users::set_hold(conn, user.id, ctx.now, until)? {
        return Ok(HoldOutcome::LastsLonger(user.hold_until.unwrap_or(until)));
    }
    let object = format!("user {}", user.id);
    let details = format!("until {}", jst_iso(until));
    audit::write(conn, ctx, "user.hold", &object, AuditResult::Done, &details)?;
    let what = Notice { expires_at: Some(until), ..Notice::of(MailKind::HoldLengthened) };
    notice::enqueue(conn, ctx, user, &what)?;
    Ok(HoldOutcome::Changed)
}

/// Opens the hold that follows an issue, a start, an exchange or a change of mail address: no
/// transfer to new payees for some hours.
///
/// # Errors
/// Whatever the database says.
pub(in crate::operations) fn open_hold(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
) -> Result<(), DbError> {
    let hours = i64::from(ctx.profile.hold.hours);
    if hours > 0 {
        users::set_hold(conn, user.id, ctx.now, ctx.now + TimeDelta::hours(hours))?;
    }
    Ok(())
}
