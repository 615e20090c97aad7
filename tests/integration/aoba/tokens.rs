//! The administrator registers, exchanges and releases tokens (BAU100 to BAU104, BAU109, BAU010).

use super::site::{AOBA, Aoba, Member, TANTO_A, TANTO_D, TANTO_F, WAKABA};
use crate::browser::{Browser, Page};

const FIRST: &str = "AOB0000001";
const SECOND: &str = "AOB0000002";
const SHARED: &str = "AOB0000004";
const SUSPENDED: &str = "AOB0000005";
const TANTO_B: Member = Member { id: "tantob", ..TANTO_A };
const TANTO_C: Member = Member { id: "tantoc", ..TANTO_A };
const TANTO_E: Member = Member { id: "tantoe", ..TANTO_D };
const TANTO_G: Member = Member { id: "tantog", ..TANTO_D };
const WRONG: &str = "登録していません";

/// From BAU101 to BAU102 or BAU104.
async fn choose(browser: &Browser, mode: &str) -> Page {
    let page = browser.get("/aoba/administrator/mode").await.expect_screen("BAU101");
    let answer = browser.submit(&page, &[("mode", mode)]).await;
    browser.follow(answer).await
}

/// The form that registers, apart from the search above it.
fn registering(page: &Page, app: &Aoba, users: &[Member], more: &[(&str, &str)]) -> Fields {
    let form = page.form_having("confirm");
    let ticks: Vec<String> =
        users.iter().map(|who| format!("user_{}", app.user(*who, "id"))).collect();
    let mut values: Vec<(&str, &str)> = ticks.iter().map(|tick| (tick.as_str(), "on")).collect();
    values.extend(more);
    (form.action.clone(), form.filled(&values))
}

type Fields = (String, crate::browser::Fields);

async fn register(
    app: &Aoba,
    browser: &Browser,
    page: &Page,
    users: &[Member],
    serial: &str,
    confirm: &str,
) -> Page {
    let code = app.code(serial);
    let more = [("serial", serial), ("otp", code.as_str()), ("confirm", confirm)];
    let (action, fields) = registering(page, app, users, &more);
    browser.post(&action, &fields).await
}

/// The recipients of all mails of this kind, sorted.
fn told(app: &Aoba, kind: &str) -> Vec<String> {
    let sql = format!(
        "SELECT to_address AS value FROM mails WHERE kind = '{kind}' ORDER BY to_address, id"
    );
    app.texts(&sql)
}

fn addresses(names: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = names.iter().map(|name| format!("{name}@example.jp")).collect();
    all.sort();
    all
}

fn token_of(app: &Aoba, who: Member) -> String {
    let sql = format!(
        "SELECT COALESCE(tokens.serial, 'none') AS value FROM users \
         LEFT JOIN tokens ON tokens.id = users.token_id WHERE users.login_id = '{}'",
        who.login_id()
    );
    app.texts(&sql).remove(0)
}

fn mode_of(app: &Aoba, contract: &str) -> String {
    let sql = format!(
        "SELECT COALESCE(token_mode, 'null') AS value FROM contracts WHERE number = '{contract}'"
    );
    app.texts(&sql).remove(0)
}

#[tokio::test]
async fn a_token_for_one_user_or_for_some() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let users_session = app.logged_in(TANTO_A).await;
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    let answer = register(&app, &browser, &page, &[TANTO_A], FIRST, AOBA.confirm).await;
    let result = browser.follow(answer.clone()).await.expect_screen("BAU103");
    assert_eq!(result.fact("登録したシリアル番号").unwrap(), FIRST);
    assert_eq!(token_of(&app, TANTO_A), FIRST);
    assert_eq!(
        (app.token(FIRST, "state"), mode_of(&app, AOBA.contract)),
        ("in_use".into(), "each".into())
    );
    assert_eq!(told(&app, "token_started"), addresses(&[AOBA.contract, "tantoa"]));
    let about = app.texts("SELECT body AS value FROM mails WHERE to_address LIKE '9000000001@%'");
    assert!(about[0].contains("担当者A") && !about[0].contains("停止コード"), "{}", about[0]);
    // Reloaded, the same; the user's session rests on nothing any more.
    let again = browser.get(answer.location.as_deref().unwrap()).await;
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    users_session.get("/aoba/").await.expect_status(303);
    // 続けて登録する: B and C share the second one.
    let form = result.form_to("/administrator/again");
    let answer = browser.post(&form.action, &form.hidden).await;
    let page = browser.follow(answer).await.expect_screen("BAU102");
    let answer = register(&app, &browser, &page, &[TANTO_B, TANTO_C], SECOND, AOBA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    assert_eq!((token_of(&app, TANTO_B), token_of(&app, TANTO_C)), (SECOND.into(), SECOND.into()));
    let all = [AOBA.contract, AOBA.contract, "tantoa", "tantob", "tantoc"];
    assert_eq!(told(&app, "token_started"), addresses(&all));
    let list = browser.get("/aoba/administrator/users").await.expect_screen("BAU100").text();
    assert!(list.contains("担当者Cと共用") && list.contains("お客様カード"), "{list}");
}

