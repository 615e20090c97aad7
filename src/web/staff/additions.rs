//! STF013, what is added to a contract: an account, a master user, its application for one-time
//! passwords.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{accounts, applications, contracts};
use crate::domain::contract::Contract;
use crate::domain::user::Role;
use crate::operations::staff::opening::{
    UserInput, add_account, add_master, first_role, record_application,
};
use crate::primitives::ids::ContractId;
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Row, Tone};
use crate::web::screens;
use crate::web::staff::act::{self, ActPage};
use crate::web::staff::opening::{checked_login_id, has_start_day, login_id, place_blocked};
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::subject_fields::{self as sf, TypedAccount};
use crate::web::staff::visit::StaffVisit;

/// The contract to which something is added.
struct At {
    who: StaffWho,
    contract: Contract,
    /// As its accounts are held.
    kana: String,
}

async fn enter(visit: &StaffVisit, id: i64) -> Result<At, PageError> {
    let (slug, id) = (visit.profile.slug().to_owned(), ContractId(id));
    let (who, found) = principal::enter(visit, move |conn, _| {
        let Some(contract) = contracts::find_of_portal(conn, &slug, id)? else { return Ok(None) };
        let kana = match applications::find(conn, id)? {
            Some(application) => application.name_kana,
            None => {
                let known = accounts::list_by_contract(conn, id)?;
                known.into_iter().next().map_or_else(String::new, |account| account.holder_kana)
            }
        };
        Ok(Some((contract, kana)))
    })
    .await?;
    let (contract, kana) = found.ok_or(PageError::NotFound)?;
    Ok(At { who, contract, kana })
}

