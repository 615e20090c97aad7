//! The demo's companies of `aoba` as these tests use them.

use std::ops::Deref;

use crate::app::{Door, TestApp};
use crate::browser::{Browser, Page};

/// Somebody of a company.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// 契約者ID.
    pub contract: &'static str,
    /// 利用者ID; none: the administrator.
    pub id: &'static str,
    /// 利用者暗証番号 or ご契約先暗証番号.
    pub password: &'static str,
    /// 利用者確認暗証番号 or ご契約先確認暗証番号.
    pub confirm: &'static str,
}

const fn member(
    contract: &'static str,
    id: &'static str,
    password: &'static str,
    confirm: &'static str,
) -> Member {
    Member { contract, id, password, confirm }
}

/// Administrator of あおば商事, whose three tokens are in hand.
pub const AOBA: Member = member("9000000001", "", "Aoba#2026", "kakunin41");
/// Users of あおば商事 without a token.
pub const TANTO_A: Member = member("9000000001", "tantoa", "TantoA#2026", "kakunin42");
/// Administrator of わかば工業.
pub const WAKABA: Member = member("9000000002", "", "Aoba#2026", "kakunin45");
/// Shares `AOB0000004` with E.
pub const TANTO_D: Member = member("9000000002", "tantod", "TantoD#2026", "kakunin46");
/// His `AOB0000005` is suspended.
pub const TANTO_F: Member = member("9000000002", "tantof", "TantoF#2026", "kakunin48");

impl Member {
    /// The login id as the database keeps it.
    pub fn login_id(&self) -> String {
        if self.id.is_empty() {
            self.contract.to_owned()
        } else {
            format!("{}/{}", self.contract, self.id)
        }
    }
}

/// The portal.
pub struct Aoba(TestApp);

impl Deref for Aoba {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl Aoba {
    /// With the demo's people.
    pub fn new() -> Aoba {
        Aoba(TestApp::demo("aoba"))
    }

    /// The same where client certificates come in this way.
    pub fn behind(door: Door) -> Aoba {
        Aoba(TestApp::demo_with_door("aoba", door))
    }

    /// Ids and password on the form of BLG001 that is theirs, wherever that leads.
    pub async fn enter(&self, browser: &Browser, who: Member) -> Page {
        let answer = self.send_login(browser, who).await;
        browser.follow(answer).await
    }

    /// The same without going where it leads.
    pub async fn send_login(&self, browser: &Browser, who: Member) -> Page {
        send_login(browser, who).await
    }

    /// A browser in which somebody is logged in.
    pub async fn logged_in(&self, who: Member) -> Browser {
        let browser = self.browser();
        self.enter(&browser, who).await.expect_screen("BTP001");
        browser
    }

    /// A column of somebody's row, as text.
    pub fn user(&self, who: Member, column: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM users \
             WHERE login_id = '{}' AND portal = 'aoba'",
            who.login_id()
        );
        self.texts(&sql).remove(0)
    }
}

/// Ids and password on the form of BLG001 that is theirs.
pub async fn send_login(browser: &Browser, who: Member) -> Page {
    let page = browser.get("/aoba/login").await.expect_screen("BLG001");
    if who.id.is_empty() {
        let values = [("login_id", who.contract), ("password", who.password)];
        return browser.submit(&page, &values).await;
    }
    let form = page.form_to("/login/user");
    let values =
        [("contract_id", who.contract), ("user_id", who.id), ("user_password", who.password)];
    browser.post(&form.action, &form.filled(&values)).await
}
