//! Pages beside bare handlers that render the same template: the login page, which reads nothing,
//! and the top page, which reads session, user, token and accounts.

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, error};
use anyhow::{Result, ensure};
use askama::Template;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use madoguchi::domain::ledger::Account;
use madoguchi::domain::limit::CustomerLimits;
use madoguchi::domain::login::Login;
use madoguchi::domain::token::Token;
use madoguchi::domain::user::User;
use madoguchi::primitives::clock::jst_minute_text;
use madoguchi::primitives::code::last_four;
use madoguchi::schema::{accounts, limits, logins, tokens, users, web_sessions};
use madoguchi::web::form::FormView;
use madoguchi::web::home::top::{
    AccountRow, LastLogin, LimitSummary, NewsItem, TokenSummary, TopPage,
};
use madoguchi::web::login::password::{PasswordPage, TokenPanel};
use madoguchi::web::page::{Link, LinkCard, NavItem, Row, SessionEnd, Shell, Tone};
use madoguchi::web::{fields, screens, shell};

use crate::Effort;
use crate::load::{Load, Measured, Request, Requests, count, fetch, page_length};
use crate::report::{heading, limit, line, median, ratio};
use crate::seed::{self, Session};
use crate::site::{PORTAL, Running, Site, now};

const CONNECTIONS: usize = 64;
/// Customers whose top pages are asked for in turn.
const CUSTOMERS: usize = 1_000;
const READERS: u32 = 8;
/// The bare page may be that much smaller or larger than the portal's.
const LENGTH_TOLERANCE: f64 = 0.03;

/// One side of a comparison.
pub struct Side<'a> {
    /// As its lines are called.
    pub name: &'a str,
    /// Who answers.
    pub server: &'a Running,
    /// What is asked.
    pub requests: Requests,
}

/// The login page of somebody who has no cookie yet.
pub fn login_page(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    let page = Arc::new(bare_login_page(&site)?);
    let bare = Running::bare(move |config: &mut ServiceConfig| {
        let page = page.clone();
        config.route("/", web::get().to(move || show(page.render())));
    })?;
    let portal = site.serve()?;
    let requests = |name, path: String| Requests::write(site.folder(), name, &[Request::get(path)]);
    let bare = Side { name: "bare", server: &bare, requests: requests("bare", "/".to_owned())? };
    let path = format!("/{PORTAL}/login");
    compare_lengths(&bare, &Request::get("/"), &portal, &Request::get(&path))?;
    let portal = Side { name: "portal", server: &portal, requests: requests("portal", path)? };
    compare(effort, &bare, &portal, 0.6)?;
    Ok(())
}

/// The top page of somebody who is logged in, on SQLite.
pub fn top_page(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::customers(&site, CUSTOMERS)?;
    let state = Data::new(BareTop::new(&site)?);
    let bare = Running::bare(move |config: &mut ServiceConfig| {
        config.app_data(state.clone()).route("/{key_hash}", web::get().to(bare_top));
    })?;
    let portal = site.serve()?;
    let bare_requests = bare_top_requests();
    let portal_requests = top_requests(&site)?;
    let (bare_first, portal_first) = (first(&bare_requests), first(&portal_requests));
    let bare = Side {
        name: "bare, plain r2d2 pool",
        server: &bare,
        requests: Requests::write(site.folder(), "bare", &bare_requests)?,
    };
    compare_lengths(&bare, &bare_first, &portal, &portal_first)?;
    let portal = Side {
        name: "portal",
        server: &portal,
        requests: Requests::write(site.folder(), "portal", &portal_requests)?,
    };
    let p99 = compare(effort, &bare, &portal, 0.7)?;
    limit(&format!("p99 at {CONNECTIONS} connections"), p99, 20.0, "ms");
    Ok(())
}

/// Requests for the top page of every customer.
pub fn top_requests(site: &Site) -> Result<Vec<Request>> {
    (0..CUSTOMERS)
        .map(|n| {
            let cookies = Session::Complete.cookies(site, n)?;
            Ok(Request { cookies, ..Request::get(format!("/{PORTAL}/")) })
        })
        .collect()
}

fn bare_top_requests() -> Vec<Request> {
    (0..CUSTOMERS).map(|n| Request::get(format!("/{}", Session::Complete.key_hash(n)))).collect()
}

fn first(requests: &[Request]) -> Request {
    requests.first().cloned().unwrap_or_default()
}

