//! BAU010 and BAU011: who releases whom, and who hears of it.

use super::site::{Company, HANAKO, ICHIRO, JIRO, NANAO, SABURO, SACHIKO, SHARED, address};

const LIST: &str = "/inaho/admin/release";

#[tokio::test]
async fn an_administrator_releases_a_suspended_user() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let menu = browser.get("/inaho/admin").await.expect_screen("BAD001");
    assert_eq!(menu.fact("利用者数").as_deref(), Some("9名"));
    browser.get("/inaho/admin/users").await.expect_screen("BAU001");
    let page = browser.get(LIST).await.expect_screen("BAU010");
    let answer = app.send(&browser, &page, &[ICHIRO], &[("confirm", HANAKO.confirm)]).await;
    let result = browser.follow(answer.expect_status(303)).await.expect_screen("BAU011");
    assert!(result.text().contains("データ一郎") && result.text().contains("利用可能"));
    let again = browser.get(&result.path).await.expect_screen("BAU011");
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    assert!(!app.is_suspended("23456789"));
    app.logged_in(ICHIRO).await;
    let mut told = vec![address(HANAKO), address(ICHIRO), address(SABURO)];
    told.sort();
    assert_eq!(app.told("token_released"), told);
    assert_eq!(app.audited("token.release", "by an administrator, 1 users"), 1);
    // The result is the actor's own.
    let other = app.logged_in(ICHIRO).await;
    other.get(&result.path).await.expect_status(403);
}

#[tokio::test]
async fn all_users_of_the_serial_are_released_together() {
    let app = Company::new();
    app.suspend_behind(SHARED);
    app.release_behind("34567890");
    let browser = app.logged_in(SABURO).await;
    let page = browser.get(LIST).await.expect_screen("BAU010");
    assert!(page.text().contains("データ二郎も解除されます"), "{}", page.text());
    let answer = app.send(&browser, &page, &[HANAKO], &[("confirm", SABURO.confirm)]).await;
    let result = browser.follow(answer.expect_status(303)).await.expect_screen("BAU011");
    for part in ["データ花子", "データ二郎", "次の2名"] {
        assert!(result.text().contains(part), "{part}: {}", result.text());
    }
    assert_eq!(app.told("token_released").len(), 3);
    app.logged_in(JIRO).await;
}

#[tokio::test]
async fn what_is_not_ticked_or_proven_changes_nothing() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await;
    let confirm = [("confirm", HANAKO.confirm)];
    let none = app.send(&browser, &page, &[], &confirm).await.expect_status(422);
    assert!(none.summary().contains("選んでください"), "{}", none.summary());
    let empty = app.send(&browser, &page, &[ICHIRO], &[]).await.expect_status(422);
    assert!(empty.summary().contains("確認用パスワード"), "{}", empty.summary());
    let wrong = app.send(&browser, &page, &[ICHIRO], &[("confirm", "nonsense")]).await;
    let wrong = wrong.expect_status(422).expect_screen("BAU010");
    assert!(wrong.body.contains("checked"), "the tick stays");
    assert_eq!(app.audited("confirm.check", "wrong"), 1);
    // Somebody of another contract is not there at all.
    app.send(&browser, &page, &[NANAO], &confirm).await.expect_status(404);
    for odd in ["user_x", "user_", "user_-1", "user_99999999999999999999"] {
        let form = page.keyed_form();
        let mut fields = form.filled(&confirm);
        fields.push((odd.to_owned(), "on".to_owned()));
        let answer = browser.post(&form.action, &fields).await;
        assert!([400, 404].contains(&answer.status), "{odd}: {}", answer.status);
    }
    assert!(app.is_suspended("23456789") && app.is_suspended("56789012"));
    assert_eq!(app.told("token_released"), Vec::<String>::new());
}

#[tokio::test]
async fn of_two_administrators_one_acts_and_the_other_sees_the_new_state() {
    let app = Company::new();
    app.release_behind("34567890");
    let (one, two) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
    let (first, second) = (one.get(LIST).await, two.get(LIST).await);
    let (first, second) = futures_util::join!(
        app.send(&one, &first, &[ICHIRO], &[("confirm", HANAKO.confirm)]),
        app.send(&two, &second, &[ICHIRO], &[("confirm", SABURO.confirm)]),
    );
    let mut states = [first.status, second.status];
    states.sort_unstable();
    assert_eq!(states, [303, 409]);
    let late = if first.status == 409 { first } else { second };
    let late = late.expect_screen("BAU010");
    assert!(late.summary().contains("状態が変わった"), "{}", late.summary());
    assert!(!late.keyed_form().names.contains(&app.tick(ICHIRO)), "{}", late.text());
    assert_eq!(app.audited("token.release", "by an administrator, 1 users"), 1);
    assert_eq!(app.told("token_released").len(), 3);
}

#[tokio::test]
async fn the_same_form_sent_again_shows_the_same_result() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await;
    let confirm = [("confirm", HANAKO.confirm)];
    let (one, two) = futures_util::join!(
        app.send(&browser, &page, &[ICHIRO], &confirm),
        app.send(&browser, &page, &[ICHIRO], &confirm),
    );
    let later = app.send(&browser, &page, &[ICHIRO], &confirm).await;
    assert!(one.location.is_some(), "{}", one.text());
    assert_eq!((&one.location, &one.location), (&two.location, &later.location));
    let changed = app.send(&browser, &page, &[SACHIKO], &confirm).await;
    changed.expect_status(409);
    assert_eq!(app.told("token_released").len(), 3);
}

#[tokio::test]
async fn lists_are_searched_filtered_and_paged() {
    let app = Company::new();
    let now = app.now();
    let contract = app.user(HANAKO, "contract_id");
    for number in 0..60 {
        app.execute(&format!(
            "INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
             confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
             VALUES ('inaho', {contract}, 'x_{number:03}', 'general', '試験{number}%', '', '', \
             'done', 'unregistered', FALSE, '{now}')"
        ));
    }
    let browser = app.logged_in(HANAKO).await;
    let page = browser.get(LIST).await.expect_screen("BAU010");
    assert!(page.text().contains("69件のうち 1〜50件目"), "{}", page.text());
    let next = browser.get("/inaho/admin/release?page=2").await;
    assert!(next.text().contains("69件のうち 51〜69件目"), "{}", next.text());
    let found = browser.get("/inaho/admin/release?q=ICHIRO").await;
    assert!(found.text().contains("1件のうち") && found.text().contains("データ一郎"));
    let found = browser.get("/inaho/admin/release?q=%E4%B8%80%E9%83%8E").await;
    assert!(found.text().contains("1件のうち") && found.text().contains("ichirodt"));
    // The wildcards of the database are letters like any other.
    let found = browser.get("/inaho/admin/release?q=%25").await;
    assert!(found.text().contains("60件のうち"), "{}", found.text());
    let stopped = browser.get("/inaho/admin/release?state=suspended").await;
    assert!(stopped.text().contains("2件のうち"), "{}", stopped.text());
    let running = browser.get("/inaho/admin/release?state=available").await;
    assert!(running.text().contains("67件のうち"), "{}", running.text());
    for odd in ["?page=0", "?page=-5", "?page=x", "?page=99999999999999999999", "?state=x"] {
        browser.get(&format!("{LIST}{odd}")).await.expect_status(200);
    }
}
