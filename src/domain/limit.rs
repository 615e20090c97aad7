//! Limits of a customer: how much may go out in one transaction and in a day of Japan, per service;
//! what the customer can ask for, and from when it holds.
//!
//! [`LimitStanding::at`] is the one answer to "what holds now?". Without a token in use the
//! profile's limit without a token holds over all services together. Where the profile says so
//! (`rise_on_start = "on_request"`) that stays after a start until a rise that the customer asked
//! for has taken effect. A lowering holds at once, a rise days later at 00:00.

mod request;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::domain::portal::{Limits, Profile, RiseOnStart, ServiceLimits};
use crate::domain::right::UserRight;
use crate::primitives::clock::UtcTime;
use crate::primitives::yen::Yen;
use crate::text_enum;

pub use request::{
    LimitAct, LimitChange, LimitDraft, LimitPlan, LimitProblem, LimitProblemKind, LimitReceipt,
    rise_at, waits_until,
};

text_enum! {
    /// What a customer sends money with.
    LimitService {
        /// 振込・振替.
        Transfer = "transfer",
        /// 税金・各種料金払込み.
        PayEasy = "pay_easy",
        /// ファイル伝送: what files send, on the day of the file.
        Files = "files",
    }
}

impl LimitService {
    /// Those of a portal with these rules.
    #[must_use]
    pub fn offered(limits: &Limits) -> Vec<LimitService> {
        Self::ALL.iter().copied().filter(|service| service.rules(limits).is_some()).collect()
    }

    /// Whether the portal has it.
    #[must_use]
    pub fn is_offered(self, profile: &Profile) -> bool {
        self.rights().iter().any(|right| right.is_offered(profile))
    }

    /// The words that customers see.
    pub fn label(self) -> &'static str {
        match self {
            LimitService::Transfer => "振込・振替",
            LimitService::PayEasy => "税金・各種料金払込み",
            LimitService::Files => "ファイル伝送",
        }
    }

    /// The rights of which a user of a company needs one for it.
    #[must_use]
    pub fn rights(self) -> &'static [UserRight] {
        match self {
            LimitService::Transfer => &[UserRight::Transfer],
            LimitService::PayEasy => &[UserRight::PayEasy],
            LimitService::Files => &[
                UserRight::BulkApproveTransfer,
                UserRight::BulkApprovePayroll,
                UserRight::BulkSendTransfer,
                UserRight::BulkSendPayroll,
                UserRight::ExternalSend,
            ],
        }
    }

    fn rules(self, limits: &Limits) -> Option<ServiceLimits> {
        match self {
            LimitService::Transfer => limits.transfer,
            LimitService::PayEasy => limits.pay_easy,
            LimitService::Files => limits.files,
        }
    }
}

text_enum! {
    /// Over what an amount is counted.
    LimitSpan {
        /// 1回あたり.
        PerTransaction = "per_transaction",
        /// 1日あたり, a day of Japan.
        Daily = "daily",
    }
}

impl LimitSpan {
    /// The words that customers see.
    pub fn label(self) -> &'static str {
        match self {
            LimitSpan::PerTransaction => "1回あたり",
            LimitSpan::Daily => "1日あたり",
        }
    }
}

/// The two limits of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitAmounts {
    /// Most for one transaction.
    pub per_transaction: Yen,
    /// Most for a day.
    pub daily: Yen,
}

impl LimitAmounts {
    /// The limit of one span.
    #[must_use]
    pub fn of(self, span: LimitSpan) -> Yen {
        match span {
            LimitSpan::PerTransaction => self.per_transaction,
            LimitSpan::Daily => self.daily,
        }
    }

    /// No more than `most` a day, and so for one transaction.
    #[must_use]
    pub fn at_most(self, most: Yen) -> LimitAmounts {
        let daily = self.daily.min(most);
        LimitAmounts { per_transaction: self.per_transaction.min(daily), daily }
    }

    /// Made from a choice for each span.
    fn from_each(choose: impl Fn(LimitSpan) -> Yen) -> LimitAmounts {
        let daily = choose(LimitSpan::Daily);
        let per_transaction = choose(LimitSpan::PerTransaction).min(daily);
        LimitAmounts { per_transaction, daily }
    }
}

/// The limits of every service that the portal has.
pub type LimitSet = BTreeMap<LimitService, LimitAmounts>;

