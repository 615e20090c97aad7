//! Transfers to others: fees, days, limits, holds, payees chosen again.

use futures_util::future::join_all;
use madoguchi::operations::ledger::reverse::{ReverseOutcome, reverse};
use madoguchi::operations::user::hold::{HoldChange, HoldOutcome, change};
use madoguchi::primitives::ids::EntryId;

use super::site::Money;
use crate::browser::{Browser, Page};
use crate::people::JIRO;

const FROM: &str = "1310072";
/// 花子's account at another branch of the institution.
const HANAKOS: &str = "1203345";
/// A bank of the directory.
const BANK: (&str, &str) = ("0001", "001");

/// BTR002 for this account, typed without a name: BTR003.
async fn to_other(
    money: &Money,
    browser: &Browser,
    (bank, branch): (&str, &str),
    number: &str,
) -> Page {
    let path = money.at(&format!("transfers/payee?bank={bank}&branch={branch}"));
    let page = browser.get(&path).await.expect_screen("BTR002");
    let from = money.account(FROM);
    let typed =
        [("from", from.as_str()), ("account_type", "ordinary"), ("number", number), ("holder", "")];
    let answer = browser.submit(&page, &typed).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTR003")
}

async fn pays(money: &Money, browser: &Browser, number: &str, amount: &str, on: &str) -> Page {
    let input = to_other(money, browser, BANK, number).await;
    let page = money.to_confirm(browser, &input, amount, on).await;
    money.confirm(browser, &page, JIRO).await.expect_screen("BTR005")
}

#[tokio::test]
async fn fee_and_tax_are_postings_of_their_own_and_the_payee_reads_who_paid() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 1_000_000);
    let browser = money.logged_in(JIRO).await;
    let (from, to) = (money.balance(FROM), money.balance(HANAKOS));
    let sums = |purpose: &str| {
        money.number(&format!(
            "SELECT COALESCE(SUM(amount), 0) FROM postings WHERE account_id = (SELECT id \
             FROM accounts WHERE portal = 'shirakaba' AND purpose = '{purpose}')"
        ))
    };
    let before = [sums("fee_income"), sums("consumption_tax"), sums("outgoing_clearing")];
    // Another branch of the institution, below 30,000 yen: 100 and 10.
    let input = to_other(&money, &browser, ("0984", "001"), HANAKOS).await;
    let page = money.to_confirm(&browser, &input, "29999", "2026-11-24").await;
    let shown = page.text();
    for part in
        ["110円（うち消費税 10円）", "30,109円", "はじめての振込先です", "ハナコ", "照会しました"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    assert_eq!((money.balance(FROM), money.balance(HANAKOS)), (from - 30_109, to + 29_999));
    // Another bank, from 30,000 yen on: 350 and 35.
    let result = pays(&money, &browser, "1234567", "30000", "2026-11-24").await;
    assert!(result.text().contains("385円（うち消費税 35円）"), "{}", result.text());
    assert_eq!(money.balance(FROM), from - 30_109 - 30_385);
    let after = [sums("fee_income"), sums("consumption_tax"), sums("outgoing_clearing")];
    assert_eq!(after, [before[0] + 450, before[1] + 45, before[2] + 30_000]);
    // A correction of the last one takes its fee back as well, and the customer is told.
    let last = money.number("SELECT MAX(id) FROM payments");
    let entry = money.number(&format!("SELECT entry_id FROM payments WHERE id = {last}"));
    let ctx = money.ctx_of("shirakaba");
    let corrected = reverse(&money.services, &ctx, EntryId(entry), "test").unwrap();
    assert!(matches!(corrected, ReverseOutcome::Reversed { fee: Some(_), .. }), "{corrected:?}");
    assert_eq!(money.balance(FROM), from - 30_109);
    let after = [sums("fee_income"), sums("consumption_tax"), sums("outgoing_clearing")];
    assert_eq!(after, [before[0] + 100, before[1] + 10, before[2]]);
    let detail = browser.get(&money.at(&format!("payments/{last}"))).await.expect_screen("BTR032");
    let text = detail.text();
    assert!(
        text.contains("このお取引は訂正されました") && text.contains("手数料を含めて"),
        "{text}"
    );
    let hanako = money.logged_in(crate::people::HANAKO).await;
    let id = money.account(HANAKOS);
    let statement = hanako.get(&money.at(&format!("accounts/{id}/statement"))).await;
    let text = statement.expect_screen("BAC010").text();
    assert!(text.contains("ｼﾗｶﾊﾞ ｼﾞﾛｳ") || text.contains("ｼﾞﾛｳ"), "{text}");
    money.assert_sound();
}

