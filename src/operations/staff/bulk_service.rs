//! STF013, ファイル伝送の取扱い: what the institution agrees with a contract for a kind of file.

use crate::db::queries::{bulk_files, bulk_runs, contracts};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::bulk_file::{BulkKind, BulkService};
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::{ActAbort, Ctx, Services, audit};
use crate::primitives::ids::ContractId;

/// Agrees on a kind of file with the contract, or ends the agreement: what was sent before and is
/// not executed yet is rejected then.
///
/// Permission: clerks and checkers; at once, because it rests on the customer's form.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn agree(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    ((contract_id, kind), wanted, note): ((ContractId, BulkKind), Option<BulkService>, String),
) -> Result<ActOutcome, DbError> {
    let payload = format!("{kind} {}", wanted.as_ref().map_or("none".to_owned(), text));
    let act = StaffAct::BulkService;
    let subject = Subject { act, user_id: None, token_id: None, note, payload };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        agree_in_tx(conn, ctx, (contract_id, kind), wanted.as_ref())
    })
    .await
}

fn agree_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    (contract_id, kind): (ContractId, BulkKind),
    wanted: Option<&BulkService>,
) -> Result<Result<String, Blocked>, ActAbort> {
    // The contract's row is written, so that two agreements for it come one after the other.
    if !contracts::touch_open(conn, contract_id)? {
        return Ok(Err(Blocked::Closed));
    }
    let before = bulk_files::find_service(conn, contract_id, kind)?;
    if before.as_ref() == wanted {
        return Ok(Err(Blocked::Same));
    }
    match wanted {
        Some(service) => bulk_files::replace_service(conn, service)?,
        None => drop(bulk_runs::delete_service(conn, contract_id, kind)?),
    }
    let object = format!("contract {contract_id}");
    let now = wanted.map_or("none".to_owned(), text);
    let was = before.as_ref().map_or("none".to_owned(), text);
    let details = format!("{kind}: {now}; before: {was}");
    audit::write(conn, ctx, StaffAct::BulkService.as_str(), &object, AuditResult::Done, &details)?;
    Ok(Ok(contracts::number_of(conn, contract_id)?))
}

/// An agreement in one line.
fn text(service: &BulkService) -> String {
    let second = match service.second_approval_from_yen {
        None => "one".to_owned(),
        Some(from) => format!("two from {}", from.0),
    };
    let maker = if service.maker_may_approve { "maker too" } else { "not the maker" };
    let external = if service.external_send { ", sent straight" } else { "" };
    format!(
        "{} {} {}, approval by {second}, {maker}, file {}, record {}{external}",
        service.business_type,
        service.originator_code,
        service.originator_kana,
        service.file_limit_yen.0,
        service.record_limit_yen.0,
    )
}
