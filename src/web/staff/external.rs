//! STF090 外部ファイル: what came in, what was put out for contracts, and what goes to other banks.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::db::queries::external_files;
use crate::db::queries::external_lists::{self, IncomingFilter};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkState};
use crate::domain::contract::Contract;
use crate::domain::external_file::{ExternalFetch, ExternalFile, ExternalKind, ExternalState};
use crate::domain::receipt::number_text;
use crate::operations::staff::external_download::note_download;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::{BulkFileId, ContractId, ExternalFileId};
use crate::primitives::yen::Yen;
use crate::text_enum;
use crate::web::bulk_desk::words::{count_text, tone, value_date_text};
use crate::web::external::download;
use crate::web::external::handed::EndQuery;
use crate::web::external::words::{bytes_text, days_text};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::Choice;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens;
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;

/// STF090's address below the console.
pub const EXTERNAL: &str = "external";
/// Rows of a page.
const ROWS: usize = 50;
const FETCHES_MAX: i64 = 1_000;

text_enum! {
    /// What the page lists.
    Tab {
        /// What came in.
        In = "in",
        /// What was put out for contracts.
        Out = "out",
        /// What goes to other banks.
        Outgoing = "outgoing",
    }
}

impl Tab {
    fn label(self) -> &'static str {
        match self {
            Self::In => "届いたファイル",
            Self::Out => "お渡しするファイル",
            Self::Outgoing => "仕向ファイル",
        }
    }
}

/// `?tab=out&before=12&state=sent`.
#[derive(Debug, Default, Deserialize)]
pub struct ExternalQuery {
    tab: Option<String>,
    before: Option<String>,
    state: Option<String>,
}

impl ExternalQuery {
    fn tab(&self) -> Tab {
        self.tab.as_deref().and_then(Tab::from_text).unwrap_or(Tab::In)
    }

    fn before(&self) -> Option<i64> {
        self.before.as_deref().and_then(|id| id.parse().ok())
    }

    fn state(&self) -> Option<BulkState> {
        let state = self.state.as_deref().and_then(BulkState::from_text);
        state.filter(|state| STATES.contains(state))
    }
}

/// How what came in may stand.
const STATES: [BulkState; 5] = [
    BulkState::Sent,
    BulkState::Accepted,
    BulkState::Done,
    BulkState::PartlyFailed,
    BulkState::Rejected,
];

/// A file that came in.
#[derive(Debug, Clone)]
pub struct IncomingRow {
    /// 受付番号.
    pub number: String,
    /// When.
    pub sent: String,
    /// Of whom.
    pub contract: String,
    /// As its user knows it.
    pub name: String,
    /// How it came.
    pub origin: &'static str,
    /// What kind.
    pub kind: &'static str,
    /// 指定日.
    pub value_date: String,
    /// Records and their sum.
    pub size: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
}

/// A file that was put out.
#[derive(Debug, Clone)]
pub struct PutOutRow {
    /// For whom.
    pub contract: String,
    /// What kind.
    pub kind: &'static str,
    /// As it is saved.
    pub name: String,
    /// The days that it covers.
    pub days: String,
    /// Records and bytes.
    pub size: String,
    /// Sum of the records.
    pub total: String,
    /// SHA-256.
    pub sha256: String,
    /// Since when it is there, and who put it out by hand.
    pub ready: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// Who fetched it last.
    pub fetched: String,
    /// What was posted for the records, and what else was.
    pub posted: String,
    /// Saves it; nothing where it is not there.
    pub ways: Vec<Link>,
}

/// STF090.
#[derive(askama::Template)]
#[template(path = "staff/external.html")]
pub struct ExternalPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The three lists.
    pub tabs: Vec<NavItem>,
    /// Which one shows.
    pub tab: &'static str,
    /// What came in.
    pub incoming: Vec<IncomingRow>,
    /// What was put out.
    pub put_out: Vec<PutOutRow>,
    /// States to choose from.
    pub states: Vec<Choice>,
    /// Where the list is narrowed.
    pub action: String,
    /// Puts a file out; none where the role only reads.
    pub put_url: Option<String>,
    /// Older ones.
    pub older: Option<Link>,
}