/// A row of `limits`, without whose it is. One without amounts stands for a customer who never
/// changed anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::limits)]
pub struct CustomerLimits {
    /// Count of changes.
    pub version: i64,
    /// Transfers, for one.
    pub transfer_per_transaction_yen: Option<Yen>,
    /// Transfers, a day.
    pub transfer_daily_yen: Option<Yen>,
    /// Pay-easy, for one.
    pub pay_easy_per_transaction_yen: Option<Yen>,
    /// Pay-easy, a day.
    pub pay_easy_daily_yen: Option<Yen>,
    /// Files, for one.
    pub files_per_transaction_yen: Option<Yen>,
    /// Files, a day.
    pub files_daily_yen: Option<Yen>,
    /// Transfers: the most a day by the application.
    pub transfer_applied_yen: Option<Yen>,
    /// Pay-easy: the most a day by the application.
    pub pay_easy_applied_yen: Option<Yen>,
    /// Files: the most a day by the application.
    pub files_applied_yen: Option<Yen>,
    /// The waiting rise: transfers, for one.
    pub rise_transfer_per_transaction_yen: Option<Yen>,
    /// The waiting rise: transfers, a day.
    pub rise_transfer_daily_yen: Option<Yen>,
    /// The waiting rise: Pay-easy, for one.
    pub rise_pay_easy_per_transaction_yen: Option<Yen>,
    /// The waiting rise: Pay-easy, a day.
    pub rise_pay_easy_daily_yen: Option<Yen>,
    /// The waiting rise: files, for one.
    pub rise_files_per_transaction_yen: Option<Yen>,
    /// The waiting rise: files, a day.
    pub rise_files_daily_yen: Option<Yen>,
    /// When the rise was asked for.
    pub rise_requested_at: Option<NaiveDateTime>,
    /// From when it holds.
    pub rise_at: Option<NaiveDateTime>,
}

impl CustomerLimits {
    fn own(&self, service: LimitService) -> Option<LimitAmounts> {
        let (per_transaction, daily) = match service {
            LimitService::Transfer => (self.transfer_per_transaction_yen, self.transfer_daily_yen),
            LimitService::PayEasy => (self.pay_easy_per_transaction_yen, self.pay_easy_daily_yen),
            LimitService::Files => (self.files_per_transaction_yen, self.files_daily_yen),
        };
        Some(LimitAmounts { per_transaction: per_transaction?, daily: daily? })
    }

    fn rise(&self, service: LimitService) -> Option<LimitAmounts> {
        let (per_transaction, daily) = match service {
            LimitService::Transfer => {
                (self.rise_transfer_per_transaction_yen, self.rise_transfer_daily_yen)
            }
            LimitService::PayEasy => {
                (self.rise_pay_easy_per_transaction_yen, self.rise_pay_easy_daily_yen)
            }
            LimitService::Files => (self.rise_files_per_transaction_yen, self.rise_files_daily_yen),
        };
        Some(LimitAmounts { per_transaction: per_transaction?, daily: daily? })
    }

    /// The most a day by the customer's application.
    #[must_use]
    pub fn applied(&self, service: LimitService) -> Option<Yen> {
        match service {
            LimitService::Transfer => self.transfer_applied_yen,
            LimitService::PayEasy => self.pay_easy_applied_yen,
            LimitService::Files => self.files_applied_yen,
        }
    }

    /// Whether the rise that was asked for leads beyond what holds without a token. The application
    /// makes no difference: staff may still change it.
    #[must_use]
    pub fn rises_beyond_no_token(&self, profile: &Profile) -> bool {
        let Some(most) = without_token(profile) else { return false };
        LimitService::ALL.iter().filter_map(|service| self.rise(*service)).any(|to| to.daily > most)
    }

    /// Whether a rise was asked for whose time has come, and which is not written down yet.
    #[must_use]
    pub fn has_rise_due_at(&self, now: UtcTime) -> bool {
        self.rise_at.is_some_and(|at| at <= now)
    }
}

/// A rise that waits for its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRise {
    /// What holds then: what was asked for, as far as the application still allows it.
    pub to: LimitSet,
    /// When it was asked for.
    pub requested_at: UtcTime,
    /// From when it holds.
    pub takes_effect_at: UtcTime,
}

