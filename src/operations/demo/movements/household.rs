//! A private customer: wages, rent, utilities, cards, cash, savings.

use chrono::{Datelike, NaiveDate};

use super::timeline::day_of_month;
use super::{Book, Movement};
use crate::domain::portal::Profile;
use crate::primitives::clock::UtcTime;

const EMPLOYERS: [&str; 6] = [
    "給与 ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ",
    "給与 ﾋｶﾘﾌ-ｽﾞ(ｶ",
    "給与 ｼﾐﾝﾋﾞﾖｳｲﾝ",
    "給与 ｱｻﾋﾞﾄｼﾖｶﾝ",
    "給与 ﾔﾏﾉﾃｺｳﾂｳ(ｶ",
    "給与 ｻｸﾗｾｲｻｸｼﾖ(ｶ",
];
const FRIENDS: [&str; 5] =
    ["振込 ﾀﾅｶ ｼﾞﾕﾝ", "振込 ｵｵﾀ ﾐﾎ", "振込 ﾌｼﾞﾓﾄ ｹﾝｼﾞ", "振込 ﾓﾘ ｱﾔ", "振込 ﾅｶﾑﾗ ﾄｵﾙ"];
const PAYEES: [&str; 5] =
    ["振込 ｷﾑﾗ ﾕｳｺ", "振込 ﾐｿﾗｺｸﾞﾎｹﾝ", "振込 ｱｵｿﾞﾗｶﾞｸｴﾝ", "振込 ﾊﾏﾍﾞｼﾞﾄﾞｳｼﾔ(ｶ", "振込 ｺﾊﾞﾔｼ ﾏｺﾄ"];

/// What stays the same from month to month.
struct Habits {
    employer: &'static str,
    wage: i64,
    rent: i64,
    saving: i64,
}

/// The movements of a private customer with `accounts` accounts: daily life on the first, savings
/// on the second.
pub fn household(profile: &Profile, seed: &str, now: UtcTime, accounts: usize) -> Vec<Movement> {
    let mut book = Book::new(profile, seed, now);
    let habits = Habits {
        employer: book.numbers.pick(&EMPLOYERS),
        wage: book.amount(218_000, 346_000, 1_000),
        rent: book.amount(58_000, 84_000, 500),
        saving: book.amount(10_000, 30_000, 5_000),
    };
    let (daily, savings) = (book.amount(180_000, 620_000, 1), book.amount(300_000, 1_900_000, 1));
    book.carry_over(0, daily);
    if accounts > 1 {
        book.carry_over(1, savings);
    }
    for (number, month) in book.months() {
        income(&mut book, &habits, month);
        bills(&mut book, &habits, number, month);
        spending(&mut book, month);
        if accounts > 1 {
            book.own_transfer(day_of_month(month, 26), 0, 1, habits.saving);
            let interest = book.amount(8, 90, 1);
            book.interest(month, 1, interest);
        }
    }
    book.finish(accounts)
}

fn income(book: &mut Book<'_>, habits: &Habits, month: NaiveDate) {
    let overtime = book.amount(0, 28_000, 1);
    let payday = Book::payday(month, 25);
    book.receive(payday, 0, habits.wage + overtime, habits.employer);
    if matches!(month.month(), 6 | 12) {
        let bonus = habits.employer.replace("給与", "賞与");
        book.receive(Book::payday(month, 10), 0, habits.wage / 1_000 * 1_600, &bonus);
    }
    if book.numbers.between(0, 2) == 0 {
        let (day, amount) = (book.numbers.between(3, 24), book.amount(3_000, 30_000, 500));
        let from = book.numbers.pick(&FRIENDS);
        book.receive(day_of_month(month, u32::try_from(day).unwrap_or(3)), 0, amount, from);
    }
    let interest = book.amount(1, 12, 1);
    book.interest(month, 0, interest);
}

fn bills(book: &mut Book<'_>, habits: &Habits, number: u32, month: NaiveDate) {
    book.debit(day_of_month(month, 27), 0, habits.rent, "口座振替 ﾔﾁﾝ");
    let electricity = book.amount(4_800, 13_500, 1);
    book.debit(day_of_month(month, 20), 0, electricity, "口座振替 ﾃﾞﾝｷ");
    let gas = book.amount(2_900, 9_800, 1);
    book.debit(day_of_month(month, 12), 0, gas, "口座振替 ｶﾞｽ");
    let telephone = book.amount(4_200, 8_600, 1);
    book.debit(day_of_month(month, 26), 0, telephone, "口座振替 ﾃﾞﾝﾜ");
    let card = book.amount(28_000, 74_000, 1);
    book.debit(day_of_month(month, 10), 0, card, "口座振替 ﾂﾊﾞﾒｶ-ﾄﾞ");
    if number.is_multiple_of(2) {
        let water = book.amount(4_100, 7_900, 1);
        book.debit(day_of_month(month, 15), 0, water, "口座振替 ｽｲﾄﾞｳ");
    }
}

fn spending(book: &mut Book<'_>, month: NaiveDate) {
    for day in [6, 18, 29] {
        let day = book.numbers.between(day - 3, day + 1);
        let amount = book.amount(10_000, 30_000, 10_000);
        book.cash(day_of_month(month, u32::try_from(day).unwrap_or(6)), 0, -amount);
    }
    if book.numbers.between(0, 5) == 0 {
        let amount = book.amount(10_000, 50_000, 10_000);
        book.cash(day_of_month(month, 8), 0, amount);
    }
    if book.numbers.between(0, 2) > 0 {
        let (day, amount) = (book.numbers.between(2, 28), book.amount(4_000, 42_000, 100));
        let payee = book.numbers.pick(&PAYEES);
        book.pay(day_of_month(month, u32::try_from(day).unwrap_or(2)), 0, amount, payee);
    }
}
