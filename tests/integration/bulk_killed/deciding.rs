//! 承認依頼, 承認 and 送信 while the program is killed; in the end every file is paid once.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use madoguchi::db::Db;
use madoguchi::primitives::clock::{UtcTime, jst_to_utc};

use super::site::{
    Scene, file_ids, forget_files, logged_in, maker, upload, upload_form, whole_files,
};
use crate::browser::{Browser, Fields, Page};
use crate::bulk_desk::site::{OF_B, OF_C, TANTO_B, TANTO_C};
use crate::codes;
use crate::kill::{Server, execute, number, run, strings};

const KILLS: u64 = 14;
const RECORDS: usize = 3;
const LIFE_MIN_MS: u64 = 40;
/// The ways of a file, act by act, as far as people and the worker take it before its day.
const COURSE: [&str; 5] = ["create", "submit", "approve_last", "send", "accept"];

/// What the demo has of everything that an act leaves behind.
struct Before {
    numbers: Vec<i64>,
}

/// What each act leaves behind, once.
const TRACES: [(&str, &str); 11] = [
    ("submit", "audit_lines WHERE operation = 'bulk.submit' AND result = 'done'"),
    ("submit", "one_time_keys WHERE operation = 'bulk.submit' AND state = 'done'"),
    ("approve_last", "audit_lines WHERE operation = 'bulk.approve' AND result = 'done'"),
    ("approve_last", "one_time_keys WHERE operation = 'bulk.approve' AND state = 'done'"),
    ("approve_last", "receipts WHERE operation = 'bulk.approve'"),
    ("approve_last", "mails WHERE kind = 'bulk_approved'"),
    ("send", "audit_lines WHERE operation = 'bulk.send' AND result = 'done'"),
    ("send", "one_time_keys WHERE operation = 'bulk.send' AND state = 'done'"),
    ("send", "receipts WHERE operation = 'bulk.send'"),
    ("send", "receipts WHERE operation = 'bulk.send_all'"),
    ("send", "mails WHERE kind = 'bulk_sent'"),
];

fn count(db: &Db, sql: &str) -> i64 {
    number(db, &format!("SELECT COUNT(*) FROM {sql}"))
}

impl Before {
    fn of(db: &Db) -> Before {
        Before { numbers: TRACES.iter().map(|(_, sql)| count(db, sql)).collect() }
    }

    /// Fails where a file is not on its way, or where an act left too much or too little behind.
    fn assert_explained(&self, db: &Db) {
        whole_files(db);
        for ((act, sql), before) in TRACES.iter().zip(&self.numbers) {
            let acts = count(db, &format!("bulk_events WHERE act = '{act}'"));
            assert_eq!(count(db, sql) - before, acts, "{act}: {sql}");
        }
        for id in file_ids(db) {
            let acts = history(db, id);
            assert_eq!(acts, COURSE[..acts.len()], "{id}");
        }
        let wrong = "bulk_files WHERE approvals_given <> \
                     (SELECT COUNT(*) FROM bulk_approvals WHERE file_id = bulk_files.id) \
                     OR (sent_at IS NOT NULL) <> (state IN ('sent', 'accepted'))";
        assert_eq!(count(db, wrong), 0);
        let sent = "SELECT COALESCE(SUM(total_yen), 0) FROM bulk_files WHERE sent_at IS NOT NULL";
        let sent = number(db, sent);
        for who in ["user_id = 0", "user_id > 0"] {
            let counted = format!(
                "SELECT COALESCE(SUM(counted_yen), 0) FROM payment_totals \
                 WHERE service = 'files' AND {who}"
            );
            assert_eq!(number(db, &counted), sent, "{who}");
        }
    }
}

/// The acts of a file, in their order.
fn history(db: &Db, id: i64) -> Vec<String> {
    strings(db, &format!("SELECT act AS value FROM bulk_events WHERE file_id = {id} ORDER BY id"))
}

