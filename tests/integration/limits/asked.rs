//! What customers ask for: rises, lowerings, cancels, each with its proof, receipt and mail.

use super::site::{FUTABA, ICHIRO, LOW, LimitApp, MINORI_TARO, NATSUKO, NATSUKOS, values};
use crate::people::{HANAKO, pictures_for};

#[tokio::test]
async fn a_rise_holds_from_midnight_three_days_later_to_the_second() {
    let app = LimitApp::new("minori");
    app.set_japan("2026-11-24 23:55:00");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["500000", "1000000", LOW, LOW]).await;
    let shown = page.text();
    assert!(shown.contains("200,000円") && shown.contains("1,000,000円"), "{shown}");
    assert!(shown.contains("このコードで限度額の変更（振込・振替 1回 500,000円"), "{shown}");
    app.set_japan("2026-11-24 23:59:59");
    let result = app.confirm(&browser, &page, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("2026年11月27日 00:00 から"), "{}", result.text());
    assert_eq!(result.fact("受付番号").unwrap().len(), 7);
    assert_eq!(result.fact("受付時刻").as_deref(), Some("2026年11月24日 23時59分59秒"));
    let again = browser.get(&result.path).await;
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    let mail = app.last_mail("limit_rise_requested");
    let line = "振込・振替（1日あたり）: 200,000円 → 1,000,000円（2026年11月27日 00:00 から）";
    for part in [line, "停止コード: ", &result.fact("受付番号").unwrap()] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'limit.change'"), 1);

    app.set_japan("2026-11-26 23:55:00");
    let browser = app.inside(NATSUKO).await;
    app.set_japan("2026-11-26 23:59:59");
    let before = app.limits(&browser).await.text();
    assert!(before.contains("変更待ちの引き上げ") && before.contains("200,000円"), "{before}");
    assert_eq!(app.works(), "nothing to do");
    assert_eq!(app.row(NATSUKO), ("200000".into(), "1000000".into()));
    app.set_japan("2026-11-27 00:00:00");
    // It holds at once, whether a worker has come by or not.
    let after = app.limits(&browser).await;
    assert!(!after.text().contains("変更待ちの引き上げ\n"), "{}", after.text());
    assert!(after.body.contains(r#"name="transfer_daily" type="text" value="1,000,000""#));
    assert_eq!(app.row(NATSUKO), ("200000".into(), "1000000".into()));
    assert_eq!(app.works(), "changed the limits of 1 customer");
    assert_eq!(app.row(NATSUKO), ("1000000".into(), "null".into()));
    assert_eq!((app.works().as_str(), app.mails("limit_changed")), ("nothing to do", 1));
    assert!(app.last_mail("limit_changed").contains("引き上げが適用されました"));
    let top = browser.get("/minori/").await.text();
    assert!(top.contains("1日 1,000,000円"), "{top}");
}

#[tokio::test]
async fn a_rise_confirmed_after_midnight_is_shown_with_its_new_day_first() {
    let app = LimitApp::new("minori");
    app.set_japan("2026-11-24 23:55:00");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["500000", "1000000", LOW, LOW]).await;
    assert!(page.text().contains("2026年11月27日 00:00"), "{}", page.text());
    app.set_japan("2026-11-25 00:00:00");
    let code = app.shown(NATSUKOS);
    let again = browser.submit(&page, &[("otp", &code)]).await;
    let again = again.expect_status(422).expect_screen("BLM002");
    assert!(again.summary().contains("適用日時が変わった"), "{}", again.summary());
    let text = again.text();
    assert!(text.contains("2026年11月28日 00:00") && !text.contains("11月27日"), "{text}");
    // The form from before midnight stays refused.
    browser.submit(&page, &[("otp", &code)]).await.expect_status(422).expect_screen("BLM002");
    assert_eq!(app.row(NATSUKO).1, "null");
    assert_eq!(app.mails("limit_rise_requested"), 0);
    // The code is not spent.
    let result = app.confirm(&browser, &again, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("2026年11月28日 00:00 から"), "{}", result.text());
    assert!(app.last_mail("limit_rise_requested").contains("2026年11月28日 00:00 から"));
    app.set_japan("2026-11-27 00:00:00");
    assert_eq!(app.works(), "nothing to do");
    app.set_japan("2026-11-28 00:00:00");
    assert_eq!(app.works(), "changed the limits of 1 customer");
}

