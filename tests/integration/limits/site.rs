//! The demo's portals as these tests use them: 夏子 of `minori` with a token in use, and others.

use std::ops::Deref;

use madoguchi::jobs::worker::Worker;
use madoguchi::primitives::clock::parse_rfc3339;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::codes;
use crate::people::Person;

/// Token in use, and a rise that waits.
pub const NATSUKO: Person =
    Person { login_id: "minori04", password: "Natsuko#2026", confirm: "kakunin24" };
/// No token.
pub const MINORI_TARO: Person =
    Person { login_id: "minori01", password: "Minori#2026", confirm: "kakunin21" };
/// Issued and set up, not started.
pub const MOMOKO: Person =
    Person { login_id: "minori02", password: "Momoko#2026", confirm: "kakunin22" };
/// No token, in `kodama`.
pub const ICHIRO: Person =
    Person { login_id: "2000000001", password: "Ichiro#2026", confirm: "kakunin11" };
/// Token in use, in `kodama`.
pub const FUTABA: Person =
    Person { login_id: "2000000002", password: "Futaba#2026", confirm: "kakunin12" };
pub const NATSUKOS: &str = "300000004";
pub const MOMOKOS: &str = "300000002";
pub const FUTABAS: &str = "VSST10000002";

/// What holds in `minori` before a rise.
pub const LOW: &str = "200000";

/// What BLM001 takes: transfers for one and a day, Pay-easy for one and a day.
pub fn values(amounts: [&str; 4]) -> [(&'static str, &str); 4] {
    let [transfer_one, transfer_day, pay_easy_one, pay_easy_day] = amounts;
    [
        ("transfer_per_transaction", transfer_one),
        ("transfer_daily", transfer_day),
        ("pay_easy_per_transaction", pay_easy_one),
        ("pay_easy_daily", pay_easy_day),
    ]
}

/// The portal of the demo with this slug.
pub struct LimitApp {
    app: TestApp,
    slug: &'static str,
}

impl Deref for LimitApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl LimitApp {
    /// With the rise that waits in the demo.
    pub fn with_rise(slug: &'static str) -> LimitApp {
        LimitApp { app: TestApp::demo(slug), slug }
    }

    /// Without.
    pub fn new(slug: &'static str) -> LimitApp {
        let app = LimitApp::with_rise(slug);
        app.execute(
            "UPDATE limits SET rise_at = NULL, rise_requested_at = NULL, \
             rise_transfer_per_transaction_yen = NULL, rise_transfer_daily_yen = NULL, \
             rise_pay_easy_per_transaction_yen = NULL, rise_pay_easy_daily_yen = NULL",
        );
        app
    }

    /// Sets the clock by Japan's time, as `2026-11-27 00:00:00`.
    pub fn set_japan(&self, at: &str) {
        self.set_clock(parse_rfc3339(&format!("{}+09:00", at.replace(' ', "T"))).unwrap());
    }

    /// What a token of this portal shows now.
    pub fn shown(&self, serial: &str) -> String {
        match self.slug {
            "minori" => codes::code(serial, codes::step_at(self.now(), 60), 8),
            _ => codes::code(serial, self.step(), 6),
        }
    }

    /// Logged in, with the code of the token in use where there is one.
    pub async fn inside(&self, who: Person) -> Browser {
        let browser = self.browser();
        let mut page = self.enter(&browser, who).await;
        if page.screen() == "BLG010" {
            let serial = if self.slug == "minori" { NATSUKOS } else { FUTABAS };
            let answer = browser.submit(&page, &[("otp", &self.shown(serial))]).await;
            page = browser.follow(answer).await;
            // The code is spent.
            self.advance(60);
        }
        page.expect_screen("BTP001");
        browser
    }

    /// BLM001.
    pub async fn limits(&self, browser: &Browser) -> Page {
        browser.get(&format!("/{}/limits", self.slug)).await.expect_screen("BLM001")
    }

    /// BLM002 for these amounts.
    pub async fn to_confirm(&self, browser: &Browser, amounts: [&str; 4]) -> Page {
        let page = self.limits(browser).await;
        let form = page.form_to("/limits");
        let answer = browser.post(&form.action, &form.filled(&values(amounts))).await;
        browser.follow(answer.expect_status(303)).await.expect_screen("BLM002")
    }

    /// BLM002 for the cancel of the rise that waits.
    pub async fn to_cancel(&self, browser: &Browser) -> Page {
        let form = self.limits(browser).await.form_to("/cancel-rise");
        let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BLM002")
    }

    /// Confirms BLM002 with whatever it asks for.
    pub async fn confirm(&self, browser: &Browser, page: &Page, who: Person) -> Page {
        let is_code = page.form().names.contains(&"otp".to_owned());
        let serial = if self.slug == "minori" { NATSUKOS } else { FUTABAS };
        let code = self.shown(serial);
        let proof = if is_code { ("otp", code.as_str()) } else { ("confirm", who.confirm) };
        let answer = browser.submit(page, &[proof]).await;
        if is_code {
            self.advance(60);
        }
        browser.follow(answer).await
    }

    /// From BLM001 to BLM003.
    pub async fn asks(&self, who: Person, amounts: [&str; 4]) -> Page {
        let browser = self.inside(who).await;
        let page = self.to_confirm(&browser, amounts).await;
        self.confirm(&browser, &page, who).await.expect_screen("BLM003")
    }

    /// What the worker did with limits.
    pub fn works(&self) -> String {
        let runs = Worker::new(self.services.clone(), None).unwrap().run_due_once();
        runs.into_iter().find(|run| run.name == "limit_settler").unwrap().did
    }

    /// The own daily limit of transfers in the customer's row, and the rise that waits.
    pub fn row(&self, who: Person) -> (String, String) {
        let column = |name: &str| {
            let sql = format!(
                "SELECT COALESCE(CAST({name} AS TEXT), 'null') AS value FROM limits \
                 WHERE contract_id = (SELECT contract_id FROM users WHERE portal = '{}' \
                 AND login_id = '{}')",
                self.slug, who.login_id
            );
            self.texts(&sql).into_iter().next().unwrap_or_else(|| "no row".to_owned())
        };
        (column("transfer_daily_yen"), column("rise_transfer_daily_yen"))
    }

    /// As if a rise had taken effect before.
    pub fn has_risen(&self, who: Person, yen: i64) {
        self.execute(&format!(
            "UPDATE limits SET transfer_per_transaction_yen = {yen}, transfer_daily_yen = {yen}, \
             pay_easy_per_transaction_yen = 200000, pay_easy_daily_yen = 200000 \
             WHERE contract_id = (SELECT contract_id FROM users WHERE portal = '{}' \
             AND login_id = '{}')",
            self.slug, who.login_id
        ));
    }
}
