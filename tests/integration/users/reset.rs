//! パスワードの初期化 (BAU050, BAU051).

use super::site::{Company, HANAKO, SABURO, SACHIKO};
use crate::browser::Page;
use crate::people::Person;

fn shown(page: &Page) -> Option<&'static str> {
    let part = page.body.split("data-label=\"初期パスワード\"><b>").nth(1)?;
    Some(part.split('<').next()?.to_owned().leak())
}

#[tokio::test]
async fn a_reset_unlocks_ends_sessions_and_leads_to_the_first_setup() {
    let app = Company::new();
    app.execute(
        "UPDATE users SET login_locked_at = '2026-11-20 00:00:00', login_failures = 5, \
         confirm_locked_at = '2026-11-20 00:00:00', confirm_failures = 5 \
         WHERE login_id = 'sachikodt'",
    );
    let browser = app.logged_in(HANAKO).await;
    let listed = browser.get("/inaho/admin/reset?state=locked").await.expect_screen("BAU050");
    assert!(listed.text().contains("1件のうち"), "{}", listed.text());
    let values = [("hand_over", "print"), ("confirm", HANAKO.confirm)];
    let answer = app.ticks_of(&browser, &listed, &["sachikodt"], &values).await;
    let done = browser.follow(answer).await.expect_screen("BAU051");
    let password = shown(&done).unwrap();
    assert_eq!(password.len(), 14, "{password}");
    let again = browser.get(&done.path).await.expect_screen("BAU051");
    assert_eq!(shown(&again), Some("表示済み"));
    let details = app.texts("SELECT details AS value FROM receipts");
    assert!(details.iter().all(|text| !text.contains(password)));
    assert_eq!(app.lines("user.reset_password", "sachikodt"), 1);
    assert_eq!(app.mails_to("password_reset", "sachikodt@example.jp"), 1);
    let counters = ["login_locked_at", "confirm_locked_at", "login_failures", "confirm_failures"];
    let counters: Vec<String> = counters.iter().map(|name| app.of("sachikodt", name)).collect();
    assert_eq!(counters, ["null", "null", "0", "0"]);
    app.enter(&app.browser(), SACHIKO).await.expect_screen("BLG001");
    // The address is proven: no mail step.
    let own = app.browser();
    let who = Person { password, ..SACHIKO };
    let page = app.enter(&own, who).await.expect_screen("BLG095");
    let values = [
        ("new_password", "Atarashii-2026"),
        ("new_password_again", "Atarashii-2026"),
        ("new_confirm", "kakunin-shin"),
        ("new_confirm_again", "kakunin-shin"),
    ];
    own.follow(own.submit(&page, &values).await).await.expect_screen("BTP001");
    assert_eq!(app.of("sachikodt", "setup_state"), "done");
    assert_eq!(app.of("sachikodt", "mail_address"), "sachikodt@example.jp");
}

#[tokio::test]
async fn by_mail_it_goes_to_the_users_own_address() {
    let app = Company::new();
    app.execute("UPDATE users SET mail_address = NULL WHERE login_id = 'gorodt'");
    let (browser, own) = (app.logged_in(HANAKO).await, app.logged_in(SACHIKO).await);
    let list = app.list(&browser, "reset").await;
    let values = [("hand_over", "mail"), ("confirm", HANAKO.confirm)];
    let both = ["sachikodt", "gorodt"];
    let answer = app.ticks_of(&browser, &list, &both, &values).await.expect_status(422);
    assert!(answer.summary().contains("データ五郎のメールアドレスがありません"));
    let answer = app.ticks_of(&browser, &list, &both[..1], &values).await;
    let done = browser.follow(answer).await.expect_screen("BAU051");
    assert!(done.text().contains("sachikodt@example.jp"), "{}", done.text());
    assert_eq!(app.mails_to("initial_password", "sachikodt@example.jp"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM initial_passwords"), 0);
    own.follow(own.get("/inaho/").await).await.expect_screen("BLG091");
}

#[tokio::test]
async fn not_of_oneself_and_not_of_a_master_by_an_administrator() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let values = [("hand_over", "print"), ("confirm", HANAKO.confirm)];
    for (login_id, status) in [("hanakodt", 409), ("saburodt", 409), ("nanaodt", 404)] {
        let list = app.list(&browser, "reset").await;
        let answer = app.ticks_of(&browser, &list, &[login_id], &values).await;
        answer.expect_status(status);
        assert_ne!(app.of(login_id, "setup_state"), "initial");
    }
    let list = app.list(&browser, "reset").await;
    let nothing = [("confirm", HANAKO.confirm)];
    app.ticks_of(&browser, &list, &["jirodt"], &nothing).await.expect_status(422);
    let master = app.logged_in(SABURO).await;
    let list = app.list(&master, "reset").await;
    let values = [("hand_over", "print"), ("confirm", SABURO.confirm)];
    let answer = app.ticks_of(&master, &list, &["hanakodt"], &values).await;
    master.follow(answer).await.expect_screen("BAU051");
}

#[tokio::test]
async fn nobody_else_sees_the_password_and_nobody_after_an_hour() {
    let app = Company::new();
    let (browser, other) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
    let list = app.list(&browser, "reset").await;
    let values = [("hand_over", "print"), ("confirm", HANAKO.confirm)];
    let answer = app.ticks_of(&browser, &list, &["sachikodt"], &values).await;
    let url = answer.location.clone().unwrap();
    other.get(&url).await.expect_status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM initial_passwords"), 1);
    // Another reset before anybody looked: the first password opens nothing and shows no more.
    let list = app.list(&other, "reset").await;
    let values = [("hand_over", "print"), ("confirm", SABURO.confirm)];
    let answer = app.ticks_of(&other, &list, &["sachikodt"], &values).await;
    assert_eq!(shown(&browser.get(&url).await.expect_screen("BAU051")), Some("表示済み"));
    let done = other.follow(answer).await.expect_screen("BAU051");
    let who = Person { password: shown(&done).unwrap(), ..SACHIKO };
    app.enter(&app.browser(), who).await.expect_screen("BLG095");
}
