//! What the token flows share: the identification at the beginning of those from the login page,
//! the way between steps, cancelling, results.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use validator::Validate;

use crate::db::queries::{one_time_keys, receipts};
use crate::domain::auth_rule::CodeProof;
use crate::domain::flow::{Flow, FlowOperation, FlowStep};
use crate::domain::login::{EndReason, LoginStage};
use crate::domain::picture_card::PICTURES;
use crate::domain::portal::{DoneBy, SecretKind};
use crate::domain::receipt::number_text;
use crate::domain::token::UserTokenStatus;
use crate::operations::flow_draft;
use crate::operations::login::end;
use crate::operations::one_time_key::RequestKey;
use crate::operations::receipt::TokenReceipt;
use crate::operations::step::{self, StepOutcome};
use crate::operations::token::confirmation::Confirmation;
use crate::operations::token::flow::{BeginOutcome, begin, cancel as cancel_flow};
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::random_id;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{
    self, INPUT_LENGTH_MAX, PICTURE_FIELDS, code_problem, normalise_code, normalise_login_id,
    set_refusal,
};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::login::password::{check_identity, wrong};
use crate::web::login::waiting;
use crate::web::page::{Notice, Receipt, Tone};
use crate::web::principal::{
    ADMINISTRATOR_USER, ADMINISTRATOR_USERS, FlowParts, INFO, MEMBERS, MENU, PAY_EASY, PAYEE_FLOW,
    PAYEES, REGISTRAR, RESERVATIONS, Who, enter_flow, has_one_administrator, is_at_login,
    is_by_administrator, is_menu,
};
use crate::web::session;
use crate::web::token::words as token_words;
use crate::web::visit::Visit;

/// The form of BOM101, BOM111 and BOM121.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct IdentifyForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    password: String,
}

/// A form that carries nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct BareForm {}

/// `?lost=1`: a step was opened whose flow is over.
#[derive(Deserialize)]
pub struct Lost {
    lost: Option<String>,
}

/// For the second click: the answer with the reason went to the first one.
pub const TWIN_REFUSED: &str = "入力された内容を受け付けられませんでした。\
     内容をお確かめのうえ、もう一度入力し、ボタンを1回だけ押してください。";

/// `?lost=tries`: too many wrong serials or codes.
const TRIES: &str = "tries";

impl Lost {
    /// Whether the page is to tell it.
    pub fn is_told(&self) -> bool {
        self.lost.is_some()
    }
}

/// The first address of a flow below the portal: in the menu, or from the login page.
pub fn path(visit: &Visit, operation: FlowOperation) -> &'static str {
    if operation == FlowOperation::TokenStart && is_by_administrator(visit) {
        return REGISTRAR;
    }
    if operation == FlowOperation::UserManage && has_one_administrator(visit) {
        return ADMINISTRATOR_USER;
    }
    match (operation, is_menu(visit)) {
        (FlowOperation::TokenIssue, _) => "token/menu/issue",
        (FlowOperation::TokenStart, true) => "token/menu/start",
        (FlowOperation::TokenStop, true) => "token/menu/stop",
        (FlowOperation::TokenStart, false) => "token/start",
        (FlowOperation::TokenExchange, _) => "token/exchange",
        (FlowOperation::TokenStop, false) => "token/stop",
        (FlowOperation::LimitChange, _) => "limits",
        (FlowOperation::CustomerInfoChange, _) => "info/contact",
        (FlowOperation::SecretChange, _) => "info/secret",
        (FlowOperation::UserManage, _) => "admin/user",
        (FlowOperation::Transfer, _) => "transfers",
        (FlowOperation::PayEasy, _) => PAY_EASY,
        (FlowOperation::CancelReservation, _) => "reservations/cancel",
        (FlowOperation::PayeeChange, _) => PAYEE_FLOW,
    }
}

