//! Transfers of companies: rights on accounts, what of others is seen, registered payees, users
//! without a token, and what becomes of reservations when their users are gone.

use super::site::runs;
use crate::aoba::site::{Aoba, TANTO_A, TANTO_D};
use crate::browser::{Browser, Page};
use crate::codes;
use crate::company::site::{Company, JIRO, PERIOD, SACHIKO, SHARED};

/// 七生's account in another contract of the institution.
const THEIRS: &str = "7020101";

async fn to_input(app: &Company, browser: &Browser, number: &str) -> Page {
    let path = "/inaho/transfers/payee?bank=0985&branch=302";
    let page = browser.get(path).await.expect_screen("BTR002");
    let from = own(app).0;
    let typed = [("from", from.as_str()), ("account_type", "ordinary"), ("number", number)];
    let answer = browser.submit(&page, &[typed[0], typed[1], typed[2], ("holder", "")]).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTR003")
}

/// The first account that 二郎 may use, and one of his contract's that he may not.
fn own(app: &Company) -> (String, String) {
    let user = app.id_of(JIRO);
    let granted = format!("SELECT account_id FROM user_accounts WHERE user_id = {user}");
    let of = |more: &str| {
        app.number(&format!(
            "SELECT MIN(id) FROM accounts WHERE purpose = 'customer' AND contract_id = \
             (SELECT contract_id FROM users WHERE id = {user}) AND id {more}"
        ))
        .to_string()
    };
    (of(&format!("IN ({granted})")), of(&format!("NOT IN ({granted})")))
}

async fn to_confirm(browser: &Browser, input: &Page, amount: &str, on: Option<&str>) -> Page {
    let first = input.body.find("<option value=\"").unwrap() + 15;
    let on = on.unwrap_or(&input.body[first..first + 10]).to_owned();
    let answer = browser.submit(input, &[("amount", amount), ("on", &on)]).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BTR004")
}

fn tomorrow(app: &Company) -> String {
    let day = (app.now() + chrono::TimeDelta::hours(9)).date() + chrono::Days::new(1);
    day.to_string()
}

