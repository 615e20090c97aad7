//! What staff did or asked for.

use diesel::prelude::*;

use crate::db::{DbConn, DbError, insert_or_conflict};
use crate::domain::staff_request::{RequestState, StaffAct, StaffRequest};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{StaffId, StaffRequestId, TokenId, UserId};
use crate::schema::{staff_members, staff_requests, users};

/// Longest result kept, in characters (CHECK of the table).
const RESULT_LENGTH_MAX: usize = 500;

/// A request to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = staff_requests)]
pub struct NewStaffRequest {
    /// The portal's slug.
    pub portal: String,
    /// Which act.
    pub kind: StaffAct,
    /// On whom.
    pub user_id: Option<UserId>,
    /// On which token.
    pub token_id: Option<TokenId>,
    /// Form number or reason.
    pub note: String,
    /// What else the act needs.
    pub payload: String,
    /// The form's key.
    pub request_key: String,
    /// Keyed digest of the form.
    pub payload_digest: String,
    /// Who makes it.
    pub maker_id: StaffId,
    /// Now.
    pub made_at: UtcTime,
    /// Waiting or done.
    pub state: RequestState,
    /// What came of it.
    pub result: String,
}

/// Writes a request down; false if its key is there already, or the same is waiting.
///
/// # Errors
/// Whatever the database says beside that.
pub fn insert(conn: &mut DbConn, request: &NewStaffRequest) -> Result<bool, DbError> {
    insert_or_conflict(conn, |conn| {
        diesel::insert_into(staff_requests::table).values(request.clone()).execute(conn)
    })
}

/// The request of a form's key.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_key(conn: &mut DbConn, key: &str) -> Result<Option<StaffRequest>, DbError> {
    Ok(staff_requests::table
        .filter(staff_requests::request_key.eq(key))
        .select(StaffRequest::as_select())
        .first(conn)
        .optional()?)
}

/// The portal's request with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    portal: &str,
    id: StaffRequestId,
) -> Result<Option<StaffRequest>, DbError> {
    Ok(staff_requests::table
        .find(id)
        .filter(staff_requests::portal.eq(portal))
        .select(StaffRequest::as_select())
        .first(conn)
        .optional()?)
}

/// The request of this kind that waits for a user.
///
/// # Errors
/// Whatever the database says.
pub fn find_waiting(
    conn: &mut DbConn,
    kind: StaffAct,
    user_id: UserId,
) -> Result<Option<StaffRequestId>, DbError> {
    Ok(staff_requests::table
        .filter(staff_requests::user_id.eq(user_id))
        .filter(staff_requests::kind.eq(kind))
        .filter(staff_requests::state.eq(RequestState::Waiting))
        .select(staff_requests::id)
        .first(conn)
        .optional()?)
}

/// How somebody decides a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: StaffId,
    /// Whether it has to be the maker (to withdraw), or must not be.
    pub is_maker: bool,
    /// Approved, refused or withdrawn.
    pub to: RequestState,
    /// Now.
    pub at: UtcTime,
}

/// Decides a request, only while it waits and only by somebody else than its maker (by the maker,
/// where it is withdrawn). False: somebody was faster, or it is the wrong person.
///
/// # Errors
/// Whatever the database says.
pub fn decide(
    conn: &mut DbConn,
    portal: &str,
    id: StaffRequestId,
    decision: Decision,
) -> Result<bool, DbError> {
    let waiting = staff_requests::table
        .find(id)
        .filter(staff_requests::portal.eq(portal))
        .filter(staff_requests::state.eq(RequestState::Waiting));
    let values = (
        staff_requests::state.eq(decision.to),
        staff_requests::decider_id.eq(decision.by),
        staff_requests::decided_at.eq(decision.at),
    );
    let decided = if decision.is_maker {
        let own = waiting.filter(staff_requests::maker_id.eq(decision.by));
        diesel::update(own).set(values).execute(conn)?
    } else {
        let others = waiting.filter(staff_requests::maker_id.ne(decision.by));
        diesel::update(others).set(values).execute(conn)?
    };
    Ok(decided == 1)
}

/// Writes down what came of a request that was decided just now.
///
/// # Errors
/// Whatever the database says.
pub fn set_result(
    conn: &mut DbConn,
    id: StaffRequestId,
    state: RequestState,
    result: &str,
) -> Result<(), DbError> {
    let result: String = result.chars().take(RESULT_LENGTH_MAX).collect();
    diesel::update(staff_requests::table.find(id))
        .set((staff_requests::state.eq(state), staff_requests::result.eq(result)))
        .execute(conn)?;
    Ok(())
}

/// A request as lists show it: with the names of maker and decider, and of the user.
#[derive(Debug, Clone)]
pub struct ListedRequest {
    /// The request.
    pub request: StaffRequest,
    /// Who made it.
    pub maker: String,
    /// Who decided.
    pub decider: Option<String>,
    /// Login id and name of the user.
    pub user: Option<(String, String)>,
}

/// Which requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// In this state only.
    pub state: Option<RequestState>,
    /// Of this user only.
    pub user_id: Option<UserId>,
    /// Older than this one.
    pub before: Option<StaffRequestId>,
}

type ListRow = (StaffRequest, String, Option<String>, Option<String>, Option<String>);

/// Requests of a portal, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    portal: &str,
    filter: Filter,
    limit: i64,
) -> Result<Vec<ListedRequest>, DbError> {
    let decider = diesel::alias!(staff_members as decider);
    let mut query = staff_requests::table
        .inner_join(staff_members::table.on(staff_members::id.eq(staff_requests::maker_id)))
        .left_join(
            decider.on(decider.field(staff_members::id).nullable().eq(staff_requests::decider_id)),
        )
        .left_join(users::table.on(users::id.nullable().eq(staff_requests::user_id)))
        .filter(staff_requests::portal.eq(portal))
        .select((
            StaffRequest::as_select(),
            staff_members::name,
            decider.field(staff_members::name).nullable(),
            users::login_id.nullable(),
            users::name.nullable(),
        ))
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(staff_requests::state.eq(state));
    }
    if let Some(user_id) = filter.user_id {
        query = query.filter(staff_requests::user_id.eq(user_id));
    }
    if let Some(before) = filter.before {
        query = query.filter(staff_requests::id.lt(before));
    }
    let rows: Vec<ListRow> = query.order(staff_requests::id.desc()).limit(limit).load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(request, maker, decider, login_id, name)| ListedRequest {
            request,
            maker,
            decider,
            user: login_id.zip(name),
        })
        .collect())
}
