//! Set-up of issued credentials: an issue that somebody intercepts in the mail is of no use.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures_util::future::join_all;
use madoguchi::db::DbError;
use madoguchi::db::queries::{tokens, users};
use madoguchi::domain::portal::Profile;
use madoguchi::domain::token::{OtpAlgorithm, StoredTokenStatus, Token, TokenKind, TokenState};
use madoguchi::domain::user::SetupState;
use madoguchi::primitives::ids::{TokenId, UserId};
use madoguchi::primitives::password::hash_blocking;

use super::phone::Phone;
use crate::app::{TestApp, shirakaba};
use crate::codes;
use crate::people::{self, Person};

const SERVICE: &str = "30000001";
const NUMBER: &str = "123456789012";
const PASSWORD: &str = "271828";
const WHO: Person =
    Person { login_id: "minori01", password: "Minori#202611", confirm: "kakunin01" };

fn portals() -> TestApp {
    let all = Profile::builtin();
    let minori = all.into_iter().find(|(name, _)| *name == "minori.toml").unwrap().1;
    TestApp::with_profiles(&[("shirakaba", shirakaba()), ("minori", minori.to_owned())])
}

/// The portals and a customer to whom a token is issued.
fn issued() -> TestApp {
    let app = portals();
    let now = app.now();
    let opened = app.services.db.write_blocking(move |conn| {
        Ok::<_, DbError>(people::open(conn, "minori", WHO, SetupState::Done, now))
    });
    issue(&app, opened.unwrap(), "200000001", NUMBER, None);
    app
}

/// Issues a token to the customer, as the menu does; `before` is the token they had.
fn issue(
    app: &TestApp,
    user_id: UserId,
    serial: &str,
    number: &str,
    before: Option<TokenId>,
) -> TokenId {
    let sealing = Token::sealing_context("minori", serial);
    let sealed = app.services.keys.seal(&sealing, &codes::secret(serial)).unwrap();
    let (now, serial) = (app.now(), serial.to_owned());
    let made = app.services.db.write_blocking(move |conn| {
        let user = users::get(conn, user_id)?;
        let token = tokens::NewToken {
            portal: "minori".to_owned(),
            serial: serial.clone(),
            kind: TokenKind::App,
            state: TokenState::Shipped,
            contract_id: Some(user.contract_id),
            algorithm: OtpAlgorithm::Sha1,
            digits: 8,
            period_seconds: 60,
            secret_sealed: sealed.bytes.clone(),
            sealing_key_id: sealed.key_id.clone(),
            drift_steps: 0,
            drift_base_steps: 0,
            valid_from: None,
            expires_at: None,
            imported_at: now,
            shipped_at: Some(now),
        };
        assert!(tokens::insert(conn, &token)?);
        let id = tokens::find_by_serial(conn, "minori", &serial)?.unwrap().id;
        let columns = users::TokenColumns {
            token_id: Some(id),
            token_status: StoredTokenStatus::Issued,
            token_since: None,
            revoked_at: None,
            login_otp_chosen: false,
        };
        assert!(users::update_token(conn, user.id, user.token_status, user.token_id, &columns)?);
        Ok::<_, DbError>(id)
    });
    let id = made.unwrap();
    let (hash, until) = (hash_blocking(PASSWORD).unwrap(), now + TimeDelta::hours(24));
    let before = before.map_or("NULL".to_owned(), |id| id.to_string());
    let status = if before == "NULL" { "unregistered" } else { "in_use" };
    app.execute(&format!(
        "INSERT INTO token_issues (portal, user_id, token_id, user_number, mail_address, \
         activation_hash, previous_status, previous_token_id, issued_at, expires_at) VALUES \
         ('minori', {user_id}, {id}, '{number}', 'minori@example.jp', '{hash}', '{status}', \
         {before}, '{now}', '{until}')"
    ));
    id
}

/// A column of the issue with this ユーザID, as text.
fn column(app: &TestApp, number: &str, column: &str) -> String {
    let sql = format!(
        "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM token_issues \
         WHERE user_number = '{number}'"
    );
    app.texts(&sql).remove(0)
}

fn user_status(app: &TestApp) -> (String, String) {
    let one = |column: &str| {
        app.texts(&format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM users \
             WHERE login_id = '{}'",
            WHO.login_id
        ))
        .remove(0)
    };
    (one("token_status"), one("token_id"))
}

fn token_state(app: &TestApp, serial: &str) -> String {
    app.texts(&format!("SELECT state AS value FROM tokens WHERE serial = '{serial}'")).remove(0)
}

