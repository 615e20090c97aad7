//! Letters: a new initial password, or 登録番号. Printed once, by whoever asked for it, and what it
//! tells is forgotten with that. An initial password is there only after somebody else's approval;
//! so nobody gets at one alone, and whoever approves never sees it.

use zeroize::Zeroizing;

use crate::db::queries::{staff_letters, staff_requests, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::portal::{Profile, SecretKind, SecretRule};
use crate::domain::registration_number::LIFETIME;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::StaffAct;
use crate::domain::user::{Role, User};
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{StaffRequestId, random_below, random_digits};

/// Without letters and digits that look alike.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// Nearly 70 bits.
const PASSWORD_LENGTH: usize = 12;

/// A letter as it is printed.
pub struct PrintedLetter {
    /// What it tells.
    pub act: StaffAct,
    /// To whom.
    pub user: User,
    /// The initial password or the number.
    pub secret: Zeroizing<String>,
    /// Until when it holds, where that is limited.
    pub until: Option<UtcTime>,
}

/// How printing ended.
pub enum PrintOutcome {
    /// Printed; nobody sees it again.
    Printed(Box<PrintedLetter>),
    /// Only whoever asked for it prints it.
    WrongPerson,
    /// There is none, or it was printed before.
    Gone,
}

/// Prints the letter of a request.
///
/// Permission: clerks and checkers, each what they asked for themselves.
///
/// # Errors
/// Database or key trouble.
pub async fn print(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    request_id: StaffRequestId,
) -> Result<PrintOutcome, OperationError> {
    let slug = ctx.portal_slug().to_owned();
    let (request, letter) = services
        .db
        .read(move |conn| {
            let request = staff_requests::find(conn, &slug, request_id)?;
            Ok::<_, DbError>((request, staff_letters::find(conn, &slug, request_id)?))
        })
        .await?;
    let (Some(request), Some(letter)) = (request, letter) else { return Ok(PrintOutcome::Gone) };
    if request.maker_id != member.id {
        return Ok(PrintOutcome::WrongPerson);
    }
    let Some(sealed) = letter.secret_sealed else { return Ok(PrintOutcome::Gone) };
    // Opened first: what cannot be opened is not marked as printed.
    let context = sealing_context(request_id);
    let opened = services.keys.open(&context, &letter.sealing_key_id, &sealed)?;
    let text = std::str::from_utf8(opened.expose())
        .map_err(|_| OperationError::Corrupt("what a letter tells"))?;
    let secret = Zeroizing::new(text.to_owned());
    let (ctx, member, user_id) = (ctx.clone(), member.clone(), letter.user_id);
    let user = services
        .db
        .write(move |conn| {
            if !staff_letters::mark_printed(conn, request_id, member.id, ctx.now)? {
                return Ok(None);
            }
            audit_print(conn, &ctx, request_id, user_id)?;
            users::find_of_portal(conn, ctx.portal_slug(), user_id)
        })
        .await?;
    let is_number = request.kind == StaffAct::RegistrationNumber;
    let until = is_number.then(|| request.made_at + LIFETIME);
    Ok(user.map_or(PrintOutcome::Gone, |user| {
        let letter = PrintedLetter { act: request.kind, user, secret, until };
        PrintOutcome::Printed(Box::new(letter))
    }))
}

fn audit_print(
    conn: &mut DbConn,
    ctx: &Ctx,
    request_id: StaffRequestId,
    user_id: crate::primitives::ids::UserId,
) -> Result<(), DbError> {
    let (object, details) = (format!("user {user_id}"), format!("request {request_id}"));
    audit::write(conn, ctx, "letter.print", &object, AuditResult::Done, &details)
}

/// What the secret is sealed for.
pub(in crate::operations) fn sealing_context(request_id: StaffRequestId) -> String {
    format!("letter {request_id}")
}

/// A new initial password. The administrator of a contract that was opened begins with the number
/// that the portal asks for at the first log-on, where it has one.
pub(super) fn draw_password(
    profile: &Profile,
    act: StaffAct,
    role: Option<Role>,
) -> Result<Zeroizing<String>, getrandom::Error> {
    if let Some(rule) = first_number(profile, act, role) {
        return random_digits(rule.length_max).map(Zeroizing::new);
    }
    draw_text()
}

/// A password of letters and digits.
pub(super) fn draw_text() -> Result<Zeroizing<String>, getrandom::Error> {
    let bound = u32::try_from(ALPHABET.len()).unwrap_or(1);
    let mut password = Zeroizing::new(String::with_capacity(PASSWORD_LENGTH));
    while password.len() < PASSWORD_LENGTH {
        let place = usize::try_from(random_below(bound)?).unwrap_or(0);
        password.extend(ALPHABET.get(place).copied().map(char::from));
    }
    Ok(password)
}

/// The rule of the number with which the administrator of a new contract begins, if that is who and
/// what it is about.
pub fn first_number(profile: &Profile, act: StaffAct, role: Option<Role>) -> Option<&SecretRule> {
    let is_first = act == StaffAct::IssuePassword && role == Some(Role::Administrator);
    profile.secret_rule(SecretKind::RegistrationNumber).filter(|_| is_first)
}