/// Where a flow is begun.
pub fn begin_url(visit: &Visit, operation: FlowOperation) -> String {
    if operation.is_of_customer_info() {
        return visit.url(INFO);
    }
    if operation == FlowOperation::PayeeChange {
        return visit.url(PAYEES);
    }
    if operation == FlowOperation::UserManage {
        let is_one = has_one_administrator(visit);
        return visit.url(if is_one { ADMINISTRATOR_USERS } else { MEMBERS });
    }
    if operation == FlowOperation::TokenStart && is_by_administrator(visit) {
        return visit.url(ADMINISTRATOR_USERS);
    }
    if operation == FlowOperation::CancelReservation {
        return visit.url(RESERVATIONS);
    }
    let is_in_menu = is_menu(visit) && !operation.is_after_login();
    if operation == FlowOperation::TokenStart && is_at_login(visit) {
        return visit.url("login");
    }
    visit.url(if is_in_menu { MENU } else { path(visit, operation) })
}

/// The address of the step that is due.
pub fn due_url(visit: &Visit, flow: &Flow) -> String {
    match flow.step {
        FlowStep::Done => url(visit, flow, "result"),
        FlowStep::NewToken if flow.is_open_at(visit.ctx.now) => url(visit, flow, "new"),
        FlowStep::Rights if flow.is_open_at(visit.ctx.now) => url(visit, flow, "rights"),
        FlowStep::Confirm if flow.is_open_at(visit.ctx.now) => url(visit, flow, "confirm"),
        FlowStep::Input if flow.is_open_at(visit.ctx.now) => url(visit, flow, ""),
        _ => format!("{}?lost=1", begin_url(visit, flow.operation)),
    }
}

/// An address of a flow, as `/{slug}/token/start/{flow}/result`.
pub fn url(visit: &Visit, flow: &Flow, step: &str) -> String {
    let base = format!("{}/{}", visit.url(path(visit, flow.operation)), flow.id);
    if step.is_empty() { base } else { format!("{base}/{step}") }
}

/// The form of the identification.
pub fn identify_form(visit: &Visit, operation: FlowOperation, login_id: &str) -> FormView {
    FormView::new(visit.url(path(visit, operation)), visit.visitor.token.clone())
        .fields(vec![fields::login_id(&visit.profile, login_id), fields::password(&visit.profile)])
}

/// The boxes at the top of the identification.
pub fn lost_notices(lost: &Lost) -> Vec<Notice> {
    let (title, text) = match lost.lost.as_deref() {
        None => return Vec::new(),
        Some(TRIES) => (
            "入力の誤りが続いたため、このお手続きを終わりました。",
            "番号をお確かめのうえ、ここからもう一度お手続きください。\
             お困りのときは、画面下のお問い合わせ先へお電話ください。",
        ),
        Some(_) => (
            "お手続きの時間が過ぎたか、すでに終わっています。",
            "続ける場合は、ここからもう一度お手続きください。",
        ),
    };
    vec![Notice { tone: Tone::Warn, title: title.to_owned(), text: vec![text.to_owned()] }]
}

/// Identifies the customer. `Err` of the inner result: the form, with what is wrong.
///
/// # Errors
/// 4xx for what is no form of ours, 503 when too many log in at once.
pub async fn identify(
    visit: &Visit,
    body: FormBody,
    operation: FlowOperation,
) -> Result<Result<HttpResponse, FormView>, PageError> {
    let input: IdentifyForm = body.public(visit)?;
    let login_id = normalise_login_id(&input.login_id);
    let mut form = identify_form(visit, operation, &login_id);
    if !check_identity(&mut form, visit, &login_id, &input.password) {
        return Ok(Err(form));
    }
    if !visit.app.throttle.allows(&visit.ctx.source) {
        return Err(PageError::TooMany);
    }
    let services = &visit.app.services;
    match begin(services, &visit.ctx, operation, &login_id, &input.password).await? {
        BeginOutcome::Begun { login_id, flow_id } => {
            session::begin(&visit.session, &login_id)?;
            let next = format!("{}/{flow_id}", visit.url(path(visit, operation)));
            return Ok(Ok(see_other(&next)));
        }
        BeginOutcome::Locked => return Ok(Ok(see_other(&visit.url("login/locked")))),
        BeginOutcome::Suspended => return Ok(Ok(see_other(&visit.url("login/suspended")))),
        BeginOutcome::RevokedWaiting(from) => return Ok(Ok(waiting::show_from(visit, from)?)),
        BeginOutcome::Stopped => return Err(PageError::Stopped),
        BeginOutcome::Wrong => form.set_error("login_id", wrong(&visit.profile)),
        BeginOutcome::SetupFirst => {
            form.errors.push("はじめにログインして、初回設定を済ませてください。".to_owned())
        }
        BeginOutcome::WrongStatus(status) => {
            form.errors.push(wrong_status(visit, operation, status));
        }
    }
    Ok(Err(form))
}

