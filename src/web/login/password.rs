//! BLG001 ログイン: id and password.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::domain::login::{Login, LoginStage};
use crate::domain::portal::{DoneBy, Profile, RegistrationPlace, SecretKind};
use crate::domain::user::{Channel, Role, login_id_of_contract, login_id_within};
use crate::operations::certificate::log_in::{Presented, refusal};
use crate::operations::login::password::{PasswordOutcome, log_in};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_login_id};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::login::{certificate, expired, paused, waiting};
use crate::web::page::{Link, LinkCard, Notice, Shell, Tone};
use crate::web::token::flow::{self, Lost, lost_notices};
use crate::web::token::{place, words};
use crate::web::visit::Visit;
use crate::web::{activation, emergency_stop, principal, screens, session};

/// A panel of buttons beside the form, as ワンタイムパスワード管理; or, where the portal has links
/// under the form, a panel at smartphone width only.
#[derive(Clone, Debug)]
pub struct TokenPanel {
    /// The panel's heading.
    pub title: Cow<'static, str>,
    /// Its buttons, each with one line saying what it is for.
    pub items: Vec<LinkCard>,
    /// A link to the help below the buttons.
    pub help: Link,
}

/// Links under the form, at PC width only.
#[derive(Clone, Debug)]
pub struct TokenLinks {
    /// Start and stop.
    pub items: Vec<Link>,
    /// The same as buttons, and the help.
    pub panel: TokenPanel,
}

/// The second form: users of a contract.
#[derive(Clone, Debug)]
pub struct ByContract {
    /// Fields: `contract_id`, `user_id`, `user_password`.
    pub form: FormView,
    /// 開通確認 of the administrator (BAL010), where the portal has it.
    pub activation: Option<Link>,
}

impl PasswordPage {
    /// Stands before the title while a form has a message.
    fn title_prefix(&self) -> &'static str {
        let user_form = self.by_contract.as_ref().map(|beside| beside.form.title_prefix());
        user_form.filter(|prefix| !prefix.is_empty()).unwrap_or(self.form.title_prefix())
    }
}

/// BLG001. Fields: `login_id`, `password` (with the software keyboard).
#[derive(askama::Template)]
#[template(path = "login/password.html")]
pub struct PasswordPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form; the administrator's, where there are two.
    pub form: FormView,
    /// What is beside it, where users log in with their contract's id and one of their own.
    pub by_contract: Option<ByContract>,
    /// Boxes above the form, as after a logout by the clock.
    pub notices: Vec<Notice>,
    /// Lines below the form, as that upper and lower case matter.
    pub notes: Vec<Cow<'static, str>>,
    /// The buttons for tokens, where the portal has them on this page.
    pub token_panel: Option<TokenPanel>,
    /// The links for tokens, where the portal has those.
    pub token_links: Option<TokenLinks>,
    /// 緊急停止, where the portal has it.
    pub emergency_stop: Option<Link>,
}

/// The form of BLG001 and BMB001.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    /// The id as typed.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub login_id: String,
    /// The password.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub password: String,
}

/// The form of BLG001 for users of a contract.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct UserForm {
    /// The contract's id as typed.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    contract_id: String,
    /// The user's own id as typed.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user_id: String,
    /// The password.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user_password: String,
}

/// `?renew=1`: the log-on is to lead to the renewal of an expired client certificate.
#[derive(Deserialize)]
pub struct Renewing {
    renew: Option<String>,
}

impl Renewing {
    /// The form, which keeps the wish.
    fn applied_to(&self, form: FormView) -> FormView {
        if self.renew.is_none() {
            return form;
        }
        FormView { action: [&form.action, "?renew=1"].concat().into(), ..form }
    }

    fn notice(&self) -> Option<Notice> {
        self.renew.as_ref().map(|_| Notice {
            tone: Tone::Info,
            title: "電子証明書の更新".to_owned(),
            text: vec!["ログインすると、期限の切れた電子証明書の更新に進みます。".to_owned()],
        })
    }
}

/// Shows the login; whoever is logged in goes on to the top page.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit, lost: Query<Lost>, renewing: Query<Renewing>) -> PageResult {
    let known = principal::find_login(&visit).await?;
    // A login without a certificate does not keep its user from coming back with one: browsers send
    // its cookie to every port of a host.
    let comes_with_more =
        |login: &Login| visit.certificate.is_some() && login.certificate_fingerprint.is_none();
    let is_in = |login: &Login| login.stage == LoginStage::Complete && !comes_with_more(login);
    if known.is_some_and(|(login, _)| is_in(&login)) {
        return Ok(see_other(&visit.url("")));
    }
    let form = form(&visit, "");
    let mut notices = lost_notices(&lost);
    notices.extend(renewing.notice());
    show_forms(&visit, form, None, (notices, &renewing))
}

