//! Statements in the banks' format 03: what of a movement goes into which field.
//!
//! 摘要 of ours have Kanji, which the format has not. The words that the portal itself writes have a
//! reading here; of anything else each character that cannot be written is `?`.

use chrono::NaiveDate;

use crate::domain::ledger::{Account, AccountType};
use crate::domain::portal::Profile;
use crate::domain::statement::{Movement, MovementClass};
use crate::zengin::statement::{StatementHeader, StatementLine};
use crate::zengin::text::{TextClass, cut, fold};

const BANK_NAME_LENGTH: usize = 15;
const BRANCH_NAME_LENGTH: usize = 15;
const ACCOUNT_NAME_LENGTH: usize = 40;
const REMITTER_LENGTH: usize = 48;
const SUMMARY_LENGTH: usize = 20;
/// 照会番号 has eight digits.
const NUMBERS: u64 = 100_000_000;
const CHEQUE_DIGITS: usize = 7;
const CHEQUE: &str = "cheque";
const SPACES: [char; 2] = [' ', '\u{3000}'];

/// The portal's own words in 摘要, the longer before what is part of them, and their readings.
const READINGS: [(&str, &str); 22] = [
    ("振込手数料", "ﾌﾘｺﾐﾃｽｳﾘﾖｳ"),
    ("トークン発行手数料", "ﾄ-ｸﾝﾃｽｳﾘﾖｳ"),
    ("カード再発行手数料", "ｶ-ﾄﾞﾃｽｳﾘﾖｳ"),
    ("手数料", "ﾃｽｳﾘﾖｳ"),
    ("総合振込", "ｿｳｺﾞｳﾌﾘｺﾐ"),
    ("預金口座振替", "ﾖｷﾝｺｳｻﾞﾌﾘｶｴ"),
    ("口座振替", "ｺｳｻﾞﾌﾘｶｴ"),
    ("払込み", "ﾊﾗｲｺﾐ"),
    ("振込", "ﾌﾘｺﾐ"),
    ("振替", "ﾌﾘｶｴ"),
    ("給与", "ｷﾕｳﾖ"),
    ("賞与", "ｼﾖｳﾖ"),
    ("組戻", "ｸﾐﾓﾄﾞｼ"),
    ("件", "ｹﾝ"),
    ("利息", "ﾘｿｸ"),
    ("小切手", "ｺｷﾞﾂﾃ"),
    ("国税", "ｺｸｾﾞｲ"),
    ("入金", "ﾆﾕｳｷﾝ"),
    ("出金", "ｼﾕﾂｷﾝ"),
    ("繰越", "ｸﾘｺｼ"),
    ("訂正", "ﾃｲｾｲ"),
    ("残高", "ｻﾞﾝﾀﾞｶ"),
];

/// The header of an account's file.
#[must_use]
pub fn header(
    profile: &Profile,
    account: &Account,
    created_on: NaiveDate,
    (from, to): (NaiveDate, NaiveDate),
    balance_before: i64,
) -> StatementHeader {
    let branch = fold(&account.branch_name, TextClass::Office);
    let is_written = branch.replaced == 0 && !branch.text.is_empty();
    let bank_name = fold(&profile.portal.bank_name_kana, TextClass::Office).text;
    let account_name = fold(&account.holder_kana, TextClass::Party).text;
    StatementHeader {
        created_on,
        from,
        to,
        bank_code: profile.portal.bank_code.as_str().to_owned(),
        bank_name: cut(&bank_name, BANK_NAME_LENGTH).to_owned(),
        branch_code: account.branch_code.clone(),
        // A name in Kanji has no reading here; its number says as much.
        branch_name: if is_written {
            cut(&branch.text, BRANCH_NAME_LENGTH).to_owned()
        } else {
            account.branch_code.clone()
        },
        account_type: match account.account_type {
            AccountType::Checking => 2,
            AccountType::Savings => 4,
            AccountType::Ordinary | AccountType::Internal => 1,
        },
        account_number: account.number.clone(),
        account_name: cut(&account_name, ACCOUNT_NAME_LENGTH).to_owned(),
        balance_before,
    }
}

/// The record of a movement.
#[must_use]
pub fn line(movement: &Movement) -> StatementLine {
    let class = MovementClass::of(&movement.kind);
    let remitter = match movement.is_incoming_transfer() {
        true => remitter_of(&movement.description),
        false => String::new(),
    };
    StatementLine {
        number: u64::try_from(movement.line_no).unwrap_or(0) % NUMBERS,
        day: movement.booked_on,
        amount: movement.amount.0,
        kind: class.code(),
        cheque_number: cheque_number_of(movement),
        remitter,
        summary: cut(&summary_of(&movement.description), SUMMARY_LENGTH).to_owned(),
    }
}

