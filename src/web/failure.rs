//! Why a handler shows no page of its own. The page itself is made in one place ([`observe`]), in
//! the design of the portal that was asked; what went wrong inside goes to the log only.
//!
//! [`observe`]: crate::web::observe

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, ResponseError};

use crate::db::DbError;
use crate::operations::OperationError;
use crate::primitives::clock::UtcTime;
use crate::primitives::password::PasswordError;

/// What a handler answers with.
pub type PageResult = Result<HttpResponse, PageError>;

/// Why there is no page; each variant names its status.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// 400: what arrived cannot be read. The text is for the log.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// 403: known, but not allowed; also a forged or outdated form.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// 403: the customer stopped everything (緊急停止); staff have to lift that first.
    #[error("emergency stop")]
    Stopped,
    /// 404: no such page, or not the customer's own.
    #[error("not found")]
    NotFound,
    /// 409: the state changed meanwhile; carries the way back.
    #[error("the state has changed")]
    Conflict {
        /// Where to begin again.
        back: String,
    },
    /// 413: more than a form may carry.
    #[error("the body is too large")]
    TooLarge,
    /// 415: no form at all.
    #[error("not a form")]
    WrongType,
    /// 429: too many tries from one network address.
    #[error("too many tries")]
    TooMany,
    /// 500: our fault.
    #[error("internal: {0}")]
    Internal(String),
    /// 503: too busy, or a part is down.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// 503 BER110: outside the hours of service.
    #[error("closed")]
    Closed {
        /// Why, where a closure of the profile says so.
        reason: Option<String>,
        /// When it opens, where that is known.
        opens_at: Option<UtcTime>,
    },
    /// 303: no failure, but another page comes first.
    #[error("see {0}")]
    SeeOther(String),
}

impl PageError {
    /// The level at which it is logged: 1 error, 2 warning, 3 nothing to worry about.
    pub fn severity(&self) -> u8 {
        match self {
            PageError::Internal(_) => 1,
            PageError::Unavailable(_) => 2,
            _ => 3,
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            PageError::BadRequest(_) => StatusCode::BAD_REQUEST,
            PageError::Forbidden(_) | PageError::Stopped => StatusCode::FORBIDDEN,
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::Conflict { .. } => StatusCode::CONFLICT,
            PageError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            PageError::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            PageError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            PageError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            PageError::Unavailable(_) | PageError::Closed { .. } => StatusCode::SERVICE_UNAVAILABLE,
            PageError::SeeOther(_) => StatusCode::SEE_OTHER,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let PageError::SeeOther(to) = self {
            response.insert_header((LOCATION, to.as_str()));
        }
        response.finish()
    }
}

impl From<DbError> for PageError {
    fn from(error: DbError) -> Self {
        if error.is_transient() {
            PageError::Unavailable(error.to_string())
        } else {
            PageError::Internal(error.to_string())
        }
    }
}

impl From<OperationError> for PageError {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Db(error) => PageError::from(error),
            OperationError::Password(PasswordError::Busy) => {
                PageError::Unavailable("too many logins at once".to_owned())
            }
            other => PageError::Internal(other.to_string()),
        }
    }
}

impl From<getrandom::Error> for PageError {
    fn from(error: getrandom::Error) -> Self {
        PageError::Internal(error.to_string())
    }
}

impl From<actix_session::SessionGetError> for PageError {
    fn from(error: actix_session::SessionGetError) -> Self {
        PageError::Internal(error.to_string())
    }
}

impl From<actix_session::SessionInsertError> for PageError {
    fn from(error: actix_session::SessionInsertError) -> Self {
        PageError::Internal(error.to_string())
    }
}

/// 303 to another page of ours.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}
