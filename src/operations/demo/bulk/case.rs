//! One file of the demo: when its day is, how it came to where it stands, and its rows.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;

use super::history::{self, Step};
use super::records::{self, DemoItem};
use super::{People, executed};
use crate::db::queries::demo::{
    ApprovalRow, BulkEventRow, BulkFileRow, ChunkRow, DemoRows, ReceiptRow,
};
use crate::domain::bulk_file::content::{chunk_digest, content_digest};
use crate::domain::bulk_file::{BulkKind, BulkOrigin, BulkReason, BulkService, BulkState};
use crate::domain::portal::Profile;
use crate::operations::OperationError;
use crate::operations::demo::movements::Movement;
use crate::operations::demo::people::DemoContract;
use crate::primitives::calendar::is_business_day;
use crate::primitives::clock::{UtcTime, jst_day, jst_to_utc};
use crate::primitives::ids::{AccountId, BulkFileId, ReceiptId};
use crate::primitives::yen::Yen;

/// Of no receipt that anybody draws on the day of loading.
const FIRST_RECEIPT_NUMBER: i32 = 4_001;
/// With CR and LF.
const STRIDE: i32 = 122;

/// A file as `bulk.toml` has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub kind: BulkKind,
    pub state: BulkState,
    pub name: String,
    pub origin: BulkOrigin,
    pub count: usize,
    /// Business days from the day of loading.
    pub day: i64,
    #[serde(default)]
    pub comment: String,
}

impl Case {
    /// Whether its day is over.
    pub fn is_executed(&self) -> bool {
        matches!(self.state, BulkState::Done | BulkState::PartlyFailed)
    }

    /// Whether one of its records could not be done.
    pub fn has_unknown(&self) -> bool {
        self.state == BulkState::PartlyFailed
    }
}

/// What all files of a contract share.
pub(super) struct Facts<'a> {
    pub profile: &'a Profile,
    pub contract: &'a DemoContract,
    pub service: &'a BulkService,
    pub account_id: AccountId,
    pub people: &'a People,
    pub now: UtcTime,
}

/// Adds a file with everything that belongs to it; what was posted for it.
///
/// # Errors
/// Mistakes in the shipped data.
pub(super) fn fill(
    rows: &mut DemoRows,
    facts: &Facts<'_>,
    case: &Case,
) -> Result<Vec<Movement>, OperationError> {
    let on = business_day(jst_day(facts.now), case.day);
    let items = records::items(rows, facts, case);
    let bytes = records::bytes(facts, case.kind, on.format("%m%d").to_string(), &items)?;
    let sha256 = chunk_digest(&bytes);
    let content_sha256 = content_digest([sha256.as_str()]);
    let deadline = case.kind.deadline(&facts.profile.files);
    let last_day = business_day(on, -i64::from(deadline.business_days));
    let deadline_at = jst_to_utc(last_day.and_time(deadline.until.0));
    let steps = history::steps(facts, case, (on, deadline_at));
    let receipt = receipt(rows, facts, &steps);
    let sent = receipt.as_ref();
    let id = BulkFileId(i64::try_from(rows.bulk_files.len()).unwrap_or(i64::MAX - 1) + 1);
    rows.bulk_files.push(BulkFileRow {
        id,
        content_sha256: content_sha256.clone(),
        original_sha256: (case.origin != BulkOrigin::Screen).then(|| sha256.clone()),
        receipt_number: sent.map(|receipt| receipt.number),
        receipt_id: sent.map(|receipt| receipt.id),
        sender_id: sent.map(|receipt| receipt.user_id),
        sent_at: sent.map(|receipt| receipt.accepted_at),
        ..file_row(facts, case, (on, deadline_at), (&items, &steps))
    });
    rows.bulk_chunks.push(ChunkRow { file_id: id, no: 0, bytes, sha256 });
    let ended_at = steps.last().map_or(facts.now, |step| step.at);
    add_history(rows, (id, &content_sha256), steps);
    let key = sent.map(|receipt| format!("bulk file of receipt {}", receipt.id));
    rows.receipts.extend(receipt);
    match key.filter(|_| case.is_executed()) {
        Some(key) => Ok(executed(rows, facts, (id, case.kind), &items, (ended_at, &key))),
        None => Ok(Vec::new()),
    }
}

