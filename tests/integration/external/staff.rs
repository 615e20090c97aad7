//! STF013 and STF090 of external files.

use super::site::{audited, content, works};
use crate::bulk_files::site::{body, fields_of, post, texts};
use crate::bulk_run::site::Files;
use crate::staff::support::{AUDITOR, CLERK, logged_in, sends};

const EXTERNAL: &str = "/aoba/staff/external";

#[tokio::test]
async fn an_account_is_agreed_on_from_today() {
    let files = Files::new();
    let contract =
        files.number("SELECT id FROM contracts WHERE portal = 'aoba' AND number = '9000000001'");
    let account =
        files.number(&format!("SELECT MAX(id) FROM accounts WHERE contract_id = {contract}"));
    let path = format!("/aoba/staff/contracts/{contract}/external/{account}");
    let auditor = logged_in(&files, "aoba", AUDITOR).await;
    auditor.get(&path).await.expect_status(403);
    let clerk = logged_in(&files, "aoba", CLERK).await;
    clerk.get(&format!("{path}9")).await.expect_status(404);
    let values = |statement, credit| {
        [("statement", statement), ("credit_notice", credit), ("note", "E-2026-001")]
    };
    sends(&clerk, &path, &values("", "no")).await.expect_status(422);
    sends(&clerk, &path, &values("yes", "yes")).await.expect_status(303);
    sends(&clerk, &path, &values("yes", "yes")).await.expect_status(422);
    let agreed = format!(
        "SELECT kind || ' ' || CAST(agreed_on AS TEXT) AS value FROM external_accounts \
         WHERE account_id = {account} ORDER BY kind"
    );
    assert_eq!(files.texts(&agreed), ["credit_notice 2026-11-24", "statement 2026-11-24"]);
    files.set_japan("2026-11-25 10:00:00");
    let clerk = logged_in(&files, "aoba", CLERK).await;
    sends(&clerk, &path, &values("yes", "no")).await.expect_status(303);
    assert_eq!(files.texts(&agreed), ["statement 2026-11-24"], "since it was agreed first");
    assert_eq!(audited(&files, "external.accounts", "statement; before:"), 1);
    let page = clerk.get(&format!("/aoba/staff/contracts/{contract}")).await;
    assert!(page.text().contains("外部ファイルの取扱い"), "{}", page.text());
}

#[tokio::test]
async fn a_file_is_put_out_by_hand_and_told_of() {
    let files = Files::new();
    let clerk = logged_in(&files, "aoba", CLERK).await;
    let path = format!("{EXTERNAL}/put");
    let good = [
        ("contract", "9000000001"),
        ("account", ""),
        ("kind", "transfer_result"),
        ("note", "再作成"),
    ];
    let with = |name: &str, value: &'static str| {
        good.map(|(known, given)| if known == name { (known, value) } else { (known, given) })
    };
    let csv = b"\"a\"\r\n\"1\"\r\n";
    for (values, file) in [
        (with("contract", ""), csv.as_slice()),
        (with("contract", "123"), csv.as_slice()),
        (with("account", "0000000"), csv.as_slice()),
        (with("kind", ""), csv.as_slice()),
        (with("kind", "outgoing"), csv.as_slice()),
        (with("kind", "statement"), csv.as_slice()),
        (with("note", ""), csv.as_slice()),
        (good, b"".as_slice()),
    ] {
        let fields = fields_of(&clerk, &path, &values).await;
        let answer = post(&clerk, &path, body(&texts(&fields), file)).await.expect_status(422);
        assert!(!answer.summary().is_empty(), "{values:?}");
    }
    assert_eq!(files.number("SELECT COUNT(*) FROM external_files WHERE staff_name <> ''"), 0);
    let fields = fields_of(&clerk, &path, &good).await;
    let form = body(&texts(&fields), csv);
    post(&clerk, &path, form.clone()).await.expect_status(303);
    // The same form again is the same file.
    post(&clerk, &path, form).await.expect_status(303);
    assert_eq!(files.number("SELECT COUNT(*) FROM external_files WHERE staff_name <> ''"), 1);
    let id = files.number("SELECT MAX(id) FROM external_files");
    assert_eq!(content(&files, id), csv);
    assert_eq!(audited(&files, "external.put_by_hand", "transfer_result "), 1);
    assert!(files.mails("external_ready") > 0);
    let list = clerk.get(&format!("{EXTERNAL}?tab=out")).await.expect_screen("STF090");
    assert!(list.text().contains("sofuri-kekka-20261124"), "{}", list.text());
}

#[tokio::test]
async fn staff_see_what_came_in_and_what_goes_to_other_banks() {
    let files = Files::new();
    let id = files.id("外注費");
    files.only(id);
    files.on_the_day_of(id, "09:00:00");
    works(&files);
    files.set_japan("2026-11-30 06:00:00");
    works(&files);
    let auditor = logged_in(&files, "aoba", AUDITOR).await;
    let list = auditor.get(EXTERNAL).await.expect_screen("STF090");
    assert!(
        list.text().contains("外注費") && list.text().contains("外部ファイル"),
        "{}",
        list.text()
    );
    let sent = auditor.get(&format!("{EXTERNAL}?state=sent")).await;
    assert!(!sent.text().contains("外注費"));
    auditor.get(&format!("{EXTERNAL}?tab=out")).await.expect_screen("STF090");
    let outgoing = auditor.get(&format!("{EXTERNAL}?tab=outgoing")).await;
    let text = outgoing.text();
    assert!(text.contains("一致") && !text.contains("不一致"), "{text}");
    let link = outgoing.link_that_begins("改行なし").unwrap();
    let (status, _, bytes) = auditor.get_bytes(&link).await;
    assert_eq!((status, bytes.len() % 120), (200, 0));
    assert_eq!(audited(&files, "external.download", "shimuke-"), 1);
    let foreign = files.number("SELECT MIN(id) FROM external_files WHERE kind <> 'outgoing'");
    auditor.get(&format!("{EXTERNAL}/{foreign}/file")).await.expect_status(404);
}
