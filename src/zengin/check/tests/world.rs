//! Good files, and all that a caller can know of them.

use chrono::NaiveDate;

use crate::zengin::bulk::{BulkFile, BulkHeader, BulkItem, BulkKind, Reference};
use crate::zengin::check::{
    BankDirectory, Checker, Code, DayVerdict, Expected, Finding, Office, OwnAccount,
    RegisteredPayees, Report, SentFiles, Settings, Totals,
};
use crate::zengin::layout::LineEnd;
use crate::zengin::layouts::STATEMENT;
use crate::zengin::record::Record;
use crate::zengin::text::encode;

pub const GOOD_DAY: &str = "1126";
pub const AMOUNT_MAX: u64 = 9_999_999_999;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Half-width text in its bytes.
pub fn jis(text: &str) -> Vec<u8> {
    text.chars().map(|c| encode(c).unwrap()).collect()
}

/// A file that can be spoilt record by record.
#[derive(Debug, Clone)]
pub struct File {
    pub records: Vec<Vec<u8>>,
    pub end: &'static str,
}

impl File {
    /// Puts text at a byte (from 1) of a record (from 1).
    pub fn set(mut self, record: usize, byte: usize, text: &str) -> File {
        let bytes = jis(text);
        self.records[record - 1][byte - 1..][..bytes.len()].copy_from_slice(&bytes);
        self
    }

    pub fn set_bytes(mut self, record: usize, byte: usize, bytes: &[u8]) -> File {
        self.records[record - 1][byte - 1..][..bytes.len()].copy_from_slice(bytes);
        self
    }

    pub fn without(mut self, record: usize) -> File {
        self.records.remove(record - 1);
        self
    }

    pub fn with(mut self, record: usize, bytes: Vec<u8>) -> File {
        self.records.insert(record - 1, bytes);
        self
    }

    pub fn ended(self, end: &'static str) -> File {
        File { end, ..self }
    }

    /// With the totals of a 総合振込 or the like set anew.
    pub fn totalled(self, count: u64, amount: u64) -> File {
        let trailer = self.records.len() - 1;
        self.set(trailer, 2, &format!("{count:06}{amount:012}"))
    }

    pub fn bytes(&self) -> Vec<u8> {
        let ended = |record: &Vec<u8>| [record, self.end.as_bytes()].concat();
        self.records.iter().flat_map(ended).collect()
    }
}

pub fn header(business_type: &str) -> BulkHeader {
    BulkHeader {
        business_type: business_type.to_owned(),
        originator_code: "0000012345".to_owned(),
        originator_name: "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
        value_date_mmdd: GOOD_DAY.to_owned(),
        own_bank_code: "1999".to_owned(),
        own_bank_name: "ｱｵﾊﾞ".to_owned(),
        own_branch_code: "001".to_owned(),
        own_branch_name: "ﾎﾝﾃﾝ".to_owned(),
        own_account_type: Some(1),
        own_account_no: "0001234".to_owned(),
    }
}

/// The item `no` (from 1) of a good file; each has another account, amount and reference.
pub fn item(kind: BulkKind, no: u64) -> BulkItem {
    let reference = match kind {
        BulkKind::GeneralTransfer if no.is_multiple_of(2) => {
            Reference::Edi(format!("SEIKYU/{no}.ｦ"))
        }
        BulkKind::GeneralTransfer => {
            Reference::CustomerCodes { first: format!("{no:010}"), second: "0".repeat(10) }
        }
        BulkKind::Payroll | BulkKind::Bonus => {
            Reference::Employee { number: format!("{no:010}"), department: "0000000012".to_owned() }
        }
        BulkKind::DirectDebit => Reference::CustomerNumber(format!("{no:020}")),
    };
    BulkItem {
        bank_code: "0009".to_owned(),
        bank_name: "ﾐﾂｲｽﾐﾄﾓ".to_owned(),
        branch_code: "219".to_owned(),
        branch_name: "ﾄｳｷﾖｳ".to_owned(),
        account_type: 1,
        account_no: format!("{:07}", 1_000_000 + no),
        name: "ﾔﾏﾀﾞ ﾊﾟｵﾛ".to_owned(),
        amount: 1_000 + no,
        new_code: 0,
        reference,
        transfer_kind: if kind == BulkKind::GeneralTransfer { 7 } else { 0 },
        result_code: 0,
    }
}

/// Header, `count` items, trailer, end.
pub fn file_of(kind: BulkKind, count: u64) -> File {
    let items: Vec<BulkItem> = (1..=count).map(|no| item(kind, no)).collect();
    file_with(kind, &items)
}

pub fn file_with(kind: BulkKind, items: &[BulkItem]) -> File {
    let header = header(kind.business_types()[0]);
    let (mut file, first) = BulkFile::begin(&header, LineEnd::None).unwrap();
    let mut records = vec![first];
    records.extend(items.iter().map(|item| file.item(item).unwrap()));
    records.extend(file.finish().unwrap().chunks(120).map(<[u8]>::to_vec));
    File { records, end: "\r\n" }
}

/// 総合振込 with three items: records 1 to 6.
pub fn transfers() -> File {
    file_of(BulkKind::GeneralTransfer, 3)
}

/// 預金口座振替 with three items.
pub fn debits() -> File {
    file_of(BulkKind::DirectDebit, 3)
}

