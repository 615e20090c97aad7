//! STF030, a key file: uploaded, looked at, imported.

use actix_web::HttpRequest;
use actix_web::web::{Path, Payload};
use serde::Deserialize;
use validator::Validate;

use crate::domain::portal::{Credential, KindRules, Profile};
use crate::domain::token::TokenKind;
use crate::keyfile::{KeyFileFormat, KeyFileKey};
use crate::operations::staff::import::{
    BYTES_MAX, Preview, ROWS_MAX, Upload, UploadOutcome, import, preview, upload,
};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::secret::Secret;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell};
use crate::web::screens;
use crate::web::staff::act::{self, NoteForm};
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::upload::{UploadedFile, read};

const PATH: &str = "stock/import";
const FILE: &str = "file";
const PSKC: &str = "pskc";
const CSV: &str = "csv";
/// Rows of each sort that a preview names one by one.
const SHOWN: usize = 50;

/// The kinds whose secrets come from a file.
fn kinds(profile: &Profile) -> Vec<&KindRules> {
    profile.tokens.kinds.iter().filter(|rules| rules.credential == Credential::Stock).collect()
}

/// Whether the portal imports key files at all.
pub(super) fn is_offered(profile: &Profile) -> bool {
    !kinds(profile).is_empty()
}

/// STF030, the upload.
#[derive(askama::Template)]
#[template(path = "staff/import.html")]
pub struct ImportPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// Most tokens of a file.
    pub rows_max: usize,
    /// Back to the stock.
    pub back_url: String,
}

/// The fields beside the file.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ImportForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    format: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    shared_key: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    password: String,
}

fn form(
    visit: &StaffVisit,
    who: &StaffWho,
    (kind, format): (Option<&str>, Option<&str>),
) -> FormView {
    let choice = |value: &str, label: &str, hint: Option<&str>, is_chosen: bool| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: hint.map(str::to_owned),
        image: None,
        is_chosen,
    };
    let kinds = kinds(&visit.profile);
    let chosen = kind.or_else(|| kinds.first().map(|rules| rules.kind.as_str()));
    let of_kind = |rules: &&KindRules| {
        let value = rules.kind.as_str();
        choice(value, &rules.label, None, chosen == Some(value))
    };
    let format = format.unwrap_or(PSKC);
    let formats = vec![
        choice(PSKC, "PSKC（XML）", Some("RFC 6030の形式です。"), format == PSKC),
        choice(CSV, "CSV", Some("1行目が serial,secret,type,digits,period です。"), format == CSV),
    ];
    let secret = |name, label: &str, hint: &str| {
        FieldView::secret(name, label.to_owned()).hint(hint).autocomplete("off").maxlength(128)
    };
    FormView::new(visit.url(PATH), who.csrf_token()).fields(vec![
        FieldView::radio("kind", "トークンの種類", kinds.iter().map(of_kind).collect()),
        FieldView::radio("format", "ファイルの形式", formats),
        FieldView::file(FILE, "キーファイル").hint(format!(
            "{}MBまで、{ROWS_MAX}件までです。エラーのあとは、もう一度選んでください。",
            BYTES_MAX / 1024 / 1024
        )),
        secret(
            "shared_key",
            "事前共有鍵（16進数）",
            "事前共有鍵で暗号化したファイルのときに入力します。",
        ),
        secret(
            "password",
            "ファイルのパスワード",
            "パスワードで暗号化したファイルのときに入力します。",
        ),
    ])
}

/// Shows the form of an upload.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 where nothing is imported.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    if !is_offered(&visit.profile) {
        return Err(PageError::NotFound);
    }
    let form = form(&visit, &who, (None, None));
    show_form(&visit, &who, form)
}

fn show_form(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::STF030, who);
    shell.title = "キーファイルの取込み".into();
    let page = ImportPage { shell, form, rows_max: ROWS_MAX, back_url: visit.url("stock") };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Reads the file and leads to its preview.
