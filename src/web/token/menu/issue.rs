//! BOT001 ソフトウェアトークン発行情報入力 and BOT003 発行完了.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::portal::IssuePolicy;
use crate::domain::registration_number::is_needed;
use crate::operations::token::issue::IssueReceipt;
use crate::operations::token::issue_draft::{self, DraftInput, DraftOutcome, keep};
use crate::primitives::code::{normalise_digits, to_half_width};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, REGISTRATION_NUMBER};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup_mail::{ADDRESS_LENGTH_MAX, is_address};
use crate::web::page::{Notice, Receipt, Row, Shell, Step, steps};
use crate::web::principal::{FlowParts, MENU, Who};
use crate::web::screens;
use crate::web::token::flow::{self, StepPage};
use crate::web::token::menu::issue_export::{self, ExportPart};
use crate::web::token::words;
use crate::web::visit::Visit;

/// The steps of an issue.
pub const STEPS: [&str; 3] = ["ソフトウェアトークン発行情報入力", "入力内容確認", "発行完了"];
/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::TokenIssue;
/// What both pages call the address.
pub const ADDRESS_LABEL: &str = "携帯メールアドレス";

/// BOT001. Fields: `mail_address`, `mail_address_again`, `activation`, `activation_again`,
/// and `registration_number` after a revocation.
#[derive(askama::Template)]
#[template(path = "token/menu/issue_input.html")]
pub struct IssueInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The domain that a spam filter has to let through.
    pub mail_domain: String,
    /// The portal's word for the activation password.
    pub activation_label: String,
    /// BOT000.
    pub back_url: String,
}

/// BOT003.
#[derive(askama::Template)]
#[template(path = "token/menu/issue_result.html")]
pub struct IssueResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// Until when transfers are held.
    pub hold: Option<Notice>,
    /// The address.
    pub sent: Vec<Row>,
    /// トークン情報.
    pub rows: Vec<Row>,
    /// Hours in which the app has to be set up.
    pub set_up_hours: u32,
    /// The portal's word for the activation password.
    pub activation_label: String,
    /// BOT000.
    pub menu_url: String,
    /// For other makers' apps, where the portal allows them.
    pub export: Option<ExportPart>,
}

/// BOT001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct InputForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address_again: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    activation: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    activation_again: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    registration_number: Option<String>,
}

/// How the portal issues tokens.
///
/// # Errors
/// 404 where it does not.
pub fn policy(visit: &Visit) -> Result<&IssuePolicy, PageError> {
    visit.profile.tokens.issue.as_ref().ok_or(PageError::NotFound)
}

/// Shows BOT001.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let address = issue_draft::read(&parts.flow).mail_address;
    let form = form(&visit, &who, &parts, (&address, &address))?;
    show_input(&visit, &who, form)
}

/// Keeps what was typed, and mails a code for the next step.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let input: InputForm = body.of(&who)?;
    let address = to_half_width(&input.mail_address).trim().to_owned();
    let again = to_half_width(&input.mail_address_again).trim().to_owned();
    let activation = normalise_digits(&input.activation);
    let activation_again = normalise_digits(&input.activation_again);
    let mut form = form(&visit, &who, &parts, (&address, &again))?;
    check(&visit, &mut form, (&address, &again), (&activation, &activation_again))?;
    let number =
        fields::checked_registration_number(&mut form, input.registration_number.as_deref());
    if form.is_invalid() {
        return show_input(&visit, &who, form);
    }
    let services = &visit.app.services;
    let input = DraftInput {
        mail_address: &address,
        activation_password: &activation,
        registration_number: number.as_deref(),
    };
    let kept = match keep(services, &who.ctx, &who.user, &parts.flow, input).await? {
        Ok(kept) => kept,
        Err(outcome) => {
            let flow = &parts.flow;
            return match flow::after_step(&visit, flow, outcome, form, "", REGISTRATION_NUMBER)? {
                StepPage::Leads(response) => Ok(response),
                StepPage::Again(form) => show_input(&visit, &who, form),
            };
        }
    };
    match kept {
        DraftOutcome::Done => Ok(see_other(&flow::url(&visit, &parts.flow, "confirm"))),
        DraftOutcome::Stale => Err(PageError::Conflict { back: visit.url(MENU) }),
        DraftOutcome::TooManyMails => {
            let max = visit.profile.mail_code.of_act().sendings_max;
            form.errors.push(format!(
                "メール通知パスワードを1時間にお送りできる回数（{max}回）を超えました。\
                 1時間ほどたってから、もう一度「次へ」を押してください。"
            ));
            show_input(&visit, &who, form)
        }
    }
}

