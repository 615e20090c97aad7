//! Every act of 利用者管理 on every kind of user, by every kind of actor: what the server answers to a
//! form in which everything else is right.
//!
//! `+` done, `9` 409 with the list as it stands, `2` 422 because the page says it is so already,
//! `4` 404, `3` 403. A cell that says `+` is done for real, in a portal of its own.

use super::site::{
    Company, GORO, HANAKO, ICHIRO, JIRO, NANAO, RIKKA, SABURO, SACHIKO, SHIRO, TARO, YACHIYO,
};
use crate::browser::{Browser, Page};
use crate::people::Person;

struct Target {
    what: &'static str,
    who: Person,
    /// Set on the user's row first.
    user: Option<&'static str>,
    /// Set on the user's token first.
    token: Option<&'static str>,
}

const SUSPENDED: Option<&str> = Some("suspended_at = imported_at, failures = 5");

const fn is(what: &'static str, who: Person) -> Target {
    Target { what, who, user: None, token: None }
}

/// The columns of the tables below.
const TARGETS: [Target; 13] = [
    is("the master user", SABURO),
    Target { token: SUSPENDED, ..is("the master user, suspended", SABURO) },
    is("the administrator user", HANAKO),
    is("who shares the administrator's token", JIRO),
    is("token in use", SACHIKO),
    is("suspended", ICHIRO),
    is("unregistered", SHIRO),
    is("issued", RIKKA),
    is("expired", TARO),
    is("revoked", GORO),
    Target { user: Some("paused_at = created_at"), ..is("paused", SACHIKO) },
    Target {
        user: Some("stopped_at = created_at"),
        token: SUSPENDED,
        ..is("stopped everything", SACHIKO)
    },
    is("of another company", NANAO),
];

/// Act, its list, what its form says beside ticks and proof, and a row of the table for the master,
/// the administrator, a general user and another company's master.
struct Act {
    list: &'static str,
    values: &'static [(&'static str, &'static str)],
    has_versions: bool,
    rows: [(Person, &'static str); 4],
}

const NOBODY: (Person, &str) = (SACHIKO, "3333333333333");
const FOREIGN: (Person, &str) = (YACHIYO, "4444444444444");

#[tokio::test]
async fn release() {
    let rows = [(SABURO, "99999+9999994"), (HANAKO, "9+999+9999994"), NOBODY, FOREIGN];
    check(Act { list: "release", values: &[], has_versions: false, rows }).await;
}

#[tokio::test]
async fn revoke() {
    let rows = [(SABURO, "++++++9++9+94"), (HANAKO, "++++++9++9+94"), NOBODY, FOREIGN];
    let values = &[("agreed", "yes")];
    check(Act { list: "revoke", values, has_versions: false, rows }).await;
}

#[tokio::test]
async fn pause() {
    let rows = [(SABURO, "99++++++++2+4"), (HANAKO, "999+++++++2+4"), NOBODY, FOREIGN];
    let values = &[("act", "pause"), ("agreed", "yes")];
    check(Act { list: "pause", values, has_versions: true, rows }).await;
}

#[tokio::test]
async fn resume() {
    let rows = [(SABURO, "2222222222+24"), (HANAKO, "2222222222+24"), NOBODY, FOREIGN];
    check(Act { list: "pause", values: &[("act", "resume")], has_versions: true, rows }).await;
}

#[tokio::test]
async fn leave() {
    let rows = [(SABURO, "99++++++++++4"), (HANAKO, "999+++++++++4"), NOBODY, FOREIGN];
    let values = &[("agreed", "yes")];
    check(Act { list: "leave", values, has_versions: true, rows }).await;
}

#[tokio::test]
async fn reset() {
    let rows = [(SABURO, "99++++++++++4"), (HANAKO, "999+++++++++4"), NOBODY, FOREIGN];
    let values = &[("hand_over", "print")];
    check(Act { list: "reset", values, has_versions: true, rows }).await;
}

async fn check(act: Act) {
    for (actor, row) in &act.rows {
        assert_eq!(row.len(), TARGETS.len());
        let mut found = String::new();
        let mut seat = None;
        for target in &TARGETS {
            let is_special = target.user.or(target.token).is_some();
            if is_special {
                seat = None;
            }
            let (app, browser) = match seat.take() {
                Some(seat) => seat,
                None => sit(*actor, target).await,
            };
            let cell = cell(&app, &browser, *actor, &act, target).await;
            found.push(cell);
            if cell != '+' && !is_special {
                seat = Some((app, browser));
            }
        }
        let told = TARGETS.iter().zip(row.chars().zip(found.chars()));
        for (target, (expected, cell)) in told {
            let (by, what) = (actor.login_id, target.what);
            assert_eq!(cell, expected, "{} by {by} on {what}: {found}", act.list);
        }
    }
}

/// A portal in which the target stands as its column says, and a browser of the actor.
async fn sit(actor: Person, target: &Target) -> (Company, Browser) {
    let app = Company::new();
    app.release_behind("34567890");
    let browser = app.logged_in(actor).await;
    let id = app.id_of(target.who);
    if let Some(set) = target.user {
        app.execute(&format!("UPDATE users SET {set} WHERE id = {id}"));
    }
    if let Some(set) = target.token {
        app.execute(&format!(
            "UPDATE tokens SET {set} WHERE id = (SELECT token_id FROM users WHERE id = {id})"
        ));
    }
    (app, browser)
}

async fn cell(app: &Company, browser: &Browser, actor: Person, act: &Act, target: &Target) -> char {
    let path = format!("/inaho/admin/{}", act.list);
    let list = browser.get(&path).await;
    let form = if list.status == 200 {
        list.keyed_form()
    } else {
        // As an administrator's page has it.
        list.expect_status(403);
        app.logged_in(HANAKO).await.get(&path).await.keyed_form()
    };
    let tick = tick(app, browser, act, target).await;
    let mut values = vec![("confirm", actor.confirm), (tick.as_str(), "on")];
    values.extend(act.values);
    let answer = browser.post(&form.action, &form.filled(&values)).await;
    letter(browser, answer).await
}

/// The box of the target, as a list has it or, where none has it, as somebody makes it up.
async fn tick(app: &Company, browser: &Browser, act: &Act, target: &Target) -> String {
    let box_of = app.tick(target.who);
    if !act.has_versions {
        return box_of;
    }
    let list = browser.get(&format!("/inaho/admin/{}", act.list)).await;
    let prefix = format!("{box_of}.");
    let version = list.body.split(&prefix).nth(1).and_then(|rest| rest.split('"').next());
    format!("{prefix}{}", version.unwrap_or("0"))
}

async fn letter(browser: &Browser, answer: Page) -> char {
    match answer.status {
        303 => {
            let done = browser.follow(answer).await;
            assert!(done.screen().starts_with("BAU"), "{}", done.text());
            '+'
        }
        // One's own revocation shows its result at once.
        200 if answer.screen() == "BAU021" => '+',
        409 => {
            assert!(answer.summary().contains("状態が変わった"), "{}", answer.summary());
            '9'
        }
        422 => '2',
        404 => {
            answer.expect_screen("BER404");
            '4'
        }
        403 => {
            answer.expect_screen("BER403");
            '3'
        }
        status => panic!("{status}: {}", answer.text()),
    }
}
