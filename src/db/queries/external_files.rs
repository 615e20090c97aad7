//! Files that the institution puts out: begun once for each source, written by one attempt,
//! fetched, and gone after their time. Every UPDATE names the state that it leaves.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::savepoint::insert_or_conflict;
use crate::db::{DbConn, DbError};
use crate::domain::external_file::{ExternalFetch, ExternalFile, ExternalKind, ExternalState};
use crate::domain::user::User;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, ExternalFileId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{external_chunks, external_fetches, external_files, external_notices, users};

/// A file that is to be written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = external_files, treat_none_as_default_value = false)]
pub struct NewExternalFile {
    /// The portal's slug.
    pub portal: String,
    /// Whom it is for.
    pub contract_id: Option<ContractId>,
    /// What kind.
    pub kind: ExternalKind,
    /// What it is about.
    pub account_id: Option<AccountId>,
    /// Whose result it is.
    pub bulk_file_id: Option<BulkFileId>,
    /// First day.
    pub from_day: NaiveDate,
    /// Last day.
    pub to_day: NaiveDate,
    /// What it is made of, once.
    pub source: String,
    /// `due`.
    pub state: ExternalState,
    /// As it is saved.
    pub name: String,
    /// Bytes of a record.
    pub record_length: i32,
    /// Who put it out by hand.
    pub staff_name: Option<String>,
    /// Now.
    pub created_at: UtcTime,
}

/// What a file is once all of it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Records.
    pub item_count: i64,
    /// Sum of their amounts.
    pub total: Yen,
    /// Bytes.
    pub byte_count: i64,
    /// SHA-256 in hex.
    pub sha256: String,
    /// The same without line ends.
    pub plain_sha256: String,
    /// What was posted for its records, and what else was; of 仕向 alone.
    pub posted: Option<(Yen, Yen)>,
}

/// Begins a file; nothing where one of this source was begun before.
///
/// # Errors
/// Whatever the database says.
pub fn insert(
    conn: &mut DbConn,
    file: &NewExternalFile,
) -> Result<Option<ExternalFileId>, DbError> {
    let row = diesel::insert_into(external_files::table).values(file.clone());
    let mut id = None;
    insert_or_conflict(conn, |conn| {
        id = Some(row.returning(external_files::id).get_result(conn)?);
        Ok::<_, diesel::result::Error>(())
    })
    .map(|is_new| id.filter(|_| is_new))
}

/// The portal's files that are to be written, from behind `after` on.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(
    conn: &mut DbConn,
    portal: &str,
    after: ExternalFileId,
    limit: i64,
) -> Result<Vec<ExternalFile>, DbError> {
    Ok(external_files::table
        .filter(external_files::portal.eq(portal))
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::id.gt(after))
        .select(ExternalFile::as_select())
        .order(external_files::id)
        .limit(limit)
        .load(conn)?)
}

/// Sets about writing a file, whoever did before. False: somebody else just did, or it is done.
///
/// # Errors
/// Whatever the database says.
pub fn take(conn: &mut DbConn, file: &ExternalFile) -> Result<bool, DbError> {
    let guarded = external_files::table
        .find(file.id)
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::attempt.eq(file.attempt));
    let taken = diesel::update(guarded)
        .set((
            external_files::attempt.eq(external_files::attempt + 1),
            external_files::byte_count.eq(0),
        ))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Writes a piece. False: somebody else has set about writing the file.
///
/// # Errors
/// Whatever the database says, a piece of this number that is there too.
pub fn insert_chunk(
    conn: &mut DbConn,
    (id, attempt): (ExternalFileId, i64),
    no: i64,
    bytes: &[u8],
) -> Result<bool, DbError> {
    let guarded = external_files::table
        .find(id)
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::attempt.eq(attempt));
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let is_held = diesel::update(guarded)
        .set(external_files::byte_count.eq(external_files::byte_count + length))
        .execute(conn)?
        == 1;
    if is_held {
        add_chunk(conn, id, no, bytes)?;
    }
    Ok(is_held)
}

fn add_chunk(conn: &mut DbConn, id: ExternalFileId, no: i64, bytes: &[u8]) -> Result<(), DbError> {
    diesel::insert_into(external_chunks::table)
        .values((
            external_chunks::file_id.eq(id),
            external_chunks::no.eq(no),
            external_chunks::bytes.eq(bytes),
        ))
        .execute(conn)?;
    Ok(())
}

