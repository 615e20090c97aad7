//! Who and what is in a test's database: the customers of `shirakaba` as the demo has them, their
//! tokens and one picture card. Codes follow the rule for demo secrets, see `codes`.

use std::sync::OnceLock;

use madoguchi::db::DbConn;
use madoguchi::db::queries::users::{self, NewUser};
use madoguchi::db::queries::{contracts, picture_cards, tokens};
use madoguchi::domain::picture_card::{CELLS, PICTURES, PictureCard, cell_index};
use madoguchi::domain::token::{OtpAlgorithm, StoredTokenStatus, Token, TokenKind, TokenState};
use madoguchi::domain::user::{Role, SetupState};
use madoguchi::operations::Services;
use madoguchi::primitives::clock::UtcTime;
use madoguchi::primitives::ids::{ContractId, TokenId, UserId};
use madoguchi::primitives::password::hash_blocking_at;

use crate::cheap;

/// Somebody with an id and two secrets.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// 契約者ID.
    pub login_id: &'static str,
    /// ログインパスワード.
    pub password: &'static str,
    /// 確認用パスワード.
    pub confirm: &'static str,
}

const fn person(login_id: &'static str, password: &'static str, confirm: &'static str) -> Person {
    Person { login_id, password, confirm }
}

/// No token, a picture card; hardware `…FK1` shipped.
pub const HANAKO: Person = person("1000000001", "Hanako#2026", "kakunin01");
/// Hardware `…FK2` in use, code at login chosen; `…FK3` and 25 spare ones shipped.
pub const TARO: Person = person("1000000002", "Taro#20260", "kakunin02");
/// No token; hardware `…FK9` shipped.
pub const JIRO: Person = person("1000000003", "Jiro#20260", "kakunin03");
/// App in use, code at login not chosen.
pub const SHIRO: Person = person("1000000004", "Demo#20260", "kakunin04");
/// First login with the initial password.
pub const YAKUMO: Person = person("1000000008", "Shoki#2026", "kakunin08");

/// 花子's shipped token.
pub const FK1: &str = "2V0716016FK1";
/// 太郎's token in use.
pub const FK2: &str = "2V0716016FK2";
/// 太郎's shipped token.
pub const FK3: &str = "2V0716016FK3";
/// 次郎's shipped token.
pub const FK9: &str = "2V0716016FK9";
/// 四郎's app.
pub const APP: &str = "MDG4C7K2P9QA";
/// A credential of the app that nobody has registered.
pub const FREE_APP: &str = "MDG5C7K2P9QB";

/// One of 太郎's spare tokens, `number` from 1 to 25.
pub fn spare(number: u32) -> String {
    format!("2V07160170{number:02}")
}

/// A token to be put into the database.
#[derive(Debug, Clone)]
pub struct TokenSpec {
    /// Serial, which also makes the secret.
    pub serial: String,
    /// Kind.
    pub kind: TokenKind,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// Shipped to this contract, or in stock.
    pub contract_id: Option<ContractId>,
}

impl TokenSpec {
    /// A hardware token of six digits and 30 s.
    pub fn hardware(serial: &str, contract_id: Option<ContractId>) -> TokenSpec {
        let serial = serial.to_owned();
        TokenSpec { serial, kind: TokenKind::Hardware, digits: 6, period_seconds: 30, contract_id }
    }

    /// A credential of the app.
    pub fn app(serial: &str, contract_id: Option<ContractId>) -> TokenSpec {
        TokenSpec { kind: TokenKind::App, ..TokenSpec::hardware(serial, contract_id) }
    }
}

/// Fills the portal `shirakaba`.
pub fn load(services: &Services) {
    let now = services.clock.now();
    let keys = services.keys.clone();
    services
        .db
        .write_blocking(move |conn| {
            for who in [HANAKO, TARO, JIRO, SHIRO] {
                open(conn, "shirakaba", who, SetupState::Done, now);
            }
            open(conn, "shirakaba", YAKUMO, SetupState::Initial, now);
            let of = |conn: &mut DbConn, who: Person| contract_of(conn, "shirakaba", who);
            let (hanako, taro) = (of(conn, HANAKO), of(conn, TARO));
            let (jiro, shiro) = (of(conn, JIRO), of(conn, SHIRO));
            let mut stock = vec![
                TokenSpec::hardware(FK1, Some(hanako)),
                TokenSpec::hardware(FK3, Some(taro)),
                TokenSpec::hardware(FK9, Some(jiro)),
                TokenSpec::app(FREE_APP, None),
            ];
            stock.extend((1..=25).map(|n| TokenSpec::hardware(&spare(n), Some(taro))));
            for spec in stock {
                add_token(conn, &keys, &spec, now);
            }
            let in_use = [
                (TARO, TokenSpec::hardware(FK2, Some(taro)), true),
                (SHIRO, TokenSpec::app(APP, Some(shiro)), false),
            ];
            for (who, spec, is_chosen) in in_use {
                let token_id = add_token(conn, &keys, &spec, now);
                take_into_use(conn, who, token_id, is_chosen, now);
            }
            add_card(conn, &keys, HANAKO, now);
            Ok::<_, madoguchi::db::DbError>(())
        })
        .unwrap();
}

