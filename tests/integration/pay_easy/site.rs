//! Slips of the demo, and the way from their numbers to the check.

use crate::app::TestApp;
use crate::browser::{Browser, Page};

/// The numbers of a slip: 収納機関番号, 納付番号 or お客様番号, 確認番号, 納付区分.
pub type Slip = (&'static str, &'static str, &'static str, &'static str);

/// 10,800 yen to the city.
pub const CAR: Slip = ("90101", "10010000000001", "123456", "001");
/// 48,500 yen to the city and a late charge of 1,200.
pub const LATE: Slip = ("90101", "10010000000002", "234567", "003");
/// 640,000 yen to the city.
pub const BIG: Slip = ("90101", "10010000000005", "567890", "001");
/// 8,642 yen for power.
pub const POWER: Slip = ("90201", "04412870016", "4321", "");
/// 5,280 yen to a biller whose answer to a claim is lost.
pub const LOST: Slip = ("90203", "31550012", "310", "");
/// 4,730 yen to a biller that does not hear how claims end.
pub const DEAF: Slip = ("90204", "62001840", "204", "");

/// A slip's numbers on BPE001, and what comes of it.
pub async fn types(browser: &Browser, slug: &str, slip: Slip) -> Page {
    let page = browser.get(&format!("/{slug}/pay-easy")).await.expect_screen("BPE001");
    let (agency, payer, confirmation, category) = slip;
    let typed = [
        ("agency", agency),
        ("payer", payer),
        ("confirmation", confirmation),
        ("category", category),
    ];
    let answer = browser.submit(&page, &typed).await;
    if answer.status == 303 { browser.follow(answer).await } else { answer }
}

/// From the slip to BPE003, out of the account with this row id.
pub async fn to_check(browser: &Browser, slug: &str, slip: Slip, from: &str) -> Page {
    let page = types(browser, slug, slip).await.expect_screen("BPE002");
    let answer = browser.submit(&page, &[("from", from)]).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BPE003")
}

/// Fails unless each payment of a bill has its claim, and its bill is written off where the biller
/// has heard of it, and no bill is held or written off for anything else.
pub fn assert_bills_sound(app: &TestApp) {
    let none = |what: &str, sql: &str| assert_eq!(app.number(sql), 0, "{what}");
    none(
        "payments without a claim",
        "SELECT COUNT(*) FROM payments WHERE kind = 'pay_easy' AND state = 'done' \
         AND id NOT IN (SELECT payment_id FROM bill_claims WHERE payment_id IS NOT NULL)",
    );
    none(
        "settled, but not written off",
        "SELECT COUNT(*) FROM bill_claims WHERE state = 'settled' AND claim_key NOT IN \
         (SELECT claimed_by FROM simulated_bills WHERE paid_at IS NOT NULL)",
    );
    none(
        "written off without money",
        "SELECT COUNT(*) FROM simulated_bills WHERE paid_at IS NOT NULL AND claimed_by <> 'demo' \
         AND claimed_by NOT IN \
         (SELECT claim_key FROM bill_claims WHERE state IN ('paid', 'settled'))",
    );
    none(
        "held for nothing",
        "SELECT COUNT(*) FROM simulated_bills WHERE claimed_by IN \
         (SELECT claim_key FROM bill_claims WHERE state = 'released')",
    );
}
