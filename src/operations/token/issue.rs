//! トークン発行 (BOT002): the portal makes a credential for the customer, who sets it up in the token
//! app with サービスID, ユーザID and 利用開始パスワード.
//!
//! Rule: the mailed code and the confirming secret, as the auth rules ask for `otp.issue`. An issue
//! ends the one before it and opens the hold. The mail to the phone carries the ids and the app's
//! address, never a secret.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::db::queries::{flows, one_time_keys, registration_numbers, token_issues, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::flow::Flow;
use crate::domain::mail::MailKind;
use crate::domain::mail_code::{MailCode, MailCodePurpose};
use crate::domain::portal::{Credential, IssuePolicy, KindRules};
use crate::domain::registration_number::is_needed;
use crate::domain::token::{StoredTokenStatus, Token, TokenAct, TokenState};
use crate::domain::token_issue::{IssueEnd, TokenIssue};
use crate::domain::user::User;
use crate::operations::notice::{self, IssueGuide, Notice};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::mail;
use crate::operations::receipt;
use crate::operations::step::{StepOutcome, once};
use crate::operations::token::confirmation::{Confirmation, Confirmed, confirm, settle_confirmed};
use crate::operations::token::flow::standing;
use crate::operations::token::issue_draft;
use crate::operations::user::hold::open_hold;
use crate::operations::{ActAbort, Ctx, OperationError, Services, audit, guard};
use crate::primitives::code::last_four;
use crate::primitives::ids::{TokenId, random_bytes, random_digits};
use crate::primitives::keys::Sealed;
use crate::primitives::secret::Secret;

/// 160 bits, as RFC 4226 asks for.
const SECRET_BYTES: usize = 20;
/// Serials and ids are drawn so many times before an issue is given up: one of nine digits is taken
/// already once in a thousand draws where a million tokens were issued.
const CANDIDATES: usize = 4;

/// The code that an issue asks for.
pub const PURPOSE: MailCodePurpose = MailCodePurpose::TokenIssue;

/// What BOT002 sends.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The customer.
    pub user: User,
    /// The flow, at its check step, with the draft.
    pub flow: Flow,
    /// メール通知パスワード, normalised.
    pub mail_code: String,
    /// The confirmation.
    pub confirmation: Confirmation,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Where the result shows.
    pub result_url: String,
    /// Where the token app is.
    pub app_url: String,
}

/// What BOT003 shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueReceipt {
    /// 携帯メールアドレス.
    pub mail_address: String,
    /// サービスID.
    pub service_id: String,
    /// ユーザID.
    pub user_number: String,
}

/// A credential drawn beforehand; the first whose numbers are free is taken.
#[derive(Debug, Clone)]
struct Candidate {
    serial: String,
    user_number: String,
    sealed: Sealed,
}

/// Issues a token.
///
/// Permission: the user of the flow.
///
/// # Errors
/// Database, hashing or key trouble, or no randomness; refusals are values.
pub async fn issue(
    services: &Services,
    ctx: &Ctx,
    input: Issue,
) -> Result<StepOutcome, OperationError> {
    once(services, ctx, &input.key, issue_with_key(services, ctx, &input)).await
}

