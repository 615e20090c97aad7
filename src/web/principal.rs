//! Who is behind a request: one read in one hop finds session key, login, user and whatever the
//! page needs beside them, and asks the auth rules what the route's act needs.

use actix_web::HttpResponse;

use crate::db::queries::{flows, picture_cards, tokens, web_sessions};
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::{Proof, Required, Situation, required_proof};
use crate::domain::flow::{Flow, FlowOperation, FlowStep};
use crate::domain::login::{EndReason, Login, LoginStage, SessionLimits};
use crate::domain::picture_card::PictureCard;
use crate::domain::portal::{RegistrationPlace, UserAdministration};
use crate::domain::token::{StoredTokenStatus, Token};
use crate::domain::transfer::TransferDraft;
use crate::domain::user::{Channel, User};
use crate::operations::Ctx;
use crate::operations::certificate;
use crate::operations::flow_draft;
use crate::operations::login::{end, register};
use crate::operations::token::menu::must_register;
use crate::web::csrf;
use crate::web::failure::PageError;
use crate::web::routes::Auth;
use crate::web::session;
use crate::web::visit::Visit;

/// Somebody identified, in a login that is not over.
#[derive(Debug, Clone)]
pub struct Who {
    /// The login.
    pub login: Login,
    /// The user.
    pub user: User,
    /// For operations.
    pub ctx: Ctx,
    /// What the auth rules ask for the route's act.
    pub proof: Proof,
}

impl Who {
    /// The hidden field of this login's forms.
    pub fn csrf_token(&self) -> String {
        csrf::login_token(&self.login.csrf_secret)
    }
}

/// What a flow's page needs beside who it is.
#[derive(Debug, Clone)]
pub struct FlowParts {
    /// The flow.
    pub flow: Flow,
    /// The user's token.
    pub token: Option<Token>,
    /// The user's picture card.
    pub card: Option<PictureCard>,
}

/// How long logins of this portal live.
pub fn session_limits(visit: &Visit) -> SessionLimits {
    visit.profile.session.limits()
}

struct Found<T> {
    login: Login,
    user: User,
    /// The contract requires a client certificate, and the login came without one.
    is_kept_out: bool,
    more: T,
}

/// Which pages a login opens that lacks the client certificate its contract requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    /// Those that ask for it.
    Usual,
    /// Those on which one is drawn.
    OfCertificates,
}

/// Lets somebody in whose login stands at `stage`, and reads `more` in the same snapshot.
///
/// # Errors
/// 303 to the login or to the end of the session; 403 where the auth rules refuse the act.
pub async fn enter<T: Send + 'static>(
    visit: &Visit,
    stage: LoginStage,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    // Where tokens are registered in the menu, whoever has to register one sees that page alone;
    // where it is asked at login, such a login is over.
    let is_gated = stage == LoginStage::Complete && (is_menu(visit) || is_at_login(visit));
    let gate = is_gated.then(|| visit.ctx.clone());
    let (mut who, more) = identify(visit, stage, move |conn, login, user| {
        if let Some(ctx) = gate
            && is_kept_out(conn, &ctx, user)?
        {
            return Ok(None);
        }
        more(conn, login, user).map(Some)
    })
    .await?;
    let Some(more) = more else {
        if is_menu(visit) {
            return Err(PageError::SeeOther(visit.url(MENU)));
        }
        end::end(&visit.app.services, &who.ctx, &who.login, EndReason::TokenChanged).await?;
        session::end(&visit.session);
        return Err(PageError::SeeOther(format!("{}?reason=ended", visit.url("session-ended"))));
    };
    who.proof = ask(visit, &who.user, Asked::default())?;
    Ok((who, more))
}

/// [`enter`] for a page that tells whoever can't give the proof why: only what it sends is refused,
/// looking at it asks for nothing.
///
/// # Errors
/// As [`enter`].
pub async fn enter_to_look<T: Send + 'static>(
    visit: &Visit,
    stage: LoginStage,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    let looked = Visit { auth: Auth::None("shows only"), ..visit.clone() };
    let (mut who, more) = enter(&looked, stage, more).await?;
    who.proof = match ask(visit, &who.user, Asked::default()) {
        Ok(proof) => proof,
        Err(refused) if visit.is_submission => return Err(refused),
        Err(_) => Proof::NOTHING,
    };
    Ok((who, more))
}

