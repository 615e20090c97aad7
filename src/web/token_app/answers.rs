//! What the app is answered, in JSON. A refusal by rule is an answer like any other; what went
//! wrong otherwise is told by the status.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::domain::portal::Profile;
use crate::domain::token::OtpAlgorithm;
use crate::operations::token::hand_over::HandedOver;
use crate::primitives::clock::jst_iso;
use crate::primitives::hand_over::SealedPart;
use crate::web::failure::PageError;

/// The portal's clock.
#[derive(Serialize)]
pub struct TimeJson {
    /// Milliseconds since 1970, as scripts count.
    pub time: i64,
}

/// A portal for which the app may make a credential today.
#[derive(Serialize)]
pub struct ServiceJson {
    /// Slug.
    pub portal: String,
    /// Institution.
    pub institution: String,
    /// Service.
    pub service: String,
    /// Colour theme.
    pub theme: &'static str,
}

/// Those portals.
#[derive(Serialize)]
pub struct ServicesJson {
    /// In the order in which they are served.
    pub services: Vec<ServiceJson>,
}

/// How a request for a credential ended.
#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum OutcomeJson {
    /// Here it is.
    Done {
        /// The credential.
        credential: Box<CredentialJson>,
    },
    /// Something does not fit; what exactly is not told.
    Refused,
    /// The portal takes no such credential today.
    NotTaken,
    /// Outside the hours of service.
    Closed,
}

/// A credential, its secret sealed to the app's key.
#[derive(Serialize)]
pub struct CredentialJson {
    portal: String,
    institution: String,
    theme: &'static str,
    serial: String,
    digits: i32,
    period: i32,
    hash: &'static str,
    set_up_at: String,
    expires_at: Option<String>,
    server_key: String,
    parts: Vec<PartJson>,
}

#[derive(Serialize)]
struct PartJson {
    nonce: String,
    sealed: String,
}

#[derive(Serialize)]
struct ErrorJson {
    error: String,
}

impl CredentialJson {
    /// The credential of a portal.
    pub fn of(profile: &Profile, made: HandedOver) -> CredentialJson {
        let part = |part: &SealedPart| PartJson {
            nonce: URL_SAFE_NO_PAD.encode(&part.nonce),
            sealed: URL_SAFE_NO_PAD.encode(&part.bytes),
        };
        CredentialJson {
            portal: profile.slug().to_owned(),
            institution: profile.portal.institution.clone(),
            theme: profile.portal.theme.name(),
            serial: made.serial,
            digits: made.digits,
            period: made.period_seconds,
            hash: match made.algorithm {
                OtpAlgorithm::Sha1 => "SHA-1",
                OtpAlgorithm::Sha256 => "SHA-256",
                OtpAlgorithm::Sha512 => "SHA-512",
            },
            set_up_at: jst_iso(made.set_up_at),
            expires_at: made.expires_at.map(jst_iso),
            server_key: URL_SAFE_NO_PAD.encode(&made.secret.server_key),
            parts: made.secret.parts.iter().map(part).collect(),
        }
    }
}

/// JSON that nobody keeps.
pub fn json(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(value)
}

/// The answer, or what went wrong, as JSON with its status; faults go to the log only.
pub fn answer(result: Result<HttpResponse, PageError>) -> HttpResponse {
    result.unwrap_or_else(|error| {
        use actix_web::ResponseError as _;
        let status = error.status_code();
        if status.is_server_error() {
            tracing::error!(%error, "the token app's request failed");
        }
        let words = status.canonical_reason().unwrap_or_default().to_lowercase();
        json(status, &ErrorJson { error: words })
    })
}
