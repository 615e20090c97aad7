//! BFT021 承認: everything about one file that was handed in, with what differs from the file sent
//! before it; the proof, 承認 and 差戻し.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::{
    BulkAct, BulkActor, BulkEvent, BulkFile, BulkObstacle, BulkState, decide,
};
use crate::operations::OperationError;
use crate::operations::bulk_file::approve::approve;
use crate::operations::bulk_file::read::NumberedItem;
use crate::operations::bulk_file::return_to_maker::{COMMENT_MAX, return_to_maker};
use crate::operations::bulk_file::review::{Review, review};
use crate::operations::bulk_file::{BulkActs, BulkChange, actor, find_visible};
use crate::primitives::ids::BulkFileId;
use crate::web::administration::{TickedForm, given_proof, proof_fields};
use crate::web::bulk_desk::detail::{self, Told};
use crate::web::bulk_desk::differences::{self, SinceView};
use crate::web::bulk_desk::pdf::PdfOffer;
use crate::web::bulk_desk::rows::{self, EventRow, ItemPage};
use crate::web::bulk_desk::sending::act_on;
use crate::web::bulk_desk::{
    APPROVAL, APPROVED, HISTORY, Place, draft_of, enter, proof_name, seen_of_draft, words,
};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// BFT021. Fields: the proof; for 差戻し `comment`.
#[derive(askama::Template)]
#[template(path = "bulk_desk/approval.html")]
pub struct ApprovalPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The file.
    pub rows: Vec<Row>,
    /// Until when it must be sent.
    pub deadline: Option<words::Deadline>,
    /// What differs; on the first page of the records only.
    pub review: Option<ReviewView>,
    /// A page of its records.
    pub items: ItemPage,
    /// Its history.
    pub events: Vec<EventRow>,
    /// 承認; none where this user cannot.
    pub approve: Option<FormView>,
    /// 差戻し; none where this user cannot.
    pub give_back: Option<FormView>,
    /// The form with what is wrong, for the summary.
    pub form: FormView,
    /// The first page.
    pub first_url: String,
    /// The records as PDF.
    pub pdf: PdfOffer,
    /// BFT020.
    pub list_url: String,
}

/// What the review showed.
#[derive(Debug, Clone)]
pub struct ReviewView {
    /// Fee, and where the records go.
    pub rows: Vec<Row>,
    /// What differs from the file before.
    pub since: Option<SinceView>,
}

/// The form of 承認.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ApproveForm {
    #[validate(length(max = 100))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// The form of 差戻し.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReturnForm {
    #[validate(length(max = 100))]
    draft: String,
    #[validate(length(max = 1_000))]
    comment: String,
}

/// `?page=2` of the records.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    /// Page from one.
    pub page: Option<String>,
}

/// A file with everything that its page shows.
struct Opened {
    who: Who,
    place: Place,
    file: BulkFile,
    actor: BulkActor,
    events: Vec<BulkEvent>,
}

/// Shows BFT021.
///
/// # Errors
/// 404 for a file that is not the user's to see, 303 for one that does not wait.
pub async fn show(visit: Visit, id: Path<i64>, query: Query<PageQuery>) -> PageResult {
    let opened = open(&visit, BulkFileId(id.into_inner())).await?;
    let page = rows::page_of(&opened.file, query.page.as_deref());
    let forms = opened.forms(&visit)?;
    opened.show(&visit, page, forms, StatusCode::OK).await
}

/// Approves the file.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let id = BulkFileId(id.into_inner());
    // A second click finds the file approved, and its key done.
    let opened = open_any(&visit, id).await?;
    let who = &opened.who;
    let (input, key) = body.keyed::<ApproveForm>(&visit, who, Operation::BulkApprove.key())?;
    let seen = seen_of_draft(id, &input.draft).ok_or(PageError::BadRequest("no such draft"))?;
    let mut form = opened.approve_form(&visit, key.key.clone());
    let typed = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, who, &mut form, typed)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return opened.again(&visit, Some(form), None, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let acts = BulkActs {
        user: who.user.clone(),
        seen: vec![seen],
        proof,
        proof_name: proof_name(who.proof),
        key,
        results_url: visit.url(APPROVED),
    };
    let outcome = approve(&visit.app.services, &who.ctx, acts).await?;
    match act_on(&visit, outcome, form)? {
        Ok(response) => Ok(response),
        Err((form, StatusCode::CONFLICT)) => {
            let opened = open_any(&visit, id).await?;
            let fresh = opened.approve_form(&visit, request_key()?);
            let form = FormView { errors: form.errors, ..fresh };
            opened.again(&visit, Some(form), None, StatusCode::CONFLICT).await
        }
        Err((form, status)) => opened.again(&visit, Some(form), None, status).await,
    }
}