/// Measures both sides in alternation; returns the second one's p99 in milliseconds.
pub fn compare(effort: Effort, bare: &Side<'_>, portal: &Side<'_>, aim: f64) -> Result<f64> {
    println!("{CONNECTIONS} connections, {} rounds of {} s", effort.rounds, effort.seconds);
    for side in [bare, portal] {
        Load::full(CONNECTIONS, 1).run(side.server.address, &side.requests)?;
    }
    heading();
    let mut rounds: Vec<(Measured, Measured)> = Vec::new();
    for _ in 0..effort.rounds {
        let load = Load::full(CONNECTIONS, effort.seconds);
        let measure = |side: &Side<'_>| -> Result<Measured> {
            let measured = load.run(side.server.address, &side.requests)?;
            line(side.name, &measured);
            Ok(measured)
        };
        rounds.push((measure(bare)?, measure(portal)?));
    }
    let ratios: Vec<f64> = rounds.iter().map(|(bare, ours)| ours.rate() / bare.rate()).collect();
    ratio(&format!("requests a second, of {}'s", bare.name), &ratios, aim);
    let server_ratio =
        median(rounds.iter().map(|(bare, ours)| bare.server_us() / ours.server_us()));
    println!("by the server's CPU time alone: {:.0} %", server_ratio * 100.0);
    Ok(median(rounds.iter().map(|(_, ours)| ours.p99_ms)))
}

fn compare_lengths(
    bare: &Side<'_>,
    bare_request: &Request,
    portal: &Running,
    portal_request: &Request,
) -> Result<()> {
    let theirs = page_length(&fetch(bare.server.address, bare_request)?)?;
    let ours = page_length(&fetch(portal.address, portal_request)?)?;
    println!("page: {ours} bytes from the portal, {theirs} from the bare handler");
    let relation = count(theirs) / count(ours);
    ensure!((relation - 1.0).abs() < LENGTH_TOLERANCE, "the bare page is not the same page");
    Ok(())
}

async fn show(page: Result<String, askama::Error>) -> actix_web::Result<HttpResponse> {
    let body = page.map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(body))
}

fn card(label: &str, description: &str, url: &str) -> LinkCard {
    LinkCard {
        label: label.to_owned(),
        description: description.to_owned().into(),
        url: url.to_owned(),
    }
}

fn bare_login_page(site: &Site) -> Result<PasswordPage> {
    let profile = site.profile()?;
    let words = &profile.words;
    let field = fields::login_id(&profile, "");
    let items = vec![
        card(&words.start, "お手元のトークンを登録し、使い始めます。", "/shirakaba/token/start"),
        card(
            &words.exchange,
            "別のトークンや新しいスマートフォンに替えます。",
            "/shirakaba/token/exchange",
        ),
        card(
            words.stop.as_deref().unwrap_or_default(),
            "ワンタイムパスワードを使わない方法に戻します。",
            "/shirakaba/token/stop",
        ),
    ];
    let help = Link {
        label: "ワンタイムパスワードとは".to_owned(),
        url: "/shirakaba/help/otp".to_owned(),
    };
    Ok(PasswordPage {
        by_contract: None,
        shell: shell::of_portal(&site.app(), &profile, &screens::BLG001),
        form: FormView::new("/shirakaba/login".to_owned(), "a".repeat(43))
            .fields(vec![field, fields::password(&profile).with_keyboard()]),
        notices: Vec::new(),
        notes: [
            "ログインパスワードは、大文字と小文字を区別します。",
            "ブラウザの「戻る」ボタンもお使いいただけます。",
            "入力の誤りが続くと、安全のためログインを停止します。",
        ]
        .map(Into::into)
        .into(),
        token_panel: Some(TokenPanel {
            title: "ワンタイムパスワード管理".into(), items, help
        }),
        token_links: None,
        emergency_stop: Some(Link {
            label: "緊急停止".to_owned(),
            url: "/shirakaba/stop".to_owned(),
        }),
    })
}

/// What the bare top page has beside its rows.
struct BareTop {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    shell: Shell,
    kind_label: String,
    serial_label: String,
    notices: Vec<NewsItem>,
}

impl BareTop {
    fn new(site: &Site) -> Result<BareTop> {
        let profile = site.profile()?;
        let manager = ConnectionManager::new(site.file().display().to_string());
        // Tuned as the portal's own pool.
        let pool = Pool::builder().max_size(READERS).test_on_check_out(false).build(manager)?;
        let nav = [
            ("トップページ", "/shirakaba/"),
            ("残高・入出金明細", "/shirakaba/accounts"),
            ("限度額変更", "/shirakaba/limits"),
            ("ご利用ガイド", "/shirakaba/help/otp"),
        ];
        let shell = Shell {
            user_name: Some("白樺 次郎".to_owned()),
            logout_csrf: Some("a".repeat(43)),
            nav: nav
                .map(|(label, url)| NavItem {
                    label: label.to_owned(),
                    url: url.to_owned(),
                    is_current: url == "/shirakaba/",
                })
                .to_vec(),
            session_end: Some(SessionEnd {
                iso: "2026-11-24T12:10:00+09:00".to_owned(),
                jst_text: "12時10分".to_owned(),
                remaining_seconds: 600,
                warn_seconds: 120,
                extend_url: "/shirakaba/".to_owned(),
            }),
            ..shell::of_portal(&site.app(), &profile, &screens::BTP001)
        };
        let kind = profile.token_kind(madoguchi::domain::token::TokenKind::Hardware);
        let notices = profile
            .home
            .notices_on(now()?.date())
            .map(|notice| NewsItem {
                date_text: "2026年11月1日".to_owned(),
                title: notice.title.clone(),
                text: notice.text.clone(),
            })
            .collect();
        Ok(BareTop {
            pool,
            shell,
            kind_label: kind.map(|rules| rules.label.clone()).unwrap_or_default(),
            serial_label: profile.words.serial.clone(),
            notices,
        })
    }
}

