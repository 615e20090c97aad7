//! The layouts of the formats.

use crate::zengin::layout::{Field, Format, RecordLayout};
use crate::zengin::text::TextClass::{Edi, Office, Party, Union};

const STATEMENT_LENGTH: usize = 200;

/// 03 入出金取引明細 of ordinary, current and savings accounts.
pub const STATEMENT: Format = Format {
    business_type: "03",
    header: RecordLayout { length: STATEMENT_LENGTH, fields: STATEMENT_HEADER },
    data: RecordLayout { length: STATEMENT_LENGTH, fields: STATEMENT_DATA },
    trailer: RecordLayout { length: STATEMENT_LENGTH, fields: STATEMENT_TRAILER },
    end: RecordLayout { length: STATEMENT_LENGTH, fields: STATEMENT_END },
};

const STATEMENT_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "03"),
    Field::constant("code_kind", "コード区分", 4, "0"),
    Field::number("created", "作成日", 5, 10),
    Field::number("from", "勘定日(自)", 11, 16),
    Field::number("to", "勘定日(至)", 17, 22),
    Field::number("bank_code", "銀行コード", 23, 26),
    Field::text("bank_name", "銀行名", (27, 41), Office),
    Field::number("branch_code", "支店コード", 42, 44),
    Field::text("branch_name", "支店名", (45, 59), Office),
    Field::constant("reserved", "ダミー", 60, "000"),
    Field::number("account_type", "預金種目", 63, 63),
    Field::number("account_no", "口座番号", 64, 73),
    Field::text("account_name", "口座名", (74, 113), Party),
    Field::number("overdraft_before", "貸越区分", 114, 114),
    Field::number("passbook_kind", "通帳・証書区分", 115, 115),
    Field::number("balance_before", "取引前残高", 116, 129),
    Field::filler(130, 200),
];

const STATEMENT_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("inquiry_no", "照会番号", 2, 9),
    Field::number("account_date", "勘定日", 10, 15),
    Field::number("value_date", "預入・払出日", 16, 21),
    Field::number("in_out", "入払区分", 22, 22),
    Field::number("tx_kind", "取引区分", 23, 24),
    Field::number("amount", "取引金額", 25, 36),
    Field::number("other_office_bills", "うち他店券金額", 37, 48),
    Field::number("exchange_date", "交換呈示日", 49, 54),
    Field::number("dishonour_date", "不渡返還日", 55, 60),
    Field::number("bill_kind", "手形・小切手区分", 61, 61),
    Field::number("bill_no", "手形・小切手番号", 62, 68),
    Field::number("other_branch", "僚店番号", 69, 71),
    Field::number("remitter_code", "振込依頼人コード", 72, 81),
    Field::text("remitter_name", "振込依頼人名または契約者番号", (82, 129), Party),
    Field::text("from_bank", "仕向銀行名", (130, 144), Office),
    Field::text("from_branch", "仕向店名", (145, 159), Office),
    Field::text("summary", "摘要内容", (160, 179), Union),
    Field::text("edi", "EDI情報", (180, 199), Edi),
    Field::filler(200, 200),
];

const STATEMENT_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("in_count", "入金件数", 2, 7),
    Field::number("in_amount", "入金額合計", 8, 20),
    Field::number("out_count", "出金件数", 21, 26),
    Field::number("out_amount", "出金額合計", 27, 39),
    Field::number("overdraft_after", "貸越区分", 40, 40),
    Field::number("balance_after", "取引後残高", 41, 54),
    Field::number("data_count", "データ・レコード件数", 55, 61),
    Field::filler(62, 200),
];

const STATEMENT_END: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "9"),
    Field::number("record_total", "レコード総件数", 2, 11),
    Field::number("account_count", "口座数", 12, 16),
    Field::filler(17, 200),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_follow_each_other_and_fill_their_record() {
        for format in [STATEMENT] {
            for record in [format.header, format.data, format.trailer, format.end] {
                let mut next = 1;
                for field in record.fields {
                    assert_eq!(field.from, next, "{}", field.label);
                    next += field.length;
                }
                assert_eq!(next - 1, record.length, "{}", format.business_type);
                let is_own = |field: &&Field| field.key != "filler";
                let mut keys: Vec<_> =
                    record.fields.iter().filter(is_own).map(|field| field.key).collect();
                keys.sort_unstable();
                keys.dedup();
                assert_eq!(keys.len(), record.fields.iter().filter(is_own).count());
            }
        }
    }
}
