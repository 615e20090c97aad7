//! BLG095 初回設定: first login with the initial password, in three steps.

use serde::Deserialize;
use validator::Validate;

use crate::domain::login::LoginStage;
use crate::domain::portal::{Profile, SecretKind};
use crate::domain::user::{self, Role, SetupState};
use crate::operations::login::setup::set_secrets;
use crate::web::activation;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Step, steps};
use crate::web::principal::{self, Who};
use crate::web::screens;
use crate::web::session;
use crate::web::visit::Visit;

/// The steps of the first setup.
pub const STEPS: [&str; 3] = ["パスワードの|設定", "メール|アドレスの|入力", "確認コードの|入力"];

/// BLG095, passwords. Fields: `new_password`, `new_password_again`, `new_confirm`,
/// `new_confirm_again`.
#[derive(askama::Template)]
#[template(path = "login/setup_passwords.html")]
pub struct SetupPasswordsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// What a password must be like, one sentence a line.
    pub rules: Vec<String>,
}

/// BLG095, mail address. Fields: `mail_address`, `mail_address_again`.
#[derive(askama::Template)]
#[template(path = "login/setup_mail.html")]
pub struct SetupMailPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The sender's domain, which a filter must let through.
    pub mail_domain: String,
    /// Goes on without a mail address.
    pub later: FormView,
}

/// BLG095, code. Field: `mail_code`.
#[derive(askama::Template)]
#[template(path = "login/setup_code.html")]
pub struct SetupCodePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as after a second sending.
    pub notices: Vec<Notice>,
    /// The form.
    pub form: FormView,
    /// Where and when the code was sent, and until when it is valid.
    pub sent: Vec<Row>,
    /// Back to the mail address.
    pub mail_url: String,
    /// Sends the code again; absent once it may no more.
    pub resend: Option<FormView>,
    /// Goes on without a mail address, where the portal allows it.
    pub later: Option<FormView>,
}

/// The form of the passwords.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SecretsForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_password: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_password_again: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_confirm: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_confirm_again: String,
}

/// Shows the step of the passwords, or the next one where they are set.
///
/// # Errors
/// 303 where no first setup runs.
pub async fn show(visit: Visit) -> PageResult {
    let who = enter(&visit).await?;
    if who.user.setup_state != SetupState::Initial {
        return Ok(see_other(&visit.url("login/setup/mail")));
    }
    let form = form(&visit, &who);
    show_form(&visit, &who, form)
}

/// Lets whoever sets the first passwords in; where the portal has 開通確認, that asks for its own
/// proof and is the only way.
async fn enter(visit: &Visit) -> Result<Who, PageError> {
    let (who, ()) = principal::enter(visit, LoginStage::Setup, |_, _, _| Ok(())).await?;
    if activation::is_offered(visit) && who.user.setup_state == SetupState::Initial {
        return Err(PageError::SeeOther(visit.url(activation::secrets_path(visit, &who.user))));
    }
    Ok(who)
}

/// Sets the passwords.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let who = enter(&visit).await?;
    let input: SecretsForm = body.of(&who)?;
    let next = visit.url("login/setup/mail");
    if who.user.setup_state != SetupState::Initial {
        return Ok(see_other(&next));
    }
    let mut form = form(&visit, &who);
    let secrets = Secrets {
        password: &input.new_password,
        password_again: &input.new_password_again,
        confirm: &input.new_confirm,
        confirm_again: &input.new_confirm_again,
    };
    check(&visit, &who, &secrets, &mut form);
    let hasher = &visit.app.services.hasher;
    let is_initial =
        hasher.verify(&who.user.login_secret_hash, &input.new_password).await.map(|v| v.is_match);
    if is_initial.unwrap_or(false) {
        let words = "初期パスワードとは別のパスワードを入力してください。";
        form.set_error("new_password", words);
    }
    if form.is_invalid() {
        return show_form(&visit, &who, form);
    }
    let services = &visit.app.services;
    let secrets = (input.new_password.as_str(), input.new_confirm.as_str());
    // Where not: set by a twin of this form meanwhile, and the next step is the same.
    if set_secrets(services, &who.ctx, &who.login, &who.user, secrets).await? {
        // The login may do more now than before: its key changes.
        session::begin(&visit.session, &who.login.id)?;
    }
    Ok(see_other(&next))
}