/// Gives B and C their tokens, as their administrator would.
fn give_tokens(db: &Db) {
    for (who, serial) in [(TANTO_B, OF_B), (TANTO_C, OF_C)] {
        execute(db, &format!("UPDATE tokens SET state = 'in_use' WHERE serial = '{serial}'"));
        execute(
            db,
            &format!(
                "UPDATE users SET token_status = 'in_use', \
                 token_id = (SELECT id FROM tokens WHERE serial = '{serial}') \
                 WHERE login_id = '{}'",
                who.login_id()
            ),
        );
    }
}

/// Codes whose proof was killed stay counted; staff release the tokens.
fn release_tokens(db: &Db) {
    execute(
        db,
        &format!(
            "UPDATE tokens SET failures = 0, last_failure_at = NULL, suspended_at = NULL \
             WHERE serial IN ('{OF_B}', '{OF_C}')"
        ),
    );
}

/// A form that was sent.
struct Sent {
    id: i64,
    act: &'static str,
    action: String,
    fields: Fields,
}

/// The three people at work, with a clock that moves on by a code for each step.
struct Desk {
    browsers: [Browser; 3],
    file: Vec<u8>,
    now: UtcTime,
    /// What was acknowledged.
    seen: Vec<(i64, &'static str)>,
    /// What got no answer.
    unanswered: Option<Sent>,
}

impl Desk {
    async fn open(server: &Server, file: &[u8], now: UtcTime) -> Desk {
        let browsers = [
            maker(server).await,
            logged_in(server, TANTO_B).await,
            logged_in(server, TANTO_C).await,
        ];
        Desk { browsers, file: file.to_vec(), now, seen: Vec::new(), unanswered: None }
    }

    /// Takes files on their way, one step after the other, until the server dies.
    async fn work_until_death(&mut self, server: &Server, db: &Db) {
        while self.step(server, db).await.is_some() {}
    }

    /// The next step of the oldest file on its way; a new file where none is. None: the server has
    /// died.
    async fn step(&mut self, server: &Server, db: &Db) -> Option<()> {
        self.now += TimeDelta::seconds(30);
        server.set_clock(self.now).await?;
        let open = strings(
            db,
            "SELECT CAST(id AS TEXT) || ' ' || state AS value FROM bulk_files \
             WHERE state IN ('draft', 'waiting', 'approved') ORDER BY id",
        );
        let Some(open) = open.first() else { return self.upload().await };
        let (id, state) = open.split_once(' ').unwrap();
        let (id, [a, b, c]) = (id.parse().unwrap(), &self.browsers);
        let (sent, browser) = match state {
            "draft" => {
                let page = a.try_get(&format!("/aoba/files/{id}")).await?;
                (submission(id, &page.expect_screen("BFT012")), a)
            }
            "waiting" => {
                let page = b.try_get(&format!("/aoba/files/approval/{id}")).await?;
                (self.approval(id, &page.expect_screen("BFT021")), b)
            }
            _ => {
                let page = c.try_get("/aoba/files/sending").await?;
                (self.sending(id, &page.expect_screen("BFT030")), c)
            }
        };
        let answer = browser.try_post(&sent.action, &sent.fields).await;
        let Some(answer) = answer else {
            self.unanswered = Some(sent);
            return None;
        };
        answer.expect_status(303);
        self.seen.push((sent.id, sent.act));
        Some(())
    }

    async fn upload(&mut self) -> Option<()> {
        let form = upload_form(&self.browsers[0], &self.file).await?;
        let answer = upload(&self.browsers[0], &form).await?.expect_status(303);
        let location = answer.location.unwrap();
        let id = location.rsplit('/').next().unwrap().parse().unwrap();
        self.seen.push((id, "create"));
        Some(())
    }

    fn code(&self, serial: &str) -> String {
        codes::code(serial, codes::step_at(self.now, 30), 6)
    }

    fn approval(&self, id: i64, page: &Page) -> Sent {
        let form = page.form_having("otp");
        let fields = form.filled(&[("otp", &self.code(OF_B))]);
        Sent { id, act: "approve_last", action: form.action, fields }
    }

    fn sending(&self, id: i64, page: &Page) -> Sent {
        let form = page.keyed_form();
        let mut fields = form.filled(&[("otp", &self.code(OF_C))]);
        let own = format!("file_{id}.");
        let tick = form.names.iter().find(|name| name.starts_with(&own)).unwrap();
        fields.push((tick.clone(), "on".to_owned()));
        Sent { id, act: "send", action: form.action, fields }
    }

