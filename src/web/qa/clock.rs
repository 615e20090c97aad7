//! The clock: shown, set, moved, stopped. Forward keeps everything; back and jumps reload.

use std::collections::BTreeMap;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{Error, HttpRequest, HttpResponse};
use askama::Template;
use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::home::{ClockView, clock_view};
use super::{Page, blocking, json, shell_of, wants_json};
use crate::operations::demo::clock::{ClockMove, ClockMoved, ClockRun, restore, set_clock};
use crate::operations::demo::token_wall;
use crate::operations::demo::wall::WallState;
use crate::primitives::clock::{
    ClockMode, UtcTime, jst_iso, jst_minute_text, jst_to_utc, parse_rfc3339, to_jst,
};
use crate::scenario::Act;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::shell::render;

/// Days that matter, in Japan time, and why.
const JUMPS: [(&str, &str); 6] = [
    ("2016-02-29T00:00:00+09:00", "認証アプリによるサービスの開始"),
    ("2017-03-13T00:00:00+09:00", "スマートフォンアプリの受付開始"),
    ("2017-07-24T00:00:00+09:00", "他社製の認証アプリの受付終了"),
    ("2017-07-24T06:59:00+09:00", "同じ日の午前7時の1分前"),
    ("2018-03-12T00:00:00+09:00", "パソコン用アプリの受付終了"),
    ("02:59", "失効後の待ち時間が変わる時刻"),
];
/// The least that the forward buttons move, in seconds.
const STEPS: [(i64, &str); 7] = [
    (30, "30秒"),
    (60, "1分"),
    (660, "11分"),
    (1_800, "30分"),
    (28_800, "8時間"),
    (86_400, "1日"),
    (2_592_000, "30日"),
];
/// Just before an expiry, so that testers see it come.
const BEFORE_EXPIRY: TimeDelta = TimeDelta::seconds(10);
const BAD_TIME: &str = "日時は「2026-10-05T10:00:00+09:00」の形で入力してください。";

/// A button that moves the clock.
#[derive(Clone)]
pub struct ClockButton {
    /// The value sent.
    pub value: String,
    /// The words on it.
    pub label: String,
    /// What happens then.
    pub reason: String,
}

/// QAC030.
#[derive(Template)]
#[template(path = "qa/clock.html")]
pub struct ClockPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong with the time typed.
    pub error: Option<String>,
    /// The clock.
    pub clock: ClockView,
    /// For the field, in Japan time.
    pub at: String,
    /// Whether the clock stands.
    pub is_frozen: bool,
    /// Moves forward.
    pub steps: Vec<ClockButton>,
    /// Moves to just before an expiry, which keep everything.
    pub expiries: Vec<ClockButton>,
    /// Jumps, which reload.
    pub jumps: Vec<ClockButton>,
}

#[derive(Deserialize)]
pub(super) struct ClockQuery {
    done: Option<String>,
}

#[derive(Serialize)]
struct ClockJson {
    now: String,
    mode: &'static str,
    reloaded: bool,
}

/// Shows the clock.
///
/// # Errors
/// Database or key trouble.
pub async fn show(app: Data<WebApp>, query: Query<ClockQuery>) -> PageResult {
    let notice = match query.done.as_deref() {
        Some("moved") => Some(("時計を合わせました。", "データとログインはそのままです。")),
        Some("reloaded") => Some((
            "時計を合わせ、デモデータを読み込み直しました。",
            "データはこの時刻を基準に作られています。全員ログアウトしました。",
        )),
        _ => None,
    };
    page(&app, notice, None, StatusCode::OK).await
}

async fn page(
    app: &WebApp,
    notice: Option<(&str, &str)>,
    error: Option<String>,
    status: StatusCode,
) -> PageResult {
    let now = app.services.clock.now();
    let page = ClockPage {
        shell: shell_of(app, Page::Clock),
        notice: notice.map(|(title, text)| Notice {
            tone: Tone::Success,
            title: title.to_owned(),
            text: vec![text.to_owned()],
        }),
        error,
        clock: clock_view(app),
        at: to_jst(now).format("%Y-%m-%dT%H:%M:%S").to_string(),
        is_frozen: matches!(app.services.clock.mode(), ClockMode::Frozen(_)),
        steps: STEPS.map(|(seconds, label)| button(seconds.to_string(), label, "")).to_vec(),
        expiries: expiries(app, now).await?,
        jumps: JUMPS.iter().filter_map(|(text, reason)| jump(text, reason, now)).collect(),
    };
    render(status, &page)
}

fn button(value: String, label: impl Into<String>, reason: &str) -> ClockButton {
    ClockButton { value, label: label.into(), reason: reason.to_owned() }
}

/// A jump to a date, or to a time of the present day.
fn jump(text: &str, reason: &str, now: UtcTime) -> Option<ClockButton> {
    let at = match parse_rfc3339(text) {
        Some(at) => at,
        None => jst_to_utc(to_jst(now).date().and_time(text.parse().ok()?)),
    };
    Some(button(jst_iso(at), jst_minute_text(at), reason))
}

