//! Bulk files of the demo: what is agreed with each company, and in each portal a file in every
//! state, with records, history and, where its day is over, what was posted for it.

mod case;
mod history;
mod records;

use serde::Deserialize;

use super::movements::{Movement, Side};
use super::people::{DemoContract, DemoUser};
use crate::db::queries::demo::{ContractRow, DemoRows, UserRow};
use crate::domain::bulk_file::{BulkFailure, BulkKind, BulkResult, BulkService, RecordFailure};
use crate::domain::ledger::{AccountPurpose, RETURN_KIND, return_key};
use crate::domain::portal::Profile;
use crate::operations::OperationError;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, BulkFileId, ContractId, UserId};
use crate::primitives::yen::Yen;

use self::case::{Case, Facts};

const BULK: &str = include_str!("bulk.toml");
/// Most for one record, where the institution agreed on nothing else.
const RECORD_LIMIT: Yen = Yen(30_000_000);
/// The account of the files: nothing else moves on it, so it bears them whatever the clock.
const ACCOUNT: usize = 2;

/// `bulk.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bulk {
    services: Vec<DemoService>,
    makers_may_approve: Vec<DemoPlace>,
    cases: Vec<Case>,
}

/// An agreement that is not the usual one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoService {
    portal: String,
    contract: String,
    kind: BulkKind,
    #[serde(default)]
    second_approval_from_yen: Option<i64>,
    #[serde(default)]
    business_type: Option<String>,
}

/// A contract.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPlace {
    portal: String,
    contract: String,
}

fn bulk() -> Result<Bulk, OperationError> {
    toml::from_str(BULK).map_err(|_| OperationError::Corrupt("the bulk files of the demo"))
}

/// Adds the agreements of a contract and its files; what was posted for them is for the ledger. All
/// accounts of the portal are there already.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn fill(
    rows: &mut DemoRows,
    profile: &Profile,
    contract: &DemoContract,
    accounts: &[AccountId],
    now: UtcTime,
) -> Result<Vec<Movement>, OperationError> {
    if !profile.services.bulk_files {
        return Ok(Vec::new());
    }
    let bulk = bulk()?;
    let is_it =
        |row: &&ContractRow| (&row.portal, &row.number) == (&contract.portal, &contract.number);
    let Some(id) = rows.contracts.iter().find(is_it).map(|row| row.id) else {
        return Ok(Vec::new());
    };
    let agreed = |kind: &BulkKind| service(&bulk, profile, contract, id, *kind);
    let services: Vec<BulkService> = BulkKind::ALL.iter().map(agreed).collect();
    rows.bulk_services.extend(services.iter().cloned());
    let people = people(rows, contract, id);
    let (Some(people), Some(account_id)) = (people, accounts.get(ACCOUNT).copied()) else {
        return Ok(Vec::new());
    };
    let mut movements = Vec::new();
    for case in &bulk.cases {
        let service = services.iter().find(|service| service.kind == case.kind);
        let service = service.ok_or(OperationError::Corrupt("an agreement of the demo"))?;
        let facts = Facts { profile, contract, service, account_id, people: &people, now };
        movements.extend(case::fill(rows, &facts, case)?);
    }
    Ok(movements)
}

/// The usual agreement, with what is otherwise for this contract.
fn service(
    bulk: &Bulk,
    profile: &Profile,
    contract: &DemoContract,
    contract_id: ContractId,
    kind: BulkKind,
) -> BulkService {
    let is_here =
        |portal: &str, number: &str| portal == contract.portal && number == contract.number;
    let other =
        bulk.services.iter().find(|one| one.kind == kind && is_here(&one.portal, &one.contract));
    let usual = match kind {
        BulkKind::GeneralTransfer => "21",
        BulkKind::Salary => "11",
        BulkKind::Bonus => "12",
        BulkKind::DirectDebit => "91",
    };
    let business_type = other.and_then(|one| one.business_type.clone());
    let second = other.and_then(|one| one.second_approval_from_yen);
    BulkService {
        contract_id,
        kind,
        originator_code: format!("{:0>10}", contract.number),
        originator_kana: contract.kana.clone(),
        business_type: business_type.unwrap_or_else(|| usual.to_owned()),
        second_approval_from_yen: second.map(Yen),
        maker_may_approve: bulk
            .makers_may_approve
            .iter()
            .any(|one| is_here(&one.portal, &one.contract)),
        file_limit_yen: profile
            .limits
            .files
            .map_or(RECORD_LIMIT, |files| Yen(files.per_transaction_yen)),
        record_limit_yen: RECORD_LIMIT,
        external_send: true,
    }
}

