//! BFT010 新規作成.

use super::site::{DAY, Site, body, fields_of, post, texts};
use crate::browser::{Browser, Page};

async fn made(site: &Site, browser: &Browser, kind: &str) -> Page {
    let form = browser.get("/aoba/files/new").await.expect_screen("BFT010").keyed_form();
    let account = site.account("id");
    let values = [("kind", kind), ("account", account.as_str()), ("on", DAY), ("name", "")];
    let answer = browser.post(&form.action, &form.filled(&values)).await.expect_status(303);
    browser.follow(answer).await.expect_screen("BFT012")
}

async fn pasted(browser: &Browser, file: &Page, act: &str, rows: &str, csv: &[u8]) -> Page {
    let path = format!("{}/rows", file.path);
    let fields = fields_of(browser, &path, &[("act", act), ("rows", rows)]).await;
    post(browser, &path, body(&texts(&fields), csv)).await
}

#[tokio::test]
async fn a_file_is_made_with_its_header_and_grows_by_rows() {
    let site = Site::new();
    let maker = site.maker().await;
    let file = made(&site, &maker, "salary").await;
    assert_eq!(file.fact("データ名").as_deref(), Some("給与振込 2026年12月1日分"));
    assert_eq!(file.fact("件数").as_deref(), Some("0件"));
    assert!(!file.has_form_to("/submit"), "nothing to hand in yet");
    let line =
        |n: usize| format!("1\t1\t普通\t{}\tやまだ たろう\t{}円\t{n}\n", 1_000 + n, 1_000 + n);
    let rows: String = (1..=3_000).map(line).collect();
    let looked = pasted(&maker, &file, "check", &rows, b"").await.expect_screen("BFT010");
    assert_eq!(looked.fact("読み取った行").as_deref(), Some("3,000行"));
    assert_eq!(looked.fact("誤りのある行").as_deref(), Some("0行"));
    assert_eq!(site.only("item_count"), "0", "only looked at");
    pasted(&maker, &file, "add", &rows, b"").await.expect_status(303);
    assert_eq!(site.only("item_count"), "3000");
    let total: usize = (1..=3_000).map(|n| 1_000 + n).sum();
    assert_eq!(site.only("total_yen"), total.to_string());
    assert_eq!(site.only("stride"), "120");
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_chunks"), 2);
    // A CSV file in Shift_JIS behind them, with headings.
    let headings = &b"\x8B\xE0\x97Z\x8B@\x8A\xD6,a,b,c,d,e\r\n"[..];
    let csv = [headings, b"0001,001,1,7654321,\xBD\xBD\xDE\xB7,\"12,000\"\r\n"].concat();
    pasted(&maker, &file, "add", "", &csv).await.expect_status(303);
    assert_eq!(site.only("item_count"), "3001");
    let found = maker.get(&format!("{}?q=7654321", file.path)).await.table();
    assert_eq!((found.len(), found[0][1].as_str()), (1, "スズキ"));
    let form = maker.get(&file.path).await.form_to("/submit");
    maker.post(&form.action, &form.hidden).await.expect_status(303);
    assert_eq!(site.files("waiting"), 1);
}

#[tokio::test]
async fn rows_with_errors_are_shown_one_by_one_and_none_is_added() {
    let site = Site::new();
    let maker = site.maker().await;
    let file = made(&site, &maker, "general_transfer").await;
    let rows = "0001,001,1,1234567,ｱ,100\n9998,001,1,1234567,ｱ,100\n0001,001,3,x,山田,0\n";
    for act in ["check", "add"] {
        let page = pasted(&maker, &file, act, rows, b"").await.expect_status(422);
        assert_eq!(page.fact("誤りのある行").as_deref(), Some("2行"), "{}", page.text());
        let table = page.table();
        assert_eq!((table[0][0].as_str(), table[1][0].as_str()), ("2", "3"), "errors first");
        assert!(table[0][2].contains("金融機関コード"), "{table:?}");
        assert!(page.body.contains("9998,001,1"), "what was pasted is kept");
    }
    for (rows, csv) in [("", &b""[..]), ("", &[0xFF, 0xFE]), (&"1,1,1,1,ｱ,1\n".repeat(5_001), b"")]
    {
        pasted(&maker, &file, "add", rows, csv).await.expect_status(422);
    }
    pasted(&maker, &file, "drop", "1,1,1,1,ｱ,1", b"").await.expect_status(400);
    assert_eq!(site.only("item_count"), "0");
}

