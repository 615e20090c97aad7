//! BAU080, BAU081: two users release, together, an administrator whom nobody else can release.

use super::site::{Company, HANAKO, ICHIRO, KUMI, MOMOE, NANAO, SABURO, SACHIKO, TOWA, address};
use crate::browser::{Browser, Page};
use crate::people::Person;

const PAGE: &str = "/inaho/release-approval";
/// 九美's, 十和's and 百恵's.
const SUSPENDED: &str = "56789021";
const TOWAS: &str = "56789022";
const MOMOES: &str = "56789023";

/// Sends BAU080, also where the page offers nobody.
async fn approve(
    app: &Company,
    browser: &Browser,
    page: &Page,
    (who, serial): (Person, &str),
    target: Person,
) -> Page {
    let (target, code) = (app.id_of(target), app.otp(serial));
    let values = [("target", target.as_str()), ("otp", &code), ("confirm", who.confirm)];
    let form = page.keyed_form();
    browser.post(&form.action, &form.filled(&values)).await
}

async fn open(app: &Company, who: Person) -> (Browser, Page) {
    let browser = app.logged_in(who).await;
    let page = browser.get(PAGE).await.expect_screen("BAU080");
    (browser, page)
}

#[tokio::test]
async fn the_second_approval_releases() {
    let app = Company::new();
    let (one, page) = open(&app, TOWA).await;
    let top = one.get("/inaho/").await;
    assert!(top.text().contains("利用停止解除の承認をお願いします"), "{}", top.text());
    let answer = approve(&app, &one, &page, (TOWA, TOWAS), KUMI).await;
    let done = one.follow(answer).await.expect_screen("BAU081");
    assert!(done.text().contains("まだ解除されていません"), "{}", done.text());
    assert!(app.is_suspended(SUSPENDED));
    let mut told = [KUMI, MOMOE].map(address);
    told.sort();
    assert_eq!(app.told("release_approved"), told);
    assert_eq!(app.audited("token.approve_release", "first of two"), 1);
    // Once a person: the page says what is missing, and a forged form changes nothing.
    let again = one.get(PAGE).await.expect_screen("BAU080");
    assert!(again.text().contains("もうお一人の承認が必要です"), "{}", again.text());
    app.advance(60);
    let forged = approve(&app, &one, &page, (TOWA, TOWAS), KUMI).await;
    forged.expect_status(409);
    // The other person sees who approved, and releases.
    let (two, page) = open(&app, MOMOE).await;
    assert!(page.text().contains("データ十和が承認済みです"), "{}", page.text());
    let answer = approve(&app, &two, &page, (MOMOE, MOMOES), KUMI).await;
    let done = two.follow(answer).await.expect_screen("BAU081");
    assert!(done.text().contains("お二人の承認がそろい"), "{}", done.text());
    assert!(!app.is_suspended(SUSPENDED));
    assert_eq!(app.told("token_released"), [address(KUMI)]);
    assert_eq!(app.audited("token.approve_release", "second of two"), 1);
    let by = format!("approved by user {} and user {}, 1 users", app.id_of(TOWA), app.id_of(MOMOE));
    assert_eq!(app.audited("token.release", &by), 1);
    // Receipts are one's own, and a new suspension needs two new approvals.
    one.get(&done.path).await.expect_status(404);
    app.suspend_behind(SUSPENDED);
    assert_eq!(app.number("SELECT COUNT(*) FROM release_approvals"), 0);
    app.logged_in(TOWA).await.get("/inaho/").await.expect_screen("BTP001");
}

