//! BAL012 and BAL022 開通確認の完了.

use actix_web::http::StatusCode;

use crate::db::queries::receipts;
use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::portal::SecretKind;
use crate::domain::receipt::number_text;
use crate::operations::login::activate::OPERATION;
use crate::primitives::clock::jst_receipt_text;
use crate::web::activation::secrets::own_steps;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Receipt, Shell, Step};
use crate::web::principal;
use crate::web::screens;
use crate::web::visit::Visit;

/// BAL012, BAL022.
#[derive(askama::Template)]
#[template(path = "activation/result.html")]
pub struct ActivatedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was set, as `利用者暗証番号と利用者確認暗証番号`.
    pub secrets: String,
    /// What comes next, in a sentence.
    pub next: &'static str,
    /// Whether a mail address is still missing.
    pub is_without_mail: bool,
    /// The top page.
    pub top_url: String,
}

/// Shows what was set.
///
/// # Errors
/// 303 to the top page for whoever never came through here.
pub async fn show(visit: Visit) -> PageResult {
    let (who, found) = principal::enter(&visit, LoginStage::Complete, |conn, _, user| {
        receipts::find_last(conn, user.id, OPERATION)
    })
    .await?;
    let stored = found.ok_or_else(|| PageError::SeeOther(visit.url("")))?;
    let is_administrator = only_administers(&visit.profile, who.user.role);
    let label = |kind| visit.profile.secret_label(kind, who.user.role);
    let page = ActivatedPage {
        shell: visit
            .shell_of(if is_administrator { &screens::BAL012 } else { &screens::BAL022 }, &who),
        steps: own_steps(is_administrator, 4),
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        secrets: format!("{}と{}", label(SecretKind::Login), label(SecretKind::Confirm)),
        next: if is_administrator {
            "続いて、利用者の登録とトークンの利用登録を、管理者メニューから行ってください。"
        } else {
            "トークンの登録は管理者が行います。お手元にないときは、管理者にお申し出ください。"
        },
        is_without_mail: who.user.mail_address.is_none(),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}