#[tokio::test]
async fn a_payee_of_the_payee_book_fills_a_row() {
    let site = Site::new();
    let maker = site.maker().await;
    let file = made(&site, &maker, "general_transfer").await;
    let contract = site.user(crate::aoba::site::TANTO_A, "contract_id");
    site.execute(&format!(
        "INSERT INTO payees (portal, contract_id, user_id, bank_code, bank_name, branch_code, \
         branch_name, account_type, number, holder_kana, nickname, state, registered_at, version) \
         VALUES ('aoba', {contract}, {}, '0001', 'みずほ', '001', '東京営業部', 'checking', \
         '0076543', 'ｶ)ﾎｼﾐ', '', 'registered', '2026-11-01 00:00:00', 1)",
        site.user(crate::aoba::site::TANTO_A, "id")
    ));
    let id = site.number("SELECT MAX(id) FROM payees");
    let page = maker.get(&format!("{}/add?payee={id}", file.path)).await.expect_screen("BFT010");
    assert!(page.body.contains("value=\"0076543\""), "{}", page.text());
    let form = page.keyed_form();
    let values = [
        ("bank", "0001"),
        ("branch", "001"),
        ("account_type", "2"),
        ("number", "0076543"),
        ("name", "ｶ)ﾎｼﾐ"),
        ("amount", "50000"),
        ("new_code", "0"),
        ("ref1", ""),
        ("ref2", ""),
        ("edi", "ABC-1"),
    ];
    maker.post(&form.action, &form.filled(&values)).await.expect_status(303);
    let shown = maker.get(&file.path).await;
    assert_eq!(shown.table()[0][6], "ABC-1");
    maker.get(&format!("{}/add?payee=999999", file.path)).await.expect_status(404);
}

#[tokio::test]
async fn a_long_payee_book_is_searched_and_paged_on_a_short_page() {
    let site = Site::new();
    let maker = site.maker().await;
    let file = made(&site, &maker, "general_transfer").await;
    let contract = site.user(crate::aoba::site::TANTO_A, "contract_id");
    let user = site.user(crate::aoba::site::TANTO_A, "id");
    site.execute(&format!("DELETE FROM payees WHERE contract_id = {contract}"));
    let add = format!("{}/add", file.path);
    assert!(!maker.get(&add).await.text().contains("振込先一覧から選ぶ"));
    for n in 1..=500 {
        site.execute(&format!(
            "INSERT INTO payees (portal, contract_id, user_id, bank_code, bank_name, branch_code, \
             branch_name, account_type, number, holder_kana, nickname, state, registered_at, \
             version) VALUES ('aoba', {contract}, {user}, '0001', 'みずほ', '001', '東京営業部', \
             'ordinary', '{n:07}', 'ﾎｼﾐ {n:04}', '', 'registered', \
             '2026-11-01 00:00:00', 1)"
        ));
    }
    for (query, shown, first) in [
        ("", "500件のうち 1〜10件目", Some("ホシミ 0001")),
        ("?page=50", "500件のうち 491〜500件目", Some("ホシミ 0491")),
        ("?page=51", "当てはまる振込先はありません", None),
        ("?page=-3&q=%20", "500件のうち 1〜10件目", Some("ホシミ 0001")),
        ("?q=%E3%81%BB%E3%81%97%E3%81%BF+0123", "1件のうち 1〜1件目", None),
        ("?q=0000042", "1件のうち 1〜1件目", Some("ホシミ 0042")),
        ("?q=%E3%81%AA%E3%81%84", "当てはまる振込先はありません", None),
    ] {
        let page = maker.get(&format!("{add}{query}")).await.expect_screen("BFT010");
        assert!(page.body.len() < 60 * 1024, "{query}: {} bytes", page.body.len());
        assert!(page.text().contains(shown), "{query}: {}", page.text());
        if let Some(first) = first {
            assert!(page.table()[0][0].ends_with(first), "{query}: {:?}", page.table()[0]);
        }
    }
    let found = maker.get(&format!("{add}?q=0000042")).await;
    let link = found.link("下の欄に入れる（ホシミ 0042）").unwrap();
    let chosen = maker.get(&link).await.expect_screen("BFT010");
    assert!(chosen.body.contains("value=\"0000042\""), "{}", chosen.text());
}

#[tokio::test]
async fn what_cannot_be_chosen_makes_no_file() {
    let site = Site::new();
    let maker = site.maker().await;
    let form = maker.get("/aoba/files/new").await.keyed_form();
    let account = site.account("id");
    for (kind, account, on, status) in [
        ("", account.as_str(), DAY, 422),
        ("salary", account.as_str(), "", 422),
        ("salary", account.as_str(), "2026-11-29", 422),
        ("direct_debit", account.as_str(), "2026-11-26", 422),
        ("x", account.as_str(), DAY, 400),
        ("salary", "1", DAY, 400),
    ] {
        let values = [("kind", kind), ("account", account), ("on", on), ("name", "")];
        maker.post(&form.action, &form.filled(&values)).await.expect_status(status);
    }
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 0);
    // Sent twice, made once.
    let values = [("kind", "bonus"), ("account", account.as_str()), ("on", DAY), ("name", "賞与")];
    let sent = form.filled(&values);
    let (a, b) = tokio::join!(maker.post(&form.action, &sent), maker.post(&form.action, &sent));
    assert_eq!((a.status, b.status), (303, 303));
    assert_eq!(a.location, b.location);
    assert_eq!(site.files("draft"), 1);
}
