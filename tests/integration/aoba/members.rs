//! The administrator registers, changes and deletes users (BAU105 to BAU108).

use super::site::{AOBA, Aoba, Member, TANTO_A, TANTO_D, TANTO_F, WAKABA};
use crate::browser::{Browser, Page};

const NEW: Member = Member { contract: "9000000001", id: "shinjin1", password: "", confirm: "" };
const LOGIN: &str = "初期の利用者暗証番号";
const CONFIRM: &str = "初期の利用者確認暗証番号";
const PASSWORD: &str = "Umikaze-no-2026";
const SECRET: &str = "shiokaze-88";

/// A button of BAU100, with or without somebody chosen.
async fn presses(app: &Aoba, browser: &Browser, act: &str, who: Option<Member>) -> Page {
    let page = browser.get("/aoba/administrator/users").await.expect_screen("BAU100");
    let form = page.form_having("user");
    let id = who.map(|who| app.user(who, "id")).unwrap_or_default();
    let mut values = vec![("act", act)];
    if who.is_some() {
        values.push(("user", id.as_str()));
    }
    let answer = browser.post(&form.action, &form.filled(&values)).await;
    browser.follow(answer).await
}

/// BAU105's first page, sent.
async fn types(browser: &Browser, page: &Page, id: &str, address: &str, way: &str) -> Page {
    let values =
        [("login_id", id), ("name", "担当 新人"), ("mail_address", address), ("hand_over", way)];
    let answer = browser.submit(page, &values).await;
    browser.follow(answer).await
}

/// BAU105's second page, sent with all that is ticked by itself and one account.
async fn ticks(app: &Aoba, browser: &Browser, page: &Page) -> Page {
    let account = app.number("SELECT id FROM accounts WHERE number = '8010012'");
    let name = format!("may_account_{account}");
    let mut values = vec![(name.as_str(), "on"), ("may_right_bulk_make_transfer", "on")];
    values.extend([("transfer_per_transaction", "1,000"), ("transfer_daily", "2000")]);
    values.extend([("pay_easy_per_transaction", ""), ("pay_easy_daily", "")]);
    let answer = browser.submit(page, &values).await;
    browser.follow(answer).await
}

async fn confirms(browser: &Browser, page: &Page, who: Member) -> Page {
    let answer = browser.submit(page, &[("confirm", who.confirm)]).await;
    browser.follow(answer).await
}

/// From BAU100 to BAU106 of a registration.
async fn to_confirm(app: &Aoba, browser: &Browser, address: &str, way: &str) -> Page {
    let page = presses(app, browser, "register", None).await.expect_screen("BAU105");
    let page = types(browser, &page, NEW.id, address, way).await.expect_screen("BAU105");
    ticks(app, browser, &page).await.expect_screen("BAU106")
}

/// 開通確認 with these secrets, up to the mail address.
async fn activates(app: &Aoba, login: &str, confirm: &str) -> Page {
    let login: &'static str = Box::leak(login.to_owned().into_boxed_str());
    let browser = app.browser();
    let page = app.enter(&browser, Member { password: login, ..NEW }).await;
    let page = page.expect_screen("BAL020");
    let values = [
        ("new_password", PASSWORD),
        ("new_password_again", PASSWORD),
        ("new_confirm", SECRET),
        ("new_confirm_again", SECRET),
        ("confirm", confirm),
    ];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await
}

fn told(app: &Aoba, kind: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT to_address AS value FROM mails WHERE kind = '{kind}' ORDER BY to_address"
    ))
}

