//! What rights decide on the top page and show in the details.

use super::site::{Company, HANAKO, JIRO, SACHIKO, YACHIYO};
use crate::people::Person;

const GORO: Person = Person { login_id: "gorodt", password: "Demo#20260", confirm: "kakunin38" };

#[tokio::test]
async fn the_top_page_shows_the_accounts_of_the_user() {
    let app = Company::new();
    app.execute(
        "UPDATE users SET token_status = 'unregistered', revoked_at = NULL \
         WHERE login_id = 'gorodt'",
    );
    app.execute("UPDATE contracts SET otp_applied_on = NULL WHERE number = '4000000001'");
    for (who, seen, hidden) in [
        (HANAKO, vec!["7010045", "0210045", "7010046"], vec![]),
        (JIRO, vec!["7010045", "0210045"], vec!["7010046"]),
        (SACHIKO, vec!["7010046"], vec!["7010045", "0210045"]),
        (GORO, vec!["7010045", "0210045", "7010046"], vec![]),
        (YACHIYO, vec!["7010333", "0210333"], vec![]),
    ] {
        let browser = app.logged_in(who).await;
        let text = browser.get("/inaho/").await.expect_screen("BTP001").text();
        for number in seen {
            assert!(text.contains(number), "{who:?} {number}: {text}");
        }
        for number in hidden {
            assert!(!text.contains(number), "{who:?} {number}: {text}");
        }
        let has_no_balance = who.login_id == GORO.login_id;
        assert_eq!(text.contains("照会の権限がありません"), has_no_balance, "{who:?}");
    }
}

#[tokio::test]
async fn a_right_taken_away_is_gone_at_the_next_page() {
    let app = Company::new();
    let browser = app.logged_in(SACHIKO).await;
    assert!(browser.get("/inaho/").await.text().contains("7010046"));
    app.execute(&format!("DELETE FROM user_accounts WHERE user_id = {}", app.id("sachikodt")));
    let text = browser.get("/inaho/").await.text();
    assert!(!text.contains("7010046") && text.contains("ご利用いただける口座がありません"));
}

#[tokio::test]
async fn the_details_say_what_a_user_may_do() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let url = |login_id| format!("/inaho/admin/members/{}", app.id(login_id));
    let page = browser.get(&url("jirodt")).await.expect_screen("BAU030");
    assert_eq!(page.fact("ログインID").as_deref(), Some("jirodt"));
    assert_eq!(page.fact("利用者区分").as_deref(), Some("一般ユーザ"));
    let accounts = page.fact("利用できる口座").unwrap();
    assert!(accounts.contains("7010045") && !accounts.contains("7010046"), "{accounts}");
    assert_eq!(
        page.fact("振込・振替の限度額").as_deref(),
        Some("1回 1,000,000円、1日 3,000,000円")
    );
    assert!(page.fact("税金・各種料金払込みの限度額").unwrap().contains("ご契約の限度額"));
    let master = browser.get(&url("saburodt")).await.expect_screen("BAU030");
    assert!(master.fact("利用できる口座").unwrap().contains("7010046"));
    assert!(!master.body.contains("value=\"change\""), "an administrator changes no master");
    // Of another company, and no number at all.
    browser.get(&url("nanaodt")).await.expect_status(404);
    browser.get("/inaho/admin/members/x").await.expect_status(404);
    let general = app.logged_in(JIRO).await;
    general.get(&url("jirodt")).await.expect_status(403);
    general.get("/inaho/admin/members").await.expect_status(403);
}