/// All of the file is written: it can be fetched. False: somebody else has set about writing it.
///
/// # Errors
/// Whatever the database says.
pub fn finish(
    conn: &mut DbConn,
    (id, attempt): (ExternalFileId, i64),
    content: &Content,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = external_files::table
        .find(id)
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::attempt.eq(attempt))
        .filter(external_files::byte_count.eq(content.byte_count));
    let finished = diesel::update(guarded)
        .set((
            external_files::state.eq(ExternalState::Ready),
            external_files::item_count.eq(content.item_count),
            external_files::total_yen.eq(content.total),
            external_files::sha256.eq(&content.sha256),
            external_files::plain_sha256.eq(&content.plain_sha256),
            external_files::posted_yen.eq(content.posted.map(|(posted, _)| posted)),
            external_files::other_yen.eq(content.posted.map(|(_, other)| other)),
            external_files::ready_at.eq(Some(now)),
        ))
        .execute(conn)?;
    Ok(finished == 1)
}

/// There was nothing to write. False: somebody else has set about writing it.
///
/// # Errors
/// Whatever the database says.
pub fn finish_empty(
    conn: &mut DbConn,
    (id, attempt): (ExternalFileId, i64),
) -> Result<bool, DbError> {
    let guarded = external_files::table
        .find(id)
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::attempt.eq(attempt));
    let emptied = diesel::update(guarded)
        .set(external_files::state.eq(ExternalState::Empty))
        .execute(conn)?;
    Ok(emptied == 1)
}

/// A piece of a file; nothing behind the last one.
///
/// # Errors
/// Whatever the database says.
pub fn find_chunk(
    conn: &mut DbConn,
    id: ExternalFileId,
    no: i64,
) -> Result<Option<Vec<u8>>, DbError> {
    Ok(external_chunks::table
        .find((id, no))
        .select(external_chunks::bytes)
        .first(conn)
        .optional()?)
}

/// Takes away up to `count` of the last pieces that an earlier attempt has left; how many there
/// were. None: somebody else has set about writing the file, and these may be theirs.
///
/// # Errors
/// Whatever the database says.
pub fn clear(
    conn: &mut DbConn,
    (id, attempt): (ExternalFileId, i64),
    count: i64,
) -> Result<Option<usize>, DbError> {
    let guarded = external_files::table
        .find(id)
        .filter(external_files::state.eq(ExternalState::Due))
        .filter(external_files::attempt.eq(attempt));
    // Nobody can take the file over before this is committed.
    let held = diesel::update(guarded).set(external_files::byte_count.eq(0)).execute(conn)?;
    if held == 1 { delete_chunks(conn, id, count).map(Some) } else { Ok(None) }
}

/// Takes away up to `count` of the last pieces; how many there were.
///
/// # Errors
/// Whatever the database says.
pub fn delete_chunks(conn: &mut DbConn, id: ExternalFileId, count: i64) -> Result<usize, DbError> {
    let of_file = external_chunks::table.filter(external_chunks::file_id.eq(id));
    let last: Option<i64> = of_file
        .select(external_chunks::no)
        .order(external_chunks::no.desc())
        .first(conn)
        .optional()?;
    let Some(last) = last else { return Ok(0) };
    let some = external_chunks::table
        .filter(external_chunks::file_id.eq(id))
        .filter(external_chunks::no.gt(last - count));
    Ok(diesel::delete(some).execute(conn)?)
}

/// Files of a portal whose time is over and whose content is still there.
///
/// # Errors
/// Whatever the database says.
pub fn list_over(
    conn: &mut DbConn,
    portal: &str,
    before: UtcTime,
    limit: i64,
) -> Result<Vec<ExternalFileId>, DbError> {
    use ExternalState::{Expired, Ready};
    let is_over = external_files::ready_at.lt(before).assume_not_null();
    Ok(external_files::table
        .filter(external_files::portal.eq(portal))
        .filter(external_files::state.eq_any([Ready, Expired]))
        .filter(external_files::byte_count.gt(0))
        .filter(is_over)
        .select(external_files::id)
        .order(external_files::id)
        .limit(limit)
        .load(conn)?)
}

