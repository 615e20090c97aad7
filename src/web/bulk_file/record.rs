//! BFT012 and BFT010, one record: repaired, or added behind the last one, with a payee of the payee
//! book if wanted.

use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::bulk_file::BulkKind;
use crate::domain::bulk_file::report::ReportLine;
use crate::domain::payee::{Payee, padded_number};
use crate::operations::bulk_file::edit::{Change, Edit, EditOutcome, edit};
use crate::operations::bulk_file::read::{FIRST_ITEM, items, last_item};
use crate::operations::step::StepOutcome;
use crate::primitives::code::{normalise_digits, to_half_width};
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::primitives::yen::{Yen, grouped};
use crate::web::bulk_file::book::{self, BookQuery, BookView};
use crate::web::bulk_file::list::{meant, reference_labels, type_label};
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::{choices, said};
use crate::web::bulk_file::{Opened, open_to_edit};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::limit::input::amount;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::payee::words::name_problem;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::transfer::words::account_text;
use crate::web::visit::Visit;
use crate::zengin::bulk::{BulkItem, Reference};

/// Room for spaces and hyphens that are dropped.
const CODE_LENGTH_MAX: usize = 16;
const NAME_LENGTH_MAX: usize = 48;
const REFERENCE_LENGTH_MAX: usize = 40;

/// One record of BFT012, or a new one of BFT010.
#[derive(askama::Template)]
#[template(path = "bulk_file/record.html")]
pub struct RecordPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The file, in short.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// What its button says.
    pub button: &'static str,
    /// The payee book, from which a new record is filled.
    pub book: Option<BookView>,
    /// Takes the record away.
    pub remove: Option<String>,
    /// The list.
    pub back_url: String,
}

/// The form of a record.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RecordForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    bank: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    branch: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_type: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    amount: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_code: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    ref1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    ref2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    edi: Option<String>,
}

/// The account types that a kind's records may have (zengin.md 1.2).
pub(super) fn account_types(kind: BulkKind) -> &'static [u8] {
    match kind {
        BulkKind::GeneralTransfer => &[1, 2, 4, 9],
        BulkKind::Salary | BulkKind::Bonus => &[1, 2],
        BulkKind::DirectDebit => &[1, 2, 3, 9],
    }
}

/// What the fields hold.
fn typed_of(item: &BulkItem) -> RecordForm {
    let (ref1, ref2, edi) = match &item.reference {
        Reference::None => (None, None, None),
        Reference::CustomerCodes { first, second } => (Some(first), Some(second), None),
        Reference::Employee { number, department } => (Some(number), Some(department), None),
        Reference::Edi(text) => (None, None, Some(text)),
        Reference::CustomerNumber(text) => (Some(text), None, None),
    };
    RecordForm {
        draft: String::new(),
        bank: item.bank_code.clone(),
        branch: item.branch_code.clone(),
        account_type: item.account_type.to_string(),
        number: item.account_no.clone(),
        name: item.name.clone(),
        amount: match item.amount {
            0 => String::new(),
            amount => grouped(i64::try_from(amount).unwrap_or(i64::MAX)),
        },
        new_code: item.new_code.to_string(),
        ref1: ref1.map(|number| meant(number).to_owned()),
        ref2: ref2.map(|number| meant(number).to_owned()),
        edi: edi.cloned(),
    }
}

fn of_payee(payee: &Payee) -> BulkItem {
    BulkItem {
        bank_code: payee.bank_code.clone(),
        branch_code: payee.branch_code.clone(),
        account_type: payee.account_type.zengin_digit(),
        account_no: payee.number.clone(),
        name: payee.holder_kana.clone(),
        ..BulkItem::default()
    }
}

