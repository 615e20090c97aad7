//! The institution's staff: look-ups, counters, authenticators.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::portal::Throttle;
use crate::domain::staff::{StaffMember, StaffRole};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::StaffId;
use crate::primitives::keys::Sealed;
use crate::schema::staff_members;

/// Members listed at once; no institution of this size has more.
const MEMBERS_MAX: i64 = 1_000;

/// A member of staff to be added.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = staff_members)]
pub struct NewStaffMember {
    /// The portal's slug.
    pub portal: String,
    /// Typed at login.
    pub staff_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: StaffRole,
    /// Argon2id.
    pub password_hash: String,
    /// Now.
    pub created_at: UtcTime,
}

/// Adds a member; false if the portal has the id already.
///
/// # Errors
/// Whatever the database says beside that.
pub fn insert(conn: &mut DbConn, member: &NewStaffMember) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(staff_members::table).values(member.clone()).execute(conn)
    })
}

/// The member with this row id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: StaffId) -> Result<StaffMember, DbError> {
    Ok(native!(conn, conn => staff_members::table
        .find(id)
        .select(StaffMember::as_select())
        .first(conn))?)
}

/// The portal's member with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_staff_id(
    conn: &mut DbConn,
    portal: &str,
    staff_id: &str,
) -> Result<Option<StaffMember>, DbError> {
    Ok(staff_members::table
        .filter(staff_members::portal.eq(portal))
        .filter(staff_members::staff_id.eq(staff_id))
        .select(StaffMember::as_select())
        .first(conn)
        .optional()?)
}

/// The portal's members in order of id; of all portals where none is named.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut DbConn, portal: Option<&str>) -> Result<Vec<StaffMember>, DbError> {
    let mut query = staff_members::table.select(StaffMember::as_select()).into_boxed();
    if let Some(portal) = portal {
        query = query.filter(staff_members::portal.eq(portal));
    }
    Ok(query
        .order((staff_members::portal, staff_members::staff_id))
        .limit(MEMBERS_MAX)
        .load(conn)?)
}

