//! BAU010 ワンタイムパスワード利用停止解除一覧: whose token an administrator releases.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::domain::member::Member;
use crate::domain::permission::{MemberRefusal, decide_token_act};
use crate::domain::token::TokenAct;
use crate::operations::administration::release::release;
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::count_limit;
use crate::operations::step::StepOutcome;
use crate::primitives::ids::UserId;
use crate::web::administration::list::{
    self, ListQuery, ListView, Listed, MemberRow, own_id, role_label_in,
};
use crate::web::administration::{
    TICK, TickedForm, enter, given_proof, menu_url, proof_fields, result,
};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, Tone, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/release";
/// The step bar of both acts.
pub const STEPS: [&str; 2] = ["対象利用者を|選択", "変更|完了"];

/// BAU010. Fields: a box a user, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/release.html")]
pub struct ReleasePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// The portal's word for the token.
    pub token_label: String,
    /// Whether anybody on this page can be released.
    pub has_ticks: bool,
    /// BAU001.
    pub back_url: String,
}

/// Shows BAU010.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, listed) = read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    show_list(&visit, &who, &query, &listed, &[], form, StatusCode::OK)
}

/// Releases whom the boxes name.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, listed) = read(&visit, &query).await?;
    let (input, ticks, key) = body.ticked::<TickedForm>(&visit, &who, "token.release", TICK)?;
    let ticked = super::ticked(&visit, &who, &ticks).await?;
    let mut form = form(&visit, &who, &query, key.key.clone());
    if ticked.is_empty() {
        form.errors.push("停止を解除する利用者を選んでください。".to_owned());
    }
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_list(&visit, &who, &query, &listed, &ticked, form, status);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: ticked.clone(),
        proof,
        key,
        results_url: visit.url(result::RELEASED),
    };
    match release(&visit.app.services, &who.ctx, act).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_list(&visit, &who, &query, &listed, &ticked, form, status)
        }
        MembersOutcome::Step(_) => {
            // With the new state beside it.
            let (who, listed) = read(&visit, &query).await?;
            let form = changed(self::form(&visit, &who, &query, request_key()?));
            show_list(&visit, &who, &query, &listed, &[], form, StatusCode::CONFLICT)
        }
    }
}

/// The form with word that somebody else was faster.
pub fn changed(form: FormView) -> FormView {
    form.error("選んだ利用者の状態が変わったため、お手続きをしていません。今の状態をお確かめのうえ、もう一度お選びください。")
}

async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Listed), PageError> {
    let (query, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| list::read(conn, user.contract_id, &query, max)).await
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードで利用停止を解除します。";
    FormView::new(query.own_url(&visit.url(PATH)), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_list(
    visit: &Visit,
    who: &Who,
    query: &ListQuery,
    listed: &Listed,
    ticked: &[UserId],
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let rows: Vec<MemberRow> =
        listed.members.iter().map(|member| row(visit, who, listed, member, ticked)).collect();
    let page = ReleasePage {
        shell: visit.shell_of(&screens::BAU010, who),
        steps: steps(&STEPS, 0),
        has_ticks: rows.iter().any(|row| row.tick.is_some()),
        list: list::view(visit, PATH, query, listed.total, rows, true),
        serial_label: visit.profile.words.serial.clone(),
        token_label: visit.profile.words.token.clone(),
        back_url: menu_url(visit),
        form,
    };
    visit.page(status, &page)
}

fn row(visit: &Visit, who: &Who, listed: &Listed, member: &Member, ticked: &[UserId]) -> MemberRow {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let is_suspended = member.is_suspended(max);
    let target = member.target(max, visit.ctx.now);
    let decided = decide_token_act(&visit.profile, &who.user, target, TokenAct::Release);
    let is_offered = decided.is_ok() && !listed.is_stopped(member);
    let reason = match decided {
        Ok(()) => "緊急停止中",
        Err(MemberRefusal::Oneself) => "ご本人",
        Err(MemberRefusal::SameToken) => "ご本人と共用",
        _ => "−",
    };
    MemberRow {
        tick: is_offered.then(|| list::tick_of(member)),
        is_ticked: ticked.contains(&member.id),
        reason,
        login_id: own_id(&member.login_id).to_owned(),
        name: member.name.clone(),
        role: role_label_in(&visit.profile, member.role),
        serial: member.serial.clone().unwrap_or_else(|| "−".to_owned()),
        state: match (member.token_id.is_some(), is_suspended) {
            (_, true) => "停止中",
            (true, false) => "利用可能",
            (false, false) => "−",
        },
        tone: if is_suspended { Tone::Error } else { Tone::Success },
        expires_at: String::new(),
        others: listed.others(member).filter(|_| is_offered),
    }
}
