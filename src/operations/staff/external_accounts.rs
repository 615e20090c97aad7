//! STF013, 外部ファイルの取扱い: of which accounts a contract gets daily files.

use crate::db::queries::{accounts, contracts, external_days};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::external_file::{ExternalAccount, ExternalKind};
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::{ActAbort, Ctx, Services, audit};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::{AccountId, ContractId};

/// Agrees on the daily files of an account, of which the first covers today; kinds that were agreed
/// before keep their first day.
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
    (at, kinds, note): ((ContractId, AccountId), Vec<ExternalKind>, String),
) -> Result<ActOutcome, DbError> {
    let payload = format!("account {} {}", at.1, text(&kinds));
    let act = StaffAct::ExternalAccounts;
    let subject = Subject { act, user_id: None, token_id: None, note, payload };
    do_now(services, ctx, member, key, subject, move |conn, ctx| agree_in_tx(conn, ctx, at, &kinds))
        .await
}

fn agree_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    (contract_id, account_id): (ContractId, AccountId),
    kinds: &[ExternalKind],
) -> Result<Result<String, Blocked>, ActAbort> {
    // The contract's row is written, so that two agreements for it come one after the other.
    if !contracts::touch_open(conn, contract_id)? {
        return Ok(Err(Blocked::Closed));
    }
    if accounts::find_of_contract(conn, contract_id, account_id)?.is_none() {
        return Ok(Err(Blocked::NoAccount));
    }
    let mut before = external_days::list_accounts(conn, contract_id)?;
    before.retain(|one| one.account_id == account_id);
    let had: Vec<ExternalKind> = before.iter().map(|one| one.kind).collect();
    if text(&had) == text(kinds) {
        return Ok(Err(Blocked::Same));
    }
    let row = |kind: &ExternalKind| {
        let known = before.iter().find(|one| one.kind == *kind);
        let agreed_on = known.map_or_else(|| jst_day(ctx.now), |one| one.agreed_on);
        ExternalAccount { account_id, kind: *kind, contract_id, agreed_on }
    };
    let agreed: Vec<ExternalAccount> = kinds.iter().map(row).collect();
    external_days::replace_account(conn, (contract_id, account_id), &agreed)?;
    let object = format!("account {account_id}");
    let details = format!("{}; before: {}", text(kinds), text(&had));
    let name = StaffAct::ExternalAccounts.as_str();
    audit::write(conn, ctx, name, &object, AuditResult::Done, &details)?;
    Ok(Ok(contracts::number_of(conn, contract_id)?))
}

/// `statement credit_notice`, in one order.
fn text(kinds: &[ExternalKind]) -> String {
    let all = ExternalKind::DAILY.iter().filter(|kind| kinds.contains(kind));
    let names: Vec<&str> = all.map(|kind| kind.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}
