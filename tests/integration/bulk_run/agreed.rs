//! STF013, ファイル伝送の取扱い: what staff agree with a contract.

use super::site::Files;
use crate::staff::support::{AUDITOR, CLERK, logged_in, sends};

type Values = Vec<(&'static str, &'static str)>;

fn values() -> Values {
    vec![
        ("offered", "yes"),
        ("originator_code", "１２３-4567890"),
        ("originator_kana", "アオバショウジ"),
        ("business_type", "71"),
        ("route", "two_from"),
        ("second_from", "1,000,000円"),
        ("maker", "no"),
        ("file_limit", "50000000"),
        ("record_limit", "5000000"),
        ("external", "no"),
        ("note", "F-2026-001"),
    ]
}

fn with(name: &'static str, value: &'static str) -> Values {
    values().into_iter().map(|(n, v)| if n == name { (name, value) } else { (n, v) }).collect()
}

fn path(files: &Files, kind: &str) -> String {
    let id =
        files.number("SELECT id FROM contracts WHERE portal = 'aoba' AND number = '9000000001'");
    format!("/aoba/staff/contracts/{id}/files/{kind}")
}

#[tokio::test]
async fn what_is_agreed_is_checked_recorded_and_shown() {
    let files = Files::new();
    let address = path(&files, "salary");
    let auditor = logged_in(&files, "aoba", AUDITOR).await;
    auditor.get(&address).await.expect_status(403);
    let clerk = logged_in(&files, "aoba", CLERK).await;
    for (name, value) in [
        ("offered", "maybe"),
        ("originator_code", "123"),
        ("originator_kana", "青葉"),
        ("originator_kana", ""),
        ("business_type", "21"),
        ("route", "three"),
        ("second_from", "many"),
        ("second_from", "0"),
        ("maker", ""),
        ("external", ""),
        ("file_limit", "0"),
        ("file_limit", "1000000000000"),
        ("record_limit", "50000001"),
        ("note", " "),
    ] {
        let answer = sends(&clerk, &address, &with(name, value)).await.expect_status(422);
        assert!(!answer.summary().is_empty(), "{name} {value}");
    }
    assert_eq!(files.number("SELECT COUNT(*) FROM staff_requests WHERE kind = 'bulk.service'"), 0);
    let answer = sends(&clerk, &address, &values()).await.expect_status(303);
    let done = clerk.follow(answer).await;
    assert!(done.text().contains("給与振込: 取り扱う"), "{}", done.text());
    let row = "SELECT originator_code || ' ' || originator_kana || ' ' || business_type || ' ' || \
               CAST(second_approval_from_yen AS TEXT) AS value FROM bulk_services \
               WHERE kind = 'salary' AND business_type = '71' AND originator_code = '1234567890'";
    assert_eq!(files.texts(row), ["1234567890 ｱｵﾊﾞｼﾖｳｼﾞ 71 1000000"]);
    let line = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'bulk.service' \
                AND result = 'done' AND details LIKE 'salary: 71 1234567890 %'";
    assert_eq!(files.number(line), 1);
    // The same again changes nothing.
    sends(&clerk, &address, &values()).await.expect_status(422);
    let contract = clerk.get(address.split("/files/").next().unwrap()).await;
    let text = contract.expect_screen("STF013").text();
    assert!(text.contains("承認1名（1,000,000円から2名）"), "{text}");
}

#[tokio::test]
async fn an_agreement_ends_and_what_was_sent_is_rejected() {
    let files = Files::new();
    let id = files.id("給与（本社分）");
    files.only(id);
    let clerk = logged_in(&files, "aoba", CLERK).await;
    let ended = with("offered", "no");
    sends(&clerk, &path(&files, "salary"), &ended).await.expect_status(303);
    assert_eq!(files.works(), "rejected 1 file");
    assert_eq!(files.of(id, "reason"), "service");
}

#[tokio::test]
async fn there_are_four_kinds_and_only_where_files_are_sent() {
    let files = Files::new();
    let clerk = logged_in(&files, "aoba", CLERK).await;
    for kind in ["general_transfer", "salary", "bonus", "direct_debit"] {
        clerk.get(&path(&files, kind)).await.expect_screen("STF013");
    }
    clerk.get(&path(&files, "other")).await.expect_status(404);
    let foreign = files.number("SELECT MIN(id) FROM contracts WHERE portal = 'inaho'");
    clerk.get(&format!("/aoba/staff/contracts/{foreign}/files/salary")).await.expect_status(404);
}