fn wrong_status(visit: &Visit, operation: FlowOperation, status: UserTokenStatus) -> String {
    let words = &visit.profile.words;
    match (operation, status) {
        (FlowOperation::TokenStart, UserTokenStatus::InUse) => {
            let way = match visit.profile.tokens.exchange {
                DoneBy::Customer => {
                    format!("トークンを替える場合は「{}」からお手続きください。", words.exchange)
                }
                _ => token_words::replace(&visit.profile),
            };
            format!("ワンタイムパスワードは、すでにご利用中です。{way}")
        }
        (_, UserTokenStatus::Expired) => format!(
            "トークンの有効期限が切れています。「{}」から新しいトークンを登録してください。",
            words.start
        ),
        (_, UserTokenStatus::Revoked) => format!(
            "{}は使えなくなっています（失効）。「{}」から新しい{}を登録してください。",
            words.token, words.start, words.token
        ),
        _ => format!(
            "ワンタイムパスワードは、まだご利用になっていません。はじめる場合は「{}」からお手続きください。",
            words.start
        ),
    }
}

/// Cancels a flow and leads back to the login, or to the menu.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(
    visit: &Visit,
    body: FormBody,
    operation: FlowOperation,
    flow_id: &str,
) -> PageResult {
    let (who, parts) = enter_flow(visit, operation, flow_id).await?;
    let BareForm {} = body.of(&who)?;
    let services = &visit.app.services;
    if parts.flow.step != FlowStep::Done {
        cancel_flow(services, &who.ctx, &parts.flow).await?;
    }
    if who.login.stage == LoginStage::Complete {
        return Ok(see_other(&begin_url(visit, operation)));
    }
    end::end(services, &who.ctx, &who.login, EndReason::Completed).await?;
    session::end(&visit.session);
    Ok(see_other(&visit.url("login")))
}

/// The cancel form of a flow's page.
pub fn cancel_form(visit: &Visit, who: &Who, flow: &Flow) -> FormView {
    FormView::new(url(visit, flow, "cancel"), who.csrf_token())
}

/// Lets the user of a flow to the step `expected`; whoever opens another step is led to the one
/// that is due, or to where to begin again.
///
/// # Errors
/// 303, and as [`enter_flow`].
pub async fn enter_step(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
    expected: FlowStep,
) -> Result<(Who, FlowParts), PageError> {
    let (who, parts) = enter_flow(visit, operation, flow_id).await?;
    let flow = &parts.flow;
    if flow.step == expected && (flow.is_open_at(visit.ctx.now) || expected == FlowStep::Done) {
        return Ok((who, parts));
    }
    Err(PageError::SeeOther(due_url(visit, flow)))
}

