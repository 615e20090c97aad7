//! BLG020 ワンタイムパスワード利用開始登録: whoever has no token in use registers one before any other
//! page. The login carries one registration, so the address needs no id.

use serde::Deserialize;
use validator::Validate;

use crate::db::queries::flows;
use crate::domain::flow::{Flow, FlowOperation};
use crate::domain::login::{EndReason, LoginStage};
use crate::domain::portal::Sharing;
use crate::operations::login::end;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::operations::token::start::{Start, start};
use crate::primitives::clock::jst_day;
use crate::primitives::code::normalise_serial;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::guides;
use crate::web::page::{Shell, TokenGuide};
use crate::web::principal::{self, REGISTER, Who};
use crate::web::screens;
use crate::web::session;
use crate::web::token::flow::{self, BareForm, StepPage};
use crate::web::token::start::{PURPOSE, check};
use crate::web::visit::Visit;

const OPERATION: FlowOperation = FlowOperation::TokenStart;

/// BLG020. Fields: `serial`, `otp`, and `confirm` where the auth rules ask for it.
#[derive(askama::Template)]
#[template(path = "login/register.html")]
pub struct RegisterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// The portal's word for the token.
    pub token_word: String,
    /// The portal's word for the one-time password.
    pub otp_word: String,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// Heading of the form, as `ハードウェアトークン利用開始登録`.
    pub heading: String,
    /// Whether colleagues register the same serial.
    pub is_shared: bool,
    /// Where serial and code are found on each kind of token the portal takes.
    pub guides: Vec<TokenGuide>,
    /// Ends the login.
    pub cancel: FormView,
}

/// The form of BLG020.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// Lets the user of a login in that registers a token, with the registration that it carries.
///
/// # Errors
/// 303 to the login for whoever has none, or whose time is over.
async fn enter(visit: &Visit) -> Result<(Who, Flow), PageError> {
    let (slug, now) = (visit.profile.slug().to_owned(), visit.ctx.now);
    let (who, flow) = principal::enter(visit, LoginStage::TokenFlow, move |conn, login, user| {
        let flow = flows::find_open(conn, &slug, user.id, now)?;
        Ok(flow.filter(|flow| flow.login_id == login.id && flow.operation == OPERATION))
    })
    .await?;
    let Some(flow) = flow else {
        let services = &visit.app.services;
        end::end(services, &who.ctx, &who.login, EndReason::Completed).await?;
        session::end(&visit.session);
        return Err(PageError::SeeOther(format!("{}?lost=1", visit.url("login"))));
    };
    Ok((who, flow))
}

/// Shows BLG020.
///
/// # Errors
/// As [`enter`].
pub async fn show(visit: Visit) -> PageResult {
    let (who, _) = enter(&visit).await?;
    let form = form(&visit, &who, "", flow::request_key()?);
    show_form(&visit, &who, form)
}

/// Registers the token and completes the login.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, flow) = enter(&visit).await?;
    let (input, key) = body.keyed::<RegisterForm>(&visit, &who, OPERATION.as_str())?;
    let (serial, code) = (normalise_serial(&input.serial), normalise_code(&input.otp));
    let mut form = form(&visit, &who, &serial, key.key.clone());
    check(&visit, &serial, &code, None, &mut form);
    let confirmation =
        flow::confirmation(&visit, &who, &mut form, input.confirm, [None, None, None]);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_form(&visit, &who, form);
    };
    let result_url = visit.url("");
    let input = Start {
        user: who.user.clone(),
        flow: flow.clone(),
        serial,
        code,
        login_choice: None,
        registration_number: None,
        confirmation,
        key,
        result_url: result_url.clone(),
    };
    let outcome = start(&visit.app.services, &who.ctx, input).await?;
    let is_done = outcome == crate::operations::step::StepOutcome::Done;
    match flow::after_step(&visit, &flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => {
            if is_done {
                // The login may do more now than before: its key changes.
                session::begin(&visit.session, &who.login.id)?;
            }
            Ok(response)
        }
        StepPage::Again(form) => show_form(&visit, &who, form),
    }
}

/// Ends the registration and the login.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, body: FormBody) -> PageResult {
    let (who, flow) = enter(&visit).await?;
    let BareForm {} = body.of(&who)?;
    let services = &visit.app.services;
    cancel_flow(services, &who.ctx, &flow).await?;
    end::end(services, &who.ctx, &who.login, EndReason::Logout).await?;
    session::end(&visit.session);
    Ok(see_other(&visit.url("login")))
}

fn form(visit: &Visit, who: &Who, serial: &str, key: String) -> FormView {
    let profile = &visit.profile;
    let mut all = vec![
        fields::serial(profile, serial),
        fields::code(profile, "otp", &profile.words.otp, PURPOSE),
    ];
    all.extend(fields::confirmation(profile, who.proof.confirm, None));
    FormView::new(visit.url(REGISTER), who.csrf_token()).fields(all).request_key(key)
}

fn show_form(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let words = &visit.profile.words;
    let guides = guides::open_kinds(&visit.profile, jst_day(visit.ctx.now));
    let kind = guides.first().map_or(&words.token, |guide| &guide.name);
    let page = RegisterPage {
        shell: visit.shell_of(&screens::BLG020, who),
        token_word: words.token.clone(),
        otp_word: words.otp.clone(),
        serial_label: words.serial.clone(),
        heading: format!("{kind}{}", words.start),
        is_shared: visit.profile.tokens.sharing == Sharing::SameSerial,
        guides,
        cancel: FormView::new(visit.url("login/register/cancel"), who.csrf_token()),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
