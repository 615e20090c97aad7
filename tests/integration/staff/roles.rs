//! Who may open and send what: every address of the console by every role.

use madoguchi::domain::staff::StaffRole;
use madoguchi::web::routes::staff::{STAFF_ROUTES, StaffAccess, StaffRoute};

use super::support::{AUDITOR, CHECKER, CLERK, logged_in, user_id};
use crate::app::TestApp;
use crate::dump::{assert_unchanged, dump};

/// Whoever opens one more address to everybody writes it down here.
const PUBLIC: [&str; 2] = ["/login", "/logout"];

fn address(app: &TestApp, route: &StaffRoute) -> String {
    let id = if route.path.starts_with("/orders/") {
        app.number("SELECT MAX(id) FROM token_orders WHERE portal = 'shirakaba'")
    } else if route.path.contains("{payee}") {
        app.number("SELECT MIN(contract_id) FROM payees WHERE portal = 'shirakaba'")
    } else if route.path.starts_with("/contracts/") {
        app.number("SELECT contract_id FROM users WHERE login_id = '1000000006'")
    } else {
        user_id(app, "1000000006")
    }
    .to_string();
    let path =
        route.path.replace("{id}", &id).replace("{ask}", "release").replace("{name}", "mailer");
    let payee = app.number("SELECT MIN(id) FROM payees WHERE portal = 'shirakaba'").to_string();
    let path = path.replace("{import}", "AAAAAAAAAAAAAAAAAAAAAA").replace("{payee}", &payee);
    let path = path.replace("{kind}", "general_transfer").replace("{account}", "1");
    format!("/shirakaba/staff{path}")
}

fn is_of_files(route: &StaffRoute) -> bool {
    route.path.contains("{kind}") || route.path.contains("/external")
}

#[test]
fn what_is_open_to_everybody_is_listed() {
    let open: Vec<_> = STAFF_ROUTES
        .iter()
        .filter(|route| route.access == StaffAccess::Public)
        .map(|route| route.path)
        .collect();
    assert_eq!(open, PUBLIC);
}

#[tokio::test]
async fn each_role_comes_in_where_the_table_says() {
    let app = TestApp::demo("shirakaba");
    let roles =
        [(StaffRole::Clerk, CLERK), (StaffRole::Checker, CHECKER), (StaffRole::Auditor, AUDITOR)];
    for (role, member) in roles {
        let browser = logged_in(&app, "shirakaba", member).await;
        for route in STAFF_ROUTES.iter().filter(|route| !PUBLIC.contains(&route.path)) {
            let path = address(&app, route);
            let is_in = route.access.lets_in(role);
            if route.is_shown {
                let page = browser.get(&path).await;
                assert_eq!(page.status == 403, is_logged_in(route) && !is_in, "{role} GET {path}");
            }
            if route.act.is_some() {
                // Without its token no form is taken; whoever may not is refused before that.
                let page = browser.post(&path, &Vec::new()).await;
                let expected = match is_logged_in(route) {
                    // A retail portal has no files, whoever asks.
                    true if is_in && is_of_files(route) => 404,
                    true => 403,
                    false => 303,
                };
                assert_eq!(page.status, expected, "{role} POST {path}");
                let is_by_role = page.text().contains("役割");
                assert!(page.status != 403 || is_by_role, "{role} POST {path}: {}", page.text());
            }
        }
    }
}

#[tokio::test]
async fn an_auditor_sends_nothing_whatever_the_form() {
    let app = TestApp::demo("shirakaba");
    let browser = logged_in(&app, "shirakaba", AUDITOR).await;
    let home = browser.get("/shirakaba/staff/").await;
    let token = home.form_to("/staff/logout").hidden("csrf_token").unwrap().to_owned();
    let before = dump(&app);
    let acts = STAFF_ROUTES.iter().filter(|r| r.act.is_some() && is_logged_in(r));
    for route in acts.filter(|route| !PUBLIC.contains(&route.path)) {
        assert!(!route.access.lets_in(StaffRole::Auditor), "{} is open to auditors", route.path);
        let fields = vec![("csrf_token".to_owned(), token.clone())];
        browser.post(&address(&app, route), &fields).await.expect_status(403);
    }
    assert_unchanged(&before, &dump(&app), "an auditor");
}

#[tokio::test]
async fn nobody_gets_behind_the_login_by_address() {
    let app = TestApp::demo("shirakaba");
    let before = dump(&app);
    for route in STAFF_ROUTES.iter().filter(|route| !PUBLIC.contains(&route.path)) {
        let browser = app.browser();
        let path = address(&app, route);
        for page in [browser.get(&path).await, browser.post(&path, &Vec::new()).await] {
            let is_sent_away =
                page.status == 303 && page.location.as_deref() == Some("/shirakaba/staff/login");
            assert!(is_sent_away || (400..500).contains(&page.status), "{path}: {}", page.status);
        }
    }
    assert_unchanged(&before, &dump(&app), "a stranger");
}

fn is_logged_in(route: &StaffRoute) -> bool {
    !matches!(route.access, StaffAccess::OtpPending | StaffAccess::Enrolment)
}
