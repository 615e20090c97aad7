//! Who belongs to the staff: added, locked out, let in again. By command only, so that nobody in
//! the console makes a second person of themself.

use zeroize::Zeroizing;

use crate::db::queries::staff::{self, NewStaffMember};
use crate::db::queries::staff_logins;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::staff::{StaffMember, StaffRole};
use crate::operations::staff::letter::draw_text;
use crate::operations::staff::log_in::object_of;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::password::hash_blocking;
use crate::text_enum;

text_enum! {
    /// What becomes of a member.
    MemberChange {
        /// Logins are refused, and open ones end.
        Lock = "lock",
        /// Let in again; the counters begin anew.
        Unlock = "unlock",
        /// The next login sets another authenticator up.
        NewAuthenticator = "new-authenticator",
        /// Another password, printed once.
        NewPassword = "new-password",
    }
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberOutcome {
    /// Done; with the password where one was drawn.
    Done(Option<Zeroizing<String>>),
    /// There is no such member, or, when adding, there is one already.
    NoSuchMember,
    /// It stands so already.
    Same,
}

/// Adds a member with a password that is drawn; the first login sets the authenticator up.
///
/// Permission: whoever may run commands on the database.
///
/// # Errors
/// Database or hashing trouble, no randomness.
pub fn add(
    services: &Services,
    ctx: &Ctx,
    (staff_id, name): (&str, &str),
    role: StaffRole,
) -> Result<MemberOutcome, OperationError> {
    let password = draw_text()?;
    let member = NewStaffMember {
        portal: ctx.portal_slug().to_owned(),
        staff_id: staff_id.to_owned(),
        name: name.to_owned(),
        role,
        password_hash: hash_blocking(&password)?,
        created_at: ctx.now,
    };
    let ctx = ctx.clone();
    let is_added = services.db.write_blocking(move |conn| {
        if !staff::insert(conn, &member)? {
            return Ok::<_, DbError>(false);
        }
        let object = format!("staff {}", member.staff_id);
        let role = member.role.as_str();
        audit::write(conn, &ctx, "staff.add", &object, AuditResult::Done, role)?;
        Ok(true)
    })?;
    Ok(if is_added { MemberOutcome::Done(Some(password)) } else { MemberOutcome::Same })
}

/// Changes a member.
///
/// Permission: whoever may run commands on the database.
///
/// # Errors
/// As [`add`].
pub fn change(
    services: &Services,
    ctx: &Ctx,
    staff_id: &str,
    change: MemberChange,
) -> Result<MemberOutcome, OperationError> {
    let password = match change {
        MemberChange::NewPassword => Some(draw_text()?),
        _ => None,
    };
    let hash = password.as_ref().map(|password| hash_blocking(password)).transpose()?;
    let (ctx, staff_id) = (ctx.clone(), staff_id.to_owned());
    let is_changed = services.db.write_blocking(move |conn| {
        let Some(member) = staff::find_by_staff_id(conn, ctx.portal_slug(), &staff_id)? else {
            return Ok::<_, DbError>(None);
        };
        change_in_tx(conn, &ctx, &member, change, hash.as_deref()).map(Some)
    })?;
    Ok(match is_changed {
        None => MemberOutcome::NoSuchMember,
        Some(false) => MemberOutcome::Same,
        Some(true) => MemberOutcome::Done(password),
    })
}

fn change_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    member: &StaffMember,
    change: MemberChange,
    hash: Option<&str>,
) -> Result<bool, DbError> {
    let id = member.id;
    let is_changed = match (change, hash) {
        (MemberChange::Lock, _) => staff::shut_out(conn, id, ctx.now)?,
        (MemberChange::Unlock, _) => staff::unlock(conn, id)?,
        (MemberChange::NewAuthenticator, _) => staff::forget_authenticator(conn, id)?,
        (MemberChange::NewPassword, Some(hash)) => {
            staff::set_password(conn, id, hash)?;
            true
        }
        (MemberChange::NewPassword, None) => false,
    };
    if is_changed {
        if change != MemberChange::Unlock {
            staff_logins::end_of_member(conn, id, "", EndReason::Staff, ctx.now)?;
        }
        let object = object_of(member);
        audit::write(conn, ctx, "staff.change", &object, AuditResult::Done, change.as_str())?;
    }
    Ok(is_changed)
}

/// The portal's members.
///
/// Permission: whoever may run commands on the database.
///
/// # Errors
/// Whatever the database says.
pub fn list(services: &Services, ctx: &Ctx) -> Result<Vec<StaffMember>, DbError> {
    let slug = ctx.portal_slug();
    services.db.read_blocking(|conn| staff::list(conn, Some(slug)))
}
