//! Wherever a code is typed, one line says what it will do, and one that nobody of the institution
//! ever asks for it.

use std::collections::BTreeMap;

use scraper::{Html, Selector};

use crate::app::TestApp;
use crate::browser::Page;
use crate::people::{FK2, JIRO, SHIRO, TARO, YAKUMO};

/// The text beside each field for a code.
fn code_lines(page: &Page) -> Vec<(String, String)> {
    let document = Html::parse_document(&page.body);
    let fields = Selector::parse("input.code, input[autocomplete=one-time-code]").unwrap();
    let found = document.select(&fields).map(|field| {
        let name = field.value().attr("name").unwrap().to_owned();
        let described = field.value().attr("aria-describedby").unwrap_or_default();
        assert!(described.contains(&format!("{name}-purpose")), "{name} on {}", page.path);
        let purpose = Selector::parse(&format!("#{name}-purpose")).unwrap();
        let text = document.select(&purpose).flat_map(|line| line.text()).collect::<String>();
        (name, text)
    });
    found.collect()
}

#[tokio::test]
async fn every_field_for_a_code_says_what_it_does_and_that_nobody_asks_for_it() {
    let app = TestApp::new();
    let mut pages: BTreeMap<&str, Page> = BTreeMap::new();
    pages.insert("BSP001", app.browser().get("/shirakaba/stop").await);
    pages.insert("BLG010", app.enter(&app.browser(), TARO).await);
    pages.insert("BOM102", app.begin(&app.browser(), "start", JIRO).await);
    pages.insert("BOM112", app.begin(&app.browser(), "exchange", TARO).await);
    pages.insert("BOM113", app.exchange_to_new(&app.browser(), &app.code(FK2)).await);
    pages.insert("BOM122", app.begin(&app.browser(), "stop", TARO).await);
    pages.insert("BLG095", setup_of_code(&app).await);
    pages.insert("BLM002", limits_of_check(&app).await);
    pages.insert("BCI002", info_of_code(&app).await);
    let mut purposes = Vec::new();
    for (screen, page) in pages {
        let page = page.expect_screen(screen);
        let lines = code_lines(&page);
        assert_eq!(lines.len(), 1, "{screen} asks for one code");
        for (name, text) in lines {
            let own = text.split('。').next().unwrap_or_default().to_owned();
            assert!(own.starts_with("このコードで"), "{screen} {name}: {text}");
            let never = "しらかば信用金庫の職員が、電話などで";
            let ends = text.ends_with("をお聞きすることは決してありません。");
            assert!(text.contains(never) && ends, "{screen} {name}: {text}");
            purposes.push(own);
        }
    }
    let count = purposes.len();
    purposes.sort();
    purposes.dedup();
    assert_eq!(purposes.len(), count, "each says what this very act is: {purposes:?}");
}

async fn limits_of_check(app: &TestApp) -> Page {
    let browser = app.browser();
    app.enter(&browser, SHIRO).await.expect_screen("BTP001");
    let page = browser.get("/shirakaba/limits").await.expect_screen("BLM001");
    let values = [
        ("transfer_per_transaction", "100000"),
        ("transfer_daily", "200000"),
        ("pay_easy_per_transaction", "100000"),
        ("pay_easy_daily", "200000"),
    ];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await
}

async fn info_of_code(app: &TestApp) -> Page {
    let browser = app.logged_in(SHIRO).await;
    crate::info::to_confirm(&browser, "shirakaba", "telephone", "090-0000-7777").await
}

async fn setup_of_code(app: &TestApp) -> Page {
    let browser = app.browser();
    let page = app.enter(&browser, YAKUMO).await.expect_screen("BLG095");
    let secrets = [
        ("new_password", "Kumo-no-Mine-2026"),
        ("new_password_again", "Kumo-no-Mine-2026"),
        ("new_confirm", "kumo-mine-88"),
        ("new_confirm_again", "kumo-mine-88"),
    ];
    let answer = browser.submit(&page, &secrets).await;
    let page = browser.follow(answer).await.expect_screen("BLG095");
    let address = [("mail_address", "y@example.jp"), ("mail_address_again", "y@example.jp")];
    let answer = browser.submit(&page, &address).await;
    browser.follow(answer).await
}