/// The time of a file is over: nobody can fetch it any more.
///
/// # Errors
/// Whatever the database says.
pub fn expire(conn: &mut DbConn, id: ExternalFileId, before: UtcTime) -> Result<bool, DbError> {
    use ExternalState::{Expired, Ready};
    let guarded = external_files::table
        .find(id)
        .filter(external_files::state.eq_any([Ready, Expired]))
        .filter(external_files::ready_at.lt(before));
    Ok(diesel::update(guarded).set(external_files::state.eq(Expired)).execute(conn)? == 1)
}

/// All pieces of an expired file are gone.
///
/// # Errors
/// Whatever the database says.
pub fn note_gone(conn: &mut DbConn, id: ExternalFileId) -> Result<(), DbError> {
    let expired =
        external_files::table.find(id).filter(external_files::state.eq(ExternalState::Expired));
    diesel::update(expired).set(external_files::byte_count.eq(0)).execute(conn)?;
    Ok(())
}

/// The file with this id.
///
/// # Errors
/// Not found, or whatever the database says.
pub fn get(conn: &mut DbConn, id: ExternalFileId) -> Result<ExternalFile, DbError> {
    Ok(external_files::table.find(id).select(ExternalFile::as_select()).first(conn)?)
}

/// The portal's file with this id, whomever it is for.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_portal(
    conn: &mut DbConn,
    portal: &str,
    id: ExternalFileId,
) -> Result<Option<ExternalFile>, DbError> {
    Ok(external_files::table
        .find(id)
        .filter(external_files::portal.eq(portal))
        .select(ExternalFile::as_select())
        .first(conn)
        .optional()?)
}

/// The contract's file with this id.
///
/// # Errors
/// Whatever the database says.
pub fn find_of_contract(
    conn: &mut DbConn,
    contract_id: ContractId,
    id: ExternalFileId,
) -> Result<Option<ExternalFile>, DbError> {
    Ok(external_files::table
        .find(id)
        .filter(external_files::contract_id.eq(contract_id))
        .select(ExternalFile::as_select())
        .first(conn)
        .optional()?)
}

/// The result of a bulk file.
///
/// # Errors
/// Whatever the database says.
pub fn find_result(conn: &mut DbConn, id: BulkFileId) -> Result<Option<ExternalFile>, DbError> {
    Ok(external_files::table
        .filter(external_files::bulk_file_id.eq(id))
        .select(ExternalFile::as_select())
        .first(conn)
        .optional()?)
}

/// Which files of a contract are listed.
#[derive(Debug, Clone)]
pub struct ExternalFilter {
    /// Of these kinds.
    pub kinds: Vec<ExternalKind>,
    /// About these accounts, or the whole contract; nothing: about any.
    pub account_ids: Option<Vec<AccountId>>,
    /// Put out since.
    pub since: UtcTime,
    /// Fetched by somebody, or by nobody; nothing: either.
    pub is_fetched: Option<bool>,
    /// Before this one in the list.
    pub before: Option<ExternalFileId>,
}

macro_rules! listed {
    ($contract_id:expr, $filter:expr) => {{
        let filter: &ExternalFilter = $filter;
        let fetched = diesel::dsl::exists(
            external_fetches::table.filter(external_fetches::file_id.eq(external_files::id)),
        );
        let mut found = external_files::table
            .filter(external_files::contract_id.eq($contract_id))
            .filter(external_files::state.eq(ExternalState::Ready))
            .filter(external_files::ready_at.ge(filter.since))
            .filter(external_files::kind.eq_any(filter.kinds.clone()))
            .into_boxed();
        if let Some(ids) = &filter.account_ids {
            let is_theirs = external_files::account_id.eq_any(ids.clone()).assume_not_null();
            found = found.filter(external_files::account_id.is_null().or(is_theirs));
        }
        match filter.is_fetched {
            Some(true) => found = found.filter(fetched),
            Some(false) => found = found.filter(diesel::dsl::not(fetched)),
            None => {}
        }
        if let Some(before) = filter.before {
            found = found.filter(external_files::id.lt(before));
        }
        found
    }};
}

