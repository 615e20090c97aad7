//! Bills that are paid: everything before and after, limits and holds, and that a bill is paid once
//! whoever tries.

use futures_util::future::{join, join_all};
use madoguchi::operations::ledger::reverse::{ReverseOutcome, reverse};
use madoguchi::primitives::ids::EntryId;

use super::site::{BIG, CAR, LATE, POWER, assert_bills_sound, to_check, types};
use crate::people::{HANAKO, JIRO, Person};
use crate::transfers::site::Money;

const FROM: &str = "1310072";
/// 一郎 of `kodama`.
const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };

/// What BPE002 shows of [`LATE`].
const LATE_BILL: [(&str, &str); 8] = [
    ("収納機関", "しらかば市（90101）"),
    ("払込内容", "固定資産税・都市計画税　第3期"),
    ("納付番号", "10010000000002"),
    ("納付区分", "003"),
    ("お名前", "シラカバ ハナコ 様"),
    ("請求額", "48,500円"),
    ("延滞金", "1,200円"),
    ("払込金額", "49,700円"),
];

fn collected(money: &Money) -> i64 {
    money.number(
        "SELECT COALESCE(SUM(amount), 0) FROM postings JOIN accounts \
         ON accounts.id = account_id WHERE purpose = 'collection'",
    )
}