/// Opens a contract with its one customer.
pub fn open(
    conn: &mut DbConn,
    portal: &str,
    who: Person,
    setup: SetupState,
    now: UtcTime,
) -> UserId {
    let name = format!("白樺 {}", &who.login_id[who.login_id.len() - 2..]);
    let contract_id = contracts::insert(conn, portal, who.login_id, &name, now).unwrap();
    let is_done = setup == SetupState::Done;
    let user = NewUser {
        portal: portal.to_owned(),
        contract_id,
        login_id: who.login_id.to_owned(),
        role: Role::Customer,
        name,
        mail_address: is_done.then(|| format!("{}@example.jp", who.login_id)),
        login_secret_hash: hash(who.password),
        confirm_secret_hash: hash(who.confirm),
        setup_state: setup,
        token_id: None,
        token_status: StoredTokenStatus::Unregistered,
        token_since: None,
        login_otp_chosen: false,
        created_at: now,
    };
    users::insert(conn, user).unwrap()
}

/// Each secret is hashed once per run of the tests.
fn hash(secret: &str) -> String {
    static KNOWN: OnceLock<parking_lot::Mutex<std::collections::BTreeMap<String, String>>> =
        OnceLock::new();
    let mut known = KNOWN.get_or_init(parking_lot::Mutex::default).lock();
    known
        .entry(secret.to_owned())
        .or_insert_with(|| hash_blocking_at(cheap::COST, secret).unwrap())
        .clone()
}

fn contract_of(conn: &mut DbConn, portal: &str, who: Person) -> ContractId {
    contracts::find_by_number(conn, portal, who.login_id).unwrap().unwrap()
}

/// Puts a token into the portal `shirakaba`.
pub fn add_token(
    conn: &mut DbConn,
    keys: &madoguchi::primitives::keys::KeyRing,
    spec: &TokenSpec,
    now: UtcTime,
) -> TokenId {
    let context = Token::sealing_context("shirakaba", &spec.serial);
    let sealed = keys.seal(&context, &crate::codes::secret(&spec.serial)).unwrap();
    let is_shipped = spec.contract_id.is_some();
    let token = tokens::NewToken {
        portal: "shirakaba".to_owned(),
        serial: spec.serial.clone(),
        kind: spec.kind,
        state: if is_shipped { TokenState::Shipped } else { TokenState::Stock },
        contract_id: spec.contract_id,
        algorithm: OtpAlgorithm::Sha1,
        digits: spec.digits,
        period_seconds: spec.period_seconds,
        secret_sealed: sealed.bytes,
        sealing_key_id: sealed.key_id,
        drift_steps: 0,
        drift_base_steps: 0,
        valid_from: None,
        expires_at: None,
        imported_at: now,
        shipped_at: is_shipped.then_some(now),
    };
    assert!(tokens::insert(conn, &token).unwrap(), "{} is there already", spec.serial);
    tokens::find_by_serial(conn, "shirakaba", &spec.serial).unwrap().unwrap().id
}

/// As if the customer had registered the token before.
pub fn take_into_use(conn: &mut DbConn, who: Person, id: TokenId, is_chosen: bool, now: UtcTime) {
    let user = users::find_by_login_id(conn, "shirakaba", who.login_id).unwrap().unwrap();
    let columns = users::TokenColumns {
        token_id: Some(id),
        token_status: StoredTokenStatus::InUse,
        token_since: Some(now),
        revoked_at: None,
        login_otp_chosen: is_chosen,
    };
    let moved = tokens::update_state(conn, id, TokenState::Shipped, TokenState::InUse, now);
    assert!(moved.unwrap());
    let status = StoredTokenStatus::Unregistered;
    assert!(users::update_token(conn, user.id, status, user.token_id, &columns).unwrap());
}

fn add_card(
    conn: &mut DbConn,
    keys: &madoguchi::primitives::keys::KeyRing,
    who: Person,
    now: UtcTime,
) {
    let user = users::find_by_login_id(conn, "shirakaba", who.login_id).unwrap().unwrap();
    let cells = (0..CELLS).map(picture_in).collect::<Vec<_>>().join(",");
    let sealed = keys.seal(&PictureCard::sealing_context(user.id), cells.as_bytes()).unwrap();
    picture_cards::insert(conn, user.id, &sealed.bytes, &sealed.key_id, "A1,C2,E4", None, now)
        .unwrap();
}

fn picture_in(index: usize) -> &'static str {
    PICTURES[(index * 7 + 3) % PICTURES.len()].0
}

/// The pictures that answer a challenge such as `A1,C2,E4`.
pub fn pictures_for(challenge: &str) -> Vec<&'static str> {
    challenge.split(',').map(|cell| picture_in(cell_index(cell).unwrap())).collect()
}
