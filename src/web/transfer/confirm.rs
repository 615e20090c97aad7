//! BTR004 内容の確認: everything that will happen, and the proof that the auth rules ask for.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use chrono::TimeDelta;
use serde::Deserialize;
use validator::Validate;

use crate::domain::auth_rule::{CodeProof, Operation};
use crate::domain::flow::FlowStep;
use crate::domain::payment::{PaymentKind, PaymentObstacle};
use crate::domain::portal::Fee;
use crate::domain::transfer::{ALIKE_MINUTES, DayRules, TransferDraft, TransferOrder};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::act::GivenProof;
use crate::operations::transfer::make::{MakeTransfer, TransferOutcome, make};
use crate::operations::transfer::{Foreseen, foresee};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, SIGNED};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Step, Tone, steps};
use crate::web::principal::{FlowParts, Who};
use crate::web::screens;
use crate::web::token::flow::{self, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::transfer::sign::{self, SignView};
use crate::web::transfer::{
    OPERATION, STEPS, TRANSFERS, days, draft_of, no_token_words, obstacle, words,
};
use crate::web::visit::Visit;

/// The value of 「はい」 where a transfer like one of the last minutes is meant.
const YES: &str = "yes";

/// BTR004. Fields: `repeat`, then `otp`, or `signed`, or `confirm`, or `picture_1` to `picture_3`.
#[derive(askama::Template)]
#[template(path = "transfer/confirm.html")]
pub struct TransferConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// A new payee, a hold, a transfer like it.
    pub notices: Vec<Notice>,
    /// The heading above them.
    pub payee_title: &'static str,
    /// From which account to whom.
    pub payee: Vec<Row>,
    /// Whether it can be confirmed; the page says why not.
    pub is_possible: bool,
    /// Amount, fee, total, balance.
    pub rows: Vec<Row>,
    /// When it happens, in a sentence.
    pub when: String,
    /// Until when it is today's, with the seconds left.
    pub cut_off: Option<CutOff>,
    /// What the token app is to sign, where the rules ask for that.
    pub sign: Option<SignView>,
    /// The form.
    pub form: FormView,
    /// The button that does it.
    pub button: &'static str,
    /// Back to BTR003.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// The end of today's business between banks.
#[derive(Clone, Debug)]
pub struct CutOff {
    /// As `15:00`.
    pub time_text: String,
    /// As `32分`.
    pub left_text: String,
    /// The same in seconds, for the script that counts down.
    pub left_seconds: i64,
}

/// BTR004's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    repeat: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    signed: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_3: Option<String>,
}

impl ConfirmForm {
    fn is_repeat_meant(&self) -> bool {
        self.repeat.as_deref() == Some(YES)
    }
}

/// What the page shows of the draft.
struct Shown {
    draft: TransferDraft,
    order: TransferOrder,
    foreseen: Foreseen,
    days: DayRules,
}

impl Shown {
    /// Whether the day, and that it is today or not, still hold as they were shown.
    fn is_day_held(&self) -> bool {
        let (days, on) = (&self.days, self.order.execute_on);
        days.check(on).is_ok() && days.is_at_once(on) == self.order.is_at_once
    }

    fn is_possible(&self) -> bool {
        self.is_day_held() && self.foreseen.obstacle.is_none()
    }

    /// What the token is to sign, where the rules ask for it.
    fn body(&self, visit: &Visit, who: &Who, parts: &FlowParts) -> Option<String> {
        sign::body(visit, who, parts, (&self.foreseen.from, &self.draft, &self.order))
    }
}

