//! The QA console: what stands beside the portals while demo data is loaded. It shows secrets and
//! changes everything, so it answers on loopback only, to pages of its own and to scripts.

mod catalogue;
mod clock;
mod faults;
mod files;
mod flow;
mod home;
mod mails;
mod pictures;
pub mod recording;
mod screens;
mod state;
mod states;
#[cfg(test)]
mod tests;
mod tokens;
pub mod tour;

pub(super) use self::clock::follow_clock;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, HOST, ORIGIN};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse};
use serde::Serialize;

use crate::operations::OperationError;
use crate::web::WebApp;
use crate::web::client_certificate;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{NavItem, Shell};
use crate::web::shell;

/// Registers the console's addresses.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        web::scope("/qa")
            .wrap(from_fn(guard))
            .route("", web::get().to(home::show))
            .route("/", web::get().to(home::show))
            .route("/mails", web::get().to(mails::show))
            .route("/mails.json", web::get().to(mails::list))
            .route("/tokens", web::get().to(tokens::show))
            .route("/tokens.json", web::get().to(tokens::list))
            .route("/tokens/{portal}/{serial}/qr.svg", web::get().to(tokens::qr))
            .service(
                web::resource("/clock")
                    .route(web::get().to(clock::show))
                    .route(web::post().to(clock::submit)),
            )
            .route("/clock.json", web::get().to(clock::get))
            .route("/reset", web::post().to(state::reset))
            .route("/worker/run", web::post().to(state::run_worker))
            .route("/files", web::get().to(files::show))
            .route("/files/{portal}/{name}", web::get().to(files::download))
            .route("/screens", web::get().to(screens::show))
            .route("/screens.json", web::get().to(screens::list))
            .route("/screens/ways.json", web::get().to(catalogue::list))
            .route("/screens/open", web::post().to(catalogue::open))
            .route("/pictures/{portal}/{name}", web::get().to(pictures::show))
            .route("/flow", web::get().to(flow::show))
            .route("/flow/{file}", web::get().to(flow::whole))
            .route("/states", web::get().to(states::show))
            .route("/states.json", web::get().to(states::list))
            .route("/states/save", web::post().to(states::save))
            .route("/states/load", web::post().to(states::load))
            .route("/states/delete", web::post().to(states::delete))
            .service(
                web::resource("/faults")
                    .route(web::get().to(faults::show))
                    .route(web::post().to(faults::submit)),
            )
            .route("/faults.json", web::get().to(faults::list))
            .route("/record", web::get().to(recording::show))
            .route("/record.json", web::get().to(recording::file))
            .route("/record/start", web::post().to(recording::start))
            .route("/record/stop", web::post().to(recording::stop))
            .default_service(web::to(not_found)),
    );
}

async fn not_found() -> PageResult {
    Err(PageError::NotFound)
}

/// Lets in only who asks this machine from this machine, and answers scripts in JSON.
///
/// # Errors
/// For pages those of the handlers; for scripts none.
async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wants_json = wants_json(req.request());
    // Nobody else may hold the request while it is routed.
    let answered = match check(req.request()) {
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
        Err(refusal) => req.error_response(refusal),
    };
    match answered.response().error().filter(|_| wants_json).map(json_error) {
        Some(made) => Ok(answered.into_response(made)),
        None => Ok(answered),
    }
}

/// A page of another site, or a name that another site made point here (DNS rebinding), must not
/// reach the console, which has no login.
fn check(request: &HttpRequest) -> Result<(), PageError> {
    let app = request.app_data::<Data<WebApp>>();
    if app.is_none_or(|app| app.demo.is_none()) || client_certificate::came_to_tls(request) {
        return Err(PageError::NotFound);
    }
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err(PageError::Forbidden("the QA console answers to loopback names only"));
    }
    let site = header(actix_web::http::header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(PageError::Forbidden("the QA console answers to its own pages only"));
    }
    let is_own = match header(ORIGIN) {
        None => true,
        // Forms of pages that send no referrer have no origin; then the line above has to know.
        Some("null") => site.is_some(),
        Some(origin) => origin.split_once("://").is_some_and(|(_, from)| from == host),
    };
    if is_own { Ok(()) } else { Err(PageError::Forbidden("the request comes from elsewhere")) }
}

