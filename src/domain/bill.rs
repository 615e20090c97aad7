//! Bills of Pay-easy (税金・各種料金払込み, BPE001 to BPE005): the numbers that a customer types, the
//! bill that its biller (収納機関) finds by them, and what a biller is asked.
//!
//! Money and bill stand in different places, so that neither can move with the other at once. The
//! order is: the portal writes down that it asks ([`ClaimState::Asked`]), the biller holds the bill
//! for it ([`Biller::claim`]), the money moves here and the claim becomes [`ClaimState::Paid`] in
//! one transaction, the biller writes the bill off ([`Biller::settle`]). Whatever stops in between
//! is taken up by the worker: what is paid is settled until the biller has heard it, what was only
//! asked is released. So money never moves for a bill that is not held, and no bill is written off
//! without money.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::primitives::clock::UtcTime;
use crate::primitives::code::normalise_digits;
use crate::primitives::ids::{AccountId, PaymentId, UserId};
use crate::primitives::yen::Yen;
use crate::text_enum;

/// Wrong numbers of one user on a day of Japan; after these nothing is looked up for the user.
pub const USER_FAILURES_MAX: i32 = 10;
/// Wrong numbers for one bill on a day of Japan, whoever typed them, whether it exists or not.
pub const BILL_FAILURES_MAX: i32 = 20;
/// A claim that was only asked for so long belongs to a server that has gone: no act runs as long.
pub const ASKED_FOR_MAX: TimeDelta = TimeDelta::minutes(5);

text_enum! {
    /// What a bill is for, which decides what the slip calls its numbers.
    BillKind {
        /// 税金・公金: 納付番号 and 納付区分.
        Tax = "tax",
        /// 各種料金: お客様番号.
        Charge = "charge",
    }
}

impl BillKind {
    /// What the slip calls the payer's number.
    #[must_use]
    pub fn number_label(self) -> &'static str {
        match self {
            Self::Tax => "納付番号",
            Self::Charge => "お客様番号",
        }
    }
}

/// A number on the slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillField {
    /// 収納機関番号.
    Agency,
    /// 納付番号 or お客様番号.
    Payer,
    /// 確認番号.
    Confirmation,
    /// 納付区分, which slips for charges do not have.
    Category,
}

/// Why a typed number is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    /// Nothing was typed.
    Missing,
    /// Something that is no digit.
    NotDigits,
    /// More or fewer digits than it can have.
    Length,
}

impl BillField {
    /// The fewest and the most digits.
    #[must_use]
    pub fn digits(self) -> (usize, usize) {
        match self {
            Self::Agency => (5, 5),
            Self::Payer => (1, 20),
            Self::Confirmation => (1, 6),
            Self::Category => (0, 4),
        }
    }

    /// A typed number: of any width, with spaces and hyphens where people put them.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(self, typed: &str) -> Result<String, NumberProblem> {
        let digits = normalise_digits(typed);
        let (fewest, most) = self.digits();
        if digits.is_empty() && fewest > 0 {
            return Err(NumberProblem::Missing);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberProblem::NotDigits);
        }
        let is_long = (fewest..=most).contains(&digits.len());
        if is_long { Ok(digits) } else { Err(NumberProblem::Length) }
    }
}

/// The numbers of a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillNumbers {
    /// 収納機関番号.
    pub agency: String,
    /// 納付番号 or お客様番号.
    pub payer_number: String,
    /// 確認番号.
    pub confirmation: String,
    /// 納付区分; empty where the slip has none.
    pub category: String,
}

/// A bill as its biller tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// The biller's own name of it.
    pub reference: String,
    /// 収納機関番号.
    pub agency: String,
    /// 収納機関名.
    pub agency_name: String,
    /// The same in half-width kana.
    pub agency_kana: String,
    /// Tax or charge.
    pub kind: BillKind,
    /// 納付番号 or お客様番号.
    pub payer_number: String,
    /// 納付区分; empty where there is none.
    pub category: String,
    /// 払込内容.
    pub content: String,
    /// Whose bill it is, in half-width kana.
    pub payer_kana: String,
    /// What is owed, without the late charge.
    pub amount: Yen,
    /// 延滞金, as it is today.
    pub late: Yen,
    /// 納期限.
    pub due_on: NaiveDate,
    /// The last day on which it can be paid.
    pub payable_until: NaiveDate,
}

impl Bill {
    /// What is to be paid.
    #[must_use]
    pub fn total(&self) -> Yen {
        Yen(self.amount.0.saturating_add(self.late.0))
    }

    /// The bill, as its biller is asked about it.
    #[must_use]
    pub fn place(&self) -> BillPlace {
        BillPlace { agency: self.agency.clone(), reference: self.reference.clone() }
    }
}

/// Where a bill stands: at this biller, under this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillPlace {
    /// 収納機関番号.
    pub agency: String,
    /// The biller's own name of it.
    pub reference: String,
}

/// A bill that is being paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillDraft {
    /// The bill that was found.
    pub bill: Bill,
    /// 出金口座; nothing before BPE002.
    pub from: Option<AccountId>,
}

