//! What the token app signs: the challenge of an act, in a text that both sides can read.
//!
//! The text names everything that the code binds, one `key=value` line for each, and ends with a
//! nonce. docs/signed.md describes it for makers of other token apps.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use sha2::{Digest, Sha256};

use crate::domain::audit::hex;
use crate::domain::ledger::Account;
use crate::domain::payee::Destination;
use crate::domain::payment::PaymentKind;
use crate::primitives::clock::UtcTime;
use crate::primitives::code::last_four;
use crate::primitives::ids::{TokenId, UserId};
use crate::primitives::ocra::{Input, Suite};
use crate::primitives::secret::Secret;
use crate::primitives::yen::Yen;

/// How codes are made: HMAC-SHA-256 to eight digits over 64 hexadecimal digits.
pub const SUITE: &str = "OCRA-1:HOTP-SHA256-8:QH64";
/// Digits of a signed code.
pub const CODE_DIGITS: u32 = 8;
/// How long a challenge holds from being shown.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How long after being shown a code is known for what it was signed for.
pub const KNOWN_FOR: TimeDelta = TimeDelta::minutes(30);
/// What stands before a challenge in the address of the app's page.
pub const MARK: &str = "#sign=";
/// The first line: what it is, and the version of the format.
const HEAD: &str = "madoguchi-sign=1";

/// A row of `challenges`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::challenges)]
pub struct Challenge {
    /// Row id.
    pub id: i64,
    /// The portal's slug.
    pub portal: String,
    /// The flow whose act it is for.
    pub flow_id: String,
    /// Whose act.
    pub user_id: UserId,
    /// The token that is to sign.
    pub token_id: TokenId,
    /// All lines but the last.
    pub body: String,
    /// What makes it the only one of its kind.
    pub nonce: String,
    /// When it was first shown.
    pub shown_at: NaiveDateTime,
    /// Until when its code is taken.
    pub expires_at: NaiveDateTime,
    /// When another one took its place.
    pub closed_at: Option<NaiveDateTime>,
    /// When its code was taken.
    pub used_at: Option<NaiveDateTime>,
    /// When its code came with something else than was signed.
    pub alarmed_at: Option<NaiveDateTime>,
}

impl Challenge {
    /// The whole text: what the app shows, and what the code binds.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}nonce={}\n", self.body, self.nonce)
    }

    /// Whether its code is still taken.
    #[must_use]
    pub fn is_open_at(&self, now: UtcTime) -> bool {
        self.closed_at.is_none() && self.used_at.is_none() && now < self.expires_at
    }
}

/// What a transfer's challenge is made of.
#[derive(Debug, Clone, Copy)]
pub struct TransferFacts<'a> {
    /// The portal's slug.
    pub portal: &'a str,
    /// The serial of the token that is to sign.
    pub serial: &'a str,
    /// 振込 or 振替.
    pub kind: PaymentKind,
    /// 出金口座.
    pub from: &'a Account,
    /// Where to.
    pub to: &'a Destination,
    /// How much.
    pub amount: Yen,
    /// On which day of Japan.
    pub on: NaiveDate,
}

impl TransferFacts<'_> {
    /// The text without its nonce.
    #[must_use]
    pub fn body(&self) -> String {
        let TransferFacts { from, to, .. } = self;
        let number = last_four(&from.number);
        let source = format!("{} {} ***{number}", from.branch_name, from.account_type.label());
        let lines = [
            ("portal", self.portal.to_owned()),
            ("serial", self.serial.to_owned()),
            ("act", self.kind.as_str().to_owned()),
            ("from", source),
            ("bank", format!("{} {}", to.bank_code, to.bank_name)),
            ("branch", format!("{} {}", to.branch_code, to.branch_name)),
            ("type", to.account_type.as_str().to_owned()),
            ("number", to.number.clone()),
            ("name", to.holder_kana.clone()),
            ("amount", self.amount.0.to_string()),
            ("date", self.on.format("%Y-%m-%d").to_string()),
        ];
        let lines = lines.map(|(key, value)| format!("{key}={}\n", one_line(&value)));
        format!("{HEAD}\n{}", lines.concat())
    }
}

