//! STF050 お申込みによる限度額: the most a day that a customer applied for.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::limit::LimitService;
use crate::operations::staff::acts::set_limit;
use crate::primitives::code::to_half_width;
use crate::primitives::yen::Yen;
use crate::web::failure::PageResult;
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView};
use crate::web::form_body::FormBody;
use crate::web::screens;
use crate::web::staff::act::{self, ActText};
use crate::web::staff::visit::StaffVisit;

/// No application is about more.
const YEN_MAX: i64 = 100_000_000_000;

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LimitForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    service: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    yen: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

const LIMITS: ActText = ActText {
    screen: &screens::STF050,
    title: "お申込みによる限度額",
    lead: "申込書にある1日あたりの限度額を登録します。お客さまの画面からは、この金額を超えて引き上げられません。",
    button: "登録する",
    is_danger: false,
};

fn fields(visit: &StaffVisit, chosen: Option<LimitService>) -> Vec<FieldView> {
    let offered = LimitService::offered(&visit.profile.limits);
    let choices = offered.iter().map(|service| Choice {
        value: service.as_str().to_owned(),
        label: service.label().to_owned(),
        hint: None,
        image: None,
        is_chosen: chosen == Some(*service),
    });
    vec![
        FieldView::radio("service", "サービス", choices.collect()),
        FieldView::text("yen", "1日あたりの限度額（円）")
            .hint("数字で入力します。例: 3000000")
            .inputmode("numeric")
            .maxlength(20),
        act::note("申込書番号", "申込書の右上の番号です。"),
    ]
}

/// Shows the form.
///
/// # Errors
/// As [`act::enter`].
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let address = format!("customers/{id}/limits");
    let form = act::form(&visit, &entered.who, &address, fields(&visit, None))?;
    act::show(&visit, &entered, LIMITS, form)
}

/// Writes the limit down.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let entered = act::enter(&visit, id, None).await?;
    let who = &entered.who;
    let address = format!("customers/{id}/limits");
    let (input, key): (LimitForm, _) = body.staff_keyed(&visit, who, &address)?;
    let offered = LimitService::offered(&visit.profile.limits);
    let service = input.service.as_deref().and_then(LimitService::from_text);
    let service = service.filter(|service| offered.contains(service));
    let mut form = act::form(&visit, who, &address, fields(&visit, service))?;
    if service.is_none() {
        form.set_error("service", "サービスを選んでください。");
    }
    let yen = parse_yen(&input.yen);
    if yen.is_none() {
        form.set_error("yen", "金額を、0円以上の数字で入力してください。");
    }
    act::keep(&mut form, "yen", &input.yen);
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let Some((service, yen)) = service.zip(yen).filter(|_| !form.is_invalid()) {
        let (services, user_id) = (&visit.app.services, entered.customer.user.id);
        let given = (service, yen, note);
        let outcome = set_limit(services, &who.ctx, &who.member, &key, user_id, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    act::show(&visit, &entered, LIMITS, form)
}

/// Digits in any width, with separators.
fn parse_yen(typed: &str) -> Option<Yen> {
    let digits = to_half_width(typed).replace([',', ' ', '円'], "");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let yen: i64 = digits.parse().ok().filter(|_| is_number)?;
    (yen <= YEN_MAX).then_some(Yen(yen))
}