/// 摘要 in the characters of the format, at whatever length.
pub(in crate::operations) fn summary_of(description: &str) -> String {
    let known = READINGS.iter().filter(|(word, _)| description.contains(word));
    let read = known.fold(description.to_owned(), |text, (word, read)| text.replace(word, read));
    fold(&read, TextClass::Union).text
}

/// What follows the first word of an incoming transfer: who sent it.
fn remitter_of(description: &str) -> String {
    let (_, name) = description.split_once(SPACES).unwrap_or_default();
    cut(&fold(name.trim(), TextClass::Party).text, REMITTER_LENGTH).to_owned()
}

/// The number at the end of a cheque's 摘要.
fn cheque_number_of(movement: &Movement) -> Option<u64> {
    let last = movement.description.rsplit(SPACES).next();
    let digits = last.filter(|_| movement.kind == CHEQUE)?;
    if digits.len() > CHEQUE_DIGITS { None } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::RETURN_KIND;
    use crate::domain::payment::PaymentKind;
    use crate::operations::ledger::reverse::CORRECTS;
    use crate::operations::pay_easy::pay::PAID_IN;
    use crate::operations::staff::orders::{CARD_FEE, TOKEN_FEE};
    use crate::operations::transfer::post::FEE_TEXT;
    use crate::primitives::yen::Yen;

    const INCOMING: &str = "incoming_transfer";
    const COLLECTED: &str = "bulk_direct_debit";
    const NAME: &str = "ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ";
    const RETURNED: &str = "ｸﾐﾓﾄﾞｼ ｿｳｺﾞｳﾌﾘｺﾐ 3ｹﾝ";

    fn came_in(kind: &str) -> bool {
        [INCOMING, COLLECTED, RETURN_KIND].contains(&kind)
    }

    #[test]
    fn our_words_are_read_and_others_are_seen_to_be_missing() {
        for (kind, text, kind_code, remitter, summary, cheque) in [
            (INCOMING, "給与 ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ", 11, "ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ", "ｷﾕｳﾖ ﾐﾄﾞﾘｺｳｷﾞﾖｳ(ｶ", None),
            ("direct_debit", "口座振替 ﾂﾊﾞﾒｶ-ﾄﾞ", 14, "", "ｺｳｻﾞﾌﾘｶｴ ﾂﾊﾞﾒｶ-ﾄﾞ", None),
            ("transfer_fee", "振込手数料", 14, "", "ﾌﾘｺﾐﾃｽｳﾘﾖｳ", None),
            ("cheque", "小切手 10002", 13, "", "ｺｷﾞﾂﾃ 10002", Some(10_002)),
            ("reversal", "訂正 ATM 入金", 19, "", "ﾃｲｾｲ ATM ﾆﾕｳｷﾝ", None),
            ("other", "会費", 18, "", "??", None),
            ("card_fee", "カード再発行手数料　0000012", 14, "", "ｶ-ﾄﾞﾃｽｳﾘﾖｳ 0000012", None),
            ("token_fee", "トークン発行手数料　0000012", 14, "", "ﾄ-ｸﾝﾃｽｳﾘﾖｳ 0000012", None),
            ("pay_easy", "払込み　ｼﾗｶﾊﾞｼ", 14, "", "ﾊﾗｲｺﾐ ｼﾗｶﾊﾞｼ", None),
            (COLLECTED, "預金口座振替　3件", 14, "", "ﾖｷﾝｺｳｻﾞﾌﾘｶｴ 3ｹﾝ", None),
            // It comes back to the company, so nobody sent it.
            (RETURN_KIND, "組戻　総合振込　3件", 11, "", RETURNED, None),
        ] {
            let movement = Movement {
                line_no: 123_456_789,
                booked_on: "2026-10-05".parse().unwrap(),
                kind: kind.to_owned(),
                description: text.to_owned(),
                amount: Yen(if came_in(kind) { 1 } else { -1 }),
                balance_after: Yen(0),
            };
            let made = line(&movement);
            assert_eq!(made.number, 23_456_789);
            assert_eq!((made.kind, made.cheque_number), (kind_code, cheque), "{text}");
            assert_eq!((made.remitter.as_str(), made.summary.as_str()), (remitter, summary));
        }
    }

    /// Bulk files' words are tried where they are put together, the demo's in all that it loads.
    #[test]
    fn every_word_that_the_portal_writes_has_a_reading() {
        let moved = [PaymentKind::OwnTransfer, PaymentKind::Transfer].map(PaymentKind::label);
        let before_a_name = moved.into_iter().chain([PAID_IN]);
        let mut texts: Vec<String> = before_a_name.map(|word| format!("{word}　{NAME}")).collect();
        texts.extend([TOKEN_FEE, CARD_FEE].map(|(_, text)| format!("{text}　0000012")));
        texts.push(FEE_TEXT.to_owned());
        for text in texts {
            for text in [[CORRECTS, text.as_str()].concat(), text] {
                assert!(!summary_of(&text).contains('?'), "{text}: {}", summary_of(&text));
            }
        }
    }
}
