//! BAU040 利用停止・再開: whom an administrator keeps out for a while, or lets in again.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::domain::permission::users::UserAct;
use crate::operations::administration::SeenMembers;
use crate::operations::administration::pause::{PauseAct, pause};
use crate::web::administration::list::{self, ListQuery, ListView};
use crate::web::administration::release::STEPS;
use crate::web::administration::ticks::{self, Again, Listed, Seen, Sent, TickRow};
use crate::web::administration::{
    TICK, TickedForm, USERS, ask_about_last, given_proof, proof_fields, refuse_foreign,
    users_result,
};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/pause";
const ACTS: [UserAct; 2] = [UserAct::Pause, UserAct::Resume];

/// BAU040. Fields: a box a user, `act` by the button, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/pause.html")]
pub struct PausePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView<TickRow>,
    /// What has to be agreed to by name; none: nothing is asked once more.
    pub asks: Option<String>,
    /// BAU001.
    pub back_url: String,
}

/// BAU040's form beside the boxes.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PauseForm {
    #[validate(length(max = 16))]
    act: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = 8))]
    agreed: Option<String>,
}

/// Shows BAU040.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    let sent = Sent { who, listed, ticked: Seen::new() };
    show_list(&visit, &query, (sent, form, StatusCode::OK), None)
}

/// Pauses whom the boxes name, or lets them go on.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let (input, boxes, key) = body.ticked::<PauseForm>(&visit, &who, "user.pause", TICK)?;
    let ticked = ticks::seen(&boxes).ok_or(PageError::BadRequest("no such box"))?;
    refuse_foreign(&visit, &who, ticked.keys().copied().collect()).await?;
    let way = match input.act.as_str() {
        "pause" => PauseAct::Pause,
        "resume" => PauseAct::Resume,
        _ => return Err(PageError::BadRequest("no such act")),
    };
    let mut form = form(&visit, &who, &query, key.key.clone());
    form.errors.extend(problem(&listed, &ticked, way));
    let mut asks = None;
    if way == PauseAct::Pause {
        let (gone, agreed) = (ticked.keys().copied().collect(), input.agreed.as_deref());
        asks = ask_about_last(&visit, &who, &mut form, gone, agreed).await?;
    }
    let given = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, given)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        let again = (Sent { who, listed, ticked }, form, StatusCode::UNPROCESSABLE_ENTITY);
        return show_list(&visit, &query, again, asks);
    };
    let results_url = visit.url(users_result::PAUSED);
    let act = SeenMembers::new(&who.user, ticked.clone(), proof, key, results_url);
    let outcome = pause(&visit.app.services, &who.ctx, way, act).await?;
    let sent = Sent { who, listed, ticked };
    let fresh = |who: &Who| Ok(self::form(&visit, who, &query, request_key()?));
    match ticks::answer(&visit, &query, outcome, sent, form, fresh).await? {
        Ok(done) => Ok(done),
        Err(again) => show_list(&visit, &query, again, asks),
    }
}

/// What is wrong with the ticks as the page shows them. A tick of an older page is left to the act.
fn problem(listed: &Listed, ticked: &Seen, way: PauseAct) -> Option<String> {
    if ticked.is_empty() {
        return Some("対象の利用者を選んでください。".to_owned());
    }
    let is_wrong = |paused: bool| match way {
        PauseAct::Pause => paused,
        PauseAct::Resume => !paused,
    };
    let wrong = listed.members.iter().find(|member| {
        ticked.get(&member.id) == Some(&member.version) && is_wrong(member.paused_at.is_some())
    })?;
    Some(match way {
        PauseAct::Pause => {
            format!("{}は、すでに利用停止中です。選択を外してください。", wrong.name)
        }
        PauseAct::Resume => {
            format!("{}は、利用停止中ではありません。選択を外してください。", wrong.name)
        }
    })
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードで利用停止・再開をします。";
    FormView::new(query.own_url(&visit.url(PATH)), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_list(
    visit: &Visit,
    query: &ListQuery,
    (sent, form, status): Again,
    asks: Option<String>,
) -> PageResult {
    let Sent { who, listed, ticked } = &sent;
    let rows = listed.rows(visit, who, ticked, &ACTS);
    let page = PausePage {
        shell: visit.shell_of(&screens::BAU040, who),
        steps: steps(&STEPS, 0),
        list: list::view_of_users(visit, PATH, query, listed.total, rows),
        asks,
        back_url: visit.url(USERS),
        form,
    };
    visit.page(status, &page)
}
