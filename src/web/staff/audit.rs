//! STF060 監査ログ: search, CSV, check of the hash chain.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Query};
use chrono::{Datelike, NaiveDateTime};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::db::queries::audit::{self, LineFilter};
use crate::domain::audit::{AuditLine, AuditResult};
use crate::operations::Services;
use crate::operations::audit::verify::{Finding, Report, verify};
use crate::primitives::clock::{jst_iso, jst_receipt_text, jst_to_utc};
use crate::primitives::ids::AuditLineId;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::encoded;

const ROWS: usize = 50;
/// Lines of a CSV read at once.
const SLICE: i64 = 1_000;
const INPUT_MAX: usize = 100;

/// A line in the list.
pub struct LineRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub time: String,
    /// Who.
    pub actor: String,
    /// From where.
    pub source: String,
    /// What.
    pub operation: String,
    /// On what.
    pub object: String,
    /// How it ended.
    pub result: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// More.
    pub details: String,
}

/// STF060.
#[derive(askama::Template)]
#[template(path = "staff/audit.html")]
pub struct AuditPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Where the search is sent.
    pub action: String,
    /// What was looked for.
    pub asked: AuditQuery,
    /// Conditions that cannot be read; then nothing was looked for.
    pub problems: Vec<&'static str>,
    /// Newest first.
    pub rows: Vec<LineRow>,
    /// Older ones.
    pub next: Option<Link>,
    /// The same as CSV.
    pub csv_url: String,
    /// The check of the chain.
    pub check_url: String,
}

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AuditQuery {
    /// Not before, in Japan time.
    #[serde(default)]
    pub from: String,
    /// Before, in Japan time.
    #[serde(default)]
    pub until: String,
    /// Begin of the actor.
    #[serde(default)]
    pub actor: String,
    /// Begin of the operation.
    #[serde(default)]
    pub operation: String,
    /// The object.
    #[serde(default)]
    pub object: String,
    /// The result.
    #[serde(default)]
    pub result: String,
    #[serde(default)]
    before: Option<i64>,
}

impl AuditQuery {
    /// Whether this result is chosen.
    pub fn has_result(&self, result: &str) -> bool {
        self.result == result
    }

    fn cut(mut self) -> AuditQuery {
        let fields = [
            &mut self.from,
            &mut self.until,
            &mut self.actor,
            &mut self.operation,
            &mut self.object,
            &mut self.result,
        ];
        for field in fields {
            let typed = field.trim().chars().filter(|c| !c.is_control());
            *field = typed.take(INPUT_MAX).collect();
        }
        self
    }

    /// What cannot be read. A search without such a condition would show more than was asked for.
    fn problems(&self) -> Vec<&'static str> {
        let is_odd_time = |text: &str| !text.is_empty() && parse_time(text).is_none();
        let is_odd_result =
            !self.result.is_empty() && AuditResult::from_text(&self.result).is_none();
        [
            (
                is_odd_time(&self.from) || is_odd_time(&self.until),
                "日時は、1900年から2999年までの年月日と時刻で指定してください。",
            ),
            (is_odd_result, "結果は、一覧から選んでください。"),
        ]
        .into_iter()
        .filter_map(|(is_so, words)| is_so.then_some(words))
        .collect()
    }

    fn filter(&self) -> LineFilter {
        LineFilter {
            from: parse_time(&self.from),
            until: parse_time(&self.until),
            actor: self.actor.clone(),
            operation: self.operation.clone(),
            object: self.object.clone(),
            result: AuditResult::from_text(&self.result),
        }
    }

    fn text(&self) -> String {
        let pairs = [
            ("from", &self.from),
            ("until", &self.until),
            ("actor", &self.actor),
            ("operation", &self.operation),
            ("object", &self.object),
            ("result", &self.result),
        ];
        let set = pairs.iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> =
            set.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        parts.join("&")
    }
}

/// As browsers send a date with time.
fn parse_time(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|time| (1_900..3_000).contains(&time.year()))
        .map(jst_to_utc)
}

