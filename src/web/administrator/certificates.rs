//! BAU115 利用者電子証明書の失効, and its result BAU116: whose client certificates the administrator
//! revokes.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};

use crate::db::queries::{certificates, receipts};
use crate::domain::certificate::{Certificate, CertificateState};
use crate::domain::member::Member;
use crate::domain::receipt::number_text;
use crate::domain::user::Role;
use crate::operations::administration::{MembersAct, MembersOutcome, MembersReceipt};
use crate::operations::certificate::revoke::{OPERATION, revoke};
use crate::operations::step::StepOutcome;
use crate::primitives::clock::{jst_minute_text, jst_receipt_text};
use crate::primitives::code::last_four;
use crate::primitives::ids::{ReceiptId, UserId};
use crate::web::administration::list::{self, ListQuery, ListView, Listed, MemberRow, own_id};
use crate::web::administration::release::changed;
use crate::web::administration::{TICK, TickedForm, enter, given_proof, proof_fields, ticked};
use crate::web::administrator::{CERTIFICATES, MENU, row};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Receipt, Shell, Step, Tone, steps};
use crate::web::principal::{ADMINISTRATOR_USERS, Who};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The step bar.
const STEPS: [&str; 2] = ["対象利用者を|選択", "失効|完了"];

/// BAU115. Fields: a box for each user who has a certificate, and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/certificates.html")]
pub struct CertificatesPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView,
    /// Whether anybody on this page has one.
    pub has_any: bool,
    /// BAU100.
    pub back_url: String,
}

/// BAU116.
#[derive(askama::Template)]
#[template(path = "administrator/certificates_result.html")]
pub struct CertificatesResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// 利用者ID and 利用者名.
    pub lines: Vec<(String, String)>,
    /// Number and time.
    pub receipt: Receipt,
    /// BAU100.
    pub users_url: String,
    /// BAD100.
    pub menu_url: String,
}

type Read = (Listed, BTreeMap<UserId, Certificate>);

async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Read), PageError> {
    let (query, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| {
        let listed = list::read_of(conn, user.contract_id, &query, max, Some(Role::General))?;
        let ids: Vec<UserId> = listed.members.iter().map(|member| member.id).collect();
        let mut newest = BTreeMap::new();
        for certificate in certificates::list_of_users(conn, user.contract_id, &ids)? {
            newest.entry(certificate.user_id).or_insert(certificate);
        }
        Ok((listed, newest))
    })
    .await
}

/// Shows BAU115.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    show_list(&visit, &who, &query, &read, &[], form, StatusCode::OK)
}

/// Revokes the certificates of whom the boxes name.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let (input, ticks, key) = body.ticked::<TickedForm>(&visit, &who, OPERATION, TICK)?;
    let ticked = ticked(&visit, &who, &ticks).await?;
    let mut form = form(&visit, &who, &query, key.key.clone());
    if ticked.is_empty() {
        form.errors.push("電子証明書を失効する利用者を選んでください。".to_owned());
    }
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_list(&visit, &who, &query, &read, &ticked, form, invalid);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: ticked.clone(),
        proof,
        key,
        results_url: visit.url(CERTIFICATES),
    };
    match revoke(&visit.app.services, &who.ctx, act).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_list(&visit, &who, &query, &read, &ticked, form, invalid)
        }
        MembersOutcome::Step(_) => {
            let (who, read) = self::read(&visit, &query).await?;
            let form = changed(self::form(&visit, &who, &query, request_key()?));
            show_list(&visit, &who, &query, &read, &[], form, StatusCode::CONFLICT)
        }
    }
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードで電子証明書を失効します。";
    FormView::new(query.own_url(&visit.url(CERTIFICATES)), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_list(
    visit: &Visit,
    who: &Who,
    query: &ListQuery,
    (listed, newest): &Read,
    ticked: &[UserId],
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let rows: Vec<MemberRow> = listed
        .members
        .iter()
        .map(|member| certificate_row(visit, listed, member, newest.get(&member.id), ticked))
        .collect();
    let page = CertificatesPage {
        shell: visit.shell_of(&screens::BAU115, who),
        steps: steps(&STEPS, 0),
        has_any: !newest.is_empty(),
        list: list::view(visit, CERTIFICATES, query, listed.total, rows, false),
        back_url: visit.url(ADMINISTRATOR_USERS),
        form,
    };
    visit.page(status, &page)
}

/// A line about the certificate in place of the token.
fn certificate_row(
    visit: &Visit,
    listed: &Listed,
    member: &Member,
    certificate: Option<&Certificate>,
    ticked: &[UserId],
) -> MemberRow {
    let state = certificate.map(|one| one.state_at(visit.profile.certificates, visit.ctx.now));
    let dash = || "−".to_owned();
    let tick = certificate.map(|_| list::tick_of(member));
    MemberRow {
        serial: certificate.map_or_else(dash, |one| last_four(&one.serial).to_ascii_uppercase()),
        state: state.map_or("なし", CertificateState::label),
        tone: match state {
            None => Tone::Info,
            Some(CertificateState::Unused | CertificateState::Valid) => Tone::Success,
            Some(CertificateState::Renewable) => Tone::Warn,
            Some(CertificateState::Expired | CertificateState::Revoked) => Tone::Error,
        },
        expires_at: certificate.map_or_else(dash, |one| jst_minute_text(one.expires_at)),
        others: None,
        ..row(visit, listed, member, tick, ticked)
    }
}

/// Shows BAU116.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_result(visit: Visit, id: Path<String>) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, found) =
        enter(&visit, move |conn, _, user| receipts::find_of_user(conn, user.id, id)).await?;
    let stored = found.filter(|found| found.operation == OPERATION).ok_or(PageError::NotFound)?;
    let done: MembersReceipt = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let line = |member: &crate::operations::administration::MemberLine| {
        (own_id(&member.login_id).to_owned(), member.name.clone())
    };
    let page = CertificatesResultPage {
        shell: visit.shell_of(&screens::BAU116, &who),
        steps: steps(&STEPS, 1),
        lines: done.members.iter().map(line).collect(),
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        users_url: visit.url(ADMINISTRATOR_USERS),
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}
