//! The choice of a bank and a branch, for any page that needs one (振込先の登録, 振込): searched as
//! typed, or by initial; all of it in the address, so that it works without script and keeps no
//! state.
//!
//! A page calls [`choose`] with its own address and the [`ChooserQuery`] of the request. As long as
//! something is to be chosen it shows the [`ChooserView`] by the template
//! `components/chooser.html` (`{% call c::chooser(view) %}{% endcall %}`); every link and form of
//! it leads back to the page's own address, with `bank`, `branch`, `q`, `initial` and `page`. Once
//! both are chosen it gets the [`ChosenBranch`], and asks for what comes next.

use chrono::NaiveDate;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::db::queries::accounts;
use crate::domain::directory::{Catalogue, Entry, OwnBank, Query, ROWS, search};
use crate::operations::name_lookup::portals_of_bank;
use crate::primitives::kana::to_full_katakana;
use crate::web::failure::PageError;
use crate::web::page::{Link, NavItem};
use crate::web::visit::Visit;

/// Banks or branches a page.
const PAGE_SIZE: usize = 48;
/// Longest text searched for.
const SEARCH_LENGTH_MAX: usize = 64;
/// What begins with no kana.
const OTHERS: &str = "他";
/// Behind a kana, for its whole row.
const ROW: &str = "行";

/// What the address of a page with a chooser says; whatever it does not know is nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ChooserQuery {
    /// 金融機関コード chosen.
    pub bank: Option<String>,
    /// 店番 chosen.
    pub branch: Option<String>,
    /// What is searched for.
    pub q: Option<String>,
    /// `か`, `か行` or `他`.
    pub initial: Option<String>,
    /// Page, from one.
    pub page: Option<String>,
}

impl ChooserQuery {
    /// Whether the address says nothing about a choice; `?bank=` begins one anew.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let parts = [&self.bank, &self.branch, &self.q, &self.initial, &self.page];
        parts.iter().all(|part| part.is_none())
    }

    fn text(&self) -> String {
        let typed = self.q.as_deref().unwrap_or_default().trim().chars();
        typed.filter(|c| !c.is_control()).take(SEARCH_LENGTH_MAX).collect()
    }

    fn page(&self) -> usize {
        let page = self.page.as_deref().and_then(|page| page.parse::<usize>().ok());
        page.unwrap_or(1).clamp(1, 1_000) - 1
    }
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenBranch {
    /// 金融機関コード.
    pub bank_code: String,
    /// 金融機関名.
    pub bank_name: String,
    /// In full-width kana.
    pub bank_kana: String,
    /// 店番.
    pub branch_code: String,
    /// 支店名.
    pub branch_name: String,
    /// In full-width kana; empty where nobody knows it.
    pub branch_kana: String,
}

/// How far the choice has come.
#[derive(Debug, Clone)]
pub enum Choice {
    /// Bank or branch is to be chosen.
    Asking(Box<ChooserView>),
    /// Both are.
    Chosen(ChosenBranch),
}

/// One bank or branch.
#[derive(Debug, Clone)]
pub struct ChooserRow {
    /// Its name.
    pub name: String,
    /// Kana and code.
    pub details: String,
    /// Chooses it.
    pub url: String,
}

/// The chooser as a page shows it.
#[derive(Debug, Clone)]
pub struct ChooserView {
    /// What is to be chosen, as `支店を選ぶ`.
    pub title: &'static str,
    /// The bank, once it is chosen.
    pub bank: Option<String>,
    /// Chooses another bank.
    pub other_bank: Option<Link>,
    /// The page's own address.
    pub action: String,
    /// The bank's code, which a search keeps.
    pub bank_code: Option<String>,
    /// What was searched for.
    pub text: String,
    /// The label of the search.
    pub label: &'static str,
    /// The rows from あ to わ, and the rest.
    pub rows: Vec<NavItem>,
    /// The kana of the row that is chosen.
    pub kana: Vec<NavItem>,
    /// What the list shows.
    pub list_title: String,
    /// How much of it.
    pub count: String,
    /// The list.
    pub found: Vec<ChooserRow>,
    /// What to do where nothing was found.
    pub nothing: Option<&'static str>,
    /// Pages before and after.
    pub previous: Option<Link>,
    /// The next page.
    pub next: Option<Link>,
    /// `2026年8月24日現在`.
    pub as_of: String,
}

