//! What staff typed of an agreement for bulk files, checked.

use crate::domain::bulk_file::{BulkKind, BulkService};
use crate::primitives::code::to_half_width;
use crate::primitives::ids::ContractId;
use crate::primitives::party_name::{NameProblem, convert};
use crate::primitives::yen::Yen;
use crate::web::form::FormView;
use crate::web::payee::words::name_problem;
use crate::web::staff::act;
use crate::web::staff::bulk_service::business_types;

const CODE_DIGITS: usize = 10;
/// 委託者名 in the formats.
const NAME_MAX: usize = 40;
/// The largest sum that the trailer of a file holds: twelve digits.
const FILE_YEN_MAX: i64 = 999_999_999_999;
/// The largest amount that a record holds: ten digits.
const RECORD_YEN_MAX: i64 = 9_999_999_999;

/// The field of 外部ファイル送信.
pub(super) const EXTERNAL: &str = "external";

/// What was typed.
pub(super) struct Typed<'a> {
    pub offered: Option<&'a str>,
    pub originator_code: &'a str,
    pub originator_kana: &'a str,
    pub business_type: Option<&'a str>,
    pub route: Option<&'a str>,
    pub second_from: &'a str,
    pub maker: Option<&'a str>,
    pub file_limit: &'a str,
    pub record_limit: &'a str,
    pub external: Option<&'a str>,
}

/// The agreement, or the end of it where the kind is no longer offered. Nothing: the form says what
/// is wrong.
#[expect(clippy::option_option, reason = "wrong, ended, or agreed are three things")]
pub(super) fn checked(
    form: &mut FormView,
    (contract_id, kind): (ContractId, BulkKind),
    typed: &Typed<'_>,
) -> Option<Option<BulkService>> {
    match typed.offered {
        Some("yes") => {}
        Some("no") => return Some(None),
        _ => form.set_error("offered", "取り扱うかどうかを選んでください。"),
    }
    let originator_code = code(form, typed.originator_code);
    let originator_kana = kana(form, typed.originator_kana);
    let business_type = business_type(form, kind, typed.business_type);
    let second_approval_from_yen = route(form, typed);
    let maker_may_approve = match typed.maker {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => {
            form.set_error("maker", "作成した人が承認できるかどうかを選んでください。");
            None
        }
    };
    let external_send = external(form, typed.external);
    let file_limit_yen = yen(form, "file_limit", typed.file_limit, FILE_YEN_MAX);
    let record_limit_yen = yen(form, "record_limit", typed.record_limit, RECORD_YEN_MAX);
    let is_above = file_limit_yen.zip(record_limit_yen).is_some_and(|(file, one)| one > file);
    if is_above {
        form.set_error("record_limit", "1ファイルの限度額以下で入力してください。");
    }
    typed.offered.filter(|_| !is_above)?;
    Some(Some(BulkService {
        contract_id,
        kind,
        originator_code: originator_code?,
        originator_kana: originator_kana?,
        business_type: business_type?,
        second_approval_from_yen: second_approval_from_yen?,
        maker_may_approve: maker_may_approve?,
        file_limit_yen: file_limit_yen?,
        record_limit_yen: record_limit_yen?,
        external_send: external_send?,
    }))
}

/// Whether files may be sent straight; never where the portal has no 外部ファイル.
fn external(form: &mut FormView, typed: Option<&str>) -> Option<bool> {
    match typed {
        _ if !form.has(EXTERNAL) => Some(false),
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => {
            form.set_error(EXTERNAL, "外部ファイル送信を取り扱うかどうかを選んでください。");
            None
        }
    }
}

fn code(form: &mut FormView, typed: &str) -> Option<String> {
    let text: String = to_half_width(typed).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    act::keep(form, "originator_code", &text);
    let is_form = text.len() == CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_form {
        form.set_error("originator_code", format!("{CODE_DIGITS}桁の数字で入力してください。"));
    }
    is_form.then_some(text)
}

fn kana(form: &mut FormView, typed: &str) -> Option<String> {
    match convert(typed, NAME_MAX) {
        Ok(converted) => {
            act::keep(form, "originator_kana", &converted.name);
            Some(converted.name)
        }
        Err(problem) => {
            form.set_error("originator_kana", words(&problem));
            None
        }
    }
}

fn words(problem: &NameProblem) -> String {
    match problem {
        NameProblem::Empty => "委託者名をカナで入力してください。".to_owned(),
        NameProblem::TooLong { length, .. } => format!(
            "委託者名は{NAME_MAX}文字までです（濁点・半濁点も1文字と数え、今は{length}文字です）。"
        ),
        NameProblem::CompanyWord { word, short, .. } => {
            format!("「{word}」は「{short}」と略して入力してください。")
        }
        other => name_problem(other).0,
    }
}

fn business_type(form: &mut FormView, kind: BulkKind, typed: Option<&str>) -> Option<String> {
    let all = business_types(kind);
    let chosen = match all {
        [(only, _)] => Some(*only),
        _ => all.iter().map(|(value, _)| *value).find(|value| Some(*value) == typed),
    };
    if chosen.is_none() {
        form.set_error("business_type", "種別コードを選んでください。");
    }
    chosen.map(str::to_owned)
}

/// From which total on two approve; of nothing, one always does.
#[expect(clippy::option_option, reason = "wrong, one, or two from an amount are three things")]
fn route(form: &mut FormView, typed: &Typed<'_>) -> Option<Option<Yen>> {
    match typed.route {
        Some("one") => Some(None),
        Some("two") => Some(Some(Yen(0))),
        Some("two_from") => yen(form, "second_from", typed.second_from, FILE_YEN_MAX).map(Some),
        _ => {
            form.set_error("route", "承認する人数を選んでください。");
            None
        }
    }
}

/// Digits in any width, with separators; more than nothing.
fn yen(form: &mut FormView, field: &'static str, typed: &str, max: i64) -> Option<Yen> {
    let digits = to_half_width(typed).replace([',', ' ', '円'], "");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let found = digits.parse().ok().filter(|yen| is_number && (1..=max).contains(yen));
    if found.is_none() {
        let most = Yen(max);
        form.set_error(field, format!("1円から{most}までの数字で入力してください。"));
    }
    found.map(Yen)
}
