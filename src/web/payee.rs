//! 振込先: the list (BTR020), registration and change (BTR021), deletion (BTR022).

pub mod confirm;
pub mod delete;
pub mod input;
pub mod list;
pub mod result;
pub mod words;

use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::{Operation, Refusal, Required, Situation, required_proof};
use crate::domain::flow::FlowOperation;
use crate::domain::login::LoginStage;
use crate::domain::portal::RegistrationPlace;
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::User;
use crate::operations::payee::may_use;
use crate::web::failure::PageError;
use crate::web::page::{Notice, Tone};
use crate::web::principal::{self, Who};
use crate::web::transfer::stopped;
use crate::web::visit::Visit;

/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::PayeeChange;

/// Whether there are payees here: where there are transfers.
pub fn is_offered(visit: &Visit) -> bool {
    visit.profile.services.transfers
}

/// Lets in who may make transfers, and reads `more` in the same snapshot.
///
/// # Errors
/// 303 to the login, 404 where there are no transfers, 403 for who may make none.
pub async fn enter<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    if !is_offered(visit) {
        return Err(PageError::NotFound);
    }
    let ctx = visit.ctx.clone();
    let (who, found) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        if !may_use(conn, &ctx, user)? {
            return Ok(None);
        }
        more(conn, user).map(Some)
    })
    .await?;
    let found = found.ok_or(PageError::Forbidden("no right to make transfers"))?;
    Ok((who, found))
}

/// Why this user can change no payees, and what to do about it: everything was stopped, or a token
/// is missing.
pub fn refusal(visit: &Visit, user: &User) -> Option<Notice> {
    if let Some(notice) = stopped(user) {
        return Some(notice);
    }
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: user.token_status == StoredTokenStatus::InUse,
        token_signs: false,
        login_choice: user.login_otp_chosen,
        payee_registered: false,
        has_picture_card: false,
    };
    let Required::Refused(why) = required_proof(&visit.profile, Operation::PayeeChange, situation)
    else {
        return None;
    };
    let words = &visit.profile.words;
    let way = match (why, visit.profile.tokens.registration) {
        (Refusal::NoToken, RegistrationPlace::AdministratorMenu) => {
            format!("{}の登録を、ご契約先の管理者にお申し出ください。", words.token)
        }
        (Refusal::NoToken, _) => format!("先に{}の{}をしてください。", words.otp, words.start),
        _ => "画面下のお問い合わせ先へお電話ください。".to_owned(),
    };
    Some(Notice {
        tone: Tone::Warn,
        title: "振込先の登録・変更・削除は、まだご利用になれません。".to_owned(),
        text: vec![match why {
            Refusal::NoToken => format!("このお手続きには{}が必要です。{way}", words.otp),
            _ => way,
        }],
    })
}
