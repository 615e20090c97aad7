//! Payments: what goes out of a customer's account by the portal, at once or on a later day
//! (予約), and the limits that it counts for.
//!
//! A payment counts for the limits of its day of Japan ([`ceilings`]): per transaction, per day and
//! service, per day over all services where the profile says so, per user of a company, and under
//! a hold. Transfers between the customer's own accounts leave nobody poorer and count for none.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::limit::{LimitService, LimitSet};
use crate::domain::payee::PayeeAccountType;
use crate::domain::portal::{Fee, Hold};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::{AccountId, ContractId, EntryId, PaymentId, ReceiptId, UserId};
use crate::primitives::yen::Yen;
use crate::text_enum;

text_enum! {
    /// What kind of payment.
    PaymentKind {
        /// 振替 between own accounts.
        OwnTransfer = "own_transfer",
        /// 振込 to somebody else.
        Transfer = "transfer",
        /// 税金・各種料金払込み.
        PayEasy = "pay_easy",
    }
}

impl PaymentKind {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OwnTransfer => "振替",
            Self::Transfer => "振込",
            Self::PayEasy => "税金・各種料金払込み",
        }
    }

    /// The service whose limits it counts for; none for what stays with the customer.
    #[must_use]
    pub fn limit_service(self) -> Option<LimitService> {
        match self {
            Self::OwnTransfer => None,
            Self::Transfer => Some(LimitService::Transfer),
            Self::PayEasy => Some(LimitService::PayEasy),
        }
    }
}

text_enum! {
    /// How a payment stands.
    PaymentState {
        /// It waits for its day.
        Reserved = "reserved",
        /// 完了.
        Done = "done",
        /// 取消 by the customer.
        Cancelled = "cancelled",
        /// エラー on its day.
        Failed = "failed",
    }
}

text_enum! {
    /// Why a payment does not go out.
    PaymentObstacle {
        /// The account has less than amount and fee.
        Funds = "funds",
        /// The amount is above the limit for one transaction.
        PerTransaction = "per_transaction",
        /// The day's limit of the service.
        Daily = "daily",
        /// The day's limit over all services.
        DailyTotal = "daily_total",
        /// The day's limit over all services of who has no token in use.
        NoToken = "no_token",
        /// The day's limit of the user of a company.
        UserDaily = "user_daily",
        /// A hold lets less through.
        HoldDaily = "hold_daily",
        /// A hold lets nothing through to a payee not paid before.
        HoldPayee = "hold_payee",
        /// The customer stopped everything.
        Stopped = "stopped",
        /// Who confirmed it may not pay from the account any more.
        NotAllowed = "not_allowed",
        /// The customer's own account is closed.
        AccountClosed = "account_closed",
        /// The payee's account at this institution is closed or unknown.
        PayeeClosed = "payee_closed",
    }
}

impl PaymentObstacle {
    /// Why a payment failed, as the customer reads it, with what to do next.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Funds => "残高が足りませんでした。ご入金のうえ、もう一度お手続きください。",
            Self::PerTransaction => {
                "1回あたりの限度額を超えていました。金額か限度額をご確認ください。"
            }
            Self::Daily | Self::DailyTotal | Self::UserDaily => {
                "1日あたりの限度額を超えました。日をあらためるか、限度額をご確認ください。"
            }
            Self::NoToken => {
                "ワンタイムパスワードをご利用でないあいだの限度額を超えました。ご利用を始めるか、限度額の範囲で、もう一度お手続きください。"
            }
            Self::HoldDaily | Self::HoldPayee => {
                "安全のためお振込を制限しています。制限が終わってから、もう一度お手続きください。"
            }
            Self::Stopped => {
                "緊急停止のお手続きにより、お取引を停止しています。お電話でお問い合わせください。"
            }
            Self::NotAllowed => {
                "お手続きをした利用者が、お取引できなくなっていました。必要なときは、ほかの利用者からお手続きください。"
            }
            Self::AccountClosed => "出金口座が解約されていました。別の口座からお手続きください。",
            Self::PayeeClosed => {
                "振込先の口座が見つかりませんでした。お相手に今の口座をお確かめください。"
            }
        }
    }
}

