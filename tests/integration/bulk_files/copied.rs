//! BFT013 過去データの利用.

use super::site::{DAY, Site};
use crate::aoba::site::TANTO_D;

#[tokio::test]
async fn an_earlier_file_becomes_a_new_draft_with_a_new_day() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "salary", 2_500).await;
    let source = page.path.clone();
    site.execute("UPDATE bulk_files SET value_date = '2026-11-25'");
    let list = maker.get("/aoba/files/copy").await.expect_screen("BFT013");
    let address = list.link("furikomi.txt").unwrap();
    let form = maker.get(&address).await.expect_screen("BFT013").keyed_form();
    let values = [("name", "12月分給与"), ("on", "2026-12-10")];
    let answer = maker.post(&form.action, &form.filled(&values)).await.expect_status(303);
    let copy = maker.follow(answer).await.expect_screen("BFT012");
    assert_ne!(copy.path, source);
    assert_eq!(copy.fact("データ名").as_deref(), Some("12月分給与"));
    assert_eq!(copy.fact("指定日").as_deref(), Some("2026年12月10日（木）"));
    assert_eq!(copy.fact("件数").as_deref(), Some("2,500件"));
    let origins = "SELECT origin AS value FROM bulk_files ORDER BY id";
    assert_eq!(site.texts(origins), ["upload", "copy"]);
    // Nothing but the header differs.
    let digests = "SELECT sha256 AS value FROM bulk_chunks WHERE no = 1 ORDER BY file_id";
    let digests = site.texts(digests);
    assert_eq!(digests[0], digests[1]);
    let submit = copy.form_to("/submit");
    maker.post(&submit.action, &submit.hidden).await.expect_status(303);
    // The same form again leads to the same file.
    let again = maker.post(&form.action, &form.filled(&values)).await.expect_status(303);
    assert_eq!(again.location.as_deref(), Some(copy.path.as_str()));
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 2);
}

#[tokio::test]
async fn only_ones_own_files_and_days_can_be_chosen() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "salary", 3).await;
    let form = maker.get(&format!("{}/copy", page.path)).await.keyed_form();
    for on in ["", "2026-11-25", "2026-12-05", "2027-03-01"] {
        let values = [("name", ""), ("on", on)];
        maker.post(&form.action, &form.filled(&values)).await.expect_status(422);
    }
    let other = site.logged_in(TANTO_D).await;
    other.get(&format!("{}/copy", page.path)).await.expect_status(404);
    assert!(other.get("/aoba/files/copy").await.link("furikomi.txt").is_none());
    // The content changed since it was shown.
    site.execute("UPDATE bulk_files SET content_sha256 = REPLACE(content_sha256, '0', '1')");
    let values = [("name", ""), ("on", DAY)];
    maker.post(&form.action, &form.filled(&values)).await.expect_status(409);
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 1);
}
