//! BLG001 with two forms, and where each leads.

use super::site::{AOBA, Aoba, Member, TANTO_A, TANTO_D, TANTO_F, WAKABA};
use crate::browser::Page;

const NOBODY: Member = Member { contract: "9999999999", ..AOBA };
const NO_USER: Member = Member { id: "tantoz", ..TANTO_A };
const NO_CONTRACT: Member = Member { contract: "9999999999", ..TANTO_A };

/// The page without what differs between any two pages and without what was typed.
fn masked(page: &Page, who: Member) -> String {
    let mut body = page.body.clone();
    if page.status == 422 {
        for form in [page.form_to("/login"), page.form_to("/login/user")] {
            for (_, value) in form.hidden {
                body = body.replace(&value, "HIDDEN");
            }
        }
    }
    let typed = [who.contract, who.id].into_iter().filter(|typed| !typed.is_empty());
    typed.fold(body, |body, typed| body.replace(&format!("value=\"{typed}\""), "TYPED"))
}

fn wrong(who: Member) -> Member {
    Member { password: "Chigau#000000", ..who }
}

#[tokio::test]
async fn administrator_and_users_have_a_form_each_in_the_portals_words() {
    let app = Aoba::new();
    let page = app.browser().get("/aoba/login").await.expect_screen("BLG001");
    let text = page.text();
    for words in ["管理者ログオン", "利用者ログオン", "ご契約先暗証番号", "利用者暗証番号"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("ログイン"), "{text}");
    assert_eq!(page.form_to("/login").names, ["login_id", "password"]);
    let names = page.form_to("/login/user").names;
    assert_eq!(names, ["contract_id", "user_id", "user_password"]);
    for who in [AOBA, TANTO_A] {
        let top = app.logged_in(who).await.get("/aoba/").await.text();
        assert!(top.contains("ログオフ") && !top.contains("ログイン"), "{top}");
    }
    // Portals with one id have no second form.
    app.browser().get("/inaho/login/user").await.expect_status(404);
}

#[tokio::test]
async fn each_form_lets_in_its_own_people_only() {
    let app = Aoba::new();
    let browser = app.browser();
    let page = browser.get("/aoba/login").await;
    let whole = TANTO_A.login_id();
    let values = [("login_id", whole.as_str()), ("password", TANTO_A.password)];
    let answer = browser.submit(&page, &values).await.expect_status(422);
    assert!(answer.summary().contains("契約者IDまたはご契約先暗証番号が違います"));
    let form = page.form_to("/login/user");
    for (contract, id) in [(AOBA.contract, ""), ("", AOBA.contract), (&whole, "tantoa")] {
        let values = [("contract_id", contract), ("user_id", id), ("user_password", AOBA.password)];
        let answer = browser.post(&form.action, &form.filled(&values)).await;
        answer.expect_status(422).expect_screen("BLG001");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM logins"), 0);
}

#[tokio::test]
async fn wrong_ids_and_wrong_secrets_look_alike_at_equal_counts_on_both_forms() {
    let pairs = [(wrong(AOBA), NOBODY), (wrong(TANTO_A), NO_USER), (wrong(TANTO_D), NO_CONTRACT)];
    for (known, unknown) in pairs {
        let app = Aoba::new();
        for number in 1..=6 {
            let one = app.send_login(&app.browser(), known).await;
            let other = app.send_login(&app.browser(), unknown).await;
            assert_eq!((one.status, &one.location), (other.status, &other.location));
            assert_eq!(masked(&one, known), masked(&other, unknown), "try {number}");
            let shown = app.browser().follow(one).await.screen();
            assert_eq!(shown == "BLG012", number >= 5, "{shown} after {number}");
        }
    }
}

#[tokio::test]
async fn a_lock_of_one_user_locks_neither_the_others_nor_the_administrator() {
    let app = Aoba::new();
    for _ in 0..5 {
        app.send_login(&app.browser(), wrong(TANTO_A)).await;
    }
    app.enter(&app.browser(), TANTO_A).await.expect_screen("BLG012");
    app.logged_in(AOBA).await;
    assert_ne!(app.user(TANTO_A, "login_locked_at"), "null");
    let mail = app.last_mail("login_locked");
    assert!(mail.contains("ログオンの停止") && !mail.contains("ログイン"), "{mail}");
}

#[tokio::test]
async fn the_top_page_is_the_users_or_the_administrators() {
    let app = Aoba::new();
    let top = app.logged_in(WAKABA).await.get("/aoba/").await;
    assert!(!top.text().contains("口座と残高"), "{}", top.text());
    let facts = ["利用者", "サービス利用中", "うち停止中", "未登録"].map(|label| top.fact(label));
    assert_eq!(facts.map(Option::unwrap), ["4名", "3名", "1名", "1名"]);
    let top = app.logged_in(TANTO_D).await.get("/aoba/").await;
    assert_eq!(top.fact("ご利用者").unwrap(), "ご本人とほか1名で共用");
    assert!(top.text().contains("口座と残高"));
    let top = app.logged_in(TANTO_A).await.get("/aoba/").await.text();
    assert!(top.contains("ご契約先の管理者にお申し出ください"), "{top}");
    let shown = app.enter(&app.browser(), TANTO_F).await.expect_screen("BLG011").text();
    assert!(shown.contains("管理者が、管理者メニューから停止を解除します"), "{shown}");
}

#[tokio::test]
async fn secrets_are_called_as_the_role_calls_them() {
    let app = Aoba::new();
    let roles = [
        (AOBA, "ご契約先暗証番号", "ご契約先確認暗証番号", "利用者暗証番号"),
        (TANTO_A, "利用者暗証番号", "利用者確認暗証番号", "ご契約先暗証番号"),
    ];
    for (who, login, confirm, not_own) in roles {
        let browser = app.logged_in(who).await;
        let page = browser.get("/aoba/info").await.expect_screen("BCI001");
        let text = page.text();
        assert!(text.contains(login) && text.contains(confirm), "{text}");
        assert!(!text.contains(not_own), "{text}");
        let mut form = page.form();
        let item = form.hidden.iter_mut().find(|(name, _)| name == "item").unwrap();
        item.1 = "login_secret".to_owned();
        let answer = browser.post(&form.action, &form.hidden).await;
        let page = browser.follow(answer).await;
        let new = "Atarashii-2026";
        let values = [("new_secret", new), ("new_secret_again", new)];
        let answer = browser.submit(&page, &values).await;
        let page = browser.follow(answer).await;
        let values = [("current_password", who.password), ("confirm", "chigau99")];
        let answer = browser.submit(&page, &values).await.expect_status(422);
        assert!(answer.summary().contains(&format!("{confirm}が違います")), "{}", answer.summary());
        let values = [("current_password", who.password), ("confirm", who.confirm)];
        let answer = browser.submit(&answer, &values).await;
        let result = browser.follow(answer).await.text();
        assert!(result.contains(login) && !result.contains("ログイン"), "{result}");
        let mail = app.last_mail("secret_changed");
        assert!(mail.contains(&format!("{login}を変更しました")), "{mail}");
        app.logged_in(Member { password: new, ..who }).await;
    }
}
