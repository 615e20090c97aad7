//! Trailer and end records: what they count, against what was there. A total is wrong only if it is
//! whatever stands in what could not be read.

use crate::zengin::bulk::BulkKind;
use crate::zengin::check::Core;
use crate::zengin::check::code::Code;
use crate::zengin::check::data::{AMOUNT_MAX, in_yen, with_commas};
use crate::zengin::check::finding::Finding;
use crate::zengin::check::settings::DebitStage;
use crate::zengin::check::show::show;
use crate::zengin::check::structure::Group;
use crate::zengin::layout::{Field, Format};
use crate::zengin::record::digits_of;

/// Totals of what was done, which a request leaves zero.
const RESULT_TOTALS: [&str; 4] = ["done_count", "done_amount", "failed_count", "failed_amount"];

/// A trailer that waits for the end of its group.
#[derive(Debug)]
pub(super) struct TrailerRecord {
    pub no: u64,
    format: &'static Format,
    record: Vec<u8>,
}

/// What a total may be.
#[derive(Debug, Clone, Copy)]
struct Range {
    key: &'static str,
    from: u64,
    to: u64,
}

impl Range {
    fn exact(key: &'static str, value: u64) -> Range {
        Range { key, from: value, to: value }
    }
}

impl Core<'_> {
    pub(super) fn check_trailer(&mut self, no: u64, record: &[u8]) {
        let Some(plan) = &self.plan else { return };
        let format = plan.format;
        let is_request = plan.kind == Some(BulkKind::DirectDebit)
            && self.settings.debit_stage == DebitStage::Request;
        for field in format.trailer.fields {
            let bytes = field.of(record);
            if is_request && RESULT_TOTALS.contains(&field.key) {
                if let Some(at) = bytes.iter().position(|byte| *byte != b'0') {
                    let finding = Finding::new(Code::RequestTotals, no).at(field.from + at);
                    let finding = finding.of(field.label).found(show(bytes));
                    self.findings.add(finding.expected("すべて0"));
                }
            } else {
                self.check_field(no, field, record);
            }
        }
        if self.group.trailer.is_none() {
            self.group.trailer = Some(TrailerRecord { no, format, record: record.to_vec() });
        }
    }

    pub(super) fn check_end(&mut self, no: u64, record: &[u8]) {
        let Some(plan) = &self.plan else { return };
        let fields = plan.format.end.fields;
        let mut is_good = true;
        for field in fields {
            is_good &= self.check_field(no, field, record);
        }
        if !is_good || self.said.wrong_length {
            return;
        }
        let totals = [("record_total", self.records), ("account_count", self.groups)];
        for (key, value) in totals {
            if let Some(field) = fields.iter().find(|field| field.key == key) {
                self.compare_total(no, field, record, Range::exact(key, value));
            }
        }
    }

    /// Compares the totals of a group with what was in it.
    pub(super) fn judge_totals(&mut self, group: &Group) {
        let Some(trailer) = &group.trailer else { return };
        for range in ranges(trailer.format, group, self.settings.debit_stage) {
            if let Some(field) = trailer.format.trailer.field(range.key) {
                self.compare_total(trailer.no, field, &trailer.record, range);
            }
        }
    }

    fn compare_total(&mut self, no: u64, field: &Field, record: &[u8], range: Range) {
        let Some(found) = digits_of(field.of(record)) else { return };
        let finding = |code| Finding::new(code, no).at(field.from).of(field.label);
        let is_amount = range.key.ends_with("amount");
        let shown = |number| if is_amount { in_yen(number) } else { with_commas(number) };
        let width = u32::try_from(field.length).unwrap_or_default();
        if range.from >= 10u64.saturating_pow(width) {
            let finding = finding(Code::TotalOverflow).found(shown(range.from));
            self.findings.add(finding.expected(format!("{width}桁まで")));
            return;
        }
        if (range.from..=range.to).contains(&found) {
            return;
        }
        let code = if is_amount { Code::TotalAmount } else { Code::TotalCount };
        let expected = if range.from == range.to {
            shown(range.from)
        } else {
            format!("{}から{}まで", shown(range.from), shown(range.to))
        };
        self.findings.add(finding(code).found(shown(found)).expected(expected));
    }
}

/// What the totals of a group may be.
fn ranges(format: &'static Format, group: &Group, stage: DebitStage) -> Vec<Range> {
    let sure = group.count;
    let counted = |key| Range { key, from: sure, to: sure + group.late + group.wild };
    let unread = (group.unread + group.wild).saturating_mul(AMOUNT_MAX);
    let most = group.amount.saturating_add(group.late_amount).saturating_add(unread);
    let summed = |key| Range { key, from: group.amount, to: most };
    let [first, second] = group.parts;
    let all = group.count + group.late;
    let is_sure = group.late + group.wild + group.unread == 0 && !group.has_unknown_part;
    let business_type = format.business_types.first().copied().unwrap_or_default();
    let mut ranges = vec![counted("total_count"), summed("total_amount"), counted("data_count")];
    match business_type {
        "91" if stage == DebitStage::Result && is_sure => ranges.extend([
            Range::exact("done_count", first.count),
            Range::exact("done_amount", first.amount),
            Range::exact("failed_count", second.count),
            Range::exact("failed_amount", second.amount),
        ]),
        "03" if is_sure => ranges.extend([
            Range::exact("in_count", first.count),
            Range::exact("in_amount", first.amount),
            Range::exact("out_count", second.count),
            Range::exact("out_amount", second.amount),
        ]),
        // Sources disagree whether what was cancelled is in the totals; both are taken.
        "01" => {
            let less =
                |range: Range, by: u64| Range { from: range.from.saturating_sub(by), ..range };
            ranges = vec![
                less(counted("total_count"), second.count),
                less(summed("total_amount"), second.amount),
            ];
            if is_sure && all > 0 {
                ranges.push(Range::exact("cancel_count", second.count));
                ranges.push(Range::exact("cancel_amount", second.amount));
            }
        }
        _ => {}
    }
    ranges
}
