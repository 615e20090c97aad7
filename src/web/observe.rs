//! Around every request: an id, a log line without personal data, counts for Prometheus, security
//! headers, and the error page where a handler made none.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use askama::Template;

use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::next_request_id;
use crate::web::WebApp;
use crate::web::emergency_stop;
use crate::web::error::{ErrorPage, ErrorScreen};
use crate::web::failure::PageError;
use crate::web::health::Metrics;
use crate::web::mobile;
use crate::web::mobile::charset::Charset;
use crate::web::page::Link;
use crate::web::screens;
use crate::web::shell;
use crate::web::visit::RequestId;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
///
/// # Errors
/// None of its own.
pub async fn observe(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = next_request_id();
    req.extensions_mut().insert(RequestId(id.clone()));
    // The router needs the request for itself, so only these are kept aside.
    let app = req.app_data::<Data<WebApp>>().cloned();
    let path = req.path().to_owned();
    let Some(app) = app else { return Err(PageError::NotFound.into()) };
    match next.call(req).await {
        Ok(response) => {
            let mut response = response.map_into_boxed_body();
            if needs_page(&response) {
                response = with_error_page(&app, response, &id);
            }
            finish(&app, &mut response, &id, began);
            Ok(response)
        }
        // Only a middleware inside ours ends so; there is no request left to answer.
        Err(error) => {
            let failed = Failed::of(&error);
            log_failure(&failed, &id);
            let status = error.as_response_error().status_code();
            let page = error_page(&app, &path, status, Some(&failed), &id);
            let html = page.render().unwrap_or_default();
            let is_https = app.options.is_https;
            Err(RenderedError { status, html, is_https }.into())
        }
    }
}

/// An error that brings its page along.
#[derive(Debug, thiserror::Error)]
#[error("a request failed before its handler")]
struct RenderedError {
    status: StatusCode,
    html: String,
    is_https: bool,
}

impl ResponseError for RenderedError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status)
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(self.html.clone());
        crate::web::security_headers::add(response.headers_mut(), self.is_https);
        response
    }
}

/// What is kept of an error for the page and the log.
#[derive(Debug)]
struct Failed {
    what: Option<String>,
    detail: Option<String>,
    back: Option<String>,
    is_closed: bool,
    is_stopped: bool,
    log: String,
    severity: u8,
}

