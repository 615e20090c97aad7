//! BAU109 トークンの利用登録解除: whose registration the administrator releases.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::db::queries::contracts;
use crate::domain::contract::TokenMode;
use crate::domain::permission::decide_token_act;
use crate::domain::token::TokenAct;
use crate::domain::user::Role;
use crate::operations::administration::stop::{StopKind, stop};
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::count_limit;
use crate::operations::step::StepOutcome;
use crate::primitives::ids::UserId;
use crate::web::administration::list::{self, ListQuery, ListView, Listed, MemberRow};
use crate::web::administration::release::changed;
use crate::web::administration::{TICK, TickedForm, enter, given_proof, proof_fields, ticked};
use crate::web::administrator::{RESULT, STOP, row, tick_if};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{ADMINISTRATOR_USERS, Who};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The step bar.
pub const STEPS: [&str; 2] = ["対象利用者を|選択", "解除|完了"];

/// BAU109. Fields: a box a user where each has an own token, and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/stop.html")]
pub struct StopPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView,
    /// Whether all share one token, so that it is released for all.
    pub is_for_all: bool,
    /// Whether anybody on this page has one to be released.
    pub has_any: bool,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// The portal's word for the act.
    pub stop_word: String,
    /// The button.
    pub button: String,
    /// BAU100.
    pub back_url: String,
}

/// Shows BAU109.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    show_list(&visit, &who, &query, &read, &[], form, StatusCode::OK)
}

type Read = (Listed, TokenMode);

async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Read), PageError> {
    let (query, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| {
        let listed = list::read_of(conn, user.contract_id, &query, max, Some(Role::General))?;
        let mode = contracts::get(conn, user.contract_id)?.token_mode;
        Ok((listed, mode.unwrap_or(TokenMode::Each)))
    })
    .await
}

/// Releases the registrations of whom the boxes name, or of all.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let (input, ticks, key) = body.ticked::<TickedForm>(&visit, &who, "token.stop", TICK)?;
    let ticked = ticked(&visit, &who, &ticks).await?;
    let mut form = form(&visit, &who, &query, key.key.clone());
    if ticked.is_empty() && read.1 == TokenMode::Each {
        form.errors.push("登録を解除する利用者を選んでください。".to_owned());
    }
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_list(&visit, &who, &query, &read, &ticked, form, invalid);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: ticked.clone(),
        proof,
        key,
        results_url: visit.url(RESULT),
    };
    match stop(&visit.app.services, &who.ctx, act, StopKind::Users).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_list(&visit, &who, &query, &read, &ticked, form, invalid)
        }
        MembersOutcome::Step(_) => {
            let (who, read) = self::read(&visit, &query).await?;
            let form = changed(self::form(&visit, &who, &query, request_key()?));
            show_list(&visit, &who, &query, &read, &[], form, StatusCode::CONFLICT)
        }
    }
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードで登録を解除します。";
    FormView::new(query.own_url(&visit.url(STOP)), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_list(
    visit: &Visit,
    who: &Who,
    query: &ListQuery,
    (listed, mode): &Read,
    ticked: &[UserId],
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let is_for_all = *mode == TokenMode::All;
    let may = |member: &crate::domain::member::Member| {
        let target = member.target(max, visit.ctx.now);
        decide_token_act(&visit.profile, &who.user, target, TokenAct::Stop).is_ok()
    };
    let rows: Vec<MemberRow> = listed
        .members
        .iter()
        .map(|member| {
            let tick = tick_if(!is_for_all && may(member), member);
            row(visit, listed, member, tick, ticked)
        })
        .collect();
    let words = &visit.profile.words;
    let page = StopPage {
        shell: visit.shell_of(&screens::BAU109, who),
        steps: steps(&STEPS, 0),
        has_any: listed.members.iter().any(may),
        list: list::view(visit, STOP, query, listed.total, rows, false),
        is_for_all,
        serial_label: words.serial.clone(),
        stop_word: words.stop.clone().unwrap_or_default(),
        button: words.stop_button.clone(),
        back_url: visit.url(ADMINISTRATOR_USERS),
        form,
    };
    visit.page(status, &page)
}
