//! What a person would hold in the hand: tokens with their present codes, and picture cards.

use std::collections::BTreeMap;

use crate::db::DbError;
use crate::db::queries::{demo, staff, tokens, users};
use crate::domain::challenge;
use crate::domain::otp::{CodeGenerator, OtpParameters, otpauth_url};
use crate::domain::picture_card::PictureCard;
use crate::domain::staff::{STAFF_OTP, StaffMember};
use crate::domain::token::{Token, TokenKind, TokenState};
use crate::domain::user::User;
use crate::operations::staff::code::open_secret;
use crate::operations::{OperationError, Services, count_limit};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ContractId, TokenId};
use crate::text_enum;

const TOKENS_MAX: i64 = 5_000;
const USERS_MAX: i64 = 5_000;

text_enum! {
    /// How a token stands, as testers need to know it.
    WallState {
        /// In stock, or in the hand of somebody without a contract for it.
        Stock = "stock",
        /// At its contract, not registered.
        Shipped = "shipped",
        /// Registered.
        InUse = "in_use",
        /// Registered, and suspended.
        Suspended = "suspended",
        /// Past its end.
        Expired = "expired",
        /// Never used again.
        Retired = "retired",
    }
}

impl WallState {
    /// The word shown.
    pub fn label(self) -> &'static str {
        match self {
            WallState::Stock => "在庫",
            WallState::Shipped => "配付済み",
            WallState::InUse => "利用中",
            WallState::Suspended => "停止中",
            WallState::Expired => "期限切れ",
            WallState::Retired => "廃止",
        }
    }
}

/// Who has a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallOwner {
    /// Login id.
    pub login_id: String,
    /// Name.
    pub name: String,
}

/// A token with its present code.
#[derive(Debug, Clone)]
pub struct WallToken {
    /// The portal's slug.
    pub portal: String,
    /// シリアル番号.
    pub serial: String,
    /// Kind; none for the authenticators of staff.
    pub kind: Option<TokenKind>,
    /// Its users; those of its contract's first user while nobody has registered it.
    pub owners: Vec<WallOwner>,
    /// How it stands.
    pub state: WallState,
    /// The code that its display shows now.
    pub code: String,
    /// 6 or 8.
    pub digits: u8,
    /// 30 or 60.
    pub period_seconds: i64,
    /// Until the next code.
    pub seconds_left: i64,
    /// 有効期限.
    pub expires_at: Option<UtcTime>,
    /// The credential for an RFC 6238 app.
    pub otpauth_url: String,
}

/// A picture card in clear.
#[derive(Debug, Clone)]
pub struct WallCard {
    /// Its holder's portal.
    pub portal: String,
    /// Its holder's login id.
    pub login_id: String,
    /// Its holder.
    pub name: String,
    /// Names of the 20 pictures, row by row from A1 over B1 to E4.
    pub cells: Vec<String>,
    /// Locked.
    pub is_locked: bool,
}

/// Every token of a demo database with its code at the clock's time, in order of portal and serial,
/// then the authenticators of staff.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Database or key trouble, or a database without demo data.
pub fn token_wall(services: &Services) -> Result<Vec<WallToken>, OperationError> {
    super::require_demo(services)?;
    let slugs: Vec<String> = services.profiles.keys().cloned().collect();
    let (tokens, users, staff) = services.db.read_blocking(move |conn| {
        let mut users = Vec::new();
        for slug in &slugs {
            users.extend(users::list(conn, slug, USERS_MAX)?);
        }
        let staff = staff::list(conn, None)?;
        Ok::<_, DbError>((tokens::list(conn, None, None, TOKENS_MAX)?, users, staff))
    })?;
    let holders = Holders::of(&users);
    let mut wall: Vec<WallToken> = tokens
        .iter()
        .map(|token| wall_token(services, token, &holders))
        .collect::<Result<_, OperationError>>()?;
    for member in staff.iter().filter(|member| member.secret_sealed.is_some()) {
        wall.push(staff_token(services, member)?);
    }
    Ok(wall)
}

/// The authenticator of a member of staff, being set up or in use.
fn staff_token(services: &Services, member: &StaffMember) -> Result<WallToken, OperationError> {
    let now = services.clock.now();
    let secret = open_secret(&services.keys, member)?;
    let period = STAFF_OTP.period_seconds;
    let state = match (member.locked_at, member.enrolled_at) {
        (Some(_), _) => WallState::Suspended,
        (None, Some(_)) => WallState::InUse,
        (None, None) => WallState::Shipped,
    };
    let account = &member.staff_id;
    Ok(WallToken {
        portal: member.portal.clone(),
        serial: member.token_serial.clone().unwrap_or_default(),
        kind: None,
        owners: vec![WallOwner { login_id: account.clone(), name: member.name.clone() }],
        state,
        code: CodeGenerator::new(&secret, STAFF_OTP)
            .code(STAFF_OTP.step_at(now))
            .unwrap_or_default(),
        digits: STAFF_OTP.digits,
        period_seconds: period,
        seconds_left: period - now.and_utc().timestamp().rem_euclid(period),
        expires_at: None,
        otpauth_url: otpauth_url(&issuer(services, &member.portal), account, &secret, STAFF_OTP),
    })
}

