//! The beginning of a change (BCI001): which item. What the act asks for comes with its last step.

use crate::db::queries::{flows, picture_cards, users};
use crate::db::{DbConn, DbError};
use crate::domain::audit::AuditResult;
use crate::domain::customer_info::{InfoDraft, InfoItem};
use crate::domain::flow::{FlowStep, MENU_FLOW_LIFETIME};
use crate::domain::login::Login;
use crate::operations::customer_info::draft;
use crate::operations::{Ctx, OperationError, Services, audit};
use crate::primitives::ids::{UserId, random_short_id};

/// Begins a flow, carried by the login, and ends whatever other flow the user had open: of two tabs
/// the younger one goes on. `None`: the customer does not have this item.
///
/// Permission: the user of a complete login.
///
/// # Errors
/// Database trouble or no randomness.
pub async fn begin(
    services: &Services,
    ctx: &Ctx,
    login: &Login,
    item: InfoItem,
) -> Result<Option<String>, OperationError> {
    let flow_id = random_short_id()?;
    let text = draft::text(&InfoDraft::new(item))?;
    let (ctx, login_id, user_id) = (ctx.clone(), login.id.clone(), login.user_id);
    let begun = services
        .db
        .write(move |conn| begin_in_tx(conn, &ctx, user_id, (&login_id, &flow_id), (item, &text)))
        .await?;
    Ok(begun)
}

fn begin_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: UserId,
    (login_id, flow_id): (&str, &str),
    (item, draft): (InfoItem, &str),
) -> Result<Option<String>, DbError> {
    let user = users::get(conn, user_id)?;
    let has_card = picture_cards::find_by_user(conn, user_id)?.is_some();
    if !has_item(ctx, item, has_card) {
        return Ok(None);
    }
    flows::end_of_user(conn, user_id, flow_id)?;
    let operation = item.operation();
    flows::insert(
        conn,
        flows::NewFlow {
            id: flow_id.to_owned(),
            portal: ctx.portal_slug().to_owned(),
            user_id,
            login_id: login_id.to_owned(),
            operation,
            step: FlowStep::Input,
            token_id: user.token_id,
            created_at: ctx.now,
            expires_at: ctx.now + MENU_FLOW_LIFETIME,
        },
    )?;
    flows::update_draft(conn, flow_id, FlowStep::Input, FlowStep::Input, draft)?;
    let (name, object) = (operation.as_str(), format!("user {user_id}"));
    let details = format!("begun: {item}");
    audit::write(conn, ctx, name, &object, AuditResult::Done, &details)?;
    Ok(Some(flow_id.to_owned()))
}

/// Whether a customer has this item: who confirms by picture card has no confirming secret.
pub fn has_item(ctx: &Ctx, item: InfoItem, has_picture_card: bool) -> bool {
    let by_card = ctx.profile.credentials.picture_card && has_picture_card;
    item != InfoItem::ConfirmSecret || !by_card
}
