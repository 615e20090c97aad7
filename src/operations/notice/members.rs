//! Who is told of what happens to a token (otp.md, Mail): its users, and in a company every master
//! and administrator user as well.

use std::collections::BTreeSet;

use crate::db::queries::members;
use crate::db::{DbConn, DbError};
use crate::domain::user::User;
use crate::operations::Ctx;
use crate::operations::notice::{self, Notice};

/// Names told at most; a token can be everybody's.
const NAMES_MAX: usize = 10;

/// Puts the notice to the users concerned into the out-box, and word of it to `sharers`, who use the
/// same token, and to the administrators of their company. Only the users concerned get a stop
/// code: for the others it would stop what is theirs.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_token(
    conn: &mut DbConn,
    ctx: &Ctx,
    concerned: &[User],
    sharers: &[User],
    notice: &Notice,
) -> Result<(), DbError> {
    for user in concerned {
        notice::enqueue(conn, ctx, user, notice)?;
    }
    let Some(first) = concerned.first() else { return Ok(()) };
    let mut others = sharers.to_vec();
    if ctx.profile.is_corporate() {
        others.extend(members::list_administrators(conn, first.contract_id)?);
    }
    let about = about(concerned);
    let mut told: BTreeSet<_> = concerned.iter().map(|user| user.id).collect();
    for other in others {
        if told.insert(other.id) {
            notice::enqueue_about(conn, ctx, &other, notice, &about)?;
        }
    }
    Ok(())
}

/// Whom word to others is about.
fn about(concerned: &[User]) -> String {
    let names: Vec<&str> =
        concerned.iter().take(NAMES_MAX).map(|user| user.name.as_str()).collect();
    let more = concerned.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
    format!("対象の利用者: {}{more}", names.join("、"))
}
