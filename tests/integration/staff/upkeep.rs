//! STF060, STF070, STF080: log, out-box, jobs.

use std::sync::Arc;

use madoguchi::jobs::worker::Worker;
use madoguchi::operations::key::reseal::reseal;
use madoguchi::primitives::keys::KeyRing;

use super::support::{AUDITOR, CHECKER, CLERK, asks, decides, logged_in};
use crate::app::{KEYS, TestApp};

fn worker(app: &TestApp) -> Worker {
    Worker::new(app.services.clone(), None).unwrap()
}

#[tokio::test]
async fn the_log_is_searched_saved_and_checked() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    asks(&app, &clerk, "1000000006", "release").await;
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    let base = "/shirakaba/staff/audit";
    let rows = [
        ("", 5),
        ("?actor=staff+clerk", 3),
        ("?operation=staff.login", 2),
        ("?operation=staff&result=refused", 0),
        ("?object=staff+auditor", 2),
        ("?from=2026-11-24T12:01", 0),
        ("?until=2026-11-24T12:01&operation=staff.request", 1),
    ];
    for (query, expected) in rows {
        let page = auditor.get(&format!("{base}{query}")).await.expect_screen("STF060");
        assert_eq!(page.body.matches("No. ").count(), expected, "{query}");
    }

    let csv = auditor.get(&format!("{base}.csv?operation=staff.request")).await.expect_status(200);
    assert!(csv.body.starts_with('\u{feff}'), "a byte order mark");
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.contains("\"staff clerk\""), "{}", csv.body);

    worker(&app).run_due_once();
    let intact = auditor.get(&format!("{base}/check")).await.expect_screen("STF060");
    assert!(intact.text().contains("完全です"), "{}", intact.text());
    assert!(intact.fact("封印済みの行").unwrap().parse::<i64>().unwrap() >= 5);
}

#[tokio::test]
async fn many_lines_come_page_by_page_and_whole_as_csv() {
    let app = TestApp::demo("shirakaba");
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    let formula = "=HYPERLINK(1)";
    for n in 0..1_105 {
        app.execute(&format!(
            "INSERT INTO audit_lines (happened_at, portal, actor_kind, actor, source, operation, \
             object, result, details, request_id) VALUES ('2026-11-24 03:00:00', 'shirakaba', \
             'system', 'many', 'test', 'test.many', 'object {n}', 'done', '{formula}', '')"
        ));
    }
    let first = auditor.get("/shirakaba/staff/audit?operation=test.").await;
    assert_eq!(first.body.matches("No. ").count(), 50);
    assert!(first.text().contains("前の50件"));
    let csv = auditor.get("/shirakaba/staff/audit.csv?operation=test.").await;
    assert_eq!(csv.body.lines().count(), 1_106);
    assert!(csv.body.contains("\"'=HYPERLINK(1)\"") && !csv.body.contains("\"=HYPER"));
    // A condition that cannot be read does not widen the search: nothing is looked for.
    for odd in ["from=yesterday", "until=99999-01-01T00:00", "result=maybe"] {
        let path = format!("/shirakaba/staff/audit?operation=test.&{odd}");
        let page = auditor.get(&path).await.expect_status(422).expect_screen("STF060");
        assert_eq!(page.body.matches("No. ").count(), 0, "{odd}");
        assert!(page.text().contains("条件をご確認ください"), "{odd}");
        auditor.get(&path.replace("audit?", "audit.csv?")).await.expect_status(400);
    }
}

