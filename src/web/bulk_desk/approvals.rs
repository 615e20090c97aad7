//! BFT020 承認待ち一覧: files to be approved, several with one code.

use actix_web::http::StatusCode;

use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::{BulkState, BulkStep};
use crate::operations::bulk_file::approve::approve;
use crate::operations::bulk_file::open_to;
use crate::web::bulk_desk::rows::FileRow;
use crate::web::bulk_desk::sending::{Act, act_on};
use crate::web::bulk_desk::{APPROVAL, APPROVED, Listed, MENU, Place, enter, list};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// The act of this list.
const ACT: Act =
    Act { operation: Operation::BulkApprove, path: APPROVAL, results: APPROVED, verb: "承認" };

/// BFT020. Fields: a box a file, and the proof.
#[derive(askama::Template)]
#[template(path = "bulk_desk/approvals.html")]
pub struct ApprovalsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top: why nothing can be approved.
    pub notices: Vec<Notice>,
    /// The files.
    pub rows: Vec<FileRow>,
    /// The form.
    pub form: FormView,
    /// Whether anything can be ticked.
    pub has_ticks: bool,
    /// BFT000.
    pub menu_url: String,
}

/// Shows BFT020.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit) -> PageResult {
    let (who, place, listed) = read(&visit).await?;
    let form = ACT.form(&visit, &who)?;
    show_list(&visit, &who, (&place, &listed, &[]), form, StatusCode::OK)
}

/// Approves the ticked files.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, place, listed) = read(&visit).await?;
    let asked = match ACT.read(&visit, &who, body)? {
        Ok(asked) => asked,
        Err((ticked, form)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_list(&visit, &who, (&place, &listed, &ticked), form, status);
        }
    };
    let (ticked, form) = (asked.ticked, asked.form);
    let outcome = approve(&visit.app.services, &who.ctx, asked.acts).await?;
    match act_on(&visit, outcome, form)? {
        Ok(response) => Ok(response),
        Err((form, StatusCode::CONFLICT)) => {
            // With the new state beside it.
            let (who, place, listed) = read(&visit).await?;
            let fresh = FormView { errors: form.errors, ..ACT.form(&visit, &who)? };
            show_list(&visit, &who, (&place, &listed, &[]), fresh, StatusCode::CONFLICT)
        }
        Err((form, status)) => show_list(&visit, &who, (&place, &listed, &ticked), form, status),
    }
}

async fn read(visit: &Visit) -> Result<(Who, Place, Listed), PageError> {
    enter(visit, |conn, place, user| {
        let filter = open_to(&place.desk.rights, BulkStep::Approve, BulkState::Waiting);
        list(conn, place, user, &filter)
    })
    .await
}

fn show_list(
    visit: &Visit,
    who: &Who,
    (place, listed, ticked): (&Place, &Listed, &[String]),
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let hindrance = obstacle(visit, &who.user, Operation::BulkApprove);
    let is_open = hindrance.is_none();
    let rows: Vec<FileRow> = listed
        .iter()
        .map(|(file, actor)| {
            let url = visit.url(&format!("{APPROVAL}/{}", file.id));
            let possible = place.rules(visit, file).approve(file, *actor).map(|_| ());
            let is_ticked = ticked.contains(&file.id.to_string());
            let row = FileRow::of(file, url).with_box(file, possible, is_ticked);
            FileRow { tick: row.tick.filter(|_| is_open), ..row }
        })
        .collect();
    let page = ApprovalsPage {
        shell: visit.shell_of(&screens::BFT020, who),
        notices: hindrance.into_iter().collect(),
        has_ticks: rows.iter().any(|row| row.tick.is_some()),
        rows,
        form,
        menu_url: visit.url(MENU),
    };
    visit.page(status, &page)
}
