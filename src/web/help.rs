//! BHL001 to BHL004: help that can be read without login. What there is about files stands in
//! [`crate::web::file_guide`].

use actix_web::http::StatusCode;
use qrcode::{Color, EcLevel, QrCode};

use crate::domain::auth_rule::CodeProof;
use crate::domain::portal::{
    ClosedReason, DoneBy, KindRules, LoginChoice, Profile, RegistrationPlace,
};
use crate::domain::token::TokenKind;
use crate::primitives::clock::{UtcTime, jst_day};
use crate::web::emergency_stop;
use crate::web::failure::{PageError, PageResult};
use crate::web::guides;
use crate::web::page::{Link, NavItem, QrView, Shell, TokenGuide};
use crate::web::screens;
use crate::web::token::words;
use crate::web::visit::Visit;

/// Screen id, path below the portal, and title of each help page.
const PAGES: [(&str, &str, &str); 5] = [
    ("BHL001", "help/otp", "ワンタイムパスワードとは"),
    ("BHL002", "help/tokens", "トークンの種類と入手方法"),
    ("BHL003", "help/terms", "ワンタイムパスワードサービス利用規定"),
    ("BHL004", "help/security", "安全にお使いいただくために"),
    ("BHL005", "help/files", "ファイルの形式"),
];

/// The way between the help pages of a portal, of which `current` is shown. The terms are called
/// what the institution calls them.
pub fn tabs(profile: &Profile, current: &str) -> Vec<NavItem> {
    let slug = profile.slug();
    let item = |(id, path, title): &(&str, &str, &str)| NavItem {
        label: match *id {
            "BHL003" => profile.help.terms_name.clone(),
            _ => (*title).to_owned(),
        },
        url: format!("/{slug}/{path}"),
        // One format is below the list of all.
        is_current: *id == current || *id == "BHL005" && current == "BHL006",
    };
    let is_there = |(id, ..): &&(&str, &str, &str)| *id != "BHL005" || profile.services.bulk_files;
    PAGES.iter().filter(is_there).map(item).collect()
}

/// BHL001: what a one-time password is.
#[derive(askama::Template)]
#[template(path = "help/otp.html")]
pub struct HelpOtpPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// The period, as `30秒`.
    pub period_text: String,
    /// The digits, as `6桁`.
    pub digits_text: String,
    /// Fees and whether a paper form is needed, one sentence a line.
    pub application: Vec<String>,
    /// When a code is asked for, one line each.
    pub uses: Vec<String>,
    /// How to start, one step a line.
    pub first_use: Vec<String>,
    /// How to come to another token.
    pub exchange_text: String,
    /// The portal's word for stop, as `利用中止`.
    pub stop_word: String,
    /// How to stop.
    pub stop_text: String,
}

/// The way to the token app.
#[derive(Clone, Debug)]
pub struct AppWay {
    /// The app's address as a QR code.
    pub qr: QrView,
    /// The same as a link.
    pub link: Link,
}

/// One kind of token, with how to get it.
#[derive(Clone, Debug)]
pub struct TokenKindHelp {
    /// Its name, drawings and where the numbers stand.
    pub guide: TokenGuide,
    /// For whom it is good.
    pub description: String,
    /// How to get it.
    pub how_to_get: String,
    /// Since when it can't be registered anew, and what to take instead.
    pub closed: Option<String>,
    /// The way to the app, for kinds that are one.
    pub app: Option<AppWay>,
}

/// BHL002: kinds of tokens and where to get them.
#[derive(askama::Template)]
#[template(path = "help/tokens.html")]
pub struct HelpTokensPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// What a token costs, in a sentence.
    pub fee_text: String,
    /// The portal's word for the serial number.
    pub serial_word: String,
    /// The kinds the portal knows.
    pub kinds: Vec<TokenKindHelp>,
}

/// BHL003: the terms of the service.
#[derive(askama::Template)]
#[template(path = "help/terms.html")]
pub struct HelpTermsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// Version and date, as `第1版 2016年01月04日 制定`.
    pub version_text: String,
    /// What the institution calls itself after 当, as `金庫` or `組合`.
    pub kind_word: String,
    /// Article 3: who may use the service and how many tokens a contract has.
    pub who_text: String,
    /// The period, as `30秒`.
    pub period_text: String,
    /// The digits, as `6桁`.
    pub digits_text: String,
    /// The portal's word for the serial number.
    pub serial_word: String,
    /// Article 4: whether the serial number is typed; where tokens are issued, the portal has it.
    pub types_serial: bool,
    /// The portal's word for stop.
    pub stop_word: String,
    /// Article 9: who stops, in a sentence.
    pub stop_text: String,
    /// What the service costs, in a sentence.
    pub fee_text: String,
}

