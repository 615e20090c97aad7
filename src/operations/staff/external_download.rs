//! STF090, what goes to other banks is saved: who did is kept.

use crate::db::DbError;
use crate::db::queries::external_files;
use crate::domain::audit::AuditResult;
use crate::domain::external_file::{ExternalFile, ExternalKind};
use crate::operations::external_file::is_there;
use crate::operations::{Ctx, Services, audit};
use crate::primitives::ids::ExternalFileId;

/// The portal's 仕向ファイル with this id, if it is there; writes the audit line.
///
/// Permission: every role of the console.
///
/// # Errors
/// Whatever the database says.
pub async fn note_download(
    services: &Services,
    ctx: &Ctx,
    id: ExternalFileId,
) -> Result<Option<ExternalFile>, DbError> {
    let ctx = ctx.clone();
    services
        .db
        .write(move |conn| {
            let found = external_files::find_of_portal(conn, ctx.portal_slug(), id)?;
            let is_outgoing = |file: &ExternalFile| file.kind == ExternalKind::Outgoing;
            let Some(file) = found.filter(|file| is_outgoing(file) && is_there(&ctx, file)) else {
                return Ok(None);
            };
            let digest: String = file.sha256.chars().take(12).collect();
            let (object, details) =
                (format!("external file {id}"), format!("{}, content {digest}", file.name));
            let name = "external.download";
            audit::write(conn, &ctx, name, &object, AuditResult::Done, &details)?;
            Ok(Some(file))
        })
        .await
}
