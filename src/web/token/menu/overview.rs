//! BOT000 ワンタイムパスワード申請内容選択: how the customer stands, and what can be done now.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::db::queries::{token_issues, tokens};
use crate::domain::flow::FlowOperation;
use crate::domain::token::{Token, TokenActor, UserTokenStatus, decide};
use crate::domain::token_issue::TokenIssue;
use crate::operations::count_limit;
use crate::operations::token::flow::act_of;
use crate::primitives::clock::jst_minute_text;
use crate::web::failure::PageResult;
use crate::web::form::FormView;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::principal::{self, Who};
use crate::web::screens;
use crate::web::token::flow::{self, Lost};
use crate::web::visit::Visit;

/// A button, or why it cannot be used now.
#[derive(Clone, Debug)]
pub struct MenuAct {
    /// Also the id of its line.
    pub name: &'static str,
    /// The button's words.
    pub label: String,
    /// What it is for.
    pub description: String,
    /// Why it cannot be used now.
    pub reason: Option<String>,
    /// The form behind the button.
    pub form: FormView,
}

/// BOT000.
#[derive(askama::Template)]
#[template(path = "token/menu/overview.html")]
pub struct OverviewPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// The status in words.
    pub status: String,
    /// Its colour.
    pub tone: Tone,
    /// トークン情報, when issued.
    pub rows: Vec<Row>,
    /// The three buttons.
    pub acts: Vec<MenuAct>,
    /// What the customer should know.
    pub notes: Vec<String>,
    /// The help.
    pub help_url: String,
    /// The top page; none for whoever may see this page alone.
    pub top_url: Option<String>,
}

/// What the page is made from.
struct Standing {
    status: UserTokenStatus,
    is_suspended: bool,
    token: Option<Token>,
    issue: Option<TokenIssue>,
}

/// Shows the page.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, (token, issue, is_alone)) = principal::enter_menu(&visit, move |conn, _, user| {
        let token = user.token_id.map(|id| tokens::get(conn, id)).transpose()?;
        let issue = user.token_id.map(|id| token_issues::find_by_token(conn, id)).transpose()?;
        let is_alone = crate::operations::token::menu::must_register(conn, &ctx, user)?;
        Ok((token, issue.flatten(), is_alone))
    })
    .await?;
    let limit = count_limit(visit.profile.tokens.throttle.failures_max);
    let expires_at = token.as_ref().and_then(|token| token.expires_at);
    let standing = Standing {
        status: UserTokenStatus::at(who.user.token_status, expires_at, visit.ctx.now),
        is_suspended: token.as_ref().is_some_and(|token| token.is_suspended(limit)),
        token,
        issue,
    };
    let mut notices = flow::lost_notices(&lost);
    notices.extend(is_alone.then(|| register_first(standing.status)));
    let is_in_use = standing.status == UserTokenStatus::InUse;
    let page = OverviewPage {
        shell: visit.shell_of(&screens::BOT000, &who),
        notices,
        status: standing.status.label().to_owned(),
        tone: if is_in_use { Tone::Success } else { Tone::Warn },
        rows: rows(&visit, &standing),
        acts: acts(&visit, &who, &standing),
        notes: notes(&visit),
        help_url: visit.url("help/otp"),
        top_url: (!is_alone).then(|| visit.url("")),
    };
    visit.page(StatusCode::OK, &page)
}

fn register_first(status: UserTokenStatus) -> Notice {
    let why = match status {
        UserTokenStatus::Expired => "トークンの有効期限が切れています。",
        UserTokenStatus::Revoked => "トークンは失効しています。",
        _ => "トークンの利用開始がまだ終わっていません。",
    };
    Notice {
        tone: Tone::Warn,
        title: why.to_owned(),
        text: vec![
            "新しいトークンの利用を開始されるまで、ほかの画面はお使いいただけません。".to_owned(),
        ],
    }
}

fn rows(visit: &Visit, standing: &Standing) -> Vec<Row> {
    let is_told = matches!(standing.status, UserTokenStatus::Issued | UserTokenStatus::InUse);
    let policy = visit.profile.tokens.issue.as_ref();
    let (Some(issue), Some(policy), true) = (&standing.issue, policy, is_told) else {
        return Vec::new();
    };
    let mut rows = vec![
        Row::new("サービスID", policy.service_id.clone()),
        Row::new("ユーザID", issue.user_number.clone()),
    ];
    if standing.status == UserTokenStatus::Issued {
        let until = jst_minute_text(issue.expires_at);
        let set_up = match issue.set_up_at {
            Some(at) => format!("{} に完了", jst_minute_text(at)),
            None if issue.is_too_late_at(visit.ctx.now) => format!("未設定（{until} に期限切れ）"),
            None => format!("未設定（期限 {until}）"),
        };
        rows.push(Row::new("アプリの初期設定", set_up));
    }
    let expires_at = standing.token.as_ref().and_then(|token| token.expires_at);
    rows.extend(expires_at.map(|end| Row::new("有効期限", jst_minute_text(end))));
    rows
}

