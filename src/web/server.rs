//! The HTTP server: scopes per portal with their own cookie, static files, health, and the observer
//! around all of it.

use std::net::TcpListener;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::CookieContentSecurity;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use rustls::ServerConfig;

use crate::operations::demo::clock;
use crate::web::failure::{PageError, see_other};
use crate::web::health::{self, Metrics};
use crate::web::session::{LoginStore, SessionsOf};
use crate::web::visit::PortalScope;
use crate::web::{WebApp, assets, client_certificate, observe, portals, qa, routes, token_app};

/// Forms are small.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Page reads are one short hop each; more threads only wait for each other.
const BLOCKING_THREADS_PER_WORKER: usize = 2;
/// A sender of a big body shall see the 413 before the connection goes.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const COOKIE_KEY_LABEL: &str = "madoguchi session cookie";

/// The second listener, whose clients may show a certificate.
pub struct ClientTls {
    /// Bound already.
    pub listener: TcpListener,
    /// See [`client_certificate::tls_config`].
    pub config: ServerConfig,
}

/// Builds the server on listeners that are bound already.
///
/// # Errors
/// The listener cannot be used, or the metrics cannot be made.
pub fn server(
    app: WebApp,
    listener: TcpListener,
    client_tls: Option<ClientTls>,
    workers: usize,
) -> std::io::Result<Server> {
    let metrics = Data::new(Metrics::new().map_err(std::io::Error::other)?);
    let shares_clock = app.demo.is_some() && clock::is_shared(&app.services);
    let mut server = HttpServer::new(move || {
        let mut site = App::new()
            .app_data(Data::new(app.clone()))
            .app_data(metrics.clone())
            .app_data(PayloadConfig::new(BODY_BYTES_MAX))
            // Inside the observer, which makes the error pages.
            .wrap(Condition::new(app.demo.is_some(), from_fn(qa::recording::record)))
            .wrap(Condition::new(shares_clock, from_fn(qa::follow_clock)))
            .wrap(from_fn(observe::observe))
            .configure(outside_portals)
            .configure(qa::configure)
            .configure(token_app::configure);
        for slug in &app.options.served {
            let Some(profile) = app.services.profiles.get(slug) else { continue };
            let home = format!("/{slug}/");
            let staff_home = format!("/{slug}/staff/");
            site = site
                .route(
                    &format!("/{slug}/staff"),
                    web::get().to(move || {
                        let home = staff_home.clone();
                        async move { see_other(&home) }
                    }),
                )
                // Before the portal's own scope: a scope that matches never falls through.
                .service(
                    web::scope(&format!("/{slug}/staff"))
                        .app_data(PortalScope(profile.clone()))
                        .wrap(sessions(&app, slug, SessionsOf::Staff))
                        .configure(routes::staff::configure)
                        .default_service(web::to(not_found)),
                )
                .route(
                    &format!("/{slug}"),
                    web::get().to(move || {
                        let home = home.clone();
                        async move { see_other(&home) }
                    }),
                )
                .service(
                    web::scope(&format!("/{slug}"))
                        .app_data(PortalScope(profile.clone()))
                        .wrap(sessions(&app, slug, SessionsOf::Customers))
                        .configure(routes::configure)
                        .default_service(web::to(not_found)),
                );
        }
        site.default_service(web::to(not_found))
    })
    .on_connect(client_certificate::on_connect)
    .workers(workers)
    .worker_max_blocking_threads(BLOCKING_THREADS_PER_WORKER)
    .client_disconnect_timeout(DISCONNECT_TIMEOUT)
    .shutdown_timeout(20)
    .disable_signals()
    .listen(listener)?;
    if let Some(tls) = client_tls {
        server = server.listen_rustls_0_23(tls.listener, tls.config)?;
    }
    Ok(server.run())
}

/// What no portal stands for: the list of them, the server's health, static files.
fn outside_portals(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(portals::show))
        .route("/healthz", web::get().to(health::healthz))
        .route("/readyz", web::get().to(health::readyz))
        .route("/metrics", web::get().to(health::metrics))
        .service(
            // A scope, so that no page's address is compared with the pattern.
            web::scope("/static").service(
                // Pages are not compressed: they carry form tokens beside what visitors type.
                web::resource("/{path:.*}")
                    .wrap(Compress::default())
                    .route(web::get().to(assets::show)),
            ),
        );
}

async fn not_found() -> Result<actix_web::HttpResponse, PageError> {
    Err(PageError::NotFound)
}

/// Sessions of one portal: customers and staff have a cookie each.
fn sessions(app: &WebApp, slug: &str, whose: SessionsOf) -> SessionMiddleware<LoginStore> {
    let is_https = app.options.is_https;
    let end = if whose == SessionsOf::Staff { "-staff" } else { "" };
    let name = if is_https { format!("__Host-{slug}{end}") } else { format!("{slug}{end}") };
    let key = app.services.keys.derive::<64>(COOKIE_KEY_LABEL);
    let store = LoginStore::new(app.services.clone(), whose);
    SessionMiddleware::builder(store, Key::from(key.as_slice()))
        .cookie_name(name)
        .cookie_path("/".to_owned())
        .cookie_secure(is_https)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_content_security(CookieContentSecurity::Private)
        .build()
}