#[tokio::test]
async fn a_bill_is_paid_with_everything_shown_before_and_after() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let (balance, collection) = (money.balance(FROM), collected(&money));
    let browser = money.logged_in(JIRO).await;
    let typed = ("９０１０１", " 1001-0000 0000-02 ", "２３４５６７", "００３");
    let page = types(&browser, "shirakaba", typed).await.expect_screen("BPE002");
    for (label, value) in LATE_BILL {
        assert_eq!(page.fact(label).as_deref(), Some(value), "{}", page.text());
    }
    let nothing = browser.submit(&page, &[]).await.expect_status(422);
    assert!(nothing.summary().contains("出金口座を選んで"), "{}", nothing.summary());
    let foreign = money.account("1203345");
    browser.submit(&page, &[("from", &foreign)]).await.expect_status(422);
    let from = money.account(FROM);
    let answer = browser.submit(&page, &[("from", &from)]).await;
    let page = browser.follow(answer.expect_status(303)).await.expect_screen("BPE003");
    let shown = page.text();
    for part in
        ["本日 2026年11月24日（火）", "領収書", "納期限を過ぎて", "取り消すことはできません"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(page.fact("引落合計").as_deref(), Some("49,700円"));
    assert_eq!(page.fact("本日の限度額の残り").as_deref(), Some("500,000円"));
    assert_eq!(page.fact("このお取引のあとの残り").as_deref(), Some("450,300円"));
    let wrong = browser.submit(&page, &[("confirm", "kakunin99")]).await.expect_status(422);
    assert_eq!((money.payments("done"), money.balance(FROM)), (0, balance));
    let result = money.confirm(&browser, &wrong, JIRO).await.expect_screen("BPE004");
    assert!(result.text().contains("領収書（領収証書）は発行されません"));
    assert_eq!(result.fact("うち延滞金").as_deref(), Some("1,200円"));
    let again = browser.get(&result.path).await.expect_screen("BPE004");
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    assert_eq!(money.balance(FROM), balance - 49_700);
    assert_eq!(collected(&money), collection + 49_700);
    let states = "SELECT state AS value FROM bill_claims ORDER BY id";
    assert_eq!(money.texts(states), ["settled"]);
    let mail = money.last_mail("pay_easy_done");
    for part in ["しらかば市", "49,700円", &result.fact("受付番号").unwrap(), "停止コード"]
    {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert!(!mail.contains("10010000000002"), "no full number: {mail}");
    let line = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'pay_easy' \
                AND details LIKE 'pay_easy of 49700 yen%90101%***0002%'";
    assert_eq!(money.number(line), 1);
    money.assert_sound();
    assert_bills_sound(&money);

    // It shows wherever payments show, and to nobody else; the slip is good no more.
    let id = money.number("SELECT MAX(id) FROM payments");
    let history = browser.get(&money.at("pay-easy/history")).await.expect_screen("BPE005");
    let all = browser.get(&money.at("history")).await.expect_screen("BTR040");
    for page in [history, all] {
        assert!(page.text().contains("しらかば市") && page.text().contains("完了"));
    }
    let detail = browser.get(&money.at(&format!("payments/{id}"))).await.expect_screen("BTR032");
    assert_eq!(detail.fact("収納機関").as_deref(), Some("しらかば市（90101）"));
    assert_eq!(detail.fact("納付区分").as_deref(), Some("003"));
    let statement = browser.get(&money.at(&format!("accounts/{from}/statement"))).await;
    assert!(statement.text().contains("払込み　ｼﾗｶﾊﾞｼ"), "{}", statement.text());
    let hanako = money.logged_in(HANAKO).await;
    hanako.get(&result.path).await.expect_status(404);
    hanako.get(&money.at(&format!("payments/{id}"))).await.expect_status(404);
    let paid = types(&browser, "shirakaba", LATE).await.expect_status(422);
    assert!(paid.summary().contains("すでに払込み済み"), "{}", paid.summary());
}

#[tokio::test]
async fn of_many_who_pay_one_bill_at_once_one_does() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let before = money.number("SELECT SUM(balance) FROM accounts WHERE purpose = 'customer'");
    let (mut browsers, mut pages) = (Vec::new(), Vec::new());
    // Three windows of one customer, and another customer in another portal.
    for _ in 0..3 {
        let browser = money.logged_in(JIRO).await;
        let from = money.account(FROM);
        pages.push((to_check(&browser, "shirakaba", CAR, &from).await, JIRO));
        browsers.push(browser);
    }
    money.execute("UPDATE flows SET step = 'confirm' WHERE operation = 'pay_easy'");
    let browser = money.browser();
    let page = browser.get("/kodama/login").await.expect_screen("BLG001");
    let secrets = [("login_id", ICHIRO.login_id), ("password", ICHIRO.password)];
    let answer = browser.submit(&page, &secrets).await;
    browser.follow(answer).await.expect_screen("BTP001");
    let from = money
        .number("SELECT id FROM accounts WHERE portal = 'kodama' AND number = '2010011'")
        .to_string();
    pages.push((to_check(&browser, "kodama", CAR, &from).await, ICHIRO));
    browsers.push(browser);
    let sent = browsers.iter().zip(&pages).map(|(browser, (page, who))| async move {
        // The button is pressed twice.
        let values = [("confirm", who.confirm)];
        join(browser.submit(page, &values), browser.submit(page, &values)).await.0
    });
    let answers = join_all(sent).await;
    let done = answers.iter().filter(|page| page.is_done()).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    for late in answers.iter().filter(|page| !page.is_done()) {
        // 422: the twin of a form that was too late.
        assert!(matches!(late.status, 409 | 422), "{} {}", late.status, late.text());
    }
    assert_eq!(money.payments("done"), 1);
    let after = money.number("SELECT SUM(balance) FROM accounts WHERE purpose = 'customer'");
    assert_eq!(after, before - 10_800);
    assert_eq!(money.mails("pay_easy_done"), 1);
    money.assert_sound();
    assert_bills_sound(&money);
    // Who was too late and comes back reads how it stands.
    let late = answers.iter().position(|page| !page.is_done()).unwrap();
    let slug = if late == 3 { "kodama" } else { "shirakaba" };
    let page = types(&browsers[late], slug, CAR).await.expect_status(422);
    assert!(page.summary().contains("すでに払込み済み"), "{}", page.summary());
}

#[tokio::test]
async fn a_biller_whose_only_bill_was_corrected_is_new_under_a_hold() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let page = to_check(&browser, "shirakaba", CAR, &from).await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    money.execute(
        "UPDATE users SET hold_until = '2026-11-25 03:00:00' \
         WHERE portal = 'shirakaba' AND login_id = '1000000003'",
    );
    // Known by this payment, until it is taken back.
    to_check(&browser, "shirakaba", LATE, &from).await;
    let entry = money.number("SELECT MAX(entry_id) FROM payments");
    let ctx = money.ctx_of("shirakaba");
    let corrected = reverse(&money.services, &ctx, EntryId(entry), "test").unwrap();
    assert!(matches!(corrected, ReverseOutcome::Reversed { .. }), "{corrected:?}");
    let page = types(&browser, "shirakaba", LATE).await.expect_screen("BPE002");
    let refused = browser.submit(&page, &[("from", &from)]).await.expect_status(422);
    assert!(refused.summary().contains("はじめての収納機関"), "{}", refused.summary());
    money.assert_sound();
    assert_bills_sound(&money);
}