/// Who makes, approves and sends files: the first users who may; nobody where one of them is
/// missing.
struct People {
    maker: (UserId, String),
    approver: (UserId, String),
    sender: (UserId, String),
}

fn people(rows: &DemoRows, contract: &DemoContract, id: ContractId) -> Option<People> {
    use crate::domain::right::UserRight as R;
    let with = |right: R| {
        let may =
            |user: &&DemoUser| user.rights.as_ref().is_some_and(|rights| rights.contains(&right));
        let login_id = &contract.users.iter().find(may)?.login_id;
        let is_it = |row: &&UserRow| row.contract_id == id && row.login_id == *login_id;
        rows.users.iter().find(is_it).map(|row| (row.id, row.name.clone()))
    };
    Some(People {
        maker: with(R::BulkMakeTransfer)?,
        approver: with(R::BulkApproveTransfer)?,
        sender: with(R::BulkSendTransfer)?,
    })
}

/// Gives the results the ids of the entries that were posted for them.
///
/// # Errors
/// [`OperationError::Corrupt`] where an entry is missing.
pub(super) fn link_results(rows: &mut DemoRows) -> Result<(), OperationError> {
    for (result, key) in &mut rows.bulk_results {
        let entry = rows.entries.iter().find(|entry| entry.idempotency_key == *key);
        let missing = OperationError::Corrupt("an entry of the demo's bulk files");
        result.entry_id = Some(entry.ok_or(missing)?.id);
    }
    Ok(())
}

/// What was posted for a file whose day is over, and what its day brought.
fn executed(
    rows: &mut DemoRows,
    facts: &Facts<'_>,
    (id, kind): (BulkFileId, BulkKind),
    items: &[records::DemoItem],
    (at, key): (UtcTime, &str),
) -> Vec<Movement> {
    let failed: Vec<(usize, &records::DemoItem)> =
        items.iter().enumerate().filter(|(_, item)| item.is_unknown).collect();
    let failed_yen: i64 = failed.iter().map(|(_, item)| item.amount).sum();
    let total: i64 = items.iter().map(|item| item.amount).sum();
    let fee = records::fee(facts, items, at);
    let own = |amount| (Side::Own(ACCOUNT), amount);
    let internal = |purpose, amount| (Side::Internal(purpose), amount);
    let text = format!("{}　{}件", kind.label(), items.len());
    let mut movements = vec![Movement {
        at,
        kind: entry_kind(kind),
        text: text.clone(),
        key: Some(key.to_owned()),
        lines: vec![
            own(-total - fee.total_yen()),
            internal(AccountPurpose::OutgoingClearing, total - failed_yen),
            internal(AccountPurpose::Suspense, failed_yen),
            internal(AccountPurpose::FeeIncome, fee.net_yen),
            internal(AccountPurpose::ConsumptionTax, fee.tax_yen),
        ],
    }];
    if failed_yen > 0 {
        movements.push(Movement {
            at,
            kind: RETURN_KIND,
            text: format!("組戻　{text}"),
            key: Some(return_key(key)),
            lines: vec![internal(AccountPurpose::Suspense, -failed_yen), own(failed_yen)],
        });
    }
    for movement in &mut movements {
        movement.lines.retain(|(_, amount)| *amount != 0);
    }
    let failed_count = i64::try_from(failed.len()).unwrap_or(0);
    rows.bulk_failures.extend(failed.into_iter().map(|(place, item)| BulkFailure {
        file_id: id,
        // The header is the first record.
        record_no: i64::try_from(place).unwrap_or(0) + 2,
        reason: RecordFailure::PayeeUnknown,
        amount_yen: Yen(item.amount),
    }));
    let result = BulkResult {
        file_id: id,
        executed_at: at,
        entry_id: None,
        failed_count,
        failed_yen: Yen(failed_yen),
        net_yen: Yen(fee.net_yen),
        tax_yen: Yen(fee.tax_yen),
    };
    rows.bulk_results.push((result, key.to_owned()));
    movements
}

fn entry_kind(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::GeneralTransfer => "bulk_general_transfer",
        BulkKind::Salary => "bulk_salary",
        BulkKind::Bonus => "bulk_bonus",
        BulkKind::DirectDebit => "bulk_direct_debit",
    }
}
