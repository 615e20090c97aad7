//! BFT012 修正: one record is changed, taken away, added; name and day.

use madoguchi::zengin::bulk::{BulkItem, BulkKind, BulkTrailer};

use super::site::{DAY, Site};
use crate::browser::{Browser, Page};

fn path(page: &Page) -> String {
    page.path.split('?').next().unwrap().to_owned()
}

/// The record of a file with CR LF, from 1, out of its chunks.
fn record(site: &Site, no: usize) -> Vec<u8> {
    let hex = site.texts(if site.services.db.is_sqlite() {
        "SELECT HEX(bytes) AS value FROM bulk_chunks ORDER BY no"
    } else {
        "SELECT UPPER(ENCODE(bytes, 'hex')) AS value FROM bulk_chunks ORDER BY no"
    });
    let hex = hex.concat();
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let from = (no - 1) * 122;
    assert_eq!(&bytes[from + 120..from + 122], b"\r\n");
    bytes[from..from + 120].to_vec()
}

fn item(site: &Site, no: usize) -> BulkItem {
    BulkItem::read(BulkKind::GeneralTransfer, &record(site, no)).unwrap()
}

fn trailer(site: &Site, no: usize) -> (u64, u64) {
    let trailer = BulkTrailer::read(BulkKind::GeneralTransfer, &record(site, no)).unwrap();
    (trailer.total_count, trailer.total_amount)
}

const GOOD: [(&str, &str); 10] = [
    ("bank", "0001"),
    ("branch", "001"),
    ("account_type", "1"),
    ("number", "7654321"),
    ("name", "すずき はなこ"),
    ("amount", "1,000"),
    ("new_code", "1"),
    ("ref1", "42"),
    ("ref2", ""),
    ("edi", ""),
];

/// A good record but for one field.
pub fn with(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    GOOD.iter().map(|(known, old)| (*known, if *known == name { value } else { *old })).collect()
}

async fn save(browser: &Browser, path: &str, values: &[(&str, &str)]) -> Page {
    let form = browser.get(path).await.expect_status(200).keyed_form();
    browser.post(&form.action, &form.filled(values)).await
}

#[tokio::test]
async fn a_repaired_record_changes_its_bytes_the_totals_and_the_digest() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 2_100).await;
    let (path, before) = (path(&page), site.only("content_sha256"));
    let total: i64 = site.only("total_yen").parse().unwrap();
    let address = format!("{path}/records/4");
    let answer = save(&maker, &address, &GOOD).await.expect_status(303);
    let shown = maker.follow(answer).await.expect_screen("BFT012");
    assert!(shown.text().contains("明細を修正しました"), "{}", shown.text());
    let changed = item(&site, 4);
    assert_eq!((changed.name.as_str(), changed.amount), ("ｽｽﾞｷ ﾊﾅｺ", 1_000));
    assert_eq!(changed.account_no, "7654321");
    // The third record was 103 yen.
    assert_eq!(site.only("total_yen"), (total - 103 + 1_000).to_string());
    assert_eq!(trailer(&site, 2_102), (2_100, u64::try_from(total).unwrap() + 897));
    assert_ne!(site.only("content_sha256"), before);
    assert_eq!(site.only("version"), "2");
    assert_eq!(site.texts("SELECT act AS value FROM bulk_events ORDER BY id"), ["create", "edit"]);
    // What cannot be, is said at its field; nothing changes.
    for (field, value, words) in [
        ("bank", "9", "4桁"),
        ("bank", "9998", "金融機関コードが見つかりません"),
        ("number", "x", "口座番号"),
        ("name", "鈴木", "漢字"),
        ("amount", "0", "1円以上"),
        ("edi", "A", "どちらか一方"),
    ] {
        let page = save(&maker, &address, &with(field, value)).await.expect_status(422);
        assert!(page.summary().contains(words), "{field}={value}: {}", page.summary());
    }
    assert_eq!(site.only("version"), "2");
    for foreign in ["records/1", "records/2102", "records/x"] {
        maker.get(&format!("{path}/{foreign}")).await.expect_status(404);
    }
}

