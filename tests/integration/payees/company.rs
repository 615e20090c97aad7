//! A company's payees: a code, a right for each user, and a form for registered payees.

use super::site::values;
use crate::company::site::{Company, HANAKO, JIRO, SACHIKO, SHARED, YACHIYO};
use crate::staff::support::{AUDITOR, CLERK, logged_in};

const INPUT: &str = "/inaho/payees/new?bank=0001&branch=001";

#[tokio::test]
async fn a_companys_payee_waits_for_its_form() {
    let app = Company::new();
    let browser = app.logged_in(JIRO).await;
    app.advance(60);
    let input = browser.get(INPUT).await.expect_screen("BTR021");
    let answer = browser.submit(&input, &values("1234567", "")).await.expect_status(303);
    let check = browser.follow(answer).await.expect_screen("BTR021");
    assert_eq!(check.form().names, ["otp"]);
    let shown = check.text();
    assert!(
        shown.contains("このコードで、振込先（みずほ 東京営業部 普通 1234567）を登録します。"),
        "{shown}"
    );
    assert!(shown.contains("申込書のご提出が必要です"), "{shown}");
    let code = app.otp(SHARED);
    let answer = browser.submit(&check, &[("otp", &code)]).await;
    browser.follow(answer).await.expect_screen("BTR021");
    let list = browser.get("/inaho/payees").await.expect_screen("BTR020");
    assert!(list.text().contains("事前登録の承認待ち") && list.text().contains("登録済み"));

    // Staff record the form, once; an auditor does not.
    let id = app.number("SELECT id FROM payees WHERE number = '1234567'");
    let contract = app.number(&format!("SELECT contract_id FROM payees WHERE id = {id}"));
    let path = format!("/inaho/staff/contracts/{contract}/payees/{id}");
    let auditor = logged_in(&app, "inaho", AUDITOR).await;
    auditor.get(&path).await.expect_status(403);
    let clerk = logged_in(&app, "inaho", CLERK).await;
    let page = clerk.get(&format!("/inaho/staff/contracts/{contract}")).await;
    assert!(page.body.contains(&path), "{}", page.text());
    let form = clerk.get(&path).await.expect_screen("STF013");
    clerk.submit(&form, &[("note", "")]).await.expect_status(422);
    // Changed while it was looked at.
    let changed = format!("UPDATE payees SET version = version + 1 WHERE id = {id}");
    app.execute(&changed);
    let late = clerk.submit(&form, &[("note", "事前登録 12")]).await.expect_status(422);
    assert!(late.summary().contains("状態が変わりました"), "{}", late.summary());
    let (form, stale) = (clerk.get(&path).await, clerk.get(&path).await);
    let answer = clerk.submit(&form, &[("note", "事前登録 12")]).await.expect_status(303);
    let made = clerk.follow(answer).await;
    assert!(made.text().contains("事前登録先の承認") && made.text().contains("1234567"));
    let late = clerk.submit(&stale, &[("note", "事前登録 13")]).await.expect_status(422);
    assert!(late.summary().contains("状態が変わりました"), "{}", late.summary());
    let registered = |state: &str| {
        app.number(&format!("SELECT COUNT(*) FROM payees WHERE id = {id} AND state = '{state}'"))
    };
    assert_eq!(registered("registered"), 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_lines WHERE operation = 'payee.approve'"), 1);
    let other = format!("/inaho/staff/contracts/{}/payees/{id}", contract + 1);
    clerk.get(&other).await.expect_status(404);

    // Only what is in the list changes it; another holder or account waits again.
    app.advance(60);
    for (number, nickname, state) in
        [("1234567", "仕入先", "registered"), ("1234568", "", "waiting")]
    {
        let input = browser.get(&format!("/inaho/payees/{id}")).await;
        let mut fields = input.form().filled(&values(number, ""));
        fields[3].1 = nickname.to_owned();
        let answer = browser.post(&input.form().action, &fields).await;
        let check = browser.follow(answer).await.expect_screen("BTR021");
        let answer = browser.submit(&check, &[("otp", &app.otp(SHARED))]).await;
        browser.follow(answer).await.expect_screen("BTR021");
        assert_eq!(registered(state), 1, "{number}");
        app.advance(60);
    }
}

#[tokio::test]
async fn a_right_that_is_gone_by_the_proof_registers_nothing() {
    let app = Company::new();
    let browser = app.logged_in(JIRO).await;
    app.advance(60);
    let input = browser.get(INPUT).await;
    let answer = browser.submit(&input, &values("1234567", "")).await;
    let check = browser.follow(answer).await.expect_screen("BTR021");
    app.execute("DELETE FROM user_rights WHERE user_right = 'transfer'");
    browser.submit(&check, &[("otp", &app.otp(SHARED))]).await.expect_status(409);
    assert_eq!(app.number("SELECT COUNT(*) FROM payees WHERE number = '1234567'"), 0);
}

#[tokio::test]
async fn who_may_make_no_transfers_sees_no_payees() {
    let app = Company::new();
    // 二郎 without the right.
    let jiro = app.logged_in(JIRO).await;
    assert!(jiro.get("/inaho/").await.body.contains("/inaho/payees"));
    let foreign = app.number("SELECT MIN(id) FROM payees WHERE portal <> 'inaho'");
    jiro.get(&format!("/inaho/payees/{foreign}")).await.expect_status(404);
    app.execute(&format!(
        "DELETE FROM user_rights WHERE user_right = 'transfer' AND user_id = {}",
        app.id_of(JIRO)
    ));
    assert!(!jiro.get("/inaho/").await.body.contains("/inaho/payees"));
    // Nor 花子, who looks at balances, nor 幸子, who makes files.
    for browser in [jiro, app.logged_in(HANAKO).await, app.logged_in(SACHIKO).await] {
        for path in ["/inaho/payees", INPUT, "/inaho/payees/1"] {
            browser.get(path).await.expect_status(403);
        }
    }
    // 八千代's contract has no tokens, and payees need a code; nor does she see the other's.
    let yachiyo = app.logged_in(YACHIYO).await;
    let list = yachiyo.get("/inaho/payees").await.expect_screen("BTR020");
    assert!(list.text().contains("ワンタイムパスワードが必要です"), "{}", list.text());
    assert!(!list.text().contains("ｶ)ﾎｼﾐｼﾖｳｶｲ"), "{}", list.text());
    let sent = yachiyo.get(INPUT).await.expect_status(303);
    yachiyo.follow(sent).await.expect_screen("BTR020");
}
