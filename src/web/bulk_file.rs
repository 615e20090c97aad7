//! ファイル伝送: making (BFT010), uploading (BFT011), looking at and repairing (BFT012) and copying
//! (BFT013) bulk files, up to 承認依頼.

pub mod book;
pub mod copy;
pub mod head;
pub mod list;
pub mod make;
pub mod record;
pub mod remove;
pub mod report;
pub mod rows;
pub mod submit;
pub mod table;
pub mod upload;
pub mod words;

use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkAct, BulkActor, BulkFile, BulkStep, decide};
use crate::domain::login::LoginStage;
use crate::domain::user::User;
use crate::operations::bulk_file::{Desk, actor, find_visible};
use crate::primitives::ids::BulkFileId;
use crate::web::failure::PageError;
use crate::web::principal::{self, Who};
use crate::web::visit::Visit;

/// BFT000's address below the portal.
pub const FILES: &str = "files";
/// BFT010's.
pub const NEW: &str = "files/new";
/// BFT011's.
pub const UPLOAD: &str = "files/upload";
/// BFT013's.
pub const COPY: &str = "files/copy";

/// Lets in whoever can make files, and reads `more` in the same snapshot.
///
/// # Errors
/// 303 to the login, 403 for whoever can make none.
async fn enter_maker<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Desk, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, Desk, T), PageError> {
    let ctx = visit.ctx.clone();
    let (who, found) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        let desk = Desk::of_user(conn, &ctx, user)?;
        if desk.kinds(BulkStep::Make).is_empty() {
            return Ok(None);
        }
        let more = more(conn, &desk, user)?;
        Ok(Some((desk, more)))
    })
    .await?;
    let (desk, more) = found.ok_or(PageError::Forbidden("no right to make files"))?;
    Ok((who, desk, more))
}

/// A file with whoever looks at it.
struct Opened {
    who: Who,
    desk: Desk,
    file: BulkFile,
    actor: BulkActor,
}

impl Opened {
    /// Whether this user can change its content now.
    fn is_editable(&self) -> bool {
        decide(self.file.state, BulkAct::Edit, Some(self.actor)).is_ok()
    }

    /// Whether this user can hand it in now.
    fn is_submittable(&self) -> bool {
        decide(self.file.state, BulkAct::Submit, Some(self.actor)).is_ok()
    }

    /// An address below the file's own.
    fn url(&self, visit: &Visit, below: &str) -> String {
        url_of(visit, self.file.id, below)
    }
}

/// An address below a file's own, BFT012.
pub fn url_of(visit: &Visit, id: BulkFileId, below: &str) -> String {
    let own = visit.url(&format!("{FILES}/{id}"));
    if below.is_empty() { own } else { format!("{own}/{below}") }
}

/// Lets in whoever sees the file.
///
/// # Errors
/// 303 to the login, 404 for a file that is not theirs to see.
async fn open(visit: &Visit, id: i64) -> Result<Opened, PageError> {
    let ctx = visit.ctx.clone();
    let (who, found) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        let found = find_visible(conn, &ctx, user, BulkFileId(id))?;
        let Some((file, rights)) = found else { return Ok(None) };
        let desk = Desk::of_user(conn, &ctx, user)?;
        let actor = actor(conn, (user, &rights), desk.service(file.kind), &file)?;
        Ok(Some((desk, file, actor)))
    })
    .await?;
    let (desk, file, actor) = found.ok_or(PageError::NotFound)?;
    Ok(Opened { who, desk, file, actor })
}

/// [`open`] for whoever can change the file now.
///
/// # Errors
/// 409 where it stands so that nobody can, 403 for whoever may not.
async fn open_to_edit(visit: &Visit, id: i64) -> Result<Opened, PageError> {
    let opened = open(visit, id).await?;
    if !opened.actor.may_make {
        return Err(PageError::Forbidden("no right to make files"));
    }
    match opened.is_editable() {
        true => Ok(opened),
        false => Err(PageError::Conflict { back: opened.url(visit, "") }),
    }
}
