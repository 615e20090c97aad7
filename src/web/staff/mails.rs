//! STF070 送信箱: what became of the mails, and another try. Their texts are the customers' own and
//! are not shown.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::mails::{self, MailFilter};
use crate::domain::mail::{Mail, MailState};
use crate::operations::staff::upkeep::retry_mail;
use crate::primitives::clock::{Clock, jst_receipt_text};
use crate::primitives::ids::MailId;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens;
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;

const ROWS: usize = 50;

/// A mail in the list.
pub struct MailRow {
    /// Row id.
    pub id: i64,
    /// When it was written.
    pub time: String,
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// Tries so far.
    pub attempts: i32,
    /// What the server said last.
    pub error: String,
    /// Sends it again; none where it is not stuck or the role only reads.
    pub retry: Option<FormView>,
}

/// STF070.
#[derive(askama::Template)]
#[template(path = "staff/mails.html")]
pub struct MailsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// By state.
    pub tabs: Vec<NavItem>,
    /// Newest first.
    pub rows: Vec<MailRow>,
    /// Older ones.
    pub next: Option<Link>,
}

/// Which to list.
#[derive(Deserialize)]
pub struct MailsQuery {
    state: Option<String>,
    before: Option<i64>,
}

/// A form with nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PressForm {}

const TABS: [(&str, &str); 5] = [
    ("all", "すべて"),
    ("waiting", "送信待ち"),
    ("late", "再送待ち"),
    ("dead", "送信できず"),
    ("sent", "送信済み"),
];

/// Shows the out-box.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<MailsQuery>) -> PageResult {
    let asked = query.state.as_deref().unwrap_or("all");
    let (name, _) = TABS.into_iter().find(|(name, _)| *name == asked).unwrap_or(("all", ""));
    let is_late = name == "late";
    let state = if is_late { Some(MailState::Waiting) } else { MailState::from_text(name) };
    let filter = MailFilter { state, is_late, before: query.before.map(MailId) };
    let slug = visit.profile.slug().to_owned();
    let (who, mut found) = principal::enter(&visit, move |conn, _| {
        mails::list_of_portal(conn, &slug, filter, i64::try_from(ROWS + 1).unwrap_or(i64::MAX))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{}?state={name}&before={}", visit.url("mails"), last.id),
    });
    let token = who.member.role.may_make().then(|| who.csrf_token());
    let page = MailsPage {
        shell: visit.shell_of(&screens::STF070, &who),
        tabs: TABS
            .into_iter()
            .map(|(tab, label)| NavItem {
                label: label.to_owned(),
                url: format!("{}?state={tab}", visit.url("mails")),
                is_current: tab == name,
            })
            .collect(),
        rows: found.into_iter().map(|mail| row(&visit, mail, token.as_deref())).collect(),
        next,
    };
    visit.page(StatusCode::OK, &page)
}

fn row(visit: &StaffVisit, mail: Mail, token: Option<&str>) -> MailRow {
    let is_stuck = match mail.state {
        MailState::Dead => true,
        MailState::Waiting => mail.next_attempt_at > Clock::real_now(),
        MailState::Sent => false,
    };
    let (state, class) = match mail.state {
        MailState::Waiting if mail.attempts > 0 => ("再送待ち", "warn"),
        MailState::Waiting => ("送信待ち", "info"),
        MailState::Sent => ("送信済み", "success"),
        MailState::Dead => ("送信できず", "error"),
    };
    MailRow {
        id: mail.id.0,
        time: jst_receipt_text(mail.created_at),
        to: mail.to_address,
        subject: mail.subject,
        state,
        class,
        attempts: mail.attempts,
        error: mail.last_error.unwrap_or_default(),
        retry: token
            .filter(|_| is_stuck)
            .map(|token| FormView::new(visit.url(&format!("mails/{}/retry", mail.id)), token)),
    }
}

/// Lets a stuck mail go out now.
///
/// # Errors
/// 409 where it is not stuck any more.
pub async fn retry(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let PressForm {} = body.of_staff(&who)?;
    let back = visit.url("mails?state=waiting");
    match retry_mail(&visit.app.services, &who.ctx, MailId(path.into_inner())).await? {
        true => Ok(see_other(&back)),
        false => Err(PageError::Conflict { back }),
    }
}
