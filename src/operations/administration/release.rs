//! ワンタイムパスワード利用停止解除 (BAU010, BAU011): an administrator releases suspended tokens.
//!
//! Rule (otp.md, release): all users of the same serial are released with the ticked one. Nobody
//! releases themself or a user with whom they share the token, nor a token whose user stopped
//! everything (緊急停止): only staff undo that.

use std::collections::BTreeSet;

use crate::db::DbConn;
use crate::db::queries::{members, tokens, users};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::permission::decide_token_act;
use crate::domain::token::TokenAct;
use crate::operations::administration::{
    MemberLine, MembersAct, MembersOutcome, MembersReceipt, failures_max, finish, load,
    prove_and_act,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;
use crate::primitives::ids::TokenId;

/// Releases the tokens of the ticked users.
///
/// Permission: master and administrator users of the same contract.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn release(
    services: &Services,
    ctx: &Ctx,
    input: MembersAct,
) -> Result<MembersOutcome, OperationError> {
    let ticked = input.clone();
    prove_and_act(services, ctx, &input, move |conn, ctx| act(conn, ctx, &ticked)).await
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &MembersAct) -> Result<String, ActAbort> {
    let (actor, ticked) = load(conn, ctx, input)?;
    let max = failures_max(ctx);
    let mut token_ids = BTreeSet::new();
    for member in &ticked {
        let target = member.target(max, ctx.now);
        guard(decide_token_act(&ctx.profile, &actor, target, TokenAct::Release).is_ok())?;
        token_ids.extend(member.token_id);
    }
    let mut released = Vec::new();
    for token_id in &token_ids {
        released.extend(release_token(conn, ctx, *token_id, "by an administrator")?);
    }
    released.sort_by(|a, b| a.login_id.cmp(&b.login_id));
    let details = MembersReceipt { members: released, kept: Vec::new() };
    let (_, url, number) = finish(conn, ctx, input, "token.release", &details)?;
    for token_id in token_ids {
        tell_released(conn, ctx, token_id, number)?;
    }
    Ok(url)
}

/// Word of the release to the token's users and the administrators.
pub(super) fn tell_released(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    receipt_number: i32,
) -> Result<(), ActAbort> {
    let token = tokens::get(conn, token_id)?;
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        receipt_number: Some(receipt_number),
        ..Notice::of(MailKind::TokenReleased)
    };
    let holders = users::list_by_token(conn, token_id)?;
    tell_of_token(conn, ctx, &holders, &[], &what)?;
    Ok(())
}

/// Releases one token; returns its users. `by` is for the audit log.
pub(super) fn release_token(
    conn: &mut DbConn,
    ctx: &Ctx,
    token_id: TokenId,
    by: &str,
) -> Result<Vec<MemberLine>, ActAbort> {
    let holders = users::list_by_token(conn, token_id)?;
    let ids: Vec<_> = holders.iter().map(|user| user.id).collect();
    let contract_id = holders.first().map(|user| user.contract_id).ok_or(ActAbort::Stale)?;
    guard(holders.iter().all(|user| user.stopped_at.is_none()))?;
    guard(tokens::release(conn, token_id, failures_max(ctx))?)?;
    let object = format!("token {token_id}");
    let details = format!("{by}, {} users", ids.len());
    audit::write(conn, ctx, "token.release", &object, AuditResult::Done, &details)?;
    let lines = members::find_all(conn, contract_id, &ids)?;
    Ok(lines.iter().map(MemberLine::of).collect())
}
