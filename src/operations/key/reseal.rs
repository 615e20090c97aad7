//! Sealing anew: what an older key sealed is opened and sealed with the first one, so that the
//! older key can be taken away.

use crate::db::queries::{certificates, picture_cards, staff, staff_letters, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::certificate::Authority;
use crate::domain::picture_card::PictureCard;
use crate::domain::staff::StaffMember;
use crate::domain::token::Token;
use crate::operations::staff::letter::sealing_context;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{StaffId, StaffRequestId, TokenId};
use crate::primitives::keys::{KeyError, KeyRing, Sealed};

/// Rows sealed anew in one transaction, so that customers' acts hardly wait.
const BATCH: i64 = 100;

/// What is kept sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    TokenSecrets,
    PictureCards,
    StaffSecrets,
    Letters,
    Authorities,
}

/// How many rows became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Sealed with the first key now.
    pub resealed: usize,
    /// Left as they are: their key is not configured, or they were changed.
    pub unopened: usize,
}

impl Count {
    fn and(self, other: Count) -> Count {
        Count { resealed: self.resealed + other.resealed, unopened: self.unopened + other.unopened }
    }
}

/// What came of one portal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets of tokens.
    pub tokens: Count,
    /// Picture cards.
    pub picture_cards: Count,
    /// Secrets of the authenticators of staff, and letters to be printed.
    pub staff: Count,
    /// Keys of the authorities for client certificates.
    pub authorities: Count,
}

/// What another key than the first one still seals, in all portals of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// Secrets of tokens.
    pub tokens: i64,
    /// Picture cards.
    pub picture_cards: i64,
    /// Secrets of the authenticators of staff, and letters to be printed.
    pub staff: i64,
    /// Keys of the authorities for client certificates.
    pub authorities: i64,
}

/// A row as it stands.
struct SealedRow {
    id: i64,
    context: String,
    sealed: Sealed,
}

/// Seals the portal's token secrets, picture cards and secrets of staff anew that another key than
/// the first one
/// sealed. Each row changes only if its sealed bytes are still those that were opened, so a server
/// may go on beside it, and a run that was broken off is simply run again.
///
/// Permission: whoever has the keys (by command).
///
/// # Errors
/// Database trouble or no randomness; batches before it are sealed anew.
pub fn reseal(services: &Services, ctx: &Ctx) -> Result<Resealed, OperationError> {
    Ok(Resealed {
        tokens: reseal_all(services, ctx, Kept::TokenSecrets)?,
        picture_cards: reseal_all(services, ctx, Kept::PictureCards)?,
        staff: reseal_all(services, ctx, Kept::StaffSecrets)?.and(reseal_all(
            services,
            ctx,
            Kept::Letters,
        )?),
        authorities: reseal_all(services, ctx, Kept::Authorities)?,
    })
}

/// Counts what another key than the first one still seals.
///
/// Permission: whoever has the keys (by command).
///
/// # Errors
/// Whatever the database says.
pub fn remaining(services: &Services) -> Result<Remaining, DbError> {
    let key_id = services.keys.sealing_key_id();
    services.db.read_blocking(|conn| {
        Ok(Remaining {
            tokens: tokens::count_sealed_otherwise(conn, key_id)?,
            picture_cards: picture_cards::count_sealed_otherwise(conn, key_id)?,
            staff: staff::count_sealed_otherwise(conn, key_id)?
                + staff_letters::count_sealed_otherwise(conn, key_id)?,
            authorities: certificates::count_sealed_otherwise(conn, key_id)?,
        })
    })
}

fn reseal_all(services: &Services, ctx: &Ctx, kept: Kept) -> Result<Count, OperationError> {
    let key_id = services.keys.sealing_key_id();
    let (mut count, mut after) = (Count::default(), 0);
    loop {
        let rows: Vec<SealedRow> =
            services.db.read_blocking(|conn| kept.list(conn, ctx.portal_slug(), key_id, after))?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.id;
        let mut anew = Vec::with_capacity(rows.len());
        for row in rows {
            match seal_anew(&services.keys, &row) {
                Ok(sealed) => anew.push((row, sealed)),
                Err(KeyError::Unknown(_) | KeyError::Broken) => count.unopened += 1,
                Err(error) => return Err(error.into()),
            }
        }
        let ctx = ctx.clone();
        count.resealed +=
            services.db.claim_blocking(move |conn| replace(conn, &ctx, kept, &anew))?;
    }
}

