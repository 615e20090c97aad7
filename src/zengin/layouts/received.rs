//! The tables of what banks give out: 入出金取引明細, 振込入金通知 and 残高通知.

use crate::zengin::layout::Field;
use crate::zengin::text::TextClass::{Edi, Office, Party, Union};

/// 取引区分.
const TX_KINDS: &[&str] = &["10", "11", "12", "13", "14", "15", "18", "19"];

pub(super) const STATEMENT_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "03"),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::era_day("created", "作成日", 5, 10).noted("和暦の年月日6桁"),
    Field::era_day("from", "勘定日(自)", 11, 16).noted("和暦の年月日6桁"),
    Field::era_day("to", "勘定日(至)", 17, 22).noted("和暦の年月日6桁"),
    Field::number("bank_code", "銀行コード", 23, 26),
    Field::text("bank_name", "銀行名", (27, 41), Office).noted("店名に使える文字"),
    Field::number("branch_code", "支店コード", 42, 44),
    Field::text("branch_name", "支店名", (45, 59), Office).noted("店名に使える文字"),
    Field::constant("reserved", "ダミー", 60, "000").unused(),
    Field::number("account_type", "預金種目", 63, 63)
        .one_of(&["1", "2", "4", "5", "6", "7"])
        .noted("1:普通 2:当座 4:貯蓄 5:通知 6:定期 7:積立定期"),
    Field::number("account_no", "口座番号", 64, 73).noted("右づめ、残りは0"),
    Field::text("account_name", "口座名", (74, 113), Party).noted("左づめ"),
    Field::number("overdraft_before", "貸越区分", 114, 114)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::number("passbook_kind", "通帳・証書区分", 115, 115)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:通帳 2:証書"),
    Field::number("balance_before", "取引前残高", 116, 129).optional().noted("絶対値"),
    Field::filler(130, 200),
];

pub(super) const STATEMENT_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("inquiry_no", "照会番号", 2, 9).optional(),
    Field::era_day("account_date", "勘定日", 10, 15).noted("和暦の年月日6桁"),
    Field::era_day("value_date", "預入・払出日", 16, 21).noted("和暦の年月日6桁"),
    Field::number("in_out", "入払区分", 22, 22).one_of(&["1", "2"]).noted("1:入金 2:出金"),
    Field::number("tx_kind", "取引区分", 23, 24)
        .optional()
        .one_of(TX_KINDS)
        .noted("10:現金 11:振込 12:他店券入金 13:交換 14:振替 15:継続 18:その他 19:訂正"),
    Field::number("amount", "取引金額", 25, 36).noted("円、右づめ、残りは0"),
    Field::number("other_office_bills", "うち他店券金額", 37, 48),
    Field::era_day("exchange_date", "交換呈示日", 49, 54).optional().noted("和暦の年月日6桁"),
    Field::era_day("dishonour_date", "不渡返還日", 55, 60).optional().noted("和暦の年月日6桁"),
    Field::number("bill_kind", "手形・小切手区分", 61, 61)
        .optional()
        .one_of(&["1", "2", "3"])
        .noted("1:小切手 2:約束手形 3:為替手形"),
    Field::number("bill_no", "手形・小切手番号", 62, 68).optional(),
    Field::number("other_branch", "僚店番号", 69, 71).optional(),
    Field::number("remitter_code", "振込依頼人コード", 72, 81).optional(),
    Field::text("remitter_name", "振込依頼人名または契約者番号", (82, 129), Party)
        .optional()
        .noted("左づめ"),
    Field::text("from_bank", "仕向銀行名", (130, 144), Office).optional().noted("店名に使える文字"),
    Field::text("from_branch", "仕向店名", (145, 159), Office).optional().noted("店名に使える文字"),
    Field::text("summary", "摘要内容", (160, 179), Union).optional(),
    Field::text("edi", "EDI情報", (180, 199), Edi).optional().noted("左づめ"),
    Field::filler(200, 200),
];