/// A row of `payments`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::payments)]
pub struct Payment {
    /// Row id.
    pub id: PaymentId,
    /// The portal's slug.
    pub portal: String,
    /// Whose account is debited.
    pub contract_id: ContractId,
    /// Who confirmed it.
    pub user_id: UserId,
    /// What kind.
    pub kind: PaymentKind,
    /// How it stands.
    pub state: PaymentState,
    /// Why it failed.
    pub reason: Option<PaymentObstacle>,
    /// 出金口座.
    pub account_id: AccountId,
    /// The payee's account, where it is at this institution.
    pub to_account_id: Option<AccountId>,
    /// 金融機関コード of the payee.
    pub bank_code: String,
    /// 金融機関名.
    pub bank_name: String,
    /// 店番.
    pub branch_code: String,
    /// 店名.
    pub branch_name: String,
    /// 科目.
    pub account_type: Option<PayeeAccountType>,
    /// 口座番号.
    pub number: String,
    /// 受取人名 in half-width kana.
    pub holder_kana: String,
    /// 振込依頼人名 in half-width kana.
    pub sender_kana: String,
    /// The amount in yen.
    pub amount_yen: Yen,
    /// The fee without tax in yen.
    pub net_yen: Yen,
    /// Its tax in yen.
    pub tax_yen: Yen,
    /// The day of Japan on which it counts and, reserved, is run.
    pub execute_on: NaiveDate,
    /// 受付番号.
    pub receipt_number: i32,
    /// The receipt; the ledger's keys carry its id.
    pub receipt_id: ReceiptId,
    /// The entry of the amount.
    pub entry_id: Option<EntryId>,
    /// 受付.
    pub requested_at: NaiveDateTime,
    /// 完了, 取消 or エラー.
    pub ended_at: Option<NaiveDateTime>,
}

impl Payment {
    /// Fee and tax.
    #[must_use]
    pub fn fee(&self) -> Fee {
        Fee { net_yen: self.net_yen.0, tax_yen: self.tax_yen.0 }
    }

    /// What leaves the account.
    #[must_use]
    pub fn total(&self) -> Yen {
        Yen(self.amount_yen.0.saturating_add(self.fee().total_yen()))
    }

    /// How it stands at `now`, as BTR040 names it.
    #[must_use]
    pub fn standing(&self, now: UtcTime) -> PaymentStanding {
        match self.state {
            PaymentState::Reserved if self.can_cancel(now) => PaymentStanding::Reserved,
            PaymentState::Reserved => PaymentStanding::Accepted,
            PaymentState::Done => PaymentStanding::Done,
            PaymentState::Cancelled => PaymentStanding::Cancelled,
            PaymentState::Failed => PaymentStanding::Failed,
        }
    }

    /// Whether the customer can still take it back: until 23:59 of the day before (BTR031).
    #[must_use]
    pub fn can_cancel(&self, now: UtcTime) -> bool {
        self.state == PaymentState::Reserved && jst_day(now) < self.execute_on
    }
}

/// How a payment stands, as BTR040 names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStanding {
    /// 受付: its day has come and it is about to run.
    Accepted,
    /// 予約: it waits for its day and can be taken back.
    Reserved,
    /// 完了.
    Done,
    /// 取消.
    Cancelled,
    /// エラー.
    Failed,
}

impl PaymentStanding {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "受付",
            Self::Reserved => "予約",
            Self::Done => "完了",
            Self::Cancelled => "取消",
            Self::Failed => "エラー",
        }
    }
}

text_enum! {
    /// Which sums are kept for a day.
    TotalService {
        /// 振込・振替.
        Transfer = "transfer",
        /// 税金・各種料金払込み.
        PayEasy = "pay_easy",
        /// ファイル伝送.
        Files = "files",
        /// Every service together.
        All = "all",
    }
}

impl From<LimitService> for TotalService {
    fn from(service: LimitService) -> TotalService {
        match service {
            LimitService::Transfer => TotalService::Transfer,
            LimitService::PayEasy => TotalService::PayEasy,
            LimitService::Files => TotalService::Files,
        }
    }
}

/// Most that may go out on a day, counted for one sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// Which sum: of this service,
    pub service: TotalService,
    /// of the whole contract, or of one user.
    pub user_id: Option<UserId>,
    /// The most; none where the sum is only kept.
    pub most: Option<Yen>,
    /// What a payment beyond it is refused with.
    pub obstacle: PaymentObstacle,
}

