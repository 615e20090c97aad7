//! Stop codes in notices: drawn from the portal's keys and the act, so that an act whose
//! transaction runs again draws the same one; kept as keyed digests.

use crate::db::queries::stop_codes;
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::stop_code::{LIFETIME, code_of, grouped};
use crate::domain::user::User;
use crate::mail::templates::{StopPart, StopWay};
use crate::operations::Ctx;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::UserId;
use crate::primitives::keys::KeyRing;

/// The keyed digest under which a code is kept and looked for.
pub(super) fn digest(keys: &KeyRing, user_id: UserId, code: &str) -> String {
    keys.digest("stop code", &format!("{user_id} {code}"))
}

/// The number that answers at any hour, for mails that are about no act but may be the first sign
/// of somebody else's.
pub(super) fn telephone_part(ctx: &Ctx) -> StopPart {
    let contact = &ctx.profile.contact;
    let hours = contact.lost_hours.as_ref().unwrap_or(&contact.hours);
    let telephone = contact.telephone_for_losses().to_owned();
    StopPart { telephone, hours: hours.clone(), way: None }
}

/// What a notice of this kind says about stopping everything, with a code of its own; nothing for
/// kinds that are about no act.
///
/// # Errors
/// Whatever the database says.
pub(super) fn part_of(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    kind: MailKind,
) -> Result<Option<StopPart>, DbError> {
    if !kind.is_about_an_act() {
        return Ok(None);
    }
    let is_offered = ctx.profile.services.emergency_stop && kind != MailKind::EmergencyStopped;
    let way = if is_offered { Some(way(conn, ctx, user, kind)?) } else { None };
    Ok(Some(StopPart { way, ..telephone_part(ctx) }))
}

fn way(conn: &mut DbConn, ctx: &Ctx, user: &User, kind: MailKind) -> Result<StopWay, DbError> {
    let act = format!("{} {} {kind} {}", ctx.request_id, user.id, ctx.now);
    let code = code_of(ctx.keys.draw("stop code of a notice", &act));
    stop_codes::insert(conn, user.id, &digest(&ctx.keys, user.id, &code), ctx.now)?;
    let url = ctx.public_url.as_ref().map(|base| format!("{base}/{}/stop", ctx.portal_slug()));
    Ok(StopWay { url, code: grouped(&code), valid_until: jst_minute_text(ctx.now + LIFETIME) })
}
