//! パスワードの初期化 (BAU050): administrators give users a new initial password.
//!
//! Rule: `user.manage` of the auth rules, and who may do what to whom (`permission/users.rs`).
//! Login and confirming secret are unlocked, sessions and flows end, and the next login is a first
//! setup; a mail address that was proven stays proven.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::queries::{flows, logins, member_acts, members, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::member::{HandOver, Member};
use crate::domain::permission::users::{UserAct, decide_user_act};
use crate::domain::user::User;
use crate::operations::administration::initial_password::{self, DrawnPassword, hand_over_in_tx};
use crate::operations::administration::{
    MemberLine, MembersOutcome, SeenMembers, finish, load, outcome_of,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::proof::act::{ActProof, Asked, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::StepOutcome;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::ids::UserId;

/// The name in receipts and in the audit log.
pub const NAME: &str = "user.reset_password";

/// One line of BAU051; never a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetLine {
    /// Row id.
    pub user_id: UserId,
    /// Who.
    pub line: MemberLine,
    /// Where the password was sent, if it was.
    pub address: Option<String>,
}

/// What BAU051 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetReceipt {
    /// Whose password.
    pub members: Vec<ResetLine>,
    /// How it is handed over.
    pub hand_over: HandOver,
}

type Drawn = BTreeMap<UserId, DrawnPassword>;

/// Gives the ticked users new initial passwords.
///
/// Permission: master and administrator users of the same contract, by the rules for the act.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn reset(
    services: &Services,
    ctx: &Ctx,
    hand_over: HandOver,
    input: SeenMembers,
) -> Result<MembersOutcome, OperationError> {
    let members = input.members.clone();
    let asked = Asked::of(&members.actor, &members.proof);
    let reset = |proof| reset_proven(services, ctx, hand_over, (input, proof));
    once_proven(services, ctx, &members.key, asked, reset).await
}

async fn reset_proven(
    services: &Services,
    ctx: &Ctx,
    hand_over: HandOver,
    (input, proof): (SeenMembers, ActProof),
) -> Result<MembersOutcome, OperationError> {
    let drawn = draw_each(services, ctx, &input).await?;
    let ctx = ctx.clone();
    let outcome = services
        .db
        .write(move |conn| settle(conn, &ctx, hand_over, &input, (&proof, &drawn)))
        .await?;
    Ok(outcome)
}

async fn draw_each(
    services: &Services,
    ctx: &Ctx,
    input: &SeenMembers,
) -> Result<Drawn, OperationError> {
    let (contract_id, ids) = (input.members.actor.contract_id, input.members.user_ids.clone());
    let ticked = services.db.read(move |conn| members::find_all(conn, contract_id, &ids)).await?;
    let mut drawn = Drawn::new();
    for member in ticked {
        let password = initial_password::draw(services, ctx, &member.login_id).await?;
        drawn.insert(member.id, password);
    }
    Ok(drawn)
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    hand_over: HandOver,
    input: &SeenMembers,
    (proof, drawn): (&ActProof, &Drawn),
) -> Result<MembersOutcome, DbError> {
    if let Err(refusal) = settle_in_tx(conn, ctx, &input.members.actor, proof)? {
        return Ok(StepOutcome::Refused(vec![refusal]).into());
    }
    outcome_of(savepoint_act(conn, |conn| act(conn, ctx, hand_over, input, drawn)))
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    hand_over: HandOver,
    input: &SeenMembers,
    drawn: &Drawn,
) -> Result<String, ActAbort> {
    let (actor, ticked) = load(conn, ctx, &input.members)?;
    let masters = members::count_masters(conn, actor.contract_id)?;
    let (mut concerned, mut lines) = (Vec::new(), Vec::new());
    for member in &ticked {
        let target = member.user_target(masters);
        guard(decide_user_act(&ctx.profile, &actor, target, UserAct::ResetPassword).is_ok())?;
        let password = drawn.get(&member.id).ok_or(ActAbort::Stale)?;
        let user = reset_one(conn, ctx, input, member, password)?;
        let address = match hand_over {
            HandOver::Mail => Some(address_of(conn, &user)?.ok_or(ActAbort::Stale)?),
            HandOver::Print => None,
        };
        lines.push(ResetLine { user_id: user.id, line: MemberLine::of(member), address });
        concerned.push(user);
    }
    let details = ResetReceipt { members: lines, hand_over };
    let (receipt_id, url, number) = finish(conn, ctx, &input.members, NAME, &details)?;
    for (user, line) in concerned.iter().zip(&details.members) {
        let password = drawn.get(&user.id).ok_or(ActAbort::Stale)?;
        let way = (hand_over, line.address.as_deref());
        hand_over_in_tx(conn, ctx, (receipt_id, number), user, password, way)?;
    }
    let what = Notice { receipt_number: Some(number), ..Notice::of(MailKind::PasswordReset) };
    tell_of_token(conn, ctx, &concerned, &[], &what)?;
    Ok(url)
}

fn reset_one(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &SeenMembers,
    member: &Member,
    password: &DrawnPassword,
) -> Result<User, ActAbort> {
    let seen = input.seen(member)?;
    guard(member_acts::reset_password(conn, seen, &password.hash)?)?;
    logins::end_of_users(conn, &[member.id], "", EndReason::SecretChanged, ctx.now)?;
    flows::end_of_user(conn, member.id, "")?;
    let object = format!("user {}", member.id);
    audit::write(conn, ctx, NAME, &object, AuditResult::Done, "")?;
    Ok(users::get(conn, member.id)?)
}

/// The proven address, or the one that waits for its proof.
fn address_of(conn: &mut DbConn, user: &User) -> Result<Option<String>, DbError> {
    match &user.mail_address {
        Some(address) => Ok(Some(address.clone())),
        None => member_acts::find_unverified_address(conn, user.id),
    }
}
