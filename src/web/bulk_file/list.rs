//! BFT012 明細一覧: a file's facts and its records, by pages of fifty read from slices of its
//! content, with search.

use actix_web::web::{Path, Query};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::db::queries::bulk_reports;
use crate::domain::bulk_file::BulkKind;
use crate::domain::bulk_file::report::CheckReport;
use crate::operations::OperationError;
use crate::operations::bulk_file::read::NumberedItem;
use crate::operations::bulk_file::search::{Needle, page as find_page};
use crate::primitives::kana::to_full_katakana;
use crate::primitives::yen::{Yen, grouped};
use crate::web::bulk_desk::HISTORY;
use crate::web::bulk_desk::pdf::PdfOffer;
use crate::web::bulk_file::words::{ReportView, file_rows};
use crate::web::bulk_file::{FILES, Opened, open};
use crate::web::failure::PageResult;
use crate::web::form::FormView;
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;
use crate::zengin::bulk::Reference;

const PAGE_SIZE: u64 = 50;
const SEARCH_LENGTH_MAX: usize = 64;
/// More pages than a file has.
const PAGES_MAX: u64 = 20_000;

/// One record.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// 明細番号, from 1.
    pub no: String,
    /// 受取人名 or 預金者名.
    pub name: String,
    /// Bank.
    pub bank: String,
    /// Branch.
    pub branch: String,
    /// Kind and number.
    pub account: String,
    /// As `120,000円`.
    pub amount: String,
    /// By what the sender knows it.
    pub reference: String,
    /// Its repair; none where nobody can change it now.
    pub url: Option<String>,
}

/// BFT012.
#[derive(askama::Template)]
#[template(path = "bulk_file/list.html")]
pub struct FilePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// What stands in the way of 承認依頼, if it was tried.
    pub refused: Option<ReportView>,
    /// The file's facts.
    pub rows: Vec<Row>,
    /// Hands the file in; none for whoever cannot.
    pub submit: Option<FormView>,
    /// The pages on which it is changed; none for whoever cannot.
    pub edit: Option<EditLinks>,
    /// BFT013 with this file.
    pub copy_url: Option<String>,
    /// The warnings with which it was uploaded.
    pub warnings: Option<ReportView>,
    /// The records.
    pub items: Vec<ItemRow>,
    /// 受取人名 or 預金者名.
    pub name_label: &'static str,
    /// As `100,000件のうち 51〜100件目`.
    pub total_text: String,
    /// What was searched for.
    pub text: String,
    /// The page shown, and how many there are.
    pub page: u64,
    /// How many pages there are.
    pub pages: u64,
    /// Pages before and after this one.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// The page's address without search.
    pub search_url: String,
    /// What to do where nothing is listed.
    pub nothing: Option<&'static str>,
    /// The records as PDF.
    pub pdf: PdfOffer,
    /// BFT040 of the file.
    pub history_url: String,
    /// BFT000.
    pub back_url: String,
}

/// Where a file is changed.
#[derive(Debug, Clone)]
pub struct EditLinks {
    /// Adds a record.
    pub add: String,
    /// Adds many.
    pub rows: String,
    /// Name, account and day.
    pub head: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ItemQuery {
    q: Option<String>,
    page: Option<String>,
    done: Option<String>,
}

impl ItemQuery {
    fn text(&self) -> String {
        let typed = self.q.as_deref().unwrap_or_default().trim().chars();
        typed.filter(|c| !c.is_control()).take(SEARCH_LENGTH_MAX).collect()
    }

