//! The picture card: the challenge stays until it is answered, five wrong answers lock it.

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::people::{FK1, HANAKO, pictures_for};

const CHALLENGE: &str = "A1,C2,E4";

fn challenge(app: &TestApp) -> String {
    app.texts("SELECT challenge AS value FROM picture_cards").remove(0)
}

async fn answer(browser: &Browser, page: &Page, code: &str, pictures: &[&str]) -> Page {
    let values = [
        ("serial", FK1),
        ("otp", code),
        ("login_choice", "required"),
        ("picture_1", pictures[0]),
        ("picture_2", pictures[1]),
        ("picture_3", pictures[2]),
    ];
    browser.submit(page, &values).await
}

fn wrong_pictures() -> Vec<&'static str> {
    let mut pictures = pictures_for(CHALLENGE);
    pictures.swap(0, 1);
    pictures
}

#[tokio::test]
async fn three_right_pictures_confirm_and_the_next_challenge_is_another() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
    for cell in CHALLENGE.split(',') {
        assert!(page.text().contains(cell), "{cell} is asked for: {}", page.text());
    }
    let done = answer(&browser, &page, &app.code(FK1), &pictures_for(CHALLENGE)).await;
    browser.follow(done).await.expect_screen("BOM103");
    assert_ne!(challenge(&app), CHALLENGE);
    assert_eq!(app.token(FK1, "state"), "in_use");
}

#[tokio::test]
async fn the_challenge_stays_until_it_is_answered_rightly() {
    let app = TestApp::new();
    for _ in 0..3 {
        let browser = app.browser();
        let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
        browser.get(&page.path).await;
        assert_eq!(challenge(&app), CHALLENGE);
        let refused = answer(&browser, &page, &app.code(FK1), &wrong_pictures()).await;
        refused.expect_status(422).expect_screen("BOM102");
        assert_eq!(challenge(&app), CHALLENGE);
    }
    assert_eq!(app.token(FK1, "failures"), "0", "the code was not looked at");
}

#[tokio::test]
async fn five_wrong_answers_lock_the_card() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
    for _ in 0..5 {
        answer(&browser, &page, &app.code(FK1), &wrong_pictures()).await;
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM picture_cards WHERE locked_at IS NOT NULL"), 1);
    answer(&browser, &page, &app.code(FK1), &pictures_for(CHALLENGE)).await;
    assert_eq!(app.user(HANAKO, "token_status"), "unregistered");
    assert_eq!(
        (app.audited("picture.check", "wrong"), app.audited("picture.check", "locked")),
        (5, 1)
    );
    assert_eq!(challenge(&app), CHALLENGE);
    let later = app.browser();
    let page = app.begin(&later, "start", HANAKO).await;
    if page.screen() == "BOM102" {
        answer(&later, &page, &app.code(FK1), &pictures_for(CHALLENGE)).await;
    }
    assert_eq!(app.token(FK1, "state"), "shipped");
}

#[tokio::test]
async fn the_confirming_secret_is_no_way_around_the_card() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = app.begin(&browser, "start", HANAKO).await.expect_screen("BOM102");
    let code = app.code(FK1);
    let values = [
        ("serial", FK1),
        ("otp", &code),
        ("login_choice", "required"),
        ("confirm", HANAKO.confirm),
    ];
    let answer = browser.submit(&page, &values).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert_eq!(app.token(FK1, "state"), "shipped");
}
