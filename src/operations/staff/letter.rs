//! The letter with a new initial password: printed once, and the password is forgotten with that.

use zeroize::Zeroizing;

use crate::db::queries::{staff_letters, users};
use crate::domain::audit::AuditResult;
use crate::domain::staff::StaffMember;
use crate::domain::user::User;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{StaffRequestId, random_below};

/// Without letters and digits that look alike.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// Nearly 70 bits.
const PASSWORD_LENGTH: usize = 12;

/// A letter as it is printed.
pub struct PrintedLetter {
    /// To whom.
    pub user: User,
    /// The initial password.
    pub password: Zeroizing<String>,
}

/// Prints the letter of a reset. `None`: there is none, or it was printed before.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Database or key trouble.
pub async fn print(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    request_id: StaffRequestId,
) -> Result<Option<PrintedLetter>, OperationError> {
    let slug = ctx.portal_slug().to_owned();
    let found = services.db.read(move |conn| staff_letters::find(conn, &slug, request_id)).await?;
    let Some(letter) = found else { return Ok(None) };
    let Some(sealed) = letter.secret_sealed else { return Ok(None) };
    // Opened first: what cannot be opened is not marked as printed.
    let context = sealing_context(request_id);
    let secret = services.keys.open(&context, &letter.sealing_key_id, &sealed)?;
    let text = std::str::from_utf8(secret.expose())
        .map_err(|_| OperationError::Corrupt("an initial password"))?;
    let password = Zeroizing::new(text.to_owned());
    let (ctx, by) = (ctx.clone(), member.id);
    let user = services
        .db
        .write(move |conn| {
            if !staff_letters::mark_printed(conn, request_id, by, ctx.now)? {
                return Ok(None);
            }
            let object = format!("user {}", letter.user_id);
            let details = format!("request {request_id}");
            audit::write(conn, &ctx, "letter.print", &object, AuditResult::Done, &details)?;
            users::find_of_portal(conn, ctx.portal_slug(), letter.user_id)
        })
        .await?;
    Ok(user.map(|user| PrintedLetter { user, password }))
}

/// What the password is sealed for.
pub(super) fn sealing_context(request_id: StaffRequestId) -> String {
    format!("letter {request_id}")
}

/// A new initial password.
pub(super) fn draw_password() -> Result<Zeroizing<String>, getrandom::Error> {
    let bound = u32::try_from(ALPHABET.len()).unwrap_or(1);
    let mut password = Zeroizing::new(String::with_capacity(PASSWORD_LENGTH));
    while password.len() < PASSWORD_LENGTH {
        let place = usize::try_from(random_below(bound)?).unwrap_or(0);
        password.extend(ALPHABET.get(place).copied().map(char::from));
    }
    Ok(password)
}