/// How far the choice in `query` has come, for a page at `base` (without a query of its own).
///
/// # Errors
/// 500 or 503 of the database.
pub async fn choose(visit: &Visit, base: &str, query: &ChooserQuery) -> Result<Choice, PageError> {
    let bank = query.bank.as_deref().filter(|code| !code.is_empty());
    let own = own_banks(visit, bank).await?;
    let catalogue = Catalogue { directory: visit.app.services.directory(), own: &own };
    let page = Page { base, query, catalogue };
    let Some(code) = bank else {
        return Ok(Choice::Asking(Box::new(page.banks(None))));
    };
    let Some(bank) = catalogue.find_bank(code) else {
        let nothing = "この金融機関コードは見つかりません。もう一度お探しください。";
        return Ok(Choice::Asking(Box::new(page.banks(Some(nothing)))));
    };
    let chosen = query.branch.as_deref().and_then(|branch| catalogue.find(code, branch));
    Ok(match chosen {
        Some((bank, branch)) => Choice::Chosen(chosen_branch(bank, branch)),
        None => {
            let nothing = query
                .branch
                .is_some()
                .then_some("この店番は見つかりません。もう一度お探しください。");
            Choice::Asking(Box::new(page.branches(bank, nothing)))
        }
    })
}

/// The branch with these codes, if there is one: for what was kept as codes.
///
/// # Errors
/// 500 or 503 of the database.
pub async fn find(
    visit: &Visit,
    bank_code: &str,
    branch_code: &str,
) -> Result<Option<ChosenBranch>, PageError> {
    let own = own_banks(visit, Some(bank_code)).await?;
    let catalogue = Catalogue { directory: visit.app.services.directory(), own: &own };
    let found = catalogue.find(bank_code, branch_code);
    Ok(found.map(|(bank, branch)| chosen_branch(bank, branch)))
}

fn chosen_branch(bank: Entry<'_>, branch: Entry<'_>) -> ChosenBranch {
    ChosenBranch {
        bank_code: bank.code.to_owned(),
        bank_name: bank.name.to_owned(),
        bank_kana: bank.kana.to_owned(),
        branch_code: branch.code.to_owned(),
        branch_name: branch.name.to_owned(),
        branch_kana: branch.kana.to_owned(),
    }
}

/// The banks of the profiles, the portal's own first; the branches only of the one asked for.
async fn own_banks(visit: &Visit, bank_code: Option<&str>) -> Result<Vec<OwnBank>, PageError> {
    let services = &visit.app.services;
    let mut banks: Vec<OwnBank> = Vec::new();
    for profile in std::iter::once(&visit.profile).chain(services.profiles.values()) {
        let portal = &profile.portal;
        if banks.iter().any(|bank| bank.code == portal.bank_code.as_str()) {
            continue;
        }
        banks.push(OwnBank {
            code: portal.bank_code.as_str().to_owned(),
            name: portal.institution.clone(),
            kana: to_full_katakana(&portal.bank_name_kana),
            branches: Vec::new(),
        });
    }
    if let Some(bank) = banks.iter_mut().find(|bank| Some(bank.code.as_str()) == bank_code) {
        let portals = portals_of_bank(services, &bank.code);
        let found = services.db.read(move |conn| accounts::list_branches(conn, &portals)).await?;
        bank.branches = found;
    }
    Ok(banks)
}

