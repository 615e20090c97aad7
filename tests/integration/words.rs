//! Words that the profile gives, on pages and in mails.

use madoguchi::primitives::clock::parse_rfc3339;

use crate::app::{TestApp, shirakaba};
use crate::people::{FK2, FK9, HANAKO, JIRO, TARO};

/// The portal as it ships, but for these words.
fn with_other_words() -> TestApp {
    let mut text = shirakaba();
    for (from, to) in [
        ("label = \"契約者ID（利用者番号）\"", "label = \"お客さま番号\""),
        ("label = \"ログインパスワード\"", "label = \"暗証番号\""),
        ("label = \"確認用パスワード\"", "label = \"確認番号\""),
        (
            "[words]\n",
            "[words]\nstart = \"利用登録\"\nexchange = \"機種変更\"\nserial = \"製造番号\"\n",
        ),
        ("stop = \"利用中止\"", "stop = \"利用停止\""),
        ("reason = \"年末のシステム作業のため\"", "reason = \"大みそかの点検のため\""),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    TestApp::with_profiles(&[("shirakaba", text)])
}

#[tokio::test]
async fn a_failed_login_and_a_failed_proof_are_told_in_the_portals_words() {
    let app = with_other_words();
    let browser = app.browser();
    let page = browser.get("/shirakaba/login").await;
    let answer = browser.submit(&page, &[("login_id", "1"), ("password", "x")]).await;
    assert!(answer.summary().contains("お客さま番号または暗証番号が違います"), "{}", answer.text());

    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", "wrong")];
    let answer = browser.submit(&page, &values).await.expect_status(422);
    assert!(answer.summary().contains("確認番号が違います"), "{}", answer.text());
    let top = app.logged_in(HANAKO).await.get("/shirakaba/").await;
    assert!(top.text().contains("「利用登録」から"), "{}", top.text());
}

#[tokio::test]
async fn subjects_of_mails_name_the_institution_and_the_act_in_its_words() {
    let app = with_other_words();
    let browser = app.browser();
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    let code = app.code(FK2);
    let answer = browser.submit(&page, &[("otp", &code), ("confirm", TARO.confirm)]).await;
    let result = browser.follow(answer).await.expect_screen("BOM123");
    assert!(result.text().contains("「利用登録」から"), "{}", result.text());
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    browser.submit(&page, &values).await.expect_status(303);
    let subjects = app.texts("SELECT subject AS value FROM mails ORDER BY id");
    assert_eq!(
        subjects,
        [
            "【しらかば信用金庫】ワンタイムパスワードの利用停止を受け付けました",
            "【しらかば信用金庫】ワンタイムパスワードの利用登録を受け付けました",
        ]
    );
    assert!(app.last_mail("token_started").contains("お手続き: 利用登録"));
}

#[tokio::test]
async fn the_page_outside_the_hours_gives_the_closures_reason() {
    let app = with_other_words();
    app.set_clock(parse_rfc3339("2026-12-31T21:00:00+09:00").unwrap());
    let page = app.browser().try_get("/shirakaba/login").await.unwrap();
    let page = page.expect_status(503).expect_screen("BER110");
    assert!(page.text().contains("大みそかの点検のため"), "{}", page.text());
    assert!(page.text().contains("2027年1月1日 00:00 に再開します"), "{}", page.text());
}

#[tokio::test]
async fn too_many_tries_of_one_address_have_a_page_that_says_to_wait() {
    let app = TestApp::with_login_tries(2);
    let browser = app.browser();
    let page = browser.get("/shirakaba/login").await;
    let values = [("login_id", "1"), ("password", "x")];
    for _ in 0..2 {
        browser.submit(&page, &values).await.expect_status(422);
    }
    let refused = browser.submit(&page, &values).await.expect_status(429);
    assert!(refused.body.contains("<h1>しばらくお待ちください</h1>"), "{}", refused.body);
    assert!(refused.text().contains("1分ほど待ってから"), "{}", refused.text());
}

#[tokio::test]
async fn titles_steps_and_serials_of_the_flows_are_in_the_portals_words() {
    let app = with_other_words();
    let browser = app.browser();
    for (flow, title) in [("start", "利用登録"), ("exchange", "機種変更"), ("stop", "利用停止")]
    {
        let page = browser.get(&format!("/shirakaba/token/{flow}")).await.expect_status(200);
        assert!(page.body.contains(&format!("<h1>{title}</h1>")), "{title}: {}", page.body);
    }
    let page = app.begin(&browser, "stop", TARO).await.expect_screen("BOM122");
    assert!(page.body.contains("<h1>利用停止の確認</h1>"), "{}", page.body);
    assert!(page.text().contains("利用停止の 確認") || page.text().contains("利用停止の確認"));
    assert!(!page.text().contains("利用中止"), "{}", page.text());
    let page = app.begin(&browser, "exchange", TARO).await.expect_screen("BOM112");
    assert_eq!(page.fact("製造番号").as_deref(), Some("下4桁 6FK2"));
    let answer = browser.submit(&page, &[("old_otp", &app.code(FK2))]).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BOM113");
    assert!(page.text().contains("新しいトークンの製造番号"), "{}", page.text());
    let answer = browser.submit(&page, &[("serial", ""), ("otp", "")]).await.expect_status(422);
    assert!(answer.summary().contains("製造番号を入力してください"), "{}", answer.summary());
    assert!(!answer.text().contains("シリアル番号"), "{}", answer.text());
}

/// Pages and mails that say to call at once name the number that answers at any hour.
#[tokio::test]
async fn the_number_for_losses_stands_beside_that_of_the_office() {
    let app = TestApp::new();
    let browser = app.browser();
    for path in ["login", "login/suspended", "login/locked", "help/security", "no-such-page"] {
        let page = browser.get(&format!("/shirakaba/{path}")).await;
        for part in ["0120-000-104", "0120-000-114", "24時間・年中無休"] {
            assert!(page.text().contains(part), "{path} {part}: {}", page.text());
        }
        // A page of the guide leads to the others.
        let is_guide = path.starts_with("help/");
        assert!(is_guide || page.body.contains("このページのご利用ガイド"), "{path}");
    }
}

#[tokio::test]
async fn results_that_open_a_hold_say_until_when() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let code = app.code(FK9);
    let values =
        [("serial", FK9), ("otp", &code), ("login_choice", "required"), ("confirm", JIRO.confirm)];
    let answer = browser.submit(&page, &values).await;
    let result = browser.follow(answer).await.expect_screen("BOM103");
    let held = "2026年11月25日 12:00 まで、お振込を制限しています。";
    assert!(result.text().contains(held), "{}", result.text());
    let browser = app.browser();
    let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
    let code = app.code(crate::people::FK3);
    let answer = browser.submit(&page, &[("serial", crate::people::FK3), ("otp", &code)]).await;
    let result = browser.follow(answer).await.expect_screen("BOM114");
    assert!(result.text().contains(held), "{}", result.text());
    app.advance(24 * 3_600);
    let top = app.browser();
    let page = app.enter(&top, JIRO).await.expect_screen("BLG010");
    let answer = top.submit(&page, &[("otp", &app.code(FK9))]).await;
    let top = top.follow(answer).await.expect_screen("BTP001");
    assert!(!top.text().contains("お振込を制限しています"), "{}", top.text());
}
