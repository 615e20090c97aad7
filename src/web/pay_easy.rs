//! 税金・各種料金払込み (Pay-easy): the numbers of a slip (BPE001), the bill and the account to pay
//! it from (BPE002), everything that will happen with the proof (BPE003), the result (BPE004),
//! what was paid so far (BPE005).

pub mod bill;
pub mod confirm;
pub mod history;
pub mod numbers;
pub mod result;
pub mod words;

use crate::db::queries::accounts;
use crate::domain::auth_rule::Operation;
use crate::domain::bill::BillDraft;
use crate::domain::flow::FlowOperation;
use crate::domain::ledger::Account;
use crate::domain::login::LoginStage;
use crate::domain::permission::only_administers;
use crate::domain::right::{Rights, UserRight};
use crate::domain::user::User;
use crate::operations::{flow_draft, right};
use crate::primitives::yen::Yen;
use crate::web::failure::PageError;
use crate::web::page::{Notice, Tone};
use crate::web::principal::{self, FlowParts, PAY_EASY, Who};
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

/// Who pays, and from where.
struct Payer {
    who: Who,
    /// The open accounts from which this user may pay bills.
    accounts: Vec<Account>,
    rights: Rights,
}

impl Payer {
    /// What the account can bear, where this user may see that.
    fn available(&self, account: &Account) -> Option<Yen> {
        self.rights.allows_on(UserRight::Balance, account.id).then(|| account.available())
    }

    /// Why this user cannot pay anything now, and what to do.
    fn hindrance(&self, visit: &Visit) -> Option<Notice> {
        match self.accounts.is_empty() {
            true => Some(no_account(visit)),
            false => obstacle(visit, &self.who.user, Operation::PayEasy),
        }
    }
}

/// Lets somebody in, with the accounts from which this user may pay bills; none for whoever may
/// not.
///
/// # Errors
/// 303 to the login.
async fn enter(visit: &Visit) -> Result<Payer, PageError> {
    let ctx = visit.ctx.clone();
    let (who, (mut accounts, rights)) =
        principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
            let rights = right::of_user(conn, &ctx, user)?;
            Ok((accounts::list_by_contract(conn, user.contract_id)?, rights))
        })
        .await?;
    accounts.retain(|account| rights.allows_on(UserRight::PayEasy, account.id));
    Ok(Payer { who, accounts, rights })
}

/// [`enter`] for whoever can pay now; the others read on BPE001 why they cannot.
///
/// # Errors
/// 303 to BPE001.
async fn enter_able(visit: &Visit) -> Result<Payer, PageError> {
    let payer = enter(visit).await?;
    if payer.hindrance(visit).is_some() {
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