/// Whether a login that is complete opens no page because a token has to be registered first.
fn is_kept_out(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, DbError> {
    Ok(must_register(conn, ctx, user)? || register::must_register(conn, ctx, user)?)
}

/// Lets somebody logged in to the page from which tokens are registered (BOT000), also whoever may
/// see nothing else.
///
/// # Errors
/// As [`enter`].
pub async fn enter_menu<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    identify(visit, LoginStage::Complete, more).await
}

/// Lets somebody logged in go: whoever may see nothing else, too.
///
/// # Errors
/// As [`enter`].
pub async fn enter_to_leave(visit: &Visit) -> Result<(Who, ()), PageError> {
    identify_for(visit, LoginStage::Complete, Pages::OfCertificates, |_, _, _| Ok(())).await
}

/// Lets somebody logged in to the pages on which a client certificate is drawn, also whoever may
/// see nothing else.
///
/// # Errors
/// As [`enter`].
pub async fn enter_certificate<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    let (mut who, more) =
        identify_for(visit, LoginStage::Complete, Pages::OfCertificates, more).await?;
    who.proof = ask(visit, &who.user, Asked::default())?;
    Ok((who, more))
}

/// BCE001's address below the portal.
pub const CERTIFICATE: &str = "certificate";

/// BCI001's address below the portal.
pub const INFO: &str = "info";

/// BAU030's address below the portal.
pub const MEMBERS: &str = "admin/members";

/// BTR030's address below the portal.
pub const RESERVATIONS: &str = "reservations";

/// BPE001's address below the portal.
pub const PAY_EASY: &str = "pay-easy";

/// BOT000's address below the portal.
pub const MENU: &str = "token/menu";

/// BTR020's address below the portal.
pub const PAYEES: &str = "payees";

/// Below which the flows of BTR021 and BTR022 stand.
pub const PAYEE_FLOW: &str = "payees/flow";

/// BLG020's address below the portal.
pub const REGISTER: &str = "login/register";

/// BAU100's address below the portal.
pub const ADMINISTRATOR_USERS: &str = "administrator/users";

/// Below which the flows of BAU105 to BAU108 stand.
pub const ADMINISTRATOR_USER: &str = "administrator/user";

/// Below which the registrations of BAU102 and BAU104 stand.
pub const REGISTRAR: &str = "administrator/tokens";

/// Whether a contract's administrator registers the tokens of its users.
pub fn is_by_administrator(visit: &Visit) -> bool {
    visit.profile.tokens.registration == RegistrationPlace::AdministratorMenu
}

/// Whether contracts have one administrator, who keeps its users on BAU100.
pub fn has_one_administrator(visit: &Visit) -> bool {
    visit.profile.services.user_administration == UserAdministration::Administrator
}

/// Whether tokens are registered at login, before any other page.
pub fn is_at_login(visit: &Visit) -> bool {
    visit.profile.tokens.registration == RegistrationPlace::ForcedAtLogin
}

/// Whether tokens are registered in the menu after login.
pub fn is_menu(visit: &Visit) -> bool {
    visit.profile.tokens.registration == RegistrationPlace::MenuAfterLogin
}

/// [`enter`] without the question to the auth rules, which comes later.
async fn identify<T: Send + 'static>(
    visit: &Visit,
    stage: LoginStage,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    identify_for(visit, stage, Pages::Usual, more).await
}

async fn identify_for<T: Send + 'static>(
    visit: &Visit,
    stage: LoginStage,
    pages: Pages,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    let Some(key_hash) = session::key_hash(&visit.session)? else {
        return Err(PageError::SeeOther(lost_url(visit, stage)));
    };
    let slug = visit.profile.slug().to_owned();
    let asks = pages == Pages::Usual && stage == LoginStage::Complete;
    let ctx = (asks && certificate::is_offered(&visit.profile)).then(|| visit.ctx.clone());
    let found = visit
        .app
        .services
        .db
        .read(move |conn| {
            let Some((login, user)) = web_sessions::find_login(conn, &slug, &key_hash)? else {
                return Ok::<_, DbError>(None);
            };
            let is_kept_out = match ctx {
                Some(ctx) => certificate::standing(conn, &ctx, &login, &user)?.is_kept_out(),
                None => false,
            };
            let more = more(conn, &login, &user)?;
            Ok(Some(Found { login, user, is_kept_out, more }))
        })
        .await?;
    let Some(found) = found else {
        // The cookie stays: the twin of this request may just have got a newer one.
        return Err(PageError::SeeOther(lost_url(visit, stage)));
    };
    // A login opens the pages of its own channel only, and with its own certificate.
    if found.login.channel != visit.channel || !has_certificate(visit, &found.login) {
        return Err(PageError::SeeOther(login_url(visit)));
    }
    refuse_ended(visit, &found.login, stage).await?;
    if found.login.stage != stage {
        return Err(PageError::SeeOther(stage_url(visit, &found.login)));
    }
    if found.is_kept_out {
        return Err(PageError::SeeOther(visit.url(CERTIFICATE)));
    }
    let ctx = visit.ctx.by(&found.user);
    let who = Who { login: found.login, user: found.user, ctx, proof: Proof::NOTHING };
    if stage != LoginStage::OtpPending {
        end::store_use(&visit.app.services, &who.ctx, &who.login).await?;
    }
    Ok((who, found.more))
}

