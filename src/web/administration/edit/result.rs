//! BAU034 利用者情報の登録・変更・削除の結果: the receipt, and an initial password once.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::member::{HandOver, MemberAct};
use crate::domain::permission::may_administer;
use crate::operations::administration::initial_password::show_once;
use crate::operations::administration::save::SaveReceipt;
use crate::web::administration::USERS;
use crate::web::administration::edit::words::user_rows;
use crate::web::administration::edit::{OPERATION, step_bar};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Receipt, Row, Shell, Step};
use crate::web::principal::MEMBERS;
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BAU034.
#[derive(askama::Template)]
#[template(path = "administration/edit_result.html")]
pub struct EditResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done.
    pub title: &'static str,
    /// What comes next, in a sentence.
    pub lead: String,
    /// The user.
    pub rows: Vec<Row>,
    /// The initial password, the first time.
    pub password: Option<String>,
    /// Whether one was shown before.
    pub was_shown: bool,
    /// Number and time.
    pub receipt: Receipt,
    /// BAU030.
    pub list_url: String,
    /// BAU001.
    pub menu_url: String,
}

/// Shows BAU034.
///
/// # Errors
/// 303 where the flow is not finished, 403 for whoever administers nobody any more.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, done) =
        flow::find_receipt_of::<SaveReceipt>(&visit, OPERATION, &flow_id).await?;
    if !may_administer(&visit.profile, &who.user) {
        return Err(PageError::Forbidden("no administrator"));
    }
    let draft = &done.draft;
    let is_printed = draft.act == MemberAct::Register && draft.hand_over == HandOver::Print;
    let password = match parts.flow.receipt_id.filter(|_| is_printed) {
        Some(id) => {
            let services = &visit.app.services;
            show_once(services, &who.ctx, &who.user, id).await?.remove(&done.user_id)
        }
        None => None,
    };
    let (title, lead) = words(&done);
    let page = EditResultPage {
        shell: visit.shell_of(&screens::BAU034, &who),
        steps: step_bar(draft.act, 3),
        title,
        lead,
        rows: user_rows(&visit, &draft.login_id, &draft.name, draft.role),
        was_shown: is_printed && password.is_none(),
        password,
        receipt,
        list_url: visit.url(MEMBERS),
        menu_url: visit.url(USERS),
    };
    visit.page(StatusCode::OK, &page)
}

fn words(done: &SaveReceipt) -> (&'static str, String) {
    let draft = &done.draft;
    match (draft.act, draft.hand_over, &draft.address) {
        (MemberAct::Register, HandOver::Mail, Some(address)) => (
            "利用者を登録しました",
            format!(
                "初期パスワードを {address} にお送りしました。ログインIDは、管理者からご本人にお伝えください。"
            ),
        ),
        (MemberAct::Register, ..) => (
            "利用者を登録しました",
            "ログインIDと初期パスワードを、ご本人に直接お渡しください。".to_owned(),
        ),
        (MemberAct::Change, _, Some(_)) => (
            "利用者の情報を変更しました",
            "新しいメールアドレスは、ご本人が次のログインで確かめると使われます。".to_owned(),
        ),
        (MemberAct::Change, ..) => {
            ("利用者の情報を変更しました", "権限と限度額は、すぐに変わります。".to_owned())
        }
        (MemberAct::Delete, ..) => {
            ("利用者を削除しました", "この利用者は、もうログインできません。".to_owned())
        }
    }
}
