//! BLM001 振込・振替限度額の変更: what holds, a rise that waits, and the form for new limits. The
//! page needs no flow; what was typed begins one, and 戻る from BLM002 leads back here with it. In a
//! company the limits are the contract's: whoever administers it changes them, and everybody else
//! reads what holds for the contract and for themselves.

use std::collections::BTreeMap;

use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::Operation;
use crate::domain::flow::FlowStep;
use crate::domain::limit::{
    LimitAct, LimitAmounts, LimitDraft, LimitProblemKind, LimitService, LimitSet, LimitSpan,
    LimitStanding, waits_until,
};
use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::user::User;
use crate::operations::limit::{self, draft};
use crate::operations::token::flow::cancel as cancel_flow;
use crate::operations::{Ctx, right};
use crate::primitives::clock::{jst_minute_text, jst_receipt_text};
use crate::primitives::code::to_half_width;
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::limit::words::{self, ChangeRow, ServiceRow};
use crate::web::limit::{LIMITS, OPERATION, STEPS, check_offered, standing_of};
use crate::web::page::{Notice, Shell, Step, steps};
use crate::web::principal::{self, Who, enter_flow, has_one_administrator};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm, Lost};
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// Digits of an amount, commas and 円.
pub const AMOUNT_LENGTH_MAX: usize = 20;
/// More than any limit; longer numbers are no amounts.
const DIGITS_MAX: usize = 15;

/// A rise that waits.
#[derive(Clone, Debug)]
pub struct PendingView {
    /// What it changes.
    pub rows: Vec<ChangeRow>,
    /// When it was asked for.
    pub requested_at: String,
    /// From when it holds.
    pub takes_effect_at: String,
    /// The form behind the button that cancels it.
    pub form: FormView,
}

/// Most a day over all services.
#[derive(Clone, Debug)]
pub struct TotalLimit {
    /// As `200,000円`.
    pub most: String,
    /// Why.
    pub reason: Option<String>,
}

/// What holds for one user of a company.
#[derive(Clone, Debug)]
pub struct OwnLimits {
    /// Service by service.
    pub rows: Vec<ServiceRow>,
    /// All together, without a token.
    pub total: Option<TotalLimit>,
}

/// BLM001. Fields: `transfer_per_transaction`, `transfer_daily`, `pay_easy_per_transaction`,
/// `pay_easy_daily`, `files_per_transaction`, `files_daily`, as far as the portal has the services.
#[derive(askama::Template)]
#[template(path = "limit/input.html")]
pub struct LimitInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The heading above what holds.
    pub rows_title: &'static str,
    /// What holds.
    pub rows: Vec<ServiceRow>,
    /// What holds for this user of a company.
    pub own: Option<OwnLimits>,
    /// Most a day over all services, where that is the customer's.
    pub total: Option<TotalLimit>,
    /// The rise that waits.
    pub pending: Option<PendingView>,
    /// Whether this user changes limits now.
    pub may_change: bool,
    /// The form.
    pub form: FormView,
    /// What the customer should know.
    pub notes: Vec<String>,
    /// What they do not count.
    pub uncounted: String,
    /// The top page.
    pub back_url: String,
}

/// BLM001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LimitForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    transfer_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    transfer_daily: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pay_easy_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pay_easy_daily: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    files_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    files_daily: Option<String>,
}

impl LimitForm {
    fn take(&mut self, service: LimitService, span: LimitSpan) -> Option<String> {
        match (service, span) {
            (LimitService::Transfer, LimitSpan::PerTransaction) => {
                self.transfer_per_transaction.take()
            }
            (LimitService::Transfer, LimitSpan::Daily) => self.transfer_daily.take(),
            (LimitService::PayEasy, LimitSpan::PerTransaction) => {
                self.pay_easy_per_transaction.take()
            }
            (LimitService::PayEasy, LimitSpan::Daily) => self.pay_easy_daily.take(),
            (LimitService::Files, LimitSpan::PerTransaction) => self.files_per_transaction.take(),
            (LimitService::Files, LimitSpan::Daily) => self.files_daily.take(),
        }
    }

