//! The choice of bank and branch, all of it by GET.

use super::site::PayeeApp;

#[tokio::test]
async fn banks_and_branches_are_found_as_typed_and_by_initial() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let base = "/kodama/payees/new";
    for (query, shows, hides) in [
        ("", &["こだま信用金庫", "ゆうちょ", "2026年8月24日現在"][..], &["農協"][..]),
        ("?q=0984", &["しらかば信用金庫", "1件"], &["bank=0983"]),
        ("?q=mizuho", &["みずほ", "bank=0001"], &["ゆうちょ"]),
        ("?q=%E3%81%BF%E3%81%9A%E3%81%BB%E9%8A%80%E8%A1%8C", &["bank=0001"], &["ゆうちょ"]),
        ("?q=%EF%BE%9D%EF%BE%9D%EF%BE%9D", &["当てはまるものがありません"], &["bank=0001"]),
        ("?initial=%E3%81%BF", &["みずほ", "みのり信用組合", "みなと"], &["りそな"]),
        ("?initial=%E3%81%82%E8%A1%8C", &["48件目", "次の48件"], &["みずほ"]),
        ("?initial=%E3%81%82%E8%A1%8C&page=2", &["49〜", "前の48件"], &["みずほ"]),
        ("?initial=%E3%81%82%E8%A1%8C&page=999", &["前の48件"], &["次の48件"]),
        ("?initial=%3Cscript%3E&page=-1&q=", &["よく利用される金融機関"], &["<script>"]),
        ("?bank=9999", &["この金融機関コードは見つかりません"], &[]),
        ("?bank=0001", &["みずほ（0001）", "すべての支店", "件のうち 1〜48件目"], &["口座番号"]),
        ("?bank=0001&q=shibuya", &["渋谷"], &["東京営業部"]),
        ("?bank=0001&branch=000", &["この店番は見つかりません"], &["口座番号"]),
        ("?bank=0983", &["本店", "山の手支店"], &["すべての金融機関"]),
        ("?bank=0001&branch=001", &["東京営業部（001）", "口座番号"], &["すべての支店"]),
    ] {
        let page = browser.get(&format!("{base}{query}")).await.expect_status(200);
        let page = page.expect_screen("BTR021");
        assert!(page.body.len() < 60 * 1024, "{query}: {} bytes", page.body.len());
        let body = page.body.split("<main").nth(1).unwrap().split("</main").next().unwrap();
        for word in shows {
            assert!(body.contains(word), "{query}: {word} is missing: {}", page.text());
        }
        for word in hides {
            assert!(!body.contains(word), "{query}: {word} is there: {}", page.text());
        }
    }
}
