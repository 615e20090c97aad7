//! Payees of the demo's contracts.

use chrono::TimeDelta;

use super::people::{self, DemoContract, DemoPayee};
use crate::db::queries::demo::DemoRows;
use crate::db::queries::payees::{self, NewPayee};
use crate::db::{DbConn, DbError};
use crate::domain::payee::PayeeState;
use crate::operations::{OperationError, Services};
use crate::primitives::ids::{ContractId, UserId};

/// Registered before any of them was paid.
const REGISTERED_DAYS_AGO: i64 = 120;

/// The payees of the contracts in `rows`, whose users register them.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn rows(services: &Services, rows: &DemoRows) -> Result<Vec<NewPayee>, OperationError> {
    let mut all = Vec::new();
    for demo in people::contracts()? {
        let mut contracts = rows.contracts.iter();
        let found =
            contracts.find(|row| (&row.portal, &row.number) == (&demo.portal, &demo.number));
        let Some(contract) = found else { continue };
        let Some(user) = rows.users.iter().find(|user| user.contract_id == contract.id) else {
            continue;
        };
        let made = demo
            .payees
            .iter()
            .filter_map(|payee| row(services, &demo, payee, (contract.id, user.id)));
        all.extend(made);
    }
    Ok(all)
}

/// Nothing where the bank's portal is not among the profiles.
fn row(
    services: &Services,
    demo: &DemoContract,
    payee: &DemoPayee,
    (contract_id, user_id): (ContractId, UserId),
) -> Option<NewPayee> {
    let bank = services.profiles.get(&payee.portal)?;
    let now = services.clock.now();
    Some(NewPayee {
        portal: demo.portal.clone(),
        contract_id,
        user_id,
        bank_code: bank.portal.bank_code.as_str().to_owned(),
        bank_name: bank.portal.institution.clone(),
        branch_code: payee.branch.code.clone(),
        branch_name: payee.branch.name.clone(),
        account_type: payee.account_type,
        number: payee.number.clone(),
        holder_kana: payee.kana.clone(),
        nickname: payee.nickname.clone(),
        state: if payee.waits { PayeeState::Waiting } else { PayeeState::Registered },
        registered_at: now - TimeDelta::days(REGISTERED_DAYS_AGO),
        last_paid_at: payee.paid_days_ago.map(|days| now - TimeDelta::days(days)),
    })
}

/// Writes them.
///
/// # Errors
/// Whatever the database says.
pub(super) fn insert(conn: &mut DbConn, rows: &[NewPayee]) -> Result<(), DbError> {
    for row in rows {
        payees::insert(conn, row)?;
    }
    Ok(())
}
