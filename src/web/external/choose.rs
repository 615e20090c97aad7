//! BEF001 外部ファイル送信: kind and file. The file is checked while it comes, and waits then for the
//! proof of whoever sent it (BEF002).

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Path, Payload};
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::bulk_reports;
use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::report::CheckReport;
use crate::domain::bulk_file::{BulkKind, BulkOrigin};
use crate::domain::right::UserRight;
use crate::operations::bulk_file::upload::{self as act, BYTES_MAX, UploadOutcome};
use crate::operations::one_time_key::RequestKey;
use crate::web::bulk_desk::{MENU, Place, enter};
use crate::web::bulk_file::UPLOAD;
use crate::web::bulk_file::report::ReportPage;
use crate::web::bulk_file::upload::{FORM_BYTES_MAX, after, receive};
use crate::web::bulk_file::words::{ReportView, choices, read_name};
use crate::web::external::SEND;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::transfer::obstacle;
use crate::web::upload::open;
use crate::web::visit::Visit;

const FILE: &str = "file";

/// BEF001. Fields: `kind`, then the file.
#[derive(askama::Template)]
#[template(path = "external/choose.html")]
pub struct ChoosePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Why nothing can be sent.
    pub notices: Vec<Notice>,
    /// The form; its last field is the file.
    pub form: FormView,
    /// Whether anything can be sent.
    pub is_open: bool,
    /// BFT011, for files that are to be approved here.
    pub upload_url: String,
    /// BFT000.
    pub menu_url: String,
}

/// BEF001's form beside the file.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChooseForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: String,
}

/// Shows BEF001.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit) -> PageResult {
    let (who, place, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let form = form(&visit, &who, &place, "", request_key()?);
    show_form(&visit, (&who, &place), form)
}

fn form(visit: &Visit, who: &Who, place: &Place, kind: &str, key: String) -> FormView {
    let kinds = place.desk.external_kinds();
    let of_kind = |kind: &BulkKind| (kind.as_str().to_owned(), kind.label().to_owned());
    FormView::new(visit.url(SEND), who.csrf_token()).request_key(key).fields(vec![
        FieldView::select(
            "kind",
            "種類",
            choices(Some("選んでください"), kinds.iter().map(of_kind), kind),
        ),
        FieldView::file(FILE, "ファイル").hint(format!(
            "全銀協規定形式（1レコード120文字、Shift_JIS、改行はあってもなくても可）。\
             ヘッダに口座を記載してください。{}MB、100万件までです。",
            BYTES_MAX / 1024 / 1024
        )),
    ])
}

fn show_form(visit: &Visit, (who, place): (&Who, &Place), form: FormView) -> PageResult {
    let hindrance = hindrance(visit, who, place);
    let page = ChoosePage {
        shell: visit.shell_of(&screens::BEF001, who),
        is_open: hindrance.is_none(),
        notices: hindrance.into_iter().collect(),
        form,
        upload_url: visit.url(UPLOAD),
        menu_url: visit.url(MENU),
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Why this user cannot send anything straight.
pub(super) fn hindrance(visit: &Visit, who: &Who, place: &Place) -> Option<Notice> {
    let told = |title: &str, text: &str| Notice {
        tone: Tone::Warn,
        title: title.to_owned(),
        text: vec![text.to_owned()],
    };
    let desk = &place.desk;
    if !desk.services.iter().any(|service| service.external_send) {
        return Some(told(
            "外部ファイル送信のお申し込みがありません。",
            "ご利用をご希望の場合は、画面下のお問い合わせ先へお電話ください。承認が必要なファイルは「アップロード」から取り込めます。",
        ));
    }
    if !desk.rights.allows(UserRight::ExternalSend) || desk.external_kinds().is_empty() {
        return Some(told(
            "外部ファイルの送信の権限がありません。",
            "ご契約先の管理者にお申し出ください。",
        ));
    }
    obstacle(visit, &who.user, Operation::ExternalSend)
}

/// Takes the file and leads to BEF002, or to the report.
///
/// # Errors
/// 4xx for what is no form of ours, or too large.
pub async fn submit(visit: Visit, req: HttpRequest, payload: Payload) -> PageResult {
    let length = req.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > BYTES_MAX + FORM_BYTES_MAX) {
        return Err(PageError::TooLarge);
    }
    let (who, place, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let (body, file): (FormBody, _) = open(&req, payload, FILE).await?;
    let (input, key): (ChooseForm, RequestKey) = body.keyed(&visit, &who, "external.stage")?;
    if hindrance(&visit, &who, &place).is_some() {
        return Err(PageError::Forbidden("no right to send files straight"));
    }
    let mut form = form(&visit, &who, &place, &input.kind, key.key.clone());
    if !form.offers("kind", &input.kind) {
        return Err(PageError::BadRequest("no such kind"));
    }
    let Some(kind) = BulkKind::from_text(&input.kind) else {
        form.set_error("kind", "種類を選び、もう一度ファイルを選んでください。");
        return show_form(&visit, (&who, &place), form);
    };
    let given = act::Upload {
        user: who.user.clone(),
        kind: Some(kind),
        account_id: None,
        origin: BulkOrigin::External,
        value_date: None,
        name: read_name(&file.name),
        key,
        files_url: visit.url(SEND),
    };
    let words = match receive(&visit, &who, given, file).await? {
        UploadOutcome::Kept(url) | UploadOutcome::Faulty(url) => return Ok(see_other(&url)),
        UploadOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => {
                form.errors.push(words.to_owned());
                return show_form(&visit, (&who, &place), form);
            }
        },
        UploadOutcome::TooLarge => return Err(PageError::TooLarge),
        UploadOutcome::Broken => return Err(PageError::BadRequest("the upload broke off")),
        UploadOutcome::NoKind => {
            form.set_error("kind", "種類を選び、もう一度ファイルを選んでください。");
            return show_form(&visit, (&who, &place), form);
        }
        UploadOutcome::NoAccount | UploadOutcome::OtherAccount => {
            "ファイルのヘッダに、お使いになれる口座の記載がありません。口座を記載して作り直してください。"
        }
        UploadOutcome::Empty => "ファイルを選んでください。空のファイルは送信できません。",
    };
    form.set_error(FILE, words);
    show_form(&visit, (&who, &place), form)
}

/// Shows the report of a file with errors.
///
/// # Errors
/// 303 to the login, 404 for a report that is not the user's.
pub async fn report(visit: Visit, id: Path<String>) -> PageResult {
    let id = id.into_inner();
    let read = enter(&visit, move |conn, _, user| bulk_reports::find(conn, user.id, &id));
    let (who, _, found) = read.await?;
    let (name, text) = found.ok_or(PageError::NotFound)?;
    let report: CheckReport = serde_json::from_str(&text)
        .map_err(|_| PageError::Internal("a report cannot be read".to_owned()))?;
    let mut shell = visit.shell_of(&screens::BEF001, &who);
    shell.title = "外部ファイルの確認結果".into();
    let page = ReportPage {
        shell,
        name,
        report: ReportView::of(&report),
        again_url: visit.url(SEND),
        back_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}
