//! What differs from the file that was sent before.

use super::site::{Desk, Spec, TANTO_B};
use madoguchi::domain::bulk_file::{BulkKind, BulkState};

fn item(number: &str, name: &str, yen: u64) -> (String, String, u64) {
    (number.to_owned(), name.to_owned(), yen)
}

#[tokio::test]
async fn the_approver_sees_who_is_new_whose_account_changed_and_what_is_far_off() {
    let app = Desk::new();
    // Sent before, of another kind, and of the same kind.
    app.write(&Spec { kind: BulkKind::Bonus, state: BulkState::Done, ..Spec::waiting() });
    let last = vec![
        item("1000001", "ﾔﾏﾀﾞ ﾀﾛｳ", 100_000),
        item("1000002", "ｽｽﾞｷ ﾊﾅｺ", 200_000),
        item("1000003", "ｻﾄｳ ｼﾞﾛｳ", 300_000),
        item("1000004", "ﾀﾅｶ ｻﾌﾞﾛｳ", 50_000),
    ];
    app.write(&Spec {
        items: last,
        state: BulkState::Accepted,
        name: "10月分給与",
        ..Spec::waiting()
    });
    // Not sent: no measure.
    app.write(&Spec {
        items: vec![item("7", "ﾅﾅｼ", 1)],
        state: BulkState::Draft,
        ..Spec::waiting()
    });
    let now = vec![
        item("1000001", "ﾔﾏﾀﾞ ﾀﾛｳ", 250_000),
        item("1000009", "ｽｽﾞｷ ﾊﾅｺ", 200_000),
        item("1000003", "ｻﾄｳ ｼﾞﾛｳ", 300_000),
        item("1000005", "ｲﾄｳ ｼﾛｳ", 80_000),
    ];
    let id = app.write(&Spec { items: now, ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    let path = format!("/aoba/files/approval/{id}");
    let page = b.get(&path).await.expect_screen("BFT021");
    assert_eq!(page.fact("前回のデータ").as_deref(), Some("10月分給与"));
    assert_eq!(page.fact("前回だけにある口座").as_deref(), Some("2件"));
    let text = page.text();
    assert!(text.contains("新しい相手 1件") && text.contains("イトウ シロウ"), "{text}");
    assert!(text.contains("口座が変わった相手 1件") && text.contains("普通 1000009"), "{text}");
    assert!(text.contains("金額が大きく違う相手 1件"), "{text}");
    let rows = page.table();
    let far = ["1", "0001-001", "普通 1000001", "ヤマダ タロウ", "100,000円", "250,000円"];
    assert!(rows.iter().any(|row| row.as_slice() == far), "{rows:?}");
    assert_eq!(page.fact("他行の口座あて").as_deref(), Some("4件"));
    assert_ne!(page.fact("手数料（見込み）").as_deref(), Some("無料"));
}

#[tokio::test]
async fn the_records_are_paged_and_only_the_first_page_approves() {
    let app = Desk::new();
    let many: Vec<_> =
        (0..4_321).map(|n| item(&format!("{:07}", 1_000_000 + n), "ﾔﾏﾀﾞ ﾀﾛｳ", 1_000)).collect();
    let id = app.write(&Spec { items: many, ..Spec::waiting() });
    let b = app.logged_in(TANTO_B).await;
    let path = format!("/aoba/files/approval/{id}");
    let first = b.get(&path).await.expect_screen("BFT021");
    assert!(first.text().contains("1〜50件目（全4,321件）"), "{}", first.text());
    // Over the border of two chunks.
    let page = b.get(&format!("{path}?page=40")).await.expect_screen("BFT021");
    let rows = page.table();
    assert_eq!((rows[0][0].as_str(), rows[49][2].as_str()), ("1951", "普通 1001999"));
    assert!(!page.has_form_to(&format!("/approval/{id}")));
    let last = b.get(&format!("{path}?page=9999")).await.expect_screen("BFT021");
    assert!(last.text().contains("4301〜4321件目"), "{}", last.text());
    for wrong in ["0", "-1", "x", "99999999999999999999"] {
        b.get(&format!("{path}?page={wrong}")).await.expect_screen("BFT021");
    }
}
