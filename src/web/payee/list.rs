//! BTR020 振込先一覧: search, order, pages of fifty.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::db::queries::member_lists::PageOf;
use crate::db::queries::payees::{self, PayeeFilter, PayeeOrder};
use crate::domain::payee::{PAYEES_MAX, Payee};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::kana::to_full_katakana;
use crate::primitives::party_name::convert;
use crate::web::failure::PageResult;
use crate::web::form::Choice;
use crate::web::page::{Link, Notice, Shell, Tone};
use crate::web::payee::{enter, refusal, words};
use crate::web::principal::PAYEES;
use crate::web::screens;
use crate::web::token::flow::{Lost, lost_notices};
use crate::web::transfer::TRANSFERS;
use crate::web::visit::Visit;

const PAGE_SIZE: i64 = 50;
const SEARCH_LENGTH_MAX: usize = 64;
const PAGES_MAX: i64 = 1_000;
/// The orders of the list: name in the address, words.
const ORDERS: [(&str, &str, PayeeOrder); 4] = [
    ("", "受取人名の順", PayeeOrder::Holder),
    ("account", "金融機関の順", PayeeOrder::Account),
    ("newest", "新しく登録した順", PayeeOrder::Newest),
    ("paid", "最近振り込んだ順", PayeeOrder::Paid),
];

/// One payee.
#[derive(Debug, Clone)]
pub struct PayeeRow {
    /// 登録名, or 受取人名.
    pub name: String,
    /// 受取人名, where the name is another one.
    pub holder: Option<String>,
    /// Bank and branch.
    pub place: String,
    /// Kind and number.
    pub account: String,
    /// When something was paid to it last.
    pub paid_at: String,
    /// How it stands, where that matters.
    pub state: Option<(&'static str, Tone)>,
    /// BTR021 for it; none for whoever can change none.
    pub url: Option<String>,
    /// BTR001 with it picked.
    pub pay_url: String,
}

/// BTR020.
#[derive(askama::Template)]
#[template(path = "payee/list.html")]
pub struct PayeeListPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// BTR021; none for whoever can register none.
    pub register_url: Option<String>,
    /// The payees.
    pub rows: Vec<PayeeRow>,
    /// As `55件のうち 1〜50件目`.
    pub total_text: String,
    /// Whether a column says how they stand.
    pub has_states: bool,
    /// What was searched for.
    pub text: String,
    /// The orders.
    pub orders: Vec<Choice>,
    /// Pages before and after this one.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// The list's address without search.
    pub search_url: String,
    /// What to do where the list is empty.
    pub nothing: Option<&'static str>,
    /// The top page.
    pub back_url: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PayeeQuery {
    q: Option<String>,
    sort: Option<String>,
    page: Option<String>,
}

impl PayeeQuery {
    fn text(&self) -> String {
        text_typed(self.q.as_deref())
    }

    fn sort(&self) -> (&'static str, PayeeOrder) {
        let asked = self.sort.as_deref().unwrap_or_default();
        let found = ORDERS.iter().find(|(name, _, _)| *name == asked);
        found.map_or(("", PayeeOrder::Holder), |(name, _, order)| (name, *order))
    }

    fn page(&self) -> i64 {
        let page = self.page.as_deref().and_then(|page| page.parse::<i64>().ok()).unwrap_or(1);
        page.clamp(1, PAGES_MAX) - 1
    }

    fn filter(&self) -> PayeeFilter {
        searched(&self.text(), self.sort().1)
    }

    fn url(&self, base: &str, page: i64) -> String {
        let (text, sort, page) = (self.text(), self.sort().0, (page + 1).to_string());
        let parts = [("q", text.as_str()), ("sort", sort), ("page", &page)];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|part| !part.1.is_empty() && *part != ("page", "1"))
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
    }
}

/// What is looked for, as the address has it.
pub(in crate::web) fn text_typed(typed: Option<&str>) -> String {
    let typed = typed.unwrap_or_default().trim().chars();
    typed.filter(|c| !c.is_control()).take(SEARCH_LENGTH_MAX).collect()
}

