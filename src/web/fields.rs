//! Fields that several forms share, worded from the portal's profile, and the words for failed
//! proofs.

use crate::domain::auth_rule::ConfirmBy;
use crate::domain::challenge::CODE_DIGITS;
use crate::domain::picture_card::{PICTURES, PictureCard};
use crate::domain::portal::{Keeper, Profile, SecretKind};
use crate::domain::registration_number::problem;
use crate::domain::user::Role;
use crate::operations::proof::ProofRefusal;
use crate::primitives::clock::{UtcTime, to_jst};
use crate::primitives::code::{normalise_digits, to_half_width};
use crate::web::form::{Choice, FieldView, FormView};

/// Codes are typed with spaces, hyphens and full width, which are dropped later.
const CODE_LENGTH_MAX: usize = 16;
const SERIAL_LENGTH_MAX: usize = 24;
/// Longest input of any field; longer ones no browser of ours sends.
pub const INPUT_LENGTH_MAX: u64 = 256;

/// Names of the three picks of a picture card.
pub const PICTURE_FIELDS: [&str; 3] = ["picture_1", "picture_2", "picture_3"];

/// Name of the field for a code that the token app signs.
pub const SIGNED: &str = "signed";
/// What customers call such a code.
pub const SIGNED_LABEL: &str = "取引確認コード";

/// Name of the field for 登録番号.
pub const REGISTRATION_NUMBER: &str = "registration_number";

/// Wrong, used up, ended, never handed out: all the same.
const NUMBER_WRONG: &str = "登録番号を確認できませんでした。お知らせした番号をもう一度お確かめください。\
     お手元にないときや期限を過ぎたときは、画面下のお問い合わせ先へお電話ください。";

const SIGNED_OLD: &str = "この取引確認コードは、もう使えません（5分を過ぎたか、使用済みです）。\
     画面のQRコードを読み取り直し、新しいコードを入力してください。";

const SIGNED_CHANGED: &str = "トークンアプリで確かめた内容と、この画面の内容が違うため、受け付けませんでした。\
     ご自身で内容を変えた場合は、画面のQRコードを読み取り直してください。\
     お心当たりがない場合は「中止する」を押し、画面下のお問い合わせ先へすぐにお電話ください。";

const MAIL_CODE_USED_UP: &str = "このメール通知パスワードは使えなくなりました。\
     「再送」を押し、新しい数字を入力してください。\
     再送できないときは、1時間ほどたってから、もう一度お申し込みください。";

/// The field for 登録番号, which whoever had a token revoked by staff types beside the rest. Like a
/// code it never comes back into a page.
pub fn registration_number() -> FieldView {
    FieldView::text(REGISTRATION_NUMBER, "登録番号")
        .hint("トークンの失効後に当方からお知らせした8桁の数字です。期限があり、一度だけ使えます。")
        .inputmode("numeric")
        .maxlength(CODE_LENGTH_MAX)
}

/// 登録番号 as typed, where one is needed; what cannot be one at all is not tried, and the form says
/// so.
pub fn checked_registration_number(form: &mut FormView, typed: Option<&str>) -> Option<String> {
    if !form.has(REGISTRATION_NUMBER) {
        return None;
    }
    let number = normalise_digits(typed.unwrap_or_default());
    if let Some(problem) = problem(&number) {
        form.set_error(REGISTRATION_NUMBER, problem);
    }
    Some(number)
}

/// The field for the login id.
pub fn login_id(profile: &Profile, value: &str) -> FieldView {
    let rule = &profile.credentials.id;
    let field = FieldView::text("login_id", rule.label.clone())
        .autocomplete("username")
        .maxlength(64)
        .value(value);
    match &rule.hint {
        Some(hint) => field.hint(hint.clone()),
        None => field,
    }
}

/// The field for the login password.
pub fn password(profile: &Profile) -> FieldView {
    FieldView::secret("password", profile.credentials.login.label.clone()).maxlength(128)
}