/// 404 in portals without external files.
pub(super) fn require(visit: &StaffVisit) -> Result<(), PageError> {
    if visit.profile.services.external_files { Ok(()) } else { Err(PageError::NotFound) }
}

/// What a list reads.
struct Listed {
    incoming: Vec<BulkFile>,
    put_out: Vec<ExternalFile>,
    contracts: Vec<Contract>,
    fetches: Vec<ExternalFetch>,
}

fn read(
    conn: &mut DbConn,
    portal: &str,
    (tab, before, state): (Tab, Option<i64>, Option<BulkState>),
) -> Result<Listed, DbError> {
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut listed = Listed {
        incoming: Vec::new(),
        put_out: Vec::new(),
        contracts: Vec::new(),
        fetches: Vec::new(),
    };
    if tab == Tab::In {
        let states = state.map_or_else(|| STATES.to_vec(), |state| vec![state]);
        let filter = IncomingFilter { states, before: before.map(BulkFileId) };
        listed.incoming = external_lists::list_incoming(conn, portal, &filter, limit)?;
    } else {
        let is_outgoing = tab == Tab::Outgoing;
        let before = before.map(ExternalFileId);
        listed.put_out = external_files::list_of_portal(conn, portal, is_outgoing, before, limit)?;
    }
    let of_put_out = listed.put_out.iter().filter_map(|file| file.contract_id);
    let ids: Vec<ContractId> =
        listed.incoming.iter().map(|file| file.contract_id).chain(of_put_out).collect();
    listed.contracts = external_lists::list_contracts(conn, &ids)?;
    let ids: Vec<ExternalFileId> = listed.put_out.iter().map(|file| file.id).collect();
    listed.fetches = external_files::list_fetches(conn, &ids, FETCHES_MAX)?;
    Ok(listed)
}

/// Shows a list.
///
/// # Errors
/// 303 to the login; 404 in portals without external files.
pub async fn show(visit: StaffVisit, query: Query<ExternalQuery>) -> PageResult {
    let (tab, state) = (query.tab(), query.state());
    let (slug, asked) = (visit.profile.slug().to_owned(), (tab, query.before(), state));
    let (who, mut listed) =
        principal::enter(&visit, move |conn, _| read(conn, &slug, asked)).await?;
    require(&visit)?;
    let has_more = listed.incoming.len().max(listed.put_out.len()) > ROWS;
    listed.incoming.truncate(ROWS);
    listed.put_out.truncate(ROWS);
    let last = match tab {
        Tab::In => listed.incoming.last().map(|file| file.id.0),
        Tab::Out | Tab::Outgoing => listed.put_out.last().map(|file| file.id.0),
    };
    let url = visit.url(EXTERNAL);
    let narrowed = state.map_or_else(String::new, |state| format!("&state={state}"));
    let older = last.filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{url}?tab={tab}{narrowed}&before={last}"),
    });
    let may_put = who.member.role.may_make() && tab == Tab::Out;
    let page = ExternalPage {
        shell: visit.shell_of(&screens::STF090, &who),
        tabs: tabs(&url, tab),
        tab: tab.as_str(),
        incoming: listed.incoming.iter().map(|file| incoming(file, &listed.contracts)).collect(),
        put_out: listed.put_out.iter().map(|file| put_out(&visit, file, &listed)).collect(),
        states: states(state),
        action: url,
        put_url: may_put.then(|| visit.url("external/put")),
        older,
    };
    visit.page(StatusCode::OK, &page)
}

fn tabs(url: &str, current: Tab) -> Vec<NavItem> {
    let tab = |tab: &Tab| NavItem {
        label: tab.label().to_owned(),
        url: format!("{url}?tab={tab}"),
        is_current: *tab == current,
    };
    Tab::ALL.iter().map(tab).collect()
}

fn states(chosen: Option<BulkState>) -> Vec<Choice> {
    let choice = |value: String, label: &str, is_chosen| Choice {
        value,
        label: label.to_owned(),
        hint: None,
        image: None,
        is_chosen,
    };
    let every = choice(String::new(), "すべて", chosen.is_none());
    let one = |state: &BulkState| choice(state.to_string(), state.label(), chosen == Some(*state));
    std::iter::once(every).chain(STATES.iter().map(one)).collect()
}

