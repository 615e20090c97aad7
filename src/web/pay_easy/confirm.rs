//! BPE003 払込内容の確認: everything that will happen, and the proof that the auth rules ask for.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::auth_rule::{CodeProof, Operation};
use crate::domain::bill::{BillDraft, BillRefusal};
use crate::domain::flow::FlowStep;
use crate::operations::pay_easy::pay::{PayBill, PayOutcome, pay};
use crate::operations::pay_easy::{Foreseen, foresee};
use crate::operations::proof::act::GivenProof;
use crate::primitives::clock::jst_day;
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Step, Tone, steps};
use crate::web::pay_easy::bill::late_notice;
use crate::web::pay_easy::{HISTORY, OPERATION, STEPS, draft_of, words};
use crate::web::principal::{FlowParts, PAY_EASY, Who};
use crate::web::screens;
use crate::web::token::flow::{self, ProofForm, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::transfer::obstacle;
use crate::web::transfer::words::{account_text, day_text};
use crate::web::visit::Visit;

/// BPE003. Fields: `otp`, or `confirm`, or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "pay_easy/confirm.html")]
pub struct BillConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// That it is late, that it is paid already, why it cannot be paid.
    pub notices: Vec<Notice>,
    /// The bill.
    pub bill: Vec<Row>,
    /// Account, total, balance, limit.
    pub rows: Vec<Row>,
    /// When it happens, in a sentence.
    pub when: String,
    /// That there is no paper.
    pub no_receipt: &'static str,
    /// BPE005.
    pub history_url: String,
    /// Whether it can be confirmed; the page says why not.
    pub is_possible: bool,
    /// The form.
    pub form: FormView,
    /// Back to BPE002.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// What the page shows.
struct Shown {
    draft: BillDraft,
    foreseen: Foreseen,
    /// What the biller said.
    refusal: Option<BillRefusal>,
}

impl Shown {
    fn is_possible(&self) -> bool {
        self.foreseen.obstacle.is_none() && self.refusal.is_none()
    }
}

/// # Errors
/// 409 where the account is not the user's any more.
async fn load(visit: &Visit, who: &Who, parts: &FlowParts) -> Result<Shown, PageError> {
    let draft = draft_of(parts)?;
    let stale = || PageError::Conflict { back: visit.url(PAY_EASY) };
    let from = draft.from.ok_or_else(stale)?;
    let (ctx, user, bill) = (visit.ctx.clone(), who.user.clone(), draft.bill.clone());
    let read = move |conn: &mut _| foresee(conn, &ctx, &user, &bill, from);
    let foreseen = visit.app.services.db.read(read).await?.ok_or_else(stale)?;
    Ok(Shown { draft, foreseen, refusal: None })
}

/// Shows BPE003.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let shown = load(&visit, &who, &parts).await?;
    let form = form(&visit, &who, &parts, &shown, flow::request_key()?);
    show_confirm(&visit, &who, &parts, &shown, form)
}