#[tokio::test]
async fn a_token_for_all_is_for_those_before_their_activation_too() {
    let app = Aoba::new();
    app.execute(
        "UPDATE users SET setup_state = 'initial', mail_address = NULL \
         WHERE login_id = '9000000001/tantoc'",
    );
    let browser = app.logged_in(AOBA).await;
    let page = choose(&browser, "all").await.expect_screen("BAU104");
    assert!(page.text().contains("利用者3名の全員"), "{}", page.text());
    let answer = register(&app, &browser, &page, &[], FIRST, AOBA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    for who in [TANTO_A, TANTO_B, TANTO_C] {
        assert_eq!(token_of(&app, who), FIRST);
    }
    assert_eq!(app.user(AOBA, "token_id"), "null");
    assert_eq!(told(&app, "token_started"), addresses(&[AOBA.contract, "tantoa", "tantob"]));
    // Exchanged for all: the old one retires, every user is told.
    let page = choose(&browser, "all").await.expect_screen("BAU104");
    let answer = register(&app, &browser, &page, &[], SECOND, AOBA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    assert_eq!(
        (app.token(FIRST, "state"), app.token(SECOND, "state")),
        ("retired".into(), "in_use".into())
    );
    assert_eq!(told(&app, "token_exchanged"), addresses(&[AOBA.contract, "tantoa", "tantob"]));
}

#[tokio::test]
async fn an_exchange_retires_the_old_token_only_when_nobody_keeps_it() {
    let app = Aoba::new();
    ship(&app, FIRST);
    ship(&app, SECOND);
    let browser = app.logged_in(WAKABA).await;
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    let answer = register(&app, &browser, &page, &[TANTO_D], FIRST, WAKABA.confirm).await;
    let result = browser.follow(answer).await.expect_screen("BAU103");
    assert!(result.text().contains("担当者Eが引き続き使います"), "{}", result.text());
    assert_eq!(
        (app.token(SHARED, "state"), token_of(&app, TANTO_E)),
        ("in_use".into(), SHARED.into())
    );
    // Whoever keeps the old token is told too.
    let told_of = addresses(&[WAKABA.contract, "tantod", "tantoe"]);
    assert_eq!(told(&app, "token_exchanged"), told_of);
    // A suspended token is exchanged by the administrator, and so is the last one of a token.
    let page = choose(&browser, "each").await;
    let users = [TANTO_E, TANTO_F];
    let answer = register(&app, &browser, &page, &users, SECOND, WAKABA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    for old in [SHARED, SUSPENDED] {
        assert_eq!(app.token(old, "state"), "retired");
    }
    app.logged_in(TANTO_F).await;
}

/// The token is わかば工業's instead.
fn ship(app: &Aoba, serial: &str) {
    app.execute(&format!(
        "UPDATE tokens SET contract_id = (SELECT id FROM contracts WHERE number = '9000000002') \
         WHERE serial = '{serial}'"
    ));
}

#[tokio::test]
async fn a_user_can_be_added_to_a_token_in_use_and_its_end_stays() {
    let app = Aoba::new();
    let end = app.token(SHARED, "expires_at");
    let browser = app.logged_in(WAKABA).await;
    let page = choose(&browser, "each").await;
    let answer = register(&app, &browser, &page, &[TANTO_G], SHARED, WAKABA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    assert_eq!(token_of(&app, TANTO_G), SHARED);
    assert_eq!(app.token(SHARED, "expires_at"), end);
    // G has no address yet; all users of the token are told.
    assert_eq!(told(&app, "token_started"), addresses(&[WAKABA.contract, "tantod", "tantoe"]));
}

#[tokio::test]
async fn unknown_foreign_and_wrong_read_alike_and_five_tries_end_the_attempt() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    let mut shown = Vec::new();
    let wrong = app.wrong_codes(FIRST, 2);
    let foreign = app.code(SHARED);
    let tries = [("AOB9999999", "123456"), (SHARED, foreign.as_str()), (FIRST, wrong[0].as_str())];
    for (serial, code) in tries {
        let more = [("serial", serial), ("otp", code), ("confirm", AOBA.confirm)];
        let (action, fields) = registering(&page, &app, &[TANTO_A], &more);
        let answer = browser.post(&action, &fields).await.expect_status(422);
        shown.push(answer.summary());
    }
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0], shown[2]);
    // A wrong confirming secret is no try at the token.
    let answer = register(&app, &browser, &page, &[TANTO_A], FIRST, "chigau99").await;
    assert!(answer.summary().contains("ご契約先確認暗証番号が違います"), "{}", answer.summary());
    for number in 4..=5 {
        let more = [("serial", "AOB9999999"), ("otp", "123456"), ("confirm", AOBA.confirm)];
        let (action, fields) = registering(&page, &app, &[TANTO_A], &more);
        let answer = browser.post(&action, &fields).await;
        assert_eq!(answer.status == 303, number == 5, "{} at {number}", answer.status);
    }
    // The attempt is over, the administrator's session is not.
    browser.get(&page.path).await.expect_status(303);
    assert_eq!(token_of(&app, TANTO_A), "none");
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    let answer = register(&app, &browser, &page, &[TANTO_A], FIRST, AOBA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
}

#[tokio::test]
async fn a_change_of_mode_says_what_it_releases_and_asks() {
    let app = Aoba::new();
    let browser = app.logged_in(WAKABA).await;
    // F's token is suspended, which comes first.
    let page = choose(&browser, "all").await.expect_screen("BAU101");
    assert!(page.text().contains("停止中のトークンがあるため"), "{}", page.text());
    let fields = [("agreed", "yes"), ("confirm", WAKABA.confirm)];
    release(&app, &browser, &[TANTO_F]).await.expect_screen("BAU011");
    let page = choose(&browser, "all").await.expect_screen("BAU101");
    assert!(page.text().contains("AOB0000004: 担当者D、担当者E"), "{}", page.text());
    let answer = browser.submit(&page, &[("confirm", WAKABA.confirm)]).await.expect_status(422);
    assert!(answer.summary().contains("チェックを入れて"), "{}", answer.summary());
    assert_eq!(app.mails("token_stopped"), 0);
    let answer = browser.submit(&page, &fields).await;
    let result = browser.follow(answer).await.expect_screen("BAU103");
    assert!(result.text().contains("利用形態を変更し、次の3名"), "{}", result.text());
    for who in [TANTO_D, TANTO_E, TANTO_F] {
        assert_eq!(token_of(&app, who), "none");
    }
    assert_eq!(
        (app.token(SHARED, "state"), mode_of(&app, WAKABA.contract)),
        ("shipped".into(), "all".into())
    );
    let all = [WAKABA.contract, WAKABA.contract, "tantod", "tantoe", "tantof"];
    assert_eq!(told(&app, "token_stopped"), addresses(&all));
    let form = result.form_to("/administrator/again");
    let answer = browser.post(&form.action, &form.hidden).await;
    browser.follow(answer).await.expect_screen("BAU104");
}

async fn release(app: &Aoba, browser: &Browser, users: &[Member]) -> Page {
    let page = browser.get("/aoba/admin/release").await.expect_screen("BAU010");
    let (action, fields) = registering(&page, app, users, &[("confirm", WAKABA.confirm)]);
    let answer = browser.post(&action, &fields).await;
    browser.follow(answer).await
}

async fn stop(app: &Aoba, browser: &Browser, users: &[Member]) -> Page {
    let page = browser.get("/aoba/administrator/stop").await.expect_screen("BAU109");
    let (action, fields) = registering(&page, app, users, &[("confirm", WAKABA.confirm)]);
    browser.post(&action, &fields).await
}

#[tokio::test]
async fn a_release_of_a_registration_is_for_the_ticked_users_only() {
    let app = Aoba::new();
    let browser = app.logged_in(WAKABA).await;
    let answer = stop(&app, &browser, &[TANTO_D]).await;
    let result = browser.follow(answer).await.expect_screen("BAU103");
    assert!(result.text().contains("担当者Eが引き続き使います"), "{}", result.text());
    assert_eq!((token_of(&app, TANTO_D), token_of(&app, TANTO_E)), ("none".into(), SHARED.into()));
    assert_eq!(app.token(SHARED, "state"), "in_use");
    // Shared by some: all users of that token are told.
    assert_eq!(told(&app, "token_stopped"), addresses(&[WAKABA.contract, "tantod", "tantoe"]));
    let answer = stop(&app, &browser, &[TANTO_E]).await;
    browser.follow(answer).await.expect_screen("BAU103");
    assert_eq!(app.token(SHARED, "state"), "shipped");
    // Nobody without a token, nobody suspended, not the administrator.
    for who in [TANTO_D, TANTO_F, WAKABA] {
        stop(&app, &browser, &[who]).await.expect_status(409).expect_screen("BAU109");
    }
    // Whoever is of another contract is not there at all.
    stop(&app, &browser, &[TANTO_A]).await.expect_status(404);
    assert_eq!(token_of(&app, TANTO_F), SUSPENDED);
}

#[tokio::test]
async fn the_administrator_releases_a_suspension() {
    let app = Aoba::new();
    let browser = app.logged_in(WAKABA).await;
    let result = release(&app, &browser, &[TANTO_F]).await.expect_screen("BAU011");
    assert!(result.text().contains("tantof") && !result.text().contains("9000000002/"));
    assert_eq!(told(&app, "token_released"), addresses(&[WAKABA.contract, "tantof"]));
    assert!(!app.is_suspended(SUSPENDED));
    release(&app, &browser, &[TANTO_F]).await.expect_status(409);
    app.logged_in(TANTO_F).await;
}

#[tokio::test]
async fn users_do_not_come_in_and_other_contracts_are_not_there() {
    let app = Aoba::new();
    let user = app.logged_in(TANTO_A).await;
    for path in ["", "/users", "/mode", "/stop", "/mode/all"] {
        user.get(&format!("/aoba/administrator{path}")).await.expect_status(403);
    }
    user.get("/aoba/admin/release").await.expect_status(403);
    assert!(!user.get("/aoba/").await.text().contains("管理者メニュー"));
    let browser = app.logged_in(AOBA).await;
    browser.get("/aoba/admin").await.expect_status(404);
    browser.get("/aoba/admin/revoke").await.expect_status(404);
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    assert!(!page.text().contains("担当者D"));
    let foreign = register(&app, &browser, &page, &[TANTO_D], FIRST, AOBA.confirm).await;
    foreign.expect_status(404);
    app.advance(30);
    let answer = register(&app, &browser, &page, &[AOBA], FIRST, AOBA.confirm).await;
    let shown = answer.expect_status(409).expect_screen("BAU102");
    assert!(shown.summary().contains(WRONG), "{}", shown.summary());
    assert_eq!(app.token(FIRST, "state"), "shipped");
}

#[tokio::test]
async fn sent_twice_at_once_a_registration_acts_once() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    let code = app.code(FIRST);
    let more = [("serial", FIRST), ("otp", code.as_str()), ("confirm", AOBA.confirm)];
    let (action, fields) = registering(&page, &app, &[TANTO_A], &more);
    let (one, other) =
        futures_util::join!(browser.post(&action, &fields), browser.post(&action, &fields));
    let (one, other) = (browser.follow(one).await, browser.follow(other).await);
    assert_eq!((one.screen().as_str(), other.screen().as_str()), ("BAU103", "BAU103"));
    assert_eq!(one.fact("受付番号"), other.fact("受付番号"));
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.register'"), 1);
    assert_eq!(told(&app, "token_started"), addresses(&[AOBA.contract, "tantoa"]));
}

#[tokio::test]
async fn of_two_browsers_of_the_administrator_one_acts_and_the_other_sees_the_new_state() {
    let app = Aoba::new();
    let browsers = [app.logged_in(WAKABA).await, app.logged_in(WAKABA).await];
    let sent = browsers.iter().map(|browser| stop(&app, browser, &[TANTO_D]));
    let mut answers = futures_util::future::join_all(sent).await;
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [303, 409]);
    let late = answers.remove(1).expect_screen("BAU109");
    assert!(late.summary().contains("状態が変わったため"), "{}", late.summary());
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.stop'"), 1);
    // The same with two changes of mode.
    for browser in &browsers {
        release(&app, browser, &[TANTO_F]).await;
    }
    let mut pages = Vec::new();
    for browser in &browsers {
        pages.push(choose(browser, "all").await.expect_screen("BAU101"));
    }
    let fields = [("agreed", "yes"), ("confirm", WAKABA.confirm)];
    let sent = browsers.iter().zip(&pages).map(|(browser, page)| browser.submit(page, &fields));
    let answers = futures_util::future::join_all(sent.collect::<Vec<_>>()).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.number("SELECT COUNT(*) FROM receipts WHERE operation = 'token.mode'"), 1);
}