/// # Errors
/// 409 where the account is not the user's any more.
async fn load(visit: &Visit, who: &Who, parts: &FlowParts) -> Result<Shown, PageError> {
    let draft = draft_of(parts)?;
    let stale = || PageError::Conflict { back: visit.url(TRANSFERS) };
    let order = draft.order.clone().ok_or_else(stale)?;
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let (read_draft, read_order) = (draft.clone(), order.clone());
    let read = move |conn: &mut _| foresee(conn, &ctx, &user, &read_draft, &read_order);
    let foreseen = visit.app.services.db.read(read).await?.ok_or_else(stale)?;
    let days = days(visit, &draft);
    Ok(Shown { draft, order, foreseen, days })
}

/// Shows BTR004.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Confirm).await?;
    let shown = load(&visit, &who, &parts).await?;
    let form = form(&visit, &who, &parts, &shown, flow::request_key()?);
    show_confirm(&visit, &who, &parts, &shown, form).await
}

/// Makes the transfer, or reserves it.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<ConfirmForm>(&visit, OPERATION, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    let shown = load(&visit, &who, &parts).await?;
    if input.draft != flow::draft_digest(&visit, &parts.flow) {
        return submit_stale(&visit, &who, &parts, &shown, (input, key)).await;
    }
    let mut form = form(&visit, &who, &parts, &shown, key.key.clone());
    if !shown.is_possible() {
        // Nothing is spent on what cannot be done: the page says why.
        let why = show_confirm(&visit, &who, &parts, &shown, form).await;
        return flow::refuse_unless_done(&visit, OPERATION, &key, why).await;
    }
    if shown.foreseen.alike.is_some() && !input.is_repeat_meant() {
        form.set_error(
            "repeat",
            "もう一度振り込む場合は「はい」を選んでください。振り込まない場合は「中止する」を押してください。",
        );
    }
    let Some(proof) = proof(&visit, &who, &parts, &input, &mut form)? else {
        // The transfer like it may be this one, by the first of two clicks.
        let why = show_confirm(&visit, &who, &parts, &shown, form).await;
        return flow::refuse_unless_done(&visit, OPERATION, &key, why).await;
    };
    let order = order(&visit, &who, &parts, &shown, (&input, proof, key, true));
    finish(&visit, &who, &parts, &shown, (order, form)).await
}

/// The form of a draft that was changed since does nothing. But a code that was signed for it has
/// to be looked at: it is an alarm.
async fn submit_stale(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: &Shown,
    (input, key): (ConfirmForm, RequestKey),
) -> PageResult {
    let mut form = form(visit, who, parts, shown, flow::request_key()?);
    let proof = match sign::is_asked(who) && shown.is_possible() {
        true => proof(visit, who, parts, &input, &mut form)?,
        false => None,
    };
    form = form.error(flow::DRAFT_CHANGED);
    let Some(proof) = proof else { return show_confirm(visit, who, parts, shown, form).await };
    let order = order(visit, who, parts, shown, (&input, proof, key, false));
    finish(visit, who, parts, shown, (order, form)).await
}

/// The proof that the form brought; nothing where something is missing, and the form says what.
fn proof(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    input: &ConfirmForm,
    form: &mut FormView,
) -> Result<Option<GivenProof>, PageError> {
    let code = match sign::is_asked(who) {
        true => Some(fields::checked_signed_code(form, input.signed.as_deref())),
        false => flow::otp_code(visit, who, parts, input.otp.clone(), form)?,
    };
    let pictures = [&input.picture_1, &input.picture_2, &input.picture_3].map(Clone::clone);
    let confirmation = flow::confirmation(visit, who, form, input.confirm.clone(), pictures);
    let confirmation = confirmation.filter(|_| !form.is_invalid());
    Ok(confirmation.map(|confirmation| GivenProof { code, confirmation }))
}

fn order(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: &Shown,
    (input, proof, key, is_form_current): (&ConfirmForm, GivenProof, RequestKey, bool),
) -> MakeTransfer {
    MakeTransfer {
        user: who.user.clone(),
        flow: parts.flow.clone(),
        proof,
        signed: sign::act(parts, shown.body(visit, who, parts), is_form_current),
        is_repeat_meant: input.is_repeat_meant(),
        key,
        result_url: flow::url(visit, &parts.flow, "result"),
    }
}

