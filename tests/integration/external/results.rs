//! Results of bulk files: begun with their execution, written once, read back.

use sha2::{Digest, Sha256};

use madoguchi::domain::audit::hex;
use madoguchi::operations::external_file::write::WrittenFiles;
use madoguchi::zengin::bulk::{BulkItem, BulkKind, BulkTrailer};

use super::site::{audited, content, works, writes};
use crate::bulk_run::site::Files;

const PAYMENT: &str = "外注費";
const DEBIT: &str = "月謝 口座振替";

/// The id of a bulk file's result.
fn result_of(files: &Files, id: i64) -> i64 {
    files.number(&format!("SELECT id FROM external_files WHERE bulk_file_id = {id}"))
}

fn column(files: &Files, id: i64, name: &str) -> String {
    let sql = format!("SELECT CAST({name} AS TEXT) AS value FROM external_files WHERE id = {id}");
    files.texts(&sql).remove(0)
}

#[tokio::test]
async fn a_payment_comes_back_as_a_list_with_what_could_not_be_credited() {
    let files = Files::new();
    let id = files.id(PAYMENT);
    files.only(id);
    let closed = files.named(id, 2);
    files.execute(&format!(
        "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' \
         WHERE portal = 'aoba' AND number = '{closed}'"
    ));
    files.on_the_day_of(id, "09:00:00");
    assert!(works(&files).contains("put out"), "in the round that executed it");
    let result = result_of(&files, id);
    assert_eq!(column(&files, result, "state"), "ready");
    assert_eq!(column(&files, result, "kind"), "transfer_result");
    assert_eq!(column(&files, result, "item_count"), "40");
    assert_eq!(files.yen(id, "total_yen").to_string(), column(&files, result, "total_yen"));
    let bytes = content(&files, result);
    assert_eq!(hex(&Sha256::digest(&bytes)), column(&files, result, "sha256"));
    let text = encoding_rs::SHIFT_JIS.decode(&bytes).0.into_owned();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 41, "headings and every record");
    assert!(
        lines[1].contains(&closed) && lines[1].ends_with("\"組戻（受取人の口座は解約済みです）\"")
    );
    let done = lines.iter().filter(|line| line.ends_with("\"処理済み\"")).count();
    let failed = usize::try_from(files.result(id, "failed_count")).unwrap();
    assert_eq!(done, 40 - failed);
    // Whoever receives it is told once; nothing is written twice.
    let told = files.mails("external_ready");
    assert!(told > 0);
    assert_eq!(audited(&files, "external.put_out", "transfer_result of 40 records"), 1);
    assert_eq!(writes(&files), WrittenFiles::default());
    assert_eq!(files.mails("external_ready"), told);
}

#[tokio::test]
async fn a_debit_comes_back_as_it_was_sent_with_its_codes() {
    let files = Files::new();
    let id = files.id(DEBIT);
    files.only(id);
    let sent = {
        use madoguchi::db::queries::bulk_chunks;
        use madoguchi::primitives::ids::BulkFileId;
        let read =
            files.services.db.read_blocking(|conn| bulk_chunks::find(conn, BulkFileId(id), 0));
        read.unwrap().unwrap()
    };
    files.on_the_day_of(id, "09:00:00");
    works(&files);
    let back = content(&files, result_of(&files, id));
    assert_eq!(back.len(), sent.len(), "all records, with CR LF");
    let failures = files.failures(id);
    assert!(!failures.is_empty(), "payers of other banks");
    let mut codes = Vec::new();
    for (no, (sent, back)) in sent.chunks(122).zip(back.chunks(122)).enumerate() {
        assert_eq!(&back[120..], b"\r\n");
        match sent[0] {
            b'2' => {
                let item = BulkItem::read(BulkKind::DirectDebit, &back[..120]).unwrap();
                codes.push((no + 1, item.result_code));
                assert_eq!((&sent[..111], &sent[112..]), (&back[..111], &back[112..]));
            }
            b'8' => {
                let totals = BulkTrailer::read(BulkKind::DirectDebit, &back[..120]).unwrap();
                let failed = u64::try_from(files.result(id, "failed_count")).unwrap();
                assert_eq!(totals.total_count, 9);
                assert_eq!((totals.failed_count, totals.done_count), (failed, 9 - failed));
                let sum = totals.done_amount + totals.failed_amount;
                assert_eq!(sum, totals.total_amount);
            }
            _ => assert_eq!(sent, back),
        }
    }
    let told: Vec<String> = codes
        .iter()
        .filter(|(_, code)| *code != 0)
        .map(|(no, code)| format!("{no} {code}"))
        .collect();
    assert_eq!(told, failures);
    assert_peer_reads(&back, &codes);
}

