//! What keeps the data in order: housekeeping, warnings, key rotation, first days of use.

use std::sync::Arc;

use chrono::TimeDelta;
use madoguchi::db::DbError;
use madoguchi::db::queries::{picture_cards, tokens, users};
use madoguchi::domain::picture_card::PictureCard;
use madoguchi::domain::token::Token;
use madoguchi::jobs::worker::Worker;
use madoguchi::operations::Services;
use madoguchi::operations::key::reseal::{Count, remaining, reseal};
use madoguchi::primitives::keys::{KeyRing, Sealed};

use crate::app::{KEYS, TestApp};
use crate::codes;
use crate::people::{FK2, FK9, HANAKO, JIRO, SHIRO, spare};

/// Another key, alone and in front of the tests' own.
const NEW_KEY: &str = "new:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

fn tidy(app: &TestApp) -> Vec<String> {
    let runs = Worker::new(app.services.clone(), None).unwrap().run_due_once();
    runs.into_iter().map(|run| run.did).collect()
}

#[tokio::test]
async fn logins_are_forgotten_ninety_days_after_their_end() {
    let app = TestApp::new();
    let logins = || app.number("SELECT COUNT(*) FROM logins");
    let begun = app.now();
    // One ends at once, one is left open, one belongs to a flow.
    let browser = app.logged_in(JIRO).await;
    let top = browser.get("/shirakaba/").await;
    let logout = top.form_to("/logout");
    browser.post(&logout.action, &logout.hidden).await;
    app.logged_in(SHIRO).await;
    app.begin(&app.browser(), "start", JIRO).await.expect_screen("BOM102");
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NOT NULL"), 1);
    let all = logins();
    assert!(all >= 3, "{all}");

    app.set_clock(begun + TimeDelta::days(90));
    tidy(&app);
    assert_eq!(logins(), all, "none has been over for more than 90 days");
    app.advance(1);
    tidy(&app);
    assert_eq!(logins(), all - 1, "the one that was ended");
    app.set_clock(begun + TimeDelta::days(90) + TimeDelta::hours(8));
    tidy(&app);
    assert_eq!(logins(), all - 1);
    app.advance(1);
    let did = tidy(&app);
    assert_eq!(logins(), 0, "{did:?}");
    app.logged_in(JIRO).await;
}

#[tokio::test]
async fn logins_are_forgotten_batch_by_batch_with_what_hangs_on_them() {
    let app = TestApp::new();
    app.logged_in(JIRO).await;
    app.begin(&app.browser(), "start", JIRO).await.expect_screen("BOM102");
    let logins = || app.number("SELECT COUNT(*) FROM logins");
    let before = logins();
    let copied = "id, portal, user_id, stage, csrf_secret, channel, created_at, last_use_at";
    app.execute(&format!(
        "INSERT INTO logins ({copied}) WITH RECURSIVE n(i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
         SELECT substr(CAST(100000 + i AS TEXT) || l.id, 1, 43), l.portal, l.user_id, l.stage, \
         l.csrf_secret, l.channel, l.created_at, l.last_use_at \
         FROM n, (SELECT * FROM logins ORDER BY id LIMIT 1) l"
    ));
    // Keys and flows that their own times would still keep do not hold a login back.
    app.advance(100 * 24 * 3600);
    app.execute("UPDATE web_sessions SET created_at = '2100-01-01 00:00:00'");
    app.execute("UPDATE flows SET expires_at = '2100-01-01 00:00:00'");
    tidy(&app);
    assert_eq!(logins(), before + 600 - 500);
    tidy(&app);
    assert_eq!(logins(), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM web_sessions"), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM flows"), 0);
}

#[tokio::test]
async fn every_token_that_ends_soon_is_warned_of_however_many_they_are() {
    const MANY: i64 = 1_150;
    let app = TestApp::new();
    let numbers =
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})");
    app.execute(&format!(
        "INSERT INTO tokens (portal, serial, kind, state, algorithm, digits, period_seconds, \
         secret_sealed, sealing_key_id, imported_at) {numbers} \
         SELECT portal, 'MANY' || CAST(10000 + i AS TEXT), kind, state, algorithm, digits, \
         period_seconds, secret_sealed, sealing_key_id, imported_at \
         FROM n, (SELECT * FROM tokens WHERE serial = '{FK2}') t"
    ));
    app.execute(
        "INSERT INTO users (portal, contract_id, login_id, role, name, mail_address, \
         login_secret_hash, confirm_secret_hash, setup_state, token_id, token_status, \
         login_otp_chosen, created_at) \
         SELECT u.portal, u.contract_id, t.serial, u.role, u.name, u.mail_address, \
         u.login_secret_hash, u.confirm_secret_hash, u.setup_state, t.id, u.token_status, \
         u.login_otp_chosen, u.created_at FROM tokens t, users u \
         WHERE t.serial LIKE 'MANY%' AND u.login_id = '1000000002'",
    );
    let end = app.now() + TimeDelta::days(29);
    let written = end.format("%Y-%m-%d %H:%M:%S");
    app.execute(&format!("UPDATE tokens SET expires_at = '{written}' WHERE serial LIKE 'MANY%'"));
    tidy(&app);
    assert_eq!(app.mails("token_expiring"), MANY);
    tidy(&app);
    assert_eq!(app.mails("token_expiring"), MANY, "each once");
}

