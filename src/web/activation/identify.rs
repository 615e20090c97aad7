//! BAL010 開通確認（管理者）: the contract's id and the number of the application.

use serde::Deserialize;
use validator::Validate;

use crate::domain::portal::SecretKind;
use crate::domain::user::login_id_of_contract;
use crate::web::activation::PATH;
use crate::web::failure::PageResult;
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_code, normalise_login_id};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::password;
use crate::web::page::{Shell, Step, steps};
use crate::web::screens;
use crate::web::visit::Visit;

/// The steps of an administrator, and of a user from the second on.
pub const STEPS: [&str; 5] =
    ["ご契約の|確認", "暗証番号の|設定", "メール|アドレスの|入力", "確認コードの|入力", "完了"];

/// BAL010. Fields: `login_id`, `registration_number`.
#[derive(askama::Template)]
#[template(path = "activation/identify.html")]
pub struct IdentifyPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// What the number is called.
    pub number_label: String,
    /// The login page.
    pub login_url: String,
}

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct IdentifyForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    registration_number: String,
}

/// Shows BAL010.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let form = form(&visit, "");
    show_form(&visit, form)
}

/// Identifies the administrator. The number is counted and locked as the secret that takes its
/// place, and what cannot be a number at all is not looked at.
///
/// # Errors
/// As [`password::submit`].
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let input: IdentifyForm = body.public(&visit)?;
    let login_id = normalise_login_id(&input.login_id);
    let number = normalise_code(&input.registration_number);
    let mut form = form(&visit, &login_id);
    let label = visit.profile.credentials.id.label.clone();
    if login_id.is_empty() {
        form.set_error("login_id", format!("{label}を入力してください。"));
    }
    let kind = SecretKind::RegistrationNumber;
    if number.is_empty() {
        form.set_error(
            "registration_number",
            format!("{}を入力してください。", number_label(&visit)),
        );
    } else if let Some(problem) = visit.profile.password_problem(kind, &number) {
        let words = problem.message(&number_label(&visit));
        form.set_error("registration_number", words);
    }
    if form.is_invalid() {
        return show_form(&visit, form);
    }
    match password::enter(&visit, &login_id_of_contract(&login_id), &number).await? {
        Some(response) => Ok(response),
        None => {
            let words = format!(
                "{label}または{}が違います。お申込書の控えをご確認のうえ、もう一度入力してください。\
                 開通確認がお済みの場合は、ログイン画面からお進みください。",
                number_label(&visit)
            );
            form.set_error("login_id", words);
            show_form(&visit, form)
        }
    }
}

fn number_label(visit: &Visit) -> String {
    let rule = visit.profile.secret_rule(SecretKind::RegistrationNumber);
    rule.map_or_else(String::new, |rule| rule.label.clone())
}

fn form(visit: &Visit, login_id: &str) -> FormView {
    let rule = visit.profile.secret_rule(SecretKind::RegistrationNumber);
    let hint = rule.map_or_else(String::new, |rule| rule.hint());
    let number = FieldView::secret("registration_number", number_label(visit))
        .hint(format!("お申込書にご記入の番号です。{hint}"))
        .autocomplete("off")
        .inputmode("numeric")
        .maxlength(16);
    FormView::new(visit.url(PATH), visit.visitor.token.clone())
        .fields(vec![fields::login_id(&visit.profile, login_id), number])
}

fn show_form(visit: &Visit, form: FormView) -> PageResult {
    let page = IdentifyPage {
        shell: visit.shell(&screens::BAL010),
        steps: steps(&STEPS, 0),
        number_label: number_label(visit),
        login_url: visit.url("login"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
