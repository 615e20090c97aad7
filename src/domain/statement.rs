//! 入出金明細: how far back it goes, what may be asked for, and what kinds of movements there are.

use chrono::{Months, NaiveDate};

use crate::domain::ledger::{RETURN_KIND, REVERSAL_KIND};
use crate::primitives::yen::Yen;

/// How many of the latest movements may be asked for; a page holds them all.
pub const LATEST: [i64; 3] = [10, 30, 50];

/// How far back a statement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementReach {
    /// The day on which it is asked for.
    pub today: NaiveDate,
    /// Months: the profile's `transfers.history_months`.
    pub months: u32,
}

impl StatementReach {
    /// The first day that a statement shows.
    #[must_use]
    pub fn earliest(self) -> NaiveDate {
        self.today.checked_sub_months(Months::new(self.months)).unwrap_or(self.today)
    }
}

/// A movement of an account: one of its postings, with its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Its number on the account, from 1.
    pub line_no: i64,
    /// 取引日.
    pub booked_on: NaiveDate,
    /// What kind of event, as the ledger has it.
    pub kind: String,
    /// 摘要.
    pub description: String,
    /// What came in, or went out where negative.
    pub amount: Yen,
    /// 差引残高.
    pub balance_after: Yen,
}

impl Movement {
    /// Whether somebody sent it by 振込. A 組戻 comes back by 振込 too, but nobody sent it.
    #[must_use]
    pub fn is_incoming_transfer(&self) -> bool {
        let is_transfer = MovementClass::of(&self.kind) == MovementClass::Transfer;
        is_transfer && self.amount.0 > 0 && self.kind != RETURN_KIND
    }
}

/// The movements asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementSpan {
    /// Those of these days, both included.
    Days(NaiveDate, NaiveDate),
    /// So many of the latest, as far as a statement goes back.
    Latest(i64),
}

/// A day of the span that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanProblem {
    /// The first day is further back than statements go, which is to this day.
    TooEarly(NaiveDate),
    /// The first day is after the last one that there can be.
    BeginsTooLate(NaiveDate),
    /// The last day is after the last one that there can be.
    EndsTooLate(NaiveDate),
    /// The last day is before the first.
    Reversed,
}

/// The span from one day to another; a day that was left open is the first or the last that there
/// can be, which is today, or later where the account has movements of a later day.
///
/// # Errors
/// What is wrong with the days.
pub fn span_of_days(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    reach: StatementReach,
    last_booked: NaiveDate,
) -> Result<StatementSpan, SpanProblem> {
    let (earliest, latest) = (reach.earliest(), reach.today.max(last_booked));
    let (from, to) = (from.unwrap_or(earliest), to.unwrap_or(latest));
    if from < earliest {
        Err(SpanProblem::TooEarly(earliest))
    } else if from > latest {
        Err(SpanProblem::BeginsTooLate(latest))
    } else if to > latest {
        Err(SpanProblem::EndsTooLate(latest))
    } else if to < from {
        Err(SpanProblem::Reversed)
    } else {
        Ok(StatementSpan::Days(from, to))
    }
}

/// 取引区分 of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementClass {
    /// 現金.
    Cash,
    /// 振込.
    Transfer,
    /// 交換: cheques.
    Exchange,
    /// 振替.
    Book,
    /// 訂正.
    Correction,
    /// その他.
    Other,
}

impl MovementClass {
    /// The class of what the ledger calls `kind`.
    #[must_use]
    pub fn of(kind: &str) -> MovementClass {
        match kind {
            "atm" | "atm_deposit" | "cash" => MovementClass::Cash,
            "incoming_transfer" | "transfer" | "payroll" | RETURN_KIND => MovementClass::Transfer,
            "bulk_general_transfer" | "bulk_salary" | "bulk_bonus" => MovementClass::Transfer,
            "cheque" => MovementClass::Exchange,
            "own_transfer" | "direct_debit" | "tax_payment" | "pay_easy" => MovementClass::Book,
            "bulk_direct_debit" => MovementClass::Book,
            REVERSAL_KIND => MovementClass::Correction,
            fee if fee.ends_with("_fee") => MovementClass::Book,
            _ => MovementClass::Other,
        }
    }