    /// What was acknowledged is there, once. What was done without an answer is answered now.
    async fn assert_kept(&mut self, db: &Db) -> bool {
        for (id, act) in &self.seen {
            let acts = history(db, *id);
            assert_eq!(acts.iter().filter(|done| done == act).count(), 1, "{id} {act}: {acts:?}");
        }
        let Some(sent) = self.unanswered.take() else { return false };
        if !history(db, sent.id).iter().any(|done| done == sent.act) {
            return false;
        }
        let who = match sent.act {
            "submit" => 0,
            "approve_last" => 1,
            _ => 2,
        };
        let answer = self.browsers[who].post(&sent.action, &sent.fields).await;
        let answer = answer.expect_status(303);
        self.browsers[who].follow(answer).await.expect_status(200);
        true
    }
}

fn submission(id: i64, page: &Page) -> Sent {
    let form = page.form_to("/submit");
    Sent { id, act: "submit", action: form.action, fields: form.hidden }
}

#[tokio::test]
async fn a_killed_approval_or_sending_is_done_once_or_not_at_all() {
    let mut scene = Scene::new();
    let (server, db) = scene.start(0).await;
    forget_files(&db);
    give_tokens(&db);
    let (file, before) = (scene.file(&db, RECORDS, 1_000), Before::of(&db));
    drop(server);
    let (mut earlier, mut steps, mut unseen): (Option<Desk>, usize, usize) = (None, 0, 0);
    for round in 0..KILLS {
        let (server, db) = scene.start(3).await;
        before.assert_explained(&db);
        if let Some(mut desk) = earlier.take() {
            unseen += usize::from(desk.assert_kept(&db).await);
            before.assert_explained(&db);
            steps += desk.seen.len();
        }
        release_tokens(&db);
        let mut desk = Desk::open(&server, &file, scene.now).await;
        let life = LIFE_MIN_MS + round * 5 % KILLS * 45;
        let killer = server.kill_after(Duration::from_millis(life));
        desk.work_until_death(&server, &db).await;
        killer.join().unwrap();
        scene.now = desk.now;
        earlier = Some(desk);
    }
    let (server, db) = scene.start(3).await;
    release_tokens(&db);
    // What is on its way is taken to its end by the same people.
    let mut desk = Desk::open(&server, &file, scene.now).await;
    while count(&db, "bulk_files WHERE state IN ('draft', 'waiting', 'approved')") > 0 {
        desk.step(&server, &db).await.unwrap();
    }
    before.assert_explained(&db);
    println!("{steps} steps acknowledged, {unseen} done without an answer");
    assert!(steps > 0, "the server never lived long enough for a step");
    paid_once(&scene, &server, &db).await;
    drop(server);
    assert_eq!(run(&scene.database, &["ledger", "check"]).0, Some(0));
}

/// On their day all of them are paid, each once.
async fn paid_once(scene: &Scene, server: &Server, db: &Db) {
    let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
    server.set_clock(jst_to_utc(scene.value_date.and_time(ten))).await.unwrap();
    // The program's own worker may be at it already.
    for _ in 0..100 {
        server.post("/qa/worker/run", &[]).await.unwrap();
        if count(db, "bulk_files WHERE state IN ('sent', 'accepted')") == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let files = count(db, "bulk_files WHERE state <> 'uploading'");
    assert_eq!(count(db, "bulk_files WHERE state = 'done'"), files);
    assert_eq!(count(db, "bulk_results"), files);
    let debited = number(
        db,
        "SELECT COALESCE(SUM(postings.amount), 0) FROM postings \
         JOIN bulk_results ON bulk_results.entry_id = postings.entry_id \
         JOIN bulk_files ON bulk_files.id = bulk_results.file_id \
         AND bulk_files.account_id = postings.account_id",
    );
    let cost = "SELECT COALESCE(SUM(total_yen), 0) FROM bulk_files WHERE state = 'done'";
    let fees = "SELECT COALESCE(SUM(net_yen + tax_yen), 0) FROM bulk_results";
    assert_eq!(debited, -(number(db, cost) + number(db, fees)), "of {files} files");
}
