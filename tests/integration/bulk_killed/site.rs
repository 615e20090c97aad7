//! The real program with あおば商事's people, in a process that is killed again and again, and what
//! must hold of its files whatever moment that was.

use std::net::SocketAddr;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use madoguchi::db::queries::bulk_chunks;
use madoguchi::db::{Db, DbOptions};
use madoguchi::domain::bulk_file::content::{chunk_digest, content_digest};
use madoguchi::domain::portal::Profile;
use madoguchi::primitives::calendar::business_day_after;
use madoguchi::primitives::clock::{Clock, UtcTime, jst_day, jst_to_utc};
use madoguchi::primitives::ids::BulkFileId;
use madoguchi::zengin::bulk::{BulkHeader, BulkItem};
use madoguchi::zengin::layout::LineEnd;

use crate::aoba::site::{Member, TANTO_A, send_login};
use crate::browser::{Browser, Page};
use crate::bulk_files::site::{FORM_TYPE, body, item, texts, written};
use crate::database::TestDatabase;
use crate::kill::{Server, end_leases, execute_all, lasting_address, number, strings};

pub const UPLOAD: &str = "/aoba/files/upload";

/// The database of a program that is killed, and its address.
pub struct Scene {
    pub database: TestDatabase,
    address: SocketAddr,
    /// Ten o'clock of a business day that lies ahead, and some minutes more with each round.
    pub now: UtcTime,
    /// 指定日 of every file.
    pub value_date: NaiveDate,
}

impl Scene {
    pub fn new() -> Scene {
        let day = business_day_after(jst_day(Clock::real_now()) + TimeDelta::days(2));
        let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
        Scene {
            database: TestDatabase::bare(),
            address: lasting_address(),
            now: jst_to_utc(day.and_time(ten)),
            value_date: (0..6).fold(day, |day, _| business_day_after(day)),
        }
    }

    /// Starts the program anew, `minutes` later by its clock.
    pub async fn start(&mut self, minutes: i64) -> (Server, Db) {
        let server = Server::start(&self.database, self.address).await;
        let db = Db::open(&self.database.url(), DbOptions::default()).unwrap();
        end_leases(&db);
        self.now += TimeDelta::minutes(minutes);
        server.set_clock(self.now).await.unwrap();
        (server, db)
    }

    /// A file of あおば商事 with so many records of `yen` each.
    pub fn file(&self, db: &Db, count: usize, yen: u64) -> Vec<u8> {
        let header = self.header(db);
        let item = |n: usize| BulkItem { amount: yen, ..item(n) };
        written(&header, (1..=count).map(item), LineEnd::CrLf)
    }

    fn header(&self, db: &Db) -> BulkHeader {
        let own = "contract_id = (SELECT id FROM contracts WHERE portal = 'aoba' \
                   AND number = '9000000001')";
        let agreed = |column: &str| {
            let from = format!("FROM bulk_services WHERE {own} AND kind = 'general_transfer'");
            strings(db, &format!("SELECT CAST({column} AS TEXT) AS value {from}")).remove(0)
        };
        let account = |column: &str| {
            let from = format!(
                "FROM accounts WHERE {own} AND closed_at IS NULL AND account_type = 'ordinary'"
            );
            strings(db, &format!("SELECT {column} AS value {from} ORDER BY id")).remove(0)
        };
        let profiles = Profile::parse_all(&Profile::builtin()).unwrap();
        let aoba = profiles.into_iter().find(|profile| profile.slug() == "aoba").unwrap();
        BulkHeader {
            business_type: agreed("business_type"),
            originator_code: agreed("originator_code"),
            originator_name: agreed("originator_kana"),
            value_date_mmdd: self.value_date.format("%m%d").to_string(),
            own_bank_code: aoba.portal.bank_code.as_str().to_owned(),
            own_branch_code: account("branch_code"),
            own_account_type: Some(1),
            own_account_no: account("number"),
            ..BulkHeader::default()
        }
    }
}

/// Takes the demo's own files away, so that only those of the test are there. At once: the
/// program's worker may be at one of them.
pub fn forget_files(db: &Db) {
    let tables = [
        "external_fetches",
        "external_chunks",
        "external_files",
        "bulk_failures",
        "bulk_results",
        "bulk_events",
        "bulk_approvals",
        "bulk_chunks",
        "bulk_reports",
        "bulk_files",
        "payment_totals",
    ];
    execute_all(db, &tables.map(|table| format!("DELETE FROM {table}")));
}

