//! Registered, changed, deleted: each with proof, receipt, mail and audit line.

use super::site::{FUTABAS_ACCOUNT, PayeeApp, values};
use crate::people::Person;

const FUTABA: Person =
    Person { login_id: "2000000002", password: "Futaba#2026", confirm: "kakunin12" };

#[tokio::test]
async fn a_payee_is_registered_changed_and_deleted() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let page = app.to_confirm(&browser, FUTABAS_ACCOUNT, "").await;
    let wrong = browser.submit(&page, &[("confirm", "kakunin99")]).await.expect_status(422);
    assert!(wrong.expect_screen("BTR021").summary().contains("確認用パスワード"));
    assert_eq!((app.count(), app.mails("payee_changed")), (1, 0));
    let result = app.confirm(&browser, &page).await.expect_screen("BTR021");
    assert!(result.text().contains("振込先の登録を承りました"), "{}", result.text());
    let number = result.fact("受付番号").unwrap();
    assert_eq!(browser.get(&result.path).await.fact("受付番号").as_ref(), Some(&number));
    let mail = app.last_mail("payee_changed");
    for part in ["振込先の登録", "普通 ****024", "ｺﾀﾞﾏ ﾌﾀﾊﾞ", "停止コード: ", &number]
    {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    let details = "register 0983-102 ordinary ***0024, registered";
    assert_eq!(app.audited("payee.change", details), 1);

    // Changed: another name for the list; then another account, which is a new payee.
    let id = app.id_of("2020024");
    app.execute(&format!("UPDATE payees SET last_paid_at = registered_at WHERE id = {id}"));
    let path = format!("/kodama/payees/{id}");
    let input = browser.get(&path).await.expect_screen("BTR021");
    assert!(input.body.contains("value=\"2020024\"") && input.has_form_to("/delete"));
    let mut fields = input.form().filled(&values("2020024", ""));
    fields[3].1 = "二葉さん".to_owned();
    let answer = browser.post(&input.form().action, &fields).await.expect_status(303);
    let check = browser.follow(answer).await;
    assert_eq!(check.fact("登録名").as_deref(), Some("二葉さん"));
    app.confirm(&browser, &check).await.expect_screen("BTR021");
    let paid = format!("SELECT COUNT(*) FROM payees WHERE id = {id} AND last_paid_at IS NULL");
    assert_eq!(app.number(&paid), 0);
    let input = browser.get(&format!("{path}?bank=0001&branch=001")).await;
    let answer = browser.submit(&input, &values("1234567", "")).await;
    let check = browser.follow(answer).await.expect_screen("BTR021");
    let back = check.form_to("/back");
    let answer = browser.post(&back.action, &back.hidden).await.expect_status(303);
    let again = browser.follow(answer).await.expect_screen("BTR021");
    assert!(again.body.contains("東京営業部") && again.body.contains("value=\"1234567\""));
    let answer = browser.submit(&again, &values("1234568", "")).await.expect_status(303);
    let check = browser.follow(answer).await;
    app.confirm(&browser, &check).await.expect_screen("BTR021");
    assert_eq!((app.number(&paid), app.count()), (1, 2));

    // The list: search, order.
    let list = |query: &str| format!("/kodama/payees?{query}");
    for (query, is_there) in [
        ("", true),
        ("q=1234568", true),
        ("q=%E3%81%BF%E3%81%9A%E3%81%BB&sort=account", true),
        ("q=%E3%82%B7%E3%83%A9%E3%82%AB%E3%83%90&sort=paid", false),
        ("q=%25&sort=newest", false),
    ] {
        let page = browser.get(&list(query)).await.expect_screen("BTR020");
        assert_eq!(page.text().contains("1234568"), is_there, "{query}: {}", page.text());
    }

    // Deleted.
    let input = browser.get(&path).await;
    let delete = input.form_to("/delete");
    let answer = browser.post(&delete.action, &delete.hidden).await.expect_status(303);
    let check = browser.follow(answer).await.expect_screen("BTR022");
    let result = app.confirm(&browser, &check).await.expect_screen("BTR022");
    assert!(result.text().contains("振込先の削除を承りました"), "{}", result.text());
    browser.get(&path).await.expect_status(404);
    assert_eq!((app.count(), app.mails("payee_changed")), (1, 4));
    // And the same account again.
    app.registers(&browser, FUTABAS_ACCOUNT).await;
}

