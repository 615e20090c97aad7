//! BTP001 トップページ: accounts, last login, token, notices, shortcuts.

use actix_web::http::StatusCode;
use chrono::TimeDelta;

use crate::db::queries::{accounts, members, tokens};
use crate::db::{DbConn, DbError};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitStanding;
use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::portal::{DoneBy, LoginChoice, RegistrationPlace, SecretKind, Sharing};
use crate::domain::right::{Rights, UserRight};
use crate::domain::token::{Token, UserTokenStatus};
use crate::domain::user::{Role, SetupState, User};
use crate::operations::administration::approve::{Waiting, list_waiting};
use crate::operations::{Ctx, count_limit, limit, right};
use crate::primitives::clock::{jst_day, jst_minute_text};
use crate::primitives::code::last_four;
use crate::web::account::{self, ACCOUNTS, statement_url_for};
use crate::web::administration::approve;
use crate::web::administrator::MENU as ADMINISTRATOR_MENU;
use crate::web::bulk_desk;
use crate::web::external;
use crate::web::failure::PageResult;
use crate::web::home::changes::{self, ChangeNotice, WithoutToken};
use crate::web::limit::{LIMITS, is_offered, words as limit_words};
use crate::web::page::{Link, LinkCard, Notice, Row, Shell, Tone};
use crate::web::payee;
use crate::web::principal::{self, ADMINISTRATOR_USERS, INFO, MENU, PAY_EASY, PAYEES, Who};
use crate::web::screens;
use crate::web::token::{place, words};
use crate::web::transfer::TRANSFERS;
use crate::web::visit::Visit;

/// One account of the customer.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// The branch's name.
    pub branch: String,
    /// The kind in words, as `普通預金`.
    pub kind: String,
    /// The account number.
    pub number: String,
    /// The balance, as `1,234,567円`; none for whoever may not see it.
    pub balance: Option<String>,
    /// Its statement, for whoever may see it.
    pub statement_url: Option<String>,
}

/// The login before this one.
#[derive(Clone, Debug)]
pub struct LastLogin {
    /// When, as `2017年07月24日 10時35分`.
    pub time_text: String,
    /// Over which channel, as `パソコン・スマートフォン`.
    pub channel: String,
}

/// A notice of the institution.
#[derive(Clone, Debug)]
pub struct NewsItem {
    /// Its date, as `2017年07月24日`.
    pub date_text: String,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// The customer's token.
#[derive(Clone, Debug)]
pub struct TokenSummary {
    /// The status in words, as `サービス利用中`.
    pub status: String,
    /// The colour of the status.
    pub tone: Tone,
    /// Kind, last four of the serial, expiry and the like.
    pub rows: Vec<Row>,
    /// A sentence about what to do.
    pub text: Option<String>,
    /// Where to do it.
    pub link: Option<Link>,
}

/// The customer's daily limits.
#[derive(Clone, Debug)]
pub struct LimitSummary {
    /// Service by service, or all together.
    pub rows: Vec<Row>,
    /// Why, and a rise that waits.
    pub text: Vec<String>,
    /// BLM001.
    pub url: String,
}

/// BTP001.
#[derive(askama::Template)]
#[template(path = "home/top.html")]
pub struct TopPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top: expiry of the token, a hold and its end.
    pub alerts: Vec<Notice>,
    /// What will be asked for from which day on.
    pub changes: Option<ChangeNotice>,
    /// As of when the balances are.
    pub balance_as_of: String,
    /// The accounts; nothing for whoever only administers.
    pub accounts: Option<Vec<AccountRow>>,
    /// The login before this one, if there was one.
    pub last_login: Option<LastLogin>,
    /// Failures since then in words, as `前回から今回までに、ログインの失敗が2回ありました`.
    pub failures_text: Option<String>,
    /// The token.
    pub token: TokenSummary,
    /// The limits, where they are the customer's own.
    pub limits: Option<LimitSummary>,
    /// The institution's notices.
    pub notices: Vec<NewsItem>,
    /// What the customer often does.
    pub shortcuts: Vec<LinkCard>,
}

