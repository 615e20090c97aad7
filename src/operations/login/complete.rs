//! Login, second step (BLG010): the one-time password.

use crate::db::queries::{logins, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::login::{Login, LoginStage};
use crate::domain::user::{Channel, SetupState, User};
use crate::operations::login::resume::resume_in_tx;
use crate::operations::proof::ProofRefusal;
use crate::operations::proof::otp::{self, OtpAttempt, Search};
use crate::operations::{Ctx, OperationError, Services, audit};

const WAIT_STEPS: u32 = 10;
const WAIT_STEP: std::time::Duration = std::time::Duration::from_millis(40);

/// How the second step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompleteOutcome {
    /// Logged in, or on to the first setup.
    Done {
        /// Which stage.
        stage: LoginStage,
        /// The flow that the end of the last session interrupted.
        resumed: Option<Box<Flow>>,
    },
    /// The code was not accepted.
    Refused(ProofRefusal),
    /// The login is over, or somebody else finished it.
    Stale,
}

/// Completes a login with a one-time password. A login code never confirms an act.
///
/// Permission: the user of a login in stage `otp_pending`.
///
/// # Errors
/// Database or key trouble; refusals are values.
pub async fn complete(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    code: &str,
) -> Result<CompleteOutcome, OperationError> {
    let Some(token_id) = user.token_id else { return Ok(CompleteOutcome::Stale) };
    let (keys, claim_ctx, claim_code) = (services.keys.clone(), ctx.clone(), code.to_owned());
    let claimed = services
        .db
        .claim(move |conn| otp::claim_in_tx(conn, &claim_ctx, &keys, token_id, &claim_code))
        .await?;
    let token = match claimed {
        Ok(token) => token,
        Err(refusal) => return Ok(CompleteOutcome::Refused(refusal)),
    };
    let attempt = otp::compare(ctx, &services.keys, token, code, Search::Window)?;
    let (ctx, login, user) = (ctx.clone(), login.clone(), user.clone());
    let outcome =
        services.db.write(move |conn| settle(conn, &ctx, &login, &user, &attempt)).await?;
    Ok(outcome)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    login: &Login,
    user: &User,
    attempt: &OtpAttempt,
) -> Result<CompleteOutcome, DbError> {
    if let Err(refusal) = otp::settle_in_tx(conn, ctx, attempt)? {
        return Ok(CompleteOutcome::Refused(refusal));
    }
    let stage =
        if user.setup_state == SetupState::Done { LoginStage::Complete } else { LoginStage::Setup };
    if !logins::advance(conn, &login.id, LoginStage::OtpPending, stage, ctx.now)? {
        return Ok(CompleteOutcome::Stale);
    }
    let mut resumed = None;
    if stage == LoginStage::Complete {
        users::note_login(conn, user.id, Channel::Web, ctx.now)?;
        resumed = resume_in_tx(conn, ctx, user, &login.id)?.map(Box::new);
    }
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "login.complete", &object, AuditResult::Done, "")?;
    Ok(CompleteOutcome::Done { stage, resumed })
}

/// Waits up to two seconds for the twin of a double click to complete this login; nothing if it
/// does not.
///
/// # Errors
/// Whatever the database says.
pub async fn await_completion(
    services: &Services,
    login: &Login,
) -> Result<Option<LoginStage>, DbError> {
    for _ in 0..WAIT_STEPS {
        let (portal, id) = (login.portal.clone(), login.id.clone());
        let current = services.db.read(move |conn| logins::find(conn, &portal, &id)).await?;
        let stage = current.filter(|login| login.ended_at.is_none()).map(|login| login.stage);
        match stage {
            Some(LoginStage::OtpPending) => tokio::time::sleep(WAIT_STEP).await,
            Some(stage) => return Ok(Some(stage)),
            None => return Ok(None),
        }
    }
    Ok(None)
}