#[tokio::test]
async fn what_changed_meanwhile_is_409_and_a_foreign_payee_404() {
    let app = PayeeApp::new();
    let (browser, other) = (app.inside().await, app.inside().await);
    app.registers(&browser, FUTABAS_ACCOUNT).await;
    let id = app.id_of("2020024");
    let path = format!("/kodama/payees/{id}");
    let begins = async || {
        let delete = browser.get(&path).await.form_to("/delete");
        let answer = browser.post(&delete.action, &delete.hidden).await;
        browser.follow(answer).await.expect_screen("BTR022")
    };
    // Changed while it was to be deleted.
    let check = begins().await;
    app.execute(&format!("UPDATE payees SET version = version + 1 WHERE id = {id}"));
    app.confirm(&browser, &check).await.expect_status(409).expect_screen("BER409");
    assert_eq!(app.count(), 2);
    // Changed, and deleted, while it was to be changed.
    let changes = async || {
        let input = other.get(&path).await;
        let answer = other.submit(&input, &values("2020024", "")).await;
        other.follow(answer).await.expect_screen("BTR021")
    };
    let change = changes().await;
    app.execute(&format!("UPDATE payees SET version = version + 1 WHERE id = {id}"));
    app.confirm(&other, &change).await.expect_status(409);
    let change = changes().await;
    app.execute("UPDATE flows SET step = 'confirm' WHERE operation = 'payee_change'");
    app.execute(&format!(
        "UPDATE payees SET deleted_at = registered_at, version = version + 1 WHERE id = {id}"
    ));
    app.confirm(&other, &change).await.expect_status(409);
    other.get(&path).await.expect_status(404);
    // 緊急停止.
    let page = app.to_confirm(&browser, ["0001", "001", "1234567"], "").await;
    app.execute("UPDATE users SET stopped_at = created_at WHERE login_id = '2000000001'");
    app.confirm(&browser, &page).await.expect_status(403);
    app.execute("UPDATE users SET stopped_at = NULL");

    // Somebody else's.
    let foreign = app.id_of("1203345");
    let futaba = app.browser();
    let page = app.enter(&futaba, FUTABA).await.expect_screen("BLG010");
    let answer = futaba.submit(&page, &[("otp", &app.code("VSST10000002"))]).await;
    futaba.follow(answer).await.expect_screen("BTP001");
    for path in [format!("/kodama/payees/{foreign}"), check.path.clone(), change.path.clone()] {
        futaba.get(&path).await.expect_status(404);
        let own = futaba.get("/kodama/payees/new?bank=0001&branch=001").await.form();
        let fields = own.filled(&values("1234567", ""));
        let action = format!("{path}?bank=0001&branch=001");
        assert_eq!(futaba.post(&action, &fields).await.status, 404, "{path}");
    }
    let hidden = futaba.get("/kodama/payees/new?bank=0001&branch=001").await.form().hidden;
    let delete = format!("/kodama/payees/{foreign}/delete");
    futaba.post(&delete, &hidden).await.expect_status(404);
    for odd in ["/kodama/payees/x", "/kodama/payees/99999999999999999999"] {
        futaba.get(odd).await.expect_status(404);
    }
}

#[tokio::test]
async fn whoever_stopped_everything_reads_why_no_payee_can_be_changed() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let list = browser.get("/kodama/payees").await.expect_screen("BTR020");
    assert!(list.link("振込先を登録する").is_some(), "{}", list.text());
    app.execute("UPDATE users SET stopped_at = created_at WHERE login_id = '2000000001'");
    let list = browser.get("/kodama/payees").await.expect_screen("BTR020");
    let text = list.text();
    assert!(text.contains("緊急停止中のため") && text.contains("再開をご希望の場合は"), "{text}");
    assert_eq!(list.link("振込先を登録する"), None);
    let payee = format!("/kodama/payees/{}", app.id_of("1203345"));
    for path in ["/kodama/payees/new", &payee] {
        let page = browser.get(path).await.expect_status(403);
        assert!(page.text().contains("緊急停止中です"), "{path}: {}", page.text());
    }
}
