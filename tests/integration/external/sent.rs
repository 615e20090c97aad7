//! BEF001 to BEF003.

use madoguchi::domain::bulk_file::BulkKind;
use madoguchi::primitives::yen::Yen;
use madoguchi::zengin::bulk::BulkHeader;
use madoguchi::zengin::layout::LineEnd;

use super::site::External;
use crate::aoba::site::TANTO_A;
use crate::browser::{Browser, Page};
use crate::bulk_desk::site::{OF_C, TANTO_C};
use crate::bulk_files::site::{body, fields_of, item, post, texts, written};

const SEND: &str = "/aoba/external/send";

fn file(mmdd: &str) -> Vec<u8> {
    let header = BulkHeader {
        business_type: "21".to_owned(),
        originator_code: "0000009001".to_owned(),
        originator_name: "ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
        value_date_mmdd: mmdd.to_owned(),
        own_bank_code: "0981".to_owned(),
        own_branch_code: "401".to_owned(),
        own_account_type: Some(1),
        own_account_no: "8010012".to_owned(),
        ..BulkHeader::default()
    };
    written(&header, (1..=3).map(item), LineEnd::CrLf)
}

fn site() -> External {
    let app = External::new();
    app.agree(BulkKind::GeneralTransfer, |service| service.external_send = true);
    app
}

async fn uploads(browser: &Browser, kind: &str, file: &[u8]) -> Page {
    let fields = fields_of(browser, SEND, &[("kind", kind)]).await;
    post(browser, SEND, body(&texts(&fields), file)).await
}

/// BEF002 of a file that is right.
async fn staged(browser: &Browser) -> Page {
    let answer = uploads(browser, "general_transfer", &file("1201")).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BEF002")
}

#[tokio::test]
async fn a_file_is_checked_proven_and_sent_once() {
    let app = site();
    let c = app.logged_in(TANTO_C).await;
    c.get(SEND).await.expect_screen("BEF001");
    let page = staged(&c).await;
    assert_eq!(page.fact("件数").as_deref(), Some("3件"));
    assert_eq!(page.fact("合計金額").as_deref(), Some("306円"));
    let id = app.number("SELECT MAX(id) FROM bulk_files");
    assert_eq!(app.file(id, "state"), "uploading");
    // Nobody else sees it, not even in the history.
    let history = c.get("/aoba/files/history").await;
    assert!(!history.text().contains("furikomi.txt"));
    let form = page.form_having("otp");
    let code = app.next_code(OF_C);
    let fields = form.filled(&[("otp", &code)]);
    let (one, other) = tokio::join!(c.post(&form.action, &fields), c.post(&form.action, &fields));
    let one = c.follow(one.expect_status(303)).await.expect_screen("BEF003");
    let other = c.follow(other.expect_status(303)).await.expect_screen("BEF003");
    assert_eq!(one.fact("受付番号"), other.fact("受付番号"));
    let again = c.post(&form.action, &fields).await.expect_status(303);
    c.follow(again).await.expect_screen("BEF003");
    assert_eq!(app.file(id, "state"), "sent");
    assert_eq!(app.file(id, "origin"), "external");
    assert_eq!(app.file(id, "sender_id"), app.id_of(TANTO_C).to_string());
    assert_eq!(app.history(id), ["create draft none", "send sent otp"]);
    let number = format!("{:0>7}", app.file(id, "receipt_number"));
    assert_eq!(one.fact("受付番号").as_deref(), Some(number.as_str()));
    assert_eq!(app.mails("bulk_sent"), 1);
    let counted = "SELECT CAST(COALESCE(SUM(counted_yen), 0) AS BIGINT) FROM payment_totals \
                   WHERE service = 'files' AND user_id = 0";
    assert_eq!(app.number(counted), 306, "for the limits of its day");
    let detail = c.get(&format!("/aoba/files/history/{id}")).await.expect_screen("BFT040");
    assert!(detail.text().contains("送信済み"));
    c.get(&format!("{SEND}/{id}")).await.expect_status(404);
    // The institution takes it like any other.
    crate::bulk_run::site::works_of(&app);
    assert_eq!(app.file(id, "state"), "accepted");
}

