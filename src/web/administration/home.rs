//! BAD001 業務選択: where administrators begin.

use actix_web::http::StatusCode;

use crate::db::queries::{contracts, members};
use crate::primitives::clock::jst_minute_text;
use crate::web::administration::{USERS, enter};
use crate::web::failure::PageResult;
use crate::web::page::{LinkCard, Row, Shell};
use crate::web::screens;
use crate::web::visit::Visit;

/// BAD001.
#[derive(askama::Template)]
#[template(path = "administration/home.html")]
pub struct AdministrationPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What there is to do.
    pub cards: Vec<LinkCard>,
    /// 企業情報.
    pub rows: Vec<Row>,
}

/// Shows BAD001.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit) -> PageResult {
    let (who, (contract, users)) = enter(&visit, |conn, _, user| {
        let contract = contracts::get(conn, user.contract_id)?;
        Ok((contract, members::count(conn, user.contract_id)?))
    })
    .await?;
    let starts = contract.otp_starts_at(&visit.profile);
    let starts = starts.map_or_else(|| "お申し込み前です".to_owned(), jst_minute_text);
    let page = AdministrationPage {
        shell: visit.shell_of(&screens::BAD001, &who),
        cards: vec![LinkCard {
            label: "利用者管理".to_owned(),
            description: "利用者の登録・変更・照会、トークンの停止解除と失効などを行います。"
                .into(),
            url: visit.url(USERS),
        }],
        rows: vec![
            Row::new("ご契約番号", contract.number),
            Row::new("ご契約者名", contract.name),
            Row::new("利用者数", format!("{users}名")),
            Row::new(format!("{}の利用開始日時", visit.profile.words.otp), starts),
        ],
    };
    visit.page(StatusCode::OK, &page)
}