#[tokio::test]
async fn to_another_bank_it_goes_out_on_business_days_until_three() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    for (now, first, is_today) in [
        ("2026-11-24 14:58:00", "2026-11-24", true),
        ("2026-11-24 15:00:00", "2026-11-25", false),
        ("2026-11-28 10:00:00", "2026-11-30", false),
        ("2026-12-30 15:00:00", "2027-01-04", false),
    ] {
        money.set_japan(now);
        let browser = money.logged_in(JIRO).await;
        let page = to_other(&money, &browser, BANK, "1234567").await;
        let days = page.body.matches("<option value=\"").count();
        let start = page.body.find("<option value=\"").unwrap();
        let offered = &page.body[start + 15..start + 25];
        assert_eq!(offered, first, "{now}");
        assert_eq!(page.body.contains("本日　"), is_today, "{now}");
        assert!((15..=23).contains(&days), "business days of a month: {days}");
    }
    // The check was opened in time, the button comes too late: nothing goes out.
    money.set_japan("2027-01-05 14:59:00");
    let browser = money.logged_in(JIRO).await;
    let input = to_other(&money, &browser, BANK, "1234567").await;
    let page = money.to_confirm(&browser, &input, "1000", "2027-01-05").await;
    assert!(page.text().contains("残り時間は 1分"), "{}", page.text());
    money.set_japan("2027-01-05 15:00:00");
    let late = browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(late.summary().contains("受付時間を過ぎました"), "{}", late.summary());
    assert_eq!(money.payments("done") + money.payments("reserved"), 0);
}

#[tokio::test]
async fn of_payments_at_once_no_more_go_out_than_the_limit_lets() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 5_000_000);
    let (mut browsers, mut pages) = (Vec::new(), Vec::new());
    // Not more than the tries with a confirming secret that may be under way at once.
    for n in 0..5 {
        let browser = money.logged_in(JIRO).await;
        let input = to_other(&money, &browser, BANK, &format!("123450{n}")).await;
        pages.push(money.to_confirm(&browser, &input, "150000", "2026-11-24").await);
        browsers.push(browser);
    }
    // As if all had stood at their check at the same moment.
    money.execute(
        "UPDATE flows SET step = 'confirm' WHERE operation = 'transfer' AND step = 'ended'",
    );
    let values = [("confirm", JIRO.confirm)];
    let sent = browsers.iter().zip(&pages).map(|(browser, page)| browser.submit(page, &values));
    let answers = join_all(sent).await;
    let done = answers.iter().filter(|page| page.is_done()).count();
    let refused: Vec<&Page> = answers.iter().filter(|page| page.status == 422).collect();
    assert_eq!((done, refused.len()), (3, 2), "without a token 500,000 yen a day");
    assert!(refused.iter().all(|page| page.summary().contains("限度額")));
    assert_eq!(money.payments("done"), 3);
    money.assert_sound();
    // What is reserved counts on its own day.
    let browser = &browsers[0];
    pays(&money, browser, "1234560", "500000", "2026-11-25").await;
    let input = to_other(&money, browser, BANK, "1234561").await;
    for (amount, on, why) in [
        ("50001", "2026-11-24", "1日の合計 500,000円 まで"),
        ("1", "2026-11-25", "1日の合計 500,000円 まで"),
        ("500001", "2026-11-26", "1日の合計 500,000円 まで"),
    ] {
        let answer = browser.submit(&input, &[("amount", amount), ("on", on)]).await;
        let page = answer.expect_status(422);
        assert!(page.summary().contains(why), "{amount} {on}: {}", page.summary());
    }
    let page = money.to_confirm(browser, &input, "50000", "2026-11-24").await;
    assert!(page.fact("このお取引のあとの残り").as_deref() == Some("0円"), "{}", page.text());
    money.assert_sound();
}

