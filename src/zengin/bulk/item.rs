//! Data records (データ区分 2).

use serde::Serialize;

use crate::zengin::bulk::BulkKind;
use crate::zengin::layout::LineEnd;
use crate::zengin::record::{FieldError, Record, RecordView};
use crate::zengin::text::{TextClass, decode_lossy};

const CUSTOMER_CODES: [&str; 2] = ["customer_code1", "customer_code2"];
/// What stands in the place of the customer's codes where 識別表示 is `Y`.
const EDI_LABEL: &str = "EDI情報";
const EDI_FLAG: &str = "Y";

/// By what the sender and the payee know an item; which of these a record has depends on its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// Nothing given.
    #[default]
    None,
    /// 顧客コード1 and 2 of a 総合振込.
    CustomerCodes {
        /// 顧客コード1.
        first: String,
        /// 顧客コード2.
        second: String,
    },
    /// EDI情報 of a 総合振込, up to 20 characters.
    Edi(String),
    /// Of 給与・賞与振込.
    Employee {
        /// 社員番号.
        number: String,
        /// 所属コード.
        department: String,
    },
    /// 顧客番号 of a 預金口座振替, up to 20 digits.
    CustomerNumber(String),
}

/// One payment, or one debit: everything that its record says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BulkItem {
    /// 被仕向銀行番号 or 引落銀行番号, four digits.
    pub bank_code: String,
    /// Its name; may be empty.
    pub bank_name: String,
    /// 被仕向支店番号 or 引落支店番号, three digits.
    pub branch_code: String,
    /// Its name; may be empty.
    pub branch_name: String,
    /// 預金種目.
    pub account_type: u8,
    /// 口座番号, seven digits.
    pub account_no: String,
    /// 受取人名 or 預金者名.
    pub name: String,
    /// 振込金額 or 引落金額 in yen.
    pub amount: u64,
    /// 新規コード: 1 first, 2 changed, 0 other.
    pub new_code: u8,
    /// By what the sender knows it.
    pub reference: Reference,
    /// 振込指定区分 of a 総合振込: 7 テレ振込, 8 文書振込, 0 not given.
    pub transfer_kind: u8,
    /// 振替結果コード of a 預金口座振替; 0 in a request, and of the other kinds.
    pub result_code: u8,
}

impl BulkItem {
    /// Reads a data record of this kind.
    ///
    /// # Errors
    /// Not one record's length, or something that is no digit where a number has to stand.
    pub fn read(kind: BulkKind, record: &[u8]) -> Result<BulkItem, FieldError> {
        let view = RecordView::new(kind.format().data, record)?;
        let keys = Keys::of(kind);
        let is_debit = kind == BulkKind::DirectDebit;
        let is_transfer = kind == BulkKind::GeneralTransfer;
        Ok(BulkItem {
            bank_code: view.code(keys.bank_code)?,
            bank_name: view.text(keys.bank_name)?,
            branch_code: view.code(keys.branch_code)?,
            branch_name: view.text(keys.branch_name)?,
            account_type: view.digit("account_type")?,
            account_no: view.code("account_no")?,
            name: view.text(keys.name)?,
            amount: view.number("amount")?,
            new_code: blank_or_digit(&view, "new_code")?,
            reference: Reference::read(kind, &view)?,
            transfer_kind: if is_transfer { view.digit("transfer_kind")? } else { 0 },
            result_code: if is_debit { blank_or_digit(&view, "result_code")? } else { 0 },
        })
    }

    /// The data record of this kind, without a line end.
    ///
    /// # Errors
    /// What does not fit its field, or a reference that this kind has not.
    pub fn write(&self, kind: BulkKind) -> Result<Vec<u8>, FieldError> {
        let keys = Keys::of(kind);
        let mut record = Record::new(kind.format().data)
            .digits(keys.bank_code, &self.bank_code)?
            .text(keys.bank_name, &self.bank_name)?
            .digits(keys.branch_code, &self.branch_code)?
            .text(keys.branch_name, &self.branch_name)?
            .number("account_type", u64::from(self.account_type))?
            .digits("account_no", &self.account_no)?
            .text(keys.name, &self.name)?
            .number("amount", self.amount)?
            .number("new_code", u64::from(self.new_code))?;
        match kind {
            BulkKind::GeneralTransfer => {
                record = record.number("transfer_kind", u64::from(self.transfer_kind))?;
            }
            BulkKind::DirectDebit => {
                record = record.number("result_code", u64::from(self.result_code))?;
            }
            BulkKind::Payroll | BulkKind::Bonus => {}
        }
        Ok(self.reference.write(kind, record)?.finish(LineEnd::None))
    }
}

