//! BLG010 ワンタイムパスワード認証: the second step of login.

use serde::Deserialize;
use validator::Validate;

use crate::db::queries::tokens;
use crate::domain::flow::Flow;
use crate::domain::login::LoginStage;
use crate::domain::token::Token;
use crate::operations::login::complete::{CompleteOutcome, await_completion, complete};
use crate::operations::proof::ProofRefusal;
use crate::primitives::code::last_four;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code, set_refusal};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::principal::{self, Who};
use crate::web::token::flow;
use crate::web::visit::Visit;
use crate::web::{screens, session};

/// BLG010. Field: `otp`.
#[derive(askama::Template)]
#[template(path = "login/otp.html")]
pub struct OtpPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// The token's kind in words.
    pub token_kind: String,
    /// The portal's word for its serial number.
    pub serial_label: String,
    /// The last four characters of its serial number.
    pub serial_last4: String,
    /// Back to the first step.
    pub back_url: String,
}

/// BLG010's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OtpForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
}

const PURPOSE: &str = "このコードでログインします。";

/// Shows the second step.
///
/// # Errors
/// 303 where no half-finished login is.
pub async fn show(visit: Visit) -> PageResult {
    let (who, token) = enter(&visit).await?;
    let form = form(&visit, &who);
    show_form(&visit, &token, form)
}

/// Completes the login.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, token) = match enter(&visit).await {
        Ok(entered) => entered,
        // The twin of a double click finds the login complete and shows the same result.
        Err(error) => return Err(error),
    };
    let input: OtpForm = body.of(&who)?;
    let code = normalise_code(&input.otp);
    let mut form = form(&visit, &who);
    if let Some(problem) = code_problem(&visit.profile, &code, digits(&token)) {
        form.set_error("otp", problem);
        return show_form(&visit, &token, form);
    }
    let services = &visit.app.services;
    let outcome = complete(services, &who.ctx, &who.login, &who.user, &code).await?;
    match outcome {
        CompleteOutcome::Done { stage, resumed } => finish(&visit, &who, stage, resumed.as_deref()),
        CompleteOutcome::Refused(ProofRefusal::Suspended) => {
            session::end(&visit.session);
            Ok(see_other(&visit.url("login/suspended")))
        }
        CompleteOutcome::Refused(ProofRefusal::OtpRepeated) => {
            match await_completion(services, &who.login).await? {
                Some(stage) => finish(&visit, &who, stage, None),
                None => {
                    set_refusal(&mut form, &visit.profile, &ProofRefusal::OtpRepeated, "otp");
                    show_form(&visit, &token, form)
                }
            }
        }
        CompleteOutcome::Refused(refusal) => {
            set_refusal(&mut form, &visit.profile, &refusal, "otp");
            show_form(&visit, &token, form)
        }
        CompleteOutcome::Stale => Err(PageError::Conflict { back: visit.url("login") }),
    }
}

fn finish(visit: &Visit, who: &Who, stage: LoginStage, resumed: Option<&Flow>) -> PageResult {
    session::begin(&visit.session, &who.login.id)?;
    if let Some(flow) = resumed {
        return Ok(see_other(&flow::due_url(visit, flow)));
    }
    let next = if stage == LoginStage::Complete { "" } else { "login/setup" };
    Ok(see_other(&visit.url(next)))
}

async fn enter(visit: &Visit) -> Result<(Who, Token), PageError> {
    let (who, token) = principal::enter(visit, LoginStage::OtpPending, |conn, _, user| {
        user.token_id.map(|id| tokens::get(conn, id)).transpose()
    })
    .await?;
    match token {
        Some(token) => Ok((who, token)),
        None => Err(PageError::Conflict { back: visit.url("login") }),
    }
}

/// How many digits this token's codes have.
pub fn digits(token: &Token) -> u32 {
    u32::try_from(token.digits).unwrap_or(6)
}

fn form(visit: &Visit, who: &Who) -> FormView {
    let label = visit.profile.words.otp.clone();
    FormView::new(visit.url("login/otp"), who.csrf_token()).fields(vec![fields::code(
        &visit.profile,
        "otp",
        &label,
        PURPOSE,
    )])
}

fn show_form(visit: &Visit, token: &Token, form: FormView) -> PageResult {
    let kind = visit.profile.token_kind(token.kind);
    let page = OtpPage {
        shell: visit.shell(&screens::BLG010),
        token_kind: kind.map_or_else(String::new, |rules| rules.label.clone()),
        serial_label: visit.profile.words.serial.clone(),
        serial_last4: last_four(&token.serial),
        back_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
