//! Two persons for one act: who may ask, who may decide, and who is first.

use madoguchi::domain::token::TokenActor;
use madoguchi::operations::token::release::release;

use super::support::{
    AUDITOR, CHECKER, CLERK, asks, customer_path, decides, enter, logged_in, sends,
};
use crate::app::TestApp;
use crate::people::TARO;

/// Suspended.
const MUTSUMI: &str = "1000000006";
/// Login locked.
const NANAMI: &str = "1000000007";
const FK6: &str = "2V0716016FK6";

fn state(app: &TestApp) -> Vec<String> {
    app.texts("SELECT state || ' ' || result AS value FROM staff_requests ORDER BY id")
}

#[tokio::test]
async fn a_release_takes_two_persons() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let request = asks(&app, &clerk, MUTSUMI, "release").await;
    assert!(app.is_suspended(FK6));
    assert_eq!(state(&app), ["waiting "]);
    assert_eq!(app.audited("staff.request", "token.release, note: K-2026-001"), 1);

    // Neither the maker nor a role that does not decide.
    let own = clerk.get(&request).await.expect_screen("STF002");
    assert!(!own.has_form_to("/approve") && own.has_form_to("/withdraw"));
    let forged = own.form_to("/withdraw").filled(&[]);
    clerk.post(&format!("{request}/approve"), &forged).await.expect_status(403);
    assert!(app.is_suspended(FK6));

    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    let home = checker.get("/shirakaba/staff/").await;
    assert!(home.text().contains("承認待ち\n1件"), "{}", home.text());
    decides(&checker, &request, "approve").await.expect_status(303);
    assert!(!app.is_suspended(FK6));
    assert_eq!(state(&app), [format!("approved {MUTSUMI}")]);
    assert_eq!(app.mails("token_released"), 1);
    let line = "SELECT actor || ', ' || details AS value FROM audit_lines \
                WHERE operation = 'token.release'";
    assert_eq!(app.texts(line), ["staff checker, request 1"]);
    let page = checker.get(&request).await;
    assert_eq!(page.fact("申込書番号").as_deref(), Some("K-2026-001"));
    assert_eq!(page.fact("決めた人").as_deref(), Some("確認 承太"));
}

#[tokio::test]
async fn a_checker_never_approves_the_own_request() {
    let app = TestApp::demo("shirakaba");
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    let request = asks(&app, &checker, NANAMI, "unlock").await;
    let own = checker.get(&request).await;
    assert!(!own.has_form_to("/approve"));
    let forged = own.form_to("/withdraw").filled(&[]);
    for verdict in ["approve", "refuse"] {
        checker.post(&format!("{request}/{verdict}"), &forged).await.expect_status(403);
    }
    assert_eq!(state(&app), ["waiting "]);
    decides(&checker, &request, "withdraw").await.expect_status(303);
    assert_eq!(state(&app), ["withdrawn "]);
}

#[tokio::test]
async fn of_two_checkers_at_once_one_decides() {
    let app = TestApp::demo("shirakaba");
    app.execute("UPDATE staff_members SET role = 'clerk' WHERE staff_id = 'auditor'");
    app.execute("UPDATE staff_members SET role = 'checker' WHERE staff_id = 'clerk'");
    let maker = logged_in(&app, "shirakaba", AUDITOR).await;
    let (one, two) =
        (logged_in(&app, "shirakaba", CLERK).await, logged_in(&app, "shirakaba", CHECKER).await);
    let customers = [(MUTSUMI, "release"), (NANAMI, "unlock"), (NANAMI, "password")];
    for (customer, act) in customers {
        let request = asks(&app, &maker, customer, act).await;
        let (first, second) = (one.get(&request).await, two.get(&request).await);
        let (approve, refuse) = (first.form_to("/approve"), second.form_to("/approve"));
        let (fields, others) = (approve.filled(&[]), refuse.filled(&[]));
        let (a, b) =
            tokio::join!(one.post(&approve.action, &fields), two.post(&refuse.action, &others));
        let mut answers = [a.status, b.status];
        answers.sort_unstable();
        assert_eq!(answers, [303, 409], "{customer} {act}");
    }
    assert_eq!(app.mails("token_released"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_letters"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_requests WHERE state = 'approved'"), 3);
}