/// Returns the file to its maker.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_return(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let opened = open_any(&visit, id).await?;
    let who = &opened.who;
    let (input, key) = body.keyed::<ReturnForm>(&visit, who, "bulk.return")?;
    let seen = seen_of_draft(id, &input.draft).ok_or(PageError::BadRequest("no such draft"))?;
    let comment = one_line(&input.comment);
    if let Some(problem) = comment_problem(&comment) {
        let mut form = opened.return_form(&visit, key.key.clone(), &comment);
        form.set_error("comment", problem);
        return opened.again(&visit, None, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let result_url = format!("{}/{id}?done={}", visit.url(HISTORY), Told::Returned);
    let (user, url) = (who.user.clone(), result_url.clone());
    let change = BulkChange { user, seen, comment, key, result_url };
    let outcome = return_to_maker(&visit.app.services, &who.ctx, change).await?;
    detail::after(&visit, (id, &url), outcome).await
}

/// A comment as it is kept: one line.
fn one_line(typed: &str) -> String {
    let line: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().to_owned()
}

fn comment_problem(comment: &str) -> Option<String> {
    match comment.chars().count() {
        0 => Some("差し戻す理由を入力してください。作成した方にメールで伝えます。".to_owned()),
        1..=COMMENT_MAX => None,
        _ => Some(format!("差し戻す理由は{COMMENT_MAX}文字以内で入力してください。")),
    }
}

/// The file, whoever it waits for.
async fn open_any(visit: &Visit, id: BulkFileId) -> Result<Opened, PageError> {
    let ctx = visit.ctx.clone();
    let (who, place, found) = enter(visit, move |conn, place, user| {
        let Some((file, rights)) = find_visible(conn, &ctx, user, id)? else { return Ok(None) };
        let actor = actor(conn, (user, &rights), place.desk.service(file.kind), &file)?;
        let events = rows::events(conn, &file)?;
        Ok(Some((file, actor, events)))
    })
    .await?;
    let (file, actor, events) = found.ok_or(PageError::NotFound)?;
    Ok(Opened { who, place, file, actor, events })
}

/// The file, as long as it waits for approvers, of whom this user is one.
async fn open(visit: &Visit, id: BulkFileId) -> Result<Opened, PageError> {
    let opened = open_any(visit, id).await?;
    if opened.file.state != BulkState::Waiting || !opened.actor.may_approve {
        return Err(PageError::SeeOther(visit.url(&format!("{HISTORY}/{id}"))));
    }
    Ok(opened)
}

impl Opened {
    fn url(&self, visit: &Visit) -> String {
        visit.url(&format!("{APPROVAL}/{}", self.file.id))
    }

    fn possible(&self, visit: &Visit) -> Result<(), BulkObstacle> {
        let rules = self.place.rules(visit, &self.file);
        rules.approve(&self.file, self.actor).map(|_| ())
    }

    fn approve_form(&self, visit: &Visit, key: String) -> FormView {
        let total = self.file.total_yen;
        let count = words::count_text(self.file.item_count);
        let purpose = format!("このコードで、{count}・合計 {total} のデータを承認します。");
        FormView::new(self.url(visit), self.who.csrf_token())
            .fields(proof_fields(visit, &self.who, &purpose))
            .request_key(key)
            .draft(draft_of(&self.file))
    }

    fn return_form(&self, visit: &Visit, key: String, comment: &str) -> FormView {
        let field = FieldView::text("comment", "差し戻す理由")
            .hint("作成した方にメールで伝えます。200文字以内です。")
            .maxlength(COMMENT_MAX)
            .value(comment);
        FormView::new(format!("{}/return", self.url(visit)), self.who.csrf_token())
            .fields(vec![field])
            .request_key(key)
            .draft(draft_of(&self.file))
    }

    /// The forms that this user has now, empty.
    fn forms(&self, visit: &Visit) -> Result<(Option<FormView>, Option<FormView>), PageError> {
        let is_open = obstacle(visit, &self.who.user, Operation::BulkApprove).is_none();
        let can_approve = is_open && self.possible(visit).is_ok();
        let approve = can_approve.then(request_key).transpose()?;
        let can_return = decide(self.file.state, BulkAct::Return, Some(self.actor)).is_ok();
        let give_back = can_return.then(request_key).transpose()?;
        Ok((
            approve.map(|key| self.approve_form(visit, key)),
            give_back.map(|key| self.return_form(visit, key, "")),
        ))
    }

    /// The page again, with what is wrong; where it no longer waits, the file's own page.
    async fn again(
        self,
        visit: &Visit,
        approve: Option<FormView>,
        give_back: Option<FormView>,
        status: StatusCode,
    ) -> PageResult {
        if self.file.state != BulkState::Waiting || !self.actor.may_approve {
            let errors = approve.or(give_back).map_or_else(Vec::new, |form| form.errors);
            return detail::show_refused(visit, self.file.id, errors).await;
        }
        let (fresh_approve, fresh_return) = self.forms(visit)?;
        // What cannot be done any more has no form; its words stand in the summary all the same.
        let told = approve.clone().filter(|_| fresh_approve.is_none());
        let forms = (
            approve.filter(|_| fresh_approve.is_some()).or(fresh_approve),
            give_back.or(fresh_return),
        );
        self.show_with(visit, 1, forms, status, told).await
    }

    async fn show(
        self,
        visit: &Visit,
        page: u64,
        forms: (Option<FormView>, Option<FormView>),
        status: StatusCode,
    ) -> PageResult {
        self.show_with(visit, page, forms, status, None).await
    }

    async fn show_with(
        self,
        visit: &Visit,
        page: u64,
        (approve, give_back): (Option<FormView>, Option<FormView>),
        status: StatusCode,
        told: Option<FormView>,
    ) -> PageResult {
        let items = self.read_items(visit, page).await?;
        let review = if page == 1 { Some(self.review(visit).await?) } else { None };
        let wrong =
            [&told, &approve, &give_back].into_iter().flatten().find(|form| form.is_invalid());
        let form = wrong.cloned().unwrap_or_else(|| FormView::new("", ""));
        let url = self.url(visit);
        let is_first = page == 1;
        let account =
            self.place.desk.accounts.iter().find(|of| Some(of.id) == self.file.account_id);
        let page = ApprovalPage {
            shell: visit.shell_of(&screens::BFT021, &self.who),
            notices: self.notices(visit),
            rows: self.file_rows(account),
            deadline: words::deadline(&self.file, visit.ctx.now),
            review,
            items: rows::item_page(&self.file, &items, page, &url),
            events: rows::event_rows(visit, &self.events),
            approve: approve.filter(|_| is_first),
            give_back: give_back.filter(|_| is_first),
            form,
            first_url: url,
            pdf: PdfOffer::of_records(visit, &self.file),
            list_url: visit.url(APPROVAL),
        };
        visit.page(status, &page)
    }

    fn file_rows(&self, account: Option<&crate::domain::ledger::Account>) -> Vec<Row> {
        let (given, needed) = (self.file.approvals_given, self.file.approvals_needed);
        let mut rows = words::file_rows(&self.file, account);
        rows.push(Row::new("承認", words::approvals_text(given, needed)));
        rows
    }

    async fn read_items(&self, visit: &Visit, page: u64) -> Result<Vec<NumberedItem>, PageError> {
        let file = self.file.clone();
        let read = visit.app.services.db.read(move |conn| rows::read_page(conn, &file, page)).await;
        Ok(read.map_err(|error: OperationError| error)?)
    }

    async fn review(&self, visit: &Visit) -> Result<ReviewView, PageError> {
        let account =
            self.place.desk.accounts.iter().find(|of| Some(of.id) == self.file.account_id);
        let branch = account.map_or("", |account| account.branch_code.as_str());
        let found = review(&visit.app.services, &self.who.ctx, &self.file, branch).await?;
        Ok(review_view(&self.file, &found))
    }

    fn notices(&self, visit: &Visit) -> Vec<Notice> {
        if let Some(hindrance) = obstacle(visit, &self.who.user, Operation::BulkApprove) {
            return vec![hindrance];
        }
        let why = self.possible(visit).err();
        why.map(|why| Notice {
            tone: Tone::Warn,
            title: "このデータは、あなたは承認できません。".to_owned(),
            text: vec![why.words().to_owned()],
        })
        .into_iter()
        .collect()
    }
}

fn review_view(file: &BulkFile, found: &Review) -> ReviewView {
    let items = u64::try_from(file.item_count).unwrap_or(0);
    let other = items.saturating_sub(found.own);
    let rows = vec![
        Row::new("手数料（見込み）", words::fee_text(found.fee)),
        Row::new("当方の口座あて", format!("{}件", found.own)),
        Row::new("他行の口座あて", format!("{other}件")),
    ];
    ReviewView { rows, since: found.since.as_ref().map(differences::view) }
}
