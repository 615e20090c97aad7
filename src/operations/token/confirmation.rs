//! The confirmation beside a code: nothing, the confirming secret, or the picture card, as the auth
//! rules ask for the act.

use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::{ConfirmBy, Operation, Required, Situation, required_proof};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::User;
use crate::operations::proof::picture::AnsweredCard;
use crate::operations::proof::{ProofRefusal, confirm as secret, picture};
use crate::operations::{Ctx, OperationError, Services};

/// What the customer gave.
#[derive(Debug, Clone)]
pub enum Confirmation {
    /// The auth rules ask for none.
    NotAsked,
    /// The confirming secret.
    Secret(String),
    /// The pictures picked, in the order of the cells asked.
    Pictures(Vec<String>),
}

/// A confirmation that was right and waits to be settled with the act.
#[derive(Debug, Clone)]
pub enum Confirmed {
    /// None was asked.
    NotAsked,
    /// The confirming secret.
    Secret,
    /// The picture card.
    Pictures(AnsweredCard),
}

/// Proves the confirmation; a wrong one is on disk when this returns.
///
/// # Errors
/// Database, hashing or key trouble; a refusal is a value.
pub async fn confirm(
    services: &Services,
    ctx: &Ctx,
    user: &User,
    given: &Confirmation,
) -> Result<Result<Confirmed, ProofRefusal>, OperationError> {
    Ok(match given {
        Confirmation::NotAsked => Ok(Confirmed::NotAsked),
        Confirmation::Secret(text) => {
            secret::prove(services, ctx, user, text).await?.map(|()| Confirmed::Secret)
        }
        Confirmation::Pictures(picked) => {
            picture::prove(services, ctx, user, picked).await?.map(Confirmed::Pictures)
        }
    })
}

/// Gives the claim back and sets the next challenge, in the act's transaction. False: the answer
/// was used by another act meanwhile, or the card was locked, and proves nothing any more.
///
/// # Errors
/// Whatever the database says.
pub fn settle_confirmed(
    conn: &mut DbConn,
    user: &User,
    confirmed: &Confirmed,
) -> Result<bool, DbError> {
    match confirmed {
        Confirmed::NotAsked => Ok(true),
        Confirmed::Secret => secret::clear_in_tx(conn, user).map(|()| true),
        Confirmed::Pictures(card) => picture::settle_in_tx(conn, card),
    }
}

/// Which confirmation the auth rules ask of this user for this act now. `None` as the outer value:
/// the act is refused altogether.
pub fn asked(
    ctx: &Ctx,
    operation: Operation,
    user: &User,
    has_picture_card: bool,
) -> Option<Option<ConfirmBy>> {
    let situation = Situation {
        now: ctx.now,
        token_in_use: user.token_status == StoredTokenStatus::InUse,
        token_signs: false,
        login_choice: user.login_otp_chosen,
        payee_registered: false,
        has_picture_card,
    };
    match required_proof(&ctx.profile, operation, situation) {
        Required::Proof(proof) => Some(proof.confirm),
        Required::Refused(_) => None,
    }
}
