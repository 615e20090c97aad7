//! BAU001 作業内容選択: what there is to do about users.

use actix_web::http::StatusCode;

use crate::web::administration::{ADMIN, enter, leave, pause, release, reset, revoke, tokens};
use crate::web::failure::PageResult;
use crate::web::page::{LinkCard, Shell};
use crate::web::principal::MEMBERS;
use crate::web::screens;
use crate::web::visit::Visit;

/// BAU001.
#[derive(askama::Template)]
#[template(path = "administration/users.html")]
pub struct UsersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What there is to do.
    pub cards: Vec<LinkCard>,
    /// BAD001.
    pub back_url: String,
}

/// Shows BAU001.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit) -> PageResult {
    let (who, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let words = &visit.profile.words;
    let card = |label: String, description: &'static str, path: &str| LinkCard {
        label,
        description: description.into(),
        url: visit.url(path),
    };
    let page = UsersPage {
        shell: visit.shell_of(&screens::BAU001, &who),
        cards: vec![
            card(
                "利用者情報の登録・変更・照会".to_owned(),
                "利用者を登録し、権限や限度額を決めます。削除もこちらです。",
                MEMBERS,
            ),
            card(
                "利用停止・再開".to_owned(),
                "利用者がログインできないようにし、またできるようにします。",
                pause::PATH,
            ),
            card(
                "退職者の手続き".to_owned(),
                "退職された利用者をまとめて外します。トークンは会社に残ります。",
                leave::PATH,
            ),
            card(
                format!("{}の{}", words.otp, words.release),
                "入力の誤りが続いて停止したトークンを、また使えるようにします。",
                release::PATH,
            ),
            card(
                format!("{}の管理", words.token),
                "どのトークンをだれが使い、最後にいつ使ったかを確かめます。",
                tokens::PATH,
            ),
            card(
                format!("{}の失効", words.token),
                "紛失や退職のときに、利用者のトークンを使えなくします。",
                revoke::PATH,
            ),
            card(
                "パスワードの初期化".to_owned(),
                "パスワードを忘れた利用者に、新しい初期パスワードを作ります。",
                reset::PATH,
            ),
        ],
        back_url: visit.url(ADMIN),
    };
    visit.page(StatusCode::OK, &page)
}
