//! 利用者の登録: what is asked, what is kept, the initial password, and its one showing.

use super::site::{Company, HANAKO, NewUser, SABURO, SHINJIN};
use crate::people::Person;

#[tokio::test]
async fn a_new_user_gets_rights_and_a_password_that_shows_once() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.to_confirm(&browser, SHINJIN).await;
    assert_eq!(page.fact("ログインID").as_deref(), Some("shinjin01"));
    assert_eq!(page.fact("利用できるサービス").as_deref(), Some("振込・振替、残高照会"));
    let wrong = browser.submit(&page, &[("confirm", "nonsense1")]).await.expect_status(422);
    assert!(wrong.summary().contains("確認用パスワードが違います"), "{}", wrong.summary());
    let done = app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    let password = done.fact("初期パスワード").unwrap();
    assert_eq!(password.len(), 14, "{password}");
    let again = browser.get(&done.path).await.expect_screen("BAU034");
    assert_eq!(again.fact("初期パスワード"), None);
    assert!(again.text().contains("すでに一度表示しました"), "{}", again.text());
    assert_eq!(again.fact("受付番号"), done.fact("受付番号"));
    assert_eq!(app.of("shinjin01", "setup_state"), "initial");
    assert_eq!(app.of("shinjin01", "name"), "データ　新人");
    assert_eq!(app.rights("shinjin01"), ["balance", "transfer"]);
    assert_eq!(app.accounts("shinjin01"), ["7010045"]);
    // Nowhere in clear.
    let receipts = app.texts("SELECT details AS value FROM receipts");
    assert!(receipts.iter().all(|text| !text.contains(&password)));
    assert_eq!(app.number("SELECT COUNT(*) FROM initial_passwords"), 0);
    let mails = app.texts("SELECT body AS value FROM mails");
    assert!(mails.iter().all(|body| !body.contains(&password)));
    assert_eq!(app.lines("user.register", "shinjin01"), 1);
    assert_eq!(app.lines("user.show_password", "shinjin01"), 1);
    // Word to every administrator of the company, and to nobody else.
    assert_eq!(app.mails("user_registered"), 2);
    assert!(app.last_mail("user_registered").contains("データ　新人"));
}

#[tokio::test]
async fn a_form_sent_twice_registers_once() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.to_confirm(&browser, SHINJIN).await;
    let values = [("confirm", HANAKO.confirm)];
    let (one, other) = tokio::join!(browser.submit(&page, &values), browser.submit(&page, &values));
    assert!(one.is_done() && other.is_done(), "{one:?} {other:?}");
    assert_eq!(one.location, other.location);
    assert_eq!(app.lines("user.register", "shinjin01"), 1);
    let result = browser.follow(one).await.expect_screen("BAU034");
    assert!(result.fact("初期パスワード").is_some());
}

