//! BFT011 アップロード: a file in the banks' format, or CSV, read as a stream.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use actix_web::{HttpRequest, rt};
use serde::Deserialize;
use validator::Validate;

use crate::domain::bulk_file::{BulkKind, BulkOrigin, BulkStep};
use crate::operations::OperationError;
use crate::operations::bulk_file::Desk;
use crate::operations::bulk_file::upload::{self as act, BYTES_MAX, UploadOutcome};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::StepOutcome;
use crate::primitives::ids::AccountId;
use crate::web::bulk_file::head::day_field;
use crate::web::bulk_file::words::{account_choices, choices, read_name};
use crate::web::bulk_file::{COPY, FILES, NEW, UPLOAD, enter_maker};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::file_guide::{CHECK, FORMATS};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::{TWIN_REFUSED, request_key};
use crate::web::upload::{ComingFile, open};
use crate::web::visit::Visit;

const FILE: &str = "file";
/// The fields and the form's own lines, beside the file.
pub(in crate::web) const FORM_BYTES_MAX: u64 = 128 * 1024;

/// BFT011. Fields: `kind`, `account`, `on`, then the file.
#[derive(askama::Template)]
#[template(path = "bulk_file/upload.html")]
pub struct UploadPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form; its last field is the file.
    pub form: FormView,
    /// Most megabytes of a file.
    pub megabytes: u64,
    /// BFT010.
    pub new_url: String,
    /// BFT013.
    pub copy_url: String,
    /// BFT050.
    pub check_url: String,
    /// BHL005.
    pub formats_url: String,
    /// BFT000.
    pub back_url: String,
}

/// BFT011's form beside the file.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct UploadForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account: String,
    /// Only CSV without a header needs it.
    #[serde(default)]
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    on: String,
}

/// Shows BFT011.
///
/// # Errors
/// 303 to the login, 403 for whoever makes no files.
pub async fn show(visit: Visit) -> PageResult {
    let (who, desk, ()) = enter_maker(&visit, |_, _, _| Ok(())).await?;
    let form = form(&visit, &who, &desk, ["", "", ""], request_key()?);
    show_form(&visit, &who, form)
}

fn form(
    visit: &Visit,
    who: &Who,
    desk: &Desk,
    [kind, account, on]: [&str; 3],
    key: String,
) -> FormView {
    let kinds = desk.kinds(BulkStep::Make);
    let of_kind = |kind: &BulkKind| (kind.as_str().to_owned(), kind.label().to_owned());
    FormView::new(visit.url(UPLOAD), who.csrf_token()).request_key(key).fields(vec![
        FieldView::select(
            "kind",
            "種類",
            choices(Some("ファイルの種別コードで判別する"), kinds.iter().map(of_kind), kind),
        ),
        FieldView::select(
            "account",
            "口座",
            choices(Some("ファイルに記載の口座"), account_choices(desk, &kinds), account),
        )
        .hint("ファイルのヘッダに口座の記載がないときと、ヘッダのないCSVのときに選んでください。"),
        day_field(visit, &kinds, on).hint("ヘッダのないCSVのときだけ、選んでください。"),
        FieldView::file(FILE, "ファイル").hint(format!(
            "全銀協規定形式（1レコード120文字、Shift_JIS、改行はあってもなくても可）、または\
             CSV（見出しは項目名。種類を選んでください）。{}MB、100万件までです。",
            BYTES_MAX / 1024 / 1024
        )),
    ])
}

fn show_form(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let page = UploadPage {
        shell: visit.shell_of(&screens::BFT011, who),
        form,
        megabytes: BYTES_MAX / 1024 / 1024,
        new_url: visit.url(NEW),
        copy_url: visit.url(COPY),
        check_url: visit.url(CHECK),
        formats_url: visit.url(FORMATS),
        back_url: visit.url(FILES),
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Takes the file and leads to the draft, or to the report.
///
/// # Errors
/// 4xx for what is no form of ours, or too large.
pub async fn submit(visit: Visit, req: HttpRequest, payload: Payload) -> PageResult {
    let length = req.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > BYTES_MAX + FORM_BYTES_MAX) {
        return Err(PageError::TooLarge);
    }
    let (who, desk, ()) = enter_maker(&visit, |_, _, _| Ok(())).await?;
    let (body, file): (FormBody, _) = open(&req, payload, FILE).await?;
    let (input, key): (UploadForm, RequestKey) = body.keyed(&visit, &who, "bulk.create")?;
    let known = form(&visit, &who, &desk, ["", "", ""], String::new());
    let chosen = [("kind", &input.kind), ("account", &input.account), ("on", &input.on)];
    if !chosen.into_iter().all(|(name, value)| known.offers(name, value)) {
        return Err(PageError::BadRequest("no such kind, account or day"));
    }
    let given = act::Upload {
        user: who.user.clone(),
        kind: BulkKind::from_text(&input.kind),
        account_id: input.account.parse().ok().map(AccountId),
        origin: BulkOrigin::Upload,
        value_date: input.on.parse().ok(),
        name: read_name(&file.name),
        key: key.clone(),
        files_url: visit.url(FILES),
    };
    let outcome = receive(&visit, &who, given, file).await?;
    let typed = [input.kind.as_str(), &input.account, &input.on];
    let mut form = form(&visit, &who, &desk, typed, key.key);
    let words = match outcome {
        UploadOutcome::Kept(url) | UploadOutcome::Faulty(url) => return Ok(see_other(&url)),
        UploadOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => {
                form.errors.push(words.to_owned());
                return show_form(&visit, &who, form);
            }
        },
        UploadOutcome::TooLarge => return Err(PageError::TooLarge),
        UploadOutcome::Broken => return Err(PageError::BadRequest("the upload broke off")),
        UploadOutcome::NoKind => {
            ("kind", "CSVのときは、種類を選び、もう一度ファイルを選んでください。")
        }
        UploadOutcome::NoAccount => (
            "account",
            "ファイルのヘッダに、お使いになれる口座の記載がありません。口座を選び、もう一度ファイルを選んでください。",
        ),
        UploadOutcome::OtherAccount => (
            "account",
            "ファイルに記載の口座と、選んだ口座が異なります。どちらかに合わせて、もう一度ファイルを選んでください。",
        ),
        UploadOutcome::Empty => (FILE, "ファイルを選んでください。空のファイルは取り込めません。"),
    };
    form.set_error(words.0, words.1);
    show_form(&visit, &who, form)
}

/// Receives the file in a task of its own, which tidies up where the browser goes away.
pub(in crate::web) async fn receive(
    visit: &Visit,
    who: &Who,
    given: act::Upload,
    file: ComingFile,
) -> Result<UploadOutcome, PageError> {
    let (services, ctx) = (visit.app.services.clone(), who.ctx.clone());
    let task = rt::spawn(async move { act::upload(&services, &ctx, &given, file.pieces).await });
    let ended: Result<UploadOutcome, OperationError> =
        task.await.map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(ended?)
}

/// The answer to what any form may come to; `Err` of the inner result: the words with which the
/// form shows again.
///
/// # Errors
/// 409 where the state has changed.
pub(in crate::web) fn after(
    visit: &Visit,
    outcome: StepOutcome,
) -> Result<Result<actix_web::HttpResponse, &'static str>, PageError> {
    match outcome {
        StepOutcome::AlreadyDone(url) => Ok(Ok(see_other(&url))),
        StepOutcome::TwinRefused => Ok(Err(TWIN_REFUSED)),
        _ => Err(PageError::Conflict { back: visit.url(FILES) }),
    }
}
