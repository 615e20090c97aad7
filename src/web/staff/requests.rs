//! STF002, its pages of requests: what waits for a second person, and what staff did.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::staff_letters;
use crate::db::queries::staff_requests::{self, Filter, ListedRequest};
use crate::domain::bulk_file::BulkKind;
use crate::domain::external_file::ExternalKind;
use crate::domain::limit::LimitService;
use crate::domain::receipt::number_text;
use crate::domain::staff_request::{Blocked, RequestState, StaffAct, StaffRequest};
use crate::operations::staff::decide::{DecideOutcome, Verdict, decide};
use crate::operations::token::revoke::RevokeReason;
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::{StaffId, StaffRequestId};
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Row, Shell};
use crate::web::screens;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::token::reason_label;
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words;

const ROWS: usize = 50;

/// A request in a list.
pub struct RequestRow {
    /// 受付番号.
    pub number: String,
    /// Which act.
    pub act: &'static str,
    /// On whom.
    pub user: String,
    /// Who made it.
    pub maker: String,
    /// When.
    pub made_at: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// Its page.
    pub url: String,
}

/// The list of requests.
#[derive(askama::Template)]
#[template(path = "staff/requests.html")]
pub struct RequestsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// By state.
    pub tabs: Vec<NavItem>,
    /// Newest first.
    pub rows: Vec<RequestRow>,
    /// Older ones.
    pub next: Option<Link>,
}

/// Which to list.
#[derive(Deserialize)]
pub struct RequestsQuery {
    state: Option<String>,
    before: Option<i64>,
}

/// Shows the list.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<RequestsQuery>) -> PageResult {
    let asked = query.state.as_deref().unwrap_or(RequestState::Waiting.as_str());
    let state = RequestState::from_text(asked);
    let filter = Filter { state, user_id: None, before: query.before.map(StaffRequestId) };
    let slug = visit.profile.slug().to_owned();
    let (who, mut found) = principal::enter(&visit, move |conn, _| {
        staff_requests::list(conn, &slug, filter, i64::try_from(ROWS + 1).unwrap_or(i64::MAX))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let name = state.map_or("all", RequestState::as_str);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!("{}?state={name}&before={}", visit.url("requests"), last.request.id),
    });
    let mut shell = visit.shell_of(&screens::STF002, &who);
    shell.title = "申請と受付の一覧".into();
    let page = RequestsPage {
        shell,
        tabs: tabs(&visit, state),
        rows: found.iter().map(|listed| request_row(&visit, listed)).collect(),
        next,
    };
    visit.page(StatusCode::OK, &page)
}

fn tabs(visit: &StaffVisit, current: Option<RequestState>) -> Vec<NavItem> {
    let tab = |label: &str, name: &str, is_current| NavItem {
        label: label.to_owned(),
        url: format!("{}?state={name}", visit.url("requests")),
        is_current,
    };
    let of = RequestState::ALL.iter();
    let mut tabs: Vec<NavItem> =
        of.map(|state| tab(state.label(), state.as_str(), current == Some(*state))).collect();
    tabs.push(tab("すべて", "all", current.is_none()));
    tabs
}

/// A request as lists show it.
pub(super) fn request_row(visit: &StaffVisit, listed: &ListedRequest) -> RequestRow {
    let request = &listed.request;
    let user = listed.user.as_ref();
    RequestRow {
        number: format!("{:07}", request.id.0),
        act: words::act_label(request.kind),
        user: user.map_or_else(|| "なし".to_owned(), |(id, name)| format!("{name}（{id}）")),
        maker: listed.maker.clone(),
        made_at: jst_receipt_text(request.made_at),
        state: request.state.label(),
        class: match request.state {
            RequestState::Waiting => "warn",
            RequestState::Approved | RequestState::Done => "success",
            RequestState::Refused => "error",
            RequestState::Withdrawn => "info",
        },
        url: visit.url(&format!("requests/{}", request.id)),
    }
}

