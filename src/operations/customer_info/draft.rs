//! The draft of a change: what BCI001 takes is kept in the flow, a new password as its hash only; a
//! new mail address gets a code on the way to BCI002.

use crate::db::queries::flows;
use crate::db::{DbConn, DbError};
use crate::domain::customer_info::{CODE_PURPOSE, InfoDraft, InfoItem, SecretClash};
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::user::User;
use crate::operations::proof::mail::{self, DrawnCode};
use crate::operations::token::issue_draft::DraftOutcome;
use crate::operations::{Ctx, OperationError, Services, count_limit};

/// The draft of a flow. `None`: it is no flow of this kind.
#[must_use]
pub fn read(flow: &Flow) -> Option<InfoDraft> {
    serde_json::from_str(&flow.draft).ok()
}

pub(super) fn text(draft: &InfoDraft) -> Result<String, OperationError> {
    serde_json::to_string(draft).map_err(|_| OperationError::Corrupt("a draft"))
}

/// Keeps a new mail address and mails a code to it, unless the one sent before can still be used.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn keep_mail_address(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
    address: &str,
) -> Result<DraftOutcome, OperationError> {
    let draft = text(&InfoDraft {
        value: address.to_owned(),
        before: user.mail_address.clone(),
        ..InfoDraft::new(InfoItem::MailAddress)
    })?;
    let drawn = mail::draw(&services.keys, user, CODE_PURPOSE)?;
    let (ctx, user, flow_id) = (ctx.clone(), user.clone(), flow.id.clone());
    let address = address.to_owned();
    let outcome = services
        .db
        .write(move |conn| {
            if !has_usable_code(conn, &ctx, &user, &address)?
                && !mail::send_in_tx(conn, &ctx, &user, (CODE_PURPOSE, &address), &drawn)?
            {
                return Ok(DraftOutcome::TooManyMails);
            }
            to_confirm(conn, &flow_id, &draft)
        })
        .await?;
    Ok(outcome)
}

fn has_usable_code(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
) -> Result<bool, DbError> {
    let open = mail::find(conn, user, CODE_PURPOSE)?;
    let tries_max = count_limit(ctx.profile.mail_code.failures_max);
    Ok(open.is_some_and(|open| open.address == address && open.is_usable_at(tries_max, ctx.now)))
}

fn to_confirm(conn: &mut DbConn, flow_id: &str, draft: &str) -> Result<DraftOutcome, DbError> {
    let (from, to) = (FlowStep::Input, FlowStep::Confirm);
    let is_moved = flows::update_draft(conn, flow_id, from, to, draft)?;
    Ok(if is_moved { DraftOutcome::Done } else { DraftOutcome::Stale })
}

/// Keeps a new telephone number.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn keep_telephone(
    services: &Services,
    user: &User,
    flow: &Flow,
    number: &str,
) -> Result<DraftOutcome, OperationError> {
    let draft = text(&InfoDraft {
        value: number.to_owned(),
        before: user.telephone.clone(),
        ..InfoDraft::new(InfoItem::Telephone)
    })?;
    let flow_id = flow.id.clone();
    Ok(services.db.write(move |conn| to_confirm(conn, &flow_id, &draft)).await?)
}

/// Keeps the hash of a new password, and whether it is one of the two that the user has. That is
/// told on BCI002 only, after its proofs: told here, it would be a way to guess them uncounted.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database or hashing trouble.
pub async fn keep_secret(
    services: &Services,
    user: &User,
    flow: &Flow,
    (item, secret): (InfoItem, &str),
) -> Result<DraftOutcome, OperationError> {
    let (present, other) = match item {
        InfoItem::ConfirmSecret => (&user.confirm_secret_hash, &user.login_secret_hash),
        _ => (&user.login_secret_hash, &user.confirm_secret_hash),
    };
    // Always both, and a hash: what they say does not show in the time it takes.
    let is_present = services.hasher.verify(present, secret).await?.is_match;
    let is_other = services.hasher.verify(other, secret).await?.is_match;
    let clash = match (is_present, is_other) {
        (true, _) => Some(SecretClash::SameAsBefore),
        (false, true) => Some(SecretClash::SameAsOther),
        (false, false) => None,
    };
    let hash = services.hasher.make(secret).await?;
    let draft = text(&InfoDraft { secret_hash: Some(hash), clash, ..InfoDraft::new(item) })?;
    let flow_id = flow.id.clone();
    Ok(services.db.write(move |conn| to_confirm(conn, &flow_id, &draft)).await?)
}

/// Goes back to BCI001: address and number stay, a password has to be typed again. False: the flow
/// stands elsewhere.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble.
pub async fn go_back(services: &Services, flow: &Flow) -> Result<bool, OperationError> {
    let Some(draft) = read(flow) else { return Ok(false) };
    let draft = text(&InfoDraft { secret_hash: None, clash: None, ..draft })?;
    let flow_id = flow.id.clone();
    let is_moved = services
        .db
        .write(move |conn| {
            flows::update_draft(conn, &flow_id, FlowStep::Confirm, FlowStep::Input, &draft)
        })
        .await?;
    Ok(is_moved)
}

/// Mails a new code to the new address.
///
/// Permission: the flow's own user.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn send_again(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    flow: &Flow,
) -> Result<DraftOutcome, OperationError> {
    let Some(draft) = read(flow).filter(|draft| draft.item == InfoItem::MailAddress) else {
        return Ok(DraftOutcome::Stale);
    };
    let drawn: DrawnCode = mail::draw(&services.keys, user, CODE_PURPOSE)?;
    let (ctx, user) = (ctx.clone(), user.clone());
    let is_sent = services
        .db
        .write(move |conn| {
            mail::send_in_tx(conn, &ctx, &user, (CODE_PURPOSE, &draft.value), &drawn)
        })
        .await?;
    Ok(if is_sent { DraftOutcome::Done } else { DraftOutcome::TooManyMails })
}
