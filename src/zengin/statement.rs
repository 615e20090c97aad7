//! 03 入出金取引明細: one account, written record by record, so that a file of any length needs no
//! more memory than one of its lines.
//!
//! Where sources disagree: the end record counts every record of the file, header, trailer and end
//! too. Optional numbers that are not known are zeros. The year is that of the era.

use chrono::NaiveDate;

use crate::zengin::layout::LineEnd;
use crate::zengin::layouts::STATEMENT;
use crate::zengin::record::{FieldError, Record};

/// The account, the days, and where the balance stood before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementHeader {
    /// 作成日.
    pub created_on: NaiveDate,
    /// 勘定日(自).
    pub from: NaiveDate,
    /// 勘定日(至).
    pub to: NaiveDate,
    /// 銀行コード.
    pub bank_code: String,
    /// 銀行名.
    pub bank_name: String,
    /// 支店コード.
    pub branch_code: String,
    /// 支店名.
    pub branch_name: String,
    /// 預金種目: 1 普通, 2 当座, 4 貯蓄.
    pub account_type: u8,
    /// 口座番号.
    pub account_number: String,
    /// 口座名.
    pub account_name: String,
    /// 取引前残高 in yen.
    pub balance_before: i64,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// 照会番号.
    pub number: u64,
    /// 勘定日, also 預入・払出日.
    pub day: NaiveDate,
    /// What came in, or went out where negative, in yen.
    pub amount: i64,
    /// 取引区分.
    pub kind: u8,
    /// 小切手番号, where it was a cheque.
    pub cheque_number: Option<u64>,
    /// 振込依頼人名 of an incoming transfer.
    pub remitter: String,
    /// 摘要内容.
    pub summary: String,
}

/// A file in the making.
#[derive(Debug, Clone)]
pub struct StatementFile {
    end: LineEnd,
    balance: i64,
    counts: [u64; 2],
    sums: [u64; 2],
}

impl StatementFile {
    /// Begins a file: its header record.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn begin(
        header: &StatementHeader,
        end: LineEnd,
    ) -> Result<(StatementFile, Vec<u8>), FieldError> {
        let record = Record::new(STATEMENT.header)
            .day("created", header.created_on)?
            .day("from", header.from)?
            .day("to", header.to)?
            .digits("bank_code", &header.bank_code)?
            .text("bank_name", &header.bank_name)?
            .digits("branch_code", &header.branch_code)?
            .text("branch_name", &header.branch_name)?
            .number("account_type", u64::from(header.account_type))?
            .digits("account_no", &header.account_number)?
            .text("account_name", &header.account_name)?
            .number("overdraft_before", overdraft(header.balance_before))?
            .number("balance_before", header.balance_before.unsigned_abs())?;
        let balance = header.balance_before;
        let file = StatementFile { end, balance, counts: [0; 2], sums: [0; 2] };
        Ok((file, record.finish(end)))
    }

    /// One movement's record.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn line(&mut self, line: &StatementLine) -> Result<Vec<u8>, FieldError> {
        let amount = line.amount.unsigned_abs();
        let mut record = Record::new(STATEMENT.data)
            .number("inquiry_no", line.number)?
            .day("account_date", line.day)?
            .day("value_date", line.day)?
            .number("in_out", if line.amount < 0 { 2 } else { 1 })?
            .number("tx_kind", u64::from(line.kind))?
            .number("amount", amount)?
            .text("remitter_name", &line.remitter)?
            .text("summary", &line.summary)?;
        if let Some(number) = line.cheque_number {
            record = record.number("bill_kind", 1)?.number("bill_no", number)?;
        }
        self.balance = self.balance.saturating_add(line.amount);
        let [count_in, count_out] = &mut self.counts;
        let [sum_in, sum_out] = &mut self.sums;
        let (count, sum) = if line.amount < 0 { (count_out, sum_out) } else { (count_in, sum_in) };
        *count += 1;
        *sum = sum.saturating_add(amount);
        Ok(record.finish(self.end))
    }

    /// Ends the file: its trailer and end records.
    ///
    /// # Errors
    /// Sums that do not fit their fields.
    pub fn finish(self) -> Result<Vec<u8>, FieldError> {
        let ([count_in, count_out], [sum_in, sum_out]) = (self.counts, self.sums);
        let lines = count_in + count_out;
        let trailer = Record::new(STATEMENT.trailer)
            .number("in_count", count_in)?
            .number("in_amount", sum_in)?
            .number("out_count", count_out)?
            .number("out_amount", sum_out)?
            .number("overdraft_after", overdraft(self.balance))?
            .number("balance_after", self.balance.unsigned_abs())?
            .number("data_count", lines)?;
        let end = Record::new(STATEMENT.end)
            .number("record_total", lines + 3)?
            .number("account_count", 1)?;
        let mut bytes = trailer.finish(self.end);
        bytes.extend(end.finish(self.end));
        Ok(bytes)
    }
}

/// 貸越区分: 1 plus, 2 minus.
fn overdraft(balance: i64) -> u64 {
    if balance < 0 { 2 } else { 1 }
}
