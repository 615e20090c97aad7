//! Files that nobody sent in time.

use super::site::{Desk, OF_B, OF_C, Spec, TANTO_B, TANTO_C};
use crate::browser::{Browser, Fields, Page};
use madoguchi::operations::bulk_file::expire::{expire_due, has_overdue};
use madoguchi::primitives::clock::parse_rfc3339;

fn at(app: &Desk, text: &str) {
    app.set_clock(parse_rfc3339(text).unwrap());
}

fn expire(app: &Desk) -> usize {
    expire_due(&app.services, &app.ctx(), &|| true).unwrap()
}

/// The list with this file ticked, still without a code.
async fn ticked(app: &Desk, browser: &Browser, path: &str, id: i64) -> (String, Fields) {
    let page = browser.get(&format!("/aoba/files/{path}")).await.expect_status(200);
    let form = page.keyed_form();
    let mut fields = form.filled(&[]);
    fields.push((app.tick(id), "on".to_owned()));
    (form.action, fields)
}

async fn with_code(
    app: &Desk,
    browser: &Browser,
    (to, mut fields): (String, Fields),
    serial: &str,
) -> Page {
    fields.push(("otp".to_owned(), app.code(serial)));
    browser.post(&to, &fields).await
}

#[tokio::test]
async fn after_its_deadline_a_file_is_neither_approved_nor_sent_and_expires_once() {
    let app = Desk::new();
    let (waiting, approved) = (app.write(&Spec::waiting()), app.write(&Spec::approved()));
    let sent = app
        .write(&Spec { state: madoguchi::domain::bulk_file::BulkState::Sent, ..Spec::waiting() });
    at(&app, "2026-11-26T11:59:30+09:00");
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    // The very second of the deadline is in time still.
    at(&app, "2026-11-26T12:00:00+09:00");
    assert_eq!(expire(&app), 0);
    // Shown in time, sent half a minute later.
    let to_send = ticked(&app, &c, "sending", approved).await;
    let to_approve = ticked(&app, &b, "approval", waiting).await;
    app.advance(30);
    let answer = with_code(&app, &c, to_send, OF_C).await.expect_status(409);
    assert!(answer.summary().contains("送信の締切を過ぎました"), "{}", answer.summary());
    let list = c.get("/aoba/files/sending").await.expect_screen("BFT030");
    assert!(list.text().contains("締切を経過"), "{}", list.text());
    let answer = with_code(&app, &b, to_approve, OF_B).await.expect_status(409);
    assert!(answer.summary().contains("送信の締切を過ぎました"), "{}", answer.summary());
    let is_due = app.services.db.read_blocking(|conn| has_overdue(conn, &app.ctx()));
    assert!(is_due.unwrap());
    // Two workers at once: each file once.
    let (services, ctx) = (app.services.clone(), app.ctx());
    let done = std::thread::scope(|scope| {
        let runs = [0, 1].map(|_| scope.spawn(|| expire_due(&services, &ctx, &|| true).unwrap()));
        runs.map(|run| run.join().unwrap())
    });
    assert_eq!(done[0] + done[1], 2, "{done:?}");
    let states = [waiting, approved, sent].map(|id| app.file(id, "state"));
    assert_eq!(states, ["expired", "expired", "sent"]);
    assert_eq!((app.mails("bulk_expired"), expire(&app)), (2, 0));
    assert_eq!(app.history(waiting)[1], "expire expired ");
    let page = b.get(&format!("/aoba/files/history/{waiting}")).await.expect_screen("BFT040");
    assert!(page.text().contains("あおば信用金庫"), "{}", page.text());
    assert!(page.text().contains("新しい指定日で作り直してください"), "{}", page.text());
}