/// Shows the lines looked for.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<AuditQuery>) -> PageResult {
    let asked = query.into_inner().cut();
    let (slug, filter) = (visit.profile.slug().to_owned(), asked.filter());
    let (before, problems) = (asked.before.map(AuditLineId), asked.problems());
    let is_readable = problems.is_empty();
    let (who, mut found) = principal::enter(&visit, move |conn, _| {
        if !is_readable {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        audit::search(conn, &slug, &filter, before, limit)
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let text = asked.text();
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{}?{text}&before={}", visit.url("audit"), last.id),
    });
    let page = AuditPage {
        shell: visit.shell_of(&screens::STF060, &who),
        action: visit.url("audit"),
        problems,
        rows: found.into_iter().map(row).collect(),
        next,
        csv_url: format!("{}?{text}", visit.url("audit.csv")),
        check_url: visit.url("audit/check"),
        asked,
    };
    visit.form_page(!is_readable, &page)
}

fn row(line: AuditLine) -> LineRow {
    let (result, class) = match line.result {
        AuditResult::Done => ("完了", "success"),
        AuditResult::Refused => ("拒否", "warn"),
    };
    LineRow {
        id: line.id.0,
        time: jst_receipt_text(line.happened_at),
        actor: if line.actor.is_empty() { "不明".to_owned() } else { line.actor },
        source: line.source,
        operation: line.operation,
        object: line.object,
        result,
        class,
        details: line.details,
    }
}

/// The lines looked for as CSV, slice by slice, however many they are.
///
/// # Errors
/// 303 to the login.
pub async fn csv(visit: StaffVisit, query: Query<AuditQuery>) -> PageResult {
    let (_, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let asked = query.into_inner().cut();
    if !asked.problems().is_empty() {
        return Err(PageError::BadRequest("a search that cannot be read"));
    }
    let begin = Slices {
        services: visit.app.services.clone(),
        slug: visit.profile.slug().to_owned(),
        filter: asked.filter(),
        at: Place::Head,
    };
    let body = stream::try_unfold(begin, |slices| async move { slices.next().await });
    let name = format!("attachment; filename=\"audit-{}.csv\"", visit.profile.slug());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(body))
}

/// How far a CSV has come.
enum Place {
    Head,
    Before(Option<AuditLineId>),
    End,
}

struct Slices {
    services: Services,
    slug: String,
    filter: LineFilter,
    at: Place,
}

impl Slices {
    async fn next(mut self) -> Result<Option<(Bytes, Slices)>, PageError> {
        let before = match self.at {
            Place::End => return Ok(None),
            Place::Head => {
                self.at = Place::Before(None);
                // The mark tells spreadsheets that this is UTF-8.
                let head = ["\u{feff}", &csv_line(&HEAD.map(str::to_owned))].concat();
                return Ok(Some((Bytes::from(head), self)));
            }
            Place::Before(before) => before,
        };
        let (slug, filter) = (self.slug.clone(), self.filter.clone());
        let lines = self
            .services
            .db
            .read(move |conn| audit::search(conn, &slug, &filter, before, SLICE))
            .await?;
        let Some(last) = lines.last() else { return Ok(None) };
        let is_full = i64::try_from(lines.len()) == Ok(SLICE);
        self.at = if is_full { Place::Before(Some(last.id)) } else { Place::End };
        let text: String = lines.iter().map(|line| csv_line(&cells(line))).collect();
        Ok(Some((Bytes::from(text), self)))
    }
}

const HEAD: [&str; 9] = [
    "id",
    "happened_at",
    "actor_kind",
    "actor",
    "source",
    "operation",
    "object",
    "result",
    "details",
];

fn cells(line: &AuditLine) -> [String; 9] {
    [
        line.id.to_string(),
        jst_iso(line.happened_at),
        line.actor_kind.to_string(),
        line.actor.clone(),
        line.source.clone(),
        line.operation.clone(),
        line.object.clone(),
        line.result.to_string(),
        line.details.clone(),
    ]
}

/// What a spreadsheet may take for the beginning of a formula; Japanese ones full-width signs too.
const FORMULA_SIGNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Every cell in quotes; one that a spreadsheet would take for a formula begins with an apostrophe.
fn csv_line(cells: &[String; 9]) -> String {
    let quoted = cells.each_ref().map(|cell| {
        let is_formula = cell.starts_with(FORMULA_SIGNS);
        let guard = if is_formula { "'" } else { "" };
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    });
    [&quoted.join(","), "\r\n"].concat()
}

