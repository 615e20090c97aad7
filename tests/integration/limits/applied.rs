//! What staff write down of the customer's application (STF050), beside a rise that waits: what is
//! announced is what will hold, and whoever has another limit by it is told.

use madoguchi::domain::limit::LimitService;
use madoguchi::operations::limit::applied::{AppliedOutcome, set};
use madoguchi::operations::token::revoke::{RevokeOutcome, RevokeReason, revoke};
use madoguchi::primitives::yen::Yen;

use super::site::{LOW, LimitApp, NATSUKO, NATSUKOS};
use crate::company::site::{Company, HANAKO};
use crate::staff::support::{CLERK, logged_in, sends, user_of};

/// A clerk writes the application for transfers down.
async fn writes_down(app: &LimitApp, yen: &str) {
    let clerk = logged_in(app, "minori", CLERK).await;
    let id = user_of(app, "minori", NATSUKO.login_id);
    let path = format!("/minori/staff/customers/{id}/limits");
    let values = [("service", "transfer"), ("yen", yen), ("note", "K-5")];
    sends(&clerk, &path, &values).await.expect_status(303);
    // The clerk's code is spent.
    app.advance(60);
}

/// A line of a table of changes: from what holds in the demo to `after`.
fn line(label: &str, after: &str) -> Vec<String> {
    [label, "200,000円", after, "2026年11月26日 00:00"].map(str::to_owned).to_vec()
}

#[tokio::test]
async fn a_waiting_rise_is_announced_as_far_as_the_application_goes() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, "600000").await;
    assert_eq!(app.mails("limit_changed"), 0, "what holds is what held");
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    let waiting: Vec<_> = page.table().into_iter().filter(|row| row.len() == 4).collect();
    let (once, daily) = ("振込・振替（1回あたり）", "振込・振替（1日あたり）");
    assert_eq!(waiting, [line(once, "600,000円"), line(daily, "600,000円")]);
    app.set_japan("2026-11-26 00:00:00");
    assert_eq!(app.works(), "changed the limits of 1 customer");
    assert_eq!(app.row(NATSUKO), ("600000".into(), "null".into()));
    let mail = app.last_mail("limit_changed");
    let told = "振込・振替（1日あたり）: 200,000円 → 600,000円（2026年11月26日 00:00 から）";
    assert!(mail.contains(told) && !mail.contains("1,000,000円"), "{mail}");
    let after = app.inside(NATSUKO).await.get("/minori/").await.text();
    assert!(after.contains("1日 600,000円"), "{after}");
}

#[tokio::test]
async fn the_receipt_of_a_cancel_names_what_would_have_held() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, "600000").await;
    let browser = app.inside(NATSUKO).await;
    let page = app.to_cancel(&browser).await;
    let result = app.confirm(&browser, &page, NATSUKO).await.expect_screen("BLM003");
    for text in [page.text(), result.text(), app.last_mail("limit_rise_cancelled")] {
        assert!(text.contains("600,000円") && !text.contains("1,000,000円"), "{text}");
    }
}

