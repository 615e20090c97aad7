//! Lists as PDF: BFT040, and the records of one file.

use super::site::{Desk, Spec, TANTO_B};
use crate::aoba::site::TANTO_D;
use crate::browser::{Browser, Page};
use crate::staff::support::read_pdf;
use madoguchi::domain::bulk_file::BulkState;

/// The PDF behind a link of a page.
async fn saved(browser: &Browser, page: &str, words: &str) -> Page {
    let page = browser.get(page).await.expect_status(200);
    let link = page.link(words).unwrap_or_else(|| panic!("{words}: {}", page.text()));
    let pdf = browser.get(&link).await.expect_status(200);
    let header = |name: &str| {
        let found = pdf.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("content-disposition").starts_with("attachment; filename="), "{words}");
    pdf
}

#[tokio::test]
async fn list_and_records_can_be_had_as_pdf_page_by_page() {
    let app = Desk::new();
    let item = |n: u64| (format!("{:07}", 1_000_000 + n), format!("ﾔﾏﾀﾞ ﾀﾛｳ {n}"), 1_000 + n);
    let items: Vec<_> = (1..=130).map(item).collect();
    let id = app.write(&Spec { items, ..Spec::waiting() });
    app.write(&Spec { name: "送ったもの", state: BulkState::Sent, ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    // The same from each page that shows the records.
    for page in ["history", "approval"] {
        let page = format!("/aoba/files/{page}/{id}");
        let pdf = saved(&b, &page, "明細をPDFで保存").await;
        let text = read_pdf("pdftotext", &pdf);
        for part in [
            "給与振込の明細",
            "あおば信用金庫",
            "11月分給与",
            "2026年11月27日（金）",
            "名義",
            "ヤマダ タロウ 1 ",
            "ヤマダ タロウ 130",
            "0001-001",
            "普通 1000130",
            "1,130円",
            "2026年11月24日 12:00 作成",
            "3ページ",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("4ページ"), "{text}");
        assert_eq!(text.matches("名義").count(), 3, "the columns are named on each page: {text}");
        let fonts = read_pdf("pdffonts", &pdf);
        assert!(fonts.contains("yes yes yes"), "embedded, a part, with its characters: {fonts}");
    }
    let list = saved(&b, "/aoba/files/history", "一覧をPDFで保存").await;
    let text = read_pdf("pdftotext", &list);
    for part in ["ファイル伝送の状況・履歴", "すべて", "送ったもの", "送信済み", "承認待ち", "2件"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let sent = saved(&b, "/aoba/files/history?state=sent", "一覧をPDFで保存").await;
    let text = read_pdf("pdftotext", &sent);
    assert!(text.contains("送ったもの") && !text.contains("承認待ち"), "{text}");
}

#[tokio::test]
async fn what_is_too_long_or_anothers_is_no_pdf() {
    let app = Desk::new();
    let item = |n: u64| (format!("{:07}", 1_000_000 + n), "ﾔﾏﾀﾞ ﾀﾛｳ".to_owned(), 1_000 + n);
    let id = app.write(&Spec { items: (1..=60).map(item).collect(), ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    let page = format!("/aoba/files/history/{id}");
    let pdf = format!("{page}/pdf");
    app.logged_in(TANTO_D).await.get(&pdf).await.expect_status(404);
    b.get("/aoba/files/history/0/pdf").await.expect_status(404);
    for (count, is_offered, status) in [(60, true, 200), (10_001, false, 400)] {
        app.execute(&format!("UPDATE bulk_files SET item_count = {count} WHERE id = {id}"));
        let shown = b.get(&page).await.expect_screen("BFT040");
        assert_eq!(shown.link("明細をPDFで保存").is_some(), is_offered, "{count}");
        assert_eq!(shown.text().contains("PDFにできるのは1万件まで"), !is_offered, "{count}");
        b.get(&pdf).await.expect_status(status);
    }
}