/// Lets the user of a flow submit its final form. `Err` of the inner result: the form was done
/// already, and the same form again leads to the same result.
///
/// # Errors
/// As [`enter_step`]; 409 for the same key with another content.
pub async fn enter_final<T: DeserializeOwned + Validate>(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
    expected: FlowStep,
    body: FormBody,
) -> Result<Result<(Who, FlowParts, T, RequestKey), HttpResponse>, PageError> {
    let (who, parts) = enter_flow(visit, operation, flow_id).await?;
    if parts.flow.step != FlowStep::Done {
        let (who, parts) = enter_step(visit, operation, flow_id, expected).await?;
        let (input, key) = body.keyed(visit, &who, operation.as_str())?;
        return Ok(Ok((who, parts, input, key)));
    }
    let (_, key): (T, _) = body.keyed(visit, &who, operation.as_str())?;
    let request_key = key.key.clone();
    let known =
        visit.app.services.db.read(move |conn| one_time_keys::find(conn, &request_key)).await?;
    let is_same = known.is_none_or(|known| {
        known.user_id == key.user_id && known.payload_digest == key.payload_digest
    });
    if !is_same {
        return Err(PageError::Conflict { back: begin_url(visit, operation) });
    }
    Ok(Err(see_other(&url(visit, &parts.flow, "result"))))
}

/// The answer to a final form that is refused before its key is claimed: the result where the same
/// form was sent a moment ago and is done, so that a double click shows what it did. Whoever reads
/// that it is refused can rely on it: the same form sent twice is not done either.
///
/// # Errors
/// 409 where that one is still being worked on; database trouble, or those of `refused`.
pub async fn refuse_unless_done(
    visit: &Visit,
    operation: FlowOperation,
    key: &RequestKey,
    refused: PageResult,
) -> PageResult {
    match step::refuse(&visit.app.services, &visit.ctx, key).await? {
        Some(StepOutcome::AlreadyDone(result)) => Ok(see_other(&result)),
        Some(_) => Err(PageError::Conflict { back: begin_url(visit, operation) }),
        None => refused,
    }
}

/// Which draft a check page shows: its form brings this back, and confirms no other one.
pub fn draft_digest(visit: &Visit, flow: &Flow) -> String {
    let text = format!("{} {}", flow.id, flow.draft);
    visit.app.services.keys.digest("draft", &text)
}

/// What the check page says where its form showed another draft than stands now.
pub const DRAFT_CHANGED: &str = "ほかの画面で内容が変更されたため、まだ受け付けていません。\
     今の内容を確かめ、よろしければもう一度入力してください。";

/// A new one-time key for a final form.
///
/// # Errors
/// 500 without randomness.
pub fn request_key() -> Result<String, PageError> {
    Ok(random_id()?)
}

/// What a check page sends whose fields are its draft and the proof of the act.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProofForm {
    /// Which draft the page showed.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub draft: String,
    /// The one-time password.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub otp: Option<String>,
    /// The confirming secret.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub confirm: Option<String>,
    /// The first picture of the card.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub picture_1: Option<String>,
    /// The second one.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub picture_2: Option<String>,
    /// The third one.
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub picture_3: Option<String>,
}