/// Shows the top page, from one read.
///
/// # Errors
/// 303 to the login for whoever is not logged in.
pub async fn show(visit: Visit) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, Read { token, accounts, limits, rights, sharers, of_contract, waiting, without }) =
        principal::enter(&visit, LoginStage::Complete, move |conn, _, user| read(conn, &ctx, user))
            .await?;
    let page = TopPage {
        shell: visit.shell_of(&screens::BTP001, &who),
        alerts: {
            let mut alerts = alerts(&visit, &who, token.as_ref());
            alerts.extend(approve::alert(&visit, &waiting));
            alerts
        },
        changes: changes::view(&visit, &who.user, &without),
        balance_as_of: jst_minute_text(visit.ctx.now),
        accounts: of_contract.is_none().then(|| {
            let own = accounts.iter().filter(|account| rights.has_account(account.id));
            own.map(|account| account_row(&visit, account, &rights)).collect()
        }),
        last_login: who.login.previous_login_at.map(|at| LastLogin {
            time_text: jst_minute_text(at),
            channel: who
                .login
                .previous_login_channel
                .map_or_else(String::new, |channel| channel.label().to_owned()),
        }),
        failures_text: failures_text(who.login.previous_failures),
        token: match &of_contract {
            Some(counts) => contract_summary(&visit, counts),
            None => token_summary(&visit, &who, token.as_ref(), sharers),
        },
        limits: limit_summary(&visit, &limits),
        notices: news(&visit),
        shortcuts: shortcuts(&visit, &who, &rights),
    };
    visit.page(StatusCode::OK, &page)
}

/// What the page shows beside who it is.
struct Read {
    token: Option<Token>,
    accounts: Vec<Account>,
    limits: LimitStanding,
    rights: Rights,
    /// How many users have the token.
    sharers: i64,
    /// The contract's users, for whoever only administers them.
    of_contract: Option<ContractCounts>,
    /// Administrators whose release this user may approve.
    waiting: Vec<Waiting>,
    /// Who of the company has no token yet, while that is told.
    without: WithoutToken,
}

/// How a contract's users stand to tokens.
struct ContractCounts {
    users: i64,
    in_use: i64,
    suspended: i64,
}