pub(super) const STATEMENT_TERM_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("ident_no", "識別番号", 2, 9).optional(),
    Field::era_day("account_date", "勘定日", 10, 15).noted("和暦の年月日6桁"),
    Field::era_day("value_date", "預入・払出日", 16, 21).noted("和暦の年月日6桁"),
    Field::number("in_out", "入払区分", 22, 22).one_of(&["1", "2"]).noted("1:入金 2:出金"),
    Field::number("tx_kind", "取引区分", 23, 24)
        .optional()
        .one_of(TX_KINDS)
        .noted("10:現金 11:振込 12:他店券入金 13:交換 14:振替 15:継続 18:その他 19:訂正"),
    Field::number("amount", "取引金額", 25, 36).noted("円、右づめ、残りは0"),
    Field::number("other_office_bills", "うち他店券金額", 37, 48),
    Field::era_day("exchange_date", "交換呈示日", 49, 54).optional().noted("和暦の年月日6桁"),
    Field::era_day("dishonour_date", "不渡返還日", 55, 60).optional().noted("和暦の年月日6桁"),
    Field::number("bill_kind", "手形・小切手区分", 61, 61)
        .optional()
        .one_of(&["1", "2", "3"])
        .noted("1:小切手 2:約束手形 3:為替手形"),
    Field::number("bill_no", "手形・小切手番号", 62, 68).optional(),
    Field::number("other_branch", "僚店番号", 69, 71).optional(),
    Field::era_day("first_date", "当初預入日", 72, 77).optional().noted("和暦の年月日6桁"),
    Field::number("rate", "利率", 78, 83).optional().noted("小数4桁"),
    Field::era_day("maturity", "満期日", 84, 89).optional().noted("和暦の年月日6桁"),
    Field::number("term1", "期間(1)", 90, 96).optional().noted("年1桁・月2桁・日4桁"),
    Field::number("term_interest", "期間利息", 97, 107).optional(),
    Field::number("interim_rate", "中間払利率", 108, 113).optional().noted("小数4桁"),
    Field::number("interim_kind", "中間払区分", 114, 114).optional(),
    Field::number("after_term", "期後期間", 115, 118).optional(),
    Field::number("after_rate", "期後利率", 119, 124).optional().noted("小数4桁"),
    Field::number("after_interest", "期後利息", 125, 133).optional(),
    Field::number("total_interest", "合計利息", 134, 144).optional(),
    Field::number("tax_kind", "税区分", 145, 145).optional(),
    Field::number("tax_rate", "税率", 146, 149).optional().noted("小数2桁"),
    Field::number("tax", "税額", 150, 159).optional(),
    Field::number("net_interest", "税引後利息", 160, 170).optional(),
    Field::text("summary", "摘要内容", (171, 190), Union).optional(),
    Field::number("term2", "期間(2)", 191, 195).optional(),
    Field::number("interest_sign", "期間利息正負表示", 196, 196)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::filler(197, 200),
];

pub(super) const STATEMENT_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("in_count", "入金件数", 2, 7),
    Field::number("in_amount", "入金額合計", 8, 20),
    Field::number("out_count", "出金件数", 21, 26),
    Field::number("out_amount", "出金額合計", 27, 39),
    Field::number("overdraft_after", "貸越区分", 40, 40)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::number("balance_after", "取引後残高", 41, 54).optional().noted("絶対値"),
    Field::number("data_count", "データ・レコード件数", 55, 61),
    Field::filler(62, 200),
];

pub(super) const STATEMENT_END: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "9"),
    Field::number("record_total", "レコード総件数", 2, 11).noted("ファイルのすべてのレコード"),
    Field::number("account_count", "口座数", 12, 16).noted("ヘッダからトレーラまでの組の数"),
    Field::filler(17, 200),
];

pub(super) const CREDIT_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "01"),
    Field::constant("code_kind", "コード区分", 4, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::era_day("created", "作成日", 5, 10).noted("和暦の年月日6桁"),
    Field::era_day("from", "勘定日(自)", 11, 16).noted("和暦の年月日6桁"),
    Field::era_day("to", "勘定日(至)", 17, 22).noted("和暦の年月日6桁"),
    Field::number("bank_code", "銀行コード", 23, 26),
    Field::text("bank_name", "銀行名", (27, 41), Office).noted("店名に使える文字"),
    Field::number("branch_code", "支店コード", 42, 44),
    Field::text("branch_name", "支店名", (45, 59), Office).noted("店名に使える文字"),
    Field::number("account_type", "預金種目", 60, 60)
        .one_of(&["1", "2", "4"])
        .noted("1:普通 2:当座 4:貯蓄"),
    Field::number("account_no", "口座番号", 61, 67).noted("右づめ、残りは0"),
    Field::text("account_name", "口座名", (68, 107), Party).noted("左づめ"),
    Field::filler(108, 200),
];

pub(super) const CREDIT_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("inquiry_no", "照会番号", 2, 7).optional(),
    Field::era_day("account_date", "勘定日", 8, 13).noted("和暦の年月日6桁"),
    Field::era_day("value_date", "起算日", 14, 19).noted("和暦の年月日6桁"),
    Field::number("amount", "金額", 20, 29).noted("円、右づめ、残りは0"),
    Field::number("other_office_bills", "うち他店券金額", 30, 39),
    Field::number("remitter_code", "振込依頼人コード", 40, 49).optional(),
    Field::text("remitter_name", "振込依頼人名", (50, 97), Party).noted("左づめ"),
    Field::text("from_bank", "仕向銀行名", (98, 112), Office).optional().noted("店名に使える文字"),
    Field::text("from_branch", "仕向店名", (113, 127), Office).optional().noted("店名に使える文字"),
    Field::number("cancel", "取消区分", 128, 128)
        .optional()
        .one_of(&["1"])
        .noted("1:取消（取消でなければ0か空白）"),
    Field::text("edi", "EDI情報", (129, 148), Edi).optional().noted("左づめ"),
    Field::filler(149, 200),
];

