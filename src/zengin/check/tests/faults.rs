//! Faults put at random into good files: each is found at its record, byte and field, and nothing
//! else is called an error.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::{File, expected, file_of, own_accounts};
use crate::zengin::bulk::BulkKind;
use crate::zengin::check::{Checker, Code, RecordKind, Settings, Severity};
use crate::zengin::layout::Field;

/// Code, record, byte, field.
type Fault = (Code, u64, u32, Option<&'static str>);

/// A way to spoil a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// One byte, wherever in the field.
    Byte(u8, Code),
    /// Two bytes of kanji at the beginning of the field.
    Kanji(Code),
    /// The first byte of the field.
    First(u8, Code),
    /// The whole field.
    All(u8, Code),
}

/// Which ways there are for a field of this kind of record.
fn ways(kind: RecordKind, key: &str) -> Vec<Way> {
    use Way::{All, Byte, First, Kanji};
    match (kind, key) {
        (_, "payee_bank_code" | "payer_bank_code" | "own_bank_code" | "originator_code") => {
            vec![Byte(b'O', Code::NotDigits), Byte(b' ', Code::NotDigits)]
        }
        (_, "payee_branch_code" | "payer_branch_code" | "own_branch_code") => {
            vec![Byte(b'I', Code::NotDigits), Byte(0xB1, Code::NotDigits)]
        }
        (RecordKind::Data, "amount") => {
            vec![Byte(b',', Code::NotDigits), Byte(b' ', Code::NotDigits)]
        }
        (RecordKind::Data, "account_type") => {
            vec![All(b'7', Code::AccountType), All(b'X', Code::NotDigits)]
        }
        (RecordKind::Data, "account_no") => {
            vec![All(b'0', Code::AccountNumber), Byte(b'-', Code::AccountNumber)]
        }
        (RecordKind::Data, "payee_name" | "payer_name") => vec![
            Byte(b'a', Code::NotAllowed),
            Byte(0xAC, Code::NotAllowed),
            Byte(0xB0, Code::NotAllowed),
            Byte(b'%', Code::NotAllowed),
            Kanji(Code::NotAllowed),
            First(0xDE, Code::LonelyMark),
            First(0xDF, Code::LonelyMark),
            All(b' ', Code::NameEmpty),
        ],
        (RecordKind::Header, "originator_name") => vec![
            Byte(b'z', Code::NotAllowed),
            Kanji(Code::NotAllowed),
            First(0xDF, Code::LonelyMark),
            All(b' ', Code::OriginatorName),
        ],
        (_, "payee_bank_name" | "payer_branch_name" | "own_bank_name" | "own_branch_name") => {
            vec![Byte(b'(', Code::NotAllowed), Byte(0x07, Code::NotAllowed)]
        }
        (RecordKind::Data, "new_code") => vec![All(b'4', Code::NewCode), All(b'N', Code::NewCode)],
        (RecordKind::Data, "edi_flag") => vec![All(b'N', Code::EdiFlag)],
        (RecordKind::Data, "transfer_kind") => {
            vec![All(b'3', Code::Value), All(b'T', Code::NotDigits)]
        }
        (RecordKind::Data, "result_code") => {
            vec![All(b'1', Code::DebitRequest), All(b'R', Code::DebitRequest)]
        }
        (RecordKind::Header, "value_date") => {
            vec![All(b'9', Code::ValueDate), Byte(b'/', Code::ValueDate)]
        }
        (RecordKind::Header, "code_kind") => {
            vec![All(b'1', Code::CodeKind), All(b' ', Code::CodeKind)]
        }
        (RecordKind::Header, "business_type") => {
            vec![All(b'0', Code::BusinessType), Byte(b'X', Code::BusinessType)]
        }
        (RecordKind::Trailer, "total_count" | "total_amount") => {
            vec![Byte(b'S', Code::NotDigits), Byte(b' ', Code::NotDigits)]
        }
        (RecordKind::Trailer, "done_count" | "failed_amount") => {
            vec![Byte(b'1', Code::RequestTotals), Byte(b' ', Code::RequestTotals)]
        }
        _ => Vec::new(),
    }
}

