//! STF001 職員ログイン: staff id and password; and the logout.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::domain::login::EndReason;
use crate::operations::staff::end;
use crate::operations::staff::log_in::{PasswordOutcome, log_in};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::staff::principal::{self, due_path};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words;
use crate::web::{screens, session};

/// STF001, first step. Fields: `staff_id`, `password`.
#[derive(askama::Template)]
#[template(path = "staff/login.html")]
pub struct LoginPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Why the session is over.
    pub notice: Option<Notice>,
    /// The form.
    pub form: FormView,
    /// Where customers log in.
    pub customers_url: String,
}

/// Its form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LoginForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    staff_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    password: String,
}

/// Why the login shows.
#[derive(Deserialize)]
pub struct LoginQuery {
    ended: Option<String>,
}

/// The logout's form: nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LogoutForm {}

/// Shows the login; whoever is in goes on.
///
/// # Errors
/// As [`StaffVisit::page`].
pub async fn show(visit: StaffVisit, query: Query<LoginQuery>) -> PageResult {
    if let Some(who) = principal::find(&visit).await? {
        return Ok(see_other(&visit.url(due_path(who.login.stage))));
    }
    let notice = query.ended.as_deref().map(ended_notice);
    show_form(&visit, form(&visit, ""), notice)
}

/// Logs in as far as id and password go.
///
/// # Errors
/// 4xx for what is no form of ours, 503 when too many log in at once.
pub async fn submit(visit: StaffVisit, body: FormBody) -> PageResult {
    let input: LoginForm = body.staff_public(&visit)?;
    let staff_id = crate::primitives::code::to_half_width(input.staff_id.trim());
    let mut form = form(&visit, &staff_id);
    if staff_id.is_empty() {
        form.set_error("staff_id", "職員IDを入力してください。");
    }
    if input.password.is_empty() {
        form.set_error("password", "パスワードを入力してください。");
    }
    if form.is_invalid() {
        return show_form(&visit, form, None);
    }
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    match log_in(&visit.app.services, &visit.ctx, &staff_id, &input.password).await? {
        PasswordOutcome::Wrong => {
            let words = "職員IDまたはパスワードが違います。\
                         大文字と小文字を確かめて、もう一度入力してください。";
            form.set_error("staff_id", words);
            show_form(&visit, form, None)
        }
        PasswordOutcome::Locked => {
            form.set_error("staff_id", words::LOCKED);
            show_form(&visit, form, None)
        }
        PasswordOutcome::Begun { login_id, stage } => {
            session::begin(&visit.session, &login_id)?;
            Ok(see_other(&visit.url(due_path(stage))))
        }
    }
}

/// Leads to the login: a reload after the logout.
///
/// # Errors
/// None.
pub async fn show_logout(visit: StaffVisit) -> PageResult {
    Ok(see_other(&visit.url("login?ended=logout")))
}

/// Logs out. Whoever is out already sees the same.
///
/// # Errors
/// 403 for a forged form.
pub async fn log_out(visit: StaffVisit, body: FormBody) -> PageResult {
    let done = see_other(&visit.url("login?ended=logout"));
    let Some(who) = principal::find(&visit).await? else { return Ok(done) };
    let LogoutForm {} = body.of_staff(&who)?;
    let services = &visit.app.services;
    end::end(services, &who.ctx, &who.login, &who.member, EndReason::Logout).await?;
    session::end(&visit.session);
    Ok(done)
}

fn form(visit: &StaffVisit, staff_id: &str) -> FormView {
    FormView::new(visit.url("login"), visit.visitor.token.clone()).fields(vec![
        FieldView::text("staff_id", "職員ID")
            .autocomplete("username")
            .maxlength(32)
            .value(staff_id),
        FieldView::secret("password", "パスワード").maxlength(128),
    ])
}

fn show_form(visit: &StaffVisit, form: FormView, notice: Option<Notice>) -> PageResult {
    let shell = visit.shell(&screens::STF001);
    let customers_url = ["/", visit.profile.slug(), "/login"].concat();
    let page = LoginPage { shell, notice, form, customers_url };
    let is_invalid = page.form.is_invalid();
    visit.page(if is_invalid { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

fn ended_notice(why: &str) -> Notice {
    let (tone, title) = match why {
        "logout" => (Tone::Success, "ログアウトしました。"),
        "idle" => (Tone::Warn, "しばらく操作がなかったため、ログアウトしました。"),
        "absolute" => (Tone::Warn, "ログインから時間がたったため、ログアウトしました。"),
        _ => (Tone::Warn, "ログインが終了しました。"),
    };
    let text = match tone {
        Tone::Success => Vec::new(),
        _ => vec!["続けるには、もう一度ログインしてください。".to_owned()],
    };
    Notice { tone, title: title.to_owned(), text }
}
