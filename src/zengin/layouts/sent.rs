//! The tables of what companies send: 総合振込, 給与・賞与振込, 預金口座振替 and 振込口座照会.

use crate::zengin::layout::Field;
use crate::zengin::text::TextClass::{Office, Party};

/// 種別コード of 給与振込 and 賞与振込: private companies, and local public servants.
const PAYROLL_TYPES: &[&str] = &["11", "12", "71", "72"];
/// 振込口座照会: request and answer.
const INQUIRY_TYPES: &[&str] = &["98", "99"];
/// 振替結果コード.
const RESULT_CODES: &[&str] = &["0", "1", "2", "3", "4", "8", "9"];
/// What they mean.
const RESULT_REMARK: &str = "依頼では0。結果は0:振替済 1:資金不足 2:取引なし 3:預金者都合 \
                             4:依頼書なし 8:委託者都合 9:その他";

pub(super) const TRANSFER_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "21"),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::number("originator_code", "振込依頼人コード(委託者コード)", 5, 14)
        .noted("右づめ、残りは0"),
    Field::text("originator_name", "振込依頼人名", (15, 54), Party).noted("左づめ"),
    Field::month_day("value_date", "取組日(振込指定日)", 55, 58).noted("月日4桁"),
    Field::number("own_bank_code", "仕向銀行番号", 59, 62).noted("統一金融機関番号"),
    Field::text("own_bank_name", "仕向銀行名", (63, 77), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_branch_code", "仕向支店番号", 78, 80).noted("統一店番号"),
    Field::text("own_branch_name", "仕向支店名", (81, 95), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_account_type", "預金種目", 96, 96)
        .optional()
        .one_of(&["1", "2", "9"])
        .noted("1:普通 2:当座 9:その他"),
    Field::number("own_account_no", "口座番号", 97, 103).optional().noted("右づめ、残りは0"),
    Field::filler(104, 120),
];

pub(super) const TRANSFER_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("payee_bank_code", "被仕向銀行番号", 2, 5).noted("統一金融機関番号"),
    Field::text("payee_bank_name", "被仕向銀行名", (6, 20), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("payee_branch_code", "被仕向支店番号", 21, 23).noted("統一店番号"),
    Field::text("payee_branch_name", "被仕向支店名", (24, 38), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("clearing_house", "手形交換所番号", 39, 42)
        .optional()
        .noted("使いません。0000（空白も可）"),
    Field::number("account_type", "預金種目", 43, 43)
        .one_of(&["1", "2", "4", "9"])
        .noted("1:普通 2:当座 4:貯蓄 9:その他"),
    Field::number("account_no", "口座番号", 44, 50).noted("右づめ、残りは0"),
    Field::text("payee_name", "受取人名", (51, 80), Party).noted("左づめ"),
    Field::number("amount", "振込金額", 81, 90).noted("円、右づめ、残りは0"),
    Field::number("new_code", "新規コード", 91, 91)
        .optional()
        .one_of(&["0", "1", "2"])
        .noted("1:初回 2:変更 0:その他"),
    Field::number("customer_code1", "顧客コード1", 92, 101)
        .optional()
        .noted("識別表示がYのときはEDI情報の1～10桁"),
    Field::number("customer_code2", "顧客コード2", 102, 111)
        .optional()
        .noted("識別表示がYのときはEDI情報の11～20桁"),
    Field::number("transfer_kind", "振込指定区分", 112, 112)
        .optional()
        .one_of(&["0", "7", "8"])
        .noted("7:テレ振込 8:文書振込（0と空白も可）"),
    Field::text("edi_flag", "識別表示", (113, 113), Party)
        .optional()
        .one_of(&["Y", " "])
        .noted("Y:EDI情報あり 空白:顧客コード"),
    Field::filler(114, 120),
];

pub(super) const TRANSFER_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("total_count", "合計件数", 2, 7).noted("データレコードの数"),
    Field::number("total_amount", "合計金額", 8, 19).noted("金額の合計"),
    Field::filler(20, 120),
];

pub(super) const PAYROLL_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::number("business_type", "種別コード", 2, 3).one_of(PAYROLL_TYPES),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::number("originator_code", "会社コード(委託者コード)", 5, 14).noted("右づめ、残りは0"),
    Field::text("originator_name", "会社名", (15, 54), Party).noted("左づめ"),
    Field::month_day("value_date", "振込指定日", 55, 58).noted("月日4桁"),
    Field::number("own_bank_code", "仕向銀行番号", 59, 62).noted("統一金融機関番号"),
    Field::text("own_bank_name", "仕向銀行名", (63, 77), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_branch_code", "仕向支店番号", 78, 80).noted("統一店番号"),
    Field::text("own_branch_name", "仕向支店名", (81, 95), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_account_type", "預金種目", 96, 96)
        .optional()
        .one_of(&["1", "2", "9"])
        .noted("1:普通 2:当座 9:その他"),
    Field::number("own_account_no", "口座番号", 97, 103).optional().noted("右づめ、残りは0"),
    Field::filler(104, 120),
];

pub(super) const PAYROLL_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("payee_bank_code", "被仕向銀行番号", 2, 5).noted("統一金融機関番号"),
    Field::text("payee_bank_name", "被仕向銀行名", (6, 20), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("payee_branch_code", "被仕向支店番号", 21, 23).noted("統一店番号"),
    Field::text("payee_branch_name", "被仕向支店名", (24, 38), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("clearing_house", "手形交換所番号", 39, 42)
        .optional()
        .noted("使いません。0000（空白も可）"),
    Field::number("account_type", "預金種目", 43, 43).one_of(&["1", "2"]).noted("1:普通 2:当座"),
    Field::number("account_no", "口座番号", 44, 50).noted("右づめ、残りは0"),
    Field::text("payee_name", "預金者名(受取人名)", (51, 80), Party).noted("左づめ"),
    Field::number("amount", "振込金額", 81, 90).noted("円、右づめ、残りは0"),
    Field::number("new_code", "新規コード", 91, 91)
        .optional()
        .one_of(&["0", "1", "2"])
        .noted("1:初回 2:変更 0:その他"),
    Field::number("employee_no", "社員番号", 92, 101).optional().noted("右づめ、残りは0"),
    Field::number("department", "所属コード", 102, 111).optional().noted("右づめ、残りは0"),
    Field::filler(112, 120),
];

pub(super) const PAYROLL_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("total_count", "合計件数", 2, 7).noted("データレコードの数"),
    Field::number("total_amount", "合計金額", 8, 19).noted("金額の合計"),
    Field::filler(20, 120),
];

pub(super) const DEBIT_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "91"),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::number("originator_code", "委託者コード", 5, 14).noted("右づめ、残りは0"),
    Field::text("originator_name", "委託者名", (15, 54), Party).noted("左づめ"),
    Field::month_day("value_date", "引落日", 55, 58).noted("月日4桁"),
    Field::number("own_bank_code", "取引銀行番号", 59, 62).noted("統一金融機関番号"),
    Field::text("own_bank_name", "取引銀行名", (63, 77), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_branch_code", "取引支店番号", 78, 80).noted("統一店番号"),
    Field::text("own_branch_name", "取引支店名", (81, 95), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_account_type", "預金種目", 96, 96)
        .one_of(&["1", "2", "9"])
        .noted("1:普通 2:当座 9:その他"),
    Field::number("own_account_no", "口座番号", 97, 103).noted("右づめ、残りは0"),
    Field::filler(104, 120),
];

pub(super) const DEBIT_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("payer_bank_code", "引落銀行番号", 2, 5).noted("統一金融機関番号"),
    Field::text("payer_bank_name", "引落銀行名", (6, 20), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("payer_branch_code", "引落支店番号", 21, 23).noted("統一店番号"),
    Field::text("payer_branch_name", "引落支店名", (24, 38), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::filler(39, 42).called("filler1"),
    Field::number("account_type", "預金種目", 43, 43)
        .one_of(&["1", "2", "3", "9"])
        .noted("1:普通 2:当座 3:納税準備 9:その他"),
    Field::number("account_no", "口座番号", 44, 50).noted("右づめ、残りは0"),
    Field::text("payer_name", "預金者名", (51, 80), Party).noted("左づめ"),
    Field::number("amount", "引落金額", 81, 90).noted("円、右づめ、残りは0"),
    Field::number("new_code", "新規コード", 91, 91)
        .one_of(&["0", "1", "2"])
        .noted("1:初回 2:変更 0:その他"),
    Field::number("customer_no", "顧客番号", 92, 111).optional().noted("委託者の番号"),
    Field::number("result_code", "振替結果コード", 112, 112)
        .one_of(RESULT_CODES)
        .noted(RESULT_REMARK),
    Field::filler(113, 120).called("filler2"),
];

pub(super) const DEBIT_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("total_count", "合計件数", 2, 7).noted("データレコードの数"),
    Field::number("total_amount", "合計金額", 8, 19).noted("金額の合計"),
    Field::number("done_count", "振替済件数", 20, 25).noted("依頼では0"),
    Field::number("done_amount", "振替済金額", 26, 37).noted("依頼では0"),
    Field::number("failed_count", "振替不能件数", 38, 43).noted("依頼では0"),
    Field::number("failed_amount", "振替不能金額", 44, 55).noted("依頼では0"),
    Field::filler(56, 120),
];

/// All formats of 120 bytes end alike.
pub(super) const PLAIN_END: &[Field] =
    &[Field::constant("record_type", "データ区分", 1, "9"), Field::filler(2, 120)];

pub(super) const INQUIRY_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::number("business_type", "種別コード", 2, 3).one_of(INQUIRY_TYPES),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::number("originator_code", "照会者コード", 5, 14).noted("右づめ、残りは0"),
    Field::text("originator_name", "照会者名", (15, 54), Party).noted("左づめ"),
    Field::month_day("value_date", "依頼日", 55, 58).noted("月日4桁"),
    Field::number("own_bank_code", "仕向銀行番号", 59, 62).noted("統一金融機関番号"),
    Field::text("own_bank_name", "仕向銀行名", (63, 77), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_branch_code", "仕向支店番号", 78, 80).noted("統一店番号"),
    Field::text("own_branch_name", "仕向支店名", (81, 95), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("own_account_type", "預金種目", 96, 96)
        .optional()
        .one_of(&["1", "2", "9"])
        .noted("1:普通 2:当座 9:その他"),
    Field::number("own_account_no", "口座番号", 97, 103).optional().noted("右づめ、残りは0"),
    Field::filler(104, 120),
];

pub(super) const INQUIRY_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("payee_bank_code", "被仕向銀行番号", 2, 5).noted("統一金融機関番号"),
    Field::text("payee_bank_name", "被仕向銀行名", (6, 20), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("payee_branch_code", "被仕向支店番号", 21, 23).noted("統一店番号"),
    Field::text("payee_branch_name", "被仕向支店名", (24, 38), Office)
        .optional()
        .noted("店名に使える文字"),
    Field::number("clearing_house", "手形交換所番号", 39, 42)
        .optional()
        .noted("使いません。0000（空白も可）"),
    Field::number("account_type", "預金種目", 43, 43)
        .one_of(&["1", "2", "4", "9"])
        .noted("1:普通 2:当座 4:貯蓄 9:その他"),
    Field::number("account_no", "口座番号", 44, 50).noted("右づめ、残りは0"),
    Field::text("payee_name", "受取人名", (51, 80), Party).noted("左づめ"),
    Field::number("amount", "振込金額", 81, 90).optional().noted("円、右づめ、残りは0"),
    Field::number("new_code", "新規コード", 91, 91)
        .optional()
        .one_of(&["0", "1", "2"])
        .noted("1:初回 2:変更 0:その他"),
    Field::number("customer_code1", "顧客コード1", 92, 101)
        .optional()
        .noted("識別表示がYのときはEDI情報の1～10桁"),
    Field::number("customer_code2", "顧客コード2", 102, 111)
        .optional()
        .noted("識別表示がYのときはEDI情報の11～20桁"),
    Field::number("transfer_kind", "振込指定区分", 112, 112)
        .optional()
        .one_of(&["0", "7", "8"])
        .noted("7:テレ振込 8:文書振込（0と空白も可）"),
    Field::text("edi_flag", "識別表示", (113, 113), Party)
        .optional()
        .one_of(&["Y", " "])
        .noted("Y:EDI情報あり 空白:顧客コード"),
    Field::filler(114, 119),
    Field::number("answer_code", "照会結果コード", 120, 120).optional(),
];

pub(super) const INQUIRY_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("total_count", "合計件数", 2, 7).noted("データレコードの数"),
    Field::filler(8, 120),
];
