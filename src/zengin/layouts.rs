//! The layouts of the formats.
//!
//! The tables are those of the association's document on record formats (AP-Ⅰ-12 別冊, 令和元年12月);
//! a test compares them, byte by byte, with a copy of the tables in `tests/data`. 98/99 stand in no
//! such copy: their records are those of 総合振込 with an answer in the last byte.

mod received;
mod sent;
#[cfg(test)]
mod tests;

use crate::zengin::layout::{Field, Format, RecordLayout};
use crate::zengin::text::TextClass;

const fn short(fields: &'static [Field]) -> RecordLayout {
    RecordLayout { length: 120, fields }
}

const fn long(fields: &'static [Field]) -> RecordLayout {
    RecordLayout { length: 200, fields }
}

/// EDI情報, which stands in the place of 顧客コード1 and 2 where 識別表示 is [`EDI_FLAG`].
pub static EDI: Field = Field::text("edi_text", "EDI情報", (92, 111), TextClass::Edi).optional();
/// 識別表示 of a record with EDI情報.
pub const EDI_FLAG: u8 = b'Y';

/// 21 総合振込.
pub const GENERAL_TRANSFER: Format = Format {
    name: "総合振込",
    business_types: &["21"],
    header: short(sent::TRANSFER_HEADER),
    data: short(sent::TRANSFER_DATA),
    other_data: None,
    trailer: short(sent::TRANSFER_TRAILER),
    end: short(sent::PLAIN_END),
};

/// 11 給与振込, 71 給与振込 of local public servants.
pub const PAYROLL: Format = Format {
    name: "給与振込",
    business_types: &["11", "71"],
    header: short(sent::PAYROLL_HEADER),
    data: short(sent::PAYROLL_DATA),
    other_data: None,
    trailer: short(sent::PAYROLL_TRAILER),
    end: short(sent::PLAIN_END),
};

/// 12 賞与振込, 72 賞与振込 of local public servants.
pub const BONUS: Format = Format { name: "賞与振込", business_types: &["12", "72"], ..PAYROLL };

/// 91 預金口座振替: the request, and the same records sent back as the result.
pub const DIRECT_DEBIT: Format = Format {
    name: "預金口座振替",
    business_types: &["91"],
    header: short(sent::DEBIT_HEADER),
    data: short(sent::DEBIT_DATA),
    other_data: None,
    trailer: short(sent::DEBIT_TRAILER),
    end: short(sent::PLAIN_END),
};

/// 98 振込口座照会, and 99, its answer.
pub const ACCOUNT_INQUIRY: Format = Format {
    name: "振込口座照会",
    business_types: &["98", "99"],
    header: short(sent::INQUIRY_HEADER),
    data: short(sent::INQUIRY_DATA),
    other_data: None,
    trailer: short(sent::INQUIRY_TRAILER),
    end: short(sent::PLAIN_END),
};

/// 03 入出金取引明細; accounts of the kinds 5, 6 and 7 have data records of their own.
pub const STATEMENT: Format = Format {
    name: "入出金取引明細",
    business_types: &["03"],
    header: long(received::STATEMENT_HEADER),
    data: long(received::STATEMENT_DATA),
    other_data: Some(long(received::STATEMENT_TERM_DATA)),
    trailer: long(received::STATEMENT_TRAILER),
    end: long(received::STATEMENT_END),
};

/// 01 振込入金通知 in format A; the other data record is that of format B.
pub const CREDIT_NOTICE: Format = Format {
    name: "振込入金通知",
    business_types: &["01"],
    header: long(received::CREDIT_HEADER),
    data: long(received::CREDIT_DATA),
    other_data: Some(long(received::CREDIT_B_DATA)),
    trailer: long(received::CREDIT_TRAILER),
    end: long(received::CREDIT_END),
};

/// 04 残高通知(預金).
pub const BALANCE_NOTICE: Format = Format {
    name: "残高通知",
    business_types: &["04"],
    header: long(received::BALANCE_HEADER),
    data: long(received::BALANCE_DATA),
    other_data: None,
    trailer: long(received::BALANCE_TRAILER),
    end: long(received::BALANCE_END),
};

/// All formats.
pub const ALL: &[&Format] = &[
    &GENERAL_TRANSFER,
    &PAYROLL,
    &BONUS,
    &DIRECT_DEBIT,
    &ACCOUNT_INQUIRY,
    &STATEMENT,
    &CREDIT_NOTICE,
    &BALANCE_NOTICE,
];

/// The format of files with this 種別コード.
#[must_use]
pub fn find(business_type: &str) -> Option<&'static Format> {
    ALL.iter().find(|format| format.business_types.contains(&business_type)).copied()
}