#[tokio::test]
async fn of_two_repairs_of_the_same_content_one_wins() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 5).await;
    let path = path(&page);
    let one = maker.get(&format!("{path}/records/3")).await.keyed_form();
    let two = maker.get(&format!("{path}/records/4")).await.keyed_form();
    let (one_sent, two_sent) = (one.filled(&GOOD), two.filled(&GOOD));
    let (a, b) =
        tokio::join!(maker.post(&one.action, &one_sent), maker.post(&two.action, &two_sent));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", a.text(), b.text());
    assert_eq!(site.only("version"), "2");
    // The same form again shows the same result and changes nothing more.
    let (form, sent) = if a.status == 303 { (one, one_sent) } else { (two, two_sent) };
    maker.post(&form.action, &sent).await.expect_status(303);
    assert_eq!(site.only("version"), "2");
}

#[tokio::test]
async fn records_are_added_behind_and_taken_away_across_chunks() {
    let site = Site::new();
    let maker = site.maker().await;
    // Header and 1,998 records: the trailer is the last record of the first chunk.
    let page = site.uploaded(&maker, "general_transfer", 1_998).await;
    let path = path(&page);
    let mut total: u64 = site.only("total_yen").parse().unwrap();
    for added in 1..=3_u64 {
        save(&maker, &format!("{path}/add"), &GOOD).await.expect_status(303);
        total += 1_000;
        let count = 1_998 + added;
        let last = usize::try_from(count).unwrap() + 1;
        assert_eq!(item(&site, last).name, "ｽｽﾞｷ ﾊﾅｺ");
        assert_eq!(trailer(&site, last + 1), (count, total));
        assert_eq!(record(&site, last + 2)[0], b'9');
    }
    assert_eq!(site.only("item_count"), "2001");
    // The second item goes: all behind it move up.
    let remove = format!("{path}/records/3/delete");
    save(&maker, &remove, &[]).await.expect_status(303);
    total -= 102;
    assert_eq!(item(&site, 3).amount, 103);
    assert_eq!(item(&site, 2_000).name, "ｽｽﾞｷ ﾊﾅｺ");
    assert_eq!(trailer(&site, 2_002), (2_000, total));
    assert_eq!(site.only("total_yen"), total.to_string());
    // Back to one chunk.
    for _ in 0..2 {
        save(&maker, &remove, &[]).await.expect_status(303);
    }
    assert_eq!(site.only("item_count"), "1998");
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_chunks"), 2);
    for _ in 0..2 {
        save(&maker, &remove, &[]).await.expect_status(303);
    }
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_chunks"), 1);
    // It can still be handed in: the whole content is checked again.
    let form = maker.get(&path).await.form_to("/submit");
    maker.post(&form.action, &form.hidden).await.expect_status(303);
}

