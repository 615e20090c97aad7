//! One page of a contract's users: filters, search, order, and how many there are in all.
//!
//! It costs about the same whether the contract has fifty users or five thousand: each order and
//! each filter has its index, the number of users is kept with the contract, and what a filter
//! leaves is only counted as far as anybody would turn pages.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Text};

use crate::db::queries::members::{self, columns, standing};
use crate::db::{DbConn, DbError};
use crate::domain::member::{Member, MemberState};
use crate::domain::user::Role;
use crate::primitives::ids::ContractId;
use crate::schema::{tokens, users};

/// As far as those are counted whom a filter leaves.
pub const COUNTED_MAX: i64 = 1_000;

diesel::define_sql_function! {
    /// Lower case.
    fn lower(text: Text) -> Text;
}

/// Which users a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Part of the login id or the name.
    pub text: Option<String>,
    /// Only those whose token is suspended, or is not.
    pub is_suspended: Option<bool>,
    /// Only those of this 利用者区分.
    pub role: Option<Role>,
    /// Only those who stand so.
    pub state: Option<MemberState>,
    /// In order of name instead of login id.
    pub is_by_name: bool,
}

impl MemberFilter {
    /// Whether it can leave out anybody.
    fn narrows(&self) -> bool {
        self.text.is_some()
            || self.is_suspended.is_some()
            || self.role.is_some()
            || self.state.is_some()
    }
}

/// How many, and where from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOf {
    /// Lines a page.
    pub size: i64,
    /// Page from zero.
    pub page: i64,
}

/// How many lines a list has in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exact(i64),
    /// So many, which is as far as was counted, or more. A page that shows some has one after it.
    AtLeast(i64),
}

/// What of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slice {
    skip: i64,
    take: i64,
    /// Counted from the end of the list, and read towards its beginning.
    is_reversed: bool,
}

impl Slice {
    /// The page of a list of so many lines, from whichever end is nearer.
    fn of(page: PageOf, total: i64) -> Slice {
        let start = page.page * page.size;
        let end = (start + page.size).min(total);
        let is_reversed = total - end < start;
        let skip = if is_reversed { total - end } else { start };
        Slice { skip, take: (end - start).max(0), is_reversed }
    }
}

/// Whose users, and which.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    contract_id: ContractId,
    filter: &'a MemberFilter,
    failures_max: i32,
}

/// How many rows a query has, without their being sent.
#[derive(QueryId)]
struct Counted<Q>(Q);

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, C> RunQueryDsl<C> for Counted<Q> {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}

/// Whether a column has the pattern, in whatever case. SQLite's LIKE looks at no case of ASCII
/// letters, and by itself takes a third of the time.
macro_rules! sqlite_like {
    ($column:expr, $pattern:expr) => {
        $column.like($pattern).escape('\\')
    };
}

/// The same on PostgreSQL, whose ILIKE takes half as long again as this.
macro_rules! postgres_like {
    ($column:expr, $pattern:expr) => {
        lower($column).like(lower($pattern)).escape('\\')
    };
}

/// The users of a contract that a filter leaves, but for what it says about their tokens.
macro_rules! narrowed {
    ($query:expr, $like:ident, $wanted:expr) => {{
        let filter = $wanted.filter;
        let mut query = $query
            .filter(users::contract_id.eq($wanted.contract_id))
            .filter(users::deleted_at.is_null());
        if let Some(text) = &filter.text {
            let pattern = format!("%{}%", escaped(text));
            let in_name = $like!(users::name, pattern.clone());
            // Ids are half-width, so that nothing else can be a part of one.
            query = if text.is_ascii() {
                query.filter($like!(users::login_id, pattern).or(in_name))
            } else {
                query.filter(in_name)
            };
        }
        if let Some(role) = filter.role {
            query = query.filter(users::role.eq(role));
        }
        if let Some(state) = filter.state {
            query = query.filter(standing().eq(state));
        }
        query
    }};
}

/// Those whose token is suspended or is not, of a query over users and their tokens.
macro_rules! suspended {
    ($query:expr, $wanted:expr, $is_suspended:expr) => {{
        let is_suspended = tokens::suspended_at
            .nullable()
            .is_not_null()
            .or(tokens::failures.nullable().ge($wanted.failures_max).assume_not_null());
        if $is_suspended {
            $query.filter(tokens::id.nullable().is_not_null().and(is_suspended))
        } else {
            $query.filter(tokens::id.nullable().is_null().or(diesel::dsl::not(is_suspended)))
        }
    }};
}

/// The query in the order of the list, or in the opposite one.
macro_rules! ordered {
    ($query:expr, $wanted:expr, $slice:expr) => {
        match ($wanted.filter.is_by_name, $slice.is_reversed) {
            (false, false) => $query.order(users::login_id),
            (true, false) => $query.order((users::name, users::login_id)),
            (false, true) => $query.order(users::login_id.desc()),
            (true, true) => $query.order((users::name.desc(), users::login_id.desc())),
        }
    };
}

/// Users with their tokens.
macro_rules! with_tokens {
    ($columns:expr) => {
        users::table
            .left_join(tokens::table.on(users::token_id.eq(tokens::id.nullable())))
            .select($columns)
            .into_boxed()
    };
}

