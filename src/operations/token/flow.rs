//! The beginning of a token flow: who it is (BOM101, BOM111, BOM121), and what all three share.

use crate::db::queries::{flows, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{FLOW_LIFETIME, Flow, FlowOperation, FlowStep};
use crate::domain::login::LoginStage;
use crate::domain::token::{ActRefusal, Token, TokenAct, TokenActor, UserTokenStatus, decide};
use crate::domain::user::{Channel, SetupState, User};
use crate::operations::login::identify::{Identified, identify};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{random_id, random_short_id};

/// How the identification ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutcome {
    /// Wrong id or password.
    Wrong,
    /// BLG012.
    Locked,
    /// BLG011: the token is suspended.
    Suspended,
    /// The token was revoked, and a new one can be registered only from then on.
    RevokedWaiting(UtcTime),
    /// Nothing to exchange or stop, or a token is in use already.
    WrongStatus(UserTokenStatus),
    /// The first setup comes first.
    SetupFirst,
    /// 緊急停止: staff have to lift it first.
    Stopped,
    /// The flow has begun.
    Begun {
        /// The login that carries it.
        login_id: String,
        /// Its address.
        flow_id: String,
    },
}

/// Which act of the life cycle an operation is; nothing where it is not about a token.
pub fn act_of(operation: FlowOperation) -> Option<TokenAct> {
    match operation {
        FlowOperation::TokenIssue => Some(TokenAct::Issue),
        FlowOperation::TokenStart => Some(TokenAct::Start),
        FlowOperation::TokenExchange => Some(TokenAct::Exchange),
        FlowOperation::TokenStop => Some(TokenAct::Stop),
        FlowOperation::LimitChange
        | FlowOperation::CustomerInfoChange
        | FlowOperation::SecretChange
        | FlowOperation::Transfer
        | FlowOperation::PayEasy
        | FlowOperation::CancelReservation
        | FlowOperation::PayeeChange
        | FlowOperation::UserManage => None,
    }
}

/// Identifies the customer and begins the flow. The flow's login opens nothing else.
///
/// Permission: anybody with id and password, if the life cycle allows the act to the owner.
///
/// # Errors
/// Database or hashing trouble; refusals are values.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    operation: FlowOperation,
    login_id: &str,
    password: &str,
) -> Result<BeginOutcome, OperationError> {
    let user = match identify(services, ctx, login_id, password).await? {
        Identified::Known(user) => user,
        Identified::Wrong => return Ok(BeginOutcome::Wrong),
        Identified::Locked => return Ok(BeginOutcome::Locked),
    };
    let ctx = ctx.by(&user);
    let ids = (random_id()?, random_id()?, random_short_id()?);
    let outcome =
        services.db.write(move |conn| begin_in_tx(conn, &ctx, operation, &user, &ids)).await?;
    Ok(outcome)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    operation: FlowOperation,
    user: &User,
    (login_id, csrf_secret, flow_id): &(String, String, String),
) -> Result<BeginOutcome, DbError> {
    if !users::still_has_login_secret(conn, user.id, &user.login_secret_hash)? {
        return Ok(BeginOutcome::Wrong);
    }
    let user = users::get(conn, user.id)?;
    let object = format!("user {}", user.id);
    if let Some(refusal) = refusal(conn, ctx, operation, &user)? {
        let details = refusal_word(&refusal);
        let name = operation.as_str();
        audit::write(conn, ctx, name, &object, AuditResult::Refused, details)?;
        return Ok(refusal);
    }
    crate::operations::login::password::insert_login(
        conn,
        ctx,
        &user,
        (login_id, csrf_secret),
        Channel::Web,
        LoginStage::TokenFlow,
    )?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.clone(),
            portal: ctx.portal_slug().to_owned(),
            user_id: user.id,
            login_id: login_id.clone(),
            operation,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + FLOW_LIFETIME,
        },
    )?;
    audit::write(conn, ctx, operation.as_str(), &object, AuditResult::Done, "begun")?;
    Ok(BeginOutcome::Begun { login_id: login_id.clone(), flow_id: flow_id.clone() })
}

fn refusal_word(refusal: &BeginOutcome) -> &'static str {
    match refusal {
        BeginOutcome::Suspended => "token suspended",
        BeginOutcome::RevokedWaiting(_) => "token revoked, registration not possible yet",
        BeginOutcome::WrongStatus(_) => "wrong status",
        BeginOutcome::SetupFirst => "first setup not done",
        BeginOutcome::Stopped => "emergency stop",
        BeginOutcome::Wrong | BeginOutcome::Locked | BeginOutcome::Begun { .. } => "",
    }
}

fn refusal(
    conn: &mut DbConn,
    ctx: &Ctx,
    operation: FlowOperation,
    user: &User,
) -> Result<Option<BeginOutcome>, DbError> {
    if user.setup_state == SetupState::Initial {
        return Ok(Some(BeginOutcome::SetupFirst));
    }
    if let Some(from) = user.revoked_at.map(|at| ctx.profile.revocation_wait_until(at))
        && ctx.now < from
    {
        return Ok(Some(BeginOutcome::RevokedWaiting(from)));
    }
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    Ok(match standing_of(ctx, user, token.as_ref(), operation) {
        Ok(()) => None,
        Err(ActRefusal::WrongStatus(status)) => Some(BeginOutcome::WrongStatus(status)),
        Err(ActRefusal::Stopped) => Some(BeginOutcome::Stopped),
        Err(_) => Some(BeginOutcome::Suspended),
    })
}

/// What the life cycle says of the owner's act on this token now.
///
/// # Errors
/// [`ActRefusal`].
pub fn standing(
    ctx: &Ctx,
    user: &User,
    token: Option<&Token>,
    act: TokenAct,
) -> Result<(), ActRefusal> {
    let expires_at = token.and_then(|token| token.expires_at);
    let status = UserTokenStatus::at(user.token_status, expires_at, ctx.now);
    let limit = count_limit(ctx.profile.tokens.throttle.failures_max);
    let is_suspended = token.is_some_and(|token| token.is_suspended(limit));
    if user.stopped_at.is_some() {
        return Err(ActRefusal::Stopped);
    }
    // A suspension is told before the status: it is what the customer has to act on.
    if is_suspended {
        return Err(ActRefusal::Suspended);
    }
    decide(status, false, act, TokenActor::Owner).map(|_| ())
}

/// The same for whatever a flow leads to: only acts on tokens have a place in the life cycle.
///
/// # Errors
/// [`ActRefusal`].
pub fn standing_of(
    ctx: &Ctx,
    user: &User,
    token: Option<&Token>,
    operation: FlowOperation,
) -> Result<(), ActRefusal> {
    act_of(operation).map_or(Ok(()), |act| standing(ctx, user, token, act))
}

/// Cancels a flow (中止): nothing changes but that it is over.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Whatever the database says.
pub async fn cancel(services: &Services, ctx: &Ctx, flow: &Flow) -> Result<(), DbError> {
    let (ctx, flow) = (ctx.clone(), flow.clone());
    services
        .db
        .write(move |conn| {
            let until = flow.expires_at;
            if flows::update_step(conn, &flow.id, flow.step, FlowStep::Ended, None, until)? {
                let object = format!("user {}", flow.user_id);
                let name = flow.operation.as_str();
                audit::write(conn, &ctx, name, &object, AuditResult::Done, "cancelled")?;
            }
            Ok(())
        })
        .await
}
