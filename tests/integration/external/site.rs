//! あおば商事 with files to fetch, and its worker.

use std::collections::BTreeMap;
use std::ops::Deref;

use madoguchi::jobs::worker::Worker;
use madoguchi::operations::external_file::write::{WrittenFiles, write_due};

use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::bulk_desk::site::Desk;

/// The company, without any file that was put out.
pub struct External(Desk);

impl Deref for External {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl External {
    pub fn new() -> External {
        External(Desk::new())
    }

    /// A result that is ready: of an executed 総合振込 of three records, all done.
    pub fn with_result() -> External {
        let external = External::new();
        external.put_out("sofuri-kekka-1.csv", "transfer_result");
        external
    }

    /// Puts a file of this kind out for the company, about the account of its files.
    pub fn put_out(&self, name: &str, kind: &str) {
        let contract = self.contract_id();
        let account = self.number(&format!(
            "SELECT MIN(id) FROM accounts WHERE contract_id = {contract} AND number = '8010012'"
        ));
        let length = if kind == "transfer_result" { 0 } else { 200 };
        self.execute(&format!(
            "INSERT INTO external_files (portal, contract_id, kind, account_id, from_day, to_day, \
             source, state, name, record_length, item_count, total_yen, byte_count, sha256, \
             plain_sha256, created_at, ready_at) VALUES ('aoba', {contract}, '{kind}', {account}, \
             '2026-11-20', '2026-11-22', 'test {name}', 'ready', '{name}', {length}, 1, 100, 9, \
             '{}', '', '2026-11-23 21:00:00', '2026-11-23 21:00:00')",
            "a1".repeat(32)
        ));
        let bytes = self.blob("31323334353637380a");
        self.execute(&format!(
            "INSERT INTO external_chunks (file_id, no, bytes) \
             SELECT id, 0, {bytes} FROM external_files WHERE name = '{name}'"
        ));
    }

    fn blob(&self, hex: &str) -> String {
        match self.services.db.is_sqlite() {
            true => format!("x'{hex}'"),
            false => format!("decode('{hex}', 'hex')"),
        }
    }

    /// The id of the file with this name.
    pub fn id(&self, name: &str) -> i64 {
        self.number(&format!("SELECT id FROM external_files WHERE name = '{name}'"))
    }

    /// BEF012 of these files.
    pub async fn to_proof(&self, browser: &Browser, ids: &[i64]) -> Page {
        let boxes: Vec<String> = ids.iter().map(|id| format!("file_{id}=on")).collect();
        browser.get(&format!("/aoba/external/receive/proof?{}", boxes.join("&"))).await
    }
}

/// What the worker did with external files.
pub fn works(app: &TestApp) -> String {
    let runs = Worker::new(app.services.clone(), None).unwrap().run_due_once();
    runs.into_iter().find(|run| run.name == "external_files").unwrap().did
}

/// Writes what is due in `aoba`.
pub fn writes(app: &TestApp) -> WrittenFiles {
    write_due(&app.services, &app.ctx_of("aoba"), &|| true).unwrap()
}

/// The whole content of a file.
pub fn content(app: &TestApp, id: i64) -> Vec<u8> {
    use madoguchi::db::queries::external_files::find_chunk;
    use madoguchi::primitives::ids::ExternalFileId;
    let mut bytes = Vec::new();
    for no in 0.. {
        let read = app.services.db.read_blocking(|conn| find_chunk(conn, ExternalFileId(id), no));
        match read.unwrap() {
            Some(piece) => bytes.extend(piece),
            None => return bytes,
        }
    }
    bytes
}

/// A header of an answer.
pub fn header<'a>(headers: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    headers.get(name).map_or("", String::as_str)
}

/// How many audit lines of this operation have details that begin so.
pub fn audited(app: &TestApp, operation: &str, details: &str) -> i64 {
    app.number(&format!(
        "SELECT COUNT(*) FROM audit_lines \
         WHERE operation = '{operation}' AND details LIKE '{details}%'"
    ))
}