/// A value as it stands in a line: nothing in it can end the line.
fn one_line(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

/// The text as it stands in an address, behind [`MARK`].
#[must_use]
pub fn in_address(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The text of an address, or of what stands behind its mark; nothing for what is no challenge.
#[must_use]
pub fn of_address(typed: &str) -> Option<String> {
    let payload = typed.trim().rsplit(MARK).next()?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    is_challenge(&text).then_some(text)
}

/// The value of a line.
#[must_use]
pub fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

/// Whether it can be a challenge of ours at all.
#[must_use]
pub fn is_challenge(text: &str) -> bool {
    text.lines().next() == Some(HEAD) && text.ends_with('\n') && value(text, "nonce").is_some()
}

/// What it is about, as audit lines have it: no full account number.
#[must_use]
pub fn summary(body: &str) -> String {
    let of = |key| value(body, key).unwrap_or_default();
    let code = |key| of(key).split(' ').next().unwrap_or_default();
    format!(
        "{} of {} yen to {}-{} ***{} on {}",
        of("act"),
        of("amount"),
        code("bank"),
        code("branch"),
        last_four(of("number")),
        of("date"),
    )
}

/// The code by which a token's secret signs the text.
#[must_use]
pub fn signed_code(secret: &Secret, text: &str) -> Option<String> {
    let question = hex(&Sha256::digest(text.as_bytes()));
    let input = Input { question: &question, ..Input::default() };
    Suite::parse(SUITE)?.code(secret.expose(), &input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::{AccountPurpose, AccountType};
    use crate::domain::payee::PayeeAccountType;
    use crate::primitives::clock::parse_rfc3339;
    use crate::primitives::ids::{AccountId, ContractId};

    fn account() -> Account {
        Account {
            id: AccountId(1),
            portal: "shirakaba".into(),
            contract_id: Some(ContractId(1)),
            purpose: AccountPurpose::Customer,
            branch_code: "003".into(),
            branch_name: "駅前支店".into(),
            account_type: AccountType::Ordinary,
            number: "1310072".into(),
            holder_kana: "ｼﾗｶﾊﾞ ｼﾞﾛｳ".into(),
            floor: Yen(0),
            balance: Yen(0),
            opened_at: parse_rfc3339("2026-01-01T00:00:00Z").unwrap(),
            closed_at: None,
        }
    }

    fn facts<'a>(from: &'a Account, to: &'a Destination) -> TransferFacts<'a> {
        TransferFacts {
            portal: "shirakaba",
            serial: "MDG4C7K2P9QA",
            kind: PaymentKind::Transfer,
            from,
            to,
            amount: Yen(12_000),
            on: "2026-11-24".parse().unwrap(),
        }
    }

    fn payee() -> Destination {
        Destination {
            bank_code: "0985".into(),
            bank_name: "こだま信用金庫".into(),
            branch_code: "102".into(),
            branch_name: "山の手支店".into(),
            account_type: PayeeAccountType::Ordinary,
            number: "2020024".into(),
            holder_kana: "ｺﾀﾞﾏ ﾌﾀﾊﾞ".into(),
        }
    }

    const BODY: &str = "madoguchi-sign=1\nportal=shirakaba\nserial=MDG4C7K2P9QA\nact=transfer\n\
        from=駅前支店 普通 ***0072\nbank=0985 こだま信用金庫\nbranch=102 山の手支店\n\
        type=ordinary\nnumber=2020024\nname=ｺﾀﾞﾏ ﾌﾀﾊﾞ\namount=12000\ndate=2026-11-24\n";

    /// The example of docs/signed.md.
    #[test]
    fn the_text_and_its_code_are_those_of_the_description() {
        assert_eq!(facts(&account(), &payee()).body(), BODY);
        let text = format!("{BODY}nonce=AAAAAAAAAAAAAAAAAAAAAA\n");
        let address = format!("https://portal.example/token/#sign={}", in_address(&text));
        for typed in [address.as_str(), &in_address(&text), &format!(" {address}\n")] {
            assert_eq!(of_address(typed).as_deref(), Some(text.as_str()));
        }
        assert_eq!((of_address("x"), of_address(&in_address("x\n"))), (None, None));
        assert!(is_challenge(&text) && !is_challenge(BODY) && !is_challenge(""));
        let secret = Secret::new(b"12345678901234567890".to_vec());
        assert_eq!(signed_code(&secret, &text).unwrap(), "59675144");
        assert_eq!(summary(BODY), "transfer of 12000 yen to 0985-102 ***0024 on 2026-11-24");
    }

    #[test]
    fn every_field_is_bound_and_none_can_pretend_to_be_two() {
        let (from, to) = (account(), payee());
        let mut bodies = vec![facts(&from, &to).body()];
        let changed: [fn(&mut Destination); 5] = [
            |to| to.bank_code = "0986".into(),
            |to| to.branch_code = "103".into(),
            |to| to.account_type = PayeeAccountType::Savings,
            |to| to.number = "2020025".into(),
            |to| to.holder_kana = "ｺﾀﾞﾏ".into(),
        ];
        for change in changed {
            let mut other = to.clone();
            change(&mut other);
            bodies.push(facts(&from, &other).body());
        }
        bodies.push(TransferFacts { amount: Yen(12_001), ..facts(&from, &to) }.body());
        let on = "2026-11-25".parse().unwrap();
        bodies.push(TransferFacts { on, ..facts(&from, &to) }.body());
        bodies.push(TransferFacts { portal: "kodama", ..facts(&from, &to) }.body());
        bodies.push(TransferFacts { serial: "MDG4C7K2P9QB", ..facts(&from, &to) }.body());
        bodies.sort();
        let count = bodies.len();
        bodies.dedup();
        assert_eq!((bodies.len(), count), (10, 10));
        let odd = Destination { holder_kana: "ｱ\namount=1\r\n".into(), ..to };
        let body = facts(&from, &odd).body();
        assert_eq!((body.lines().count(), value(&body, "amount")), (12, Some("12000")), "{body}");
    }
}
