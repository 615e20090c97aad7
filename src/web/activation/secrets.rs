//! BAL011 and BAL020: own secrets instead of the number of the application, or of the initial ones
//! that the administrator handed out.

use serde::Deserialize;
use validator::Validate;

use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::portal::SecretKind;
use crate::domain::user::SetupState;
use crate::operations::login::activate::{Activate, ActivateOutcome, activate};
use crate::web::activation::identify::STEPS;
use crate::web::activation::secrets_path;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup::{Secrets, check, rules, secret_fields};
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{self, Who};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BAL011, BAL020. Fields: `confirm` where the auth rules ask for it, `new_password`,
/// `new_password_again`, `new_confirm`, `new_confirm_again`.
#[derive(askama::Template)]
#[template(path = "activation/secrets.html")]
pub struct SecretsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is to be done, in a sentence.
    pub lead: String,
    /// The form.
    pub form: FormView,
    /// What a secret must be like, one sentence a line.
    pub rules: Vec<String>,
}

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SecretsForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_password: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_password_again: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_confirm: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_confirm_again: String,
}

/// Shows BAL011.
///
/// # Errors
/// 303 where another step is due.
pub async fn show_administrator(visit: Visit) -> PageResult {
    show(visit, true).await
}

/// Shows BAL020.
///
/// # Errors
/// 303 where another step is due.
pub async fn show_user(visit: Visit) -> PageResult {
    show(visit, false).await
}

/// Sets the administrator's secrets.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_administrator(visit: Visit, body: FormBody) -> PageResult {
    submit(visit, body, true).await
}

/// Sets a user's secrets.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_user(visit: Visit, body: FormBody) -> PageResult {
    submit(visit, body, false).await
}

/// The proof stands with the address, so each address takes its own people only.
async fn enter(visit: &Visit, is_administrator: bool) -> Result<Who, PageError> {
    let (who, ()) = principal::enter(visit, LoginStage::Setup, |_, _, _| Ok(())).await?;
    if who.user.setup_state != SetupState::Initial {
        return Err(PageError::SeeOther(visit.url("login/setup/mail")));
    }
    if only_administers(&visit.profile, who.user.role) != is_administrator {
        return Err(PageError::SeeOther(visit.url(secrets_path(visit, &who.user))));
    }
    Ok(who)
}

async fn show(visit: Visit, is_administrator: bool) -> PageResult {
    let who = enter(&visit, is_administrator).await?;
    let form = form(&visit, &who);
    show_form(&visit, &who, form)
}

async fn submit(visit: Visit, body: FormBody, is_administrator: bool) -> PageResult {
    let who = enter(&visit, is_administrator).await?;
    let input: SecretsForm = body.of(&who)?;
    let mut form = form(&visit, &who);
    let secrets = Secrets {
        password: &input.new_password,
        password_again: &input.new_password_again,
        confirm: &input.new_confirm,
        confirm_again: &input.new_confirm_again,
    };
    check(&visit, &who, &secrets, &mut form);
    let hasher = &visit.app.services.hasher;
    let is_initial = hasher.verify(&who.user.login_secret_hash, &input.new_password).await;
    let is_same = input.confirm.as_ref().is_some_and(|known| *known == input.new_confirm);
    if is_initial.is_ok_and(|verdict| verdict.is_match) {
        form.set_error("new_password", "初めのものとは別の暗証番号を入力してください。");
    } else if is_same && !input.new_confirm.is_empty() {
        form.set_error("new_confirm", "初めのものとは別の暗証番号を入力してください。");
    }
    let given = flow::confirmation(&visit, &who, &mut form, input.confirm, [None, None, None]);
    let (Some(confirmation), false) = (given, form.is_invalid()) else {
        return show_form(&visit, &who, form);
    };
    let input = Activate {
        user: who.user.clone(),
        login: who.login.clone(),
        password: input.new_password,
        confirm: input.new_confirm,
        confirmation,
    };
    match activate(&visit.app.services, &who.ctx, input).await? {
        // Set by a twin of this form meanwhile: the next step is the same.
        ActivateOutcome::Done | ActivateOutcome::AlreadySet => {
            Ok(see_other(&visit.url("login/setup/mail")))
        }
        ActivateOutcome::Refused(refusal) => {
            set_refusal(&mut form, &visit.profile, &refusal, "otp");
            show_form(&visit, &who, form)
        }
    }
}

fn form(visit: &Visit, who: &Who) -> FormView {
    let mut all = Vec::new();
    if who.proof.confirm.is_some() {
        let label = visit.profile.secret_label(SecretKind::Confirm, who.user.role);
        let field = FieldView::secret("confirm", format!("はじめの{label}"));
        all.push(field.hint("管理者から受け取ったものです。").maxlength(128));
    }
    all.extend(secret_fields(&visit.profile, who.user.role));
    FormView::new(visit.url(secrets_path(visit, &who.user)), who.csrf_token()).fields(all)
}

fn show_form(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let label = |kind| visit.profile.secret_label(kind, who.user.role);
    let (login, confirm) = (label(SecretKind::Login), label(SecretKind::Confirm));
    let is_administrator = only_administers(&visit.profile, who.user.role);
    let screen = if is_administrator { &screens::BAL011 } else { &screens::BAL020 };
    let page = SecretsPage {
        shell: visit.shell_of(screen, who),
        steps: own_steps(is_administrator, 1),
        lead: format!("これからお使いになる{login}と{confirm}を決めてください。"),
        rules: rules(&visit.profile, who.user.role),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// The step bar; a user has been identified by the log-on already.
pub fn own_steps(is_administrator: bool, current: usize) -> Vec<Step> {
    if is_administrator {
        return steps(&STEPS, current);
    }
    let [_, of_user @ ..] = STEPS;
    steps(&of_user, current.saturating_sub(1))
}