fn form(
    visit: &Visit,
    opened: &Opened,
    below: &str,
    (typed, key, seen): (&RecordForm, String, &str),
) -> FormView {
    let kind = opened.file.kind;
    let text = |name, label: &str, value: &str, length| {
        FieldView::text(name, label).maxlength(length).value(value)
    };
    let code = |name, label: &str, value: &str| {
        text(name, label, value, CODE_LENGTH_MAX).inputmode("numeric")
    };
    let types = account_types(kind).iter();
    let types = types.map(|digit| (digit.to_string(), type_label(*digit).to_owned()));
    let name =
        if kind.is_outgoing() { "受取人名（カナ）" } else { "預金者名（カナ）" };
    let news = [("0", "その他"), ("1", "1回目（新規）"), ("2", "変更のあと1回目")];
    let news = news.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let mut fields = vec![
        code("bank", "金融機関コード", &typed.bank).hint("4桁の数字です。"),
        code("branch", "店番", &typed.branch).hint("3桁の数字です。"),
        FieldView::select("account_type", "預金種目", choices(None, types, &typed.account_type)),
        code("number", "口座番号", &typed.number),
        text("name", name, &typed.name, NAME_LENGTH_MAX),
        code("amount", "金額（円）", &typed.amount),
        FieldView::select("new_code", "新規コード", choices(None, news, &typed.new_code)),
    ];
    for (field, label) in reference_labels(kind) {
        let value = match *field {
            "ref1" => &typed.ref1,
            "ref2" => &typed.ref2,
            _ => &typed.edi,
        };
        let value = value.as_deref().unwrap_or_default();
        fields.push(text(*field, &format!("{label}（任意）"), value, REFERENCE_LENGTH_MAX));
    }
    FormView::new(opened.url(visit, below), opened.who.csrf_token())
        .request_key(key)
        .draft(seen)
        .fields(fields)
}

/// Reads what was typed, over the record that is there; nothing: the form says what is wrong.
fn read(
    kind: BulkKind,
    typed: &RecordForm,
    before: &BulkItem,
    form: &mut FormView,
) -> Option<BulkItem> {
    let digits = |typed: &str, length: usize| {
        let digits = normalise_digits(typed);
        let is_code = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then_some(digits)
    };
    let bank_code = digits(&typed.bank, 4);
    if bank_code.is_none() {
        form.set_error("bank", "金融機関コードは4桁の数字で入力してください。");
    }
    let branch_code = digits(&typed.branch, 3);
    if branch_code.is_none() {
        form.set_error("branch", "店番は3桁の数字で入力してください。");
    }
    let account_type = typed.account_type.parse::<u8>().ok();
    let account_type = account_type.filter(|digit| account_types(kind).contains(digit));
    if account_type.is_none() {
        form.set_error("account_type", "預金種目を選んでください。");
    }
    let account_no = padded_number(&normalise_digits(&typed.number));
    if account_no.is_none() {
        form.set_error("number", "口座番号は7桁までの数字で入力してください。");
    }
    let name = convert(&typed.name, PAYEE_NAME_MAX).map(|converted| converted.name);
    if let Err(problem) = &name {
        set_name_problem(form, problem);
    }
    let sum = amount(&typed.amount).and_then(|yen| u64::try_from(yen.0).ok());
    let sum = sum.filter(|sum| *sum > 0);
    if sum.is_none() {
        form.set_error("amount", "金額は1円以上の数字で入力してください。");
    }
    let new_code = typed.new_code.parse::<u8>().ok().filter(|digit| *digit <= 2);
    if new_code.is_none() {
        form.set_error("new_code", "新規コードを選んでください。");
    }
    let reference = read_reference(kind, typed, form);
    let (bank_code, branch_code) = (bank_code?, branch_code?);
    let is_same = (&bank_code, &branch_code) == (&before.bank_code, &before.branch_code);
    let kept = |name: &String| if is_same { name.clone() } else { String::new() };
    Some(BulkItem {
        bank_name: kept(&before.bank_name),
        branch_name: kept(&before.branch_name),
        bank_code,
        branch_code,
        account_type: account_type?,
        account_no: account_no?,
        name: name.ok()?,
        amount: sum?,
        new_code: new_code?,
        reference: reference?,
        transfer_kind: before.transfer_kind,
        result_code: before.result_code,
    })
}

