//! Pay-easy in companies: rights and accounts of users, codes, colleagues at the same bill.

use futures_util::future::join_all;

use super::site::{Slip, assert_bills_sound, to_check, types};
use crate::aoba::site::{AOBA, Aoba, TANTO_A};
use crate::company::site::{Company, JIRO, PERIOD, SACHIKO, SHARED};

/// 186,300 yen for power.
const POWER: Slip = ("90201", "04412870024", "5432", "");
/// 352,000 yen to the city.
const TAX: Slip = ("90101", "10010000000006", "678901", "001");

/// An account that 二郎 may use, and one of his contract's that he may not.
fn accounts(app: &Company) -> (String, String) {
    let user = app.id_of(JIRO);
    let of = |more: &str| {
        app.number(&format!(
            "SELECT MIN(id) FROM accounts WHERE purpose = 'customer' AND contract_id = \
             (SELECT contract_id FROM users WHERE id = {user}) AND id {more} \
             (SELECT account_id FROM user_accounts WHERE user_id = {user})"
        ))
        .to_string()
    };
    (of("IN"), of("NOT IN"))
}

#[tokio::test]
async fn a_user_pays_by_a_code_from_granted_accounts_within_the_own_limits() {
    let app = Company::new();
    let browser = app.logged_in(JIRO).await;
    app.advance(PERIOD);
    let (granted, other) = accounts(&app);
    let user = app.id_of(JIRO);
    let page = types(&browser, "inaho", POWER).await.expect_screen("BPE002");
    browser.submit(&page, &[("from", &other)]).await.expect_status(422);
    // Without 残高照会 no balance shows.
    let right = |name: &str| {
        format!("DELETE FROM user_rights WHERE user_id = {user} AND user_right = '{name}'")
    };
    app.execute(&right("balance"));
    let page = to_check(&browser, "inaho", POWER, &granted).await;
    assert_eq!(page.form().names, ["otp"], "{}", page.text());
    assert!(page.text().contains("このコードで 186,300円 の払込みを確定します。"));
    assert_eq!(page.fact("払込後の残高"), None);
    // Whoever only guesses does not even keep the bill from others.
    let wrong = if app.otp(SHARED) == "000000" { "000001" } else { "000000" };
    let page = browser.submit(&page, &[("otp", wrong)]).await.expect_status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM bill_claims"), 0, "the biller was asked");
    app.advance(PERIOD);
    let answer = browser.submit(&page, &[("otp", &app.otp(SHARED))]).await;
    browser.follow(answer).await.expect_screen("BPE004");
    let sums = "SELECT service || ' ' || (CASE WHEN user_id = 0 THEN 'all' ELSE 'own' END) \
                || ' ' || CAST(counted_yen AS TEXT) AS value FROM payment_totals ORDER BY 1";
    assert_eq!(
        app.texts(sums),
        ["all all 186300", "all own 186300", "pay_easy all 186300", "pay_easy own 186300"]
    );
    assert_bills_sound(&app);

    // Payments of this kind are seen with this right, whatever the right to transfer.
    let id = app.number("SELECT MAX(id) FROM payments");
    let detail = format!("/inaho/payments/{id}");
    app.execute(&right("transfer"));
    browser.get(&detail).await.expect_screen("BTR032");
    let history = browser.get("/inaho/history").await.expect_screen("BTR040");
    assert!(history.text().contains("186,300円"), "{}", history.text());
    app.execute(&right("pay_easy"));
    browser.get(&detail).await.expect_status(404);
    let history = browser.get("/inaho/pay-easy/history").await.expect_screen("BPE005");
    assert!(!history.text().contains("186,300円"), "{}", history.text());
    let page = browser.get("/inaho/pay-easy").await.expect_screen("BPE001");
    assert!(page.text().contains("ご契約先の管理者に") && !page.has_form_to("/pay-easy"));
    let colleague = app.logged_in(SACHIKO).await;
    colleague.get(&detail).await.expect_status(404);
}

#[tokio::test]
async fn of_two_windows_with_two_codes_not_both_pay() {
    let app = Company::new();
    let (granted, _) = accounts(&app);
    let (mut browsers, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let browser = app.logged_in(JIRO).await;
        pages.push(to_check(&browser, "inaho", TAX, &granted).await);
        browsers.push(browser);
    }
    app.execute("UPDATE flows SET step = 'confirm' WHERE operation = 'pay_easy'");
    app.advance(PERIOD);
    let codes = [app.otp(SHARED), {
        app.advance(PERIOD);
        app.otp(SHARED)
    }];
    let sent = browsers.iter().zip(&pages).zip(&codes);
    let sent = sent.map(|((browser, page), code)| async move {
        browser.submit(page, &[("otp", code.as_str())]).await
    });
    let answers = join_all(sent).await;
    // None, where the older code came second and the newer one to a bill that was held.
    let done = answers.iter().filter(|page| page.is_done()).count();
    assert!(done <= 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    let paid = app.number("SELECT COUNT(*) FROM payments WHERE kind = 'pay_easy'");
    assert_eq!(usize::try_from(paid), Ok(done));
    assert_bills_sound(&app);
}

#[tokio::test]
async fn who_needs_a_token_and_has_none_reads_what_to_do() {
    let app = Aoba::new();
    let browser = app.logged_in(TANTO_A).await;
    let page = browser.get("/aoba/pay-easy").await.expect_screen("BPE001");
    assert!(!page.has_form_to("/pay-easy"), "{}", page.text());
    assert!(page.text().contains("管理者"), "{}", page.text());
    let user = app.user(TANTO_A, "id");
    app.execute(&format!(
        "INSERT INTO user_rights (user_id, user_right) VALUES ({user}, 'pay_easy')"
    ));
    let page = browser.get("/aoba/pay-easy").await.expect_screen("BPE001");
    assert!(page.text().contains("まだご利用になれません"), "{}", page.text());
    let late = browser.get("/aoba/pay-easy/AAAAAAAAAAAAAAAAAAAAAA").await;
    late.expect_status(404);
    // Whoever only administers has no bills.
    let administrator = app.logged_in(AOBA).await;
    let top = administrator.get("/aoba/").await.expect_screen("BTP001");
    assert!(!top.text().contains("税金・料金"));
    let page = administrator.get("/aoba/pay-easy").await.expect_screen("BPE001");
    assert!(!page.has_form_to("/pay-easy"));
}
