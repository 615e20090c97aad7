//! 利用開始登録 at login (BLG020): where the portal asks for it, whoever has no token in use comes
//! from id and password to the registration of one, and to no other page.
//!
//! The login stands at stage `token_flow`, so it opens nothing else; the registration completes it.

use crate::db::queries::{contracts, flows, logins, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::contract;
use crate::domain::flow::{FLOW_LIFETIME, FlowOperation, FlowStep};
use crate::domain::login::LoginStage;
use crate::domain::portal::RegistrationPlace;
use crate::domain::user::{Channel, User};
use crate::operations::{ActAbort, Ctx, guard};

/// Whether this user registers a token before anything else: asked at login, and again for every
/// page, because the contract's first day or the token's end may come while somebody is logged in.
///
/// # Errors
/// Whatever the database says.
pub fn must_register(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<bool, DbError> {
    if !is_asked(ctx) {
        return Ok(false);
    }
    let own = contracts::get(conn, user.contract_id)?;
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    let profile = &ctx.profile;
    Ok(contract::must_register_at_login(profile, &own, user, token.as_ref(), ctx.now))
}

fn is_asked(ctx: &Ctx) -> bool {
    ctx.profile.tokens.registration == RegistrationPlace::ForcedAtLogin
}

/// Begins the registration that the login carries.
///
/// # Errors
/// Whatever the database says.
pub(super) fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    login_id: &str,
    flow_id: &str,
) -> Result<(), DbError> {
    flows::end_of_user(conn, user.id, flow_id)?;
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: user.id,
            login_id: login_id.to_owned(),
            operation: FlowOperation::TokenStart,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + FLOW_LIFETIME,
        },
    )
}

/// Completes the login once the token is registered.
///
/// # Errors
/// Stale where the login is over or stands elsewhere.
pub(in crate::operations) fn complete_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    login_id: &str,
) -> Result<(), ActAbort> {
    if !is_asked(ctx) {
        return Ok(());
    }
    let (from, to) = (LoginStage::TokenFlow, LoginStage::Complete);
    guard(logins::advance(conn, login_id, from, to, ctx.now)?)?;
    users::note_login(conn, user.id, Channel::Web, ctx.now)?;
    Ok(())
}
