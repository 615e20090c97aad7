//! STF013, 事前登録先の承認: the payees of a contract that wait for the customer's form, and the form
//! with which staff record it.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{contracts, payees};
use crate::domain::payee::Payee;
use crate::operations::staff::payee::approve;
use crate::primitives::ids::{ContractId, PayeeId};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Row};
use crate::web::payee::words::rows;
use crate::web::screens;
use crate::web::staff::act::{self, ActPage};
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;

/// Waiting payees shown at once.
pub(super) const ROWS: i64 = 20;

/// The way to each waiting payee.
pub(super) fn links(visit: &StaffVisit, waiting: &[Payee]) -> Vec<Link> {
    let link = |payee: &Payee| Link {
        label: format!("{} {} {}", payee.holder_kana, payee.bank_name, payee.number),
        url: visit.url(&address(payee)),
    };
    waiting.iter().map(link).collect()
}

fn address(payee: &Payee) -> String {
    format!("contracts/{}/payees/{}", payee.contract_id, payee.id)
}

async fn enter(
    visit: &StaffVisit,
    (contract_id, payee_id): (i64, i64),
) -> Result<(StaffWho, Payee), PageError> {
    let (slug, contract_id) = (visit.profile.slug().to_owned(), ContractId(contract_id));
    let (who, found) = principal::enter(visit, move |conn, _| {
        match contracts::find_of_portal(conn, &slug, contract_id)? {
            Some(contract) => payees::find(conn, contract.id, PayeeId(payee_id)),
            None => Ok(None),
        }
    })
    .await?;
    Ok((who, found.ok_or(PageError::NotFound)?))
}

fn note() -> FieldView {
    act::note("申込書番号", "事前登録先の申込書の右上の番号です。")
}

/// A form about a payee as it stands on the page: it approves no other version.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ApproveForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

fn form(visit: &StaffVisit, who: &StaffWho, payee: &Payee) -> Result<FormView, PageError> {
    let form = act::form(visit, who, &address(payee), vec![note()])?;
    Ok(form.draft(payee.version.to_string()))
}

fn show_page(visit: &StaffVisit, who: &StaffWho, payee: &Payee, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::STF013, who);
    shell.title = "事前登録先の承認".into();
    let mut facts = rows(&payee.destination(), &payee.nickname);
    facts.push(Row::new("状態", payee.state.label()));
    let page = ActPage {
        shell,
        lead: "申込書の振込先と同じかを確かめて、事前登録先にします。承認のあとは、この振込先へのお振込にワンタイムパスワードが要らなくなります。",
        notice: None,
        rows: facts,
        form,
        button: "事前登録先にする",
        is_danger: false,
        back: Link {
            label: "ご契約に戻る".to_owned(),
            url: visit.url(&format!("contracts/{}", payee.contract_id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows the form.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for no payee of this portal.
pub async fn show(visit: StaffVisit, path: Path<(i64, i64)>) -> PageResult {
    let (who, payee) = enter(&visit, path.into_inner()).await?;
    let form = form(&visit, &who, &payee)?;
    show_page(&visit, &who, &payee, form)
}

/// Records the form.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<(i64, i64)>, body: FormBody) -> PageResult {
    let (who, payee) = enter(&visit, path.into_inner()).await?;
    let address = address(&payee);
    let (input, key): (ApproveForm, _) = body.staff_keyed(&visit, &who, &address)?;
    let seen = input.draft.parse().map_err(|_| PageError::BadRequest("no version"))?;
    let mut form = form(&visit, &who, &payee)?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let given = (Payee { version: seen, ..payee.clone() }, note);
        let outcome = approve(&visit.app.services, &who.ctx, &who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    show_page(&visit, &who, &payee, form)
}
