//! BLM002 変更内容の確認: what changes and from when, and the proof that the auth rules ask for.

use actix_web::web::Path;

use crate::domain::auth_rule::CodeProof;
use crate::domain::flow::FlowStep;
use crate::domain::limit::{LimitAct, LimitChange, LimitDraft, LimitStanding, waits_until};
use crate::operations::limit::change::{ChangeLimits, change};
use crate::operations::limit::draft::{self, go_back};
use crate::operations::proof::act::GivenProof;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::primitives::clock::jst_minute_text;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::limit::words::{self, ChangeRow};
use crate::web::limit::{LIMITS, OPERATION, STEPS, standing_of};
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{FlowParts, Who};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm, ProofForm, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::visit::Visit;

/// What BLM002 says where its form showed another moment than a rise would hold from now.
const MOMENT_CHANGED: &str = "引き上げの適用日時が変わったため、まだ受け付けていません。\
     新しい日時を確かめ、よろしければもう一度入力してください。";

/// BLM002. Fields: `otp`, or `confirm`, or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "limit/confirm.html")]
pub struct LimitConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is asked for.
    pub lead: &'static str,
    /// What changes; what would have changed where a rise is cancelled.
    pub rows: Vec<ChangeRow>,
    /// What else the customer should know.
    pub notes: Vec<String>,
    /// The form.
    pub form: FormView,
    /// The button that does it.
    pub button: &'static str,
    /// Back to BLM001.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// What the page shows of the draft.
struct Shown {
    draft: LimitDraft,
    changes: Vec<LimitChange>,
    is_rise_cancelled: bool,
}

impl Shown {
    /// Whether midnight, or another profile, has moved the moment since the draft was kept.
    fn is_moved(&self) -> bool {
        waits_until(&self.changes) != self.draft.rise_at
    }
}

/// # Errors
/// 409 where the limits have changed since the customer asked.
async fn load(visit: &Visit, who: &Who, parts: &FlowParts) -> Result<Shown, PageError> {
    let draft = draft::read(&parts.flow)?;
    let standing = standing_of(visit, who).await?;
    let changes = changes(visit, &standing, &draft).filter(|_| draft.seen == standing.effective);
    let changes = changes.ok_or_else(|| PageError::Conflict { back: visit.url(LIMITS) })?;
    let waits = waits_until(&changes).is_some();
    let is_rise_cancelled = draft.act == LimitAct::Change && !waits && standing.pending.is_some();
    Ok(Shown { draft, changes, is_rise_cancelled })
}

fn changes(
    visit: &Visit,
    standing: &LimitStanding,
    draft: &LimitDraft,
) -> Option<Vec<LimitChange>> {
    match draft.act {
        LimitAct::Change => {
            let plan = standing.plan(&visit.profile.limits, &draft.requested, visit.ctx.now)?;
            Some(plan.changes)
        }
        LimitAct::CancelRise => standing.pending.as_ref().map(|_| standing.pending_changes()),
    }
}

/// Keeps the moment that the page shows from now on: its form confirms no other one.
///
/// # Errors
/// 409 where the flow went on meanwhile.
async fn keep_moment(
    visit: &Visit,
    parts: FlowParts,
    shown: &mut Shown,
) -> Result<FlowParts, PageError> {
    if !shown.is_moved() {
        return Ok(parts);
    }
    shown.draft.rise_at = waits_until(&shown.changes);
    let kept = draft::replace(&visit.app.services, &parts.flow, &shown.draft).await?;
    let flow = kept.ok_or_else(|| PageError::Conflict { back: visit.url(LIMITS) })?;
    Ok(FlowParts { flow, ..parts })
}

/// Shows BLM002.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let mut shown = load(&visit, &who, &parts).await?;
    let parts = keep_moment(&visit, parts, &mut shown).await?;
    let form = form(&visit, &who, &parts, &shown, flow::request_key()?);
    show_confirm(&visit, &who, &parts, shown, form)
}

