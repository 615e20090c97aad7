//! トークンの失効 (BAU020, BAU021): an administrator takes tokens away.
//!
//! Rule (otp.md, revoke): only the ticked users lose the token, whoever else shares it keeps it; a
//! token that nobody has any more retires. Whoever is revoked cannot log in until another token may
//! be registered (`tokens.revocation` of the profile).

use crate::db::DbConn;
use crate::db::queries::{flows, logins, tokens, users};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::member::Member;
use crate::domain::permission::decide_token_act;
use crate::domain::token::{StoredTokenStatus, TokenAct, TokenState};
use crate::operations::administration::{
    MemberLine, MembersAct, MembersOutcome, MembersReceipt, failures_max, finish, load,
    prove_and_act, retire_unused,
};
use crate::operations::limit::bring_back::{BringBack, bring_back};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;
use crate::primitives::ids::TokenId;

/// Revokes the tokens of the ticked users.
///
/// Permission: master and administrator users of the same contract, the own token too.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn revoke(
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
    for member in &ticked {
        let target = member.target(max, ctx.now);
        guard(decide_token_act(&ctx.profile, &actor, target, TokenAct::Revoke).is_ok())?;
        guard(users::get(conn, member.id)?.stopped_at.is_none())?;
    }
    for member in &ticked {
        take_away(conn, ctx, member)?;
    }
    let mut token_ids: Vec<TokenId> = ticked.iter().filter_map(|member| member.token_id).collect();
    token_ids.sort_unstable();
    token_ids.dedup();
    let kept = retire_unused(conn, ctx, actor.contract_id, &token_ids, TokenState::Retired)?;
    let lines = ticked.iter().map(MemberLine::of).collect();
    let details = MembersReceipt { members: lines, kept };
    let (_, url, number) = finish(conn, ctx, input, "token.revoke", &details)?;
    for token_id in token_ids {
        tell(conn, ctx, &ticked, token_id, number)?;
    }
    Ok(url)
}

/// One notice a token, whoever of its users lost it.
fn tell(
    conn: &mut DbConn,
    ctx: &Ctx,
    ticked: &[Member],
    token_id: TokenId,
    receipt_number: i32,
) -> Result<(), ActAbort> {
    let token = tokens::get(conn, token_id)?;
    let what = Notice {
        serial_last_four: last_four(&token.serial),
        receipt_number: Some(receipt_number),
        expires_at: Some(ctx.profile.revocation_wait_until(ctx.now)),
        ..Notice::of(MailKind::TokenRevoked)
    };
    let mut concerned = Vec::new();
    for member in ticked.iter().filter(|member| member.token_id == Some(token_id)) {
        concerned.push(users::get(conn, member.id)?);
    }
    let sharers = users::list_by_token(conn, token_id)?;
    tell_of_token(conn, ctx, &concerned, &sharers, &what)?;
    Ok(())
}

/// Ends the user's link to the token and whatever rests on it.
fn take_away(conn: &mut DbConn, ctx: &Ctx, member: &Member) -> Result<(), ActAbort> {
    let columns = users::TokenColumns {
        token_id: None,
        token_status: StoredTokenStatus::Revoked,
        token_since: Some(ctx.now),
        revoked_at: Some(ctx.now),
        login_otp_chosen: false,
    };
    guard(users::update_token(conn, member.id, member.token_status, member.token_id, &columns)?)?;
    logins::end_of_users(conn, &[member.id], "", EndReason::TokenChanged, ctx.now)?;
    flows::end_of_user(conn, member.id, "")?;
    let user = users::get(conn, member.id)?;
    guard(bring_back(conn, ctx, &user, BringBack::Revoked)?)?;
    let object = format!("user {}", member.id);
    let token = member.token_id.map_or_else(String::new, |id| format!("token {id}"));
    audit::write(conn, ctx, "token.revoke", &object, AuditResult::Done, &token)?;
    Ok(())
}
