//! Lines of lists: files, records, steps of a history.

use crate::db::queries::bulk_files;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkEvent, BulkFile, BulkObstacle};
use crate::operations::OperationError;
use crate::operations::bulk_file::csv::reference_text;
use crate::operations::bulk_file::read::{FIRST_ITEM, NumberedItem, items};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::kana::to_full_katakana;
use crate::web::bulk_desk::{tick_of, words};
use crate::web::page::{Link, Tone};
use crate::web::visit::Visit;
use crate::zengin::bulk::BulkItem;

/// Records a page.
pub const PAGE_SIZE: u64 = 50;

/// One file of a list.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// The name of its box; none where the act is not possible.
    pub tick: Option<String>,
    /// Whether it is ticked.
    pub is_ticked: bool,
    /// Why there is no box.
    pub reason: &'static str,
    /// Its own page.
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
    /// How many approved it.
    pub approvals: String,
    /// Until when it must be sent.
    pub deadline: String,
    /// How it stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
}

impl FileRow {
    /// The line of a file whose page has this address.
    #[must_use]
    pub fn of(file: &BulkFile, url: String) -> FileRow {
        FileRow {
            tick: None,
            is_ticked: false,
            reason: "−",
            url,
            name: file.name.clone(),
            kind: file.kind.label(),
            value_date: words::value_date_text(file),
            count: words::count_text(file.item_count),
            total: file.total_yen.to_string(),
            approvals: words::approvals_text(file.approvals_given, file.approvals_needed),
            deadline: words::deadline_text(file),
            state: file.state.label(),
            tone: words::tone(file.state),
        }
    }

    /// The same with a box, or why there is none.
    #[must_use]
    pub fn with_box(
        self,
        file: &BulkFile,
        possible: Result<(), BulkObstacle>,
        is_ticked: bool,
    ) -> FileRow {
        match possible {
            Ok(()) => FileRow { tick: Some(tick_of(file)), is_ticked, ..self },
            Err(why) => FileRow { reason: why.short(), ..self },
        }
    }
}

/// One record.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// Which record of the file.
    pub no: u64,
    /// Bank and branch.
    pub bank: String,
    /// Kind and number of the account.
    pub account: String,
    /// Whose.
    pub name: String,
    /// How much.
    pub amount: String,
    /// By what the sender knows it.
    pub reference: String,
}

/// 普通, 当座, ….
#[must_use]
pub fn account_type_label(digit: u8) -> &'static str {
    match digit {
        1 => "普通",
        2 => "当座",
        3 => "納税準備",
        4 => "貯蓄",
        _ => "その他",
    }
}

/// `0985-301`, with the names where the record has them.
fn bank_text(item: &BulkItem) -> String {
    let names = format!("{} {}", item.bank_name.trim(), item.branch_name.trim());
    format!("{}-{} {}", item.bank_code, item.branch_code, to_full_katakana(names.trim()))
        .trim()
        .to_owned()
}

impl ItemRow {
    /// A record's line.
    #[must_use]
    pub fn of(numbered: &NumberedItem) -> ItemRow {
        let item = &numbered.item;
        ItemRow {
            no: numbered.no.saturating_sub(1),
            bank: bank_text(item),
            account: format!("{} {}", account_type_label(item.account_type), item.account_no),
            name: to_full_katakana(item.name.trim()),
            amount: words::amount_text(item.amount),
            reference: reference_text(&item.reference),
        }
    }
}

/// A page of a file's records.
#[derive(Debug, Clone)]
pub struct ItemPage {
    /// The records.
    pub rows: Vec<ItemRow>,
    /// `1〜50件目（全123件）`.
    pub total_text: String,
    /// The page before and the one after.
    pub pages: Vec<Link>,
    /// Page from one.
    pub page: u64,
}

/// The page that an address asks for, from one; no further than the file goes.
#[must_use]
pub fn page_of(file: &BulkFile, text: Option<&str>) -> u64 {
    let items = u64::try_from(file.item_count).unwrap_or(0);
    let last = items.div_ceil(PAGE_SIZE).max(1);
    text.and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, last)
}

/// Reads the records of a page.
///
/// # Errors
/// Whatever the database says; content that is none.
pub fn read_page(
    conn: &mut DbConn,
    file: &BulkFile,
    page: u64,
) -> Result<Vec<NumberedItem>, OperationError> {
    let from = FIRST_ITEM + (page - 1) * PAGE_SIZE;
    items(conn, file, from, usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX))
}

/// The page as it shows; `url` is its address without the page.
#[must_use]
pub fn item_page(file: &BulkFile, found: &[NumberedItem], page: u64, url: &str) -> ItemPage {
    let items = u64::try_from(file.item_count).unwrap_or(0);
    let first = (page - 1) * PAGE_SIZE + 1;
    let last = (page * PAGE_SIZE).min(items);
    let to = |label: &str, page: u64| Link {
        label: label.to_owned(),
        url: if page == 1 { url.to_owned() } else { format!("{url}?page={page}") },
    };
    let mut pages = Vec::new();
    if page > 1 {
        pages.push(to("最初の50件", 1));
        pages.push(to("前の50件", page - 1));
    }
    if last < items {
        pages.push(to("次の50件", page + 1));
        pages.push(to("最後のページ", items.div_ceil(PAGE_SIZE)));
    }
    let total = words::count_text(file.item_count);
    let total_text = match items {
        0 => "明細はありません".to_owned(),
        _ => format!("{first}〜{last}件目（全{total}）"),
    };
    ItemPage { rows: found.iter().map(ItemRow::of).collect(), total_text, pages, page }
}

/// One step of a file's history.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// When.
    pub time_text: String,
    /// What.
    pub act: &'static str,
    /// Who.
    pub who: String,
    /// By which proof.
    pub proof: String,
    /// How it stood afterwards.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// What was written to it.
    pub comment: String,
}

/// A file's history, oldest step first.
///
/// # Errors
/// Whatever the database says.
pub fn events(conn: &mut DbConn, file: &BulkFile) -> Result<Vec<BulkEvent>, DbError> {
    bulk_files::list_events(conn, file.id)
}

/// The steps as they show.
#[must_use]
pub fn event_rows(visit: &Visit, events: &[BulkEvent]) -> Vec<EventRow> {
    let row = |event: &BulkEvent| EventRow {
        time_text: jst_minute_text(event.happened_at),
        act: event.act.label(),
        who: event.actor_name.clone(),
        proof: words::proof_label(&visit.profile, &event.proof),
        state: event.state.label(),
        tone: words::tone(event.state),
        comment: event.comment.clone(),
    };
    events.iter().map(row).collect()
}
