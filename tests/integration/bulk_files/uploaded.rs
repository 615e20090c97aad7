//! BFT011 アップロード.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use madoguchi::db::queries::users;
use madoguchi::domain::bulk_file::BulkOrigin;
use madoguchi::jobs::worker::Worker;
use madoguchi::operations::bulk_file::upload::{Upload, UploadOutcome, upload};
use madoguchi::operations::one_time_key::RequestKey;
use madoguchi::primitives::ids::{UserId, random_id};
use madoguchi::zengin::layout::LineEnd;
use sha2::{Digest, Sha256};

use super::repaired::with;
use super::site::{DAY, Site, body, fields_of, item, post, send, texts, written};
use crate::aoba::site::TANTO_A;

const FREE: [(&str, &str); 2] = [("kind", ""), ("account", "")];

fn input(site: &Site) -> Upload {
    let id = UserId(site.user(TANTO_A, "id").parse().unwrap());
    let user = site.services.db.read_blocking(move |conn| users::get(conn, id)).unwrap();
    let key = RequestKey {
        key: random_id().unwrap(),
        user_id: id,
        operation: "bulk.create",
        payload_digest: "x".repeat(43),
    };
    let name = "furikomi.txt".to_owned();
    let files_url = "/aoba/files".to_owned();
    let origin = BulkOrigin::Upload;
    let value_date = None;
    Upload { user, kind: None, account_id: None, origin, value_date, name, key, files_url }
}

#[tokio::test]
async fn a_file_becomes_a_draft_with_what_its_header_says() {
    let site = Site::new();
    let maker = site.maker().await;
    let file = site.file("general_transfer", 60, LineEnd::CrLf);
    let answer = send(&maker, &FREE, &file).await.expect_status(303);
    let page = maker.follow(answer).await.expect_screen("BFT012");
    for (label, value) in [
        ("種類", "総合振込"),
        ("データ名", "furikomi.txt"),
        ("状態", "作成中"),
        ("指定日", "2026年12月1日（火）"),
        ("件数", "60件"),
        ("合計金額", "7,830円"),
    ] {
        assert_eq!(page.fact(label).as_deref(), Some(value), "{label}");
    }
    assert_eq!(page.table().len(), 50);
    let hex: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(site.only("original_sha256"), hex);
    assert_eq!(site.only("stride"), "122");
    assert_eq!(site.texts("SELECT act AS value FROM bulk_events"), ["create"]);
    let content = site.only("content_sha256");
    let details = format!("60 records, 7830 yen, on 2026-12-01, content {}", &content[..12]);
    assert_eq!(site.audited("bulk.create", &details), 1);
    // Any page at once, and search.
    let second = maker.get(&format!("{}?page=2", page.path)).await;
    assert_eq!(second.table().len(), 10);
    let found = maker.get(&format!("{}?q=1000042", page.path)).await.table();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0][1], "ヤマダ タロウ 42");
    // The same content again, with a warning.
    let answer = send(&maker, &FREE, &file).await.expect_status(303);
    let again = maker.follow(answer).await.expect_screen("BFT012");
    assert!(again.text().contains("Z317"), "{}", again.text());
    assert_eq!(site.files("draft"), 2);
}

#[tokio::test]
async fn pieces_of_any_length_make_the_same_file() {
    let site = Site::new();
    let file = site.file("salary", 4_300, LineEnd::None);
    for (length, count) in [(7_usize, 1), (119, 2), (240_001, 3), (file.len(), 4)] {
        let pieces: Vec<Result<Vec<u8>, Infallible>> =
            file.chunks(length).map(|piece| Ok(piece.to_vec())).collect();
        let outcome =
            upload(&site.services, &site.ctx_of("aoba"), &input(&site), stream::iter(pieces)).await;
        assert!(matches!(outcome, Ok(UploadOutcome::Kept(_))), "{length}: {outcome:?}");
        assert_eq!(site.files("draft"), count);
    }
    let alike = "SELECT DISTINCT content_sha256 AS value FROM bulk_files";
    assert_eq!(site.texts(alike).len(), 1);
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_chunks"), 12);
    let kept = "SELECT SUM(LENGTH(bytes)) FROM bulk_chunks \
                WHERE file_id = (SELECT MIN(id) FROM bulk_files)";
    assert_eq!(site.number(kept), i64::try_from(file.len()).unwrap());
}