fn read(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Read, DbError> {
    let (contract_id, policy) = (user.contract_id, &ctx.profile.tokens);
    let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
    let limits = limit::standing_with(conn, ctx, user, token.as_ref())?;
    let rights = right::of_user(conn, ctx, user)?;
    let sharers = match user.token_id.filter(|_| policy.sharing != Sharing::None) {
        Some(id) => members::count_sharers(conn, contract_id, &[id])?,
        None => Vec::new(),
    };
    let of_contract = if only_administers(&ctx.profile, user.role) {
        let max = count_limit(policy.throttle.failures_max);
        let (in_use, suspended) = members::count_tokens(conn, contract_id, max)?;
        let users = members::count_of_role(conn, contract_id, Role::General)?;
        Some(ContractCounts { users, in_use, suspended })
    } else {
        None
    };
    let accounts = accounts::list_by_contract(conn, contract_id)?;
    let sharers = sharers.first().map_or(0, |(_, count)| *count);
    let is_picked = user.role == Role::General && rights.allows(UserRight::ApproveRelease);
    let waiting = if is_picked { list_waiting(conn, ctx, user)? } else { Vec::new() };
    let without = changes::read(conn, ctx, user)?;
    Ok(Read { token, accounts, limits, rights, sharers, of_contract, waiting, without })
}

fn contract_summary(visit: &Visit, counts: &ContractCounts) -> TokenSummary {
    let none = counts.users - counts.in_use;
    let all_have = none <= 0 && counts.suspended == 0;
    TokenSummary {
        status: if all_have {
            "全員が利用中"
        } else {
            "登録・解除が必要な利用者がいます"
        }
        .to_owned(),
        tone: if all_have { Tone::Success } else { Tone::Warn },
        rows: vec![
            Row::new("利用者", format!("{}名", counts.users)),
            Row::new("サービス利用中", format!("{}名", counts.in_use)),
            Row::new("うち停止中", format!("{}名", counts.suspended)),
            Row::new("未登録", format!("{}名", none.max(0))),
        ],
        text: None,
        link: Some(Link {
            label: "利用者一覧へ".to_owned(), url: visit.url(ADMINISTRATOR_USERS)
        }),
    }
}

fn account_row(visit: &Visit, account: &Account, rights: &Rights) -> AccountRow {
    let is_seen = rights.allows_on(UserRight::Balance, account.id);
    AccountRow {
        branch: account.branch(),
        kind: account.account_type.label().to_owned(),
        number: account.number.clone(),
        balance: is_seen.then(|| account.balance.to_string()),
        statement_url: statement_url_for(visit, rights, account.id),
    }
}

fn failures_text(failures: i32) -> Option<String> {
    (failures > 0)
        .then(|| format!("前回のログインから今回までに、ログインの失敗が{failures}回ありました。"))
}

fn alerts(visit: &Visit, who: &Who, token: Option<&Token>) -> Vec<Notice> {
    let mut alerts = Vec::new();
    let token_since = who.user.token_since.filter(|_| principal::is_at_login(visit));
    if token_since.is_some_and(|since| since >= who.login.created_at) {
        let words = &visit.profile.words;
        alerts.push(Notice {
            tone: Tone::Success,
            title: format!("{}の{}が終わりました。", words.otp, words.start),
            text: vec![format!(
                "これからのお手続きでは、登録した{}をお使いください。",
                words.token
            )],
        });
    }
    if who.user.stopped_at.is_some() {
        alerts.push(Notice {
            tone: Tone::Error,
            title: "緊急停止中です。".to_owned(),
            text: vec![
                "緊急停止のお申し出により、お振込やトークンのお手続きをすべて止めています。"
                    .to_owned(),
                "再開をご希望の場合は、画面下のお問い合わせ先へお電話ください。".to_owned(),
            ],
        });
    }
    if who.user.setup_state == SetupState::MailPending && who.user.mail_address.is_none() {
        alerts.push(Notice {
            tone: Tone::Warn,
            title: "メールアドレスが登録されていません。".to_owned(),
            text: vec!["「お客様情報変更」から登録できます。お知らせのメールをお受け取りいただくため、お早めにご登録ください。".to_owned()],
        });
    }
    let longest = visit.profile.tokens.expiry_warning_days.iter().max().copied().unwrap_or(0);
    let soon = visit.ctx.now + TimeDelta::days(i64::from(longest));
    if let Some(end) = token.and_then(|token| token.expires_at).filter(|end| *end <= soon) {
        alerts.push(Notice {
            tone: Tone::Warn,
            title: format!("トークンの有効期限は {} です。", jst_minute_text(end)),
            text: vec![before_expiry(visit)],
        });
    }
    if let Some(mut hold) = words::hold(visit, &who.user) {
        hold.text.push("お心当たりがない場合は、すぐにお電話ください。".to_owned());
        alerts.push(hold);
    }
    alerts
}

/// What to do before a token expires.
fn before_expiry(visit: &Visit) -> String {
    let names = &visit.profile.words;
    if principal::is_menu(visit) {
        return format!(
            "期限が切れる前に、「{}申請」で{}をし、続けて{}発行と{}のお手続きをしてください。",
            names.otp,
            words::stop(&visit.profile),
            names.token,
            names.start
        );
    }
    let text = match visit.profile.tokens.exchange {
        DoneBy::Customer => "期限が切れる前に、新しいトークンに交換してください。",
        DoneBy::Administrator => {
            "期限が切れる前に、新しいトークンへの交換を、ご契約先の管理者にお申し出ください。"
        }
        DoneBy::None => {
            "期限が切れる前に、今のトークンの利用をやめて、新しいトークンを登録してください。"
        }
    };
    text.to_owned()
}

fn token_summary(visit: &Visit, who: &Who, token: Option<&Token>, sharers: i64) -> TokenSummary {
    let expires_at = token.and_then(|token| token.expires_at);
    let status = UserTokenStatus::at(who.user.token_status, expires_at, visit.ctx.now);
    let is_in_use = status == UserTokenStatus::InUse;
    let words = &visit.profile.words;
    let in_menu = principal::is_menu(visit);
    let is_offered = !is_in_use && place::is_on_login_page(visit);
    let link = if in_menu {
        Some(Link { label: format!("{}申請へ", words.otp), url: visit.url(MENU) })
    } else {
        is_offered
            .then(|| Link { label: format!("{}とは", words.otp), url: visit.url("help/otp") })
    };
    let text = (is_offered || in_menu && !is_in_use).then(|| {
        let way = if in_menu {
            menu_way(status).to_owned()
        } else {
            format!("ログイン画面の「{}」から登録できます。", words.start)
        };
        format!("{}をお使いいただくと、より安全にお取引いただけます。{way}", words.otp)
    });
    TokenSummary {
        status: status.label().to_owned(),
        tone: if is_in_use { Tone::Success } else { Tone::Warn },
        rows: token.map(|token| token_rows(visit, who, token, sharers)).unwrap_or_default(),
        text: text.or_else(|| ask_administrator(visit, is_in_use)),
        link,
    }
}

/// What to do for a user whose token the administrator registers.
fn ask_administrator(visit: &Visit, is_in_use: bool) -> Option<String> {
    let is_by = visit.profile.tokens.registration == RegistrationPlace::AdministratorMenu;
    let words = &visit.profile.words;
    (is_by && !is_in_use).then(|| {
        format!(
            "{}が必要なお手続きは、まだご利用になれません。{}の登録は管理者が行いますので、ご契約先の管理者にお申し出ください。",
            words.otp, words.token
        )
    })
}

/// What comes next where tokens are registered in the menu.
fn menu_way(status: UserTokenStatus) -> &'static str {
    match status {
        UserTokenStatus::Issued => "アプリの初期設定のあと、利用開始のお手続きをしてください。",
        _ => "トークン発行からお手続きください。",
    }
}

