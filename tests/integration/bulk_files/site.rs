//! あおば商事, whose 担当者A makes files, and files as their software would write them.

use std::ops::Deref;

use madoguchi::zengin::bulk::{self, BulkHeader, BulkItem};
use madoguchi::zengin::layout::LineEnd;

use crate::aoba::site::{Aoba, TANTO_A};
use crate::browser::{Browser, Page};

const BOUNDARY: &str = "----tests7MA4YWxkTrZu0gW";
/// What a browser calls a form with a file.
pub const FORM_TYPE: &str = "multipart/form-data; boundary=----tests7MA4YWxkTrZu0gW";
/// A day for which files can be sent at noon of the tests' day.
pub const DAY: &str = "2026-12-01";
/// The same in headers.
pub const MMDD: &str = "1201";

/// The company.
pub struct Site(Aoba);

impl Deref for Site {
    type Target = Aoba;

    fn deref(&self) -> &Aoba {
        &self.0
    }
}

impl Site {
    /// The demo without the files that it brings.
    pub fn new() -> Site {
        let site = Site(Aoba::new());
        for table in [
            "external_fetches",
            "external_chunks",
            "external_files",
            "bulk_failures",
            "bulk_results",
            "bulk_events",
            "bulk_approvals",
            "bulk_chunks",
        ] {
            site.execute(&format!("DELETE FROM {table}"));
        }
        site.execute("DELETE FROM bulk_files");
        site
    }

    /// 担当者A's browser.
    pub async fn maker(&self) -> Browser {
        self.logged_in(TANTO_A).await
    }

    fn one(&self, sql: &str) -> String {
        self.texts(sql).remove(0)
    }

    /// A column of あおば商事's first ordinary account.
    pub fn account(&self, column: &str) -> String {
        let contract = self.user(TANTO_A, "contract_id");
        self.one(&format!(
            "SELECT CAST({column} AS TEXT) AS value FROM accounts WHERE contract_id = {contract} \
             AND closed_at IS NULL AND account_type = 'ordinary' ORDER BY id"
        ))
    }

    /// A column of the agreement for a kind.
    pub fn service(&self, kind: &str, column: &str) -> String {
        let contract = self.user(TANTO_A, "contract_id");
        self.one(&format!(
            "SELECT CAST({column} AS TEXT) AS value FROM bulk_services \
             WHERE contract_id = {contract} AND kind = '{kind}'"
        ))
    }

    /// The header of a file of this kind.
    pub fn header(&self, kind: &str) -> BulkHeader {
        let profile = &self.services.profiles["aoba"];
        BulkHeader {
            business_type: self.service(kind, "business_type"),
            originator_code: self.service(kind, "originator_code"),
            originator_name: self.service(kind, "originator_kana"),
            value_date_mmdd: MMDD.to_owned(),
            own_bank_code: profile.portal.bank_code.as_str().to_owned(),
            own_branch_code: self.account("branch_code"),
            own_account_type: Some(1),
            own_account_no: self.account("number"),
            ..BulkHeader::default()
        }
    }

    /// A file of so many records.
    pub fn file(&self, kind: &str, count: usize, end: LineEnd) -> Vec<u8> {
        written(&self.header(kind), (1..=count).map(item), end)
    }

    /// How many files stand so.
    pub fn files(&self, state: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM bulk_files WHERE state = '{state}'"))
    }

    /// A column of the only file.
    pub fn only(&self, column: &str) -> String {
        self.one(&format!("SELECT CAST({column} AS TEXT) AS value FROM bulk_files"))
    }

    /// A file that was uploaded, and its page.
    pub async fn uploaded(&self, browser: &Browser, kind: &str, count: usize) -> Page {
        let file = self.file(kind, count, LineEnd::CrLf);
        let answer = send(browser, &[("kind", ""), ("account", "")], &file).await;
        browser.follow(answer.expect_status(303)).await.expect_screen("BFT012")
    }
}

/// The record of number `n`: 100 yen and one for each.
pub fn item(n: usize) -> BulkItem {
    BulkItem {
        bank_code: "0001".to_owned(),
        branch_code: "001".to_owned(),
        account_type: 1,
        account_no: format!("{:07}", 1_000_000 + n),
        name: format!("ﾔﾏﾀﾞ ﾀﾛｳ {n}"),
        amount: 100 + u64::try_from(n).unwrap(),
        ..BulkItem::default()
    }
}

/// A file.
pub fn written(
    header: &BulkHeader,
    items: impl Iterator<Item = BulkItem>,
    end: LineEnd,
) -> Vec<u8> {
    let (mut file, mut bytes) = bulk::BulkFile::begin(header, end).unwrap();
    for item in items {
        bytes.extend(file.item(&item).unwrap());
    }
    bytes.extend(file.finish().unwrap());
    bytes
}

/// A form with a file behind its fields.
pub fn body(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.bytes());
    }
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"furikomi.txt\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(part.bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

/// Posts such a form.
pub async fn post(browser: &Browser, path: &str, body: Vec<u8>) -> Page {
    browser.post_bytes(path, FORM_TYPE, body).await
}

/// The hidden fields of a page's form, then these.
pub async fn fields_of(
    browser: &Browser,
    path: &str,
    values: &[(&str, &str)],
) -> Vec<(String, String)> {
    let form = browser.get(path).await.expect_status(200).keyed_form();
    let mut fields: Vec<(String, String)> = form.hidden.clone().into_iter().collect();
    fields.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

/// The same as texts.
pub fn texts(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Uploads a file on BFT011.
pub async fn send(browser: &Browser, values: &[(&str, &str)], file: &[u8]) -> Page {
    let fields = fields_of(browser, "/aoba/files/upload", values).await;
    post(browser, "/aoba/files/upload", body(&texts(&fields), file)).await
}
