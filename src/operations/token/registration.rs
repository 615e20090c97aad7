//! Registering a token by serial and code: what start (BOM102) and exchange (BOM113) share.

use crate::db::queries::{flows, logins, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::login::EndReason;
use crate::domain::portal::{ClosedReason, Credential, RegistrationPlace, Sharing};
use crate::domain::token::{Token, TokenKind, TokenState};
use crate::domain::user::User;
use crate::operations::one_time_key::{self, KeyClaim, RequestKey};
use crate::operations::proof::{ProofRefusal, otp};
use crate::operations::step::StepOutcome;
use crate::operations::{Ctx, audit, count_limit};
use crate::primitives::clock::jst_day;
use crate::primitives::keys::KeyRing;

/// What the claim of a registration found.
pub(in crate::operations) enum RegistrationClaim {
    /// The token's attempt is claimed; compare the code.
    Claimed(Box<Token>),
    /// The form was sent before.
    Key(KeyClaim),
    /// Refused at once.
    Refused(StepOutcome),
}

/// Claims one-time key (where it is not claimed yet), flow and token in one `claim` transaction.
///
/// An unknown or foreign serial gets the same refusal as a wrong code and counts on the flow; a
/// wrong code for a serial of one's own counts on the flow and the token.
pub(in crate::operations) fn claim_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    keys: &KeyRing,
    user: &User,
    flow: &Flow,
    (serial, code): (&str, &str),
    key: Option<&RequestKey>,
) -> Result<RegistrationClaim, DbError> {
    if let Some(key) = key {
        let claim = one_time_key::claim(conn, ctx, key)?;
        if claim != KeyClaim::Fresh {
            return Ok(RegistrationClaim::Key(claim));
        }
    }
    let token = tokens::find_by_serial(conn, ctx.portal_slug(), serial)?
        .filter(|token| is_registrable(ctx, user, token));
    let Some(token) = token else {
        let details = "unknown or foreign serial";
        let object = format!("user {}", user.id);
        audit::write(conn, ctx, "otp.check", &object, AuditResult::Refused, details)?;
        let outcome = count_failure(conn, ctx, flow)?;
        return Ok(RegistrationClaim::Refused(outcome.unwrap_or_else(|| {
            StepOutcome::Refused(vec![ProofRefusal::OtpWrong { remaining: None, until: None }])
        })));
    };
    if let Err(closed) = ctx.profile.kind_open_for_registration(token.kind, jst_day(ctx.now)) {
        return Ok(RegistrationClaim::Refused(closed_kind(token.kind, closed)));
    }
    match otp::claim_in_tx(conn, ctx, keys, token.id, code)? {
        Ok(token) => Ok(match count_failure(conn, ctx, flow)? {
            Some(StepOutcome::Stale) => RegistrationClaim::Refused(StepOutcome::Stale),
            // The last try of the attempt may still be right.
            _ => RegistrationClaim::Claimed(Box::new(token)),
        }),
        Err(refusal) => Ok(RegistrationClaim::Refused(StepOutcome::Refused(vec![refusal]))),
    }
}

fn closed_kind(kind: TokenKind, closed: ClosedReason) -> StepOutcome {
    StepOutcome::KindClosed(kind, closed)
}

/// Whether the portal issued the token's credential to its customer.
pub(super) fn is_issued(ctx: &Ctx, token: &Token) -> bool {
    let rules = ctx.profile.token_kind(token.kind);
    rules.is_some_and(|rules| rules.credential == Credential::Issued)
}

/// A hardware token is taken only by the contract it was shipped to, where users share tokens also
/// one that another user of the contract has registered; the credential of an app
/// belongs to whoever holds it until a contract has registered it. Neither before its maker's first
/// day nor past its expiry.
fn is_registrable(ctx: &Ctx, user: &User, token: &Token) -> bool {
    let is_own = token.contract_id == Some(user.contract_id);
    let is_free = match token.kind {
        TokenKind::Hardware => {
            let is_shared =
                token.state == TokenState::InUse && ctx.profile.tokens.sharing != Sharing::None;
            is_own && (token.state == TokenState::Shipped || is_shared)
        }
        TokenKind::App | TokenKind::Desktop | TokenKind::VendorApp => {
            matches!(token.state, TokenState::Stock | TokenState::Shipped)
                && (is_own || token.contract_id.is_none())
        }
    };
    is_free && token.is_valid_at(ctx.now)
}

/// Counts one try on the flow. Some: the flow stands elsewhere, or this try was the last.
fn count_failure(
    conn: &mut DbConn,
    ctx: &Ctx,
    flow: &Flow,
) -> Result<Option<StepOutcome>, DbError> {
    let max = count_limit(ctx.profile.tokens.attempt_failures_max);
    if !flows::claim_failure(conn, &flow.id, max)? {
        return Ok(Some(StepOutcome::Stale));
    }
    let failures = flows::find(conn, &flow.portal, &flow.id, &flow.login_id)?
        .map_or(max, |flow| flow.failures);
    if failures < max {
        return Ok(None);
    }
    Ok(Some(StepOutcome::Ended))
}

/// Ends the flow if its tries are used up, once the last of them has failed too.
pub(in crate::operations) fn end_if_used_up(
    conn: &mut DbConn,
    ctx: &Ctx,
    flow: &Flow,
    otherwise: StepOutcome,
) -> Result<StepOutcome, DbError> {
    let max = count_limit(ctx.profile.tokens.attempt_failures_max);
    let current = flows::find(conn, &flow.portal, &flow.id, &flow.login_id)?;
    let Some(current) = current.filter(|current| current.failures >= max) else {
        return Ok(otherwise);
    };
    let until = current.expires_at;
    flows::update_step(conn, &current.id, current.step, FlowStep::Ended, None, until)?;
    // An administrator proves no token of their own: only the attempt is over.
    if ctx.profile.tokens.registration != RegistrationPlace::AdministratorMenu {
        logins::end(conn, &current.login_id, EndReason::Attempts, ctx.now)?;
    }
    let object = format!("user {}", current.user_id);
    let name = current.operation.as_str();
    audit::write(conn, ctx, name, &object, AuditResult::Refused, "too many tries")?;
    Ok(StepOutcome::Ended)
}

/// Moves the registered token into use; an app's credential becomes the contract's. False: it is no
/// longer to be had. Who may have it is asked again here, because somebody else may have registered
/// it between this attempt's claim and its outcome.
pub(in crate::operations) fn take_into_use(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    token: &Token,
) -> Result<bool, DbError> {
    let token = tokens::get(conn, token.id)?;
    if !is_registrable(ctx, user, &token) {
        return Ok(false);
    }
    if token.contract_id.is_none() && !tokens::take_over(conn, token.id, user.contract_id)? {
        return Ok(false);
    }
    // An issued token shows its end since its set-up, one that others use since its first start.
    let has_end = is_issued(ctx, &token) || token.state == TokenState::InUse;
    if !has_end || token.expires_at.is_none() {
        let printed = token.expires_at.map(jst_day);
        let ends_at = ctx.profile.tokens.validity.ends_at(jst_day(ctx.now), printed);
        tokens::set_expiry(conn, token.id, ends_at.or(token.expires_at))?;
    }
    tokens::update_state(conn, token.id, token.state, TokenState::InUse, ctx.now)
}
