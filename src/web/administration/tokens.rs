//! BAU060 トークンの管理: each token of the company, who shares it, who used it last and when; and
//! whether enough people can release a suspended one.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::db::queries::custody::list as list_tokens;
use crate::db::queries::member_lists::{PageOf, Total};
use crate::db::queries::members::{self, Sharer};
use crate::db::{DbConn, DbError};
use crate::domain::custody::{Custody, KeptToken};
use crate::domain::user::User;
use crate::operations::administration::count_able;
use crate::operations::{Ctx, count_limit};
use crate::primitives::clock::{jst_expiry_text, jst_minute_text};
use crate::primitives::ids::TokenId;
use crate::web::administration::list::{self, ListQuery, ListView, PAGE_SIZE};
use crate::web::administration::{USERS, enter};
use crate::web::failure::PageResult;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::screens;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/tokens";
const NAMES_READ_MAX: i64 = 500;
const NAMES_SHOWN: usize = 5;

/// BAU060.
#[derive(askama::Template)]
#[template(path = "administration/tokens.html")]
pub struct TokensPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// That too few people could release a suspended token.
    pub alerts: Vec<Notice>,
    /// The tokens, with search and pages.
    pub list: ListView<TokenLine>,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// BAU001.
    pub back_url: String,
}

/// One token.
#[derive(Debug, Clone)]
pub struct TokenLine {
    /// シリアル番号.
    pub serial: String,
    /// How it stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// Who uses it, or a dash.
    pub users: String,
    /// When a code of it was last accepted, or a dash.
    pub last_used_at: String,
    /// From whom.
    pub last_used_by: Option<String>,
    /// 有効期限, or a dash.
    pub expires_at: String,
}

struct Found {
    tokens: Vec<KeptToken>,
    total: i64,
    counts: Vec<(TokenId, i64)>,
    sharers: Vec<Sharer>,
    able: i64,
}

/// Shows BAU060.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (ctx, asked) = (visit.ctx.clone(), query.clone());
    let (who, found) = enter(&visit, move |conn, _, user| read(conn, &ctx, user, &asked)).await?;
    let rows: Vec<TokenLine> =
        found.tokens.iter().map(|token| line(&visit, &found, token)).collect();
    let page = TokensPage {
        shell: visit.shell_of(&screens::BAU060, &who),
        alerts: alerts(&visit, found.able),
        list: list::view_with(&visit, PATH, &query, Total::Exact(found.total), rows, Vec::new()),
        serial_label: visit.profile.words.serial.clone(),
        back_url: visit.url(USERS),
    };
    visit.page(StatusCode::OK, &page)
}

/// Six queries, however many lines.
fn read(conn: &mut DbConn, ctx: &Ctx, user: &User, query: &ListQuery) -> Result<Found, DbError> {
    let contract_id = user.contract_id;
    let page = PageOf { size: PAGE_SIZE, page: query.page() };
    let text = query.filter().text;
    let (tokens, total) = list_tokens(conn, contract_id, text.as_deref(), page)?;
    let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
    let counts = members::count_sharers(conn, contract_id, &ids)?;
    let sharers = members::list_sharers(conn, contract_id, &ids, NAMES_READ_MAX)?;
    let able = count_able(conn, ctx, user, &[])?;
    Ok(Found { tokens, total, counts, sharers, able })
}

fn alerts(visit: &Visit, able: i64) -> Vec<Notice> {
    if able > 1 {
        return Vec::new();
    }
    let words = &visit.profile.words;
    vec![Notice {
        tone: Tone::Warn,
        title: format!("{}ができる方が、いま{able}名です。", words.release),
        text: vec![format!(
            "この方の{}が停止すると、ほかに解除できる方がいません。マスターユーザまたは管理者ユーザを2名以上にし、それぞれ別の{}を登録してください。",
            words.otp, words.token
        )],
    }]
}

fn line(visit: &Visit, found: &Found, token: &KeptToken) -> TokenLine {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let custody = token.custody(max, visit.ctx.now);
    let dash = || "−".to_owned();
    TokenLine {
        serial: token.serial.clone(),
        state: custody.label(),
        tone: match custody {
            Custody::InUse => Tone::Success,
            Custody::Unregistered => Tone::Info,
            Custody::Retired => Tone::Warn,
            Custody::Suspended | Custody::Expired => Tone::Error,
        },
        users: users(found, token).unwrap_or_else(dash),
        last_used_at: token.last_used_at.map_or_else(dash, jst_minute_text),
        last_used_by: token.last_used_by.clone(),
        expires_at: token.expires_at.map_or_else(dash, jst_expiry_text),
    }
}

fn users(found: &Found, token: &KeptToken) -> Option<String> {
    let count = found.counts.iter().find(|(id, _)| *id == token.id).map(|(_, count)| *count)?;
    let names: Vec<&str> = found
        .sharers
        .iter()
        .filter(|sharer| sharer.token_id == token.id)
        .take(NAMES_SHOWN)
        .map(|sharer| sharer.name.as_str())
        .collect();
    let more = count - i64::try_from(names.len()).unwrap_or(0);
    let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
    Some(format!("{}{more}", names.join("、")))
}
