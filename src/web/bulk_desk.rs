//! ファイル伝送 from the hand-in on: the menu with what waits (BFT000), approving (BFT020 to BFT022),
//! sending (BFT030, BFT031), how every file stands and its history (BFT040).

pub mod approval;
pub mod approvals;
pub mod detail;
pub mod differences;
pub mod file;
pub mod history;
pub mod menu;
pub mod outcome;
pub mod pdf;
pub mod result;
pub mod rows;
pub mod sending;
pub mod words;

use serde::Deserialize;
use validator::Validate;

use crate::db::queries::bulk_lists::{self, BulkFilter};
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::{CodeProof, Proof};
use crate::domain::bulk_file::{BulkActor, BulkFile, BulkRules};
use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::user::User;
use crate::operations::Ctx;
use crate::operations::bulk_file::{Desk, SeenFile, actors, find_visible, own_most};
use crate::primitives::ids::BulkFileId;
use crate::primitives::yen::Yen;
use crate::web::failure::PageError;
use crate::web::principal::{self, Who};
use crate::web::visit::Visit;

/// BFT000's address below the portal.
pub const MENU: &str = "files";
/// BFT020's; a file's id follows for BFT021.
pub const APPROVAL: &str = "files/approval";
/// BFT022's; the receipt's id follows.
pub const APPROVED: &str = "files/approval/result";
/// BFT030's.
pub const SENDING: &str = "files/sending";
/// BFT031's; the receipt's id follows.
pub const SENT: &str = "files/sending/result";
/// BFT040's; a file's id follows for its details.
pub const HISTORY: &str = "files/history";

/// What the box of a file is called in a list; [`tick_of`] follows.
pub const TICK: &str = "file_";
/// Files that a list for an act shows: those with the nearest deadlines.
pub const LIST_MAX: i64 = 100;

/// Whether this user finds the files in the menu: all who do not only administer.
pub fn is_offered(visit: &Visit, user: &User) -> bool {
    visit.profile.services.bulk_files && !only_administers(&visit.profile, user.role)
}

/// What a user can do with files, and what limits them.
#[derive(Debug, Clone)]
pub struct Place {
    /// Agreements, accounts and rights.
    pub desk: Desk,
    /// Most that the user may approve or send in one file.
    pub own_most: Option<Yen>,
}

impl Place {
    /// Reads it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn read(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Place, DbError> {
        let desk = Desk::of_user(conn, ctx, user)?;
        Ok(Place { desk, own_most: own_most(conn, ctx, user)? })
    }

    /// What approving and sending this file look at.
    #[must_use]
    pub fn rules(&self, visit: &Visit, file: &BulkFile) -> BulkRules<'_> {
        let (service, own_most) = (self.desk.service(file.kind), self.own_most);
        BulkRules { service, own_most, now: visit.ctx.now }
    }
}

/// Files of a list, with what the user is to each.
pub type Listed = Vec<(BulkFile, BulkActor)>;

/// The contract's files that the filter takes, those with the nearest deadline first.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    place: &Place,
    user: &User,
    filter: &BulkFilter,
) -> Result<Listed, DbError> {
    let files = bulk_lists::list_by_deadline(conn, user.contract_id, filter, LIST_MAX)?;
    let who = (user, &place.desk.rights);
    let actors = actors(conn, who, &place.desk.services, &files)?;
    Ok(files.into_iter().zip(actors).collect())
}

/// Lets somebody in who does not only administer, also to a page that tells them why they can do
/// nothing there; reads `more` in the same snapshot.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn enter<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Place, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, Place, T), PageError> {
    let ctx = visit.ctx.clone();
    let (who, found) =
        principal::enter_to_look(visit, LoginStage::Complete, move |conn, _, user| {
            if only_administers(&ctx.profile, user.role) {
                return Ok(None);
            }
            let place = Place::read(conn, &ctx, user)?;
            let more = more(conn, &place, user)?;
            Ok(Some((place, more)))
        })
        .await?;
    let (place, more) = found.ok_or(PageError::Forbidden("no right to files"))?;
    Ok((who, place, more))
}

/// The box of a file: its id, which time it was handed in, its content.
#[must_use]
pub fn tick_of(file: &BulkFile) -> String {
    format!("{TICK}{}.{}", file.id, draft_of(file))
}

/// The same without the id, as the form of one file has it.
#[must_use]
pub fn draft_of(file: &BulkFile) -> String {
    format!("{}.{}", file.submission, file.content_sha256)
}

/// The file that a box names.
fn seen_of_tick(tick: &str) -> Option<SeenFile> {
    let (id, draft) = tick.split_once('.')?;
    seen_of_draft(BulkFileId(id.parse().ok()?), draft)
}

/// The file as the form of one file showed it.
#[must_use]
pub fn seen_of_draft(id: BulkFileId, draft: &str) -> Option<SeenFile> {
    let (submission, content) = draft.split_once('.')?;
    let is_digest = content.len() <= 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    let content_sha256 = content.to_owned();
    let submission = submission.parse().ok()?;
    is_digest.then_some(SeenFile { id, submission, content_sha256 })
}

/// The files that the boxes name.
///
/// # Errors
/// 400 for what is no box of ours.
pub fn seen(ticks: &[String]) -> Result<Vec<SeenFile>, PageError> {
    let is_too_many = i64::try_from(ticks.len()).is_ok_and(|count| count > LIST_MAX);
    let seen: Option<Vec<SeenFile>> = ticks.iter().map(|tick| seen_of_tick(tick)).collect();
    seen.filter(|_| !is_too_many).ok_or(PageError::BadRequest("no such box"))
}

/// # Errors
/// 404 for a file that is not the user's to see.
pub async fn refuse_foreign(visit: &Visit, who: &Who, seen: &[SeenFile]) -> Result<(), PageError> {
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let ids: Vec<BulkFileId> = seen.iter().map(|seen| seen.id).collect();
    let are_visible = visit.app.services.db.read(move |conn| {
        for id in &ids {
            if find_visible(conn, &ctx, &user, *id)?.is_none() {
                return Ok::<_, DbError>(false);
            }
        }
        Ok(true)
    });
    if are_visible.await? { Ok(()) } else { Err(PageError::NotFound) }
}

/// The proof of an act by the name of its method, for a file's history.
#[must_use]
pub fn proof_name(proof: Proof) -> &'static str {
    match (proof.code, proof.confirm) {
        (Some(CodeProof::Otp), None) => "otp",
        (Some(CodeProof::Otp), Some(_)) => "otp+confirm",
        (Some(CodeProof::Signed), _) => "signed",
        (Some(CodeProof::Mail), _) => "mail+confirm",
        (None, Some(_)) => "confirm",
        (None, None) => "none",
    }
}

/// A form of one file that carries nothing but which content it showed.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct DraftForm {
    #[validate(length(max = 100))]
    draft: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_name_file_submission_and_content() {
        let digest = "a1".repeat(32);
        let ticks = [format!("7.2.{digest}")];
        let read = seen(&ticks).unwrap();
        let expected = SeenFile { id: BulkFileId(7), submission: 2, content_sha256: digest };
        assert_eq!(read, [expected]);
        for wrong in ["", "7", "7.2", "x.2.a1", "7.x.a1", "7.2.g1", "7.2.a.b"] {
            assert!(seen(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
        let many: Vec<String> = (0..101).map(|id| format!("{id}.1.a1")).collect();
        assert!(seen(&many).is_err());
    }
}