/// Where the choice begins anew, also on a page that knows a branch already.
#[must_use]
pub fn begin_url(base: &str) -> String {
    format!("{base}?bank=")
}

/// The list in words, as `2026年8月24日現在`.
#[must_use]
pub fn as_of_text(day: NaiveDate) -> String {
    day.format("%Y年%-m月%-d日現在").to_string()
}

/// What a chooser is made of.
struct Page<'a> {
    base: &'a str,
    query: &'a ChooserQuery,
    catalogue: Catalogue<'a>,
}

/// What is listed, and under which title.
struct Listed<'a> {
    title: String,
    entries: Vec<Entry<'a>>,
}

impl<'a> Page<'a> {
    fn banks(&self, nothing: Option<&'static str>) -> ChooserView {
        let banks = self.catalogue.banks().collect();
        let listed = self.listed(banks, ("よく利用される金融機関", self.catalogue.often()));
        let view = self.view(&listed, None, nothing);
        ChooserView {
            title: "金融機関を選ぶ",
            label: "金融機関の名前（漢字・かな・ローマ字）またはコード4桁",
            ..view
        }
    }

    fn branches(&self, bank: Entry<'a>, nothing: Option<&'static str>) -> ChooserView {
        let branches = self.catalogue.branches_of(bank.code);
        let listed = self.listed(branches.clone(), ("すべての支店", branches));
        let view = self.view(&listed, Some(bank), nothing);
        ChooserView {
            title: "支店を選ぶ",
            label: "支店の名前（漢字・かな・ローマ字）または店番3桁",
            ..view
        }
    }

    fn listed(
        &self,
        entries: Vec<Entry<'a>>,
        (title, first): (&str, Vec<Entry<'a>>),
    ) -> Listed<'a> {
        let of = |query: Query<'_>| search(entries.into_iter(), query);
        let text = self.query.text();
        if !text.is_empty() {
            let title = format!("「{text}」の検索結果");
            return Listed { title, entries: of(Query::Text(&text)) };
        }
        let Some(initial) = self.initial() else {
            return Listed { title: title.to_owned(), entries: first };
        };
        let entries = match initial {
            Initial::Others => of(Query::NoInitial),
            Initial::Row(kana) => of(Query::Initial(kana)),
            Initial::Kana(kana) => of(Query::Initial(kana.encode_utf8(&mut [0; 4]))),
        };
        let title = match initial {
            Initial::Others => "かな以外で始まるもの".to_owned(),
            Initial::Row(kana) => format!("{}行", kana.chars().take(1).collect::<String>()),
            Initial::Kana(kana) => format!("「{kana}」で始まるもの"),
        };
        Listed { title, entries }
    }

    fn initial(&self) -> Option<Initial> {
        let asked = self.query.initial.as_deref()?;
        if asked == OTHERS {
            return Some(Initial::Others);
        }
        let mut letters = asked.chars();
        let first = letters.next()?;
        let row = ROWS.iter().find(|row| row.kana.contains(first))?;
        match letters.as_str() {
            "" => Some(Initial::Kana(first)),
            ROW => Some(Initial::Row(row.kana)),
            _ => None,
        }
    }

