//! The demo's look-up: what it answers follows from the account number alone, so that everybody
//! can bring each answer about.

use crate::domain::name_lookup::{LookupAnswer, LookupFuture, NameLookup};
use crate::domain::payee::AccountKey;
use crate::primitives::clock::UtcTime;

/// Account numbers that answer something else than the name that is made of the number
/// (docs/operations.md lists them).
pub const SIMULATED: &[(&str, LookupAnswer)] = &[
    ("0000404", LookupAnswer::NotFound),
    ("0000410", LookupAnswer::AccountClosed),
    ("0000503", LookupAnswer::ServiceClosed),
    ("0000501", LookupAnswer::NotOffered),
];

const FAMILIES: [&str; 10] =
    ["ｱｵｿﾞﾗ", "ｲｽﾞﾐﾉ", "ｳﾐﾍﾞ", "ｶｻﾞﾊﾔ", "ｷﾘﾉ", "ｸﾓｲ", "ｿﾗﾉ", "ﾂｷｼﾏ", "ﾊﾅｿﾞﾉ", "ﾎｼﾐ"];
const PEOPLE: [&str; 10] = ["ｱｷ", "ｲﾂｷ", "ｶｵﾙ", "ｻｸﾗ", "ﾁﾋﾛ", "ﾅｷﾞ", "ﾊﾙ", "ﾋｶﾙ", "ﾐｽﾞｷ", "ﾕｳｷ"];

/// Answers without asking anybody.
#[derive(Debug, Clone, Copy)]
pub struct Simulated;

impl NameLookup for Simulated {
    fn look_up<'a>(&'a self, account: &'a AccountKey, _: UtcTime) -> LookupFuture<'a> {
        let known = SIMULATED.iter().find(|(number, _)| *number == account.number);
        let answer = known.map_or_else(
            || LookupAnswer::Found(name_of(&account.number)),
            |(_, answer)| answer.clone(),
        );
        Box::pin(std::future::ready(answer))
    }
}

/// A company for numbers that begin with 9, a person for all others.
fn name_of(number: &str) -> String {
    let digit = |at: usize| {
        number.bytes().rev().nth(at).map_or(0, |byte| usize::from(byte.wrapping_sub(b'0') % 10))
    };
    let family = FAMILIES.get(digit(1)).copied().unwrap_or_default();
    let person = PEOPLE.get(digit(0)).copied().unwrap_or_default();
    if number.starts_with('9') {
        format!("ｶ){family}ｼﾖｳｶｲ")
    } else {
        format!("{family} {person}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::party_name::is_party_name;

    #[test]
    fn every_name_can_be_sent() {
        for number in 0..100 {
            for first in ["1234", "9234"] {
                let name = name_of(&format!("{first}0{number:02}"));
                assert!(is_party_name(&name), "{name}");
            }
        }
    }
}