fn limit_summary(visit: &Visit, standing: &LimitStanding) -> Option<LimitSummary> {
    let reason = limit_words::total_reason(visit, standing);
    let is_own = is_offered(visit) && !visit.profile.is_corporate();
    is_own.then(|| LimitSummary {
        rows: limit_words::daily_rows(standing),
        text: reason.into_iter().chain(limit_words::pending_text(standing)).collect(),
        url: visit.url(LIMITS),
    })
}

fn token_rows(visit: &Visit, who: &Who, token: &Token, sharers: i64) -> Vec<Row> {
    let kind = visit.profile.token_kind(token.kind);
    let kind = kind.map_or_else(String::new, |rules| rules.label.clone());
    let is_asked =
        who.user.login_otp_chosen || words::asks_code_at_every_login(&visit.profile, visit.ctx.now);
    let chosen = if is_asked { "認証する" } else { "認証しない" };
    let expiry = token.expires_at.map_or_else(|| "なし".to_owned(), jst_minute_text);
    let mut rows = vec![
        Row::new("トークンの種類", kind),
        Row::new(visit.profile.words.serial.clone(), format!("下4桁 {}", last_four(&token.serial))),
        Row::new("有効期限", expiry),
    ];
    if sharers > 1 {
        rows.push(Row::new("ご利用者", format!("ご本人とほか{}名で共用", sharers - 1)));
    }
    let is_told = visit.profile.tokens.login_choice != LoginChoice::Hidden;
    if is_told && visit.profile.asks_code_at_login() {
        rows.push(Row::new("ログイン時の認証", chosen));
    }
    rows
}