#[tokio::test]
async fn a_stuck_mail_goes_out_again_once() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    app.execute(
        "INSERT INTO mails (portal, kind, to_address, from_address, subject, body, state, \
         attempts, created_at, next_attempt_at, last_error) VALUES ('shirakaba', 'login_locked', \
         'a@b.example', 'c@d.example', 'S', 'secret words', 'dead', 200, '2026-11-24 00:00:00', \
         '2026-11-24 00:00:00', '550 no such user')",
    );
    let home = clerk.get("/shirakaba/staff/").await;
    assert!(home.text().contains("送れなかったメール\n1件"), "{}", home.text());
    let page = clerk.get("/shirakaba/staff/mails?state=dead").await.expect_screen("STF070");
    assert!(page.text().contains("550 no such user") && !page.text().contains("secret words"));
    let form = page.form_to("/retry");
    clerk.post(&form.action, &form.filled(&[])).await.expect_status(303);
    let stands = "SELECT state || ' ' || attempts AS value FROM mails";
    assert_eq!(app.texts(stands), ["waiting 0"]);
    assert_eq!(app.audited("mail.retry", ""), 1);
    // It is due now, so there is nothing to hurry.
    clerk.post(&form.action, &form.filled(&[])).await.expect_status(409);
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    app.execute("UPDATE mails SET state = 'dead'");
    let page = auditor.get("/shirakaba/staff/mails").await;
    assert!(!page.has_form_to("/retry"));
}

#[tokio::test]
async fn jobs_are_recorded_and_run_again_on_demand() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let worker = worker(&app);
    worker.run_due_once();
    let count = "SELECT COUNT(*) FROM job_runs WHERE name = 'housekeeping'";
    assert_eq!(app.number(count), 1);
    worker.run_due_once();
    assert_eq!(app.number(count), 1, "nothing to do is a sign of life now and then");
    let page = clerk.get("/shirakaba/staff/jobs").await.expect_screen("STF080");
    let form = page.form_to("/jobs/housekeeping/run");
    for _ in 0..2 {
        clerk.post(&form.action, &form.filled(&[])).await.expect_status(303);
    }
    let waits = clerk.get("/shirakaba/staff/jobs").await;
    assert!(waits.text().contains("実行を待っています"));
    assert_eq!(app.audited("job.run", ""), 1);
    worker.run_wished();
    assert_eq!(app.number(count), 2);
    worker.run_wished();
    assert_eq!(app.number(count), 2);
    let fields = form.filled(&[]);
    clerk.post("/shirakaba/staff/jobs/no-such-job/run", &fields).await.expect_status(404);
}

#[tokio::test]
async fn a_failing_job_shows() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    // Without its table the job cannot work.
    app.execute("ALTER TABLE expiry_warnings RENAME TO gone");
    app.execute(
        "UPDATE tokens SET expires_at = '2026-12-01 00:00:00' WHERE serial = '2V0716016FK2'",
    );
    let worker = worker(&app);
    worker.run_due_once();
    worker.run_due_once();
    assert_eq!(app.number("SELECT COUNT(*) FROM job_runs WHERE result = 'failed'"), 1);
    let home = clerk.get("/shirakaba/staff/").await;
    assert!(home.text().contains("失敗したジョブ\n1件"), "{}", home.text());
    let page = clerk.get("/shirakaba/staff/jobs?result=failed").await;
    assert!(page.text().contains("expiry_warnings"), "{}", page.text());
}

#[tokio::test]
async fn a_new_key_takes_authenticators_and_letters_over() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let request = asks(&app, &clerk, "1000000002", "password").await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    decides(&checker, &request, "approve").await.expect_status(303);
    let mut services = app.services.clone();
    let keys = format!("new:{}Bwc=,{KEYS}", "BwcH".repeat(10));
    services.keys = Arc::new(KeyRing::parse(&keys).unwrap());
    let done = tokio::task::spawn_blocking({
        let ctx = app.ctx();
        move || reseal(&services, &ctx).unwrap()
    });
    let staff = done.await.unwrap().staff;
    assert_eq!((staff.resealed, staff.unopened), (4, 0), "three members and a letter");
    let left = "SELECT COUNT(*) FROM staff_letters WHERE sealing_key_id <> 'new'";
    assert_eq!(app.number(left), 0);
}