/// Whether the request brought the client certificate that the login is tied to, if it is: a
/// session key alone, in other hands, opens nothing.
fn has_certificate(visit: &Visit, login: &Login) -> bool {
    let tied = login.certificate_fingerprint.as_ref();
    tied.is_none_or(|fingerprint| visit.certificate.as_ref() == Some(fingerprint))
}

/// What the auth rules look at beside the user.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    has_picture_card: bool,
    is_payee_registered: bool,
    /// The token's time is over: whoever has it is without one, whatever the stored status says.
    is_token_expired: bool,
    /// The token is none that makes codes bound to an act.
    cannot_sign: bool,
}

/// Whether a flow is a transfer to a payee that was registered beforehand, as far as its draft
/// says; the act itself looks again.
fn is_to_registered_payee(flow: &Flow) -> bool {
    flow.operation == FlowOperation::Transfer
        && flow_draft::read::<TransferDraft>(flow).is_ok_and(|draft| draft.is_registered)
}

/// The one question that every route which changes something asks.
fn ask(visit: &Visit, user: &User, asked: Asked) -> Result<Proof, PageError> {
    let Auth::Asks(operation) = visit.auth else { return Ok(Proof::NOTHING) };
    if user.stopped_at.is_some() && !operation.is_open_when_stopped() {
        return Err(PageError::Stopped);
    }
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: user.token_status == StoredTokenStatus::InUse && !asked.is_token_expired,
        token_signs: !asked.cannot_sign,
        login_choice: user.login_otp_chosen,
        payee_registered: asked.is_payee_registered,
        has_picture_card: asked.has_picture_card,
    };
    match required_proof(&visit.profile, operation, situation) {
        Required::Proof(proof) => Ok(proof),
        Required::Refused(_) => Err(PageError::Forbidden("the auth rules refuse this act")),
    }
}

/// The same question where nobody is known: the act has to need no proof beside its own fields.
///
/// # Errors
/// 404 where the portal does not have the act, 403 where it needs somebody known.
pub fn ask_of_nobody(visit: &Visit) -> Result<(), PageError> {
    let Auth::Asks(operation) = visit.auth else { return Ok(()) };
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: false,
        token_signs: false,
        login_choice: false,
        payee_registered: false,
        has_picture_card: false,
    };
    match required_proof(&visit.profile, operation, situation) {
        Required::Proof(Proof::NOTHING) => Ok(()),
        Required::Proof(_) => Err(PageError::Forbidden("the act needs somebody known")),
        Required::Refused(_) => Err(PageError::NotFound),
    }
}

async fn refuse_ended(visit: &Visit, login: &Login, stage: LoginStage) -> Result<(), PageError> {
    let Some(reason) = login.end_at(visit.ctx.now, session_limits(visit)) else { return Ok(()) };
    if login.ended_at.is_none() {
        end::end(&visit.app.services, &visit.ctx, login, reason).await?;
    }
    let is_flow = stage == LoginStage::TokenFlow;
    session::end(&visit.session);
    if is_flow {
        return Err(PageError::SeeOther(lost_url(visit, stage)));
    }
    if visit.channel == Channel::Mobile {
        return Err(PageError::SeeOther(format!("{}?lost=1", login_url(visit))));
    }
    let told = match reason {
        EndReason::Suspended => return Err(PageError::SeeOther(visit.url("login/suspended"))),
        EndReason::Idle => "idle",
        EndReason::Absolute => "absolute",
        EndReason::Logout => return Err(PageError::SeeOther(visit.url("login"))),
        _ => "ended",
    };
    Err(PageError::SeeOther(format!("{}?reason={told}", visit.url("session-ended"))))
}