/// Why a bill cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillRefusal {
    /// No bill with these numbers, or another 確認番号: the same answer for both.
    NotFound,
    /// No biller with this 収納機関番号.
    UnknownAgency,
    /// It was paid already.
    Paid,
    /// Somebody is just paying it.
    Taken,
    /// Its last day is over.
    Expired,
    /// Another amount is owed now than was shown.
    Changed,
    /// The biller takes nothing at this hour.
    Closed,
    /// The biller did not answer.
    Unavailable,
}

impl BillRefusal {
    /// As the audit log keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::UnknownAgency => "unknown agency",
            Self::Paid => "paid already",
            Self::Taken => "just being paid",
            Self::Expired => "expired",
            Self::Changed => "the amount has changed",
            Self::Closed => "closed",
            Self::Unavailable => "no answer",
        }
    }
}

/// What came of telling a biller how a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It has heard it, now or before.
    Heard,
    /// It did not answer: told again later.
    Unavailable,
    /// It knows of no such claim: somebody has to look.
    Denied,
}

/// An answer of a biller that is on its way.
pub type BillerFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who keeps bills. An implementation answers within seconds, and says that it is unavailable where
/// it cannot; the portal then does not know what became of its request, and tells how it ended
/// until that is heard.
pub trait Biller: Send + Sync {
    /// The bill with these numbers. A wrong 確認番号 and a bill that is not there are the same.
    fn look_up<'a>(
        &'a self,
        numbers: &'a BillNumbers,
        now: UtcTime,
    ) -> BillerFuture<'a, Result<Bill, BillRefusal>>;

    /// Holds the bill for whoever has the key, at the amount that the bill says, until it is
    /// settled or released: of any number of claims with different keys one is held. The same key
    /// again is the same claim; a key that was released claims nothing any more.
    fn claim<'a>(
        &'a self,
        bill: &'a Bill,
        key: &'a str,
        now: UtcTime,
    ) -> BillerFuture<'a, Result<(), BillRefusal>>;

    /// Writes the bill off (消込); the same key again changes nothing.
    fn settle<'a>(
        &'a self,
        place: &'a BillPlace,
        key: &'a str,
        now: UtcTime,
    ) -> BillerFuture<'a, Told>;

    /// Lets go of a claim, or of one that never came to be; the same key again changes nothing.
    fn release<'a>(&'a self, place: &'a BillPlace, key: &'a str) -> BillerFuture<'a, Told>;
}

impl fmt::Debug for dyn Biller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Biller")
    }
}

text_enum! {
    /// How a claim stands.
    ClaimState {
        /// The biller is being asked; no money has moved.
        Asked = "asked",
        /// Money has moved; the biller has to hear it.
        Paid = "paid",
        /// It has heard it.
        Settled = "settled",
        /// No money moves any more; the biller has to hear it.
        Releasing = "releasing",
        /// It has heard it.
        Released = "released",
    }
}

/// A row of `bill_claims`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::bill_claims)]
pub struct BillClaim {
    /// Row id.
    pub id: i64,
    /// What the biller knows it by.
    pub claim_key: String,
    /// The portal's slug.
    pub portal: String,
    /// Who pays.
    pub user_id: UserId,
    /// 収納機関番号.
    pub agency: String,
    /// The biller's name of the bill.
    pub reference: String,
    /// 納付区分.
    pub category: String,
    /// What of the amount is a late charge.
    pub late_yen: Yen,
    /// How it stands.
    pub state: ClaimState,
    /// The payment, once money has moved.
    pub payment_id: Option<PaymentId>,
    /// Times that the worker has told the biller in vain.
    pub attempts: i32,
}

impl BillClaim {
    /// The bill, as its biller is asked about it.
    #[must_use]
    pub fn place(&self) -> BillPlace {
        BillPlace { agency: self.agency.clone(), reference: self.reference.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        use NumberProblem as P;
        for (field, typed, read) in [
            (BillField::Agency, "９０１０１", Ok("90101")),
            (BillField::Agency, " 901-01 ", Ok("90101")),
            (BillField::Agency, "9010", Err(P::Length)),
            (BillField::Agency, "901011", Err(P::Length)),
            (BillField::Agency, "", Err(P::Missing)),
            (BillField::Agency, "　－ ", Err(P::Missing)),
            (BillField::Payer, "0123-4567 8901-2345 6789", Ok("01234567890123456789")),
            (BillField::Payer, "012345678901234567890", Err(P::Length)),
            (BillField::Payer, "12a", Err(P::NotDigits)),
            (BillField::Payer, "１２٣", Err(P::NotDigits)),
            (BillField::Confirmation, "000001", Ok("000001")),
            (BillField::Confirmation, "0000001", Err(P::Length)),
            (BillField::Confirmation, "", Err(P::Missing)),
            (BillField::Category, "", Ok("")),
            (BillField::Category, "００１", Ok("001")),
            (BillField::Category, "12345", Err(P::Length)),
        ] {
            assert_eq!(field.read(typed), read.map(str::to_owned), "{field:?} {typed}");
        }
    }
}
