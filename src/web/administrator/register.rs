//! BAU102 and BAU104: the token that is registered, for the ticked users or for all of them.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::db::DbError;
use crate::db::queries::members;
use crate::domain::auth_rule::{Operation, Required, Situation, required_proof};
use crate::domain::contract::TokenMode;
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::permission::{decide_token_act, may_administer};
use crate::domain::token::{TokenAct, UserTokenStatus};
use crate::domain::user::Role;
use crate::operations::administration::MembersOutcome;
use crate::operations::administration::registration::{Registration, mode_of, register};
use crate::operations::count_limit;
use crate::operations::step::StepOutcome;
use crate::primitives::code::normalise_serial;
use crate::primitives::ids::UserId;
use crate::web::administration::list::{self, ListQuery, ListView, Listed, MemberRow};
use crate::web::administration::{TICK, ticked};
use crate::web::administrator::mode::STEPS;
use crate::web::administrator::{RESULT, row, tick_if};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{FlowParts, Who};
use crate::web::screens;
use crate::web::token::flow::{self, StepPage, request_key};
use crate::web::token::start::check;
use crate::web::visit::Visit;

const PURPOSE: &str = "このコードで、トークンがお手元にあることを確かめ、登録します。";

/// BAU102, BAU104. Fields: a box a user (BAU102), `serial`, `otp`, and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/register.html")]
pub struct RegisterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users to tick; nothing where all of them get the token.
    pub list: Option<ListView>,
    /// How many get it, where all do.
    pub users: i64,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// Cancels.
    pub cancel: FormView,
}

/// The form beside the ticks.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
}

/// The step and whoever is at it.
struct At {
    visit: Visit,
    query: ListQuery,
    who: Who,
    parts: FlowParts,
    mode: TokenMode,
    listed: Listed,
    /// All there are, whatever the list shows.
    users: i64,
}

/// Shows BAU102 or BAU104.
///
/// # Errors
/// 303 where the flow is over, 403 for whoever is no administrator.
pub async fn show(visit: Visit, flow_id: Path<String>, query: Query<ListQuery>) -> PageResult {
    let at = enter(visit, &flow_id, query.into_inner()).await?;
    let form = at.form("", request_key()?);
    at.show(form, &[], StatusCode::OK)
}

/// Registers the token.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(
    visit: Visit,
    flow_id: Path<String>,
    query: Query<ListQuery>,
    body: FormBody,
) -> PageResult {
    let at = enter(visit, &flow_id, query.into_inner()).await?;
    let name = FlowOperation::TokenStart.as_str();
    let (input, ticks, key) = body.ticked::<RegisterForm>(&at.visit, &at.who, name, TICK)?;
    let ids = ticked(&at.visit, &at.who, &ticks).await?;
    let (serial, code) = (normalise_serial(&input.serial), normalise_code(&input.otp));
    let mut form = at.form(&serial, key.key.clone());
    if at.mode == TokenMode::Each && ids.is_empty() {
        form.errors.push("登録する利用者を選んでください。".to_owned());
    }
    check(&at.visit, &serial, &code, None, &mut form);
    let none = [None, None, None];
    let confirmation = flow::confirmation(&at.visit, &at.who, &mut form, input.confirm, none);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return at.show(form, &ids, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let registration = Registration {
        actor: at.who.user.clone(),
        flow: at.parts.flow.clone(),
        mode: at.mode,
        user_ids: ids.clone(),
        serial,
        code,
        confirmation,
        key,
        results_url: at.visit.url(RESULT),
    };
    match register(&at.visit.app.services, &at.who.ctx, registration).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Stale) => at.stale(&flow_id).await,
        MembersOutcome::Step(outcome) => {
            match flow::after_step(&at.visit, &at.parts.flow, outcome, form, "", "otp")? {
                StepPage::Leads(response) => Ok(response),
                StepPage::Again(form) => at.show(form, &ids, StatusCode::UNPROCESSABLE_ENTITY),
            }
        }
    }
}

/// Cancels the registration.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    flow::cancel(&visit, body, FlowOperation::TokenStart, &flow_id).await
}

/// Leads to the receipt of a flow that is done.
///
/// # Errors
/// 303 where it is not.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let operation = FlowOperation::TokenStart;
    let (_, parts) = flow::enter_step(&visit, operation, &flow_id, FlowStep::Done).await?;
    let id = parts.flow.receipt_id.ok_or(PageError::NotFound)?;
    Ok(see_other(&visit.url(&format!("{RESULT}/{id}"))))
}