#[tokio::test]
async fn a_record_taken_away_from_the_middle_changes_its_chunk_and_the_trailers() {
    let site = Site::new();
    let maker = site.maker().await;
    // Five chunks: the last one has 101 records, trailer and end.
    let page = site.uploaded(&maker, "general_transfer", 8_100).await;
    let path = path(&page);
    let digests = || site.texts("SELECT sha256 AS value FROM bulk_chunks ORDER BY no");
    let before = digests();
    let mut total: u64 = site.only("total_yen").parse().unwrap();
    // Records 4,500 and, twice, 2,001: the last of the second chunk's neighbours.
    for (no, yen) in [(4_500, 4_599), (2_001, 2_100), (2_001, 2_101)] {
        save(&maker, &format!("{path}/records/{no}/delete"), &[]).await.expect_status(303);
        total -= yen;
    }
    let after = digests();
    let changed: Vec<usize> = (0..5).filter(|no| before[*no] != after[*no]).collect();
    assert_eq!((changed, after.len()), (vec![1, 2, 4], 5));
    assert_eq!(site.only("gaps"), "1:2 2:1");
    assert_eq!(
        (site.only("item_count"), site.only("total_yen")),
        ("8097".into(), total.to_string())
    );
    // Amounts as they were: the record's first number and 99.
    for (no, yen) in
        [(2_000, 2_099), (2_001, 2_102), (4_497, 4_598), (4_498, 4_600), (8_098, 8_200)]
    {
        assert_eq!(item(&site, no).amount, yen, "{no}");
        let form = maker.get(&format!("{path}/records/{no}")).await.expect_status(200);
        assert!(form.body.contains(&format!("value=\"{},{:03}\"", yen / 1_000, yen % 1_000)));
    }
    assert_eq!(trailer(&site, 8_099), (8_097, total));
    // Pages, search, repair and adding go by the new numbers.
    let last = maker.get(&format!("{path}?page=162")).await.table();
    assert_eq!((last.len(), last[46][0].as_str()), (47, "8,097"));
    let found = maker.get(&format!("{path}?q=1004500")).await.table();
    assert_eq!((found.len(), found[0][0].as_str()), (1, "4,497"));
    save(&maker, &format!("{path}/records/8098"), &GOOD).await.expect_status(303);
    assert_eq!(item(&site, 8_098).name, "ｽｽﾞｷ ﾊﾅｺ");
    save(&maker, &format!("{path}/add"), &GOOD).await.expect_status(303);
    assert_eq!(item(&site, 8_099).amount, 1_000);
    assert_eq!(record(&site, 8_101)[0], b'9');
    // The whole content is checked again, and a copy of it has no gaps.
    let form = maker.get(&path).await.form_to("/submit");
    maker.post(&form.action, &form.hidden).await.expect_status(303);
    let copy = maker.get(&format!("{path}/copy")).await.keyed_form();
    let values = [("name", "copy"), ("on", DAY)];
    maker.post(&copy.action, &copy.filled(&values)).await.expect_status(303);
    let of_copy = "FROM bulk_files WHERE name = 'copy'";
    assert_eq!(site.texts(&format!("SELECT gaps AS value {of_copy}")), [""]);
    let bytes = |which: &str| {
        site.number(&format!(
            "SELECT CAST(SUM(LENGTH(bytes)) AS BIGINT) FROM bulk_chunks WHERE file_id = \
             (SELECT {which}(id) FROM bulk_files)"
        ))
    };
    assert_eq!(bytes("MIN"), bytes("MAX"));
}

#[tokio::test]
async fn name_and_day_change_the_header() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 2).await;
    let path = path(&page);
    let account = site.account("id");
    let values = [("name", "12月の支払い"), ("account", account.as_str()), ("on", "2026-12-04")];
    save(&maker, &format!("{path}/head"), &values).await.expect_status(303);
    assert_eq!(&record(&site, 1)[54..58], b"1204");
    assert_eq!(
        (site.only("name"), site.only("value_date")),
        ("12月の支払い".into(), "2026-12-04".into())
    );
    for on in ["2026-11-25", "2026-12-05", "2027-01-20", "x", ""] {
        let values = [("name", "x"), ("account", account.as_str()), ("on", on)];
        let page = save(&maker, &format!("{path}/head"), &values).await;
        page.expect_status(422);
    }
    assert_ne!(DAY, site.only("value_date"));
}

#[tokio::test]
async fn whoever_makes_no_files_changes_none() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 2).await;
    let path = path(&page);
    // Another company.
    let other = site.logged_in(crate::aoba::site::TANTO_D).await;
    for below in ["", "/head", "/add", "/rows", "/copy", "/records/2", "/records/2/delete"] {
        other.get(&format!("{path}{below}")).await.expect_status(404);
    }
    // The right is gone; whoever may approve still sees it.
    let id = site.user(crate::aoba::site::TANTO_A, "id");
    site.execute(&format!("DELETE FROM user_rights WHERE user_id = {id}"));
    maker.get(&path).await.expect_status(404);
    site.execute(&format!(
        "INSERT INTO user_rights (user_id, user_right) VALUES ({id}, 'bulk_approve_transfer')"
    ));
    let seen = maker.get(&path).await.expect_screen("BFT012");
    assert!(!seen.has_form_to("/submit") && seen.link("明細を1件追加する").is_none());
    for below in ["/head", "/add", "/rows", "/copy", "/records/2", "/records/2/delete"] {
        maker.get(&format!("{path}{below}")).await.expect_status(403);
    }
    for address in ["/aoba/files/new", "/aoba/files/upload", "/aoba/files/copy"] {
        maker.get(address).await.expect_status(403);
    }
}