#[tokio::test]
async fn limits_are_asked_again_when_a_reservation_runs() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 2_000_000);
    let browser = money.logged_in(JIRO).await;
    for (number, amount) in [("1234501", "150000"), ("1234502", "250000"), ("1234503", "95000")] {
        pays(&money, &browser, number, amount, "2026-11-25").await;
    }
    // The limit comes down meanwhile; what fits goes out, in order of receipt.
    money.execute(
        "UPDATE limits SET transfer_per_transaction_yen = 240000, transfer_daily_yen = 240000, \
         pay_easy_per_transaction_yen = 240000, pay_easy_daily_yen = 240000 \
         WHERE contract_id = (SELECT contract_id FROM users \
         WHERE portal = 'shirakaba' AND login_id = '1000000003')",
    );
    money.set_japan("2026-11-25 09:00:00");
    assert_eq!(money.runs(), "ran 1 reservation, 2 could not go out");
    let reasons = "SELECT reason AS value FROM payments WHERE state = 'failed' ORDER BY id";
    assert_eq!(money.texts(reasons), ["per_transaction", "daily"]);
    assert!(money.last_mail("reservation_failed").contains("限度額を超え"));
    money.assert_sound();
}

#[tokio::test]
async fn under_a_hold_little_goes_to_the_known_and_nothing_to_the_new() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 1_000_000);
    let browser = money.logged_in(JIRO).await;
    pays(&money, &browser, "1234567", "1000", "2026-11-24").await;
    money.execute(
        "UPDATE users SET hold_until = '2026-11-25 03:00:00' \
         WHERE portal = 'shirakaba' AND login_id = '1000000003'",
    );
    let known = to_other(&money, &browser, BANK, "1234567").await;
    let over = browser.submit(&known, &[("amount", "99001"), ("on", "2026-11-24")]).await;
    assert!(over.expect_status(422).summary().contains("お振込いただける金額を1日"));
    let page = money.to_confirm(&browser, &known, "99000", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let new = to_other(&money, &browser, BANK, "7654321").await;
    for on in ["2026-11-24", "2026-11-25", "2026-12-01"] {
        let answer = browser.submit(&new, &[("amount", "1"), ("on", on)]).await;
        let why = answer.expect_status(422).summary();
        assert!(why.contains("はじめての振込先には"), "{on}: {why}");
    }
    // Own accounts are nobody else's.
    let own = money.to_own(&browser, FROM, "1310099").await;
    let page = money.to_confirm(&browser, &own, "500000", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    money.set_japan("2026-11-25 12:00:00");
    let browser = money.logged_in(JIRO).await;
    let new = to_other(&money, &browser, BANK, "7654321").await;
    let page = money.to_confirm(&browser, &new, "1", "2026-11-25").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    money.assert_sound();
}

#[tokio::test]
async fn a_hold_stops_what_was_reserved_shortly_before_it_however_long_it_is_made() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 1_000_000);
    let browser = money.logged_in(JIRO).await;
    pays(&money, &browser, "7654321", "1000", "2026-11-27").await;
    // A day and an hour later somebody takes the account over, reserves and starts a token; staff
    // make its hold last for days.
    money.set_japan("2026-11-25 11:30:00");
    let browser = money.logged_in(JIRO).await;
    pays(&money, &browser, "7654322", "2000", "2026-11-27").await;
    money.set_japan("2026-11-25 12:00:00");
    let ctx = money.ctx_of("shirakaba");
    let hold = |until: &str| {
        let until = HoldChange::Until(until.parse().unwrap());
        let outcome = change(&money.services, &ctx, JIRO.login_id, until).unwrap();
        assert_eq!(outcome, HoldOutcome::Changed);
    };
    hold("2026-11-26T03:00:00");
    hold("2026-12-02T03:00:00");
    assert_eq!(money.user(JIRO, "hold_from"), "2026-11-25 03:00:00");
    money.set_japan("2026-11-27 09:00:00");
    assert_eq!(money.runs(), "ran 1 reservation, 1 could not go out");
    let ends = "SELECT CAST(amount_yen AS TEXT) || ' ' || COALESCE(reason, state) AS value \
                FROM payments ORDER BY id";
    assert_eq!(money.texts(ends), ["1000 done", "2000 hold_payee"]);
    // Over, and opened anew: it has another begin.
    money.set_japan("2026-12-03 12:00:00");
    let ctx = money.ctx_of("shirakaba");
    let until = HoldChange::Until("2026-12-04T03:00:00".parse().unwrap());
    change(&money.services, &ctx, JIRO.login_id, until).unwrap();
    assert_eq!(money.user(JIRO, "hold_from"), "2026-12-03 03:00:00");
    money.assert_sound();
}

