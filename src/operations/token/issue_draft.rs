//! The draft of an issue: what BOT001 takes is kept in the flow, the activation password as its
//! hash only; BOT002 asks for the code that is mailed on the way there.

use crate::db::queries::flows;
use crate::db::{DbConn, DbError};
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::token_issue::IssueDraft;
use crate::domain::user::User;
use crate::operations::proof::mail::{self, DrawnCode};
use crate::operations::step::StepOutcome;
use crate::operations::token::issue::PURPOSE;
use crate::operations::token::registration_number;
use crate::operations::{Ctx, OperationError, Services, count_limit};

/// How a step of the draft ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftOutcome {
    /// Done.
    Done,
    /// No more codes are mailed within this hour.
    TooManyMails,
    /// The flow stands elsewhere.
    Stale,
}

/// The draft of a flow; an empty one where nothing was typed yet.
#[must_use]
pub fn read(flow: &Flow) -> IssueDraft {
    serde_json::from_str(&flow.draft).unwrap_or_default()
}

fn text(draft: &IssueDraft) -> Result<String, OperationError> {
    serde_json::to_string(draft).map_err(|_| OperationError::Corrupt("a draft"))
}

/// What BOT001 takes.
#[derive(Debug, Clone, Copy)]
pub struct DraftInput<'a> {
    /// 携帯メールアドレス.
    pub mail_address: &'a str,
    /// 利用開始パスワード.
    pub activation_password: &'a str,
    /// 登録番号, where one is needed.
    pub registration_number: Option<&'a str>,
}

/// Keeps address and activation password, and mails a code to the registered address unless the one
/// sent before can still be used. `Err` of the inner result: 登録番号 was refused.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database or hashing trouble, or no randomness.
pub async fn keep(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    input: DraftInput<'_>,
) -> Result<Result<DraftOutcome, StepOutcome>, OperationError> {
    let number = input.registration_number;
    let number_digest = match registration_number::prove(services, ctx, user, flow, number).await? {
        Ok(number_digest) => number_digest,
        Err(outcome) => return Ok(Err(outcome)),
    };
    let hash = services.hasher.make(input.activation_password).await?;
    let mail_address = input.mail_address.to_owned();
    let draft = IssueDraft { mail_address, activation_hash: Some(hash), number_digest };
    let draft = text(&draft)?;
    let drawn = mail::draw(&services.keys, user, PURPOSE)?;
    let (ctx, user, flow_id) = (ctx.clone(), user.clone(), flow.id.clone());
    let outcome = services
        .db
        .write(move |conn| {
            let open = mail::find(conn, &user, PURPOSE)?;
            let tries_max = count_limit(ctx.profile.mail_code.failures_max);
            let is_usable = open.is_some_and(|open| open.is_usable_at(tries_max, ctx.now));
            if !is_usable && !send_in_tx(conn, &ctx, &user, &drawn)? {
                return Ok(DraftOutcome::TooManyMails);
            }
            let (from, to) = (FlowStep::Input, FlowStep::Confirm);
            if !flows::update_draft(conn, &flow_id, from, to, &draft)? {
                return Ok(DraftOutcome::Stale);
            }
            Ok::<_, DbError>(DraftOutcome::Done)
        })
        .await?;
    Ok(Ok(outcome))
}

/// Goes back to BOT001: the address stays, the activation password has to be typed again. False:
/// the flow stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn go_back(services: &Services, flow: &Flow) -> Result<bool, OperationError> {
    let draft =
        text(&IssueDraft { mail_address: read(flow).mail_address, ..IssueDraft::default() })?;
    let flow_id = flow.id.clone();
    let is_moved = services
        .db
        .write(move |conn| {
            flows::update_draft(conn, &flow_id, FlowStep::Confirm, FlowStep::Input, &draft)
        })
        .await?;
    Ok(is_moved)
}

/// Mails a new code (再送).
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn send_again(
    services: &Services,
    ctx: &Ctx,
    user: &User,
) -> Result<DraftOutcome, OperationError> {
    let drawn = mail::draw(&services.keys, user, PURPOSE)?;
    let (ctx, user) = (ctx.clone(), user.clone());
    let is_sent = services.db.write(move |conn| send_in_tx(conn, &ctx, &user, &drawn)).await?;
    Ok(if is_sent { DraftOutcome::Done } else { DraftOutcome::TooManyMails })
}

/// Sends to the registered address; a customer without one gets none.
fn send_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    drawn: &DrawnCode,
) -> Result<bool, DbError> {
    match &user.mail_address {
        Some(address) => mail::send_in_tx(conn, ctx, user, (PURPOSE, address), drawn),
        None => Ok(false),
    }
}
