//! Payments and numbers of customers that a record before had, and the findings among which those
//! of them take their place.
//!
//! A look into a large table waits for memory. So looks are put off until some are together, and
//! wait for it together. What is found is the same, in the same order: before a finding whose order
//! matters is added, the looks before it are taken.

use std::hint::black_box;

use crate::zengin::bulk::BulkKind;
use crate::zengin::check::code::{Code, Severity};
use crate::zengin::check::data::in_yen;
use crate::zengin::check::finding::{Finding, Findings};
use crate::zengin::check::keyed::{Keyed, word};
use crate::zengin::check::seen::Seen;
use crate::zengin::check::show::show;

/// So many looks are put off at most: more than a processor waits for at once.
const WAITING_MAX: usize = 64;
/// 顧客番号.
pub(super) const CUSTOMER_LENGTH: usize = 20;

/// Findings, and looks whose findings are still to come.
#[derive(Debug)]
pub(super) struct Found {
    findings: Findings,
    keyed: Keyed,
    payments: Seen,
    customers: Seen,
    waiting: Vec<Look>,
}

/// A look that is put off.
#[derive(Debug, Clone, Copy)]
struct Look {
    hash: u64,
    no: u64,
    what: What,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
enum What {
    Payment { kind: BulkKind, amount: u64 },
    Customer { number: [u8; CUSTOMER_LENGTH], severity: Severity },
}

impl Found {
    pub(super) fn new(kept_max: usize) -> Found {
        Found {
            findings: Findings::new(kept_max),
            keyed: Keyed::new(),
            payments: Seen::default(),
            customers: Seen::default(),
            waiting: Vec::with_capacity(WAITING_MAX),
        }
    }

    /// Looks for a payment of the same key and amount in the records before, and keeps it.
    #[inline]
    pub(super) fn look_for_payment(
        &mut self,
        no: u64,
        kind: BulkKind,
        key: [u64; 2],
        amount: u64,
        number: Option<&[u8; CUSTOMER_LENGTH]>,
    ) {
        let [offices, account] = key;
        let hash = match number.map(words_of) {
            // A key of fewer words is never one of more.
            None | Some([0, 0, 0]) => self.keyed.hash([offices, account, amount]),
            Some([a, b, c]) => self.keyed.hash([offices, account, amount, a, b, c]),
        };
        self.put_off(Look { hash, no, what: What::Payment { kind, amount } });
    }

    /// Looks for a customer's number in the records before, and keeps it.
    pub(super) fn look_for_customer(
        &mut self,
        no: u64,
        number: &[u8; CUSTOMER_LENGTH],
        severity: Severity,
    ) {
        let hash = self.keyed.hash(words_of(number));
        self.put_off(Look { hash, no, what: What::Customer { number: *number, severity } });
    }

    #[inline]
    fn put_off(&mut self, look: Look) {
        self.waiting.push(look);
        if self.waiting.len() >= WAITING_MAX {
            self.look();
        }
    }

    /// Takes the looks that were put off.
    fn look(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        // No look of these has to wait for another: memory brings many places at once.
        let mut places = 0;
        for look in &waiting {
            places ^= match look.what {
                What::Payment { .. } => self.payments.peek(look.hash),
                What::Customer { .. } => self.customers.peek(look.hash),
            };
        }
        black_box(places);
        for look in &waiting {
            let seen = match look.what {
                What::Payment { .. } => &mut self.payments,
                What::Customer { .. } => &mut self.customers,
            };
            if let Some(before) = seen.insert(look.hash, look.no) {
                found_again(&mut self.findings, look, before);
            }
        }
        waiting.clear();
        self.waiting = waiting;
    }

    /// Takes the looks before something of this severity, if the order of both can be seen: it
    /// decides which findings are kept, and nothing else, and no look finds what is but an info.
    fn look_before(&mut self, severity: Severity) {
        if severity != Severity::Info && !self.waiting.is_empty() && self.findings.wants(severity) {
            self.look();
        }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.look_before(finding.severity);
        self.findings.add(finding);
    }

    /// Whether one more of this severity would be kept: where not, it need not be put in words.
    pub(super) fn wants(&mut self, severity: Severity) -> bool {
        self.look_before(severity);
        self.findings.wants(severity)
    }