/// The field for the login password of a user of this role.
pub fn password_of(profile: &Profile, name: &'static str, role: Role) -> FieldView {
    FieldView::secret(name, profile.secret_label(SecretKind::Login, role)).maxlength(128)
}

/// The field for the contract's id, beside which a user's own is typed.
pub fn contract_id(profile: &Profile, value: &str) -> FieldView {
    let rule = &profile.credentials.id;
    let field = FieldView::text("contract_id", rule.label.clone()).maxlength(64).value(value);
    match &rule.hint {
        Some(hint) => field.hint(hint.clone()),
        None => field,
    }
}

/// The field for a user's own id in the contract.
pub fn user_id(profile: &Profile, value: &str) -> FieldView {
    let rule = profile.credentials.user_id.as_ref();
    let label = rule.map_or_else(String::new, |rule| rule.label.clone());
    let field =
        FieldView::text("user_id", label).autocomplete("username").maxlength(64).value(value);
    match rule.and_then(|rule| rule.hint.clone()) {
        Some(hint) => field.hint(hint),
        None => field,
    }
}

/// A field for a one-time password; `purpose` says what it will do.
pub fn code(profile: &Profile, name: &'static str, label: &str, purpose: &str) -> FieldView {
    FieldView::code(name, label.to_owned(), purpose.to_owned())
        .hint(profile.words.otp_hint.clone())
        .maxlength(CODE_LENGTH_MAX)
}

/// The field for a code that the token app signs; `purpose` says what it will do.
pub fn signed_code(purpose: &str) -> FieldView {
    FieldView::code(SIGNED, SIGNED_LABEL, purpose.to_owned())
        .hint("トークンアプリで内容を確かめると表示される、8桁の数字です。")
        .maxlength(CODE_LENGTH_MAX)
}

/// A signed code as typed; what cannot be one at all is not tried, and the form says so.
pub fn checked_signed_code(form: &mut FormView, typed: Option<&str>) -> String {
    let code = normalise_digits(typed.unwrap_or_default());
    let is_form = u32::try_from(code.len()) == Ok(CODE_DIGITS);
    if code.is_empty() {
        form.set_error(SIGNED, format!("{SIGNED_LABEL}を入力してください。"));
    } else if !is_form || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        form.set_error(SIGNED, format!("{SIGNED_LABEL}は8桁の数字で入力してください。"));
    }
    code
}

/// The field for a token's serial.
pub fn serial(profile: &Profile, value: &str) -> FieldView {
    FieldView::text("serial", profile.words.serial.clone())
        .hint(profile.words.serial_hint.clone())
        .maxlength(SERIAL_LENGTH_MAX)
        .value(value)
}

/// The fields of a confirmation: the confirming secret, or three groups of pictures.
pub fn confirmation(
    profile: &Profile,
    asked: Option<ConfirmBy>,
    card: Option<&PictureCard>,
) -> Vec<FieldView> {
    confirmation_of(profile, Role::Customer, asked, card)
}

/// The same for a user of this role, whose confirming secret may have a name of its own.
pub fn confirmation_of(
    profile: &Profile,
    role: Role,
    asked: Option<ConfirmBy>,
    card: Option<&PictureCard>,
) -> Vec<FieldView> {
    match (asked, card) {
        (None, _) => Vec::new(),
        (Some(ConfirmBy::PictureCard), Some(card)) => pictures(card),
        (Some(_), _) => vec![confirm(profile, role)],
    }
}

fn confirm(profile: &Profile, role: Role) -> FieldView {
    let rule = profile.secret_rule(profile.secret_of(SecretKind::Confirm, role));
    let rule = rule.unwrap_or(&profile.credentials.confirm);
    let field = FieldView::secret("confirm", rule.label.clone()).maxlength(128);
    match &rule.also_called {
        Some(name) => field.hint(format!(
            "{name}とも呼びます。変更されていない場合は、お客様カードに記載のものです。"
        )),
        None => field,
    }
}

