//! BPE002 払込内容の確認と口座の選択: the bill that was found, and the account to pay it from.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::bill::{Bill, BillDraft};
use crate::domain::flow::FlowStep;
use crate::domain::payment::PaymentObstacle;
use crate::operations::flow_draft;
use crate::operations::pay_easy::foresee;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Step, Tone, steps};
use crate::web::pay_easy::{OPERATION, STEPS, draft_of, enter_able, words};
use crate::web::principal::{FlowParts, PAY_EASY, enter_flow};
use crate::web::screens;
use crate::web::spender::Spender;
use crate::web::token::flow::{self, BareForm};
use crate::web::transfer::choose::{account_field, find_from};
use crate::web::visit::Visit;

/// BPE002. Fields: `from`.
#[derive(askama::Template)]
#[template(path = "pay_easy/bill.html")]
pub struct BillPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// That it is late.
    pub notices: Vec<Notice>,
    /// The bill.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// BPE001, for other numbers.
    pub back_url: String,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BPE002's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct BillForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    from: Option<String>,
}

/// A flow at this step.
struct Entered {
    payer: Spender,
    parts: FlowParts,
    draft: BillDraft,
}

async fn enter(visit: &Visit, flow_id: &str) -> Result<Entered, PageError> {
    let (_, parts) = flow::enter_step(visit, OPERATION, flow_id, FlowStep::Input).await?;
    let payer = enter_able(visit).await?;
    let draft = draft_of(&parts)?;
    Ok(Entered { payer, parts, draft })
}

/// Shows BPE002, with the account that was chosen before.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let entered = enter(&visit, &flow_id).await?;
    let chosen = entered.draft.from.map(|from| from.to_string());
    let form = form(&visit, &entered, chosen.as_deref());
    show_bill(&visit, &entered, form)
}

/// Goes on to BPE003 with the account.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered = enter(&visit, &flow_id).await?;
    let input: BillForm = body.of(&entered.payer.who)?;
    let mut form = form(&visit, &entered, input.from.as_deref());
    let from = find_from(&entered.payer.accounts, input.from.as_deref());
    let Some(from) = from.map(|from| from.id) else {
        form.set_error("from", "出金口座を選んでください。");
        return show_bill(&visit, &entered, form);
    };
    if let Some((obstacle, why)) = why_not(&visit, &entered, from).await? {
        if obstacle == PaymentObstacle::Funds {
            form.set_error("from", why);
        } else {
            form = form.error(why);
        }
        return show_bill(&visit, &entered, form);
    }
    let wanted = BillDraft { from: Some(from), ..entered.draft };
    let step = (FlowStep::Input, FlowStep::Confirm);
    if flow_draft::keep(&visit.app.services, &entered.parts.flow, step, &wanted).await? {
        Ok(see_other(&flow::url(&visit, &entered.parts.flow, "confirm")))
    } else {
        Err(PageError::Conflict { back: visit.url(PAY_EASY) })
    }
}

/// What would keep it from going out, in words, before the customer confirms anything.
async fn why_not(
    visit: &Visit,
    entered: &Entered,
    from: AccountId,
) -> Result<Option<(PaymentObstacle, String)>, PageError> {
    let (ctx, user) = (visit.ctx.clone(), entered.payer.who.user.clone());
    let bill = entered.draft.bill.clone();
    let read = move |conn: &mut _| foresee(conn, &ctx, &user, &bill, from);
    let foreseen = visit.app.services.db.read(read).await?;
    let foreseen = foreseen.ok_or_else(|| PageError::Conflict { back: visit.url(PAY_EASY) })?;
    Ok(foreseen.obstacle.map(|why| (why, words::obstacle(visit, &foreseen, why))))
}

/// Cancels the flow (中止する).
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = enter_flow(&visit, OPERATION, &flow_id).await?;
    let BareForm {} = body.of(&who)?;
    if parts.flow.step != FlowStep::Done {
        cancel_flow(&visit.app.services, &who.ctx, &parts.flow).await?;
    }
    Ok(see_other(&visit.url(PAY_EASY)))
}

fn form(visit: &Visit, entered: &Entered, from: Option<&str>) -> FormView {
    let payer = &entered.payer;
    let field = account_field(&payer.accounts, |account| payer.available(account), from);
    FormView::new(flow::url(visit, &entered.parts.flow, ""), payer.who.csrf_token())
        .fields(vec![field])
}

/// What is to be known about a bill whose due day is over.
pub(super) fn late_notice(bill: &Bill) -> Option<Notice> {
    (bill.late > Yen(0)).then(|| Notice {
        tone: Tone::Warn,
        title: "納期限を過ぎています。".to_owned(),
        text: vec![format!("延滞金 {} を加えてお払い込みいただきます。", bill.late)],
    })
}

fn show_bill(visit: &Visit, entered: &Entered, form: FormView) -> PageResult {
    let who = &entered.payer.who;
    let page = BillPage {
        shell: visit.shell_of(&screens::BPE002, who),
        steps: steps(&STEPS, 1),
        notices: late_notice(&entered.draft.bill).into_iter().collect(),
        rows: words::bill_rows(&entered.draft.bill),
        back_url: visit.url(PAY_EASY),
        cancel: FormView::new(flow::url(visit, &entered.parts.flow, "cancel"), who.csrf_token()),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
