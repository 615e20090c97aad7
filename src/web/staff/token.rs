//! STF022 トークンの手続き: how a customer's token stands, its history, and what is done at once:
//! revoke, resynchronise, hand another one out.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{audit, customers};
use crate::domain::audit::AuditLine;
use crate::domain::registration_number::is_needed;
use crate::domain::token::UserTokenStatus;
use crate::operations::count_limit;
use crate::operations::proof::ProofRefusal;
use crate::operations::staff::acts::{reissue, revoke};
use crate::operations::staff::resynchronise::{ResynchroniseOutcome, resynchronise};
use crate::operations::token::revoke::RevokeReason;
use crate::primitives::clock::{jst_minute_text, jst_receipt_text, to_jst};
use crate::primitives::code::normalise_serial;
use crate::primitives::ids::UserId;
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::{INPUT_LENGTH_MAX, normalise_code};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Row, Shell};
use crate::web::screens;
use crate::web::staff::act::{self, ActText, Entered};
use crate::web::staff::principal;
use crate::web::staff::visit::StaffVisit;

const HISTORY: i64 = 50;

/// A line of the history.
pub struct HistoryRow {
    /// When.
    pub time: String,
    /// What.
    pub operation: String,
    /// How it ended.
    pub result: &'static str,
    /// Who.
    pub actor: String,
    /// More.
    pub details: String,
}

/// STF022.
#[derive(askama::Template)]
#[template(path = "staff/token.html")]
pub struct TokenPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Whose and which token.
    pub rows: Vec<Row>,
    /// What can be done.
    pub acts: Vec<Link>,
    /// What became of it so far, newest first.
    pub history: Vec<HistoryRow>,
    /// Back to the customer.
    pub back_url: String,
}

/// Shows the token with its history.
///
/// # Errors
/// 303 to the login; 404 for nobody of this portal.
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let (slug, id) = (visit.profile.slug().to_owned(), UserId(path.into_inner()));
    let (who, found) = principal::enter(&visit, move |conn, _| {
        let Some(customer) = customers::find(conn, &slug, id)? else { return Ok(None) };
        let mut objects = vec![format!("user {id}")];
        objects.extend(customer.token.as_ref().map(|token| format!("token {}", token.id)));
        let lines = audit::list_token_lines(conn, &slug, &objects, HISTORY)?;
        Ok(Some((customer, lines)))
    })
    .await?;
    let (customer, lines) = found.ok_or(PageError::NotFound)?;
    let user = &customer.user;
    let expires_at = customer.token.as_ref().and_then(|token| token.expires_at);
    let status = UserTokenStatus::at(user.token_status, expires_at, visit.ctx.now);
    let mut rows = vec![
        Row::new("お名前", user.name.clone()),
        Row::new("ログインID", user.login_id.clone()),
        Row::new("利用状態", status.label()),
    ];
    if let Some(token) = &customer.token {
        let limit = count_limit(visit.profile.tokens.throttle.failures_max);
        let state = if token.is_suspended(limit) { "停止中" } else { "利用可能" };
        rows.push(Row::new("認証の状態", state));
        rows.push(Row::new("シリアル番号", token.serial.clone()));
        rows.push(Row::new("時刻のずれ", format!("{}ステップ", token.drift_steps)));
        let end = expires_at.map_or_else(|| "なし".to_owned(), jst_minute_text);
        rows.push(Row::new("有効期限", end));
    }
    let link = |path: &str, label: &str| Link {
        label: label.to_owned(),
        url: visit.url(&format!("customers/{id}/token/{path}")),
    };
    let mut acts = vec![
        link("resync", "時刻を補正する"),
        link("reissue", "トークンを配付する"),
        link("revoke", "失効する"),
    ];
    if is_needed(&visit.profile, user) {
        acts.push(link("number", "登録番号を発行する"));
    }
    let page = TokenPage {
        shell: visit.shell_of(&screens::STF022, &who),
        rows,
        acts: if who.member.role.may_make() { acts } else { Vec::new() },
        history: lines.into_iter().map(history_row).collect(),
        back_url: visit.url(&format!("customers/{id}")),
    };
    visit.page(StatusCode::OK, &page)
}

fn history_row(line: AuditLine) -> HistoryRow {
    use crate::domain::audit::AuditResult;
    HistoryRow {
        time: jst_receipt_text(line.happened_at),
        operation: line.operation,
        result: match line.result {
            AuditResult::Done => "完了",
            AuditResult::Refused => "拒否",
        },
        actor: line.actor,
        details: line.details,
    }
}

/// The form of a revocation.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RevokeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    reason: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

const REVOKE: ActText = ActText {
    screen: &screens::STF022,
    title: "トークンの失効",
    lead: "すぐに失効します。承認は要りません。このトークンの利用者は全員ログアウトし、新しいトークンを登録するまで使えません。元には戻せません。",
    button: "今すぐ失効する",
    is_danger: true,
};

/// Why a token is revoked, in words.
pub(super) fn reason_label(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Lost => "紛失・盗難",
        RevokeReason::Uninstalled => "アプリの削除・機種変更",
        RevokeReason::Other => "そのほか",
    }
}

fn revoke_fields() -> Vec<FieldView> {
    let choice = |reason: &RevokeReason| Choice {
        value: reason.as_str().to_owned(),
        label: reason_label(*reason).to_owned(),
        hint: None,
        image: None,
        is_chosen: false,
    };
    let choices = RevokeReason::ALL.iter().map(choice).collect();
    vec![
        FieldView::radio("reason", "失効の理由", choices),
        act::note("受付の内容", "お電話の時刻など、受付の内容を書きます。"),
    ]
}

