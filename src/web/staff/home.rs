//! STF002 ホーム: the work that waits.

use actix_web::http::StatusCode;
use chrono::TimeDelta;

use crate::db::queries::console::{self, Waiting};
use crate::domain::auth_rule::CodeProof;
use crate::domain::portal::Profile;
use crate::domain::staff::StaffRole;
use crate::primitives::clock::{Clock, jst_minute_text};
use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::staff::orders::{ORDERS, has_orders};
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;

/// Failures of jobs that still matter.
const FAILED_FOR: TimeDelta = TimeDelta::days(1);
/// Tokens expire soon within this time: when their users get the first warning.
pub(super) const EXPIRING_WITHIN: TimeDelta = TimeDelta::days(60);
/// Alarms of signed codes are told for so long.
const ALARMS_FOR: TimeDelta = TimeDelta::days(7);

/// Work of one kind.
#[derive(Debug, Clone)]
pub struct WorkView {
    /// What it is.
    pub label: &'static str,
    /// How much.
    pub count: i64,
    /// One line about it.
    pub description: &'static str,
    /// Where it is looked at; none where there is no such page.
    pub url: Option<String>,
    /// Class of the mark: `warn` or `error` where somebody should look.
    pub class: &'static str,
}

/// STF002.
#[derive(askama::Template)]
#[template(path = "staff/home.html")]
pub struct HomePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What waits.
    pub work: Vec<WorkView>,
    /// What the role may do.
    pub role_text: &'static str,
    /// As of.
    pub as_of: String,
}

/// Shows what waits.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (slug, now) = (visit.profile.slug().to_owned(), visit.ctx.now);
    let failed_since = Clock::real_now() - FAILED_FOR;
    let (who, waiting) = principal::enter(&visit, move |conn, _| {
        console::count_waiting(
            conn,
            &slug,
            failed_since,
            (now, now + EXPIRING_WITHIN, now - ALARMS_FOR),
        )
    })
    .await?;
    let page = HomePage {
        shell: visit.shell_of(&screens::STF002, &who),
        work: work(&visit, waiting),
        role_text: role_text(who.member.role),
        as_of: jst_minute_text(now),
    };
    visit.page(StatusCode::OK, &page)
}

fn work(visit: &StaffVisit, waiting: Waiting) -> Vec<WorkView> {
    let view = |label, count, description, class, path: &str| WorkView {
        label,
        count,
        description,
        url: (!path.is_empty()).then(|| visit.url(path)),
        class: if count > 0 { class } else { "success" },
    };
    let soon = "60日以内に切れる利用中のもの";
    let mut work = vec![
        view("承認待ち", waiting.requests, "二人目の確認を待つ申請", "warn", "requests"),
        view("失敗したジョブ", waiting.failed_runs, "この24時間", "error", "jobs?result=failed"),
        view(
            "送れなかったメール",
            waiting.dead_mails,
            "再送をあきらめたもの",
            "error",
            "mails?state=dead",
        ),
        view(
            "再送待ちのメール",
            waiting.late_mails,
            "自動で送り直すもの",
            "warn",
            "mails?state=late",
        ),
        view(
            "まもなく期限のトークン",
            waiting.expiring_tokens,
            soon,
            "warn",
            "stock?state=expiring",
        ),
    ];
    if signs(&visit.profile) {
        let what = "確かめた内容と違う振込を拒んだもの（この7日間）";
        let path = "audit?operation=signed.alarm";
        work.insert(1, view("取引確認の警告", waiting.alarms, what, "error", path));
    }
    if has_orders(&visit.profile) {
        let waits = "受付・引落・発送を待つもの";
        work.insert(1, view("発送前の発行依頼", waiting.orders, waits, "warn", ORDERS));
    }
    work
}

/// Whether some act asks for a signed code.
fn signs(profile: &Profile) -> bool {
    let signed = Some(CodeProof::Signed);
    profile.auth.rules.iter().any(|rule| rule.token_code(true) == signed)
}

fn role_text(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Clerk => "受付: お客さまのお手続きを受け付け、申請します。承認はできません。",
        StaffRole::Checker => "承認: 申請を承認または却下します。自分の申請は承認できません。",
        StaffRole::Auditor => "監査: すべての画面を読めます。変更はできません。",
    }
}
