//! States that an act rests on, and that changed between its page and its outcome.

use madoguchi::db::DbError;
use madoguchi::db::queries::{flows, users};
use madoguchi::operations::limit::change::{ChangeLimits, change};
use madoguchi::operations::one_time_key::RequestKey;
use madoguchi::operations::proof::act::GivenProof;
use madoguchi::operations::step::StepOutcome;
use madoguchi::operations::token::confirmation::Confirmation;
use madoguchi::primitives::ids::UserId;

use crate::limits::{FUTABA, LimitApp};

/// What BLM002 of 双葉 sends, as its page found her.
async fn asked(app: &LimitApp) -> ChangeLimits {
    let browser = app.inside(FUTABA).await;
    let page = app.to_confirm(&browser, ["2000000", "2000000", "10000", "20000"]).await;
    let id = UserId(app.user(FUTABA, "id").parse().unwrap());
    let parts: Vec<&str> = page.path.split('/').collect();
    let flow_id = parts[parts.len() - 2].to_owned();
    let login = app.texts(&format!("SELECT login_id AS value FROM flows WHERE id = '{flow_id}'"));
    let (user, flow) = app
        .services
        .db
        .read_blocking(move |conn| {
            let flow = flows::find(conn, "kodama", &flow_id, &login[0])?.unwrap();
            Ok::<_, DbError>((users::get(conn, id)?, flow))
        })
        .unwrap();
    let key = RequestKey {
        key: "k".repeat(43),
        user_id: id,
        operation: "limit.change",
        payload_digest: "p".repeat(43),
    };
    let proof =
        GivenProof { code: None, confirmation: Confirmation::Secret(FUTABA.confirm.to_owned()) };
    ChangeLimits { user, flow, proof, key, result_url: "/kodama/limits".to_owned() }
}

/// The rules asked for what the token's status called for; another status, and they would have
/// asked for something else.
#[tokio::test]
async fn a_change_of_limits_rests_on_the_token_as_its_page_found_it() {
    let other = "(SELECT MIN(id) FROM tokens WHERE portal = 'kodama' AND id <> users.token_id)";
    for changed in ["token_status = 'issued'".to_owned(), format!("token_id = {other}")] {
        let app = LimitApp::new("kodama");
        let input = asked(&app).await;
        app.execute(&format!("UPDATE users SET {changed} WHERE login_id = '{}'", FUTABA.login_id));
        let outcome = change(&app.services, &app.ctx(), input).await.unwrap();
        assert_eq!(outcome, StepOutcome::Stale, "{changed}");
        assert_eq!(app.mails("limit_rise_requested"), 0);
    }
    let app = LimitApp::new("kodama");
    let input = asked(&app).await;
    let outcome = change(&app.services, &app.ctx(), input).await.unwrap();
    assert_eq!(outcome, StepOutcome::Done, "and nothing else was in the way");
}

/// The draft that the act was given is not the flow's any more.
#[tokio::test]
async fn a_change_of_limits_rests_on_the_draft_that_was_confirmed() {
    let app = LimitApp::new("kodama");
    let input = asked(&app).await;
    app.execute("UPDATE flows SET draft = replace(draft, '2000000', '3000000')");
    let outcome = change(&app.services, &app.ctx(), input).await.unwrap();
    assert_eq!(outcome, StepOutcome::Stale);
    assert_eq!((app.mails("limit_rise_requested"), app.row(FUTABA).1), (0, "null".to_owned()));
}

/// From when a rise holds was shown before midnight; the page looks first, and this is what is left
/// where it looked a moment too early.
#[tokio::test]
async fn a_change_of_limits_rests_on_the_day_that_was_shown() {
    let app = LimitApp::new("kodama");
    app.set_japan("2026-11-24 23:55:00");
    let input = asked(&app).await;
    app.set_japan("2026-11-25 00:00:00");
    let outcome = change(&app.services, &app.ctx(), input).await.unwrap();
    assert_eq!(outcome, StepOutcome::Stale);
    assert_eq!((app.mails("limit_rise_requested"), app.row(FUTABA).1), (0, "null".to_owned()));
}