#[tokio::test]
async fn a_user_sees_and_pays_from_granted_accounts_only() {
    let app = Company::new();
    let user = app.id_of(JIRO);
    let browser = app.logged_in(JIRO).await;
    app.advance(PERIOD);
    let (granted, other) = own(&app);
    let input = to_input(&app, &browser, THEIRS).await;
    let page = to_confirm(&browser, &input, "1500", None).await;
    assert_eq!(page.form().names, ["otp"], "{}", page.text());
    assert!(page.text().contains("このコードで 1,500円 の振込を確定します。"), "{}", page.text());
    let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
    browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!(app.number("SELECT COUNT(*) FROM payments WHERE state = 'done'"), 1);
    let sums = "SELECT service || ' ' || (CASE WHEN user_id = 0 THEN 'all' ELSE 'own' END) \
                || ' ' || CAST(counted_yen AS TEXT) AS value FROM payment_totals ORDER BY 1";
    assert_eq!(
        app.texts(sums),
        ["all all 1500", "all own 1500", "transfer all 1500", "transfer own 1500"]
    );

    // Without 残高照会 no balance shows anywhere on the way.
    let balance = app.number(&format!("SELECT balance FROM accounts WHERE id = {granted}"));
    let shown = |yen: i64| {
        let digits = yen.to_string();
        let mut text = String::new();
        for (n, digit) in digits.chars().enumerate() {
            if n > 0 && (digits.len() - n).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    };
    let right =
        format!("DELETE FROM user_rights WHERE user_id = {user} AND user_right = 'balance'");
    let choose = browser.get("/inaho/transfers").await.expect_screen("BTR001");
    assert!(choose.text().contains(&shown(balance)), "{}", choose.text());
    app.execute(&right);
    let choose = browser.get("/inaho/transfers").await.expect_screen("BTR001");
    assert!(!choose.text().contains(&shown(balance)));
    let input = to_input(&app, &browser, THEIRS).await;
    assert!(!input.text().contains(&shown(balance)));
    let page = to_confirm(&browser, &input, "1600", None).await;
    assert!(!page.text().contains(&shown(balance)) && !page.text().contains("取引後の残高"));

    // What went out of other accounts is nobody's business, nor is paying from them.
    let id = app.number("SELECT MAX(id) FROM payments");
    app.execute(&format!("UPDATE payments SET account_id = {other} WHERE id = {id}"));
    browser.get(&format!("/inaho/payments/{id}")).await.expect_status(404);
    let history = browser.get("/inaho/history").await.expect_screen("BTR040");
    assert!(!history.text().contains("1,500円"), "{}", history.text());
    let choose = browser.get("/inaho/transfers").await;
    assert!(!choose.body.contains(&format!("paid-{id}")));
    let answer = browser.submit(&choose, &[("from", &other), ("to", "paid-1")]).await;
    answer.expect_status(422);

    // Without 振込 the page says whom to ask.
    let right =
        format!("DELETE FROM user_rights WHERE user_id = {user} AND user_right = 'transfer'");
    app.execute(&right);
    let page = browser.get("/inaho/transfers").await.expect_screen("BTR001");
    assert!(page.text().contains("ご契約先の管理者に") && !page.has_form_to("/transfers"));
    let late = browser.get("/inaho/transfers/payee").await.expect_status(303);
    assert_eq!(late.location.as_deref(), Some("/inaho/transfers"));
}

#[tokio::test]
async fn a_registered_payee_needs_the_confirming_secret_alone() {
    let app = Company::new();
    let browser = app.logged_in(JIRO).await;
    app.advance(PERIOD);
    let of = |state: &str| {
        app.number(&format!(
            "SELECT MIN(id) FROM payees WHERE state = '{state}' AND contract_id = \
             (SELECT contract_id FROM users WHERE id = {})",
            app.id_of(JIRO)
        ))
    };
    for (state, asked) in [("registered", "confirm"), ("waiting", "otp")] {
        let id = of(state);
        let path = format!("/inaho/transfers?payee={id}");
        let page = browser.get(&path).await.expect_screen("BTR001");
        let (from, to) = (own(&app).0, format!("payee-{id}"));
        let answer = browser.submit(&page, &[("from", &from), ("to", &to)]).await;
        let input = browser.follow(answer.expect_status(303)).await.expect_screen("BTR003");
        let page = to_confirm(&browser, &input, "1200", None).await;
        assert_eq!(page.form().names, [asked], "{state}");
        if state == "registered" {
            // Its approval is taken back while the check stands: a code would be asked now.
            app.execute(&format!("UPDATE payees SET state = 'waiting' WHERE id = {id}"));
            let late = browser.submit(&page, &[("confirm", JIRO.confirm)]).await;
            late.expect_status(409);
            app.execute(&format!("UPDATE payees SET state = 'registered' WHERE id = {id}"));
            let answer = browser.submit(&page, &[("confirm", JIRO.confirm)]).await;
            browser.follow(answer).await.expect_screen("BTR005");
        }
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM payments"), 1);
    let paid = "SELECT COUNT(*) FROM payees WHERE last_paid_at IS NOT NULL AND id = ";
    assert_eq!(app.number(&format!("{paid}{}", of("registered"))), 1);
}

#[tokio::test]
async fn the_code_of_a_token_whose_time_is_over_confirms_nothing() {
    let app = Aoba::new();
    for (number, is_over) in [(THEIRS, false), ("7020102", true)] {
        let browser = app.logged_in(TANTO_D).await;
        let input =
            browser.get("/aoba/payees/new?bank=0985&branch=302").await.expect_screen("BTR021");
        let typed =
            [("account_type", "ordinary"), ("number", number), ("holder", ""), ("nickname", "")];
        let answer = browser.submit(&input, &typed).await.expect_status(303);
        let page = browser.follow(answer).await.expect_screen("BTR021");
        assert_eq!(page.form().names, ["otp"]);
        app.advance(30);
        // It ends while the check stands open.
        let end = if is_over { app.now() } else { app.now() + chrono::TimeDelta::days(9) };
        let end = end.format("%Y-%m-%d %H:%M:%S");
        app.execute(&format!("UPDATE tokens SET expires_at = '{end}' WHERE serial = 'AOB0000004'"));
        let code = codes::code("AOB0000004", app.step(), 6);
        let answer = browser.submit(&page, &[("otp", &code)]).await;
        assert_eq!(answer.is_done(), !is_over, "{answer:?}");
        let made = app.number(&format!("SELECT COUNT(*) FROM payees WHERE number = '{number}'"));
        assert_eq!(made, i64::from(!is_over));
    }
}

#[tokio::test]
async fn reservations_of_users_who_are_gone_do_not_go_out() {
    let app = Company::new();
    let user = app.id_of(JIRO);
    let gone = [
        (
            "deleted",
            format!("UPDATE users SET deleted_at = '2026-01-01 00:00:00' WHERE id = {user}"),
        ),
        ("paused", format!("UPDATE users SET paused_at = '2026-01-01 00:00:00' WHERE id = {user}")),
        (
            "right",
            format!("DELETE FROM user_rights WHERE user_id = {user} AND user_right = 'transfer'"),
        ),
    ];
    let browser = app.logged_in(JIRO).await;
    let on = tomorrow(&app);
    for (n, _) in gone.iter().enumerate() {
        app.advance(PERIOD);
        let input = to_input(&app, &browser, THEIRS).await;
        let page = to_confirm(&browser, &input, &format!("{}", 1_000 + n), Some(&on)).await;
        let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
        browser.follow(answer).await.expect_screen("BTR005");
    }
    let before = app.number("SELECT SUM(balance) FROM accounts WHERE portal = 'inaho'");
    app.advance(24 * 3_600);
    for (n, (why, sql)) in gone.iter().enumerate() {
        app.execute(&format!(
            "UPDATE payments SET execute_on = '2030-01-01' WHERE amount_yen <> {}",
            1_000 + n
        ));
        app.execute(sql);
        let did = runs(&app);
        assert_eq!(did, "ran 0 reservations, 1 could not go out", "{why}");
        app.execute(&format!(
            "UPDATE users SET deleted_at = NULL, paused_at = NULL WHERE id = {user}"
        ));
        app.execute("UPDATE payments SET execute_on = '2026-01-05' WHERE state = 'reserved'");
    }
    let reasons = "SELECT DISTINCT reason AS value FROM payments WHERE reason IS NOT NULL";
    assert_eq!(app.texts(reasons), ["not_allowed"]);
    assert_eq!(app.number("SELECT SUM(balance) FROM accounts WHERE portal = 'inaho'"), before);
    // Somebody hears of each: who is deleted does not, so the administrators do.
    assert!(app.told("reservation_failed").len() > 3, "{:?}", app.told("reservation_failed"));
}

#[tokio::test]
async fn whoever_needs_a_token_first_reads_whom_to_ask() {
    let app = Aoba::new();
    let user = app.user(TANTO_A, "id");
    let browser = app.logged_in(TANTO_A).await;
    let page = browser.get("/aoba/transfers").await.expect_screen("BTR001");
    assert!(page.text().contains("権限の設定をご依頼ください"), "{}", page.text());
    app.execute(&format!("DELETE FROM user_accounts WHERE user_id = {user}"));
    app.execute(&format!("INSERT INTO user_rights VALUES ({user}, 'transfer')"));
    app.execute(&format!(
        "INSERT INTO user_accounts SELECT {user}, id FROM accounts WHERE contract_id = \
         (SELECT contract_id FROM users WHERE id = {user})"
    ));
    let page = browser.get("/aoba/transfers").await.expect_screen("BTR001");
    let text = page.text();
    assert!(text.contains("まだご利用になれません") && text.contains("管理者にお申し出"), "{text}");
    assert!(!page.has_form_to("/transfers"));
    for path in ["/aoba/transfers/payee", "/aoba/transfers/payee?bank=0001&branch=001"] {
        let answer = browser.get(path).await.expect_status(303);
        assert_eq!(answer.location.as_deref(), Some("/aoba/transfers"));
    }
}

#[tokio::test]
async fn users_without_a_token_share_one_sum_while_their_company_has_not_applied() {
    let app = Company::new();
    let (jiro, sachiko) = (app.id_of(JIRO), app.id_of(SACHIKO));
    let both = format!("({jiro}, {sachiko})");
    app.execute(&format!(
        "UPDATE users SET token_id = NULL, token_status = 'unregistered' WHERE id IN {both}"
    ));
    app.execute(&format!(
        "UPDATE contracts SET otp_applied_on = NULL, otp_starts_on = NULL \
         WHERE id = (SELECT contract_id FROM users WHERE id = {jiro})"
    ));
    let account = own(&app).0;
    app.execute(&format!("DELETE FROM user_accounts WHERE user_id = {sachiko}"));
    app.execute(&format!("INSERT INTO user_accounts VALUES ({sachiko}, {account})"));
    app.execute(&format!(
        "DELETE FROM user_rights WHERE user_id = {sachiko} AND user_right = 'transfer'"
    ));
    app.execute(&format!("INSERT INTO user_rights VALUES ({sachiko}, 'transfer')"));
    let on = tomorrow(&app);
    let first = app.logged_in(JIRO).await;
    let input = to_input(&app, &first, THEIRS).await;
    let page = to_confirm(&first, &input, "150000", Some(&on)).await;
    assert_eq!(page.form().names, ["confirm"]);
    let answer = first.submit(&page, &[("confirm", JIRO.confirm)]).await;
    first.follow(answer).await.expect_screen("BTR005");
    // Together 200,000 a day: the next user has 50,000 left and not 200,000 once more.
    let second = app.logged_in(SACHIKO).await;
    let input = to_input(&app, &second, THEIRS).await;
    let answer = second.submit(&input, &[("amount", "50001"), ("on", &on)]).await;
    let why = answer.expect_status(422).summary();
    assert!(why.contains("ご契約の利用者全員で1日の合計 200,000円"), "{why}");
    assert!(why.contains("ワンタイムパスワード機能申込書"), "there is no page to begin at: {why}");
    let page = to_confirm(&second, &input, "50000", Some(&on)).await;
    let answer = second.submit(&page, &[("confirm", SACHIKO.confirm)]).await;
    second.follow(answer).await.expect_screen("BTR005");
    let sum = || {
        app.number(&format!(
            "SELECT counted_yen FROM payment_totals WHERE service = 'all' AND user_id = 0 \
             AND on_day = '{on}'"
        ))
    };
    assert_eq!(sum(), 200_000);
    // What does not go out is free again, for both.
    app.execute(&format!("UPDATE users SET paused_at = '2026-01-01 00:00:00' WHERE id = {jiro}"));
    app.advance(24 * 3_600);
    assert_eq!(runs(&app), "ran 1 reservation, 1 could not go out");
    assert_eq!(sum(), 50_000);
}

#[tokio::test]
async fn what_was_paid_from_an_account_stays_to_be_seen_once_it_is_closed() {
    let app = Company::new();
    let browser = app.logged_in(JIRO).await;
    for (amount, on) in [("1500", None), ("1600", Some(tomorrow(&app)))] {
        app.advance(PERIOD);
        let input = to_input(&app, &browser, THEIRS).await;
        let page = to_confirm(&browser, &input, amount, on.as_deref()).await;
        let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
        browser.follow(answer).await.expect_screen("BTR005");
    }
    let granted = own(&app).0;
    app.execute(&format!("UPDATE accounts SET closed_at = opened_at WHERE id = {granted}"));
    let history = browser.get("/inaho/history").await.expect_screen("BTR040").text();
    assert!(history.contains("1,500円") && history.contains("1,600円"), "{history}");
    let waiting = browser.get("/inaho/reservations").await.expect_screen("BTR030").text();
    assert!(waiting.contains("1,600円") && !waiting.contains("1,500円"), "{waiting}");
    for id in app.texts("SELECT CAST(id AS TEXT) AS value FROM payments") {
        browser.get(&format!("/inaho/payments/{id}")).await.expect_screen("BTR032");
    }
}