#[tokio::test]
async fn a_coming_expiry_is_told_to_the_administrator_too() {
    let app = Aoba::new();
    let token = app.number("SELECT id FROM tokens WHERE serial = 'AOB0000004'");
    let end = "UPDATE tokens SET expires_at = '2026-12-01 00:00:00' WHERE id = ";
    app.execute(&format!("{end}{token}"));
    let (services, ctx) = (app.services.clone(), app.ctx());
    let none = madoguchi::primitives::ids::TokenId(0);
    let warn = move || madoguchi::operations::token::expiry::warn_batch(&services, &ctx, none);
    tokio::task::spawn_blocking(warn).await.unwrap().unwrap();
    assert_eq!(told(&app, "token_expiring"), addresses(&[WAKABA.contract, "tantod", "tantoe"]));
}

#[tokio::test]
async fn a_user_registered_later_gets_the_token_of_all() {
    use madoguchi::operations::administration::registration::join_in_tx;
    use madoguchi::primitives::ids::UserId;
    let app = Aoba::new();
    let id = app.number("SELECT id FROM users WHERE login_id = '9000000001/tantoc'");
    let join = |app: &Aoba| {
        let ctx = app.ctx();
        let joined = app.services.db.write_blocking(move |conn| {
            let user = madoguchi::db::queries::users::get(conn, UserId(id))?;
            join_in_tx(conn, &ctx, &user)
        });
        joined.unwrap()
    };
    assert!(!join(&app), "no mode is chosen");
    // Without C, as if C came later.
    app.execute(&format!("UPDATE users SET deleted_at = created_at WHERE id = {id}"));
    let browser = app.logged_in(AOBA).await;
    let page = choose(&browser, "all").await.expect_screen("BAU104");
    let answer = register(&app, &browser, &page, &[], FIRST, AOBA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
    app.execute(&format!("UPDATE users SET deleted_at = NULL WHERE id = {id}"));
    assert_eq!(token_of(&app, TANTO_C), "none");
    assert!(join(&app));
    assert_eq!(token_of(&app, TANTO_C), FIRST);
}

#[tokio::test]
async fn whoever_was_revoked_has_no_box_until_the_wait_is_over() {
    let app = Aoba::new();
    ship(&app, FIRST);
    let revoked_at = app.now();
    app.execute(&format!(
        "UPDATE users SET token_id = NULL, token_status = 'revoked', revoked_at = '{revoked_at}' \
         WHERE login_id = '{}'",
        TANTO_D.login_id()
    ));
    let tick = format!("user_{}", app.user(TANTO_D, "id"));
    let browser = app.logged_in(WAKABA).await;
    let page = choose(&browser, "each").await.expect_screen("BAU102");
    assert!(page.text().contains("失効後の待ち時間"), "{}", page.text());
    assert!(!page.form_having("confirm").names.contains(&tick));
    let refused = register(&app, &browser, &page, &[TANTO_D], FIRST, WAKABA.confirm).await;
    refused.expect_status(409);
    app.advance(1_800);
    // The next login goes on where the last one was.
    let browser = app.browser();
    let page = app.enter(&browser, WAKABA).await.expect_screen("BAU102");
    assert!(page.form_having("confirm").names.contains(&tick), "{}", page.text());
    let answer = register(&app, &browser, &page, &[TANTO_D], FIRST, WAKABA.confirm).await;
    browser.follow(answer).await.expect_screen("BAU103");
}
