//! Customers with token, accounts, a session and a flow, so that nothing has to be logged in by
//! hand. Whatever belongs to customer `n` is made from `n`.

use std::sync::Arc;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use madoguchi::db::queries::{accounts, contracts, flows, logins, tokens, users, web_sessions};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::flow::{FLOW_LIFETIME, FlowOperation, FlowStep};
use madoguchi::domain::ledger::{AccountPurpose, AccountType};
use madoguchi::domain::login::LoginStage;
use madoguchi::domain::otp::{CodeGenerator, OtpParameters};
use madoguchi::domain::token::{OtpAlgorithm, StoredTokenStatus, Token, TokenKind, TokenState};
use madoguchi::domain::user::{Channel, Role, SetupState};
use madoguchi::primitives::clock::UtcTime;
use madoguchi::primitives::ids::{ContractId, TokenId, UserId};
use madoguchi::primitives::keys::{KeyRing, Sealed};
use madoguchi::primitives::password::hash_blocking;
use madoguchi::primitives::secret::Secret;
use madoguchi::primitives::yen::Yen;
use madoguchi::web::csrf;
use sha2::{Digest, Sha256};

use crate::load::Request;
use crate::site::{COMPANY_PORTAL, ISSUING_PORTAL, PORTAL, Site, now};

/// Everybody's login password.
pub const PASSWORD: &str = "Tansu-kotatsu-3";
const TOKEN_SECRET: &[u8] = b"12345678901234567890";
/// Customers written in one commit.
const GROUP: usize = 500;

/// What a login stands for, and the prefix of its ids.
#[derive(Debug, Clone, Copy)]
pub enum Session {
    /// Logged in.
    Complete,
    /// In an exchange, before the old token's code.
    Exchange,
    /// Logged in without a token where tokens are issued.
    Issue,
    /// A company's administrator, logged in.
    Company,
}

impl Session {
    fn prefix(self) -> char {
        match self {
            Session::Complete => 'c',
            Session::Exchange => 'x',
            Session::Issue => 'i',
            Session::Company => 'a',
        }
    }

    fn portal(self) -> &'static str {
        match self {
            Session::Complete | Session::Exchange => PORTAL,
            Session::Issue => ISSUING_PORTAL,
            Session::Company => COMPANY_PORTAL,
        }
    }

    /// The id of this login.
    pub fn login_id(self, n: usize) -> String {
        format!("{}{n:042}", self.prefix())
    }

    fn csrf_secret(self, n: usize) -> String {
        format!("{}{n:042}", self.prefix().to_ascii_uppercase())
    }

    fn key(self, n: usize) -> String {
        format!("{}-session-of-a-bench-{n:043}", self.prefix())
    }

    /// The hash under which the session's key is stored.
    pub fn key_hash(self, n: usize) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.key(n).as_bytes()))
    }

    /// The hidden field of this login's forms.
    pub fn csrf_token(self, n: usize) -> String {
        csrf::login_token(&self.csrf_secret(n))
    }

    /// The cookies of a browser in this session.
    pub fn cookies(self, site: &Site, n: usize) -> Result<String> {
        let portal = self.portal();
        let form = csrf::visitor(&csrf::FormKey::new(&site.services.keys), portal, None)?;
        let session = site.session_cookie(portal, &self.key(n))?;
        Ok(format!("{session}; {portal}-form={}", form.cookie))
    }
}

/// The login id of a customer.
pub fn login_id(n: usize) -> String {
    format!("{n:010}")
}

/// The id of a customer's exchange.
pub fn flow_id(n: usize) -> String {
    format!("{n:022}")
}

/// The code of every token now.
pub fn code() -> Result<String> {
    let parameters = OtpParameters { algorithm: OtpAlgorithm::Sha1, digits: 6, period_seconds: 30 };
    let generator = CodeGenerator::new(&Secret::new(TOKEN_SECRET.to_vec()), parameters);
    Ok(generator.code(parameters.step_at(now()?)).unwrap_or_default())
}

/// A POST of the login form as customer `n`.
pub fn login_request(visitor: &csrf::Visitor, n: usize, password: &str) -> Request {
    let (token, login_id) = (&visitor.token, login_id(n));
    Request {
        path: format!("/{PORTAL}/login"),
        cookies: format!("{PORTAL}-form={}", visitor.cookie),
        body: Some(format!("csrf_token={token}&login_id={login_id}&password={password}")),
    }
}

