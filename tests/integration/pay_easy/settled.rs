//! What happens when billers do not answer, and when servers stop in between: money never moves
//! without the bill, nor the bill without money.

use madoguchi::db::queries::bill_claims;
use madoguchi::domain::bill::ClaimState;
use madoguchi::jobs::worker::Worker;
use madoguchi::primitives::ids::PaymentId;

use super::site::{CAR, DEAF, LOST, assert_bills_sound, to_check, types};
use crate::people::JIRO;
use crate::transfers::site::Money;

const FROM: &str = "1310072";

fn works(money: &Money) -> String {
    // As if the pauses between tries were over.
    money.execute("UPDATE bill_claims SET next_try_at = '2020-01-01 00:00:00'");
    let runs = Worker::new(money.services.clone(), None).unwrap().run_due_once();
    runs.into_iter().find(|run| run.name == "bill_settler").unwrap().did
}

fn states(money: &Money) -> Vec<String> {
    money.texts("SELECT state AS value FROM bill_claims ORDER BY id")
}

#[tokio::test]
async fn a_biller_that_does_not_answer_costs_nothing_and_one_that_does_not_hear_is_told_again() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let balance = money.balance(FROM);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    // The biller holds the bill, but the portal does not hear it: no money, and it is let go of.
    let page = to_check(&browser, "shirakaba", LOST, &from).await;
    let refused = browser.submit(&page, &[("confirm", JIRO.confirm)]).await.expect_status(422);
    assert!(refused.summary().contains("払込みは行われていません"), "{}", refused.summary());
    assert_eq!((money.balance(FROM), states(&money)), (balance, vec!["released".to_owned()]));
    assert_bills_sound(&money);
    money.execute("UPDATE simulated_billers SET trouble = NULL WHERE agency = '90203'");
    money.confirm(&browser, &refused, JIRO).await.expect_screen("BPE004");
    assert_eq!(money.balance(FROM), balance - 5_280);

    // It is paid; the biller hears of it later, once, however often it is told.
    let page = to_check(&browser, "shirakaba", DEAF, &from).await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    assert_eq!(states(&money)[2], "paid");
    let held = types(&browser, "shirakaba", DEAF).await.expect_status(422);
    assert!(held.summary().contains("お手続き中"), "{}", held.summary());
    assert_eq!(works(&money), "no answer about 1 claim");
    let attempts = "SELECT attempts FROM bill_claims ORDER BY id DESC LIMIT 1";
    assert_eq!(money.number(attempts), 1);
    money.execute("UPDATE simulated_billers SET trouble = NULL WHERE agency = '90204'");
    assert_eq!(works(&money), "told of 1 payment");
    assert_eq!(states(&money), ["released", "settled", "settled"]);
    // The answer of that was lost, too.
    money.execute("UPDATE bill_claims SET state = 'paid' WHERE agency = '90204'");
    assert_eq!(works(&money), "told of 1 payment");
    assert_ne!(works(&money), "told of 1 payment", "nothing is left");
    money.assert_sound();
    assert_bills_sound(&money);
}

#[tokio::test]
async fn what_a_killed_server_leaves_is_settled_or_released() {
    let money = Money::new("shirakaba");
    money.pay_in(FROM, 100_000);
    let browser = money.logged_in(JIRO).await;
    let from = money.account(FROM);
    let page = to_check(&browser, "shirakaba", DEAF, &from).await;
    money.confirm(&browser, &page, JIRO).await.expect_screen("BPE004");
    // Another one stopped between the biller's answer and the money.
    let key = "abcdefghijklmnopqrstuv";
    money.execute(&format!(
        "INSERT INTO bill_claims (claim_key, portal, user_id, agency, reference, category, \
         late_yen, state, asked_at, next_try_at) SELECT '{key}', portal, user_id, '90101', \
         '90101-10010000000001', '001', 0, 'asked', '2999-01-01 00:00:00', '2020-01-01 00:00:00' \
         FROM bill_claims"
    ));
    money.execute(&format!(
        "UPDATE simulated_bills SET claimed_by = '{key}' WHERE payer_number = '10010000000001'"
    ));
    let held = types(&browser, "shirakaba", CAR).await.expect_status(422);
    assert!(held.summary().contains("お手続き中"), "{}", held.summary());
    // As long as the act may still be under way, nobody takes the bill from it.
    works(&money);
    assert_eq!(states(&money), ["paid", "asked"]);
    money.execute(&format!(
        "UPDATE bill_claims SET asked_at = '2020-01-01 00:00:00' WHERE claim_key = '{key}'"
    ));
    money.execute("UPDATE simulated_billers SET trouble = NULL");
    assert_eq!(works(&money), "told of 1 payment, released 1 claim");
    assert_eq!(states(&money), ["settled", "released"]);
    types(&browser, "shirakaba", CAR).await.expect_screen("BPE002");
    assert_bills_sound(&money);

    // Were that server only slow, its money would not move any more; and of a bill that was paid
    // here no second claim is ever paid, whatever its biller says.
    let payment = PaymentId(money.number("SELECT MAX(id) FROM payments"));
    let set_paid = |key: &'static str| {
        let set = move |conn: &mut _| bill_claims::set_paid(conn, key, payment);
        money.services.db.write_blocking(set).unwrap()
    };
    assert!(!set_paid(key), "released");
    let second = "second-claim-of-a-bill";
    money.execute(&format!(
        "INSERT INTO bill_claims (claim_key, portal, user_id, agency, reference, category, \
         late_yen, state, asked_at, next_try_at) SELECT '{second}', portal, user_id, agency, \
         reference, category, 0, 'asked', asked_at, next_try_at \
         FROM bill_claims WHERE state = 'settled'"
    ));
    assert!(!set_paid(second), "paid before");
    let moved = money.services.db.write_blocking(move |conn| {
        bill_claims::update_state(conn, second, ClaimState::Releasing, ClaimState::Released)
    });
    assert!(!moved.unwrap(), "a move names where the claim stands");
}