/// Every picture card in clear.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// As [`token_wall`].
pub fn picture_cards(services: &Services) -> Result<Vec<WallCard>, OperationError> {
    super::require_demo(services)?;
    let cards = services.db.read_blocking(demo::list_picture_cards)?;
    let open = |(card, portal, login_id, name): (PictureCard, String, String, String)| {
        let context = PictureCard::sealing_context(card.user_id);
        let cells = services.keys.open(&context, &card.sealing_key_id, &card.cells_sealed)?;
        let cells = std::str::from_utf8(cells.expose())
            .map_err(|_| OperationError::Corrupt("a picture card"))?;
        let cells = cells.split(',').map(str::to_owned).collect();
        Ok(WallCard { portal, login_id, name, cells, is_locked: card.locked_at.is_some() })
    };
    cards.into_iter().map(open).collect()
}

/// The code that the app would show for a challenge after 「内容が正しい」, from its address or from
/// what stands behind the mark. Nothing for what is no challenge, or of no token.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// As [`token_wall`].
pub fn signed_by_app(services: &Services, typed: &str) -> Result<Option<String>, OperationError> {
    super::require_demo(services)?;
    let Some(text) = challenge::of_address(typed) else { return Ok(None) };
    let of = |key| challenge::value(&text, key).unwrap_or_default().to_owned();
    let (portal, serial) = (of("portal"), of("serial"));
    let find = move |conn: &mut _| tokens::find_by_serial(conn, &portal, &serial);
    let Some(token) = services.db.read_blocking(find)? else { return Ok(None) };
    let context = Token::sealing_context(&token.portal, &token.serial);
    let secret = services.keys.open(&context, &token.sealing_key_id, &token.secret_sealed)?;
    Ok(challenge::signed_code(&secret, &text).filter(|_| token.signs()))
}

struct Holders<'a> {
    by_token: BTreeMap<TokenId, Vec<&'a User>>,
    first_of_contract: BTreeMap<ContractId, &'a User>,
}

impl<'a> Holders<'a> {
    fn of(users: &'a [User]) -> Holders<'a> {
        let mut by_token: BTreeMap<TokenId, Vec<&User>> = BTreeMap::new();
        let mut first_of_contract: BTreeMap<ContractId, &User> = BTreeMap::new();
        for user in users {
            if let Some(token_id) = user.token_id {
                by_token.entry(token_id).or_default().push(user);
            }
            let first = first_of_contract.entry(user.contract_id).or_insert(user);
            if user.id < first.id {
                *first = user;
            }
        }
        Holders { by_token, first_of_contract }
    }

    fn of_token(&self, token: &Token) -> Vec<WallOwner> {
        let registered = self.by_token.get(&token.id).cloned().unwrap_or_default();
        let first = token.contract_id.and_then(|id| self.first_of_contract.get(&id).copied());
        let users = if registered.is_empty() { first.into_iter().collect() } else { registered };
        let owner =
            |user: &User| WallOwner { login_id: user.login_id.clone(), name: user.name.clone() };
        users.into_iter().map(owner).collect()
    }
}

fn wall_token(
    services: &Services,
    token: &Token,
    holders: &Holders<'_>,
) -> Result<WallToken, OperationError> {
    let now = services.clock.now();
    let context = Token::sealing_context(&token.portal, &token.serial);
    let secret = services.keys.open(&context, &token.sealing_key_id, &token.secret_sealed)?;
    let parameters = OtpParameters::of(token);
    let step = parameters.step_at(now);
    let period = parameters.period_seconds;
    Ok(WallToken {
        portal: token.portal.clone(),
        serial: token.serial.clone(),
        kind: Some(token.kind),
        owners: holders.of_token(token),
        state: state(services, token, now),
        code: CodeGenerator::new(&secret, parameters).code(step).unwrap_or_default(),
        digits: parameters.digits,
        period_seconds: period,
        seconds_left: period - now.and_utc().timestamp().rem_euclid(period),
        expires_at: token.expires_at,
        otpauth_url: otpauth_url(
            &issuer(services, &token.portal),
            &token.serial,
            &secret,
            parameters,
        ),
    })
}

fn state(services: &Services, token: &Token, now: UtcTime) -> WallState {
    let profile = services.profiles.get(&token.portal);
    let failures_max =
        profile.map_or(i32::MAX, |profile| count_limit(profile.tokens.throttle.failures_max));
    match token.state {
        TokenState::Retired => WallState::Retired,
        _ if token.is_suspended(failures_max) => WallState::Suspended,
        _ if token.expires_at.is_some_and(|end| end <= now) => WallState::Expired,
        TokenState::Stock => WallState::Stock,
        TokenState::Shipped => WallState::Shipped,
        TokenState::InUse => WallState::InUse,
    }
}

fn issuer(services: &Services, portal: &str) -> String {
    let profile = services.profiles.get(portal);
    profile.map_or(portal, |profile| profile.portal.institution.as_str()).to_owned()
}
