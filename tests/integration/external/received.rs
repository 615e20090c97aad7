//! BEF011 to BEF013.

use madoguchi::domain::bulk_file::BulkState;

use super::site::{External, audited, header};
use crate::aoba::site::TANTO_A;
use crate::bulk_desk::site::{OF_C, Spec, TANTO_B, TANTO_C};

const NAME: &str = "sofuri-kekka-1.csv";

#[tokio::test]
async fn a_file_is_fetched_after_a_proof_and_recorded() {
    let app = External::with_result();
    let id = app.id(NAME);
    let c = app.logged_in(TANTO_C).await;
    let menu = c.get("/aoba/files").await.expect_screen("BFT000");
    let words = menu.fact("受信していないファイル").unwrap_or_default();
    assert!(words.starts_with("1件"), "{words}");
    let list = c.get("/aoba/external/receive").await.expect_screen("BEF011");
    assert!(list.text().contains(NAME) && list.text().contains("未受信"), "{}", list.text());
    let page = app.to_proof(&c, &[id]).await.expect_status(200).expect_screen("BEF012");
    assert!(page.text().contains("このコードで、1件のファイルを受信します。"));
    let form = page.form_having("otp");
    let wrong = c.post(&form.action, &form.filled(&[("otp", "000000")])).await;
    assert!(!wrong.expect_status(422).expect_screen("BEF012").summary().is_empty());
    assert_eq!(app.number("SELECT COUNT(*) FROM external_fetches"), 0);
    app.advance(120);
    let page = app.to_proof(&c, &[id]).await.expect_screen("BEF012");
    let form = page.form_having("otp");
    let code = app.next_code(OF_C);
    let fields = form.filled(&[("otp", &code)]);
    let answer = c.post(&form.action, &fields).await.expect_status(303);
    let result = c.follow(answer).await.expect_screen("BEF013");
    assert!(result.text().contains(&"a1".repeat(32)), "its SHA-256: {}", result.text());
    // The same form again shows the same result, and records nothing more.
    let again = c.post(&form.action, &fields).await.expect_status(303);
    let again = c.follow(again).await.expect_screen("BEF013");
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));
    let who = app.texts("SELECT user_name AS value FROM external_fetches");
    assert_eq!(who, ["担当者C"]);
    assert_eq!(audited(&app, "external.fetch", &format!("transfer_result {NAME}")), 1);
    let link = result.link_that_begins("保存する").unwrap();
    let (status, headers, bytes) = c.get_bytes(&link).await;
    assert_eq!((status, bytes.as_slice()), (200, b"12345678\n".as_slice()));
    let named = header(&headers, "content-disposition");
    assert_eq!(named, format!("attachment; filename=\"{NAME}\""));
    let list = c.get("/aoba/external/receive").await;
    assert!(list.text().contains("当てはまるファイルはありません"), "{}", list.text());
    let fetched = c.get("/aoba/external/receive?show=fetched").await;
    assert!(fetched.text().contains("担当者C"), "{}", fetched.text());
    // An hour later a new proof is needed; somebody else's receipt is none of theirs.
    let b = app.logged_in(TANTO_B).await;
    b.get(&link).await.expect_status(404);
    app.advance(59 * 60);
    let still = c.get_bytes(&link).await;
    assert!(still.0 == 200 || still.0 == 303, "{}", still.0);
    app.advance(120);
    let late = app.logged_in(TANTO_C).await;
    late.get(&link).await.expect_status(404);
}