#[tokio::test]
async fn whoever_has_another_limit_by_the_application_is_told_at_once() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, "100000").await;
    assert_eq!((app.mails("limit_changed"), app.mails("limit_rise_cancelled")), (1, 0));
    let mail = app.last_mail("limit_changed");
    for part in ["お届けの金額が変わったため", "振込・振替（1日あたり）: 200,000円 → 100,000円"]
    {
        assert!(mail.contains(part) && !mail.contains("税金"), "{part}: {mail}");
    }
    assert_eq!(app.audited("limit.applied", "transfer daily 3000000 to 100000"), 1);
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    assert!(page.body.contains(r#"name="transfer_daily" type="text" value="100,000""#));
    assert!(!page.has_form_to("/cancel-rise"), "nothing would change: {}", page.text());
    let top = browser.get("/minori/").await.text();
    assert!(!top.contains("引き上げます"), "{top}");
    // A slip put right: what held holds again, and what waited waits.
    writes_down(&app, "3000000").await;
    assert_eq!(app.mails("limit_changed"), 2);
    let mail = app.last_mail("limit_changed");
    assert!(mail.contains("振込・振替（1日あたり）: 100,000円 → 200,000円"), "{mail}");
    let page = app.limits(&browser).await;
    assert!(page.table().contains(&line("振込・振替（1日あたり）", "1,000,000円")));
    assert!(page.has_form_to("/cancel-rise"));
}

#[tokio::test]
async fn a_rise_that_would_change_nothing_gives_way_to_another_one() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, LOW).await;
    assert_eq!(app.mails("limit_changed"), 0);
    app.asks(NATSUKO, [LOW, LOW, "300000", "500000"]).await;
    assert_eq!(app.row(NATSUKO), ("200000".into(), "200000".into()));
    app.set_japan("2026-11-26 00:00:00");
    assert_eq!(app.works(), "nothing to do");
    app.set_japan("2026-11-27 00:00:00");
    assert_eq!(app.works(), "changed the limits of 1 customer");
    let mail = app.last_mail("limit_changed");
    let told = "税金・各種料金払込み（1日あたり）: 200,000円 → 500,000円";
    assert!(mail.contains(told) && !mail.contains("振込・振替（"), "{mail}");
}

#[tokio::test]
async fn a_rise_that_changes_nothing_on_its_day_is_not_called_a_change() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, LOW).await;
    app.set_japan("2026-11-26 00:00:00");
    assert_eq!(app.works(), "changed the limits of 1 customer");
    assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
    assert_eq!((app.mails("limit_changed"), app.mails("limit_rise_cancelled")), (0, 1));
    let mail = app.last_mail("limit_rise_cancelled");
    assert!(mail.contains("適用されませんでした"), "{mail}");
    assert_eq!(app.audited("limit.rise", "nothing changes"), 1);
    assert_eq!(app.works(), "nothing to do");
}

#[tokio::test]
async fn a_rise_that_would_change_nothing_ends_with_the_token_without_a_word() {
    let app = LimitApp::with_rise("minori");
    writes_down(&app, LOW).await;
    let done = revoke(&app.services, &app.ctx(), NATSUKOS, RevokeReason::Lost).unwrap();
    assert!(matches!(done, RevokeOutcome::Revoked { .. }), "{done:?}");
    assert_eq!(app.row(NATSUKO), ("200000".into(), "null".into()));
    assert_eq!((app.mails("limit_changed"), app.mails("limit_rise_cancelled")), (0, 0));
    assert_eq!(app.audited("limit.bring_back", "token revoked, rise cancelled"), 1);
}

/// The application may change on the very day of the rise, before the worker has come by.
#[tokio::test]
async fn a_rise_that_holds_already_is_told_before_what_staff_do() {
    let app = LimitApp::with_rise("minori");
    app.set_japan("2026-11-26 00:00:00");
    let ctx = app.ctx();
    let done = set(&app.services, &ctx, NATSUKO.login_id, LimitService::Transfer, Yen(600_000));
    assert_eq!(done.unwrap(), AppliedOutcome::Changed);
    assert_eq!(app.mails("limit_changed"), 2);
    let told = "SELECT body AS value FROM mails WHERE kind = 'limit_changed' ORDER BY id";
    let told = app.texts(told);
    assert!(told[0].contains("200,000円 → 1,000,000円"), "{}", told[0]);
    assert!(told[1].contains("1,000,000円 → 600,000円"), "{}", told[1]);
    assert_eq!(app.works(), "nothing to do");
}

#[tokio::test]
async fn in_a_company_every_administrator_is_told() {
    let app = Company::new();
    let ctx = app.ctx();
    let done = set(&app.services, &ctx, HANAKO.login_id, LimitService::Transfer, Yen(1_000_000));
    assert_eq!(done.unwrap(), AppliedOutcome::Changed);
    let told = app.told("limit_changed");
    assert_eq!(told.len(), 2, "{told:?}");
}