async fn finish(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: &Shown,
    (order, form): (MakeTransfer, FormView),
) -> PageResult {
    let result_url = order.result_url.clone();
    let outcome = match make(&visit.app.services, &who.ctx, order).await? {
        TransferOutcome::Step(outcome) => outcome,
        TransferOutcome::Obstacle(obstacle) => {
            let words = obstacle_words(visit, &shown.foreseen, obstacle);
            return show_confirm(visit, who, parts, shown, form.error(words)).await;
        }
    };
    if is_suspended(&outcome) {
        return Ok(see_other(&visit.url("login/suspended")));
    }
    let code_field = if sign::is_asked(who) { SIGNED } else { "otp" };
    match flow::after_step(visit, &parts.flow, outcome, form, &result_url, code_field)? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => show_confirm(visit, who, parts, shown, form).await,
    }
}

/// Why it does not go out and what to do, with what is left.
pub fn obstacle_words(visit: &Visit, foreseen: &Foreseen, obstacle: PaymentObstacle) -> String {
    let is_company = visit.profile.is_corporate();
    let limits = match is_company {
        true => "限度額をご契約先の管理者におたずねください。",
        false => "「限度額変更」で限度額をご確認ください。",
    };
    let hold_end = foreseen.hold_until.map_or_else(String::new, |until| {
        format!("{} を過ぎてから、もう一度お手続きください。", jst_minute_text(until))
    });
    match obstacle {
        PaymentObstacle::Funds if foreseen.is_balance_seen => format!(
            "残高が足りません。金額と手数料の合計を、{} までにしてください。",
            foreseen.from.available()
        ),
        PaymentObstacle::Funds => {
            "残高が足りません。金額を減らすか、残高を確認できる方におたずねください。".to_owned()
        }
        PaymentObstacle::PerTransaction => {
            format!("1回あたりの限度額を超えています。金額を減らすか、{limits}")
        }
        PaymentObstacle::DailyTotal => {
            let most = foreseen.total_daily.map_or_else(String::new, |most| most.to_string());
            format!(
                "1日の合計 {most} までです（この日の限度額）。金額を減らすか、別の日を選ぶか、{limits}"
            )
        }
        PaymentObstacle::NoToken => {
            let ways = "金額を減らすか、日を分けるか、";
            no_token_words(visit, foreseen.total_daily, ways)
        }
        PaymentObstacle::Daily | PaymentObstacle::UserDaily => {
            format!("この日の限度額を超えます。金額を減らすか、別の日を選ぶか、{limits}")
        }
        PaymentObstacle::HoldPayee => {
            format!("安全のため、はじめての振込先にはまだお振込いただけません。{hold_end}")
        }
        PaymentObstacle::HoldDaily => format!(
            "安全のため、お振込いただける金額を1日 {} までにしています。金額を減らすか、{hold_end}",
            Yen(visit.profile.hold.daily_yen)
        ),
        other => other.words().to_owned(),
    }
}

fn form(visit: &Visit, who: &Who, parts: &FlowParts, shown: &Shown, key: String) -> FormView {
    let profile = &visit.profile;
    let mut all = Vec::new();
    let empty = FormView::new(flow::url(visit, &parts.flow, "confirm"), who.csrf_token());
    if !shown.is_possible() {
        return empty;
    }
    if shown.foreseen.alike.is_some() {
        let yes = Choice {
            value: YES.to_owned(),
            label: format!("はい、もう一度{}ます", verb(shown)),
            hint: None,
            image: None,
            is_chosen: false,
        };
        let ask = "同じ振込先・同じ金額のお取引が10分以内にあります。もう一度行いますか";
        all.push(FieldView::radio("repeat", ask, vec![yes]));
    }
    let kind = shown.draft.kind().label();
    let act = if shown.days.is_at_once(shown.order.execute_on) { "" } else { "予約" };
    let purpose = format!("このコードで {} の{kind}{act}を確定します。", shown.order.amount);
    match who.proof.code {
        Some(CodeProof::Otp) => {
            all.push(fields::code(profile, "otp", &profile.words.otp, &purpose));
        }
        Some(CodeProof::Signed) => all.push(fields::signed_code(&purpose)),
        Some(CodeProof::Mail) | None => {}
    }
    let role = who.user.role;
    all.extend(fields::confirmation_of(profile, role, who.proof.confirm, parts.card.as_ref()));
    empty.fields(all).request_key(key).draft(flow::draft_digest(visit, &parts.flow))
}

