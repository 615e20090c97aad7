//! BAD100 管理者メニュー: what there is to do.

use actix_web::http::StatusCode;

use crate::db::queries::contracts;
use crate::web::administration::{enter, release};
use crate::web::administrator::orders::ORDERS;
use crate::web::administrator::{MODE, STOP, mode_label};
use crate::web::failure::PageResult;
use crate::web::page::{LinkCard, Row, Shell};
use crate::web::principal::ADMINISTRATOR_USERS;
use crate::web::screens;
use crate::web::visit::Visit;

/// BAD100.
#[derive(askama::Template)]
#[template(path = "administrator/home.html")]
pub struct MenuPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// ご契約先管理情報変更.
    pub cards: Vec<LinkCard>,
    /// The contract.
    pub rows: Vec<Row>,
}

/// Shows BAD100.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit) -> PageResult {
    let (who, contract) =
        enter(&visit, |conn, _, user| contracts::get(conn, user.contract_id)).await?;
    let words = &visit.profile.words;
    let card = |label: String, description: &'static str, path: &str| LinkCard {
        label,
        description: description.into(),
        url: visit.url(path),
    };
    let stop = words.stop.clone().unwrap_or_default();
    let mut cards = vec![
        card(
            "利用者情報登録／変更".to_owned(),
            "利用者の登録・変更・削除と、トークンの一覧です。",
            ADMINISTRATOR_USERS,
        ),
        card("利用形態設定".to_owned(), "トークンの使い方を選び、トークンを登録します。", MODE),
        card(
            format!("{}の{}", words.otp, words.release),
            "入力の誤りが続いて停止したトークンを、また使えるようにします。",
            release::PATH,
        ),
        card(
            format!("{}の{stop}", words.token),
            "退職や配置換えのときに、利用者のトークンの登録を取り消します。",
            STOP,
        ),
    ];
    if visit.profile.services.token_orders {
        let orders =
            "トークンの追加や交換、カードの再発行を依頼します。依頼の状況も確かめられます。";
        cards.push(card(format!("{}・カードの発行依頼", words.token), orders, ORDERS));
    }
    let page = MenuPage {
        shell: visit.shell_of(&screens::BAD100, &who),
        cards,
        rows: vec![
            Row::new("契約者番号", contract.number),
            Row::new("ご契約者名", contract.name),
            Row::new("利用形態", contract.token_mode.map_or("未設定", mode_label)),
        ],
    };
    visit.page(StatusCode::OK, &page)
}
