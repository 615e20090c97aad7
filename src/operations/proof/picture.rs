//! The picture card (画像認証カード): three cells are asked, the challenge stays until answered
//! rightly, five failures lock the card.

use subtle::ConstantTimeEq;

use crate::db::queries::picture_cards;
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::picture_card::{PictureCard, cell_index, draw_challenge};
use crate::domain::user::User;
use crate::operations::proof::{ProofRefusal, remaining_to_tell};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::ids::random_below;

/// A card that was answered rightly and waits for its next challenge.
#[derive(Debug, Clone)]
pub struct AnsweredCard {
    card_id: i64,
    answered: String,
    next: String,
}

/// Proves the three pictures. The next challenge is set by [`settle_in_tx`] with the act; a wrong
/// answer is on disk when this returns.
///
/// # Errors
/// Database or key trouble; a refusal is a value.
pub async fn prove(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    picked: &[String],
) -> Result<Result<AnsweredCard, ProofRefusal>, OperationError> {
    let failures_max = ctx.profile.credentials.picture_card_failures_max;
    let user_id = user.id;
    let claim_ctx = ctx.clone();
    let claimed = services
        .db
        .claim(move |conn| {
            let Some(card) = picture_cards::find_by_user(conn, user_id)? else {
                return Ok::<_, DbError>(None);
            };
            let limit = count_limit(failures_max);
            let is_claimed = picture_cards::claim_attempt(conn, card.id, limit)?;
            if !is_claimed {
                let object = format!("user {user_id}");
                let refused = AuditResult::Refused;
                audit::write(conn, &claim_ctx, "picture.check", &object, refused, "locked")?;
            }
            Ok(is_claimed.then_some(card))
        })
        .await?;
    let Some(card) = claimed else { return Ok(Err(ProofRefusal::PictureCardLocked)) };
    if is_right(services, &card, picked)? {
        let next = draw_challenge(random_below)?;
        return Ok(Ok(AnsweredCard { card_id: card.id, answered: card.challenge, next }));
    }
    let ctx = ctx.clone();
    let refusal =
        services.db.write(move |conn| settle_failure(conn, &ctx, user_id, failures_max)).await?;
    Ok(Err(refusal))
}

fn is_right(
    services: &Services,
    card: &PictureCard,
    picked: &[String],
) -> Result<bool, OperationError> {
    let context = PictureCard::sealing_context(card.user_id);
    let opened = services.keys.open(&context, &card.sealing_key_id, &card.cells_sealed)?;
    let cells: Vec<&str> = std::str::from_utf8(opened.expose())
        .map_err(|_| OperationError::Corrupt("picture card"))?
        .split(',')
        .collect();
    let expected: Vec<&str> = card
        .asked_cells()
        .iter()
        .filter_map(|name| cell_index(name).and_then(|index| cells.get(index).copied()))
        .collect();
    let is_complete = expected.len() == picked.len() && !picked.is_empty();
    Ok(is_complete && bool::from(expected.join(",").as_bytes().ct_eq(picked.join(",").as_bytes())))
}

fn settle_failure(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: crate::primitives::ids::UserId,
    failures_max: u32,
) -> Result<ProofRefusal, DbError> {
    let object = format!("user {user_id}");
    audit::write(conn, ctx, "picture.check", &object, AuditResult::Refused, "wrong")?;
    let Some(card) = picture_cards::find_by_user(conn, user_id)? else {
        return Ok(ProofRefusal::PictureCardLocked);
    };
    if picture_cards::lock(conn, card.id, count_limit(failures_max), ctx.now)? {
        audit::write(conn, ctx, "picture.lock", &object, AuditResult::Done, "")?;
        return Ok(ProofRefusal::PictureCardLocked);
    }
    if card.locked_at.is_some() {
        return Ok(ProofRefusal::PictureCardLocked);
    }
    let remaining = remaining_to_tell(card.failures, failures_max);
    Ok(ProofRefusal::PicturesWrong { remaining })
}

/// Sets the next challenge, only while the answered one still stands. False: the answer was used.
///
/// # Errors
/// Whatever the database says.
pub fn settle_in_tx(conn: &mut DbConn, card: &AnsweredCard) -> Result<bool, DbError> {
    picture_cards::answer(conn, card.card_id, &card.answered, &card.next)
}
