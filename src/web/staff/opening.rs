//! STF011 お申込みの登録: a customer or a contract with its first user, from the application form.

use serde::Deserialize;
use validator::Validate;

use crate::domain::portal::{Profile, RegistrationPlace};
use crate::domain::user::Role;
use crate::operations::staff::opening::{Opening, UserInput, first_role, is_id_the_number, open};
use crate::operations::staff::request::ActOutcome;
use crate::primitives::code::to_half_width;
use crate::web::failure::PageResult;
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::staff::act;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::subject_fields::{self as sf, TypedAccount};
use crate::web::staff::visit::StaffVisit;

const PATH: &str = "contracts/new";

/// A heading with the names of the fields below it.
pub struct Part {
    /// The heading.
    pub title: &'static str,
    names: &'static [&'static str],
}

/// STF011.
#[derive(askama::Template)]
#[template(path = "staff/opening.html")]
pub struct OpeningPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Back to the search.
    pub back_url: String,
}

impl OpeningPage {
    /// The fields of a part.
    pub fn fields_of<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'a FieldView> {
        self.form.fields.iter().filter(|field| part.names.contains(&field.name))
    }
}

const PARTS: [Part; 5] = [
    Part { title: "お申込み", names: &["form_number", "number", "name", "name_kana"] },
    Part { title: "はじめにお使いになる方", names: &["user_name", "login_id"] },
    Part { title: "ご連絡先", names: &["telephone", "mail_address"] },
    Part {
        title: "代表口座",
        names: &["branch_code", "branch_name", "account_type", "account_number"],
    },
    Part { title: "ワンタイムパスワード", names: &["otp_applied", "otp_starts"] },
];

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OpeningForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    form_number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    name_kana: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user_name: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    telephone: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    branch_code: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    branch_name: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_type: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp_applied: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp_starts: Option<String>,
}

/// Whether staff set the day from which users of a contract must register a token.
pub(super) fn has_start_day(profile: &Profile) -> bool {
    profile.tokens.registration == RegistrationPlace::ForcedAtLogin
}

fn fields(profile: &Profile, chosen: Option<&str>) -> Vec<FieldView> {
    let is_company = profile.is_corporate();
    let holder = if is_company { "ご契約先の名称" } else { "お名前" };
    let number = match is_id_the_number(profile) {
        true => format!("{}（任意）", profile.credentials.id.label),
        false => "契約番号（任意）".to_owned(),
    };
    let mut fields = vec![
        FieldView::text("form_number", "申込書番号")
            .hint("申込書の右上の番号です。")
            .maxlength(act::NOTE_MAX),
        FieldView::text("number", number)
            .hint("空欄なら、使われていない番号を割り当てます。")
            .inputmode("numeric")
            .maxlength(16),
        FieldView::text("name", holder).maxlength(60),
        FieldView::text("name_kana", format!("{holder}（カナ）"))
            .hint("口座の名義と同じカナです。")
            .maxlength(60),
    ];
    if is_company {
        let role = match first_role(profile) {
            Role::Administrator => "管理者のお名前",
            _ => "マスターユーザのお名前",
        };
        fields.push(FieldView::text("user_name", role).maxlength(60));
    }
    if !is_id_the_number(profile) {
        fields.push(login_id(profile));
    }
    fields.extend(sf::reach());
    fields.extend(sf::account(chosen, true));
    if is_company {
        let day = |name, label: &str, hint: &str| {
            FieldView::text(name, label.to_owned()).hint(hint).maxlength(10)
        };
        fields.push(day(
            "otp_applied",
            "お申込みの日（任意）",
            "申込書があるときに、「2026-11-24」の形で入力します。",
        ));
        if has_start_day(profile) {
            fields.push(day(
                "otp_starts",
                "利用開始日（任意）",
                "空欄なら、サービス全体の開始日からです。",
            ));
        }
    }
    fields
}

/// The field of a login id that somebody is to have.
pub(super) fn login_id(profile: &Profile) -> FieldView {
    let rule = &profile.credentials.id;
    let hint =
        format!("{}で{}〜{}文字です。", rule.characters.label(), rule.length_min, rule.length_max);
    FieldView::text("login_id", rule.label.clone()).hint(hint).maxlength(64)
}

/// A login id as typed that can be one; none: the form says why not.
pub(super) fn checked_login_id(
    profile: &Profile,
    form: &mut FormView,
    typed: &str,
) -> Option<String> {
    let text = to_half_width(typed.trim());
    act::keep(form, "login_id", &text);
    match profile.credentials.id.problem(&text) {
        Some(problem) => {
            form.set_error("login_id", problem);
            None
        }
        None => Some(text),
    }
}