/// 振り込み or 振り替え.
fn verb(shown: &Shown) -> &'static str {
    match shown.draft.kind() {
        PaymentKind::OwnTransfer => "振り替え",
        _ => "振り込み",
    }
}

async fn show_confirm(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    shown: &Shown,
    mut form: FormView,
) -> PageResult {
    let to = |step: &str| FormView::new(flow::url(visit, &parts.flow, step), who.csrf_token());
    let Shown { draft, order, foreseen, days } = shown;
    if !shown.is_day_held() {
        let why = match order.is_at_once {
            true => "本日の受付時間を過ぎました。",
            false => "日付が変わったため、まだ受け付けていません。",
        };
        form = form.error(format!("{why}「戻る」を押して、日を選び直してください。"));
    }
    let is_invalid = form.is_invalid();
    let signed = shown.body(visit, who, parts).filter(|_| shown.is_possible());
    let sign = sign::view(visit, who, parts, signed).await?;
    let is_at_once = order.is_at_once;
    let is_own = draft.kind() == PaymentKind::OwnTransfer;
    let cut_off = days.cut_off_at.filter(|_| is_at_once);
    let page = TransferConfirmPage {
        shell: {
            let mut shell = visit.shell_of(&screens::BTR004, who);
            if is_own {
                shell.title = "振替内容の確認".into();
            }
            shell
        },
        payee_title: if is_own { "出金口座と入金口座" } else { "振込先" },
        is_possible: shown.is_possible(),
        steps: steps(&STEPS, 2),
        notices: notices(visit, who, shown),
        payee: {
            let mut rows = vec![Row::new("出金口座", words::account_text(&foreseen.from))];
            rows.extend(words::draft_rows(draft));
            if !is_own {
                rows.push(Row::new("名義の確認", name_text(draft)));
            }
            rows
        },
        rows: rows(draft, order, foreseen, is_at_once),
        when: {
            let runs_at = visit.profile.transfers.reservations_at;
            words::when_text(draft.kind(), days, order.execute_on, runs_at)
        },
        cut_off: cut_off.map(|at| CutOff {
            time_text: visit.profile.transfers.cut_off.to_string(),
            left_text: left_text(at - visit.ctx.now),
            left_seconds: (at - visit.ctx.now).num_seconds(),
        }),
        button: match (draft.kind(), is_at_once) {
            (PaymentKind::OwnTransfer, true) => "振替を確定する",
            (_, true) => "振込を確定する",
            (_, false) => "予約を確定する",
        },
        back: to("back"),
        cancel: to("cancel"),
        sign,
        form,
    };
    let status = if is_invalid { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    visit.page(status, &page)
}

/// Where the name comes from.
fn name_text(draft: &TransferDraft) -> &'static str {
    match (draft.is_name_found, draft.typed_holder.is_empty()) {
        (true, _) => "口座の名義を照会しました",
        (false, true) => "登録・前回のお名前です（名義は照会していません）",
        (false, false) => "入力されたお名前です（名義は照会していません）",
    }
}

