//! 管理 (BAD001, BAU screens): what master and administrator users of a company see and do. Others
//! get the page 403, and no menu.

pub mod approve;
pub mod edit;
pub mod home;
pub mod leave;
pub mod list;
pub mod member;
pub mod members;
pub mod pause;
pub mod release;
pub mod reset;
pub mod result;
pub mod revoke;
pub mod ticks;
pub mod tokens;
pub mod users;
pub mod users_result;

use serde::Deserialize;
use validator::Validate;

use crate::db::queries::members::are_of_contract;
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::CodeProof;
use crate::domain::login::{Login, LoginStage};
use crate::domain::permission::may_administer;
use crate::domain::user::User;
use crate::operations::administration::count_able;
use crate::operations::proof::act::GivenProof;
use crate::primitives::ids::UserId;
use crate::web::failure::PageError;
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::{FieldView, FormView};
use crate::web::principal::{self, ADMINISTRATOR_USERS, Who, is_by_administrator};
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BAD001's address below the portal.
pub const ADMIN: &str = "admin";
/// BAU001's.
pub const USERS: &str = "admin/users";

/// What the box of a user is called in a list; the row id follows.
pub const TICK: &str = "user_";

/// What the box says that agrees to what a page asks once more.
pub const AGREED: &str = "yes";

/// The form of a list in which users are ticked, beside the ticks.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TickedForm {
    /// The confirming secret, where it is asked.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub confirm: Option<String>,
    /// The code, where it is asked.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub otp: Option<String>,
    /// That the user means it, where the page asks once more.
    #[validate(length(max = 8))]
    pub agreed: Option<String>,
}

/// Lets an administrator in, and reads `more` in the same snapshot.
///
/// # Errors
/// As [`principal::enter`]; 403 for whoever administers nobody.
pub async fn enter<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Login, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    let profile = visit.profile.clone();
    let (who, more) = principal::enter(visit, LoginStage::Complete, move |conn, login, user| {
        if !may_administer(&profile, user) {
            return Ok(None);
        }
        more(conn, login, user).map(Some)
    })
    .await?;
    let more = more.ok_or(PageError::Forbidden("no administrator"))?;
    Ok((who, more))
}

/// The users that the boxes name.
///
/// # Errors
/// 400 for what is no box of ours, 404 for somebody of another contract.
pub async fn ticked(visit: &Visit, who: &Who, ticks: &[String]) -> Result<Vec<UserId>, PageError> {
    let ids = list::ticked_ids(ticks).ok_or(PageError::BadRequest("no such box"))?;
    refuse_foreign(visit, who, ids.clone()).await?;
    Ok(ids)
}

/// # Errors
/// 404 for somebody of another contract.
pub async fn refuse_foreign(visit: &Visit, who: &Who, ids: Vec<UserId>) -> Result<(), PageError> {
    let (db, contract_id) = (&visit.app.services.db, who.user.contract_id);
    let are_own = db.read(move |conn| are_of_contract(conn, contract_id, &ids)).await?;
    if are_own { Ok(()) } else { Err(PageError::NotFound) }
}

/// Where the acts on users begin: BAU001, or BAU100 of a contract's one administrator.
pub fn menu_url(visit: &Visit) -> String {
    visit.url(if is_by_administrator(visit) { ADMINISTRATOR_USERS } else { USERS })
}

/// What that is called.
pub fn menu_label(visit: &Visit) -> &'static str {
    if is_by_administrator(visit) { "利用者一覧" } else { "利用者管理メニュー" }
}

/// Whether the act asks once more, because fewer than two would be left who could release a
/// suspended token: what has to be agreed to, in words. The form says why until `agreed` is there.
///
/// # Errors
/// Database trouble.
pub async fn ask_about_last(
    visit: &Visit,
    who: &Who,
    form: &mut FormView,
    gone: Vec<UserId>,
    agreed: Option<&str>,
) -> Result<Option<String>, PageError> {
    if is_by_administrator(visit) {
        return Ok(None);
    }
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let counted = visit.app.services.db.read(move |conn| {
        let now = count_able(conn, &ctx, &user, &[])?;
        Ok::<_, DbError>((now, count_able(conn, &ctx, &user, &gone)?))
    });
    let (now, left) = counted.await?;
    if left >= now || left > 1 {
        return Ok(None);
    }
    let release = &visit.profile.words.release;
    if agreed != Some(AGREED) {
        form.errors.push(format!(
            "このあと、{release}ができる方は{left}名になります。その方のトークンが停止すると、\
             お二人の承認か、窓口でのお手続きが必要です。よろしければ、確認の欄にチェックを入れて、\
             もう一度ボタンを押してください。"
        ));
    }
    Ok(Some(format!("{release}ができる方が{left}名になることを確認しました")))
}

/// The fields of the proof that the auth rules ask for; `purpose` says what a code does here.
pub fn proof_fields(visit: &Visit, who: &Who, purpose: &str) -> Vec<FieldView> {
    let profile = &visit.profile;
    let mut all = Vec::new();
    if who.proof.code == Some(CodeProof::Otp) {
        all.push(fields::code(profile, "otp", &profile.words.otp, purpose));
    }
    all.extend(fields::confirmation_of(profile, who.user.role, who.proof.confirm, None));
    all
}

/// The proof that a form brought; nothing: the form says what is missing.
///
/// # Errors
/// 403 where the rules ask for a code that these pages do not take.
pub fn given_proof(
    visit: &Visit,
    who: &Who,
    form: &mut FormView,
    input: TickedForm,
) -> Result<Option<GivenProof>, PageError> {
    let code = match who.proof.code {
        None => None,
        Some(CodeProof::Otp) => {
            let code = normalise_code(&input.otp.unwrap_or_default());
            let digits = visit.profile.tokens.digits.get();
            if let Some(problem) = code_problem(&visit.profile, &code, digits) {
                form.set_error("otp", problem);
            }
            Some(code)
        }
        Some(_) => return Err(PageError::Forbidden("the auth rules ask for another proof")),
    };
    let confirmation = flow::confirmation(visit, who, form, input.confirm, [None, None, None]);
    Ok(confirmation.map(|confirmation| GivenProof { code, confirmation }))
}