fn file_row(
    facts: &Facts<'_>,
    case: &Case,
    (on, deadline_at): (NaiveDate, UtcTime),
    (items, steps): (&[DemoItem], &[Step]),
) -> BulkFileRow {
    let total = Yen(items.iter().map(|item| item.amount).sum());
    let at = |step: Option<&Step>| step.map_or(facts.now, |step| step.at);
    let was_submitted = steps.iter().any(Step::is_submission);
    let approvals = steps.iter().filter(|step| step.is_approval()).count();
    BulkFileRow {
        id: BulkFileId(0),
        portal: facts.contract.portal.clone(),
        contract_id: facts.service.contract_id,
        kind: case.kind,
        business_type: facts.service.business_type.clone(),
        state: case.state,
        origin: case.origin,
        name: case.name.clone(),
        maker_id: steps
            .first()
            .and_then(|step| step.who.as_ref())
            .map_or(facts.people.maker.0, |(id, _)| *id),
        account_id: Some(facts.account_id),
        value_date: Some(on),
        item_count: i64::try_from(items.len()).unwrap_or(0),
        total_yen: total,
        stride: STRIDE,
        original_sha256: None,
        content_sha256: String::new(),
        version: 1,
        submission: i32::from(was_submitted),
        approvals_needed: if was_submitted { facts.service.approvals_needed(total) } else { 0 },
        approvals_given: i32::try_from(approvals).unwrap_or(0),
        deadline_at: Some(deadline_at),
        created_at: at(steps.first()),
        changed_at: at(steps.last()),
        sent_at: None,
        sender_id: None,
        receipt_number: None,
        receipt_id: None,
        reason: (case.state == BulkState::Rejected).then(|| BulkReason::Funds.to_string()),
    }
}

fn receipt(rows: &DemoRows, facts: &Facts<'_>, steps: &[Step]) -> Option<ReceiptRow> {
    let sent = steps.iter().find(|step| step.is_sending())?;
    let place = rows.receipts.len();
    Some(ReceiptRow {
        id: ReceiptId(i64::try_from(place).unwrap_or(i64::MAX - 1) + 1),
        portal: facts.contract.portal.clone(),
        day: jst_day(sent.at),
        number: FIRST_RECEIPT_NUMBER + i32::try_from(place).unwrap_or(0),
        user_id: facts.people.sender.0,
        operation: "bulk.send".to_owned(),
        accepted_at: sent.at,
        details: "{}".to_owned(),
    })
}

fn add_history(rows: &mut DemoRows, (id, content): (BulkFileId, &str), steps: Vec<Step>) {
    for step in steps {
        if let Some((user_id, _)) = step.who.as_ref().filter(|_| step.is_approval()) {
            rows.bulk_approvals.push(ApprovalRow {
                file_id: id,
                submission: 1,
                user_id: *user_id,
                content_sha256: content.to_owned(),
                approved_at: step.at,
            });
        }
        let (user_id, actor_name) = step.who.unzip();
        rows.bulk_events.push(BulkEventRow {
            file_id: id,
            happened_at: step.at,
            user_id,
            actor_name: actor_name.unwrap_or(step.institution),
            act: step.act,
            state: step.state,
            proof: step.proof.to_owned(),
            comment: step.comment,
            content_sha256: content.to_owned(),
        });
    }
}

/// The business day that lies so many business days from this day.
pub(super) fn business_day(from: NaiveDate, count: i64) -> NaiveDate {
    let (mut day, mut left) = (from, count.unsigned_abs());
    while left > 0 {
        let one = Days::new(1);
        let next = if count > 0 { day.checked_add_days(one) } else { day.checked_sub_days(one) };
        let Some(next) = next else { return day };
        day = next;
        left -= u64::from(is_business_day(day));
    }
    day
}

/// So many hours and minutes after midnight in Japan.
pub(super) fn at(day: NaiveDate, hours: i64, minutes: i64) -> UtcTime {
    jst_to_utc(day.and_time(NaiveTime::MIN)) + TimeDelta::hours(hours) + TimeDelta::minutes(minutes)
}
