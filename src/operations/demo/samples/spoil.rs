//! What is wrong with the broken samples: each has one fault, and the code that names it.

use chrono::{Days, NaiveDate};

use super::Promise;
use crate::domain::bulk_file::BulkKind;
use crate::domain::bulk_file::day::DayWindow;
use crate::primitives::calendar::{business_day_before, is_business_day};
use crate::zengin::record::digits_of;

/// A file, record by record.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    pub records: Vec<Vec<u8>>,
}

impl Paper {
    /// The file, with this behind each record.
    pub(super) fn bytes(&self, end: &[u8]) -> Vec<u8> {
        self.records.iter().flat_map(|record| [record.as_slice(), end].concat()).collect()
    }

    /// With these bytes at a byte (from 1) of a record (from 1).
    fn with(&self, record: usize, byte: usize, bytes: &[u8]) -> Paper {
        let mut other = self.clone();
        if let Some(record) = other.records.get_mut(record - 1) {
            for (place, byte) in record.iter_mut().skip(byte - 1).zip(bytes) {
                *place = *byte;
            }
        }
        other
    }

    fn without(&self, record: usize) -> Paper {
        let mut other = self.clone();
        if record <= other.records.len() {
            other.records.remove(record - 1);
        }
        other
    }
}

/// Name, what it is, what becomes of it, bytes.
type Spoilt = (&'static str, &'static str, Promise, Vec<u8>);

/// The broken files of a kind.
pub(super) fn spoilt(
    (kind, is_fresh): (BulkKind, bool),
    window: &DayWindow,
    good: &Paper,
) -> Vec<Spoilt> {
    let mut all = whole(good);
    all.extend(headers(window, good));
    all.extend(items(good));
    all.extend(trailers(good));
    if is_fresh {
        // An old list of banks does not prove that a code is wrong.
        all.extend(unlisted(good));
    }
    if kind != BulkKind::DirectDebit {
        let file = repeated(good);
        let warned = Promise::Warned("Z316");
        all.push(("twice", "同じ口座・同じ金額が2件", warned, file.bytes(b"\r\n")));
    } else {
        let early = business_day_before(window.first);
        let file = good.with(1, 55, &mmdd(early));
        let refused = Promise::Refused("Z209");
        all.push(("past-deadline", "締切を過ぎた指定日", refused, file.bytes(b"\r\n")));
        let file = good.with(2, 112, b"1");
        let refused = Promise::Refused("Z320");
        all.push(("result-code", "依頼なのに振替結果コードが1", refused, file.bytes(b"\r\n")));
    }
    all
}

fn refused(name: &'static str, what: &'static str, code: &'static str, paper: &Paper) -> Spoilt {
    (name, what, Promise::Refused(code), paper.bytes(b"\r\n"))
}

/// What is wrong with the file as a whole, or with the order of its records.
fn whole(good: &Paper) -> Vec<Spoilt> {
    let ended = good.bytes(b"\r\n");
    let mut mixed = ended.clone();
    // The CR behind the third record.
    mixed.remove(122 * 3 - 2);
    let mut short = good.clone();
    if let Some(record) = short.records.get_mut(2) {
        record.remove(60);
    }
    let marked = [b"\xEF\xBB\xBF", ended.as_slice()].concat();
    let last = good.records.len();
    vec![
        ("bom", "先頭にBOM", Promise::Refused("Z002"), marked),
        ("mixed-line-ends", "改行が混在", Promise::Refused("Z004"), mixed),
        refused("short-record", "3番目のレコードが119文字", "Z101", &short),
        refused("no-end", "エンドレコードがない", "Z104", &good.without(last)),
        refused("empty", "データレコードがない", "Z107", &emptied(good)),
    ]
}

/// Without items, and with totals that are right.
fn emptied(good: &Paper) -> Paper {
    let mut records = good.records.clone();
    records.drain(1..records.len().saturating_sub(2).max(1));
    Paper { records }.with(2, 2, b"000000000000000000")
}

fn headers(window: &DayWindow, good: &Paper) -> Vec<Spoilt> {
    let closed = window.first.iter_days().take(30).find(|day| !is_business_day(*day));
    let closed = closed.unwrap_or(window.first);
    let late = window.last.checked_add_days(Days::new(1)).unwrap_or(window.last);
    let other = good.with(1, 5, b"0000000009");
    vec![
        refused("other-originator", "委託者コードが異なる", "Z203", &other),
        refused("other-bank", "仕向銀行番号が異なる", "Z204", &good.with(1, 59, b"0001")),
        refused("other-account", "ご契約の口座でない", "Z205", &good.with(1, 97, b"0000001")),
        refused("no-such-day", "2月30日を指定", "Z206", &good.with(1, 55, b"0230")),
        refused("closed-day", "休業日を指定", "Z207", &good.with(1, 55, &mmdd(closed))),
        refused("too-far", "受付期間より先の日を指定", "Z208", &good.with(1, 55, &mmdd(late))),
        refused("no-name", "依頼人名・委託者名がない", "Z210", &good.with(1, 15, &[b' '; 40])),
    ]
}

fn items(good: &Paper) -> Vec<Spoilt> {
    let nameless = good.with(3, 51, &[b' '; 30]);
    vec![
        refused("letter-in-amount", "金額に英字のO", "Z301", &good.with(3, 85, b"O")),
        refused("account-type", "使えない預金種目", "Z305", &good.with(3, 43, b"8")),
        refused("account-number", "口座番号がすべて0", "Z306", &good.with(3, 44, b"0000000")),
        refused("no-payee-name", "受取人名・預金者名がない", "Z307", &nameless),
        refused("small-letter", "名前に小文字", "Z308", &good.with(3, 51, b"a")),
        refused("lonely-mark", "濁点で始まる名前", "Z309", &good.with(3, 51, b"\xDE")),
    ]
}

fn unlisted(good: &Paper) -> Vec<Spoilt> {
    vec![
        refused("unknown-bank", "一覧にない金融機関コード", "Z302", &good.with(3, 2, b"9998")),
        refused("unknown-branch", "一覧にない店番", "Z303", &good.with(3, 21, b"999")),
    ]
}

/// With account and amount of the first item in the second, and the total that follows.
fn repeated(good: &Paper) -> Paper {
    let part = |record: usize, from: usize, to: usize| {
        let record = good.records.get(record - 1).and_then(|bytes| bytes.get(from - 1..to));
        record.unwrap_or_default().to_vec()
    };
    let number = |digits: &[u8]| digits_of(digits).unwrap_or_default();
    let total = good.records.len() - 1;
    let (first, second) = (part(2, 81, 90), part(3, 81, 90));
    let sum = (number(&part(total, 8, 19)) + number(&first)).saturating_sub(number(&second));
    let file = good.with(3, 43, &part(2, 43, 50)).with(3, 81, &first);
    file.with(total, 8, format!("{sum:012}").as_bytes())
}

fn trailers(good: &Paper) -> Vec<Spoilt> {
    let total = good.records.len() - 1;
    vec![
        refused("wrong-count", "合計件数が異なる", "Z401", &good.with(total, 2, b"000099")),
        refused("wrong-total", "合計金額が異なる", "Z402", &good.with(total, 8, b"000000000001")),
    ]
}

fn mmdd(day: NaiveDate) -> Vec<u8> {
    day.format("%m%d").to_string().into_bytes()
}