#[tokio::test]
async fn a_request_whose_object_changed_is_refused() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let request = asks(&app, &clerk, MUTSUMI, "release").await;
    release(&app.services, &app.ctx(), MUTSUMI, TokenActor::Staff).unwrap();
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    decides(&checker, &request, "approve").await.expect_status(303);
    assert_eq!(state(&app), ["refused not suspended"]);
    let told = checker.get(&request).await.fact("結果").unwrap();
    assert!(told.contains("実行していません") && told.contains("停止していません"), "{told}");
    assert_eq!(app.mails("token_released"), 1, "of the other release");
}

/// An approval undoes what was asked about, and nothing that came since.
#[tokio::test]
async fn an_approval_is_for_what_was_asked_about() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    let request = asks(&app, &clerk, MUTSUMI, "release").await;
    let later = app.now();
    app.execute(&format!(
        "UPDATE tokens SET suspended_at = '{later}' WHERE suspended_at IS NOT NULL"
    ));
    decides(&checker, &request, "approve").await.expect_status(303);
    assert_eq!(state(&app), ["refused changed meanwhile"]);
    assert_eq!(app.mails("token_released"), 0);
    // Suspended by an emergency stop: that is lifted first.
    app.execute(&format!("UPDATE users SET stopped_at = '{later}' WHERE login_id = '{MUTSUMI}'"));
    let request = asks(&app, &clerk, MUTSUMI, "release").await;
    decides(&checker, &request, "approve").await.expect_status(303);
    let told = checker.get(&request).await.fact("結果").unwrap();
    assert!(told.contains("先に緊急停止を解除"), "{told}");
    assert_eq!(app.mails("token_released"), 0);
}

/// A letter that was lost after its printing is made anew.
#[tokio::test]
async fn a_lost_letter_is_followed_by_another() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    let request = asks(&app, &clerk, NANAMI, "password").await;
    decides(&checker, &request, "approve").await.expect_status(303);
    app.execute("UPDATE staff_letters SET secret_sealed = NULL, printed_at = made_at");
    let again = asks(&app, &clerk, NANAMI, "password").await;
    decides(&checker, &again, "approve").await.expect_status(303);
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_letters"), 2);
}

#[tokio::test]
async fn a_form_asks_once_and_nobody_asks_for_the_same_again() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, MUTSUMI, "/release");
    let form = clerk.get(&path).await.form();
    let empty = clerk.post(&path, &form.filled(&[("note", " ")])).await.expect_status(422);
    assert!(!empty.summary().is_empty());
    let fields = form.filled(&[("note", "K-1")]);
    let (a, b) = tokio::join!(clerk.post(&path, &fields), clerk.post(&path, &fields));
    assert_eq!((a.status, b.status), (303, 303));
    assert_eq!(a.location, b.location);
    // The same key with other content, then the same act by another form.
    clerk.post(&path, &form.filled(&[("note", "K-2")])).await.expect_status(409);
    let again = sends(&clerk, &path, &[("note", "K-3")]).await.expect_status(422);
    assert!(again.summary().contains("承認を待っています"), "{}", again.summary());
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_requests"), 1);

    let nothing = customer_path(&app, TARO.login_id, "/release");
    let page = clerk.get(&nothing).await.expect_status(200);
    assert!(page.text().contains("停止していません"), "{}", page.text());
    assert!(!page.has_form_to("/release"), "nothing to fill in");
    let forged = clerk.get(&path).await.form().filled(&[("note", "K-4")]);
    clerk.post(&nothing, &forged).await.expect_status(422);
}