fn set_name_problem(form: &mut FormView, problem: &crate::primitives::party_name::NameProblem) {
    let (words, offer) = name_problem(problem);
    form.set_error("name", words.replace("「次へ」", "いちばん下のボタン"));
    for field in form.fields.iter_mut().filter(|field| field.name == "name") {
        if let Some(offer) = &offer {
            *field = field.clone().value(offer);
        }
    }
}

fn read_reference(kind: BulkKind, typed: &RecordForm, form: &mut FormView) -> Option<Reference> {
    let text = |typed: &Option<String>| {
        to_half_width(typed.as_deref().unwrap_or_default()).trim().to_owned()
    };
    let (first, second, edi) = (text(&typed.ref1), text(&typed.ref2), text(&typed.edi));
    let is_empty = first.is_empty() && second.is_empty();
    if !edi.is_empty() && !is_empty {
        form.set_error("edi", "顧客コードとEDI情報は、どちらか一方だけを入力してください。");
        return None;
    }
    Some(match kind {
        BulkKind::GeneralTransfer if !edi.is_empty() => Reference::Edi(edi),
        _ if is_empty => Reference::None,
        BulkKind::GeneralTransfer => Reference::CustomerCodes { first, second },
        BulkKind::Salary | BulkKind::Bonus => {
            Reference::Employee { number: first, department: second }
        }
        BulkKind::DirectDebit => Reference::CustomerNumber(first),
    })
}

/// Puts what the check found on the fields.
fn set_findings(form: &mut FormView, lines: &[ReportLine]) {
    for line in lines {
        let field = match line.code.as_str() {
            "Z302" => "bank",
            "Z303" => "branch",
            "Z305" => "account_type",
            "Z306" | "Z319" => "number",
            "Z307" | "Z309" => "name",
            "Z310" | "Z311" => "amount",
            "Z312" => "new_code",
            "Z313" | "Z315" => "edi",
            "Z314" | "Z320" => "ref1",
            _ => "",
        };
        form.set_error(field, said(line));
    }
}

/// Shows a record of BFT012.
///
/// # Errors
/// 404 for a record that the file has not, 409 where it cannot be changed.
pub async fn show(visit: Visit, path: Path<(i64, u64)>) -> PageResult {
    let (id, no) = path.into_inner();
    let opened = open_to_edit(&visit, id).await?;
    let item = find(&visit, &opened, no).await?;
    let seen = opened.file.content_sha256.clone();
    let form = form(&visit, &opened, &below(no), (&typed_of(&item), request_key()?, &seen));
    show_record(&visit, &opened, Some(no), form, &BookQuery::default()).await
}

fn below(no: u64) -> String {
    format!("records/{no}")
}

pub(super) async fn find(visit: &Visit, opened: &Opened, no: u64) -> Result<BulkItem, PageError> {
    if !(FIRST_ITEM..=last_item(&opened.file)).contains(&no) {
        return Err(PageError::NotFound);
    }
    let file = opened.file.clone();
    let found = visit.app.services.db.read(move |conn| items(conn, &file, no, 1)).await?;
    let found = found.into_iter().next().ok_or(PageError::NotFound)?;
    Ok(found.item)
}

/// Changes a record.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, path: Path<(i64, u64)>, body: FormBody) -> PageResult {
    let (id, no) = path.into_inner();
    let opened = open_to_edit(&visit, id).await?;
    let before = find(&visit, &opened, no).await?;
    save(&visit, &opened, (Some(no), before), body).await
}

/// Shows the input of a new record.
///
/// # Errors
/// 409 where the file cannot be changed, 404 for a payee that is not the contract's.
pub async fn show_new(visit: Visit, id: Path<i64>, query: Query<BookQuery>) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    let item = match query.chosen() {
        None => BulkItem::default(),
        Some(chosen) => of_payee(&book::find(&visit, &opened, chosen).await?),
    };
    let seen = opened.file.content_sha256.clone();
    let form = form(&visit, &opened, "add", (&typed_of(&item), request_key()?, &seen));
    show_record(&visit, &opened, None, form, &query).await
}

