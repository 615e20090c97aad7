//! From the list of people to rows: ids, ages relative to the clock, sealed secrets, postings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Months, NaiveDate, TimeDelta};

use super::bulk;
use super::certificates;
use super::external;
use super::grants;
use super::movements::{self, Movement, Side};
use super::orders;
use super::people::{self, CardState, DemoContract, DemoLimits, DemoStaff, DemoToken, DemoUser};
use super::secret::{demo_cells, demo_challenge, demo_secret};
use crate::db::queries::demo::{
    AccountRow, ContractRow, DemoRows, EntryRow, LimitRow, PictureCardRow, PostingRow, StaffRow,
    TokenIssueRow, TokenRow, UserRow,
};
use crate::domain::ledger::{AccountPurpose, AccountType, EntryDraft, PostingLine};
use crate::domain::limit::{
    CustomerLimits, LimitAmounts, LimitService, LimitSet, LimitStanding, rise_at,
};
use crate::domain::picture_card::PictureCard;
use crate::domain::portal::Profile;
use crate::domain::staff::StaffMember;
use crate::domain::token::{StoredTokenStatus, Token, TokenKind, TokenState};
use crate::domain::token_issue::IssueEnd;
use crate::domain::user::{Channel, SetupState};
use crate::operations::{OperationError, Services};
use crate::primitives::clock::{UtcTime, jst_day, jst_day_start};
use crate::primitives::ids::{AccountId, ContractId, EntryId, StaffId, TokenId, UserId};
use crate::primitives::keys::KeyRing;
use crate::primitives::password::nobodys_hash;
use crate::primitives::yen::Yen;

/// Customers are older than their movements.
const CONTRACT_AGE_DAYS: i64 = 1_600;
const TOKEN_IMPORTED_AGE_DAYS: i64 = 400;
const TOKEN_SHIPPED_AGE_DAYS: i64 = 380;
const TOKEN_USED_AGE_DAYS: i64 = 200;
const LOGIN_SECRET_AGE_DAYS: i64 = 260;
const CONFIRM_SECRET_AGE_DAYS: i64 = 900;
/// A kind that is closed now was registered this long before it closed.
const BEFORE_CLOSING_DAYS: i64 = 60;

/// All rows of the demo as of the clock's time. Portals without a profile are left out.
///
/// # Errors
/// Mistakes in the shipped data, or sealing trouble.
pub fn rows(services: &Services) -> Result<DemoRows, OperationError> {
    let hashes = people::hashes()?;
    let mut filler = Filler {
        keys: &services.keys,
        hashes,
        now: services.clock.now(),
        rows: DemoRows::default(),
        internal: BTreeMap::new(),
    };
    let mut moved = Vec::new();
    let contracts = people::contracts()?;
    let staff = people::staff()?;
    let portals: BTreeSet<&str> = contracts.iter().map(|c| c.portal.as_str()).collect();
    for portal in portals {
        let Some(profile) = services.profiles.get(portal) else { continue };
        filler.internal_accounts(profile);
        filler.staff(profile, &staff)?;
        let first = moved.len();
        let of_portal = || contracts.iter().filter(|contract| contract.portal == portal);
        for contract in of_portal() {
            moved.push(filler.contract(profile, contract)?);
        }
        for (contract, moved) in of_portal().zip(moved.iter_mut().skip(first)) {
            let (rows, now) = (&mut filler.rows, filler.now);
            moved.movements.extend(bulk::fill(rows, profile, contract, &moved.accounts, now)?);
        }
    }
    filler.entries(moved)?;
    bulk::link_results(&mut filler.rows)?;
    external::fill(&mut filler.rows, &services.profiles, filler.now)?;
    Ok(filler.rows)
}

/// The movements of a contract with its accounts.
struct Moved {
    profile: Arc<Profile>,
    number: String,
    accounts: Vec<AccountId>,
    movements: Vec<Movement>,
}

