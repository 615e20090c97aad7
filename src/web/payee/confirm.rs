//! BTR021 and BTR022, the check: the account, what is sent of a typed name, and the proof that the
//! auth rules ask for.

use actix_web::web::Path;

use crate::domain::auth_rule::CodeProof;
use crate::domain::flow::FlowStep;
use crate::domain::payee::{PayeeAct, PayeeDraft, PayeeState};
use crate::operations::payee::change::{ChangePayee, change};
use crate::operations::payee::draft::{self, go_back};
use crate::operations::proof::act::GivenProof;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::payee::{OPERATION, input, words};
use crate::web::principal::{FlowParts, PAYEES, Who, enter_flow};
use crate::web::screens::{self, Screen};
use crate::web::token::flow::{self, BareForm, ProofForm, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::visit::Visit;

/// The steps of a deletion.
const DELETE_STEPS: [&str; 2] = ["内容の|確認", "完了"];

/// The screen of an act.
pub fn screen(act: PayeeAct) -> &'static Screen {
    match act {
        PayeeAct::Register | PayeeAct::Change => &screens::BTR021,
        PayeeAct::Delete => &screens::BTR022,
    }
}

/// The steps of an act; the check is the last but one.
pub fn step_labels(act: PayeeAct) -> &'static [&'static str] {
    match act {
        PayeeAct::Register | PayeeAct::Change => &input::STEPS,
        PayeeAct::Delete => &DELETE_STEPS,
    }
}

/// The check. Fields: `otp`, or `confirm`, or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "payee/confirm.html")]
pub struct PayeeConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is asked for.
    pub lead: String,
    /// The account.
    pub rows: Vec<Row>,
    /// What else the customer should know.
    pub notes: Vec<String>,
    /// The form.
    pub form: FormView,
    /// The button that does it.
    pub button: String,
    /// Whether it takes something away.
    pub is_danger: bool,
    /// Back to the input, or to the list.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// Shows the check.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let draft = draft::read(&parts.flow)?;
    let form = form(&visit, &who, &parts, &draft, flow::request_key()?);
    show_confirm(&visit, &who, &parts, &draft, form)
}

/// Registers, changes or deletes the payee.
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
    let draft = draft::read(&parts.flow)?;
    if input.draft != flow::draft_digest(&visit, &parts.flow) {
        let form = form(&visit, &who, &parts, &draft, flow::request_key()?);
        return show_confirm(&visit, &who, &parts, &draft, form.error(flow::DRAFT_CHANGED));
    }
    let mut form = form(&visit, &who, &parts, &draft, key.key.clone());
    let code = flow::otp_code(&visit, &who, &parts, input.otp, &mut form)?;
    let pictures = [input.picture_1, input.picture_2, input.picture_3];
    let confirmation = flow::confirmation(&visit, &who, &mut form, input.confirm, pictures);
    let (Some(confirmation), false) = (confirmation, form.is_invalid()) else {
        return show_confirm(&visit, &who, &parts, &draft, form);
    };
    let result_url = flow::url(&visit, &parts.flow, "result");
    let input = ChangePayee {
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
        StepPage::Again(form) => show_confirm(&visit, &who, &parts, &draft, form),
    }
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, draft: &PayeeDraft, key: String) -> FormView {
    let profile = &visit.profile;
    let mut all = Vec::new();
    if who.proof.code == Some(CodeProof::Otp) {
        all.push(fields::code(profile, "otp", &profile.words.otp, &purpose(draft)));
    }
    all.extend(fields::confirmation(profile, who.proof.confirm, parts.card.as_ref()));
    FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token())
        .fields(all)
        .request_key(key)
        .draft(flow::draft_digest(visit, &parts.flow))
}

/// What a code does, as `このコードで、振込先（〇〇 本店 普通 1234567）を登録します。`
fn purpose(draft: &PayeeDraft) -> String {
    let to = &draft.destination;
    format!(
        "このコードで、振込先（{} {} {} {}）を{}します。",
        to.bank_name,
        to.branch_name,
        to.account_type.label(),
        to.number,
        draft.act.label()
    )
}

fn show_confirm(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    draft: &PayeeDraft,
    form: FormView,
) -> PageResult {
    let to = |step: &str| FormView::new(flow::url(visit, &parts.flow, step), who.csrf_token());
    let button = format!("{}する", draft.act.label());
    let mut shell = visit.shell_of(screen(draft.act), who);
    shell.title = format!("振込先の{}の確認", draft.act.label()).into();
    let labels = step_labels(draft.act);
    let page = PayeeConfirmPage {
        shell,
        steps: steps(labels, labels.len().saturating_sub(2)),
        lead: format!(
            "次の振込先を{}します。よろしければ入力のうえ、「{button}」を押してください。",
            draft.act.label()
        ),
        rows: rows(draft),
        notes: notes(visit, draft),
        button,
        is_danger: draft.act == PayeeAct::Delete,
        back: to("back"),
        cancel: to("cancel"),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn rows(draft: &PayeeDraft) -> Vec<Row> {
    let mut rows = words::rows(&draft.destination, &draft.nickname);
    for row in rows.iter_mut().filter(|row| row.label == "受取人名") {
        row.label = match (draft.act, draft.is_found) {
            (PayeeAct::Delete, _) => "受取人名",
            (_, true) => "受取人名（照会した名義）",
            (_, false) => "受取人名（送信される名義）",
        }
        .to_owned();
    }
    let is_other =
        !draft.typed_holder.is_empty() && draft.typed_holder != draft.destination.holder_kana;
    if is_other {
        rows.insert(3, Row::new("入力された名義", draft.typed_holder.clone()));
    }
    rows
}

fn notes(visit: &Visit, draft: &PayeeDraft) -> Vec<String> {
    let mut notes = Vec::new();
    if draft.act == PayeeAct::Delete {
        notes.push("削除しても、お申し込み済みのお振込やご予約には影響しません。".to_owned());
        return notes;
    }
    if draft.is_found {
        if !draft.typed_holder.is_empty() && draft.typed_holder != draft.destination.holder_kana {
            notes.push("入力された名義ではなく、照会した名義で登録します。".to_owned());
        }
    } else {
        let converted = convert(&draft.typed_holder, PAYEE_NAME_MAX).ok();
        notes.extend(converted.and_then(|converted| words::changes(converted.changes)));
        notes.push(
            "名義は照会していません。口座の名義と同じか、もう一度お確かめください。".to_owned(),
        );
    }
    if PayeeState::first(&visit.profile) == PayeeState::Waiting {
        notes.push(words::WAITING.to_owned());
    }
    notes
}

/// Back to the input with what was typed, or from a deletion to the list.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    let services = &visit.app.services;
    let draft = draft::read(&parts.flow)?;
    // A deletion has nothing to type again.
    if draft.act == PayeeAct::Delete {
        cancel_flow(services, &who.ctx, &parts.flow).await?;
        let payee = draft.payee.map_or_else(String::new, |(id, _)| format!("/{id}"));
        return Ok(see_other(&visit.url(&format!("{PAYEES}{payee}"))));
    }
    if go_back(services, &parts.flow).await? {
        Ok(see_other(&flow::url(&visit, &parts.flow, "")))
    } else {
        Err(PageError::Conflict { back: visit.url(PAYEES) })
    }
}

/// Cancels the flow (申込を中止する).
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = enter_flow(&visit, OPERATION, &flow_id).await?;
    let BareForm {} = body.of(&who)?;
    if parts.flow.step != FlowStep::Done {
        cancel_flow(&visit.app.services, &who.ctx, &parts.flow).await?;
    }
    Ok(see_other(&visit.url(PAYEES)))
}
