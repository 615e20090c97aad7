//! What a user of a company may do: services, accounts of the contract, and own limits.
//!
//! [`Rights`] is the one answer to "may this user do that?"; whoever sends money or files asks it
//! before anything else.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::limit::{LimitAmounts, LimitSet};
use crate::domain::permission::quorum::has_quorum;
use crate::domain::portal::{Profile, UserAdministration};
use crate::domain::user::Role;
use crate::primitives::ids::AccountId;
use crate::text_enum;

text_enum! {
    /// A service that a user of a company may or may not use.
    UserRight {
        /// 振込・振替.
        Transfer = "transfer",
        /// 税金・各種料金払込み.
        PayEasy = "pay_easy",
        /// Making files of 総合振込.
        BulkMakeTransfer = "bulk_make_transfer",
        /// Approving them.
        BulkApproveTransfer = "bulk_approve_transfer",
        /// Sending them.
        BulkSendTransfer = "bulk_send_transfer",
        /// Making files of 給与振込 and 賞与振込.
        BulkMakePayroll = "bulk_make_payroll",
        /// Approving them.
        BulkApprovePayroll = "bulk_approve_payroll",
        /// Sending them.
        BulkSendPayroll = "bulk_send_payroll",
        /// Making files of 預金口座振替.
        BulkMakeDebit = "bulk_make_debit",
        /// Approving them.
        BulkApproveDebit = "bulk_approve_debit",
        /// Sending them.
        BulkSendDebit = "bulk_send_debit",
        /// Sending external files.
        ExternalSend = "external_send",
        /// Receiving external files.
        ExternalReceive = "external_receive",
        /// 残高照会.
        Balance = "balance",
        /// 入出金明細照会.
        Statement = "statement",
        /// 利用停止解除の承認, with another user.
        ApproveRelease = "approve_release",
    }
}

impl UserRight {
    /// The words that users see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Transfer => "振込・振替",
            Self::PayEasy => "税金・各種料金払込み",
            Self::BulkMakeTransfer => "総合振込のデータ作成",
            Self::BulkApproveTransfer => "総合振込のデータ承認",
            Self::BulkSendTransfer => "総合振込のデータ送信",
            Self::BulkMakePayroll => "給与・賞与振込のデータ作成",
            Self::BulkApprovePayroll => "給与・賞与振込のデータ承認",
            Self::BulkSendPayroll => "給与・賞与振込のデータ送信",
            Self::BulkMakeDebit => "預金口座振替のデータ作成",
            Self::BulkApproveDebit => "預金口座振替のデータ承認",
            Self::BulkSendDebit => "預金口座振替のデータ送信",
            Self::ExternalSend => "外部ファイルの送信",
            Self::ExternalReceive => "外部ファイルの受信",
            Self::Balance => "残高照会",
            Self::Statement => "入出金明細照会",
            Self::ApproveRelease => "停止したトークンの解除の承認（二人一組）",
        }
    }

    /// Whether the portal has the service.
    #[must_use]
    pub fn is_offered(self, profile: &Profile) -> bool {
        let services = &profile.services;
        match self {
            Self::Transfer => services.transfers,
            Self::PayEasy => services.pay_easy,
            Self::BulkMakeTransfer
            | Self::BulkApproveTransfer
            | Self::BulkSendTransfer
            | Self::BulkMakePayroll
            | Self::BulkApprovePayroll
            | Self::BulkSendPayroll
            | Self::BulkMakeDebit
            | Self::BulkApproveDebit
            | Self::BulkSendDebit => services.bulk_files,
            Self::ExternalSend | Self::ExternalReceive => services.external_files,
            Self::Balance | Self::Statement => services.inquiries,
            Self::ApproveRelease => has_quorum(profile),
        }
    }

    /// Those of the portal.
    #[must_use]
    pub fn offered(profile: &Profile) -> Vec<UserRight> {
        Self::ALL.iter().copied().filter(|right| right.is_offered(profile)).collect()
    }

    /// Those that a new user has unless somebody decides otherwise: all but the approval, for which
    /// a company picks people.
    #[must_use]
    pub fn usual(profile: &Profile) -> Vec<UserRight> {
        let mut rights = Self::offered(profile);
        rights.retain(|right| *right != Self::ApproveRelease);
        rights
    }
}

/// What was granted to a user, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Services.
    pub rights: BTreeSet<UserRight>,
    /// Accounts of the contract.
    pub account_ids: BTreeSet<AccountId>,
    /// Own limits; a service without one has the contract's.
    pub limits: LimitSet,
}

impl Grant {
    /// Whether this is more than `before` in any way: a service, an account, a limit.
    #[must_use]
    pub fn exceeds(&self, before: &Grant) -> bool {
        !self.rights.is_subset(&before.rights)
            || !self.account_ids.is_subset(&before.account_ids)
            || before.limits.iter().any(|(service, old)| {
                self.limits.get(service).is_none_or(|new| is_above(*new, *old))
            })
    }

    /// Whether no own limit is above the contract's.
    #[must_use]
    pub fn is_within(&self, contract: &LimitSet) -> bool {
        self.limits.iter().all(|(service, own)| {
            own.per_transaction <= own.daily
                && contract.get(service).is_some_and(|most| !is_above(*own, *most))
        })
    }
}

fn is_above(one: LimitAmounts, other: LimitAmounts) -> bool {
    one.per_transaction > other.per_transaction || one.daily > other.daily
}

/// What a user may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    is_full: bool,
    grant: Grant,
}