/// The check of the chain.
#[derive(askama::Template)]
#[template(path = "staff/audit_check.html")]
pub struct CheckPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Intact, or the first thing wrong.
    pub notice: Notice,
    /// What was seen.
    pub rows: Vec<Row>,
    /// Back to the search.
    pub back_url: String,
}

/// Whether somebody's check is under way in this process.
static IS_CHECKING: AtomicBool = AtomicBool::new(false);

/// Lets the next check in, whatever became of this one.
struct Checking;

impl Drop for Checking {
    fn drop(&mut self) {
        IS_CHECKING.store(false, Ordering::Release);
    }
}

/// Recomputes the chain on a thread of its own, one at a time: a long log keeps no page waiting.
///
/// # Errors
/// 503 while another check runs.
async fn verify_alone(services: Services) -> Result<Report, PageError> {
    if IS_CHECKING.swap(true, Ordering::AcqRel) {
        return Err(PageError::Unavailable("a check of the audit chain runs already".to_owned()));
    }
    let checking = Checking;
    let (sender, receiver) = oneshot::channel();
    let check = move || {
        let report = verify(&services);
        drop(checking);
        // Nobody waits for it any more where the browser has gone.
        let _ = sender.send(report);
    };
    let thread = std::thread::Builder::new().name("audit-check".to_owned());
    thread.spawn(check).map_err(|error| PageError::Unavailable(error.to_string()))?;
    let report = receiver.await.map_err(|gone| PageError::Unavailable(gone.to_string()))?;
    Ok(report?)
}

/// Recomputes the whole chain and shows what came of it; it changes nothing.
///
/// # Errors
/// 303 to the login; 503 while the database is busy.
pub async fn check(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let report = verify_alone(visit.app.services.clone()).await?;
    let notice = match &report.finding {
        None => Notice {
            tone: Tone::Success,
            title: "監査ログは完全です。".to_owned(),
            text: vec!["すべての行の連なりと署名を計算し直し、一致しました。".to_owned()],
        },
        Some(finding) => Notice {
            tone: Tone::Error,
            title: "監査ログに問題があります。".to_owned(),
            text: vec![
                finding_text(finding),
                "この画面を保存し、システム担当にすぐ連絡してください。".to_owned(),
            ],
        },
    };
    let mut shell = visit.shell_of(&screens::STF060, &who);
    shell.title = "監査ログの検証".into();
    let page = CheckPage {
        shell,
        notice,
        rows: vec![
            Row::new("封印済みの行", report.sealed.to_string()),
            Row::new("署名", report.heads.to_string()),
            Row::new("封印を待つ行", report.unsealed.to_string()),
            Row::new("検証した時刻", jst_receipt_text(visit.ctx.now)),
        ],
        back_url: visit.url("audit"),
    };
    visit.page(StatusCode::OK, &page)
}

fn finding_text(finding: &Finding) -> String {
    match finding {
        Finding::MissingSeal { no } => format!("封印 {no} がありません。"),
        Finding::MissingLine { no, line_id } => format!("行 {line_id}（封印 {no}）がありません。"),
        Finding::Changed { no, line_id } => {
            format!("行 {line_id}（封印 {no}）が書き換えられています。")
        }
        Finding::Truncated { head_no, last_no } => {
            format!("封印 {last_no} で終わっていますが、{head_no} まで署名されています。")
        }
        Finding::BadHead { no } => format!("封印 {no} の署名が一致しません。"),
        Finding::UnknownHeadKey { no, key_id } => {
            format!("封印 {no} の署名の鍵 {key_id} が設定されていません。")
        }
        Finding::UnsealedTooLong { line_id } => {
            format!("行 {line_id} が長く封印されていません。ワーカーをご確認ください。")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut cells: [String; 9] = Default::default();
        cells[0] = "=1+1".to_owned();
        cells[1] = "a\"b,c".to_owned();
        cells[2] = "@x".to_owned();
        let line = csv_line(&cells);
        assert!(line.starts_with("\"'=1+1\",\"a\"\"b,c\",\"'@x\","), "{line}");
        assert!(line.ends_with("\"\"\r\n"));
    }

    #[test]
    fn times_are_those_of_japan() {
        let at = parse_time("2026-11-24T12:00").unwrap();
        assert_eq!(jst_iso(at), "2026-11-24T12:00:00+09:00");
        assert_eq!(parse_time("yesterday"), None);
    }
}
