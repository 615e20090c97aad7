//! BLG014 トークン有効期限切れ: leads to the registration of the next token.

use actix_web::http::StatusCode;

use crate::domain::portal::RegistrationPlace;
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::web::failure::{PageResult, see_other};
use crate::web::page::{Link, Shell};
use crate::web::principal::{self, MENU, REGISTER};
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG014.
#[derive(askama::Template)]
#[template(path = "login/expired.html")]
pub struct ExpiredPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The last four characters of the old serial number.
    pub serial_last4: String,
    /// When the token expired, in Japan time.
    pub expired_at: String,
    /// The portal's word for the serial number.
    pub serial_word: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// Whether somebody has to be called for a token that is not in hand.
    pub is_to_be_in_hand: bool,
    /// Where the next token is registered; nothing where an administrator does that.
    pub start: Option<Link>,
    /// The login page.
    pub login_url: String,
}

/// The address alone knows no customer: it leads to the login.
pub async fn show(visit: Visit) -> PageResult {
    Ok(see_other(&visit.url("login")))
}

/// Tells that the token has expired and leads to the registration of the next.
///
/// # Errors
/// As [`Visit::page`].
pub fn show_of(visit: &Visit, serial_last_four: &str, expired_at: UtcTime) -> PageResult {
    let page = ExpiredPage {
        shell: visit.shell(&screens::BLG014),
        serial_last4: serial_last_four.to_owned(),
        expired_at: jst_minute_text(expired_at),
        serial_word: visit.profile.words.serial.clone(),
        steps: steps(visit),
        is_to_be_in_hand: !principal::is_menu(visit),
        start: start(visit),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::FORBIDDEN, &page)
}

fn start(visit: &Visit) -> Option<Link> {
    let token = &visit.profile.words.token;
    let link = |label, path| Some(Link { label, url: visit.url(path) });
    match visit.profile.tokens.registration {
        RegistrationPlace::MenuAfterLogin => link(format!("新しい{token}を発行する"), MENU),
        RegistrationPlace::ForcedAtLogin => link(format!("新しい{token}を登録する"), REGISTER),
        RegistrationPlace::AdministratorMenu => None,
        RegistrationPlace::LoginPagePanel | RegistrationPlace::LoginPageLinks => {
            link(format!("新しい{token}を登録する"), "token/start")
        }
    }
}

fn steps(visit: &Visit) -> Vec<String> {
    let words = &visit.profile.words;
    let (otp, token) = (&words.otp, &words.token);
    let Some(Link { label: button, .. }) = start(visit) else {
        return vec![
            "ご契約先の管理者にお申し出ください。".to_owned(),
            format!("管理者が、管理者メニューから新しい{token}を登録します。"),
            "登録のお知らせのメールが届きましたら、もう一度ログインしてください。".to_owned(),
        ];
    };
    if principal::is_menu(visit) {
        return vec![
            format!("「{button}」を押し、「{token}発行」をお申し込みください。"),
            "届いたメールのご案内で、アプリの初期設定をしてください。".to_owned(),
            format!("「{otp}{}」を押し、アプリに表示された数字を入力してください。", words.start),
        ];
    }
    vec![
        format!("新しい{token}をお手元にご用意ください。"),
        format!("「{button}」を押してください。"),
        format!("{}と、{token}に表示されている数字を入力してください。", words.serial),
    ]
}
