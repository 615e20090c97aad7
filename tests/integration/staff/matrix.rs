//! Acts of the console on customers in every state: what the server answers to a clerk's form in
//! which everything else is right. Who may send one at all stands in `roles.rs`.
//!
//! `+` asked for or done, `2` 422 with the reason, and nothing written.

use super::support::{CLERK, enter};
use crate::app::TestApp;
use crate::browser::Browser;

struct Target {
    what: &'static str,
    portal: &'static str,
    login_id: &'static str,
    /// Set on the user's row first.
    user: Option<&'static str>,
    /// Set on the user's token first.
    token: Option<&'static str>,
}

const fn is(what: &'static str, portal: &'static str, login_id: &'static str) -> Target {
    Target { what, portal, login_id, user: None, token: None }
}

const fn taro(what: &'static str) -> Target {
    is(what, "shirakaba", "1000000002")
}

/// The columns of the table below.
const TARGETS: [Target; 12] = [
    is("unregistered", "shirakaba", "1000000001"),
    taro("in use"),
    is("suspended", "shirakaba", "1000000006"),
    is("login locked", "shirakaba", "1000000007"),
    is("initial password", "shirakaba", "1000000008"),
    Target {
        user: Some("token_id = NULL, token_status = 'revoked', revoked_at = created_at"),
        ..taro("revoked")
    },
    Target { token: Some("expires_at = imported_at"), ..taro("expired") },
    Target { user: Some("hold_until = '2027-01-01 00:00:00'"), ..taro("held") },
    Target { user: Some("stopped_at = created_at"), ..taro("stopped everything") },
    is("a master user, suspended", "inaho", "nanaodt"),
    is("a general user, suspended", "inaho", "ichirodt"),
    is("a general user in use", "inaho", "sachikodt"),
];

const ROWS: [(&str, &str); 7] = [
    ("release", "22+222222+22"),
    ("unlock", "222+22222222"),
    ("password", "++++++++++22"),
    ("hold", "2222222+2222"),
    ("stop", "22222222+222"),
    ("token/revoke", "2++222++++++"),
    ("token/number", "22222+222222"),
];

#[tokio::test]
async fn each_act_on_each_state() {
    for (act, row) in ROWS {
        assert_eq!(row.len(), TARGETS.len());
        for (target, expected) in TARGETS.iter().zip(row.chars()) {
            let app = TestApp::demo(target.portal);
            let clerk = sit(&app, target).await;
            let cell = cell(&app, &clerk, act, target).await;
            assert_eq!(cell, expected, "{act} on {}", target.what);
        }
    }
}

/// A clerk of the target's portal, in which the target stands as its column says.
async fn sit(app: &TestApp, target: &Target) -> Browser {
    let clerk = app.browser();
    let page = enter(&clerk, target.portal, CLERK).await.expect_screen("STF001");
    let answer = clerk.submit(&page, &[("otp", &app.code(CLERK.serial))]).await;
    clerk.follow(answer).await.expect_screen("STF002");
    let of_user = format!("portal = '{}' AND login_id = '{}'", target.portal, target.login_id);
    if let Some(set) = target.token {
        app.execute(&format!(
            "UPDATE tokens SET {set} WHERE id = (SELECT token_id FROM users WHERE {of_user})"
        ));
    }
    if let Some(set) = target.user {
        app.execute(&format!("UPDATE users SET {set} WHERE {of_user}"));
    }
    clerk
}

async fn cell(app: &TestApp, clerk: &Browser, act: &str, target: &Target) -> char {
    let id = app.number(&format!(
        "SELECT id FROM users WHERE portal = '{}' AND login_id = '{}'",
        target.portal, target.login_id
    ));
    let customer = format!("/{}/staff/customers/{id}", target.portal);
    // The form of a limit is there whatever the state; its token and key go with any act.
    let form = clerk.get(&format!("{customer}/limits")).await.expect_status(200).form();
    let hidden = ["csrf_token", "request_key"].map(|name| form.hidden(name).unwrap().to_owned());
    let mut fields = vec![("note", "K-1")];
    if act == "token/revoke" {
        fields.push(("reason", "lost"));
    }
    let mut fields: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let names = ["csrf_token", "request_key"].map(str::to_owned);
    fields.extend(names.into_iter().zip(hidden));
    let answer = clerk.post(&format!("{customer}/{act}"), &fields).await;
    let requests = app.number("SELECT COUNT(*) FROM staff_requests");
    match answer.status {
        303 => {
            assert_eq!(requests, 1);
            '+'
        }
        422 => {
            assert!(!answer.summary().is_empty() && requests == 0, "{}", answer.text());
            '2'
        }
        status => panic!("{act} on {}: {status} {}", target.what, answer.text()),
    }
}