impl Failed {
    fn of(error: &Error) -> Failed {
        let Some(known) = error.as_error::<PageError>() else {
            let log = error.to_string();
            let is_fault = error.as_response_error().status_code().is_server_error();
            let severity = if is_fault { 1 } else { 3 };
            return Failed {
                what: None,
                detail: None,
                back: None,
                is_closed: false,
                is_stopped: false,
                log,
                severity,
            };
        };
        let what = match known {
            PageError::Closed { reason: Some(reason), .. } => {
                Some(format!("この時間は、サービスを休止しています（{reason}）。"))
            }
            _ => None,
        };
        let detail = match known {
            PageError::Closed { opens_at: Some(at), .. } => {
                Some(format!("{} に再開します。", jst_minute_text(*at)))
            }
            PageError::TooLarge => Some("送信された内容が大きすぎます。".to_owned()),
            _ => None,
        };
        let back = match known {
            PageError::Conflict { back } => Some(back.clone()),
            _ => None,
        };
        Failed {
            what,
            detail,
            back,
            is_closed: matches!(known, PageError::Closed { .. }),
            is_stopped: matches!(known, PageError::Stopped),
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
    app: &WebApp,
    response: ServiceResponse<BoxBody>,
    id: &str,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let failed = response.response().error().map(Failed::of);
    if let Some(failed) = &failed {
        log_failure(failed, id);
    }
    let request = response.request();
    let page = error_page(app, request.path(), status, failed.as_ref(), id);
    let cookies: Vec<HeaderValue> =
        response.headers().get_all(actix_web::http::header::SET_COOKIE).cloned().collect();
    let made = match mobile::profile_asked(app, request.path()) {
        Some(profile) => {
            mobile::error::show(app, profile, Charset::of(request.headers()), status, page)
        }
        None => match app.services.profiles.get(&page.shell.slug) {
            Some(profile) => shell::render_in(profile, status, &page),
            None => shell::render(status, &page),
        },
    };
    let mut made = made.unwrap_or_else(|_| HttpResponse::build(status).finish());
    for cookie in cookies {
        made.headers_mut().append(actix_web::http::header::SET_COOKIE, cookie);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED
        && let Some(allow) = response.headers().get(actix_web::http::header::ALLOW)
    {
        made.headers_mut().insert(actix_web::http::header::ALLOW, allow.clone());
    }
    response.into_response(made)
}

fn log_failure(failed: &Failed, id: &str) {
    match failed.severity {
        1 => tracing::error!(request.id = %id, error = %failed.log, "request failed"),
        2 => tracing::warn!(request.id = %id, error = %failed.log, "request refused"),
        _ => tracing::debug!(request.id = %id, error = %failed.log, "request refused"),
    }
}

fn error_page(
    app: &WebApp,
    path: &str,
    status: StatusCode,
    failed: Option<&Failed>,
    id: &str,
) -> ErrorPage {
    let is_closed = failed.is_some_and(|failed| failed.is_closed);
    let is_stopped = failed.is_some_and(|failed| failed.is_stopped);
    let screen = if is_stopped { ErrorScreen::Stopped } else { screen_of(status, is_closed) };
    let slug = path.split('/').nth(1).unwrap_or_default();
    let profile = app
        .services
        .profiles
        .get(slug)
        .filter(|_| app.options.served.iter().any(|served| served == slug));
    let is_staff = profile.is_some() && path.split('/').nth(2) == Some("staff");
    let (shell, home) = match profile {
        Some(profile) if is_staff => {
            let home =
                Link { label: "ホームに戻る".to_owned(), url: format!("/{slug}/staff/") };
            (shell::of_staff(app, profile, screen_or_500(screen)), home)
        }
        Some(profile) => {
            let known = screen_or_500(screen);
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
    if is_staff {
        page.what_to_do = screen.what_staff_do().iter().map(|line| (*line).to_owned()).collect();
    }
    if let Some(what) = failed.and_then(|failed| failed.what.clone()) {
        page.what = what;
    }
    page.detail = failed.and_then(|failed| failed.detail.clone());
    if is_closed {
        page.emergency_stop = profile.and_then(|profile| emergency_stop::link_of(profile));
    }
    page
}

fn screen_or_500(screen: ErrorScreen) -> &'static screens::Screen {
    let known = screens::SCREENS.iter().find(|known| known.id == screen.id());
    known.unwrap_or(&screens::BER500)
}

fn screen_of(status: StatusCode, is_closed: bool) -> ErrorScreen {
    match status.as_u16() {
        403 => ErrorScreen::Forbidden,
        404 | 405 => ErrorScreen::NotFound,
        409 => ErrorScreen::Conflict,
        429 => ErrorScreen::TooMany,
        503 if is_closed => ErrorScreen::Closed,
        503 => ErrorScreen::Unavailable,
        500..=599 => ErrorScreen::Internal,
        _ => ErrorScreen::BadRequest,
    }
}

fn finish(app: &WebApp, response: &mut ServiceResponse<BoxBody>, id: &str, began: Instant) {
    let status = response.status();
    // The pattern, never the path: paths carry flow ids.
    let route = response.request().match_pattern();
    let route = route.as_deref().unwrap_or("unmatched");
    let method = response.request().method().clone();
    let elapsed = began.elapsed();
    if let Some(metrics) = response.request().app_data::<Data<Metrics>>() {
        metrics.note(method.as_str(), route, status.as_str(), elapsed);
    }
    crate::web::security_headers::add(response.headers_mut(), app.options.is_https);
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    tracing::info!(
        request.id = %id,
        http.method = %method,
        http.route = %route,
        http.status = status.as_u16(),
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
}