/// How a customer's limits stand at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitStanding {
    /// What holds.
    pub effective: LimitSet,
    /// Most a day over all services together; none where there is no such limit.
    pub total_daily: Option<Yen>,
    /// Most a day that can be asked for now.
    pub maximum: BTreeMap<LimitService, Yen>,
    /// The rise that waits; none where nothing would change by it.
    pub pending: Option<PendingRise>,
    /// The customer's own amounts, which hold with a token in use.
    pub own: LimitSet,
    /// Whether a token is in use.
    pub has_token: bool,
    /// The row's count of changes.
    pub version: i64,
}

/// Most a day without a token in use; none where that makes no difference.
fn without_token(profile: &Profile) -> Option<Yen> {
    if profile.tokens.token_mandatory {
        return Some(Yen(0));
    }
    profile.limits.without_token_daily_yen.map(Yen)
}

impl LimitStanding {
    /// What holds at `now` for the customer with this row.
    #[must_use]
    pub fn at(
        profile: &Profile,
        row: &CustomerLimits,
        has_token: bool,
        now: UtcTime,
    ) -> LimitStanding {
        let most = without_token(profile);
        let cap = most.filter(|_| !has_token);
        let is_on_request = profile.limits.rise_on_start == RiseOnStart::OnRequest;
        let is_due = row.has_rise_due_at(now);
        let (mut own, mut effective, mut maximum) =
            (LimitSet::new(), LimitSet::new(), BTreeMap::new());
        for &service in LimitService::ALL {
            let Some(rules) = service.rules(&profile.limits) else { continue };
            let stored = if is_due { row.rise(service) } else { row.own(service) };
            let amounts = own_amounts(profile, rules, stored, row.applied(service));
            own.insert(service, amounts);
            effective.insert(service, cap.map_or(amounts, |cap| amounts.at_most(cap)));
            let ceiling = Yen(rules.ceiling_yen);
            // Where a rise goes up to the application, who has none on record may have what the
            // profile gives everybody and no more.
            let unapplied = if is_on_request { Yen(rules.daily_yen) } else { ceiling };
            let applied = row.applied(service).unwrap_or(unapplied);
            maximum.insert(service, ceiling.min(applied).min(cap.unwrap_or(ceiling)));
        }
        let has_risen = own.values().any(|own| most.is_some_and(|most| own.daily > most));
        let total_daily = most.filter(|_| !has_token || (is_on_request && !has_risen));
        let pending = pending(profile, row, has_token, now, &effective);
        let version = row.version;
        LimitStanding { effective, total_daily, maximum, pending, own, has_token, version }
    }

    /// The own amounts after the end of the token's use (利用中止, 失効, 有効期限), where they come
    /// down with it.
    #[must_use]
    pub fn brought_back(&self, profile: &Profile) -> Option<LimitSet> {
        if profile.limits.rise_on_start != RiseOnStart::OnRequest {
            return None;
        }
        let most = without_token(profile)?;
        let lower: LimitSet =
            self.own.iter().map(|(service, own)| (*service, own.at_most(most))).collect();
        (lower != self.own).then_some(lower)
    }
}

fn own_amounts(
    profile: &Profile,
    rules: ServiceLimits,
    stored: Option<LimitAmounts>,
    applied: Option<Yen>,
) -> LimitAmounts {
    let preset = LimitAmounts {
        per_transaction: Yen(rules.per_transaction_yen),
        daily: Yen(rules.daily_yen),
    };
    let is_on_request = profile.limits.rise_on_start == RiseOnStart::OnRequest;
    let most = without_token(profile).filter(|_| is_on_request);
    let own = stored.unwrap_or_else(|| most.map_or(preset, |most| preset.at_most(most)));
    applied.map_or(own, |applied| own.at_most(applied))
}

/// What is announced is what [`LimitStanding::at`] itself will say at that moment, whatever staff
/// have written down since the customer asked.
fn pending(
    profile: &Profile,
    row: &CustomerLimits,
    has_token: bool,
    now: UtcTime,
    effective: &LimitSet,
) -> Option<PendingRise> {
    let takes_effect_at = row.rise_at.filter(|at| now < *at)?;
    let requested_at = row.rise_requested_at?;
    let to = LimitStanding::at(profile, row, has_token, takes_effect_at).effective;
    (to != *effective).then_some(PendingRise { to, requested_at, takes_effect_at })
}

#[cfg(test)]
mod tests;