/// BHL004: security advice.
#[derive(askama::Template)]
#[template(path = "help/security.html")]
pub struct HelpSecurityPage {
    /// 緊急停止, where the portal has it.
    pub emergency_stop: Option<Link>,
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
}

/// Shows BHL001.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show_otp(visit: Visit) -> PageResult {
    let profile = &visit.profile;
    let stop_word = words::stop(profile);
    let page = HelpOtpPage {
        pages: tabs(profile, screens::BHL001.id),
        shell: visit.shell(&screens::BHL001),
        period_text: period_text(profile),
        digits_text: digits_text(profile),
        application: vec![profile.help.cost.clone(), application_text(profile)],
        uses: uses(profile, visit.ctx.now),
        first_use: first_use(profile),
        exchange_text: exchange_text(profile),
        stop_text: stop_text(profile),
        stop_word,
    };
    visit.page(StatusCode::OK, &page)
}

fn application_text(profile: &Profile) -> String {
    let text = match profile.tokens.registration {
        RegistrationPlace::MenuAfterLogin => "ログイン後の画面からお申し込みいただけます。",
        _ => "画面からすぐに始められます。",
    };
    text.to_owned()
}

fn first_use(profile: &Profile) -> Vec<String> {
    let place = words::start_place(profile);
    let names = &profile.words;
    if profile.tokens.registration == RegistrationPlace::MenuAfterLogin {
        return vec![
            format!(
                "ログイン後の「{}申請」で、「{}発行」をお申し込みください。",
                names.otp, names.token
            ),
            "届いたメールのご案内でアプリを開き、初期設定をしてください。".to_owned(),
            format!("{place}を押し、アプリに表示された数字を入力してください。"),
        ];
    }
    vec![
        format!("{}を用意します。", names.token),
        format!("{place}を押します。"),
        format!("画面の案内に沿って、{}と数字を登録します。", names.serial),
    ]
}

fn period_text(profile: &Profile) -> String {
    format!("{}秒", profile.tokens.period_seconds.get())
}

fn digits_text(profile: &Profile) -> String {
    format!("{}桁", profile.tokens.digits.get())
}

fn uses(profile: &Profile, now: UtcTime) -> Vec<String> {
    let mut uses = Vec::new();
    if words::asks_code_for_acts(profile, now) {
        uses.push("振込や料金の払込みなど、お金を動かすお手続きを確定するとき".to_owned());
    }
    let mut rules = profile.auth.rules.iter();
    if rules.any(|rule| rule.token_code(true) == Some(CodeProof::Signed)) {
        uses.push(
            "トークンアプリをお使いの方の振込は、アプリで内容を確かめて表示される取引確認コード（8桁）で確定します。"
                .to_owned(),
        );
    }
    if profile.tokens.login_choice == LoginChoice::Offered {
        uses.push(format!(
            "ログインのとき（{}のときに「認証する」を選ばれた場合）",
            profile.words.start
        ));
    } else if profile.asks_code_at_login() {
        uses.push("ログインのとき".to_owned());
    }
    let stop = words::stop_verb(profile);
    uses.push(match profile.tokens.exchange {
        DoneBy::Customer => format!("トークンの{}や利用の{stop}のとき", profile.words.exchange),
        _ => format!("トークンの登録と、利用の{stop}のとき"),
    });
    uses
}

fn exchange_text(profile: &Profile) -> String {
    let word = &profile.words.exchange;
    match profile.tokens.exchange {
        DoneBy::Customer => format!(
            "ログイン画面の「{word}」からお手続きください。{word}が終わるまで、これまでのトークンやアプリを残しておいてください。"
        ),
        _ => words::replace(profile),
    }
}

fn stop_text(profile: &Profile) -> String {
    let word = words::stop(profile);
    match profile.tokens.stop {
        DoneBy::Customer => format!(
            "{}からお手続きください。お手続きには{}が必要です。",
            words::place_of(profile, &word),
            profile.words.token
        ),
        _ => "画面下のお問い合わせ先へお電話ください。".to_owned(),
    }
}

/// Shows BHL002.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show_tokens(visit: Visit) -> PageResult {
    let profile = &visit.profile;
    let today = jst_day(visit.ctx.now);
    let kinds = profile
        .tokens
        .kinds
        .iter()
        .filter(|rules| !matches!(rules.open_on(today), Err(ClosedReason::NotYet(_))))
        .map(|rules| kind_help(&visit, rules, rules.open_on(today).err()))
        .collect::<Result<_, _>>()?;
    let page = HelpTokensPage {
        pages: tabs(profile, screens::BHL002.id),
        shell: visit.shell(&screens::BHL002),
        fee_text: profile.help.cost.clone(),
        serial_word: profile.words.serial.clone(),
        kinds,
    };
    visit.page(StatusCode::OK, &page)
}