/// `localhost`, 127.0.0.0/8 or `[::1]`, with or without a port.
fn is_loopback(host: &str) -> bool {
    use std::net::{IpAddr, SocketAddr};
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<SocketAddr>().map(|known| known.ip());
    match address.or_else(|_| bare.parse::<IpAddr>()) {
        Ok(address) => address.is_loopback(),
        Err(_) => host.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case("localhost")),
    }
}

/// Scripts ask for `.json`, or post without asking for a page.
fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let wants_page = accept.is_some_and(|types| types.contains("text/html"));
    request.path().ends_with(".json") || (*request.method() == Method::POST && !wants_page)
}

#[derive(Serialize)]
struct JsonError {
    error: String,
}

fn json_error(error: &Error) -> HttpResponse {
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        tracing::error!(%error, "the QA console failed");
    }
    json(status, &JsonError { error: error.to_string() })
}

/// JSON that nobody keeps.
fn json(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(value)
}

/// Runs an operation where it may block.
///
/// # Errors
/// The operation's.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, OperationError> + Send + 'static,
) -> Result<T, PageError> {
    match web::block(act).await {
        Ok(result) => Ok(result?),
        Err(gone) => Err(PageError::Unavailable(gone.to_string())),
    }
}

/// Screens of the console itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Home,
    Worker,
    Mails,
    Tokens,
    Clock,
    Screens,
    Files,
    Record,
    States,
    Faults,
    Flow,
}

impl Page {
    fn id(self) -> &'static str {
        match self {
            Page::Home => "QAC001",
            Page::Worker => "QAC002",
            Page::Mails => "QAC010",
            Page::Tokens => "QAC020",
            Page::Clock => "QAC030",
            Page::Screens => "QAC040",
            Page::Files => "QAC050",
            Page::Record => "QAC060",
            Page::States => "QAC070",
            Page::Faults => "QAC080",
            Page::Flow => "QAC041",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Page::Home => "QAコンソール",
            Page::Worker => "ワーカーの実行結果",
            Page::Mails => "メール",
            Page::Tokens => "トークン",
            Page::Clock => "時計",
            Page::Screens => "画面の一覧",
            Page::Files => "ファイル",
            Page::Record => "操作の記録",
            Page::States => "保存した状態",
            Page::Faults => "障害",
            Page::Flow => "画面の流れ",
        }
    }
}

/// The shell of a page of the console.
fn shell_of(app: &WebApp, page: Page) -> Shell {
    let nav = [
        ("QAコンソール", "/qa", Page::Home),
        ("メール", "/qa/mails", Page::Mails),
        ("トークン", "/qa/tokens", Page::Tokens),
        ("時計", "/qa/clock", Page::Clock),
        ("画面の一覧", "/qa/screens", Page::Screens),
        ("画面の流れ", "/qa/flow", Page::Flow),
        ("ファイル", "/qa/files", Page::Files),
        ("操作の記録", "/qa/record", Page::Record),
        ("保存した状態", "/qa/states", Page::States),
        ("障害", "/qa/faults", Page::Faults),
        ("サービスの一覧", "/", Page::Worker),
    ];
    let mut shell = shell::outside(app, page.id(), page.title());
    shell.nav = nav
        .into_iter()
        .map(|(label, url, leads_to)| NavItem {
            label: label.to_owned(),
            url: url.to_owned(),
            is_current: leads_to == page && page != Page::Worker,
        })
        .collect();
    shell
}

/// The portals that the server answers for, as slug and institution.
fn served(app: &WebApp) -> Vec<(String, String)> {
    app.options
        .served
        .iter()
        .filter_map(|slug| app.services.profiles.get(slug))
        .map(|profile| (profile.slug().to_owned(), profile.portal.institution.clone()))
        .collect()
}
