//! The company データ商会 of the demo: its master user can log in here, and its users are acted on.

use std::ops::Deref;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::Person;

/// 管理者ユーザ.
pub const HANAKO: Person =
    Person { login_id: "hanakodt", password: "Hanako#2026", confirm: "kakunin31" };
/// マスターユーザ.
pub const SABURO: Person =
    Person { login_id: "saburodt", password: "Saburo#2026", confirm: "kakunin34" };
/// 一般ユーザ, shares 花子's token.
pub const JIRO: Person =
    Person { login_id: "jirodt", password: "Jiro#20260", confirm: "kakunin33" };
/// 一般ユーザ with a token of her own.
pub const SACHIKO: Person =
    Person { login_id: "sachikodt", password: "Sachiko#2026", confirm: "kakunin36" };
/// マスターユーザ of another company.
pub const YACHIYO: Person =
    Person { login_id: "yachiyodt", password: "Demo#20260", confirm: "kakunin3B" };

/// The demo with a master user who can log in.
pub struct Company {
    app: TestApp,
}

impl Deref for Company {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

/// What BAU031 takes.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    pub login_id: &'a str,
    pub name: &'a str,
    pub role: &'a str,
    pub address: &'a str,
    pub hand_over: &'a str,
}

/// Somebody to be registered.
pub const SHINJIN: NewUser<'static> = NewUser {
    login_id: "shinjin01",
    name: "データ 新人",
    role: "general",
    address: "",
    hand_over: "print",
};

impl Company {
    /// As it ships, but that 三郎's token is released.
    pub fn new() -> Company {
        let app = TestApp::demo("inaho");
        app.execute(
            "UPDATE tokens SET suspended_at = NULL, failures = 0 WHERE serial = '34567890'",
        );
        Company { app }
    }

    /// The row id of a user.
    pub fn id(&self, login_id: &str) -> i64 {
        self.number(&format!(
            "SELECT id FROM users WHERE portal = 'inaho' AND login_id = '{login_id}'"
        ))
    }