async fn issue_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Issue,
) -> Result<StepOutcome, OperationError> {
    let Some((rules, policy)) = issued_kind(ctx) else { return Ok(StepOutcome::Stale) };
    let candidates = draw(services, ctx, &rules, &policy)?;
    let confirmed = match confirm(services, ctx, &input.user, &input.confirmation).await? {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let (claim_ctx, user, settled) = (ctx.clone(), input.user.clone(), confirmed.clone());
    let claimed = services
        .db
        .claim(move |conn| {
            let address = user.mail_address.as_deref().unwrap_or_default();
            let claimed = mail::claim_in_tx(conn, &claim_ctx, &user, (PURPOSE, address))?;
            if claimed.is_err() {
                settle_confirmed(conn, &user, &settled)?;
            }
            Ok::<_, DbError>(claimed)
        })
        .await?;
    let mailed = match claimed {
        Ok(mailed) => mailed,
        Err(refusal) => return Ok(StepOutcome::Refused(vec![refusal])),
    };
    let digest = mail::digest(&services.keys, &input.user, PURPOSE, &input.mail_code);
    let (ctx, input) = (ctx.clone(), input.clone());
    let outcome = services
        .db
        .write(move |conn| {
            let make = Making { rules: &rules, policy: &policy, candidates: &candidates };
            settle(conn, &ctx, &input, (&confirmed, &mailed, &digest), &make)
        })
        .await?;
    Ok(outcome)
}

/// The kind of token that the portal issues, and how.
fn issued_kind(ctx: &Ctx) -> Option<(KindRules, IssuePolicy)> {
    let policy = &ctx.profile.tokens;
    let rules = policy.kinds.iter().find(|rules| rules.credential == Credential::Issued)?;
    Some((rules.clone(), policy.issue.clone()?))
}

fn draw(
    services: &Services,
    ctx: &Ctx,
    rules: &KindRules,
    policy: &IssuePolicy,
) -> Result<Vec<Candidate>, OperationError> {
    let one = |_| {
        let serial = random_digits(rules.serial_length_min)?;
        let user_number = random_digits(policy.user_id_digits)?;
        let secret = Secret::new(random_bytes::<SECRET_BYTES>()?.to_vec());
        let context = Token::sealing_context(ctx.portal_slug(), &serial);
        let sealed = services.keys.seal(&context, secret.expose())?;
        Ok(Candidate { serial, user_number, sealed })
    };
    (0..CANDIDATES).map(one).collect()
}

/// What the credential is made from.
struct Making<'a> {
    rules: &'a KindRules,
    policy: &'a IssuePolicy,
    candidates: &'a [Candidate],
}

/// What was made of it.
struct Made {
    token_id: TokenId,
    serial: String,
    user_number: String,
}

fn settle(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Issue,
    (confirmed, mailed, digest): (&Confirmed, &MailCode, &str),
    make: &Making<'_>,
) -> Result<StepOutcome, DbError> {
    if !settle_confirmed(conn, &input.user, confirmed)? {
        return Ok(StepOutcome::Stale);
    }
    if let Err(refusal) = mail::settle_in_tx(conn, ctx, &input.user, mailed, digest)? {
        return Ok(StepOutcome::Refused(vec![refusal]));
    }
    match savepoint_act(conn, |conn| act(conn, ctx, input, make)) {
        Ok(()) => Ok(StepOutcome::Done),
        Err(ActAbort::Stale) => Ok(StepOutcome::Stale),
        Err(ActAbort::Db(error)) => Err(error),
    }
}

fn act(conn: &mut DbConn, ctx: &Ctx, input: &Issue, make: &Making<'_>) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    guard(standing(ctx, &user, token.as_ref(), TokenAct::Issue).is_ok())?;
    let draft = issue_draft::read(&input.flow);
    if is_needed(&ctx.profile, &user) {
        let number = draft.number_digest.as_deref().ok_or(ActAbort::Stale)?;
        guard(registration_numbers::still_holds(conn, user.id, number, ctx.now)?)?;
    }
    let activation_hash = draft.activation_hash.ok_or(ActAbort::Stale)?;
    let earlier = token_issues::find_open(conn, user.id)?;
    if let Some(earlier) = &earlier {
        replace(conn, ctx, earlier)?;
    }
    let new_issue = |token_id, user_number: &str| token_issues::NewTokenIssue {
        portal: ctx.portal_slug().to_owned(),
        user_id: user.id,
        token_id,
        user_number: user_number.to_owned(),
        mail_address: draft.mail_address.clone(),
        activation_hash: activation_hash.clone(),
        // An issue that ends leads back to what was before the first of a row of them.
        previous_status: earlier.as_ref().map_or(user.token_status, |one| one.previous_status),
        previous_token_id: match &earlier {
            Some(one) => one.previous_token_id,
            None => user.token_id,
        },
        issued_at: ctx.now,
        expires_at: ctx.now + TimeDelta::hours(i64::from(make.policy.set_up_hours)),
    };
    let made = insert(conn, ctx, &user, make, new_issue)?;
    let columns = users::TokenColumns {
        token_id: Some(made.token_id),
        token_status: StoredTokenStatus::Issued,
        token_since: Some(ctx.now),
        revoked_at: user.revoked_at,
        login_otp_chosen: false,
    };
    guard(users::update_token(conn, user.id, user.token_status, user.token_id, &columns)?)?;
    open_hold(conn, ctx, &user)?;
    let shown = IssueReceipt {
        mail_address: draft.mail_address,
        service_id: make.policy.service_id.clone(),
        user_number: made.user_number,
    };
    finish(conn, ctx, input, &user, (made.token_id, &made.serial), &shown)
}

