//! BAU070 退職者の手続き: users who leave go in one act, and their tokens stay with the company.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::domain::permission::users::UserAct;
use crate::operations::administration::SeenMembers;
use crate::operations::administration::leave::leave;
use crate::web::administration::list::{self, ListQuery, ListView};
use crate::web::administration::release::STEPS;
use crate::web::administration::ticks::{self, Again, Seen, Sent, TickRow};
use crate::web::administration::{
    TICK, TickedForm, USERS, ask_about_last, given_proof, proof_fields, refuse_foreign,
    users_result,
};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/leave";
const ACTS: [UserAct; 1] = [UserAct::Delete];

/// BAU070. Fields: a box a user, `agreed` where the page asks once more, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/leave.html")]
pub struct LeavePage {
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
    /// The portal's word for the token.
    pub token_label: String,
    /// BAU001.
    pub back_url: String,
}

/// Shows BAU070.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    let sent = Sent { who, listed, ticked: Seen::new() };
    show_list(&visit, &query, (sent, form, StatusCode::OK), None)
}

/// Deletes whom the boxes name.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let (input, boxes, key) = body.ticked::<TickedForm>(&visit, &who, "user.leave", TICK)?;
    let ticked = ticks::seen(&boxes).ok_or(PageError::BadRequest("no such box"))?;
    refuse_foreign(&visit, &who, ticked.keys().copied().collect()).await?;
    let mut form = form(&visit, &who, &query, key.key.clone());
    if ticked.is_empty() {
        form.errors.push("退職された利用者を選んでください。".to_owned());
    }
    let (gone, agreed) = (ticked.keys().copied().collect(), input.agreed.as_deref());
    let asks = ask_about_last(&visit, &who, &mut form, gone, agreed).await?;
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        let again = (Sent { who, listed, ticked }, form, StatusCode::UNPROCESSABLE_ENTITY);
        return show_list(&visit, &query, again, asks);
    };
    let results_url = visit.url(users_result::LEFT);
    let act = SeenMembers::new(&who.user, ticked.clone(), proof, key, results_url);
    let outcome = leave(&visit.app.services, &who.ctx, act).await?;
    let sent = Sent { who, listed, ticked };
    let fresh = |who: &Who| Ok(self::form(&visit, who, &query, request_key()?));
    match ticks::answer(&visit, &query, outcome, sent, form, fresh).await? {
        Ok(done) => Ok(done),
        Err(again) => show_list(&visit, &query, again, asks),
    }
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードで利用者の登録を削除します。";
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
    let page = LeavePage {
        shell: visit.shell_of(&screens::BAU070, who),
        steps: steps(&STEPS, 0),
        list: list::view_of_users(visit, PATH, query, listed.total, rows),
        asks,
        token_label: visit.profile.words.token.clone(),
        back_url: visit.url(USERS),
        form,
    };
    visit.page(status, &page)
}