impl Reference {
    fn read(kind: BulkKind, view: &RecordView<'_>) -> Result<Reference, FieldError> {
        Ok(match kind {
            BulkKind::GeneralTransfer if view.bytes("edi_flag")? == EDI_FLAG.as_bytes() => {
                let [first, second] = CUSTOMER_CODES;
                let whole = [view.bytes(first)?, view.bytes(second)?].concat();
                Reference::Edi(decode_lossy(&whole).trim_end_matches(' ').to_owned())
            }
            BulkKind::GeneralTransfer => {
                let [first, second] = CUSTOMER_CODES;
                match (view.code(first)?, view.code(second)?) {
                    (first, second) if first.is_empty() && second.is_empty() => Reference::None,
                    (first, second) => Reference::CustomerCodes { first, second },
                }
            }
            BulkKind::Payroll | BulkKind::Bonus => {
                match (view.code("employee_no")?, view.code("department")?) {
                    (number, code) if number.is_empty() && code.is_empty() => Reference::None,
                    (number, department) => Reference::Employee { number, department },
                }
            }
            BulkKind::DirectDebit => match view.code("customer_no")? {
                number if number.is_empty() => Reference::None,
                number => Reference::CustomerNumber(number),
            },
        })
    }

    fn write(&self, kind: BulkKind, record: Record) -> Result<Record, FieldError> {
        match (kind, self) {
            (_, Reference::None) => Ok(record),
            (BulkKind::GeneralTransfer, Reference::Edi(text)) => record
                .overlay(CUSTOMER_CODES, EDI_LABEL, text, TextClass::Edi)?
                .text("edi_flag", EDI_FLAG),
            (BulkKind::GeneralTransfer, Reference::CustomerCodes { first, second }) => {
                record.reference("customer_code1", first)?.reference("customer_code2", second)
            }
            (BulkKind::Payroll | BulkKind::Bonus, Reference::Employee { number, department }) => {
                record.reference("employee_no", number)?.reference("department", department)
            }
            (BulkKind::DirectDebit, Reference::CustomerNumber(number)) => {
                record.reference("customer_no", number)
            }
            (_, Reference::Edi(_)) => Err(FieldError::NoField("edi_flag")),
            (_, Reference::CustomerCodes { .. }) => Err(FieldError::NoField("customer_code1")),
            (_, Reference::Employee { .. }) => Err(FieldError::NoField("employee_no")),
            (_, Reference::CustomerNumber(_)) => Err(FieldError::NoField("customer_no")),
        }
    }
}

/// A digit that some files leave as a space.
fn blank_or_digit(view: &RecordView<'_>, key: &'static str) -> Result<u8, FieldError> {
    if view.bytes(key)? == b" " { Ok(0) } else { view.digit(key) }
}

/// What the fields are called that payments and debits have both.
struct Keys {
    bank_code: &'static str,
    bank_name: &'static str,
    branch_code: &'static str,
    branch_name: &'static str,
    name: &'static str,
}

impl Keys {
    fn of(kind: BulkKind) -> Keys {
        if kind == BulkKind::DirectDebit {
            Keys {
                bank_code: "payer_bank_code",
                bank_name: "payer_bank_name",
                branch_code: "payer_branch_code",
                branch_name: "payer_branch_name",
                name: "payer_name",
            }
        } else {
            Keys {
                bank_code: "payee_bank_code",
                bank_name: "payee_bank_name",
                branch_code: "payee_branch_code",
                branch_name: "payee_branch_name",
                name: "payee_name",
            }
        }
    }
}