#[tokio::test]
async fn of_a_file_with_errors_only_the_report_is_kept() {
    let site = Site::new();
    let maker = site.maker().await;
    let good = site.file("general_transfer", 3, LineEnd::CrLf);
    let mut bad = good.clone();
    // The amount of the second item: record 3.
    bad[122 * 2 + 80] = b'x';
    let answer = send(&maker, &FREE, &bad).await.expect_status(303);
    let page = maker.follow(answer).await.expect_screen("BFT011");
    let table = page.table();
    assert_eq!(table[0][1..4], ["3", "振込金額", "81"], "{table:?}");
    assert!(page.link("もう一度アップロードする").is_some());
    for table in ["bulk_files", "bulk_chunks"] {
        assert_eq!(site.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_reports"), 1);
    // Nobody else sees it.
    let other = site.logged_in(crate::aoba::site::TANTO_D).await;
    other.get(&page.path).await.expect_status(404);
    // Whatever is no such file has a report, too.
    for bytes in [&b"hello"[..], &[0xEF, 0xBB, 0xBF, b'1'], &good[..500]] {
        let answer = send(&maker, &FREE, bytes).await.expect_status(303);
        maker.follow(answer).await.expect_screen("BFT011");
        assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 0);
    }
    let empty = send(&maker, &FREE, b"").await.expect_status(422);
    assert!(empty.summary().contains("ファイルを選んでください"), "{}", empty.summary());
}

#[tokio::test]
async fn kind_originator_and_account_are_the_contracts() {
    let site = Site::new();
    let maker = site.maker().await;
    let own = site.header("general_transfer");
    let foreign = site.texts(
        "SELECT branch_code || number AS value FROM accounts WHERE contract_id IS NOT NULL \
         AND portal = 'aoba' AND account_type = 'ordinary' ORDER BY id DESC",
    )[0]
    .clone();
    let mut originator = own.clone();
    originator.originator_code = "9999999999".to_owned();
    let mut account = own.clone();
    account.own_branch_code = foreign[..3].to_owned();
    account.own_account_no = foreign[3..].to_owned();
    let mut late = own.clone();
    late.value_date_mmdd = "1125".to_owned();
    for (header, code) in [(&originator, "Z203"), (&account, "Z205"), (&late, "Z209")] {
        let file = written(header, (1..=2).map(item), LineEnd::None);
        let answer = send(&maker, &FREE, &file).await.expect_status(303);
        let page = maker.follow(answer).await.expect_screen("BFT011");
        assert!(page.text().contains(code), "{code}: {}", page.text());
    }
    // Another kind than the chosen one.
    let file = site.file("general_transfer", 2, LineEnd::None);
    let answer = send(&maker, &[("kind", "salary"), ("account", "")], &file).await;
    let page = maker.follow(answer.expect_status(303)).await.expect_screen("BFT011");
    assert!(page.text().contains("Z201"), "{}", page.text());
    // A kind that was not agreed, or not the user's.
    site.execute("DELETE FROM user_rights WHERE user_right = 'bulk_make_debit'");
    let debit = site.header("direct_debit");
    let file = written(&debit, (1..=2).map(item), LineEnd::None);
    let answer = send(&maker, &FREE, &file).await.expect_status(303);
    maker.follow(answer).await.expect_screen("BFT011");
    send(&maker, &[("kind", "direct_debit"), ("account", "")], &file).await.expect_status(400);
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 0);
}

