//! Kinds of token that are taken no longer, in the portal `shirakaba`: whoever has registered one
//! keeps it; nobody registers another one, from the first second of the day on.

use madoguchi::db::DbError;
use madoguchi::domain::token::TokenKind;
use madoguchi::primitives::clock::{UtcTime, parse_rfc3339};

use crate::app::{NOON, TestApp};
use crate::browser::{Browser, Page};
use crate::people::{self, FK2, FK3, FK9, JIRO, TARO, TokenSpec};

/// A kind, a serial of it, and the first second at which it is closed.
struct Old {
    kind: TokenKind,
    serial: &'static str,
    closed: &'static str,
}

const OLD: [Old; 2] = [
    Old { kind: TokenKind::VendorApp, serial: "SYMC10000001", closed: "2017-07-24T00:00:00+09:00" },
    Old { kind: TokenKind::Desktop, serial: "MDGDESK00001", closed: "2018-03-12T00:00:00+09:00" },
];

impl Old {
    fn closed(&self) -> UtcTime {
        parse_rfc3339(self.closed).unwrap()
    }

    /// The portal at `now`, where nobody has registered the token yet.
    fn free(&self, now: UtcTime) -> TestApp {
        let app = TestApp::new();
        app.set_clock(now);
        app.add_token(TokenSpec { kind: self.kind, ..TokenSpec::app(self.serial, None) });
        app
    }

    /// The portal at `now`, where 次郎 has registered it before; login asks for its code.
    fn in_use(&self, now: UtcTime) -> TestApp {
        let app = TestApp::new();
        app.set_clock(now);
        let (kind, serial) = (self.kind, self.serial);
        let keys = app.services.keys.clone();
        let contract = app
            .number(&format!("SELECT contract_id FROM users WHERE login_id = '{}'", JIRO.login_id));
        let spec = TokenSpec {
            kind,
            ..TokenSpec::app(serial, Some(madoguchi::primitives::ids::ContractId(contract)))
        };
        let added = app.services.db.write_blocking(move |conn| {
            let id = people::add_token(conn, &keys, &spec, now);
            people::take_into_use(conn, JIRO, id, true, now);
            Ok::<_, DbError>(())
        });
        added.unwrap();
        app
    }

    /// BOM102 with the token's serial and code.
    async fn start(&self, app: &TestApp, browser: &Browser) -> Page {
        let page = app.begin(browser, "start", JIRO).await.expect_screen("BOM102");
        let code = app.code(self.serial);
        let values = [
            ("serial", self.serial),
            ("otp", &code),
            ("login_choice", "required"),
            ("confirm", JIRO.confirm),
        ];
        browser.submit(&page, &values).await
    }
}

/// The refusal names both ways out and not the kind that is refused.
#[track_caller]
fn assert_points_out(page: &Page) {
    let told = page.summary();
    assert!(told.contains("スマートフォンアプリ"), "{told}");
    assert!(told.contains("ハードウェアトークン"), "{told}");
}

#[tokio::test]
async fn a_start_is_taken_until_the_last_second_and_no_more_from_then_on() {
    for old in OLD {
        let app = old.free(old.closed() - chrono::TimeDelta::seconds(1));
        let browser = app.browser();
        let answer = old.start(&app, &browser).await.expect_status(303);
        browser.follow(answer).await.expect_screen("BOM103");
        assert_eq!(app.token(old.serial, "state"), "in_use");

        for now in [old.closed(), parse_rfc3339(NOON).unwrap()] {
            let app = old.free(now);
            let answer = old.start(&app, &app.browser()).await.expect_status(422);
            assert_points_out(&answer.expect_screen("BOM102"));
            assert_eq!(app.token(old.serial, "state"), "stock");
            assert_eq!(app.token(old.serial, "failures"), "0");
            assert_eq!(app.user(JIRO, "token_status"), "unregistered");
            assert_eq!(app.mails("token_started"), 0);
        }
    }
}

