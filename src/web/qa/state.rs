//! Acts on the whole demo: back to its first state, and one round of the worker.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Serialize;

use super::{Page, blocking, json, shell_of, wants_json};
use crate::domain::job::JobRun;
use crate::operations::demo;
use crate::primitives::clock::jst_iso;
use crate::scenario::Act;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::Shell;
use crate::web::shell::render;

#[derive(Serialize)]
struct ResetJson {
    as_of: String,
    users: usize,
    tokens: usize,
    entries: usize,
}

#[derive(Serialize)]
struct WorkerJson {
    jobs: Vec<JobRun>,
}

/// QAC002.
#[derive(Template)]
#[template(path = "qa/worker.html")]
pub struct WorkerPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What each job did.
    pub jobs: Vec<JobRun>,
}

/// Puts the demo data back as of the clock's time and ends all logins.
///
/// # Errors
/// Database or sealing trouble.
pub async fn reset(app: Data<WebApp>, request: HttpRequest) -> PageResult {
    let services = app.services.clone();
    let report = blocking(move || demo::reset(&services)).await?;
    if let Some(console) = &app.demo {
        console.recording.did(Act::Reset);
    }
    if !wants_json(&request) {
        return Ok(see_other("/qa?done=reset"));
    }
    let demo::LoadReport { as_of, users, tokens, entries, .. } = report;
    Ok(json(StatusCode::OK, &ResetJson { as_of: jst_iso(as_of), users, tokens, entries }))
}

/// Runs every due job once and says what each did.
///
/// # Errors
/// 404 outside the demo.
pub async fn run_worker(app: Data<WebApp>, request: HttpRequest) -> PageResult {
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    let run_jobs = Arc::clone(&console.run_jobs);
    let jobs = blocking(move || Ok(run_jobs())).await?;
    console.recording.did(Act::Worker);
    if wants_json(&request) {
        return Ok(json(StatusCode::OK, &WorkerJson { jobs }));
    }
    render(StatusCode::OK, &WorkerPage { shell: shell_of(&app, Page::Worker), jobs })
}
