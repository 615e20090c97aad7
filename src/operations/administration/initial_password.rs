//! Initial passwords: drawn by the rules of the profile, shown once on the result page or mailed,
//! and kept by nobody in clear. Until the one showing they lie sealed in a table of their own.
//!
//! Where users go through 開通確認, a confirming secret is drawn as well. It never goes by mail, so
//! that whoever reads the mail alone has only half of what the first log-on asks for.

use std::collections::BTreeMap;

use crate::db::queries::{initial_passwords, receipts};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::member::HandOver;
use crate::domain::portal::{CharacterClass, Characters, SecretRule};
use crate::domain::user::User;
use crate::operations::notice::members::enqueue_initial_password;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{ReceiptId, UserId, random_below};
use crate::primitives::keys::Sealed;
use crate::primitives::secret::Secret;

/// As long as this, or as the profile wants it.
const LENGTH: u32 = 14;
/// Without what looks alike.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";
const SYMBOLS: &[u8] = b"#-+=";

/// A password that was drawn, before its user is known to the database.
#[derive(Debug, Clone)]
pub struct DrawnPassword {
    plain: Secret,
    /// What shows once where nothing is mailed.
    printed: Sealed,
    /// What shows once beside a mail.
    beside_mail: Option<Sealed>,
    /// Argon2id.
    pub hash: String,
    /// The same of the initial confirming secret, where 開通確認 asks for one.
    pub confirm_hash: Option<String>,
}

/// Between the two secrets that show; neither holds one.
const BETWEEN: char = '\n';

/// What shows once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSecrets {
    /// The initial password, unless it was mailed.
    pub login: Option<String>,
    /// The initial confirming secret, where there is one.
    pub confirm: Option<String>,
}

impl ShownSecrets {
    fn read(text: &str) -> ShownSecrets {
        match text.split_once(BETWEEN) {
            None => ShownSecrets { login: Some(text.to_owned()), confirm: None },
            Some((login, confirm)) => ShownSecrets {
                login: Some(login.to_owned()).filter(|login| !login.is_empty()),
                confirm: Some(confirm.to_owned()),
            },
        }
    }
}

fn context(portal: &str, login_id: &str) -> String {
    format!("initial password {portal} {login_id}")
}

/// Draws a password for the user with this login id.
///
/// # Errors
/// No randomness, hashing or sealing trouble.
pub async fn draw(
    services: &Services,
    ctx: &Ctx,
    login_id: &str,
) -> Result<DrawnPassword, OperationError> {
    let credentials = &ctx.profile.credentials;
    let text = draw_text(&credentials.login)?;
    let hash = services.hasher.make(&text).await?;
    let context = context(ctx.portal_slug(), login_id);
    let seal = |text: &str| services.keys.seal(&context, text.as_bytes());
    let plain = Secret::new(text.clone().into_bytes());
    if !ctx.profile.services.activation {
        let printed = seal(&text)?;
        return Ok(DrawnPassword { plain, printed, beside_mail: None, hash, confirm_hash: None });
    }
    let confirm = draw_text(&credentials.confirm)?;
    let confirm_hash = Some(services.hasher.make(&confirm).await?);
    let printed = seal(&format!("{text}{BETWEEN}{confirm}"))?;
    let beside_mail = Some(seal(&format!("{BETWEEN}{confirm}"))?);
    Ok(DrawnPassword { plain, printed, beside_mail, hash, confirm_hash })
}

/// One of each class that the rule needs, the rest letters and digits, in no order.
fn draw_text(rule: &SecretRule) -> Result<String, getrandom::Error> {
    let length = LENGTH.clamp(rule.length_min, rule.length_max.max(rule.length_min));
    let mut drawn = Vec::new();
    for class in &rule.needs {
        drawn.push(pick(match class {
            CharacterClass::Letter => LETTERS,
            CharacterClass::Digit => DIGITS,
            CharacterClass::Symbol => SYMBOLS,
        })?);
    }
    let rest = match rule.characters {
        Characters::Digits => DIGITS.to_vec(),
        Characters::LettersAndDigits | Characters::VisibleAscii => [LETTERS, DIGITS].concat(),
    };
    while u32::try_from(drawn.len()).is_ok_and(|count| count < length) {
        drawn.push(pick(&rest)?);
    }
    let mut text = String::new();
    while !drawn.is_empty() {
        let place = random_below(u32::try_from(drawn.len()).unwrap_or(1))?;
        text.push(char::from(drawn.swap_remove(usize::try_from(place).unwrap_or(0))));
    }
    Ok(text)
}

