//! BTR022 振込先の削除, its beginning: the check page and the result are those of a change.

use actix_web::web::Path;

use crate::db::queries::payees;
use crate::domain::payee::{PayeeAct, PayeeDraft};
use crate::operations::payee::draft;
use crate::primitives::ids::PayeeId;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form_body::FormBody;
use crate::web::payee::{enter, refusal};
use crate::web::principal::PAYEES;
use crate::web::token::flow::BareForm;
use crate::web::visit::Visit;

/// Begins the deletion of a payee.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for a payee of somebody else.
pub async fn begin(visit: Visit, payee: Path<i64>, body: FormBody) -> PageResult {
    let id = PayeeId(payee.into_inner());
    let (who, found) =
        enter(&visit, move |conn, user| payees::find(conn, user.contract_id, id)).await?;
    let BareForm {} = body.of(&who)?;
    let payee = found.ok_or(PageError::NotFound)?;
    if refusal(&visit, &who.user).is_some() {
        return Ok(see_other(&visit.url(PAYEES)));
    }
    let draft = PayeeDraft {
        act: PayeeAct::Delete,
        payee: Some((payee.id, payee.version)),
        destination: payee.destination(),
        nickname: payee.nickname,
        typed_holder: String::new(),
        is_found: false,
    };
    let begun = (&draft, "not asked");
    let flow_id = draft::begin(&visit.app.services, &who.ctx, &who.login, begun).await?;
    Ok(see_other(&visit.url(&format!("{PAYEES}/flow/{flow_id}/confirm"))))
}