/// Claims a try before the password is looked at: counts it as failed. False: locked.
///
/// # Errors
/// Whatever the database says.
pub fn claim_password_attempt(
    conn: &mut DbConn,
    id: StaffId,
    failures_max: i32,
) -> Result<bool, DbError> {
    let guarded = staff_members::table
        .find(id)
        .filter(staff_members::locked_at.is_null())
        .filter(staff_members::password_failures.lt(failures_max));
    let claimed = diesel::update(guarded)
        .set(staff_members::password_failures.eq(staff_members::password_failures + 1))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Clears the run of wrong passwords after a right one; false if a lock came first, or the password
/// that was compared is not the stored one any more.
///
/// # Errors
/// Whatever the database says.
pub fn clear_password_failures(
    conn: &mut DbConn,
    id: StaffId,
    verified_hash: &str,
) -> Result<bool, DbError> {
    let guarded = staff_members::table
        .find(id)
        .filter(staff_members::locked_at.is_null())
        .filter(staff_members::password_hash.eq(verified_hash));
    let cleared =
        diesel::update(guarded).set(staff_members::password_failures.eq(0)).execute(conn)?;
    Ok(cleared == 1)
}

/// Stores a hash made with raised parameters, only if the old one still stands.
///
/// # Errors
/// Whatever the database says.
pub fn replace_hash(conn: &mut DbConn, id: StaffId, old: &str, new: &str) -> Result<bool, DbError> {
    let guarded = staff_members::table.find(id).filter(staff_members::password_hash.eq(old));
    Ok(diesel::update(guarded).set(staff_members::password_hash.eq(new)).execute(conn)? == 1)
}

/// Locks the member once either run has reached its limit; false if locked already or not there.
///
/// # Errors
/// Whatever the database says.
pub fn lock(
    conn: &mut DbConn,
    id: StaffId,
    (password_max, otp_max): (i32, i32),
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = staff_members::table.find(id).filter(staff_members::locked_at.is_null()).filter(
        staff_members::password_failures
            .ge(password_max)
            .or(staff_members::otp_failures.ge(otp_max)),
    );
    Ok(diesel::update(guarded).set(staff_members::locked_at.eq(now)).execute(conn)? == 1)
}

/// Unlocks the member and clears both runs; false if nothing was locked or counted.
///
/// # Errors
/// Whatever the database says.
pub fn unlock(conn: &mut DbConn, id: StaffId) -> Result<bool, DbError> {
    let guarded = staff_members::table.find(id).filter(
        staff_members::locked_at
            .is_not_null()
            .or(staff_members::password_failures.gt(0))
            .or(staff_members::otp_failures.gt(0)),
    );
    let unlocked = diesel::update(guarded)
        .set((
            staff_members::locked_at.eq(None::<UtcTime>),
            staff_members::password_failures.eq(0),
            staff_members::otp_failures.eq(0),
            staff_members::last_failure_at.eq(None::<UtcTime>),
        ))
        .execute(conn)?;
    Ok(unlocked == 1)
}

/// Locks the member whatever the counters say; false if locked already.
///
/// # Errors
/// Whatever the database says.
pub fn shut_out(conn: &mut DbConn, id: StaffId, now: UtcTime) -> Result<bool, DbError> {
    let open = staff_members::table.find(id).filter(staff_members::locked_at.is_null());
    Ok(diesel::update(open).set(staff_members::locked_at.eq(now)).execute(conn)? == 1)
}

/// Gives the member another password.
///
/// # Errors
/// Whatever the database says.
pub fn set_password(conn: &mut DbConn, id: StaffId, hash: &str) -> Result<(), DbError> {
    diesel::update(staff_members::table.find(id))
        .set(staff_members::password_hash.eq(hash))
        .execute(conn)?;
    Ok(())
}

/// Takes the authenticator away, so that the next login sets another one up; false if there is
/// none.
///
/// # Errors
/// Whatever the database says.
pub fn forget_authenticator(conn: &mut DbConn, id: StaffId) -> Result<bool, DbError> {
    let enrolled = staff_members::table.find(id).filter(staff_members::enrolled_at.is_not_null());
    let forgotten = diesel::update(enrolled)
        .set((
            staff_members::enrolled_at.eq(None::<UtcTime>),
            staff_members::token_serial.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(forgotten == 1)
}

/// Puts the secret of an authenticator that is to be set up; false once one is set up.
///
/// # Errors
/// Whatever the database says.
pub fn begin_enrolment(
    conn: &mut DbConn,
    id: StaffId,
    serial: &str,
    sealed: &Sealed,
) -> Result<bool, DbError> {
    let without = staff_members::table.find(id).filter(staff_members::enrolled_at.is_null());
    let begun = diesel::update(without)
        .set((
            staff_members::token_serial.eq(serial),
            staff_members::secret_sealed.eq(&sealed.bytes),
            staff_members::sealing_key_id.eq(&sealed.key_id),
        ))
        .execute(conn)?;
    Ok(begun == 1)
}

/// Marks the authenticator as set up, only while its secret is the one that was proven.
///
/// # Errors
/// Whatever the database says.
pub fn finish_enrolment(
    conn: &mut DbConn,
    id: StaffId,
    proven_secret: &[u8],
    now: UtcTime,
) -> Result<bool, DbError> {
    let without = staff_members::table
        .find(id)
        .filter(staff_members::enrolled_at.is_null())
        .filter(staff_members::secret_sealed.eq(proven_secret).assume_not_null());
    Ok(diesel::update(without).set(staff_members::enrolled_at.eq(now)).execute(conn)? == 1)
}

/// Claims one try before a code is looked at: counts it as failed, unless the member is locked, has
/// to wait, or typed the same digits within the repeat window. False: not claimed.
///
/// # Errors
/// Whatever the database says.
pub fn claim_code_attempt(
    conn: &mut DbConn,
    id: StaffId,
    code_digest: &str,
    now: UtcTime,
    throttle: &Throttle,
) -> Result<bool, DbError> {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let waited_since = now - TimeDelta::seconds(throttle.wait_seconds.into());
    let repeated_since = now - TimeDelta::seconds(throttle.repeat_seconds.into());
    let wait_after = if throttle.wait_after > 0 { count(throttle.wait_after) } else { i32::MAX };
    let guarded = staff_members::table
        .find(id)
        .filter(staff_members::locked_at.is_null())
        .filter(staff_members::otp_failures.lt(count(throttle.failures_max)))
        .filter(
            staff_members::otp_failures
                .lt(wait_after)
                .or(staff_members::last_failure_at.is_null())
                .or(staff_members::last_failure_at.le(waited_since)),
        )
        .filter(
            staff_members::last_code_digest
                .is_null()
                .or(staff_members::last_code_digest.ne(code_digest))
                .or(staff_members::last_code_at.le(repeated_since)),
        );
    let claim = diesel::update(guarded).set((
        staff_members::otp_failures.eq(staff_members::otp_failures + 1),
        staff_members::last_failure_at.eq(now),
        staff_members::last_code_digest.eq(code_digest),
        staff_members::last_code_at.eq(now),
    ));
    Ok(native!(conn, conn => claim.execute(conn))? == 1)
}

/// Accepts a step once and only forwards, and clears the run of wrong codes. False: it, or a later
/// one, was accepted before, or a lock came first.
///
/// # Errors
/// Whatever the database says.
pub fn accept_step(conn: &mut DbConn, id: StaffId, step: i64) -> Result<bool, DbError> {
    let unused = staff_members::table.find(id).filter(staff_members::locked_at.is_null()).filter(
        staff_members::last_accepted_step.is_null().or(staff_members::last_accepted_step.lt(step)),
    );
    let acceptance = diesel::update(unused).set((
        staff_members::last_accepted_step.eq(step),
        staff_members::otp_failures.eq(0),
        staff_members::last_failure_at.eq(None::<UtcTime>),
    ));
    Ok(native!(conn, conn => acceptance.execute(conn))? == 1)
}

/// Notes a complete login.
///
/// # Errors
/// Whatever the database says.
pub fn note_login(conn: &mut DbConn, id: StaffId, now: UtcTime) -> Result<(), DbError> {
    diesel::update(staff_members::table.find(id))
        .set(staff_members::last_login_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The portal's members whose secret another key than `key_id` sealed, at most `limit` after the
/// member `after`, in order of their row ids.
///
/// # Errors
/// Whatever the database says.
pub fn list_sealed_otherwise(
    conn: &mut DbConn,
    portal: &str,
    key_id: &str,
    after: StaffId,
    limit: i64,
) -> Result<Vec<StaffMember>, DbError> {
    Ok(staff_members::table
        .filter(staff_members::portal.eq(portal))
        .filter(staff_members::sealing_key_id.ne(key_id).assume_not_null())
        .filter(staff_members::id.gt(after))
        .select(StaffMember::as_select())
        .order(staff_members::id)
        .limit(limit)
        .load(conn)?)
}

/// Puts a secret sealed anew in the place of `before`; false if that is not what stands there.
///
/// # Errors
/// Whatever the database says.
pub fn reseal(
    conn: &mut DbConn,
    id: StaffId,
    before: &[u8],
    sealed: &Sealed,
) -> Result<bool, DbError> {
    let unchanged = staff_members::table
        .find(id)
        .filter(staff_members::secret_sealed.eq(before).assume_not_null());
    let resealed = diesel::update(unchanged)
        .set((
            staff_members::secret_sealed.eq(&sealed.bytes),
            staff_members::sealing_key_id.eq(&sealed.key_id),
        ))
        .execute(conn)?;
    Ok(resealed == 1)
}

/// How many secrets of all portals another key than `key_id` sealed.
///
/// # Errors
/// Whatever the database says.
pub fn count_sealed_otherwise(conn: &mut DbConn, key_id: &str) -> Result<i64, DbError> {
    Ok(staff_members::table
        .filter(staff_members::sealing_key_id.ne(key_id).assume_not_null())
        .count()
        .get_result(conn)?)
}
