//! Files of the demo that were put out for companies, fetched and not: the results of the executed
//! bulk files, and statements of the last days on which anything moved.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use sha2::{Digest, Sha256};

use crate::db::queries::demo::{
    AccountRow, BulkFileRow, DemoExternal, DemoRows, UserRightRow, UserRow,
};
use crate::db::queries::external_files::{Content, NewExternalFile};
use crate::domain::audit::hex;
use crate::domain::external_file::{ExternalAccount, ExternalKind, ExternalState};
use crate::domain::ledger::{Account, AccountPurpose};
use crate::domain::portal::Profile;
use crate::domain::receipt::number_text;
use crate::domain::right::UserRight;
use crate::domain::statement::Movement;
use crate::domain::user::Role;
use crate::operations::external_file::{file_name, result};
use crate::operations::statement::zengin;
use crate::operations::{OperationError, Profiles};
use crate::primitives::clock::{UtcTime, jst_day, jst_day_start};
use crate::primitives::ids::{AccountId, ContractId, EntryId, UserId};
use crate::primitives::yen::Yen;
use crate::zengin::layout::LineEnd;
use crate::zengin::statement::StatementFile;

/// Days for which daily files have been agreed.
const AGREED_DAYS: i64 = 30;
/// Results are written a moment after their files are executed.
const WRITTEN_AFTER: TimeDelta = TimeDelta::minutes(1);
/// Statements of an account.
const STATEMENTS: usize = 2;
const BROKEN: OperationError = OperationError::Corrupt("a file of the demo that is put out");

/// Adds them; bulk files and entries are there already.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn fill(
    rows: &mut DemoRows,
    profiles: &Profiles,
    now: UtcTime,
) -> Result<(), OperationError> {
    for profile in profiles.values().filter(|of| of.services.external_files) {
        if let Some(yesterday) = jst_day(now).pred_opt() {
            rows.external_days.push((profile.slug().to_owned(), yesterday, now));
        }
        results(rows, profile, now)?;
        statements(rows, profile, now)?;
    }
    Ok(())
}

/// What was executed is put out; of what was done altogether the sender has fetched it.
fn results(rows: &mut DemoRows, profile: &Profile, now: UtcTime) -> Result<(), OperationError> {
    let mut made = Vec::new();
    for (found, _) in &rows.bulk_results {
        let file = rows.bulk_files.iter().find(|file| file.id == found.file_id).ok_or(BROKEN)?;
        if file.portal != profile.slug() || !file.kind.is_outgoing() {
            continue;
        }
        let chunk = rows.bulk_chunks.iter().find(|chunk| chunk.file_id == file.id);
        let failures = rows.bulk_failures.iter().filter(|failure| failure.file_id == file.id);
        let failures = failures.map(|failure| (failure.record_no, failure.reason)).collect();
        let stride = usize::try_from(file.stride).map_err(|_| BROKEN)?;
        let bytes = chunk.ok_or(BROKEN)?.bytes.clone();
        let list = result::payments_of(file.kind, (bytes, stride), failures)?;
        let ready_at = (found.executed_at + WRITTEN_AFTER).min(now);
        let fetched = (found.failed_count == 0).then(|| sender(rows, file)).flatten();
        let content = content_of(&list, (file.item_count, file.total_yen), "");
        let fetched = fetched.map(|(id, name)| (id, name, (ready_at + WRITTEN_AFTER).min(now)));
        made.push(DemoExternal {
            row: result_row(file, ready_at),
            content,
            pieces: vec![list],
            ready_at,
            fetched,
        });
    }
    rows.external_files.extend(made);
    Ok(())
}

fn sender(rows: &DemoRows, file: &BulkFileRow) -> Option<(UserId, String)> {
    let user = rows.users.iter().find(|user| Some(user.id) == file.sender_id)?;
    Some((user.id, user.name.clone()))
}

fn result_row(file: &BulkFileRow, at: UtcTime) -> NewExternalFile {
    let kind = ExternalKind::of_result(file.kind);
    let day = file.value_date.unwrap_or_else(|| jst_day(at));
    let number = file.receipt_number.map(number_text).unwrap_or_default();
    NewExternalFile {
        portal: file.portal.clone(),
        contract_id: Some(file.contract_id),
        kind,
        account_id: file.account_id,
        bulk_file_id: Some(file.id),
        from_day: day,
        to_day: day,
        source: format!("result of bulk file {}", file.id),
        state: ExternalState::Due,
        name: file_name(kind, &format!("{}-{number}", day.format("%Y%m%d"))),
        record_length: 0,
        staff_name: None,
        created_at: at,
    }
}

fn content_of(bytes: &[u8], (items, total): (i64, Yen), plain_sha256: &str) -> Content {
    Content {
        item_count: items,
        total,
        byte_count: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        sha256: hex(&Sha256::digest(bytes)),
        plain_sha256: plain_sha256.to_owned(),
        posted: None,
    }
}

