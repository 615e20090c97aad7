//! 利用者情報の変更: what changes, what nobody changes about themself, and addresses to be proven.

use super::site::{Company, HANAKO, SABURO, SACHIKO};

const NONE: [&str; 4] = ["", "", "", ""];

#[tokio::test]
async fn name_role_rights_and_limits_change_and_are_told() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.begins(&browser, "sachikodt", "change").await.expect_screen("BAU031");
    assert!(page.body.contains("データ幸子"));
    let values = [
        ("name", "データ幸恵"),
        ("role", "administrator"),
        ("mail_address", "sachikodt@example.jp"),
    ];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    assert!(
        page.body.contains("may_right_bulk_make_transfer\" value=\"on\" checked"),
        "{}",
        page.body
    );
    let limits = ["100000", "200000", "", ""];
    let rights = ["transfer", "balance"];
    let page = app.ticks(&browser, &page, &rights, &["0210045"], limits).await;
    let page = page.expect_screen("BAU033");
    let row = page.fact("利用できる口座").unwrap();
    assert!(row.contains("0210045") && row.contains("変更前") && row.contains("7010046"), "{row}");
    app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    assert_eq!(app.of("sachikodt", "name"), "データ幸恵");
    assert_eq!(app.of("sachikodt", "role"), "administrator");
    assert_eq!(app.of("sachikodt", "version"), "1");
    // Proven already, and left as it was.
    assert_eq!(app.of("sachikodt", "mail_address"), "sachikodt@example.jp");
    assert_eq!(app.of("sachikodt", "setup_state"), "done");
    assert_eq!(app.rights("sachikodt"), ["balance", "transfer"]);
    assert_eq!(app.accounts("sachikodt"), ["0210045"]);
    assert_eq!(app.lines("user.change", "sachikodt"), 1);
    for (address, count) in
        [("sachikodt", 1), ("hanakodt", 1), ("saburodt", 1), ("jirodt", 0), ("nanaodt", 0)]
    {
        let address = format!("{address}@example.jp");
        assert_eq!(app.mails_to("user_changed", &address), count, "{address}");
    }
}

#[tokio::test]
async fn nobody_raises_the_own_rights_or_changes_the_own_role() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.begins(&browser, "hanakodt", "change").await.expect_screen("BAU031");
    assert!(!page.form().names.contains(&"role".to_owned()));
    let forged = [("name", "データ花子"), ("role", "master"), ("mail_address", "")];
    browser.submit(&page, &forged).await.expect_status(400);
    let values = [("name", "データ花代"), ("mail_address", "hanakodt@example.jp")];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    let own = ["balance", "statement"];
    let all = ["7010045", "0210045", "7010046"];
    for rights in [&["balance", "transfer"][..], &["pay_easy"]] {
        let answer = app.ticks(&browser, &page, rights, &all, NONE).await.expect_status(422);
        assert!(answer.summary().contains("増やすことはできません"), "{}", answer.summary());
    }
    let limits = ["1", "1", "", ""];
    let page = app.ticks(&browser, &page, &own[..1], &all[..1], limits).await;
    let page = page.expect_screen("BAU033");
    app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    assert_eq!(app.rights("hanakodt"), ["balance"]);
    // Given up is given up: accounts and limits too.
    let page = app.begins(&browser, "hanakodt", "change").await.expect_screen("BAU031");
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    for (accounts, limits) in [(&all[..2], ["1", "1", "", ""]), (&all[..1], NONE)] {
        let answer = app.ticks(&browser, &page, &["balance"], accounts, limits).await;
        let answer = answer.expect_status(422);
        assert!(answer.summary().contains("増やすことはできません"), "{}", answer.summary());
    }
    assert_eq!(app.of("hanakodt", "role"), "administrator");
}

#[tokio::test]
async fn the_draft_cannot_carry_more_than_the_page_let_in() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.begins(&browser, "hanakodt", "change").await.expect_screen("BAU031");
    let values = [("name", "データ花子"), ("mail_address", "hanakodt@example.jp")];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    let page = app.ticks(&browser, &page, &["balance"], &["7010045"], NONE).await;
    let page = page.expect_screen("BAU033");
    // As if BAU032 had let it through: the act asks the rules again.
    app.execute(
        "UPDATE flows SET draft = replace(draft, '\"rights\":[\"balance\"]', \
         '\"rights\":[\"balance\",\"transfer\"]') WHERE step = 'confirm'",
    );
    app.confirms(&browser, &page, HANAKO).await.expect_status(409);
    assert_eq!(app.rights("hanakodt"), ["balance", "statement"]);
}

#[tokio::test]
async fn administrators_keep_their_hands_off_master_users() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    for act in ["change", "delete"] {
        let page = app.begins(&browser, "saburodt", act).await;
        page.expect_status(403).expect_screen("BER403");
    }
    let page = app.begins(&browser, "jirodt", "change").await.expect_screen("BAU031");
    let values = [("name", "データ二郎"), ("role", "master"), ("mail_address", "")];
    let answer = browser.submit(&page, &values).await.expect_status(422);
    assert!(answer.summary().contains("マスターユーザだけ"), "{}", answer.summary());
    // A master user can, and leaves the rights' rows to nobody.
    let master = app.logged_in(SABURO).await;
    let page = app.begins(&master, "jirodt", "change").await.expect_screen("BAU031");
    let page = master.follow(master.submit(&page, &values).await).await.expect_screen("BAU032");
    let page = master.follow(master.submit(&page, &[]).await).await.expect_screen("BAU033");
    app.confirms(&master, &page, SABURO).await.expect_screen("BAU034");
    assert_eq!(app.of("jirodt", "role"), "master");
    assert!(app.rights("jirodt").is_empty() && app.accounts("jirodt").is_empty());
}

#[tokio::test]
async fn a_new_address_waits_for_its_owner() {
    let app = Company::new();
    let browser = app.logged_in(HANAKO).await;
    let page = app.begins(&browser, "sachikodt", "change").await.expect_screen("BAU031");
    let values =
        [("name", "データ幸子"), ("role", "general"), ("mail_address", "atarashii@example.jp")];
    let page = browser.follow(browser.submit(&page, &values).await).await.expect_screen("BAU032");
    let page = app.ticks(&browser, &page, &["balance"], &["7010046"], NONE).await;
    app.confirms(&browser, &page, HANAKO).await.expect_screen("BAU034");
    // Notices still go to the proven one.
    assert_eq!(app.of("sachikodt", "mail_address"), "sachikodt@example.jp");
    assert_eq!(app.mails_to("user_changed", "sachikodt@example.jp"), 1);
    let own = app.browser();
    let page = own.follow(app.enter(&own, SACHIKO).await).await.expect_screen("BLG095");
    let page = if page.body.contains("mail_address") {
        page
    } else {
        own.get("/inaho/login/setup/mail").await.expect_screen("BLG095")
    };
    assert!(page.body.contains("atarashii@example.jp"), "{}", page.body);
    let other = [("mail_address", "x@example.jp"), ("mail_address_again", "x@example.jp")];
    own.submit(&page, &other).await.expect_status(422);
    let noted =
        [("mail_address", "atarashii@example.jp"), ("mail_address_again", "atarashii@example.jp")];
    let page = own.follow(own.submit(&page, &noted).await).await.expect_screen("BLG095");
    let mail = app.last_mail("mail_code");
    let code = &mail.split_once("確認コード: ").unwrap().1[..6];
    let page = own.follow(own.submit(&page, &[("mail_code", code)]).await).await;
    page.expect_screen("BTP001");
    assert_eq!(app.of("sachikodt", "mail_address"), "atarashii@example.jp");
}