/// Shows the form of a revocation.
///
/// # Errors
/// As [`act::enter`].
pub async fn show_revoke(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let address = format!("customers/{id}/token/revoke");
    let form = act::form(&visit, &entered.who, &address, revoke_fields())?;
    act::show(&visit, &entered, REVOKE, form)
}

/// Revokes.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_revoke(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/token/revoke");
    let (input, key): (RevokeForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, revoke_fields())?;
    let reason = input.reason.as_deref().and_then(RevokeReason::from_text);
    if reason.is_none() {
        form.set_error("reason", "失効の理由を選んでください。");
    }
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let Some(reason) = reason.filter(|_| !form.is_invalid()) {
        let (services, user) = (&visit.app.services, &entered.customer.user);
        let given = (reason, note);
        let outcome = revoke(services, &who.ctx, &who.member, &key, user, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, REVOKE, form)
}

/// The form of a resynchronisation.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ResyncForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    first: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    second: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

const RESYNC: ActText = ActText {
    screen: &screens::STF022,
    title: "時刻補正",
    lead: "お客さまのトークンに続けて表示された2つの数字で、時刻のずれを直します。窓口でトークンを見ながら入力してください。どちらの数字も、この後は使えません。",
    button: "時刻を補正する",
    is_danger: false,
};

fn resync_fields() -> Vec<FieldView> {
    let code = |name, label| FieldView::text(name, label).inputmode("numeric").maxlength(16);
    vec![
        code("first", "1つ目の数字").hint("いま表示されている数字です。"),
        code("second", "2つ目の数字").hint("次に変わった直後の数字です。"),
        act::note("受付の内容", "本人確認の方法などを書きます。"),
    ]
}

/// Shows the form of a resynchronisation.
///
/// # Errors
/// As [`act::enter`].
pub async fn show_resync(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let address = format!("customers/{id}/token/resync");
    let form = act::form(&visit, &entered.who, &address, resync_fields())?;
    act::show(&visit, &entered, RESYNC, form)
}

/// Resynchronises.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_resync(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/token/resync");
    let (input, key): (ResyncForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, resync_fields())?;
    let codes = (normalise_code(&input.first), normalise_code(&input.second));
    check_codes(&mut form, &entered, &codes);
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let (services, user) = (&visit.app.services, &entered.customer.user);
        let given = (codes.0.as_str(), codes.1.as_str(), note.as_str());
        match resynchronise(services, &who.ctx, &who.member, &key, user, given).await? {
            ResynchroniseOutcome::Act(outcome) => {
                if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
                    return Ok(done);
                }
            }
            ResynchroniseOutcome::Refused(refusal) => {
                form.set_error("first", pair_refused(&refusal));
            }
        }
    }
    act::show(&visit, &entered, RESYNC, form)
}

fn check_codes(form: &mut FormView, entered: &Entered, codes: &(String, String)) {
    let digits = entered.customer.token.as_ref().map_or(6, |token| token.digits);
    let is_code = |code: &str| {
        i32::try_from(code.len()) == Ok(digits) && code.bytes().all(|b| b.is_ascii_digit())
    };
    for (name, code) in [("first", &codes.0), ("second", &codes.1)] {
        if !is_code(code) {
            form.set_error(name, format!("{digits}桁の数字で入力してください。"));
        }
    }
    if !form.is_invalid() && codes.0 == codes.1 {
        form.set_error("second", "1つ目と違う、次に表示された数字を入力してください。");
    }
}

fn pair_refused(refusal: &ProofRefusal) -> String {
    match refusal {
        ProofRefusal::OtpWaiting { until } => {
            let at = to_jst(*until).format("%-H時%M分%S秒");
            format!("入力の誤りが続いたため、{at}を過ぎてから、もう一度入力してください。")
        }
        ProofRefusal::OtpRepeated => "同じ数字が続けて送信されました。\
            次に表示される2つの数字を入力してください。"
            .to_owned(),
        ProofRefusal::Suspended => {
            "このトークンは停止しています。先に利用停止を解除してください。".to_owned()
        }
        _ => "続けて表示された2つの数字として確認できませんでした。シリアル番号を確かめ、\
            次に表示される2つの数字を入力してください。誤りが続くと、トークンは停止します。"
            .to_owned(),
    }
}

/// The form of a token handed out.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReissueForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    serial: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

const REISSUE: ActText = ActText {
    screen: &screens::STF022,
    title: "トークンの配付（再発行）",
    lead: "在庫のトークンを、このお客さまのご契約に配付します。お客さまが登録すると使えるようになります。",
    button: "配付する",
    is_danger: false,
};

fn reissue_fields() -> Vec<FieldView> {
    vec![
        FieldView::text("serial", "シリアル番号")
            .hint("在庫のトークンの裏面の番号です。")
            .maxlength(24),
        act::note("受付の内容", "申込書の番号などを書きます。"),
    ]
}

/// Shows the form of a token handed out.
///
/// # Errors
/// As [`act::enter`].
pub async fn show_reissue(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let address = format!("customers/{id}/token/reissue");
    let form = act::form(&visit, &entered.who, &address, reissue_fields())?;
    act::show(&visit, &entered, REISSUE, form)
}

/// Hands the token out.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_reissue(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/token/reissue");
    let (input, key): (ReissueForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, reissue_fields())?;
    let serial = normalise_serial(&input.serial);
    if serial.is_empty() {
        form.set_error("serial", "シリアル番号を入力してください。");
    }
    act::keep(&mut form, "serial", &serial);
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let (services, user) = (&visit.app.services, &entered.customer.user);
        let outcome = reissue(services, &who.ctx, &who.member, &key, user, (serial, note)).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, REISSUE, form)
}
