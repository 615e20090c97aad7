//! A company: customers' payments in, suppliers, wages, taxes and rent out.

use chrono::{Datelike, NaiveDate};

use super::timeline::day_of_month;
use super::{Book, Movement};
use crate::domain::ledger::AccountPurpose;
use crate::domain::portal::Profile;
use crate::primitives::clock::UtcTime;

const CUSTOMERS: [&str; 8] = [
    "振込 ﾐﾔﾏｼﾖｳｼﾞ(ｶ",
    "振込 (ｶ ﾊﾅﾉｷ",
    "振込 ﾕ)ｶﾜｶﾐｽﾄｱ",
    "振込 ｷﾀｳﾐｽｲｻﾝ(ｶ",
    "振込 ﾎｼｿﾞﾗｶﾞｸｴﾝ",
    "振込 (ｶ ﾀｶﾅﾐ",
    "振込 ﾐﾅﾐﾉｾｲｶ(ｶ",
    "振込 ﾔﾏﾉﾍﾞｹﾝｾﾂ(ｶ",
];
const SUPPLIERS: [&str; 6] = [
    "振込 ｵｵｿﾞﾗｼｻﾞｲ(ｶ",
    "振込 (ｶ ﾄｷﾜﾌﾞﾂｻﾝ",
    "振込 ﾏﾂﾊﾞﾗｳﾝｿｳ(ｶ",
    "振込 ﾕ)ﾋﾉﾃﾞｲﾝｻﾂ",
    "振込 ｸﾛｼｵｾｷﾕ(ｶ",
    "振込 (ｶ ﾐﾂﾊﾞﾀﾞﾝﾎﾞ-ﾙ",
];

/// The movements of a company with `accounts` accounts: trade on the first, bills on the second.
pub fn company(profile: &Profile, seed: &str, now: UtcTime, accounts: usize) -> Vec<Movement> {
    let mut book = Book::new(profile, seed, now);
    let wages = book.amount(2_100_000, 3_600_000, 10_000);
    let rent = book.amount(180_000, 320_000, 5_000);
    let capital = book.amount(6_000_000, 14_000_000, 1);
    book.carry_over(0, capital);
    for place in 1..accounts {
        let amount = book.amount(1_500_000, 4_000_000, 1);
        book.carry_over(place, amount);
    }
    let bills = accounts.saturating_sub(1).min(1);
    for (number, month) in book.months() {
        trade(&mut book, month);
        costs(&mut book, (wages, rent), bills, month);
        if bills == 1 {
            book.own_transfer(Book::payday(month, 8), 0, 1, rent + 1_150_000);
            cheques(&mut book, number, month);
        }
        let interest = book.amount(20, 240, 1);
        book.interest(month, 0, interest);
    }
    book.finish(accounts)
}

fn trade(book: &mut Book<'_>, month: NaiveDate) {
    for day in [10, 15, 20, 25, 31] {
        let amount = book.amount(620_000, 1_980_000, 1_080);
        let customer = book.numbers.pick(&CUSTOMERS);
        book.receive(Book::payday(month, day), 0, amount, customer);
    }
    for day in [10, 31] {
        let amount = book.amount(240_000, 960_000, 540);
        let supplier = book.numbers.pick(&SUPPLIERS);
        book.pay(Book::payday(month, day), 0, amount, supplier);
    }
    let takings = book.amount(80_000, 340_000, 1_000);
    book.cash(day_of_month(month, 5), 0, takings);
}

fn costs(book: &mut Book<'_>, (wages, rent): (i64, i64), bills: usize, month: NaiveDate) {
    let at = book.at(Book::payday(month, 25), 9, 10);
    let other = AccountPurpose::OutgoingClearing;
    book.simple(at, "payroll", "総合振込 ｷﾕｳﾖ", (0, -wages), other);
    book.debit(day_of_month(month, 31), 0, wages / 100 * 15, "口座振替 ｼﾔｶｲﾎｹﾝﾘﾖｳ");
    book.debit(day_of_month(month, 27), bills, rent, "口座振替 ﾁﾝﾘﾖｳ");
    let power = book.amount(28_000, 96_000, 1);
    book.debit(day_of_month(month, 20), bills, power, "口座振替 ﾃﾞﾝｷ");
    let telephone = book.amount(14_000, 31_000, 1);
    book.debit(day_of_month(month, 26), bills, telephone, "口座振替 ﾃﾞﾝﾜ");
    if matches!(month.month(), 5 | 11) {
        let at = book.at(Book::payday(month, 30), 10, 14);
        let tax = book.amount(380_000, 820_000, 100);
        book.simple(at, "tax_payment", "国税 ﾎｳｼﾞﾝｾﾞｲ", (0, -tax), AccountPurpose::Collection);
    }
}

fn cheques(book: &mut Book<'_>, number: u32, month: NaiveDate) {
    for (place, day) in [(1, 12), (2, 22)] {
        let at = book.at(Book::payday(month, day), 9, 12);
        let amount = book.amount(180_000, 420_000, 1);
        let text = format!("小切手 {:05}", 10_000 + number * 2 + place);
        book.simple(at, "cheque", &text, (1, -amount), AccountPurpose::OutgoingClearing);
    }
}
