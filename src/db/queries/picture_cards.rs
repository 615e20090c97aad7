//! Picture cards (画像認証カード).

use diesel::prelude::*;

use crate::db::{DbConn, DbError};
use crate::domain::picture_card::PictureCard;
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::UserId;
use crate::primitives::keys::Sealed;
use crate::schema::{picture_cards, users};

/// Issues a card.
///
/// # Errors
/// Whatever the database says; a user has one card.
pub fn insert(
    conn: &mut DbConn,
    user_id: UserId,
    cells_sealed: &[u8],
    sealing_key_id: &str,
    challenge: &str,
    locked_at: Option<UtcTime>,
    now: UtcTime,
) -> Result<(), DbError> {
    diesel::insert_into(picture_cards::table)
        .values((
            picture_cards::user_id.eq(user_id),
            picture_cards::cells_sealed.eq(cells_sealed),
            picture_cards::sealing_key_id.eq(sealing_key_id),
            picture_cards::challenge.eq(challenge),
            picture_cards::locked_at.eq(locked_at),
            picture_cards::issued_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The user's card.
///
/// # Errors
/// Whatever the database says.
pub fn find_by_user(conn: &mut DbConn, user_id: UserId) -> Result<Option<PictureCard>, DbError> {
    Ok(picture_cards::table
        .filter(picture_cards::user_id.eq(user_id))
        .select(PictureCard::as_select())
        .first(conn)
        .optional()?)
}

/// Claims an attempt before the answer is looked at; false: locked.
///
/// # Errors
/// Whatever the database says.
pub fn claim_attempt(conn: &mut DbConn, id: i64, failures_max: i32) -> Result<bool, DbError> {
    let guarded = picture_cards::table
        .find(id)
        .filter(picture_cards::locked_at.is_null())
        .filter(picture_cards::failures.lt(failures_max));
    let claimed = diesel::update(guarded)
        .set(picture_cards::failures.eq(picture_cards::failures + 1))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Clears the failures and sets the next challenge, only while the answered one still stands:
/// one right answer counts once.
///
/// # Errors
/// Whatever the database says.
pub fn answer(conn: &mut DbConn, id: i64, answered: &str, next: &str) -> Result<bool, DbError> {
    let guarded = picture_cards::table
        .find(id)
        .filter(picture_cards::locked_at.is_null())
        .filter(picture_cards::challenge.eq(answered));
    let updated = diesel::update(guarded)
        .set((picture_cards::failures.eq(0), picture_cards::challenge.eq(next)))
        .execute(conn)?;
    Ok(updated == 1)
}

/// Locks the card once its failures have reached the limit.
///
/// # Errors
/// Whatever the database says.
pub fn lock(conn: &mut DbConn, id: i64, failures_max: i32, now: UtcTime) -> Result<bool, DbError> {
    let guarded = picture_cards::table
        .find(id)
        .filter(picture_cards::locked_at.is_null())
        .filter(picture_cards::failures.ge(failures_max));
    Ok(diesel::update(guarded).set(picture_cards::locked_at.eq(now)).execute(conn)? == 1)
}

/// Unlocks a user's card; false if nothing was locked.
///
/// # Errors
/// Whatever the database says.
pub fn unlock(conn: &mut DbConn, user_id: UserId) -> Result<bool, DbError> {
    let guarded = picture_cards::table
        .filter(picture_cards::user_id.eq(user_id))
        .filter(picture_cards::locked_at.is_not_null().or(picture_cards::failures.gt(0)));
    let unlocked = diesel::update(guarded)
        .set((picture_cards::locked_at.eq(None::<UtcTime>), picture_cards::failures.eq(0)))
        .execute(conn)?;
    Ok(unlocked == 1)
}

/// The cards of the portal's users that another key than `key_id` sealed, at most `limit` after the
/// card `after`, in order of their ids.
///
/// # Errors
/// Whatever the database says.
pub fn list_sealed_otherwise(
    conn: &mut DbConn,
    portal: &str,
    key_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<PictureCard>, DbError> {
    let of_portal = users::table.filter(users::portal.eq(portal.to_owned())).select(users::id);
    Ok(picture_cards::table
        .filter(picture_cards::user_id.eq_any(of_portal))
        .filter(picture_cards::sealing_key_id.ne(key_id))
        .filter(picture_cards::id.gt(after))
        .select(PictureCard::as_select())
        .order(picture_cards::id)
        .limit(limit)
        .load(conn)?)
}

/// Puts cells sealed anew in the place of `before`; false if that is not what stands there.
///
/// # Errors
/// Whatever the database says.
pub fn reseal(conn: &mut DbConn, id: i64, before: &[u8], sealed: &Sealed) -> Result<bool, DbError> {
    let unchanged = picture_cards::table.find(id).filter(picture_cards::cells_sealed.eq(before));
    let resealed = diesel::update(unchanged)
        .set((
            picture_cards::cells_sealed.eq(&sealed.bytes),
            picture_cards::sealing_key_id.eq(&sealed.key_id),
        ))
        .execute(conn)?;
    Ok(resealed == 1)
}

/// How many cards of all portals another key than `key_id` sealed.
///
/// # Errors
/// Whatever the database says.
pub fn count_sealed_otherwise(conn: &mut DbConn, key_id: &str) -> Result<i64, DbError> {
    let others = picture_cards::table.filter(picture_cards::sealing_key_id.ne(key_id));
    Ok(others.count().get_result(conn)?)
}
