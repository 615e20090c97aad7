//! The proof of BCE002: whoever gave it may draw a certificate for ten minutes (BCE003).

use crate::db::queries::{certificates, one_time_keys, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::PERMIT_LIFETIME;
use crate::domain::login::{Login, LoginStage};
use crate::domain::user::User;
use crate::operations::certificate::own;
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{ActProof, Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::ids::random_short_id;

/// What BCE002 sends.
#[derive(Debug, Clone)]
pub struct Permit {
    /// Who.
    pub user: User,
    /// In which login.
    pub login: Login,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address BCE003 stands; the permit's id follows.
    pub base_url: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermitOutcome {
    /// BCE003 shows there.
    Done(String),
    /// Anything else.
    Step(StepOutcome),
}

impl From<StepOutcome> for PermitOutcome {
    fn from(step: StepOutcome) -> Self {
        match step {
            StepOutcome::AlreadyDone(url) => Self::Done(url),
            step => Self::Step(step),
        }
    }
}

impl Outcome for PermitOutcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// Proves the user, and lets the login draw a certificate where one may be drawn.
///
/// Permission: the user, as far as [`crate::domain::certificate::choice`] allows.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn permit(
    services: &Services,
    ctx: &Ctx,
    input: Permit,
) -> Result<PermitOutcome, OperationError> {
    let permit_id = random_short_id()?;
    let (user, given, key) = (input.user.clone(), input.proof.clone(), input.key.clone());
    once_proven(services, ctx, &key, Asked::of(&user, &given), async move |proof| {
        let ctx = ctx.clone();
        let outcome =
            services.db.write(move |conn| settle(conn, &ctx, &input, &proof, &permit_id)).await?;
        Ok(outcome)
    })
    .await
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Permit,
    proof: &ActProof,
    permit_id: &str,
) -> Result<PermitOutcome, DbError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.user, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, permit_id)) {
        Ok(url) => Ok(PermitOutcome::Done(url)),
        Err(ActAbort::Stale) => Ok(PermitOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Permit, permit_id: &str) -> Result<String, ActAbort> {
    let login = &input.login;
    guard(crate::db::queries::logins::is_open_at(conn, &login.id, LoginStage::Complete)?)?;
    let user = users::get(conn, input.user.id)?;
    guard(user.deleted_at.is_none() && user.paused_at.is_none())?;
    guard(own(conn, ctx, login, &user)?.choice.may_draw())?;
    certificates::insert_permit(
        conn,
        certificates::NewPermit {
            id: permit_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: user.id,
            login_id: login.id.clone(),
            created_at: ctx.now,
            expires_at: ctx.now + PERMIT_LIFETIME,
        },
    )?;
    let object = format!("user {}", user.id);
    audit::write(conn, ctx, "certificate.permit", &object, AuditResult::Done, "")?;
    let url = format!("{}/{permit_id}", input.base_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok(url)
}
