//! 振込・振替: from which account to whom (BTR001, BTR002), how much and when (BTR003), everything
//! that will happen with the proof (BTR004), the result (BTR005).

pub mod choose;
pub mod confirm;
pub mod input;
pub mod payee;
pub mod result;
pub mod sign;
pub mod words;

use crate::db::DbConn;
use crate::db::queries::flows;
use crate::domain::auth_rule::{Operation, Refusal, Required, Situation, required_proof};
use crate::domain::flow::{FlowOperation, FlowStep};
use crate::domain::portal::{Profile, RegistrationPlace, RiseOnStart};
use crate::domain::right::UserRight;
use crate::domain::token::StoredTokenStatus;
use crate::domain::transfer::{DayRules, TransferDraft};
use crate::domain::user::User;
use crate::operations::flow_draft;
use crate::primitives::yen::Yen;
use crate::web::failure::PageError;
use crate::web::page::{Notice, Tone};
use crate::web::principal::{FlowParts, Who};
use crate::web::spender::{self, Spender};
use crate::web::visit::Visit;

/// BTR001's address below the portal.
pub const TRANSFERS: &str = "transfers";
/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::Transfer;
/// The steps of a transfer.
pub const STEPS: [&str; 4] = ["振込先の|選択", "金額の|入力", "内容の|確認", "完了"];

/// Lets somebody in, with the accounts from which this user may send; none for whoever may not.
///
/// # Errors
/// 303 to the login.
async fn enter(visit: &Visit) -> Result<Spender, PageError> {
    spender::enter(visit, UserRight::Transfer).await
}

/// [`enter`] for whoever can make a transfer now; the others read on BTR001 why they cannot.
///
/// # Errors
/// 303 to BTR001.
async fn enter_able(visit: &Visit) -> Result<Spender, PageError> {
    let sender = enter(visit).await?;
    let is_hindered = obstacle(visit, &sender.who.user, Operation::Transfer).is_some();
    if sender.accounts.is_empty() || is_hindered {
        return Err(PageError::SeeOther(visit.url(TRANSFERS)));
    }
    Ok(sender)
}

/// What whoever stopped everything (緊急停止) reads where nothing can be begun.
pub(in crate::web) fn stopped(user: &User) -> Option<Notice> {
    user.stopped_at.map(|_| Notice {
        tone: Tone::Error,
        title: "緊急停止中のため、お取引できません。".to_owned(),
        text: vec!["再開をご希望の場合は、画面下のお問い合わせ先へお電話ください。".to_owned()],
    })
}

/// Why this user cannot confirm a payment, and what to do, before anything is typed: a token is
/// missing, or everything was stopped.
pub(in crate::web) fn obstacle(visit: &Visit, user: &User, operation: Operation) -> Option<Notice> {
    if let Some(notice) = stopped(user) {
        return Some(notice);
    }
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: user.token_status == StoredTokenStatus::InUse,
        // Nor does it matter here what kind of code is asked.
        token_signs: true,
        login_choice: user.login_otp_chosen,
        // Whoever may confirm a transfer to some payee may begin one.
        payee_registered: true,
        has_picture_card: false,
    };
    let required = required_proof(&visit.profile, operation, situation);
    (required == Required::Refused(Refusal::NoToken)).then(|| {
        let otp = &visit.profile.words.otp;
        Notice {
            tone: Tone::Warn,
            title: format!("{}は、まだご利用になれません。", operation.label()),
            text: vec![format!("このお取引には{otp}が必要です。{}", token_way(visit))],
        }
    })
}

/// How a user without a token comes by one, in a sentence.
fn token_way(visit: &Visit) -> String {
    let words = &visit.profile.words;
    match visit.profile.tokens.registration {
        RegistrationPlace::AdministratorMenu => {
            format!("{}の登録を、ご契約先の管理者にお申し出ください。", words.token)
        }
        // There is no page for it before the contract has applied.
        RegistrationPlace::ForcedAtLogin => visit.profile.help.how_to_get.clone(),
        _ => format!("先に{}の{}をしてください。", words.otp, words.start),
    }
}

/// Whether users without a token share one limit a day: where whoever has none has to register one
/// at login, only users of a company that has not applied for tokens come further.
pub(in crate::web) fn is_shared(profile: &Profile) -> bool {
    profile.is_corporate() && profile.tokens.registration == RegistrationPlace::ForcedAtLogin
}

/// Why a user without a token cannot pay so much and what to do: get one, or `other_ways`, as
/// `金額を減らすか、`.
pub(in crate::web) fn no_token_words(visit: &Visit, most: Option<Yen>, other_ways: &str) -> String {
    let (otp, mut way) = (&visit.profile.words.otp, token_way(visit));
    // Where limits do not rise by themselves, a token alone changes nothing.
    if visit.profile.limits.rise_on_start == RiseOnStart::OnRequest {
        way.push_str("そのあと「限度額変更」で引き上げをお申し込みいただけます。");
    }
    match most.filter(|most| *most > Yen(0)) {
        Some(most) => {
            let whose =
                if is_shared(&visit.profile) { "ご契約の利用者全員で" } else { "" };
            format!(
                "{otp}をご利用でないため、限度額は{whose}1日の合計 {most} までです。\
                 {other_ways}{way}"
            )
        }
        // Nothing at all goes out, so there is no other way.
        None => format!("{otp}をご利用でないため、お取引いただけません。{way}"),
    }
}

/// What whoever may send from no account reads.
fn no_account(visit: &Visit) -> Notice {
    let way = match visit.profile.is_corporate() {
        true => {
            "必要なときは、ご契約先の管理者に、口座と「振込・振替」の権限の設定をご依頼ください。"
        }
        false => "必要なときは、画面下のお問い合わせ先へお電話ください。",
    };
    Notice {
        tone: Tone::Warn,
        title: "お振込にお使いいただける口座がありません。".to_owned(),
        text: vec![way.to_owned()],
    }
}

/// The draft of a flow's page.
fn draft_of(parts: &FlowParts) -> Result<TransferDraft, PageError> {
    Ok(flow_draft::read(&parts.flow)?)
}

/// What this login chose before it came to BTR003, as long as that waits for its input: 「選び直す」
/// there leads back to BTR001, which shows it again.
async fn open_draft(visit: &Visit, who: &Who) -> Result<Option<TransferDraft>, PageError> {
    let (slug, user_id) = (visit.profile.slug().to_owned(), who.user.id);
    let now = visit.ctx.now;
    let read = move |conn: &mut DbConn| flows::find_open(conn, &slug, user_id, now);
    let open = visit.app.services.db.read(read).await?.filter(|flow| {
        flow.operation == OPERATION && flow.step == FlowStep::Input && flow.login_id == who.login.id
    });
    // It is a help alone: a draft that an earlier version wrote is none.
    Ok(open.and_then(|flow| flow_draft::read(&flow).ok()))
}

/// On which days the draft's transfer can go out.
fn days(visit: &Visit, draft: &TransferDraft) -> DayRules {
    DayRules::at(&visit.profile, !draft.to.is_own_institution(&visit.profile), visit.ctx.now)
}