fn acts(visit: &Visit, who: &Who, standing: &Standing) -> Vec<MenuAct> {
    let words = &visit.profile.words;
    let stop = words.stop.as_deref().unwrap_or("利用中止");
    let act = |name, operation, label: String, description: &str| MenuAct {
        name,
        reason: reason(visit, who, standing, operation),
        label,
        description: description.to_owned(),
        form: FormView::new(visit.url(flow::path(visit, operation)), who.csrf_token()),
    };
    vec![
        act(
            "issue",
            FlowOperation::TokenIssue,
            format!("{}発行", words.token),
            "スマートフォンのアプリで使うトークンを発行します。",
        ),
        act(
            "start",
            FlowOperation::TokenStart,
            format!("{}{}", words.otp, words.start),
            "アプリの初期設定のあと、表示された数字で利用を始めます。",
        ),
        act(
            "stop",
            FlowOperation::TokenStop,
            format!("{}{stop}", words.otp),
            "スマートフォンを替えるときや、お使いにならなくなったときに行います。",
        ),
    ]
}

/// Why the act cannot be done now, as far as the page can know.
fn reason(
    visit: &Visit,
    who: &Who,
    standing: &Standing,
    operation: FlowOperation,
) -> Option<String> {
    use {FlowOperation as F, UserTokenStatus as S};
    let words = &visit.profile.words;
    let otp = &words.otp;
    let stop = words.stop.as_deref().unwrap_or("利用中止");
    let status = standing.status;
    if who.user.stopped_at.is_some() {
        let words =
            "緊急停止中のため、お手続きいただけません。画面下のお問い合わせ先へお電話ください。";
        return Some(words.to_owned());
    }
    if standing.is_suspended {
        return Some("認証を停止しています。画面下のお問い合わせ先へお電話ください。".to_owned());
    }
    let is_refused = |act| decide(status, false, act, TokenActor::Owner).is_err();
    if act_of(operation).is_none_or(is_refused) {
        return Some(match (operation, status) {
            (F::TokenIssue, _) => {
                format!(
                    "すでにご利用中です。トークンを替えるときは、先に{stop}のお手続きをしてください。"
                )
            }
            (F::TokenStart, _) => "すでにご利用中です。".to_owned(),
            _ => format!("{otp}をご利用中のお客さまのお手続きです。"),
        });
    }
    let (has_address, now) = (who.user.mail_address.is_some(), visit.ctx.now);
    match operation {
        F::TokenIssue if !has_address => Some(
            "メールアドレスが登録されていません。「お客様情報変更」から登録してください。"
                .to_owned(),
        ),
        F::TokenStart if status != S::Issued => {
            Some(format!("先に{}発行のお手続きをしてください。", words.token))
        }
        // The worker brings the customer back to the state before only a little later.
        F::TokenStart if standing.issue.as_ref().is_some_and(|i| i.is_too_late_at(now)) => Some(
            format!("初期設定の期限が過ぎました。もう一度{}発行をお手続きください。", words.token),
        ),
        F::TokenStart if !is_set_up(standing) => {
            Some("先に、メールでご案内したアプリで初期設定をしてください。".to_owned())
        }
        _ => None,
    }
}

fn is_set_up(standing: &Standing) -> bool {
    standing.issue.as_ref().is_some_and(|issue| issue.set_up_at.is_some())
}

fn notes(visit: &Visit) -> Vec<String> {
    let (words, otp) = (&visit.profile.words, &visit.profile.words.otp);
    let stop = words.stop.as_deref().unwrap_or("利用中止");
    let period = visit.profile.tokens.period_seconds.get();
    vec![
        format!(
            "{otp}は、アプリに{period}秒ごとに表示される使い捨ての数字です。ログインやお取引のときに入力します。"
        ),
        format!(
            "{}発行は、お手持ちのスマートフォンにトークンを用意するお手続きです。発行のあと、アプリの初期設定と{}が必要です。",
            words.token, words.start
        ),
        format!(
            "スマートフォンを替えるとき、アプリを削除するときは、その前に{stop}をお手続きください。"
        ),
    ]
}
