//! Two at once: each approval counts once, and of sending and withdrawing one wins.

use super::site::{Desk, OF_B, OF_C, Spec, TANTO_B, TANTO_C};
use crate::browser::{Browser, Fields};

/// The list with this file ticked and this code typed.
async fn form(app: &Desk, browser: &Browser, path: &str, id: i64, code: &str) -> (String, Fields) {
    let page = browser.get(&format!("/aoba/files/{path}")).await.expect_status(200);
    let form = page.keyed_form();
    let mut fields = form.filled(&[("otp", code)]);
    fields.push((app.tick(id), "on".to_owned()));
    (form.action, fields)
}

#[tokio::test]
async fn two_approvers_at_once_give_two_approvals_and_one_file_that_is_approved() {
    let app = Desk::new();
    app.grant(TANTO_C, "bulk_approve_payroll");
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    for round in 0..6 {
        let id = app.write(&Spec { needed: 2, ..Spec::waiting() });
        app.advance(30);
        let (to, of_b) = form(&app, &b, "approval", id, &app.code(OF_B)).await;
        let (_, of_c) = form(&app, &c, "approval", id, &app.code(OF_C)).await;
        let (one, other) = tokio::join!(b.post(&to, &of_b), c.post(&to, &of_c));
        assert_eq!((one.status, other.status), (303, 303), "{round}");
        assert_eq!(app.file(id, "state"), "approved", "{round}");
        assert_eq!(app.file(id, "approvals_given"), "2", "{round}");
        let approvals = format!("SELECT COUNT(*) FROM bulk_approvals WHERE file_id = {id}");
        assert_eq!(app.number(&approvals), 2, "{round}");
        assert_eq!(
            app.history(id),
            ["create draft none", "approve waiting otp", "approve_last approved otp"]
        );
    }
    assert_eq!(app.mails("bulk_approved"), 6);
}

#[tokio::test]
async fn two_who_could_give_the_last_approval_give_it_once() {
    let app = Desk::new();
    app.grant(TANTO_C, "bulk_approve_payroll");
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    for round in 0..6 {
        let id = app.write(&Spec::waiting());
        app.advance(30);
        let (to, of_b) = form(&app, &b, "approval", id, &app.code(OF_B)).await;
        let (_, of_c) = form(&app, &c, "approval", id, &app.code(OF_C)).await;
        let (one, other) = tokio::join!(b.post(&to, &of_b), c.post(&to, &of_c));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{round}");
        assert_eq!(app.file(id, "approvals_given"), "1", "{round}");
        let approvals = format!("SELECT COUNT(*) FROM bulk_approvals WHERE file_id = {id}");
        assert_eq!(app.number(&approvals), 1, "{round}");
    }
}

#[tokio::test]
async fn the_same_approver_in_two_windows_counts_once() {
    let app = Desk::new();
    let (one, other) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_B).await);
    for round in 0..4 {
        let id = app.write(&Spec { needed: 2, ..Spec::waiting() });
        app.advance(60);
        // Two codes of the token that are both within its window.
        let codes = [app.code(OF_B), app.code_in(OF_B, 1)];
        let (to, first) = form(&app, &one, "approval", id, &codes[0]).await;
        let (_, second) = form(&app, &other, "approval", id, &codes[1]).await;
        let answers = tokio::join!(one.post(&to, &first), other.post(&to, &second));
        let done = [&answers.0, &answers.1].iter().filter(|answer| answer.status == 303).count();
        assert_eq!(done, 1, "{round}: {} {}", answers.0.status, answers.1.status);
        assert_eq!(app.file(id, "approvals_given"), "1", "{round}");
        assert_eq!(app.file(id, "state"), "waiting", "{round}");
    }
}

#[tokio::test]
async fn of_two_sendings_at_once_no_more_goes_out_than_the_limit_of_the_day() {
    let app = Desk::new();
    app.grant(TANTO_B, "bulk_send_payroll");
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    let item = vec![("1000001".into(), "ﾔﾏﾀﾞ ﾀﾛｳ".into(), 100_000_000)];
    let spec = Spec { items: item, ..Spec::approved() };
    let counted = "SELECT CAST(COALESCE(SUM(counted_yen), 0) AS BIGINT) FROM payment_totals \
                   WHERE service = 'files' AND user_id = 0";
    app.send(&c, &[app.write(&spec), app.write(&spec)]).await.expect_status(303);
    for round in 0..8 {
        // Of 300 million a day, 200 are gone: there is room for one of the two.
        app.execute(
            "UPDATE payment_totals SET counted_yen = \
             CASE WHEN user_id = 0 THEN 200000000 ELSE 0 END",
        );
        let ids = [app.write(&spec), app.write(&spec)];
        app.advance(30);
        let (to, of_b) = form(&app, &b, "sending", ids[0], &app.code(OF_B)).await;
        let (_, of_c) = form(&app, &c, "sending", ids[1], &app.code(OF_C)).await;
        let (one, other) = tokio::join!(b.post(&to, &of_b), c.post(&to, &of_c));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{round}: {} {}", one.text(), other.text());
        let mut states = ids.map(|id| app.file(id, "state"));
        states.sort_unstable();
        assert_eq!(states, ["approved", "sent"], "{round}");
        assert_eq!(app.number(counted), 300_000_000, "{round}");
    }
}

#[tokio::test]
async fn of_sending_and_withdrawing_one_wins() {
    let app = Desk::new();
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    let mut ends = [0, 0];
    for round in 0..8 {
        let id = app.write(&Spec::approved());
        app.advance(30);
        let (to, sending) = form(&app, &c, "sending", id, &app.code(OF_C)).await;
        let page = b.get(&format!("/aoba/files/history/{id}")).await.expect_screen("BFT040");
        let withdraw = page.form_to("/withdraw");
        let (sent, back) =
            tokio::join!(c.post(&to, &sending), b.post(&withdraw.action, &withdraw.hidden));
        let state = app.file(id, "state");
        match state.as_str() {
            "sent" => {
                ends[0] += 1;
                assert_eq!((sent.status, back.status), (303, 409), "{round}");
            }
            "withdrawn" => {
                ends[1] += 1;
                assert_eq!((sent.status, back.status), (409, 303), "{round}");
                assert_eq!(app.file(id, "receipt_id"), "null", "{round}");
            }
            other => panic!("{round}: {other}"),
        }
        let events = format!("SELECT COUNT(*) FROM bulk_events WHERE file_id = {id}");
        assert_eq!(app.number(&events), 2, "{round}");
    }
    let counted = "SELECT COALESCE(SUM(counted_yen), 0) FROM payment_totals \
                   WHERE service = 'files' AND user_id = 0";
    assert_eq!(app.number(counted), 600_000 * ends[0], "only what was sent counts");
    assert_eq!(app.mails("bulk_sent"), ends[0]);
}
