//! 預金口座振替 on its day: a code for each record, one credit less the fees.

use super::site::Files;

const ACCEPTED: &str = "月謝 口座振替";

#[tokio::test]
async fn debits_are_collected_with_a_code_each() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let (account, total) = (files.account_of(id), files.yen(id, "total_yen"));
    let balance = files.balance(&account);
    // The first payer's account is closed, the second one's holds nothing, the others pay; every
    // third record is for another bank.
    let (closed, empty, payer) = (files.named(id, 2), files.named(id, 3), files.named(id, 5));
    assert!(closed != empty && payer != closed && payer != empty);
    files.execute(&format!(
        "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' \
         WHERE portal = 'aoba' AND number = '{closed}'"
    ));
    files.pay_in(&empty, -files.balance(&empty));
    let before = files.balance(&payer);
    files.on_the_day_of(id, "09:00:00");
    assert_eq!(files.works(), "executed in part 1 file");
    let failures = files.failures(id);
    for expected in ["2 2", "3 1", "4 9", "7 9", "10 9"] {
        assert!(failures.contains(&expected.to_owned()), "{expected}: {failures:?}");
    }
    assert!(!failures.iter().any(|failure| failure.starts_with("5 ")), "{failures:?}");
    assert!(files.balance(&payer) < before);
    let collected = total - files.result(id, "failed_yen");
    let done = files.yen(id, "item_count") - files.result(id, "failed_count");
    assert_eq!(files.result(id, "net_yen"), 100 * done);
    let fee = files.result(id, "net_yen") + files.result(id, "tax_yen");
    assert_eq!(files.balance(&account), balance + collected - fee);
    assert!(files.last_mail("bulk_partly_failed").contains("振替不能"));
    files.assert_sound();
}

#[tokio::test]
async fn where_nothing_is_collected_nothing_is_posted() {
    let files = Files::new();
    let id = files.id(ACCEPTED);
    files.only(id);
    let account = files.account_of(id);
    let balance = files.balance(&account);
    files.execute(&format!(
        "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' \
         WHERE portal = 'aoba' AND purpose = 'customer' AND number <> '{account}'"
    ));
    files.on_the_day_of(id, "09:00:00");
    assert_eq!(files.works(), "executed in part 1 file");
    assert_eq!(files.result(id, "failed_count"), files.yen(id, "item_count"));
    assert_eq!((files.result(id, "net_yen"), files.balance(&account)), (0, balance));
    let empty =
        format!("SELECT COUNT(*) FROM bulk_results WHERE file_id = {id} AND entry_id IS NULL");
    assert_eq!(files.number(&empty), 1);
    files.assert_sound();
}
