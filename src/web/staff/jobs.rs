//! STF080 ジョブ: what the worker ran, what failed, and another run. Jobs work for all portals and in
//! real time.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::db::queries::job_runs;
use crate::domain::job::{JOBS, JobResult, RecordedRun};
use crate::operations::staff::upkeep::run_job;
use crate::primitives::clock::jst_receipt_text;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens;
use crate::web::staff::mails::PressForm;
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;

const ROWS: usize = 50;

/// A run in the list.
pub struct RunRow {
    /// The job in words.
    pub label: &'static str,
    /// When.
    pub time: String,
    /// How long.
    pub took: String,
    /// How it ended.
    pub result: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// What it did, or why it failed.
    pub did: String,
}

/// A job.
pub struct JobView {
    /// In words.
    pub label: &'static str,
    /// Its name in the log.
    pub name: &'static str,
    /// The newest run.
    pub last: Option<RunRow>,
    /// Whether another run is wished already.
    pub is_wished: bool,
    /// Runs it now; none where the role only reads.
    pub run: Option<FormView>,
}

/// STF080.
#[derive(askama::Template)]
#[template(path = "staff/jobs.html")]
pub struct JobsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Every job.
    pub jobs: Vec<JobView>,
    /// By result.
    pub tabs: Vec<NavItem>,
    /// Runs, newest first.
    pub rows: Vec<RunRow>,
    /// Older ones.
    pub next: Option<Link>,
}

/// Which runs to list.
#[derive(Deserialize)]
pub struct JobsQuery {
    result: Option<String>,
    before: Option<i64>,
}

/// Shows jobs and runs.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<JobsQuery>) -> PageResult {
    let result = query.result.as_deref().and_then(JobResult::from_text);
    let before = query.before;
    let (who, (wishes, last, mut found)) = principal::enter(&visit, move |conn, _| {
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        Ok((
            job_runs::list_wishes(conn)?,
            job_runs::list_last(conn, &JOBS.map(|(name, _)| name))?,
            job_runs::list(conn, result, before, limit)?,
        ))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let name = result.map_or("all", JobResult::as_str);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{}?result={name}&before={}", visit.url("jobs"), last.id),
    });
    let token = who.member.role.may_make().then(|| who.csrf_token());
    let jobs = JOBS.map(|(name, label)| JobView {
        label,
        name,
        last: last.iter().find(|run| run.name == name).map(row),
        is_wished: wishes.iter().any(|wished| wished == name),
        run: token
            .as_deref()
            .map(|token| FormView::new(visit.url(&format!("jobs/{name}/run")), token)),
    });
    let page = JobsPage {
        shell: visit.shell_of(&screens::STF080, &who),
        jobs: jobs.into(),
        tabs: tabs(&visit, result),
        rows: found.iter().map(row).collect(),
        next,
    };
    visit.page(StatusCode::OK, &page)
}

fn tabs(visit: &StaffVisit, current: Option<JobResult>) -> Vec<NavItem> {
    let all =
        [(None, "すべて"), (Some(JobResult::Failed), "失敗"), (Some(JobResult::Done), "完了")];
    all.into_iter()
        .map(|(result, label)| NavItem {
            label: label.to_owned(),
            url: format!(
                "{}?result={}",
                visit.url("jobs"),
                result.map_or("all", JobResult::as_str)
            ),
            is_current: current == result,
        })
        .collect()
}

fn row(run: &RecordedRun) -> RunRow {
    let label = JOBS.into_iter().find(|(name, _)| *name == run.name).map_or("", |(_, l)| l);
    let (result, class) = match run.result {
        JobResult::Done => ("完了", "success"),
        JobResult::Idle => ("対象なし", "info"),
        JobResult::Failed => ("失敗", "error"),
    };
    RunRow {
        label,
        time: jst_receipt_text(run.started_at),
        took: format!("{}.{:03}秒", run.took_us / 1_000_000, run.took_us / 1_000 % 1_000),
        result,
        class,
        did: run.did.clone(),
    }
}

/// Wishes that a job runs now.
///
/// # Errors
/// 404 for a job that there is not.
pub async fn run(visit: StaffVisit, path: Path<String>, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let PressForm {} = body.of_staff(&who)?;
    match run_job(&visit.app.services, &who.ctx, &path.into_inner()).await? {
        true => Ok(see_other(&visit.url("jobs"))),
        false => Err(PageError::NotFound),
    }
}