#[tokio::test]
async fn an_exchange_for_one_is_refused_and_the_token_from_before_stays() {
    for old in OLD {
        let before = old.closed() - chrono::TimeDelta::seconds(1);
        for (now, is_open) in [(before, true), (old.closed(), false)] {
            let app = old.free(now);
            let browser = app.browser();
            let page = app.exchange_to_new(&browser, &app.code(FK2)).await;
            let values = [("serial", old.serial), ("otp", &*app.code(old.serial))];
            let answer = browser.submit(&page, &values).await;
            if is_open {
                browser.follow(answer).await.expect_screen("BOM114");
                assert_eq!(app.token(old.serial, "state"), "in_use");
                continue;
            }
            assert_points_out(&answer.expect_status(422).expect_screen("BOM113"));
            assert_eq!(app.token(old.serial, "state"), "stock");
            app.advance(30);
            app.logged_in_with_code(TARO, FK2).await;
            // The flow goes on with a token that is taken.
            let page = browser.get(&page.path).await.expect_screen("BOM113");
            let values = [("serial", FK3), ("otp", &*app.code(FK3))];
            let answer = browser.submit(&page, &values).await;
            browser.follow(answer).await.expect_screen("BOM114");
        }
    }
}

#[tokio::test]
async fn a_registered_one_keeps_working_at_login() {
    for old in OLD {
        for now in [old.closed(), parse_rfc3339(NOON).unwrap()] {
            let app = old.in_use(now);
            let browser = app.logged_in_with_code(JIRO, old.serial).await;
            browser.get("/shirakaba/").await.expect_screen("BTP001");
        }
    }
}

#[tokio::test]
async fn a_registered_one_keeps_working_for_stop_and_is_not_registered_again() {
    for old in OLD {
        let app = old.in_use(old.closed());
        let browser = app.browser();
        let page = app.begin(&browser, "stop", JIRO).await.expect_screen("BOM122");
        let code = app.code(old.serial);
        let answer = browser.submit(&page, &[("otp", &code), ("confirm", JIRO.confirm)]).await;
        browser.follow(answer).await.expect_screen("BOM123");
        assert_eq!(app.user(JIRO, "token_status"), "unregistered");
        app.logged_in(JIRO).await;
        app.advance(30);
        let answer = old.start(&app, &app.browser()).await.expect_status(422);
        assert_points_out(&answer);
        assert_eq!(app.token(old.serial, "state"), "shipped");
    }
}

#[tokio::test]
async fn a_registered_one_keeps_working_for_the_exchange_for_another_kind() {
    for old in OLD {
        let app = old.in_use(old.closed());
        let browser = app.browser();
        let page = app.begin(&browser, "exchange", JIRO).await.expect_screen("BOM112");
        let answer = browser.submit(&page, &[("old_otp", &app.code(old.serial))]).await;
        let page = browser.follow(answer).await.expect_screen("BOM113");
        let answer = browser.submit(&page, &[("serial", FK9), ("otp", &app.code(FK9))]).await;
        let result = browser.follow(answer).await.expect_screen("BOM114");
        assert!(result.text().contains(old.serial) && result.text().contains(FK9));
        assert_eq!(app.token(old.serial, "state"), "retired");
        app.advance(30);
        app.logged_in_with_code(JIRO, FK9).await;
    }
}

#[tokio::test]
async fn wrong_codes_for_a_registered_one_count_as_for_any_token() {
    for old in OLD {
        let app = old.in_use(old.closed());
        let browser = app.browser();
        let page = app.enter(&browser, JIRO).await.expect_screen("BLG010");
        let wrong = app.wrong_codes(old.serial, 1).remove(0);
        browser.submit(&page, &[("otp", &wrong)]).await.expect_status(422).expect_screen("BLG010");
        assert_eq!(app.token(old.serial, "failures"), "1");
    }
}
