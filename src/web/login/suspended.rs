//! BLG011 認証停止のお知らせ: the token is suspended, whom to call.

use actix_web::http::StatusCode;

use crate::domain::portal::Keeper;
use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG011.
#[derive(askama::Template)]
#[template(path = "login/suspended.html")]
pub struct SuspendedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// How the token is released, step by step.
    pub steps: Vec<&'static str>,
    /// The login page.
    pub login_url: String,
}

/// Tells that the token is suspended.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let page = SuspendedPage {
        shell: visit.shell(&screens::BLG011),
        steps: steps(visit.profile.tokens.released_by),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}

fn steps(released_by: Keeper) -> Vec<&'static str> {
    const NEWS: &str =
        "解除のお知らせをメールでお送りします。届きましたら、もう一度ログインしてください。";
    let ask = match released_by {
        Keeper::Staff => {
            return vec![
                "下の窓口へお電話ください。",
                "ご本人であることを確認のうえ、停止を解除します。",
                NEWS,
            ];
        }
        Keeper::Administrator => {
            return vec![
                "ご契約先の管理者にお申し出ください。",
                "管理者が、管理者メニューから停止を解除します。",
                NEWS,
            ];
        }
        Keeper::MasterAndAdministrators => {
            "ご契約のマスターユーザまたは管理者ユーザに、利用停止解除をご依頼ください。"
        }
    };
    vec![ask, "解除できる方がほかにいないときは、下の窓口へお電話ください。", NEWS]
}