fn show(
    visit: &StaffVisit,
    at: &At,
    (title, lead, button): (&'static str, &'static str, &'static str),
    form: FormView,
) -> PageResult {
    let contract = &at.contract;
    let mut shell = visit.shell_of(&screens::STF013, &at.who);
    shell.title = title.into();
    let is_closed = contract.closed_at.is_some();
    let page = ActPage {
        shell,
        lead,
        notice: (is_closed && !form.is_invalid()).then(|| Notice {
            tone: Tone::Warn,
            title: "今は登録できません".to_owned(),
            text: vec!["このご契約は解約済みです。".to_owned()],
        }),
        rows: vec![
            Row::new("契約番号", contract.number.clone()),
            Row::new("名義", contract.name.clone()),
        ],
        form,
        button,
        is_danger: false,
        back: Link {
            label: "ご契約に戻る".to_owned(),
            url: visit.url(&format!("contracts/{}", contract.id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}

const ACCOUNT: (&str, &str, &str) = (
    "口座の追加",
    "お申込みの書面にもとづいて、このご契約でお使いになる口座を追加します。",
    "口座を追加する",
);
const USER: (&str, &str, &str) = (
    "マスターユーザの追加",
    "お申込みの書面にもとづいて、マスターユーザを追加します。初期パスワードのお知らせは、ほかの人が承認すると、申請した人が一度だけ印刷できます。",
    "マスターユーザを追加する",
);

fn note() -> FieldView {
    act::note("申込書番号", "申込書の右上の番号です。")
}

/// The form of an account.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    branch_code: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    branch_name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_type: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    holder_kana: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

fn account_form(
    visit: &StaffVisit,
    at: &At,
    chosen: Option<&str>,
) -> Result<(String, FormView), PageError> {
    let address = format!("contracts/{}/account", at.contract.id);
    let mut fields = sf::account(chosen, false);
    fields.push(FieldView::text("holder_kana", "口座の名義（カナ）").maxlength(60).value(&at.kana));
    fields.push(note());
    let form = act::form(visit, &at.who, &address, fields)?;
    Ok((address, form))
}

/// Shows the form of an account.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for no contract of this portal.
pub async fn show_account(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let (_, form) = account_form(&visit, &at, None)?;
    show(&visit, &at, ACCOUNT, form)
}

/// Adds the account.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_account(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let path = format!("contracts/{}/account", at.contract.id);
    let (input, key): (AccountForm, _) = body.staff_keyed(&visit, &at.who, &path)?;
    let (address, mut form) = account_form(&visit, &at, input.account_type.as_deref())?;
    let kana = sf::kana(&mut form, "holder_kana", &input.holder_kana);
    let typed = TypedAccount {
        branch_code: &input.branch_code,
        branch_name: &input.branch_name,
        account_type: input.account_type.as_deref(),
        account_number: &input.account_number,
    };
    let account = sf::checked_account(&mut form, typed, kana.as_deref().unwrap_or_default());
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let Some(account) = account.filter(|_| !form.is_invalid()) {
        let (services, given) = (&visit.app.services, (at.contract.id, account, note));
        let outcome = add_account(services, &at.who.ctx, &at.who.member, &key, given).await?;
        place_blocked(&mut form, outcome);
        if !form.is_invalid()
            && let Some(done) = act::after(&visit, outcome, &mut form, &address)?
        {
            return Ok(done);
        }
    }
    show(&visit, &at, ACCOUNT, form)
}

/// The form of a master user.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct UserForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user_name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    telephone: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

/// 404 in portals whose contracts have no master users, or one administrator only.
fn user_form(visit: &StaffVisit, at: &At) -> Result<FormView, PageError> {
    if first_role(&visit.profile) != Role::Master {
        return Err(PageError::NotFound);
    }
    let mut fields =
        vec![FieldView::text("user_name", "お名前").maxlength(60), login_id(&visit.profile)];
    fields.extend(sf::reach());
    fields.push(note());
    act::form(visit, &at.who, &user_address(at), fields)
}

fn user_address(at: &At) -> String {
    format!("contracts/{}/user", at.contract.id)
}

/// Shows the form of a master user.
///
/// # Errors
/// As [`show_account`], and 404 where there are no master users.
pub async fn show_user(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let form = user_form(&visit, &at)?;
    show(&visit, &at, USER, form)
}

/// Adds the master user.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_user(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let address = user_address(&at);
    let (input, key): (UserForm, _) = body.staff_keyed(&visit, &at.who, &address)?;
    let mut form = user_form(&visit, &at)?;
    let name = sf::full_name(&mut form, "user_name", &input.user_name);
    let login_id = checked_login_id(&visit.profile, &mut form, &input.login_id);
    let reach = sf::checked_reach(&mut form, (&input.telephone, &input.mail_address));
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let (Some(name), Some((telephone, mail_address)), false) = (name, reach, form.is_invalid()) {
        let user = UserInput { login_id, name, mail_address, telephone: Some(telephone) };
        let (services, given) = (&visit.app.services, (at.contract.id, user, note));
        let outcome = add_master(services, &at.who.ctx, &at.who.member, &key, given).await?;
        place_blocked(&mut form, outcome);
        if !form.is_invalid()
            && let Some(done) = act::after(&visit, outcome, &mut form, &address)?
        {
            return Ok(done);
        }
    }
    show(&visit, &at, USER, form)
}

const APPLICATION: (&str, &str, &str) = (
    "ワンタイムパスワード機能申込書の登録",
    "申込書にもとづいて登録します。開始日からは、利用者の方がログインしたときに、トークンの登録をお願いします。",
    "お申込みを登録する",
);

/// The form of an application.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ApplicationForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp_applied: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp_starts: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

fn application_address(at: &At) -> String {
    format!("contracts/{}/otp", at.contract.id)
}

/// 404 in portals that ask nobody for a token at login.
fn application_form(visit: &StaffVisit, at: &At) -> Result<FormView, PageError> {
    if !has_start_day(&visit.profile) {
        return Err(PageError::NotFound);
    }
    let day = |name, label: &str, hint: &str| {
        FieldView::text(name, label.to_owned()).hint(hint).maxlength(10)
    };
    let fields = vec![
        day("otp_applied", "お申込みの日", "「2026-11-24」の形で入力します。"),
        day("otp_starts", "利用開始日（任意）", "空欄なら、サービス全体の開始日からです。"),
        note(),
    ];
    act::form(visit, &at.who, &application_address(at), fields)
}

/// Shows the form of an application.
///
/// # Errors
/// As [`show_account`], and 404 where nobody is asked for a token at login.
pub async fn show_application(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let form = application_form(&visit, &at)?;
    show(&visit, &at, APPLICATION, form)
}

/// Writes the application down.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_application(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let address = application_address(&at);
    let (input, key): (ApplicationForm, _) = body.staff_keyed(&visit, &at.who, &address)?;
    let mut form = application_form(&visit, &at)?;
    let applied = sf::day(&mut form, "otp_applied", &input.otp_applied);
    if applied == Some(None) {
        form.set_error("otp_applied", "お申込みの日を入力してください。");
    }
    let starts = sf::day(&mut form, "otp_starts", &input.otp_starts);
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    let days = applied.flatten().zip(starts);
    if let Some(days) = days.filter(|_| !form.is_invalid()) {
        let (services, given) = (&visit.app.services, (at.contract.id, days, note));
        let outcome =
            record_application(services, &at.who.ctx, &at.who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    show(&visit, &at, APPLICATION, form)
}
