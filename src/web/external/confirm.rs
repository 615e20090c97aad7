//! BEF012 受信の確認: the files that were ticked, and the proof.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::DbError;
use crate::domain::auth_rule::Operation;
use crate::domain::external_file::ExternalFile;
use crate::operations::external_file::find_open;
use crate::operations::external_file::receive::{Receive, ReceiveOutcome, receive};
use crate::operations::step::StepOutcome;
use crate::primitives::ids::ExternalFileId;
use crate::web::administration::{TickedForm, given_proof, proof_fields};
use crate::web::bulk_desk::{Place, enter};
use crate::web::external::words::ExternalRow;
use crate::web::external::{HANDED, PROOF, RECEIVE, RECEIVED_MAX, TICK, list};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::{TWIN_REFUSED, request_key};
use crate::web::token::stop::is_suspended;
use crate::web::visit::Visit;

/// BEF012. Fields: the proof.
#[derive(askama::Template)]
#[template(path = "external/confirm.html")]
pub struct ConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The files.
    pub rows: Vec<ExternalRow>,
    /// The form.
    pub form: FormView,
    /// BEF011.
    pub back_url: String,
}

/// BEF012's form; `draft` names the files.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    #[validate(length(max = 1_100))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// The ticked boxes of BEF011: a list of names with their values.
pub type Ticks = Vec<(String, String)>;

/// The files that boxes or a form name; each once.
fn ids_of<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<ExternalFileId>, PageError> {
    let mut ids = Vec::new();
    for text in texts {
        let id = text.parse().map_err(|_| PageError::BadRequest("no such box"))?;
        if !ids.contains(&ExternalFileId(id)) {
            ids.push(ExternalFileId(id));
        }
    }
    if ids.len() > RECEIVED_MAX {
        return Err(PageError::BadRequest("too many boxes"));
    }
    Ok(ids)
}

/// Shows BEF012.
///
/// # Errors
/// 404 for a file that is not the user's to receive, 303 to BEF011 where none was ticked.
pub async fn show(visit: Visit, query: Query<Ticks>) -> PageResult {
    let ids = ids_of(query.iter().filter_map(|(name, _)| name.strip_prefix(TICK)))?;
    if ids.is_empty() {
        return Ok(see_other(&format!("{}?chosen=none", visit.url(RECEIVE))));
    }
    let (who, place, files) = open(&visit, ids).await?;
    if list::hindrance(&visit, &who, &place).is_some() {
        return Ok(see_other(&visit.url(RECEIVE)));
    }
    let form = form(&visit, &who, &files, request_key()?);
    show_form(&visit, (&who, &place), &files, form, StatusCode::OK)
}

async fn open(
    visit: &Visit,
    ids: Vec<ExternalFileId>,
) -> Result<(Who, Place, Vec<ExternalFile>), PageError> {
    let ctx = visit.ctx.clone();
    let (who, place, found) = enter(visit, move |conn, _, user| {
        let found = ids.iter().map(|id| find_open(conn, &ctx, user, *id));
        found.collect::<Result<Option<Vec<ExternalFile>>, DbError>>()
    })
    .await?;
    Ok((who, place, found.ok_or(PageError::NotFound)?))
}

fn form(visit: &Visit, who: &Who, files: &[ExternalFile], key: String) -> FormView {
    let ids: Vec<String> = files.iter().map(|file| file.id.to_string()).collect();
    let purpose = format!("このコードで、{}件のファイルを受信します。", files.len());
    FormView::new(visit.url(PROOF), who.csrf_token())
        .fields(proof_fields(visit, who, &purpose))
        .request_key(key)
        .draft(ids.join("."))
}

fn show_form(
    visit: &Visit,
    (who, place): (&Who, &Place),
    files: &[ExternalFile],
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let accounts = &place.desk.accounts;
    let page = ConfirmPage {
        shell: visit.shell_of(&screens::BEF012, who),
        rows: files.iter().map(|file| ExternalRow::of(file, accounts, &[])).collect(),
        form,
        back_url: visit.url(RECEIVE),
    };
    visit.page(status, &page)
}

/// Hands the files over.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for a file that is not the user's to receive.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, _, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let name = Operation::ExternalReceive.key();
    let (input, key) = body.keyed::<ConfirmForm>(&visit, &who, name)?;
    let ids = ids_of(input.draft.split('.'))?;
    let (who, place, files) = open(&visit, ids.clone()).await?;
    let mut form = form(&visit, &who, &files, key.key.clone());
    let typed = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, typed)?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_form(&visit, (&who, &place), &files, form, unprocessable);
    };
    let results_url = visit.url(HANDED);
    let given = Receive { user: who.user.clone(), ids, proof, key, results_url };
    match receive(&visit.app.services, &who.ctx, given).await? {
        ReceiveOutcome::Done(url) => return Ok(see_other(&url)),
        ReceiveOutcome::Step(step) if is_suspended(&step) => {
            return Ok(see_other(&visit.url("login/suspended")));
        }
        ReceiveOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
        }
        ReceiveOutcome::Step(StepOutcome::TwinRefused) => form.errors.push(TWIN_REFUSED.to_owned()),
        ReceiveOutcome::Step(_) => {
            return Err(PageError::Conflict { back: visit.url(RECEIVE) });
        }
    }
    show_form(&visit, (&who, &place), &files, form, unprocessable)
}
