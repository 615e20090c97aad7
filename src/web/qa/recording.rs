//! QAC060: what a tester does is written down as a scenario, which `madoguchi qa replay` does
//! again.

use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::body::{BodyStream, BoxBody, MessageBody, to_bytes, to_bytes_limited};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Data, Form};
use actix_web::{Error, HttpMessage, HttpResponse};
use askama::Template;
use futures_util::future::ready;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use serde::Deserialize;

use super::{Page, blocking, json, shell_of};
use crate::db::queries::mails;
use crate::operations::demo::clock::{ClockMove, ClockRun, set_clock};
use crate::operations::demo::{states, token_wall};
use crate::primitives::clock::{ClockMode, jst_iso};
use crate::scenario::{Act, Exchange, Hints, Recorder, SentFile};
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::Shell;
use crate::web::shell::render;

/// Forms with a file are written down up to here.
const BODY_BYTES_MAX: usize = 1024 * 1024;
const MAILS_MAX: i64 = 50;
/// What is no page of a portal.
const OUTSIDE: [&str; 6] = ["/qa", "/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico"];

/// The recording of a demo: at most one at a time.
#[derive(Clone, Default)]
pub struct Recording {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    recorder: Option<Recorder>,
    is_on: bool,
}

impl Recording {
    fn is_on(&self) -> bool {
        self.inner.lock().is_on
    }

    /// Something was done on the console.
    pub(super) fn did(&self, act: Act) {
        let mut inner = self.inner.lock();
        if inner.is_on
            && let Some(recorder) = &mut inner.recorder
        {
            recorder.did(act);
        }
    }

    fn saw(&self, exchange: &Exchange, hints: &Hints) {
        let mut inner = self.inner.lock();
        if inner.is_on
            && let Some(recorder) = &mut inner.recorder
        {
            recorder.saw(exchange, hints);
        }
    }
}

/// A step in words.
pub struct StepView {
    /// What was done.
    pub act: String,
    /// On what.
    pub what: String,
    /// The screen that showed.
    pub screen: String,
}

/// QAC060.
#[derive(Template)]
#[template(path = "qa/record.html")]
pub struct RecordPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Whether it is going on.
    pub is_on: bool,
    /// Its name; empty where there is none yet.
    pub name: String,
    /// What was written down.
    pub steps: Vec<StepView>,
    /// Addresses of what could not be.
    pub lost: Vec<String>,
    /// What is wrong with the name typed.
    pub error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct NameForm {
    name: String,
}

/// Shows the recording.
///
/// # Errors
/// 404 outside the demo.
pub async fn show(app: Data<WebApp>) -> PageResult {
    page(&app, None, StatusCode::OK)
}

fn page(app: &WebApp, error: Option<String>, status: StatusCode) -> PageResult {
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    let inner = console.recording.inner.lock();
    let scenario = inner.recorder.as_ref().map(Recorder::scenario);
    let view = RecordPage {
        shell: shell_of(app, Page::Record),
        is_on: inner.is_on,
        name: scenario.map(|of| of.name.clone()).unwrap_or_default(),
        steps: scenario.map(|of| of.steps.iter().map(step_view).collect()).unwrap_or_default(),
        lost: inner.recorder.as_ref().map(|of| of.lost().to_vec()).unwrap_or_default(),
        error,
    };
    drop(inner);
    render(status, &view)
}

fn step_view(step: &crate::scenario::Step) -> StepView {
    let (act, what) = match &step.act {
        Act::Reset => ("初期状態に戻す", String::new()),
        Act::Worker => ("ワーカーを実行する", String::new()),
        Act::Faults { mail, .. } => ("障害を設定する", mail.clone()),
        Act::State { name } => ("状態を読み込む", name.clone()),
        Act::Person { name } => ("人を替える", name.clone()),
        Act::Clock { at: Some(at), .. } => ("時計を合わせる", at.clone()),
        Act::Clock { forward, .. } => {
            ("時計を進める", format!("{}秒", forward.unwrap_or_default()))
        }
        Act::Open { path } => ("開く", path.clone()),
        Act::OpenMail { to } => ("メールのリンクを開く", to.clone()),
        Act::Follow { link, .. } => ("リンク", link.clone()),
        Act::Press(press) => ("ボタン", press.button.clone()),
    };
    let screen = step.expect.as_ref().map(|expect| expect.screen.clone()).unwrap_or_default();
    StepView { act: act.to_owned(), what, screen }
}

