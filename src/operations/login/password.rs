//! Login, first step (BLG001, BMB001): id and password, then whatever the user's state asks for.

use crate::db::queries::{logins, tokens, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::auth_rule::{Operation, Proof, Required, Situation, required_proof};
use crate::domain::certificate::CertificateRefusal;
use crate::domain::flow::Flow;
use crate::domain::login::LoginStage;
use crate::domain::portal::RegistrationPlace;
use crate::domain::token::{Token, UserTokenStatus};
use crate::domain::user::{Channel, SetupState, User};
use crate::operations::certificate::log_in::{Presented, bind_in_tx, decide_in_tx};
use crate::operations::login::identify::{Identified, identify};
use crate::operations::login::register;
use crate::operations::login::resume::resume_in_tx;
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::clock::UtcTime;
use crate::primitives::code::last_four;
use crate::primitives::ids::{random_id, random_short_id};

/// Where the login goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordOutcome {
    /// Wrong id or password.
    Wrong,
    /// BLG012.
    Locked,
    /// BLG011: the token is suspended.
    Suspended,
    /// BLG013: revoked, and registration is not possible yet.
    RevokedWaiting(UtcTime),
    /// BLG014: the token has expired.
    Expired {
        /// The last four of its serial.
        serial_last_four: String,
        /// When.
        expired_at: UtcTime,
        /// The login that opens the registration of the next token and nothing else, where that
        /// stands in the menu.
        login_id: Option<String>,
    },
    /// The feature-phone channel is closed to this user: it has no first setup, and takes no more
    /// proof than id and password.
    NotOnThisChannel,
    /// 利用停止 by an administrator of the company.
    Paused,
    /// The client certificate that came, or that none did (BLG016).
    Certificate(CertificateRefusal),
    /// The next stage has begun: BLG010, BLG095, BLG020 or the top page.
    Begun {
        /// The login's id, for the session.
        login_id: String,
        /// Which stage.
        stage: LoginStage,
        /// The flow that the end of the last session interrupted.
        resumed: Option<Box<Flow>>,
    },
}

/// Logs a user in as far as id and password go: on the feature-phone channel that is all the way.
///
/// Permission: anybody.
///
/// # Errors
/// Database or hashing trouble; refusals are values.
pub async fn log_in(
    services: &Services,
    ctx: &Ctx,
    (channel, presented): (Channel, Option<Presented>),
    login_id: &str,
    password: &str,
) -> Result<PasswordOutcome, OperationError> {
    let user = match identify(services, ctx, login_id, password).await? {
        Identified::Known(user) => user,
        Identified::Wrong => return Ok(PasswordOutcome::Wrong),
        Identified::Locked => return Ok(PasswordOutcome::Locked),
    };
    let ctx = ctx.by(&user);
    let new_login_id = random_id()?;
    let csrf_secret = random_id()?;
    let flow_id = random_short_id()?;
    let outcome = services
        .db
        .write(move |conn| {
            let ids = NewIds { login: &new_login_id, csrf_secret: &csrf_secret, flow: &flow_id };
            begin(conn, &ctx, (channel, presented.as_ref()), &user, ids)
        })
        .await?;
    Ok(outcome)
}

/// Drawn outside the transaction, which may run again.
#[derive(Clone, Copy)]
struct NewIds<'a> {
    login: &'a str,
    csrf_secret: &'a str,
    /// Of the registration, where one begins.
    flow: &'a str,
}

