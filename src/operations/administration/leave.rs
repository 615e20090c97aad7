//! 退職者の手続き (BAU070, BAU071): users who leave the company go in one act, and their tokens stay
//! with it.
//!
//! Rule: as 削除 of each of them. A token that others share stays with them; one that nobody has any
//! more can be registered by the next user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::DbConn;
use crate::db::queries::{members, tokens, users};
use crate::domain::audit::AuditResult;
use crate::domain::mail::MailKind;
use crate::domain::member::Member;
use crate::domain::permission::users::{UserAct, decide_user_act};
use crate::domain::token::TokenState;
use crate::operations::administration::delete::{delete_in_tx, give_back};
use crate::operations::administration::{
    MemberLine, MembersOutcome, SeenMembers, finish, load, prove_and_act,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::ids::TokenId;

/// The name in receipts; in the audit log each user is a `user.delete`.
pub const NAME: &str = "user.leave";

/// What became of a leaver's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeftToken {
    /// There was none.
    None,
    /// These users keep it.
    Shared(Vec<String>),
    /// Nobody has it: the next user can register it.
    Unregistered,
    /// It is never used again, since its user stopped everything (緊急停止).
    Retired,
}

/// What BAU071 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveReceipt {
    /// Who left, and what became of the token.
    pub leavers: Vec<(MemberLine, LeftToken)>,
}

/// Deletes the ticked users.
///
/// Permission: master and administrator users of the same contract, by the rules for 削除.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn leave(
    services: &Services,
    ctx: &Ctx,
    input: SeenMembers,
) -> Result<MembersOutcome, OperationError> {
    let ticked = input.clone();
    prove_and_act(services, ctx, &input.members, move |conn, ctx| act(conn, ctx, &ticked)).await
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &SeenMembers) -> Result<String, ActAbort> {
    let (actor, ticked) = load(conn, ctx, &input.members)?;
    let mut concerned = Vec::new();
    for member in &ticked {
        // Counted again for each: of two master users who leave, the second may be the last.
        let masters = members::count_masters(conn, actor.contract_id)?;
        let target = member.user_target(masters);
        guard(decide_user_act(&ctx.profile, &actor, target, UserAct::Delete).is_ok())?;
        concerned.push(delete_in_tx(conn, ctx, member, input.seen(member)?)?);
        let object = format!("user {}", member.id);
        audit::write(conn, ctx, "user.delete", &object, AuditResult::Done, NAME)?;
    }
    // Only now: of those who leave together, none keeps the token that another one stopped.
    let mut tokens: BTreeMap<TokenId, bool> = BTreeMap::new();
    for user in &concerned {
        let Some(token_id) = user.token_id else { continue };
        *tokens.entry(token_id).or_default() |= user.stopped_at.is_some();
    }
    for (token_id, is_stopped) in tokens {
        give_back(conn, ctx, token_id, is_stopped)?;
    }
    let mut leavers = Vec::new();
    for member in &ticked {
        leavers.push((MemberLine::of(member), left_token(conn, member)?));
    }
    let (_, url, number) = finish(conn, ctx, &input.members, NAME, &LeaveReceipt { leavers })?;
    let what = Notice { receipt_number: Some(number), ..Notice::of(MailKind::UserDeleted) };
    tell_of_token(conn, ctx, &concerned, &[], &what)?;
    Ok(url)
}

/// What became of the token, once all of them are gone.
fn left_token(conn: &mut DbConn, member: &Member) -> Result<LeftToken, ActAbort> {
    let Some(token_id) = member.token_id else { return Ok(LeftToken::None) };
    let holders = users::list_by_token(conn, token_id)?;
    if !holders.is_empty() {
        return Ok(LeftToken::Shared(holders.into_iter().map(|user| user.name).collect()));
    }
    Ok(match tokens::get(conn, token_id)?.state {
        TokenState::Retired => LeftToken::Retired,
        TokenState::Stock | TokenState::Shipped | TokenState::InUse => LeftToken::Unregistered,
    })
}
