//! BTR003 金額・振込日の入力: how much, on which day, in whose name.

use actix_web::web::Path;
use chrono::NaiveDate;
use serde::Deserialize;
use validator::Validate;

use crate::db::DbError;
use crate::domain::auth_rule::Operation;
use crate::domain::flow::FlowStep;
use crate::domain::ledger::Account;
use crate::domain::payment::{PaymentKind, PaymentObstacle};
use crate::domain::right::UserRight;
use crate::domain::transfer::{AMOUNT_MAX, DayRules, TransferDraft, TransferOrder};
use crate::operations::flow_draft;
use crate::operations::right;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::operations::transfer::{find_from, foresee};
use crate::primitives::party_name::{NameProblem, convert};
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::limit::input::amount;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::payee::words::name_problem;
use crate::web::principal::{FlowParts, Who, enter_flow};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm};
use crate::web::transfer::{OPERATION, STEPS, TRANSFERS, days, draft_of, obstacle, words};
use crate::web::visit::Visit;

/// Longest typed amount, with commas.
const AMOUNT_LENGTH_MAX: usize = 20;
/// Longest name in a file of the banks (zengin, 依頼人名).
pub(super) const SENDER_LENGTH_MAX: usize = 40;

/// BTR003. Fields: `amount`, `on`, `sender`.
#[derive(askama::Template)]
#[template(path = "transfer/input.html")]
pub struct TransferInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The heading above them.
    pub rows_title: &'static str,
    /// From where to whom.
    pub rows: Vec<Row>,
    /// BTR001, to choose again.
    pub back_url: String,
    /// What else the customer should know.
    pub notes: Vec<String>,
    /// The form.
    pub form: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BTR003's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct InputForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    amount: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    on: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    sender: Option<String>,
}

/// A flow at this step.
struct Entered {
    who: Who,
    parts: FlowParts,
    draft: TransferDraft,
    from: Account,
    is_balance_seen: bool,
}

async fn enter(visit: &Visit, flow_id: &str) -> Result<Entered, PageError> {
    let (who, parts) = flow::enter_step(visit, OPERATION, flow_id, FlowStep::Input).await?;
    if obstacle(visit, &who.user, Operation::Transfer).is_some() {
        return Err(PageError::SeeOther(visit.url(TRANSFERS)));
    }
    let draft = draft_of(&parts)?;
    let (ctx, user, id) = (visit.ctx.clone(), who.user.clone(), draft.from);
    let from = visit
        .app
        .services
        .db
        .read(move |conn| {
            let rights = right::of_user(conn, &ctx, &user)?;
            let from = find_from(conn, &user, &rights, id)?;
            Ok::<_, DbError>(from.map(|from| (rights.allows_on(UserRight::Balance, id), from)))
        })
        .await?;
    let (is_balance_seen, from) =
        from.ok_or_else(|| PageError::Conflict { back: visit.url(TRANSFERS) })?;
    Ok(Entered { who, parts, draft, from, is_balance_seen })
}

/// Shows BTR003, with what was typed before.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let entered = enter(&visit, &flow_id).await?;
    let days = days(&visit, &entered.draft);
    let order = entered.draft.order.as_ref();
    let amount = order.map_or_else(String::new, |order| {
        order.amount.to_string().trim_end_matches('円').to_owned()
    });
    let on = order.map_or(days.first, |order| order.execute_on);
    let sender = match order {
        // As on BTR021, what was typed comes back, not what was made of it.
        Some(order) if !order.typed_sender.is_empty() => &order.typed_sender,
        Some(order) => &order.sender_kana,
        None => &entered.from.holder_kana,
    };
    let form = form(&visit, &entered, &days, (&amount, Some(on), sender));
    show_input(&visit, &entered, &days, form)
}

