//! Lists and files of BFT040.

use super::site::{Desk, Spec, TANTO_B, TANTO_C};
use crate::aoba::site::AOBA;
use madoguchi::domain::bulk_file::{BulkKind, BulkState};

#[tokio::test]
async fn the_history_is_filtered_and_paged() {
    let app = Desk::new();
    for n in 0..55 {
        let kind = if n % 5 == 0 { BulkKind::GeneralTransfer } else { BulkKind::Salary };
        app.write(&Spec { kind, ..Spec::waiting() });
    }
    app.write(&Spec { name: "送ったもの", state: BulkState::Sent, ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    let list = async |query: &str| {
        b.get(&format!("/aoba/files/history{query}")).await.expect_screen("BFT040")
    };
    let first = list("").await;
    assert!(first.text().contains("1〜50件目（全56件）"), "{}", first.text());
    assert_eq!(first.table()[0][0], "送ったものの詳細");
    let second = list("?page=2").await;
    assert_eq!((second.table().len(), second.table()[0].len()), (6, 8));
    assert_eq!(list("?kind=general_transfer").await.table().len(), 11);
    assert_eq!(list("?state=sent").await.table().len(), 1);
    assert_eq!(list("?state=sent&kind=bonus").await.table().len(), 0);
    for odd in ["?state=uploading", "?state=x&kind=y&page=z", "?page=999999"] {
        list(odd).await;
    }
}

#[tokio::test]
async fn list_and_records_can_be_had_as_csv_in_both_character_sets() {
    let app = Desk::new();
    let id = app.write(&Spec { name: "=1+1 給与", ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    for (path, begins, lines) in [
        ("/aoba/files/csv?format=".to_owned(), "\"データ名\",\"種類\",\"状態\"", 2),
        (format!("/aoba/files/history/{id}/csv?format="), "\"番号\",\"金融機関コード\"", 4),
    ] {
        let (status, headers, utf8) = b.get_bytes(&format!("{path}csv")).await;
        assert_eq!((status, headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
        assert!(headers["content-disposition"].contains("attachment"), "{headers:?}");
        let text = String::from_utf8(utf8).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap();
        assert!(text.starts_with(begins), "{text}");
        assert_eq!(text.matches("\r\n").count(), lines, "{text}");
        let (_, headers, sjis) = b.get_bytes(&format!("{path}csv-sjis")).await;
        assert_eq!(headers["content-type"], "text/csv; charset=Shift_JIS");
        assert_eq!(encoding_rs::SHIFT_JIS.decode(&sjis).0, text);
        b.get(&format!("{path}zip")).await.expect_status(400);
    }
    let (_, _, bytes) = b.get_bytes("/aoba/files/csv?format=csv").await;
    let list = String::from_utf8(bytes).unwrap();
    assert!(list.contains("\"'=1+1 給与\",\"給与振込\",\"承認待ち\""), "{list}");
    let (_, _, bytes) = b.get_bytes(&format!("/aoba/files/history/{id}/csv?format=csv")).await;
    let items = String::from_utf8(bytes).unwrap();
    assert!(
        items.contains(r#""1","0001","","001","","1","1000001","ﾔﾏﾀﾞ ﾀﾛｳ","100000""#),
        "{items}"
    );
}

#[tokio::test]
async fn an_administrator_who_does_not_trade_has_no_files() {
    let app = Desk::new();
    let browser = app.logged_in(AOBA).await;
    let top = browser.get("/aoba/").await.expect_screen("BTP001");
    assert!(!top.body.contains("\"/aoba/files\""));
    for path in [
        "files",
        "files/approval",
        "files/sending",
        "files/history",
        "files/csv?format=csv",
        "files/pdf",
    ] {
        browser.get(&format!("/aoba/{path}")).await.expect_status(403);
    }
    let top = app.logged_in(TANTO_C).await.get("/aoba/").await.expect_screen("BTP001");
    assert!(top.body.contains("\"/aoba/files\""));
}

#[tokio::test]
async fn without_a_token_the_pages_say_why_and_what_to_do() {
    let app = Desk::without_tokens();
    let id = app.write(&Spec::waiting());
    let b = app.logged_in(TANTO_B).await;
    for path in ["files".to_owned(), "files/approval".to_owned(), format!("files/approval/{id}")] {
        let page = b.get(&format!("/aoba/{path}")).await.expect_status(200);
        let text = page.text();
        assert!(text.contains("まだご利用になれません"), "{path}: {text}");
        assert!(text.contains("ご契約先の管理者にお申し出ください"), "{path}: {text}");
        assert!(!text.contains("このコードで"), "{path}");
    }
    // 差戻し needs no code.
    let page = b.get(&format!("/aoba/files/approval/{id}")).await.expect_screen("BFT021");
    let form = page.form_having("comment");
    b.post(&form.action, &form.filled(&[("comment", "違います")])).await.expect_status(303);
    assert_eq!(app.file(id, "state"), "returned");
}