/// Changes the limits, or cancels the rise.
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
    let shown = match load(&visit, &who, &parts).await {
        Ok(shown) => shown,
        // It may be the first of two clicks that has changed them.
        Err(why) => return flow::refuse_unless_done(&visit, OPERATION, &key, Err(why)).await,
    };
    let is_changed = input.draft != flow::draft_digest(&visit, &parts.flow);
    if shown.is_moved() {
        let why = if is_changed { flow::DRAFT_CHANGED } else { MOMENT_CHANGED };
        let again = show_moved(&visit, &who, parts, shown, why).await;
        return flow::refuse_unless_done(&visit, OPERATION, &key, again).await;
    }
    if is_changed {
        let form = form(&visit, &who, &parts, &shown, flow::request_key()?);
        return show_confirm(&visit, &who, &parts, shown, form.error(flow::DRAFT_CHANGED));
    }
    let mut form = form(&visit, &who, &parts, &shown, key.key.clone());
    let code = flow::otp_code(&visit, &who, &parts, input.otp, &mut form)?;
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(&visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_confirm(&visit, &who, &parts, shown, form);
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = ChangeLimits {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        proof: GivenProof { code, confirmation },
        key,
        result_url: result_url.clone(),
    };
    let outcome = change(&visit.app.services, &who.ctx, input).await?;
    if is_suspended(&outcome) {
        return Ok(see_other(&visit.url("login/suspended")));
    }
    match flow::after_step(&visit, &parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_confirm(&visit, &who, &parts, shown, form),
    }
}

/// Shows BLM002 with the moment as it is now.
async fn show_moved(
    visit: &Visit,
    who: &Who,
    parts: FlowParts,
    mut shown: Shown,
    why: &'static str,
) -> PageResult {
    let parts = keep_moment(visit, parts, &mut shown).await?;
    let form = form(visit, who, &parts, &shown, flow::request_key()?);
    show_confirm(visit, who, &parts, shown, form.error(why))
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, shown: &Shown, key: String) -> FormView {
    let profile = &visit.profile;
    let mut all = Vec::new();
    if who.proof.code == Some(CodeProof::Otp) {
        let purpose = match shown.draft.act {
            LimitAct::Change => words::purpose(&shown.changes),
            LimitAct::CancelRise => "このコードで限度額の引き上げを取り消します。".to_owned(),
        };
        all.push(fields::code(profile, "otp", &profile.words.otp, &purpose));
    }
    let role = who.user.role;
    all.extend(fields::confirmation_of(profile, role, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token())
        .fields(all)
        .request_key(key)
        .draft(flow::draft_digest(visit, &parts.flow))
}

fn show_confirm(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: Shown,
    form: FormView,
) -> PageResult {
    let to = |step: &str| FormView::new(flow::url(visit, &parts.flow, step), who.csrf_token());
    let (lead, button) = match shown.draft.act {
        LimitAct::Change => (
            "次の内容で限度額を変更します。よろしければ入力のうえ、「変更する」を押してください。",
            "変更する",
        ),
        LimitAct::CancelRise => (
            "次の引き上げのお申し込みを取り消します。よろしければ入力のうえ、「取り消す」を押してください。",
            "取り消す",
        ),
    };
    let page = LimitConfirmPage {
        shell: visit.shell_of(&screens::BLM002, who),
        steps: steps(&STEPS, 1),
        lead,
        button,
        rows: words::change_rows(&shown.changes),
        notes: notes(&shown),
        back: to("back"),
        cancel: to("cancel"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn notes(shown: &Shown) -> Vec<String> {
    let mut notes = Vec::new();
    let from = waits_until(&shown.changes);
    if shown.is_rise_cancelled {
        notes.push("変更待ちの引き上げは、この変更と同時に取り消されます。".to_owned());
    }
    match (shown.draft.act, from) {
        (LimitAct::Change, Some(at)) => notes.push(format!(
            "引き上げは {} から適用されます。それまでは、今の限度額のままです。",
            jst_minute_text(at)
        )),
        (LimitAct::Change, None) => {}
        (LimitAct::CancelRise, _) => {
            notes.push("取り消すと、今の限度額のままになります。".to_owned());
        }
    }
    notes
}

/// Back to BLM001, with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    let services = &visit.app.services;
    // A cancel has nothing to type again.
    if draft::read(&parts.flow)?.act == LimitAct::CancelRise {
        cancel_flow(services, &who.ctx, &parts.flow).await?;
        return Ok(see_other(&visit.url(LIMITS)));
    }
    if go_back(services, &parts.flow).await? {
        Ok(see_other(&flow::url(&visit, &parts.flow, "")))
    } else {
        Err(PageError::Conflict { back: visit.url(LIMITS) })
    }
}