/// Goes on to BTR004 with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered = enter(&visit, &flow_id).await?;
    let input: InputForm = body.of(&entered.who)?;
    let days = days(&visit, &entered.draft);
    let on = input.on.parse::<NaiveDate>().ok();
    let typed_sender = input.sender.unwrap_or_else(|| entered.from.holder_kana.clone());
    let mut form = form(&visit, &entered, &days, (&input.amount, on, &typed_sender));
    let order = check(&visit, &entered, &days, &mut form, (&input.amount, on, &typed_sender));
    let Some(order) = order else { return show_input(&visit, &entered, &days, form) };
    if let Some((obstacle, why)) = why_not(&visit, &entered, &order).await? {
        if is_about_the_amount(obstacle) {
            form.set_error("amount", why);
        } else {
            form = form.error(why);
        }
        return show_input(&visit, &entered, &days, form);
    }
    let wanted = TransferDraft { order: Some(order), ..entered.draft };
    let step = (FlowStep::Input, FlowStep::Confirm);
    if flow_draft::keep(&visit.app.services, &entered.parts.flow, step, &wanted).await? {
        Ok(see_other(&flow::url(&visit, &entered.parts.flow, "confirm")))
    } else {
        Err(PageError::Conflict { back: visit.url(TRANSFERS) })
    }
}

/// What would keep it from going out, in words, before the customer confirms anything.
async fn why_not(
    visit: &Visit,
    entered: &Entered,
    order: &TransferOrder,
) -> Result<Option<(PaymentObstacle, String)>, PageError> {
    let (ctx, user) = (visit.ctx.clone(), entered.who.user.clone());
    let (draft, order) = (entered.draft.clone(), order.clone());
    let read = move |conn: &mut _| foresee(conn, &ctx, &user, &draft, &order);
    let foreseen = visit.app.services.db.read(read).await?;
    let foreseen = foreseen.ok_or_else(|| PageError::Conflict { back: visit.url(TRANSFERS) })?;
    Ok(foreseen.obstacle.map(|obstacle| {
        let words = super::confirm::obstacle_words(visit, &foreseen, obstacle);
        (obstacle, words)
    }))
}

fn is_about_the_amount(obstacle: PaymentObstacle) -> bool {
    use PaymentObstacle as O;
    matches!(
        obstacle,
        O::Funds
            | O::PerTransaction
            | O::Daily
            | O::DailyTotal
            | O::NoToken
            | O::UserDaily
            | O::HoldDaily
    )
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
    Ok(see_other(&visit.url(TRANSFERS)))
}

fn check(
    visit: &Visit,
    entered: &Entered,
    days: &DayRules,
    form: &mut FormView,
    (typed_amount, on, typed_sender): (&str, Option<NaiveDate>, &str),
) -> Option<TransferOrder> {
    let read = amount(typed_amount).filter(|amount| (Yen(1)..=AMOUNT_MAX).contains(amount));
    if read.is_none() {
        let words = if typed_amount.trim().is_empty() {
            "金額を入力してください。".to_owned()
        } else {
            format!("金額は、1円から{AMOUNT_MAX}までの数字で入力してください。")
        };
        form.set_error("amount", words);
    }
    let on = on.filter(|on| days.check(*on).is_ok());
    if on.is_none() {
        form.set_error("on", "この日は選べません。一覧から選び直してください。");
    }
    let sender = match convert(typed_sender, SENDER_LENGTH_MAX) {
        Ok(converted) => Some(converted.name),
        Err(problem) => {
            set_sender_problem(form, &problem);
            None
        }
    };
    let (amount, execute_on, sender_kana) = (read?, on?, sender?);
    let fee = entered.draft.fee(&visit.profile, &entered.from, amount, execute_on);
    let (fee_yen, tax_yen) = (fee.net_yen, fee.tax_yen);
    let is_at_once = days.is_at_once(execute_on);
    Some(TransferOrder {
        amount,
        execute_on,
        sender_kana,
        typed_sender: typed_sender.trim().to_owned(),
        fee_yen,
        tax_yen,
        is_at_once,
    })
}

