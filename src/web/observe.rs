//! Around every request: an id, a log line without personal data, counts for Prometheus, security
//! headers, and the error page where a handler made none.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::random_short_id;
use crate::web::WebApp;
use crate::web::error::{ErrorPage, ErrorScreen};
use crate::web::failure::PageError;
use crate::web::health::Metrics;
use crate::web::page::Link;
use crate::web::screens;
use crate::web::shell;
use crate::web::visit::RequestId;

/// The middleware.
///
/// # Errors
/// None of its own.
pub async fn observe(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = random_short_id().unwrap_or_else(|_| "no-randomness".to_owned());
    req.extensions_mut().insert(RequestId(id.clone()));
    let request = req.request().clone();
    let mut response = match next.call(req).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let made = error.as_response_error().error_response();
            let failed = PageError::from_error(&error);
            let mut response = ServiceResponse::new(request.clone(), made);
            response.response_mut().extensions_mut().insert(failed);
            response
        }
    };
    if needs_page(&response) {
        response = with_error_page(&request, response, &id);
    }
    finish(&request, &mut response, &id, began);
    Ok(response)
}

/// What is kept of an error for the page and the log.
#[derive(Debug, Clone)]
struct Failed {
    detail: Option<String>,
    back: Option<String>,
    is_closed: bool,
    log: String,
    severity: u8,
}

impl PageError {
    fn from_error(error: &Error) -> Failed {
        let Some(known) = error.as_error::<PageError>() else {
            let log = error.to_string();
            let is_fault = error.as_response_error().status_code().is_server_error();
            let severity = if is_fault { 1 } else { 3 };
            return Failed { detail: None, back: None, is_closed: false, log, severity };
        };
        let detail = match known {
            PageError::Closed { opens_at: Some(at) } => {
                Some(format!("{} に再開します。", jst_minute_text(*at)))
            }
            PageError::TooMany => Some(
                "短い時間に多くの操作がありました。1分ほど待ってからお試しください。".to_owned(),
            ),
            PageError::TooLarge => Some("送信された内容が大きすぎます。".to_owned()),
            _ => None,
        };
        let back = match known {
            PageError::Conflict { back } => Some(back.clone()),
            _ => None,
        };
        Failed {
            detail,
            back,
            is_closed: matches!(known, PageError::Closed { .. }),
            log: known.to_string(),
            severity: known.severity(),
        }
    }
}

fn needs_page(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(CONTENT_TYPE)
        || response.response().error().is_some() && !status.is_redirection()
}

fn with_error_page(
    request: &HttpRequest,
    response: ServiceResponse<BoxBody>,
    id: &str,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let failed = response
        .response()
        .error()
        .map(PageError::from_error)
        .or_else(|| response.response().extensions().get::<Failed>().cloned());
    if let Some(failed) = &failed {
        log_failure(failed, id);
    }
    let page = error_page(request, status, failed.as_ref(), id);
    let cookies: Vec<HeaderValue> =
        response.headers().get_all(actix_web::http::header::SET_COOKIE).cloned().collect();
    let mut made = match page {
        Some(page) => {
            shell::render(status, &page).unwrap_or_else(|_| HttpResponse::build(status).finish())
        }
        None => HttpResponse::build(status).finish(),
    };
    for cookie in cookies {
        made.headers_mut().append(actix_web::http::header::SET_COOKIE, cookie);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED
        && let Some(allow) = response.headers().get(actix_web::http::header::ALLOW)
    {
        made.headers_mut().insert(actix_web::http::header::ALLOW, allow.clone());
    }
    ServiceResponse::new(request.clone(), made)
}

fn log_failure(failed: &Failed, id: &str) {
    match failed.severity {
        1 => tracing::error!(request.id = %id, error = %failed.log, "request failed"),
        2 => tracing::warn!(request.id = %id, error = %failed.log, "request refused"),
        _ => tracing::debug!(request.id = %id, error = %failed.log, "request refused"),
    }
}

fn error_page(
    request: &HttpRequest,
    status: StatusCode,
    failed: Option<&Failed>,
    id: &str,
) -> Option<ErrorPage> {
    let app = request.app_data::<Data<WebApp>>()?.get_ref();
    let is_closed = failed.is_some_and(|failed| failed.is_closed);
    let screen = screen_of(status, is_closed);
    let slug = request.path().split('/').nth(1).unwrap_or_default();
    let profile = app
        .services
        .profiles
        .get(slug)
        .filter(|_| app.options.served.iter().any(|served| served == slug));
    let (shell, home) = match profile {
        Some(profile) => {
            let known = screens::SCREENS.iter().find(|known| known.id == screen.id());
            let known = known.unwrap_or(&screens::BER500);
            let home =
                Link { label: "ログイン画面へ".to_owned(), url: format!("/{slug}/login") };
            (shell::of_portal(app, profile, known), home)
        }
        None => {
            let home = Link { label: "サービスの一覧へ".to_owned(), url: "/".to_owned() };
            (shell::outside(app, screen.id(), screen.title()), home)
        }
    };
    let back = failed
        .and_then(|failed| failed.back.clone())
        .map_or(home, |url| Link { label: "お手続きのはじめに戻る".to_owned(), url });
    let mut page = ErrorPage::new(screen, shell, id.to_owned(), back);
    page.detail = failed.and_then(|failed| failed.detail.clone());
    Some(page)
}

fn screen_of(status: StatusCode, is_closed: bool) -> ErrorScreen {
    match status.as_u16() {
        403 => ErrorScreen::Forbidden,
        404 | 405 => ErrorScreen::NotFound,
        409 => ErrorScreen::Conflict,
        429 | 503 if !is_closed => ErrorScreen::Unavailable,
        503 => ErrorScreen::Closed,
        500..=599 => ErrorScreen::Internal,
        _ => ErrorScreen::BadRequest,
    }
}

fn finish(
    request: &HttpRequest,
    response: &mut ServiceResponse<BoxBody>,
    id: &str,
    began: Instant,
) {
    let status = response.status();
    // The pattern, never the path: paths carry flow ids.
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let elapsed = began.elapsed();
    if let Some(app) = request.app_data::<Data<WebApp>>() {
        crate::web::security_headers::add(response.headers_mut(), app.options.is_https);
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
    }
    if let Some(metrics) = request.app_data::<Data<Metrics>>() {
        metrics.note(request.method().as_str(), &route, status.as_u16(), elapsed);
    }
    tracing::info!(
        request.id = %id,
        http.method = %request.method(),
        http.route = %route,
        http.status = status.as_u16(),
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
}
