//! The demo's portals as the tests of payees use them.

use std::ops::Deref;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::Person;

/// No token; the confirming secret is the proof.
pub const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };
/// The own institution's account of somebody else.
pub const FUTABAS_ACCOUNT: [&str; 3] = ["0983", "102", "2020024"];

/// The portal `kodama`.
pub struct PayeeApp(TestApp);

impl Deref for PayeeApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

/// What BTR021 takes.
pub fn values<'a>(number: &'a str, holder: &'a str) -> [(&'static str, &'a str); 4] {
    [("account_type", "ordinary"), ("number", number), ("holder", holder), ("nickname", "")]
}

impl PayeeApp {
    pub fn new() -> PayeeApp {
        PayeeApp(TestApp::demo("kodama"))
    }

    /// Logged in as 一郎.
    pub async fn inside(&self) -> Browser {
        let browser = self.browser();
        self.enter(&browser, ICHIRO).await.expect_screen("BTP001");
        browser
    }

    /// BTR021's check for a new payee.
    pub async fn to_confirm(&self, browser: &Browser, account: [&str; 3], holder: &str) -> Page {
        let [bank, branch, number] = account;
        let path = format!("/kodama/payees/new?bank={bank}&branch={branch}");
        let input = browser.get(&path).await.expect_screen("BTR021");
        let answer = browser.submit(&input, &values(number, holder)).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BTR021")
    }

    /// Confirms with the secret.
    pub async fn confirm(&self, browser: &Browser, page: &Page) -> Page {
        let answer = browser.submit(page, &[("confirm", ICHIRO.confirm)]).await;
        browser.follow(answer).await
    }

    /// From the input to the result.
    pub async fn registers(&self, browser: &Browser, account: [&str; 3]) -> Page {
        let page = self.to_confirm(browser, account, "").await;
        self.confirm(browser, &page).await.expect_screen("BTR021")
    }

    /// The id of 一郎's payee with this number.
    pub fn id_of(&self, number: &str) -> i64 {
        self.number(&format!(
            "SELECT MAX(payees.id) FROM payees JOIN users ON users.id = payees.user_id \
             WHERE number = '{number}' AND users.login_id = '{}'",
            ICHIRO.login_id
        ))
    }

    /// How many payees 一郎 has.
    pub fn count(&self) -> i64 {
        self.number(&format!(
            "SELECT COUNT(*) FROM payees JOIN users ON users.id = payees.user_id \
             WHERE payees.deleted_at IS NULL AND users.login_id = '{}'",
            ICHIRO.login_id
        ))
    }
}
