//! BLG095, third step: the code from the mail; sending it again; leaving the address for later.

use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::mail_codes;
use crate::domain::login::LoginStage;
use crate::domain::mail_code::{MailCode, MailCodePurpose};
use crate::domain::user::SetupState;
use crate::operations::login::setup::{
    CodeOutcome, SendOutcome, leave_for_later, send_again, verify_code,
};
use crate::primitives::clock::jst_receipt_text;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup::SetupCodePage;
use crate::web::page::{Notice, Row, Tone};
use crate::web::principal::{self, Who};
use crate::web::visit::Visit;
use crate::web::{activation, session};

const PURPOSE: &str = "このコードでメールアドレスを登録します。";
const DIGITS: usize = 6;

/// The form of the code.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CodeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_code: String,
}

/// A form that carries nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct BareForm {}

/// `?sent=1`: another code was mailed.
#[derive(Deserialize)]
pub struct Sent {
    sent: Option<String>,
}

/// Shows the step.
///
/// # Errors
/// 303 where another step is due.
pub async fn show(visit: Visit, sent: Query<Sent>) -> PageResult {
    let (who, open) = enter(&visit).await?;
    let form = form(&visit, &who);
    let notice = sent.sent.as_ref().map(|_| Notice {
        tone: Tone::Success,
        title: "確認コードを再送しました。".to_owned(),
        text: vec!["いちばん新しいメールの確認コードを入力してください。".to_owned()],
    });
    show_form(&visit, &who, &open, form, notice)
}

/// Verifies the code and completes the login.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, open) = enter(&visit).await?;
    let input: CodeForm = body.of(&who)?;
    let code = normalise_code(&input.mail_code);
    let mut form = form(&visit, &who);
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        form.set_error("mail_code", "メールに記載の6桁の数字を入力してください。");
        return show_form(&visit, &who, &open, form, None);
    }
    let services = &visit.app.services;
    match verify_code(services, &who.ctx, &who.login, &who.user, &code).await? {
        CodeOutcome::Done => {
            session::begin(&visit.session, &who.login.id)?;
            return Ok(see_other(&activation::after_setup(&visit)));
        }
        CodeOutcome::Wrong => {
            form.set_error("mail_code", "確認コードが違います。メールを確かめて入力してください。");
        }
        CodeOutcome::UsedUp => form.set_error(
            "mail_code",
            "この確認コードは使えなくなりました。「確認コードを再送する」を押してください。\
             再送できないときは「あとで登録する」を押してください。",
        ),
    }
    show_form(&visit, &who, &open, form, None)
}

/// Sends a new code.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn resend(visit: Visit, body: FormBody) -> PageResult {
    let (who, open) = enter(&visit).await?;
    let BareForm {} = body.of(&who)?;
    match send_again(&visit.app.services, &who.ctx, &who.user).await? {
        SendOutcome::Sent => Ok(see_other(&visit.url("login/setup/code?sent=1"))),
        SendOutcome::NothingOpen => Ok(see_other(&visit.url("login/setup/mail"))),
        SendOutcome::TooMany => {
            let mut form = form(&visit, &who);
            form.errors.push(
                "これ以上は再送できません。届いた確認コードを入力するか、あとで登録してください。"
                    .to_owned(),
            );
            show_form(&visit, &who, &open, form, None)
        }
    }
}

/// Leaves the address for later and completes the login.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn later(visit: Visit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, LoginStage::Setup, |_, _, _| Ok(())).await?;
    let BareForm {} = body.of(&who)?;
    if !leave_for_later(&visit.app.services, &who.ctx, &who.login, &who.user).await? {
        return Ok(see_other(&visit.url("login/setup")));
    }
    session::begin(&visit.session, &who.login.id)?;
    Ok(see_other(&activation::after_setup(&visit)))
}

async fn enter(visit: &Visit) -> Result<(Who, MailCode), PageError> {
    let (who, open) = principal::enter(visit, LoginStage::Setup, |conn, _, user| {
        mail_codes::find_open(conn, user.id, MailCodePurpose::FirstSetup)
    })
    .await?;
    match open {
        _ if who.user.setup_state == SetupState::Initial => {
            Err(PageError::SeeOther(visit.url("login/setup")))
        }
        Some(open) => Ok((who, open)),
        None => Err(PageError::SeeOther(visit.url("login/setup/mail"))),
    }
}

fn form(visit: &Visit, who: &Who) -> FormView {
    let field = FieldView::code("mail_code", "確認コード", PURPOSE)
        .hint("メールに記載の半角数字6桁")
        .maxlength(16);
    FormView::new(visit.url("login/setup/code"), who.csrf_token()).fields(vec![field])
}

fn show_form(
    visit: &Visit,
    who: &Who,
    open: &MailCode,
    form: FormView,
    notice: Option<Notice>,
) -> PageResult {
    let bare = |path: &str| FormView::new(visit.url(path), who.csrf_token());
    let sendings_max = visit.profile.mail_code.sendings_max;
    let can_send = u32::try_from(open.sendings).is_ok_and(|sent| sent < sendings_max);
    let page = SetupCodePage {
        shell: visit.shell_of(activation::mail_screen(visit, who), who),
        steps: activation::mail_steps(visit, who, 1),
        notices: notice.into_iter().collect(),
        sent: vec![
            Row::new("送信先", open.address.clone()),
            Row::new("送信日時", jst_receipt_text(open.sent_at)),
            Row::new("有効期限", jst_receipt_text(open.expires_at)),
        ],
        mail_url: visit.url("login/setup/mail"),
        resend: can_send.then(|| bare("login/setup/resend")),
        later: Some(bare("login/setup/later")),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
