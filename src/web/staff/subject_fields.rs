//! Fields of applications that STF011 and STF013 share, and their checks.

use chrono::NaiveDate;

use crate::domain::customer_info::parse_telephone;
use crate::domain::ledger::AccountType;
use crate::operations::staff::opening::AccountInput;
use crate::primitives::code::to_half_width;
use crate::primitives::kana::to_half_kana;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::login::setup_mail::{ADDRESS_LENGTH_MAX, is_address};
use crate::web::staff::act;

/// Longest name.
const NAME_MAX: usize = 60;
const BRANCH_MAX: usize = 30;

/// What was typed of an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct TypedAccount<'a> {
    pub branch_code: &'a str,
    pub branch_name: &'a str,
    pub account_type: Option<&'a str>,
    pub account_number: &'a str,
}

/// Whether an account of this kind can be 代表口座: fees are debited from it.
fn can_represent(of: AccountType) -> bool {
    matches!(of, AccountType::Ordinary | AccountType::Checking)
}

/// The fields of an account, one that `is_representative` (代表口座) or any.
pub(super) fn account(chosen: Option<&str>, is_representative: bool) -> Vec<FieldView> {
    let choice = |of: AccountType| Choice {
        value: of.as_str().to_owned(),
        label: of.label().to_owned(),
        hint: None,
        image: None,
        is_chosen: chosen.unwrap_or(AccountType::Ordinary.as_str()) == of.as_str(),
    };
    let types = [AccountType::Ordinary, AccountType::Checking, AccountType::Savings];
    let types = types.into_iter().filter(|of| !is_representative || can_represent(*of));
    vec![
        FieldView::text("branch_code", "店番")
            .hint("3桁の数字です。")
            .inputmode("numeric")
            .maxlength(8),
        FieldView::text("branch_name", "店名").maxlength(BRANCH_MAX),
        FieldView::radio("account_type", "科目", types.map(choice).collect()),
        FieldView::text("account_number", "口座番号")
            .hint("7桁の数字です。")
            .inputmode("numeric")
            .maxlength(16),
    ]
}

/// The account as typed; the form says what is wrong.
pub(super) fn checked_account(
    form: &mut FormView,
    typed: TypedAccount<'_>,
    holder_kana: &str,
) -> Option<AccountInput> {
    let branch_code = digits(form, "branch_code", typed.branch_code, 3);
    let branch_name = name(form, ("branch_name", "店名"), typed.branch_name, BRANCH_MAX);
    let number = digits(form, "account_number", typed.account_number, 7);
    let account_type = typed
        .account_type
        .and_then(AccountType::from_text)
        .filter(|of| form.offers("account_type", of.as_str()));
    if account_type.is_none() {
        form.set_error("account_type", "科目を選んでください。");
    }
    Some(AccountInput {
        branch_code: branch_code?,
        branch_name: branch_name?,
        account_type: account_type?,
        number: number?,
        holder_kana: holder_kana.to_owned(),
    })
}

fn digits(form: &mut FormView, field: &'static str, typed: &str, count: usize) -> Option<String> {
    let text: String = to_half_width(typed).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    act::keep(form, field, &text);
    let is_form = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_form {
        form.set_error(field, format!("{count}桁の数字で入力してください。"));
    }
    is_form.then_some(text)
}

/// A name as typed, without spaces around it; none: the form says what is wrong.
pub(super) fn name(
    form: &mut FormView,
    (field, label): (&'static str, &str),
    typed: &str,
    max: usize,
) -> Option<String> {
    let text = typed.trim().to_owned();
    act::keep(form, field, &text);
    if text.is_empty() {
        form.set_error(field, format!("{label}を入力してください。"));
    } else if text.chars().count() > max {
        form.set_error(field, format!("{label}は{max}文字以内で入力してください。"));
    } else if text.chars().any(char::is_control) {
        form.set_error(field, format!("{label}に使えない文字があります。入力し直してください。"));
    } else {
        return Some(text);
    }
    None
}

/// A person's or company's name.
pub(super) fn full_name(form: &mut FormView, field: &'static str, typed: &str) -> Option<String> {
    let label = form.label_of(field).unwrap_or_default().to_owned();
    name(form, (field, &label), typed, NAME_MAX)
}

/// The same in kana, as account books have it.
pub(super) fn kana(form: &mut FormView, field: &'static str, typed: &str) -> Option<String> {
    let typed = name(form, (field, "カナ"), typed, NAME_MAX)?;
    let half = to_half_kana(&typed).filter(|half| half.chars().count() <= NAME_MAX);
    if half.is_none() {
        form.set_error(field, "カタカナで、60文字以内（濁点も1文字）で入力してください。");
    }
    half
}

/// The field of a telephone number and that of a mail address.
pub(super) fn reach() -> [FieldView; 2] {
    [
        FieldView::text("telephone", "電話番号").inputmode("tel").maxlength(20),
        FieldView::email("mail_address", "メールアドレス（任意）")
            .hint("はじめてのログインで、ご本人が確認コードで確かめます。")
            .autocomplete("off")
            .maxlength(ADDRESS_LENGTH_MAX),
    ]
}

/// Telephone number and, where one was typed, the mail address.
pub(super) fn checked_reach(
    form: &mut FormView,
    (telephone, address): (&str, &str),
) -> Option<(String, Option<String>)> {
    let address = to_half_width(address).trim().to_owned();
    act::keep(form, "telephone", telephone.trim());
    act::keep(form, "mail_address", &address);
    let number = parse_telephone(telephone);
    if number.is_none() {
        form.set_error("telephone", "市外局番から、数字で入力してください。");
    }
    if !address.is_empty() && !is_address(&address) {
        form.set_error("mail_address", "「name@example.jp」の形で入力してください。");
        return None;
    }
    Some((number?, Some(address).filter(|address| !address.is_empty())))
}

/// A day as `2026-11-24`, or nothing where none was typed. `None`: the form says what is wrong.
pub(super) fn day(
    form: &mut FormView,
    field: &'static str,
    typed: &str,
) -> Option<Option<NaiveDate>> {
    let text = to_half_width(typed.trim()).replace('/', "-");
    act::keep(form, field, &text);
    if text.is_empty() {
        return Some(None);
    }
    let day = text.parse::<NaiveDate>().ok();
    if day.is_none() {
        form.set_error(field, "「2026-11-24」の形で、ある日付を入力してください。");
    }
    day.map(Some)
}