/// The same rules as for payees, for another name and another length.
fn set_sender_problem(form: &mut FormView, problem: &NameProblem) {
    let (words, offer) = match problem {
        NameProblem::TooLong { length, offer } => (
            format!(
                "振込依頼人名は{SENDER_LENGTH_MAX}文字までです（濁点・半濁点も1文字と数え、今は{length}文字です）。\
                 欄には、はじめの部分を残しました。よろしければ、そのまま「次へ」を押してください。"
            ),
            Some(offer.clone()),
        ),
        other => {
            let (words, offer) = name_problem(other);
            (words.replace("受取人名", "振込依頼人名"), offer)
        }
    };
    form.set_error("sender", words);
    for field in form.fields.iter_mut().filter(|field| field.name == "sender") {
        if let Some(offer) = &offer {
            *field = field.clone().value(offer);
        }
    }
}

fn form(
    visit: &Visit,
    entered: &Entered,
    days: &DayRules,
    (amount, on, sender): (&str, Option<NaiveDate>, &str),
) -> FormView {
    let is_own = entered.draft.kind() == PaymentKind::OwnTransfer;
    let mut fields = vec![
        FieldView::text("amount", "金額（円）")
            .inputmode("numeric")
            .maxlength(AMOUNT_LENGTH_MAX)
            .value(amount),
        FieldView::select(
            "on",
            if is_own { "振替日" } else { "振込日" },
            day_choices(days, on.unwrap_or(days.first)),
        ),
    ];
    if !is_own {
        let sender_field = FieldView::text("sender", "振込依頼人名（カナ）")
            .hint("お受取人に表示されるお名前です。番号などを前に付けられます。")
            .maxlength(SENDER_LENGTH_MAX * 2);
        fields.push(sender_field.value(sender));
    }
    FormView::new(flow::url(visit, &entered.parts.flow, ""), entered.who.csrf_token())
        .fields(fields)
}

/// The days on which it can go out.
fn day_choices(days: &DayRules, chosen: NaiveDate) -> Vec<Choice> {
    let all = days.today.iter_days().take_while(|day| *day <= days.last);
    all.filter(|day| days.check(*day).is_ok())
        .map(|day| {
            let text = words::day_text(day);
            let label = if days.is_at_once(day) {
                format!("本日　{text}")
            } else {
                format!("{text}　予約")
            };
            Choice {
                value: day.to_string(),
                label,
                hint: None,
                image: None,
                is_chosen: day == chosen,
            }
        })
        .collect()
}

fn show_input(visit: &Visit, entered: &Entered, days: &DayRules, form: FormView) -> PageResult {
    let is_own = entered.draft.kind() == PaymentKind::OwnTransfer;
    let mut rows = vec![Row::new("出金口座", words::account_text(&entered.from))];
    if entered.is_balance_seen {
        rows.push(Row::new("お引き出し可能額", entered.from.available().to_string()));
    }
    rows.extend(words::draft_rows(&entered.draft));
    let page = TransferInputPage {
        shell: {
            let mut shell = visit.shell_of(&screens::BTR003, &entered.who);
            if is_own {
                shell.title = "金額・振替日の入力".into();
            }
            shell
        },
        rows_title: if is_own { "出金口座と入金口座" } else { "振込先" },
        steps: steps(&STEPS, 1),
        rows,
        back_url: visit.url(TRANSFERS),
        notes: notes(visit, days),
        cancel: FormView::new(
            flow::url(visit, &entered.parts.flow, "cancel"),
            entered.who.csrf_token(),
        ),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn notes(visit: &Visit, days: &DayRules) -> Vec<String> {
    if !days.is_between_banks {
        return Vec::new();
    }
    let cut_off = visit.profile.transfers.cut_off;
    if days.first == days.today {
        return vec![format!("ほかの金融機関への本日の振込は、{cut_off}までに確定してください。")];
    }
    vec![format!(
        "ほかの金融機関への振込は、銀行営業日の{cut_off}までの受付分が当日扱いです。ただいまの受付は {} からの扱いになります。",
        words::day_text(days.first)
    )]
}