pub(super) const CREDIT_B_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::number("inquiry_no", "照会番号", 2, 7).optional(),
    Field::era_day("account_date", "勘定日", 8, 13).noted("和暦の年月日6桁"),
    Field::era_day("value_date", "起算日", 14, 19).noted("和暦の年月日6桁"),
    Field::number("amount", "金額", 20, 29).noted("円、右づめ、残りは0"),
    Field::number("other_office_bills", "うち他店券金額", 30, 39),
    Field::number("remitter_code", "振込依頼人コード", 40, 49).optional(),
    Field::text("remitter_name", "振込依頼人名", (50, 97), Party).noted("左づめ"),
    Field::text("from_bank", "仕向銀行名", (98, 112), Office).optional().noted("店名に使える文字"),
    Field::text("from_branch", "仕向店名", (113, 127), Office).optional().noted("店名に使える文字"),
    Field::number("cancel", "取消区分", 128, 128)
        .optional()
        .one_of(&["1"])
        .noted("1:取消（取消でなければ0か空白）"),
    Field::number("amount2", "金額(2)", 129, 140)
        .noted("金額が10桁をこえるときに使い、金額を0とします"),
    Field::number("other_office_bills2", "うち他店券金額(2)", 141, 152),
    Field::text("edi", "EDI情報", (153, 172), Edi).optional().noted("左づめ"),
    Field::filler(173, 200),
];

pub(super) const CREDIT_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("total_count", "振込合計件数", 2, 7).noted("データレコードの数"),
    Field::number("total_amount", "振込合計金額", 8, 19).noted("金額の合計"),
    Field::number("cancel_count", "取消合計件数", 20, 25).optional(),
    Field::number("cancel_amount", "取消合計金額", 26, 37).optional(),
    Field::filler(38, 200),
];

pub(super) const CREDIT_END: &[Field] =
    &[Field::constant("record_type", "データ区分", 1, "9"), Field::filler(2, 200)];

pub(super) const BALANCE_HEADER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "1"),
    Field::constant("business_type", "種別コード", 2, "04"),
    Field::number("notice_kind", "通知区分", 4, 4).one_of(&["1"]),
    Field::constant("code_kind", "コード区分", 5, "0").noted("0:JIS（1:EBCDICは受け付けません）"),
    Field::era_day("created", "作成日", 6, 11).noted("和暦の年月日6桁"),
    Field::number("company_code", "会社コード", 12, 21),
    Field::text("company_name", "会社名", (22, 61), Party),
    Field::number("bank_code", "銀行コード", 62, 65),
    Field::text("bank_name", "銀行名", (66, 80), Office).noted("店名に使える文字"),
    Field::number("branch_code", "支店コード", 81, 83),
    Field::text("branch_name", "支店名", (84, 98), Office).noted("店名に使える文字"),
    Field::filler(99, 200),
];

pub(super) const BALANCE_DATA: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "2"),
    Field::era_day("base_date", "基準日", 2, 7).noted("和暦の年月日6桁"),
    Field::number("base_time", "基準時刻", 8, 11).optional().noted("時分"),
    Field::number("branch_code", "支店コード", 12, 14),
    Field::constant("reserved", "ダミー", 15, "000").unused(),
    Field::number("account_type", "預金種目", 18, 18)
        .one_of(&["1", "2", "3", "4", "5", "6", "7", "8", "9"])
        .noted("1:普通 2:当座 3:納税準備 4:貯蓄 5:通知 6:定期 7:積立定期 8:定期積金 9:その他"),
    Field::number("account_no", "口座番号", 19, 28).noted("右づめ、残りは0"),
    Field::number("count", "口数", 29, 32).optional(),
    Field::text("account_name", "口座名", (33, 72), Party).noted("左づめ"),
    Field::number("sign", "現在残高 貸越区分", 73, 73)
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::number("balance", "現在残高", 74, 87),
    Field::number("other_bills", "他店券残高", 88, 101),
    Field::number("overdraft_limit", "貸越極度額", 102, 115),
    Field::number("sign2", "支払可能残高 貸越区分", 116, 116)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::number("available", "支払可能残高", 117, 130).optional(),
    Field::number("sign3", "前日残高 貸越区分", 131, 131)
        .optional()
        .one_of(&["1", "2"])
        .noted("1:プラス 2:マイナス"),
    Field::number("prev_balance", "前日残高", 132, 145).optional(),
    Field::era_day("last_tx", "最新取引日", 146, 151).optional().noted("和暦の年月日6桁"),
    Field::filler(152, 200),
];

pub(super) const BALANCE_TRAILER: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "8"),
    Field::number("data_count", "データ・レコード総件数", 2, 8),
    Field::filler(9, 200),
];

pub(super) const BALANCE_END: &[Field] = &[
    Field::constant("record_type", "データ区分", 1, "9"),
    Field::number("record_total", "レコード総件数", 2, 11).noted("ファイルのすべてのレコード"),
    Field::filler(12, 200),
];
