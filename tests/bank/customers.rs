//! Ten accounts of one institution, and 32 customers with tokens who pay out of them.

use chrono::{Days, NaiveTime, TimeDelta};
use madoguchi::config::Settings;
use madoguchi::db::queries::payees::{self, NewPayee};
use madoguchi::db::queries::users::{self, NewUser};
use madoguchi::db::queries::{accounts, contracts, limits, tokens};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::ledger::{AccountPurpose, AccountType, EntryDraft, PostingLine};
use madoguchi::domain::limit::{LimitAmounts, LimitService, LimitSet};
use madoguchi::domain::payee::{AccountKey, PayeeAccountType, PayeeState};
use madoguchi::domain::token::{OtpAlgorithm, StoredTokenStatus, Token, TokenKind, TokenState};
use madoguchi::domain::user::{Role, SetupState};
use madoguchi::operations::Services;
use madoguchi::operations::demo::clock::{ClockMove, ClockRun, set_clock};
use madoguchi::operations::ledger::post::post_in_tx;
use madoguchi::primitives::clock::{Clock, UtcTime, jst_day, jst_to_utc};
use madoguchi::primitives::ids::{AccountId, ContractId, PayeeId, UserId};
use madoguchi::primitives::keys::KeyRing;
use madoguchi::primitives::password::hash_blocking;
use madoguchi::primitives::yen::Yen;
use madoguchi::startup;

use crate::codes;

/// Where everything happens: a code for each transfer, no code at login.
pub const PORTAL: &str = "shirakaba";
/// Its bank.
pub const BANK: &str = "0984";
/// Customers at work.
pub const CLIENTS: usize = 32;
/// Everybody's login password.
pub const PASSWORD: &str = "Tansu-kotatsu-3";
/// Seconds of a code.
pub const STEP: i64 = 30;
/// Little enough that some transfers find too little.
const FIRST_BALANCE: i64 = 40_000;
const ACCOUNTS: usize = 10;
/// Accounts of different branches pay a fee.
const BRANCHES: [(&str, &str); 2] = [("801", "東"), ("802", "西")];

/// One of the ten.
#[derive(Debug, Clone)]
pub struct OpenAccount {
    /// Its row.
    pub id: AccountId,
    /// Whose.
    pub contract_id: ContractId,
    /// 店番.
    pub branch: &'static str,
    /// 口座番号.
    pub number: String,
    /// The payees that its contract has registered, by the account they stand for.
    pub payees: Vec<Option<PayeeId>>,
}

/// All of them, at the moment the clients begin.
pub struct Town {
    /// The accounts.
    pub accounts: Vec<OpenAccount>,
    /// The customers, whose n-th pays out of account n % 10.
    pub users: Vec<UserId>,
    /// What each account holds.
    pub first_balance: i64,
    /// The step of the codes at which the clock stands.
    pub first_step: i64,
}

impl Town {
    /// Fills the demo's database with them, and sets its clock to ten o'clock of tomorrow.
    pub fn build(settings: &Settings) -> Town {
        let services = startup::services(settings, true).unwrap();
        let morning = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
        let day = jst_day(Clock::real_now()) + Days::new(1);
        let now = jst_to_utc(day.and_time(morning));
        let at = Some(now);
        set_clock(&services, ClockMove { at, run: ClockRun::Freeze, is_jump: false }).unwrap();
        let hash = hash_blocking(PASSWORD).unwrap();
        let keys = services.keys.clone();
        let fill = move |conn: &mut DbConn| fill(conn, &keys, &hash, now - TimeDelta::days(60));
        let (accounts, users) = Services::clone(&services).db.write_blocking(fill).unwrap();
        let first_step = codes::step_at(now, STEP);
        Town { accounts, users, first_balance: FIRST_BALANCE, first_step }
    }

    /// The account out of which a client pays.
    pub fn account_of(client: usize) -> usize {
        client % ACCOUNTS
    }

    /// Fee and tax of a transfer below 30,000 yen.
    pub fn fee(&self, from: usize, to: usize) -> i64 {
        if self.accounts[from].branch == self.accounts[to].branch { 0 } else { 110 }
    }
}

/// 契約者ID.
pub fn login_id(client: usize) -> String {
    format!("30000000{client:02}")
}

/// The serial of a client's token.
pub fn serial(client: usize) -> String {
    format!("BANKTEST00{client:02}")
}

/// The time at which a step begins.
pub fn time_of(step: i64) -> UtcTime {
    chrono::DateTime::from_timestamp(step * STEP, 0).unwrap().naive_utc()
}

fn fill(
    conn: &mut DbConn,
    keys: &KeyRing,
    hash: &str,
    now: UtcTime,
) -> Result<(Vec<OpenAccount>, Vec<UserId>), DbError> {
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        accounts.push(open_account(conn, number, now)?);
    }
    let mut users = Vec::new();
    for client in 0..CLIENTS {
        let contract_id = accounts[Town::account_of(client)].contract_id;
        users.push(user(conn, keys, (client, contract_id), hash, now)?);
    }
    // Half of the others are registered payees; the other half has to be typed in.
    for from in 0..ACCOUNTS {
        for to in (0..ACCOUNTS).filter(|to| *to != from && to.is_multiple_of(2)) {
            let payee = payee(conn, &accounts[from], users[from], &accounts[to], now)?;
            accounts[from].payees[to] = Some(payee);
        }
    }
    Ok((accounts, users))
}