#[tokio::test]
async fn a_new_user_gets_two_secrets_that_show_once_and_open_the_activation() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let page = presses(&app, &browser, "register", None).await.expect_screen("BAU105");
    for (id, words) in [
        ("", "利用者IDを入力してください"),
        ("abc", "4文字以上16文字以内"),
        ("shin-jin", "半角英数字で入力"),
        ("9000000002/tantod", "半角英数字"),
        ("tantoa", "この利用者IDは使えません"),
    ] {
        let answer = types(&browser, &page, id, "", "print").await.expect_status(422);
        assert!(answer.summary().contains(words), "{id}: {}", answer.summary());
        assert!(answer.body.contains("担当　新人"), "what was typed stays");
    }
    let answer = types(&browser, &page, NEW.id, "", "mail").await.expect_status(422);
    assert!(answer.summary().contains("メールアドレスを入力"), "{}", answer.summary());
    let forged = [("login_id", NEW.id), ("name", "x"), ("mail_address", ""), ("role", "master")];
    browser.submit(&page, &forged).await.expect_status(400);
    // The same id in another contract is another one.
    let page = to_confirm(&app, &browser, "", "print").await;
    assert_eq!(page.fact("利用者ID").as_deref(), Some(NEW.id));
    assert_eq!(page.fact("利用者区分").as_deref(), Some("利用者"));
    let wrong = browser.submit(&page, &[("confirm", "chigau99")]).await.expect_status(422);
    assert!(wrong.summary().contains("ご契約先確認暗証番号が違います"), "{}", wrong.summary());
    let values = [("confirm", AOBA.confirm)];
    let (one, other) = tokio::join!(browser.submit(&page, &values), browser.submit(&page, &values));
    assert_eq!(one.location, other.location);
    let done = browser.follow(one).await.expect_screen("BAU108");
    let (login, confirm) = (done.fact(LOGIN).unwrap(), done.fact(CONFIRM).unwrap());
    assert_ne!(login, confirm);
    let again = browser.get(&done.path).await.expect_screen("BAU108");
    assert_eq!((again.fact(LOGIN), again.fact(CONFIRM)), (None, None));
    assert!(again.text().contains("すでに一度表示しました"), "{}", again.text());
    assert_eq!(again.fact("受付番号"), done.fact("受付番号"));
    let id = app.user(NEW, "id");
    let one = |sql: &str| app.texts(&sql.replace("{id}", &id));
    assert_eq!(
        one("SELECT user_right AS value FROM user_rights WHERE user_id = {id}"),
        ["bulk_make_transfer"]
    );
    let accounts = "SELECT number AS value FROM accounts JOIN user_accounts ON account_id = id \
                    WHERE user_id = {id}";
    assert_eq!(one(accounts), ["8010012"]);
    let limits = "SELECT service || ' ' || per_transaction_yen || ' ' || daily_yen AS value \
                  FROM user_limits WHERE user_id = {id}";
    assert_eq!(one(limits), ["transfer 1000 2000"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'user.register'"), 1);
    assert_eq!(told(&app, "user_registered"), ["9000000001@example.jp"]);
    let mails = app.texts("SELECT body AS value FROM mails");
    assert!(mails.iter().all(|body| !body.contains(&login) && !body.contains(&confirm)));
    // The confirming one is asked as well.
    activates(&app, &login, "chigau99").await.expect_screen("BAL020");
    activates(&app, &login, &confirm).await.expect_screen("BAL021");
}

#[tokio::test]
async fn by_mail_goes_the_login_secret_alone() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let page = to_confirm(&app, &browser, "shinjin@example.jp", "mail").await;
    assert!(page.text().contains("利用者確認暗証番号は結果の画面に表示する"), "{}", page.text());
    let done = confirms(&browser, &page, AOBA).await.expect_screen("BAU108");
    let confirm = done.fact(CONFIRM).unwrap();
    assert_eq!(done.fact(LOGIN), None);
    let mail = app.last_mail("initial_password");
    let (_, after) = mail.split_once("初期の利用者暗証番号: ").unwrap();
    let login = after.split_whitespace().next().unwrap();
    assert!(!mail.contains(&confirm) && !mail.contains(NEW.id), "{mail}");
    assert_eq!(told(&app, "initial_password"), ["shinjin@example.jp"]);
    activates(&app, login, &confirm).await.expect_screen("BAL021");
}

#[tokio::test]
async fn where_all_share_one_token_a_new_user_gets_it_in_the_same_act() {
    let app = Aoba::new();
    // One token for all users of あおば商事, as BAU104 leaves it.
    app.execute("UPDATE contracts SET token_mode = 'all' WHERE number = '9000000001'");
    app.execute("UPDATE tokens SET state = 'in_use' WHERE serial = 'AOB0000001'");
    app.execute(
        "UPDATE users SET token_status = 'in_use', token_id = \
         (SELECT id FROM tokens WHERE serial = 'AOB0000001') WHERE login_id LIKE '9000000001/%'",
    );
    let browser = app.logged_in(AOBA).await;
    let page = to_confirm(&app, &browser, "", "print").await;
    confirms(&browser, &page, AOBA).await.expect_screen("BAU108");
    let token = app.token("AOB0000001", "id");
    assert_eq!(app.user(NEW, "token_id"), token);
    assert_eq!(app.user(NEW, "token_status"), "in_use");
    let all = ["9000000001", "tantoa", "tantob", "tantoc"].map(|who| format!("{who}@example.jp"));
    assert_eq!(told(&app, "token_started"), all);
    assert!(app.last_mail("token_started").contains("0001"));
    // Deleted one after the other: the token is kept until nobody has it.
    for id in ["tantoa", "tantob", "tantoc", NEW.id] {
        assert_eq!(app.token("AOB0000001", "state"), "in_use");
        let who = Member { id, ..TANTO_A };
        let page = presses(&app, &browser, "delete", Some(who)).await.expect_screen("BAU107");
        confirms(&browser, &page, AOBA).await.expect_screen("BAU108");
        assert_eq!(app.user(who, "token_id"), "null");
    }
    assert_eq!(app.token("AOB0000001", "state"), "shipped");
}

