//! The portal `inaho` with the demo's people.

use std::ops::Deref;

use chrono::TimeDelta;

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::codes;
use crate::people::Person;

macro_rules! people {
    ($($(#[$doc:meta])* $name:ident = ($id:literal, $password:literal, $confirm:literal);)+) => {
        $($(#[$doc])* pub const $name: Person =
            Person { login_id: $id, password: $password, confirm: $confirm };)+
    };
}

people! {
    /// 管理者ユーザ, shares 12345678 with 二郎.
    HANAKO = ("hanakodt", "Hanako#2026", "kakunin31");
    /// 一般ユーザ, suspended.
    ICHIRO = ("ichirodt", "Ichiro#2026", "kakunin32");
    /// 一般ユーザ, shares 12345678 with 花子.
    JIRO = ("jirodt", "Jiro#20260", "kakunin33");
    /// マスターユーザ, suspended.
    SABURO = ("saburodt", "Saburo#2026", "kakunin34");
    /// 一般ユーザ without a token; 45678901 is in hand.
    SHIRO = ("shirodt", "Shiro#2026", "kakunin35");
    /// 一般ユーザ, 78100641 in use.
    SACHIKO = ("sachikodt", "Sachiko#2026", "kakunin36");
    /// 一般ユーザ whose token has expired.
    TARO = ("tarodt", "Taro#20260", "kakunin37");
    /// 一般ユーザ, revoked ten minutes ago.
    GORO = ("gorodt", "Demo#20260", "kakunin38");
    /// 一般ユーザ to whom 78100644 was shipped by name.
    RIKKA = ("rikkadt", "Demo#20260", "kakunin39");
    /// Another contract's only マスターユーザ, suspended.
    NANAO = ("nanaodt", "Demo#20260", "kakunin3A");
    /// マスターユーザ of a contract that has not applied.
    YACHIYO = ("yachiyodt", "Demo#20260", "kakunin3B");
    /// A contract's only マスターユーザ, suspended; 十和 and 百恵 may approve the release.
    KUMI = ("kumidt", "Demo#20260", "kakunin39");
    /// 一般ユーザ picked to approve, 56789022 in use.
    TOWA = ("towadt", "Demo#20260", "kakunin3A");
    /// 一般ユーザ picked to approve, 56789023 in use.
    MOMOE = ("momoedt", "Demo#20260", "kakunin3B");
}

/// The token in hand.
pub const IN_HAND: &str = "45678901";
/// 花子's and 二郎's.
pub const SHARED: &str = "12345678";
/// How long these tokens show a code.
pub const PERIOD: i64 = 60;

/// The portal.
pub struct Company(TestApp);

impl Deref for Company {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl Company {
    /// As it ships, with the demo's people.
    pub fn new() -> Company {
        Company(TestApp::demo("inaho"))
    }

    /// With this text as the portal's profile.
    pub fn of(text: &str) -> Company {
        Company(TestApp::demo_of("inaho", text))
    }

    /// What the token shows now.
    pub fn otp(&self, serial: &str) -> String {
        codes::code(serial, codes::step_at(self.now(), PERIOD), 6)
    }

    /// Whom nobody released yet.
    pub fn release_behind(&self, serial: &str) {
        self.execute(&format!(
            "UPDATE tokens SET suspended_at = NULL, failures = 0 WHERE serial = '{serial}'"
        ));
    }

    /// Suspended, as after too many wrong codes.
    pub fn suspend_behind(&self, serial: &str) {
        let at = self.now() - TimeDelta::minutes(1);
        self.execute(&format!(
            "UPDATE tokens SET suspended_at = '{at}', failures = 5 WHERE serial = '{serial}'"
        ));
    }

    /// A user's row id.
    pub fn id_of(&self, who: Person) -> String {
        self.user(who, "id")
    }

    /// The box of a user.
    pub fn tick(&self, who: Person) -> String {
        format!("user_{}", self.id_of(who))
    }

    /// Ticks these users on a list and sends it with this confirming secret.
    pub async fn send(
        &self,
        browser: &Browser,
        page: &Page,
        ticked: &[Person],
        more: &[(&str, &str)],
    ) -> Page {
        let form = page.keyed_form();
        let mut fields = form.filled(more);
        fields.extend(ticked.iter().map(|who| (self.tick(*who), "on".to_owned())));
        browser.post(&form.action, &fields).await
    }

    /// Who got mails of this kind, in order of address.
    pub fn told(&self, kind: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT to_address AS value FROM mails WHERE kind = '{kind}' ORDER BY to_address"
        ))
    }

    /// Brings a login to BLG020 and registers.
    pub async fn register(&self, who: Person, serial: &str, code: &str) -> (Browser, Page) {
        let browser = self.browser();
        let page = self.enter(&browser, who).await.expect_screen("BLG020");
        let answer = browser.submit(&page, &[("serial", serial), ("otp", code)]).await;
        (browser, answer)
    }
}

/// An address of the demo's people.
pub fn address(who: Person) -> String {
    format!("{}@example.jp", who.login_id)
}