    /// What was typed; each service that the portal has stands there with both limits, no other.
    fn typed(mut self, standing: &LimitStanding) -> Result<Typed, PageError> {
        let wrong = PageError::BadRequest("fields missing or unknown");
        let mut typed = Typed::new();
        for &service in LimitService::ALL {
            for &span in LimitSpan::ALL {
                let is_here = standing.effective.contains_key(&service);
                match self.take(service, span) {
                    Some(text) if is_here => drop(typed.insert((service, span), text)),
                    None if !is_here => {}
                    _ => return Err(wrong),
                }
            }
        }
        Ok(typed)
    }
}

/// What was typed into each field.
type Typed = BTreeMap<(LimitService, LimitSpan), String>;

/// The name of a field for a limit.
pub fn field_name(service: LimitService, span: LimitSpan) -> &'static str {
    match (service, span) {
        (LimitService::Transfer, LimitSpan::PerTransaction) => "transfer_per_transaction",
        (LimitService::Transfer, LimitSpan::Daily) => "transfer_daily",
        (LimitService::PayEasy, LimitSpan::PerTransaction) => "pay_easy_per_transaction",
        (LimitService::PayEasy, LimitSpan::Daily) => "pay_easy_daily",
        (LimitService::Files, LimitSpan::PerTransaction) => "files_per_transaction",
        (LimitService::Files, LimitSpan::Daily) => "files_daily",
    }
}

/// Its label.
pub fn field_label(service: LimitService, span: LimitSpan) -> String {
    format!("{}（{}）", service.label(), span.label())
}

/// What BLM001 shows and changes.
struct Standings {
    /// What is changed: the customer's, or the contract's.
    changed: LimitStanding,
    /// What holds for this user of a company, and why.
    own: Option<(LimitSet, LimitStanding)>,
}

async fn enter(visit: &Visit) -> Result<(Who, Standings), PageError> {
    check_offered(visit)?;
    let ctx = visit.ctx.clone();
    principal::enter(visit, LoginStage::Complete, move |conn, _, user| standings(conn, &ctx, user))
        .await
}

/// [`enter`] for what only those do who change limits.
async fn enter_to_change(visit: &Visit) -> Result<(Who, LimitStanding), PageError> {
    let (who, standings) = enter(visit).await?;
    if !limit::may_change(&visit.profile, &who.user) {
        return Err(PageError::Forbidden("the limits of a contract are its administrators'"));
    }
    Ok((who, standings.changed))
}

fn standings(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<Standings, DbError> {
    let changed = limit::changeable(conn, ctx, user)?;
    if !ctx.profile.is_corporate() || only_administers(&ctx.profile, user.role) {
        return Ok(Standings { changed, own: None });
    }
    let rights = right::of_user(conn, ctx, user)?;
    let standing = limit::standing(conn, ctx, user)?;
    let mut limits = rights.limits(&standing.effective);
    limits.retain(|service, _| service.rights().iter().any(|right| rights.allows(*right)));
    Ok(Standings { changed, own: Some((limits, standing)) })
}

fn total(visit: &Visit, standing: &LimitStanding) -> Option<TotalLimit> {
    let most = standing.total_daily?.to_string();
    Some(TotalLimit { most, reason: words::total_reason(visit, standing) })
}

/// Shows BLM001.
///
/// # Errors
/// 303 to the login, 404 where it is not offered.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let (who, standings) = enter(&visit).await?;
    let standing = &standings.changed;
    let form = form(&visit, &who, standing, &visit.url(LIMITS), &shown(&standing.effective));
    show_input(&visit, &who, standings, form, flow::lost_notices(&lost))
}

/// Begins a change with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, standing) = enter_to_change(&visit).await?;
    let input: LimitForm = body.of(&who)?;
    let typed = input.typed(&standing)?;
    let form = form(&visit, &who, &standing, &visit.url(LIMITS), &typed);
    let draft = match check(&visit, &standing, form, &typed) {
        Ok(draft) => draft,
        Err(form) => return show_typed(&visit, &who, form).await,
    };
    if let Some(form) =
        raised_own(&visit, &who, &standing, &visit.url(LIMITS), (&typed, &draft)).await?
    {
        return show_typed(&visit, &who, form).await;
    }
    begin(&visit, &who, &draft).await
}

