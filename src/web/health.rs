//! `/healthz` (the process answers), `/readyz` (the database answers; migrations are not looked at)
//! and `/metrics` (Prometheus).

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::db::DbError;
use crate::db::queries::settings;
use crate::web::WebApp;
use crate::web::client_certificate;
use crate::web::failure::{PageError, PageResult};

/// Upper ends of the latency buckets, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The counts of one server.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    write_queue: IntGauge,
    groups: IntGauge,
    repeated_groups: IntGauge,
    jobs: IntGauge,
    retries: IntGauge,
}

impl Metrics {
    /// New counts, all zero.
    ///
    /// # Errors
    /// A metric's name is not allowed or stands twice.
    pub fn new() -> Result<Metrics, prometheus::Error> {
        let requests = IntCounterVec::new(
            Opts::new("madoguchi_requests_total", "Requests answered."),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("madoguchi_request_seconds", "Time to answer, in seconds.")
                .buckets(BUCKETS.to_vec()),
            &["route"],
        )?;
        let gauge = |name: &str, help: &str| IntGauge::new(name, help);
        let metrics = Metrics {
            registry: Registry::new(),
            requests,
            seconds,
            write_queue: gauge("madoguchi_write_queue", "Writes waiting for the writer.")?,
            groups: gauge("madoguchi_groups_committed", "Group commits since the start.")?,
            repeated_groups: gauge(
                "madoguchi_groups_repeated",
                "Groups run again with savepoints since the start.",
            )?,
            jobs: gauge("madoguchi_writes_committed", "Writes committed since the start.")?,
            retries: gauge("madoguchi_write_retries", "Writes tried again since the start.")?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        for gauge in [
            &metrics.write_queue,
            &metrics.groups,
            &metrics.repeated_groups,
            &metrics.jobs,
            &metrics.retries,
        ] {
            metrics.registry.register(Box::new(gauge.clone()))?;
        }
        Ok(metrics)
    }

    /// Counts one answered request.
    pub fn note(&self, method: &str, route: &str, status: &str, elapsed: Duration) {
        self.requests.with_label_values(&[method, route, status]).inc();
        self.seconds.with_label_values(&[route]).observe(elapsed.as_secs_f64());
    }
}

/// `/healthz`.
pub async fn healthz() -> HttpResponse {
    plain("ok\n")
}

/// `/readyz`.
pub async fn readyz(app: Data<WebApp>) -> HttpResponse {
    let answer: Result<_, DbError> =
        app.services.db.read(|conn| settings::find(conn, "ready")).await;
    match answer {
        Ok(_) => plain("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable()
                .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
                .body("the database does not answer\n")
        }
    }
}

/// `/metrics`, for this machine only: neither other machines nor what a proxy forwards sees it.
///
/// # Errors
/// 404 for everybody else.
pub async fn metrics(
    request: HttpRequest,
    app: Data<WebApp>,
    metrics: Data<Metrics>,
) -> PageResult {
    let is_local = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback());
    let is_forwarded = request.headers().contains_key("x-forwarded-for");
    if !is_local || is_forwarded || client_certificate::came_to_tls(&request) {
        return Err(PageError::NotFound);
    }
    let stats = app.services.db.stats();
    let wide = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    metrics.write_queue.set(wide(stats.queue_length));
    metrics.groups.set(wide(stats.groups));
    metrics.repeated_groups.set(wide(stats.repeated_groups));
    metrics.jobs.set(wide(stats.jobs));
    metrics.retries.set(wide(stats.retries));
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    match encoder.encode(&metrics.registry.gather(), &mut text) {
        Ok(()) => {
            Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, encoder.format_type())).body(text))
        }
        Err(error) => Err(PageError::Internal(error.to_string())),
    }
}

fn plain(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}
