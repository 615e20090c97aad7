//! BFT022 承認結果 and BFT031 送信結果: what was done, the same at each reload.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::receipts;
use crate::domain::bulk_file::BulkState;
use crate::domain::receipt::{Receipt as StoredReceipt, number_text};
use crate::operations::bulk_file::{BulkLine, BulkReceipt, approve, send};
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::ReceiptId;
use crate::primitives::yen::Yen;
use crate::web::bulk_desk::{APPROVAL, HISTORY, MENU, SENDING, enter, words};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens::{self, Screen};
use crate::web::transfer::words::day_text;
use crate::web::visit::Visit;

/// BFT022, BFT031.
#[derive(askama::Template)]
#[template(path = "bulk_desk/result.html")]
pub struct BulkResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was done, and what comes next.
    pub notices: Vec<Notice>,
    /// Number (of an approval), time, control totals.
    pub rows: Vec<Row>,
    /// The files.
    pub lines: Vec<ResultLine>,
    /// Whether each file has a number of its own.
    pub has_numbers: bool,
    /// Where more of that kind is done.
    pub again: Link,
    /// BFT040.
    pub history_url: String,
    /// BFT000.
    pub menu_url: String,
}

/// One file of the result.
#[derive(Debug, Clone)]
pub struct ResultLine {
    /// Its page.
    pub url: String,
    /// As its user knows it.
    pub name: String,
    /// What kind.
    pub kind: &'static str,
    /// 指定日.
    pub value_date: String,
    /// Records.
    pub count: String,
    /// Their sum.
    pub total: String,
    /// 受付番号.
    pub number: String,
    /// How it stands now.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// How many approved it; why nothing was done to it.
    pub note: String,
}

struct Kind {
    operation: &'static str,
    screen: &'static Screen,
    is_sending: bool,
}

const APPROVAL_KIND: Kind =
    Kind { operation: approve::RECEIPT, screen: &screens::BFT022, is_sending: false };
const SENDING_KIND: Kind =
    Kind { operation: send::RECEIPT, screen: &screens::BFT031, is_sending: true };

/// Shows BFT022.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_approved(visit: Visit, id: Path<String>) -> PageResult {
    show(&visit, &id, &APPROVAL_KIND).await
}

/// Shows BFT031.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_sent(visit: Visit, id: Path<String>) -> PageResult {
    show(&visit, &id, &SENDING_KIND).await
}

async fn show(visit: &Visit, id: &str, kind: &Kind) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, _, found) =
        enter(visit, move |conn, _, user| receipts::find_of_user(conn, user.id, id)).await?;
    let stored: StoredReceipt =
        found.filter(|receipt| receipt.operation == kind.operation).ok_or(PageError::NotFound)?;
    let details: BulkReceipt = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let (done, refused): (Vec<&BulkLine>, Vec<&BulkLine>) =
        details.lines.iter().partition(|line| line.obstacle.is_none());
    let again = match kind.is_sending {
        true => Link { label: "続けて送信する".to_owned(), url: visit.url(SENDING) },
        false => Link { label: "続けて承認する".to_owned(), url: visit.url(APPROVAL) },
    };
    let page = BulkResultPage {
        shell: visit.shell_of(kind.screen, &who),
        notices: notices(kind, &done, &refused),
        rows: rows(kind, &stored, &done),
        lines: details.lines.iter().map(|line| result_line(visit, line)).collect(),
        has_numbers: kind.is_sending,
        again,
        history_url: visit.url(HISTORY),
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}

fn notices(kind: &Kind, done: &[&BulkLine], refused: &[&BulkLine]) -> Vec<Notice> {
    let verb = if kind.is_sending { "送信" } else { "承認" };
    let mut text = Vec::new();
    if kind.is_sending {
        text.push(
            "受け付けの確認が終わると「受付済み」になります。まだご入金・お引落しはしていません。"
                .to_owned(),
        );
    } else {
        let ready = done.iter().filter(|line| line.state == BulkState::Approved).count();
        let waiting = done.len() - ready;
        if ready > 0 {
            text.push(format!("{ready}件は、送信の権限がある方が締切までに送信してください。"));
        }
        if waiting > 0 {
            text.push(format!("{waiting}件は、もう1人の承認が必要です。"));
        }
    }
    let title = format!("{}件のデータを{verb}しました。", done.len());
    let mut notices = vec![Notice { tone: Tone::Success, title, text }];
    if !refused.is_empty() {
        let why = |line: &&BulkLine| {
            let words = line.obstacle.map_or("", |why| why.words());
            format!("「{}」: {words}", line.name)
        };
        notices.push(Notice {
            tone: Tone::Warn,
            title: format!("{}件のデータは{verb}していません。", refused.len()),
            text: refused.iter().map(why).collect(),
        });
    }
    notices
}

/// Number, time and control totals of what was done.
fn rows(kind: &Kind, stored: &StoredReceipt, done: &[&BulkLine]) -> Vec<Row> {
    let count = done.iter().map(|line| line.item_count).fold(0, i64::saturating_add);
    let total = done.iter().map(|line| line.total.0).fold(0, i64::saturating_add);
    let mut rows = Vec::new();
    if !kind.is_sending {
        rows.push(Row::new("受付番号", number_text(stored.number)));
    }
    rows.push(Row::new("受付時刻", jst_receipt_text(stored.accepted_at)));
    rows.push(Row::new("データ", format!("{}件", done.len())));
    rows.push(Row::new("明細の合計", words::count_text(count)));
    rows.push(Row::new("金額の合計", Yen(total).to_string()));
    rows
}

fn result_line(visit: &Visit, line: &BulkLine) -> ResultLine {
    let (given, needed) = line.approvals;
    let note = match line.obstacle {
        Some(why) => why.short().to_owned(),
        None => format!("承認 {}", words::approvals_text(given, needed)),
    };
    ResultLine {
        url: visit.url(&format!("{HISTORY}/{}", line.file_id)),
        name: line.name.clone(),
        kind: line.kind.label(),
        value_date: line.value_date.map_or_else(|| "−".to_owned(), day_text),
        count: words::count_text(line.item_count),
        total: line.total.to_string(),
        number: line.receipt_number.map_or_else(|| "−".to_owned(), number_text),
        state: line.state.label(),
        tone: if line.obstacle.is_some() { Tone::Error } else { words::tone(line.state) },
        note,
    }
}
