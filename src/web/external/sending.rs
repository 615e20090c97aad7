//! BEF002 送信内容の確認: what the check found, the totals, and the proof.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::bulk_reports;
use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::report::CheckReport;
use crate::operations::OperationError;
use crate::operations::bulk_file::external::{
    ExternalOutcome, SendExternal, Staged, cancel, find_staged, send,
};
use crate::operations::step::{StepOutcome, find_twin};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::BulkFileId;
use crate::web::administration::{TickedForm, given_proof, proof_fields};
use crate::web::bulk_desk::{Place, enter, proof_name, words};
use crate::web::bulk_file::words::ReportView;
use crate::web::external::{SEND, SENT, choose};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::{TWIN_REFUSED, request_key};
use crate::web::token::stop::is_suspended;
use crate::web::transfer::words::account_text;
use crate::web::visit::Visit;

/// BEF002. Fields: the proof.
#[derive(askama::Template)]
#[template(path = "external/sending.html")]
pub struct SendingPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Why it cannot be sent.
    pub notices: Vec<Notice>,
    /// The file and its totals.
    pub rows: Vec<Row>,
    /// What the check warns of.
    pub report: Option<ReportView>,
    /// The proof; nothing to send where there is a hindrance.
    pub form: FormView,
    /// Whether it can be sent.
    pub is_open: bool,
    /// Throws it away.
    pub cancel: FormView,
    /// BEF001.
    pub back_url: String,
}

/// BEF002's form; `draft` is the content that was shown.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SendForm {
    #[validate(length(max = 64))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// A form of nothing.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CancelForm {}

/// A file that waits for the proof of whoever looks at it.
struct Opened {
    who: Who,
    place: Place,
    staged: Staged,
    report: Option<CheckReport>,
}

async fn open(visit: &Visit, id: BulkFileId) -> Result<Opened, PageError> {
    let (who, place, ()) = enter(visit, |_, _, _| Ok(())).await?;
    let (ctx, user) = (who.ctx.clone(), who.user.clone());
    let read = visit.app.services.db.read(move |conn| {
        let Some(staged) = find_staged(conn, &ctx, &user, id)? else { return Ok(None) };
        let report = bulk_reports::find_of_file(conn, id)?;
        Ok::<_, OperationError>(Some((staged, report)))
    });
    let (staged, report) = read.await?.ok_or(PageError::NotFound)?;
    let report = report.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Opened { who, place, staged, report })
}

/// Shows BEF002.
///
/// # Errors
/// 404 for a file that does not wait for this user's proof.
pub async fn show(visit: Visit, id: Path<i64>) -> PageResult {
    let opened = open(&visit, BulkFileId(id.into_inner())).await?;
    let form = opened.form(&visit, request_key()?);
    opened.show(&visit, form, StatusCode::OK)
}

/// Sends the file.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for a file that does not wait for this user's proof, 409
/// where the same form is still being worked on.
pub async fn submit(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let id = BulkFileId(id.into_inner());
    let (who, _, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let name = Operation::ExternalSend.key();
    let (input, key) = body.keyed::<SendForm>(&visit, &who, name)?;
    // A second click finds nothing waiting any more, and its key done.
    match find_twin(&visit.app.services, &key).await? {
        Some(StepOutcome::AlreadyDone(url)) => return Ok(see_other(&url)),
        Some(_) => return Err(PageError::Conflict { back: visit.url(SEND) }),
        None => {}
    }
    let opened = open(&visit, id).await?;
    let who = &opened.who;
    let mut form = opened.form(&visit, key.key.clone());
    let typed = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, who, &mut form, typed)?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return opened.show(&visit, form, unprocessable);
    };
    let given = SendExternal {
        user: who.user.clone(),
        file_id: id,
        seen: input.draft,
        proof,
        proof_name: proof_name(who.proof),
        key,
        results_url: visit.url(SENT),
    };
    match send(&visit.app.services, &who.ctx, given).await? {
        ExternalOutcome::Done(url) => return Ok(see_other(&url)),
        ExternalOutcome::Step(step) if is_suspended(&step) => {
            return Ok(see_other(&visit.url("login/suspended")));
        }
        ExternalOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
        }
        ExternalOutcome::Step(StepOutcome::TwinRefused) => {
            form.errors.push(TWIN_REFUSED.to_owned());
        }
        ExternalOutcome::Step(_) => return Err(PageError::Conflict { back: visit.url(SEND) }),
        ExternalOutcome::Obstacle(why) => {
            let opened = open(&visit, id).await?;
            let fresh = opened.form(&visit, request_key()?).error(why.words());
            return opened.show(&visit, fresh, StatusCode::CONFLICT);
        }
    }
    opened.show(&visit, form, unprocessable)
}

/// Throws the file away.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_cancel(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let (who, _, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let CancelForm {} = body.of(&who)?;
    let id = BulkFileId(id.into_inner());
    match cancel(&visit.app.services, &who.user, id).await? {
        true => Ok(see_other(&visit.url(SEND))),
        false => Err(PageError::NotFound),
    }
}

impl Opened {
    fn url(&self, visit: &Visit) -> String {
        format!("{}/{}", visit.url(SEND), self.staged.file.id)
    }

    fn form(&self, visit: &Visit, key: String) -> FormView {
        let file = &self.staged.file;
        let (count, total) = (words::count_text(file.item_count), file.total_yen);
        let purpose = format!("このコードで、{count}・合計 {total} のデータを送信します。");
        FormView::new(self.url(visit), self.who.csrf_token())
            .fields(proof_fields(visit, &self.who, &purpose))
            .request_key(key)
            .draft(file.content_sha256.clone())
    }

    fn show(self, visit: &Visit, form: FormView, status: StatusCode) -> PageResult {
        let notices = self.notices(visit);
        let cancel = format!("{}/cancel", self.url(visit));
        let page = SendingPage {
            shell: visit.shell_of(&screens::BEF002, &self.who),
            is_open: notices.is_empty(),
            notices,
            rows: self.rows(),
            report: self.report.as_ref().map(ReportView::of),
            form,
            cancel: FormView::new(cancel, self.who.csrf_token()),
            back_url: visit.url(SEND),
        };
        visit.page(status, &page)
    }

    fn notices(&self, visit: &Visit) -> Vec<Notice> {
        if let Some(notice) = choose::hindrance(visit, &self.who, &self.place) {
            return vec![notice];
        }
        let why = self.staged.obstacle.map(|why| Notice {
            tone: Tone::Warn,
            title: "このデータは送信できません。".to_owned(),
            text: vec![why.words().to_owned()],
        });
        why.into_iter().collect()
    }

    fn rows(&self) -> Vec<Row> {
        let Staged { file, account_id, .. } = &self.staged;
        let account = self.place.desk.accounts.iter().find(|of| Some(of.id) == *account_id);
        let account = account.map_or_else(|| "−".to_owned(), account_text);
        vec![
            Row::new("データ名", file.name.clone()),
            Row::new("種類", format!("{}（種別コード {}）", file.kind.label(), file.business_type)),
            Row::new(words::account_label(file), account),
            Row::new(words::date_label(file), words::value_date_text(file)),
            Row::new("件数", words::count_text(file.item_count)),
            Row::new("合計金額", file.total_yen.to_string()),
            Row::new(
                "送信の締切",
                file.deadline_at.map_or_else(|| "−".to_owned(), jst_minute_text),
            ),
            Row::new("ファイルのSHA-256", file.original_sha256.clone().unwrap_or_default()),
        ]
    }
}
