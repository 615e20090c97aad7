//! BHL005, BHL006 and BFT050: what anybody may read and have checked, without login.

use madoguchi::zengin::layout::LineEnd;
use madoguchi::zengin::layouts;

use super::site::{Site, body, post, texts};
use crate::browser::{Browser, Page};
use crate::dump::{assert_unchanged, dump};

const CHECK: &str = "/aoba/files/check";

/// Has a file checked.
async fn check(browser: &Browser, kind: &str, file: &[u8]) -> Page {
    let form = browser.get(CHECK).await.expect_screen("BFT050").form_having("file");
    let mut fields: Vec<(String, String)> = form.hidden.clone().into_iter().collect();
    fields.push(("kind".to_owned(), kind.to_owned()));
    post(browser, CHECK, body(&texts(&fields), file)).await
}

#[tokio::test]
async fn each_format_has_its_page() {
    let site = Site::new();
    for slug in ["aoba", "inaho"] {
        let list = site.browser().get(&format!("/{slug}/help/files")).await.expect_screen("BHL005");
        assert_eq!(list.table().len(), layouts::ALL.len());
        for code in layouts::ALL.iter().flat_map(|format| format.business_types) {
            let path = format!("/{slug}/help/files/{code}");
            let (status, _, bytes) = site.browser().get_bytes(&path).await;
            assert_eq!(status, 200, "{path}");
            assert!(bytes.len() < 60 * 1024, "{path}: {} bytes", bytes.len());
        }
    }
    let page = site.browser().get("/aoba/help/files/21").await.expect_screen("BHL006");
    let text = page.text();
    for part in ["総合振込の形式", "振込依頼人名", "Z301", "EDI情報の文字", "15-54"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    for wrong in ["00", "2", "x"] {
        site.browser().get(&format!("/aoba/help/files/{wrong}")).await.expect_status(404);
    }
}

#[tokio::test]
async fn a_file_is_checked_and_nothing_of_it_is_kept() {
    let site = Site::new();
    let before = dump(&site);
    let browser = site.browser();
    let good = site.file("general_transfer", 3, LineEnd::CrLf);
    let page = check(&browser, "", &good).await.expect_screen("BFT050");
    assert!(page.text().contains("誤りは見つかりませんでした"), "{}", page.text());
    for (label, value) in [
        ("形式", "総合振込（種別コード 21）"),
        ("レコード", "120バイト、CR LF"),
        ("データ", "3件"),
        ("合計金額", "306円"),
        ("エラー", "0件"),
    ] {
        assert_eq!(page.fact(label).as_deref(), Some(value), "{label}");
    }
    let mut bad = good.clone();
    bad[122 * 2 + 80] = b'x';
    let page = check(&browser, "21", &bad).await.expect_screen("BFT050");
    assert_eq!(page.table()[0][1..4], ["3", "振込金額", "81"], "{:?}", page.table());
    let other = check(&browser, "11", &good).await.expect_status(200);
    assert!(other.text().contains("Z201"), "{}", other.text());
    let result = site.file("direct_debit", 2, LineEnd::None);
    let page = check(&browser, "91-result", &result).await.expect_status(200);
    assert!(page.text().contains("Z401") || page.text().contains("振替済"), "{}", page.text());
    let page = check(&browser, "", b"hello").await.expect_status(200);
    assert!(page.text().contains("Z009"), "{}", page.text());
    let empty = check(&browser, "", b"").await.expect_status(422);
    assert!(empty.summary().contains("ファイルを選んでください"), "{}", empty.summary());
    check(&browser, "99x", &good).await.expect_status(400);
    post(&browser, CHECK, body(&[("kind", "")], &good)).await.expect_status(403);
    assert_unchanged(&before, &dump(&site), "files that were only checked");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let site = Site::new();
    let browser = site.browser();
    // What is no file of ours costs no look at each of its bytes.
    let page = check(&browser, "", &vec![b'x'; 12 * 1024 * 1024 + 1]).await;
    page.expect_status(413);
}

#[tokio::test]
async fn the_ways_to_both_stand_where_files_are_made() {
    let site = Site::new();
    let maker = site.maker().await;
    for path in ["/aoba/files", "/aoba/files/upload"] {
        let page = maker.get(path).await.expect_status(200);
        assert_eq!(page.link("ファイルのチェック").as_deref(), Some(CHECK), "{path}");
        assert_eq!(page.link("ファイルの形式").as_deref(), Some("/aoba/help/files"), "{path}");
    }
}
