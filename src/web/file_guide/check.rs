//! BFT050 ファイルのチェック: anybody's file is checked while it comes, and nothing of it is kept:
//! the answer to the form is the report.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::Payload;
use serde::Deserialize;
use tokio::sync::Semaphore;
use validator::Validate;

use crate::operations::bulk_file::check::kept;
use crate::operations::bulk_file::look::{self, BYTES_MAX, Look, LookOutcome};
use crate::primitives::yen::grouped;
use crate::web::bulk_file::words::{ReportView, choices};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::file_guide::{CHECK, FORMATS};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::upload::open;
use crate::web::visit::Visit;
use crate::zengin::check::Report;
use crate::zengin::layouts;

const FILE: &str = "file";
/// The fields and the form's own lines, beside the file.
const FORM_BYTES_MAX: u64 = 128 * 1024;
/// Files that are checked at once: nobody has to log in for it.
const SLOTS: usize = 4;
/// In which time a file has to come.
const PATIENCE: Duration = Duration::from_secs(120);
/// A 91 that came back.
const RESULT: &str = "91-result";

static FREE: Semaphore = Semaphore::const_new(SLOTS);

/// A report with what is said before it.
#[derive(Debug, Clone)]
pub struct Checked {
    /// How it ended.
    pub notice: Notice,
    /// What was found.
    pub report: ReportView,
}

/// BFT050. Fields: `kind`, then the file.
#[derive(askama::Template)]
#[template(path = "file_guide/check.html")]
pub struct CheckPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What the last file came to.
    pub checked: Option<Checked>,
    /// The form; its last field is the file.
    pub form: FormView,
    /// BHL005.
    pub formats_url: String,
}

/// BFT050's form beside the file.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CheckForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: String,
}

/// Shows BFT050.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let form = form(&visit, "");
    show_page(&visit, StatusCode::OK, form, None)
}

fn form(visit: &Visit, kind: &str) -> FormView {
    let of = |code: &str| {
        let name = layouts::find(code).map_or("", |format| format.name);
        (code.to_owned(), format!("{code} {name}"))
    };
    let codes = layouts::ALL.iter().flat_map(|format| format.business_types);
    let result = (RESULT.to_owned(), "91 預金口座振替の結果".to_owned());
    let all = codes.copied().map(of).chain([result]);
    FormView::new(visit.url(CHECK), visit.visitor.token.clone()).fields(vec![
        FieldView::select(
            "kind",
            "種類",
            choices(Some("ファイルの種別コードで判別する"), all, kind),
        ),
        FieldView::file(FILE, "ファイル")
            .hint(format!("全銀協規定形式、{}MBまでです。", BYTES_MAX / 1024 / 1024)),
    ])
}

fn show_page(
    visit: &Visit,
    status: StatusCode,
    form: FormView,
    checked: Option<Checked>,
) -> PageResult {
    let page = CheckPage {
        shell: visit.shell(&screens::BFT050),
        checked,
        form,
        formats_url: visit.url(FORMATS),
    };
    visit.page(status, &page)
}

/// Checks the file and shows what was found.
///
/// # Errors
/// 4xx for what is no form of ours, or too large.
pub async fn submit(visit: Visit, req: HttpRequest, payload: Payload) -> PageResult {
    let length = req.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > BYTES_MAX + FORM_BYTES_MAX) {
        return Err(PageError::TooLarge);
    }
    let Ok(_slot) = FREE.try_acquire() else {
        let form = form(&visit, "").error(
            "ただいま多くの方がご利用中です。しばらくしてから、もう一度ファイルを選んでください。",
        );
        return show_page(&visit, StatusCode::SERVICE_UNAVAILABLE, form, None);
    };
    match timeout(PATIENCE, look(&visit, &req, payload)).await {
        Ok(page) => page,
        Err(_) => Err(PageError::BadRequest("the upload took too long")),
    }
}

async fn look(visit: &Visit, req: &HttpRequest, payload: Payload) -> PageResult {
    let (body, file): (FormBody, _) = open(req, payload, FILE).await?;
    let input: CheckForm = body.public(visit)?;
    let mut form = form(visit, &input.kind);
    if !form.offers("kind", &input.kind) {
        return Err(PageError::BadRequest("no such kind"));
    }
    let is_result = input.kind == RESULT;
    let code = if is_result { "91" } else { input.kind.as_str() };
    let business_type = (!code.is_empty()).then(|| code.to_owned());
    let given = Look { business_type, is_result };
    match look::look(&visit.app.services, &visit.ctx, &given, file.pieces).await? {
        LookOutcome::Read(report) => show_page(visit, StatusCode::OK, form, Some(checked(&report))),
        LookOutcome::Empty => {
            form.set_error(FILE, "ファイルを選んでください。空のファイルは確認できません。");
            show_page(visit, StatusCode::UNPROCESSABLE_ENTITY, form, None)
        }
        LookOutcome::TooLarge => Err(PageError::TooLarge),
        LookOutcome::Broken => Err(PageError::BadRequest("the upload broke off")),
    }
}

fn checked(report: &Report) -> Checked {
    let (tone, title) = match (report.errors, report.warnings) {
        (0, 0) => (Tone::Success, "誤りは見つかりませんでした。"),
        (0, _) => (Tone::Info, "誤りはありません。念のためお確かめいただきたい点があります。"),
        _ => (Tone::Error, "誤りがあります。作成したソフトで下の内容を直してください。"),
    };
    let text = "口座のご契約、受付の締切、限度額、残高は、アップロードのときに確認します。";
    let kept = kept(report);
    let mut view = ReportView::of(&kept);
    view.rows.splice(..2, rows(report));
    Checked {
        notice: Notice { tone, title: title.to_owned(), text: vec![text.to_owned()] },
        report: view,
    }
}

/// The file in short.
fn rows(report: &Report) -> Vec<Row> {
    let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let code = report.business_type.as_deref().unwrap_or_default();
    let format = match report.format {
        Some(name) => format!("{name}（種別コード {code}）"),
        None => "不明".to_owned(),
    };
    let framing = report.framing;
    let bytes =
        framing.record_length.map_or_else(String::new, |length| format!("{length}バイト、"));
    vec![
        Row::new("形式", format),
        Row::new("レコード", format!("{bytes}{}", framing.line_ends.label())),
        Row::new("レコード数", number(report.records)),
        Row::new("データ", format!("{}件", number(report.item_count))),
        Row::new("合計金額", format!("{}円", number(report.total_amount))),
    ]
}
