//! 税金・各種料金払込み (Pay-easy): the numbers of a slip (BPE001), the bill and the account to pay
//! it from (BPE002), everything that will happen with the proof (BPE003), the result (BPE004),
//! what was paid so far (BPE005).

pub mod bill;
pub mod confirm;
pub mod history;
pub mod numbers;
pub mod result;
pub mod words;

use crate::domain::auth_rule::Operation;
use crate::domain::bill::BillDraft;
use crate::domain::flow::FlowOperation;
use crate::domain::permission::only_administers;
use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::operations::flow_draft;
use crate::web::failure::PageError;
use crate::web::page::{Notice, Tone};
use crate::web::principal::{FlowParts, PAY_EASY};
use crate::web::spender::{self, Spender};
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// BPE005's address below the portal.
pub const HISTORY: &str = "pay-easy/history";
/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::PayEasy;
/// The steps of a payment.
pub const STEPS: [&str; 4] = ["番号の|入力", "口座の|選択", "内容の|確認", "完了"];

/// Whether this user finds Pay-easy in the menu: all who do not only administer.
pub fn is_offered(visit: &Visit, user: &User) -> bool {
    visit.profile.services.pay_easy && !only_administers(&visit.profile, user.role)
}

/// Why this user cannot pay anything now, and what to do.
fn hindrance(visit: &Visit, payer: &Spender) -> Option<Notice> {
    match payer.accounts.is_empty() {
        true => Some(no_account(visit)),
        false => obstacle(visit, &payer.who.user, Operation::PayEasy),
    }
}

/// Lets somebody in, with the accounts from which this user may pay bills; none for whoever may
/// not.
///
/// # Errors
/// 303 to the login.
async fn enter(visit: &Visit) -> Result<Spender, PageError> {
    spender::enter(visit, UserRight::PayEasy).await
}

/// [`enter`] for whoever can pay now; the others read on BPE001 why they cannot.
///
/// # Errors
/// 303 to BPE001.
async fn enter_able(visit: &Visit) -> Result<Spender, PageError> {
    let payer = enter(visit).await?;
    if hindrance(visit, &payer).is_some() {
        return Err(PageError::SeeOther(visit.url(PAY_EASY)));
    }
    Ok(payer)
}

/// What whoever may pay from no account reads.
fn no_account(visit: &Visit) -> Notice {
    let way = match visit.profile.is_corporate() {
        true => {
            "必要なときは、ご契約先の管理者に、口座と「税金・各種料金払込み」の権限の設定をご依頼ください。"
        }
        false => "必要なときは、画面下のお問い合わせ先へお電話ください。",
    };
    Notice {
        tone: Tone::Warn,
        title: "払込みにお使いいただける口座がありません。".to_owned(),
        text: vec![way.to_owned()],
    }
}

/// The draft of a flow's page.
fn draft_of(parts: &FlowParts) -> Result<BillDraft, PageError> {
    Ok(flow_draft::read(&parts.flow)?)
}
