//! STF020, STF021 and STF022, as far as a second person has to approve: release of a suspension,
//! unlocking, a new initial password, the end of a hold or of an emergency stop.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::staff_request::StaffAct;
use crate::operations::staff::request::{Subject, ask};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form_body::FormBody;
use crate::web::screens;
use crate::web::staff::act::{self, ActText};
use crate::web::staff::visit::StaffVisit;

/// The form of each.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AskForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

/// The acts by their place in the address.
fn of_path(name: &str) -> Option<StaffAct> {
    Some(match name {
        "release" => StaffAct::Release,
        "unlock" => StaffAct::Unlock,
        "password" => StaffAct::ResetPassword,
        "hold" => StaffAct::LiftHold,
        "stop" => StaffAct::LiftStop,
        _ => return None,
    })
}

fn text(act: StaffAct) -> ActText {
    let (screen, title, lead) = match act {
        StaffAct::Release => (
            &screens::STF020,
            "利用停止の解除",
            "お客さまの申込書にもとづいて申請します。承認されると、同じトークンの利用者全員の停止を解除し、メールでお知らせします。",
        ),
        StaffAct::ResetPassword => (
            &screens::STF021,
            "初期パスワードの再発行",
            "承認されると、ログイン中の画面をすべて終了し、新しい初期パスワードを一度だけ印刷できます。お客さまは、次のログインで初回設定をします。",
        ),
        StaffAct::LiftHold => (
            &screens::STF022,
            "振込制限の解除",
            "承認されると、すぐに振込制限を解除し、メールでお知らせします。",
        ),
        StaffAct::LiftStop => (
            &screens::STF022,
            "緊急停止の解除",
            "ご本人であることを確認してから申請します。承認されても、停止中のトークンは停止したままです。",
        ),
        _ => (
            &screens::STF021,
            "停止の解除",
            "承認されると、ログイン・確認用パスワード・画像認証カードの停止と、入力の誤りの回数を取り消します。",
        ),
    };
    ActText { screen, title, lead, button: "承認を申請する", is_danger: false }
}

fn note_field(act: StaffAct) -> crate::web::form::FieldView {
    match act {
        StaffAct::Release => act::note("申込書番号", "機能申込書の右上の番号です。"),
        _ => act::note("受付の理由", "本人確認の方法など、承認する人がわかるように書きます。"),
    }
}

/// Shows the form.
///
/// # Errors
/// 404 for an act that there is not.
pub async fn show(visit: StaffVisit, path: Path<(i64, String)>) -> PageResult {
    let (id, name) = path.into_inner();
    let act = of_path(&name);
    let entered = act::enter(&visit, id, act).await?;
    let act = act.ok_or(PageError::NotFound)?;
    let address = format!("customers/{id}/{name}");
    let form = act::form(&visit, &entered.who, &address, vec![note_field(act)])?;
    act::show(&visit, &entered, text(act), form)
}

/// Asks for the act.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<(i64, String)>, body: FormBody) -> PageResult {
    let (id, name) = path.into_inner();
    let act = of_path(&name);
    let entered = act::enter(&visit, id, act).await?;
    let act = act.ok_or(PageError::NotFound)?;
    let who = &entered.who;
    let address = format!("customers/{id}/{name}");
    let (input, key): (AskForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, vec![note_field(act)])?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let subject = Subject {
            act,
            user_id: Some(entered.customer.user.id),
            token_id: entered.customer.user.token_id.filter(|_| act == StaffAct::Release),
            note,
            payload: String::new(),
        };
        let services = &visit.app.services;
        let outcome = ask(services, &who.ctx, &who.member, &key, subject).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, text(act), form)
}
