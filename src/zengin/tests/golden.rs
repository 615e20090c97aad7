//! Files of the formats that no other program at hand reads: each stands in `tests/data/zengin` as
//! text, one line a record. They have no findings, and field by field they say what the test says.

use crate::zengin::check::{Checker, Expected, Report, Settings};
use crate::zengin::layouts::{BALANCE_NOTICE, STATEMENT};
use crate::zengin::record::RecordView;
use crate::zengin::text::encode;

const STATEMENT_FILE: &str = include_str!("../../../tests/data/zengin/statement.txt");
const TERM_FILE: &str = include_str!("../../../tests/data/zengin/statement-term.txt");
const BALANCE_FILE: &str = include_str!("../../../tests/data/zengin/balance.txt");

/// The records in their bytes, and what the checker says of them.
fn read(text: &str) -> (Vec<Vec<u8>>, Report) {
    let jis = |line: &str| line.chars().map(|c| encode(c).unwrap()).collect::<Vec<u8>>();
    let records: Vec<Vec<u8>> = text.lines().map(jis).collect();
    let today = "2026-11-22".parse().ok();
    let expected = Expected { today, ..Expected::default() };
    let mut checker = Checker::new(Settings::default(), expected);
    for record in &records {
        checker.feed(record, &mut |_| {});
    }
    (records, checker.finish(&mut |_| {}))
}

#[test]
fn a_statement() {
    let (records, report) = read(STATEMENT_FILE);
    assert_eq!(report.findings, []);
    assert_eq!((report.records, report.item_count, report.total_amount), (6, 3, 363_006));
    let header = RecordView::new(STATEMENT.header, &records[0]).unwrap();
    assert_eq!(header.text("account_name").unwrap(), "ｱｵﾊﾞｼﾖｳｼﾞ(ｶ");
    assert_eq!(header.number("balance_before").unwrap(), 1_000_000);
    let layout = STATEMENT.data_of(&records[0], &records[1]);
    assert_eq!(layout, STATEMENT.data);
    let line = RecordView::new(layout, &records[1]).unwrap();
    assert_eq!(line.text("remitter_name").unwrap(), "ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ");
    assert_eq!(line.text("edi").unwrap(), "SEIKYU-12");
    assert_eq!(
        (line.number("amount").unwrap(), line.code("tx_kind").unwrap()),
        (120_000, "11".to_owned())
    );
}

#[test]
fn a_statement_of_a_time_deposit() {
    let (records, report) = read(TERM_FILE);
    assert_eq!(report.findings, []);
    let layout = STATEMENT.data_of(&records[0], &records[1]);
    assert_eq!(Some(layout), STATEMENT.other_data);
    let line = RecordView::new(layout, &records[1]).unwrap();
    assert_eq!(
        (line.number("rate").unwrap(), line.code("maturity").unwrap()),
        (1_250, "091001".to_owned())
    );
    assert_eq!(line.text("summary").unwrap(), "ﾃｲｷﾖｷﾝ");
}

#[test]
fn a_notice_of_balances() {
    let (records, report) = read(BALANCE_FILE);
    assert_eq!(report.findings, []);
    assert_eq!((report.format, report.item_count), (Some("残高通知"), 2));
    let line = RecordView::new(BALANCE_NOTICE.data, &records[2]).unwrap();
    assert_eq!((line.number("balance").unwrap(), line.digit("sign").unwrap()), (50_000, 2));
}
