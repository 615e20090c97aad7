//! Lists of a company's users: search, filter, pages of fifty, boxes to tick. Everything but the
//! ticks stands in the address, so that a list can be bookmarked and comes back after an error.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::db::queries::member_lists::{self, MemberFilter, PageOf, Total};
use crate::db::queries::members::{self, Sharer};
use crate::db::{DbConn, DbError};
use crate::domain::member::{Member, MemberState};
use crate::domain::permission::only_administers;
use crate::domain::portal::Profile;
use crate::domain::user::{Role, parts_of_login_id};
use crate::operations::count_limit;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::primitives::yen::grouped;
use crate::web::administration::TICK;
use crate::web::form::Choice;
use crate::web::page::Tone;
use crate::web::visit::Visit;

/// Lines a page.
pub const PAGE_SIZE: i64 = 50;
/// Longest text searched for.
const SEARCH_LENGTH_MAX: usize = 64;
/// Names of sharers read for a page; how many there are is counted apart.
const SHARER_NAMES_MAX: i64 = 500;
/// Names of sharers shown in a line.
const SHARERS_SHOWN: usize = 3;
/// A page further than that is none.
const PAGES_MAX: i64 = 100_000;
const BY_NAME: &str = "name";

/// What the address of a list says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ListQuery {
    /// Part of login id or name.
    pub q: Option<String>,
    /// `suspended` or `available`; in lists about users, how they stand.
    pub state: Option<String>,
    /// 利用者区分.
    pub role: Option<String>,
    /// `name`; otherwise in order of login id.
    pub sort: Option<String>,
    /// Page, from one.
    pub page: Option<String>,
}

impl ListQuery {
    /// What is searched for.
    fn text(&self) -> String {
        let typed = self.q.as_deref().unwrap_or_default().trim().chars();
        typed.filter(|c| !c.is_control()).take(SEARCH_LENGTH_MAX).collect()
    }

    /// The filter of the query.
    #[must_use]
    pub fn filter(&self) -> MemberFilter {
        let is_suspended = match self.state.as_deref() {
            Some("suspended") => Some(true),
            Some("available") => Some(false),
            _ => None,
        };
        MemberFilter {
            text: Some(self.text()).filter(|text| !text.is_empty()),
            is_suspended,
            role: self.role.as_deref().and_then(Role::from_text),
            state: self.state.as_deref().and_then(MemberState::from_text),
            is_by_name: self.sort.as_deref() == Some(BY_NAME),
        }
    }

    /// The page, from zero.
    #[must_use]
    pub fn page(&self) -> i64 {
        let page = self.page.as_deref().and_then(|page| page.parse::<i64>().ok()).unwrap_or(1);
        page.clamp(1, PAGES_MAX) - 1
    }

    /// The address of another page of the same list.
    fn url(&self, base: &str, page: i64) -> String {
        let text = self.text();
        let mut parts = Vec::new();
        if !text.is_empty() {
            parts.push(format!("q={}", utf8_percent_encode(&text, NON_ALPHANUMERIC)));
        }
        let filter = self.filter();
        if let Some(is_suspended) = filter.is_suspended {
            let state = if is_suspended { "suspended" } else { "available" };
            parts.push(format!("state={state}"));
        }
        parts.extend(filter.role.map(|role| format!("role={role}")));
        parts.extend(filter.state.map(|state| format!("state={state}")));
        if filter.is_by_name {
            parts.push(format!("sort={BY_NAME}"));
        }
        if page > 0 {
            parts.push(format!("page={}", page + 1));
        }
        if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
    }

    /// The address of this page of the list.
    #[must_use]
    pub fn own_url(&self, base: &str) -> String {
        self.url(base, self.page())
    }
}

/// Reads a page without who shares tokens: two queries, however many lines.
///
/// # Errors
/// Whatever the database says.
pub fn read_users(
    conn: &mut DbConn,
    contract_id: ContractId,
    query: &ListQuery,
    failures_max: u32,
) -> Result<(Vec<Member>, Total), DbError> {
    let page = PageOf { size: PAGE_SIZE, page: query.page() };
    member_lists::list(conn, contract_id, &query.filter(), count_limit(failures_max), page)
}

/// A page of users with who shares their tokens.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The users.
    pub members: Vec<Member>,
    /// How many fit the filter in all.
    pub total: Total,
    counts: BTreeMap<TokenId, i64>,
    sharers: Vec<Sharer>,
    stopped: Vec<TokenId>,
}

