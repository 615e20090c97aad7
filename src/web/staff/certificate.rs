//! STF023 利用者電子証明書の手続き: whether the contract requires certificates, and revocation.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::operations::certificate::is_offered;
use crate::operations::staff::acts::{require_certificate, revoke_certificate};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView};
use crate::web::form_body::FormBody;
use crate::web::screens;
use crate::web::staff::act::{self, ActText, Entered};
use crate::web::staff::visit::StaffVisit;

const REQUIRE: ActText = ActText {
    screen: &screens::STF023,
    title: "電子証明書の必要・不要",
    lead: "ご契約のすべての方に当てはまります。「必要」にすると、証明書を使わずにログインしている方は、その場でログアウトされ、次のログインで証明書の取得に進みます。",
    button: "変更する",
    is_danger: false,
};
const REVOKE: ActText = ActText {
    screen: &screens::STF023,
    title: "電子証明書の失効",
    lead: "この方の電子証明書をすべて失効します。証明書でのログインは、その場で終わります。お客さまは、ログイン画面から取得し直せます。",
    button: "失効する",
    is_danger: true,
};
/// What the server would need first.
const NO_DOOR: &str = "このサーバーには、電子証明書でログインする設定がありません。システム担当に連絡し、設定してから変更してください。";

/// The form about the contract.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RequireForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    required: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

/// The form of a revocation.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RevokeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

/// # Errors
/// 404 where the portal has no certificates.
fn check_offered(visit: &StaffVisit) -> Result<(), PageError> {
    if is_offered(&visit.profile) { Ok(()) } else { Err(PageError::NotFound) }
}

async fn enter(visit: &StaffVisit, id: i64) -> Result<Entered, PageError> {
    let entered = act::enter(visit, id, None).await?;
    check_offered(visit)?;
    Ok(entered)
}

fn require_fields(chosen: Option<bool>) -> Vec<FieldView> {
    let choice = |value: &str, label: &str, is_required| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: None,
        image: None,
        is_chosen: chosen == Some(is_required),
    };
    vec![
        FieldView::radio(
            "required",
            "ログイン時の電子証明書",
            vec![choice("yes", "必要", true), choice("no", "不要", false)],
        ),
        act::note("申込書番号", "申込書の右上の番号です。"),
    ]
}

fn revoke_fields() -> Vec<FieldView> {
    vec![act::note("受付の理由", "お申し出の内容や、本人確認の方法を残します。")]
}

/// Shows the choice.
///
/// # Errors
/// As [`act::enter`]; 404 where the portal has no certificates.
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = enter(&visit, id).await?;
    let address = format!("customers/{id}/certificate");
    let form = act::form(&visit, &entered.who, &address, require_fields(None))?;
    act::show(&visit, &entered, REQUIRE, form)
}

/// Sets whether certificates are required.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/certificate");
    let (input, key): (RequireForm, _) = body.staff_keyed(&visit, who, &address)?;
    check_offered(&visit)?;
    let chosen = match input.required.as_deref() {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    let mut form = act::form(&visit, who, &address, require_fields(chosen))?;
    if chosen.is_none() {
        form.set_error("required", "必要か不要かを選んでください。");
    }
    // Nobody of the contract could log in any more.
    if chosen == Some(true) && visit.app.options.certificates.url.is_none() {
        form.set_error("required", NO_DOOR);
    }
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let Some(is_required) = chosen.filter(|_| !form.is_invalid()) {
        let (services, user) = (&visit.app.services, &entered.customer.user);
        let given = (is_required, note);
        let outcome =
            require_certificate(services, &who.ctx, &who.member, &key, user, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, REQUIRE, form)
}

/// Shows the revocation.
///
/// # Errors
/// As [`show`].
pub async fn show_revoke(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = enter(&visit, id).await?;
    let address = format!("customers/{id}/certificate/revoke");
    let form = act::form(&visit, &entered.who, &address, revoke_fields())?;
    act::show(&visit, &entered, REVOKE, form)
}

/// Revokes the customer's certificates.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_revoke(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/certificate/revoke");
    let (input, key): (RevokeForm, _) = body.staff_keyed(&visit, who, &address)?;
    check_offered(&visit)?;
    let mut form = act::form(&visit, who, &address, revoke_fields())?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let (services, user_id) = (&visit.app.services, entered.customer.user.id);
        let outcome =
            revoke_certificate(services, &who.ctx, &who.member, &key, user_id, note).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, REVOKE, form)
}