/// A button of a request.
pub struct Decision {
    /// The form, nothing but its token.
    pub form: FormView,
    /// The button.
    pub label: &'static str,
    /// Class of the button.
    pub class: &'static str,
}

/// One request.
#[derive(askama::Template)]
#[template(path = "staff/request.html")]
pub struct RequestPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// Everything about it.
    pub rows: Vec<Row>,
    /// Why somebody who reads this cannot decide it.
    pub hint: Option<&'static str>,
    /// What can be decided.
    pub decisions: Vec<Decision>,
    /// The customer.
    pub customer: Option<Link>,
    /// Back to the list.
    pub back_url: String,
}

/// Shows a request.
///
/// # Errors
/// 303 to the login; 404 for none of this portal.
pub async fn show_one(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let (slug, id) = (visit.profile.slug().to_owned(), StaffRequestId(path.into_inner()));
    let (who, (listed, letter)) = principal::enter(&visit, move |conn, _| {
        // One row, as the list has it.
        let filter = Filter { state: None, user_id: None, before: Some(StaffRequestId(id.0 + 1)) };
        let found = staff_requests::list(conn, &slug, filter, 1)?;
        let listed = found.into_iter().find(|listed| listed.request.id == id);
        Ok((listed, staff_letters::find(conn, &slug, id)?))
    })
    .await?;
    let listed = listed.ok_or(PageError::NotFound)?;
    let row = request_row(&visit, &listed);
    let has_letter = letter.is_some_and(|letter| letter.printed_at.is_none());
    let mut shell = visit.shell_of(&screens::STF002, &who);
    shell.title = words::act_label(listed.request.kind).into();
    let page = RequestPage {
        shell,
        state: row.state,
        class: row.class,
        hint: hint(&visit, &who, &listed, has_letter),
        decisions: decisions(&visit, &who, &listed, has_letter),
        rows: rows(&listed, row),
        customer: subject_link(&visit, &listed),
        back_url: visit.url("requests"),
    };
    visit.page(StatusCode::OK, &page)
}

/// The customer, or the contract that the result names first.
fn subject_link(visit: &StaffVisit, listed: &ListedRequest) -> Option<Link> {
    let request = &listed.request;
    if let Some(user_id) = request.user_id {
        let url = visit.url(&format!("customers/{user_id}"));
        return Some(Link { label: "お客さまを開く".to_owned(), url });
    }
    let is_of_contract =
        matches!(request.kind, StaffAct::OpenContract | StaffAct::AddAccount | StaffAct::AddUser);
    let (contract_id, _) = request.result.split_once(' ').filter(|_| is_of_contract)?;
    let url = visit.url(&format!("contracts/{contract_id}"));
    Some(Link { label: "ご契約を開く".to_owned(), url })
}

fn rows(listed: &ListedRequest, row: RequestRow) -> Vec<Row> {
    let request = &listed.request;
    let mut rows = vec![
        Row::new("受付番号", number_text(i32::try_from(request.id.0).unwrap_or(i32::MAX))),
        Row::new("受付時刻", row.made_at),
        Row::new("申請した人", row.maker),
        Row::new(
            if request.kind == StaffAct::Release { "申込書番号" } else { "受付の内容" },
            request.note.clone(),
        ),
    ];
    if listed.user.is_some() {
        rows.insert(2, Row::new("お客さま", row.user));
    }
    if let Some(details) = details(request) {
        rows.push(Row::new("手続きの内容", details));
    }
    if let Some((decider, at)) = listed.decider.clone().zip(request.decided_at) {
        rows.push(Row::new("決めた人", decider));
        rows.push(Row::new("決めた時刻", jst_receipt_text(at)));
    }
    if let Some(text) = result_text(listed) {
        rows.push(Row::new("結果", text));
    }
    rows
}

