//! Tries are claimed before they are compared. However many requests have claimed before the first
//! of them comes to its outcome, there are never more claims than the limit allows: here none comes
//! to an outcome at all, so that nothing but the claim's own WHERE can refuse.

use madoguchi::db::queries::{flows, mail_codes, picture_cards, tokens, unknown_logins, users};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::flow::FlowStep;
use madoguchi::domain::mail_code::MailCodePurpose;
use madoguchi::domain::portal::Throttle;

use crate::app::TestApp;
use crate::people::{FK2, HANAKO, JIRO, Person};

const TRIES: usize = 12;
const LIMIT: i32 = 5;

/// How many of many claims in a row are granted, each in a transaction of its own.
fn granted(
    app: &TestApp,
    claim: impl Fn(&mut DbConn, usize) -> Result<bool, DbError> + Clone + Send + 'static,
) -> usize {
    (0..TRIES)
        .filter(|n| {
            let (claim, n) = (claim.clone(), *n);
            app.services.db.claim_blocking(move |conn| claim(conn, n)).unwrap()
        })
        .count()
}

fn user_id(app: &TestApp, who: Person) -> madoguchi::primitives::ids::UserId {
    let id: i64 = app.user(who, "id").parse().unwrap();
    madoguchi::primitives::ids::UserId(id)
}

#[tokio::test]
async fn claims_of_codes_stop_at_the_limit() {
    let app = TestApp::new();
    let now = app.now();
    let throttle = Throttle { wait_after: 0, failures_max: 5, ..Throttle::default() };
    let granted = granted(&app, move |conn, n| {
        let token = tokens::find_by_serial(conn, "shirakaba", FK2)?.unwrap();
        tokens::claim_attempt(conn, token.id, &format!("{n:043}"), now, &throttle)
    });
    assert_eq!(granted, 5);
}

#[tokio::test]
async fn claims_of_serials_stop_at_the_limit() {
    let app = TestApp::new();
    app.begin(&app.browser(), "start", JIRO).await.expect_screen("BOM102");
    let id = app.texts("SELECT id AS value FROM flows").remove(0);
    let flow = id.clone();
    assert_eq!(granted(&app, move |conn, _| flows::claim_failure(conn, &flow, LIMIT)), 5);
    // And none at all once the flow is over.
    let (flow, until) = (id.clone(), app.now());
    app.services
        .db
        .write_blocking(move |conn| {
            let (from, to) = (FlowStep::Input, FlowStep::Ended);
            flows::update_step(conn, &flow, from, to, None, until)
        })
        .unwrap();
    assert_eq!(granted(&app, move |conn, _| flows::claim_failure(conn, &id, i32::MAX)), 0);
}

#[tokio::test]
async fn claims_of_secrets_stop_at_the_limit() {
    let app = TestApp::new();
    let (jiro, hanako) = (user_id(&app, JIRO), user_id(&app, HANAKO));
    let login = move |conn: &mut DbConn, _| users::claim_login_attempt(conn, jiro, LIMIT);
    let confirm = move |conn: &mut DbConn, _| users::claim_confirm_attempt(conn, jiro, LIMIT);
    let card = move |conn: &mut DbConn, _| {
        let card = picture_cards::find_by_user(conn, hanako)?.unwrap();
        picture_cards::claim_attempt(conn, card.id, LIMIT)
    };
    let unknown = |conn: &mut DbConn, _| {
        Ok(unknown_logins::claim_attempt(conn, "shirakaba", 7, LIMIT)?.is_some())
    };
    assert_eq!(granted(&app, login), 5);
    assert_eq!(granted(&app, confirm), 5);
    assert_eq!(granted(&app, card), 5);
    assert_eq!(granted(&app, unknown), 5);
}

#[tokio::test]
async fn claims_of_mailed_codes_stop_at_the_limit() {
    let app = TestApp::new();
    let (jiro, now) = (user_id(&app, JIRO), app.now());
    const PURPOSE: MailCodePurpose = MailCodePurpose::FirstSetup;
    let policy = app.services.profiles["shirakaba"].mail_code;
    app.services
        .db
        .write_blocking(move |conn| {
            mail_codes::open(conn, jiro, PURPOSE, "jiro@example.jp", &"0".repeat(43), policy, now)
        })
        .unwrap();
    let tries = granted(&app, move |conn, _| {
        let open = mail_codes::find_open(conn, jiro, PURPOSE)?.unwrap();
        mail_codes::claim_try(conn, open.id, policy, now)
    });
    assert_eq!(tries, 5);
    let sendings = granted(&app, move |conn, n| {
        let open = mail_codes::find_open(conn, jiro, PURPOSE)?.unwrap();
        mail_codes::send_again(conn, open.id, &format!("{n:043}"), policy, now)
    });
    assert_eq!(sendings, 2, "the first of the three sendings opened it");
}