///
/// # Errors
/// 4xx for what is no form of ours, or too large.
pub async fn submit(visit: StaffVisit, req: HttpRequest, payload: Payload) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let (body, file) = read(&req, payload, FILE, BYTES_MAX).await?;
    let input: ImportForm = body.of_staff(&who)?;
    if !is_offered(&visit.profile) {
        return Err(PageError::NotFound);
    }
    let mut form = form(&visit, &who, (input.kind.as_deref(), input.format.as_deref()));
    let Some(given) = checked(&mut form, input, file) else {
        return show_form(&visit, &who, form);
    };
    match upload(&visit.app.services, &who.ctx, &who.member, given).await? {
        UploadOutcome::Kept(id) => return Ok(see_other(&visit.url(&format!("{PATH}/{id}")))),
        UploadOutcome::Refused(error) => form.set_error(error_field(&error), error.message()),
        UploadOutcome::WrongKind => form.set_error("kind", "取り込める種類を選んでください。"),
        UploadOutcome::TooMany(count) => form.set_error(
            FILE,
            format!(
                "このファイルには{count}件あります。{ROWS_MAX}件までに分けるか、システム担当に取込みを依頼してください。"
            ),
        ),
    }
    show_form(&visit, &who, form)
}

fn error_field(error: &crate::keyfile::error::KeyFileError) -> &'static str {
    use crate::keyfile::error::{KeyFileError as E, KeyKind};
    match error {
        E::KeyNeeded { kind: KeyKind::Password, .. }
        | E::OtherKeyKind { kind: KeyKind::Password } => "password",
        E::KeyNeeded { .. } | E::OtherKeyKind { .. } | E::KeyNotHex | E::KeyLength { .. } => {
            "shared_key"
        }
        _ => FILE,
    }
}

fn checked(form: &mut FormView, input: ImportForm, file: UploadedFile) -> Option<Upload> {
    let kind = input.kind.as_deref().and_then(TokenKind::from_text);
    if kind.is_none() {
        form.set_error("kind", "トークンの種類を選んでください。");
    }
    let format = match input.format.as_deref() {
        Some(PSKC) => Some(KeyFileFormat::Pskc),
        Some(CSV) => Some(KeyFileFormat::OathCsv),
        _ => {
            form.set_error("format", "ファイルの形式を選んでください。");
            None
        }
    };
    if file.bytes.is_empty() {
        form.set_error(FILE, "キーファイルを選んでください。空のファイルは取り込めません。");
    }
    let key = match (input.shared_key.trim(), input.password) {
        ("", password) if password.is_empty() => Some(KeyFileKey::None),
        ("", password) => Some(KeyFileKey::Password(Secret::new(password.into_bytes()))),
        (hex, password) if password.is_empty() => match KeyFileKey::pre_shared_from_hex(hex) {
            Ok(key) => Some(key),
            Err(error) => {
                form.set_error("shared_key", error.message());
                None
            }
        },
        _ => {
            form.set_error(
                "password",
                "事前共有鍵とパスワードは、どちらか一方だけを入力してください。",
            );
            None
        }
    };
    if form.is_invalid() {
        return None;
    }
    let (kind, format, key) = (kind?, format?, key?);
    Some(Upload { kind, format, key, file_name: file.name, bytes: file.bytes })
}

/// A row of a preview.
pub struct PreviewRow {
    /// Line of the CSV, or number of the key.
    pub line: usize,
    /// シリアル番号.
    pub serial: String,
    /// Class of the mark.
    pub class: &'static str,
    /// The mark.
    pub state: &'static str,
    /// What to do.
    pub why: String,
}

/// STF030, the preview.
#[derive(askama::Template)]
#[template(path = "staff/import_preview.html")]
pub struct PreviewPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was uploaded, in numbers.
    pub rows: Vec<Row>,
    /// Faults first, then what is known, then what is new.
    pub listed: Vec<PreviewRow>,
    /// How many are not listed.
    pub unlisted: usize,
    /// The form of the import.
    pub form: FormView,
    /// Whether there is anything to import.
    pub has_new: bool,
    /// Back to the upload.
    pub back_url: String,
}

