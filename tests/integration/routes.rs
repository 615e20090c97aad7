//! The table of routes: closed unless listed, and every route that changes something asks the auth
//! rules or says why not.

use std::collections::BTreeSet;

use madoguchi::web::routes::{Access, Auth, Opening, ROUTES, Route};

use crate::app::TestApp;
use crate::dump::{assert_unchanged, dump};

/// Whoever opens one more address to everybody writes it down here.
const PUBLIC: [&str; 23] = [
    "/login",
    "/login/user",
    "/activation",
    "/login/suspended",
    "/login/locked",
    "/login/waiting",
    "/login/expired",
    "/logout",
    "/session-ended",
    "/help/otp",
    "/help/tokens",
    "/help/terms",
    "/help/security",
    "/help/files",
    "/help/files/{code}",
    "/files/check",
    "/stop",
    "/stop/{result}",
    "/token/start",
    "/token/exchange",
    "/token/stop",
    "/mobile",
    "/mobile/end",
];

/// Whoever serves one more address outside the hours of service writes it down here.
const AT_ANY_HOUR: [&str; 10] = [
    "/logout",
    "/help/otp",
    "/help/tokens",
    "/help/terms",
    "/help/security",
    "/help/files",
    "/help/files/{code}",
    "/stop",
    "/stop/{result}",
    "/mobile/end",
];

/// The first factor is asked here, and nothing is known of the user before; or nothing is kept.
const ASKS_NOTHING: [&str; 8] = [
    "/files/check",
    "/login",
    "/login/user",
    "/activation",
    "/token/start",
    "/token/exchange",
    "/token/stop",
    "/mobile",
];

/// Public addresses that a portal has not, by its profile.
const ABSENT: [(&str, &[&str]); 2] = [
    (
        "shirakaba",
        &[
            "/login/user",
            "/activation",
            "/mobile",
            "/mobile/end",
            "/help/files",
            "/help/files/{code}",
            "/files/check",
        ],
    ),
    (
        "kodama",
        &[
            "/login/user",
            "/activation",
            "/token/exchange",
            "/help/files",
            "/help/files/{code}",
            "/files/check",
        ],
    ),
];

#[test]
fn few_routes_are_served_outside_the_hours() {
    let always = ROUTES.iter().filter(|route| route.opening() == Opening::Always);
    let paths: Vec<&str> = always.map(|route| route.path).collect();
    assert_eq!(paths, AT_ANY_HOUR);
}

#[test]
fn every_route_that_changes_something_asks_the_auth_rules() {
    for route in ROUTES {
        match (route.is_submission, route.auth) {
            (true, Auth::None(reason)) => {
                assert!(ASKS_NOTHING.contains(&route.path), "{} asks nothing", route.path);
                assert!(reason.len() > 20, "{}: {reason}", route.path);
            }
            (false, Auth::Asks(act)) => panic!("{} only shows, yet asks {act:?}", route.path),
            (true, Auth::Asks(_)) | (false, Auth::None(_)) => {}
        }
    }
}

#[test]
fn what_is_open_to_everybody_is_listed() {
    let open: BTreeSet<_> = ROUTES
        .iter()
        .filter(|route| route.access == Access::Public)
        .map(|route| route.path)
        .collect();
    assert_eq!(open, BTreeSet::from(PUBLIC));
}

fn address(slug: &str, route: &Route) -> String {
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    let path = route.path.replace("{flow}", id).replace("{result}", id).replace("{place}", "1");
    let path = path.replace("{receipt}", "1");
    format!("/{slug}{path}")
}

#[tokio::test]
async fn nobody_gets_behind_the_login_by_address() {
    let app = TestApp::demo("kodama");
    let before = dump(&app);
    for (slug, _) in ABSENT {
        for route in ROUTES.iter().filter(|route| route.access != Access::Public) {
            let browser = app.browser();
            let path = address(slug, route);
            for page in [browser.get(&path).await, browser.post(&path, &Vec::new()).await] {
                let is_sent_away = page.status == 303 && page.location.as_ref() != Some(&path);
                let is_refused = is_sent_away || (400..500).contains(&page.status);
                assert!(is_refused, "{path}: {}", page.status);
            }
        }
    }
    assert_unchanged(&before, &dump(&app), "a stranger");
}

#[tokio::test]
async fn reading_pages_changes_nothing() {
    let app = TestApp::demo("kodama");
    let before = dump(&app);
    for (slug, absent) in ABSENT {
        for route in ROUTES.iter().filter(|route| route.access == Access::Public) {
            let page = app.browser().get(&address(slug, route)).await;
            let is_shown = page.status == 200 || page.status == 303;
            let is_absent = absent.contains(&route.path);
            assert_eq!(is_shown, !is_absent, "{slug} {} {}", route.path, page.status);
            assert!(is_shown || page.status == 404, "{slug} {} {}", route.path, page.status);
        }
    }
    assert_unchanged(&before, &dump(&app), "reading public pages");
}
