//! 利用停止・再開 (BAU040): administrators keep users out for a while, and let them in again.
//!
//! Rule: `user.manage` of the auth rules, and who may do what to whom (`permission/users.rs`). A
//! paused user is told so at login, after the right password; sessions and flows end at once.

use crate::db::DbConn;
use crate::db::queries::{flows, logins, member_acts, members, users};
use crate::domain::audit::AuditResult;
use crate::domain::login::EndReason;
use crate::domain::mail::MailKind;
use crate::domain::permission::users::{UserAct, decide_user_act};
use crate::operations::administration::{
    MemberLine, MembersOutcome, MembersReceipt, SeenMembers, finish, load, prove_and_act,
};
use crate::operations::notice::Notice;
use crate::operations::notice::members::tell_of_token;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseAct {
    /// 利用停止.
    Pause,
    /// 利用再開.
    Resume,
}

impl PauseAct {
    /// The name in receipts and in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pause => "user.pause",
            Self::Resume => "user.resume",
        }
    }

    /// As the rules about users have it.
    #[must_use]
    pub fn user_act(self) -> UserAct {
        match self {
            Self::Pause => UserAct::Pause,
            Self::Resume => UserAct::Resume,
        }
    }

    fn mail(self) -> MailKind {
        match self {
            Self::Pause => MailKind::UserPaused,
            Self::Resume => MailKind::UserResumed,
        }
    }
}

/// Pauses the ticked users, or lets them go on.
///
/// Permission: master and administrator users of the same contract, by the rules for the act.
///
/// # Errors
/// Database, hashing or key trouble; refusals are values.
pub async fn pause(
    services: &Services,
    ctx: &Ctx,
    way: PauseAct,
    input: SeenMembers,
) -> Result<MembersOutcome, OperationError> {
    let ticked = input.clone();
    let members = &input.members;
    prove_and_act(services, ctx, members, move |conn, ctx| act(conn, ctx, way, &ticked)).await
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    way: PauseAct,
    input: &SeenMembers,
) -> Result<String, ActAbort> {
    let (actor, ticked) = load(conn, ctx, &input.members)?;
    let mut concerned = Vec::new();
    for member in &ticked {
        // Counted again for each: of two master users paused at once, the second may be the last.
        let masters = members::count_masters(conn, actor.contract_id)?;
        let target = member.user_target(masters);
        guard(decide_user_act(&ctx.profile, &actor, target, way.user_act()).is_ok())?;
        let seen = input.seen(member)?;
        let user = users::get(conn, member.id)?;
        let is_done = match way {
            PauseAct::Pause => member_acts::pause(conn, seen, ctx.now)?,
            PauseAct::Resume => member_acts::resume(conn, seen)?,
        };
        guard(is_done)?;
        if way == PauseAct::Pause {
            logins::end_of_users(conn, &[member.id], "", EndReason::Staff, ctx.now)?;
            flows::end_of_user(conn, member.id, "")?;
        }
        let object = format!("user {}", member.id);
        audit::write(conn, ctx, way.name(), &object, AuditResult::Done, "")?;
        concerned.push(user);
    }
    let lines = ticked.iter().map(MemberLine::of).collect();
    let details = MembersReceipt { members: lines, kept: Vec::new() };
    let (_, url, number) = finish(conn, ctx, &input.members, way.name(), &details)?;
    let what = Notice { receipt_number: Some(number), ..Notice::of(way.mail()) };
    tell_of_token(conn, ctx, &concerned, &[], &what)?;
    Ok(url)
}