#[tokio::test]
async fn the_right_password_hands_the_secret_over() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    // Full width, spaces and hyphens are taken as meant.
    let answer = phone.set_up("３０００-０００１", "1234 5678 9012", "２７１８２８").await;
    let credential = answer.credential();
    assert_eq!(phone.secret(&credential), codes::secret("200000001"));
    assert_eq!(credential["serial"], "200000001");
    assert_eq!(credential["digits"], 8);
    assert_eq!(credential["period"], 60);
    assert_eq!(credential["set_up_at"], "2026-11-24T12:00:10+09:00");
    assert_eq!(credential["expires_at"], "2031-11-30T09:00:00+09:00");
    assert_eq!(column(&app, NUMBER, "failures"), "0");
    assert_ne!(column(&app, NUMBER, "set_up_at"), "null");
    assert_eq!(user_status(&app).0, "issued");
    assert_eq!(app.audited("token.set_up", ""), 1);
}

#[tokio::test]
async fn the_same_app_may_ask_again_and_no_other_one() {
    let app = issued();
    let (phone, thief) = (Phone::new(&app.url, 7), Phone::new(&app.url, 8));
    let first = phone.set_up(SERVICE, NUMBER, PASSWORD).await.credential();
    app.advance(600);
    let again = phone.set_up(SERVICE, NUMBER, PASSWORD).await.credential();
    assert_eq!(phone.secret(&first), phone.secret(&again));
    assert_eq!(first["set_up_at"], again["set_up_at"]);
    for password in [PASSWORD, "000000"] {
        assert_eq!(thief.set_up(SERVICE, NUMBER, password).await.outcome(), "refused");
    }
    assert_eq!(column(&app, NUMBER, "failures"), "0", "another app's tries are not even counted");
    assert_eq!(app.audited("token.set_up", "set up elsewhere"), 2);
    assert_eq!(app.audited("token.set_up", "the same app again"), 1);
    app.advance(24 * 3_600);
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
    assert_eq!(column(&app, NUMBER, "ended_at"), "null", "what is set up no longer expires");
    assert_eq!(user_status(&app).0, "issued");
}

#[tokio::test]
async fn five_wrong_passwords_end_the_issue() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    for number in 0..4 {
        let answer = phone.set_up(SERVICE, NUMBER, &format!("90000{number}")).await;
        assert_eq!(answer.outcome(), "refused");
        assert_eq!(column(&app, NUMBER, "ended_at"), "null");
    }
    phone.set_up(SERVICE, NUMBER, "900004").await;
    assert_eq!(column(&app, NUMBER, "end_reason"), "attempts");
    assert_eq!(user_status(&app), ("unregistered".into(), "null".into()));
    assert_eq!(token_state(&app, "200000001"), "retired");
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
    assert_eq!(app.audited("token.set_up", "wrong activation password"), 5);
    assert_eq!(app.audited("token.issue_end", "attempts"), 1);
}

#[tokio::test]
async fn the_fifth_try_may_still_be_right() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    for number in 0..4 {
        phone.set_up(SERVICE, NUMBER, &format!("90000{number}")).await;
    }
    phone.set_up(SERVICE, NUMBER, PASSWORD).await.credential();
    assert_eq!(column(&app, NUMBER, "failures"), "0");
}

#[tokio::test]
async fn after_twenty_four_hours_the_issue_is_over() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    app.advance(24 * 3_600);
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
    assert_eq!(column(&app, NUMBER, "end_reason"), "expired");
    assert_eq!(column(&app, NUMBER, "failures"), "0");
    assert_eq!(user_status(&app), ("unregistered".into(), "null".into()));
    let in_time = issued();
    in_time.advance(24 * 3_600 - 1);
    Phone::new(&in_time.url, 7).set_up(SERVICE, NUMBER, PASSWORD).await.credential();
}

#[tokio::test]
async fn an_end_brings_back_the_token_from_before_the_issue() {
    let app = issued();
    let user_id = UserId(app.number("SELECT user_id FROM token_issues"));
    let old = TokenId(app.number("SELECT token_id FROM token_issues"));
    app.execute("UPDATE token_issues SET ended_at = issued_at, end_reason = 'started'");
    app.execute(&format!("UPDATE tokens SET state = 'in_use' WHERE id = {old}"));
    issue(&app, user_id, "200000002", "123456789013", Some(old));
    app.advance(24 * 3_600);
    Phone::new(&app.url, 7).set_up(SERVICE, "123456789013", PASSWORD).await;
    assert_eq!(user_status(&app), ("in_use".into(), old.to_string()));
    assert_eq!(token_state(&app, "200000002"), "retired");
    assert_eq!(token_state(&app, "200000001"), "in_use");
}