    /// The word that customers see.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            MovementClass::Cash => "現金",
            MovementClass::Transfer => "振込",
            MovementClass::Exchange => "交換",
            MovementClass::Book => "振替",
            MovementClass::Correction => "訂正",
            MovementClass::Other => "その他",
        }
    }

    /// 取引区分 in the banks' format of statements.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            MovementClass::Cash => 10,
            MovementClass::Transfer => 11,
            MovementClass::Exchange => 13,
            MovementClass::Book => 14,
            MovementClass::Correction => 19,
            MovementClass::Other => 18,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn statements_go_back_so_many_months_and_no_further() {
        let today = day("2026-10-05");
        let reach = StatementReach { today, months: 24 };
        let span = |from: &str, to: &str, last: &str| {
            let read = |text: &str| (!text.is_empty()).then(|| day(text));
            span_of_days(read(from), read(to), reach, day(last))
        };
        let days = |from: &str, to: &str| Ok(StatementSpan::Days(day(from), day(to)));
        let before = "2026-09-30";
        for (from, to, last, expected) in [
            ("", "", before, days("2024-10-05", "2026-10-05")),
            ("2024-10-05", "2024-10-05", before, days("2024-10-05", "2024-10-05")),
            ("2024-10-04", "", before, Err(SpanProblem::TooEarly(day("2024-10-05")))),
            ("2026-10-06", "", before, Err(SpanProblem::BeginsTooLate(today))),
            ("", "2026-10-06", before, Err(SpanProblem::EndsTooLate(today))),
            ("", "2026-10-06", "2026-10-06", days("2024-10-05", "2026-10-06")),
            ("2026-10-02", "2026-10-01", before, Err(SpanProblem::Reversed)),
        ] {
            assert_eq!(span(from, to, last), expected, "{from} {to} {last}");
        }
        for (today, months, earliest) in [
            ("2018-02-28", 24, "2016-02-28"),
            ("2026-08-31", 24, "2024-08-31"),
            ("2026-08-31", 6, "2026-02-28"),
            ("2026-08-31", 120, "2016-08-31"),
        ] {
            let reach = StatementReach { today: day(today), months };
            assert_eq!(reach.earliest(), day(earliest), "{today} {months}");
        }
    }

    #[test]
    fn every_kind_has_a_class() {
        for (kind, code) in [
            ("atm", 10),
            ("transfer", 11),
            ("transfer_fee", 14),
            ("cheque", 13),
            ("direct_debit", 14),
            ("reversal", 19),
            ("interest", 18),
            ("unheard_of", 18),
        ] {
            assert_eq!(MovementClass::of(kind).code(), code, "{kind}");
        }
    }

    #[test]
    fn what_came_in_by_transfer_was_sent_by_somebody() {
        for (kind, amount, is_incoming) in [
            ("incoming_transfer", 1, true),
            ("transfer", 1, true),
            ("transfer", -1, false),
            ("bulk_general_transfer", 1, true),
            ("bulk_salary", -1, false),
            (RETURN_KIND, 1, false),
            (REVERSAL_KIND, 1, false),
            ("bulk_direct_debit", 1, false),
            ("own_transfer", 1, false),
            ("payment_fee", 1, false),
            ("atm_deposit", 1, false),
        ] {
            let movement = Movement {
                line_no: 1,
                booked_on: day("2026-10-05"),
                kind: kind.to_owned(),
                description: String::new(),
                amount: Yen(amount),
                balance_after: Yen(0),
            };
            assert_eq!(movement.is_incoming_transfer(), is_incoming, "{kind} {amount}");
        }
    }
}