/// Writes customers 0 to `count`.
pub fn customers(site: &Site, count: usize) -> Result<()> {
    let hash: Arc<str> = hash_blocking(PASSWORD)?.into();
    let now = now()?;
    for first in (0..count).step_by(GROUP) {
        let (keys, hash) = (site.services.keys.clone(), hash.clone());
        let mut sealed = Vec::new();
        for n in first..count.min(first + GROUP) {
            sealed.push((n, seal(&keys, n)?));
        }
        site.services.db.write_blocking(move |conn| {
            for (n, sealed) in &sealed {
                customer(conn, *n, sealed, &hash, now)?;
            }
            Ok::<_, DbError>(())
        })?;
    }
    Ok(())
}

/// Writes customers 0 to `count` of the portal that issues tokens: logged in, without a token.
pub fn applicants(site: &Site, count: usize) -> Result<()> {
    let hash: Arc<str> = hash_blocking(PASSWORD)?.into();
    let now = now()?;
    site.services.db.write_blocking(move |conn| {
        for n in 0..count {
            let name = "実 太郎".to_owned();
            let contract_id = contracts::insert(conn, ISSUING_PORTAL, &login_id(n), &name, now)?;
            let user = users::NewUser {
                portal: ISSUING_PORTAL.to_owned(),
                contract_id,
                login_id: login_id(n),
                role: Role::Customer,
                name,
                mail_address: Some(address(n)),
                login_secret_hash: hash.to_string(),
                confirm_secret_hash: hash.to_string(),
                setup_state: SetupState::Done,
                token_id: None,
                token_status: StoredTokenStatus::Unregistered,
                token_since: None,
                login_otp_chosen: false,
                created_at: now,
            };
            let user_id = users::insert(conn, user)?;
            session(conn, Session::Issue, LoginStage::Complete, n, (user_id, None), now)?;
        }
        Ok::<_, DbError>(())
    })?;
    Ok(())
}

/// Writes company `n` with `size` users, the first of them a master user who is logged in. It has
/// not applied for one-time passwords, so nobody has to have a token.
pub fn company(site: &Site, n: usize, size: usize) -> Result<()> {
    let hash: Arc<str> = hash_blocking(PASSWORD)?.into();
    let now = now()?;
    site.services.db.write_blocking(move |conn| {
        let contract_id = contracts::insert(conn, COMPANY_PORTAL, &login_id(n), "試験商会", now)?;
        for place in 0..size {
            let user = users::NewUser {
                portal: COMPANY_PORTAL.to_owned(),
                contract_id,
                login_id: format!("user{n}x{place:06}"),
                role: if place == 0 { Role::Master } else { Role::General },
                name: format!("試験 {place:06}"),
                mail_address: Some(address(place)),
                login_secret_hash: hash.to_string(),
                confirm_secret_hash: hash.to_string(),
                setup_state: SetupState::Done,
                token_id: None,
                token_status: StoredTokenStatus::Unregistered,
                token_since: None,
                login_otp_chosen: false,
                created_at: now,
            };
            let user_id = users::insert(conn, user)?;
            if place == 0 {
                session(conn, Session::Company, LoginStage::Complete, n, (user_id, None), now)?;
            }
        }
        Ok::<_, DbError>(())
    })?;
    Ok(())
}

/// The mail address of an applicant.
pub fn address(n: usize) -> String {
    format!("applicant{n}@example.jp")
}

fn serial(n: usize) -> String {
    format!("B{n:011}")
}

fn seal(keys: &KeyRing, n: usize) -> Result<Sealed> {
    Ok(keys.seal(&Token::sealing_context(PORTAL, &serial(n)), TOKEN_SECRET)?)
}