/// The name that was typed, where the account has another one.
fn other_name(draft: &TransferDraft) -> Option<&str> {
    let typed = draft.typed_holder.as_str();
    let is_other = convert(typed, PAYEE_NAME_MAX)
        .map_or(true, |converted| converted.name != draft.to.holder_kana);
    (draft.is_name_found && !typed.is_empty() && is_other).then_some(typed)
}

/// `1時間32分`, cut to whole minutes.
fn left_text(left: TimeDelta) -> String {
    match (left.num_hours(), left.num_minutes() % 60) {
        (0, 0) => "1分未満".to_owned(),
        (0, minutes) => format!("{minutes}分"),
        (hours, minutes) => format!("{hours}時間{minutes}分"),
    }
}

fn rows(
    draft: &TransferDraft,
    order: &TransferOrder,
    foreseen: &Foreseen,
    is_at_once: bool,
) -> Vec<Row> {
    let fee = Fee { net_yen: order.fee_yen, tax_yen: order.tax_yen };
    let total = Yen(order.amount.0.saturating_add(fee.total_yen()));
    let mut rows = vec![Row::new("金額", order.amount.to_string())];
    if draft.kind() != PaymentKind::OwnTransfer {
        rows.push(Row::new("手数料", words::fee_text(fee)));
        rows.push(Row::new("引落合計", total.to_string()));
        rows.extend(words::sender_rows(order));
    }
    if foreseen.is_balance_seen {
        let label = if is_at_once {
            "取引後の残高"
        } else {
            "引落後の残高（今の残高での見込み）"
        };
        rows.push(Row::new(label, foreseen.balance_after.to_string()));
    }
    if let Some(left) = foreseen.left {
        let after = Yen(left.0.saturating_sub(order.amount.0));
        rows.push(Row::new("この日の限度額の残り", left.to_string()));
        rows.push(Row::new("このお取引のあとの残り", after.to_string()));
    }
    rows
}

fn notices(visit: &Visit, who: &Who, shown: &Shown) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(obstacle(visit, &who.user, Operation::Transfer));
    let warn =
        |title: String, text: &str| Notice { tone: Tone::Warn, title, text: vec![text.to_owned()] };
    if let Some(alike) = &shown.foreseen.alike {
        notices.push(warn(
            format!(
                "{}に、同じ振込先・同じ金額で受け付けています。",
                jst_minute_text(alike.requested_at)
            ),
            &format!(
                "{ALIKE_MINUTES}分以内の同じお取引です。二重になっていないか、お確かめください。"
            ),
        ));
    }
    if !shown.foreseen.is_payee_known {
        notices.push(warn(
            "はじめての振込先です。".to_owned(),
            "電話やメールで頼まれた振込ではありませんか。お受取人のお名前を、もう一度お確かめください。",
        ));
    }
    if let Some(typed) = other_name(&shown.draft) {
        notices.push(warn(
            format!("入力されたお名前「{typed}」と、口座の名義が違います。"),
            "口座の名義でお振込します。思っていた相手か、お確かめください。違うときは「中止する」を押してください。",
        ));
    }
    let short = shown.foreseen.from.floor.0.saturating_sub(shown.foreseen.balance_after.0);
    if short > 0 && !shown.order.is_at_once && shown.foreseen.is_balance_seen {
        let runs_at = visit.profile.transfers.reservations_at.spoken();
        notices.push(warn(
            "今の残高では足りません。".to_owned(),
            &format!(
                "実行日の{runs_at}までに、{}以上をご入金ください。足りないときは、お取引は行われません。",
                Yen(short)
            ),
        ));
    }
    if let Some(why) = shown.foreseen.obstacle {
        notices.push(Notice {
            tone: Tone::Error,
            title: "このままでは受け付けられません。".to_owned(),
            text: vec![obstacle_words(visit, &shown.foreseen, why)],
        });
    }
    notices
}

/// Back to BTR003, with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    flow::back_to_input(&visit, OPERATION, &flow_id, (body, TRANSFERS)).await
}
