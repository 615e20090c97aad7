//! Staff in front of the console, as the demo has them.

use crate::app::TestApp;
use crate::browser::{Browser, Page};

/// A member of staff.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Staff id.
    pub id: &'static str,
    /// Password.
    pub password: &'static str,
    /// The authenticator's number.
    pub serial: &'static str,
}

const fn member(id: &'static str, password: &'static str, serial: &'static str) -> Member {
    Member { id, password, serial }
}

/// Makes.
pub const CLERK: Member = member("clerk", "Clerk#2026", "STAFF0000001");
/// Makes and decides.
pub const CHECKER: Member = member("checker", "Checker#2026", "STAFF0000002");
/// Reads.
pub const AUDITOR: Member = member("auditor", "Auditor#2026", "STAFF0000003");
/// First login.
pub const TRAINEE: Member = member("trainee", "Trainee#2026", "");

/// Id and password at the console of `portal`, wherever that leads.
pub async fn enter(browser: &Browser, portal: &str, who: Member) -> Page {
    let page = browser.get(&format!("/{portal}/staff/login")).await.expect_screen("STF001");
    let values = [("staff_id", who.id), ("password", who.password)];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await
}

/// A browser in which the member is logged in at `portal`; the code of this step is spent then.
pub async fn logged_in(app: &TestApp, portal: &str, who: Member) -> Browser {
    let browser = app.browser();
    let page = enter(&browser, portal, who).await.expect_screen("STF001");
    let answer = browser.submit(&page, &[("otp", &app.code(who.serial))]).await;
    browser.follow(answer).await.expect_screen("STF002");
    browser
}

/// What `oathtool` makes of a secret in base32 at this time.
pub fn oathtool(secret: &str, app: &TestApp) -> String {
    let now = app.now().and_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let output = std::process::Command::new("oathtool")
        .args(["--totp", "--base32", "--now", &now, secret])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The id of a customer of `shirakaba`.
pub fn user_id(app: &TestApp, login_id: &str) -> i64 {
    app.number(&format!(
        "SELECT id FROM users WHERE portal = 'shirakaba' AND login_id = '{login_id}'"
    ))
}

/// An address below the page of a customer of `shirakaba`.
pub fn customer_path(app: &TestApp, login_id: &str, below: &str) -> String {
    format!("/shirakaba/staff/customers/{}{below}", user_id(app, login_id))
}

/// Fills in and sends the form at `path`; the answer itself.
pub async fn sends(browser: &Browser, path: &str, values: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await.expect_status(200);
    browser.submit(&page, values).await
}

/// Asks for an act on a customer; the address of the request.
pub async fn asks(app: &TestApp, browser: &Browser, login_id: &str, act: &str) -> String {
    let path = customer_path(app, login_id, &format!("/{act}"));
    let answer = sends(browser, &path, &[("note", "K-2026-001")]).await.expect_status(303);
    answer.location.unwrap()
}

/// Presses a button of a request, as `approve`.
pub async fn decides(browser: &Browser, request: &str, verdict: &str) -> Page {
    let page = browser.get(request).await.expect_screen("STF002");
    let form = page.form_to(&format!("/{verdict}"));
    browser.post(&form.action, &form.filled(&[])).await
}

/// The id of a customer of `portal`.
pub fn user_of(app: &TestApp, portal: &str, login_id: &str) -> i64 {
    app.number(&format!(
        "SELECT id FROM users WHERE portal = '{portal}' AND login_id = '{login_id}'"
    ))
}

/// What `pdftotext` or `pdffonts` says of a letter.
pub fn read_pdf(program: &str, page: &Page) -> String {
    let bytes: Vec<u8> = page.body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.pdf");
    std::fs::write(&path, bytes).unwrap();
    if let Ok(kept) = std::env::var("MADOGUCHI_TEST_LETTERS") {
        let name = page.path.replace('/', "-");
        std::fs::copy(&path, format!("{kept}/{name}.pdf")).unwrap();
    }
    let mut command = std::process::Command::new(program);
    command.arg(&path);
    if program == "pdftotext" {
        command.args(["-layout", "-"]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The request for a first password that an opening left waiting, approved by a checker; its
/// address.
pub async fn approves_letter(app: &TestApp, portal: &str, checker: &Browser) -> String {
    let id = app.number("SELECT MAX(id) FROM staff_requests WHERE kind = 'user.issue_password'");
    let request = format!("/{portal}/staff/requests/{id}");
    decides(checker, &request, "approve").await.expect_status(303);
    request
}
