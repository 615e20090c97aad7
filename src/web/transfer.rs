//! 振込・振替: from which account to whom (BTR001, BTR002), how much and when (BTR003), everything
//! that will happen with the proof (BTR004), the result (BTR005).

pub mod choose;
pub mod confirm;
pub mod input;
pub mod payee;
pub mod result;
pub mod words;

use crate::db::queries::accounts;
use crate::domain::auth_rule::{Operation, Refusal, Required, Situation, required_proof};
use crate::domain::flow::FlowOperation;
use crate::domain::ledger::Account;
use crate::domain::login::LoginStage;
use crate::domain::right::{Rights, UserRight};
use crate::domain::token::StoredTokenStatus;
use crate::domain::transfer::{DayRules, TransferDraft};
use crate::operations::right;
use crate::operations::transfer::draft;
use crate::web::failure::PageError;
use crate::web::page::{Notice, Tone};
use crate::web::principal::{self, FlowParts, Who};
use crate::web::visit::Visit;

/// BTR001's address below the portal.
pub const TRANSFERS: &str = "transfers";
/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::Transfer;
/// The steps of a transfer.
pub const STEPS: [&str; 4] = ["振込先の|選択", "金額の|入力", "内容の|確認", "完了"];

/// Lets somebody in, with the accounts from which this user may send.
///
/// # Errors
/// 403 for whoever may send from none.
async fn enter(visit: &Visit) -> Result<(Who, Vec<Account>), PageError> {
    let ctx = visit.ctx.clone();
    let (who, (accounts, rights)) =
        principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
            let rights = right::of_user(conn, &ctx, user)?;
            Ok((accounts::list_by_contract(conn, user.contract_id)?, rights))
        })
        .await?;
    let accounts = usable(accounts, &rights);
    if accounts.is_empty() {
        return Err(PageError::Forbidden("no account from which this user may transfer"));
    }
    Ok((who, accounts))
}

fn usable(mut accounts: Vec<Account>, rights: &Rights) -> Vec<Account> {
    accounts.retain(|account| rights.allows_on(UserRight::Transfer, account.id));
    accounts
}

/// Why this user cannot confirm a payment, and what to do, before anything is typed: a token is
/// missing, or everything was stopped.
fn obstacle(visit: &Visit, who: &Who, operation: Operation) -> Option<Notice> {
    if who.user.stopped_at.is_some() {
        return Some(Notice {
            tone: Tone::Error,
            title: "緊急停止中のため、お取引できません。".to_owned(),
            text: vec!["再開をご希望の場合は、画面下のお問い合わせ先へお電話ください。".to_owned()],
        });
    }
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: who.user.token_status == StoredTokenStatus::InUse,
        login_choice: who.user.login_otp_chosen,
        payee_registered: false,
        has_picture_card: false,
    };
    let required = required_proof(&visit.profile, operation, situation);
    (required == Required::Refused(Refusal::NoToken)).then(|| {
        let words = &visit.profile.words;
        Notice {
            tone: Tone::Warn,
            title: format!("{}が必要です。", words.otp),
            text: vec![format!(
                "このお取引には、{}の{}が必要です。先にお手続きをしてください。",
                words.otp, words.start
            )],
        }
    })
}

/// The draft of a flow's page.
fn draft_of(parts: &FlowParts) -> Result<TransferDraft, PageError> {
    Ok(draft::read(&parts.flow)?)
}

/// On which days the draft's transfer can go out.
fn days(visit: &Visit, draft: &TransferDraft) -> DayRules {
    DayRules::at(&visit.profile, !draft.to.is_own_institution(&visit.profile), visit.ctx.now)
}