#[tokio::test]
async fn the_same_form_twice_makes_one_file() {
    let site = Site::new();
    let maker = site.maker().await;
    let fields = fields_of(&maker, "/aoba/files/upload", &FREE).await;
    let bytes = body(&texts(&fields), &site.file("bonus", 5, LineEnd::None));
    let path = "/aoba/files/upload";
    let (a, b) = tokio::join!(post(&maker, path, bytes.clone()), post(&maker, path, bytes.clone()));
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    assert_eq!(a.location, b.location);
    let third = post(&maker, path, bytes).await.expect_status(303);
    assert_eq!(third.location, a.location);
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 1);
}

#[tokio::test]
async fn forms_that_are_none_keep_nothing() {
    let site = Site::new();
    let maker = site.maker().await;
    let path = "/aoba/files/upload";
    let file = site.file("bonus", 5, LineEnd::None);
    let fields = fields_of(&maker, path, &FREE).await;
    let without = |name: &str| {
        let rest = fields.iter().filter(|(field, _)| field != name).cloned().collect::<Vec<_>>();
        body(&texts(&rest), &file)
    };
    for (name, status) in [("csrf_token", 403), ("request_key", 400), ("kind", 400)] {
        post(&maker, path, without(name)).await.expect_status(status);
    }
    // A field behind the file.
    let mut late = body(&texts(&fields), &file);
    late.truncate(late.len() - 4);
    late.extend(b"\r\nContent-Disposition: form-data; name=\"more\"\r\n\r\nx\r\n");
    late.extend(b"------tests7MA4YWxkTrZu0gW--\r\n");
    post(&maker, path, late).await.expect_status(400);
    for (field, value) in [("kind", "x"), ("account", "999999999")] {
        let mut other = fields.clone();
        other.iter_mut().filter(|(name, _)| name == field).for_each(|f| f.1 = value.to_owned());
        post(&maker, path, body(&texts(&other), &file)).await.expect_status(400);
    }
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 0);
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_chunks"), 0);
}

