//! An issued credential for another maker's app: `otpauth://`, shown on BOT003 where the profile
//! allows it (`tokens.otpauth_export`).
//!
//! Rule: the same as for the set-up in the token app, which it takes the place of: service id, user
//! id and activation password, five tries, the hours, once. What is shown may be asked for
//! again with the password until the token is started; the token app gets nothing any more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::otp::{OtpParameters, base32, otpauth_url};
use crate::operations::token::set_up::{Taken, Taking, take};
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::secret::Secret;

/// Takes the place of the token app's key.
const TAKER: &[u8] = b"otpauth";

/// What BOT003 sends.
#[derive(Debug, Clone)]
pub struct Export {
    /// サービスID.
    pub service_id: String,
    /// ユーザID.
    pub user_number: String,
    /// 利用開始パスワード.
    pub activation_password: Secret,
}

/// A credential as other makers' apps take it.
pub struct Exported {
    /// シリアルNo, the name of the account in the app.
    pub serial: String,
    /// `otpauth://totp/..`.
    pub url: String,
    /// The secret in Base32, for whoever types it.
    pub key: String,
    /// Digits and seconds.
    pub parameters: OtpParameters,
}

/// Shows the credential.
///
/// Permission: the customer of the issue, who knows its activation password, where the portal
/// exports credentials.
///
/// # Errors
/// Database, hashing or key trouble. Nothing: wrong password, issue over or set up in the token
/// app, or a portal that exports none, all alike.
pub async fn export(
    services: &Services,
    ctx: &Ctx,
    input: &Export,
) -> Result<Option<Exported>, OperationError> {
    if !ctx.profile.tokens.otpauth_export {
        return Ok(None);
    }
    let taking = Taking {
        service_id: input.service_id.clone(),
        user_number: input.user_number.clone(),
        activation_password: input.activation_password.clone(),
        taker: URL_SAFE_NO_PAD.encode(Sha256::digest(TAKER)),
    };
    let taken = take(services, ctx, &taking).await?;
    Ok(taken.map(|taken| exported(ctx, &taken)))
}

fn exported(ctx: &Ctx, taken: &Taken) -> Exported {
    let token = &taken.token;
    let parameters = OtpParameters::of(token);
    let issuer = &ctx.profile.portal.institution;
    Exported {
        serial: token.serial.clone(),
        url: otpauth_url(issuer, &token.serial, &taken.secret, parameters),
        key: base32(taken.secret.expose()),
        parameters,
    }
}