#[tokio::test]
async fn limits_count_over_bills_and_transfers_and_a_hold_asks_for_the_biller() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 2_000_000);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let page = types(&browser, "shirakaba", BIG).await.expect_screen("BPE002");
    let refused = browser.submit(&page, &[("from", &from)]).await.expect_status(422);
    assert!(refused.summary().contains("1日の合計 500,000円 まで"), "{}", refused.summary());
    let page = to_check(&browser, "shirakaba", CAR, &from).await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    // What was paid counts for transfers, which go over the same day's limit.
    let path = money.at("transfers/payee?bank=0001&branch=001");
    let page = browser.get(&path).await.expect_screen("BTR002");
    let typed = [("from", from.as_str()), ("account_type", "ordinary"), ("number", "1234567")];
    let answer = browser.submit(&page, &[typed[0], typed[1], typed[2], ("holder", "")]).await;
    let input = browser.follow(answer).await.expect_screen("BTR003");
    let on = ("on", "2026-11-24");
    let over = browser.submit(&input, &[("amount", "489201"), on]).await.expect_status(422);
    assert!(over.summary().contains("限度額"), "{}", over.summary());
    money.to_confirm(&browser, &input, "489200", "2026-11-24").await;
    // Under a hold: the city was paid before, the power company was not.
    money.execute(
        "UPDATE users SET hold_until = '2026-11-25 03:00:00' \
         WHERE portal = 'shirakaba' AND login_id = '1000000003'",
    );
    let page = types(&browser, "shirakaba", POWER).await.expect_screen("BPE002");
    let refused = browser.submit(&page, &[("from", &from)]).await.expect_status(422);
    assert!(refused.summary().contains("はじめての収納機関"), "{}", refused.summary());
    let page = to_check(&browser, "shirakaba", LATE, &from).await;
    assert_eq!(page.fact("本日の限度額の残り").as_deref(), Some("89,200円"), "{}", page.text());
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    money.set_japan("2026-11-25 12:00:01");
    let browser = money.logged_in(JIRO).await;
    let page = to_check(&browser, "shirakaba", POWER, &from).await;
    // Funds, limits and the user's standing are asked again when it is confirmed.
    let balance = money.balance(FROM);
    money.pay_in(FROM, -(balance - 8_641));
    let short = browser.submit(&page, &[("confirm", JIRO.confirm)]).await;
    let text = short.expect_status(200).text();
    assert!(text.contains("残高が足りません"), "{text}");
    money.pay_in(FROM, 1);
    let page = browser.get(&page.path).await.expect_screen("BPE003");
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    assert_eq!(money.balance(FROM), 0);
    money.assert_sound();
    assert_bills_sound(&money);
}

#[tokio::test]
async fn what_is_owed_must_still_be_what_was_shown() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    money.execute(
        "UPDATE simulated_bills SET due_on = '2026-11-24', late_yen = 100 \
         WHERE payer_number = '10010000000001'",
    );
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let page = to_check(&browser, "shirakaba", CAR, &from).await;
    assert_eq!(page.fact("引落合計").as_deref(), Some("10,800円"));
    // The due day ends while the check stands; a new login carries the flow on.
    money.execute("UPDATE simulated_bills SET due_on = '2026-11-23' WHERE late_yen = 100");
    let late = browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(409);
    let text = late.clone().expect_screen("BPE003").text();
    assert!(text.contains("金額が変わりました") && !text.contains("払込みを確定する"), "{text}");
    assert_eq!(money.payments("done"), 0);
    let page = to_check(&browser, "shirakaba", CAR, &from).await;
    assert_eq!(page.fact("引落合計").as_deref(), Some("10,900円"));
    // Everything was stopped meanwhile: nothing goes out.
    money.execute(
        "UPDATE users SET stopped_at = '2026-11-24 00:00:00' WHERE login_id = '1000000003'",
    );
    browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(403);
    assert_eq!(money.payments("done"), 0);
    assert_bills_sound(&money);
}
