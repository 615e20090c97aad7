//! BTR031 予約取消: what is taken back, and the proof that the auth rules ask for.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::auth_rule::{CodeProof, Operation};
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::payment::Payment;
use crate::domain::receipt::number_text;
use crate::operations::flow_draft;
use crate::operations::payment::cancel::{CancelReservation, cancel as cancel_reservation};
use crate::operations::proof::act::GivenProof;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::primitives::ids::PaymentId;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::payment::detail::{self, cancelled, show_payment};
use crate::web::payment::words::payment_rows;
use crate::web::principal::{FlowParts, RESERVATIONS, Who, enter_flow};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

const OPERATION: FlowOperation = FlowOperation::CancelReservation;
/// The steps of taking a reservation back.
const STEPS: [&str; 2] = ["内容の|確認", "完了"];

/// BTR031. Fields: `otp`, or `confirm`, or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "payment/cancel.html")]
pub struct CancelReservationPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is taken back.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BTR031's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CancelForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_3: Option<String>,
}

/// Begins to take a reservation back (BTR032).
///
/// # Errors
/// 404 for what this user may not see, 409 where it is too late.
pub async fn begin(visit: Visit, payment_id: Path<i64>, body: FormBody) -> PageResult {
    let (who, payment, _) = detail::enter(&visit, PaymentId(payment_id.into_inner())).await?;
    let BareForm {} = body.of(&who)?;
    if !payment.can_cancel(visit.ctx.now) {
        return Err(PageError::Conflict { back: visit.url(RESERVATIONS) });
    }
    if obstacle(&visit, &who.user, Operation::CancelReservation).is_some() {
        return Err(PageError::SeeOther(visit.url(&format!("payments/{}", payment.id))));
    }
    let step = (OPERATION, FlowStep::Confirm, "begun");
    let services = &visit.app.services;
    let flow_id = flow_draft::begin(services, &who.ctx, &who.login, step, &payment.id).await?;
    Ok(see_other(&visit.url(&format!("reservations/cancel/{flow_id}/confirm"))))
}

async fn load(visit: &Visit, parts: &FlowParts) -> Result<(Payment, Vec<Row>), PageError> {
    let id: PaymentId = flow_draft::read(&parts.flow)?;
    let (_, payment, from) = detail::enter(visit, id).await?;
    if !payment.can_cancel(visit.ctx.now) {
        return Err(PageError::Conflict { back: visit.url(RESERVATIONS) });
    }
    let rows = payment_rows(&payment, Some(&from), visit.ctx.now);
    Ok((payment, rows))
}

/// Shows BTR031.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow, 409 where it is too late.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let (payment, rows) = load(&visit, &parts).await?;
    let form = form(&visit, &who, &parts, &payment, flow::request_key()?);
    show_cancel(&visit, &who, &parts, rows, form)
}

/// Takes the reservation back.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<CancelForm>(&visit, OPERATION, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let (payment, rows) = match load(&visit, &parts).await {
        Ok(loaded) => loaded,
        // It may be the first of two clicks that has taken it back.
        Err(why) => return flow::refuse_unless_done(&visit, OPERATION, &key, Err(why)).await,
    };
    let mut form = form(&visit, &who, &parts, &payment, key.key.clone());
    let code = flow::otp_code(&visit, &who, &parts, input.otp, &mut form)?;
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(&visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_cancel(&visit, &who, &parts, rows, form);
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = CancelReservation {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        payment_id: payment.id,
        proof: GivenProof { code, confirmation },
        key,
        result_url: result_url.clone(),
    };
    let outcome = cancel_reservation(&visit.app.services, &who.ctx, input).await?;
    if is_suspended(&outcome) {
        return Ok(see_other(&visit.url("login/suspended")));
    }
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_cancel(&visit, &who, &parts, rows, form),
    }
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, payment: &Payment, key: String) -> FormView {
    let profile = &visit.profile;
    let mut all = Vec::new();
    if who.proof.code == Some(CodeProof::Otp) {
        let purpose = format!("このコードで {} の予約を取り消します。", payment.amount_yen);
        all.push(fields::code(profile, "otp", &profile.words.otp, &purpose));
    }
    let role = who.user.role;
    all.extend(fields::confirmation_of(profile, role, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token())
        .fields(all)
        .request_key(key)
}

fn show_cancel(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    rows: Vec<Row>,
    form: FormView,
) -> PageResult {
    let page = CancelReservationPage {
        shell: visit.shell_of(&screens::BTR031, who),
        steps: steps(&STEPS, 0),
        rows,
        cancel: FormView::new(flow::url(visit, &parts.flow, "cancel"), who.csrf_token()),
        form,
    };
    let status =
        if page.form.is_invalid() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    visit.page(status, &page)
}

/// Ends the flow: the reservation stays.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn leave(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = enter_flow(&visit, OPERATION, &flow_id).await?;
    let BareForm {} = body.of(&who)?;
    if parts.flow.step != FlowStep::Done {
        cancel_flow(&visit.app.services, &who.ctx, &parts.flow).await?;
    }
    Ok(see_other(&visit.url(RESERVATIONS)))
}

/// Shows what was taken back (BTR032).
///
/// # Errors
/// 303 where the flow is not finished, 404 for somebody else's.
pub async fn result(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, id) =
        flow::find_receipt_of::<PaymentId>(&visit, OPERATION, &flow_id).await?;
    let (_, payment, from) = detail::enter(&visit, id).await?;
    let mut told = cancelled(&number_text(payment.receipt_number));
    told.text.push(format!("取消の受付番号 {}　{}", receipt.number, receipt.time_text));
    let content = payment_rows(&payment, Some(&from), visit.ctx.now);
    show_payment(&visit, &who, &payment, content, (steps(&STEPS, 1), vec![told]))
}