fn news(visit: &Visit) -> Vec<NewsItem> {
    let today = jst_day(visit.ctx.now);
    visit
        .profile
        .home
        .notices_on(today)
        .map(|notice| NewsItem {
            date_text: notice
                .from
                .map_or_else(String::new, |from| from.0.format("%Y年%-m月%-d日").to_string()),
            title: notice.title.clone(),
            text: notice.text.clone(),
        })
        .collect()
}

fn shortcuts(visit: &Visit, who: &Who, rights: &Rights) -> Vec<LinkCard> {
    let card = |label: String, description: &'static str, path: &str| LinkCard {
        label,
        description: description.into(),
        url: visit.url(path),
    };
    let secret = visit.profile.secret_label(SecretKind::Login, who.user.role);
    let mut cards = Vec::new();
    if only_administers(&visit.profile, who.user.role) {
        let label = "管理者メニュー".to_owned();
        cards.push(card(
            label,
            "利用者のトークンの登録、交換、解除を行います。",
            ADMINISTRATOR_MENU,
        ));
    }
    if who.user.role == Role::General && rights.allows(UserRight::ApproveRelease) {
        let label = format!("{}の承認", visit.profile.words.release);
        let description = "管理者のトークンが停止したとき、お二人の承認で解除します。";
        cards.push(card(label, description, approve::PATH));
    }
    if account::is_offered(visit, &who.user) {
        let description = "残高と、24か月前までの入出金明細を照会します。";
        cards.push(card("残高・入出金明細".to_owned(), description, ACCOUNTS));
    }
    if principal::is_menu(visit) {
        let label = format!("{}申請", visit.profile.words.otp);
        cards.push(card(label, "トークンの発行、利用開始、利用解除のお手続きです。", MENU));
    }
    if visit.profile.services.transfers && rights.allows(UserRight::Transfer) {
        let description = "振込、ご自分の口座への振替、予約の確認と取消をします。";
        cards.push(card("振込・振替".to_owned(), description, TRANSFERS));
    }
    if visit.profile.services.pay_easy && rights.allows(UserRight::PayEasy) {
        let description = "ペイジーの払込書で、税金や料金を払い込みます。";
        cards.push(card("税金・各種料金払込み".to_owned(), description, PAY_EASY));
    }
    if bulk_desk::is_offered(visit, &who.user) {
        let description = "総合振込、給与・賞与振込、預金口座振替のデータを承認、送信します。";
        cards.push(card("ファイル伝送".to_owned(), description, bulk_desk::MENU));
    }
    if external::is_offered(visit, &who.user) && rights.allows(UserRight::ExternalReceive) {
        let description = "入出金取引明細や振替・振込の結果を、ファイルで受け取ります。";
        cards.push(card("外部ファイル受信".to_owned(), description, external::RECEIVE));
    }
    if payee::is_offered(visit) && rights.allows(UserRight::Transfer) {
        let description = "振込先を登録、変更、削除します。";
        cards.push(card("振込先の登録・変更".to_owned(), description, PAYEES));
    }
    cards.push(LinkCard {
        label: "お客様情報変更".to_owned(),
        description: format!("メールアドレス、電話番号、{secret}などを変更します。").into(),
        url: visit.url(INFO),
    });
    cards.push(card(
        "トークンの種類と入手方法".to_owned(),
        "トークンのお申し込みはこちらをご覧ください。",
        "help/tokens",
    ));
    cards.push(card(
        "安全にお使いいただくために".to_owned(),
        "不正なお取引を防ぐためのお願いです。",
        "help/security",
    ));
    cards
}