    /// A column of a user's row.
    pub fn of(&self, login_id: &str, column: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value FROM users \
             WHERE portal = 'inaho' AND login_id = '{login_id}'"
        );
        self.texts(&sql).remove(0)
    }

    /// The row id of an account of データ商会.
    pub fn account(&self, number: &str) -> i64 {
        self.number(&format!(
            "SELECT id FROM accounts WHERE portal = 'inaho' AND number = '{number}'"
        ))
    }

    /// The rights of a user, in order.
    pub fn rights(&self, login_id: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT user_right AS value FROM user_rights WHERE user_id = {} ORDER BY 1",
            self.id(login_id)
        ))
    }

    /// The numbers of a user's accounts, in order.
    pub fn accounts(&self, login_id: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT number AS value FROM accounts JOIN user_accounts ON account_id = id \
             WHERE user_id = {} ORDER BY 1",
            self.id(login_id)
        ))
    }

    /// Audit lines of this operation about a user.
    pub fn lines(&self, operation: &str, login_id: &str) -> i64 {
        self.number(&format!(
            "SELECT COUNT(*) FROM audit_lines WHERE operation = '{operation}' \
             AND object = 'user {}' AND result = 'done'",
            self.id(login_id)
        ))
    }

    /// Mails of a kind to an address.
    pub fn mails_to(&self, kind: &str, address: &str) -> i64 {
        self.number(&format!(
            "SELECT COUNT(*) FROM mails WHERE kind = '{kind}' AND to_address = '{address}'"
        ))
    }

    /// BAU031 of a registration.
    pub async fn registers(&self, browser: &Browser) -> Page {
        let list = browser.get("/inaho/admin/members").await.expect_screen("BAU030");
        let form = list.form();
        let answer = browser.post(&form.action, &form.hidden).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BAU031")
    }

    /// What BAU031 answers to a new user.
    pub async fn types(&self, browser: &Browser, page: &Page, new: NewUser<'_>) -> Page {
        let values = [
            ("login_id", new.login_id),
            ("name", new.name),
            ("role", new.role),
            ("mail_address", new.address),
            ("hand_over", new.hand_over),
        ];
        let answer = browser.submit(page, &values).await;
        browser.follow(answer).await
    }

    /// BAU032 answered with these rights and accounts, and no limits.
    pub async fn ticks(
        &self,
        browser: &Browser,
        page: &Page,
        rights: &[&str],
        accounts: &[&str],
        limits: [&str; 4],
    ) -> Page {
        let rights = rights.iter().map(|right| format!("may_right_{right}"));
        let accounts =
            accounts.iter().map(|number| format!("may_account_{}", self.account(number)));
        let boxes: Vec<String> = rights.chain(accounts).collect();
        let mut values: Vec<(&str, &str)> =
            boxes.iter().map(|name| (name.as_str(), "on")).collect();
        values.extend([
            ("transfer_per_transaction", limits[0]),
            ("transfer_daily", limits[1]),
            ("pay_easy_per_transaction", limits[2]),
            ("pay_easy_daily", limits[3]),
        ]);
        let answer = browser.submit(page, &values).await;
        browser.follow(answer).await
    }

    /// From BAU030 to BAU033 of a registration.
    pub async fn to_confirm(&self, browser: &Browser, new: NewUser<'_>) -> Page {
        let page = self.registers(browser).await;
        let page = self.types(browser, &page, new).await.expect_screen("BAU032");
        if new.role == "master" {
            let answer = browser.submit(&page, &[]).await;
            return browser.follow(answer).await.expect_screen("BAU033");
        }
        let none = ["", "", "", ""];
        let next = self.ticks(browser, &page, &["transfer", "balance"], &["7010045"], none).await;
        next.expect_screen("BAU033")
    }

    /// BAU033 confirmed.
    pub async fn confirms(&self, browser: &Browser, page: &Page, who: Person) -> Page {
        let answer = browser.submit(page, &[("confirm", who.confirm)]).await;
        browser.follow(answer).await
    }

    /// The first page of a change or a deletion (`act`).
    pub async fn begins(&self, browser: &Browser, login_id: &str, act: &str) -> Page {
        let url = format!("/inaho/admin/members/{}", self.id(login_id));
        let page = browser.get(&url).await.expect_screen("BAU030");
        let form = page.form();
        let answer = browser.post(&form.action, &form.filled(&[("act", act)])).await;
        browser.follow(answer).await
    }

    /// A list (`pause` or `reset`) with these users ticked, sent with these values.
    pub async fn ticks_of(
        &self,
        browser: &Browser,
        list: &Page,
        login_ids: &[&str],
        values: &[(&str, &str)],
    ) -> Page {
        let names: Vec<String> = login_ids
            .iter()
            .map(|login_id| {
                let prefix = format!("user_{}.", self.id(login_id));
                let version =
                    list.body.split(&prefix).nth(1).and_then(|rest| rest.split('"').next());
                format!("{prefix}{}", version.unwrap_or("0"))
            })
            .collect();
        let ticks = names.iter().map(|name| (name.as_str(), "on"));
        let all: Vec<(&str, &str)> = ticks.chain(values.iter().copied()).collect();
        let form = list.keyed_form();
        browser.post(&form.action, &form.filled(&all)).await
    }

    /// The list of an act.
    pub async fn list(&self, browser: &Browser, act: &str) -> Page {
        browser.get(&format!("/inaho/admin/{act}")).await.expect_status(200)
    }

    /// Pauses (`pause`) or resumes (`resume`) one user; the result.
    pub async fn pauses(&self, browser: &Browser, who: Person, act: &str, login_id: &str) -> Page {
        let list = self.list(browser, "pause").await;
        let values = [("act", act), ("confirm", who.confirm)];
        let answer = self.ticks_of(browser, &list, &[login_id], &values).await;
        browser.follow(answer).await
    }
}