/// Adds a record.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit_new(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let opened = open_to_edit(&visit, *id).await?;
    save(&visit, &opened, (None, BulkItem::default()), body).await
}

async fn save(
    visit: &Visit,
    opened: &Opened,
    (no, before): (Option<u64>, BulkItem),
    body: FormBody,
) -> PageResult {
    let (input, key): (RecordForm, _) = body.keyed(visit, &opened.who, "bulk.edit")?;
    let below = no.map_or_else(|| "add".to_owned(), below);
    let known = (&input, key.key.clone(), input.draft.as_str());
    let mut form = form(visit, opened, &below, known);
    let Some(item) = read(opened.file.kind, &input, &before, &mut form) else {
        return show_record(visit, opened, no, form, &BookQuery::default()).await;
    };
    let (change, done) = match no {
        Some(no) => (Change::Item { no, item }, "edited"),
        None => (Change::Append { items: vec![item] }, "added"),
    };
    let result_url = format!("{}?done={done}", opened.url(visit, ""));
    let given = Edit {
        user: opened.who.user.clone(),
        file_id: opened.file.id,
        seen: input.draft.clone(),
        change,
        key,
        result_url: result_url.clone(),
    };
    match edit(&visit.app.services, &opened.who.ctx, given).await? {
        EditOutcome::Step(StepOutcome::Done) => return Ok(see_other(&result_url)),
        EditOutcome::Step(StepOutcome::Stale) => {
            return Err(PageError::Conflict { back: opened.url(visit, "") });
        }
        EditOutcome::Step(outcome) => match after(visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => form.errors.push(words.to_owned()),
        },
        EditOutcome::Faulty(lines) => set_findings(&mut form, &lines),
        EditOutcome::TooMuch => form.set_error("amount", TOO_MUCH),
    }
    show_record(visit, opened, no, form, &BookQuery::default()).await
}

/// Why no more can be added.
pub(super) const TOO_MUCH: &str =
    "1つのデータは100万件、合計999,999,999,999円までです。データを分けてください。";

async fn show_record(
    visit: &Visit,
    opened: &Opened,
    no: Option<u64>,
    form: FormView,
    query: &BookQuery,
) -> PageResult {
    let is_new = no.is_none();
    let book = match is_new && opened.file.kind.is_outgoing() {
        true => book::view(visit, opened, query).await?,
        false => None,
    };
    let screen = if is_new { &screens::BFT010 } else { &screens::BFT012 };
    let mut shell = visit.shell_of(screen, &opened.who);
    shell.title = if is_new { "明細の追加".into() } else { "明細の修正".into() };
    let page = RecordPage {
        shell,
        notices: change_notice(opened).into_iter().collect(),
        rows: short_rows(opened, no),
        button: if is_new { "明細を追加する" } else { "明細を修正する" },
        book,
        remove: no.map(|no| opened.url(visit, &format!("records/{no}/delete"))),
        back_url: opened.url(visit, ""),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// The file, in short.
pub(super) fn short_rows(opened: &Opened, no: Option<u64>) -> Vec<Row> {
    let file = &opened.file;
    let account = opened.desk.accounts.iter().find(|of| Some(of.id) == file.account_id);
    let mut rows = vec![Row::new("データ", format!("{}　{}", file.kind.label(), file.name))];
    rows.extend(account.map(|account| Row::new("口座", account_text(account))));
    let sum = Yen(file.total_yen.0);
    rows.push(Row::new("件数と合計", format!("{}件　{sum}", grouped(file.item_count))));
    rows.extend(no.map(|no| Row::new("明細番号", no.saturating_sub(1).to_string())));
    rows
}

/// What a change undoes.
pub(super) fn change_notice(opened: &Opened) -> Option<Notice> {
    let state = opened.file.state;
    (!state.is_draft()).then(|| Notice {
        tone: Tone::Warn,
        title: format!("このデータは「{}」です。", state.label()),
        text: vec!["内容を変更すると「作成中」に戻り、それまでの承認は取り消されます。".to_owned()],
    })
}