/// A contract's files that can be fetched, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &ExternalFilter,
    limit: i64,
) -> Result<Vec<ExternalFile>, DbError> {
    Ok(listed!(contract_id, filter)
        .select(ExternalFile::as_select())
        .order(external_files::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// How many there are.
///
/// # Errors
/// Whatever the database says.
pub fn count(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &ExternalFilter,
) -> Result<i64, DbError> {
    Ok(listed!(contract_id, filter).count().get_result(conn)?)
}

/// The portal's files, newest first: what goes to other banks, or what is for companies.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_portal(
    conn: &mut DbConn,
    portal: &str,
    is_outgoing: bool,
    before: Option<ExternalFileId>,
    limit: i64,
) -> Result<Vec<ExternalFile>, DbError> {
    let mut found = external_files::table
        .filter(external_files::portal.eq(portal))
        .filter(external_files::state.ne(ExternalState::Empty))
        .into_boxed();
    found = match is_outgoing {
        true => found.filter(external_files::kind.eq(ExternalKind::Outgoing)),
        false => found.filter(external_files::kind.ne(ExternalKind::Outgoing)),
    };
    if let Some(before) = before {
        found = found.filter(external_files::id.lt(before));
    }
    Ok(found
        .select(ExternalFile::as_select())
        .order(external_files::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Writes down who fetched a file.
///
/// # Errors
/// Whatever the database says.
pub fn insert_fetch(
    conn: &mut DbConn,
    id: ExternalFileId,
    (user_id, user_name): (UserId, &str),
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::insert_into(external_fetches::table)
        .values((
            external_fetches::file_id.eq(id),
            external_fetches::user_id.eq(user_id),
            external_fetches::user_name.eq(user_name),
            external_fetches::fetched_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Who fetched these files, the last one first.
///
/// # Errors
/// Whatever the database says.
pub fn list_fetches(
    conn: &mut DbConn,
    ids: &[ExternalFileId],
    limit: i64,
) -> Result<Vec<ExternalFetch>, DbError> {
    Ok(external_fetches::table
        .filter(external_fetches::file_id.eq_any(ids.to_vec()))
        .select(ExternalFetch::as_select())
        .order(external_fetches::id.desc())
        .limit(limit)
        .load(conn)?)
}

/// Notes that a user is told of files on this day. False: they were told before.
///
/// # Errors
/// Whatever the database says.
pub fn insert_notice(
    conn: &mut DbConn,
    user_id: UserId,
    on_day: NaiveDate,
) -> Result<bool, DbError> {
    let row = diesel::insert_into(external_notices::table)
        .values((external_notices::user_id.eq(user_id), external_notices::on_day.eq(on_day)));
    insert_or_conflict(conn, |conn| row.execute(conn))
}

/// Users of a contract who have a mail address and may log in.
///
/// # Errors
/// Whatever the database says.
pub fn list_readers(
    conn: &mut DbConn,
    contract_id: ContractId,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    Ok(users::table
        .filter(users::contract_id.eq(contract_id))
        .filter(users::deleted_at.is_null())
        .filter(users::stopped_at.is_null())
        .filter(users::mail_address.is_not_null())
        .select(User::as_select())
        .order(users::id)
        .limit(limit)
        .load(conn)?)
}

/// Forgets who was told before this day.
///
/// # Errors
/// Whatever the database says.
pub fn delete_notices_before(conn: &mut DbConn, day: NaiveDate) -> Result<usize, DbError> {
    Ok(diesel::delete(external_notices::table.filter(external_notices::on_day.lt(day)))
        .execute(conn)?)
}

/// Writes a file that is there at once, with its pieces; nothing where one of this source is there.
///
/// # Errors
/// Whatever the database says.
pub fn insert_whole(
    conn: &mut DbConn,
    file: &NewExternalFile,
    (content, pieces): (&Content, &[Vec<u8>]),
    ready_at: NaiveDateTime,
) -> Result<Option<ExternalFileId>, DbError> {
    let Some(id) = insert(conn, file)? else { return Ok(None) };
    let row = external_files::table.find(id);
    diesel::update(row).set(external_files::byte_count.eq(content.byte_count)).execute(conn)?;
    for (no, bytes) in (0..).zip(pieces) {
        add_chunk(conn, id, no, bytes)?;
    }
    finish(conn, (id, 0), content, ready_at)?;
    Ok(Some(id))
}
