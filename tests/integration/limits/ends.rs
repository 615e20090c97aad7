//! The end of a token's use brings limits back at once and cancels the rise that waits; a start
//! leaves them where they are.

use chrono::TimeDelta;
use madoguchi::db::DbError;
use madoguchi::db::queries::limits;
use madoguchi::domain::limit::LimitService;
use madoguchi::operations::limit::applied::{AppliedOutcome, set};
use madoguchi::operations::token::revoke::{RevokeOutcome, RevokeReason, revoke};
use madoguchi::primitives::ids::ContractId;
use madoguchi::primitives::yen::Yen;

use super::site::{FUTABA, FUTABAS, ICHIRO, LOW, LimitApp, MOMOKO, MOMOKOS, NATSUKO, NATSUKOS};

fn written(at: madoguchi::primitives::clock::UtcTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[tokio::test]
async fn a_stop_brings_back_what_had_risen_and_cancels_what_waits() {
    for has_risen in [true, false] {
        let app = LimitApp::with_rise("minori");
        if has_risen {
            app.has_risen(NATSUKO, 500_000);
        }
        let browser = app.inside(NATSUKO).await;
        let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
        let form = overview.form_to("/token/menu/stop");
        let answer = browser.post(&form.action, &form.hidden).await;
        let page = browser.follow(answer).await.expect_screen("BOS001");
        let values = [("otp", &*app.shown(NATSUKOS)), ("confirm", NATSUKO.confirm)];
        let answer = browser.submit(&page, &values).await;
        browser.follow(answer).await.expect_screen("BOS002");
        assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
        let (kind, other) = if has_risen {
            ("limit_changed", "limit_rise_cancelled")
        } else {
            ("limit_rise_cancelled", "limit_changed")
        };
        assert_eq!((app.mails(kind), app.mails(other)), (1, 0), "{has_risen}");
        let mail = app.last_mail(kind);
        assert!(mail.contains("利用解除にともない") && mail.contains("取り消しました"), "{mail}");
        assert_eq!(app.audited("limit.bring_back", "token stopped, rise cancelled"), 1);
        let top = browser.get("/minori/").await.text();
        assert!(top.contains("200,000円") && !top.contains("引き上げます"), "{top}");
        app.set_japan("2026-11-26 00:00:00");
        assert_eq!(app.works(), "nothing to do");
    }
}

#[tokio::test]
async fn a_revocation_brings_back_too() {
    let app = LimitApp::with_rise("minori");
    app.has_risen(NATSUKO, 500_000);
    let done = revoke(&app.services, &app.ctx(), NATSUKOS, RevokeReason::Lost).unwrap();
    assert!(matches!(done, RevokeOutcome::Revoked { .. }), "{done:?}");
    assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
    assert_eq!(app.mails("limit_changed"), 1);
    assert!(app.last_mail("limit_changed").contains("失効にともない"));
}

#[tokio::test]
async fn an_expiry_brings_back_by_the_clock_and_the_worker_writes_it_down() {
    let app = LimitApp::with_rise("minori");
    app.has_risen(NATSUKO, 500_000);
    let end = app.now() + TimeDelta::hours(1);
    app.execute(&format!(
        "UPDATE tokens SET expires_at = '{}' WHERE serial = '{NATSUKOS}'",
        written(end)
    ));
    app.set_clock(end - TimeDelta::seconds(1));
    assert_eq!(app.works(), "nothing to do");
    app.set_clock(end);
    assert_eq!(app.works(), "changed the limits of 1 customer");
    assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
    assert!(app.last_mail("limit_changed").contains("有効期限が切れたため"));
    assert_eq!((app.works().as_str(), app.mails("limit_changed")), ("nothing to do", 1));
}

#[tokio::test]
async fn of_a_rise_and_an_expiry_the_earlier_comes_first_however_late_the_worker() {
    for (end, risen) in [("2026-11-25 23:00:00", 0), ("2026-11-26 01:00:00", 1)] {
        let app = LimitApp::with_rise("minori");
        app.set_japan(end);
        let end = written(app.now());
        app.execute(&format!("UPDATE tokens SET expires_at = '{end}' WHERE serial = '{NATSUKOS}'"));
        app.set_japan("2026-11-28 12:00:00");
        assert_eq!(app.works(), "changed the limits of 1 customer");
        assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
        let took_effect = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'limit.rise'";
        assert_eq!(app.number(took_effect), risen, "{end}");
    }
}

#[tokio::test]
async fn an_emergency_stop_cancels_what_waits() {
    let app = LimitApp::new("kodama");
    app.asks(FUTABA, ["2000000", "2000000", "10000", "20000"]).await;
    let code = crate::emergency_stop::code_in(&app.last_mail("limit_rise_requested"));
    let browser = app.browser();
    let page = browser.get("/kodama/stop").await.expect_screen("BSP001");
    let values = [("login_id", FUTABA.login_id), ("stop_code", &*code)];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await.expect_screen("BSP002");
    assert_eq!(app.row(FUTABA), ("1000000".into(), "null".into()));
    assert!(app.last_mail("limit_rise_cancelled").contains("緊急停止にともない"));
    // From a page that was open before nothing rises either.
    app.set_japan("2026-11-27 00:00:00");
    assert_eq!(app.works(), "nothing to do");
}

#[tokio::test]
async fn after_a_start_the_limit_stays_until_a_rise_is_asked_for() {
    let app = LimitApp::new("minori");
    // Left behind by a token that expired while no worker ran.
    app.has_risen(MOMOKO, 700_000);
    let browser = app.logged_in(MOMOKO).await;
    let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
    let form = overview.form_to("/token/menu/start");
    let answer = browser.post(&form.action, &form.hidden).await;
    let page = browser.follow(answer).await.expect_screen("BOT011");
    let answer = browser.submit(&page, &[("otp", &app.shown(MOMOKOS))]).await;
    browser.follow(answer).await.expect_screen("BOT012");
    assert_eq!(app.row(MOMOKO), ("200000".into(), "null".into()));
    let page = app.limits(&browser).await;
    assert!(page.text().contains("1日の合計は"), "{}", page.text());
    assert!(page.text().contains("の前と同じ限度額です"), "{}", page.text());
    app.advance(60);
    let page = app.to_confirm(&browser, ["500000", "1000000", LOW, LOW]).await;
    let answer = browser.submit(&page, &[("otp", &app.shown(MOMOKOS))]).await;
    browser.follow(answer).await.expect_screen("BLM003");
    assert_eq!(app.row(MOMOKO), ("200000".into(), "1000000".into()));
}

#[tokio::test]
async fn where_the_profile_says_at_once_a_start_and_a_stop_change_what_holds_by_themselves() {
    let app = LimitApp::new("kodama");
    let limit = async |who| {
        let browser = app.inside(who).await;
        let top = browser.get("/kodama/").await.text();
        (top.contains("500,000円"), top.contains("1日 1,000,000円"))
    };
    assert_eq!(limit(ICHIRO).await, (true, false));
    assert_eq!(limit(FUTABA).await, (false, true));
    app.asks(FUTABA, ["1000000", "2000000", "1000000", "1000000"]).await;
    app.advance(60);
    let browser = app.browser();
    let page = app.begin(&browser, "stop", FUTABA).await.expect_screen("BOR012");
    let answer = browser.submit(&page, &[("otp", &app.shown(FUTABAS))]).await;
    browser.follow(answer).await.expect_screen("BOR013");
    assert_eq!(limit(FUTABA).await, (true, false));
    assert_eq!(app.row(FUTABA), ("1000000".into(), "null".into()), "the rise is cancelled");
    assert_eq!(app.mails("limit_rise_cancelled"), 1);
}

#[tokio::test]
async fn a_lower_application_binds_at_once_and_a_rise_beyond_it() {
    let app = LimitApp::with_rise("minori");
    let apply = |yen| {
        let (services, ctx) = (&app.services, app.ctx());
        set(services, &ctx, NATSUKO.login_id, LimitService::Transfer, Yen(yen)).unwrap()
    };
    assert_eq!(apply(600_000), AppliedOutcome::Changed);
    assert_eq!(apply(600_000), AppliedOutcome::Same);
    assert_eq!(app.audited("limit.applied", "transfer daily 3000000 to 600000"), 1);
    app.set_japan("2026-11-26 00:00:00");
    app.works();
    assert_eq!(app.row(NATSUKO), ("600000".into(), "null".into()));
    apply(100_000);
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    assert!(page.body.contains(r#"name="transfer_daily" type="text" value="100,000""#));
}

/// The guards in the WHERE, each alone.
#[tokio::test]
async fn limits_are_changed_only_as_they_were_read() {
    let app = LimitApp::with_rise("minori");
    let id = app.number("SELECT contract_id FROM limits WHERE rise_at IS NOT NULL");
    let due = app.now() + TimeDelta::days(2);
    let (results, version) = app
        .services
        .db
        .write_blocking(move |conn| {
            let (id, now) = (ContractId(id), due - TimeDelta::days(3));
            let row = limits::find(conn, id)?;
            let at = row.rise_at.unwrap();
            let just_before = at - TimeDelta::microseconds(1);
            let own = madoguchi::domain::limit::LimitSet::new();
            let rise = limits::NewRise { to: &own, requested_at: now, takes_effect_at: due };
            let results = [
                limits::update_own(conn, id, row.version + 1, &own)?,
                limits::request_rise(conn, id, row.version, &own, rise)?,
                limits::settle_rise(conn, id, row.version, &own, just_before)?,
                limits::settle_rise(conn, id, row.version + 1, &own, at)?,
                limits::cancel_rise(conn, id, at)?,
                limits::cancel_rise(conn, id, just_before)?,
                limits::cancel_rise(conn, id, just_before)?,
                limits::request_rise(conn, id, row.version, &own, rise)?,
            ];
            Ok::<_, DbError>((results, limits::find(conn, id)?.version - row.version))
        })
        .unwrap();
    assert_eq!(results, [false, false, false, false, false, true, false, false]);
    assert_eq!(version, 1);
}