async fn enter(visit: &StaffVisit, id: &str) -> Result<(StaffWho, Option<Preview>), PageError> {
    let (who, ()) = principal::enter(visit, |_, _| Ok(())).await?;
    let found = preview(&visit.app.services, &who.ctx, &who.member, id).await?;
    Ok((who, found))
}

fn note() -> FieldView {
    act::note("受付の内容", "納品書の番号などを書きます。")
}

/// Shows what would be imported.
///
/// # Errors
/// 303 to the upload where the preview has ended, 404 for somebody else's.
pub async fn show_preview(visit: StaffVisit, path: Path<String>) -> PageResult {
    let id = path.into_inner();
    let (who, found) = enter(&visit, &id).await?;
    let found = found.ok_or(PageError::NotFound)?;
    let form = act::form(&visit, &who, &format!("{PATH}/{id}"), vec![note()])?;
    show_found(&visit, &who, &found, form)
}

fn show_found(visit: &StaffVisit, who: &StaffWho, found: &Preview, form: FormView) -> PageResult {
    let rules = visit.profile.token_kind(found.kind);
    let kind = rules.map_or_else(|| found.kind.as_str().to_owned(), |rules| rules.label.clone());
    let (new, known, faults) = (found.new.len(), found.known.len(), found.faults.len());
    let listed = listed(found);
    let mut shell = visit.shell_of(&screens::STF030, who);
    shell.title = "取込みの確認".into();
    let page = PreviewPage {
        shell,
        rows: vec![
            Row::new("ファイル", found.file_name.clone()),
            Row::new("トークンの種類", kind),
            Row::new("取り込むもの", format!("{new}件")),
            Row::new("すでにあるもの（取り込みません）", format!("{known}件")),
            Row::new("取り込めないもの", format!("{faults}件")),
            Row::new("この画面の期限", jst_minute_text(found.expires_at)),
        ],
        unlisted: (new + known + faults).saturating_sub(listed.len()),
        listed,
        form,
        has_new: new > 0,
        back_url: visit.url(PATH),
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn listed(found: &Preview) -> Vec<PreviewRow> {
    let row = |(line, serial): &(usize, String), class, state, why: &str| PreviewRow {
        line: *line,
        serial: serial.clone(),
        class,
        state,
        why: why.to_owned(),
    };
    let faults = found.faults.iter().take(SHOWN).map(|fault| PreviewRow {
        line: fault.line,
        serial: match fault.serial.is_empty() {
            true => "なし".to_owned(),
            false => fault.serial.clone(),
        },
        class: "error",
        state: "取り込めません",
        why: fault.why.clone(),
    });
    let is_there = "同じシリアル番号が登録されています。";
    let known = found.known.iter().take(SHOWN).map(|of| row(of, "warn", "登録済み", is_there));
    let new = found.new.iter().take(SHOWN).map(|of| row(of, "success", "取り込みます", ""));
    faults.chain(known).chain(new).collect()
}

/// Imports what was looked at.
///
/// # Errors
/// 4xx for what is no form of ours, 404 where the preview has ended.
pub async fn submit_import(visit: StaffVisit, path: Path<String>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let (who, found) = enter(&visit, &id).await?;
    let address = format!("{PATH}/{id}");
    let (input, key): (NoteForm, _) = body.staff_keyed(&visit, &who, &address)?;
    let mut form = act::form(&visit, &who, &address, vec![note()])?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let services = &visit.app.services;
        let given = (id.as_str(), note);
        let outcome = import(services, &who.ctx, &who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, PATH)? {
            return Ok(done);
        }
    }
    show_found(&visit, &who, &found.ok_or(PageError::NotFound)?, form)
}
