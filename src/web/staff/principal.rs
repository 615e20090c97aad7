//! Which member of staff is behind a request, and whether the role comes in: one read in one hop,
//! with whatever the page needs.

use crate::db::queries::staff_logins;
use crate::db::{DbConn, DbError};
use crate::domain::login::EndReason;
use crate::domain::staff::{StaffLogin, StaffMember, StaffStage};
use crate::operations::Ctx;
use crate::operations::staff::end;
use crate::web::csrf;
use crate::web::failure::PageError;
use crate::web::routes::staff::StaffAccess;
use crate::web::session;
use crate::web::staff::visit::StaffVisit;

/// A member of staff in a login that is not over.
#[derive(Debug, Clone)]
pub struct StaffWho {
    /// The login.
    pub login: StaffLogin,
    /// The member.
    pub member: StaffMember,
    /// For operations.
    pub ctx: Ctx,
}

impl StaffWho {
    /// The hidden field of this login's forms.
    pub fn csrf_token(&self) -> String {
        csrf::login_token(&self.login.csrf_secret)
    }
}

/// The login behind the session key, if there is one and it is not over.
///
/// # Errors
/// 500 or 503 of the database.
pub async fn find(visit: &StaffVisit) -> Result<Option<StaffWho>, PageError> {
    let found = read(visit, |_, _| Ok(())).await?;
    let limits = visit.profile.session.limits();
    let open = found.filter(|(login, _, ())| login.end_at(visit.ctx.now, limits).is_none());
    Ok(open.map(|(login, member, ())| who(visit, login, member)))
}

/// Lets in whom the route's access lets in, and reads `more` in the same snapshot.
///
/// # Errors
/// 303 to the login or to the step that is due; 403 where the role may not.
pub async fn enter<T: Send + 'static>(
    visit: &StaffVisit,
    more: impl FnOnce(&mut DbConn, &StaffMember) -> Result<T, DbError> + Send + 'static,
) -> Result<(StaffWho, T), PageError> {
    let access = visit.access;
    let stage = stage_of(access);
    let found = read(visit, move |conn, (login, member)| {
        // Who is sent away reads nothing.
        let is_in = login.stage == stage && (!is_complete(stage) || access.lets_in(member.role));
        is_in.then(|| more(conn, member)).transpose()
    })
    .await?;
    let Some((login, member, more)) = found else {
        return Err(PageError::SeeOther(visit.url("login")));
    };
    let who = who(visit, login, member);
    refuse_ended(visit, &who).await?;
    if who.login.stage != stage {
        return Err(PageError::SeeOther(visit.url(due_path(who.login.stage))));
    }
    let Some(more) = more else {
        return Err(PageError::Forbidden("the role may not do this"));
    };
    if is_complete(stage) {
        end::store_use(&visit.app.services, &who.ctx, &who.login).await?;
    }
    Ok((who, more))
}

/// Where a login at this stage goes on.
pub fn due_path(stage: StaffStage) -> &'static str {
    match stage {
        StaffStage::OtpPending => "login/otp",
        StaffStage::Enrolment => "login/enrol",
        StaffStage::Complete => "",
    }
}

fn stage_of(access: StaffAccess) -> StaffStage {
    match access {
        StaffAccess::OtpPending => StaffStage::OtpPending,
        StaffAccess::Enrolment => StaffStage::Enrolment,
        _ => StaffStage::Complete,
    }
}

fn is_complete(stage: StaffStage) -> bool {
    stage == StaffStage::Complete
}

fn who(visit: &StaffVisit, login: StaffLogin, member: StaffMember) -> StaffWho {
    let ctx = visit.ctx.by_staff(&member);
    StaffWho { login, member, ctx }
}

async fn read<T, F>(
    visit: &StaffVisit,
    more: F,
) -> Result<Option<(StaffLogin, StaffMember, T)>, PageError>
where
    T: Send + 'static,
    F: FnOnce(&mut DbConn, (&StaffLogin, &StaffMember)) -> Result<T, DbError> + Send + 'static,
{
    let Some(key_hash) = session::key_hash(&visit.session)? else { return Ok(None) };
    let slug = visit.profile.slug().to_owned();
    let found = visit
        .app
        .services
        .db
        .read(move |conn| {
            let Some((login, member)) = staff_logins::find_by_key(conn, &slug, &key_hash)? else {
                return Ok::<_, DbError>(None);
            };
            let more = more(conn, (&login, &member))?;
            Ok(Some((login, member, more)))
        })
        .await?;
    Ok(found)
}

async fn refuse_ended(visit: &StaffVisit, who: &StaffWho) -> Result<(), PageError> {
    let limits = visit.profile.session.limits();
    let Some(reason) = who.login.end_at(visit.ctx.now, limits) else { return Ok(()) };
    if who.login.ended_at.is_none() {
        end::end(&visit.app.services, &visit.ctx, &who.login, &who.member, reason).await?;
    }
    session::end(&visit.session);
    let told = match reason {
        EndReason::Idle => "?ended=idle",
        EndReason::Absolute => "?ended=absolute",
        EndReason::Logout => "",
        _ => "?ended=other",
    };
    Err(PageError::SeeOther([visit.url("login").as_str(), told].concat()))
}
