//! Limits of customers, and the one rise that waits.

use diesel::prelude::*;

use crate::db::connection::native;
use crate::db::{DbConn, DbError};
use crate::domain::limit::{CustomerLimits, LimitService, LimitSet};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::User;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{limits, tokens, users};

/// The amounts of a set, by column.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = limits, treat_none_as_null = true)]
struct OwnColumns {
    transfer_per_transaction_yen: Option<Yen>,
    transfer_daily_yen: Option<Yen>,
    pay_easy_per_transaction_yen: Option<Yen>,
    pay_easy_daily_yen: Option<Yen>,
    files_per_transaction_yen: Option<Yen>,
    files_daily_yen: Option<Yen>,
}

impl OwnColumns {
    fn of(set: &LimitSet) -> OwnColumns {
        let [transfer, pay_easy, files] = pairs(set);
        OwnColumns {
            transfer_per_transaction_yen: transfer.map(|of| of.0),
            transfer_daily_yen: transfer.map(|of| of.1),
            pay_easy_per_transaction_yen: pay_easy.map(|of| of.0),
            pay_easy_daily_yen: pay_easy.map(|of| of.1),
            files_per_transaction_yen: files.map(|of| of.0),
            files_daily_yen: files.map(|of| of.1),
        }
    }
}

/// The columns of the rise that waits.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = limits, treat_none_as_null = true)]
struct RiseColumns {
    rise_transfer_per_transaction_yen: Option<Yen>,
    rise_transfer_daily_yen: Option<Yen>,
    rise_pay_easy_per_transaction_yen: Option<Yen>,
    rise_pay_easy_daily_yen: Option<Yen>,
    rise_files_per_transaction_yen: Option<Yen>,
    rise_files_daily_yen: Option<Yen>,
    rise_requested_at: Option<UtcTime>,
    rise_at: Option<UtcTime>,
}

impl RiseColumns {
    fn of(rise: &NewRise<'_>) -> RiseColumns {
        let [transfer, pay_easy, files] = pairs(rise.to);
        RiseColumns {
            rise_transfer_per_transaction_yen: transfer.map(|of| of.0),
            rise_transfer_daily_yen: transfer.map(|of| of.1),
            rise_pay_easy_per_transaction_yen: pay_easy.map(|of| of.0),
            rise_pay_easy_daily_yen: pay_easy.map(|of| of.1),
            rise_files_per_transaction_yen: files.map(|of| of.0),
            rise_files_daily_yen: files.map(|of| of.1),
            rise_requested_at: Some(rise.requested_at),
            rise_at: Some(rise.takes_effect_at),
        }
    }
}

type Pair = Option<(Yen, Yen)>;

fn pairs(set: &LimitSet) -> [Pair; 3] {
    let of = |service| set.get(&service).map(|one| (one.per_transaction, one.daily));
    [LimitService::Transfer, LimitService::PayEasy, LimitService::Files].map(of)
}

/// A rise to be put down.
#[derive(Debug, Clone, Copy)]
pub struct NewRise<'a> {
    /// What holds then.
    pub to: &'a LimitSet,
    /// Now.
    pub requested_at: UtcTime,
    /// From when it holds.
    pub takes_effect_at: UtcTime,
}

/// The limits of a contract; an empty row for one that never changed any.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, contract_id: ContractId) -> Result<CustomerLimits, DbError> {
    let found = native!(conn, conn => limits::table
        .find(contract_id)
        .select(CustomerLimits::as_select())
        .first(conn))
    .optional()?;
    Ok(found.unwrap_or_default())
}

/// Makes the contract's row if there is none.
///
/// # Errors
/// Whatever the database says.
pub fn ensure(conn: &mut DbConn, portal: &str, contract_id: ContractId) -> Result<(), DbError> {
    let none = diesel::insert_into(limits::table)
        .values((limits::contract_id.eq(contract_id), limits::portal.eq(portal)))
        .on_conflict_do_nothing();
    native!(conn, conn => none.execute(conn))?;
    Ok(())
}

/// Sets the own amounts and takes a waiting rise away; only if nobody changed anything since
/// `version`.
///
/// # Errors
/// Whatever the database says.
pub fn update_own(
    conn: &mut DbConn,
    contract_id: ContractId,
    version: i64,
    own: &LimitSet,
) -> Result<bool, DbError> {
    let guarded = limits::table.find(contract_id).filter(limits::version.eq(version));
    let next = limits::version.eq(limits::version + 1);
    let columns = (OwnColumns::of(own), RiseColumns::default(), next);
    Ok(diesel::update(guarded).set(columns).execute(conn)? == 1)
}