#[tokio::test]
async fn a_change_can_make_new_secrets_and_ends_what_rested_on_the_old_ones() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let inside = app.logged_in(TANTO_A).await;
    let none = presses(&app, &browser, "change", None).await.expect_status(422);
    assert!(none.summary().contains("一覧から選んで"), "{}", none.summary());
    let change = |name: &'static str, way: &'static str| {
        let (app, browser) = (&app, &browser);
        async move {
            let page = presses(app, browser, "change", Some(TANTO_A)).await;
            let page = page.expect_screen("BAU105");
            let values =
                [("name", name), ("mail_address", "tantoa@example.jp"), ("hand_over", way)];
            let answer = browser.submit(&page, &values).await;
            let page = browser.follow(answer).await.expect_screen("BAU105");
            ticks(app, browser, &page).await.expect_screen("BAU106")
        }
    };
    let page = change("担当者A改", "keep").await;
    assert!(page.text().contains("変更前: 担当者A"), "{}", page.text());
    let done = confirms(&browser, &page, AOBA).await.expect_screen("BAU108");
    assert_eq!(done.fact(LOGIN), None);
    inside.get("/aoba/").await.expect_status(200);
    let page = change("担当者A改", "print").await;
    let done = confirms(&browser, &page, AOBA).await.expect_screen("BAU108");
    let (login, confirm) = (done.fact(LOGIN).unwrap(), done.fact(CONFIRM).unwrap());
    inside.get("/aoba/").await.expect_status(303);
    assert_eq!(told(&app, "password_reset"), ["9000000001@example.jp", "tantoa@example.jp"]);
    let login: &'static str = Box::leak(login.into_boxed_str());
    let user = app.browser();
    let page = app.enter(&user, Member { password: login, ..TANTO_A }).await;
    let values = [
        ("new_password", PASSWORD),
        ("new_password_again", PASSWORD),
        ("new_confirm", SECRET),
        ("new_confirm_again", SECRET),
        ("confirm", confirm.as_str()),
    ];
    let answer = user.submit(&page.expect_screen("BAL020"), &values).await;
    // The address was proven before, so there is nothing more to set.
    user.follow(answer).await.expect_screen("BTP001");
}

#[tokio::test]
async fn who_may_not_and_who_comes_second() {
    let app = Aoba::new();
    let user = app.logged_in(TANTO_A).await;
    user.get("/aoba/administrator/users").await.expect_status(403);
    let browsers = [app.logged_in(WAKABA).await, app.logged_in(WAKABA).await];
    // Nobody of another contract, nobody who is not there, not oneself.
    for (act, who) in [("change", TANTO_A), ("delete", TANTO_A)] {
        presses(&app, &browsers[0], act, Some(who)).await.expect_status(404);
    }
    for act in ["change", "delete"] {
        presses(&app, &browsers[0], act, Some(WAKABA)).await.expect_status(403);
    }
    let inside = app.logged_in(TANTO_D).await;
    let mut pages = Vec::new();
    for browser in &browsers {
        let page = presses(&app, browser, "delete", Some(TANTO_D)).await.expect_screen("BAU107");
        assert!(page.text().contains("AOB0000004 とのつながりもなくなります"), "{}", page.text());
        // The administrator releases, and stays: nothing is asked once more.
        assert!(!page.form().names.contains(&"agreed".to_owned()));
        // The other browser's flow goes on: it belongs to another login.
        app.execute("UPDATE flows SET step = 'confirm' WHERE step = 'ended'");
        pages.push(page);
    }
    // A flow is somebody's own.
    user.get(&pages[0].path).await.expect_status(404);
    let proof = [("confirm", WAKABA.confirm)];
    let (one, other) =
        tokio::join!(browsers[0].submit(&pages[0], &proof), browsers[1].submit(&pages[1], &proof));
    let mut answers = [one, other];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.each_ref().map(|answer| answer.status), [303, 409]);
    let late = answers[1].clone().expect_screen("BAU100");
    assert!(late.text().contains("先に変更されました"), "{}", late.text());
    assert!(!late.text().contains("担当者D"), "{}", late.text());
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'user.delete'"), 1);
    inside.get("/aoba/").await.expect_status(303);
    // Whoever comes when all is over reads the same.
    let mut pages = Vec::new();
    for browser in &browsers {
        let page = presses(&app, browser, "delete", Some(TANTO_F)).await.expect_screen("BAU107");
        app.execute("UPDATE flows SET step = 'confirm' WHERE step = 'ended'");
        pages.push(page);
    }
    browsers[0].submit(&pages[0], &proof).await.expect_status(303);
    let late = browsers[1].submit(&pages[1], &proof).await.expect_status(409);
    let late = late.expect_screen("BAU100").text();
    assert!(late.contains("先に変更されました") && !late.contains("担当者F"), "{late}");
    // E keeps the token that they shared.
    assert_eq!(app.token("AOB0000004", "state"), "in_use");
    // The id stays taken.
    let page = presses(&app, &browsers[0], "register", None).await.expect_screen("BAU105");
    let answer = types(&browsers[0], &page, "tantod", "", "print").await.expect_status(422);
    assert!(answer.summary().contains("使えません"), "{}", answer.summary());
}
