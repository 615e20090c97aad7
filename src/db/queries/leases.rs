//! Leases: one holder at a time for what must run once. They live on the machine's real clock.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::clock::UtcTime;
use crate::schema::leases;

/// Takes or renews the lease; false while somebody else holds it.
///
/// # Errors
/// Whatever the database says.
pub fn take(
    conn: &mut DbConn,
    name: &str,
    holder: &str,
    real_now: UtcTime,
    until: UtcTime,
) -> Result<bool, DbError> {
    let free = leases::table
        .find(name)
        .filter(leases::holder.eq(holder).or(leases::held_until.le(real_now)));
    let taken = diesel::update(free)
        .set((leases::holder.eq(holder), leases::held_until.eq(until)))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Gives the lease back, so that another process need not wait for its end.
///
/// # Errors
/// Whatever the database says.
pub fn give_back(
    conn: &mut DbConn,
    name: &str,
    holder: &str,
    real_now: UtcTime,
) -> Result<(), DbError> {
    let own = leases::table.find(name).filter(leases::holder.eq(holder));
    diesel::update(own).set(leases::held_until.eq(real_now)).execute(conn)?;
    Ok(())
}