fn pick(from: &[u8]) -> Result<u8, getrandom::Error> {
    let place = random_below(u32::try_from(from.len()).unwrap_or(1))?;
    Ok(from.get(usize::try_from(place).unwrap_or(0)).copied().unwrap_or(b'2'))
}

/// Keeps the password for its showing, or puts it into the out-box.
///
/// # Errors
/// Whatever the database says.
pub(super) fn hand_over_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    (receipt_id, receipt_number): (ReceiptId, i32),
    user: &User,
    drawn: &DrawnPassword,
    (hand_over, address): (HandOver, Option<&str>),
) -> Result<(), DbError> {
    // An earlier one opens nothing any more.
    initial_passwords::delete_of_user(conn, user.id)?;
    let shown = match (hand_over, address) {
        (HandOver::Mail, Some(address)) => {
            let password = String::from_utf8_lossy(drawn.plain.expose());
            enqueue_initial_password(conn, ctx, user, address, &password, receipt_number)?;
            drawn.beside_mail.as_ref()
        }
        _ => Some(&drawn.printed),
    };
    let Some(shown) = shown else { return Ok(()) };
    initial_passwords::insert(
        conn,
        initial_passwords::NewInitialPassword {
            receipt_id,
            user_id: user.id,
            password_sealed: shown.bytes.clone(),
            sealing_key_id: shown.key_id.clone(),
            created_at: ctx.now,
        },
    )
}

/// The passwords of a receipt, the first time that its owner asks; afterwards there are none.
///
/// Permission: the administrator whose receipt it is.
///
/// # Errors
/// Database trouble.
pub async fn show_once(
    services: &Services,
    ctx: &Ctx,
    owner: &User,
    receipt_id: ReceiptId,
) -> Result<BTreeMap<UserId, ShownSecrets>, OperationError> {
    let (act_ctx, owner_id) = (ctx.clone(), owner.id);
    let taken = services
        .db
        .write(move |conn| {
            if receipts::find_of_user(conn, owner_id, receipt_id)?.is_none() {
                return Ok::<_, DbError>(Vec::new());
            }
            let taken = initial_passwords::take(conn, receipt_id)?;
            for kept in &taken {
                let object = format!("user {}", kept.user_id);
                let name = "user.show_password";
                audit::write(conn, &act_ctx, name, &object, AuditResult::Done, "shown once")?;
            }
            Ok(taken)
        })
        .await?;
    let mut shown = BTreeMap::new();
    for kept in taken {
        let context = context(ctx.portal_slug(), &kept.login_id);
        let opened = services.keys.open(&context, &kept.sealing_key_id, &kept.password_sealed);
        // Sealed with a key that has gone since: as if it had been shown.
        if let Ok(secret) = opened {
            let text = String::from_utf8_lossy(secret.expose());
            shown.insert(kept.user_id, ShownSecrets::read(&text));
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::portal::Profile;

    #[test]
    fn a_drawn_password_keeps_to_the_rules_of_every_portal() {
        for (file, text) in Profile::builtin() {
            let profile = Profile::parse(file, text).unwrap();
            for rule in [&profile.credentials.login, &profile.credentials.confirm] {
                for _ in 0..200 {
                    let drawn = draw_text(rule).unwrap();
                    assert_eq!(rule.problem(&drawn, &[]), None, "{file}: {drawn}");
                    assert!(!drawn.contains(BETWEEN), "{drawn}");
                }
            }
        }
    }
}
