//! 利用者情報の登録・変更・削除 until its last step: whom it is about and what was typed are kept in the
//! flow.

use crate::db::queries::{flows, member_acts, members, user_rights, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::Login;
use crate::domain::member::{HandOver, Member, MemberAct, MemberDraft};
use crate::domain::permission::users::{
    UserAct, UserActRefusal, decide_registration, decide_user_act,
};
use crate::domain::right::{Grant, UserRight};
use crate::domain::user::{Role, User};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{UserId, random_short_id};

const OPERATION: FlowOperation = FlowOperation::UserManage;

/// How the beginning of a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutcome {
    /// The flow, at its first step.
    Begun(String),
    /// The rules say no.
    Refused(UserActRefusal),
}

/// The draft of a flow. `None`: it is no flow of this kind.
#[must_use]
pub fn read(flow: &Flow) -> Option<MemberDraft> {
    serde_json::from_str(&flow.draft).ok()
}

fn text(draft: &MemberDraft) -> Result<String, OperationError> {
    serde_json::to_string(draft).map_err(|_| OperationError::Corrupt("a draft"))
}

/// Begins a flow, carried by the login, and ends whatever other flow the administrator had open.
/// A deletion has nothing to type and stands at its last step at once.
///
/// Permission: master and administrator users of the same contract, by the rules for the act.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    act: MemberAct,
    target: Option<UserId>,
) -> Result<BeginOutcome, OperationError> {
    let flow_id = random_short_id()?;
    let (ctx, login) = (ctx.clone(), login.clone());
    let begun = services
        .db
        .write(move |conn| {
            let actor = users::get(conn, login.user_id)?;
            match new_draft(conn, &ctx, &actor, act, target)? {
                Ok(draft) => {
                    let text = text(&draft)?;
                    insert(conn, &ctx, &actor, (&login, &flow_id), act, &text)?;
                    Ok::<_, OperationError>(BeginOutcome::Begun(flow_id.clone()))
                }
                Err(refusal) => Ok(BeginOutcome::Refused(refusal)),
            }
        })
        .await?;
    Ok(begun)
}

fn new_draft(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    act: MemberAct,
    target: Option<UserId>,
) -> Result<Result<MemberDraft, UserActRefusal>, DbError> {
    let Some(target) = target else {
        let may = decide_registration(&ctx.profile, actor, Role::General);
        return Ok(may.map(|()| registration(ctx)));
    };
    let found = members::find_all(conn, actor.contract_id, &[target])?;
    let Some(member) = found.into_iter().next() else {
        return Ok(Err(UserActRefusal::NotThere));
    };
    let masters = members::count_masters(conn, actor.contract_id)?;
    let wanted = match act {
        MemberAct::Delete => UserAct::Delete,
        _ => UserAct::Change(member.role),
    };
    let facts = member.user_target(masters);
    if let Err(refusal) = decide_user_act(&ctx.profile, actor, facts, wanted) {
        return Ok(Err(refusal));
    }
    let grant = user_rights::find(conn, target)?;
    let address = member_acts::find_unverified_address(conn, target)?;
    Ok(Ok(present(&member, act, grant, address)))
}

/// The usual services to begin with, and no account yet.
fn registration(ctx: &Ctx) -> MemberDraft {
    let rights = UserRight::usual(&ctx.profile).into_iter().collect();
    MemberDraft {
        act: MemberAct::Register,
        user_id: None,
        version: 0,
        login_id: String::new(),
        name: String::new(),
        role: Role::General,
        address: None,
        hand_over: HandOver::Print,
        resets: false,
        grant: Grant { rights, ..Grant::default() },
    }
}

fn present(
    member: &Member,
    act: MemberAct,
    grant: Grant,
    unverified: Option<String>,
) -> MemberDraft {
    MemberDraft {
        act,
        user_id: Some(member.id),
        version: member.version,
        login_id: member.login_id.clone(),
        name: member.name.clone(),
        role: member.role,
        address: unverified,
        hand_over: HandOver::Print,
        resets: false,
        grant,
    }
}

fn insert(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    (login, flow_id): (&Login, &str),
    act: MemberAct,
    draft: &str,
) -> Result<(), DbError> {
    flows::end_of_user(conn, actor.id, flow_id)?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: actor.id,
            login_id: login.id.clone(),
            operation: OPERATION,
            step: FlowStep::Input,
            token_id: actor.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    let step = if act == MemberAct::Delete { FlowStep::Confirm } else { FlowStep::Input };
    flows::update_draft(conn, flow_id, FlowStep::Input, step, draft)?;
    let object = format!("user {}", actor.id);
    let details = format!("begun: {act}");
    audit::write(conn, ctx, OPERATION.as_str(), &object, AuditResult::Done, &details)
}

/// Keeps what was typed and goes on, or back. False: the flow stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn keep(
    services: &Services,
    flow: &Flow,
    to: FlowStep,
    draft: &MemberDraft,
) -> Result<bool, OperationError> {
    let (id, from, draft) = (flow.id.clone(), flow.step, text(draft)?);
    let is_kept =
        services.db.write(move |conn| flows::update_draft(conn, &id, from, to, &draft)).await?;
    Ok(is_kept)
}