fn pictures(card: &PictureCard) -> Vec<FieldView> {
    PICTURE_FIELDS
        .into_iter()
        .zip(card.asked_cells())
        .map(|(name, cell)| {
            let choices = PICTURES
                .iter()
                .map(|(value, label)| Choice {
                    value: (*value).to_owned(),
                    label: (*label).to_owned(),
                    hint: None,
                    image: Some(format!("img/pictures/{value}.svg")),
                    is_chosen: false,
                })
                .collect();
            let label = format!("画像認証カードの {cell} の絵");
            FieldView::picture(name, label, choices)
        })
        .collect()
}

/// Names of a proof so far, for result pages: 確認用パスワード or 画像認証カード.
pub fn earlier_proof(profile: &Profile, has_card: bool) -> String {
    if has_card && profile.credentials.picture_card {
        "画像認証カード".to_owned()
    } else {
        profile.credentials.confirm.label.clone()
    }
}

/// A typed login id: half width, without spaces around it.
pub fn normalise_login_id(typed: &str) -> String {
    to_half_width(typed).trim().to_owned()
}

/// Whether this can be a code of `digits` at all; if not, nothing is counted.
pub fn code_problem(profile: &Profile, code: &str, digits: u32) -> Option<String> {
    let otp = &profile.words.otp;
    if code.is_empty() {
        return Some(format!("{otp}を入力してください。"));
    }
    let is_form =
        u32::try_from(code.len()) == Ok(digits) && code.bytes().all(|byte| byte.is_ascii_digit());
    (!is_form).then(|| format!("{otp}は{digits}桁の数字で入力してください。"))
}

/// A typed code, normalised.
pub fn normalise_code(typed: &str) -> String {
    normalise_digits(typed)
}

/// Puts the words for a failed proof on its field; `code_field` names the code's.
pub fn set_refusal(
    form: &mut FormView,
    profile: &Profile,
    refusal: &ProofRefusal,
    code_field: &str,
) {
    match signed_refused(refusal, code_field) {
        Some(words) => form.set_error(code_field, words),
        None => set_usual_refusal(form, profile, refusal, code_field),
    }
}

fn set_usual_refusal(
    form: &mut FormView,
    profile: &Profile,
    refusal: &ProofRefusal,
    code_field: &str,
) {
    // As the form calls them: a contract's administrator may have secrets of other names.
    let of_form = |name, usual: &str| form.label_of(name).unwrap_or(usual).to_owned();
    let otp = &profile.words.otp;
    let confirm = of_form("confirm", &profile.credentials.confirm.label);
    let login = of_form("current_password", &profile.credentials.login.label);
    match refusal {
        ProofRefusal::OtpWrong { remaining, until } => {
            // The same words whichever of the two was wrong.
            let serial = form.has("serial").then_some(profile.words.serial.as_str());
            form.set_error(code_field, otp_wrong(otp, serial, *remaining, *until));
        }
        ProofRefusal::OtpWaiting { until } => form.set_error(code_field, otp_waiting(*until)),
        ProofRefusal::OtpRepeated => form.set_error(
            code_field,
            format!("同じ{otp}が続けて送信されました。次に表示される数字を入力してください。"),
        ),
        ProofRefusal::Suspended => form.set_error(
            code_field,
            match profile.tokens.released_by {
                Keeper::Staff => {
                    format!("{otp}の認証を停止しています。画面下のお問い合わせ先へお電話ください。")
                }
                _ => format!("{otp}の認証を停止しています。管理者の方に停止解除をご依頼ください。"),
            },
        ),
        // These have words of their own, below.
        ProofRefusal::SignedOld | ProofRefusal::SignedChanged => {}
        ProofRefusal::ConfirmWrong { remaining } => {
            let told = remaining_text(*remaining);
            let words = format!("{confirm}が違います。もう一度入力してください。{told}");
            form.set_error("confirm", words);
        }
        ProofRefusal::ConfirmLocked => form.set_error(
            "confirm",
            format!("{confirm}は停止しています。画面下のお問い合わせ先へお電話ください。"),
        ),
        ProofRefusal::LoginSecretWrong { remaining } => {
            let told = remaining_text(*remaining);
            let words = format!("{login}が違います。もう一度入力してください。{told}");
            form.set_error("current_password", words);
        }
        ProofRefusal::LoginSecretLocked => {
            let words =
                format!("{login}は停止しています。画面下のお問い合わせ先へお電話ください。");
            form.set_error("current_password", words);
        }
        ProofRefusal::PicturesWrong { remaining } => {
            let told = remaining_text(*remaining);
            let words = format!("絵の組み合わせが違います。カードを見て選び直してください。{told}");
            form.set_error("picture_1", words);
        }
        ProofRefusal::PictureCardLocked => form.set_error(
            "picture_1",
            "画像認証カードは停止しています。画面下のお問い合わせ先へお電話ください。",
        ),
        ProofRefusal::RegistrationNumberWrong => form.set_error(REGISTRATION_NUMBER, NUMBER_WRONG),
        ProofRefusal::MailCodeWrong => form.set_error(
            "mail_code",
            "メール通知パスワードが違います。いちばん新しいメールの数字を入力してください。",
        ),
        ProofRefusal::MailCodeUsedUp => form.set_error("mail_code", MAIL_CODE_USED_UP),
    }
}

