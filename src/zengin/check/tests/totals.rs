//! Totals, where something cannot be read: wrong only if known to be.

use super::world::{check, check_with, debits, file_of, places, statement, transfers};
use crate::zengin::bulk::BulkKind;
use crate::zengin::check::{Code, Expected, Settings};

const KIND: BulkKind = BulkKind::GeneralTransfer;

fn found(bytes: &[u8]) -> Vec<(Code, u64, u32)> {
    places(&check(KIND, bytes).findings)
}

#[test]
fn an_amount_that_cannot_be_read_makes_no_total_wrong() {
    let file = transfers().set(3, 85, "O");
    assert_eq!(found(&file.bytes()), [(Code::NotDigits, 3, 85)]);
    // Less than what can be read: known to be wrong.
    let wrong = file.clone().totalled(3, 2_003).bytes();
    assert_eq!(found(&wrong), [(Code::NotDigits, 3, 85), (Code::TotalAmount, 5, 8)]);
    // More than any amount could make up for.
    let wrong = file.clone().totalled(3, 2_004 + 10_000_000_000).bytes();
    assert_eq!(found(&wrong), [(Code::NotDigits, 3, 85), (Code::TotalAmount, 5, 8)]);
    let wrong = file.totalled(4, 3_006).bytes();
    assert_eq!(found(&wrong), [(Code::NotDigits, 3, 85), (Code::TotalCount, 5, 2)]);
}

#[test]
fn a_digit_mistaken_for_another_is_a_wrong_total() {
    let file = transfers().set(3, 85, "7");
    assert_eq!(found(&file.bytes()), [(Code::TotalAmount, 5, 8)]);
    let report = check(KIND, &file.bytes());
    let finding = &report.findings[0];
    assert_eq!((finding.found.as_str(), finding.expected.as_str()), ("3,006円", "703,006円"));
}

#[test]
fn a_record_that_is_gone_makes_both_totals_wrong() {
    let both = [(Code::TotalCount, 4, 2), (Code::TotalAmount, 4, 8)];
    assert_eq!(found(&transfers().without(3).bytes()), both);
    // A trailer given twice is counted once.
    let trailer = transfers().records[4].clone();
    let twice = transfers().with(5, trailer);
    assert_eq!(found(&twice.bytes()), [(Code::Order, 6, 1)]);
    let header = transfers().records[0].clone();
    let twice = transfers().with(1, header);
    assert_eq!(found(&twice.bytes()), [(Code::Order, 2, 1)]);
}

#[test]
fn what_is_missing_is_said_once() {
    assert_eq!(found(&transfers().without(1).bytes()), [(Code::MissingRecord, 1, 0)]);
    assert_eq!(found(&transfers().without(6).bytes()), [(Code::MissingRecord, 5, 0)]);
    let cut_off = transfers().without(6).without(5);
    assert_eq!(found(&cut_off.bytes()), [(Code::MissingRecord, 4, 0)]);
    let middle = &transfers().bytes()[..122 * 3 + 50];
    assert_eq!(found(middle), [(Code::MissingRecord, 4, 0), (Code::RecordLength, 4, 51)]);
    let header_only = transfers().bytes()[..122].to_vec();
    assert_eq!(found(&header_only), [(Code::MissingRecord, 1, 0)]);
}

#[test]
fn a_first_byte_is_not_what_makes_a_record() {
    // Whatever stands in the first byte, the record is what its other bytes show.
    for record in 1..=6 {
        for byte in ["0", "1", "2", "8", "9", "X", " "] {
            let file = transfers();
            if file.records[record - 1][0] == byte.as_bytes()[0] {
                continue;
            }
            let no = u64::try_from(record).unwrap();
            let spoilt = file.set(record, 1, byte).bytes();
            assert_eq!(found(&spoilt), [(Code::RecordType, no, 1)], "{record} {byte}");
        }
    }
}

#[test]
fn a_file_of_another_service_is_said_to_be_one() {
    let report = check(KIND, &debits().bytes());
    assert_eq!(report.errors, 1, "{:?}", report.findings);
    assert_eq!(places(&report.findings)[0], (Code::BusinessType, 1, 2));
    // A wrong digit in the code of the right service.
    for code in ["11", "91", "12", "22", "2X", "  ", "98"] {
        let file = transfers().set(1, 2, code).bytes();
        let at = [(Code::BusinessType, 1, 2)];
        assert_eq!(found(&file), at, "{code}");
    }
}

#[test]
fn what_banks_give_out_is_counted() {
    let check = |bytes: &[u8]| {
        places(&check_with(bytes, Settings::default(), Expected::default()).findings)
    };
    for (record, byte, code, from) in [
        (4, 7, Code::TotalCount, 2),
        (4, 20, Code::TotalAmount, 8),
        (4, 26, Code::TotalCount, 21),
        (4, 39, Code::TotalAmount, 27),
        (4, 61, Code::TotalCount, 55),
        (5, 11, Code::TotalCount, 2),
        (5, 16, Code::TotalCount, 12),
    ] {
        let file = statement().set(record, byte, "7").bytes();
        let no = u64::try_from(record).unwrap();
        assert_eq!(check(&file), [(code, no, from)], "{record} {byte}");
    }
    let unread = statement().set(2, 30, "X").bytes();
    assert_eq!(check(&unread), [(Code::NotDigits, 2, 30)]);
    let unknown = statement().set(2, 22, "3").bytes();
    assert_eq!(check(&unknown), [(Code::Value, 2, 22)]);
}

#[test]
fn payroll_has_no_place_for_what_transfers_have() {
    let file = file_of(BulkKind::Payroll, 2).set(2, 113, "Y").set(3, 43, "4").bytes();
    let found = places(&check(BulkKind::Payroll, &file).findings);
    assert_eq!(found, [(Code::Filler, 2, 113), (Code::AccountType, 3, 43)]);
}
