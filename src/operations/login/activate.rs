//! 開通確認 (BAL011, BAL020): own secrets at the first log-on.
//!
//! Rule: a user proves the initial confirming secret that the administrator handed out
//! (`user.activate`); the contract's administrator has proven the number of the application, which
//! is the login secret until then, so has its counter and its lock, and works no more afterwards.

use crate::db::queries::{logins, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::login::{EndReason, Login, LoginStage};
use crate::domain::user::User;
use crate::operations::login::setup::finish_if_proven;
use crate::operations::proof::ProofRefusal;
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::random_short_id;

/// The act's name in receipts and in the audit log.
pub const OPERATION: &str = "user.activate";

/// What BAL011 and BAL020 send.
#[derive(Debug, Clone)]
pub struct Activate {
    /// Whose secrets.
    pub user: User,
    /// The login, at stage `setup`.
    pub login: Login,
    /// The new login secret.
    pub password: String,
    /// The new confirming secret.
    pub confirm: String,
    /// The initial confirming secret, where it is asked.
    pub confirmation: Confirmation,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivateOutcome {
    /// Both are set.
    Done,
    /// They were set before.
    AlreadySet,
    /// The initial confirming secret is wrong.
    Refused(ProofRefusal),
}

/// Sets both secrets. Every other login of the user ends.
///
/// Permission: the user of a login in stage `setup` whose initial secrets still hold.
///
/// # Errors
/// Database or hashing trouble; refusals are values.
pub async fn activate(
    services: &Services,
    ctx: &Ctx,
    input: Activate,
) -> Result<ActivateOutcome, OperationError> {
    let confirmed = match confirm(services, ctx, &input.user, &input.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(ActivateOutcome::Refused(refusal)),
    };
    let password_hash = services.hasher.make(&input.password).await?;
    let confirm_hash = services.hasher.make(&input.confirm).await?;
    let flow_id = random_short_id()?;
    let ctx = ctx.clone();
    let outcome = services
        .db
        .write(move |conn| {
            let hashes = (password_hash.as_str(), confirm_hash.as_str());
            settle(conn, &ctx, &input, &confirmed, (hashes, &flow_id))
        })
        .await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Activate,
    confirmed: &Confirmed,
    (hashes, flow_id): ((&str, &str), &str),
) -> Result<ActivateOutcome, DbError> {
    settle_confirmed(conn, &input.user, confirmed)?;
    let id = input.user.id;
    let initial = &input.user.login_secret_hash;
    let is_open = logins::is_open_at(conn, &input.login.id, LoginStage::Setup)?;
    if !is_open || !users::set_first_secrets(conn, id, initial, hashes, ctx.now)? {
        return Ok(ActivateOutcome::AlreadySet);
    }
    logins::end_of_users(conn, &[id], &input.login.id, EndReason::SecretChanged, ctx.now)?;
    receipt::write_in_tx(conn, ctx, id, OPERATION, &TokenReceipt::default())?;
    audit::write(conn, ctx, OPERATION, &format!("user {id}"), AuditResult::Done, "")?;
    finish_if_proven(conn, ctx, &input.login, flow_id)?;
    Ok(ActivateOutcome::Done)
}
