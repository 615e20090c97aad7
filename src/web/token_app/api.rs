//! What the app asks the server for: the time, the services, a credential.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use validator::Validate;

use super::answers::{
    CredentialJson, OutcomeJson, ServiceJson, ServicesJson, TimeJson, answer, json,
};
use crate::domain::auth_rule::{Operation, Proof, Required, Situation, required_proof};
use crate::domain::portal::Profile;
use crate::operations::token::credential::{self, CredentialOutcome};
use crate::operations::token::set_up::{self, SetUp, SetUpOutcome};
use crate::operations::{Actor, Ctx};
use crate::primitives::clock::{jst_day, to_jst};
use crate::primitives::code::{normalise_digits, to_half_width};
use crate::primitives::hand_over::AppKey;
use crate::primitives::secret::Secret;
use crate::web::WebApp;
use crate::web::failure::PageError;
use crate::web::visit::{RequestId, client_address, refuse_foreign_origin};

/// Far more than the longest request of ours.
const BODY_BYTES_MAX: usize = 2 * 1024;

/// The portal's clock, for comparing the phone's with it.
pub async fn time(app: Data<WebApp>) -> HttpResponse {
    let time = app.services.clock.now().and_utc().timestamp_millis();
    json(StatusCode::OK, &TimeJson { time })
}

/// The portals for which the app may make a credential today.
pub async fn services(app: Data<WebApp>) -> HttpResponse {
    let today = jst_day(app.services.clock.now());
    let services = served(&app)
        .filter(|profile| credential::self_made_kind(profile, today).is_some())
        .map(|profile| ServiceJson {
            portal: profile.slug().to_owned(),
            institution: profile.portal.institution.clone(),
            service: profile.portal.service.clone(),
            theme: profile.portal.theme.name(),
        })
        .collect();
    json(StatusCode::OK, &ServicesJson { services })
}

fn served(app: &WebApp) -> impl Iterator<Item = &Arc<Profile>> {
    app.options.served.iter().filter_map(|slug| app.services.profiles.get(slug))
}

/// What the app sends for a credential of its own making.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct CredentialRequest {
    #[validate(length(max = 32))]
    portal: String,
    #[validate(length(max = 100))]
    public_key: String,
}

/// What TOK001 sends.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct SetUpRequest {
    #[validate(length(min = 1, max = 32))]
    service_id: String,
    #[validate(length(min = 1, max = 32))]
    user_id: String,
    #[validate(length(min = 1, max = 64))]
    activation_password: String,
    consent: bool,
    #[validate(length(max = 100))]
    public_key: String,
}

/// Makes a credential for a portal and hands it over.
pub async fn make_credential(app: Data<WebApp>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(try_make_credential(&app, &request, &body).await)
}

async fn try_make_credential(
    app: &WebApp,
    request: &HttpRequest,
    body: &Bytes,
) -> Result<HttpResponse, PageError> {
    let input: CredentialRequest = read(app, request, body)?;
    let app_key = app_key(&input.public_key)?;
    let profile = served(app).find(|profile| profile.slug() == input.portal);
    let ctx = ctx(app, request, profile.ok_or(PageError::NotFound)?);
    if !ctx.profile.is_open_at(to_jst(ctx.now)) {
        return Ok(json(StatusCode::OK, &OutcomeJson::Closed));
    }
    let outcome = match credential::make(&app.services, &ctx, &app_key).await? {
        CredentialOutcome::Made(made) => {
            OutcomeJson::Done { credential: Box::new(CredentialJson::of(&ctx.profile, *made)) }
        }
        CredentialOutcome::NotTaken => OutcomeJson::NotTaken,
    };
    Ok(json(StatusCode::OK, &outcome))
}

/// Hands an issued credential over.
pub async fn set_up(app: Data<WebApp>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(try_set_up(&app, &request, &body).await)
}