/// The words for a signed code that failed, where they differ from those for a one-time password.
fn signed_refused(refusal: &ProofRefusal, code_field: &str) -> Option<String> {
    match refusal {
        ProofRefusal::SignedOld => Some(SIGNED_OLD.to_owned()),
        ProofRefusal::SignedChanged => Some(SIGNED_CHANGED.to_owned()),
        ProofRefusal::OtpWrong { remaining, until } if code_field == SIGNED => {
            let when = until.map_or_else(String::new, |until| {
                format!("{}を過ぎてから、", to_jst(until).format("%-H時%M分%S秒"))
            });
            Some(format!(
                "{SIGNED_LABEL}を確認できませんでした。{when}トークンアプリに表示された数字を、\
                 もう一度お確かめください。{}",
                remaining_text(*remaining)
            ))
        }
        ProofRefusal::OtpRepeated if code_field == SIGNED => Some(format!(
            "同じ{SIGNED_LABEL}が続けて送信されました。\
             トークンアプリに表示された数字を、もう一度お確かめください。"
        )),
        _ => None,
    }
}

fn otp_waiting(until: UtcTime) -> String {
    let at = to_jst(until).format("%-H時%M分%S秒");
    format!("入力の誤りが続いたため、{at}を過ぎてから、もう一度入力してください。")
}

fn otp_wrong(
    otp: &str,
    serial: Option<&str>,
    remaining: Option<u32>,
    until: Option<UtcTime>,
) -> String {
    let told = remaining_text(remaining);
    let next = until.map_or_else(
        || "次に表示される数字を入力してください。".to_owned(),
        |until| {
            let at = to_jst(until).format("%-H時%M分%S秒");
            format!("{at}を過ぎてから、そのとき表示される数字を入力してください。")
        },
    );
    match serial {
        Some(serial) => format!(
            "{serial}または{otp}を確認できませんでした。\
             {serial}に誤りがないかを確かめ、{next}{told}"
        ),
        None => format!(
            "{otp}を確認できませんでした。{next}\
             続くときは、スマートフォンなどの時計が合っているかを確かめ、\
             画面下のお問い合わせ先へお電話ください。{told}"
        ),
    }
}

fn remaining_text(remaining: Option<u32>) -> String {
    remaining.map_or_else(String::new, |n| format!("（あと{n}回誤ると、安全のため停止します）"))
}