type TopRows = (Login, User, Option<Token>, Vec<Account>, Option<CustomerLimits>);

/// The portal's queries.
fn read_top(conn: &mut SqliteConnection, key_hash: &str) -> QueryResult<TopRows> {
    let (login, user): (Login, User) = web_sessions::table
        .inner_join(logins::table.inner_join(users::table))
        .filter(web_sessions::key_hash.eq(key_hash))
        .filter(logins::portal.eq(PORTAL))
        .select((Login::as_select(), User::as_select()))
        .first(conn)?;
    let token = match user.token_id {
        Some(id) => tokens::table.find(id).select(Token::as_select()).first(conn).optional()?,
        None => None,
    };
    let accounts = accounts::table
        .filter(accounts::contract_id.eq(user.contract_id))
        .filter(accounts::closed_at.is_null())
        .select(Account::as_select())
        .order((accounts::account_type.desc(), accounts::id))
        .limit(200)
        .load(conn)?;
    let limits = limits::table
        .find(user.contract_id)
        .select(CustomerLimits::as_select())
        .first(conn)
        .optional()?;
    Ok((login, user, token, accounts, limits))
}

async fn bare_top(state: Data<BareTop>, key_hash: Path<String>) -> actix_web::Result<HttpResponse> {
    let pool = state.pool.clone();
    let rows = web::block(move || {
        let mut conn = pool.get().map_err(|error| error.to_string())?;
        read_top(&mut conn, &key_hash).map_err(|error| error.to_string())
    })
    .await?
    .map_err(error::ErrorInternalServerError)?;
    let page = bare_top_page(&state, rows);
    show(page.render()).await
}

fn bare_top_page(state: &BareTop, rows: TopRows) -> TopPage {
    let (login, user, token, accounts, limits) = rows;
    let mut shell = state.shell.clone();
    shell.user_name = Some(user.name);
    TopPage {
        shell,
        alerts: Vec::new(),
        changes: None,
        balance_as_of: "2026年11月24日 12:00".to_owned(),
        accounts: Some(
            accounts
                .iter()
                .map(|account| AccountRow {
                    branch: format!("{}（{}）", account.branch_name, account.branch_code),
                    kind: account.account_type.label().to_owned(),
                    number: account.number.clone(),
                    balance: Some(account.balance.to_string()),
                    statement_url: Some(format!("/shirakaba/accounts/{}/statement", account.id)),
                })
                .collect(),
        ),
        last_login: login.previous_login_at.map(|at| LastLogin {
            time_text: jst_minute_text(at),
            channel: "インターネットバンキング".to_owned(),
        }),
        failures_text: None,
        token: TokenSummary {
            status: "サービス利用中".to_owned(),
            tone: Tone::Success,
            rows: token.map(|token| bare_token_rows(state, &token)).unwrap_or_default(),
            text: None,
            link: None,
        },
        limits: Some(LimitSummary {
            rows: vec![
                Row::new("振込・振替", "1日 1,000,000円"),
                Row::new("税金・各種料金払込み", "1日 1,000,000円"),
            ],
            text: limits
                .and_then(|limits| limits.rise_at)
                .map(jst_minute_text)
                .into_iter()
                .collect(),
            url: "/shirakaba/limits".to_owned(),
        }),
        notices: state.notices.clone(),
        shortcuts: vec![
            card(
                "残高・入出金明細",
                "残高と、24か月前までの入出金明細を照会します。",
                "/shirakaba/accounts",
            ),
            card(
                "トークンの種類と入手方法",
                "トークンのお申し込みはこちらをご覧ください。",
                "/shirakaba/help/tokens",
            ),
            card(
                "安全にお使いいただくために",
                "不正なお取引を防ぐためのお願いです。",
                "/shirakaba/help/security",
            ),
        ],
    }
}

fn bare_token_rows(state: &BareTop, token: &Token) -> Vec<Row> {
    vec![
        Row::new("トークンの種類", state.kind_label.clone()),
        Row::new(state.serial_label.clone(), format!("末尾 {}", last_four(&token.serial))),
        Row::new("有効期限", "なし"),
        Row::new("ログイン時の認証", "認証しない"),
    ]
}
