//! BEF011 外部ファイル受信: what the institution has put out for the contract, as far as this user
//! receives it.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;

use crate::db::queries::external_files::{self, ExternalFilter};
use crate::domain::auth_rule::Operation;
use crate::domain::external_file::{ExternalFetch, ExternalFile, kept_since};
use crate::operations::external_file::open_kinds;
use crate::primitives::ids::ExternalFileId;
use crate::text_enum;
use crate::web::bulk_desk::{Place, enter};
use crate::web::external::words::ExternalRow;
use crate::web::external::{PROOF, RECEIVE, TICK, may_receive};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, NavItem, Notice, Shell, Tone};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// Files of a page.
const ROWS: usize = 50;
/// Fetches read for a page.
const FETCHES_MAX: i64 = 1_000;

text_enum! {
    /// Which files the list shows.
    Shown {
        /// Those that nobody fetched.
        New = "new",
        /// Those that somebody did.
        Fetched = "fetched",
        /// Both.
        All = "all",
    }
}

impl Shown {
    fn label(self) -> &'static str {
        match self {
            Self::New => "未受信",
            Self::Fetched => "受信済み",
            Self::All => "すべて",
        }
    }

    fn is_fetched(self) -> Option<bool> {
        match self {
            Self::New => Some(false),
            Self::Fetched => Some(true),
            Self::All => None,
        }
    }
}

/// `?show=fetched&before=12`.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery {
    show: Option<String>,
    before: Option<String>,
    chosen: Option<String>,
}

impl ListQuery {
    fn shown(&self) -> Shown {
        self.show.as_deref().and_then(Shown::from_text).unwrap_or(Shown::New)
    }
}

/// BEF011.
#[derive(askama::Template)]
#[template(path = "external/list.html")]
pub struct ListPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// Not fetched, fetched, all.
    pub tabs: Vec<NavItem>,
    /// The files, newest first.
    pub rows: Vec<ExternalRow>,
    /// What the boxes are called.
    pub tick: &'static str,
    /// BEF012; none where this user cannot receive now.
    pub next_url: Option<String>,
    /// Older files.
    pub older: Option<Link>,
    /// For how many days files are kept.
    pub kept_days: u32,
    /// BFT000.
    pub menu_url: String,
}

/// What the page reads.
type Listed = (Vec<ExternalFile>, Vec<ExternalFetch>);

/// Shows BEF011.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let shown = query.shown();
    let (who, place, (mut files, fetches)) = read(&visit, shown, &query).await?;
    let has_more = files.len() > ROWS;
    files.truncate(ROWS);
    let url = visit.url(RECEIVE);
    let older = files.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{url}?show={shown}&before={}", last.id),
    });
    let hindrance = hindrance(&visit, &who, &place);
    let is_open = hindrance.is_none();
    let mut notices: Vec<Notice> = hindrance.into_iter().collect();
    if query.chosen.as_deref() == Some("none") {
        notices.push(Notice {
            tone: Tone::Warn,
            title: "受信するファイルを選んでください。".to_owned(),
            text: vec!["一覧の左の欄で、50件まで選べます。".to_owned()],
        });
    }
    let accounts = &place.desk.accounts;
    let page = ListPage {
        shell: visit.shell_of(&screens::BEF011, &who),
        notices,
        tabs: tabs(&url, shown),
        rows: files.iter().map(|file| ExternalRow::of(file, accounts, &fetches)).collect(),
        tick: TICK,
        next_url: is_open.then(|| visit.url(PROOF)),
        older,
        kept_days: visit.profile.files.external_kept_days,
        menu_url: visit.url(crate::web::bulk_desk::MENU),
    };
    visit.page(StatusCode::OK, &page)
}

async fn read(
    visit: &Visit,
    shown: Shown,
    query: &ListQuery,
) -> Result<(Who, Place, Listed), PageError> {
    let before = query.before.as_deref().and_then(|id| id.parse().ok()).map(ExternalFileId);
    let since = kept_since(visit.ctx.now, visit.profile.files.external_kept_days);
    enter(visit, move |conn, place, user| {
        let filter = ExternalFilter {
            kinds: open_kinds(&place.desk.rights),
            account_ids: place.desk.rights.account_ids(),
            since,
            is_fetched: shown.is_fetched(),
            before,
        };
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        let files = external_files::list(conn, user.contract_id, &filter, limit)?;
        let ids: Vec<ExternalFileId> = files.iter().map(|file| file.id).collect();
        let fetches = external_files::list_fetches(conn, &ids, FETCHES_MAX)?;
        Ok((files, fetches))
    })
    .await
}

/// Why this user cannot receive anything now.
pub(super) fn hindrance(visit: &Visit, who: &Who, place: &Place) -> Option<Notice> {
    if !may_receive(place) {
        return Some(Notice {
            tone: Tone::Warn,
            title: "外部ファイルの受信の権限がありません。".to_owned(),
            text: vec!["ご契約先の管理者にお申し出ください。".to_owned()],
        });
    }
    obstacle(visit, &who.user, Operation::ExternalReceive)
}

fn tabs(url: &str, current: Shown) -> Vec<NavItem> {
    let tab = |shown: &Shown| NavItem {
        label: shown.label().to_owned(),
        url: format!("{url}?show={shown}"),
        is_current: *shown == current,
    };
    Shown::ALL.iter().map(tab).collect()
}