/// The next ends of tokens in use, a few of them.
async fn expiries(app: &WebApp, now: UtcTime) -> Result<Vec<ClockButton>, PageError> {
    let services = app.services.clone();
    let tokens = blocking(move || token_wall(&services)).await?;
    let mut ends: BTreeMap<UtcTime, String> = BTreeMap::new();
    for token in tokens.into_iter().filter(|token| token.state == WallState::InUse) {
        if let Some(end) = token.expires_at.filter(|end| *end > now + BEFORE_EXPIRY) {
            ends.entry(end).or_insert(token.serial);
        }
    }
    let of = |(end, serial): (UtcTime, String)| {
        button(jst_iso(end - BEFORE_EXPIRY), jst_minute_text(end), &format!("{serial} の有効期限"))
    };
    Ok(ends.into_iter().take(3).map(of).collect())
}

/// The clock as JSON.
///
/// # Errors
/// None.
pub async fn get(app: Data<WebApp>) -> PageResult {
    Ok(json(StatusCode::OK, &clock_json(&app, app.services.clock.now(), false)))
}

/// Sets the clock: `at` (RFC 3339, or without offset in Japan time) or `forward_seconds`, `mode`
/// (run, freeze, real; as before without one), `jump` to reload.
///
/// # Errors
/// 400 for what cannot be read (scripts), database or sealing trouble.
pub async fn submit(app: Data<WebApp>, request: HttpRequest, body: Bytes) -> PageResult {
    let wants_json = wants_json(&request);
    let wanted = fields(&request, &body).and_then(|fields| {
        clock_move(&fields, app.services.clock.now(), app.services.clock.mode())
    });
    let wanted = match wanted {
        Some(wanted) => wanted,
        None if wants_json => {
            return Err(PageError::BadRequest(
                "at is RFC 3339 with offset, mode is run, freeze or real",
            ));
        }
        None => {
            let error = Some(BAD_TIME.to_owned());
            return page(&app, None, error, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let services = app.services.clone();
    let moved = blocking(move || set_clock(&services, wanted)).await?;
    if let Some(console) = &app.demo {
        let at = Some(jst_iso(moved.now));
        console.recording.did(Act::Clock { at, forward: None });
    }
    Ok(answer(&app, wants_json, &moved))
}

fn answer(app: &WebApp, wants_json: bool, moved: &ClockMoved) -> HttpResponse {
    let reloaded = moved.reloaded.is_some();
    if !wants_json {
        let done = if reloaded { "reloaded" } else { "moved" };
        return see_other(&format!("/qa/clock?done={done}"));
    }
    json(StatusCode::OK, &clock_json(app, moved.now, reloaded))
}

fn clock_json(app: &WebApp, now: UtcTime, reloaded: bool) -> ClockJson {
    let mode = match app.services.clock.mode() {
        ClockMode::Real => "real",
        ClockMode::Offset(_) => "run",
        ClockMode::Frozen(_) => "freeze",
    };
    ClockJson { now: jst_iso(now), mode, reloaded }
}

/// The fields of a form or of a JSON object, as texts.
fn fields(request: &HttpRequest, body: &[u8]) -> Option<BTreeMap<String, String>> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        let text = std::str::from_utf8(body).ok()?;
        return Some(Query::<BTreeMap<String, String>>::from_query(text).ok()?.into_inner());
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    Some(object.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// What the fields ask for.
pub(super) fn clock_move(
    fields: &BTreeMap<String, String>,
    now: UtcTime,
    mode: ClockMode,
) -> Option<ClockMove> {
    let known = ["at", "mode", "jump", "forward_seconds"];
    if fields.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let field = |name: &str| fields.get(name).map(|text| text.trim()).filter(|t| !t.is_empty());
    let run = match (field("mode"), mode) {
        (Some("run"), _) => ClockRun::Run,
        (Some("freeze"), _) | (None, ClockMode::Frozen(_)) => ClockRun::Freeze,
        (Some("real"), _) => ClockRun::Real,
        (None, ClockMode::Real | ClockMode::Offset(_)) => ClockRun::Run,
        (Some(_), _) => return None,
    };
    let at = match (field("at"), field("forward_seconds")) {
        (Some(text), None) => Some(time(text)?),
        (None, Some(seconds)) => {
            let ahead = TimeDelta::try_seconds(seconds.parse::<u32>().ok()?.into())?;
            Some(now.checked_add_signed(ahead)?)
        }
        (None, None) => None,
        (Some(_), Some(_)) => return None,
    };
    let is_jump = matches!(field("jump"), Some("1" | "true" | "on"));
    // Nothing at all is no wish.
    (at.is_some() || field("mode").is_some() || is_jump).then_some(ClockMove { at, run, is_jump })
}

/// Years that the portals know; far outside, calendars and codes stop making sense.
fn time(text: &str) -> Option<UtcTime> {
    use chrono::Datelike;
    let in_japan = |form| NaiveDateTime::parse_from_str(text, form).ok().map(jst_to_utc);
    let at = parse_rfc3339(text)
        .or_else(|| in_japan("%Y-%m-%dT%H:%M:%S"))
        .or_else(|| in_japan("%Y-%m-%dT%H:%M"))?;
    (2016..=2099).contains(&to_jst(at).year()).then_some(at)
}

/// Sees to it that a page shows the time that was set through another process of the same demo.
///
/// # Errors
/// 503 where the database is out of reach; those of the handlers.
pub async fn follow_clock(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_page = !req.path().starts_with("/static/");
    if let Some(app) = req.app_data::<Data<WebApp>>().filter(|_| is_page) {
        let services = app.services.clone();
        blocking(move || Ok(restore(&services)?)).await?;
    }
    next.call(req).await
}