/// Reads a page: five queries, however many lines.
///
/// # Errors
/// Whatever the database says.
pub fn read(
    conn: &mut DbConn,
    contract_id: ContractId,
    query: &ListQuery,
    failures_max: u32,
) -> Result<Listed, DbError> {
    read_of(conn, contract_id, query, failures_max, None)
}

/// [`read`], of the users of one role.
///
/// # Errors
/// Whatever the database says.
pub fn read_of(
    conn: &mut DbConn,
    contract_id: ContractId,
    query: &ListQuery,
    failures_max: u32,
    role: Option<Role>,
) -> Result<Listed, DbError> {
    let filter = MemberFilter { role, ..query.filter() };
    let page = PageOf { size: PAGE_SIZE, page: query.page() };
    let max = count_limit(failures_max);
    let (members, total) = member_lists::list(conn, contract_id, &filter, max, page)?;
    let token_ids: Vec<TokenId> = members.iter().filter_map(|member| member.token_id).collect();
    let counts = members::count_sharers(conn, contract_id, &token_ids)?;
    let shared: Vec<TokenId> =
        counts.iter().filter(|(_, count)| *count > 1).map(|(id, _)| *id).collect();
    let sharers = members::list_sharers(conn, contract_id, &shared, SHARER_NAMES_MAX)?;
    let stopped = members::list_stopped_tokens(conn, contract_id, &token_ids)?;
    Ok(Listed { members, total, counts: counts.into_iter().collect(), sharers, stopped })
}

impl Listed {
    /// Whether somebody who has this user's token stopped everything (緊急停止).
    #[must_use]
    pub fn is_stopped(&self, member: &Member) -> bool {
        member.token_id.is_some_and(|id| self.stopped.contains(&id))
    }

    /// Who else uses this user's token, as `データ二郎、データ五郎 ほか3名`.
    #[must_use]
    pub fn others(&self, member: &Member) -> Option<String> {
        let token_id = member.token_id?;
        let others = self.counts.get(&token_id).copied().unwrap_or(1) - 1;
        if others < 1 {
            return None;
        }
        let names: Vec<&str> = self
            .sharers
            .iter()
            .filter(|sharer| sharer.token_id == token_id && sharer.id != member.id)
            .take(SHARERS_SHOWN)
            .map(|sharer| sharer.name.as_str())
            .collect();
        let more = others - i64::try_from(names.len()).unwrap_or(0);
        let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
        Some(format!("{}{more}", names.join("、")))
    }
}

/// One line.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// The name of its box; none where the act is not for this user.
    pub tick: Option<String>,
    /// Whether it is ticked.
    pub is_ticked: bool,
    /// Why there is no box, as `ご本人`.
    pub reason: &'static str,
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: &'static str,
    /// シリアル番号, or a dash.
    pub serial: String,
    /// The state that the list is about.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// トークン有効期限, or a dash.
    pub expires_at: String,
    /// Who else uses the token.
    pub others: Option<String>,
}

/// A way to another page of a list.
#[derive(Debug, Clone)]
pub struct PageLink {
    /// What it says.
    pub label: &'static str,
    /// The address.
    pub url: String,
    /// What the page is to this one, where HTML has a word for it.
    pub rel: Option<&'static str>,
}

/// A choice among few in the search of a list.
#[derive(Debug, Clone)]
pub struct ListSelect {
    /// Its name in the address.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The choices.
    pub choices: Vec<Choice>,
}

/// The list around the lines.
#[derive(Debug, Clone)]
pub struct ListView<R = MemberRow> {
    /// The lines.
    pub rows: Vec<R>,
    /// As `55件のうち 1〜50件目`.
    pub total_text: String,
    /// To the first page, the one before, the one after and the last one, as far as there are
    /// others.
    pub pages: Vec<PageLink>,
    /// The list's address without search.
    pub search_url: String,
    /// What was searched for.
    pub text: String,
    /// What the users' own ids are called.
    pub id_label: String,
    /// The filters and the order, where the list has some.
    pub selects: Vec<ListSelect>,
}

/// The words of 利用者区分 in this portal: where a contract has one administrator, there are only two.
#[must_use]
pub fn role_label_in(profile: &Profile, role: Role) -> &'static str {
    match role {
        Role::Administrator if only_administers(profile, role) => "管理者",
        Role::General if only_administers(profile, Role::Administrator) => "利用者",
        _ => role_label(role),
    }
}

/// The words of 利用者区分.
#[must_use]
pub fn role_label(role: Role) -> &'static str {
    match role {
        Role::Customer => "ご契約者",
        Role::Master => "マスターユーザ",
        Role::Administrator => "管理者ユーザ",
        Role::General => "一般ユーザ",
    }
}

