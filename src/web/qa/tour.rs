//! Five things to try first, on the demo's first page: each button opens the screen on which to go
//! on, with everything before it done.

use super::catalogue::entries;
use crate::operations::OperationError;
use crate::web::WebApp;

/// A thing to try.
pub struct TourStep {
    /// The portal's slug, for the button.
    pub portal: &'static str,
    /// The way, for the button.
    pub key: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What to do.
    pub text: &'static str,
    /// Both in English.
    pub english: (&'static str, &'static str),
}

const STEPS: [TourStep; 5] = [
    TourStep {
        portal: "shirakaba",
        key: "BOM102.1",
        title: "トークンを登録する",
        text: "白樺 次郎に届いたトークン 2V0716016FK9 を登録します。番号は「トークン」の画面に表示されています。",
        english: (
            "Register a token",
            "Jiro has received the token 2V0716016FK9. The page “Tokens” (トークン) shows its code.",
        ),
    },
    TourStep {
        portal: "shirakaba",
        key: "BLG010.1",
        title: "ワンタイムパスワードでログインする",
        text: "白樺 太郎のトークン 2V0716016FK2 に表示されている番号を入力します。",
        english: ("Log in with a one-time password", "Enter what Taro's token 2V0716016FK2 shows."),
    },
    TourStep {
        portal: "inaho",
        key: "BLG011.1",
        title: "番号を間違えて停止される",
        text: "データ一郎は、番号を続けて間違えたため停止されています。停止されると、ほかの人に解除してもらうまで使えません。",
        english: (
            "Be suspended",
            "Ichiro has entered wrong codes too often. Somebody else has to release him.",
        ),
    },
    TourStep {
        portal: "inaho",
        key: "BAU010.1",
        title: "停止を解除する",
        text: "管理者のデータ花子として、データ一郎を選び、確認用パスワード kakunin31 を入力します。",
        english: (
            "Release a user",
            "As the administrator Hanako, choose Ichiro and enter the confirming password kakunin31.",
        ),
    },
    TourStep {
        portal: "aoba",
        key: "BFT021.1",
        title: "振込データを承認する",
        text: "担当者Bとして、担当者Aが作ったデータの内容を確かめ、承認します。",
        english: (
            "Approve a payment file",
            "As user B, look through the file that user A has made, and approve it.",
        ),
    },
];

/// The steps whose portals are served; nothing outside the demo.
///
/// # Errors
/// A mistake in the shipped catalogue.
pub fn steps(app: &WebApp) -> Result<Vec<TourStep>, OperationError> {
    if app.demo.is_none() {
        return Ok(Vec::new());
    }
    let all = entries()?;
    let has_way = |step: &TourStep| {
        let is_served = app.options.served.iter().any(|slug| slug == step.portal);
        is_served && all.iter().any(|of| of.portal == step.portal && of.key == step.key)
    };
    Ok(STEPS.into_iter().filter(has_way).collect())
}