/// Logs in as far as id and password go.
///
/// # Errors
/// 4xx for what is no form of ours, 503 when too many log in at once.
pub async fn submit(visit: Visit, renewing: Query<Renewing>, body: FormBody) -> PageResult {
    let input: PasswordForm = body.public(&visit)?;
    let login_id = normalise_login_id(&input.login_id);
    let mut form = form(&visit, &login_id);
    if !check_identity(&mut form, &visit, &login_id, &input.password) {
        return show_forms(&visit, form, None, (Vec::new(), &renewing));
    }
    let is_by_contract = visit.profile.signs_in_by_contract();
    let id = if is_by_contract { login_id_of_contract(&login_id) } else { login_id };
    match enter_for(&visit, &id, &input.password, &renewing).await? {
        Some(response) => Ok(response),
        None => {
            let label = form.label_of("password").unwrap_or_default();
            let words = wrong_of(&visit.profile.credentials.id.label, label);
            form.set_error("login_id", words);
            show_forms(&visit, form, None, (Vec::new(), &renewing))
        }
    }
}

/// Logs a user of a contract in as far as ids and password go.
///
/// # Errors
/// As [`submit`].
pub async fn submit_user(visit: Visit, renewing: Query<Renewing>, body: FormBody) -> PageResult {
    let input: UserForm = body.public(&visit)?;
    let contract_id = normalise_login_id(&input.contract_id);
    let user_id = normalise_login_id(&input.user_id);
    let mut form = user_form(&visit, &contract_id, &user_id);
    let typed = [
        ("contract_id", &contract_id),
        ("user_id", &user_id),
        ("user_password", &input.user_password),
    ];
    for (name, _) in typed.into_iter().filter(|(_, text)| text.is_empty()) {
        let label = form.label_of(name).unwrap_or_default().to_owned();
        form.set_error(name, format!("{label}を入力してください。"));
    }
    if !form.is_invalid() {
        let id = login_id_within(&contract_id, &user_id);
        let entered = enter_for(&visit, &id, &input.user_password, &renewing).await?;
        if let Some(response) = entered {
            return Ok(response);
        }
        let label = |name| form.label_of(name).unwrap_or_default();
        let ids = format!("{}、{}", label("contract_id"), label("user_id"));
        let words = wrong_of(&ids, label("user_password"));
        form.set_error("contract_id", words);
    }
    let administrators = self::form(&visit, "");
    show_forms(&visit, administrators, Some(form), (Vec::new(), &renewing))
}

/// Logs in; where that leads, or nothing for a wrong id or password.
///
/// # Errors
/// 429 when too many log in from one address, 503 when too many log in at once.
pub async fn enter(
    visit: &Visit,
    login_id: &str,
    password: &str,
) -> Result<Option<HttpResponse>, PageError> {
    enter_for(visit, login_id, password, &Renewing { renew: None }).await
}

async fn enter_for(
    visit: &Visit,
    login_id: &str,
    password: &str,
    renewing: &Renewing,
) -> Result<Option<HttpResponse>, PageError> {
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    let (services, ctx) = (&visit.app.services, &visit.ctx);
    let presented = visit
        .certificate
        .clone()
        .map(|fingerprint| Presented { fingerprint, is_for_renewal: renewing.renew.is_some() });
    // Before the secret: a wrong certificate counts nothing there.
    if let Some(presented) = &presented
        && let Some(refusal) = refusal(services, ctx, login_id, presented).await?
    {
        return certificate::show(visit, refusal).map(Some);
    }
    let outcome = log_in(services, ctx, (Channel::Web, presented), login_id, password).await?;
    lead_on(visit, outcome, renewing.renew.is_some()).await
}

async fn lead_on(
    visit: &Visit,
    outcome: PasswordOutcome,
    is_renewing: bool,
) -> Result<Option<HttpResponse>, PageError> {
    let response = match outcome {
        PasswordOutcome::Wrong => return Ok(None),
        PasswordOutcome::Locked => Ok(see_other(&visit.url("login/locked"))),
        PasswordOutcome::Suspended => Ok(see_other(&visit.url("login/suspended"))),
        PasswordOutcome::RevokedWaiting(from) => waiting::show_from(visit, from),
        PasswordOutcome::Paused => paused::show(visit),
        PasswordOutcome::Certificate(refusal) => certificate::show(visit, refusal),
        PasswordOutcome::NotOnThisChannel => Err(PageError::Forbidden("the other channel only")),
        PasswordOutcome::Expired { serial_last_four, expired_at, login_id } => {
            if let Some(login_id) = login_id {
                session::begin(&visit.session, &login_id)?;
            }
            expired::show_of(visit, &serial_last_four, expired_at)
        }
        PasswordOutcome::Begun { login_id, stage, resumed } => {
            session::begin(&visit.session, &login_id)?;
            if let Some(flow) = resumed {
                return Ok(Some(see_other(&flow::due_url(visit, &flow))));
            }
            let next = match stage {
                LoginStage::OtpPending => "login/otp",
                LoginStage::Setup => "login/setup",
                LoginStage::TokenFlow => principal::REGISTER,
                LoginStage::Complete if is_renewing => principal::CERTIFICATE,
                LoginStage::Complete => "",
            };
            Ok(see_other(&visit.url(next)))
        }
    };
    response.map(Some)
}

/// Wrong id and wrong password read alike.
pub fn wrong(profile: &Profile) -> String {
    wrong_of(&profile.credentials.id.label, &profile.credentials.login.label)
}