#[tokio::test]
async fn who_may_approve_for_whom() {
    let app = Company::new();
    // Not picked: general users, administrators too.
    for who in [SACHIKO, HANAKO] {
        app.logged_in(who).await.get(PAGE).await.expect_status(403).expect_screen("BER403");
    }
    let (browser, page) = open(&app, TOWA).await;
    for foreign in [SABURO, NANAO, ICHIRO] {
        approve(&app, &browser, &page, (TOWA, TOWAS), foreign).await.expect_status(404);
    }
    let at = app.now();
    let user = |set: &str, who: Person| {
        format!("UPDATE users SET {set} WHERE login_id = '{}'", who.login_id)
    };
    let token =
        |serial: &str| format!("token_id = (SELECT id FROM tokens WHERE serial = '{serial}')");
    let cases: Vec<(&str, Vec<String>, Vec<String>, Person)> = vec![
        ("a general user", vec![], vec![], MOMOE),
        (
            "somebody who shares the suspended token",
            vec![user(&token(SUSPENDED), MOMOE)],
            vec![user(&token(MOMOES), MOMOE)],
            MOMOE,
        ),
        (
            "a paused master",
            vec![user(&format!("paused_at = '{at}'"), KUMI)],
            vec![user("paused_at = NULL", KUMI)],
            KUMI,
        ),
        (
            "whoever stopped everything",
            vec![user(&format!("stopped_at = '{at}'"), KUMI)],
            vec![user("stopped_at = NULL", KUMI)],
            KUMI,
        ),
        (
            "a master while an administrator can release",
            vec![user("role = 'administrator'", MOMOE)],
            vec![user("role = 'general'", MOMOE)],
            KUMI,
        ),
        (
            "a master with the approver's token",
            vec![user(&token(SUSPENDED), TOWA)],
            vec![user(&token(TOWAS), TOWA)],
            KUMI,
        ),
    ];
    for (what, before, after, target) in cases {
        before.iter().for_each(|sql| app.execute(sql));
        // With the form of the page that offered 九美: the server decides anew.
        app.advance(60);
        let answer = approve(&app, &browser, &page, (TOWA, TOWAS), target).await;
        assert!([409, 422].contains(&answer.status), "{what}: {}", answer.status);
        assert_eq!(app.number("SELECT COUNT(*) FROM release_approvals"), 0, "{what}");
        after.iter().for_each(|sql| app.execute(sql));
    }
}

#[tokio::test]
async fn an_approval_holds_for_a_day_and_as_long_as_its_giver_could_give_it() {
    for (what, undo) in [
        ("a day", None),
        ("paused", Some("UPDATE users SET paused_at = created_at WHERE login_id = 'towadt'")),
        ("deleted", Some("UPDATE users SET deleted_at = created_at WHERE login_id = 'towadt'")),
        (
            "no token",
            Some(
                "UPDATE users SET token_id = NULL, token_status = 'unregistered' \
                 WHERE login_id = 'towadt'",
            ),
        ),
        ("suspended", Some("UPDATE tokens SET failures = 9 WHERE serial = '56789022'")),
        (
            "not picked",
            Some(
                "DELETE FROM user_rights WHERE user_right = 'approve_release' \
            AND user_id = (SELECT id FROM users WHERE login_id = 'towadt')",
            ),
        ),
    ] {
        let app = Company::new();
        let (one, page) = open(&app, TOWA).await;
        approve(&app, &one, &page, (TOWA, TOWAS), KUMI).await.expect_status(303);
        match undo {
            Some(sql) => app.execute(sql),
            None => app.advance(24 * 3600),
        }
        let (two, page) = open(&app, MOMOE).await;
        let answer = approve(&app, &two, &page, (MOMOE, MOMOES), KUMI).await;
        let done = two.follow(answer).await.expect_screen("BAU081");
        assert!(done.text().contains("まだ解除されていません"), "{what}: {}", done.text());
        assert!(app.is_suspended(SUSPENDED), "{what}");
    }
}

#[tokio::test]
async fn a_wrong_proof_approves_nothing() {
    let app = Company::new();
    let (browser, page) = open(&app, TOWA).await;
    let target = app.id_of(KUMI);
    let right = app.otp(TOWAS);
    for (otp, confirm, target) in [
        ("000000", TOWA.confirm, target.as_str()),
        (right.as_str(), "machigai9", &target),
        (&right, TOWA.confirm, ""),
        ("", "", &target),
    ] {
        let form = page.keyed_form();
        let values = [("otp", otp), ("confirm", confirm), ("target", target)];
        let values: Vec<_> = values.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let answer = browser.post(&form.action, &form.filled(&values)).await;
        answer.expect_status(422).expect_screen("BAU080");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM release_approvals"), 0);
    assert_eq!(app.audited("token.approve_release", "first of two"), 0);
}

#[tokio::test]
async fn of_two_who_approve_at_once_nothing_is_lost_and_one_releases() {
    for _ in 0..4 {
        let app = Company::new();
        let ((one, first), (two, second)) = (open(&app, TOWA).await, open(&app, MOMOE).await);
        let answers = futures_util::join!(
            approve(&app, &one, &first, (TOWA, TOWAS), KUMI),
            approve(&app, &two, &second, (MOMOE, MOMOES), KUMI),
        );
        let statuses = [answers.0.status, answers.1.status];
        let waiting = app.number("SELECT COUNT(*) FROM release_approvals");
        let released = app.mails("token_released");
        // Both counted, or one was told that the other was faster and is asked again.
        match statuses {
            [303, 303] => assert_eq!((waiting, released), (0, 1)),
            [303, 409] | [409, 303] => assert_eq!((waiting, released), (1, 0)),
            _ => panic!("{statuses:?}"),
        }
    }
}
