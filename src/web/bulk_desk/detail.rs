//! BFT040 details: one file with its history, what comes next, and what this user can do with it.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::domain::bulk_file::{
    BulkAct, BulkActor, BulkEvent, BulkFile, BulkReason, BulkState, decide,
};
use crate::domain::external_file::ExternalFile;
use crate::domain::receipt::number_text;
use crate::operations::OperationError;
use crate::operations::bulk_file::delete::delete;
use crate::operations::bulk_file::read::NumberedItem;
use crate::operations::bulk_file::withdraw::withdraw;
use crate::operations::bulk_file::{BulkChange, ChangeOutcome, actor, find_visible};
use crate::operations::external_file::receive::find_result;
use crate::operations::step::StepOutcome;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::BulkFileId;
use crate::text_enum;
use crate::web::bulk_desk::outcome::{self, Outcome};
use crate::web::bulk_desk::pdf::PdfOffer;
use crate::web::bulk_desk::rows::{self, EventRow, ItemPage};
use crate::web::bulk_desk::{
    APPROVAL, DraftForm, HISTORY, Place, SENDING, draft_of, enter, seen_of_draft, words,
};
use crate::web::bulk_file;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

text_enum! {
    /// What was just done, in the address of the page that tells it.
    Told {
        /// 差戻し.
        Returned = "returned",
        /// 引戻し.
        Withdrawn = "withdrawn",
        /// 削除.
        Deleted = "deleted",
    }
}

impl Told {
    /// In a box.
    #[must_use]
    pub fn notice(self) -> Notice {
        let (title, text) = match self {
            Told::Returned => ("差し戻しました。", "作成した方に、メールでお知らせします。"),
            Told::Withdrawn => ("引き戻しました。", "内容を直して、もう一度承認を依頼できます。"),
            Told::Deleted => ("データを削除しました。", "履歴だけが残ります。"),
        };
        Notice { tone: Tone::Success, title: title.to_owned(), text: vec![text.to_owned()] }
    }
}

/// BFT040 of one file.
#[derive(askama::Template)]
#[template(path = "bulk_desk/detail.html")]
pub struct DetailPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notices: Vec<Notice>,
    /// What could not be done.
    pub form: FormView,
    /// How it stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// What comes next.
    pub next: String,
    /// The file.
    pub rows: Vec<Row>,
    /// Until when it must be sent.
    pub deadline: Option<words::Deadline>,
    /// What its day brought.
    pub outcome: Option<Outcome>,
    /// Its history.
    pub events: Vec<EventRow>,
    /// A page of its records.
    pub items: ItemPage,
    /// Where it goes on.
    pub onward: Option<Link>,
    /// 引戻し; none where this user cannot.
    pub withdraw: Option<FormView>,
    /// 削除; none where this user cannot.
    pub delete: Option<FormView>,
    /// The result as a file; none where there is none.
    pub results: Vec<Link>,
    /// The records as files.
    pub files: Vec<Link>,
    /// The same as PDF.
    pub pdf: PdfOffer,
    /// BFT040.
    pub history_url: String,
}

/// `?page=2&done=withdrawn`.
#[derive(Debug, Default, Deserialize)]
pub struct DetailQuery {
    page: Option<String>,
    done: Option<String>,
}

/// A file with whoever looks at it.
pub(super) struct Opened {
    pub who: Who,
    place: Place,
    pub file: BulkFile,
    actor: BulkActor,
    outcome: Option<Outcome>,
    result: Option<ExternalFile>,
    events: Vec<BulkEvent>,
    items: Vec<NumberedItem>,
    page: u64,
}

/// Shows the file.
///
/// # Errors
/// 404 for a file that is not the user's to see.
pub async fn show(visit: Visit, id: Path<i64>, query: Query<DetailQuery>) -> PageResult {
    let opened = open(&visit, BulkFileId(id.into_inner()), query.page.clone()).await?;
    let told = query.done.as_deref().and_then(Told::from_text);
    // Only what the file's state bears out.
    let told = told.filter(|told| match told {
        Told::Returned => opened.file.state == BulkState::Returned,
        Told::Withdrawn => opened.file.state == BulkState::Withdrawn,
        Told::Deleted => false,
    });
    let notices = told.map(Told::notice).into_iter().collect();
    opened.show(&visit, notices, Vec::new(), StatusCode::OK)
}