fn kind_help(
    visit: &Visit,
    rules: &KindRules,
    closed: Option<ClosedReason>,
) -> Result<TokenKindHelp, PageError> {
    let profile = &visit.profile;
    let description = match rules.kind {
        TokenKind::Hardware => {
            "数字が出る小さな専用の機器です。スマートフォンをお使いでない方におすすめします。"
        }
        TokenKind::App => "スマートフォンに入れて使うアプリです。",
        TokenKind::Desktop => "パソコンで数字を表示するソフトです。",
        TokenKind::VendorApp => "他社が提供する認証アプリです。",
    };
    let is_of_the_app = rules.kind == TokenKind::App && closed.is_none();
    Ok(TokenKindHelp {
        guide: guides::guide(profile, rules),
        description: description.to_owned(),
        how_to_get: if closed.is_some() {
            "新しくはお使いいただけません。".to_owned()
        } else {
            profile.help.how_to_get.clone()
        },
        closed: closed.map(|closed| closed_text(profile, rules, closed)),
        app: if is_of_the_app { Some(app_way(visit)?) } else { None },
    })
}

/// The way to the token app, which all portals share.
fn app_way(visit: &Visit) -> Result<AppWay, PageError> {
    let url = format!("{}/token/", visit.app.options.public_url.trim_end_matches('/'));
    let code = QrCode::with_error_correction_level(url.as_bytes(), EcLevel::M)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let is_dark: Vec<bool> = code.to_colors().iter().map(|color| *color == Color::Dark).collect();
    let label = format!("{}を開く", visit.profile.help.app_name);
    Ok(AppWay {
        qr: QrView::new(code.width(), &is_dark),
        link: Link { label, url: "/token/".to_owned() },
    })
}

/// Since when a kind cannot be registered anew, and what to take instead.
pub fn closed_text(profile: &Profile, rules: &KindRules, closed: ClosedReason) -> String {
    let instead: Vec<&str> = rules
        .use_instead
        .iter()
        .filter_map(|kind| profile.token_kind(*kind))
        .map(|rules| rules.label.as_str())
        .collect();
    let instead = if instead.is_empty() {
        String::new()
    } else {
        format!("これから始める方は、{}をお選びください。", instead.join("または"))
    };
    let label = &rules.label;
    match closed {
        ClosedReason::Closed(from) => format!(
            "{label}は、{}に新しい登録と交換の受け付けを終了しました。ご登録済みのものは引き続きお使いいただけます。{instead}",
            from.format("%Y年%-m月%-d日")
        ),
        ClosedReason::NotYet(from) => {
            format!("{label}は、{}から登録できます。{instead}", from.format("%Y年%-m月%-d日"))
        }
        ClosedReason::NotTaken => format!("{label}は登録できません。{instead}"),
    }
}

/// Shows BHL003.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show_terms(visit: Visit) -> PageResult {
    let profile = &visit.profile;
    let help = &profile.help;
    let is_union = profile.portal.institution.ends_with("組合");
    let page = HelpTermsPage {
        pages: tabs(profile, screens::BHL003.id),
        shell: Shell { title: help.terms_name.clone().into(), ..visit.shell(&screens::BHL003) },
        types_serial: profile.tokens.registration != RegistrationPlace::MenuAfterLogin,
        version_text: format!(
            "第{}版（{}制定）",
            help.terms_version,
            help.terms_from.0.format("%Y年%-m月%-d日")
        ),
        kind_word: if is_union { "組合" } else { "金庫" }.to_owned(),
        who_text: "本サービスをご契約の個人のお客さまが、ご利用いただけます。一つのご契約で登録できるトークンは一つです。".to_owned(),
        period_text: period_text(profile),
        digits_text: digits_text(profile),
        stop_text: format!(
            "お客さまは、所定の画面でいつでも{}のお手続きができます。",
            words::stop(profile)
        ),
        serial_word: profile.words.serial.clone(),
        stop_word: words::stop(profile),
        fee_text: help.cost.clone(),
    };
    visit.page(StatusCode::OK, &page)
}

/// Shows BHL004.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show_security(visit: Visit) -> PageResult {
    let page = HelpSecurityPage {
        emergency_stop: emergency_stop::link(&visit),
        pages: tabs(&visit.profile, screens::BHL004.id),
        shell: visit.shell(&screens::BHL004),
    };
    visit.page(StatusCode::OK, &page)
}