#[tokio::test]
async fn what_is_wrong_is_reported_and_not_kept() {
    let app = site();
    let c = app.logged_in(TANTO_C).await;
    let answer = uploads(&c, "general_transfer", &file("1122")).await.expect_status(303);
    let report = c.follow(answer).await.expect_screen("BEF001");
    assert!(report.text().contains("このファイルは登録していません"), "{}", report.text());
    assert_eq!(app.number("SELECT COUNT(*) FROM bulk_files"), 0);
    let nothing = uploads(&c, "general_transfer", b"").await.expect_status(422);
    assert!(nothing.summary().contains("ファイルを選んでください"));
    let unchosen = uploads(&c, "", &file("1201")).await.expect_status(422);
    assert!(unchosen.summary().contains("種類を選び"));
    uploads(&c, "salary", &file("1201")).await.expect_status(400);
    // Thrown away by its sender, or left alone for an hour.
    let page = staged(&c).await;
    let form = page.form_to("/cancel");
    c.post(&form.action, &form.filled(&[])).await.expect_status(303);
    assert_eq!(app.number("SELECT COUNT(*) FROM bulk_files"), 0);
    c.post(&form.action, &form.filled(&[])).await.expect_status(404);
    staged(&c).await;
    app.advance(61 * 60);
    crate::bulk_run::site::works_of(&app);
    assert_eq!(app.number("SELECT COUNT(*) FROM bulk_files"), 0);
}

#[tokio::test]
async fn it_does_not_go_around_what_was_agreed() {
    let app = site();
    let a = app.logged_in(TANTO_A).await;
    let page = a.get(SEND).await.expect_screen("BEF001");
    assert!(page.text().contains("権限がありません"), "{}", page.text());
    let c = app.logged_in(TANTO_C).await;
    let page = staged(&c).await;
    let id = app.number("SELECT MAX(id) FROM bulk_files");
    a.get(&format!("{SEND}/{id}")).await.expect_status(404);
    let mut form = page.form_having("otp");
    let user = app.id_of(TANTO_C);
    for (what, words, back) in [
        ("two", "2人の承認", None),
        ("limit", "上限額", None),
        (
            "right",
            "権限",
            Some(format!(
                "INSERT INTO user_rights (user_id, user_right) VALUES \
                                        ({user}, 'bulk_send_transfer')"
            )),
        ),
        ("agreement", "お申し込み", None),
    ] {
        app.agree(BulkKind::GeneralTransfer, |service| {
            service.external_send = what != "agreement";
            service.second_approval_from_yen = (what == "two").then_some(Yen(306));
            if what == "limit" {
                service.file_limit_yen = Yen(305);
                service.record_limit_yen = Yen(305);
            }
        });
        if what == "right" {
            app.execute(&format!(
                "DELETE FROM user_rights WHERE user_id = {user} \
                 AND user_right = 'bulk_send_transfer'"
            ));
        }
        let code = app.next_code(OF_C);
        let answer = c.post(&form.action, &form.filled(&[("otp", &code)])).await;
        let refused = answer.expect_status(409);
        assert!(refused.text().contains(words), "{what}: {}", refused.text());
        assert_eq!(app.file(id, "state"), "uploading", "{what}");
        if let Some(back) = back {
            app.execute(&back);
        }
        app.agree(BulkKind::GeneralTransfer, |service| service.external_send = true);
        let page = c.get(&format!("{SEND}/{id}")).await.expect_screen("BEF002");
        form = page.form_having("otp");
    }
    let code = app.next_code(OF_C);
    let answer = c.post(&form.action, &form.filled(&[("otp", &code)])).await;
    c.follow(answer.expect_status(303)).await.expect_screen("BEF003");
}

#[tokio::test]
async fn after_its_deadline_it_is_not_sent() {
    let app = site();
    let c = app.logged_in(TANTO_C).await;
    let answer = uploads(&c, "general_transfer", &file("1201")).await.expect_status(303);
    let page = c.follow(answer).await.expect_screen("BEF002");
    let form = page.form_having("otp");
    let id = app.number("SELECT MAX(id) FROM bulk_files");
    app.execute(&format!(
        "UPDATE bulk_files SET deadline_at = '2026-11-24 00:00:00' WHERE id = {id}"
    ));
    let code = app.next_code(OF_C);
    let refused = c.post(&form.action, &form.filled(&[("otp", &code)])).await.expect_status(409);
    assert!(refused.text().contains("締切を過ぎました"), "{}", refused.text());
    assert_eq!(app.file(id, "state"), "uploading");
}