#[tokio::test]
async fn what_is_not_theirs_is_not_there() {
    let app = External::with_result();
    let id = app.id(NAME);
    app.put_out("nyushukkin-1.txt", "statement");
    let statement = app.id("nyushukkin-1.txt");
    let a = app.logged_in(TANTO_A).await;
    let list = a.get("/aoba/external/receive").await.expect_screen("BEF011");
    assert!(!list.text().contains(NAME), "no right to receive");
    app.to_proof(&a, &[id]).await.expect_status(404);
    let c = app.logged_in(TANTO_C).await;
    for path in ["?file_999999=on", &format!("?file_{id}=on&file_999999=on")] {
        c.get(&format!("/aoba/external/receive/proof{path}")).await.expect_status(404);
    }
    c.get("/aoba/external/receive/proof?file_x=on").await.expect_status(400);
    c.get("/aoba/external/receive/proof").await.expect_status(303);
    c.get("/aoba/external/receive/result/999999").await.expect_status(404);
    c.get("/aoba/external/receive/result/x").await.expect_status(404);
    // Another account, another contract, too old.
    let page = app.to_proof(&c, &[id]).await.expect_status(200);
    let form = page.form_having("otp");
    for (sql, back) in [
        (
            format!(
                "UPDATE external_files SET account_id = (SELECT MIN(id) FROM accounts WHERE \
                     purpose <> 'customer') WHERE id = {id}"
            ),
            format!("UPDATE external_files SET account_id = NULL WHERE id = {id}"),
        ),
        (
            format!(
                "UPDATE external_files SET contract_id = (SELECT MIN(id) FROM contracts \
                     WHERE portal = 'inaho') WHERE id = {id}"
            ),
            format!(
                "UPDATE external_files SET contract_id = {} WHERE id = {id}",
                app.contract_id()
            ),
        ),
        (
            format!("UPDATE external_files SET ready_at = '2026-09-01 00:00:00' WHERE id = {id}"),
            format!("UPDATE external_files SET ready_at = '2026-11-23 00:00:00' WHERE id = {id}"),
        ),
    ] {
        app.execute(&sql);
        app.to_proof(&c, &[id]).await.expect_status(404);
        let code = app.next_code(OF_C);
        c.post(&form.action, &form.filled(&[("otp", &code)])).await.expect_status(404);
        app.execute(&back);
    }
    // 入出金明細照会 is a right of its own.
    let user = app.id_of(TANTO_C);
    app.execute(&format!(
        "DELETE FROM user_rights WHERE user_id = {user} AND user_right = 'statement'"
    ));
    app.to_proof(&c, &[statement]).await.expect_status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM external_fetches"), 0);
}

#[tokio::test]
async fn two_who_fetch_at_once_both_get_it_and_both_are_recorded() {
    let app = External::with_result();
    let id = app.id(NAME);
    app.grant(TANTO_B, "external_receive");
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    let forms = [
        app.to_proof(&b, &[id]).await.form_having("otp"),
        app.to_proof(&c, &[id]).await.form_having("otp"),
    ];
    app.advance(30);
    let codes = ["AOB0000001", OF_C].map(|serial| crate::codes::code(serial, app.step(), 6));
    let (of_b, of_c) =
        (forms[0].filled(&[("otp", &codes[0])]), forms[1].filled(&[("otp", &codes[1])]));
    let (one, other) =
        tokio::join!(b.post(&forms[0].action, &of_b), c.post(&forms[1].action, &of_c));
    let one = b.follow(one.expect_status(303)).await.expect_screen("BEF013");
    let other = c.follow(other.expect_status(303)).await.expect_screen("BEF013");
    assert_ne!(one.fact("受付番号"), other.fact("受付番号"));
    let who = app.texts("SELECT user_name AS value FROM external_fetches ORDER BY user_name");
    assert_eq!(who, ["担当者B", "担当者C"]);
}

#[tokio::test]
async fn the_result_can_be_saved_from_the_page_of_its_bulk_file() {
    let app = External::with_result();
    let spec = Spec { state: BulkState::Done, ..Spec::waiting() };
    let bulk = app.write(&spec);
    app.execute(&format!("UPDATE external_files SET bulk_file_id = {bulk} WHERE name = '{NAME}'"));
    let c = app.logged_in(TANTO_C).await;
    let path = format!("/aoba/files/history/{bulk}");
    let (status, _, bytes) = c.get_bytes(&format!("{path}/result")).await;
    assert_eq!((status, bytes.as_slice()), (200, b"12345678\n".as_slice()));
    assert_eq!(app.number("SELECT COUNT(*) FROM external_fetches"), 1);
    c.get(&format!("{path}/result?end=lf")).await.expect_status(400);
    c.get("/aoba/files/history/999999/result").await.expect_status(404);
    app.execute("UPDATE external_files SET ready_at = '2026-09-01 00:00:00'");
    c.get(&format!("{path}/result")).await.expect_status(404);
}