#[tokio::test]
async fn what_cannot_be_is_said_beside_the_field() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.registers(&browser).await;
    for (new, words) in [
        (NewUser { login_id: "", ..SHINJIN }, "ログインIDを入力してください"),
        (NewUser { login_id: "abc", ..SHINJIN }, "6文字以上12文字以内"),
        (NewUser { login_id: "shin-jin", ..SHINJIN }, "半角英数字で入力"),
        (NewUser { login_id: "sachikodt", ..SHINJIN }, "このログインIDは使えません"),
        // Of another company, and of one that was deleted.
        (NewUser { login_id: "nanaodt", ..SHINJIN }, "このログインIDは使えません"),
        (NewUser { name: " 　", ..SHINJIN }, "利用者名を入力してください"),
        (NewUser { address: "nobody", ..SHINJIN }, "name@example.jp"),
        (NewUser { hand_over: "mail", ..SHINJIN }, "メールアドレスを入力してください"),
        (NewUser { role: "master", ..SHINJIN }, "マスターユーザだけです"),
    ] {
        let answer = app.types(&browser, &page, new).await.expect_status(422);
        assert!(answer.summary().contains(words), "{words}: {}", answer.summary());
    }
    let forged = NewUser { role: "customer", ..SHINJIN };
    app.types(&browser, &page, forged).await.expect_status(400);
    let page = app.types(&browser, &page, SHINJIN).await.expect_screen("BAU032");
    for (limits, words) in [
        (["10000001", "30000000", "", ""], "ご契約の限度額（10,000,000円）以下"),
        (["1", "30000001", "", ""], "ご契約の限度額（30,000,000円）以下"),
        (["500", "400", "", ""], "1日あたりの限度額以下"),
        (["500", "", "", ""], "両方を空欄に"),
        (["", "", "x", "100"], "円の金額を数字で"),
    ] {
        let answer = app.ticks(&browser, &page, &["balance"], &[], limits).await.expect_status(422);
        assert!(answer.summary().contains(words), "{words}: {}", answer.summary());
    }
    // An account of another company.
    app.ticks(&browser, &page, &["balance"], &["7020101"], [""; 4]).await.expect_status(400);
    app.ticks(&browser, &page, &["nonsense"], &[], [""; 4]).await.expect_status(400);
    let limits = ["1,000,000", "３０００００００", "", ""];
    let page = app.ticks(&browser, &page, &["transfer"], &["7010046"], limits).await;
    let page = page.expect_screen("BAU033");
    let words = page.fact("振込・振替の限度額").unwrap();
    assert_eq!(words, "1回 1,000,000円、1日 30,000,000円");
    app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    let kept = "SELECT service || ' ' || per_transaction_yen || ' ' || daily_yen AS value \
                FROM user_limits WHERE user_id = ";
    let kept = app.texts(&format!("{kept}{}", app.id("shinjin01")));
    assert_eq!(kept, ["transfer 1000000 30000000"]);
}

#[tokio::test]
async fn back_and_cancel_keep_and_end_what_was_typed() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.to_confirm(&browser, SHINJIN).await;
    let back = page.form_to("/back");
    let page = browser.follow(browser.post(&back.action, &back.hidden).await).await;
    let page = page.expect_screen("BAU032");
    let back = page.form_to("/back");
    let page = browser.follow(browser.post(&back.action, &back.hidden).await).await;
    let page = page.expect_screen("BAU031");
    assert!(page.body.contains("shinjin01"));
    let cancel = page.form_to("/cancel");
    let list = browser.follow(browser.post(&cancel.action, &cancel.hidden).await).await;
    list.expect_screen("BAU030");
    let lost = browser.follow(browser.get(&page.path).await).await.expect_screen("BAU030");
    assert!(lost.text().contains("すでに終わっています"));
    let known = "SELECT COUNT(*) FROM users WHERE login_id = 'shinjin01'";
    assert_eq!(app.number(known), 0);
}

#[tokio::test]
async fn a_mailed_password_goes_to_the_address_without_the_id() {
    let app = Company::new();
    let browser = app.logged_in(SABURO).await;
    let new =
        NewUser { role: "master", address: "shinjin@example.jp", hand_over: "mail", ..SHINJIN };
    let page = app.to_confirm(&browser, new).await;
    assert!(page.fact("利用できる口座").unwrap().contains("7010046"));
    let done = app.confirms(&browser, &page, SABURO).await.expect_screen("BAU034");
    assert_eq!(done.fact("初期パスワード"), None);
    assert_eq!(app.mails_to("initial_password", "shinjin@example.jp"), 1);
    let mail = app.last_mail("initial_password");
    assert!(!mail.contains("shinjin01") && !mail.contains("http"), "{mail}");
    assert_eq!(app.of("shinjin01", "mail_address"), "null");
    assert!(app.rights("shinjin01").is_empty());
    let (_, rest) = mail.split_once("初期パスワード: ").unwrap();
    let password: &'static str = rest.lines().next().unwrap().to_owned().leak();
    let who = Person { login_id: "shinjin01", password, confirm: "" };
    let own = app.browser();
    app.enter(&own, who).await.expect_screen("BLG095");
}

#[tokio::test]
async fn an_id_taken_meanwhile_is_told() {
    let app = Company::new();
    let (one, other) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
    let first = app.to_confirm(&one, SHINJIN).await;
    let second = app.to_confirm(&other, SHINJIN).await;
    app.confirms(&one, &first, HANAKO).await.expect_screen("BAU034");
    let answer = app.confirms(&other, &second, SABURO).await.expect_status(422);
    assert!(answer.summary().contains("先に使われました"), "{}", answer.summary());
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE login_id = 'shinjin01'"), 1);
}