fn seal_anew(keys: &KeyRing, row: &SealedRow) -> Result<Sealed, KeyError> {
    let plain = keys.open(&row.context, &row.sealed.key_id, &row.sealed.bytes)?;
    keys.seal(&row.context, plain.expose())
}

fn replace(
    conn: &mut DbConn,
    ctx: &Ctx,
    kept: Kept,
    anew: &[(SealedRow, Sealed)],
) -> Result<usize, DbError> {
    let mut resealed = 0;
    for (row, sealed) in anew {
        if kept.reseal(conn, row, sealed)? {
            resealed += 1;
        }
    }
    if let Some((_, sealed)) = anew.first().filter(|_| resealed > 0) {
        let details = format!("{resealed} sealed anew with the key {}", sealed.key_id);
        audit::write(conn, ctx, "key.reseal", kept.name(), AuditResult::Done, &details)?;
    }
    Ok(resealed)
}

impl Kept {
    fn name(self) -> &'static str {
        match self {
            Kept::TokenSecrets => "token secrets",
            Kept::PictureCards => "picture cards",
            Kept::StaffSecrets => "staff secrets",
            Kept::Letters => "letters",
            Kept::Authorities => "certificate authorities",
        }
    }

    fn list(
        self,
        conn: &mut DbConn,
        portal: &str,
        key_id: &str,
        after: i64,
    ) -> Result<Vec<SealedRow>, DbError> {
        Ok(match self {
            Kept::TokenSecrets => {
                let after = TokenId(after);
                tokens::list_sealed_otherwise(conn, portal, key_id, after, BATCH)?
                    .into_iter()
                    .map(of_token)
                    .collect()
            }
            Kept::PictureCards => {
                picture_cards::list_sealed_otherwise(conn, portal, key_id, after, BATCH)?
                    .into_iter()
                    .map(of_card)
                    .collect()
            }
            Kept::StaffSecrets => {
                staff::list_sealed_otherwise(conn, portal, key_id, StaffId(after), BATCH)?
                    .into_iter()
                    .map(of_member)
                    .collect()
            }
            Kept::Letters => {
                let after = StaffRequestId(after);
                staff_letters::list_sealed_otherwise(conn, portal, key_id, after, BATCH)?
                    .into_iter()
                    .map(of_letter)
                    .collect()
            }
            Kept::Authorities => {
                certificates::list_sealed_otherwise(conn, portal, key_id, after, BATCH)?
                    .into_iter()
                    .map(of_authority)
                    .collect()
            }
        })
    }

    fn reseal(self, conn: &mut DbConn, row: &SealedRow, sealed: &Sealed) -> Result<bool, DbError> {
        let before = &row.sealed.bytes;
        match self {
            Kept::TokenSecrets => tokens::reseal(conn, TokenId(row.id), before, sealed),
            Kept::PictureCards => picture_cards::reseal(conn, row.id, before, sealed),
            Kept::StaffSecrets => staff::reseal(conn, StaffId(row.id), before, sealed),
            Kept::Letters => staff_letters::reseal(conn, StaffRequestId(row.id), before, sealed),
            Kept::Authorities => certificates::reseal(conn, row.id, before, sealed),
        }
    }
}

fn of_token(token: Token) -> SealedRow {
    SealedRow {
        id: token.id.0,
        context: Token::sealing_context(&token.portal, &token.serial),
        sealed: Sealed { key_id: token.sealing_key_id, bytes: token.secret_sealed },
    }
}

fn of_card(card: PictureCard) -> SealedRow {
    SealedRow {
        id: card.id,
        context: PictureCard::sealing_context(card.user_id),
        sealed: Sealed { key_id: card.sealing_key_id, bytes: card.cells_sealed },
    }
}

fn of_member(member: StaffMember) -> SealedRow {
    SealedRow {
        id: member.id.0,
        context: StaffMember::sealing_context(&member.portal, &member.staff_id),
        sealed: Sealed {
            key_id: member.sealing_key_id.unwrap_or_default(),
            bytes: member.secret_sealed.unwrap_or_default(),
        },
    }
}

fn of_authority(authority: Authority) -> SealedRow {
    SealedRow {
        id: authority.id.0,
        context: Authority::sealing_context(&authority.portal, &authority.name),
        sealed: Sealed { key_id: authority.sealing_key_id, bytes: authority.key_sealed },
    }
}

fn of_letter(letter: staff_letters::Letter) -> SealedRow {
    SealedRow {
        id: letter.request_id.0,
        context: sealing_context(letter.request_id),
        sealed: Sealed {
            key_id: letter.sealing_key_id,
            bytes: letter.secret_sealed.unwrap_or_default(),
        },
    }
}
