//! STF001 職員ログイン, second step: the code of the own authenticator.

use serde::Deserialize;
use validator::Validate;

use crate::operations::proof::ProofRefusal;
use crate::operations::staff::code::{CodeOutcome, complete};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words;
use crate::web::{screens, session};

/// STF001, second step. Field: `otp`.
#[derive(askama::Template)]
#[template(path = "staff/code.html")]
pub struct CodePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// The authenticator's number.
    pub serial: String,
    /// The member's name.
    pub name: String,
    /// Ends this login.
    pub back: FormView,
}

/// The form of the second step, and of the set-up.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CodeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
}

/// Shows the second step.
///
/// # Errors
/// 303 where no half-finished login is.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    show_form(&visit, &who, form(&visit, &who, "login/otp", PURPOSE))
}

/// Completes the login.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let mut form = form(&visit, &who, "login/otp", PURPOSE);
    match prove(&visit, &who, body, &mut form).await? {
        true => Ok(see_other(&visit.url(""))),
        false => show_form(&visit, &who, form),
    }
}

const PURPOSE: &str = "このコードで職員コンソールにログインします。";

/// Takes the code; false: the form says why not.
///
/// # Errors
/// 303 to the login where the member is locked now; 409 where the login is over.
pub(super) async fn prove(
    visit: &StaffVisit,
    who: &StaffWho,
    body: FormBody,
    form: &mut FormView,
) -> Result<bool, PageError> {
    let input: CodeForm = body.of_staff(who)?;
    let code = normalise_code(&input.otp);
    if let Some(problem) = words::code_problem(&code) {
        form.set_error("otp", problem);
        return Ok(false);
    }
    let services = &visit.app.services;
    match complete(services, &who.ctx, &who.login, &who.member, &code).await? {
        CodeOutcome::Done => {
            session::begin(&visit.session, &who.login.id)?;
            Ok(true)
        }
        CodeOutcome::Refused(refusal) => {
            if refusal == ProofRefusal::Suspended {
                // Nothing more to type: this login is over.
                session::end(&visit.session);
                form.fields.clear();
                form.errors.push(words::LOCKED.to_owned());
            } else {
                form.set_error("otp", words::code_refused(&refusal));
            }
            Ok(false)
        }
        CodeOutcome::Stale => Err(PageError::Conflict { back: visit.url("login") }),
    }
}

/// The form of a code posted to `path`.
pub(super) fn form(visit: &StaffVisit, who: &StaffWho, path: &str, purpose: &str) -> FormView {
    let field = FieldView::code("otp", "ワンタイムパスワード", purpose)
        .hint("認証アプリに表示されている6桁の数字です。")
        .maxlength(16);
    FormView::new(visit.url(path), who.csrf_token()).fields(vec![field])
}

/// The way out of a half-finished login.
pub(super) fn back(visit: &StaffVisit, who: &StaffWho) -> FormView {
    FormView::new(visit.url("logout"), who.csrf_token())
}

fn show_form(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let mut shell = visit.shell(&screens::STF001);
    shell.title = "ワンタイムパスワード認証".into();
    let page = CodePage {
        shell,
        form,
        serial: who.member.token_serial.clone().unwrap_or_default(),
        name: who.member.name.clone(),
        back: back(visit, who),
    };
    visit.form_page(page.form.is_invalid(), &page)
}
