//! 解約: two persons, and nobody of the contract logs in any more.

use super::support::{CHECKER, CLERK, decides, logged_in, sends, user_of};
use crate::app::TestApp;
use crate::people::{FK2, JIRO, TARO};

#[tokio::test]
async fn a_closed_contract_logs_nobody_in_and_keeps_its_money() {
    let app = TestApp::demo("shirakaba");
    let inside = app.logged_in_with_code(TARO, FK2).await;
    let id = app.user(TARO, "contract_id");
    let balance = format!("SELECT SUM(balance) FROM accounts WHERE contract_id = {id}");
    let before = app.number(&balance);
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    let contract = format!("/shirakaba/staff/contracts/{id}");
    let path = format!("{contract}/close");
    sends(&clerk, &path, &[("note", "")]).await.expect_status(422);
    let asked = sends(&clerk, &path, &[("note", "S-1")]).await.expect_status(303);
    let request = asked.location.unwrap();
    let again = sends(&checker, &path, &[("note", "S-2")]).await.expect_status(422);
    assert!(again.summary().contains("承認を待っています"), "{}", again.summary());
    let forged = clerk.get(&request).await.form_to("/withdraw").filled(&[]);
    clerk.post(&format!("{request}/approve"), &forged).await.expect_status(403);
    inside.get("/shirakaba/").await.expect_status(200);
    // Half-way through a flow of the login page, too.
    app.advance(60);
    let half = app.browser();
    let page = app.begin(&half, "stop", TARO).await.expect_screen("BOM122");

    decides(&checker, &request, "approve").await.expect_status(303);
    let told = checker.get(&request).await.fact("結果").unwrap();
    assert!(told.contains("利用者1名"), "{told}");
    inside.follow(inside.get("/shirakaba/").await).await.expect_screen("BLG091");
    let answer = half.submit(&page, &[("otp", &app.code(FK2)), ("confirm", TARO.confirm)]).await;
    assert_ne!(half.follow(answer).await.screen(), "BOM123");
    // Read like an id that nobody has.
    let refused = app.enter(&app.browser(), TARO).await.expect_screen("BLG001");
    assert!(refused.summary().contains("違います"), "{}", refused.summary());
    for flow in ["start", "exchange", "stop"] {
        let screen = app.begin(&app.browser(), flow, TARO).await.screen();
        assert!(["BOM101", "BOM111", "BOM121"].contains(&screen.as_str()), "{screen}");
    }
    let left =
        format!("SELECT COUNT(*) FROM tokens WHERE contract_id = {id} AND state <> 'retired'");
    assert_eq!(app.number(&left), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM logins WHERE ended_at IS NULL"), 0);
    assert_eq!(app.number(&balance), before, "accounts stay");
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'contract.close'"),
        1
    );

    let page = clerk.get(&contract).await.expect_screen("STF013");
    assert!(
        page.text().contains("解約済み") && page.text().contains("利用終了"),
        "{}",
        page.text()
    );
    for below in ["/close", "/account"] {
        let form = clerk.get(&format!("{contract}{below}")).await.expect_status(200);
        assert!(form.text().contains("解約済み"), "{below}");
    }
    // Tokens are shipped to open contracts only.
    let values = [("serial", "2V0716016FK1"), ("contract_number", TARO.login_id), ("note", "x")];
    let ship = sends(&clerk, "/shirakaba/staff/stock/ship", &values).await.expect_status(422);
    assert!(!ship.summary().is_empty());
    // Others are not concerned.
    app.enter(&app.browser(), JIRO).await.expect_screen("BTP001");
}

#[tokio::test]
async fn of_two_who_approve_one_closes_and_a_company_ends_as_a_whole() {
    let app = TestApp::demo("inaho");
    app.execute("UPDATE staff_members SET role = 'checker' WHERE staff_id = 'auditor'");
    let clerk = logged_in(&app, "inaho", CLERK).await;
    let one = logged_in(&app, "inaho", CHECKER).await;
    let two = logged_in(&app, "inaho", super::support::AUDITOR).await;
    let user = user_of(&app, "inaho", "hanakodt");
    let id = app.number(&format!("SELECT contract_id FROM users WHERE id = {user}"));
    let path = format!("/inaho/staff/contracts/{id}/close");
    let asked = sends(&clerk, &path, &[("note", "S-1")]).await.expect_status(303);
    let request = asked.location.unwrap();
    let (first, second) = (one.get(&request).await, two.get(&request).await);
    let (a, b) = (first.form_to("/approve"), second.form_to("/approve"));
    let (fields, others) = (a.filled(&[]), b.filled(&[]));
    let (a, b) = tokio::join!(one.post(&a.action, &fields), two.post(&b.action, &others));
    let mut answers = [a.status, b.status];
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    let there =
        format!("SELECT COUNT(*) FROM users WHERE contract_id = {id} AND deleted_at IS NULL");
    assert_eq!(app.number(&there), 0);
    assert_eq!(app.number("SELECT COUNT(*) FROM contracts WHERE closed_at IS NOT NULL"), 1);
    let browser = app.browser();
    let page = browser.get("/inaho/login").await;
    let values = [("login_id", "hanakodt"), ("password", "Hanako#2026")];
    browser.submit(&page, &values).await.expect_status(422);
}

#[tokio::test]
async fn certificates_and_unpaid_orders_end_with_the_contract() {
    let app = TestApp::demo("aoba");
    let user = user_of(&app, "aoba", "9000000002/tantod");
    let id = app.number(&format!("SELECT contract_id FROM users WHERE id = {user}"));
    app.execute(&format!("UPDATE token_orders SET contract_id = {id} WHERE portal = 'aoba'"));
    let live = format!(
        "SELECT COUNT(*) FROM certificates WHERE revoked_at IS NULL AND user_id IN \
         (SELECT id FROM users WHERE contract_id = {id})"
    );
    let unpaid = format!(
        "SELECT COUNT(*) FROM token_orders WHERE contract_id = {id} \
         AND state IN ('requested', 'accepted')"
    );
    let before = app.number(&live);
    assert!(before > 0 && app.number(&unpaid) > 0);
    let clerk = logged_in(&app, "aoba", CLERK).await;
    let checker = logged_in(&app, "aoba", CHECKER).await;
    let path = format!("/aoba/staff/contracts/{id}/close");
    // What is paid for is shipped first.
    app.execute(
        "UPDATE token_orders SET state = 'debited', \
         entry_id = (SELECT MIN(id) FROM ledger_entries) \
         WHERE id = (SELECT MIN(id) FROM token_orders WHERE state = 'accepted')",
    );
    let asked = sends(&clerk, &path, &[("note", "S-8")]).await.expect_status(303).location.unwrap();
    decides(&checker, &asked, "approve").await;
    let told = checker.get(&asked).await.fact("結果").unwrap();
    assert!(told.contains("まだ発送されていません"), "{told}");
    assert_eq!(app.number(&live), before);
    app.execute("UPDATE token_orders SET state = 'shipped' WHERE entry_id IS NOT NULL");
    let asked = sends(&clerk, &path, &[("note", "S-9")]).await.expect_status(303);
    decides(&checker, &asked.location.unwrap(), "approve").await.expect_status(303);
    assert_eq!((app.number(&live), app.number(&unpaid)), (0, 0));
}
