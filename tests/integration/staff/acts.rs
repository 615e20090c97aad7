//! What one person does at once: revoke, resynchronise, hand out, note a limit.

use super::support::{CLERK, customer_path, logged_in, sends};
use crate::app::TestApp;
use crate::people::{JIRO, TARO};

const FK2: &str = "2V0716016FK2";

#[tokio::test]
async fn a_lost_token_is_revoked_at_once() {
    let app = TestApp::demo("shirakaba");
    let inside = app.logged_in_with_code(TARO, FK2).await;
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, TARO.login_id, "/token/revoke");
    let form = clerk.get(&path).await.expect_screen("STF022").form();
    clerk.post(&path, &form.filled(&[("note", "電話")])).await.expect_status(422);
    let fields = form.filled(&[("reason", "lost"), ("note", "12時に電話")]);
    let (a, b) = tokio::join!(clerk.post(&path, &fields), clerk.post(&path, &fields));
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    assert_eq!(a.location, b.location, "a double click gets the same receipt");
    let late = clerk.post(&path, &fields).await;
    assert_eq!(a.location, late.location, "and so does a late one: {}", late.text());
    assert_eq!(app.user(TARO, "token_status"), "revoked");
    assert_eq!(app.token(FK2, "state"), "retired");
    assert_eq!(app.mails("token_revoked"), 1);
    assert_eq!(app.audited("token.revoke", "lost, 1 users"), 1);
    inside.get("/shirakaba/").await.expect_status(303);
    let receipt = clerk.get(&a.location.unwrap()).await;
    assert!(receipt.fact("結果").unwrap().contains(TARO.login_id));
    let again = sends(&clerk, &path, &[("reason", "lost"), ("note", "x")]).await;
    assert!(again.expect_status(422).summary().contains("登録がありません"));
}

#[tokio::test]
async fn two_codes_in_a_row_set_the_clock_right() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, TARO.login_id, "/token/resync");
    let (first, second) = (app.code_in(FK2, 60), app.code_in(FK2, 61));
    let values = [("first", first.as_str()), ("second", second.as_str()), ("note", "窓口")];
    // In the wrong order they are two wrong codes, counted once.
    let turned = [("first", second.as_str()), ("second", first.as_str()), ("note", "窓口")];
    sends(&clerk, &path, &turned).await.expect_status(422);
    assert_eq!(app.token(FK2, "failures"), "1");
    sends(&clerk, &path, &values).await.expect_status(303);
    assert_eq!(
        (app.token(FK2, "drift_steps"), app.token(FK2, "failures")),
        ("61".into(), "0".into())
    );
    assert_eq!(app.token(FK2, "drift_base_steps"), "61");
    assert_eq!(app.mails("token_resynchronised"), 1);
    // Both codes are spent, for this and for a login.
    app.advance(61);
    let used = sends(&clerk, &path, &values).await.expect_status(422);
    assert!(used.summary().contains("確認できませんでした"), "{}", used.summary());
    let browser = app.browser();
    let page = app.enter(&browser, TARO).await.expect_screen("BLG010");
    let answer = browser.submit(&page, &[("otp", &app.code_in(FK2, 61))]).await;
    browser.follow(answer).await.expect_screen("BTP001");
}

#[tokio::test]
async fn codes_too_far_off_or_of_a_suspended_token_are_refused() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, TARO.login_id, "/token/resync");
    let (first, second) = (app.code_in(FK2, 120), app.code_in(FK2, 121));
    let values = [("first", first.as_str()), ("second", second.as_str()), ("note", "窓口")];
    sends(&clerk, &path, &values).await.expect_status(422);
    assert_eq!(app.token(FK2, "drift_steps"), "0");
    app.execute(
        "UPDATE tokens SET suspended_at = '2026-11-24 00:00:00' WHERE serial = '2V0716016FK2'",
    );
    app.advance(61);
    let (first, second) = (app.code(FK2), app.code_in(FK2, 1));
    let values = [("first", first.as_str()), ("second", second.as_str()), ("note", "窓口")];
    let refused = sends(&clerk, &path, &values).await.expect_status(422);
    assert!(refused.summary().contains("停止中"), "{}", refused.summary());
}

#[tokio::test]
async fn a_token_from_stock_goes_to_the_contract_once() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, JIRO.login_id, "/token/reissue");
    let spare = "2V0716017001";
    let values = [("serial", spare), ("note", "K-9")];
    let taken = sends(&clerk, &path, &values).await.expect_status(422);
    assert!(taken.summary().contains("在庫にありません"));
    app.execute(
        "UPDATE tokens SET state = 'stock', contract_id = NULL, shipped_at = NULL \
         WHERE serial = '2V0716017001'",
    );
    sends(&clerk, &path, &[("serial", "２v07-1601-7001"), ("note", "K-9")])
        .await
        .expect_status(303);
    assert_eq!(app.token(spare, "state"), "shipped");
    let owner = "SELECT c.number AS value FROM tokens t JOIN contracts c ON c.id = t.contract_id \
                 WHERE t.serial = '2V0716017001'";
    assert_eq!(app.texts(owner), [JIRO.login_id]);
    sends(&clerk, &path, &values).await.expect_status(422);
}

#[tokio::test]
async fn a_limit_by_application_is_written_down() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = customer_path(&app, TARO.login_id, "/limits");
    let values = |yen| [("service", "transfer"), ("yen", yen), ("note", "K-5")];
    for bad in ["", "-1", "1e9", "abc", "999999999999999"] {
        sends(&clerk, &path, &values(bad)).await.expect_status(422);
    }
    sends(&clerk, &path, &values("５,000,000円")).await.expect_status(303);
    assert_eq!(app.audited("limit.applied", "transfer daily 3000000 to 5000000"), 1);
    let same = sends(&clerk, &path, &values("5000000")).await.expect_status(422);
    assert!(same.summary().contains("同じ内容"));
    let page = clerk.get(&customer_path(&app, TARO.login_id, "")).await;
    assert_eq!(page.fact("振込・振替").as_deref(), Some("5,000,000円"));
}

#[tokio::test]
async fn the_stock_is_looked_through_and_shipped_from() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let spare = "2V0716017002";
    app.execute(
        "UPDATE tokens SET state = 'stock', contract_id = NULL, shipped_at = NULL, \
         expires_at = '2026-12-24 00:00:00' WHERE serial = '2V0716017002'",
    );
    let stock = clerk.get("/shirakaba/staff/stock?state=stock").await.expect_screen("STF030");
    assert!(stock.text().contains(spare) && stock.text().contains("在庫（4）"));
    let all = clerk.get("/shirakaba/staff/stock?q=2v0716017").await;
    assert_eq!(all.body.matches(">2V0716017").count(), 25);
    let path = "/shirakaba/staff/stock/ship";
    for (serial, number) in [("", "1000000003"), (spare, ""), (spare, "no"), ("X", "1000000003")] {
        let values = [("serial", serial), ("contract_number", number), ("note", "K")];
        sends(&clerk, path, &values).await.expect_status(422);
    }
    let form = clerk.get(path).await.form();
    let fields =
        form.filled(&[("serial", spare), ("contract_number", JIRO.login_id), ("note", "K")]);
    let (a, b) = tokio::join!(clerk.post(path, &fields), clerk.post(path, &fields));
    assert_eq!((a.status, b.status), (303, 303));
    assert_eq!(a.location, b.location);
    assert_eq!(app.token(spare, "state"), "shipped");
    let soon = clerk.get("/shirakaba/staff/stock?state=expiring").await;
    assert!(soon.text().contains(spare));
}