impl Rights {
    /// The rights of a user of this role with this grant: customers and master users may do
    /// everything; a contract's one administrator manages and does not trade.
    #[must_use]
    pub fn of(profile: &Profile, role: Role, grant: Grant) -> Rights {
        let by_one = profile.services.user_administration == UserAdministration::Administrator;
        match role {
            Role::Customer | Role::Master => Rights { is_full: true, grant: Grant::default() },
            Role::Administrator if by_one => Rights { is_full: false, grant: Grant::default() },
            Role::Administrator | Role::General => Rights { is_full: false, grant },
        }
    }

    /// Whether the user may do everything, whatever is granted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Whether the user may use this service.
    #[must_use]
    pub fn allows(&self, right: UserRight) -> bool {
        self.is_full || self.grant.rights.contains(&right)
    }

    /// Whether this account of the contract is one of the user's.
    #[must_use]
    pub fn has_account(&self, account_id: AccountId) -> bool {
        self.is_full || self.grant.account_ids.contains(&account_id)
    }

    /// Whether the user may use this service on this account of the contract.
    #[must_use]
    pub fn allows_on(&self, right: UserRight, account_id: AccountId) -> bool {
        self.allows(right) && self.has_account(account_id)
    }

    /// The accounts that are the user's; nothing: all of the contract.
    #[must_use]
    pub fn account_ids(&self) -> Option<Vec<AccountId>> {
        (!self.is_full).then(|| self.grant.account_ids.iter().copied().collect())
    }

    /// What holds for the user where this holds for the contract.
    #[must_use]
    pub fn limits(&self, contract: &LimitSet) -> LimitSet {
        let own = |(service, most): (&_, &LimitAmounts)| {
            let own = self.grant.limits.get(service).copied().unwrap_or(*most);
            let daily = own.daily.min(most.daily);
            let per_transaction = own.per_transaction.min(most.per_transaction).min(daily);
            (*service, LimitAmounts { per_transaction, daily })
        };
        contract.iter().map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limit::LimitService;
    use crate::primitives::yen::Yen;

    fn profile(slug: &str) -> Profile {
        let file = format!("{slug}.toml");
        let (_, text) = Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap();
        Profile::parse(&file, text).unwrap()
    }

    fn amounts(per_transaction: i64, daily: i64) -> LimitAmounts {
        LimitAmounts { per_transaction: Yen(per_transaction), daily: Yen(daily) }
    }

    fn grant(limit: Option<LimitAmounts>) -> Grant {
        Grant {
            rights: [UserRight::Transfer, UserRight::Balance].into(),
            account_ids: [AccountId(1), AccountId(2)].into(),
            limits: limit.map(|limit| (LimitService::Transfer, limit)).into_iter().collect(),
        }
    }

    #[test]
    fn the_role_decides_before_the_grant() {
        let (inaho, aoba) = (profile("inaho"), profile("aoba"));
        let may = |profile: &Profile, role| {
            let rights = Rights::of(profile, role, grant(None));
            [
                rights.allows(UserRight::Transfer),
                rights.allows(UserRight::BulkSendTransfer),
                rights.has_account(AccountId(1)),
                rights.allows_on(UserRight::Balance, AccountId(3)),
            ]
        };
        assert_eq!(may(&inaho, Role::Master), [true; 4]);
        assert_eq!(may(&inaho, Role::Customer), [true; 4]);
        assert_eq!(may(&inaho, Role::Administrator), [true, false, true, false]);
        assert_eq!(may(&inaho, Role::General), [true, false, true, false]);
        assert_eq!(may(&aoba, Role::Administrator), [false; 4]);
        assert_eq!(may(&aoba, Role::General), [true, false, true, false]);
    }

    #[test]
    fn own_limits_hold_below_the_contracts() {
        let inaho = profile("inaho");
        let contract: LimitSet = [(LimitService::Transfer, amounts(100, 300))].into();
        let held = |limit| {
            let limits = Rights::of(&inaho, Role::General, grant(limit)).limits(&contract);
            limits[&LimitService::Transfer]
        };
        assert_eq!(held(None), amounts(100, 300));
        assert_eq!(held(Some(amounts(50, 60))), amounts(50, 60));
        assert_eq!(held(Some(amounts(200, 400))), amounts(100, 300));
        assert_eq!(held(Some(amounts(80, 80))), amounts(80, 80));
        for (limit, is_within) in [
            (None, true),
            (Some(amounts(100, 300)), true),
            (Some(amounts(101, 300)), false),
            (Some(amounts(100, 301)), false),
            (Some(amounts(90, 80)), false),
        ] {
            assert_eq!(grant(limit).is_within(&contract), is_within, "{limit:?}");
        }
        assert!(!grant(Some(amounts(1, 1))).is_within(&LimitSet::new()), "no such service");
    }

    #[test]
    fn more_of_anything_is_more() {
        let before = grant(Some(amounts(50, 100)));
        assert!(!before.exceeds(&before));
        assert!(!Grant { rights: [UserRight::Balance].into(), ..before.clone() }.exceeds(&before));
        assert!(!grant(Some(amounts(40, 100))).exceeds(&before));
        let with_right = Grant { rights: UserRight::ALL.iter().copied().collect(), ..grant(None) };
        for more in [
            with_right,
            Grant { account_ids: [AccountId(3)].into(), ..before.clone() },
            grant(Some(amounts(60, 100))),
            grant(Some(amounts(50, 101))),
            // The contract's limit instead of an own one.
            grant(None),
        ] {
            assert!(more.exceeds(&before), "{more:?}");
        }
        // An own limit where the contract's held is never more.
        assert!(!grant(Some(amounts(50, 100))).exceeds(&grant(None)));
    }
}
