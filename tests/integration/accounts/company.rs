//! What users of companies see: services and accounts that were granted, and nothing else.

use crate::aoba::site::{AOBA, Aoba, TANTO_D};
use crate::company::site::{Company, JIRO, SABURO};

#[tokio::test]
async fn rights_and_accounts_hold_on_every_address() {
    let app = Company::new();
    let user = app.id_of(JIRO);
    let of_contract = format!(
        "FROM accounts WHERE purpose = 'customer' AND contract_id = \
         (SELECT contract_id FROM users WHERE id = {user})"
    );
    let accounts =
        app.texts(&format!("SELECT CAST(id AS TEXT) AS value {of_contract} ORDER BY id"));
    let [granted, other, ..] = accounts.as_slice() else { panic!("two accounts: {accounts:?}") };
    let foreign = app.number(&format!(
        "SELECT MIN(id) FROM accounts WHERE portal = 'inaho' AND purpose = 'customer' \
         AND id NOT IN (SELECT id {of_contract})"
    ));
    app.execute(&format!("DELETE FROM user_accounts WHERE user_id = {user}"));
    app.execute(&format!("INSERT INTO user_accounts VALUES ({user}, {granted})"));
    let browser = app.logged_in(JIRO).await;
    let statement = |id: &str| format!("/inaho/accounts/{id}/statement");
    for (rights, balance, status) in [
        (&["balance", "statement"][..], true, 200),
        (&["statement"], false, 200),
        (&["balance"], true, 403),
        (&["transfer"], false, 403),
        (&[], false, 403),
    ] {
        app.execute(&format!("DELETE FROM user_rights WHERE user_id = {user}"));
        for right in rights {
            app.execute(&format!("INSERT INTO user_rights VALUES ({user}, '{right}')"));
        }
        let page = browser.get("/inaho/accounts").await.expect_screen("BAC001");
        let has_any = balance || status == 200;
        assert_eq!(page.table().len(), usize::from(has_any), "{rights:?}");
        assert_eq!(has_any, !page.text().contains("管理者に、口座と照会の権限"), "{rights:?}");
        assert_eq!(balance, page.body.contains("class=\"amount\""), "{rights:?}");
        assert_eq!(status == 200, page.body.contains(&statement(granted)), "{rights:?}");
        assert!(!page.body.contains(&statement(other)));
        let top = browser.get("/inaho/").await.expect_screen("BTP001");
        assert_eq!(status == 200, top.body.contains(&statement(granted)), "{rights:?}");
        for rest in ["", "?last=10", "/file?format=csv", "/file?format=zengin"] {
            let page = browser.get(&format!("{}{rest}", statement(granted))).await;
            assert_eq!(page.status, status, "{rights:?} {rest}");
            for id in [other.clone(), foreign.to_string()] {
                let page = browser.get(&format!("{}{rest}", statement(&id))).await;
                page.expect_status(404).expect_screen("BER404");
            }
        }
    }
    // A master user needs no grant; an account taken away is gone at once.
    app.execute(&format!("INSERT INTO user_rights VALUES ({user}, 'statement')"));
    browser.get(&statement(granted)).await.expect_screen("BAC010");
    app.execute(&format!("DELETE FROM user_accounts WHERE user_id = {user}"));
    browser.get(&statement(granted)).await.expect_status(404);
    app.release_behind("34567890");
    let master = app.logged_in(SABURO).await;
    for id in &accounts {
        master.get(&statement(id)).await.expect_screen("BAC010");
    }
    master.get(&statement(&foreign.to_string())).await.expect_status(404);
}

#[tokio::test]
async fn whoever_only_administers_has_no_accounts() {
    let app = Aoba::new();
    let administrator = app.logged_in(AOBA).await;
    let page = administrator.get("/aoba/").await.expect_screen("BTP001");
    assert!(!page.body.contains("/aoba/accounts"));
    administrator.get("/aoba/accounts").await.expect_status(403).expect_screen("BER403");
    let id = app.number(
        "SELECT MIN(accounts.id) FROM accounts \
         JOIN contracts ON contracts.id = contract_id WHERE contracts.number = '9000000001'",
    );
    let path = format!("/aoba/accounts/{id}/statement");
    administrator.get(&path).await.expect_status(404);
    let user = app.logged_in(TANTO_D).await;
    user.get("/aoba/accounts").await.expect_screen("BAC001");
    user.get(&path).await.expect_status(404);
}