    /// From 0.
    fn page(&self) -> u64 {
        let page = self.page.as_deref().and_then(|page| page.trim().parse::<u64>().ok());
        page.unwrap_or(1).clamp(1, PAGES_MAX) - 1
    }
}

/// Shows BFT012.
///
/// # Errors
/// 303 to the login, 404 for a file that is not the user's to see.
pub async fn show(visit: Visit, id: Path<i64>, query: Query<ItemQuery>) -> PageResult {
    let opened = open(&visit, *id).await?;
    let submit = submit_form(&visit, &opened, request_key()?);
    show_file(&visit, &opened, &query, submit, Vec::new(), None).await
}

/// The form of 承認依頼, bound to the content that is shown.
pub(super) fn submit_form(visit: &Visit, opened: &Opened, key: String) -> Option<FormView> {
    let form = FormView::new(opened.url(visit, "submit"), opened.who.csrf_token());
    let form = form.request_key(key).draft(opened.file.content_sha256.clone());
    opened.is_submittable().then_some(form)
}

/// The page, with what was refused.
pub(super) async fn show_file(
    visit: &Visit,
    opened: &Opened,
    query: &ItemQuery,
    submit: Option<FormView>,
    refused: Vec<Notice>,
    report: Option<ReportView>,
) -> PageResult {
    let (text, page) = (query.text(), query.page());
    let needle = Needle::of(&text);
    let is_hopeless = !text.is_empty() && needle.is_none();
    let file = opened.file.clone();
    let read = visit.app.services.db.read(move |conn| {
        let kept = bulk_reports::find_of_file(conn, file.id)?;
        if is_hopeless {
            return Ok::<_, OperationError>((kept, (Vec::new(), 0)));
        }
        let take = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let found = find_page(conn, &file, needle.as_ref(), (page * PAGE_SIZE, take))?;
        Ok((kept, found))
    });
    let (kept, (found, total)) = read.await?;
    let is_invalid = submit.as_ref().is_some_and(FormView::is_invalid) || !refused.is_empty();
    let mut notices = refused;
    notices.extend(done_notice(query.done.as_deref()));
    let slice = Slice { text: &text, page, total, shown: found.len() };
    let page = FilePage {
        shell: visit.shell_of(&screens::BFT012, &opened.who),
        notices,
        refused: report,
        rows: file_rows(&opened.file, &opened.desk.accounts),
        submit: submit.filter(|_| opened.file.item_count > 0),
        edit: opened.is_editable().then(|| EditLinks {
            add: opened.url(visit, "add"),
            rows: opened.url(visit, "rows"),
            head: opened.url(visit, "head"),
        }),
        copy_url: opened.actor.may_make.then(|| opened.url(visit, "copy")),
        warnings: kept.as_deref().and_then(warnings),
        items: found.iter().map(|item| row(visit, opened, item)).collect(),
        name_label: if opened.file.kind.is_outgoing() { "受取人名" } else { "預金者名" },
        total_text: slice.total_text(),
        page: slice.page + 1,
        pages: slice.pages(),
        previous: (slice.page > 0).then(|| slice.link(visit, opened, "前の50件", slice.page - 1)),
        next: (slice.page + 1 < slice.pages())
            .then(|| slice.link(visit, opened, "次の50件", slice.page + 1)),
        search_url: opened.url(visit, ""),
        nothing: found.is_empty().then_some(match (text.is_empty(), opened.file.item_count) {
            (_, 0) => "まだ明細がありません。明細を追加してください。",
            (true, _) => "このページには明細がありません。前のページをご覧ください。",
            (false, _) => {
                "当てはまる明細はありません。名前のカナ、口座番号、金額のどれかで、お探しください。"
            }
        }),
        text: text.clone(),
        pdf: PdfOffer::of_records(visit, &opened.file),
        history_url: visit.url(&format!("{HISTORY}/{}", opened.file.id)),
        back_url: visit.url(FILES),
    };
    visit.form_page(is_invalid, &page)
}

/// Which records a page shows.
struct Slice<'a> {
    text: &'a str,
    page: u64,
    total: u64,
    shown: usize,
}

impl Slice<'_> {
    fn pages(&self) -> u64 {
        self.total.div_ceil(PAGE_SIZE)
    }

    fn total_text(&self) -> String {
        let text = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
        let first = self.page * PAGE_SIZE;
        match u64::try_from(self.shown).unwrap_or(0) {
            0 => format!("{}件", text(self.total)),
            shown => format!(
                "{}件のうち {}〜{}件目",
                text(self.total),
                text(first + 1),
                text(first + shown)
            ),
        }
    }

    fn link(&self, visit: &Visit, opened: &Opened, label: &str, page: u64) -> Link {
        let mut url = format!("{}?page={}", opened.url(visit, ""), page + 1);
        if !self.text.is_empty() {
            let text = utf8_percent_encode(self.text, NON_ALPHANUMERIC);
            url.push_str(&format!("&q={text}"));
        }
        Link { label: label.to_owned(), url }
    }
}