/// Lines, balance and latest day of each customer's account.
type Standings = BTreeMap<AccountId, (i64, Yen, NaiveDate)>;

struct Filler<'a> {
    keys: &'a KeyRing,
    hashes: BTreeMap<String, String>,
    now: UtcTime,
    rows: DemoRows,
    internal: BTreeMap<(String, AccountPurpose), AccountId>,
}

/// A number that belongs to nobody: none is given out with a zero there.
fn telephone_of(id: UserId) -> String {
    format!("090-0000-{:04}", id.0)
}

fn next_id(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX - 1) + 1
}

impl Filler<'_> {
    fn days_ago(&self, days: i64) -> UtcTime {
        self.now - TimeDelta::days(days)
    }

    fn hours_ago(&self, hours: i64) -> UtcTime {
        self.now - TimeDelta::hours(hours)
    }

    /// The institution's own accounts, one of each purpose.
    fn internal_accounts(&mut self, profile: &Profile) {
        let own = AccountPurpose::ALL.iter().filter(|p| **p != AccountPurpose::Customer);
        for (place, purpose) in own.enumerate() {
            let id = AccountId(next_id(self.rows.accounts.len()));
            self.internal.insert((profile.slug().to_owned(), *purpose), id);
            self.rows.accounts.push(AccountRow {
                id,
                portal: profile.slug().to_owned(),
                contract_id: None,
                purpose: *purpose,
                branch_code: "000".to_owned(),
                branch_name: "本部".to_owned(),
                account_type: AccountType::Internal,
                number: format!("{:07}", 9_000_001 + place),
                holder_kana: String::new(),
                balance: Yen(0),
                line_count: 0,
                booked_on: jst_day(self.days_ago(CONTRACT_AGE_DAYS)),
                opened_at: self.days_ago(CONTRACT_AGE_DAYS),
            });
        }
    }

    /// The staff, whose authenticators follow the rule for demo secrets.
    fn staff(&mut self, profile: &Profile, staff: &[DemoStaff]) -> Result<(), OperationError> {
        for member in staff {
            let context = StaffMember::sealing_context(profile.slug(), &member.staff_id);
            let secret = member.serial.as_ref().map(|serial| demo_secret(serial));
            let sealed = secret.map(|secret| self.keys.seal(&context, secret.expose()));
            let (bytes, key_id) = sealed.transpose()?.map(|s| (s.bytes, s.key_id)).unzip();
            self.rows.staff.push(StaffRow {
                id: StaffId(next_id(self.rows.staff.len())),
                portal: profile.slug().to_owned(),
                staff_id: member.staff_id.clone(),
                name: member.name.clone(),
                role: member.role,
                password_hash: self.hash(&member.password)?,
                enrolled_at: member.serial.as_ref().map(|_| self.days_ago(TOKEN_USED_AGE_DAYS)),
                token_serial: member.serial.clone(),
                secret_sealed: bytes,
                sealing_key_id: key_id,
                created_at: self.days_ago(CONTRACT_AGE_DAYS),
            });
        }
        Ok(())
    }

    fn contract(
        &mut self,
        profile: &Arc<Profile>,
        contract: &DemoContract,
    ) -> Result<Moved, OperationError> {
        let id = ContractId(next_id(self.rows.contracts.len()));
        self.rows.contracts.push(ContractRow {
            id,
            portal: contract.portal.clone(),
            number: contract.number.clone(),
            name: contract.name.clone(),
            created_at: self.days_ago(CONTRACT_AGE_DAYS),
            otp_applied_on: self.otp_applied_on(profile, contract),
            token_mode: contract.token_mode,
        });
        let mut tokens = BTreeMap::new();
        for token in contract.all_tokens() {
            let token_id = self.token(profile, id, &token)?;
            tokens.insert(token.serial.clone(), (token_id, token.kind));
        }
        let first_user = self.rows.users.len();
        for user in &contract.users {
            self.user(profile, id, user, &tokens)?;
        }
        if let Some(limits) = contract.limits {
            self.limits(profile, id, limits);
        }
        let accounts: Vec<AccountId> = contract
            .accounts
            .iter()
            .map(|account| {
                let account_id = AccountId(next_id(self.rows.accounts.len()));
                self.rows.accounts.push(AccountRow {
                    id: account_id,
                    portal: contract.portal.clone(),
                    contract_id: Some(id),
                    purpose: AccountPurpose::Customer,
                    branch_code: contract.branch.code.clone(),
                    branch_name: contract.branch.name.clone(),
                    account_type: account.account_type,
                    number: account.number.clone(),
                    holder_kana: contract.kana.clone(),
                    balance: Yen(0),
                    line_count: 0,
                    booked_on: jst_day(self.days_ago(CONTRACT_AGE_DAYS)),
                    opened_at: self.days_ago(CONTRACT_AGE_DAYS),
                });
                account_id
            })
            .collect();
        grants::fill(&mut self.rows, profile, contract, first_user, &accounts)?;
        certificates::fill(&mut self.rows, self.keys, contract, first_user, self.now)?;
        if let Some(user_id) = self.rows.users.get(first_user).map(|user| user.id) {
            let holder = orders::Holder { id, user_id, accounts: &accounts, tokens: &tokens };
            orders::fill(&mut self.rows, profile, contract, &holder, self.now)?;
        }
        let make = if profile.is_corporate() { movements::company } else { movements::household };
        let seed = format!("{} {}", contract.portal, contract.number);
        let movements = make(profile, &seed, self.now, accounts.len());
        Ok(Moved {
            profile: Arc::clone(profile),
            number: contract.number.clone(),
            accounts,
            movements,
        })
    }

    /// Companies hand in the application at their opening, or before the service begins.
    fn otp_applied_on(&self, profile: &Profile, contract: &DemoContract) -> Option<NaiveDate> {
        let opened_on = jst_day(self.days_ago(CONTRACT_AGE_DAYS));
        (profile.is_corporate() && !contract.has_not_applied).then_some(opened_on)
    }

    /// What the contract applied for, and a rise asked for yesterday.
    fn limits(&mut self, profile: &Profile, contract_id: ContractId, limits: DemoLimits) {
        let requested_at = self.days_ago(1);
        let none = CustomerLimits::default();
        let own = LimitStanding::at(profile, &none, true, requested_at).own;
        let mut to = own.clone();
        if let Some(yen) = limits.transfer_rise_yen.map(Yen) {
            to.insert(LimitService::Transfer, LimitAmounts { per_transaction: yen, daily: yen });
        }
        let rise_at = rise_at(&profile.limits, requested_at).filter(|_| to != own);
        let waits = rise_at.is_some();
        let of = |set: &LimitSet, service| set.get(&service).copied().filter(|_| waits);
        let (transfer, pay_easy) =
            (of(&own, LimitService::Transfer), of(&own, LimitService::PayEasy));
        let (to_transfer, to_pay_easy) =
            (of(&to, LimitService::Transfer), of(&to, LimitService::PayEasy));
        self.rows.limits.push(LimitRow {
            contract_id,
            portal: profile.slug().to_owned(),
            transfer_per_transaction_yen: transfer.map(|of| of.per_transaction),
            transfer_daily_yen: transfer.map(|of| of.daily),
            pay_easy_per_transaction_yen: pay_easy.map(|of| of.per_transaction),
            pay_easy_daily_yen: pay_easy.map(|of| of.daily),
            transfer_applied_yen: Some(Yen(limits.transfer_applied_yen)),
            pay_easy_applied_yen: Some(Yen(limits.pay_easy_applied_yen)),
            rise_transfer_per_transaction_yen: to_transfer.map(|of| of.per_transaction),
            rise_transfer_daily_yen: to_transfer.map(|of| of.daily),
            rise_pay_easy_per_transaction_yen: to_pay_easy.map(|of| of.per_transaction),
            rise_pay_easy_daily_yen: to_pay_easy.map(|of| of.daily),
            rise_requested_at: rise_at.map(|_| requested_at),
            rise_at,
        });
    }

    /// Since when a token of this kind has been in use: before its kind was closed.
    fn used_since(&self, profile: &Profile, kind: TokenKind) -> UtcTime {
        let usual = self.days_ago(TOKEN_USED_AGE_DAYS);
        let closed = profile.token_kind(kind).and_then(|rules| rules.closed_from);
        closed.map_or(usual, |day| {
            usual.min(jst_day_start(day.0) - TimeDelta::days(BEFORE_CLOSING_DAYS))
        })
    }

    fn token(
        &mut self,
        profile: &Profile,
        contract_id: ContractId,
        token: &DemoToken,
    ) -> Result<TokenId, OperationError> {
        let id = TokenId(next_id(self.rows.tokens.len()));
        let policy = &profile.tokens;
        let since = self.used_since(profile, token.kind);
        let earlier = since - self.days_ago(TOKEN_USED_AGE_DAYS);
        let context = Token::sealing_context(profile.slug(), &token.serial);
        let sealed = self.keys.seal(&context, demo_secret(&token.serial).expose())?;
        let suspended_at = token.is_suspended.then(|| self.days_ago(2));
        self.rows.tokens.push(TokenRow {
            id,
            portal: profile.slug().to_owned(),
            serial: token.serial.clone(),
            kind: token.kind,
            state: token.state,
            contract_id: (!token.is_free).then_some(contract_id),
            algorithm: policy.algorithm,
            digits: i32::try_from(policy.digits.get()).unwrap_or(6),
            period_seconds: i32::try_from(policy.period_seconds.get()).unwrap_or(30),
            secret_sealed: sealed.bytes,
            sealing_key_id: sealed.key_id,
            failures: if token.is_suspended { count(policy.throttle.failures_max) } else { 0 },
            last_failure_at: suspended_at,
            suspended_at,
            expires_at: self.expiry(profile, token, since),
            imported_at: self.days_ago(TOKEN_IMPORTED_AGE_DAYS) + earlier,
            shipped_at: (token.state != TokenState::Stock)
                .then(|| self.days_ago(TOKEN_SHIPPED_AGE_DAYS) + earlier),
            retired_at: (token.state == TokenState::Retired)
                .then(|| self.now - TimeDelta::minutes(10)),
        });
        Ok(id)
    }

    /// The end printed on the token, or what the portal's rule makes of its registration.
    fn expiry(&self, profile: &Profile, token: &DemoToken, since: UtcTime) -> Option<UtcTime> {
        let printed = token.ends_in_days.map(|days| jst_day(self.now) + TimeDelta::days(days));
        let is_registered = token.state == TokenState::InUse;
        let by_rule = profile.tokens.validity.ends_at(jst_day(since), printed);
        // A token in stock has the day printed on it, whatever the rule will make of it.
        let by_stock = printed.map(jst_day_start);
        by_rule.filter(|_| is_registered || printed.is_some()).or(by_stock)
    }

    fn hash(&self, secret: &str) -> Result<String, OperationError> {
        let missing = OperationError::Corrupt("a password of the demo has no hash");
        self.hashes.get(secret).cloned().ok_or(missing)
    }

    fn user(
        &mut self,
        profile: &Profile,
        contract_id: ContractId,
        user: &DemoUser,
        tokens: &BTreeMap<String, (TokenId, TokenKind)>,
    ) -> Result<(), OperationError> {
        let id = UserId(next_id(self.rows.users.len()));
        let token = user.token.as_ref().map(|serial| tokens.get(serial).copied());
        let missing = OperationError::Corrupt("a user of the demo has an unknown token");
        let token = token.map(|found| found.ok_or(missing)).transpose()?;
        let confirm_secret_hash = match &user.confirm {
            Some(secret) => self.hash(secret)?,
            None => nobodys_hash().to_owned(),
        };
        let has_logged_in = user.setup == SetupState::Done;
        let failures_max = count(profile.credentials.login_failures_max);
        let login_failures = if user.is_locked { failures_max } else { 0 };
        let revoked_at = user.revoked_minutes_ago.map(|ago| self.now - TimeDelta::minutes(ago));
        self.rows.users.push(UserRow {
            id,
            portal: profile.slug().to_owned(),
            contract_id,
            login_id: user.login_id.clone(),
            role: user.role,
            name: user.name.clone(),
            mail_address: user.mail_address(),
            login_secret_hash: self.hash(&user.password)?,
            confirm_secret_hash,
            setup_state: user.setup,
            login_failures,
            login_locked_at: user.is_locked.then(|| self.days_ago(1)),
            token_id: token.map(|(token_id, _)| token_id),
            token_status: user.stored_status(),
            token_since: revoked_at.or(token.map(|(_, kind)| self.used_since(profile, kind))),
            revoked_at,
            login_otp_chosen: user.asks_at_login,
            last_login_at: has_logged_in.then(|| self.now - TimeDelta::minutes(4_117)),
            last_login_channel: has_logged_in.then_some(Channel::Web),
            failures_since_login: login_failures,
            created_at: self.days_ago(CONTRACT_AGE_DAYS),
            telephone: has_logged_in.then(|| telephone_of(id)),
            login_secret_changed_at: has_logged_in.then(|| self.days_ago(LOGIN_SECRET_AGE_DAYS)),
            confirm_secret_changed_at: has_logged_in
                .then(|| self.days_ago(CONFIRM_SECRET_AGE_DAYS)),
        });
        if let (Some(number), Some((token_id, _))) = (&user.issued_as, token) {
            self.token_issue(profile, id, token_id, user, number);
        }
        match user.picture_card {
            Some(state) => self.picture_card(profile, id, &user.login_id, state),
            None => Ok(()),
        }
    }

    /// An issue whose app is set up: since an hour ago, or long ago where the token is in use.
    fn token_issue(
        &mut self,
        profile: &Profile,
        user_id: UserId,
        token_id: TokenId,
        user: &DemoUser,
        user_number: &str,
    ) {
        let is_started = user.stored_status() == StoredTokenStatus::InUse;
        let issued_at =
            if is_started { self.days_ago(TOKEN_USED_AGE_DAYS) } else { self.hours_ago(2) };
        let set_up_at = issued_at + TimeDelta::hours(1);
        let hours = profile.tokens.issue.as_ref().map_or(0, |policy| policy.set_up_hours);
        self.rows.token_issues.push(TokenIssueRow {
            portal: profile.slug().to_owned(),
            user_id,
            token_id,
            user_number: user_number.to_owned(),
            mail_address: user.mail_address().unwrap_or_default(),
            activation_hash: nobodys_hash().to_owned(),
            previous_status: StoredTokenStatus::Unregistered,
            issued_at,
            expires_at: issued_at + TimeDelta::hours(i64::from(hours)),
            set_up_at: Some(set_up_at),
            ended_at: is_started.then_some(set_up_at),
            end_reason: is_started.then_some(IssueEnd::Started),
        });
    }

    fn picture_card(
        &mut self,
        profile: &Profile,
        user_id: UserId,
        login_id: &str,
        state: CardState,
    ) -> Result<(), OperationError> {
        let context = PictureCard::sealing_context(user_id);
        let sealed = self.keys.seal(&context, demo_cells(login_id).join(",").as_bytes())?;
        let is_locked = state == CardState::Locked;
        let failures_max = count(profile.credentials.picture_card_failures_max);
        self.rows.picture_cards.push(PictureCardRow {
            user_id,
            cells_sealed: sealed.bytes,
            sealing_key_id: sealed.key_id,
            challenge: demo_challenge(login_id),
            failures: if is_locked { failures_max } else { 0 },
            locked_at: is_locked.then(|| self.days_ago(3)),
            issued_at: self.now.checked_sub_months(Months::new(20)).unwrap_or(self.now),
        });
        Ok(())
    }

    /// All movements as entries in order of time, whoever's they are, and the balances they make.
    fn entries(&mut self, moved: Vec<Moved>) -> Result<(), OperationError> {
        let mut all: Vec<(usize, &Moved, &Movement)> = moved
            .iter()
            .flat_map(|of| of.movements.iter().enumerate().map(move |(n, one)| (n, of, one)))
            .collect();
        all.sort_by_key(|(_, _, movement)| movement.at);
        let customers = |account: &&AccountRow| account.purpose == AccountPurpose::Customer;
        let opened = self.rows.accounts.iter().filter(customers);
        let mut standings: Standings =
            opened.map(|account| (account.id, (0, Yen(0), account.booked_on))).collect();
        for (number, of, movement) in all {
            let draft = self.draft(number, of, movement)?;
            self.entry(&draft, &mut standings)?;
        }
        for account in &mut self.rows.accounts {
            if let Some(standing) = standings.remove(&account.id) {
                (account.line_count, account.balance, account.booked_on) = standing;
            }
        }
        Ok(())
    }

    fn draft(
        &self,
        number: usize,
        of: &Moved,
        movement: &Movement,
    ) -> Result<EntryDraft, OperationError> {
        let slug = of.profile.slug();
        let lines = movement.lines.iter().map(|(side, amount)| {
            let account_id = match side {
                Side::Own(place) => of.accounts.get(*place).copied(),
                Side::Internal(purpose) => self.internal.get(&(slug.to_owned(), *purpose)).copied(),
            };
            account_id.map(|account_id| PostingLine { account_id, amount: Yen(*amount) })
        });
        let wrong = OperationError::Corrupt("a movement of the demo");
        let lines: Vec<PostingLine> = lines.collect::<Option<_>>().ok_or(wrong)?;
        let draft = EntryDraft {
            portal: slug.to_owned(),
            kind: movement.kind.to_owned(),
            business_date: jst_day(movement.at),
            posted_at: movement.at,
            idempotency_key: match &movement.key {
                Some(key) => key.clone(),
                None => format!("demo {slug} {} {number}", of.number),
            },
            description: movement.text.clone(),
            credit_description: None,
            reverses_id: None,
            lines,
        };
        draft.check().map_err(|_| OperationError::Corrupt("a movement of the demo"))?;
        Ok(draft)
    }

    /// The rows of an entry, each line on the account as it stands by then.
    fn entry(
        &mut self,
        draft: &EntryDraft,
        standings: &mut Standings,
    ) -> Result<(), OperationError> {
        let id = EntryId(next_id(self.rows.entries.len()));
        self.rows.entries.push(EntryRow {
            id,
            portal: draft.portal.clone(),
            kind: draft.kind.clone(),
            business_date: draft.business_date,
            posted_at: draft.posted_at,
            idempotency_key: draft.idempotency_key.clone(),
            description: draft.description.clone(),
        });
        for line in &draft.lines {
            let mut standing = None;
            if let Some((line_no, balance, day)) = standings.get_mut(&line.account_id) {
                let wrong = OperationError::Corrupt("a balance of the demo");
                *balance = balance.checked_add(line.amount).ok_or(wrong)?;
                (*line_no, *day) = (*line_no + 1, draft.business_date);
                standing = Some((*line_no, *balance));
            }
            let (line_no, balance_after) = standing.unzip();
            self.rows.postings.push(PostingRow {
                entry_id: id,
                account_id: line.account_id,
                amount: line.amount,
                booked_on: draft.business_date,
                line_no,
                balance_after,
            });
        }
        Ok(())
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