fn begin(
    conn: &mut DbConn,
    ctx: &Ctx,
    (channel, presented): (Channel, Option<&Presented>),
    user: &User,
    ids: NewIds<'_>,
) -> Result<PasswordOutcome, DbError> {
    if !users::still_has_login_secret(conn, user.id, &user.login_secret_hash)? {
        return Ok(PasswordOutcome::Wrong);
    }
    // Read again: the token may have been suspended while the password was hashed.
    let user = users::get(conn, user.id)?;
    if user.deleted_at.is_some() {
        return Ok(PasswordOutcome::Wrong);
    }
    let certificate = match decide_in_tx(conn, ctx, &user, presented)? {
        Ok(certificate) => certificate,
        Err(refusal) => {
            let object = format!("user {}", user.id);
            let (refused, word) = (AuditResult::Refused, refusal.word());
            audit::write(conn, ctx, "login.certificate", &object, refused, word)?;
            return Ok(PasswordOutcome::Certificate(refusal));
        }
    };
    let outcome = begin_stage(conn, ctx, channel, &user, ids)?;
    let begun = match &outcome {
        PasswordOutcome::Begun { login_id, .. } => Some(login_id),
        PasswordOutcome::Expired { login_id, .. } => login_id.as_ref(),
        _ => None,
    };
    if let Some((login_id, certificate)) = begun.zip(certificate) {
        bind_in_tx(conn, ctx, login_id, &certificate)?;
    }
    Ok(outcome)
}

fn begin_stage(
    conn: &mut DbConn,
    ctx: &Ctx,
    channel: Channel,
    user: &User,
    ids: NewIds<'_>,
) -> Result<PasswordOutcome, DbError> {
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    let object = format!("user {}", user.id);
    let (act, stage) = match channel {
        Channel::Web => ("login.password", Some(web_stage(conn, ctx, user)?)),
        Channel::Mobile => ("login.mobile", mobile_stage(ctx, user)),
    };
    let refusal = state_refusal(ctx, user, token.as_ref());
    let stage = match (refusal, stage) {
        (None, Some(stage)) => stage,
        (Some(refusal), _) if channel == Channel::Web && is_let_in(ctx, user, &refusal) => {
            return let_in_expired(conn, ctx, user, refusal, ids);
        }
        (refusal, _) => {
            let refusal = refusal.unwrap_or(PasswordOutcome::NotOnThisChannel);
            let details = refusal_word(&refusal);
            audit::write(conn, ctx, act, &object, AuditResult::Refused, details)?;
            return Ok(refusal);
        }
    };
    insert_login(conn, ctx, user, (ids.login, ids.csrf_secret), channel, stage)?;
    let mut resumed = None;
    if stage == LoginStage::TokenFlow {
        register::begin_in_tx(conn, ctx, user, ids.login, ids.flow)?;
    }
    if stage == LoginStage::Complete {
        users::note_login(conn, user.id, channel, ctx.now)?;
        if channel == Channel::Web {
            resumed = resume_in_tx(conn, ctx, user, ids.login)?.map(Box::new);
        }
    }
    audit::write(conn, ctx, act, &object, AuditResult::Done, stage.as_str())?;
    Ok(PasswordOutcome::Begun { login_id: ids.login.to_owned(), stage, resumed })
}

fn is_at_login(ctx: &Ctx) -> bool {
    ctx.profile.tokens.registration == RegistrationPlace::ForcedAtLogin
}

/// Whether a customer whose token has expired comes in to register the next one.
fn is_let_in(ctx: &Ctx, user: &User, refusal: &PasswordOutcome) -> bool {
    use RegistrationPlace::{ForcedAtLogin, MenuAfterLogin};
    matches!(refusal, PasswordOutcome::Expired { .. })
        && matches!(ctx.profile.tokens.registration, MenuAfterLogin | ForcedAtLogin)
        && user.setup_state == SetupState::Done
}

fn let_in_expired(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    refusal: PasswordOutcome,
    ids: NewIds<'_>,
) -> Result<PasswordOutcome, DbError> {
    let PasswordOutcome::Expired { serial_last_four, expired_at, .. } = refusal else {
        return Ok(refusal);
    };
    let registers = register::must_register(conn, ctx, user)?;
    let stage = if registers { LoginStage::TokenFlow } else { LoginStage::Complete };
    insert_login(conn, ctx, user, (ids.login, ids.csrf_secret), Channel::Web, stage)?;
    if stage == LoginStage::TokenFlow {
        register::begin_in_tx(conn, ctx, user, ids.login, ids.flow)?;
    } else {
        users::note_login(conn, user.id, Channel::Web, ctx.now)?;
        resume_in_tx(conn, ctx, user, ids.login)?;
    }
    let object = format!("user {}", user.id);
    let details = "token expired, registration only";
    audit::write(conn, ctx, "login.password", &object, AuditResult::Done, details)?;
    let login_id = Some(ids.login.to_owned());
    Ok(PasswordOutcome::Expired { serial_last_four, expired_at, login_id })
}

