//! The console's first page: who there is to log in as, and the state of the demo.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Page, shell_of};
use crate::db::queries::simulated_bills::{self, BillRow, BillerRow};
use crate::operations::demo::people::{self, DemoContract, DemoStaff, DemoUser};
use crate::primitives::clock::{ClockMode, jst_day, jst_iso, jst_receipt_text};
use crate::primitives::yen::Yen;
use crate::web::WebApp;
use crate::web::failure::PageResult;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::shell::render;

/// What a person needs to log in.
pub struct PersonView {
    /// Name.
    pub name: String,
    /// State, in a sentence.
    pub note: String,
    /// Login id.
    pub login_id: String,
    /// The user's own id, where the login id is made of two.
    pub user_id: Option<String>,
    /// Login secret.
    pub password: String,
    /// Confirming secret.
    pub confirm: String,
}

/// The people of one portal.
pub struct PortalPeople {
    /// The institution's name.
    pub institution: String,
    /// Its login page, where the portal is served.
    pub login_url: Option<String>,
    /// Everybody.
    pub people: Vec<PersonView>,
    /// The staff console.
    pub staff_url: String,
    /// Its staff.
    pub staff: Vec<PersonView>,
}

/// A bill of Pay-easy, with the numbers to type.
pub struct BillView {
    /// Biller and content.
    pub name: String,
    /// What it is good for, and how it stands.
    pub note: String,
    /// 収納機関番号.
    pub agency: String,
    /// 納付番号 or お客様番号.
    pub payer_number: String,
    /// 確認番号.
    pub confirmation: String,
    /// 納付区分.
    pub category: String,
    /// Amount.
    pub amount: String,
}

/// How the clock stands, for pages.
pub struct ClockView {
    /// RFC 3339.
    pub iso: String,
    /// As receipts show it.
    pub text: String,
    /// Running, standing or real.
    pub mode: &'static str,
}

/// QAC001.
#[derive(Template)]
#[template(path = "qa/home.html")]
pub struct HomePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// The clock.
    pub clock: ClockView,
    /// Portals with their people, those served first.
    pub portals: Vec<PortalPeople>,
    /// Bills that can be paid in every portal.
    pub bills: Vec<BillView>,
}

#[derive(Deserialize)]
pub(super) struct HomeQuery {
    done: Option<String>,
}

/// Shows the page.
///
/// # Errors
/// Mistakes in the shipped list of people.
pub async fn show(app: Data<WebApp>, query: Query<HomeQuery>) -> PageResult {
    let bills = app.services.db.read(simulated_bills::list).await?;
    let today = jst_day(app.services.clock.now());
    let page = HomePage {
        bills: bills.into_iter().map(|(biller, row)| bill(biller, row, today)).collect(),
        shell: shell_of(&app, Page::Home),
        notice: (query.done.as_deref() == Some("reset")).then(|| Notice {
            tone: Tone::Success,
            title: "デモデータを初期状態に戻しました。".to_owned(),
            text: vec!["ログイン中の利用者は、全員ログアウトしました。".to_owned()],
        }),
        clock: clock_view(&app),
        portals: portals(&app, people::contracts()?, &people::staff()?),
    };
    render(StatusCode::OK, &page)
}

/// The clock as it stands now.
pub(super) fn clock_view(app: &WebApp) -> ClockView {
    let now = app.services.clock.now();
    let mode = match app.services.clock.mode() {
        ClockMode::Real => "実際の時刻",
        ClockMode::Offset(_) => "ずらした時刻で進行中",
        ClockMode::Frozen(_) => "固定中",
    };
    ClockView { iso: jst_iso(now), text: jst_receipt_text(now), mode }
}

fn portals(app: &WebApp, contracts: Vec<DemoContract>, staff: &[DemoStaff]) -> Vec<PortalPeople> {
    let mut people: BTreeMap<String, Vec<PersonView>> = BTreeMap::new();
    for contract in contracts {
        let views = contract.users.into_iter().map(person);
        people.entry(contract.portal).or_default().extend(views);
    }
    let is_served = |slug: &String| app.options.served.contains(slug);
    let mut slugs: Vec<String> = people.keys().cloned().collect();
    slugs.sort_by_key(|slug| !is_served(slug));
    slugs
        .into_iter()
        .filter_map(|slug| {
            let profile = app.services.profiles.get(&slug)?;
            Some(PortalPeople {
                institution: profile.portal.institution.clone(),
                login_url: is_served(&slug).then(|| format!("/{slug}/login")),
                people: people.remove(&slug)?,
                staff_url: format!("/{slug}/staff/login"),
                staff: staff.iter().cloned().map(member).collect(),
            })
        })
        .collect()
}

fn bill(biller: BillerRow, row: BillRow, today: NaiveDate) -> BillView {
    let total = Yen(row.amount_yen.0.saturating_add(row.late_on(today).0));
    let state = match (row.paid_at.is_some(), row.claimed_by.is_some()) {
        (true, _) => "払込み済みです。",
        (false, true) => "手続き中です。",
        (false, false) => "",
    };
    BillView {
        name: format!("{}　{}", biller.name, row.content),
        note: if state.is_empty() { row.note } else { state.to_owned() },
        agency: row.agency,
        payer_number: row.payer_number,
        confirmation: row.confirmation,
        category: row.category,
        amount: total.to_string(),
    }
}

fn person(user: DemoUser) -> PersonView {
    let (login_id, user_id) = match user.login_id.split_once('/') {
        Some((contract, own)) => (contract.to_owned(), Some(own.to_owned())),
        None => (user.login_id, None),
    };
    PersonView {
        name: user.name,
        note: user.note,
        login_id,
        user_id,
        password: user.password,
        confirm: user.confirm.unwrap_or_default(),
    }
}

fn member(member: DemoStaff) -> PersonView {
    let token = member.serial.map_or_else(String::new, |serial| format!("認証アプリは {serial}。"));
    PersonView {
        name: member.name,
        note: [member.note, token].concat(),
        login_id: member.staff_id,
        user_id: None,
        password: member.password,
        confirm: String::new(),
    }
}