fn contract_text(id: ContractId, contracts: &[Contract]) -> String {
    let known = contracts.iter().find(|contract| contract.id == id);
    known.map_or_else(String::new, |of| format!("{} {}", of.number, of.name))
}

fn incoming(file: &BulkFile, contracts: &[Contract]) -> IncomingRow {
    IncomingRow {
        number: file.receipt_number.map_or_else(String::new, number_text),
        sent: file.sent_at.map_or_else(String::new, jst_minute_text),
        contract: contract_text(file.contract_id, contracts),
        name: file.name.clone(),
        origin: file.origin.label(),
        kind: file.kind.label(),
        value_date: value_date_text(file),
        size: format!("{}　{}", count_text(file.item_count), file.total_yen),
        state: file.state.label(),
        class: tone(file.state).class(),
    }
}

fn put_out(visit: &StaffVisit, file: &ExternalFile, listed: &Listed) -> PutOutRow {
    let fetched = listed.fetches.iter().find(|fetch| fetch.file_id == file.id);
    let (state, class) = match (file.state, fetched) {
        (ExternalState::Due | ExternalState::Empty, _) => ("作成中", "info"),
        (ExternalState::Expired, _) => ("保存期間終了", "info"),
        (ExternalState::Ready, _) if file.kind == ExternalKind::Outgoing => reconciled(file),
        (ExternalState::Ready, None) => ("未受信", "warn"),
        (ExternalState::Ready, Some(_)) => ("受信済み", "success"),
    };
    let by = file.staff_name.as_ref().map_or_else(String::new, |name| format!("（{name}）"));
    PutOutRow {
        contract: file
            .contract_id
            .map_or_else(String::new, |id| contract_text(id, &listed.contracts)),
        kind: file.kind.label(),
        name: file.name.clone(),
        days: days_text(file.from_day, file.to_day),
        size: format!("{}・{}", count_text(file.item_count), bytes_text(file.byte_count)),
        total: file.total_yen.to_string(),
        sha256: file.sha256.clone(),
        ready: format!("{}{by}", file.ready_at.map_or_else(String::new, jst_minute_text)),
        state,
        class,
        fetched: fetched.map_or_else(String::new, |fetch| {
            format!("{} {}", jst_minute_text(fetch.fetched_at), fetch.user_name)
        }),
        posted: posted_text(file),
        ways: ways(visit, file),
    }
}

fn reconciled(file: &ExternalFile) -> (&'static str, &'static str) {
    if file.is_reconciled() { ("一致", "success") } else { ("不一致", "error") }
}

fn posted_text(file: &ExternalFile) -> String {
    let yen = |sum: Option<Yen>| sum.unwrap_or(Yen(0));
    format!("{}（ほかの仕訳 {}）", yen(file.posted_yen), yen(file.other_yen))
}

/// What goes to other banks can be saved; what companies get is theirs.
fn ways(visit: &StaffVisit, file: &ExternalFile) -> Vec<Link> {
    if file.kind != ExternalKind::Outgoing || file.state != ExternalState::Ready {
        return Vec::new();
    }
    let url = visit.url(&format!("{EXTERNAL}/{}/file", file.id));
    let plain = format!("{url}?end=none");
    let link = |label: &str, url: String| Link { label: label.to_owned(), url };
    vec![link("改行あり", url), link("改行なし", plain)]
}

/// Sends what goes to other banks.
///
/// # Errors
/// 404 for what is no such file of this portal, or not there any more.
pub async fn file(visit: StaffVisit, path: Path<i64>, query: Query<EndQuery>) -> PageResult {
    let is_plain = query.is_plain()?;
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    require(&visit)?;
    let services = &visit.app.services;
    let id = ExternalFileId(path.into_inner());
    let found = note_download(services, &who.ctx, id).await?;
    Ok(download::send(&services.db, &found.ok_or(PageError::NotFound)?, is_plain))
}
