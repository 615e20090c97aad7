//! BLG095, second step: the mail address, to which a six-digit code is sent.

use serde::Deserialize;
use validator::{Validate, ValidateEmail};

use crate::db::queries::member_acts;
use crate::domain::login::LoginStage;
use crate::domain::user::SetupState;
use crate::operations::login::setup::{SendOutcome, send_code};
use crate::primitives::code::to_half_width;
use crate::web::activation;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup::SetupMailPage;
use crate::web::principal::{self, Who};
use crate::web::visit::Visit;

/// RFC 5321 lets no address be longer.
pub const ADDRESS_LENGTH_MAX: usize = 254;

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MailForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address_again: String,
}

/// Shows the step.
///
/// # Errors
/// 303 where another step is due.
pub async fn show(visit: Visit) -> PageResult {
    let who = enter(&visit).await?;
    let noted = noted(&visit, &who).await?.unwrap_or_default();
    let form = form(&visit, &who, &noted, &noted);
    show_form(&visit, &who, form)
}

/// Sends the code.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let who = enter(&visit).await?;
    let input: MailForm = body.of(&who)?;
    let address = to_half_width(&input.mail_address).trim().to_owned();
    let again = to_half_width(&input.mail_address_again).trim().to_owned();
    let mut form = form(&visit, &who, &address, &again);
    if !is_address(&address) {
        let words = "メールアドレスを「name@example.jp」の形で入力してください。";
        form.set_error("mail_address", words);
    } else if address != again {
        let words = "上の欄と同じメールアドレスを入力してください。";
        form.set_error("mail_address_again", words);
    } else if who.user.mail_address.is_some()
        && noted(&visit, &who).await?.is_some_and(|noted| noted != address)
    {
        let words = "管理者が登録したメールアドレスだけを確かめられます。別のものにするときは、ログインのあと「お客様情報変更」から変更してください。";
        form.set_error("mail_address", words);
    }
    if form.is_invalid() {
        return show_form(&visit, &who, form);
    }
    match send_code(&visit.app.services, &who.ctx, &who.user, &address).await? {
        SendOutcome::Sent => Ok(see_other(&visit.url("login/setup/code"))),
        SendOutcome::TooMany | SendOutcome::NothingOpen => {
            let words = "このアドレスへはこれ以上送信できません。届いた確認コードを入力するか、\
                         別のメールアドレスを入力してください。";
            form.set_error("mail_address", words);
            show_form(&visit, &who, form)
        }
    }
}

/// The address that an administrator of the company wrote down.
async fn noted(visit: &Visit, who: &Who) -> Result<Option<String>, PageError> {
    let id = who.user.id;
    let db = &visit.app.services.db;
    Ok(db.read(move |conn| member_acts::find_unverified_address(conn, id)).await?)
}

/// Lets somebody in whose passwords are set.
///
/// # Errors
/// 303 where another step is due.
pub async fn enter(visit: &Visit) -> Result<Who, PageError> {
    let (who, ()) = principal::enter(visit, LoginStage::Setup, |_, _, _| Ok(())).await?;
    if who.user.setup_state == SetupState::Initial {
        return Err(PageError::SeeOther(visit.url("login/setup")));
    }
    Ok(who)
}

/// Whether this can be a mail address.
pub fn is_address(text: &str) -> bool {
    text.len() <= ADDRESS_LENGTH_MAX && text.is_ascii() && text.validate_email()
}

fn form(visit: &Visit, who: &Who, address: &str, again: &str) -> FormView {
    let field = |name, label: &str, value: &str| {
        FieldView::email(name, label.to_owned()).maxlength(ADDRESS_LENGTH_MAX).value(value)
    };
    FormView::new(visit.url("login/setup/mail"), who.csrf_token()).fields(vec![
        field("mail_address", "メールアドレス", address),
        field("mail_address_again", "メールアドレス（確認のためもう一度）", again),
    ])
}

fn show_form(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let page = SetupMailPage {
        shell: visit.shell_of(activation::mail_screen(visit, who), who),
        steps: activation::mail_steps(visit, who, 0),
        mail_domain: visit.profile.mail.domain().to_owned(),
        later: FormView::new(visit.url("login/setup/later"), who.csrf_token()),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