#[tokio::test]
async fn a_check_opened_again_after_midnight_confirms_the_day_that_it_shows() {
    let app = LimitApp::new("minori");
    app.set_japan("2026-11-24 23:55:00");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["500000", "1000000", LOW, LOW]).await;
    app.set_japan("2026-11-25 00:00:00");
    let opened = browser.get(&page.path).await.expect_screen("BLM002");
    assert!(opened.text().contains("2026年11月28日 00:00"), "{}", opened.text());
    // The page from before midnight shows another day.
    let other = browser.submit(&page, &[("otp", &app.shown(NATSUKOS))]).await;
    other.expect_status(422).expect_screen("BLM002");
    assert_eq!(app.row(NATSUKO).1, "null");
    let result = app.confirm(&browser, &opened, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("2026年11月28日 00:00 から"), "{}", result.text());
}

#[tokio::test]
async fn a_draft_that_names_no_moment_is_shown_before_it_is_confirmed() {
    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["500000", "1000000", LOW, LOW]).await;
    // As an older version kept it.
    let moment = r#","rise_at":"2026-11-26T15:00:00""#;
    app.execute(&format!("UPDATE flows SET draft = REPLACE(draft, '{moment}', '')"));
    assert_eq!(app.number("SELECT COUNT(*) FROM flows WHERE draft LIKE '%rise_at%'"), 0);
    let again = browser.submit(&page, &[("otp", &app.shown(NATSUKOS))]).await;
    let again = again.expect_status(422).expect_screen("BLM002");
    assert_eq!(app.row(NATSUKO).1, "null");
    let result = app.confirm(&browser, &again, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("2026年11月27日 00:00 から"), "{}", result.text());
}