/// The form with what is wrong, where an administrator would raise the own limits.
async fn raised_own(
    visit: &Visit,
    who: &Who,
    standing: &LimitStanding,
    url: &str,
    (typed, draft): (&Typed, &LimitDraft),
) -> Result<Option<FormView>, PageError> {
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let services = &visit.app.services;
    let rights = services.db.read(move |conn| right::of_user(conn, &ctx, &user)).await?;
    let sets = (&draft.seen, &draft.requested);
    let is_raised = limit::raises_own(&visit.profile, &who.user, &rights, sets);
    Ok(is_raised.then(|| {
        form(visit, who, standing, url, typed).error(
            "ご自身のお取引の限度額が上がる引き上げは、お申し込みいただけません。ほかの管理者にご依頼ください。",
        )
    }))
}

async fn begin(visit: &Visit, who: &Who, wanted: &LimitDraft) -> PageResult {
    let flow_id = draft::begin(&visit.app.services, &who.ctx, &who.login, wanted).await?;
    Ok(see_other(&format!("{}/{flow_id}/confirm", visit.url(LIMITS))))
}

/// Shows BLM001 with what was typed before.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show_again(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let standing = standing_of(&visit, &who).await?;
    let kept = draft::read(&parts.flow)?.requested;
    let url = flow::url(&visit, &parts.flow, "");
    let form = form(&visit, &who, &standing, &url, &shown(&kept));
    show_typed(&visit, &who, form).await
}

/// Goes on with what was typed again.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit_again(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = flow::enter_step(&visit, OPERATION, &flow_id, FlowStep::Input).await?;
    let standing = standing_of(&visit, &who).await?;
    let input: LimitForm = body.of(&who)?;
    let typed = input.typed(&standing)?;
    let url = flow::url(&visit, &parts.flow, "");
    let form = form(&visit, &who, &standing, &url, &typed);
    let wanted = match check(&visit, &standing, form, &typed) {
        Ok(wanted) => wanted,
        Err(form) => return show_typed(&visit, &who, form).await,
    };
    if let Some(form) = raised_own(&visit, &who, &standing, &url, (&typed, &wanted)).await? {
        return show_typed(&visit, &who, form).await;
    }
    if draft::keep(&visit.app.services, &parts.flow, &wanted).await? {
        Ok(see_other(&flow::url(&visit, &parts.flow, "confirm")))
    } else {
        Err(PageError::Conflict { back: visit.url(LIMITS) })
    }
}

/// Begins the cancel of the rise that waits.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where none waits any more.
pub async fn cancel_rise(visit: Visit, body: FormBody) -> PageResult {
    let (who, standing) = enter_to_change(&visit).await?;
    let BareForm {} = body.of(&who)?;
    let rise_at = waits_until(&standing.pending_changes());
    let (act, seen) = (LimitAct::CancelRise, standing.effective);
    let Some(rise) = standing.pending else {
        return Err(PageError::Conflict { back: visit.url(LIMITS) });
    };
    let wanted = LimitDraft { act, requested: rise.to, seen, rise_at };
    begin(&visit, &who, &wanted).await
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
    Ok(see_other(&visit.url(LIMITS)))
}

fn shown(set: &LimitSet) -> Typed {
    let mut typed = Typed::new();
    for (&service, amounts) in set {
        for &span in LimitSpan::ALL {
            typed.insert((service, span), words::amount_text(amounts.of(span)));
        }
    }
    typed
}

fn form(
    visit: &Visit,
    who: &Who,
    standing: &LimitStanding,
    action: &str,
    typed: &Typed,
) -> FormView {
    let unit = Yen(i64::from(visit.profile.limits.change_unit_yen));
    let mut fields = Vec::new();
    for (&service, maximum) in &standing.maximum {
        for &span in LimitSpan::ALL {
            let hint = match span {
                LimitSpan::PerTransaction => format!("{unit}単位で、1日あたりの限度額まで"),
                LimitSpan::Daily => format!("{unit}単位で、{maximum}まで"),
            };
            let value = typed.get(&(service, span)).map(String::as_str).unwrap_or_default();
            let field = FieldView::text(field_name(service, span), field_label(service, span));
            let field = field.hint(hint).inputmode("numeric").maxlength(AMOUNT_LENGTH_MAX);
            fields.push(field.value(value));
        }
    }
    FormView::new(action, who.csrf_token()).fields(fields)
}

