//! BLG001 ログイン: id and password.

use std::borrow::Cow;

use serde::Deserialize;
use validator::Validate;

use crate::domain::login::LoginStage;
use crate::domain::portal::{Profile, RegistrationPlace};
use crate::operations::login::password::{PasswordOutcome, log_in};
use crate::primitives::clock::jst_day;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_login_id};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::login::{expired, waiting};
use crate::web::page::{Link, LinkCard, Notice, Shell};
use crate::web::visit::Visit;
use crate::web::{principal, screens, session};

/// A panel of buttons beside the form, as ワンタイムパスワード管理.
#[derive(Clone, Debug)]
pub struct TokenPanel {
    /// The panel's heading.
    pub title: &'static str,
    /// Its buttons, each with one line saying what it is for.
    pub items: Vec<LinkCard>,
    /// A link to the help below the buttons.
    pub help: Option<Link>,
}

/// BLG001. Fields: `login_id`, `password` (with the software keyboard).
#[derive(askama::Template)]
#[template(path = "login/password.html")]
pub struct PasswordPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// Boxes above the form, as after a logout by the clock.
    pub notices: Vec<Notice>,
    /// Lines below the form, as that upper and lower case matter.
    pub notes: Vec<Cow<'static, str>>,
    /// The buttons for tokens, where the portal has them on this page.
    pub token_panel: Option<TokenPanel>,
}

/// BLG001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    password: String,
}

/// Shows the login; whoever is logged in goes on to the top page.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let known = principal::find_login(&visit).await?;
    if known.is_some_and(|(login, _)| login.stage == LoginStage::Complete) {
        return Ok(see_other(&visit.url("")));
    }
    let form = form(&visit, "");
    show_form(&visit, form)
}

/// Logs in as far as id and password go.
///
/// # Errors
/// 4xx for what is no form of ours, 503 when too many log in at once.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let input: PasswordForm = body.public(&visit)?;
    let login_id = normalise_login_id(&input.login_id);
    let mut form = form(&visit, &login_id);
    if !check_identity(&mut form, &visit, &login_id, &input.password) {
        return show_form(&visit, form);
    }
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    let outcome = log_in(&visit.app.services, &visit.ctx, &login_id, &input.password).await?;
    match outcome {
        PasswordOutcome::Wrong => {
            form.set_error("login_id", wrong(&visit.profile));
            show_form(&visit, form)
        }
        PasswordOutcome::Locked => Ok(see_other(&visit.url("login/locked"))),
        PasswordOutcome::Suspended => Ok(see_other(&visit.url("login/suspended"))),
        PasswordOutcome::RevokedWaiting(from) => waiting::show_from(&visit, from),
        PasswordOutcome::Expired { serial_last_four, expired_at } => {
            expired::show_of(&visit, &serial_last_four, expired_at)
        }
        PasswordOutcome::Begun { login_id, stage } => {
            session::begin(&visit.session, &login_id)?;
            let next = match stage {
                LoginStage::OtpPending => "login/otp",
                LoginStage::Setup => "login/setup",
                LoginStage::Complete | LoginStage::TokenFlow => "",
            };
            Ok(see_other(&visit.url(next)))
        }
    }
}

/// Wrong id and wrong password read alike.
pub fn wrong(profile: &Profile) -> String {
    let (id, password) = (&profile.credentials.id.label, &profile.credentials.login.label);
    format!("{id}または{password}が違います。大文字と小文字を確かめて、もう一度入力してください。")
}

fn form(visit: &Visit, login_id: &str) -> FormView {
    FormView::new(visit.url("login"), visit.visitor.token.clone()).fields(vec![
        fields::login_id(&visit.profile, login_id),
        fields::password(&visit.profile).with_keyboard(),
    ])
}

/// Checks id and password by their form alone; false: the form says what is missing. What is
/// present but cannot be an id is left to the look-up, so that ids cannot be told apart here.
pub fn check_identity(form: &mut FormView, visit: &Visit, login_id: &str, password: &str) -> bool {
    if login_id.is_empty() {
        let label = &visit.profile.credentials.id.label;
        form.set_error("login_id", format!("{label}を入力してください。"));
    }
    if password.is_empty() {
        let label = &visit.profile.credentials.login.label;
        form.set_error("password", format!("{label}を入力してください。"));
    }
    !form.is_invalid()
}

fn show_form(visit: &Visit, form: FormView) -> PageResult {
    let page = PasswordPage {
        shell: visit.shell(&screens::BLG001),
        notices: Vec::new(),
        notes: vec![
            [&visit.profile.credentials.login.label, "は、大文字と小文字を区別します。"]
                .concat()
                .into(),
            "ブラウザの「戻る」ボタンもお使いいただけます。".into(),
            "続けて間違えると、安全のためログインを停止します。".into(),
        ],
        token_panel: token_panel(visit),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn token_panel(visit: &Visit) -> Option<TokenPanel> {
    let words = &visit.profile.words;
    let has_begun = visit.profile.tokens.has_begun(jst_day(visit.ctx.now));
    let is_here = visit.profile.tokens.registration == RegistrationPlace::LoginPagePanel;
    if !has_begun || !is_here {
        return None;
    }
    let item = |label: &str, description: &'static str, path: &str| LinkCard {
        label: label.to_owned(),
        description: description.into(),
        url: visit.url(path),
    };
    let stop = words.stop.as_deref().unwrap_or("利用中止");
    Some(TokenPanel {
        title: "ワンタイムパスワード管理",
        items: vec![
            item(&words.start, "お手元のトークンを登録し、使い始めます。", "token/start"),
            item(
                &words.exchange,
                "別のトークンや新しいスマートフォンに替えます。",
                "token/exchange",
            ),
            item(stop, "ワンタイムパスワードを使わない方法に戻します。", "token/stop"),
        ],
        help: Some(Link {
            label: "ワンタイムパスワードとは".to_owned(),
            url: visit.url("help/otp"),
        }),
    })
}