/// Back from the check page of a draft to its input, with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 with the way to `home` where somebody was faster.
pub async fn back_to_input(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
    (body, home): (FormBody, &str),
) -> PageResult {
    let (who, parts) = enter_step(visit, operation, flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    if flow_draft::go_back(&visit.app.services, &parts.flow).await? {
        Ok(see_other(&url(visit, &parts.flow, "")))
    } else {
        Err(PageError::Conflict { back: visit.url(home) })
    }
}

/// The one-time password that the rules ask for, normalised; the form says what is wrong with it.
///
/// # Errors
/// 403 where the rules ask for a code that these pages do not take.
pub fn otp_code(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    typed: Option<String>,
    form: &mut FormView,
) -> Result<Option<String>, PageError> {
    match who.proof.code {
        None => Ok(None),
        Some(CodeProof::Otp) => {
            let code = normalise_code(&typed.unwrap_or_default());
            let digits = parts.token.as_ref().map_or(6, crate::web::login::otp::digits);
            if let Some(problem) = code_problem(&visit.profile, &code, digits) {
                form.set_error("otp", problem);
            }
            Ok(Some(code))
        }
        Some(_) => Err(PageError::Forbidden("the auth rules ask for another proof")),
    }
}

/// The confirmation a form brought, as the auth rules asked for it. `None`: something is missing,
/// and the form says what.
pub fn confirmation(
    visit: &Visit,
    who: &Who,
    form: &mut FormView,
    confirm: Option<String>,
    pictures: [Option<String>; 3],
) -> Option<Confirmation> {
    use crate::domain::auth_rule::ConfirmBy;
    match who.proof.confirm {
        None => Some(Confirmation::NotAsked),
        Some(ConfirmBy::Secret) => {
            let secret = confirm.filter(|text| !text.is_empty());
            if secret.is_none() {
                let label = visit.profile.secret_label(SecretKind::Confirm, who.user.role);
                form.set_error("confirm", format!("{label}を入力してください。"));
            }
            secret.map(Confirmation::Secret)
        }
        Some(ConfirmBy::PictureCard) => {
            // What is no picture at all is no answer either, and is not counted.
            let pictures = pictures
                .map(|pick| pick.filter(|pick| PICTURES.iter().any(|(name, _)| name == pick)));
            for (name, pick) in PICTURE_FIELDS.iter().zip(&pictures) {
                if pick.is_none() {
                    form.set_error(name, "カードと同じ絵を選んでください。");
                }
            }
            let picked: Option<Vec<String>> = pictures.into_iter().collect();
            picked.map(Confirmation::Pictures)
        }
    }
}

/// Where a step leads, or the form with the words for what was refused.
pub enum StepPage {
    /// Another page.
    Leads(HttpResponse),
    /// The same form again.
    Again(FormView),
}

/// Words and ways for how a step ended.
///
/// # Errors
/// 409 where somebody was faster.
pub fn after_step(
    visit: &Visit,
    flow: &Flow,
    outcome: StepOutcome,
    mut form: FormView,
    next: &str,
    code_field: &str,
) -> Result<StepPage, PageError> {
    let back = begin_url(visit, flow.operation);
    match outcome {
        StepOutcome::Done => Ok(StepPage::Leads(see_other(next))),
        StepOutcome::AlreadyDone(result) => Ok(StepPage::Leads(see_other(&result))),
        StepOutcome::Ended => Ok(StepPage::Leads(see_other(&format!("{back}?lost={TRIES}")))),
        StepOutcome::Stale | StepOutcome::Conflict => Err(PageError::Conflict { back }),
        // With its old key the same content would be refused for ever.
        StepOutcome::TwinRefused => {
            Ok(StepPage::Again(form.error(TWIN_REFUSED).request_key(request_key()?)))
        }
        StepOutcome::KindClosed(kind, closed) => {
            let words = visit.profile.token_kind(kind).map_or_else(
                || "この種類のトークンは登録できません。".to_owned(),
                |rules| crate::web::help::closed_text(&visit.profile, rules, closed),
            );
            form.set_error("serial", words);
            Ok(StepPage::Again(form))
        }
        StepOutcome::Refused(refusals) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, code_field);
            }
            Ok(StepPage::Again(form))
        }
    }
}

/// The receipt of a finished flow; a reload shows the same.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn find_receipt(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
) -> Result<(Who, FlowParts, Receipt, TokenReceipt), PageError> {
    find_receipt_of(visit, operation, flow_id).await
}

/// [`find_receipt`] with other details.
///
/// # Errors
/// As [`find_receipt`].
pub async fn find_receipt_of<T: DeserializeOwned>(
    visit: &Visit,
    operation: FlowOperation,
    flow_id: &str,
) -> Result<(Who, FlowParts, Receipt, T), PageError> {
    let (who, parts) = enter_step(visit, operation, flow_id, FlowStep::Done).await?;
    let id = parts.flow.receipt_id.ok_or(PageError::NotFound)?;
    let receipt = visit.app.services.db.read(move |conn| receipts::get(conn, id)).await?;
    let details: T = serde_json::from_str(&receipt.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let shown = Receipt {
        number: number_text(receipt.number),
        time_text: jst_receipt_text(receipt.accepted_at),
    };
    Ok((who, parts, shown, details))
}
