//! BCE002 利用者電子証明書の本人確認: the confirming secret before a certificate is drawn.

use actix_web::http::StatusCode;

use crate::operations::certificate::permit::{Permit, PermitOutcome, permit};
use crate::operations::certificate::{Own, own};
use crate::operations::step::StepOutcome;
use crate::primitives::clock::jst_minute_text;
use crate::web::administration::{TickedForm, given_proof, proof_fields};
use crate::web::certificate::{FILE, PROOF, STEPS, verb};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::principal::{self, CERTIFICATE, Who};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

const ACT: &str = "certificate.permit";

/// BCE002. Fields: the proof that the auth rules ask for.
#[derive(askama::Template)]
#[template(path = "certificate/proof.html")]
pub struct CertificateProofPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What comes of it.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// The button.
    pub button: &'static str,
    /// BCE001.
    pub back_url: String,
}

/// Shows BCE002.
///
/// # Errors
/// 303 to BCE001 where nothing can be drawn.
pub async fn show(visit: Visit) -> PageResult {
    let (who, own) = enter(&visit).await?;
    let form = form(&visit, &who, request_key()?);
    show_form(&visit, &who, &own, form)
}

async fn enter(visit: &Visit) -> Result<(Who, Own), PageError> {
    let ctx = visit.ctx.clone();
    let (who, own) =
        principal::enter_certificate(visit, move |conn, login, user| own(conn, &ctx, login, user))
            .await?;
    if !own.choice.may_draw() {
        return Err(PageError::SeeOther(visit.url(CERTIFICATE)));
    }
    Ok((who, own))
}

/// Proves the user; leads to BCE003.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where nothing can be drawn any more.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, own) = enter(&visit).await?;
    let (input, key) = body.keyed::<TickedForm>(&visit, &who, ACT)?;
    let mut form = form(&visit, &who, key.key.clone());
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_form(&visit, &who, &own, form);
    };
    let input = Permit {
        user: who.user.clone(),
        login: who.login.clone(),
        proof,
        key,
        base_url: visit.url(FILE),
    };
    match permit(&visit.app.services, &who.ctx, input).await? {
        PermitOutcome::Done(url) => Ok(see_other(&url)),
        PermitOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_form(&visit, &who, &own, form)
        }
        PermitOutcome::Step(StepOutcome::TwinRefused) => {
            form.errors.push("入力を確かめて、もう一度お試しください。".to_owned());
            show_form(&visit, &who, &own, form)
        }
        PermitOutcome::Step(_) => Err(PageError::Conflict { back: visit.url(CERTIFICATE) }),
    }
}

fn form(visit: &Visit, who: &Who, key: String) -> FormView {
    let purpose = "このコードで電子証明書を取得します。";
    FormView::new(visit.url(PROOF), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_form(visit: &Visit, who: &Who, own: &Own, form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::BCE002, who);
    if own.standing.is_kept_out() {
        shell.nav.clear();
    }
    let days = i64::from(visit.profile.certificates.valid_days);
    let until = visit.ctx.now + chrono::TimeDelta::days(days);
    let page = CertificateProofPage {
        shell,
        steps: steps(&STEPS, 1),
        rows: vec![
            Row::new("お名前", who.user.name.clone()),
            Row::new("お手続き", verb(own.choice).trim_end_matches("する")),
            Row::new("新しい有効期限", jst_minute_text(until)),
        ],
        button: "次へ",
        back_url: visit.url(CERTIFICATE),
        form,
    };
    let status = match page.form.is_invalid() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    visit.page(status, &page)
}
