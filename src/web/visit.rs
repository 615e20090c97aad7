//! What is known of a request before anybody is identified: portal, time, network address, request
//! id, and the pair against forged forms.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_session::{Session, SessionExt};
use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};

use crate::domain::portal::Profile;
use crate::domain::user::Channel;
use crate::operations::{Actor, Ctx};
use crate::primitives::clock::{jst_to_utc, to_jst};
use crate::web::WebApp;
use crate::web::client_certificate;
use crate::web::csrf::{self, Visitor};
use crate::web::failure::PageError;
use crate::web::routes::{Auth, Opening, Place};

/// The id of a request, as logs, audit lines and error pages show it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Which portal a scope serves.
#[derive(Clone)]
pub struct PortalScope(pub Arc<Profile>);

/// A request to a portal.
#[derive(Clone)]
pub struct Visit {
    /// The server's parts.
    pub app: Data<WebApp>,
    /// The portal.
    pub profile: Arc<Profile>,
    /// For operations; the actor is nobody until somebody is identified.
    pub ctx: Ctx,
    /// The pair against forged forms before login.
    pub visitor: Visitor,
    /// What the route's act asks for.
    pub auth: Auth,
    /// Which channel the address belongs to.
    pub channel: Channel,
    /// Whether the request is to change something.
    pub is_submission: bool,
    /// actix-session's handle.
    pub session: Session,
    /// The fingerprint of the client certificate that came.
    pub certificate: Option<String>,
}

impl Visit {
    /// An address below the portal, as `/shirakaba/login` for `login`.
    pub fn url(&self, below: &str) -> String {
        below_portal(&self.profile, below)
    }

    /// Sets the form cookie where it is new.
    pub fn set_cookie(&self, response: &mut HttpResponse) {
        set_form_cookie(response, &self.visitor, self.profile.slug(), self.app.options.is_https);
    }
}

/// Sets the form cookie of `area` (the portal's slug; that of its staff has one more part) where it
/// is new.
pub fn set_form_cookie(response: &mut HttpResponse, visitor: &Visitor, area: &str, is_https: bool) {
    if !visitor.is_new {
        return;
    }
    let name = cookie_name(area, is_https);
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = [&name, "=", &visitor.cookie, "; HttpOnly; SameSite=Lax", secure, "; Path=/"];
    // The value is base64 and a dot, which every cookie may hold.
    if let Ok(cookie) = HeaderValue::try_from(cookie.concat()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// `__Host-` forces Secure and Path=/; loopback HTTP has plain names.
fn cookie_name(area: &str, is_https: bool) -> String {
    let prefix = if is_https { "__Host-" } else { "" };
    [prefix, area, "-form"].concat()
}

/// An address below a portal. Every page has several, so they are put together without formatting.
pub fn below_portal(profile: &Profile, below: &str) -> String {
    ["/", profile.slug(), "/", below].concat()
}

/// The client's address: the connection's, or the last one a proxy of our own added.
pub fn client_address(req: &HttpRequest, trusts_forwarded_for: bool) -> String {
    let forwarded = req
        .headers()
        .get("x-forwarded-for")
        .filter(|_| trusts_forwarded_for && !client_certificate::came_to_tls(req))
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse::<std::net::IpAddr>().ok());
    match forwarded {
        Some(address) => address.to_string(),
        None => req.peer_addr().map_or_else(String::new, |peer| peer.ip().to_string()),
    }
}

impl FromRequest for Visit {
    type Error = PageError;
    type Future = Ready<Result<Visit, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visit(req))
    }
}

fn visit(req: &HttpRequest) -> Result<Visit, PageError> {
    let Arrival { app, profile, ctx, visitor, session, is_submission } = arrive(req, "")?;
    let auth = *req.app_data::<Auth>().ok_or_else(outside_scope)?;
    let channel = *req.app_data::<Channel>().ok_or_else(outside_scope)?;
    let place = *req.app_data::<Place>().ok_or_else(outside_scope)?;
    let opening = *req.app_data::<Opening>().ok_or_else(outside_scope)?;
    let is_closed_channel = channel == Channel::Mobile && !profile.services.mobile_channel;
    if is_closed_channel || !place.is_in(&profile) {
        return Err(PageError::NotFound);
    }
    if opening == Opening::InHours {
        refuse_when_closed(&profile, ctx.now)?;
    }
    let certificate = client_certificate::of(req, &app.options.certificates);
    Ok(Visit { app, profile, ctx, visitor, auth, channel, is_submission, session, certificate })
}

/// What every request to a portal brings, a customer's or one of the staff.
pub(in crate::web) struct Arrival {
    pub app: Data<WebApp>,
    pub profile: Arc<Profile>,
    pub ctx: Ctx,
    pub visitor: Visitor,
    pub session: Session,
    pub is_submission: bool,
}

pub(in crate::web) fn outside_scope() -> PageError {
    PageError::Internal("a route stands outside its scope".to_owned())
}

/// Reads it; `area` is added to the slug in the name of the form cookie and in what it signs.
///
/// # Errors
/// 403 for a form of another site; 404 for what is not the customers' on the TLS listener.
pub(in crate::web) fn arrive(req: &HttpRequest, area: &str) -> Result<Arrival, PageError> {
    if !area.is_empty() && client_certificate::came_to_tls(req) {
        return Err(PageError::NotFound);
    }
    let app = req.app_data::<Data<WebApp>>().ok_or_else(outside_scope)?.clone();
    let profile = req.app_data::<PortalScope>().ok_or_else(outside_scope)?.0.clone();
    let now = app.services.clock.now();
    let is_submission = *req.method() == Method::POST;
    if is_submission {
        refuse_foreign_origin(req, &app.options.public_url)?;
    }
    let area = [profile.slug(), area].concat();
    let name = cookie_name(&area, app.options.is_https);
    let cookie = req.cookie(&name);
    let visitor = csrf::visitor(&app.form_key, &area, cookie.as_ref().map(Cookie::value))?;
    let request_id =
        req.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let ctx = Ctx {
        profile: profile.clone(),
        actor: Actor::nobody(),
        source: client_address(req, app.options.trusts_forwarded_for),
        request_id,
        now,
        keys: app.services.keys.clone(),
        public_url: app.services.public_url.clone(),
    };
    let session = req.get_session();
    Ok(Arrival { app, profile, ctx, visitor, session, is_submission })
}

fn refuse_when_closed(
    profile: &Profile,
    now: crate::primitives::clock::UtcTime,
) -> Result<(), PageError> {
    let jst = to_jst(now);
    if profile.is_open_at(jst) {
        return Ok(());
    }
    Err(PageError::Closed {
        reason: profile.hours.closure_at(jst).map(|closure| closure.reason.clone()),
        opens_at: profile.hours.opens_next(jst).map(jst_to_utc),
    })
}

/// Browsers say where a form comes from; a form of another site is refused before it is read.
///
/// # Errors
/// 403 for a form of another site.
pub fn refuse_foreign_origin(req: &HttpRequest, public_url: &str) -> Result<(), PageError> {
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    match header("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(PageError::Forbidden("a form of another site")),
        None => {}
    }
    let Some(origin) = header("origin") else { return Ok(()) };
    // HTTP/2 has no Host header.
    let authority = req.uri().authority().map(|authority| authority.as_str());
    let host = header("host").or(authority).unwrap_or_default();
    let is_own = origin == public_url.trim_end_matches('/')
        || origin.split_once("://").is_some_and(|(_, origin_host)| origin_host == host);
    if is_own { Ok(()) } else { Err(PageError::Forbidden("a form of another origin")) }
}