#[tokio::test]
async fn the_demos_rise_is_shown_and_can_be_cancelled() {
    let app = LimitApp::with_rise("minori");
    let browser = app.inside(NATSUKO).await;
    let top = browser.get("/minori/").await.text();
    assert!(top.contains("2026年11月26日 00:00 から") && top.contains("200,000円"), "{top}");
    let page = app.to_cancel(&browser).await;
    let shown = page.text();
    assert!(shown.contains("このコードで限度額の引き上げを取り消します。"), "{shown}");
    let result = app.confirm(&browser, &page, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("取り消しました"), "{}", result.text());
    assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
    assert_eq!(app.mails("limit_rise_cancelled"), 1);
    let mail = app.last_mail("limit_rise_cancelled");
    assert!(mail.contains(&result.fact("受付番号").unwrap()), "{mail}");
    app.set_japan("2026-11-26 00:00:00");
    assert_eq!(app.works(), "nothing to do");
    let browser = app.inside(NATSUKO).await;
    let after = app.limits(&browser).await;
    assert!(!after.has_form_to("/cancel-rise"));
    assert!(after.body.contains(r#"name="transfer_daily" type="text" value="200,000""#));
}

#[tokio::test]
async fn a_cancel_is_too_late_from_the_moment_on() {
    let app = LimitApp::with_rise("minori");
    app.set_japan("2026-11-25 23:55:00");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_cancel(&browser).await;
    app.set_japan("2026-11-26 00:00:00");
    let answer = app.confirm(&browser, &page, NATSUKO).await;
    answer.expect_status(409).expect_screen("BER409");
    app.works();
    assert_eq!(app.row(NATSUKO), ("1000000".into(), "null".into()));
    assert_eq!((app.mails("limit_changed"), app.mails("limit_rise_cancelled")), (1, 0));
}

#[tokio::test]
async fn a_lowering_holds_at_once_and_takes_the_waiting_rise_with_it() {
    let app = LimitApp::with_rise("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["50000", "100000", LOW, LOW]).await;
    assert!(page.text().contains("変更待ちの引き上げは、この変更と同時に取り消されます"));
    let result = app.confirm(&browser, &page, NATSUKO).await.expect_screen("BLM003");
    assert!(result.text().contains("ただいまから適用されます"), "{}", result.text());
    assert_eq!(app.row(NATSUKO), ("100000".into(), "null".into()));
    let after = app.limits(&browser).await;
    assert!(after.body.contains(r#"name="transfer_per_transaction" type="text" value="50,000""#));
    assert_eq!(app.mails("limit_changed"), 1);
    assert!(app.last_mail("limit_changed").contains("引き上げは取り消しました"));
    // Up again only after the wait.
    app.asks(NATSUKO, [LOW, LOW, LOW, LOW]).await;
    assert_eq!(app.row(NATSUKO), ("100000".into(), "200000".into()));
}

#[tokio::test]
async fn one_request_may_lower_and_raise() {
    let app = LimitApp::new("minori");
    let result = app.asks(NATSUKO, ["300000", "400000", "10000", "20000"]).await.text();
    assert!(result.contains("引き下げは、ただいまから"), "{result}");
    assert!(result.contains("から適用されます。それまでは取り消せます"), "{result}");
    let pay_easy = app.texts(
        "SELECT CAST(pay_easy_daily_yen AS TEXT) AS value FROM limits WHERE rise_at > '2000-01-01'",
    );
    assert_eq!(pay_easy, ["20000"]);
    assert_eq!(app.row(NATSUKO), ("200000".into(), "400000".into()));
    app.set_japan("2026-11-27 00:00:00");
    app.works();
    assert_eq!(app.row(NATSUKO), ("400000".into(), "null".into()));
    let pay_easy = app.number("SELECT SUM(pay_easy_daily_yen) FROM limits");
    assert_eq!(pay_easy, 20_000, "what was lowered stays");
}

#[tokio::test]
async fn while_a_rise_waits_another_one_is_not_taken() {
    let app = LimitApp::with_rise("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    let form = page.form_to("/limits");
    let fields = form.filled(&values(["500000", "500000", LOW, LOW]));
    let again = browser.post(&form.action, &fields).await.expect_status(422);
    assert!(again.summary().contains("変更待ちの引き上げがあります"), "{}", again.summary());
}

#[tokio::test]
async fn without_a_token_the_limit_without_one_is_the_most() {
    let app = LimitApp::new("minori");
    let browser = app.logged_in(MINORI_TARO).await;
    let page = app.limits(&browser).await;
    assert!(page.text().contains("ご利用でないあいだの限度額です"), "{}", page.text());
    let form = page.form_to("/limits");
    let fields = form.filled(&values(["200000", "210000", LOW, LOW]));
    let again = browser.post(&form.action, &fields).await.expect_status(422);
    assert!(again.summary().contains("200,000円以下で"), "{}", again.summary());
    // Lower, and back again after the wait, with the confirming secret.
    let result = app.asks(MINORI_TARO, ["10000", "20000", LOW, LOW]).await;
    assert!(result.text().contains("ただいまから"));
    app.asks(MINORI_TARO, [LOW, LOW, LOW, LOW]).await;
    app.set_japan("2026-11-27 00:00:00");
    assert_eq!(app.works(), "changed the limits of 1 customer");
    assert_eq!(app.row(MINORI_TARO), ("200000".into(), "null".into()));
}

#[tokio::test]
async fn with_a_token_the_application_is_the_most() {
    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    let form = page.form_to("/limits");
    for (amounts, words) in [
        ([LOW, "3010000", LOW, LOW], "3,000,000円以下で"),
        ([LOW, LOW, LOW, "1010000"], "1,000,000円以下で"),
    ] {
        let answer = browser.post(&form.action, &form.filled(&values(amounts))).await;
        let again = answer.expect_status(422).expect_screen("BLM001");
        assert!(again.summary().contains(words), "{}", again.summary());
    }
    app.asks(NATSUKO, ["3000000", "3000000", LOW, "1000000"]).await;
    assert_eq!(app.row(NATSUKO).1, "3000000");
}

#[tokio::test]
async fn the_proof_is_that_of_the_auth_rules() {
    // kodama: the confirming secret, with a token too.
    let app = LimitApp::new("kodama");
    for (who, amount) in [(ICHIRO, "400000"), (FUTABA, "2000000")] {
        let browser = app.inside(who).await;
        let page = app.to_confirm(&browser, [amount, amount, "10000", "20000"]).await;
        assert_eq!(page.form().names, ["confirm"]);
        let wrong = browser.submit(&page, &[("confirm", "kakunin99")]).await;
        let wrong = wrong.expect_status(422).expect_screen("BLM002");
        assert!(wrong.summary().contains("確認用パスワード"), "{}", wrong.summary());
        app.confirm(&browser, &wrong, who).await.expect_screen("BLM003");
    }
    // shirakaba: the picture card.
    let app = LimitApp::new("shirakaba");
    let browser = app.logged_in(HANAKO).await;
    let page = app.to_confirm(&browser, ["100000", "100000", "100000", "100000"]).await;
    assert_eq!(page.form().names, ["picture_1", "picture_2", "picture_3"]);
    let wrong = pictures_for("A1,A1,A1");
    let values: Vec<_> = ["picture_1", "picture_2", "picture_3"].into_iter().zip(wrong).collect();
    browser.submit(&page, &values).await.expect_status(422).expect_screen("BLM002");
}

#[tokio::test]
async fn a_wrong_code_changes_nothing_and_is_counted() {
    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["500000", "500000", LOW, LOW]).await;
    assert_eq!(page.form().names, ["otp"]);
    for at in 1..=5 {
        let code = format!("{:08}", 10_000_000 + at);
        let answer = browser.submit(&page, &[("otp", &code)]).await;
        if at < 5 {
            let again = answer.expect_status(422).expect_screen("BLM002");
            assert!(!again.body.contains(&code));
            assert_eq!(app.token(NATSUKOS, "failures"), at.to_string());
        } else {
            browser.follow(answer).await.expect_screen("BLG011");
        }
        app.advance(60);
    }
    assert_eq!(app.row(NATSUKO).1, "null");
    assert_eq!(app.mails("limit_rise_requested"), 0);
}

#[tokio::test]
async fn back_keeps_what_was_typed_and_giving_up_changes_nothing() {
    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["300000", "700000", LOW, LOW]).await;
    let back = page.form_to("/back");
    let answer = browser.post(&back.action, &back.hidden).await.expect_status(303);
    let input = browser.follow(answer).await.expect_screen("BLM001");
    assert!(input.body.contains(r#"value="700,000""#), "{}", input.body);
    // The step behind is not to be had by its address.
    browser.follow(browser.get(&page.path).await).await.expect_screen("BLM001");
    let form = input.form();
    let fields = form.filled(&values(["300000", "600000", LOW, LOW]));
    let answer = browser.post(&form.action, &fields).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BLM002");
    assert!(page.text().contains("600,000円"));
    let cancel = page.form_to("/cancel");
    let answer = browser.post(&cancel.action, &cancel.hidden).await;
    browser.follow(answer).await.expect_screen("BLM001");
    let over = browser.follow(browser.get(&page.path).await).await.expect_screen("BLM001");
    assert!(over.path.ends_with("?lost=1"));
    assert_eq!(app.row(NATSUKO).1, "null");
}

#[tokio::test]
async fn after_an_idle_end_a_new_login_leads_back_to_the_check() {
    let app = LimitApp::new("kodama");
    let browser = app.inside(FUTABA).await;
    let page = app.to_confirm(&browser, ["300000", "700000", "10000", "10000"]).await;
    app.advance(700);
    let browser = app.browser();
    let code = app.enter(&browser, FUTABA).await.expect_screen("BLG010");
    let answer = browser.submit(&code, &[("otp", &app.shown(super::site::FUTABAS))]).await;
    let resumed = browser.follow(answer).await.expect_screen("BLM002");
    assert_eq!(resumed.path, page.path);
    app.confirm(&browser, &resumed, FUTABA).await.expect_screen("BLM003");
}