/// Where somebody belongs who has no login (any more) at this stage.
fn lost_url(visit: &Visit, stage: LoginStage) -> String {
    match (stage, visit.auth) {
        (LoginStage::TokenFlow, Auth::Asks(_)) if is_at_login(visit) => {
            format!("{}?lost=1", login_url(visit))
        }
        (LoginStage::TokenFlow, Auth::Asks(operation)) => {
            let flow = flow_path(operation);
            format!("{}?lost=1", visit.url(flow))
        }
        _ => login_url(visit),
    }
}

/// The login of the visit's channel.
fn login_url(visit: &Visit) -> String {
    visit.url(match visit.channel {
        Channel::Web => "login",
        Channel::Mobile => "mobile",
    })
}

fn flow_path(operation: crate::domain::auth_rule::Operation) -> &'static str {
    use crate::domain::auth_rule::Operation;
    match operation {
        Operation::OtpExchange => "token/exchange",
        Operation::OtpStop => "token/stop",
        _ => "token/start",
    }
}

/// Where a login at another stage goes on.
fn stage_url(visit: &Visit, login: &Login) -> String {
    match login.stage {
        LoginStage::OtpPending => visit.url("login/otp"),
        LoginStage::Setup => visit.url("login/setup"),
        LoginStage::Complete => visit.url(""),
        LoginStage::TokenFlow if is_at_login(visit) => visit.url(REGISTER),
        LoginStage::TokenFlow => visit.url("login"),
    }
}

/// Lets the user of a flow in.
///
/// # Errors
/// As [`enter`]; 404 for a flow that is somebody else's or not of this kind.
pub async fn enter_flow(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
) -> Result<(Who, FlowParts), PageError> {
    let slug = visit.profile.slug().to_owned();
    let id = flow_id.to_owned();
    let is_complete = operation.is_after_login() || is_menu(visit) || is_by_administrator(visit);
    let stage = if is_complete { LoginStage::Complete } else { LoginStage::TokenFlow };
    // Whoever has to register a token first gets no further in anything else.
    let is_gated = is_menu(visit) || is_at_login(visit);
    let gate = (operation.is_after_login() && is_gated).then(|| visit.ctx.clone());
    let (mut who, parts) = identify(visit, stage, move |conn, login, user| {
        if let Some(ctx) = gate
            && is_kept_out(conn, &ctx, user)?
        {
            return Ok(None);
        }
        let Some(flow) = flows::find(conn, &slug, &id, &login.id)? else { return Ok(None) };
        let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
        let card = picture_cards::find_by_user(conn, user.id)?;
        Ok(Some(FlowParts { flow, token, card }))
    })
    .await?;
    let parts: FlowParts = parts
        .filter(|parts: &FlowParts| parts.flow.operation == operation)
        .ok_or(PageError::NotFound)?;
    if parts.flow.step != FlowStep::Done {
        let asked = Asked {
            has_picture_card: parts.card.is_some(),
            is_payee_registered: is_to_registered_payee(&parts.flow),
            is_token_expired: parts
                .token
                .as_ref()
                .is_some_and(|token| !token.is_valid_at(visit.ctx.now)),
            cannot_sign: !parts.token.as_ref().is_some_and(Token::signs),
        };
        who.proof = ask(visit, &who.user, asked)?;
    }
    Ok((who, parts))
}

/// The login behind the session key on the visit's channel, whatever its stage, if it is not
/// over: for pages that only behave a little differently then.
///
/// # Errors
/// 500 or 503 of the database.
pub async fn find_login(visit: &Visit) -> Result<Option<(Login, User)>, PageError> {
    let Some(key_hash) = session::key_hash(&visit.session)? else { return Ok(None) };
    let slug = visit.profile.slug().to_owned();
    let found = visit
        .app
        .services
        .db
        .read(move |conn| web_sessions::find_login(conn, &slug, &key_hash))
        .await?;
    let limits = session_limits(visit);
    Ok(found.filter(|(login, _)| {
        login.channel == visit.channel
            && has_certificate(visit, login)
            && login.end_at(visit.ctx.now, limits).is_none()
    }))
}

/// The response with the visitor's cookie, for pages before login.
pub fn with_cookie(visit: &Visit, mut response: HttpResponse) -> HttpResponse {
    visit.set_cookie(&mut response);
    response
}
