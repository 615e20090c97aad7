//! Sentences about tokens that follow from the profile: what a code is for, what a stop changes,
//! how a customer comes to another token.

use crate::domain::auth_rule::{Operation, Required, Situation, required_proof};
use crate::domain::portal::{DoneBy, LoginChoice, Profile, RegistrationPlace};
use crate::domain::user::User;
use crate::primitives::clock::{UtcTime, jst_day, jst_minute_text};
use crate::primitives::yen::Yen;
use crate::web::fields;
use crate::web::page::{Link, Notice, Tone};
use crate::web::visit::Visit;

/// The kinds of token that can be registered today, as `ハードウェアトークンまたはアプリ`.
pub fn open_kinds(visit: &Visit) -> String {
    let open = visit.profile.tokens.open_kinds(jst_day(visit.ctx.now));
    let labels: Vec<&str> = open.map(|rules| rules.label.as_str()).collect();
    match labels.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{}または{last}", others.join("、")),
        None => visit.profile.words.token.clone(),
    }
}

/// What identifies a customer, as `契約者IDとログインパスワード`.
pub fn identity(profile: &Profile) -> String {
    let secrets = &profile.credentials;
    format!("{}と{}", secrets.id.label, secrets.login.label)
}

/// The portal's word for the stop, as `利用中止`.
pub fn stop(profile: &Profile) -> String {
    profile.words.stop.clone().unwrap_or_else(|| "利用中止".to_owned())
}

/// What is done to the use in a stop, as `中止`.
pub fn stop_verb(profile: &Profile) -> String {
    let word = stop(profile);
    word.strip_prefix("利用").map_or_else(|| word.clone(), str::to_owned)
}

/// Whether customers with a token confirm transfers by its code.
pub fn asks_code_for_acts(profile: &Profile, now: UtcTime) -> bool {
    asks_code(profile, Operation::Transfer, now)
}

/// Whether every customer with a token is asked for its code at login.
pub fn asks_code_at_every_login(profile: &Profile, now: UtcTime) -> bool {
    profile.tokens.login_choice == LoginChoice::Absent && asks_code(profile, Operation::Login, now)
}

fn asks_code(profile: &Profile, operation: Operation, now: UtcTime) -> bool {
    let situation = Situation {
        now,
        token_in_use: true,
        token_signs: false,
        login_choice: false,
        payee_registered: false,
        has_picture_card: false,
    };
    match required_proof(profile, operation, situation) {
        Required::Proof(proof) => proof.code.is_some(),
        Required::Refused(_) => false,
    }
}

/// What the code is for from a start on.
pub fn use_after_start(visit: &Visit, has_card: bool) -> String {
    let (profile, now) = (&visit.profile, visit.ctx.now);
    let otp = &profile.words.otp;
    let mut text = String::new();
    if asks_code_at_every_login(profile, now) {
        text += &format!("次のログインから、パスワードに続けて{otp}を入力していただきます。");
    }
    if asks_code_for_acts(profile, now) {
        let proof = fields::earlier_proof(profile, has_card);
        text += &format!("これからのお手続きでは、{proof}の代わりに{otp}を入力していただきます。");
    }
    text
}

/// How the customer is asked after a stop.
pub fn use_after_stop(visit: &Visit, has_card: bool) -> String {
    let (profile, now) = (&visit.profile, visit.ctx.now);
    let mut text = String::new();
    if asks_code_at_every_login(profile, now) {
        text += &format!("ログインは{}だけになります。", identity(profile));
    }
    if asks_code_for_acts(profile, now) {
        let proof = fields::earlier_proof(profile, has_card);
        text += &format!("お手続きの確認は{proof}に戻ります。");
    }
    text
}

/// Until when transfers are held, and what goes out meanwhile.
pub fn hold(visit: &Visit, user: &User) -> Option<Notice> {
    let until = user.hold_until.filter(|until| *until > visit.ctx.now)?;
    Some(Notice {
        tone: Tone::Info,
        title: format!("{} まで、お振込を制限しています。", jst_minute_text(until)),
        text: vec![format!(
            "トークンの登録やメールアドレスの変更などのあとは、安全のため、\
             はじめての振込先へのお振込をお受けしません。\
             そのほかの振込先へは、1日あたり{}までです。",
            Yen(visit.profile.hold.daily_yen)
        )],
    })
}

/// The exchange, where customers have one.
pub fn exchange_link(visit: &Visit) -> Option<Link> {
    let is_theirs = visit.profile.tokens.exchange == DoneBy::Customer;
    is_theirs.then(|| Link {
        label: visit.profile.words.exchange.clone(),
        url: visit.url("token/exchange"),
    })
}

/// How a customer comes to another token where there is no exchange.
pub fn replace(profile: &Profile) -> String {
    let (start, stop) = (&profile.words.start, stop(profile));
    if profile.tokens.registration == RegistrationPlace::MenuAfterLogin {
        return format!(
            "スマートフォンを替えるときは、はじめに前のスマートフォンのトークンで「{stop}」をし、\
             そのあと「{}発行」と「{start}」のお手続きをしてください。\
             前のアプリは、{stop}が終わるまで消さないでください。",
            profile.words.token
        );
    }
    format!(
        "スマートフォンなどを替えるときは、はじめに前の端末のトークンで「{stop}」をしてから、\
         新しい端末のトークンの「{start}」をしてください。\
         前の端末のトークンは、{stop}が終わるまで消さないでください。"
    )
}

/// Where an act on tokens is found: on the login page, or in the menu after login.
pub fn place_of(profile: &Profile, act: &str) -> String {
    let otp = &profile.words.otp;
    match profile.tokens.registration {
        RegistrationPlace::MenuAfterLogin => {
            format!("ログイン後の「{otp}申請」にある「{otp}{act}」")
        }
        _ => format!("ログイン画面の「{act}」"),
    }
}

/// Where the start is found.
pub fn start_place(profile: &Profile) -> String {
    let start = &profile.words.start;
    match profile.tokens.registration {
        RegistrationPlace::MenuAfterLogin => place_of(profile, start),
        RegistrationPlace::LoginPageLinks => {
            format!("ログイン画面の「{}の{start}」", profile.words.otp)
        }
        _ => format!("ログイン画面の「ワンタイムパスワード管理」にある「{start}」"),
    }
}