/// The view of a page of `rows`.
#[must_use]
pub fn view(
    visit: &Visit,
    path: &str,
    query: &ListQuery,
    total: Total,
    rows: Vec<MemberRow>,
    has_states: bool,
) -> ListView {
    let selects = if has_states { vec![states(query)] } else { Vec::new() };
    view_with(visit, path, query, total, rows, selects)
}

/// [`view`], of a list at this address.
#[must_use]
pub fn view_at(
    visit: &Visit,
    base: String,
    query: &ListQuery,
    total: Total,
    rows: Vec<MemberRow>,
    has_states: bool,
) -> ListView {
    let selects = if has_states { vec![states(query)] } else { Vec::new() };
    view_from(visit, base, query, total, rows, selects)
}

/// The view of a page of a list about users, with filters and order.
#[must_use]
pub fn view_of_users<R>(
    visit: &Visit,
    path: &str,
    query: &ListQuery,
    total: Total,
    rows: Vec<R>,
) -> ListView<R> {
    let filter = query.filter();
    let roles = [Role::Master, Role::Administrator, Role::General];
    let roles = roles.map(|role| (role.as_str(), role_label(role), filter.role == Some(role)));
    let states = MemberState::ALL.iter().copied();
    let states = states.map(|at| (at.as_str(), at.label(), filter.state == Some(at)));
    let all = ("", "すべて");
    let order = [(BY_NAME, "利用者名順", filter.is_by_name)];
    let selects = vec![
        select("role", "利用者区分", all, roles),
        select("state", "状態", all, states),
        select("sort", "並び順", ("", "ログインID順"), order),
    ];
    view_with(visit, path, query, total, rows, selects)
}

fn select(
    name: &'static str,
    label: &'static str,
    (first_value, first_label): (&str, &str),
    more: impl IntoIterator<Item = (&'static str, &'static str, bool)>,
) -> ListSelect {
    let choice = |value: &str, label: &str, is_chosen| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: None,
        image: None,
        is_chosen,
    };
    let mut choices = vec![choice(first_value, first_label, false)];
    choices.extend(more.into_iter().map(|(value, label, is)| choice(value, label, is)));
    let is_first = !choices.iter().any(|choice| choice.is_chosen);
    if let Some(first) = choices.first_mut() {
        first.is_chosen = is_first;
    }
    ListSelect { name, label, choices }
}

/// The view of a page of `rows` with these filters.
#[must_use]
pub fn view_with<R>(
    visit: &Visit,
    path: &str,
    query: &ListQuery,
    total: Total,
    rows: Vec<R>,
    selects: Vec<ListSelect>,
) -> ListView<R> {
    view_from(visit, visit.url(path), query, total, rows, selects)
}

fn view_from<R>(
    visit: &Visit,
    base: String,
    query: &ListQuery,
    total: Total,
    rows: Vec<R>,
    selects: Vec<ListSelect>,
) -> ListView<R> {
    let shown = i64::try_from(rows.len()).unwrap_or(0);
    ListView {
        rows,
        total_text: total_text(query.page() * PAGE_SIZE, shown, total),
        pages: page_links(query, &base, shown, total),
        text: query.text(),
        selects,
        id_label: id_label(&visit.profile).to_owned(),
        search_url: base,
    }
}

fn total_text(first: i64, shown: i64, total: Total) -> String {
    let total = match total {
        Total::Exact(total) => format!("{}件", grouped(total)),
        Total::AtLeast(total) => format!("{}件以上", grouped(total)),
    };
    if shown == 0 {
        return total;
    }
    format!("{total}のうち {}〜{}件目", grouped(first + 1), grouped(first + shown))
}

/// The last page is known where the total is. A page behind it has the last one before it.
fn page_links(query: &ListQuery, base: &str, shown: i64, total: Total) -> Vec<PageLink> {
    let page = query.page();
    let (last, has_next) = match total {
        Total::Exact(total) => {
            let last = (total - 1).max(0) / PAGE_SIZE;
            (Some(last), page < last)
        }
        Total::AtLeast(_) => (None, shown > 0),
    };
    let link = |label, page, rel| PageLink { label, url: query.url(base, page), rel };
    let before = last.map_or(page - 1, |last| last.min(page - 1));
    let mut links = Vec::new();
    if before > 0 {
        links.push(link("最初", 0, None));
    }
    if page > 0 {
        links.push(link("前の50件", before, Some("prev")));
    }
    if has_next {
        links.push(link("次の50件", page + 1, Some("next")));
    }
    links.extend(last.filter(|last| page + 1 < *last).map(|last| link("最後", last, None)));
    links
}

