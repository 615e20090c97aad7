//! STF022, 登録番号: handed out after a private customer's token was revoked.

use actix_web::web::Path;

use crate::domain::registration_number::is_needed;
use crate::operations::staff::registration_number::hand_out;
use crate::web::failure::PageResult;
use crate::web::form_body::FormBody;
use crate::web::screens;
use crate::web::staff::act::{self, ActText, Entered, NoteForm};
use crate::web::staff::visit::StaffVisit;

const TEXT: ActText = ActText {
    screen: &screens::STF022,
    title: "登録番号の発行",
    lead: "失効のあと、お客さまが新しいトークンを登録するときに入力する番号です。次の画面で一度だけ表示・印刷できます。14日間有効で、前に発行した番号は使えなくなります。",
    button: "登録番号を発行する",
    is_danger: false,
};

fn field() -> crate::web::form::FieldView {
    act::note("受付の内容", "本人確認の方法や、お電話の時刻などを書きます。")
}

async fn enter(visit: &StaffVisit, id: i64) -> Result<Entered, crate::web::failure::PageError> {
    let mut entered = act::enter(visit, id, None).await?;
    if !is_needed(&visit.profile, &entered.customer.user) {
        let why = "トークンを失効されたお客さまに発行します。ほかの方には要りません。";
        entered.blocked = Some(why);
    }
    Ok(entered)
}

/// Shows the form.
///
/// # Errors
/// As [`act::enter`].
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = enter(&visit, id).await?;
    let address = format!("customers/{id}/token/number");
    let form = act::form(&visit, &entered.who, &address, vec![field()])?;
    act::show(&visit, &entered, TEXT, form)
}

/// Hands a number out.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = enter(&visit, id).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/token/number");
    let (input, key): (NoteForm, _) = body.staff_keyed(&visit, who, &address)?;
    let mut form = act::form(&visit, who, &address, vec![field()])?;
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if !form.is_invalid() {
        let (services, user) = (&visit.app.services, &entered.customer.user);
        let outcome = hand_out(services, &who.ctx, &who.member, &key, user, note).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, TEXT, form)
}
