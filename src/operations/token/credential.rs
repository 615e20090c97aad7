//! A self-made credential: the token app asks for one when first opened, before there is a user.
//!
//! Rule: the portal takes credentials that the app makes, and registration of that kind is open
//! today. The credential belongs to nobody until a customer registers it by serial and code.

use chrono::NaiveDate;
use zeroize::Zeroizing;

use crate::db::queries::tokens::{self, NewToken};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::portal::{Credential, KindRules, Profile};
use crate::domain::token::{Token, TokenKind, TokenState};
use crate::operations::token::hand_over::{HandedOver, hand_over};
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::clock::jst_day;
use crate::primitives::hand_over::AppKey;
use crate::primitives::ids::{random_below, random_bytes};
use crate::primitives::keys::Sealed;
use crate::primitives::secret::Secret;

/// 160 bits, as RFC 4226 asks for.
const SECRET_BYTES: usize = 20;
/// Every serial of the app begins so, which tells it from what stands on devices.
const SERIAL_PREFIX: &str = "MDG";
/// Without the pairs that people take for each other: 0 and O, 1 and I.
const SERIAL_LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const SERIAL_DRAWN: usize = 9;
/// Of 2^45 serials a second draw is hardly ever needed.
const DRAWS_MAX: u32 = 5;

/// How the request for a credential ended.
#[derive(Debug)]
pub enum CredentialOutcome {
    /// Made.
    Made(Box<HandedOver>),
    /// The portal takes no such credential, or not today.
    NotTaken,
}

/// The kind of token that the app may make for this portal today.
pub fn self_made_kind(profile: &Profile, today: NaiveDate) -> Option<&KindRules> {
    profile
        .tokens
        .open_kinds(today)
        .find(|rules| rules.kind == TokenKind::App && rules.credential == Credential::SelfMade)
}

/// Makes a credential and hands it over.
///
/// Permission: anybody; a credential gives nothing until somebody registers it.
///
/// # Errors
/// Database or key trouble, or no randomness.
pub async fn make(
    services: &Services,
    ctx: &Ctx,
    app_key: &AppKey,
) -> Result<CredentialOutcome, OperationError> {
    let Some(rules) = self_made_kind(&ctx.profile, jst_day(ctx.now)) else {
        return Ok(CredentialOutcome::NotTaken);
    };
    for _ in 0..DRAWS_MAX {
        let serial = draw_serial()?;
        if !rules.accepts_serial(&serial) {
            return Err(OperationError::Corrupt("the profile's form of the app's serials"));
        }
        let secret = draw_secret()?;
        let sealing = Token::sealing_context(ctx.portal_slug(), &serial);
        let sealed = services.keys.seal(&sealing, secret.expose())?;
        let token = new_token(ctx, serial, sealed);
        let insert_ctx = ctx.clone();
        let inserted = services.db.write(move |conn| insert(conn, &insert_ctx, &token)).await?;
        if let Some(token) = inserted {
            let ends_at = ctx.profile.tokens.validity.ends_at(jst_day(ctx.now), None);
            let made = hand_over(app_key, &token, &secret, ctx.now, ends_at)?;
            return Ok(CredentialOutcome::Made(Box::new(made)));
        }
    }
    Err(OperationError::Corrupt("the app's serials, which are used up"))
}

fn insert(conn: &mut DbConn, ctx: &Ctx, new: &NewToken) -> Result<Option<Token>, DbError> {
    if !tokens::insert(conn, new)? {
        return Ok(None);
    }
    let token = tokens::find_by_serial(conn, &new.portal, &new.serial)?;
    if let Some(token) = &token {
        let object = format!("token {}", token.id);
        audit::write(conn, ctx, "token.credential", &object, AuditResult::Done, "")?;
    }
    Ok(token)
}

fn new_token(ctx: &Ctx, serial: String, sealed: Sealed) -> NewToken {
    let policy = &ctx.profile.tokens;
    NewToken {
        portal: ctx.portal_slug().to_owned(),
        serial,
        kind: TokenKind::App,
        // Not stock: it is in somebody's hand already, and staff have nothing to ship.
        state: TokenState::Shipped,
        contract_id: None,
        algorithm: policy.algorithm,
        digits: count_limit(policy.digits.get()),
        period_seconds: count_limit(policy.period_seconds.get()),
        secret_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        drift_steps: 0,
        drift_base_steps: 0,
        valid_from: None,
        expires_at: None,
        imported_at: ctx.now,
        shipped_at: Some(ctx.now),
    }
}

fn draw_secret() -> Result<Secret, OperationError> {
    let bytes = Zeroizing::new(random_bytes::<SECRET_BYTES>()?);
    Ok(Secret::new(bytes.to_vec()))
}

fn draw_serial() -> Result<String, OperationError> {
    let mut serial = SERIAL_PREFIX.to_owned();
    for _ in 0..SERIAL_DRAWN {
        let at = usize::try_from(random_below(32)?).unwrap_or(0);
        serial.push(SERIAL_LETTERS.get(at).copied().map_or('A', char::from));
    }
    Ok(serial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_have_twelve_letters_and_digits_that_nobody_mixes_up() {
        for _ in 0..200 {
            let serial = draw_serial().unwrap();
            assert_eq!(serial.len(), 12, "{serial}");
            assert!(serial.starts_with("MDG"), "{serial}");
            assert!(!serial[3..].contains(['0', 'O', '1', 'I']), "{serial}");
        }
        assert_ne!(draw_secret().unwrap(), draw_secret().unwrap());
        assert_eq!(draw_secret().unwrap().expose().len(), 20);
    }
}