/// What users' own ids are called.
#[must_use]
pub fn id_label(profile: &Profile) -> &str {
    let credentials = &profile.credentials;
    credentials.user_id.as_ref().unwrap_or(&credentials.id).label.as_str()
}

/// A user's own id, without their contract's.
#[must_use]
pub fn own_id(login_id: &str) -> &str {
    let (contract, own) = parts_of_login_id(login_id);
    own.unwrap_or(contract)
}

fn states(query: &ListQuery) -> ListSelect {
    let chosen = query.filter().is_suspended;
    let states = [("suspended", "停止中", Some(true)), ("available", "利用可能", Some(false))];
    let states = states.map(|(value, label, is)| (value, label, chosen == is));
    select("state", "認証状態", ("", "すべて"), states)
}

/// The users that the ticks name; nothing where one names nobody that a list could show.
#[must_use]
pub fn ticked_ids(ticks: &[String]) -> Option<Vec<UserId>> {
    let is_too_many = i64::try_from(ticks.len()).is_ok_and(|count| count > PAGE_SIZE);
    let ids: Option<Vec<UserId>> = ticks.iter().map(|tick| tick.parse().ok().map(UserId)).collect();
    ids.filter(|_| !is_too_many)
}

/// The name of a user's box.
#[must_use]
pub fn tick_of(member: &Member) -> String {
    format!("{TICK}{}", member.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_search_and_page() {
        let query = ListQuery {
            q: Some(" データ&一 ".to_owned()),
            state: Some("suspended".to_owned()),
            page: Some("3".to_owned()),
            ..ListQuery::default()
        };
        let url = query.own_url("/inaho/admin/release");
        assert_eq!(
            url,
            "/inaho/admin/release?q=%E3%83%87%E3%83%BC%E3%82%BF%26%E4%B8%80&state=suspended&page=3"
        );
        assert_eq!(ListQuery::default().own_url("/a"), "/a");
        let odd = ListQuery { page: Some("-1".to_owned()), ..ListQuery::default() };
        assert_eq!(odd.page(), 0);
    }

    #[test]
    fn a_list_says_how_long_it_is_and_leads_to_its_pages() {
        let on = |page: i64, shown, total| {
            let page = Some(page.to_string());
            let query = ListQuery { page, q: Some("x".to_owned()), ..ListQuery::default() };
            let links = page_links(&query, "/a", shown, total);
            let link = |link: &PageLink| {
                format!("{} {}", link.label, link.url.trim_start_matches("/a?q=x"))
            };
            let links: Vec<String> = links.iter().map(link).collect();
            format!(
                "{} | {}",
                total_text(query.page() * PAGE_SIZE, shown, total),
                links.join(", ").replace("&page=", "")
            )
        };
        let exact = Total::Exact;
        assert_eq!(on(1, 0, exact(0)), "0件 | ");
        assert_eq!(on(1, 50, exact(50)), "50件のうち 1〜50件目 | ");
        assert_eq!(on(1, 50, exact(51)), "51件のうち 1〜50件目 | 次の50件 2");
        assert_eq!(on(1, 50, exact(101)), "101件のうち 1〜50件目 | 次の50件 2, 最後 3");
        assert_eq!(
            on(50, 50, exact(5_000)),
            "5,000件のうち 2,451〜2,500件目 | 最初 , 前の50件 49, 次の50件 51, 最後 100"
        );
        assert_eq!(
            on(100, 50, exact(5_000)),
            "5,000件のうち 4,951〜5,000件目 | 最初 , 前の50件 99"
        );
        // Behind the end: back to the last page.
        assert_eq!(on(200, 0, exact(60)), "60件 | 最初 , 前の50件 2");
        assert_eq!(on(2, 0, exact(50)), "50件 | 前の50件 ");
        let more = Total::AtLeast(1_000);
        assert_eq!(on(2, 50, more), "1,000件以上のうち 51〜100件目 | 前の50件 , 次の50件 3");
        assert_eq!(on(200, 0, more), "1,000件以上 | 最初 , 前の50件 199");
    }

    #[test]
    fn ticks_are_row_ids() {
        assert_eq!(ticked_ids(&["3".into(), "5".into()]), Some(vec![UserId(3), UserId(5)]));
        assert_eq!(ticked_ids(&["x".into()]), None);
        assert_eq!(ticked_ids(&vec!["1".to_owned(); 51]), None);
    }
}