#[tokio::test]
async fn an_older_issue_opens_nothing() {
    let app = issued();
    let user_id = UserId(app.number("SELECT user_id FROM token_issues"));
    app.execute("UPDATE token_issues SET ended_at = issued_at, end_reason = 'replaced'");
    issue(&app, user_id, "200000002", "123456789013", None);
    let phone = Phone::new(&app.url, 7);
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
    assert_eq!(column(&app, NUMBER, "end_reason"), "replaced");
    let made = phone.set_up(SERVICE, "123456789013", PASSWORD).await.credential();
    assert_eq!(phone.secret(&made), codes::secret("200000002"));
}

#[tokio::test]
async fn whatever_is_wrong_is_answered_alike() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    let mut answers = BTreeMap::new();
    for (what, service, number, password) in [
        ("password", SERVICE, NUMBER, "000000"),
        ("user id", SERVICE, "999999999999", PASSWORD),
        ("service id", "39999999", NUMBER, PASSWORD),
        ("all", "0", "0", "0"),
    ] {
        let answer = phone.set_up(service, number, password).await;
        answers.entry((answer.status, answer.text)).or_insert_with(Vec::new).push(what);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'token.set_up'"), 4);
}

#[tokio::test]
async fn wrong_passwords_at_once_are_compared_five_times() {
    let app = issued();
    let phones: Vec<Phone> = (1..=50).map(|byte| Phone::new(&app.url, byte)).collect();
    let tries = phones.iter().enumerate().map(|(number, phone)| async move {
        phone.set_up(SERVICE, NUMBER, &format!("9000{number:02}")).await.outcome()
    });
    let outcomes = join_all(tries).await;
    assert!(outcomes.iter().all(|outcome| outcome == "refused"), "{outcomes:?}");
    assert_eq!(app.audited("token.set_up", "wrong activation password"), 5);
    assert_eq!(app.audited("token.set_up", "over"), 45);
    assert_eq!(app.audited("token.issue_end", "attempts"), 1);
    assert_eq!(column(&app, NUMBER, "failures"), "5");
}

#[tokio::test]
async fn of_many_apps_with_the_right_password_one_gets_the_secret() {
    let app = issued();
    let phones: Vec<Phone> = (1..=5).map(|byte| Phone::new(&app.url, byte)).collect();
    let tries = phones
        .iter()
        .map(|phone| async move { phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome() });
    let outcomes = join_all(tries).await;
    let done = outcomes.iter().filter(|outcome| *outcome == "done").count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert_eq!(app.audited("token.set_up", ""), 1);
}

#[tokio::test]
async fn without_consent_or_a_key_nothing_is_counted() {
    let app = issued();
    let phone = Phone::new(&app.url, 7);
    let body = |consent: bool, key: &str| {
        serde_json::json!({
            "service_id": SERVICE, "user_id": NUMBER, "activation_password": PASSWORD,
            "consent": consent, "public_key": key,
        })
    };
    for body in [body(false, &phone.public_key()), body(true, "AAAA")] {
        assert_eq!(phone.post_json("set-up", &body).await.status, 400);
    }
    assert_eq!(column(&app, NUMBER, "failures"), "0");
    assert_eq!(column(&app, NUMBER, "set_up_at"), "null");
}

/// A try that was claimed before an emergency stop and comes to its end after it: the stop has
/// nothing to end any more but the secret's way out.
#[tokio::test]
async fn a_set_up_that_an_emergency_stop_overtakes_gets_nothing() {
    let app = issued();
    let stop = |at: &str| {
        app.execute(&format!(
            "UPDATE users SET stopped_at = {at} WHERE login_id = '{}'",
            WHO.login_id
        ));
    };
    let phone = Phone::new(&app.url, 7);
    stop("'2026-11-24 03:00:10'");
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
    assert_eq!(column(&app, NUMBER, "set_up_at"), "null");
    assert_eq!(app.audited("token.set_up", "over, or set up elsewhere meanwhile"), 1);
    stop("NULL");
    phone.set_up(SERVICE, NUMBER, PASSWORD).await.credential();
    // Nor does the app that has it get it a second time.
    stop("'2026-11-24 03:00:10'");
    assert_eq!(phone.set_up(SERVICE, NUMBER, PASSWORD).await.outcome(), "refused");
}
