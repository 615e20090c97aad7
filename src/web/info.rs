//! お客様情報変更: what there is to change and its form (BCI001), check and proof (BCI002), receipt
//! (BCI003).

pub mod confirm;
pub mod input;
pub mod overview;
pub mod result;
mod words;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::domain::customer_info::InfoDraft;
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::operations::customer_info::draft;
use crate::web::failure::PageError;
use crate::web::principal::{FlowParts, Who};
use crate::web::screens::{self, Screen};
use crate::web::token::flow;
use crate::web::visit::Visit;

/// Which flow an address belongs to: those of passwords stand apart, because the auth rules name
/// them apart.
#[derive(Debug, Clone, Copy)]
pub struct Family(pub FlowOperation);

impl FromRequest for Family {
    type Error = PageError;
    type Future = Ready<Result<Family, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pattern = req.match_pattern().unwrap_or_default();
        let is_of_secrets = pattern.contains("/info/secret/");
        ready(Ok(Family(if is_of_secrets {
            FlowOperation::SecretChange
        } else {
            FlowOperation::CustomerInfoChange
        })))
    }
}

/// The screens of a change: where secrets have screens of their own, those.
fn screen_of(visit: &Visit, family: FlowOperation, usual: &'static Screen) -> &'static Screen {
    let own = match usual.id {
        "BCI001" => &screens::BAL030,
        "BCI002" => &screens::BAL031,
        _ => &screens::BAL032,
    };
    let is_own = family == FlowOperation::SecretChange && visit.profile.has_screen(own.id);
    if is_own { own } else { usual }
}

/// Lets the user of a flow to the step `expected`, with what was typed so far.
///
/// # Errors
/// As [`flow::enter_step`].
async fn enter(
    visit: &Visit,
    family: Family,
    flow_id: &str,
    expected: FlowStep,
) -> Result<(Who, FlowParts, InfoDraft), PageError> {
    let (who, parts) = flow::enter_step(visit, family.0, flow_id, expected).await?;
    let draft = draft_of(&parts)?;
    Ok((who, parts, draft))
}

fn draft_of(parts: &FlowParts) -> Result<InfoDraft, PageError> {
    let corrupt = || PageError::Internal("the draft of a flow cannot be read".to_owned());
    draft::read(&parts.flow).ok_or_else(corrupt)
}