/// 入出金取引明細 with one movement in and one out.
pub fn statement() -> File {
    let header = Record::new(STATEMENT.header)
        .day("created", day("2026-10-05"))
        .and_then(|record| record.day("from", day("2026-10-01")))
        .and_then(|record| record.day("to", day("2026-10-05")))
        .and_then(|record| record.digits("bank_code", "1999"))
        .and_then(|record| record.text("bank_name", "ｱｵﾊﾞ"))
        .and_then(|record| record.digits("branch_code", "001"))
        .and_then(|record| record.number("account_type", 1))
        .and_then(|record| record.digits("account_no", "1234567"))
        .and_then(|record| record.text("account_name", "ｱｵﾊﾞ ﾊﾅｺ"));
    let movement = |in_out, amount| {
        Record::new(STATEMENT.data)
            .day("account_date", day("2026-10-02"))
            .and_then(|record| record.day("value_date", day("2026-10-02")))
            .and_then(|record| record.number("in_out", in_out))
            .and_then(|record| record.number("amount", amount))
    };
    let trailer = Record::new(STATEMENT.trailer)
        .number("in_count", 1)
        .and_then(|record| record.number("in_amount", 500))
        .and_then(|record| record.number("out_count", 1))
        .and_then(|record| record.number("out_amount", 200))
        .and_then(|record| record.number("data_count", 2));
    let end = Record::new(STATEMENT.end)
        .number("record_total", 5)
        .and_then(|record| record.number("account_count", 1));
    let records = [header, movement(1, 500), movement(2, 200), trailer, end];
    let records = records.map(|record| record.unwrap().finish(LineEnd::None)).to_vec();
    File { records, end: "\r\n" }
}

#[derive(Debug)]
pub struct Directory {
    pub is_old: bool,
}

impl BankDirectory for Directory {
    fn bank(&self, code: &str) -> Option<Office<'_>> {
        match code {
            "0009" => Some(Office { name: "三井住友", kana: "ミツイスミトモ" }),
            "9900" => Some(Office { name: "ゆうちょ", kana: "ユウチヨ" }),
            _ => None,
        }
    }

    fn branch(&self, bank_code: &str, code: &str) -> Option<Office<'_>> {
        match (bank_code, code) {
            ("0009", "219") => Some(Office { name: "東京", kana: "トウキヨウ" }),
            ("9900", "018") => Some(Office { name: "〇一八", kana: "ゼロイチハチ" }),
            ("9900", "019") => Some(Office { name: "〇一九", kana: "ゼロイチキユウ" }),
            _ => None,
        }
    }

    fn as_of(&self) -> NaiveDate {
        day("2026-08-24")
    }

    fn is_old(&self) -> bool {
        self.is_old
    }
}

/// A file that was sent, by its bytes or its totals.
#[derive(Debug)]
pub struct Sent {
    pub sha256: Option<[u8; 32]>,
    pub totals: Option<(u64, u64)>,
}

impl SentFiles for Sent {
    fn same_content(&self, sha256: &[u8; 32]) -> Option<String> {
        (self.sha256.as_ref() == Some(sha256)).then(|| "受付番号1".to_owned())
    }

    fn same_totals(&self, totals: &Totals<'_>) -> Option<String> {
        let is_same = self.totals == Some((totals.count, totals.amount))
            && totals.value_date == Some(day("2026-11-26"))
            && totals.header.business_type == "21";
        is_same.then(|| "受付番号2".to_owned())
    }
}

/// One payee is registered with the account of the second item.
#[derive(Debug)]
pub struct Payees;

impl RegisteredPayees for Payees {
    fn name_of(&self, _: BulkKind, item: &BulkItem) -> Option<String> {
        (item.account_no == "1000002").then(|| "ﾔﾏﾀﾞ ﾊﾟｵﾛ".to_owned())
    }
}

pub fn judge(_: &str, day: NaiveDate) -> DayVerdict {
    let of = |text: &str| text.parse::<NaiveDate>().unwrap();
    if day == of("2026-11-29") {
        return DayVerdict::NotBusinessDay { next: Some(of("2026-11-30")) };
    }
    if day == of("2026-11-24") {
        let (until, first) = ("11月23日12時".to_owned(), of("2026-11-25"));
        return DayVerdict::PastCutOff { until, first };
    }
    if day > of("2026-12-15") {
        return DayVerdict::OutsideWindow { from: of("2026-11-25"), to: of("2026-12-15") };
    }
    DayVerdict::Good
}

pub fn own_accounts() -> Vec<OwnAccount> {
    let branch_code = "001".to_owned();
    vec![OwnAccount { branch_code, account_type: 1, account_no: "0001234".to_owned() }]
}

/// All that can be known: everything is checked.
pub fn expected<'a>(business_types: &'a [&'a str], own: &'a [OwnAccount]) -> Expected<'a> {
    static DIRECTORY: Directory = Directory { is_old: false };
    static SENT: Sent = Sent { sha256: None, totals: None };
    Expected {
        business_types: Some(business_types),
        originator_code: Some("0000012345"),
        own_bank_code: Some("1999"),
        own_accounts: Some(own),
        today: Some(day("2026-11-22")),
        day: Some(&judge),
        directory: Some(&DIRECTORY),
        amount_max: Some(AMOUNT_MAX),
        sent: Some(&SENT),
        payees: Some(&Payees),
    }
}

pub fn check_with(bytes: &[u8], settings: Settings, expected: Expected<'_>) -> Report {
    let mut checker = Checker::new(settings, expected);
    checker.feed(bytes, &mut |_| {});
    checker.finish(&mut |_| {})
}

/// Checks a file of this kind with everything known.
pub fn check(kind: BulkKind, bytes: &[u8]) -> Report {
    let own = own_accounts();
    check_with(bytes, Settings::default(), expected(kind.business_types(), &own))
}

/// Code, record, byte.
pub type Place = (Code, u64, u32);

pub fn places(findings: &[Finding]) -> Vec<Place> {
    findings.iter().map(|finding| (finding.code, finding.record, finding.byte)).collect()
}
