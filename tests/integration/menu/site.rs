//! A portal that registers tokens in the menu, with two customers.

use std::ops::Deref;

use madoguchi::db::DbError;
use madoguchi::db::queries::tokens;
use madoguchi::domain::token::Token;
use madoguchi::domain::user::SetupState;
use madoguchi::operations::token::issue_end::end_due;

use crate::app::{TestApp, profile_text};
use crate::browser::{Browser, Form, Page};
use crate::codes;
use crate::people::{self, Person};

/// Without a token.
pub const TARO: Person = Person { login_id: "minori01", password: "Minori#2026", confirm: CONFIRM };
/// Another customer.
pub const MARI: Person = Person { login_id: "minori09", password: "Minori#2026", confirm: CONFIRM };
/// Everybody's confirming secret.
pub const CONFIRM: &str = "kakunin21";
/// 携帯メールアドレス.
pub const PHONE: &str = "taro.keitai@example.jp";
/// 利用開始パスワード.
pub const ACTIVATION: &str = "730185";
const PERIOD: i64 = 60;

/// What BOT001 takes.
pub fn input(address: &str) -> [(&'static str, &str); 4] {
    [
        ("mail_address", address),
        ("mail_address_again", address),
        ("activation", ACTIVATION),
        ("activation_again", ACTIVATION),
    ]
}

/// The form behind a button of BOT000, if the button works.
pub fn pick(overview: &Page, act: &str) -> Option<Form> {
    let form = overview.form_to(&format!("/token/menu/{act}"));
    let words = format!("disabled aria-describedby=\"{act}-text\"");
    (!overview.body.contains(&words)).then_some(form)
}

/// The portal.
pub struct MenuApp(TestApp);

impl Deref for MenuApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl MenuApp {
    /// The portal `minori` as it ships.
    pub fn new() -> MenuApp {
        MenuApp::of(profile_text("minori"))
    }

    /// The portal with this profile.
    pub fn of(text: String) -> MenuApp {
        let app = TestApp::with_profiles(&[("minori", text)]);
        let now = app.now();
        let opened = app.services.db.write_blocking(move |conn| {
            for who in [TARO, MARI] {
                people::open(conn, "minori", who, SetupState::Done, now);
            }
            Ok::<_, DbError>(())
        });
        opened.unwrap();
        MenuApp(app)
    }

    /// Id and password on BLG001, wherever that leads.
    pub async fn enter(&self, browser: &Browser, who: Person) -> Page {
        let page = browser.get("/minori/login").await.expect_screen("BLG001");
        let values = [("login_id", who.login_id), ("password", who.password)];
        let answer = browser.submit(&page, &values).await;
        browser.follow(answer).await
    }

    /// A browser in which the customer, who is asked for no code, is logged in.
    pub async fn logged_in(&self, who: Person) -> Browser {
        let browser = self.browser();
        self.enter(&browser, who).await.expect_screen("BTP001");
        browser
    }

    /// Presses a button of BOT000.
    pub async fn begin(&self, browser: &Browser, act: &str) -> Page {
        let overview = browser.get("/minori/token/menu").await.expect_screen("BOT000");
        let form = pick(&overview, act).expect("the button works");
        let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
        browser.follow(answer).await
    }

    /// An issue up to BOT002.
    pub async fn to_confirm(&self, browser: &Browser) -> Page {
        let page = self.begin(browser, "issue").await.expect_screen("BOT001");
        let mut values = input(PHONE).to_vec();
        // After a revocation the form asks for what staff handed out.
        let number = page
            .body
            .contains("name=\"registration_number\"")
            .then(|| self.hand_out_number(&self.user(TARO, "id")));
        values.extend(number.as_ref().map(|number| ("registration_number", number.as_str())));
        let answer = browser.submit(&page, &values).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BOT002")
    }

    /// A whole issue.
    pub async fn issue(&self, browser: &Browser, who: Person) -> Page {
        let page = self.to_confirm(browser).await;
        let code = self.mailed_code();
        let values = [("mail_code", code.as_str()), ("confirm", who.confirm)];
        let answer = browser.submit(&page, &values).await;
        browser.follow(answer).await
    }

    /// BOT011 with this code.
    pub async fn start(&self, browser: &Browser, code: &str) -> Page {
        let page = self.begin(browser, "start").await.expect_screen("BOT011");
        browser.submit(&page, &[("otp", code)]).await
    }

    /// BOS001 with this code.
    pub async fn stop(&self, browser: &Browser, code: &str, confirm: &str) -> Page {
        let page = self.begin(browser, "stop").await.expect_screen("BOS001");
        browser.submit(&page, &[("otp", code), ("confirm", confirm)]).await
    }

    /// The code mailed last.
    pub fn mailed_code(&self) -> String {
        let mail = self.last_mail("token_issue_code");
        let line = mail.lines().find(|line| line.starts_with("メール通知パスワード: "));
        line.unwrap().rsplit(' ').next().unwrap().to_owned()
    }

    /// As if the app had fetched the secret.
    pub fn set_up(&self, who: Person) {
        self.execute(&format!(
            "UPDATE token_issues SET set_up_at = issued_at WHERE ended_at IS NULL AND user_id = \
             (SELECT id FROM users WHERE portal = 'minori' AND login_id = '{}')",
            who.login_id
        ));
    }

    /// The customer's token with its secret.
    fn token_of(&self, who: Person) -> (Token, Vec<u8>) {
        let id = self.user(who, "token_id").parse().unwrap();
        let token = self
            .services
            .db
            .read_blocking(move |conn| tokens::get(conn, madoguchi::primitives::ids::TokenId(id)));
        let token = token.unwrap();
        let context = Token::sealing_context(&token.portal, &token.serial);
        let keys = &self.services.keys;
        let secret = keys.open(&context, &token.sealing_key_id, &token.secret_sealed).unwrap();
        let bytes = secret.expose().to_vec();
        (token, bytes)
    }

    /// What the customer's app shows so many steps from now.
    pub fn code(&self, who: Person, steps: i64) -> String {
        let (_, secret) = self.token_of(who);
        codes::code_of(&secret, codes::step_at(self.now(), PERIOD) + steps, 8)
    }

    /// Different wrong codes.
    pub fn wrong_codes(&self, who: Person, count: usize) -> Vec<String> {
        let right: Vec<String> = (-10..=10).map(|steps| self.code(who, steps)).collect();
        (10_000_000..)
            .map(|n: u32| n.to_string())
            .filter(|code| !right.contains(code))
            .take(count)
            .collect()
    }

    /// A column of a customer's row, as text.
    pub fn user(&self, who: Person, column: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM users \
             WHERE login_id = '{}' AND portal = 'minori'",
            who.login_id
        );
        self.texts(&sql).remove(0)
    }

    /// Ends what was not set up in time, as the worker does.
    pub fn end_due(&self) -> usize {
        end_due(&self.services, &self.ctx_of("minori")).unwrap()
    }
}
