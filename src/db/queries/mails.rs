//! The out-box.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::mail::{ATTEMPTS_MAX, Mail, MailState, NewMail, pause_after};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{MailId, UserId};
use crate::schema::mails;

/// Puts a mail into the out-box.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, mail: NewMail) -> Result<(), DbError> {
    let insert = diesel::insert_into(mails::table).values(mail);
    native!(conn, conn => insert.execute(conn))?;
    Ok(())
}

/// The oldest waiting mails that are due, and for each person only the first one waiting, so that
/// mails to one person keep their order.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(conn: &mut DbConn, real_now: UtcTime, limit: i64) -> Result<Vec<Mail>, DbError> {
    let earlier = diesel::alias!(mails as earlier);
    let has_earlier = diesel::dsl::exists(
        earlier
            .filter(earlier.field(mails::user_id).eq(mails::user_id))
            .filter(earlier.field(mails::state).eq(MailState::Waiting))
            .filter(earlier.field(mails::id).lt(mails::id)),
    );
    Ok(mails::table
        .filter(mails::state.eq(MailState::Waiting))
        .filter(mails::next_attempt_at.le(real_now))
        .filter(diesel::dsl::not(has_earlier))
        .select(Mail::as_select())
        .order(mails::id)
        .limit(limit)
        .load(conn)?)
}

/// Notes that the mail server has taken the mail.
///
/// # Errors
/// Whatever the database says.
pub fn mark_sent(conn: &mut DbConn, id: MailId, real_now: UtcTime) -> Result<(), DbError> {
    diesel::update(mails::table.find(id))
        .set((
            mails::state.eq(MailState::Sent),
            mails::sent_at.eq(real_now),
            mails::attempts.eq(mails::attempts + 1),
            mails::last_error.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets the text of a mail that was sent.
///
/// # Errors
/// Whatever the database says.
pub fn forget_body(conn: &mut DbConn, id: MailId) -> Result<(), DbError> {
    let sent = mails::table.find(id).filter(mails::state.eq(MailState::Sent));
    diesel::update(sent).set(mails::body.eq("")).execute(conn)?;
    Ok(())
}

/// Notes a failed try: a pause and another try, or given up after the last one.
///
/// # Errors
/// Whatever the database says.
pub fn mark_failed(
    conn: &mut DbConn,
    mail: &Mail,
    error: &str,
    is_final: bool,
    real_now: UtcTime,
) -> Result<(), DbError> {
    let attempts = mail.attempts + 1;
    let is_dead = is_final || attempts >= ATTEMPTS_MAX;
    let state = if is_dead { MailState::Dead } else { MailState::Waiting };
    diesel::update(mails::table.find(mail.id))
        .set((
            mails::state.eq(state),
            mails::attempts.eq(attempts),
            mails::next_attempt_at.eq(real_now + pause_after(attempts)),
            mails::last_error.eq(error.chars().take(500).collect::<String>()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Mails, newest first: the demo's mailbox.
///
/// # Errors
/// Whatever the database says.
pub fn list_newest(conn: &mut DbConn, limit: i64) -> Result<Vec<Mail>, DbError> {
    Ok(mails::table.select(Mail::as_select()).order(mails::id.desc()).limit(limit).load(conn)?)
}

/// How many mails stand in each state.
///
/// # Errors
/// Whatever the database says.
pub fn count_by_state(conn: &mut DbConn) -> Result<Vec<(MailState, i64)>, DbError> {
    Ok(mails::table
        .group_by(mails::state)
        .select((mails::state, diesel::dsl::count_star()))
        .order(mails::state)
        .load(conn)?)
}

/// The mails of one person, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_user(conn: &mut DbConn, user_id: UserId) -> Result<Vec<Mail>, DbError> {
    Ok(mails::table
        .filter(mails::user_id.eq(user_id))
        .select(Mail::as_select())
        .order(mails::id)
        .limit(1_000)
        .load(conn)?)
}

/// Which mails to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailFilter {
    /// In this state only.
    pub state: Option<MailState>,
    /// Those that were tried in vain and wait for another try.
    pub is_late: bool,
    /// Older than this one.
    pub before: Option<MailId>,
}

/// Mails of a portal, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_portal(
    conn: &mut DbConn,
    portal: &str,
    filter: MailFilter,
    limit: i64,
) -> Result<Vec<Mail>, DbError> {
    let mut query =
        mails::table.filter(mails::portal.eq(portal)).select(Mail::as_select()).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(mails::state.eq(state));
    }
    if filter.is_late {
        query = query.filter(mails::attempts.gt(0));
    }
    if let Some(before) = filter.before {
        query = query.filter(mails::id.lt(before));
    }
    Ok(query.order(mails::id.desc()).limit(limit).load(conn)?)
}

/// Lets a mail that was given up, or waits for its next try, go out now; false if it was sent, or
/// is due anyway.
///
/// # Errors
/// Whatever the database says.
pub fn retry(
    conn: &mut DbConn,
    portal: &str,
    id: MailId,
    real_now: UtcTime,
) -> Result<bool, DbError> {
    let stuck = mails::table.find(id).filter(mails::portal.eq(portal)).filter(
        mails::state
            .eq(MailState::Dead)
            .or(mails::state.eq(MailState::Waiting).and(mails::next_attempt_at.gt(real_now))),
    );
    let retried = diesel::update(stuck)
        .set((
            mails::state.eq(MailState::Waiting),
            mails::attempts.eq(0),
            mails::next_attempt_at.eq(real_now),
        ))
        .execute(conn)?;
    Ok(retried == 1)
}