/// Reads a slice. What only has to be passed over, or does not fit, is looked at in the index: with
/// the tokens in the query, or more columns than the index has, each line costs several times that.
macro_rules! slice_of {
    ($conn:expr, $like:ident, $wanted:expr, $slice:expr) => {{
        let filter = $wanted.filter;
        let rows = with_tokens!(columns!());
        let rows = match filter.is_suspended {
            Some(is) => suspended!(narrowed!(rows, $like, $wanted), $wanted, is)
                .limit($slice.take)
                .offset($slice.skip),
            None if $slice.skip == 0 && filter.text.is_none() => {
                narrowed!(rows, $like, $wanted).limit($slice.take)
            }
            None => {
                let ids = narrowed!(users::table.select(users::id).into_boxed(), $like, $wanted);
                let ids = ordered!(ids, $wanted, $slice).limit($slice.take).offset($slice.skip);
                rows.filter(users::id.eq_any(ids))
            }
        };
        ordered!(rows, $wanted, $slice).load($conn)?
    }};
}

/// Counts those whom the filter leaves, at most [`COUNTED_MAX`].
macro_rules! count_of {
    ($conn:expr, $like:ident, $wanted:expr) => {{
        let one = diesel::dsl::sql::<Integer>("1");
        match $wanted.filter.is_suspended {
            Some(is) => {
                let rows = narrowed!(with_tokens!(one), $like, $wanted);
                Counted(suspended!(rows, $wanted, is).limit(COUNTED_MAX)).get_result($conn)?
            }
            None => {
                let rows = narrowed!(users::table.select(one).into_boxed(), $like, $wanted);
                Counted(rows.limit(COUNTED_MAX)).get_result($conn)?
            }
        }
    }};
}

/// One page of a contract's users, and how many there are in all.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    contract_id: ContractId,
    filter: &MemberFilter,
    failures_max: i32,
    page: PageOf,
) -> Result<(Vec<Member>, Total), DbError> {
    let wanted = Wanted { contract_id, filter, failures_max };
    if filter.narrows() {
        narrowed_page(conn, wanted, page)
    } else {
        whole_page(conn, wanted, page)
    }
}

/// A page of all users, whose number is known.
fn whole_page(
    conn: &mut DbConn,
    wanted: Wanted<'_>,
    page: PageOf,
) -> Result<(Vec<Member>, Total), DbError> {
    let total = members::count(conn, wanted.contract_id)?;
    let slice = Slice::of(page, total);
    if slice.take == 0 {
        return Ok((Vec::new(), Total::Exact(total)));
    }
    let mut members = read(conn, wanted, slice)?;
    if slice.is_reversed {
        members.reverse();
    }
    Ok((members, Total::Exact(total)))
}

/// A page of those whom the filter leaves. A list that ends on the page needs no counting, since
/// the page itself has looked at every user.
fn narrowed_page(
    conn: &mut DbConn,
    wanted: Wanted<'_>,
    page: PageOf,
) -> Result<(Vec<Member>, Total), DbError> {
    let start = page.page * page.size;
    let slice = Slice { skip: start, take: page.size + 1, is_reversed: false };
    let mut members = read(conn, wanted, slice)?;
    let found = i64::try_from(members.len()).unwrap_or(i64::MAX);
    if found <= page.size && (found > 0 || start == 0) {
        return Ok((members, Total::Exact(start + found)));
    }
    members.truncate(usize::try_from(page.size).unwrap_or(usize::MAX));
    let total = match start + found {
        known if found > 0 && known >= COUNTED_MAX => COUNTED_MAX,
        _ => count_some(conn, wanted)?,
    };
    let is_all = total < COUNTED_MAX;
    Ok((members, if is_all { Total::Exact(total) } else { Total::AtLeast(total) }))
}

fn read(conn: &mut DbConn, wanted: Wanted<'_>, slice: Slice) -> Result<Vec<Member>, DbError> {
    Ok(match conn {
        DbConn::Sqlite(conn) => slice_of!(conn, sqlite_like, wanted, slice),
        DbConn::Postgres(conn) => slice_of!(conn, postgres_like, wanted, slice),
    })
}

fn count_some(conn: &mut DbConn, wanted: Wanted<'_>) -> Result<i64, DbError> {
    Ok(match conn {
        DbConn::Sqlite(conn) => count_of!(conn, sqlite_like, wanted),
        DbConn::Postgres(conn) => count_of!(conn, postgres_like, wanted),
    })
}

/// The wildcards of LIKE stand for themselves.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(escaped(r"a%b_c\d"), r"a\%b\_c\\d");
    }

    #[test]
    fn a_page_is_read_from_the_nearer_end() {
        let slice = |page, total| {
            let slice = Slice::of(PageOf { size: 50, page }, total);
            (slice.skip, slice.take, slice.is_reversed)
        };
        assert_eq!(slice(0, 0), (0, 0, false));
        assert_eq!(slice(0, 30), (0, 30, false));
        assert_eq!(slice(1, 100), (0, 50, true));
        assert_eq!(slice(49, 5_000), (2_450, 50, false));
        assert_eq!(slice(50, 5_000), (2_450, 50, true));
        assert_eq!(slice(99, 4_951), (0, 1, true));
        // There is no such page.
        assert_eq!(slice(2, 100).1, 0);
        assert_eq!(slice(99_999, 100).1, 0);
    }
}
