//! BOT002 入力内容確認: the code just mailed and the confirming secret.

use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::auth_rule::CodeProof;
use crate::domain::flow::FlowStep;
use crate::domain::mail_code::MailCode;
use crate::operations::count_limit;
use crate::operations::proof::mail;
use crate::operations::token::issue::{Issue, PURPOSE as PURPOSE_OF_CODE, issue};
use crate::operations::token::issue_draft::{self, DraftOutcome, go_back, send_again};
use crate::primitives::clock::jst_receipt_text;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Step, Tone, steps};
use crate::web::principal::{FlowParts, MENU, Who};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm, StepPage};
use crate::web::token::menu::issue::{ADDRESS_LABEL, OPERATION, STEPS};
use crate::web::visit::Visit;

const CODE_DIGITS: usize = 6;
const PURPOSE: &str = "この数字でトークンの発行を申し込みます。";

/// BOT002. Fields: `mail_code` and `confirm`.
#[derive(askama::Template)]
#[template(path = "token/menu/issue_confirm.html")]
pub struct IssueConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as that another code was sent.
    pub notices: Vec<Notice>,
    /// What was typed.
    pub rows: Vec<Row>,
    /// To where and when the code was mailed.
    pub sent: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// Back to BOT001.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
    /// Mails another code, while that is possible.
    pub resend: Option<FormView>,
}

/// BOT002's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_code: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// `?sent=1`: another code was mailed.
#[derive(Deserialize)]
pub struct Sent {
    sent: Option<String>,
}

/// Shows BOT002.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>, sent: Query<Sent>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let form = form(&visit, &who, &parts, flow::request_key()?);
    let notice = sent.sent.as_ref().map(|_| Notice {
        tone: Tone::Success,
        title: "メール通知パスワードを再送しました。".to_owned(),
        text: vec!["いちばん新しいメールの数字を入力してください。".to_owned()],
    });
    show_confirm(&visit, &who, &parts, form, notice).await
}

/// Issues the token.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<ConfirmForm>(&visit, OPERATION, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    // The operation proves what this page asks for, and no rule asks for another code here.
    if who.proof.code != Some(CodeProof::Mail) {
        return Err(PageError::Forbidden("the auth rules ask for another proof"));
    }
    if input.draft != flow::draft_digest(&visit, &parts.flow) {
        let form = form(&visit, &who, &parts, flow::request_key()?);
        let form = form.error(flow::DRAFT_CHANGED);
        return show_confirm(&visit, &who, &parts, form, None).await;
    }
    let mail_code = normalise_code(&input.mail_code);
    let mut form = form(&visit, &who, &parts, key.key.clone());
    if mail_code.len() != CODE_DIGITS || !mail_code.bytes().all(|byte| byte.is_ascii_digit()) {
        form.set_error("mail_code", "メールに記載の6桁の数字を入力してください。");
    }
    let confirmation =
        flow::confirmation(&visit, &who, &mut form, input.confirm, [const { None }; 3]);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_confirm(&visit, &who, &parts, form, None).await;
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = Issue {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        mail_code,
        confirmation,
        key,
        result_url: result_url.clone(),
        app_url: format!("{}/token/", visit.app.options.public_url.trim_end_matches('/')),
    };
    let outcome = issue(&visit.app.services, &who.ctx, input).await?;
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "mail_code")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_confirm(&visit, &who, &parts, form, None).await,
    }
}

/// Goes back to BOT001.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    if !go_back(&visit.app.services, &parts.flow).await? {
        return Err(PageError::Conflict { back: visit.url(MENU) });
    }
    Ok(see_other(&flow::url(&visit, &parts.flow, "")))
}

/// Mails another code.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn resend(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    let here = flow::url(&visit, &parts.flow, "confirm");
    match send_again(&visit.app.services, &who.ctx, &who.user).await? {
        DraftOutcome::Done => Ok(see_other(&format!("{here}?sent=1"))),
        DraftOutcome::Stale => Err(PageError::Conflict { back: visit.url(MENU) }),
        DraftOutcome::TooManyMails => {
            let mut form = form(&visit, &who, &parts, flow::request_key()?);
            form.errors.push(
                "これ以上は再送できません。届いた数字を入力するか、1時間ほどたってからもう一度お申し込みください。"
                    .to_owned(),
            );
            show_confirm(&visit, &who, &parts, form, None).await
        }
    }
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, key: String) -> FormView {
    let code = FieldView::code("mail_code", "メール通知パスワード", PURPOSE)
        .hint("メールに記載の半角数字6桁")
        .maxlength(16);
    let mut all = vec![code];
    all.extend(fields::confirmation(&visit.profile, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token())
        .fields(all)
        .request_key(key)
        .draft(flow::draft_digest(visit, &parts.flow))
}

async fn show_confirm(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    form: FormView,
    notice: Option<Notice>,
) -> PageResult {
    let user = who.user.clone();
    let code =
        visit.app.services.db.read(move |conn| mail::find(conn, &user, PURPOSE_OF_CODE)).await?;
    let to = |step: &str| FormView::new(flow::url(visit, &parts.flow, step), who.csrf_token());
    let sendings_max = count_limit(visit.profile.mail_code.of_act().sendings_max);
    let can_resend = code.as_ref().is_none_or(|code| code.sendings < sendings_max);
    let page = IssueConfirmPage {
        shell: visit.shell_of(&screens::BOT002, who),
        steps: steps(&STEPS, 1),
        notices: notice.into_iter().collect(),
        rows: vec![Row::new(ADDRESS_LABEL, issue_draft::read(&parts.flow).mail_address)],
        sent: code.as_ref().map(sent_rows).unwrap_or_default(),
        back: to("back"),
        cancel: flow::cancel_form(visit, who, &parts.flow),
        resend: can_resend.then(|| to("resend")),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn sent_rows(code: &MailCode) -> Vec<Row> {
    vec![
        Row::new("送信先", code.address.clone()),
        Row::new("送信日時", jst_receipt_text(code.sent_at)),
        Row::new("有効期限", jst_receipt_text(code.expires_at)),
    ]
}
