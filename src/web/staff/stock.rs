//! STF030 トークンの在庫: by state, by serial, expiring soon; and a token shipped to a contract. Key
//! files are imported in `import.rs`, large ones on the command line.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::stock::{self, StockFilter, StockRow};
use crate::db::queries::tokens;
use crate::domain::token::TokenState;
use crate::operations::staff::acts::ship;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::code::{normalise_serial, to_half_width};
use crate::web::failure::PageResult;
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens;
use crate::web::staff::act;
use crate::web::staff::home::EXPIRING_WITHIN;
use crate::web::staff::import::is_offered;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::encoded;

const ROWS: usize = 50;
const INPUT_MAX: usize = 40;

/// A token in the list.
pub struct TokenRow {
    /// シリアル番号.
    pub serial: String,
    /// Kind.
    pub kind: String,
    /// Where it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// To which contract.
    pub contract: String,
    /// 有効期限.
    pub expires: String,
}

/// STF030.
#[derive(askama::Template)]
#[template(path = "staff/stock.html")]
pub struct StockPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// By state, with how many.
    pub tabs: Vec<NavItem>,
    /// Where the search is sent.
    pub action: String,
    /// The chosen tab.
    pub state: String,
    /// What was looked for.
    pub q: String,
    /// In order of serial.
    pub rows: Vec<TokenRow>,
    /// Further ones.
    pub next: Option<Link>,
    /// Ships a token; none for whoever only reads.
    pub ship_url: Option<String>,
    /// Imports a key file; none for whoever only reads, and where secrets come from no file.
    pub import_url: Option<String>,
}

/// What is looked for.
#[derive(Deserialize)]
pub struct StockQuery {
    state: Option<String>,
    q: Option<String>,
    after: Option<String>,
}

/// Shows the tokens.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<StockQuery>) -> PageResult {
    let query = query.into_inner();
    let cut = |text: Option<String>| -> String {
        normalise_serial(&text.unwrap_or_default()).chars().take(INPUT_MAX).collect()
    };
    let asked = query.state.unwrap_or_default();
    let is_expiring = asked == "expiring";
    let state = TokenState::from_text(&asked);
    let name = if is_expiring { "expiring" } else { state.map_or("all", TokenState::as_str) };
    let (q, after) = (cut(query.q), cut(query.after));
    let now = visit.ctx.now;
    let filter = StockFilter {
        state,
        expiring: is_expiring.then_some((now, now + EXPIRING_WITHIN)),
        serial_begin: q.clone(),
        after,
    };
    let slug = visit.profile.slug().to_owned();
    let (who, (counts, mut found)) = principal::enter(&visit, move |conn, _| {
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        Ok((tokens::count_by_state(conn, &slug)?, stock::search(conn, &slug, &filter, limit)?))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "次の50件".to_owned(),
        url: format!(
            "{}?state={name}&q={}&after={}",
            visit.url("stock"),
            encoded(&q),
            encoded(&last.serial)
        ),
    });
    let may = who.member.role.may_make();
    let page = StockPage {
        shell: visit.shell_of(&screens::STF030, &who),
        tabs: tabs(&visit, name, &counts),
        action: visit.url("stock"),
        state: name.to_owned(),
        q,
        rows: found.into_iter().map(|row| token_row(&visit, row)).collect(),
        next,
        ship_url: may.then(|| visit.url("stock/ship")),
        import_url: (may && is_offered(&visit.profile)).then(|| visit.url("stock/import")),
    };
    visit.page(StatusCode::OK, &page)
}

/// The word for a state, and the class of its mark.
pub(super) fn state_label(state: TokenState) -> (&'static str, &'static str) {
    match state {
        TokenState::Stock => ("在庫", "info"),
        TokenState::Shipped => ("配付済み", "warn"),
        TokenState::InUse => ("利用中", "success"),
        TokenState::Retired => ("廃止", "error"),
    }
}

fn tabs(visit: &StaffVisit, current: &str, counts: &[(TokenState, i64)]) -> Vec<NavItem> {
    let tab = |label: String, name: &str| NavItem {
        label,
        url: format!("{}?state={name}", visit.url("stock")),
        is_current: name == current,
    };
    let mut tabs = vec![tab("すべて".to_owned(), "all")];
    for state in TokenState::ALL {
        let count = counts.iter().find(|(of, _)| of == state).map_or(0, |(_, count)| *count);
        tabs.push(tab(format!("{}（{count}）", state_label(*state).0), state.as_str()));
    }
    tabs.push(tab("まもなく期限".to_owned(), "expiring"));
    tabs
}

fn token_row(visit: &StaffVisit, row: StockRow) -> TokenRow {
    let (state, class) = state_label(row.state);
    let rules = visit.profile.token_kind(row.kind);
    TokenRow {
        serial: row.serial,
        kind: rules.map_or_else(|| row.kind.as_str().to_owned(), |rules| rules.label.clone()),
        state,
        class,
        contract: row.contract_number.unwrap_or_else(|| "なし".to_owned()),
        expires: row.expires_at.map_or_else(|| "なし".to_owned(), jst_minute_text),
    }
}

/// The form of a shipment.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ShipForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    contract_number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

/// STF030, shipping.
#[derive(askama::Template)]
#[template(path = "staff/ship.html")]
pub struct ShipPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// Back to the list.
    pub back_url: String,
}

fn fields() -> Vec<FieldView> {
    vec![
        FieldView::text("serial", "シリアル番号")
            .hint("在庫のトークンの裏面の番号です。")
            .maxlength(24),
        FieldView::text("contract_number", "契約番号").maxlength(32),
        act::note("受付の内容", "申込書の番号などを書きます。"),
    ]
}

/// Shows the form of a shipment.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act.
pub async fn show_ship(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let form = act::form(&visit, &who, "stock/ship", fields())?;
    show_form(&visit, &who, form)
}

/// Ships.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_ship(visit: StaffVisit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let (input, key): (ShipForm, _) = body.staff_keyed(&visit, &who, "stock/ship")?;
    let mut form = act::form(&visit, &who, "stock/ship", fields())?;
    let serial = normalise_serial(&input.serial);
    let number = to_half_width(input.contract_number.trim());
    for (name, value) in [("serial", &serial), ("contract_number", &number)] {
        if value.is_empty() {
            form.set_error(name, "番号を入力してください。");
        }
        act::keep(&mut form, name, value);
    }
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let given = (serial, number, note);
        let outcome = ship(&visit.app.services, &who.ctx, &who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, "stock/ship")? {
            return Ok(done);
        }
    }
    show_form(&visit, &who, form)
}

fn show_form(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::STF030, who);
    shell.title = "トークンの配付".into();
    let page = ShipPage { shell, form, back_url: visit.url("stock") };
    visit.form_page(page.form.is_invalid(), &page)
}