fn wrong_of(id: &str, password: &str) -> String {
    format!("{id}または{password}が違います。大文字と小文字を確かめて、もう一度入力してください。")
}

fn form(visit: &Visit, login_id: &str) -> FormView {
    FormView::new(visit.url("login"), visit.visitor.token.clone()).fields(vec![
        fields::login_id(&visit.profile, login_id),
        match visit.profile.signs_in_by_contract() {
            true => fields::password_of(&visit.profile, "password", Role::Administrator),
            false => fields::password(&visit.profile),
        }
        .with_keyboard(),
    ])
}

fn user_form(visit: &Visit, contract_id: &str, user_id: &str) -> FormView {
    let profile = &visit.profile;
    FormView::new(visit.url("login/user"), visit.visitor.token.clone()).fields(vec![
        fields::contract_id(profile, contract_id),
        fields::user_id(profile, user_id),
        fields::password_of(profile, "user_password", Role::General).with_keyboard(),
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
        let label = form.label_of("password").unwrap_or_default().to_owned();
        form.set_error("password", format!("{label}を入力してください。"));
    }
    !form.is_invalid()
}

/// The page with the form, and the users' one where the portal has two.
fn show_forms(
    visit: &Visit,
    mut form: FormView,
    users: Option<FormView>,
    (notices, renewing): (Vec<Notice>, &Renewing),
) -> PageResult {
    form = renewing.applied_to(form);
    let users = users.unwrap_or_else(|| user_form(visit, "", ""));
    let by_contract = visit.profile.signs_in_by_contract().then(|| ByContract {
        form: renewing.applied_to(users),
        activation: activation_link(visit),
    });
    let page = PasswordPage {
        by_contract,
        shell: visit.shell(&screens::BLG001),
        notices,
        notes: vec![
            case_note(visit).into(),
            "ブラウザの「戻る」ボタンもお使いいただけます。".into(),
            "入力の誤りが続くと、安全のためログインを停止します。".into(),
        ],
        token_panel: token_panel(visit),
        token_links: token_links(visit),
        emergency_stop: emergency_stop::link(visit),
        form,
    };
    visit.form_page(!page.title_prefix().is_empty(), &page)
}

fn case_note(visit: &Visit) -> String {
    let label = |role| visit.profile.secret_label(SecretKind::Login, role);
    let (users, administrators) = (label(Role::General), label(Role::Administrator));
    let labels = match users == administrators {
        true => users.to_owned(),
        false => format!("{administrators}と{users}"),
    };
    format!("{labels}は、大文字と小文字を区別します。")
}

fn activation_link(visit: &Visit) -> Option<Link> {
    activation::is_offered(visit)
        .then(|| Link { label: screens::BAL010.title.to_owned(), url: visit.url(activation::PATH) })
}

fn is_at(visit: &Visit, registration: RegistrationPlace) -> bool {
    visit.profile.tokens.registration == registration && place::is_on_login_page(visit)
}

fn card(visit: &Visit, label: &str, description: &'static str, path: &str) -> LinkCard {
    LinkCard { label: label.to_owned(), description: description.into(), url: visit.url(path) }
}

fn help(visit: &Visit, label: &str) -> Link {
    Link { label: label.to_owned(), url: visit.url("help/otp") }
}

fn token_panel(visit: &Visit) -> Option<TokenPanel> {
    if !is_at(visit, RegistrationPlace::LoginPagePanel) {
        return None;
    }
    let words = &visit.profile.words;
    let stop = words::stop(&visit.profile);
    Some(TokenPanel {
        title: "ワンタイムパスワード管理".into(),
        items: vec![
            card(visit, &words.start, "お手元のトークンを登録し、使い始めます。", "token/start"),
            card(
                visit,
                &words.exchange,
                "別のトークンや新しいスマートフォンに替えます。",
                "token/exchange",
            ),
            card(visit, &stop, "ワンタイムパスワードを使わない方法に戻します。", "token/stop"),
        ],
        help: help(visit, "ワンタイムパスワードとは"),
    })
}

fn token_links(visit: &Visit) -> Option<TokenLinks> {
    if !is_at(visit, RegistrationPlace::LoginPageLinks) {
        return None;
    }
    let words = &visit.profile.words;
    let (otp, start, stop) = (&words.otp, &words.start, words::stop(&visit.profile));
    let mut title = format!("{otp}の{start}");
    let link = |word: &str, path: &str| Link {
        label: format!("{otp}の{word}はこちら"),
        url: visit.url(path),
    };
    let mut links = vec![link(start, "token/start")];
    let mut items = vec![card(visit, start, "お手元のトークンを登録します。", "token/start")];
    if visit.profile.tokens.stop == DoneBy::Customer {
        title += &format!("・{}", words::stop_verb(&visit.profile));
        links.push(link(&stop, "token/stop"));
        let description = "端末を替えるときや、使うのをやめるときに。";
        items.push(card(visit, &stop, description, "token/stop"));
    }
    let help = help(visit, &format!("{otp}のご案内"));
    Some(TokenLinks { items: links, panel: TokenPanel { title: title.into(), items, help } })
}
