//! BMB001 ログイン of the feature-phone channel: id and password only.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::domain::login::LoginStage;
use crate::domain::user::Channel;
use crate::operations::login::password::{PasswordOutcome, log_in};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::normalise_login_id;
use crate::web::form_body::FormBody;
use crate::web::login::password::{PasswordForm, wrong};
use crate::web::mobile::MobileShell;
use crate::web::mobile::charset::Charset;
use crate::web::token::flow::Lost;
use crate::web::visit::Visit;
use crate::web::{principal, screens, session};

/// BMB001. Fields: `login_id`, `password`.
#[derive(askama::Template)]
#[template(path = "mobile/login.html")]
pub struct MobileLoginPage {
    /// What surrounds the page.
    pub shell: MobileShell,
    /// Where the form goes.
    pub action: String,
    /// Its token.
    pub csrf_token: String,
    /// The label of the id.
    pub id_label: String,
    /// The label of the password.
    pub password_label: String,
    /// The id as typed.
    pub login_id: String,
    /// That the login is over.
    pub note: Option<&'static str>,
    /// What is wrong.
    pub refusal: Option<Refusal>,
}

/// Why somebody is not let in.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong and what to do.
    pub text: String,
    /// The field to begin with, where typing again helps.
    pub field: Option<&'static str>,
}

const LOST: &str = "ログインの有効な時間が過ぎました。もう一度ログインしてください。";

/// Shows the login; whoever is logged in here goes on to the balances.
///
/// # Errors
/// 404 where the portal has no such channel.
pub async fn show(visit: Visit, charset: Charset, lost: Query<Lost>) -> PageResult {
    let known = principal::find_login(&visit).await?;
    if known.is_some_and(|(login, _)| login.stage == LoginStage::Complete) {
        return Ok(see_other(&visit.url("mobile/balance")));
    }
    let mut page = page(&visit, charset, "", None);
    page.note = lost.is_told().then_some(LOST);
    visit.mobile_page(StatusCode::OK, charset, &page)
}

/// Logs in.
///
/// # Errors
/// 4xx for what is no form of ours, 503 when too many log in at once.
pub async fn submit(visit: Visit, charset: Charset, body: FormBody) -> PageResult {
    let input: PasswordForm = body.public(&visit)?;
    let login_id = normalise_login_id(&input.login_id);
    let refuse = |refusal: Refusal| {
        let page = page(&visit, charset, &login_id, Some(refusal));
        visit.mobile_page(StatusCode::UNPROCESSABLE_ENTITY, charset, &page)
    };
    if let Some(refusal) = missing(&visit, &login_id, &input.password) {
        return refuse(refusal);
    }
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    let (services, ctx) = (&visit.app.services, &visit.ctx);
    match log_in(services, ctx, (Channel::Mobile, None), &login_id, &input.password).await? {
        PasswordOutcome::Begun { login_id, .. } => {
            session::begin(&visit.session, &login_id)?;
            Ok(see_other(&visit.url("mobile/balance")))
        }
        refused => refuse(refusal(&visit, &refused)),
    }
}

fn missing(visit: &Visit, login_id: &str, password: &str) -> Option<Refusal> {
    let secrets = &visit.profile.credentials;
    let (field, label) = match (login_id.is_empty(), password.is_empty()) {
        (true, _) => ("login_id", &secrets.id.label),
        (false, true) => ("password", &secrets.login.label),
        (false, false) => return None,
    };
    Some(Refusal { text: format!("{label}を入力してください。"), field: Some(field) })
}

/// What a refused customer reads. Wrong id and wrong password read alike; whatever else stands in
/// the way is cleared by telephone or on the other channel.
fn refusal(visit: &Visit, outcome: &PasswordOutcome) -> Refusal {
    let call = "下の電話番号へお電話ください。";
    let text = match outcome {
        PasswordOutcome::Wrong => wrong(&visit.profile),
        PasswordOutcome::Locked => {
            format!("入力の誤りが続いたため、ログインを停止しています。{call}")
        }
        PasswordOutcome::Suspended => {
            format!("{}の認証を停止しています。{call}", visit.profile.words.otp)
        }
        PasswordOutcome::NotOnThisChannel => {
            "携帯電話からはご利用いただけません。パソコンかスマートフォンからログインしてください。"
                .to_owned()
        }
        _ => format!("ただいまログインできません。{call}"),
    };
    let field = (*outcome == PasswordOutcome::Wrong).then_some("login_id");
    Refusal { text, field }
}

fn page(
    visit: &Visit,
    charset: Charset,
    login_id: &str,
    refusal: Option<Refusal>,
) -> MobileLoginPage {
    let secrets = &visit.profile.credentials;
    MobileLoginPage {
        shell: visit.mobile_shell(&screens::BMB001, charset),
        action: visit.url("mobile"),
        csrf_token: visit.visitor.token.clone(),
        id_label: secrets.id.label.clone(),
        password_label: secrets.login.label.clone(),
        login_id: login_id.to_owned(),
        note: None,
        refusal,
    }
}