/// The file's page with what could not be done, status 409.
pub(super) async fn show_refused(visit: &Visit, id: BulkFileId, errors: Vec<String>) -> PageResult {
    let opened = open(visit, id, None).await?;
    opened.show(visit, Vec::new(), errors, StatusCode::CONFLICT)
}

/// Takes the file back.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_withdraw(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let url = format!("{}/{id}?done={}", visit.url(HISTORY), Told::Withdrawn);
    let (who, change) = read_change(&visit, id, body, ("bulk.withdraw", &url)).await?;
    after(&visit, (id, &url), withdraw(&visit.app.services, &who.ctx, change).await?).await
}

/// Throws the file away.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_delete(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let url = format!("{}?done={}", visit.url(HISTORY), Told::Deleted);
    let (who, change) = read_change(&visit, id, body, ("bulk.delete", &url)).await?;
    after(&visit, (id, &url), delete(&visit.app.services, &who.ctx, change).await?).await
}

async fn read_change(
    visit: &Visit,
    id: BulkFileId,
    body: FormBody,
    (operation, result_url): (&'static str, &str),
) -> Result<(Who, BulkChange), PageError> {
    // The file is looked for in the act: a second click may find it deleted, and its key done.
    let (who, _, ()) = enter(visit, |_, _, _| Ok(())).await?;
    let (input, key) = body.keyed::<DraftForm>(visit, &who, operation)?;
    let seen = seen_of_draft(id, &input.draft).ok_or(PageError::BadRequest("no such draft"))?;
    let (user, result_url) = (who.user.clone(), result_url.to_owned());
    Ok((who, BulkChange { user, seen, comment: String::new(), key, result_url }))
}

/// Where an act on one file leads.
pub(super) async fn after(
    visit: &Visit,
    (id, url): (BulkFileId, &str),
    outcome: ChangeOutcome,
) -> PageResult {
    match outcome {
        ChangeOutcome::Step(StepOutcome::Done) => Ok(see_other(url)),
        ChangeOutcome::Step(StepOutcome::AlreadyDone(url)) => Ok(see_other(&url)),
        ChangeOutcome::Obstacle(why) => show_refused(visit, id, vec![why.words().to_owned()]).await,
        ChangeOutcome::Step(_) => {
            // 404 for what is not theirs, else the file as it stands.
            let words = "ほかの方のお手続きで状態が変わりました。今の状態をお確かめください。";
            show_refused(visit, id, vec![words.to_owned()]).await
        }
    }
}

/// Lets in whoever sees the file.
pub(super) async fn open(
    visit: &Visit,
    id: BulkFileId,
    page: Option<String>,
) -> Result<Opened, PageError> {
    let ctx = visit.ctx.clone();
    let (who, place, found) = enter(visit, move |conn, place, user| {
        let Some((file, rights)) = find_visible(conn, &ctx, user, id)? else { return Ok(None) };
        let actor = actor(conn, (user, &rights), place.desk.service(file.kind), &file)?;
        let events = rows::events(conn, &file)?;
        let outcome = outcome::find(conn, &file)?;
        let result = find_result(conn, &ctx, &file)?;
        Ok(Some((file, actor, events, (outcome, result))))
    })
    .await?;
    let (file, actor, events, (outcome, result)) = found.ok_or(PageError::NotFound)?;
    let page = rows::page_of(&file, page.as_deref());
    let reading = file.clone();
    let read = visit.app.services.db.read(move |conn| rows::read_page(conn, &reading, page)).await;
    let items = read.map_err(|error: OperationError| error)?;
    Ok(Opened { who, place, file, actor, outcome, result, events, items, page })
}

impl Opened {
    fn url(&self, visit: &Visit) -> String {
        visit.url(&format!("{HISTORY}/{}", self.file.id))
    }

    fn form(&self, visit: &Visit, act: BulkAct) -> Result<Option<FormView>, PageError> {
        if decide(self.file.state, act, Some(self.actor)).is_err() {
            return Ok(None);
        }
        let below = if act == BulkAct::Delete { "delete" } else { "withdraw" };
        let url = format!("{}/{below}", self.url(visit));
        let form = FormView::new(url, self.who.csrf_token());
        Ok(Some(form.request_key(request_key()?).draft(draft_of(&self.file))))
    }

    fn onward(&self, visit: &Visit) -> Option<Link> {
        let rules = self.place.rules(visit, &self.file);
        let link = |label: &str, url: String| Some(Link { label: label.to_owned(), url });
        if rules.approve(&self.file, self.actor).is_ok() {
            return link("承認へ進む", visit.url(&format!("{APPROVAL}/{}", self.file.id)));
        }
        if decide(self.file.state, BulkAct::Submit, Some(self.actor)).is_ok() {
            return link("明細の修正・承認依頼へ進む", bulk_file::url_of(visit, self.file.id, ""));
        }
        match rules.send(&self.file, self.actor) {
            Ok(_) => link("送信へ進む", visit.url(SENDING)),
            Err(_) => None,
        }
    }

    /// The result as the institution put it out.
    fn results(&self, url: &str) -> Vec<Link> {
        let Some(file) = &self.result else { return Vec::new() };
        let link = |label: String, query: &str| Link { label, url: format!("{url}/result{query}") };
        let kind = file.kind.label();
        if file.record_length == 0 {
            return vec![link(format!("{kind}を保存（CSV）"), "")];
        }
        vec![
            link(format!("{kind}を保存（改行あり）"), ""),
            link(format!("{kind}を保存（改行なし）"), "?end=none"),
        ]
    }

    fn show(
        self,
        visit: &Visit,
        notices: Vec<Notice>,
        errors: Vec<String>,
        status: StatusCode,
    ) -> PageResult {
        let url = self.url(visit);
        let file_url = |format: &str| format!("{url}/csv?format={format}");
        let page = DetailPage {
            shell: visit.shell_of(&screens::BFT040, &self.who),
            notices,
            form: FormView { errors, ..FormView::new("", "") },
            state: self.file.state.label(),
            tone: words::tone(self.file.state),
            next: words::next_text(&self.file),
            rows: self.rows(),
            deadline: words::deadline(&self.file, visit.ctx.now),
            events: rows::event_rows(visit, &self.events),
            items: rows::item_page(&self.file, &self.items, self.page, &url),
            onward: self.onward(visit),
            outcome: self.outcome.clone(),
            results: self.results(&url),
            withdraw: self.form(visit, BulkAct::Withdraw)?,
            delete: self.form(visit, BulkAct::Delete)?,
            files: vec![
                Link { label: "明細をCSVで保存（UTF-8）".to_owned(), url: file_url("csv") },
                Link {
                    label: "明細をCSVで保存（Shift_JIS）".to_owned(),
                    url: file_url("csv-sjis"),
                },
            ],
            pdf: PdfOffer::of_records(visit, &self.file),
            history_url: visit.url(HISTORY),
        };
        visit.page(status, &page)
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let file = &self.file;
        let of = self.place.desk.accounts.iter().find(|of| Some(of.id) == file.account_id);
        let mut rows = words::file_rows(file, of);
        let (given, needed) = (file.approvals_given, file.approvals_needed);
        rows.push(Row::new("承認", words::approvals_text(given, needed)));
        rows.push(Row::new("送信の締切", words::deadline_text(file)));
        rows.extend(file.receipt_number.map(|n| Row::new("受付番号", number_text(n))));
        rows.extend(file.sent_at.map(|at| Row::new("送信日時", jst_minute_text(at))));
        let reason = file.reason.as_deref().and_then(BulkReason::from_text);
        rows.extend(reason.map(|why| Row::new("受付エラーの理由", why.words())));
        rows.push(Row::new("内容の確認値（SHA-256）", file.content_sha256.clone()));
        rows
    }
}
