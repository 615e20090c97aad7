//! BFT010: the payee book beside a new record. Searched and paged by the address, chosen by a link,
//! so that a book of any length is a short page and works without script.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::db::DbError;
use crate::db::queries::member_lists::PageOf;
use crate::db::queries::payees::{self, PayeeOrder};
use crate::domain::payee::Payee;
use crate::primitives::ids::PayeeId;
use crate::primitives::kana::to_full_katakana;
use crate::web::bulk_file::Opened;
use crate::web::failure::PageError;
use crate::web::page::Link;
use crate::web::payee::list::{searched, text_typed};
use crate::web::visit::Visit;

const PAGE_SIZE: i64 = 10;
const PAGES_MAX: i64 = 1_000;

/// What the address says: what is looked for, and who was chosen.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct BookQuery {
    q: Option<String>,
    page: Option<String>,
    payee: Option<String>,
}

impl BookQuery {
    /// Who was chosen, if anybody was.
    pub fn chosen(&self) -> Option<&str> {
        self.payee.as_deref().filter(|payee| !payee.is_empty())
    }

    fn text(&self) -> String {
        text_typed(self.q.as_deref())
    }

    /// From zero.
    fn page(&self) -> i64 {
        let page = self.page.as_deref().and_then(|page| page.parse::<i64>().ok()).unwrap_or(1);
        page.clamp(1, PAGES_MAX) - 1
    }

    fn url(&self, base: &str, page: i64) -> String {
        let text = self.text();
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC);
        format!("{base}?q={text}&page={}", page + 1)
    }
}

/// A payee to choose.
#[derive(Debug, Clone)]
pub struct BookRow {
    /// 登録名, or 受取人名.
    pub name: String,
    /// Bank and branch.
    pub place: String,
    /// Kind and number.
    pub account: String,
    /// The new record with it.
    pub url: String,
}

/// The book as it shows.
#[derive(Debug, Clone)]
pub struct BookView {
    /// What was looked for.
    pub text: String,
    /// Whether it stands open: somebody is looking for a payee.
    pub is_open: bool,
    /// The payees.
    pub rows: Vec<BookRow>,
    /// As `55件のうち 1〜10件目`.
    pub total_text: String,
    /// The page before.
    pub previous: Option<Link>,
    /// The page after.
    pub next: Option<Link>,
    /// Where the search is sent.
    pub search_url: String,
}

/// The payee that was chosen.
///
/// # Errors
/// 404 for one that is not the contract's.
pub(super) async fn find(visit: &Visit, opened: &Opened, chosen: &str) -> Result<Payee, PageError> {
    let id = PayeeId(chosen.parse().map_err(|_| PageError::NotFound)?);
    let contract_id = opened.who.user.contract_id;
    let read = visit.app.services.db.read(move |conn| payees::find(conn, contract_id, id));
    read.await?.ok_or(PageError::NotFound)
}

/// A page of the book; nothing where it is empty.
///
/// # Errors
/// 500 or 503 of the database.
pub(super) async fn view(
    visit: &Visit,
    opened: &Opened,
    query: &BookQuery,
) -> Result<Option<BookView>, PageError> {
    let contract_id = opened.who.user.contract_id;
    let filter = searched(&query.text(), PayeeOrder::Holder);
    let page = PageOf { size: PAGE_SIZE, page: query.page() };
    let read = visit.app.services.db.read(move |conn| {
        let count = payees::count(conn, contract_id)?;
        Ok::<_, DbError>((count, payees::list(conn, contract_id, &filter, page)?))
    });
    let (count, (found, total)) = read.await?;
    if count == 0 {
        return Ok(None);
    }
    let base = opened.url(visit, "add");
    let first = page.page * PAGE_SIZE;
    let last = first + i64::try_from(found.len()).unwrap_or(0);
    let link = |label: &str, page| Link { label: label.to_owned(), url: query.url(&base, page) };
    Ok(Some(BookView {
        text: query.text(),
        is_open: query.q.is_some() || query.page.is_some(),
        total_text: match last > first {
            true => format!("{total}件のうち {}〜{last}件目", first + 1),
            false => format!("{total}件"),
        },
        previous: (first > 0).then(|| link("前の10件", page.page - 1)),
        next: (last < total && last > first).then(|| link("次の10件", page.page + 1)),
        rows: found.iter().map(|payee| row(&base, payee)).collect(),
        search_url: base,
    }))
}

fn row(base: &str, payee: &Payee) -> BookRow {
    let holder = to_full_katakana(&payee.holder_kana);
    BookRow {
        name: match payee.nickname.as_str() {
            "" => holder,
            nickname => format!("{nickname}（{holder}）"),
        },
        place: format!("{} {}", payee.bank_name, payee.branch_name),
        account: format!("{} {}", payee.account_type.label(), payee.number),
        url: format!("{base}?payee={}", payee.id),
    }
}
