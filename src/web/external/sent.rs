//! BEF003 送信結果: receipt number and control totals, the same at each reload.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::receipt::number_text;
use crate::operations::bulk_file::external::find_sent;
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::ReceiptId;
use crate::web::bulk_desk::{HISTORY, MENU, enter, words};
use crate::web::external::SEND;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::visit::Visit;

/// BEF003.
#[derive(askama::Template)]
#[template(path = "external/sent.html")]
pub struct SentPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What comes next.
    pub notices: Vec<Notice>,
    /// Number, time, control totals.
    pub rows: Vec<Row>,
    /// The file's page.
    pub file: Link,
    /// BEF001.
    pub again_url: String,
    /// BFT000.
    pub menu_url: String,
}

/// Shows BEF003.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, place, found) = enter(&visit, move |conn, _, user| find_sent(conn, user, id)).await?;
    let (receipt, file) = found.ok_or(PageError::NotFound)?;
    let account = place.desk.accounts.iter().find(|of| Some(of.id) == file.account_id);
    let mut rows = vec![
        Row::new("受付番号", number_text(receipt.number)),
        Row::new("受付時刻", jst_receipt_text(receipt.accepted_at)),
    ];
    rows.extend(words::file_rows(&file, account));
    let sha256 = file.original_sha256.clone().unwrap_or_default();
    rows.push(Row::new("ファイルのSHA-256", sha256));
    rows.push(Row::new("今の状態", file.state.label()));
    let page = SentPage {
        shell: visit.shell_of(&screens::BEF003, &who),
        notices: vec![Notice {
            tone: Tone::Success,
            title: "データを送信しました。".to_owned(),
            text: vec![
                "受け付けの確認が終わると「受付済み」になります。まだご入金・お引落しはしていません。"
                    .to_owned(),
            ],
        }],
        rows,
        file: Link {
            label: "このデータの状況・履歴".to_owned(),
            url: visit.url(&format!("{HISTORY}/{}", file.id)),
        },
        again_url: visit.url(SEND),
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}