async fn enter(visit: Visit, flow_id: &str, query: ListQuery) -> Result<At, PageError> {
    let operation = FlowOperation::TokenStart;
    let (who, parts) = flow::enter_step(&visit, operation, flow_id, FlowStep::Input).await?;
    if !may_administer(&visit.profile, &who.user) {
        return Err(PageError::Forbidden("no administrator"));
    }
    refuse_other_rule(&visit, &who)?;
    let corrupt = || PageError::Internal("the draft of a flow cannot be read".to_owned());
    let mode = mode_of(&parts.flow).ok_or_else(corrupt)?;
    let (contract_id, asked) = (who.user.contract_id, query.clone());
    let max = visit.profile.tokens.throttle.failures_max;
    let db = &visit.app.services.db;
    let read = db.read(move |conn| {
        let listed = list::read_of(conn, contract_id, &asked, max, Some(Role::General))?;
        Ok::<_, DbError>((listed, members::count_of_role(conn, contract_id, Role::General)?))
    });
    let (listed, users) = read.await?;
    Ok(At { visit, query, who, parts, mode, listed, users })
}

/// The same form starts and exchanges, so both acts have to ask for the same proof.
fn refuse_other_rule(visit: &Visit, who: &Who) -> Result<(), PageError> {
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: false,
        token_signs: false,
        login_choice: false,
        payee_registered: false,
        has_picture_card: false,
    };
    let exchange = required_proof(&visit.profile, Operation::OtpExchange, situation);
    match exchange {
        Required::Proof(proof) if proof == who.proof && proof.code.is_none() => Ok(()),
        _ => Err(PageError::Forbidden("the auth rules ask for another proof")),
    }
}

impl At {
    fn url(&self) -> String {
        self.query.own_url(&flow::url(&self.visit, &self.parts.flow, ""))
    }

    fn form(&self, serial: &str, key: String) -> FormView {
        let (profile, who) = (&self.visit.profile, &self.who);
        let mut all = vec![
            fields::serial(profile, serial),
            fields::code(profile, "otp", &profile.words.otp, PURPOSE),
        ];
        let asked = who.proof.confirm;
        all.extend(fields::confirmation_of(profile, who.user.role, asked, None));
        FormView::new(self.url(), who.csrf_token()).fields(all).request_key(key)
    }

    /// The list with its new state, after somebody else was faster; or the result of the twin.
    async fn stale(self, flow_id: &str) -> PageResult {
        let at = enter(self.visit, flow_id, self.query).await?;
        let form = at.form("", request_key()?).error(
            "利用者またはトークンの状態が変わったため、登録していません。今の状態をお確かめのうえ、もう一度お手続きください。",
        );
        at.show(form, &[], StatusCode::CONFLICT)
    }

    fn show(&self, form: FormView, ticked: &[UserId], status: StatusCode) -> PageResult {
        let (visit, listed) = (&self.visit, &self.listed);
        let max = count_limit(visit.profile.tokens.throttle.failures_max);
        let rows: Vec<MemberRow> = listed
            .members
            .iter()
            .map(|member| {
                let target = member.target(max, visit.ctx.now);
                let act = match target.status {
                    UserTokenStatus::InUse => TokenAct::Exchange,
                    _ => TokenAct::Start,
                };
                let may = decide_token_act(&visit.profile, &self.who.user, target, act).is_ok();
                // After a revocation, another token can only be registered once the wait is over.
                let waits = member.revoked_at.is_some_and(|at| {
                    target.status == UserTokenStatus::Revoked
                        && visit.profile.revocation_wait_until(at) > visit.ctx.now
                });
                let tick = tick_if(may && !waits, member);
                let row = row(visit, listed, member, tick, ticked);
                if waits { MemberRow { reason: "失効後の待ち時間", ..row } } else { row }
            })
            .collect();
        let base = flow::url(visit, &self.parts.flow, "");
        let is_each = self.mode == TokenMode::Each;
        let list = list::view_at(visit, base, &self.query, listed.total, rows, false);
        let screen = if is_each { &screens::BAU102 } else { &screens::BAU104 };
        let page = RegisterPage {
            shell: visit.shell_of(screen, &self.who),
            steps: steps(&STEPS, 1),
            list: is_each.then_some(list),
            users: self.users,
            serial_label: visit.profile.words.serial.clone(),
            cancel: flow::cancel_form(visit, &self.who, &self.parts.flow),
            form,
        };
        visit.page(status, &page)
    }
}