fn warnings(text: &str) -> Option<ReportView> {
    let report: CheckReport = serde_json::from_str(text).ok()?;
    Some(ReportView::of(&report)).filter(|view| !view.findings.is_empty())
}

/// What was done a moment ago.
fn done_notice(done: Option<&str>) -> Option<Notice> {
    let title = match done? {
        "edited" => "明細を修正しました。",
        "added" => "明細を追加しました。",
        "removed" => "明細を削除しました。",
        "head" => "データ名・口座・指定日を変更しました。",
        "submitted" => "承認を依頼しました。承認者の方にお知らせください。",
        _ => return None,
    };
    Some(Notice { tone: Tone::Success, title: title.to_owned(), text: Vec::new() })
}

fn row(visit: &Visit, opened: &Opened, numbered: &NumberedItem) -> ItemRow {
    let item = &numbered.item;
    let (bank, branch) = place(visit, &item.bank_code, &item.branch_code);
    let url = opened.url(visit, &format!("records/{}", numbered.no));
    ItemRow {
        no: grouped(i64::try_from(numbered.no.saturating_sub(1)).unwrap_or(i64::MAX)),
        name: to_full_katakana(&item.name),
        bank,
        branch,
        account: format!("{} {}", type_label(item.account_type), item.account_no),
        amount: Yen(i64::try_from(item.amount).unwrap_or(i64::MAX)).to_string(),
        reference: reference(&item.reference),
        url: opened.is_editable().then_some(url),
    }
}

/// Bank and branch by their codes, with the names that the portal's list has.
pub(super) fn place(visit: &Visit, bank_code: &str, branch_code: &str) -> (String, String) {
    let directory = visit.app.services.directory();
    let own = &visit.profile.portal;
    let bank = match bank_code == own.bank_code.as_str() {
        true => Some(own.institution.clone()),
        false => directory.find_bank(bank_code).map(|bank| bank.name.to_owned()),
    };
    let branch = directory.find_branch(bank_code, branch_code).map(|found| found.name.to_owned());
    let named = |name: Option<String>, code: &str| match name {
        Some(name) => format!("{name}（{code}）"),
        None => code.to_owned(),
    };
    (named(bank, bank_code), named(branch, branch_code))
}

/// 預金種目 of a record.
pub(super) fn type_label(account_type: u8) -> &'static str {
    match account_type {
        1 => "普通",
        2 => "当座",
        3 => "納税準備",
        4 => "貯蓄",
        _ => "その他",
    }
}

fn reference(reference: &Reference) -> String {
    match reference {
        Reference::None => String::new(),
        Reference::CustomerCodes { first, second } => both(first, second),
        Reference::Employee { number, department } => both(number, department),
        Reference::Edi(text) => text.clone(),
        Reference::CustomerNumber(number) => meant(number).to_owned(),
    }
}

fn both(first: &str, second: &str) -> String {
    let told = [first, second].map(meant).into_iter().filter(|part| !part.is_empty());
    told.collect::<Vec<_>>().join(" / ")
}

/// A number of the sender's own; zeros alone are none.
pub(super) fn meant(number: &str) -> &str {
    if number.bytes().all(|byte| byte == b'0') { "" } else { number }
}

/// What the numbers of the sender's own are called in files of this kind.
pub(super) fn reference_labels(kind: BulkKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        BulkKind::GeneralTransfer => {
            &[("ref1", "顧客コード1"), ("ref2", "顧客コード2"), ("edi", "EDI情報")]
        }
        BulkKind::Salary | BulkKind::Bonus => &[("ref1", "社員番号"), ("ref2", "所属コード")],
        BulkKind::DirectDebit => &[("ref1", "顧客番号")],
    }
}