/// Two new secrets as they were typed.
pub struct Secrets<'a> {
    /// The login secret.
    pub password: &'a str,
    /// Once more.
    pub password_again: &'a str,
    /// The confirming secret.
    pub confirm: &'a str,
    /// Once more.
    pub confirm_again: &'a str,
}

/// Checks two new secrets; the form says what is wrong.
pub fn check(visit: &Visit, who: &Who, input: &Secrets<'_>, form: &mut FormView) {
    let pairs = [
        (SecretKind::Login, "new_password", input.password, input.password_again),
        (SecretKind::Confirm, "new_confirm", input.confirm, input.confirm_again),
    ];
    for (kind, name, text, again) in pairs {
        if let Some(problem) = secret_problem(visit, who, kind, text) {
            form.set_error(name, problem);
        } else if text != again {
            let again_name =
                if name == "new_password" { "new_password_again" } else { "new_confirm_again" };
            form.set_error(again_name, "上の欄と同じものを入力してください。");
        }
    }
    if !input.confirm.is_empty() && input.confirm == input.password {
        let login = visit.profile.secret_label(SecretKind::Login, who.user.role);
        let words = format!("{login}とは別のものを入力してください。");
        form.set_error("new_confirm", words);
    }
}

/// Why `text` cannot become this secret of the user, in words.
pub fn secret_problem(visit: &Visit, who: &Who, kind: SecretKind, text: &str) -> Option<String> {
    let kind = visit.profile.secret_of(kind, who.user.role);
    let label = visit.profile.secret_rule(kind).map_or("", |rule| rule.label.as_str());
    if let Some(problem) = visit.profile.password_problem(kind, text) {
        return Some(problem.message(label));
    }
    let credentials = &visit.profile.credentials;
    let (contract, own) = user::parts_of_login_id(&who.user.login_id);
    let own_label = credentials.user_id.as_ref().map_or("", |rule| rule.label.as_str());
    let ids = [(Some(contract), credentials.id.label.as_str()), (own, own_label)];
    ids.into_iter()
        .find(|(id, _)| id.is_some_and(|id| text.contains(id)))
        .map(|(_, id)| format!("{label}に{id}は使えません。"))
}

fn form(visit: &Visit, who: &Who) -> FormView {
    FormView::new(visit.url("login/setup"), who.csrf_token())
        .fields(secret_fields(&visit.profile, who.user.role))
}

/// The fields for two new secrets of a user of this role.
pub fn secret_fields(profile: &Profile, role: Role) -> Vec<FieldView> {
    let field = |name, label: String, hint: String| {
        FieldView::new_secret(name, label).hint(hint).maxlength(128)
    };
    let again = |name, label: &str| {
        FieldView::new_secret(name, format!("{label}（確認のためもう一度）")).maxlength(128)
    };
    let of = |kind| {
        let rule = profile.secret_rule(profile.secret_of(kind, role));
        let label = format!("新しい{}", profile.secret_label(kind, role));
        (label, rule.map_or_else(String::new, |rule| rule.hint()))
    };
    let (login, login_hint) = of(SecretKind::Login);
    let (confirm, confirm_hint) = of(SecretKind::Confirm);
    vec![
        field("new_password", login.clone(), login_hint),
        again("new_password_again", &login),
        field("new_confirm", confirm.clone(), confirm_hint),
        again("new_confirm_again", &confirm),
    ]
}

/// What new secrets must be like, one sentence a line.
pub fn rules(profile: &Profile, role: Role) -> Vec<String> {
    let label = |kind| profile.secret_label(kind, role);
    let (login, confirm) = (label(SecretKind::Login), label(SecretKind::Confirm));
    vec![
        "ほかのサービスで使っているパスワードは使わないでください。".to_owned(),
        "生年月日や電話番号など、推測されやすいものは避けてください。".to_owned(),
        format!("{login}と{confirm}は、別のものにしてください。"),
    ]
}

fn show_form(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let page = SetupPasswordsPage {
        shell: visit.shell_of(&screens::BLG095, who),
        steps: steps(&STEPS, 0),
        rules: rules(&visit.profile, who.user.role),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
