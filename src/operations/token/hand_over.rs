//! What the token app gets of a credential: its facts, and its secret sealed to the app's own key.

use crate::domain::token::{OtpAlgorithm, Token};
use crate::operations::OperationError;
use crate::primitives::clock::UtcTime;
use crate::primitives::hand_over::{AppKey, HandOver, seal};
use crate::primitives::secret::Secret;

/// The app unwraps the secret twice, because a WebCrypto key is bound to one hash: once for codes
/// and once (always HMAC-SHA-256) for signing acts.
const PURPOSES: [&str; 2] = ["code", "sign"];

/// A credential on its way into the app.
#[derive(Debug, Clone)]
pub struct HandedOver {
    /// シリアルNo.
    pub serial: String,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// Hash of the codes.
    pub algorithm: OtpAlgorithm,
    /// 利用開始日 as the app shows it: when it was set up.
    pub set_up_at: UtcTime,
    /// 有効期限, where the portal has one.
    pub expires_at: Option<UtcTime>,
    /// The secret, for codes and for signing.
    pub secret: HandOver,
}

/// What the sealed secret is bound to, so that no answer passes for another one.
pub fn context(portal: &str, serial: &str) -> String {
    format!("madoguchi token 1 {portal} {serial}")
}

/// Seals the secret of `token` to the app's key.
pub(super) fn hand_over(
    app_key: &AppKey,
    token: &Token,
    secret: &Secret,
    set_up_at: UtcTime,
    expires_at: Option<UtcTime>,
) -> Result<HandedOver, OperationError> {
    let secret = seal(app_key, &context(&token.portal, &token.serial), secret, &PURPOSES)?;
    Ok(HandedOver {
        serial: token.serial.clone(),
        digits: token.digits,
        period_seconds: token.period_seconds,
        algorithm: token.algorithm,
        set_up_at,
        expires_at,
        secret,
    })
}