fn check(
    visit: &Visit,
    form: &mut FormView,
    (address, address_again): (&str, &str),
    (activation, activation_again): (&str, &str),
) -> Result<(), PageError> {
    if !is_address(address) {
        let words = format!("{ADDRESS_LABEL}を「name@example.jp」の形で入力してください。");
        form.set_error("mail_address", words);
    } else if address != address_again {
        let words = format!("上の欄と同じ{ADDRESS_LABEL}を入力してください。");
        form.set_error("mail_address_again", words);
    }
    let rule = &policy(visit)?.activation_password;
    if activation.is_empty() {
        form.set_error("activation", format!("{}を入力してください。", rule.label));
    } else if let Some(problem) = rule.problem(activation, &[]) {
        form.set_error("activation", problem.message(&rule.label));
    } else if activation != activation_again {
        let words = format!("上の欄と同じ{}を入力してください。", rule.label);
        form.set_error("activation_again", words);
    }
    Ok(())
}

fn form(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    (address, again): (&str, &str),
) -> Result<FormView, PageError> {
    let rule = &policy(visit)?.activation_password;
    let address_field = |name, label: String, value: &str| {
        FieldView::email(name, label).maxlength(ADDRESS_LENGTH_MAX).value(value)
    };
    let again_label = |label: &str| format!("{label}（確認のためもう一度）");
    let secret = |name, label: String| FieldView::new_secret(name, label).maxlength(64);
    let mut all = vec![
        address_field("mail_address", ADDRESS_LABEL.to_owned(), address)
            .hint("トークンを使うスマートフォンで受信できるアドレスです。"),
        address_field("mail_address_again", again_label(ADDRESS_LABEL), again),
        secret("activation", rule.label.clone())
            .hint(format!("{}。アプリの初期設定で一度だけ使います。", rule.hint()))
            .inputmode("numeric"),
        secret("activation_again", again_label(&rule.label)).inputmode("numeric"),
    ];
    if is_needed(&visit.profile, &who.user) {
        all.push(fields::registration_number());
    }
    Ok(FormView::new(flow::url(visit, &parts.flow, ""), who.csrf_token()).fields(all))
}

fn show_input(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let page = IssueInputPage {
        shell: visit.shell_of(&screens::BOT001, who),
        steps: steps(&STEPS, 0),
        mail_domain: visit.profile.mail.domain().to_owned(),
        activation_label: policy(visit)?.activation_password.label.clone(),
        back_url: visit.url(MENU),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Cancels the flow.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    flow::cancel(&visit, body, OPERATION, &flow_id).await
}

/// Shows BOT003.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let done = flow::find_receipt_of::<IssueReceipt>(&visit, OPERATION, &flow_id).await?;
    let export = issue_export::part(&visit, &done.0, &done.1);
    show_result(&visit, done, export)
}

/// BOT003, with what stands in it for other makers' apps.
pub(super) fn show_result(
    visit: &Visit,
    (who, _, receipt, issued): (Who, FlowParts, Receipt, IssueReceipt),
    export: Option<ExportPart>,
) -> PageResult {
    let policy = policy(visit)?;
    let is_invalid = matches!(&export, Some(ExportPart::Asks(form)) if form.is_invalid());
    let page = IssueResultPage {
        shell: visit.shell_of(&screens::BOT003, &who),
        steps: steps(&STEPS, 2),
        receipt,
        hold: words::hold(visit, &who.user),
        sent: vec![Row::new(ADDRESS_LABEL, issued.mail_address)],
        rows: vec![
            Row::new("サービスID", issued.service_id),
            Row::new("ユーザID", issued.user_number),
        ],
        set_up_hours: policy.set_up_hours,
        activation_label: policy.activation_password.label.clone(),
        menu_url: visit.url(MENU),
        export,
    };
    visit.form_page(is_invalid, &page)
}