/// What the act was given, in words.
fn details(request: &StaffRequest) -> Option<String> {
    match request.kind {
        StaffAct::Limit => {
            let (service, yen) = request.payload.split_once(' ')?;
            let service = LimitService::from_text(service)?;
            Some(format!("{} 1日 {}まで", service.label(), Yen(yen.parse().ok()?)))
        }
        StaffAct::Ship => {
            let serial = request.payload.split(' ').next()?;
            Some(format!("シリアル番号 {serial}"))
        }
        StaffAct::OrderShip => {
            let (_, serials) = request.payload.strip_prefix("order ")?.split_once(' ')?;
            Some(format!("シリアル番号 {serials}"))
        }
        StaffAct::BulkService => {
            let (kind, agreed) = request.payload.split_once(' ')?;
            let word = if agreed == "none" { "取り扱わない" } else { "取り扱う" };
            Some(format!("{}: {word}", BulkKind::from_text(kind)?.label()))
        }
        StaffAct::ExternalAccounts => {
            let kinds = request.payload.splitn(3, ' ').nth(2)?.split(' ');
            let labels: Vec<&str> =
                kinds.filter_map(ExternalKind::from_text).map(ExternalKind::label).collect();
            Some(if labels.is_empty() {
                "取り扱わない".to_owned()
            } else {
                labels.join("・")
            })
        }
        StaffAct::ExternalPut => {
            let (kind, number) = request.payload.split_once(' ')?;
            Some(format!("契約番号 {number}: {}", ExternalKind::from_text(kind)?.label()))
        }
        StaffAct::ApprovePayee => {
            request.payload.rsplit_once(' ').map(|(account, _)| account.to_owned())
        }
        StaffAct::Revoke => {
            RevokeReason::from_text(&request.payload).map(|reason| reason_label(reason).to_owned())
        }
        _ => None,
    }
}

fn result_text(listed: &ListedRequest) -> Option<String> {
    let request = &listed.request;
    let result = request.result.as_str();
    if let Some(why) = Blocked::from_text(result).filter(|_| request.state == RequestState::Refused)
    {
        let words = words::blocked(why);
        return Some(format!("対象の状態が変わっていたため、実行していません。{words}"));
    }
    if result.is_empty() {
        return None;
    }
    Some(match request.kind {
        StaffAct::Release => format!("解除した利用者: {result}"),
        StaffAct::Revoke => format!("失効した利用者と、次を登録できる時刻: {result}"),
        StaffAct::Resynchronise => format!("時刻のずれ（ステップ）: {result}"),
        StaffAct::Ship => format!("契約番号 {result} に配付しました。"),
        StaffAct::OrderRecord => "申込書の内容を登録しました。".to_owned(),
        StaffAct::OrderDebit => "代表口座から引き落としました。".to_owned(),
        StaffAct::OpenContract | StaffAct::AddUser | StaffAct::AddAccount => opened(result),
        StaffAct::RecordApplication => format!("契約番号 {result} のお申込みを登録しました。"),
        StaffAct::BulkService | StaffAct::ExternalAccounts => {
            format!("契約番号 {result} の取扱いを登録しました。")
        }
        StaffAct::ExternalPut => format!("契約番号 {result} に渡すファイルを登録しました。"),
        StaffAct::CloseContract => {
            let (users, tokens) = result.split_once(' ').unwrap_or((result, "0"));
            format!("解約しました。利用者{users}名、廃止したトークン{tokens}個")
        }
        StaffAct::Import => {
            let (imported, known) = result.split_once(' ').unwrap_or((result, "0"));
            format!("在庫に取り込みました: {imported}件。すでにあったもの: {known}件")
        }
        _ => result.to_owned(),
    })
}

/// The contract's id, its number, and a new user's login id.
fn opened(result: &str) -> String {
    let mut parts = result.split(' ').skip(1);
    let number = parts.next().unwrap_or_default();
    parts.next().map_or_else(
        || format!("契約番号 {number} に追加しました。"),
        |login_id| {
            format!(
                "契約番号 {number}、ログインID {login_id} で登録しました。初期パスワードの発行は、ほかの人の承認を待っています。"
            )
        },
    )
}

