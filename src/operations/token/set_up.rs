//! Set-up of an issued credential, in the token app (TOK001) or in another maker's app (BOT003).
//!
//! Rule: service id, user id and activation password, within the issue's hours; the try is counted
//! before the password is looked at. Wrong tries or time that are used up end the issue and bring
//! the customer back to where they stood before it. One app gets the secret; the same app may ask
//! again when the answer was lost. Whatever is refused is refused alike.

use crate::db::queries::{token_issues, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::token::Token;
use crate::domain::token_issue::TokenIssue;
use crate::operations::token::hand_over::{HandedOver, hand_over};
use crate::operations::token::issue_end::end_if_due;
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::hand_over::AppKey;
use crate::primitives::password::nobodys_hash;
use crate::primitives::secret::Secret;

/// What TOK001 sends.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// サービスID, half width.
    pub service_id: String,
    /// ユーザID, half width.
    pub user_number: String,
    /// 利用開始パスワード.
    pub activation_password: Secret,
    /// The app's key.
    pub app_key: AppKey,
}

/// How a set-up ended.
#[derive(Debug)]
pub enum SetUpOutcome {
    /// The app has the secret.
    Done(Box<HandedOver>),
    /// Unknown id, wrong password, issue over or set up elsewhere: alike.
    Refused,
}

/// A try to take the secret of an issue.
#[derive(Debug, Clone)]
pub(super) struct Taking {
    /// サービスID, half width.
    pub service_id: String,
    /// ユーザID, half width.
    pub user_number: String,
    /// 利用開始パスワード.
    pub activation_password: Secret,
    /// Digest by which the same taker is known again.
    pub taker: String,
}

/// What was taken.
pub(super) struct Taken {
    pub token: Token,
    pub secret: Secret,
    /// When it was taken first.
    pub set_up_at: UtcTime,
}

enum Claim {
    Counted(Box<TokenIssue>),
    Refused { issue: Option<Box<TokenIssue>>, why: &'static str },
}

/// Sets the app up.
///
/// Permission: anybody who knows service id, user id and activation password; the auth rules ask
/// for nothing more.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn set_up(
    services: &Services,
    ctx: &Ctx,
    input: &SetUp,
) -> Result<SetUpOutcome, OperationError> {
    let taking = Taking {
        service_id: input.service_id.clone(),
        user_number: input.user_number.clone(),
        activation_password: input.activation_password.clone(),
        taker: input.app_key.digest(),
    };
    let Some(taken) = take(services, ctx, &taking).await? else { return Ok(SetUpOutcome::Refused) };
    let ends_at = ends_at(ctx, &taken.token, taken.set_up_at);
    let made = hand_over(&input.app_key, &taken.token, &taken.secret, taken.set_up_at, ends_at)?;
    Ok(SetUpOutcome::Done(Box::new(made)))
}

/// Takes the secret of an issue. Nothing: unknown id, wrong password, issue over or taken by
/// another one, all alike.
///
/// # Errors
/// Database, hashing or key trouble.
pub(super) async fn take(
    services: &Services,
    ctx: &Ctx,
    taking: &Taking,
) -> Result<Option<Taken>, OperationError> {
    let (claim_ctx, claim_taking) = (ctx.clone(), taking.clone());
    let claim = services.db.claim(move |conn| claim_in_tx(conn, &claim_ctx, &claim_taking)).await?;
    let password = std::str::from_utf8(taking.activation_password.expose()).unwrap_or_default();
    let issue = match claim {
        Claim::Counted(issue) => issue,
        Claim::Refused { issue, why } => {
            // Costs what a comparison costs.
            services.hasher.verify(nobodys_hash(), password).await?;
            refuse(services, ctx, issue, why).await?;
            return Ok(None);
        }
    };
    if !services.hasher.verify(&issue.activation_hash, password).await?.is_match {
        refuse(services, ctx, Some(issue), "wrong activation password").await?;
        return Ok(None);
    }
    let Some(token) = settle_match(services, ctx, &issue, &taking.taker).await? else {
        refuse(services, ctx, None, "over, or set up elsewhere meanwhile").await?;
        return Ok(None);
    };
    let sealing = Token::sealing_context(&token.portal, &token.serial);
    let secret = services.keys.open(&sealing, &token.sealing_key_id, &token.secret_sealed)?;
    Ok(Some(Taken { token, secret, set_up_at: issue.set_up_at.unwrap_or(ctx.now) }))
}

fn claim_in_tx(conn: &mut DbConn, ctx: &Ctx, input: &Taking) -> Result<Claim, DbError> {
    let policy = ctx.profile.tokens.issue.as_ref();
    let Some(policy) = policy.filter(|policy| policy.service_id == input.service_id) else {
        return Ok(Claim::Refused { issue: None, why: "unknown service id" });
    };
    let found = token_issues::find_by_user_number(conn, ctx.portal_slug(), &input.user_number)?;
    let Some(issue) = found.map(Box::new) else {
        return Ok(Claim::Refused { issue: None, why: "unknown user id" });
    };
    let max = count_limit(policy.set_up_failures_max);
    if token_issues::claim_failure(conn, issue.id, &input.taker, max, ctx.now)? {
        return Ok(Claim::Counted(issue));
    }
    let why = if issue.set_up_at.is_some() { "set up elsewhere" } else { "over" };
    Ok(Claim::Refused { issue: Some(issue), why })
}

async fn settle_match(
    services: &Services,
    ctx: &Ctx,
    issue: &TokenIssue,
    taker: &str,
) -> Result<Option<Token>, OperationError> {
    let (ctx, issue, digest) = (ctx.clone(), issue.clone(), taker.to_owned());
    let token = services
        .db
        .write(move |conn| {
            if !token_issues::update_set_up(conn, issue.id, &digest, ctx.now)? {
                return Ok::<_, DbError>(None);
            }
            let token = tokens::get(conn, issue.token_id)?;
            let details = if issue.set_up_at.is_some() { "the same app again" } else { "" };
            let object = format!("token {}", token.id);
            audit::write(conn, &ctx, "token.set_up", &object, AuditResult::Done, details)?;
            Ok(Some(token))
        })
        .await?;
    Ok(token)
}

/// The end that the token has already, or that it gets when it is started on the day of set-up.
fn ends_at(ctx: &Ctx, token: &Token, set_up_at: UtcTime) -> Option<UtcTime> {
    let printed = token.expires_at.map(jst_day);
    token.expires_at.or_else(|| ctx.profile.tokens.validity.ends_at(jst_day(set_up_at), printed))
}

/// Writes the refusal down and ends the issue where its tries or its time are used up.
async fn refuse(
    services: &Services,
    ctx: &Ctx,
    issue: Option<Box<TokenIssue>>,
    why: &'static str,
) -> Result<(), OperationError> {
    let ctx = ctx.clone();
    services
        .db
        .write(move |conn| {
            let object =
                issue.as_ref().map_or("unknown id".to_owned(), |i| format!("token {}", i.token_id));
            audit::write(conn, &ctx, "token.set_up", &object, AuditResult::Refused, why)?;
            match &issue {
                Some(issue) => end_if_due(conn, &ctx, issue),
                None => Ok(false),
            }
        })
        .await?;
    Ok(())
}
