//! Multi-step forms kept on the server.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::prepared::update_one;
use crate::db::{DbConn, DbError};
use crate::domain::flow::{Flow, FlowOperation, FlowStep};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, TokenId, UserId};
use crate::schema::flows;

/// A flow to be begun.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = flows)]
pub struct NewFlow {
    /// Unguessable id.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose.
    pub user_id: UserId,
    /// The login that carries it.
    pub login_id: String,
    /// What it leads to.
    pub operation: FlowOperation,
    /// The first step.
    pub step: FlowStep,
    /// The user's token now.
    pub token_id: Option<TokenId>,
    /// Now.
    pub created_at: UtcTime,
    /// End of the identification.
    pub expires_at: UtcTime,
}

/// Begins a flow.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, flow: NewFlow) -> Result<(), DbError> {
    diesel::insert_into(flows::table).values(flow).execute(conn)?;
    Ok(())
}

/// The flow with this id that this login carries; nothing for anybody else's.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    portal: &str,
    id: &str,
    login_id: &str,
) -> Result<Option<Flow>, DbError> {
    Ok(native!(conn, conn => flows::table
        .find(id)
        .filter(flows::portal.eq(portal))
        .filter(flows::login_id.eq(login_id))
        .select(Flow::as_select())
        .first(conn))
    .optional()?)
}

/// Moves the flow only if it still stands at `from`; keeps what was proven when, and until when it
/// may go on.
///
/// # Errors
/// Whatever the database says.
pub fn update_step(
    conn: &mut DbConn,
    id: &str,
    from: FlowStep,
    to: FlowStep,
    proven_at: Option<UtcTime>,
    expires_at: UtcTime,
) -> Result<bool, DbError> {
    let guarded = flows::table.find(id).filter(flows::step.eq(from));
    let step = diesel::update(guarded).set((
        flows::step.eq(to),
        flows::proven_at.eq(proven_at),
        flows::expires_at.eq(expires_at),
    ));
    Ok(update_one!(conn, step)?)
}

/// Moves the flow only if it still stands at `from`, with what was typed so far.
///
/// # Errors
/// Whatever the database says.
pub fn update_draft(
    conn: &mut DbConn,
    id: &str,
    from: FlowStep,
    to: FlowStep,
    draft: &str,
) -> Result<bool, DbError> {
    let guarded = flows::table.find(id).filter(flows::step.eq(from));
    let step = diesel::update(guarded).set((flows::step.eq(to), flows::draft.eq(draft)));
    Ok(update_one!(conn, step)?)
}

/// Puts another draft into the flow only if it still stands where it was read, with the draft that
/// was read, or with this one already.
///
/// # Errors
/// Whatever the database says.
pub fn replace_draft(conn: &mut DbConn, flow: &Flow, draft: &str) -> Result<bool, DbError> {
    let guarded = flows::table
        .find(&flow.id)
        .filter(flows::step.eq(flow.step))
        .filter(flows::draft.eq(&flow.draft).or(flows::draft.eq(draft)));
    let replaced = diesel::update(guarded).set(flows::draft.eq(draft));
    Ok(update_one!(conn, replaced)?)
}

/// The newest flow of a user that is still open at `now`, whichever login carries it.
///
/// # Errors
/// Whatever the database says.
pub fn find_open(
    conn: &mut DbConn,
    portal: &str,
    user_id: UserId,
    now: UtcTime,
) -> Result<Option<Flow>, DbError> {
    Ok(flows::table
        .filter(flows::user_id.eq(user_id))
        .filter(flows::portal.eq(portal))
        .filter(flows::step.ne_all([FlowStep::Done, FlowStep::Ended]))
        .filter(flows::expires_at.gt(now))
        .order(flows::created_at.desc())
        .select(Flow::as_select())
        .first(conn)
        .optional()?)
}

/// Lets another login carry the flow, only if it is open and `from` still carries it.
///
/// # Errors
/// Whatever the database says.
pub fn update_login(conn: &mut DbConn, id: &str, from: &str, to: &str) -> Result<bool, DbError> {
    let guarded = flows::table
        .find(id)
        .filter(flows::login_id.eq(from))
        .filter(flows::step.ne_all([FlowStep::Done, FlowStep::Ended]));
    Ok(diesel::update(guarded).set(flows::login_id.eq(to)).execute(conn)? == 1)
}

/// Ends the flow with its receipt only if it still stands at `from`.
///
/// # Errors
/// Whatever the database says.
pub fn finish(
    conn: &mut DbConn,
    id: &str,
    from: FlowStep,
    receipt_id: ReceiptId,
) -> Result<bool, DbError> {
    let guarded = flows::table.find(id).filter(flows::step.eq(from));
    let done = diesel::update(guarded)
        .set((flows::step.eq(FlowStep::Done), flows::receipt_id.eq(receipt_id)));
    Ok(update_one!(conn, done)?)
}

/// [`finish`] at the check step, only if the draft is still the one that was confirmed.
///
/// # Errors
/// Whatever the database says.
pub fn finish_draft(
    conn: &mut DbConn,
    flow: &Flow,
    receipt_id: ReceiptId,
) -> Result<bool, DbError> {
    let guarded = flows::table
        .find(&flow.id)
        .filter(flows::step.eq(FlowStep::Confirm))
        .filter(flows::draft.eq(&flow.draft));
    let done = diesel::update(guarded)
        .set((flows::step.eq(FlowStep::Done), flows::receipt_id.eq(receipt_id)));
    Ok(update_one!(conn, done)?)
}

/// Claims one more wrong serial or code; false once the attempt has had `max` of them.
///
/// # Errors
/// Whatever the database says.
pub fn claim_failure(conn: &mut DbConn, id: &str, max: i32) -> Result<bool, DbError> {
    let guarded = flows::table
        .find(id)
        .filter(flows::step.ne_all([FlowStep::Done, FlowStep::Ended]))
        .filter(flows::failures.lt(max));
    let claimed =
        diesel::update(guarded).set(flows::failures.eq(flows::failures + 1)).execute(conn)?;
    Ok(claimed == 1)
}

/// Ends every open flow of a user, but for `except`.
///
/// # Errors
/// Whatever the database says.
pub fn end_of_user(conn: &mut DbConn, user_id: UserId, except: &str) -> Result<usize, DbError> {
    let open = flows::table
        .filter(flows::user_id.eq(user_id))
        .filter(flows::id.ne(except))
        .filter(flows::step.ne_all([FlowStep::Done, FlowStep::Ended]));
    Ok(diesel::update(open).set(flows::step.eq(FlowStep::Ended)).execute(conn)?)
}

/// Forgets flows that nobody can reach any more.
///
/// # Errors
/// Whatever the database says.
pub fn delete_before(conn: &mut DbConn, before: UtcTime) -> Result<usize, DbError> {
    Ok(diesel::delete(flows::table.filter(flows::expires_at.lt(before))).execute(conn)?)
}