fn hint(
    visit: &StaffVisit,
    who: &StaffWho,
    listed: &ListedRequest,
    has_letter: bool,
) -> Option<&'static str> {
    let role = who.member.role;
    if has_letter {
        let is_own = listed.request.maker_id == who.member.id;
        let has_font = visit.app.options.letter_font.is_file();
        return match (is_own, has_font) {
            (false, _) => Some("お知らせは、申請した人だけが、一度だけ印刷できます。"),
            (true, false) => Some(
                "PDFの書体が見つからないため、画面に表示して印刷します。PDFにするときは、システム担当に設定（letter_font）の確認を依頼してください。",
            ),
            (true, true) => None,
        };
    }
    if listed.request.state != RequestState::Waiting || !role.may_make() {
        return None;
    }
    match (listed.request.maker_id == who.member.id, role.may_decide()) {
        (true, _) => Some("自分の申請は承認できません。ほかの承認者に依頼してください。"),
        (false, false) => Some("承認または却下は、役割が「承認」の人が行います。"),
        (false, true) => None,
    }
}

fn decisions(
    visit: &StaffVisit,
    who: &StaffWho,
    listed: &ListedRequest,
    has_letter: bool,
) -> Vec<Decision> {
    let request = &listed.request;
    let button = |path: &str, label, class| Decision {
        form: FormView::new(
            visit.url(&format!("requests/{}/{path}", request.id)),
            who.csrf_token(),
        ),
        label,
        class,
    };
    let is_own = request.maker_id == who.member.id;
    match request.state {
        RequestState::Waiting if is_own => vec![button("withdraw", "申請を取り下げる", "plain")],
        RequestState::Waiting if who.member.role.may_decide() => vec![
            button("approve", "承認して実行する", "primary"),
            button("refuse", "却下する", "plain"),
        ],
        RequestState::Approved | RequestState::Done if has_letter && is_own => {
            let has_font = visit.app.options.letter_font.is_file();
            let pdf =
                has_font.then(|| button("letter.pdf", "PDFで受け取る（一度だけ）", "primary"));
            let class = if has_font { "plain" } else { "primary" };
            let page = button("letter", "画面に表示して印刷する（一度だけ）", class);
            pdf.into_iter().chain([page]).collect()
        }
        _ => Vec::new(),
    }
}

/// A decision's form: nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {}

/// Approves.
///
/// # Errors
/// 403 for the maker, 409 where somebody was faster.
pub async fn approve(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    settle(visit, path.into_inner(), body, Verdict::Approve).await
}

/// Refuses.
///
/// # Errors
/// As [`approve`].
pub async fn refuse(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    settle(visit, path.into_inner(), body, Verdict::Refuse).await
}

/// Takes back.
///
/// # Errors
/// As [`approve`], and 403 for anybody but the maker.
pub async fn withdraw(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    settle(visit, path.into_inner(), body, Verdict::Withdraw).await
}

async fn settle(visit: StaffVisit, id: i64, body: FormBody, verdict: Verdict) -> PageResult {
    let (slug, id) = (visit.profile.slug().to_owned(), StaffRequestId(id));
    let (who, known) =
        principal::enter(&visit, move |conn, _| staff_requests::find(conn, &slug, id)).await?;
    let DecisionForm {} = body.of_staff(&who)?;
    let page = visit.url(&format!("requests/{id}"));
    // The twin of a double click sees what its own member decided.
    if known.is_some_and(|request| is_decided_by(request.decider_id, who.member.id)) {
        return Ok(see_other(&page));
    }
    match decide(&visit.app.services, &who.ctx, &who.member, id, verdict).await? {
        DecideOutcome::Done | DecideOutcome::ObjectChanged(_) => Ok(see_other(&page)),
        DecideOutcome::WrongPerson => Err(PageError::Forbidden("nobody approves the own request")),
        DecideOutcome::Stale => Err(PageError::Conflict { back: page }),
        DecideOutcome::NotFound => Err(PageError::NotFound),
    }
}

fn is_decided_by(decider: Option<StaffId>, member: StaffId) -> bool {
    decider == Some(member)
}
