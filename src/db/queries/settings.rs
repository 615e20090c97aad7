//! Facts about this database itself: whether it holds demo data, how its clock stands.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::schema::settings;

/// The value of a setting.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, name: &str) -> Result<Option<String>, DbError> {
    Ok(settings::table.find(name).select(settings::value).first(conn).optional()?)
}

/// Sets a setting.
///
/// # Errors
/// Whatever the database says.
pub fn set(conn: &mut DbConn, name: &str, value: &str) -> Result<(), DbError> {
    let changed =
        diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(conn)?;
    if changed == 0 {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(name), settings::value.eq(value)))
            .execute(conn)?;
    }
    Ok(())
}
