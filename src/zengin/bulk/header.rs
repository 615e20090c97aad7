//! Header records (データ区分 1).

use serde::Serialize;

use crate::zengin::bulk::BulkKind;
use crate::zengin::layout::{FieldKind, LineEnd};
use crate::zengin::record::{FieldError, Record, RecordView};
use crate::zengin::text::decode_lossy;

/// Who sends a file, for which day, and from or to which own account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BulkHeader {
    /// 種別コード, two digits.
    pub business_type: String,
    /// 振込依頼人コード, 会社コード or 委託者コード: 10 digits.
    pub originator_code: String,
    /// 振込依頼人名, 会社名 or 委託者名.
    pub originator_name: String,
    /// 取組日, 振込指定日 or 引落日 as `MMDD`; the year is not in the file.
    pub value_date_mmdd: String,
    /// 仕向銀行番号 or 取引銀行番号, four digits.
    pub own_bank_code: String,
    /// 仕向銀行名 or 取引銀行名; may be empty.
    pub own_bank_name: String,
    /// 仕向支店番号 or 取引支店番号, three digits.
    pub own_branch_code: String,
    /// 仕向支店名 or 取引支店名; may be empty.
    pub own_branch_name: String,
    /// 預金種目: 1, 2 or 9; nothing where the file leaves it to the bank.
    pub own_account_type: Option<u8>,
    /// 口座番号, seven digits; empty where the file leaves it to the bank.
    pub own_account_no: String,
}

impl BulkHeader {
    /// Reads a header record. It is read as it stands: what may stand in its fields is for
    /// [`crate::zengin::check`] to say.
    ///
    /// # Errors
    /// Not one record's length, or a 種別コード that is none of a bulk file.
    pub fn read(record: &[u8]) -> Result<BulkHeader, FieldError> {
        let business_type = decode_lossy(record.get(1..3).unwrap_or_default());
        let Some(kind) = BulkKind::of(&business_type) else {
            return Err(FieldError::NotListed { field: "種別コード", found: business_type });
        };
        let view = RecordView::new(kind.format().header, record)?;
        let own_account_type = view.digit("own_account_type").ok().filter(|digit| *digit != 0);
        let own_account_no = view.code("own_account_no")?;
        let is_blank = own_account_type.is_none() && own_account_no.bytes().all(|b| b == b'0');
        Ok(BulkHeader {
            business_type,
            originator_code: view.code("originator_code")?,
            originator_name: view.text("originator_name")?,
            value_date_mmdd: view.code("value_date")?,
            own_bank_code: view.code("own_bank_code")?,
            own_bank_name: view.text("own_bank_name")?,
            own_branch_code: view.code("own_branch_code")?,
            own_branch_name: view.text("own_branch_name")?,
            own_account_type,
            own_account_no: if is_blank { String::new() } else { own_account_no },
        })
    }

    /// The header record, without a line end.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn write(&self) -> Result<Vec<u8>, FieldError> {
        let Some(kind) = BulkKind::of(&self.business_type) else {
            let found = self.business_type.clone();
            return Err(FieldError::NotListed { field: "種別コード", found });
        };
        let layout = kind.format().header;
        let mut record = Record::new(layout);
        // Where one table is for several kinds the code is a number of the record, else a constant.
        let code = layout.field("business_type");
        if code.is_some_and(|field| field.kind == FieldKind::Number) {
            record = record.digits("business_type", &self.business_type)?;
        }
        let account_type = u64::from(self.own_account_type.unwrap_or(0));
        let record = record
            .digits("originator_code", &self.originator_code)?
            .text("originator_name", &self.originator_name)?
            .digits("value_date", &self.value_date_mmdd)?
            .digits("own_bank_code", &self.own_bank_code)?
            .text("own_bank_name", &self.own_bank_name)?
            .digits("own_branch_code", &self.own_branch_code)?
            .text("own_branch_name", &self.own_branch_name)?
            .number("own_account_type", account_type)?
            .digits("own_account_no", &self.own_account_no)?;
        Ok(record.finish(LineEnd::None))
    }
}