#[tokio::test]
async fn a_token_cannot_be_registered_before_its_makers_first_day() {
    let app = TestApp::new();
    let start = (app.now() + TimeDelta::minutes(5)).format("%Y-%m-%d %H:%M:%S");
    app.execute(&format!("UPDATE tokens SET valid_from = '{start}' WHERE serial = '{FK9}'"));
    let browser = app.browser();
    let page = app.begin(&browser, "start", JIRO).await.expect_screen("BOM102");
    let submit = async || {
        let code = app.code(FK9);
        let values = [
            ("serial", FK9),
            ("otp", &code),
            ("login_choice", "required"),
            ("confirm", JIRO.confirm),
        ];
        browser.submit(&page, &values).await
    };
    submit().await.expect_status(422).expect_screen("BOM102");
    assert_eq!(app.token(FK9, "state"), "shipped");
    app.advance(299);
    submit().await.expect_status(422);
    assert_eq!(app.token(FK9, "state"), "shipped");
    app.advance(1);
    submit().await.expect_status(303);
    assert_eq!(app.token(FK9, "state"), "in_use");
}

fn with_keys(app: &TestApp, keys: &str) -> Services {
    Services { keys: Arc::new(KeyRing::parse(keys).unwrap()), ..app.services.clone() }
}

#[tokio::test]
async fn what_an_old_key_sealed_is_sealed_anew_and_still_opens() {
    let app = TestApp::new();
    let tokens = app.number("SELECT COUNT(*) FROM tokens");
    let (both, new) = (with_keys(&app, &format!("{NEW_KEY},{KEYS}")), with_keys(&app, NEW_KEY));
    let alone = reseal(&new, &app.ctx()).unwrap();
    assert_eq!((alone.tokens.resealed, alone.picture_cards.resealed), (0, 0));
    assert_eq!(i64::try_from(alone.tokens.unopened).unwrap(), tokens);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'key.reseal'"), 0);

    let done = reseal(&both, &app.ctx()).unwrap();
    assert_eq!(i64::try_from(done.tokens.resealed).unwrap(), tokens);
    assert_eq!(done.picture_cards, Count { resealed: 1, unopened: 0 });
    let left = remaining(&both).unwrap();
    assert_eq!((left.tokens, left.picture_cards), (0, 0));
    let details = format!("{tokens} sealed anew with the key new");
    assert_eq!(app.audited("key.reseal", &details), 1);
    let again = reseal(&both, &app.ctx()).unwrap();
    assert_eq!((again.tokens, again.picture_cards), (Count::default(), Count::default()));

    // The new key alone opens everything, and it is what it was.
    let (rows, card) = app
        .services
        .db
        .read_blocking(|conn| {
            let user = users::find_by_login_id(conn, "shirakaba", HANAKO.login_id)?.unwrap();
            let card = picture_cards::find_by_user(conn, user.id)?.unwrap();
            Ok::<_, DbError>((tokens::list(conn, None, None, 1_000)?, card))
        })
        .unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), tokens);
    for token in rows {
        let context = Token::sealing_context(&token.portal, &token.serial);
        let opened = new.keys.open(&context, &token.sealing_key_id, &token.secret_sealed).unwrap();
        assert_eq!(opened.expose(), codes::secret(&token.serial));
    }
    let context = PictureCard::sealing_context(card.user_id);
    new.keys.open(&context, &card.sealing_key_id, &card.cells_sealed).unwrap();
}

#[tokio::test]
async fn a_secret_that_changed_meanwhile_is_left_alone() {
    let app = TestApp::new();
    let serial = spare(1);
    let written = app.services.db.write_blocking(move |conn| {
        let token = tokens::find_by_serial(conn, "shirakaba", &serial)?.unwrap();
        let sealed = Sealed { key_id: "new".to_owned(), bytes: vec![1, 2, 3] };
        let is_late = tokens::reseal(conn, token.id, b"other bytes", &sealed)?;
        let is_done = tokens::reseal(conn, token.id, &token.secret_sealed, &sealed)?;
        Ok::<_, DbError>((is_late, is_done))
    });
    assert_eq!(written.unwrap(), (false, true));
    // Damaged rows are counted and stay as they are.
    let both = with_keys(&app, &format!("{NEW_KEY},{KEYS}"));
    app.execute("UPDATE tokens SET sealing_key_id = 'test' WHERE sealing_key_id = 'new'");
    let done = reseal(&both, &app.ctx()).unwrap();
    assert_eq!(done.tokens.unopened, 1);
    assert_eq!(remaining(&both).unwrap().tokens, 1);
}