    /// Counts one that is not kept.
    pub(super) fn count_only(&mut self, severity: Severity) {
        self.findings.count_only(severity);
    }

    /// All findings, when nothing more is looked for.
    pub(super) fn finish(mut self) -> Findings {
        self.look();
        self.findings
    }
}

/// A number of twenty bytes.
#[inline]
fn words_of(number: &[u8; CUSTOMER_LENGTH]) -> [u64; 3] {
    let (eights, rest) = number.as_chunks::<8>();
    match eights {
        [first, second] => [u64::from_le_bytes(*first), u64::from_le_bytes(*second), word(rest)],
        _ => [0; 3],
    }
}

/// Adds what a look found.
fn found_again(findings: &mut Findings, look: &Look, before: u64) {
    let (code, kind, key, severity) = match look.what {
        What::Payment { kind, .. } => {
            (Code::Duplicate, kind, "account_no", Code::Duplicate.severity())
        }
        What::Customer { severity, .. } => {
            (Code::DebitRequest, BulkKind::DirectDebit, "customer_no", severity)
        }
    };
    if !findings.wants(severity) {
        findings.count_only(severity);
        return;
    }
    let Some(field) = kind.format().data.field(key) else { return };
    let finding = Finding::new(code, look.no).at(field.from).of(field.label).graded(severity);
    findings.add(match look.what {
        What::Payment { amount, .. } => {
            let found = format!("レコード{before}と同じ口座・同じ金額（{}）", in_yen(amount));
            finding.found(found).expected("異なる口座か金額")
        }
        What::Customer { number, .. } => {
            let found = format!("レコード{before}と同じ番号（{}）", show(&number));
            let finding = finding.found(found).expected("1件ごとに別の番号");
            finding.mended("顧客番号をご確認ください。")
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(no: u64) -> [u8; CUSTOMER_LENGTH] {
        *format!("{no:020}").as_bytes().first_chunk().unwrap()
    }

    fn kept(found: Found) -> Vec<(u64, Code)> {
        let kept = found.finish().into_kept();
        kept.iter().map(|finding| (finding.record, finding.code)).collect()
    }

    #[test]
    fn of_what_is_more_than_kept_the_first_is_kept_though_it_was_looked_for_later() {
        let debit = BulkKind::DirectDebit;
        for (severity, expected) in [
            (Severity::Warning, [(2, Code::Duplicate), (2, Code::DebitRequest)]),
            (Severity::Error, [(2, Code::DebitRequest), (3, Code::Filler)]),
        ] {
            let mut found = Found::new(2);
            for no in [1, 2] {
                found.look_for_payment(no, debit, [7, 8], 9, Some(&number(1)));
                found.look_for_customer(no, &number(1), severity);
            }
            found.add(Finding::new(Code::Filler, 3).graded(severity));
            assert!(found.waiting.is_empty());
            found.look_for_payment(4, debit, [7, 8], 9, Some(&number(1)));
            found.add(Finding::new(Code::OfficeName, 4));
            assert_eq!(found.waiting.len(), 1, "an info has no place among warnings");
            assert_eq!(kept(found), expected);
        }
    }

    #[test]
    fn a_payment_is_told_apart_by_each_part_of_its_key() {
        let mut found = Found::new(1_000);
        let transfer = BulkKind::GeneralTransfer;
        let (one, none) = (number(1), [0; CUSTOMER_LENGTH]);
        for (no, (key, amount, told)) in [
            ([7, 8], 9, None),
            ([8, 8], 9, None),
            ([7, 7], 9, None),
            ([7, 8], 8, None),
            ([7, 8], 9, Some(&one)),
            ([7, 8], 9, None),
            ([7, 8], 9, Some(&one)),
            ([7, 8], 9, Some(&none)),
        ]
        .into_iter()
        .enumerate()
        {
            found.look_for_payment(u64::try_from(no).unwrap() + 1, transfer, key, amount, told);
        }
        let again = [6, 7, 8].map(|no| (no, Code::Duplicate));
        assert_eq!(kept(found), again);
    }
}
