//! How each screen is reached from the demo's first state: scenarios by portal, in JSON beside this
//! file. The console's button plays one and hands the browser over, logged in and on the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use actix_web::web::{Data, Form};
use chrono::NaiveTime;
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use super::{blocking, json};
use crate::operations::OperationError;
use crate::operations::demo::clock::{ClockMove, ClockRun, set_clock};
use crate::primitives::calendar::business_day_after;
use crate::primitives::clock::{Clock, jst_day, jst_to_utc};
use crate::scenario::{Act, Player, Press, Scenario, Step, Value};
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/web/qa/catalogue");
/// Stands for the portal's slug in a step.
const PORTAL: &str = "{portal}";
/// What the address calls the screens of no portal.
pub(super) const NO_PORTAL: &str = "token";

/// A file of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The portals that all of it is about.
    portals: Vec<String>,
    /// What several ways begin with, by name.
    #[serde(default)]
    starts: BTreeMap<String, Vec<Step>>,
    /// The ways.
    screens: Vec<Way>,
}

/// The way to a screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// 画面ID.
    pub screen: String,
    /// Which of its states, in Japanese; empty for the usual one.
    #[serde(default)]
    pub case: String,
    /// Whether it is an error or a state at the edge: a wrong code, nothing in a list, too much.
    #[serde(default)]
    pub edge: bool,
    /// The names of what it begins with, in order.
    #[serde(default)]
    pub from: Vec<String>,
    /// What is done then.
    pub steps: Vec<Step>,
}

/// A way in a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The portal's slug; [`NO_PORTAL`] for none.
    pub portal: String,
    /// What tells it from the portal's others: the screen's id and which of its ways.
    pub key: String,
    /// The way.
    pub way: Way,
}

static ENTRIES: LazyLock<Option<Vec<Entry>>> = LazyLock::new(|| read().ok());

/// Every way, by portal and in the order of the files.
///
/// # Errors
/// A mistake in the shipped files.
pub fn entries() -> Result<&'static [Entry], OperationError> {
    ENTRIES.as_deref().ok_or(OperationError::Corrupt("the catalogue of screens cannot be read"))
}

fn read() -> Result<Vec<Entry>, OperationError> {
    let mut all: Vec<Entry> = Vec::new();
    let mut files: Vec<_> = FILES.files().collect();
    files.sort_by_key(|file| file.path());
    for file in files.into_iter().filter(|file| file.path().extension().is_some()) {
        let text = file.contents_utf8().unwrap_or_default();
        let parsed: File = serde_json::from_str(text).map_err(|error| {
            tracing::error!(file = %file.path().display(), %error, "the catalogue");
            OperationError::Corrupt("the catalogue of screens cannot be read")
        })?;
        for portal in &parsed.portals {
            for way in &parsed.screens {
                all.push(entry(&parsed, portal, way, &all)?);
            }
        }
    }
    Ok(all)
}

fn entry(file: &File, portal: &str, way: &Way, all: &[Entry]) -> Result<Entry, OperationError> {
    let mut steps = Vec::new();
    for name in &way.from {
        let start = file.starts.get(name);
        let start = start.ok_or(OperationError::Corrupt("the catalogue names no such start"))?;
        steps.extend(start.iter().cloned());
    }
    steps.extend(way.steps.iter().cloned());
    for step in &mut steps {
        put_portal(&mut step.act, portal);
    }
    let known = all.iter().filter(|of| of.portal == portal && of.way.screen == way.screen);
    let key = format!("{}.{}", way.screen, known.count() + 1);
    let way = Way { steps, from: Vec::new(), ..way.clone() };
    Ok(Entry { portal: portal.to_owned(), key, way })
}

fn put_portal(act: &mut Act, portal: &str) {
    let put = |text: &mut String| *text = text.replace(PORTAL, portal);
    match act {
        Act::Open { path } => put(path),
        Act::OpenMail { to } => put(to),
        Act::Follow { link, .. } => put(link),
        Act::Press(Press { button, fields, .. }) => {
            put(button);
            for value in fields.values_mut() {
                if let Value::Text(text) = value {
                    put(text);
                }
            }
        }
        Act::Reset
        | Act::Clock { .. }
        | Act::Worker
        | Act::Faults { .. }
        | Act::State { .. }
        | Act::Person { .. } => {}
    }
}

/// What the console's button sends.
#[derive(Debug, Deserialize)]
pub(super) struct OpenForm {
    portal: String,
    key: String,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    portal: &'a str,
    key: &'a str,
    screen: &'a str,
    case: &'a str,
    edge: bool,
}

/// Every way as JSON.
///
/// # Errors
/// A mistake in the shipped files.
pub(super) async fn list(app: Data<WebApp>) -> PageResult {
    let all = entries()?;
    let served: BTreeSet<&str> = app.options.served.iter().map(String::as_str).collect();
    let is_served = |of: &&Entry| of.portal == NO_PORTAL || served.contains(of.portal.as_str());
    let list: Vec<EntryJson<'_>> = all
        .iter()
        .filter(is_served)
        .map(|of| EntryJson {
            portal: &of.portal,
            key: &of.key,
            screen: &of.way.screen,
            case: &of.way.case,
            edge: of.way.edge,
        })
        .collect();
    Ok(json(StatusCode::OK, &list))
}

/// Sets the demo's data and clock, does what leads to the screen, and hands the browser over.
///
/// # Errors
/// 404 for a way that there is not; 503 where the way does not lead there.
pub(super) async fn open(app: Data<WebApp>, form: Form<OpenForm>) -> PageResult {
    let console = app.demo.as_ref().ok_or(PageError::NotFound)?;
    let all = entries()?;
    let found = all.iter().find(|of| of.portal == form.portal && of.key == form.key);
    let entry = found.ok_or(PageError::NotFound)?;
    let services = app.services.clone();
    // Ten o'clock of the next business day: everything is open, and waits end before it closes.
    let day = business_day_after(jst_day(Clock::real_now()));
    let at = jst_to_utc(day.and_time(NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default()));
    let wanted = ClockMove { at: Some(at), run: ClockRun::Run, is_jump: true };
    blocking(move || set_clock(&services, wanted)).await?;
    let failed = |what: String| {
        tracing::error!(portal = %entry.portal, key = %entry.key, %what, "a way of the catalogue");
        PageError::Unavailable(format!("{} {}: {what}", entry.portal, entry.key))
    };
    let scenario = Scenario { name: entry.key.clone(), steps: entry.way.steps.clone() };
    let mut player = Player::new(&console.base_url).map_err(|error| failed(error.to_string()))?;
    let replay = player.replay(&scenario).await;
    if let Some((no, error)) = replay.stopped {
        return Err(failed(format!("step {no}: {error}")));
    }
    let (answer, browser) = player.shown().ok_or_else(|| failed("no page".to_owned()))?;
    let screen = answer.page().screen();
    if screen != entry.way.screen {
        return Err(failed(format!("it leads to {screen} at {}", answer.path)));
    }
    let mut response = match answer.is_get {
        true => HttpResponse::SeeOther(),
        false => HttpResponse::build(
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        ),
    };
    for line in browser.set_cookies() {
        response.append_header((SET_COOKIE, line));
    }
    response.insert_header((CACHE_CONTROL, "no-store"));
    if answer.is_get {
        return Ok(response.insert_header((LOCATION, answer.path.clone())).finish());
    }
    // What a form was answered with has no address of its own.
    Ok(response
        .insert_header((CONTENT_TYPE, answer.content_type.clone()))
        .body(answer.html.clone()))
}