/// Pays the bill.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<ProofForm>(&visit, OPERATION, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let mut shown = match load(&visit, &who, &parts).await {
        Ok(shown) => shown,
        Err(why) => return flow::refuse_unless_done(&visit, OPERATION, &key, Err(why)).await,
    };
    if input.draft != flow::draft_digest(&visit, &parts.flow) {
        let form = form(&visit, &who, &parts, &shown, flow::request_key()?);
        return show_confirm(&visit, &who, &parts, &shown, form.error(flow::DRAFT_CHANGED));
    }
    let mut form = form(&visit, &who, &parts, &shown, key.key.clone());
    if !shown.is_possible() {
        // Nothing is spent on what cannot be done: the page says why.
        let why = show_confirm(&visit, &who, &parts, &shown, form);
        return flow::refuse_unless_done(&visit, OPERATION, &key, why).await;
    }
    let code = flow::otp_code(&visit, &who, &parts, input.otp, &mut form)?;
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(&visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_confirm(&visit, &who, &parts, &shown, form);
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = PayBill {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        proof: GivenProof { code, confirmation },
        key,
        result_url: result_url.clone(),
    };
    let outcome = match pay(&visit.app.services, &who.ctx, input).await? {
        PayOutcome::Step(outcome) => outcome,
        PayOutcome::Obstacle(obstacle) => {
            let form = form.error(words::obstacle(&visit, &shown.foreseen, obstacle));
            return show_confirm(&visit, &who, &parts, &shown, form);
        }
        PayOutcome::Bill(refusal) => {
            let is_over = !matches!(refusal, BillRefusal::Unavailable | BillRefusal::Closed);
            shown.refusal = is_over.then_some(refusal);
            let form = match is_over {
                true => self::form(&visit, &who, &parts, &shown, String::new()),
                false => form.error(words::refusal(refusal)),
            };
            return show_confirm(&visit, &who, &parts, &shown, form);
        }
    };
    if is_suspended(&outcome) {
        return Ok(see_other(&visit.url("login/suspended")));
    }
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_confirm(&visit, &who, &parts, &shown, form),
    }
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, shown: &Shown, key: String) -> FormView {
    let profile = &visit.profile;
    let empty = FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token());
    if !shown.is_possible() {
        return empty;
    }
    let mut all = Vec::new();
    if who.proof.code == Some(CodeProof::Otp) {
        let total = shown.draft.bill.total();
        let purpose = format!("このコードで {total} の払込みを確定します。");
        all.push(fields::code(profile, "otp", &profile.words.otp, &purpose));
    }
    let role = who.user.role;
    all.extend(fields::confirmation_of(profile, role, who.proof.confirm, parts.card.as_ref()));
    empty.fields(all).request_key(key).draft(flow::draft_digest(visit, &parts.flow))
}

fn show_confirm(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: &Shown,
    form: FormView,
) -> PageResult {
    let to = |step: &str| FormView::new(flow::url(visit, &parts.flow, step), who.csrf_token());
    let page = BillConfirmPage {
        shell: visit.shell_of(&screens::BPE003, who),
        steps: steps(&STEPS, 2),
        notices: notices(visit, who, shown),
        bill: words::bill_rows(&shown.draft.bill),
        rows: rows(shown),
        when: format!(
            "本日 {}、確定するとすぐに払い込みます。あとから取り消すことはできません。",
            day_text(jst_day(visit.ctx.now))
        ),
        no_receipt: words::NO_RECEIPT,
        history_url: visit.url(HISTORY),
        is_possible: shown.is_possible(),
        back: to("back"),
        cancel: to("cancel"),
        form,
    };
    let status = match (shown.refusal.is_some(), page.form.is_invalid()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    };
    visit.page(status, &page)
}

fn rows(shown: &Shown) -> Vec<Row> {
    let Shown { draft, foreseen, .. } = shown;
    let total = draft.bill.total();
    let mut rows = vec![
        Row::new("出金口座", account_text(&foreseen.from)),
        Row::new("手数料", "無料"),
        Row::new("引落合計", total.to_string()),
    ];
    if foreseen.is_balance_seen {
        rows.push(Row::new("払込後の残高", foreseen.balance_after.to_string()));
    }
    if let Some(left) = foreseen.left {
        let after = Yen(left.0.saturating_sub(total.0));
        rows.push(Row::new("本日の限度額の残り", left.to_string()));
        rows.push(Row::new("このお取引のあとの残り", after.to_string()));
    }
    rows
}

fn notices(visit: &Visit, who: &Who, shown: &Shown) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(obstacle(visit, &who.user, Operation::PayEasy));
    let error = |text: String| Notice {
        tone: Tone::Error,
        title: "このままでは払込みできません。".to_owned(),
        text: vec![text],
    };
    notices.extend(shown.refusal.map(|why| error(words::refusal(why).to_owned())));
    notices.extend(late_notice(&shown.draft.bill).filter(|_| shown.refusal.is_none()));
    let why = shown.foreseen.obstacle.filter(|_| shown.refusal.is_none());
    notices.extend(why.map(|why| error(words::obstacle(visit, &shown.foreseen, why))));
    notices
}

/// Back to BPE002.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    flow::back_to_input(&visit, OPERATION, &flow_id, (body, PAY_EASY)).await
}
