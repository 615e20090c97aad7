//! Applications: what a contract was opened with.

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::primitives::ids::{ContractId, StaffId};
use crate::schema::opening::applications;

/// An application.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub struct Application {
    /// What was opened.
    pub contract_id: ContractId,
    /// The holder in half-width kana.
    pub name_kana: String,
    /// 申込書番号.
    pub form_number: String,
    /// Who wrote it down.
    pub opened_by: StaffId,
}

/// Keeps an application.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, application: Application) -> Result<(), DbError> {
    diesel::insert_into(applications::table).values(application).execute(conn)?;
    Ok(())
}

/// The application of a contract, where it was opened in the console.
///
/// # Errors
/// Whatever the database says.
pub fn find(conn: &mut DbConn, contract_id: ContractId) -> Result<Option<Application>, DbError> {
    Ok(applications::table
        .find(contract_id)
        .select(Application::as_select())
        .first(conn)
        .optional()?)
}