fn customer(
    conn: &mut DbConn,
    n: usize,
    sealed: &Sealed,
    hash: &str,
    now: UtcTime,
) -> Result<(), DbError> {
    let contract_id = contracts::insert(conn, PORTAL, &login_id(n), "白樺 次郎", now)?;
    let token_id = token(conn, n, sealed, contract_id, now)?;
    for (place, kind) in
        [AccountType::Ordinary, AccountType::Ordinary, AccountType::Savings].into_iter().enumerate()
    {
        account(conn, format!("{:07}", n * 3 + place), kind, contract_id, now)?;
    }
    let user = users::NewUser {
        portal: PORTAL.to_owned(),
        contract_id,
        login_id: login_id(n),
        role: Role::Customer,
        name: "白樺 次郎".to_owned(),
        mail_address: Some("jiro@example.jp".to_owned()),
        login_secret_hash: hash.to_owned(),
        confirm_secret_hash: hash.to_owned(),
        setup_state: SetupState::Done,
        token_id: Some(token_id),
        token_status: StoredTokenStatus::InUse,
        token_since: Some(now),
        login_otp_chosen: false,
        created_at: now,
    };
    let user_id = users::insert(conn, user)?;
    let token = Some(token_id);
    session(conn, Session::Complete, LoginStage::Complete, n, (user_id, token), now)?;
    session(conn, Session::Exchange, LoginStage::TokenFlow, n, (user_id, token), now)?;
    flow(conn, n, (user_id, token_id), now)
}

fn token(
    conn: &mut DbConn,
    n: usize,
    sealed: &Sealed,
    contract_id: ContractId,
    now: UtcTime,
) -> Result<TokenId, DbError> {
    let token = tokens::NewToken {
        portal: PORTAL.to_owned(),
        serial: serial(n),
        kind: TokenKind::Hardware,
        state: TokenState::InUse,
        contract_id: Some(contract_id),
        algorithm: OtpAlgorithm::Sha1,
        digits: 6,
        period_seconds: 30,
        secret_sealed: sealed.bytes.clone(),
        sealing_key_id: sealed.key_id.clone(),
        drift_steps: 0,
        drift_base_steps: 0,
        valid_from: None,
        expires_at: None,
        imported_at: now,
        shipped_at: Some(now),
    };
    tokens::insert(conn, &token)?;
    let found = tokens::find_by_serial(conn, PORTAL, &token.serial)?;
    found.map(|token| token.id).ok_or_else(|| DbError::Unavailable("no token".to_owned()))
}

fn account(
    conn: &mut DbConn,
    number: String,
    account_type: AccountType,
    contract_id: ContractId,
    now: UtcTime,
) -> Result<(), DbError> {
    let account = accounts::NewAccount {
        portal: PORTAL.to_owned(),
        contract_id: Some(contract_id),
        purpose: AccountPurpose::Customer,
        branch_code: "001".to_owned(),
        branch_name: "本店営業部".to_owned(),
        account_type,
        number,
        holder_kana: "ｼﾗｶﾊﾞ ｼﾞﾛｳ".to_owned(),
        opened_at: now,
    };
    let id = accounts::insert(conn, account)?;
    accounts::add_to_balance(conn, id, Yen(1_234_567), now.date()).map(drop)
}

fn session(
    conn: &mut DbConn,
    session: Session,
    stage: LoginStage,
    n: usize,
    (user_id, token_id): (UserId, Option<TokenId>),
    now: UtcTime,
) -> Result<(), DbError> {
    let login = logins::NewLogin {
        id: session.login_id(n),
        portal: session.portal().to_owned(),
        user_id,
        stage,
        token_id,
        csrf_secret: session.csrf_secret(n),
        channel: Channel::Web,
        previous_login_at: Some(now),
        previous_login_channel: Some(Channel::Web),
        previous_failures: 0,
        created_at: now,
        last_use_at: now,
    };
    logins::insert(conn, login)?;
    web_sessions::insert(conn, &session.key_hash(n), &session.login_id(n), now)
}

fn flow(
    conn: &mut DbConn,
    n: usize,
    (user_id, token_id): (UserId, TokenId),
    now: UtcTime,
) -> Result<(), DbError> {
    let flow = flows::NewFlow {
        id: flow_id(n),
        portal: PORTAL.to_owned(),
        user_id,
        login_id: Session::Exchange.login_id(n),
        operation: FlowOperation::TokenExchange,
        step: FlowStep::Input,
        token_id: Some(token_id),
        created_at: now,
        expires_at: now + FLOW_LIFETIME,
    };
    flows::insert(conn, flow)
}