/// Ends the issue before: its token can no longer be set up or started.
fn replace(conn: &mut DbConn, ctx: &Ctx, earlier: &TokenIssue) -> Result<(), ActAbort> {
    guard(token_issues::update_end(conn, earlier.id, IssueEnd::Replaced, ctx.now)?)?;
    let (from, to) = (TokenState::Shipped, TokenState::Retired);
    guard(tokens::update_state(conn, earlier.token_id, from, to, ctx.now)?)
}

/// Writes token and issue with the first numbers that are free.
fn insert(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    make: &Making<'_>,
    new_issue: impl Fn(TokenId, &str) -> token_issues::NewTokenIssue,
) -> Result<Made, ActAbort> {
    let mut inserted = None;
    for candidate in make.candidates {
        if tokens::insert(conn, &new_token(ctx, user, make.rules, candidate))? {
            let portal = ctx.portal_slug();
            inserted = tokens::find_by_serial(conn, portal, &candidate.serial)?;
            break;
        }
    }
    let token = inserted.ok_or(ActAbort::Stale)?;
    for candidate in make.candidates {
        if token_issues::insert(conn, &new_issue(token.id, &candidate.user_number))? {
            let user_number = candidate.user_number.clone();
            return Ok(Made { token_id: token.id, serial: token.serial, user_number });
        }
    }
    Err(ActAbort::Stale)
}

/// Shipped to the customer's own contract, the token can be started by nobody else and does nothing
/// before. Its validity counts from the issue, so that app and portal show the same end.
fn new_token(ctx: &Ctx, user: &User, rules: &KindRules, candidate: &Candidate) -> tokens::NewToken {
    let policy = &ctx.profile.tokens;
    let today = crate::primitives::clock::jst_day(ctx.now);
    tokens::NewToken {
        portal: ctx.portal_slug().to_owned(),
        serial: candidate.serial.clone(),
        kind: rules.kind,
        state: TokenState::Shipped,
        contract_id: Some(user.contract_id),
        algorithm: policy.algorithm,
        digits: crate::operations::count_limit(policy.digits.get()),
        period_seconds: crate::operations::count_limit(policy.period_seconds.get()),
        secret_sealed: candidate.sealed.bytes.clone(),
        sealing_key_id: candidate.sealed.key_id.clone(),
        drift_steps: 0,
        drift_base_steps: 0,
        valid_from: None,
        expires_at: policy.validity.ends_at(today, None),
        imported_at: ctx.now,
        shipped_at: Some(ctx.now),
    }
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Issue,
    user: &User,
    (token_id, serial): (TokenId, &str),
    shown: &IssueReceipt,
) -> Result<(), ActAbort> {
    let (receipt_id, number) = receipt::write_in_tx(conn, ctx, user.id, "token.issue", shown)?;
    guard(flows::finish_draft(conn, &input.flow, receipt_id)?)?;
    guard(one_time_keys::finish(conn, &input.key.key, &input.result_url)?)?;
    let hours = ctx.profile.tokens.issue.as_ref().map_or(0, |policy| policy.set_up_hours);
    let set_up_until = ctx.now + TimeDelta::hours(i64::from(hours));
    let guide = IssueGuide {
        service_id: shown.service_id.clone(),
        user_number: shown.user_number.clone(),
        app_url: input.app_url.clone(),
        set_up_until,
        receipt_number: number,
    };
    notice::enqueue_issue_guide(conn, ctx, user, &shown.mail_address, &guide)?;
    let what = Notice {
        serial_last_four: last_four(serial),
        receipt_number: Some(number),
        ..Notice::of(MailKind::TokenIssued)
    };
    notice::enqueue(conn, ctx, user, &what)?;
    let object = format!("token {token_id}");
    audit::write(conn, ctx, "token.issue", &object, AuditResult::Done, "")?;
    Ok(())
}
