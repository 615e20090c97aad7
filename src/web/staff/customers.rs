//! STF010 お客さまの検索.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;

use crate::db::queries::customers::{self, Customer, Wanted};
use crate::domain::token::UserTokenStatus;
use crate::primitives::clock::UtcTime;
use crate::web::failure::PageResult;
use crate::web::page::{Link, Shell};
use crate::web::screens;
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::{encoded, marks, role_label};

const ROWS: usize = 50;
const INPUT_MAX: usize = 100;

/// A customer in the list.
pub struct CustomerRow {
    /// Login id.
    pub login_id: String,
    /// Name.
    pub name: String,
    /// Role in the contract.
    pub role: &'static str,
    /// The contract.
    pub contract: String,
    /// ワンタイムパスワード状態.
    pub token: String,
    /// What keeps the customer out, each a mark.
    pub marks: Vec<&'static str>,
    /// STF012.
    pub url: String,
}

/// STF010. Field: `q`.
#[derive(askama::Template)]
#[template(path = "staff/customers.html")]
pub struct CustomersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Where the search is sent.
    pub action: String,
    /// What was looked for.
    pub q: String,
    /// What was found.
    pub rows: Vec<CustomerRow>,
    /// Further rows.
    pub next: Option<Link>,
    /// STF011; none for whoever only reads.
    pub open_url: Option<String>,
}

/// What is looked for.
#[derive(Deserialize)]
pub struct CustomersQuery {
    q: Option<String>,
    after: Option<String>,
}

/// Shows the customers looked for.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<CustomersQuery>) -> PageResult {
    let query = query.into_inner();
    let cut = |text: Option<String>| -> String {
        text.unwrap_or_default().trim().chars().take(INPUT_MAX).collect()
    };
    let (q, after) = (cut(query.q), cut(query.after));
    let wanted =
        Wanted { exact: crate::primitives::code::to_half_width(&q), name_part: q.clone(), after };
    let slug = visit.profile.slug().to_owned();
    let (who, mut found) = principal::enter(&visit, move |conn, _| {
        customers::search(conn, &slug, &wanted, i64::try_from(ROWS + 1).unwrap_or(i64::MAX))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "次の50件".to_owned(),
        url: format!(
            "{}?q={}&after={}",
            visit.url("customers"),
            encoded(&q),
            encoded(&last.user.login_id)
        ),
    });
    let now = visit.ctx.now;
    let page = CustomersPage {
        shell: visit.shell_of(&screens::STF010, &who),
        action: visit.url("customers"),
        q,
        rows: found.iter().map(|customer| row(&visit, customer, now)).collect(),
        next,
        open_url: who.member.role.may_make().then(|| visit.url("contracts/new")),
    };
    visit.page(StatusCode::OK, &page)
}

/// A customer as lists show one.
pub(super) fn row(visit: &StaffVisit, customer: &Customer, now: UtcTime) -> CustomerRow {
    let user = &customer.user;
    let expires_at = customer.token.as_ref().and_then(|token| token.expires_at);
    let status = UserTokenStatus::at(user.token_status, expires_at, now);
    CustomerRow {
        login_id: user.login_id.clone(),
        name: user.name.clone(),
        role: role_label(user.role),
        contract: format!("{} {}", customer.contract_number, customer.contract_name),
        token: status.label().to_owned(),
        marks: marks(visit, customer, now),
        url: visit.url(&format!("customers/{}", user.id)),
    }
}