/// Shows STF011.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let form = act::form(&visit, &who, PATH, fields(&visit.profile, None))?;
    show_form(&visit, &who, form)
}

fn show_form(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let is_there = |part: &Part| form.fields.iter().any(|field| part.names.contains(&field.name));
    let page = OpeningPage {
        shell: visit.shell_of(&screens::STF011, who),
        parts: PARTS.into_iter().filter(is_there).collect(),
        back_url: visit.url("customers"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Opens.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let (input, key): (OpeningForm, _) = body.staff_keyed(&visit, &who, PATH)?;
    let fields = fields(&visit.profile, input.account_type.as_deref());
    let mut form = act::form(&visit, &who, PATH, fields)?;
    let checked = checked(&visit.profile, &mut form, &input);
    if let Some(opening) = checked.filter(|_| !form.is_invalid()) {
        let services = &visit.app.services;
        let outcome = open(services, &who.ctx, &who.member, &key, opening).await?;
        place_blocked(&mut form, outcome);
        if !form.is_invalid()
            && let Some(done) = act::after(&visit, outcome, &mut form, PATH)?
        {
            return Ok(done);
        }
    }
    show_form(&visit, &who, form)
}

/// Puts what is taken already beside its field.
pub(super) fn place_blocked(form: &mut FormView, outcome: ActOutcome) {
    use crate::domain::staff_request::Blocked as B;
    let ActOutcome::Blocked(why) = outcome else { return };
    let field = match why {
        B::NumberTaken => "number",
        B::IdTaken if form.has("login_id") => "login_id",
        B::IdTaken => "number",
        B::AccountTaken => "account_number",
        B::BranchNamed => "branch_name",
        _ => return,
    };
    form.set_error(field, crate::web::staff::words::blocked(why));
}

fn checked(profile: &Profile, form: &mut FormView, input: &OpeningForm) -> Option<Opening> {
    let label = ("form_number", "申込書番号");
    let form_number = sf::name(form, label, &input.form_number, act::NOTE_MAX);
    let number = checked_number(profile, form, &input.number);
    let name = sf::full_name(form, "name", &input.name);
    let name_kana = sf::kana(form, "name_kana", &input.name_kana);
    let user_name = match form.has("user_name") {
        true => sf::full_name(form, "user_name", input.user_name.as_deref().unwrap_or_default()),
        false => name.clone(),
    };
    let login_id = match form.has("login_id") {
        true => {
            let typed = input.login_id.as_deref().unwrap_or_default();
            checked_login_id(profile, form, typed).map(Some)
        }
        false => Some(None),
    };
    let reach = sf::checked_reach(form, (&input.telephone, &input.mail_address));
    let typed = TypedAccount {
        branch_code: &input.branch_code,
        branch_name: &input.branch_name,
        account_type: input.account_type.as_deref(),
        account_number: &input.account_number,
    };
    let account = sf::checked_account(form, typed, name_kana.as_deref().unwrap_or_default());
    let otp = checked_otp(form, input);
    let (telephone, mail_address) = reach?;
    Some(Opening {
        number: number?,
        name: name?,
        name_kana: name_kana?,
        form_number: form_number?,
        user: UserInput {
            login_id: login_id?,
            name: user_name?,
            mail_address,
            telephone: Some(telephone),
        },
        account: account?,
        otp: otp?,
    })
}

/// The number as typed, or nothing where one is to be drawn.
fn checked_number(profile: &Profile, form: &mut FormView, typed: &str) -> Option<Option<String>> {
    let text = to_half_width(typed.trim());
    act::keep(form, "number", &text);
    if text.is_empty() {
        return Some(None);
    }
    let rule = &profile.credentials.id;
    let is_form = match is_id_the_number(profile) {
        true => rule.problem(&text).is_none(),
        false => text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if !is_form {
        form.set_error("number", "10桁の数字で入力するか、空欄にしてください。");
    }
    is_form.then_some(Some(text))
}

type OtpDays = Option<(chrono::NaiveDate, Option<chrono::NaiveDate>)>;

fn checked_otp(form: &mut FormView, input: &OpeningForm) -> Option<OtpDays> {
    let applied = sf::day(form, "otp_applied", input.otp_applied.as_deref().unwrap_or_default())?;
    let starts = sf::day(form, "otp_starts", input.otp_starts.as_deref().unwrap_or_default())?;
    if applied.is_none() && starts.is_some() {
        form.set_error("otp_applied", "利用開始日を決めるときは、お申込みの日も入力してください。");
        return None;
    }
    Some(applied.map(|day| (day, starts)))
}
