//! The part of BTR004 in which the token app signs: the challenge as a QR code and as a link.

use crate::domain::auth_rule::CodeProof;
use crate::domain::challenge::{Challenge, MARK, TransferFacts, in_address};
use crate::domain::ledger::Account;
use crate::domain::token::Token;
use crate::domain::transfer::{TransferDraft, TransferOrder};
use crate::operations::proof::signed::{SignedAct, present};
use crate::primitives::clock::to_jst;
use crate::web::failure::PageError;
use crate::web::page::QrView;
use crate::web::principal::{FlowParts, Who};
use crate::web::visit::Visit;

/// The app; what is signed stands behind a mark that no browser sends to a server.
const APP: &str = "/token/";

/// What the page shows for signing.
#[derive(Clone, Debug)]
pub struct SignView {
    /// The challenge for the camera of another phone.
    pub qr: QrView,
    /// The same for the phone that shows this page.
    pub url: String,
    /// Until when its code is taken, as `10時35分25秒`.
    pub until_text: String,
}

/// Whether the rules ask this user for a signed code.
pub fn is_asked(who: &Who) -> bool {
    who.proof.code == Some(CodeProof::Signed)
}

/// What the token is to sign for this draft, where the rules ask for it.
pub fn body(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    (from, draft, order): (&Account, &TransferDraft, &TransferOrder),
) -> Option<String> {
    let token = parts.token.as_ref().filter(|_| is_asked(who))?;
    let facts = TransferFacts {
        portal: visit.profile.slug(),
        serial: &token.serial,
        kind: draft.kind(),
        from,
        to: &draft.to,
        amount: order.amount,
        on: order.execute_on,
    };
    Some(facts.body())
}

/// What a code is taken for.
pub fn act(parts: &FlowParts, body: Option<String>, is_form_current: bool) -> Option<SignedAct> {
    Some(SignedAct { flow_id: parts.flow.id.clone(), body: body?, is_form_current })
}

/// The challenge as the page shows it, where one is asked.
///
/// # Errors
/// Database trouble or no randomness; 429 for who was shown too many lately.
pub async fn view(
    visit: &Visit,
    who: &Who,
    parts: &FlowParts,
    body: Option<String>,
) -> Result<Option<SignView>, PageError> {
    let (Some(body), Some(Token { id, .. })) = (body, &parts.token) else { return Ok(None) };
    let services = &visit.app.services;
    let act = (parts.flow.id.as_str(), body.as_str());
    let challenge = present(services, &who.ctx, &who.user, *id, act).await?;
    let challenge = challenge.ok_or(PageError::TooMany)?;
    shown(visit, &challenge).map(Some)
}

fn shown(visit: &Visit, challenge: &Challenge) -> Result<SignView, PageError> {
    let url = format!("{APP}{MARK}{}", in_address(&challenge.text()));
    let public = visit.app.options.public_url.trim_end_matches('/');
    let qr = QrView::of_text(&format!("{public}{url}"))
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let until_text = to_jst(challenge.expires_at).format("%-H時%M分%S秒").to_string();
    Ok(SignView { qr, url, until_text })
}