/// What decides how much may go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitBasis {
    /// The limits of the contract.
    pub contract: LimitSet,
    /// The user of a company and what limits hold for this user.
    pub user: Option<(UserId, LimitSet)>,
    /// Most a day over all services: of the user of a company, else of the customer.
    pub total_daily: Option<Yen>,
    /// Whether the user has a token in use; `total_daily` is for want of one where not.
    pub has_token: bool,
    /// Until when the user's hold lasts, and the most a day under it.
    pub hold: Option<HoldBasis>,
    /// Most a day of all users of a company together who have no token, where the company has not
    /// applied for tokens: each user more would send as much once more.
    pub company_daily: Option<Yen>,
}

/// A hold that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldBasis {
    /// When it began.
    pub from: UtcTime,
    /// Its end.
    pub until: UtcTime,
    /// Most a day to payees paid before.
    pub daily: Yen,
}

impl HoldBasis {
    /// The hold of a user at `now`, from its begin and end. One whose begin was not noted yet began
    /// long ago: so nothing was asked for before it.
    #[must_use]
    pub fn at(
        rules: &Hold,
        (from, until): (Option<UtcTime>, Option<UtcTime>),
        now: UtcTime,
    ) -> Option<HoldBasis> {
        let until = until.filter(|until| *until > now)?;
        let from = from.unwrap_or_default();
        Some(HoldBasis { from, until, daily: Yen(rules.daily_yen) })
    }
}

/// A payment as far as limits are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The service.
    pub service: LimitService,
    /// How much, without the fee.
    pub amount: Yen,
    /// The day of Japan on which it goes out.
    pub on_day: NaiveDate,
    /// Whether the payee was paid before.
    pub is_payee_known: bool,
}

/// The sums that a payment counts for, each with the most that it may reach; or why it may not go
/// out whatever was sent that day.
///
/// # Errors
/// The obstacle.
pub fn ceilings(basis: &LimitBasis, counted: &Counted) -> Result<Vec<Ceiling>, PaymentObstacle> {
    let own = basis.user.as_ref().map_or(&basis.contract, |(_, limits)| limits);
    let none = || crate::domain::limit::LimitAmounts { per_transaction: Yen(0), daily: Yen(0) };
    let of_user = own.get(&counted.service).copied().unwrap_or_else(none);
    let of_contract = basis.contract.get(&counted.service).copied().unwrap_or_else(none);
    let once = of_user.per_transaction.min(of_contract.per_transaction);
    // Without a token the limits of the service are lowered to that over all services: where they
    // stand there, it is the token that is missing.
    let is_lowered_to = |most: Yen| !basis.has_token && basis.total_daily == Some(most);
    if counted.amount > once {
        let why = PaymentObstacle::PerTransaction;
        return Err(if is_lowered_to(once) { PaymentObstacle::NoToken } else { why });
    }
    if basis.hold.is_some() && !counted.is_payee_known {
        return Err(PaymentObstacle::HoldPayee);
    }
    // In a company no single user's token moves the limits of the contract.
    let is_daily_lowered = basis.user.is_none() && is_lowered_to(of_contract.daily);
    let of_daily = if is_daily_lowered { PaymentObstacle::NoToken } else { PaymentObstacle::Daily };
    let of_total =
        if basis.has_token { PaymentObstacle::DailyTotal } else { PaymentObstacle::NoToken };
    // Whom a file pays is not looked at one by one, so what is sent under a hold stays little,
    // however late its day.
    let is_file = counted.service == LimitService::Files;
    let held = basis.hold.filter(|hold| is_file || counted.on_day <= jst_day(hold.until));
    let mut all = vec![Ceiling {
        service: counted.service.into(),
        user_id: None,
        most: Some(of_contract.daily),
        obstacle: of_daily,
    }];
    let total =
        [(basis.total_daily, of_total), (held.map(|hold| hold.daily), PaymentObstacle::HoldDaily)];
    let lowest = total.into_iter().filter_map(|(most, why)| Some((most?, why))).min_by_key(|x| x.0);
    all.push(Ceiling {
        service: TotalService::All,
        user_id: basis.user.as_ref().map(|(user_id, _)| *user_id),
        most: lowest.map(|(most, _)| most),
        obstacle: lowest.map_or(PaymentObstacle::DailyTotal, |(_, why)| why),
    });
    if let Some((user_id, _)) = basis.user {
        all.push(Ceiling {
            service: TotalService::All,
            user_id: None,
            most: basis.company_daily,
            obstacle: of_total,
        });
        all.push(Ceiling {
            service: counted.service.into(),
            user_id: Some(user_id),
            most: Some(of_user.daily),
            obstacle: PaymentObstacle::UserDaily,
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