/// The payees in which this is found, in this order.
pub(in crate::web) fn searched(text: &str, order: PayeeOrder) -> PayeeFilter {
    // As names are kept, however they are typed.
    let kana = convert(text, SEARCH_LENGTH_MAX).ok().map(|converted| converted.name);
    PayeeFilter { text: Some(text.to_owned()).filter(|text| !text.is_empty()), kana, order }
}

/// Shows BTR020.
///
/// # Errors
/// 303 to the login, 404 and 403 as [`enter`].
pub async fn show(visit: Visit, query: Query<PayeeQuery>, lost: Query<Lost>) -> PageResult {
    let (filter, page) = (query.filter(), PageOf { size: PAGE_SIZE, page: query.page() });
    let (who, ((found, total), count)) = enter(&visit, move |conn, user| {
        let found = payees::list(conn, user.contract_id, &filter, page)?;
        Ok((found, payees::count(conn, user.contract_id)?))
    })
    .await?;
    let refused = refusal(&visit, &who.user);
    let may_change = refused.is_none();
    let rows: Vec<PayeeRow> = found.iter().map(|payee| row(&visit, payee, may_change)).collect();
    let mut notices = lost_notices(&lost);
    notices.extend(refused);
    notices.extend((count >= PAYEES_MAX).then(full));
    let base = visit.url(PAYEES);
    let first = query.page() * PAGE_SIZE;
    let last = first + i64::try_from(rows.len()).unwrap_or(0);
    let link =
        |label: &str, page: i64| Link { label: label.to_owned(), url: query.url(&base, page) };
    let page = PayeeListPage {
        shell: visit.shell_of(&screens::BTR020, &who),
        notices,
        register_url: (may_change && count < PAYEES_MAX).then(|| format!("{base}/new")),
        has_states: rows.iter().any(|row| row.state.is_some()),
        nothing: rows.is_empty().then_some(match count {
            0 => "まだ振込先が登録されていません。",
            _ => "当てはまる振込先はありません。条件を変えて、もう一度お探しください。",
        }),
        rows,
        total_text: if last > first {
            format!("{total}件のうち {}〜{last}件目", first + 1)
        } else {
            format!("{total}件")
        },
        text: query.text(),
        orders: orders(&query),
        previous: (first > 0).then(|| link("前の50件", query.page() - 1)),
        next: (last < total && last > first).then(|| link("次の50件", query.page() + 1)),
        search_url: base,
        back_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}

fn full() -> Notice {
    Notice {
        tone: Tone::Warn,
        title: format!("振込先は{PAYEES_MAX}件まで登録できます。"),
        text: vec![
            "新しく登録するときは、お使いにならない振込先を先に削除してください。".to_owned(),
        ],
    }
}

fn row(visit: &Visit, payee: &Payee, may_change: bool) -> PayeeRow {
    PayeeRow {
        name: match payee.nickname.as_str() {
            "" => to_full_katakana(&payee.holder_kana),
            nickname => nickname.to_owned(),
        },
        holder: (!payee.nickname.is_empty()).then(|| to_full_katakana(&payee.holder_kana)),
        place: format!("{} {}", payee.bank_name, payee.branch_name),
        account: format!("{} {}", payee.account_type.label(), payee.number),
        paid_at: payee.last_paid_at.map_or_else(|| "なし".to_owned(), jst_minute_text),
        state: words::state(&visit.profile, payee),
        url: may_change.then(|| visit.url(&format!("{PAYEES}/{}", payee.id))),
        pay_url: visit.url(&format!("{TRANSFERS}?payee={}", payee.id)),
    }
}

fn orders(query: &PayeeQuery) -> Vec<Choice> {
    let chosen = query.sort().0;
    let choice = |(value, label, _): &(&str, &str, PayeeOrder)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        hint: None,
        image: None,
        is_chosen: *value == chosen,
    };
    ORDERS.iter().map(choice).collect()
}