/// A program that is not ours reads the same codes, counts and sums from the result.
fn assert_peer_reads(bytes: &[u8], codes: &[(usize, u8)]) {
    let mut bytes = bytes.to_vec();
    for record in bytes.chunks_mut(122) {
        // It wants the banks' names, which the format leaves to who writes.
        match record[0] {
            b'1' => record[62] = b'A',
            b'2' => record[5] = b'A',
            _ => {}
        }
    }
    let read = zengin_fmt::parse_as(&bytes, zengin_fmt::FileType::AccountTransferResult);
    let Ok(zengin_fmt::ParsedFile::AccountTransferResult(file)) = read else {
        panic!("{read:?}");
    };
    let theirs: Vec<u8> = file.details.iter().map(|detail| detail.result_code).collect();
    let ours: Vec<u8> = codes.iter().map(|(_, code)| *code).collect();
    assert_eq!(theirs, ours);
    let sum = |is_done: bool| -> u64 {
        let of = file.details.iter().filter(|detail| (detail.result_code == 0) == is_done);
        of.map(|detail| detail.amount).sum()
    };
    let totals = file.trailer;
    assert_eq!((totals.success_amount, totals.failure_amount), (sum(true), sum(false)));
    assert_eq!(usize::try_from(totals.total_count).unwrap(), codes.len());
}

#[tokio::test]
async fn two_workers_write_one_result_and_a_half_written_one_is_written_again() {
    let files = Files::new();
    let id = files.id(PAYMENT);
    files.only(id);
    files.on_the_day_of(id, "09:00:00");
    files.works();
    let result = result_of(&files, id);
    let whole = content(&files, result);
    // As a killed server leaves it: some pieces there, the file still due.
    files.execute(&format!(
        "UPDATE external_files SET state = 'due', ready_at = NULL, sha256 = '', byte_count = 7, \
         item_count = 0 WHERE id = {result}"
    ));
    files.execute("DELETE FROM external_notices");
    std::thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| writes(&files))).collect();
        let done: Vec<WrittenFiles> = both.into_iter().map(|one| one.join().unwrap()).collect();
        let ready: usize = done.iter().map(|one| one.ready).sum();
        assert_eq!(ready, 1, "{done:?}");
        assert!(done.iter().all(|one| one.broken == 0), "{done:?}");
    });
    assert_eq!(content(&files, result), whole);
    assert_eq!(column(&files, result, "state"), "ready");
    assert_eq!(hex(&Sha256::digest(&whole)), column(&files, result, "sha256"));
    assert_eq!(files.number("SELECT COUNT(*) FROM external_files WHERE state = 'due'"), 0);
}

#[tokio::test]
async fn a_writer_that_was_overtaken_clears_nothing_away() {
    use madoguchi::db::queries::external_files::{clear, list_due, take};
    use madoguchi::primitives::ids::ExternalFileId;
    let files = Files::new();
    let id = files.id(PAYMENT);
    files.only(id);
    files.on_the_day_of(id, "09:00:00");
    files.works();
    let result = result_of(&files, id);
    let whole = content(&files, result);
    files.execute(&format!(
        "UPDATE external_files SET state = 'due', ready_at = NULL, sha256 = '' WHERE id = {result}"
    ));
    let db = &files.services.db;
    let due = db.read_blocking(|conn| list_due(conn, "aoba", ExternalFileId(0), 10)).unwrap();
    let file = due.into_iter().find(|file| file.id.0 == result).unwrap();
    let held = (file.id, file.attempt + 1);
    assert!(db.claim_blocking(move |conn| take(conn, &file)).unwrap());
    // It sleeps here, and another one writes the file.
    assert_eq!(writes(&files).ready, 1);
    assert_eq!(db.claim_blocking(move |conn| clear(conn, held, 40)).unwrap(), None);
    assert_eq!(content(&files, result), whole);
}

#[tokio::test]
async fn a_writer_that_lost_its_lease_leaves_nothing_to_fetch() {
    use madoguchi::operations::external_file::write::write_due;
    let files = Files::new();
    let id = files.id(PAYMENT);
    files.only(id);
    files.on_the_day_of(id, "09:00:00");
    files.works();
    let result = result_of(&files, id);
    files.execute(&format!(
        "UPDATE external_files SET state = 'due', ready_at = NULL, sha256 = '' WHERE id = {result}"
    ));
    let asked = std::cell::Cell::new(0);
    let goes_on = || {
        asked.set(asked.get() + 1);
        asked.get() < 2
    };
    let written = write_due(&files.services, &files.ctx_of("aoba"), &goes_on).unwrap();
    assert_eq!(written, WrittenFiles::default());
    assert_eq!(column(&files, result, "state"), "due");
    assert_eq!(writes(&files).ready, 1, "the next one begins anew");
}