/// A typed amount: full width, commas, spaces and 円 are taken as meant.
pub fn amount(typed: &str) -> Option<Yen> {
    let half = to_half_width(typed);
    let digits: String =
        half.chars().filter(|c| !matches!(c, ',' | ' ' | '円' | '¥' | '\\')).collect();
    let is_number = (1..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok().map(Yen) } else { None }
}

/// Reads what was typed; `Err` carries the form with what is wrong.
fn check(
    visit: &Visit,
    standing: &LimitStanding,
    mut form: FormView,
    typed: &Typed,
) -> Result<LimitDraft, FormView> {
    let mut requested = LimitSet::new();
    for &service in standing.effective.keys() {
        let mut read = |span| {
            let text = typed.get(&(service, span)).map(String::as_str).unwrap_or_default();
            let read = amount(text);
            if read.is_none() {
                let label = field_label(service, span);
                let words = if text.trim().is_empty() {
                    format!("{label}の限度額を入力してください。")
                } else {
                    format!("{label}の限度額は、円の金額を数字で入力してください。")
                };
                form.set_error(field_name(service, span), words);
            }
            read
        };
        let (per_transaction, daily) = (read(LimitSpan::PerTransaction), read(LimitSpan::Daily));
        if let (Some(per_transaction), Some(daily)) = (per_transaction, daily) {
            requested.insert(service, LimitAmounts { per_transaction, daily });
        }
    }
    let rules = &visit.profile.limits;
    for problem in standing.problems(rules, &requested) {
        let label = field_label(problem.service, problem.span);
        let words = problem_words(&label, problem.why) + &way_beyond(visit, standing, problem.why);
        form.set_error(field_name(problem.service, problem.span), words);
    }
    if form.is_invalid() {
        return Err(form);
    }
    match standing.plan(rules, &requested, visit.ctx.now) {
        None => Err(form.error("変更する限度額を入力してください。今の限度額と同じです。")),
        Some(plan) if plan.rise.is_some() && standing.pending.is_some() => Err(form.error(
            "変更待ちの引き上げがあります。あらためて引き上げるときは、先に「引き上げを取り消す」を押してください。",
        )),
        Some(plan) => {
            let (seen, rise_at) = (standing.effective.clone(), waits_until(&plan.changes));
            Ok(LimitDraft { act: LimitAct::Change, requested, seen, rise_at })
        }
    }
}

fn problem_words(label: &str, why: LimitProblemKind) -> String {
    match why {
        LimitProblemKind::BelowUnit(unit) => {
            format!("{label}の限度額は{unit}以上で入力してください。")
        }
        LimitProblemKind::NotInUnit(unit) => {
            format!("{label}の限度額は{unit}単位で入力してください。")
        }
        LimitProblemKind::AboveMaximum(most) => {
            format!("{label}の限度額は{most}以下で入力してください。")
        }
        LimitProblemKind::AboveDaily => {
            format!("{label}の限度額は、1日あたりの限度額以下で入力してください。")
        }
    }
}

/// What comes first where a token is what is missing for more.
fn way_beyond(visit: &Visit, standing: &LimitStanding, why: LimitProblemKind) -> String {
    let is_for_want_of_a_token = !standing.has_token && standing.total_daily.is_some();
    if !is_for_want_of_a_token || !matches!(why, LimitProblemKind::AboveMaximum(_)) {
        return String::new();
    }
    let words = &visit.profile.words;
    format!("これを超える限度額は、{}の{}のあとにお申し込みください。", words.otp, words.start)
}

/// Shows BLM001 with what was typed.
async fn show_typed(visit: &Visit, who: &Who, form: FormView) -> PageResult {
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let services = &visit.app.services;
    let read = services.db.read(move |conn| standings(conn, &ctx, &user)).await?;
    show_input(visit, who, read, form, Vec::new())
}