/// Writes the login's row; the top page later shows the login before this one.
pub(in crate::operations) fn insert_login(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    (login_id, csrf_secret): (&str, &str),
    channel: Channel,
    stage: LoginStage,
) -> Result<(), DbError> {
    logins::insert(
        conn,
        logins::NewLogin {
            id: login_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id: user.id,
            stage,
            token_id: user.token_id,
            csrf_secret: csrf_secret.to_owned(),
            channel,
            previous_login_at: user.last_login_at,
            previous_login_channel: user.last_login_channel,
            previous_failures: user.failures_since_login,
            created_at: ctx.now,
            last_use_at: ctx.now,
        },
    )
}

fn refusal_word(refusal: &PasswordOutcome) -> &'static str {
    match refusal {
        PasswordOutcome::Suspended => "token suspended",
        PasswordOutcome::RevokedWaiting(_) => "token revoked, registration not possible yet",
        PasswordOutcome::Expired { .. } => "token expired",
        PasswordOutcome::NotOnThisChannel => "not on this channel",
        PasswordOutcome::Paused => "paused by an administrator",
        PasswordOutcome::Certificate(refusal) => refusal.word(),
        PasswordOutcome::Wrong | PasswordOutcome::Locked | PasswordOutcome::Begun { .. } => "",
    }
}

/// May this user log in now, as far as the token's state goes?
fn state_refusal(ctx: &Ctx, user: &User, token: Option<&Token>) -> Option<PasswordOutcome> {
    if user.paused_at.is_some() {
        return Some(PasswordOutcome::Paused);
    }
    if let Some(revoked_at) = user.revoked_at {
        let from = ctx.profile.revocation_wait_until(revoked_at);
        if ctx.now < from {
            return Some(PasswordOutcome::RevokedWaiting(from));
        }
    }
    // Also for whoever was revoked and has been issued the next token since.
    let token = token?;
    if token.is_suspended(count_limit(ctx.profile.tokens.throttle.failures_max)) {
        return Some(PasswordOutcome::Suspended);
    }
    let expired_at = token.expires_at?;
    let status = UserTokenStatus::at(user.token_status, token.expires_at, ctx.now);
    // The first setup comes first and leads to the registration of the next token.
    let is_later = is_at_login(ctx) && user.setup_state != SetupState::Done;
    (status == UserTokenStatus::Expired && !is_later).then(|| PasswordOutcome::Expired {
        serial_last_four: last_four(&token.serial),
        expired_at,
        login_id: None,
    })
}

fn required(ctx: &Ctx, user: &User, operation: Operation) -> Required {
    let situation = Situation {
        now: ctx.now,
        token_in_use: user.token_status == crate::domain::token::StoredTokenStatus::InUse,
        token_signs: false,
        login_choice: user.login_otp_chosen,
        payee_registered: false,
        has_picture_card: false,
    };
    required_proof(&ctx.profile, operation, situation)
}

/// The feature-phone channel has no second step and no setup: who needs either is not let in.
fn mobile_stage(ctx: &Ctx, user: &User) -> Option<LoginStage> {
    let is_enough = match required(ctx, user, Operation::MobileLogin) {
        Required::Proof(proof) => proof == Proof::NOTHING,
        Required::Refused(_) => false,
    };
    let is_set_up = user.setup_state != SetupState::Initial;
    (is_enough && is_set_up).then_some(LoginStage::Complete)
}

fn web_stage(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<LoginStage, DbError> {
    Ok(match required(ctx, user, Operation::Login) {
        Required::Proof(proof) if proof.code.is_some() => LoginStage::OtpPending,
        _ if user.setup_state != SetupState::Done => LoginStage::Setup,
        _ if register::must_register(conn, ctx, user)? => LoginStage::TokenFlow,
        _ => LoginStage::Complete,
    })
}
