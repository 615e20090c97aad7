//! 01 振込入金通知 in format A: one account, written record by record.
//!
//! Where sources disagree: a transfer that was taken back is not written, so 取消 stays zero.

use chrono::NaiveDate;

use crate::zengin::layout::LineEnd;
use crate::zengin::layouts::CREDIT_NOTICE;
use crate::zengin::record::{FieldError, Record};
use crate::zengin::statement::StatementHeader;

/// A transfer that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditLine {
    /// 照会番号, six digits.
    pub number: u64,
    /// 勘定日, also 起算日.
    pub day: NaiveDate,
    /// In yen.
    pub amount: u64,
    /// 振込依頼人名.
    pub remitter: String,
}

/// A file in the making.
#[derive(Debug, Clone, Default)]
pub struct CreditFile {
    count: u64,
    sum: u64,
}

impl CreditFile {
    /// Begins a file: its header record, without a line end. What a statement's header says beside
    /// the account is not in this one.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn begin(header: &StatementHeader) -> Result<(CreditFile, Vec<u8>), FieldError> {
        let record = Record::new(CREDIT_NOTICE.header)
            .day("created", header.created_on)?
            .day("from", header.from)?
            .day("to", header.to)?
            .digits("bank_code", &header.bank_code)?
            .text("bank_name", &header.bank_name)?
            .digits("branch_code", &header.branch_code)?
            .text("branch_name", &header.branch_name)?
            .number("account_type", u64::from(header.account_type))?
            .digits("account_no", &header.account_number)?
            .text("account_name", &header.account_name)?;
        Ok((CreditFile::default(), record.finish(LineEnd::None)))
    }

    /// One transfer's record.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn line(&mut self, line: &CreditLine) -> Result<Vec<u8>, FieldError> {
        let record = Record::new(CREDIT_NOTICE.data)
            .number("inquiry_no", line.number)?
            .day("account_date", line.day)?
            .day("value_date", line.day)?
            .number("amount", line.amount)?
            .text("remitter_name", &line.remitter)?;
        self.count += 1;
        self.sum = self.sum.saturating_add(line.amount);
        Ok(record.finish(LineEnd::None))
    }

    /// Ends the file: its trailer and end records.
    ///
    /// # Errors
    /// Sums that do not fit their fields.
    pub fn finish(self) -> Result<[Vec<u8>; 2], FieldError> {
        let trailer = Record::new(CREDIT_NOTICE.trailer)
            .number("total_count", self.count)?
            .number("total_amount", self.sum)?;
        Ok([trailer.finish(LineEnd::None), Record::new(CREDIT_NOTICE.end).finish(LineEnd::None)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::record::RecordView;
    use crate::zengin::text::encode;

    #[test]
    fn a_notice_stands_byte_by_byte_as_the_standard_says() {
        let day: NaiveDate = "2026-11-20".parse().unwrap();
        let header = StatementHeader {
            created_on: "2026-11-23".parse().unwrap(),
            from: day,
            to: "2026-11-22".parse().unwrap(),
            bank_code: "0984".to_owned(),
            bank_name: "ｱｵﾊﾞ".to_owned(),
            branch_code: "401".to_owned(),
            branch_name: "401".to_owned(),
            account_type: 1,
            account_number: "8010012".to_owned(),
            account_name: "ｱｵﾊﾞｼﾖｳｼﾞ(ｶ".to_owned(),
            balance_before: 5,
        };
        let jis = |text: String| -> Vec<u8> { text.chars().map(|c| encode(c).unwrap()).collect() };
        let (mut file, head) = CreditFile::begin(&header).unwrap();
        let expected = format!(
            "1010081123081120081122{}{:<15}{}{:<15}1{}{:<40}{:93}",
            "0984", "ｱｵﾊﾞ", "401", "401", "8010012", "ｱｵﾊﾞｼﾖｳｼﾞ(ｶ", ""
        );
        assert_eq!(head, jis(expected));
        let line =
            CreditLine { number: 12, day, amount: 45_000, remitter: "ﾔﾏﾀﾞ".to_owned() };
        let data = file.line(&line).unwrap();
        let expected = format!(
            "2000012081120081120{:0>10}{:0>10}{:0>10}{:<48}{:30}0{:20}{:52}",
            45_000, 0, 0, "ﾔﾏﾀﾞ", "", "", ""
        );
        assert_eq!(data, jis(expected));
        let [trailer, end] = file.finish().unwrap();
        let view = RecordView::new(CREDIT_NOTICE.trailer, &trailer).unwrap();
        assert_eq!(view.number("total_count").unwrap(), 1);
        assert_eq!(view.number("total_amount").unwrap(), 45_000);
        assert_eq!((end.len(), end.first()), (200, Some(&b'9')));
    }
}
