//! Flows of the menu after login (BOT and BOS screens): their beginning. Who it is is known; what
//! the act asks for comes with its last step.

use crate::db::queries::{flows, token_issues, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::Login;
use crate::domain::portal::RegistrationPlace;
use crate::domain::token::{ActRefusal, StoredTokenStatus, UserTokenStatus};
use crate::domain::user::User;
use crate::operations::token::flow::standing_of;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{UserId, random_short_id};

/// Begins a flow, carried by the login, and ends whatever other flow the user had open: of two tabs
/// the younger one goes on. The refusal of the life cycle is a value.
///
/// Permission: the user of a complete login, if the life cycle allows the act to the owner.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    operation: FlowOperation,
) -> Result<Result<String, ActRefusal>, OperationError> {
    let flow_id = random_short_id()?;
    let (ctx, login_id, user_id) = (ctx.clone(), login.id.clone(), login.user_id);
    let begun = services
        .db
        .write(move |conn| begin_in_tx(conn, &ctx, operation, user_id, (&login_id, &flow_id)))
        .await?;
    Ok(begun)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    operation: FlowOperation,
    user_id: UserId,
    (login_id, flow_id): (&str, &str),
) -> Result<Result<String, ActRefusal>, DbError> {
    let user = users::get(conn, user_id)?;
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    let (name, object) = (operation.as_str(), format!("user {user_id}"));
    if let Err(refusal) = standing_of(ctx, &user, token.as_ref(), operation) {
        audit::write(conn, ctx, name, &object, AuditResult::Refused, "wrong status")?;
        return Ok(Err(refusal));
    }
    flows::end_of_user(conn, user_id, flow_id)?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id,
            login_id: login_id.to_owned(),
            operation,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    audit::write(conn, ctx, name, &object, AuditResult::Done, "begun")?;
    Ok(Ok(flow_id.to_owned()))
}

/// Whether the customer, once logged in, may do nothing but register a token: the one before was
/// revoked or has expired, and no other has been started since. Only where tokens are registered in
/// the menu; elsewhere such a customer does not get in at all.
///
/// # Errors
/// Whatever the database says.
pub fn must_register(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, DbError> {
    if ctx.profile.tokens.registration != RegistrationPlace::MenuAfterLogin {
        return Ok(false);
    }
    Ok(match user.token_status {
        StoredTokenStatus::Unregistered => false,
        StoredTokenStatus::Revoked => true,
        StoredTokenStatus::Issued => {
            let issue = token_issues::find_open(conn, user.id)?;
            let unregistered = StoredTokenStatus::Unregistered;
            issue.is_some_and(|issue| issue.previous_status != unregistered)
        }
        StoredTokenStatus::InUse => {
            let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
            let expires_at = token.and_then(|token| token.expires_at);
            let status = UserTokenStatus::at(user.token_status, expires_at, ctx.now);
            status == UserTokenStatus::Expired
        }
    })
}