/// The first account of each company with its last days, the newer one not fetched.
fn statements(rows: &mut DemoRows, profile: &Profile, now: UtcTime) -> Result<(), OperationError> {
    let today = jst_day(now);
    let mut seen = BTreeSet::new();
    let is_first = |row: &&AccountRow| {
        row.portal == profile.slug()
            && row.purpose == AccountPurpose::Customer
            && row.contract_id.is_some_and(|id| seen.insert(id))
    };
    let accounts: Vec<AccountRow> = rows.accounts.iter().filter(is_first).cloned().collect();
    let entries: BTreeMap<EntryId, (String, String)> = rows
        .entries
        .iter()
        .filter(|entry| entry.portal == profile.slug())
        .map(|entry| (entry.id, (entry.kind.clone(), entry.description.clone())))
        .collect();
    for row in accounts {
        let Some(contract_id) = row.contract_id else { continue };
        for kind in ExternalKind::DAILY {
            let agreed_on = jst_day(now - TimeDelta::days(AGREED_DAYS));
            let account_id = row.id;
            let one = ExternalAccount { account_id, kind, contract_id, agreed_on };
            rows.external_accounts.push(one);
        }
        let movements = movements(rows, &entries, row.id);
        let days: BTreeSet<NaiveDate> =
            movements.iter().map(|one| one.booked_on).filter(|day| *day < today).collect();
        let reader = reader(rows, contract_id);
        for (place, day) in days.into_iter().rev().take(STATEMENTS).enumerate() {
            let of_day: Vec<&Movement> =
                movements.iter().filter(|one| one.booked_on == day).collect();
            // On the morning of the next day.
            let ready_at = (jst_day_start(day) + TimeDelta::hours(30)).min(now);
            let fetched = reader.clone().filter(|_| place > 0);
            let made = statement(profile, &row, (day, &of_day), ready_at)?;
            let fetched = fetched.map(|(id, name)| (id, name, (ready_at + WRITTEN_AFTER).min(now)));
            rows.external_files.push(DemoExternal { fetched, ..made });
        }
    }
    Ok(())
}

/// Whoever may fetch files of the contract.
fn reader(rows: &DemoRows, contract_id: ContractId) -> Option<(UserId, String)> {
    let may = |id: UserId| {
        let receives = |row: &UserRightRow| row.user_right == UserRight::ExternalReceive;
        rows.user_rights.iter().any(|row| row.user_id == id && receives(row))
    };
    let is_reader = |user: &&UserRow| {
        user.contract_id == contract_id && (user.role == Role::Master || may(user.id))
    };
    rows.users.iter().find(is_reader).map(|user| (user.id, user.name.clone()))
}

fn movements(
    rows: &DemoRows,
    entries: &BTreeMap<EntryId, (String, String)>,
    account_id: AccountId,
) -> Vec<Movement> {
    let own = rows.postings.iter().filter(|posting| posting.account_id == account_id);
    let mut all: Vec<Movement> = own
        .filter_map(|posting| {
            let (kind, description) = entries.get(&posting.entry_id)?.clone();
            Some(Movement {
                line_no: posting.line_no?,
                booked_on: posting.booked_on,
                kind,
                description,
                amount: posting.amount,
                balance_after: posting.balance_after?,
            })
        })
        .collect();
    all.sort_by_key(|movement| movement.line_no);
    all
}

fn statement(
    profile: &Profile,
    row: &AccountRow,
    (day, movements): (NaiveDate, &[&Movement]),
    ready_at: UtcTime,
) -> Result<DemoExternal, OperationError> {
    let account = Account {
        id: row.id,
        portal: row.portal.clone(),
        contract_id: row.contract_id,
        purpose: row.purpose,
        branch_code: row.branch_code.clone(),
        branch_name: row.branch_name.clone(),
        account_type: row.account_type,
        number: row.number.clone(),
        holder_kana: row.holder_kana.clone(),
        floor: Yen(0),
        balance: row.balance,
        opened_at: row.opened_at,
        closed_at: None,
    };
    let before = movements.first().map_or(0, |one| one.balance_after.0 - one.amount.0);
    let header = zengin::header(profile, &account, jst_day(ready_at), (day, day), before);
    let made = |end| -> Result<Vec<u8>, OperationError> {
        let (mut file, mut bytes) = StatementFile::begin(&header, end).map_err(|_| BROKEN)?;
        for movement in movements {
            bytes.extend(file.line(&zengin::line(movement)).map_err(|_| BROKEN)?);
        }
        bytes.extend(file.finish().map_err(|_| BROKEN)?);
        Ok(bytes)
    };
    let (bytes, plain) = (made(LineEnd::CrLf)?, made(LineEnd::None)?);
    let total = Yen(movements.iter().map(|movement| movement.amount.0.abs()).sum());
    let items = i64::try_from(movements.len()).unwrap_or(0);
    let kind = ExternalKind::Statement;
    let name = file_name(kind, &format!("{}-{}", row.number, day.format("%Y%m%d")));
    Ok(DemoExternal {
        row: NewExternalFile {
            portal: row.portal.clone(),
            contract_id: row.contract_id,
            kind,
            account_id: Some(row.id),
            bulk_file_id: None,
            from_day: day,
            to_day: day,
            source: format!("{kind} of account {} {day} to {day}", row.id),
            state: ExternalState::Due,
            name,
            record_length: i32::try_from(kind.record_length()).unwrap_or(0),
            staff_name: None,
            created_at: ready_at,
        },
        content: content_of(&bytes, (items, total), &hex(&Sha256::digest(&plain))),
        pieces: vec![bytes],
        ready_at,
        fetched: None,
    })
}