    fn view(
        &self,
        listed: &Listed<'a>,
        bank: Option<Entry<'a>>,
        nothing: Option<&'static str>,
    ) -> ChooserView {
        let total = listed.entries.len();
        let at = self.query.page().min(total.saturating_sub(1) / PAGE_SIZE);
        let first = at * PAGE_SIZE;
        let shown = listed.entries.iter().skip(first).take(PAGE_SIZE);
        let found: Vec<ChooserRow> = shown.map(|entry| self.row(*entry, bank)).collect();
        let last = first + found.len();
        let count = match found.len() {
            len if len == total => format!("{total}件"),
            0 => format!("{total}件"),
            _ => format!("{total}件のうち {}〜{last}件目", first + 1),
        };
        let code = bank.map(|bank| bank.code);
        let page = |page: usize| {
            let (text, number) = (self.query.text(), (page + 1).to_string());
            let initial = self.query.initial.as_deref().unwrap_or_default();
            self.url(code, &[("q", &text), ("initial", initial), ("page", &number)])
        };
        let link = |label: &str, at: usize| Link { label: label.to_owned(), url: page(at) };
        let missing =
            "当てはまるものがありません。名前の一部だけにするか、頭文字から選んでください。";
        ChooserView {
            title: "",
            label: "",
            bank: bank.map(|bank| format!("{}（{}）", bank.name, bank.code)),
            other_bank: bank.map(|_| Link {
                label: "金融機関を選び直す".to_owned(),
                url: begin_url(self.base),
            }),
            action: self.base.to_owned(),
            bank_code: code.map(str::to_owned),
            text: self.query.text(),
            rows: self.rows(code),
            kana: self.kana(code),
            list_title: listed.title.clone(),
            count,
            nothing: nothing.or_else(|| found.is_empty().then_some(missing)),
            found,
            previous: (at > 0).then(|| link("前の48件", at.saturating_sub(1))),
            next: (last < total).then(|| link("次の48件", at + 1)),
            as_of: as_of_text(self.catalogue.directory.as_of()),
        }
    }

    fn row(&self, entry: Entry<'_>, bank: Option<Entry<'_>>) -> ChooserRow {
        let url = match bank {
            None => self.url(Some(entry.code), &[]),
            Some(bank) => self.url(Some(bank.code), &[("branch", entry.code)]),
        };
        let details = match entry.kana {
            "" => entry.code.to_owned(),
            kana => format!("{kana}　{}", entry.code),
        };
        ChooserRow { name: entry.name.to_owned(), details, url }
    }

    /// あ to わ, and the rest.
    fn rows(&self, bank: Option<&str>) -> Vec<NavItem> {
        let chosen = self.initial();
        let mut items: Vec<NavItem> = ROWS
            .iter()
            .map(|row| NavItem {
                label: row.head.to_string(),
                url: self.url(bank, &[("initial", &format!("{}{ROW}", row.head))]),
                is_current: match chosen {
                    Some(Initial::Row(kana)) => kana == row.kana,
                    Some(Initial::Kana(kana)) => row.kana.contains(kana),
                    Some(Initial::Others) | None => false,
                },
            })
            .collect();
        items.push(NavItem {
            label: OTHERS.to_owned(),
            url: self.url(bank, &[("initial", OTHERS)]),
            is_current: matches!(chosen, Some(Initial::Others)),
        });
        items
    }

    /// The kana of the row that is chosen.
    fn kana(&self, bank: Option<&str>) -> Vec<NavItem> {
        let (row, chosen) = match self.initial() {
            Some(Initial::Row(kana)) => (kana, None),
            Some(Initial::Kana(kana)) => {
                let row = ROWS.iter().find(|row| row.kana.contains(kana));
                (row.map_or("", |row| row.kana), Some(kana))
            }
            Some(Initial::Others) | None => return Vec::new(),
        };
        let item = |kana: char| NavItem {
            label: kana.to_string(),
            url: self.url(bank, &[("initial", &kana.to_string())]),
            is_current: chosen == Some(kana),
        };
        row.chars().map(item).collect()
    }

    /// The page's address with these parts; empty ones are left out.
    fn url(&self, bank: Option<&str>, more: &[(&str, &str)]) -> String {
        let bank = bank.map(|code| ("bank", code));
        let given = bank.into_iter().chain(more.iter().copied());
        let parts: Vec<String> = given
            .filter(|(name, value)| !value.is_empty() && (*name, *value) != ("page", "1"))
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        if parts.is_empty() {
            self.base.to_owned()
        } else {
            format!("{}?{}", self.base, parts.join("&"))
        }
    }
}

/// An initial that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Initial {
    Row(&'static str),
    Kana(char),
    Others,
}