fn show_input(
    visit: &Visit,
    who: &Who,
    standings: Standings,
    form: FormView,
    mut notices: Vec<Notice>,
) -> PageResult {
    let Standings { changed: standing, own } = standings;
    let is_company = visit.profile.is_corporate();
    let is_changer = limit::may_change(&visit.profile, &who.user);
    let obstacle = obstacle(visit, &who.user, Operation::LimitChange).filter(|_| is_changer);
    let may_change = is_changer && obstacle.is_none();
    notices.extend(obstacle);
    let pending = standing.pending.as_ref();
    let page = LimitInputPage {
        shell: {
            let mut shell = visit.shell_of(&screens::BLM001, who);
            if !is_changer {
                shell.title = "限度額の照会".into();
            }
            shell
        },
        steps: if is_changer { steps(&STEPS, 0) } else { Vec::new() },
        notices,
        rows_title: if is_company { "ご契約の限度額" } else { "現在の限度額" },
        rows: words::service_rows(&standing.effective),
        own: own.map(|(limits, standing)| OwnLimits {
            rows: words::service_rows(&limits),
            total: total(visit, &standing),
        }),
        total: total(visit, &standing).filter(|_| !is_company),
        pending: pending.map(|rise| PendingView {
            rows: words::change_rows(&standing.pending_changes()),
            requested_at: jst_receipt_text(rise.requested_at),
            takes_effect_at: jst_minute_text(rise.takes_effect_at),
            form: FormView::new(visit.url("limits/cancel-rise"), who.csrf_token()),
        }),
        notes: if is_company { company_notes(visit, is_changer) } else { notes(visit, &standing) },
        uncounted: words::uncounted(visit),
        back_url: visit.url(""),
        may_change,
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// What users of a company should know.
fn company_notes(visit: &Visit, is_changer: bool) -> Vec<String> {
    let days = visit.profile.limits.rise_after_days;
    let both = "ご契約の限度額とご利用者ごとの限度額の、小さいほうまでお取引いただけます。";
    let mut notes = vec![both.to_owned()];
    if !is_changer {
        notes.push("限度額の変更は、ご契約先の管理者にお申し出ください。".to_owned());
        return notes;
    }
    notes.push("引き下げは、お申し込みと同時に適用されます。".to_owned());
    notes.push(match days {
        0 => "引き上げも、お申し込みと同時に適用されます。".to_owned(),
        _ => format!(
            "引き上げは、お申し込みの日の{days}日後の午前0時から適用されます。それまでは、この画面で取り消せます。\
             変更待ちの引き上げがあるときに引き下げると、その引き上げは取り消されます。"
        ),
    });
    let place = match has_one_administrator(visit) {
        true => "「管理者メニュー」の「利用者情報登録／変更」",
        false => "「管理」の「利用者管理」",
    };
    notes.push(format!("ご利用者ごとの限度額は、{place}で変更できます。"));
    notes.push(
        "引き上げは、お申込書でお届けの金額までです。それ以上をご希望の場合は、画面下のお問い合わせ先へお電話ください。"
            .to_owned(),
    );
    notes
}

fn notes(visit: &Visit, standing: &LimitStanding) -> Vec<String> {
    let words = &visit.profile.words;
    let days = visit.profile.limits.rise_after_days;
    let mut notes = vec!["引き下げは、お申し込みと同時に適用されます。".to_owned()];
    if days > 0 {
        notes.push(format!(
            "引き上げは、お申し込みの日の{days}日後の午前0時から適用されます。それまでは、この画面で取り消せます。"
        ));
        notes.push(
            "変更待ちの引き上げがあるときに引き下げると、その引き上げは取り消されます。".to_owned(),
        );
    }
    if standing.total_daily.is_some() {
        notes.push(format!(
            "{}の{}のあと、お申込書でお届けの金額まで引き上げをお申し込みいただけます。",
            words.otp, words.start
        ));
    }
    notes.push(
        "引き上げは、お申込書でお届けの金額までです。それ以上をご希望の場合は、画面下のお問い合わせ先へお電話ください。"
            .to_owned(),
    );
    if standing.total_daily.is_some() || standing.has_token {
        let stop = words.stop.as_deref().unwrap_or("利用中止");
        notes.push(format!(
            "{}の{stop}や失効のときは、すぐにご利用開始前の限度額に戻り、変更待ちの引き上げは取り消されます。",
            words.otp
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for typed in ["200000", "200,000", "２００，０００", " 200,000円 ", "¥200,000"] {
            assert_eq!(amount(typed), Some(Yen(200_000)), "{typed}");
        }
        for wrong in ["", "円", "-200000", "20万", "1e6", "200.000", "0x10", "9999999999999999"] {
            assert_eq!(amount(wrong), None, "{wrong}");
        }
    }
}
