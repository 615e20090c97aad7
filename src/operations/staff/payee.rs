//! 事前登録先の承認: staff record the form with which a company asks that transfers to a payee need
//! no one-time password.

use crate::db::queries::payees;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::payee::Payee;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::{Ctx, Services, audit};

/// Makes a payee that waits a registered one. `payee` is what the member looked at.
///
/// Rule: the customer has proven the registration already (`payee.change`), and the form bears the
/// company's seal; so one member of staff is enough. Only the version that was looked at is
/// approved.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn approve(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    (payee, note): (Payee, String),
) -> Result<ActOutcome, DbError> {
    let to = payee.destination();
    let subject = Subject {
        act: StaffAct::ApprovePayee,
        user_id: Some(payee.user_id),
        token_id: None,
        note,
        payload: format!(
            "{} {} {} {} {} {}",
            to.bank_name,
            to.branch_name,
            to.account_type.label(),
            to.number,
            to.holder_kana,
            payee.id
        ),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| Ok(act(conn, ctx, &payee)?)).await
}

fn act(conn: &mut DbConn, ctx: &Ctx, payee: &Payee) -> Result<Result<String, Blocked>, DbError> {
    if !payees::approve(conn, payee.contract_id, (payee.id, payee.version))? {
        return Ok(Err(Blocked::Changed));
    }
    let object = format!("payee {}", payee.id);
    audit::write(conn, ctx, "payee.approve", &object, AuditResult::Done, "")?;
    Ok(Ok(String::new()))
}
