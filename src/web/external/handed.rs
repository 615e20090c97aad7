//! BEF013 受信結果: the files that were fetched, with their check values, to be saved.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::domain::external_file::ExternalFile;
use crate::domain::receipt::number_text;
use crate::operations::external_file::receive::{Handed, find_handed};
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::{ExternalFileId, ReceiptId};
use crate::web::bulk_desk::{MENU, Place, enter};
use crate::web::external::words::file_rows;
use crate::web::external::{HANDED, RECEIVE, download};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::visit::Visit;

/// BEF013.
#[derive(askama::Template)]
#[template(path = "external/handed.html")]
pub struct HandedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// How it ended.
    pub notices: Vec<Notice>,
    /// Number and time.
    pub rows: Vec<Row>,
    /// The files.
    pub files: Vec<HandedFile>,
    /// BEF011.
    pub again_url: String,
    /// BFT000.
    pub menu_url: String,
}

/// One file to be saved.
#[derive(Debug, Clone)]
pub struct HandedFile {
    /// As it is saved.
    pub name: String,
    /// What it is.
    pub rows: Vec<Row>,
    /// The ways to save it, each with its SHA-256; none once the hour is over.
    pub ways: Vec<Way>,
}

/// A way to save a file.
#[derive(Debug, Clone)]
pub struct Way {
    /// The address.
    pub url: String,
    /// `保存する（改行あり）`.
    pub label: &'static str,
    /// SHA-256 in hex of what is saved.
    pub sha256: String,
}

async fn open(visit: &Visit, id: &str) -> Result<(Who, Place, Handed), PageError> {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let ctx = visit.ctx.clone();
    let (who, place, found) =
        enter(visit, move |conn, _, user| find_handed(conn, &ctx, user, id)).await?;
    Ok((who, place, found.ok_or(PageError::NotFound)?))
}

/// Shows BEF013.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let (who, place, found) = open(&visit, &id).await?;
    let base = format!("{}/{}", visit.url(HANDED), found.receipt.id);
    let file = |file: &ExternalFile| HandedFile {
        name: file.name.clone(),
        rows: file_rows(file, &place.desk.accounts),
        ways: if found.is_open { ways(file, &base) } else { Vec::new() },
    };
    let page = HandedPage {
        shell: visit.shell_of(&screens::BEF013, &who),
        notices: vec![notice(&found)],
        rows: vec![
            Row::new("受付番号", number_text(found.receipt.number)),
            Row::new("受付時刻", jst_receipt_text(found.receipt.accepted_at)),
            Row::new("受信した方", who.user.name.clone()),
        ],
        files: found.files.iter().map(file).collect(),
        again_url: visit.url(RECEIVE),
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}

fn notice(found: &Handed) -> Notice {
    if !found.is_open || found.files.is_empty() {
        return Notice {
            tone: Tone::Warn,
            title: "ここからは保存できなくなりました。".to_owned(),
            text: vec![
                "受信から1時間、または保存期間が過ぎました。必要なときは、もう一度受信してください。"
                    .to_owned(),
            ],
        };
    }
    Notice {
        tone: Tone::Success,
        title: format!("{}件のファイルを受信しました。", found.files.len()),
        text: vec!["この画面から1時間、何度でも保存できます。".to_owned()],
    }
}

fn ways(file: &ExternalFile, base: &str) -> Vec<Way> {
    let way = |label, query: &str, sha256: &str| Way {
        url: format!("{base}/{}{query}", file.id),
        label,
        sha256: sha256.to_owned(),
    };
    if file.record_length == 0 {
        return vec![way("保存する", "", &file.sha256)];
    }
    vec![
        way("保存する（改行あり）", "", &file.sha256),
        way("保存する（改行なし）", "?end=none", &file.plain_sha256),
    ]
}

/// `?end=none`.
#[derive(Debug, Default, Deserialize)]
pub struct EndQuery {
    end: Option<String>,
}

impl EndQuery {
    /// Whether the records come without line ends.
    ///
    /// # Errors
    /// 400 for what is neither.
    pub fn is_plain(&self) -> Result<bool, PageError> {
        match self.end.as_deref() {
            None => Ok(false),
            Some("none") => Ok(true),
            Some(_) => Err(PageError::BadRequest("no such line end")),
        }
    }
}

/// Sends one of the files.
///
/// # Errors
/// 404 for what was not fetched with this receipt, or longer than an hour ago.
pub async fn save(visit: Visit, path: Path<(String, i64)>, query: Query<EndQuery>) -> PageResult {
    let (receipt, id) = path.into_inner();
    let (_, _, found) = open(&visit, &receipt).await?;
    let file = found.files.into_iter().find(|file| file.id == ExternalFileId(id));
    let file = file.filter(|_| found.is_open).ok_or(PageError::NotFound)?;
    Ok(download::send(&visit.app.services.db, &file, query.is_plain()?))
}
