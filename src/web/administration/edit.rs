//! BAU031 to BAU034: the flow in which a user is registered, changed or deleted. Where a contract
//! has one administrator, the same steps are BAU105 (both inputs), BAU106, BAU107 and BAU108.

pub mod confirm;
pub mod input;
pub mod result;
pub mod rights;
pub mod words;

use crate::db::DbError;
use crate::db::queries::accounts;
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitSet;
use crate::domain::member::{MemberAct, MemberDraft};
use crate::domain::permission::may_administer;
use crate::domain::right::Grant;
use crate::operations::administration::draft;
use crate::operations::right;
use crate::web::administration::member::{self, Facts};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{FlowParts, Who, has_one_administrator};
use crate::web::screens::{self, Screen};
use crate::web::token::flow;
use crate::web::visit::Visit;

/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::UserManage;

/// The address of the first step.
pub fn first_url(visit: &Visit, flow_id: &str) -> String {
    format!("{}/{flow_id}", visit.url(flow::path(visit, OPERATION)))
}

/// A step, whoever is at it, and what it is about.
pub struct At {
    /// The visit.
    pub visit: Visit,
    /// The administrator.
    pub who: Who,
    /// The flow.
    pub parts: FlowParts,
    /// What was typed so far.
    pub draft: MemberDraft,
    /// The user, but for a registration.
    pub facts: Option<Facts>,
    /// The contract's accounts.
    pub accounts: Vec<Account>,
    /// The contract's limits.
    pub limits: LimitSet,
}

/// Lets an administrator to the step `expected` of the own flow.
///
/// # Errors
/// As [`flow::enter_step`]; 403 for whoever administers nobody any more, 409 where the user is
/// gone.
pub async fn enter(visit: Visit, flow_id: &str, expected: FlowStep) -> Result<At, PageError> {
    let (who, parts) = flow::enter_step(&visit, OPERATION, flow_id, expected).await?;
    with_facts(visit, who, parts).await
}

/// The rest of what a step needs.
///
/// # Errors
/// As [`enter`].
pub async fn with_facts(visit: Visit, who: Who, parts: FlowParts) -> Result<At, PageError> {
    if !may_administer(&visit.profile, &who.user) {
        return Err(PageError::Forbidden("no administrator"));
    }
    let corrupt = || PageError::Internal("the draft of a flow cannot be read".to_owned());
    let draft = draft::read(&parts.flow).ok_or_else(corrupt)?;
    let (ctx, actor, user_id) = (who.ctx.clone(), who.user.clone(), draft.user_id);
    let (facts, accounts, limits) = visit
        .app
        .services
        .db
        .read(move |conn| {
            let found = user_id.map(|id| member::find(conn, &ctx, &actor, id)).transpose()?;
            let accounts = accounts::list_by_contract(conn, actor.contract_id)?;
            let limits = right::contract_limits(conn, &ctx, actor.contract_id)?;
            Ok::<_, DbError>((found.flatten(), accounts, limits))
        })
        .await?;
    if draft.act != MemberAct::Register && facts.is_none() {
        return Err(PageError::Conflict { back: flow::begin_url(&visit, OPERATION) });
    }
    Ok(At { visit, who, parts, draft, facts, accounts, limits })
}

impl At {
    /// Whether administrators change their own data.
    pub fn is_own(&self) -> bool {
        self.draft.user_id == Some(self.who.user.id)
    }

    /// What the user had before.
    pub fn grant_before(&self) -> Grant {
        self.facts.as_ref().map(|facts| facts.grant.clone()).unwrap_or_default()
    }

    /// The shell of a step's screen.
    pub fn shell(&self, step: FlowStep) -> Shell {
        self.visit.shell_of(screen(&self.visit, self.draft.act, step), &self.who)
    }

    /// The step bar.
    pub fn steps(&self, current: usize) -> Vec<Step> {
        step_bar(self.draft.act, current)
    }

    /// Keeps the draft and goes on to `to`.
    ///
    /// # Errors
    /// 409 where the flow stands elsewhere.
    pub async fn go(&self, to: FlowStep, step: &str) -> PageResult {
        let services = &self.visit.app.services;
        if !draft::keep(services, &self.parts.flow, to, &self.draft).await? {
            return Err(PageError::Conflict { back: flow::begin_url(&self.visit, OPERATION) });
        }
        Ok(see_other(&flow::url(&self.visit, &self.parts.flow, step)))
    }
}

/// The screen of a step: those of a company's administrators, or those of a contract's one.
pub fn screen(visit: &Visit, act: MemberAct, step: FlowStep) -> &'static Screen {
    match (has_one_administrator(visit), step) {
        (false, FlowStep::Input) => &screens::BAU031,
        (false, FlowStep::Rights) => &screens::BAU032,
        (false, FlowStep::Confirm) => &screens::BAU033,
        (false, _) => &screens::BAU034,
        (true, FlowStep::Input | FlowStep::Rights) => &screens::BAU105,
        (true, FlowStep::Confirm) if act == MemberAct::Delete => &screens::BAU107,
        (true, FlowStep::Confirm) => &screens::BAU106,
        (true, _) => &screens::BAU108,
    }
}

/// The steps of an act, and which one shows: input, rights, check, result.
pub fn step_bar(act: MemberAct, current: usize) -> Vec<Step> {
    match act {
        MemberAct::Delete => steps(&["内容の|確認", "削除|完了"], current.saturating_sub(2)),
        MemberAct::Register => {
            steps(&["利用者の|入力", "権限の|入力", "内容の|確認", "登録|完了"], current)
        }
        MemberAct::Change => {
            steps(&["利用者の|入力", "権限の|入力", "内容の|確認", "変更|完了"], current)
        }
    }
}