/// Begins anew: the demo's data are reset as of the clock's time, which stands first in what is
/// written.
///
/// # Errors
/// Database or sealing trouble; 404 outside the demo.
pub(super) async fn start(app: Data<WebApp>, form: Form<NameForm>) -> PageResult {
    let name = form.name.trim().to_owned();
    if !states::is_name(&name) {
        let error = format!("名前は{}文字以内で入力してください。", states::NAME_MAX);
        return page(&app, Some(error), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    let run = match app.services.clock.mode() {
        ClockMode::Frozen(_) => ClockRun::Freeze,
        ClockMode::Real | ClockMode::Offset(_) => ClockRun::Run,
    };
    let services = app.services.clone();
    let wanted = ClockMove { at: None, run, is_jump: true };
    let moved = blocking(move || set_clock(&services, wanted)).await?;
    let steps = vec![Act::Clock { at: Some(jst_iso(moved.now)), forward: None }, Act::Reset];
    let mut inner = console.recording.inner.lock();
    *inner = Inner { recorder: Some(Recorder::begin(&name, steps)), is_on: true };
    drop(inner);
    Ok(see_other("/qa/record"))
}

/// Ends it; what was written stays until the next.
///
/// # Errors
/// 404 outside the demo.
pub async fn stop(app: Data<WebApp>) -> PageResult {
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    console.recording.inner.lock().is_on = false;
    Ok(see_other("/qa/record"))
}

/// The scenario as a file.
///
/// # Errors
/// 404 while nothing was recorded.
pub async fn file(app: Data<WebApp>) -> PageResult {
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    let inner = console.recording.inner.lock();
    let scenario = inner.recorder.as_ref().map(|recorder| recorder.scenario().clone());
    drop(inner);
    let scenario = scenario.ok_or(PageError::NotFound)?;
    let mut answer = json(StatusCode::OK, &scenario);
    let name =
        actix_web::http::header::HeaderValue::from_static("attachment; filename=\"scenario.json\"");
    answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// Writes down what goes by, while a recording is on.
///
/// # Errors
/// Those of the handlers.
pub async fn record(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let app = req.app_data::<Data<WebApp>>().cloned();
    let path = req.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let is_outside = OUTSIDE.iter().any(|start| path.starts_with(start));
    let recording = app.as_ref().and_then(|app| app.demo.as_ref()).map(|of| of.recording.clone());
    let on = recording.filter(|recording| !is_outside && recording.is_on());
    let (Some(app), Some(recording)) = (app, on) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let is_post = *req.method() == Method::POST;
    let (req, sent) = if is_post { with_sent(req).await? } else { (req, SentForm::default()) };
    let SentForm { fields, files } = sent;
    // Before the answer: a code that was used shows no more.
    let hints = if is_post { hints(&app).await } else { Hints::default() };
    let answered = next.call(req).await?.map_into_boxed_body();
    let (answered, html) = with_html(answered).await?;
    let location = answered.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.map(str::to_owned);
    let exchange = Exchange { is_post, path, fields, files, location, html };
    recording.saw(&exchange, &hints);
    Ok(answered)
}

/// The request with its body put back, and what its form sent.
async fn with_sent(mut req: ServiceRequest) -> Result<(ServiceRequest, SentForm), Error> {
    let header = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    let is_multipart =
        header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let length: Option<usize> = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if length.is_none_or(|length| length > BODY_BYTES_MAX) {
        return Ok((req, SentForm::default()));
    }
    let payload = BodyStream::new(req.take_payload());
    let body = match to_bytes_limited(payload, BODY_BYTES_MAX).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) | Err(_) => return Err(PageError::BadRequest("the form broke off").into()),
    };
    let sent = if is_multipart {
        let whole = stream::once(ready(Ok::<_, PayloadError>(body.clone())));
        // What cannot be read as a form is refused by whoever it is sent to.
        parts(Multipart::new(req.headers(), whole)).await.unwrap_or_default()
    } else {
        let fields = url::form_urlencoded::parse(&body)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        SentForm { fields, files: Vec::new() }
    };
    req.set_payload(Payload::from(body));
    Ok((req, sent))
}

/// What a form sent.
#[derive(Default)]
struct SentForm {
    fields: Vec<(String, String)>,
    files: Vec<SentFile>,
}

/// The texts and files of a multipart form. A file that was not chosen is none.
async fn parts(mut multipart: Multipart) -> Option<SentForm> {
    let mut sent = SentForm::default();
    while let Some(part) = multipart.next().await {
        let mut part = part.ok()?;
        let field = part.name()?.to_owned();
        let disposition = part.content_disposition();
        let file_name = disposition.and_then(|of| of.get_filename()).map(str::to_owned);
        let bytes = part.bytes(BODY_BYTES_MAX).await.ok()?.ok()?.to_vec();
        match file_name {
            None => sent.fields.push((field, String::from_utf8_lossy(&bytes).into_owned())),
            Some(name) if name.is_empty() => {}
            Some(file_name) => sent.files.push(SentFile { field, file_name, bytes }),
        }
    }
    Some(sent)
}

/// What codes there are now.
async fn hints(app: &WebApp) -> Hints {
    let services = app.services.clone();
    let found = blocking(move || {
        let codes = token_wall(&services)?.into_iter().map(|token| (token.serial, token.code));
        let codes = codes.collect();
        let mails = services.db.read_blocking(|conn| mails::list_newest(conn, MAILS_MAX))?;
        let mails = mails.into_iter().map(|mail| (mail.to_address, mail.body)).collect();
        Ok(Hints { codes, mails })
    });
    found.await.unwrap_or_default()
}

/// The answer with its body put back, and its page.
async fn with_html(
    answered: ServiceResponse<BoxBody>,
) -> Result<(ServiceResponse<BoxBody>, Option<String>), Error> {
    let kind = answered.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return Ok((answered, None));
    }
    let (request, response) = answered.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|error| {
        actix_web::error::ErrorInternalServerError(format!("the page broke off: {error}"))
    })?;
    let html = String::from_utf8_lossy(&bytes).into_owned();
    let response: HttpResponse = head.set_body(BoxBody::new(bytes));
    Ok((ServiceResponse::new(request, response), Some(html)))
}