#[tokio::test]
async fn what_goes_out_late_counts_for_the_day_on_which_it_goes_out() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 2_000_000);
    let browser = money.logged_in(JIRO).await;
    // Without a token 500,000 a day.
    pays(&money, &browser, "1234501", "300000", "2026-11-25").await;
    pays(&money, &browser, "1234502", "200000", "2026-11-25").await;
    // Nobody ran them on their day.
    money.set_japan("2026-11-26 08:30:00");
    let browser = money.logged_in(JIRO).await;
    pays(&money, &browser, "1234503", "250000", "2026-11-26").await;
    money.set_japan("2026-11-26 09:00:00");
    assert_eq!(money.runs(), "ran 1 reservation, 1 could not go out");
    let ends = "SELECT CAST(amount_yen AS TEXT) || ' ' || COALESCE(reason, state) || ' ' || \
                CAST(execute_on AS TEXT) AS value FROM payments ORDER BY id";
    let ends = money.texts(ends);
    assert_eq!(ends[1..], ["200000 done 2026-11-26", "250000 done 2026-11-26"]);
    assert_eq!(ends[0], "300000 no_token 2026-11-25", "with the 250,000 it is too much");
    let sums = "SELECT CAST(counted_yen AS TEXT) AS value FROM payment_totals \
                WHERE service = 'all' ORDER BY on_day";
    assert_eq!(money.texts(sums), ["0", "450000"]);
    money.assert_sound();
}

#[tokio::test]
async fn a_payee_whose_payments_were_all_corrected_is_new_under_a_hold() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 1_000_000);
    let browser = money.logged_in(JIRO).await;
    for (number, amount) in [("1234567", "1000"), ("1234501", "1001"), ("1234501", "1002")] {
        pays(&money, &browser, number, amount, "2026-11-24").await;
    }
    // The first payee's only payment, and one of the other's two.
    for amount in [1000, 1001] {
        let entry =
            money.number(&format!("SELECT entry_id FROM payments WHERE amount_yen = {amount}"));
        let ctx = money.ctx_of("shirakaba");
        let corrected = reverse(&money.services, &ctx, EntryId(entry), "test").unwrap();
        assert!(matches!(corrected, ReverseOutcome::Reversed { .. }), "{corrected:?}");
    }
    money.execute(
        "UPDATE users SET hold_until = '2026-11-25 03:00:00' \
         WHERE portal = 'shirakaba' AND login_id = '1000000003'",
    );
    let new = to_other(&money, &browser, BANK, "1234567").await;
    let answer = browser.submit(&new, &[("amount", "1"), ("on", "2026-11-24")]).await;
    let why = answer.expect_status(422).summary();
    assert!(why.contains("はじめての振込先には"), "{why}");
    let known = to_other(&money, &browser, BANK, "1234501").await;
    let page = money.to_confirm(&browser, &known, "2000", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    money.assert_sound();
}

