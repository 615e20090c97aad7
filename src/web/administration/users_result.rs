//! BAU041 利用停止・再開の結果, BAU051 パスワードの初期化の結果, BAU071 退職者の手続きの結果. A reload
//! shows the same receipt, and no initial password a second time.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::de::DeserializeOwned;

use crate::db::queries::receipts;
use crate::domain::member::HandOver;
use crate::domain::receipt::{Receipt as StoredReceipt, number_text};
use crate::operations::administration::initial_password::{ShownSecrets, show_once};
use crate::operations::administration::leave::{self, LeaveReceipt, LeftToken};
use crate::operations::administration::pause::PauseAct;
use crate::operations::administration::reset::{self, ResetReceipt};
use crate::operations::administration::{MemberLine, MembersReceipt};
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::{ReceiptId, UserId};
use crate::web::administration::list::role_label;
use crate::web::administration::release::STEPS;
use crate::web::administration::{USERS, enter};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Receipt, Shell, Step, steps};
use crate::web::principal::Who;
use crate::web::screens::{self, Screen};
use crate::web::visit::Visit;

/// BAU041's address below the portal; the receipt's id follows.
pub const PAUSED: &str = "admin/pause/result";
/// BAU051's.
pub const RESET: &str = "admin/reset/result";
/// BAU071's.
pub const LEFT: &str = "admin/leave/result";

/// BAU041, BAU051, BAU071.
#[derive(askama::Template)]
#[template(path = "administration/users_result.html")]
pub struct UsersResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done, in a sentence.
    pub lead: String,
    /// What comes next.
    pub more: &'static str,
    /// Heading of the last column.
    pub label: &'static str,
    /// Whom it was done to.
    pub lines: Vec<UserLine>,
    /// Whether initial passwords show, now and never again.
    pub has_passwords: bool,
    /// Whether they were shown before.
    pub was_shown: bool,
    /// Number and time.
    pub receipt: Receipt,
    /// The top page.
    pub top_url: String,
    /// BAU001.
    pub menu_url: String,
}

/// One line.
#[derive(Debug, Clone)]
pub struct UserLine {
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: &'static str,
    /// The new state, the initial password, or where it went.
    pub value: String,
}

impl UserLine {
    fn new(line: &MemberLine, value: impl Into<String>) -> UserLine {
        UserLine {
            login_id: line.login_id.clone(),
            name: line.name.clone(),
            role: role_label(line.role),
            value: value.into(),
        }
    }
}

/// Shows BAU041.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_paused(visit: Visit, id: Path<String>) -> PageResult {
    let operations = [PauseAct::Pause.name(), PauseAct::Resume.name()];
    let (who, stored, done) = find::<MembersReceipt>(&visit, &id, &operations).await?;
    let is_pause = stored.operation == PauseAct::Pause.name();
    let count = done.members.len();
    let (lead, more, state) = if is_pause {
        let more = "再開するまで、ログインできません。ログイン中だった画面は終わりました。";
        (format!("次の{count}名の利用を停止しました。"), more, "利用停止中")
    } else {
        let more = "これまでのパスワードでログインできます。";
        (format!("次の{count}名の利用を再開しました。"), more, "利用できます")
    };
    let page = UsersResultPage {
        lead,
        more,
        label: "状態",
        lines: done.members.iter().map(|line| UserLine::new(line, state)).collect(),
        ..page(&visit, &who, &screens::BAU041, &stored)
    };
    visit.page(StatusCode::OK, &page)
}

/// Shows BAU051, with the initial passwords the first time.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_reset(visit: Visit, id: Path<String>) -> PageResult {
    let (who, stored, done) = find::<ResetReceipt>(&visit, &id, &[reset::NAME]).await?;
    let is_printed = done.hand_over == HandOver::Print;
    let passwords = if is_printed {
        show_once(&visit.app.services, &who.ctx, &who.user, stored.id).await?
    } else {
        BTreeMap::new()
    };
    let more = if is_printed {
        "初期パスワードを、ご本人に直接お渡しください。次のログインで、ご本人が新しいものを決めます。"
    } else {
        "初期パスワードをメールでお送りしました。次のログインで、ご本人が新しいものを決めます。"
    };
    let page = UsersResultPage {
        lead: format!("次の{}名のパスワードを初期化しました。", done.members.len()),
        more,
        label: if is_printed { "初期パスワード" } else { "送信先" },
        lines: reset_lines(&done, &passwords),
        has_passwords: !passwords.is_empty(),
        was_shown: is_printed && passwords.is_empty(),
        ..page(&visit, &who, &screens::BAU051, &stored)
    };
    visit.page(StatusCode::OK, &page)
}

/// Shows BAU071.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_left(visit: Visit, id: Path<String>) -> PageResult {
    let (who, stored, done) = find::<LeaveReceipt>(&visit, &id, &[leave::NAME]).await?;
    let page = UsersResultPage {
        lead: format!("次の{}名の登録を削除しました。", done.leavers.len()),
        more: "もうログインできません。トークンの機器は、忘れずに受け取ってください。",
        label: "トークン",
        lines: done.leavers.iter().map(|(line, token)| left_line(line, token)).collect(),
        ..page(&visit, &who, &screens::BAU071, &stored)
    };
    visit.page(StatusCode::OK, &page)
}

fn left_line(line: &MemberLine, token: &LeftToken) -> UserLine {
    let serial = line.serial.as_deref().unwrap_or_default();
    let value = match token {
        LeftToken::None => "なし".to_owned(),
        LeftToken::Shared(names) => {
            const SHOWN: usize = 5;
            let more = names.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!("ほか{more}名") } else { String::new() };
            let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
            format!("{serial}（{}{more}が引き続き利用）", shown.join("、"))
        }
        LeftToken::Unregistered => format!("{serial}（未登録に戻りました）"),
        LeftToken::Retired => format!("{serial}（もう使えません）"),
    };
    UserLine::new(line, value)
}

fn reset_lines(done: &ResetReceipt, passwords: &BTreeMap<UserId, ShownSecrets>) -> Vec<UserLine> {
    done.members
        .iter()
        .map(|member| {
            let shown = passwords.get(&member.user_id).and_then(|shown| shown.login.as_ref());
            let shown = shown.or(member.address.as_ref());
            UserLine::new(&member.line, shown.map_or("表示済み", String::as_str))
        })
        .collect()
}

async fn find<T: DeserializeOwned>(
    visit: &Visit,
    id: &str,
    operations: &[&str],
) -> Result<(Who, StoredReceipt, T), PageError> {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, found) =
        enter(visit, move |conn, _, user| receipts::find_of_user(conn, user.id, id)).await?;
    let stored = found
        .filter(|receipt| operations.contains(&receipt.operation.as_str()))
        .ok_or(PageError::NotFound)?;
    let details = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    Ok((who, stored, details))
}

fn page(
    visit: &Visit,
    who: &Who,
    screen: &'static Screen,
    stored: &StoredReceipt,
) -> UsersResultPage {
    UsersResultPage {
        shell: visit.shell_of(screen, who),
        steps: steps(&STEPS, 1),
        lead: String::new(),
        more: "",
        label: "",
        lines: Vec::new(),
        has_passwords: false,
        was_shown: false,
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        top_url: visit.url(""),
        menu_url: visit.url(USERS),
    }
}
