//! 利用者管理: what master and administrator users of a company do to its users.
//!
//! Every act is about a list of users that was ticked. It is done for all of them or for none: if
//! the state of one has changed since the list was shown, nothing happens and the list shows anew.

pub mod approve;
mod delete;
pub mod draft;
pub mod initial_password;
pub mod leave;
pub mod order;
pub mod pause;
pub mod registration;
pub mod release;
pub mod reset;
pub mod revoke;
pub mod save;
pub mod stop;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::queries::{contracts, custody, member_acts, members, one_time_keys, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::member::Member;
use crate::domain::permission::may_administer;
use crate::domain::token::TokenState;
use crate::domain::user::{Role, User};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::{Asked, GivenProof, settle_in_tx};
use crate::operations::proof::once::once_proven;
use crate::operations::step::{Outcome, StepOutcome};
use crate::operations::{ActAbort, Ctx, OperationError, Services, count_limit, guard, receipt};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, ReceiptId, TokenId, UserId};

/// What a list of ticked users sends.
#[derive(Debug, Clone)]
pub struct MembersAct {
    /// Who acts.
    pub actor: User,
    /// The ticked users.
    pub user_ids: Vec<UserId>,
    /// What the auth rules ask for.
    pub proof: GivenProof,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which address results show; the receipt's id follows.
    pub results_url: String,
}

/// Ticked users as the list showed them.
#[derive(Debug, Clone)]
pub struct SeenMembers {
    /// Who acts, on whom, with what proof.
    pub members: MembersAct,
    /// How often each user had been changed then.
    pub versions: BTreeMap<UserId, i64>,
}

impl SeenMembers {
    /// What a list with these ticks sends.
    #[must_use]
    pub fn new(
        actor: &User,
        versions: BTreeMap<UserId, i64>,
        proof: GivenProof,
        key: RequestKey,
        results_url: String,
    ) -> SeenMembers {
        let user_ids = versions.keys().copied().collect();
        let members = MembersAct { actor: actor.clone(), user_ids, proof, key, results_url };
        SeenMembers { members, versions }
    }

    fn seen(&self, member: &Member) -> Result<member_acts::Seen, ActAbort> {
        let version = self.versions.get(&member.id).copied().ok_or(ActAbort::Stale)?;
        Ok(member_acts::Seen { id: member.id, contract_id: member.contract_id, version })
    }
}

/// How an act on users ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersOutcome {
    /// Done; the result shows there.
    Done(String),
    /// Anything else.
    Step(StepOutcome),
}

impl From<StepOutcome> for MembersOutcome {
    fn from(step: StepOutcome) -> Self {
        match step {
            StepOutcome::AlreadyDone(url) => Self::Done(url),
            step => Self::Step(step),
        }
    }
}

impl Outcome for MembersOutcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// One line of a result, as it stays for a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: Role,
    /// Serial of the token that it was about.
    pub serial: Option<String>,
    /// Its expiry.
    pub expires_at: Option<UtcTime>,
}

impl MemberLine {
    pub(in crate::operations) fn of(member: &Member) -> MemberLine {
        MemberLine {
            login_id: member.login_id.clone(),
            name: member.name.clone(),
            role: member.role,
            serial: member.serial.clone(),
            expires_at: member.expires_at,
        }
    }
}

/// What a result page shows beside number and time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersReceipt {
    /// Whom it was done to.
    pub members: Vec<MemberLine>,
    /// Who shares the token and keeps it.
    pub kept: Vec<MemberLine>,
}

/// Does `act` once for its form, with the proof settled in the same transaction. A refused or
/// failed proof is committed; an act that finds another state than its list showed leaves nothing
/// behind.
pub(in crate::operations) async fn prove_and_act(
    services: &Services,
    ctx: &Ctx,
    input: &MembersAct,
    act: impl Fn(&mut DbConn, &Ctx) -> Result<String, ActAbort> + Send + 'static,
) -> Result<MembersOutcome, OperationError> {
    let asked = Asked::of(&input.actor, &input.proof);
    once_proven(services, ctx, &input.key, asked, async move |proof| {
        let (ctx, actor) = (ctx.clone(), input.actor.clone());
        let outcome = services
            .db
            .write(move |conn| {
                if let Err(refusal) = settle_in_tx(conn, &ctx, &actor, &proof)? {
                    return Ok(StepOutcome::Refused(vec![refusal]).into());
                }
                outcome_of(savepoint_act(conn, |conn| act(conn, &ctx)))
            })
            .await?;
        Ok(outcome)
    })
    .await
}

/// The ticked users as they stand now, with the actor as of now.
///
/// Stale: the actor is no administrator any more, or a ticked user is gone.
pub(in crate::operations) fn load(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
) -> Result<(User, Vec<Member>), ActAbort> {
    let actor = users::get(conn, input.actor.id)?;
    guard(may_administer(&ctx.profile, &actor))?;
    guard(contracts::get(conn, actor.contract_id)?.closed_at.is_none())?;
    let ticked = members::find_all(conn, actor.contract_id, &input.user_ids)?;
    guard(!ticked.is_empty() && ticked.len() == input.user_ids.len())?;
    Ok((actor, ticked))
}

/// Writes the receipt and finishes the form's key; returns the receipt's id, the result's address
/// and the number.
pub(in crate::operations) fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &MembersAct,
    operation: &str,
    details: &impl Serialize,
) -> Result<(ReceiptId, String, i32), ActAbort> {
    let (id, number) = receipt::write_in_tx(conn, ctx, input.actor.id, operation, details)?;
    let url = format!("{}/{id}", input.results_url);
    guard(one_time_keys::finish(conn, &input.key.key, &url)?)?;
    Ok((id, url, number))
}

/// Gives up the tokens that nobody has any more; returns who keeps one.
fn retire_unused(
    conn: &mut DbConn,
    ctx: &Ctx,
    contract_id: ContractId,
    token_ids: &[TokenId],
    to: TokenState,
) -> Result<Vec<MemberLine>, ActAbort> {
    let mut kept = Vec::new();
    for &token_id in token_ids {
        let holders: Vec<_> =
            users::list_by_token(conn, token_id)?.iter().map(|user| user.id).collect();
        if holders.is_empty() {
            let token = tokens::get(conn, token_id)?;
            guard(tokens::update_state(conn, token_id, token.state, to, ctx.now)?)?;
        }
        let lines = members::find_all(conn, contract_id, &holders)?;
        kept.extend(lines.iter().map(MemberLine::of));
    }
    Ok(kept)
}

/// How many of the user's company could log in now and release somebody, those of `except` aside.
///
/// # Errors
/// Whatever the database says.
pub fn count_able(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    except: &[UserId],
) -> Result<i64, DbError> {
    let starts = contracts::get(conn, user.contract_id)?.otp_starts_at(&ctx.profile);
    let needs_token = starts.is_some_and(|start| start <= ctx.now);
    let facts = (needs_token, failures_max(ctx), ctx.now);
    custody::count_able_administrators(conn, user.contract_id, except, facts)
}

fn failures_max(ctx: &Ctx) -> i32 {
    count_limit(ctx.profile.tokens.throttle.failures_max)
}

fn outcome_of(act: Result<String, ActAbort>) -> Result<MembersOutcome, DbError> {
    match act {
        Ok(url) => Ok(MembersOutcome::Done(url)),
        Err(ActAbort::Stale) => Ok(MembersOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error),
    }
}