async fn try_set_up(
    app: &WebApp,
    request: &HttpRequest,
    body: &Bytes,
) -> Result<HttpResponse, PageError> {
    let input: SetUpRequest = read(app, request, body)?;
    if !input.consent {
        return Err(PageError::BadRequest("set-up without consent"));
    }
    let service_id = normalise_digits(&input.service_id);
    let Some(profile) = issuer(app, &service_id) else {
        return Ok(json(StatusCode::OK, &OutcomeJson::Refused));
    };
    let ctx = ctx(app, request, profile);
    if !ctx.profile.is_open_at(to_jst(ctx.now)) {
        return Ok(json(StatusCode::OK, &OutcomeJson::Closed));
    }
    ask_rules(&ctx)?;
    let input = SetUp {
        service_id,
        user_number: normalise_digits(&input.user_id),
        activation_password: Secret::new(to_half_width(&input.activation_password).into_bytes()),
        app_key: app_key(&input.public_key)?,
    };
    let outcome = match set_up::set_up(&app.services, &ctx, &input).await? {
        SetUpOutcome::Done(made) => {
            OutcomeJson::Done { credential: Box::new(CredentialJson::of(&ctx.profile, *made)) }
        }
        SetUpOutcome::Refused => OutcomeJson::Refused,
    };
    Ok(json(StatusCode::OK, &outcome))
}

/// The portal with this サービスID; for an unknown one any that issues, whose log takes the try.
fn issuer<'a>(app: &'a WebApp, service_id: &str) -> Option<&'a Arc<Profile>> {
    let mut issuers: Vec<_> =
        served(app).filter_map(|profile| Some((profile, profile.tokens.issue.as_ref()?))).collect();
    issuers.sort_by_key(|(_, policy)| policy.service_id != service_id);
    issuers.first().map(|(profile, _)| *profile)
}

/// The app can prove nothing beside what TOK001 asks for, so a rule that wants more is a refusal.
///
/// # Errors
/// 403 for such a rule.
pub(in crate::web) fn ask_rules(ctx: &Ctx) -> Result<(), PageError> {
    let situation = Situation {
        now: ctx.now,
        token_in_use: false,
        token_signs: false,
        login_choice: false,
        payee_registered: false,
        has_picture_card: false,
    };
    match required_proof(&ctx.profile, Operation::OtpSetUp, situation) {
        Required::Proof(proof) if proof == Proof::NOTHING => Ok(()),
        _ => Err(PageError::Forbidden("the auth rules let no app be set up")),
    }
}

fn app_key(text: &str) -> Result<AppKey, PageError> {
    AppKey::parse(text).ok_or(PageError::BadRequest("no public key of P-256"))
}

/// Reads a small JSON body from a page of ours, and counts the try for its network address.
fn read<T: DeserializeOwned + Validate>(
    app: &WebApp,
    request: &HttpRequest,
    body: &Bytes,
) -> Result<T, PageError> {
    refuse_foreign_origin(request, &app.options.public_url)?;
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type != Some("application/json") {
        return Err(PageError::WrongType);
    }
    if body.len() > BODY_BYTES_MAX {
        return Err(PageError::TooLarge);
    }
    let input: T = serde_json::from_slice(body)
        .map_err(|_| PageError::BadRequest("not the JSON asked for"))?;
    input.validate().map_err(|_| PageError::BadRequest("longer than any field of ours"))?;
    let address = client_address(request, app.options.trusts_forwarded_for);
    // Counted apart from logins, so that neither uses the other's share up.
    if !app.throttle.allows(&format!("token {address}")) {
        return Err(PageError::TooMany);
    }
    Ok(input)
}

fn ctx(app: &WebApp, request: &HttpRequest, profile: &Arc<Profile>) -> Ctx {
    let request_id =
        request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    Ctx {
        profile: profile.clone(),
        actor: Actor::nobody(),
        source: client_address(request, app.options.trusts_forwarded_for),
        request_id,
        now: app.services.clock.now(),
        keys: app.services.keys.clone(),
        public_url: app.services.public_url.clone(),
    }
}