/// A file in the making, and what is to be found in it.
struct Spoilt {
    kind: BulkKind,
    file: File,
    faults: Vec<Fault>,
    fields: BTreeSet<(usize, &'static str)>,
    /// Bytes of each record that cannot stand where they stand.
    misfits: BTreeMap<usize, usize>,
    /// Records whose length or first byte is wrong.
    broken: BTreeSet<usize>,
}

/// So many may be in one record for it to be known again among others.
const MISFITS_MAX: usize = 3;

impl Spoilt {
    fn new(kind: BulkKind, count: u64, end: &'static str) -> Spoilt {
        Spoilt {
            kind,
            file: file_of(kind, count).ended(end),
            faults: Vec::new(),
            fields: BTreeSet::new(),
            misfits: BTreeMap::new(),
            broken: BTreeSet::new(),
        }
    }

    fn add(&mut self, code: Code, record: usize, byte: usize, field: Option<&'static str>) {
        let (no, byte) = (u64::try_from(record + 1).unwrap(), u32::try_from(byte).unwrap());
        self.faults.push((code, no, byte, field));
    }

    /// Spoils a record, its first byte or its length; or a field of it.
    fn spoil(&mut self, record: prop::sample::Index, what: usize, salt: usize) {
        let record = record.index(self.file.records.len());
        if what.is_multiple_of(8) {
            self.break_record(record, salt);
        } else {
            self.spoil_field(record, what, salt);
        }
    }

    fn break_record(&mut self, record: usize, salt: usize) {
        let is_near = (record.saturating_sub(1)..=record + 1).any(|at| self.broken.contains(&at));
        let is_touched =
            self.misfits.contains_key(&record) || self.fields.iter().any(|(of, _)| *of == record);
        if is_near || is_touched {
            return;
        }
        self.broken.insert(record);
        let bytes = &mut self.file.records[record];
        let at = salt / 3 % bytes.len();
        match salt % 3 {
            0 => {
                bytes[0] = b'5';
                self.add(Code::RecordType, record, 1, Some("データ区分"));
            }
            1 => {
                bytes.remove(at);
                self.add(Code::RecordLength, record, 120, None);
            }
            _ => {
                bytes.insert(at, b'%');
                self.add(Code::RecordLength, record, 121, None);
            }
        }
    }

    fn spoil_field(&mut self, record: usize, what: usize, salt: usize) {
        if self.broken.contains(&record) {
            return;
        }
        let kind = RecordKind::of(self.file.records[record][0]);
        let layout = self.kind.format().layout(kind).unwrap();
        let fields = layout.fields.iter();
        let choices: Vec<(&Field, Way)> = fields
            .flat_map(|field| ways(kind, field.key).into_iter().map(move |way| (field, way)))
            .collect();
        if choices.is_empty() {
            return;
        }
        let (field, way) = choices[what % choices.len()];
        let count = self.misfits.entry(record).or_default();
        if *count + 2 > MISFITS_MAX || !self.fields.insert((record, field.key)) {
            return;
        }
        *count += 1;
        let bytes = &mut self.file.records[record][field.from - 1..field.to()];
        let at = salt % bytes.len();
        let (code, at) = match way {
            Way::Byte(byte, code) => {
                // A mark behind it would have nothing to stand behind; that is the same fault.
                bytes[at] = byte;
                (code, at)
            }
            Way::Kanji(code) => {
                bytes[..2].copy_from_slice(b"\x8ER");
                (code, 0)
            }
            Way::First(byte, code) => {
                bytes[0] = byte;
                (code, 0)
            }
            Way::All(byte, code) => {
                bytes.fill(byte);
                (code, 0)
            }
        };
        // These are said to be where the field begins.
        let at = if code == Code::BusinessType { 0 } else { at };
        self.add(code, record, field.from + at, Some(field.label));
    }
}

fn errors(kind: BulkKind, bytes: &[u8]) -> Vec<Fault> {
    let own = own_accounts();
    let settings = Settings::default();
    let mut checker = Checker::new(settings, expected(kind.business_types(), &own));
    checker.feed(bytes, &mut |_| {});
    let report = checker.finish(&mut |_| {});
    let errors = report.findings.into_iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| (found.code, found.record, found.byte, found.field)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_fault_is_found_and_nothing_else(
        kind in prop::sample::select(BulkKind::ALL.to_vec()),
        count in 1..60u64,
        end in prop::sample::select(vec!["\r\n", ""]),
        spoils in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<usize>(), any::<usize>()),
            1..=20,
        ),
    ) {
        let mut spoilt = Spoilt::new(kind, count, end);
        for (record, what, salt) in spoils {
            spoilt.spoil(record, what, salt);
        }
        let mut faults = spoilt.faults;
        faults.sort_by_key(|(code, record, byte, _)| (*record, *byte, *code));
        prop_assert_eq!(errors(kind, &spoilt.file.bytes()), faults);
    }
}