fn open_account(conn: &mut DbConn, number: usize, now: UtcTime) -> Result<OpenAccount, DbError> {
    let contract_id = contracts::insert(conn, PORTAL, &format!("BANK{number}"), "白樺 一", now)?;
    raise_limit(conn, contract_id)?;
    let (branch, branch_name) = BRANCHES[number % BRANCHES.len()];
    let account = accounts::NewAccount {
        portal: PORTAL.to_owned(),
        contract_id: Some(contract_id),
        purpose: AccountPurpose::Customer,
        branch_code: branch.to_owned(),
        branch_name: branch_name.to_owned(),
        account_type: AccountType::Ordinary,
        number: format!("77700{number:02}"),
        holder_kana: "ｼﾗｶﾊﾞ ﾊｼﾞﾒ".to_owned(),
        opened_at: now,
    };
    let text = account.number.clone();
    let id = accounts::insert(conn, account)?;
    pay_in(conn, id, now)?;
    Ok(OpenAccount { id, contract_id, branch, number: text, payees: vec![None; ACCOUNTS] })
}

/// A long run pays more in a day than customers may who never asked for more.
fn raise_limit(conn: &mut DbConn, contract_id: ContractId) -> Result<(), DbError> {
    limits::ensure(conn, PORTAL, contract_id)?;
    let version = limits::find(conn, contract_id)?.version;
    let most = LimitAmounts { per_transaction: Yen(1_000_000), daily: Yen(5_000_000) };
    let own = LimitSet::from([(LimitService::Transfer, most)]);
    assert!(limits::update_own(conn, contract_id, version, &own)?);
    Ok(())
}

fn pay_in(conn: &mut DbConn, id: AccountId, now: UtcTime) -> Result<(), DbError> {
    let suspense = accounts::get_internal(conn, PORTAL, AccountPurpose::Suspense)?.id;
    let line = |account_id, amount| PostingLine { account_id, amount: Yen(amount) };
    let draft = EntryDraft {
        portal: PORTAL.to_owned(),
        kind: "deposit".to_owned(),
        business_date: jst_day(now),
        posted_at: now,
        idempotency_key: format!("bank test {id}"),
        description: "入金".to_owned(),
        credit_description: None,
        reverses_id: None,
        lines: vec![line(id, FIRST_BALANCE), line(suspense, -FIRST_BALANCE)],
    };
    post_in_tx(conn, &draft).unwrap();
    Ok(())
}

fn user(
    conn: &mut DbConn,
    keys: &KeyRing,
    (client, contract_id): (usize, ContractId),
    hash: &str,
    now: UtcTime,
) -> Result<UserId, DbError> {
    let serial = serial(client);
    let context = Token::sealing_context(PORTAL, &serial);
    let sealed = keys.seal(&context, &codes::secret(&serial)).unwrap();
    let token = tokens::NewToken {
        portal: PORTAL.to_owned(),
        serial: serial.clone(),
        kind: TokenKind::Hardware,
        state: TokenState::InUse,
        contract_id: Some(contract_id),
        algorithm: OtpAlgorithm::Sha1,
        digits: 6,
        period_seconds: i32::try_from(STEP).unwrap(),
        secret_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        drift_steps: 0,
        drift_base_steps: 0,
        valid_from: None,
        expires_at: None,
        imported_at: now,
        shipped_at: Some(now),
    };
    tokens::insert(conn, &token)?;
    let token_id = tokens::find_by_serial(conn, PORTAL, &serial)?.map(|token| token.id);
    let user = NewUser {
        portal: PORTAL.to_owned(),
        contract_id,
        login_id: login_id(client),
        role: Role::Customer,
        name: format!("白樺 {client}"),
        mail_address: Some(format!("client{client}@example.jp")),
        login_secret_hash: hash.to_owned(),
        confirm_secret_hash: hash.to_owned(),
        setup_state: SetupState::Done,
        token_id,
        token_status: StoredTokenStatus::InUse,
        token_since: Some(now),
        login_otp_chosen: false,
        created_at: now,
    };
    users::insert(conn, user)
}

fn payee(
    conn: &mut DbConn,
    from: &OpenAccount,
    user_id: UserId,
    to: &OpenAccount,
    now: UtcTime,
) -> Result<PayeeId, DbError> {
    let account = AccountKey {
        bank_code: BANK.to_owned(),
        branch_code: to.branch.to_owned(),
        account_type: PayeeAccountType::Ordinary,
        number: to.number.clone(),
    };
    let new = NewPayee {
        portal: PORTAL.to_owned(),
        contract_id: from.contract_id,
        user_id,
        bank_code: account.bank_code.clone(),
        bank_name: "しらかば信用金庫".to_owned(),
        branch_code: account.branch_code.clone(),
        branch_name: "西".to_owned(),
        account_type: account.account_type,
        number: account.number.clone(),
        holder_kana: "ｼﾗｶﾊﾞ ﾊｼﾞﾒ".to_owned(),
        nickname: String::new(),
        state: PayeeState::Registered,
        registered_at: now,
        last_paid_at: None,
    };
    assert!(payees::insert(conn, &new)?);
    Ok(payees::find_by_account(conn, from.contract_id, &account)?.unwrap().id)
}