#[tokio::test]
async fn a_reset_prints_its_letter_once() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let inside = app.logged_in_with_code(TARO, "2V0716016FK2").await;
    let request = asks(&app, &clerk, TARO.login_id, "password").await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    decides(&checker, &request, "approve").await.expect_status(303);
    inside.get("/shirakaba/").await.expect_status(303);
    let letter = decides(&clerk, &request, "letter").await.expect_screen("STF021");
    let password = letter.fact("初期パスワード").unwrap();
    assert_eq!(password.len(), 12);
    assert!(letter.headers.iter().any(|(n, v)| n == "cache-control" && v == "no-store"));
    assert_eq!(app.number("SELECT COUNT(*) FROM staff_letters WHERE secret_sealed IS NULL"), 1);
    let again = letter_fields(&checker, &request).await;
    clerk.post(&format!("{request}/letter"), &again).await.expect_status(403);
    let form = clerk.get(&request).await;
    assert!(!form.has_form_to("/letter"));

    // The old password is of no use; the new one leads to the first setup.
    let old = app.enter(&app.browser(), TARO).await;
    assert_eq!(old.screen(), "BLG001");
    let browser = app.browser();
    let page = browser.get("/shirakaba/login").await;
    let values = [("login_id", TARO.login_id), ("password", password.as_str())];
    let answer = browser.submit(&page, &values).await;
    let page = browser.follow(answer).await.expect_screen("BLG010");
    app.advance(60);
    let answer = browser.submit(&page, &[("otp", &app.code("2V0716016FK2"))]).await;
    let page = browser.follow(answer).await.expect_screen("BLG095");
    let values = [
        ("new_password", "Atarashii#2026x"),
        ("new_password_again", "Atarashii#2026x"),
        ("new_confirm", "kakunin9Z"),
        ("new_confirm_again", "kakunin9Z"),
    ];
    let answer = browser.submit(&page, &values).await.expect_status(303);
    // The mail address stands already.
    browser.follow(answer).await.expect_screen("BTP001");
    assert_eq!(app.user(TARO, "setup_state"), "done");
}

async fn letter_fields(browser: &crate::browser::Browser, request: &str) -> crate::browser::Fields {
    browser.get(request).await.form_to("/logout").filled(&[])
}

#[tokio::test]
async fn unlocking_lifting_a_hold_and_a_stop_take_effect_with_the_approval() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    app.execute(
        "UPDATE users SET stopped_at = '2026-11-24 00:00:00', hold_until = '2026-11-30 00:00:00' \
         WHERE login_id = '1000000007'",
    );
    let mut earlier = Vec::new();
    for act in ["unlock", "hold", "stop"] {
        let path = customer_path(&app, NANAMI, &format!("/{act}"));
        earlier.push((path.clone(), clerk.get(&path).await.form().filled(&[("note", "x")])));
    }
    for (act, mail) in [("unlock", ""), ("hold", "hold_lifted"), ("stop", "stop_lifted")] {
        let request = asks(&app, &clerk, NANAMI, act).await;
        decides(&checker, &request, "approve").await.expect_status(303);
        if !mail.is_empty() {
            assert_eq!(app.mails(mail), 1, "{act}");
        }
    }
    let left = "SELECT COUNT(*) FROM users WHERE login_id = '1000000007' AND login_failures = 0 \
                AND login_locked_at IS NULL AND stopped_at IS NULL AND hold_until IS NULL";
    assert_eq!(app.number(left), 1);
    // Nothing is left to lift, also for a form from before.
    for (path, fields) in earlier {
        assert!(clerk.get(&path).await.text().contains("今は申請できません"), "{path}");
        clerk.post(&path, &fields).await.expect_status(422);
    }
}

#[tokio::test]
async fn nobody_reaches_into_another_portal() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let foreign = app.number("SELECT MIN(id) FROM users WHERE portal = 'kodama'");
    for below in ["", "/token", "/release", "/token/revoke", "/limits"] {
        let path = format!("/shirakaba/staff/customers/{foreign}{below}");
        clerk.get(&path).await.expect_status(404);
    }
    let request = asks(&app, &clerk, MUTSUMI, "release").await;
    let id = request.rsplit('/').next().unwrap().to_owned();
    let other = app.browser();
    let page = enter(&other, "kodama", CHECKER).await;
    let answer = other.submit(&page, &[("otp", &app.code(CHECKER.serial))]).await;
    let home = other.follow(answer).await.expect_screen("STF002");
    other.get(&format!("/kodama/staff/requests/{id}")).await.expect_status(404);
    let fields = home.form_to("/logout").filled(&[]);
    let path = format!("/kodama/staff/requests/{id}/approve");
    other.post(&path, &fields).await.expect_status(404);
    assert_eq!(state(&app), ["waiting "]);
}