#[tokio::test]
async fn accounts_that_are_not_there_are_told_and_paid_ones_come_back() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    for ((bank, branch), number, why) in [
        (BANK, "0000404", "見つかりません"),
        (BANK, "0000410", "解約"),
        (BANK, "0000501", "名義"),
        (("0984", "001"), "9999999", "見つかりません"),
        (("0984", "003"), FROM, "出金口座と同じ"),
        (BANK, "12345678", "7桁"),
    ] {
        let path = money.at(&format!("transfers/payee?bank={bank}&branch={branch}"));
        let page = browser.get(&path).await.expect_screen("BTR002");
        let typed = [
            ("from", from.as_str()),
            ("account_type", "ordinary"),
            ("number", number),
            ("holder", ""),
        ];
        let again = browser.submit(&page, &typed).await.expect_status(422);
        assert!(again.summary().contains(why), "{number}: {}", again.summary());
    }
    browser.get(&money.at("transfers/payee?bank=0001")).await.expect_screen("BTR002");
    pays(&money, &browser, "1234567", "2000", "2026-11-24").await;
    let page = browser.get(&money.at("transfers")).await.expect_screen("BTR001");
    let id = money.number("SELECT MAX(id) FROM payments");
    let answer = browser.submit(&page, &[("from", &from), ("to", &format!("paid-{id}"))]).await;
    let input = browser.follow(answer.expect_status(303)).await.expect_screen("BTR003");
    let page = money.to_confirm(&browser, &input, "2100", "2026-11-24").await;
    assert!(!page.text().contains("はじめて"), "paid before: {}", page.text());
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    money.assert_sound();
}

#[tokio::test]
async fn a_corrected_payment_reads_so_in_the_history_and_is_offered_no_more() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    pays(&money, &browser, "1234567", "2000", "2026-11-24").await;
    pays(&money, &browser, "7654321", "3000", "2026-11-24").await;
    let of = |column: &str, yen: i64| {
        money.number(&format!("SELECT {column} FROM payments WHERE amount_yen = {yen}"))
    };
    let (ctx, entry) = (money.ctx_of("shirakaba"), EntryId(of("entry_id", 2_000)));
    let corrected = reverse(&money.services, &ctx, entry, "test").unwrap();
    assert!(matches!(corrected, ReverseOutcome::Reversed { .. }), "{corrected:?}");
    let history = browser.get(&money.at("history")).await.expect_screen("BTR040");
    let shown = history.table();
    let shown: Vec<String> = shown.iter().map(|row| format!("{} {}", row[4], row[5])).collect();
    assert_eq!(shown, ["3,000円 完了", "2,000円 訂正済み"]);
    // Whom it went to by mistake is none whom one would pay again.
    let page = browser.get(&money.at("transfers")).await.expect_screen("BTR001");
    let is_offered = |yen: i64| page.body.contains(&format!("\"paid-{}\"", of("id", yen)));
    assert!(is_offered(3_000) && !is_offered(2_000), "{}", page.text());
}

#[tokio::test]
async fn a_name_that_is_no_longer_the_accounts_is_not_called_looked_up() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let input = to_other(&money, &browser, ("0984", "001"), HANAKOS).await;
    let page = money.to_confirm(&browser, &input, "1000", "2026-11-24").await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BTR005");
    let (from, id) = (money.account(FROM), money.number("SELECT MAX(id) FROM payments"));
    let other = format!("UPDATE accounts SET holder_kana = 'ﾔﾏﾀﾞ ﾊﾅｺ' WHERE number = '{HANAKOS}'");
    for (meanwhile, words) in
        [("", "口座の名義を照会しました"), (other.as_str(), "名義は照会していません")]
    {
        if !meanwhile.is_empty() {
            money.execute(meanwhile);
        }
        let page = browser.get(&money.at("transfers")).await.expect_screen("BTR001");
        let chosen = [("from", from.as_str()), ("to", &format!("paid-{id}"))];
        let answer = browser.submit(&page, &chosen).await;
        let input = browser.follow(answer.expect_status(303)).await.expect_screen("BTR003");
        let page = money.to_confirm(&browser, &input, "1100", "2026-11-24").await;
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}