/// Sets the own amounts and lets a rise wait; only if none waits already, and nobody changed
/// anything since `version`.
///
/// # Errors
/// Whatever the database says.
pub fn request_rise(
    conn: &mut DbConn,
    contract_id: ContractId,
    version: i64,
    own: &LimitSet,
    rise: NewRise<'_>,
) -> Result<bool, DbError> {
    let guarded = limits::table
        .find(contract_id)
        .filter(limits::version.eq(version))
        .filter(limits::rise_at.is_null());
    let next = limits::version.eq(limits::version + 1);
    let columns = (OwnColumns::of(own), RiseColumns::of(&rise), next);
    Ok(diesel::update(guarded).set(columns).execute(conn)? == 1)
}

/// Takes a rise away that waits; false if none does, or its time has come.
///
/// # Errors
/// Whatever the database says.
pub fn cancel_rise(
    conn: &mut DbConn,
    contract_id: ContractId,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = limits::table.find(contract_id).filter(limits::rise_at.gt(now));
    let next = limits::version.eq(limits::version + 1);
    Ok(diesel::update(guarded).set((RiseColumns::default(), next)).execute(conn)? == 1)
}

/// Writes a rise down whose time has come; false if it is written down, cancelled, or still waits.
///
/// # Errors
/// Whatever the database says.
pub fn settle_rise(
    conn: &mut DbConn,
    contract_id: ContractId,
    version: i64,
    own: &LimitSet,
    now: UtcTime,
) -> Result<bool, DbError> {
    let guarded = limits::table
        .find(contract_id)
        .filter(limits::version.eq(version))
        .filter(limits::rise_at.le(now));
    let next = limits::version.eq(limits::version + 1);
    let columns = (OwnColumns::of(own), RiseColumns::default(), next);
    Ok(diesel::update(guarded).set(columns).execute(conn)? == 1)
}

/// The portal's users with a rise whose time has come, in order of id, from the one after `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_due(
    conn: &mut DbConn,
    portal: &str,
    now: UtcTime,
    after: UserId,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    Ok(limits::table
        .inner_join(users::table.on(users::contract_id.eq(limits::contract_id)))
        .filter(limits::portal.eq(portal))
        .filter(limits::rise_at.le(now))
        .filter(users::id.gt(after))
        .select(User::as_select())
        .order(users::id)
        .limit(limit)
        .load(conn)?)
}

/// The portal's users whose token has expired while a rise waits, or own limits are above `most`,
/// in order of id, from the one after `after`.
///
/// # Errors
/// Whatever the database says.
pub fn list_expired(
    conn: &mut DbConn,
    portal: &str,
    now: UtcTime,
    most: Yen,
    after: UserId,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let is_high = limits::transfer_daily_yen.gt(most).or(limits::pay_easy_daily_yen.gt(most));
    Ok(limits::table
        .inner_join(users::table.on(users::contract_id.eq(limits::contract_id)))
        .inner_join(tokens::table.on(users::token_id.eq(tokens::id.nullable())))
        .filter(limits::portal.eq(portal))
        .filter(users::token_status.eq(StoredTokenStatus::InUse))
        .filter(tokens::expires_at.le(now))
        .filter(limits::rise_at.is_not_null().nullable().or(is_high))
        .filter(users::id.gt(after))
        .select(User::as_select())
        .order(users::id)
        .limit(limit)
        .load(conn)?)
}

/// Sets what the customer applied for; only if nobody changed anything since `version`.
///
/// # Errors
/// Whatever the database says.
pub fn update_applied(
    conn: &mut DbConn,
    contract_id: ContractId,
    version: i64,
    service: LimitService,
    applied: Yen,
) -> Result<bool, DbError> {
    let guarded = limits::table.find(contract_id).filter(limits::version.eq(version));
    let next = limits::version.eq(limits::version + 1);
    let changed = match service {
        LimitService::Transfer => {
            let column = limits::transfer_applied_yen.eq(applied);
            diesel::update(guarded).set((column, next)).execute(conn)?
        }
        LimitService::PayEasy => {
            let column = limits::pay_easy_applied_yen.eq(applied);
            diesel::update(guarded).set((column, next)).execute(conn)?
        }
        LimitService::Files => {
            let column = limits::files_applied_yen.eq(applied);
            diesel::update(guarded).set((column, next)).execute(conn)?
        }
    };
    Ok(changed == 1)
}