#[tokio::test]
async fn what_breaks_off_is_taken_away() {
    let site = Site::new();
    let file = site.file("salary", 3_000, LineEnd::None);
    let ctx = site.ctx_of("aoba");
    let begun = file[..300_000].to_vec();
    // The connection breaks.
    let broken = stream::iter([Ok(begun.clone()), Err("gone")]);
    let outcome = upload(&site.services, &ctx, &input(&site), broken).await;
    assert!(matches!(outcome, Ok(UploadOutcome::Broken)), "{outcome:?}");
    assert_eq!(site.number("SELECT COUNT(*) FROM bulk_files"), 0);
    // The server is killed: nothing tidies up, and nobody sees anything.
    let forever = stream::iter([Ok::<_, Infallible>(begun)]).chain(stream::pending());
    let given = input(&site);
    let killed = upload(&site.services, &ctx, &given, forever);
    assert!(tokio::time::timeout(Duration::from_secs(2), killed).await.is_err());
    assert_eq!(site.files("uploading"), 1);
    let maker = site.maker().await;
    let id = site.only("id");
    maker.get(&format!("/aoba/files/{id}")).await.expect_status(404);
    assert!(!maker.get("/aoba/files/copy").await.text().contains("furikomi"));
    let worker = Worker::new(site.services.clone(), None).unwrap();
    site.advance(3_500);
    worker.run_due_once();
    assert_eq!(site.files("uploading"), 1, "not yet");
    site.advance(200);
    worker.run_due_once();
    for table in ["bulk_files", "bulk_chunks"] {
        assert_eq!(site.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test]
async fn a_file_with_lf_alone_is_read_repaired_and_handed_out_as_any_other() {
    let site = Site::new();
    let maker = site.maker().await;
    let file: Vec<u8> = site
        .file("general_transfer", 2_100, LineEnd::None)
        .chunks(120)
        .flat_map(|record| [record, b"\n"].concat())
        .collect();
    let answer = send(&maker, &FREE, &file).await.expect_status(303);
    let page = maker.follow(answer).await.expect_screen("BFT012");
    assert!(page.text().contains("Z005"), "{}", page.text());
    assert_eq!((site.only("stride"), site.only("item_count")), ("121".into(), "2100".into()));
    let last = maker.get(&format!("{}?page=42", page.path)).await.table();
    // Behind the line of the warning.
    assert_eq!((last.len(), last[50][1].as_str()), (51, "ヤマダ タロウ 2100"));
    let address = format!("{}/records/2050", page.path.split('?').next().unwrap());
    let form = maker.get(&address).await.expect_status(200).keyed_form();
    let answer = maker.post(&form.action, &form.filled(&with("amount", "7"))).await;
    maker.follow(answer.expect_status(303)).await.expect_screen("BFT012");
    let lengths = "SELECT SUM(LENGTH(bytes)) FROM bulk_chunks";
    assert_eq!(site.number(lengths), i64::try_from(file.len()).unwrap());
    let sum: i64 = (1..=2_100).map(|n| 100 + n).sum();
    assert_eq!(site.only("total_yen"), (sum - (100 + 2_049) + 7).to_string());
    let list = format!("/aoba/files/history/{}/csv?format=csv", site.only("id"));
    let (status, _, csv) = maker.get_bytes(&list).await;
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!((status, csv.lines().count()), (200, 2_101));
    assert!(csv.contains("\"2049\",\"0001\""), "{}", csv.lines().nth(2_049).unwrap());
}

#[tokio::test]
async fn a_list_in_csv_becomes_a_file_of_the_chosen_account_and_day() {
    let site = Site::new();
    let maker = site.maker().await;
    let account = site.account("id");
    let chosen = [("kind", "general_transfer"), ("account", account.as_str()), ("on", DAY)];
    let list = "金融機関コード,店番,預金種目,口座番号,名義,金額\r\n\
                1,1,1,1234567,ヤマダ　ハナコ,\"1,500\"\r\n0001,001,1,2,ｽｽﾞｷ,20\r\n";
    let answer = send(&maker, &chosen, list.as_bytes()).await.expect_status(303);
    let page = maker.follow(answer).await.expect_screen("BFT012");
    for (label, value) in [("種類", "総合振込"), ("件数", "2件"), ("合計金額", "1,520円")]
    {
        assert_eq!(page.fact(label).as_deref(), Some(value), "{label}");
    }
    assert!(page.text().contains("Z606"), "{}", page.text());
    assert_eq!((site.only("stride"), site.only("value_date")), ("122".into(), DAY.into()));
    assert_eq!(site.number("SELECT SUM(LENGTH(bytes)) FROM bulk_chunks"), 122 * 5);
    // In Shift_JIS, with a fault: by its line.
    let bad = encoding_rs::SHIFT_JIS.encode(&list.replace("20\r", "0\r")).0.into_owned();
    let answer = send(&maker, &chosen, &bad).await.expect_status(303);
    let report = maker.follow(answer).await.expect_screen("BFT011");
    let row = report.table().into_iter().find(|row| row[0] == "エラー").unwrap();
    assert_eq!(row[1..3], ["3", "振込金額"], "{row:?}");
    // Neither account nor day: the report asks for them; no kind: the form.
    let only_kind = [("kind", "general_transfer"), ("account", "")];
    let answer = send(&maker, &only_kind, list.as_bytes()).await.expect_status(303);
    let report = maker.follow(answer).await.expect_screen("BFT011");
    assert!(report.text().contains("Z604"), "{}", report.text());
    let page = send(&maker, &FREE, list.as_bytes()).await.expect_status(422);
    assert!(page.summary().contains("種類を選び"), "{}", page.summary());
    assert_eq!(site.files("draft"), 1);
}