/// A browser in which somebody is logged in.
pub async fn logged_in(server: &Server, who: Member) -> Browser {
    let browser = Browser::new(server.url());
    let answer = send_login(&browser, who).await;
    browser.follow(answer).await.expect_screen("BTP001");
    browser
}

/// 担当者A's browser.
pub async fn maker(server: &Server) -> Browser {
    logged_in(server, TANTO_A).await
}

/// The form of BFT011 with this file, as it is sent; none: the server has died.
pub async fn upload_form(browser: &Browser, file: &[u8]) -> Option<Vec<u8>> {
    let form = browser.try_get(UPLOAD).await?.expect_screen("BFT011").keyed_form();
    let fields = form.filled(&[("kind", ""), ("account", "")]);
    // The file is the last part of its form.
    Some(body(&texts(&fields), file))
}

/// Sends such a form; none: the server has died.
pub async fn upload(browser: &Browser, form: &[u8]) -> Option<Page> {
    browser.try_post_bytes(UPLOAD, FORM_TYPE, form.to_vec()).await
}

/// The ids of the files that people see.
pub fn file_ids(db: &Db) -> Vec<i64> {
    let all = "SELECT CAST(id AS TEXT) AS value FROM bulk_files \
               WHERE state <> 'uploading' ORDER BY id";
    strings(db, all).iter().map(|id| id.parse().unwrap()).collect()
}

/// How many files there are, those on their way aside; fails if one of them does not stand as its
/// history says, or if its content is not whole.
pub fn whole_files(db: &Db) -> i64 {
    let count = |sql: &str| number(db, &format!("SELECT COUNT(*) FROM {sql}"));
    let files = count("bulk_files WHERE state <> 'uploading'");
    let last = "(SELECT state FROM bulk_events WHERE file_id = bulk_files.id \
                ORDER BY id DESC LIMIT 1)";
    let unexplained = format!("bulk_files WHERE state <> 'uploading' AND state <> {last}");
    assert_eq!(count(&unexplained), 0, "a state that the history does not explain");
    for part in [
        "bulk_events WHERE act = 'create'",
        "audit_lines WHERE operation = 'bulk.create' AND result = 'done'",
        "one_time_keys WHERE operation = 'bulk.create' AND state = 'done'",
    ] {
        assert_eq!(count(part), files, "{part}");
    }
    // What is on its way has no history; the worker may take it away at any time.
    let begun = "bulk_events JOIN bulk_files ON bulk_files.id = file_id \
                 WHERE bulk_files.state = 'uploading'";
    assert_eq!(count(begun), 0, "a history of what is on its way");
    for id in file_ids(db) {
        whole_content(db, id);
    }
    files
}

/// Fails unless the content of a file that is there is the one that its digest is of.
fn whole_content(db: &Db, id: i64) {
    let of = |column: &str| number(db, &format!("SELECT {column} FROM bulk_files WHERE id = {id}"));
    let digest = format!("SELECT content_sha256 AS value FROM bulk_files WHERE id = {id}");
    let digest = strings(db, &digest).remove(0);
    let (mut digests, mut bytes) = (Vec::new(), 0);
    for no in 0.. {
        let found = db.read_blocking(move |conn| bulk_chunks::find(conn, BulkFileId(id), no));
        let Some(chunk) = found.unwrap() else { break };
        bytes += i64::try_from(chunk.len()).unwrap();
        digests.push(chunk_digest(&chunk));
    }
    assert_eq!(content_digest(digests.iter().map(String::as_str)), digest, "{id}");
    // Header, trailer and end beside the items.
    assert_eq!(bytes, (of("item_count") + 3) * of("stride"), "{id}");
}

/// What is left of uploads that came to nothing: files on their way, and chunks of no file that is
/// there.
pub fn left_over(db: &Db) -> (i64, i64) {
    let chunks = "bulk_chunks WHERE file_id NOT IN \
                  (SELECT id FROM bulk_files WHERE content_sha256 <> '')";
    let count = |sql: &str| number(db, &format!("SELECT COUNT(*) FROM {sql}"));
    (count("bulk_files WHERE state = 'uploading'"), count(chunks))
}
