//! The codes of findings: stable names, with what each means and how it is mended.

use serde::{Serialize, Serializer};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file is not taken.
    Error,
    /// The file is taken; somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Severity::Error => "エラー",
            Severity::Warning => "注意",
            Severity::Info => "参考",
        }
    }
}

/// What is said about a code.
struct About {
    code: &'static str,
    severity: Severity,
    title: &'static str,
    fix: &'static str,
}

macro_rules! codes {
    ($($name:ident, $code:literal, $severity:ident, $title:literal, $fix:literal;)*) => {
        /// What was found: Z0 the file as a whole, Z1 its structure, Z2 headers, Z3 data records,
        /// Z4 trailers, Z5 limits, which only a portal knows, Z6 lines of CSV that become records.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All codes in their order.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            fn about(self) -> About {
                match self {
                    $(Code::$name => About {
                        code: $code,
                        severity: Severity::$severity,
                        title: $title,
                        fix: $fix,
                    },)*
                }
            }
        }
    };
}

codes! {
    Utf8, "Z001", Error,
        "文字コードがUTF-8です",
        "ファイルをShift_JIS（JIS）で保存し直してください。";
    Bom, "Z002", Error,
        "先頭に文字コードの印（BOM）があります",
        "BOMなしのShift_JIS（JIS）で保存し直してください。";
    Ebcdic, "Z003", Error,
        "文字コードがEBCDICです",
        "JISに変換して出力し直してください。";
    MixedLineEnds, "Z004", Error,
        "改行がそろっていません",
        "すべてのレコードのあとを同じ改行（CR LF）にするか、すべて改行なしにしてください。";
    LfOnly, "Z005", Warning,
        "改行がLFだけです",
        "CR LFの改行で出力することをおすすめします。";
    CrOnly, "Z006", Error,
        "改行がCRだけです",
        "CR LFの改行か、改行なしで出力し直してください。";
    EmptyFile, "Z007", Error,
        "ファイルに何もありません",
        "正しいファイルを選び直してください。";
    Utf16, "Z008", Error,
        "文字コードがUTF-16です",
        "ファイルをShift_JIS（JIS）で保存し直してください。";
    NotZengin, "Z009", Error,
        "全銀協規定形式のファイルではありません",
        "全銀協規定形式で出力したファイルを選んでください。";
    RecordLength, "Z101", Error,
        "レコードの長さが正しくありません",
        "不足または余分な文字を直してください。";
    RecordType, "Z102", Error,
        "データ区分が正しくありません",
        "データ区分を直してください。";
    Order, "Z103", Error,
        "レコードの順序が正しくありません",
        "ヘッダ、データ、トレーラ、エンドの順に並べてください。";
    MissingRecord, "Z104", Error,
        "必要なレコードがありません",
        "足りないレコードを加えてください。";
    SeveralGroups, "Z105", Error,
        "ヘッダからトレーラまでの組が2つ以上あります",
        "1つのファイルに1組だけを入れてください。";
    AfterEnd, "Z106", Error,
        "エンドレコードのあとにデータがあります",
        "エンドレコードのあとを削除してください。";
    NoData, "Z107", Error,
        "データレコードがありません",
        "データレコードを1件以上入れてください。";
    TooManyRecords, "Z108", Error,
        "データレコードが多すぎます",
        "ファイルを分けてください。";
    Filler, "Z109", Warning,
        "ダミーに空白以外の文字があります",
        "空白にしてください。内容は読み取りません。";
    BusinessType, "Z201", Error,
        "種別コードが正しくありません",
        "種別コードを直すか、正しい業務を選び直してください。";
    CodeKind, "Z202", Error,
        "コード区分が正しくありません",
        "コード区分を0（JIS）にしてください。";
    OriginatorCode, "Z203", Error,
        "委託者コードがご契約と異なります",
        "ご契約の委託者コードを入れてください。";
    OwnBank, "Z204", Error,
        "金融機関コードが当金庫・当組合のものではありません",
        "お取引の金融機関コードを入れてください。";
    OwnAccount, "Z205", Error,
        "ご契約の口座ではありません",
        "ご契約の口座の店番・預金種目・口座番号を入れてください。";
    ValueDate, "Z206", Error,
        "日付が正しくありません",
        "実在する月日を4桁（MMDD）で入れてください。";
    NotBusinessDay, "Z207", Error,
        "営業日ではありません",
        "営業日を指定してください。";
    OutsideWindow, "Z208", Error,
        "受付期間外の日付です",
        "受付期間内の日付を指定してください。";
    PastCutOff, "Z209", Error,
        "受付時限を過ぎています",
        "より先の日付を指定してください。";
    OriginatorName, "Z210", Error,
        "依頼人名・会社名・委託者名がありません",
        "名前を半角カナで入れてください。";
    NotDigits, "Z301", Error,
        "数字でない文字があります",
        "半角数字を右づめで入れ、残りを0でうめてください。";
    UnknownBank, "Z302", Error,
        "金融機関コードが見つかりません",
        "金融機関コードをご確認ください。";
    UnknownBranch, "Z303", Error,
        "店番が見つかりません",
        "店番をご確認ください。";
    OfficeName, "Z304", Info,
        "金融機関名・支店名がコードの名前と異なります",
        "コードで処理します。コードが正しいかご確認ください。";
    AccountType, "Z305", Error,
        "預金種目が正しくありません",
        "この業務で使える預金種目を入れてください。";
    AccountNumber, "Z306", Error,
        "口座番号が正しくありません",
        "口座番号を7桁の半角数字（右づめ、残りは0）で入れてください。";
    NameEmpty, "Z307", Error,
        "受取人名・預金者名がありません",
        "名前を半角カナで入れてください。";
    NotAllowed, "Z308", Error,
        "使えない文字があります",
        "使える文字に直してください。";
    LonelyMark, "Z309", Error,
        "濁点・半濁点の位置が正しくありません",
        "濁点・半濁点は、付けられるカナのすぐあとに入れてください。";
    AmountZero, "Z310", Error,
        "金額が0円です",
        "1円以上の金額を入れてください。";
    AmountLimit, "Z311", Error,
        "1件の限度額をこえています",
        "限度額以内の金額にしてください。";
    NewCode, "Z312", Error,
        "新規コードが正しくありません",
        "0、1、2または空白を入れてください。";
    EdiFlag, "Z313", Error,
        "識別表示が正しくありません",
        "EDI情報を使うときはY、使わないときは空白を入れてください。";
    Reference, "Z314", Warning,
        "数字でない顧客コード・社員番号・顧客番号があります",
        "数字を右づめで入れ、残りを0でうめることをおすすめします。";
    EdiText, "Z315", Error,
        "EDI情報に使えない文字があります",
        "使える文字に直してください。";
    Duplicate, "Z316", Warning,
        "同じ口座・同じ金額のデータがあります",
        "二重に入れていないかご確認ください。";
    SentBefore, "Z317", Warning,
        "同じファイルを送信済みのおそれがあります",
        "二重の送信でないかご確認ください。";
    PayeeDiffers, "Z318", Warning,
        "登録済みの振込先と名前が異なります",
        "口座と名前をご確認ください。";
    PostBank, "Z319", Warning,
        "ゆうちょ銀行の店番と預金種目が合いません",
        "振込用の店番・預金種目・口座番号をご確認ください。";
    DebitRequest, "Z320", Error,
        "振替結果コードまたは顧客番号が正しくありません",
        "依頼の振替結果コードは0に、顧客番号は1件ごとに別の番号にしてください。";
    Value, "Z321", Error,
        "項目の値が正しくありません",
        "決められた値を入れてください。";
    Day, "Z322", Error,
        "日付が正しくありません",
        "実在する和暦の年月日を6桁（YYMMDD）で入れてください。";
    TotalCount, "Z401", Error,
        "合計件数が合いません",
        "合計件数をデータレコードの件数に合わせてください。";
    TotalAmount, "Z402", Error,
        "合計金額が合いません",
        "合計金額をデータレコードの金額の合計に合わせてください。";
    TotalOverflow, "Z403", Error,
        "合計が桁数をこえています",
        "ファイルを分けてください。";
    RequestTotals, "Z404", Error,
        "振替済・振替不能の件数・金額が0ではありません",
        "依頼では0を入れてください。";
    CompanyLimit, "Z501", Error,
        "企業の1日あたりの限度額をこえています",
        "金額か日付を見直してください。";
    AccountLimit, "Z502", Error,
        "口座の限度額をこえています",
        "金額か口座を見直してください。";
    UserLimit, "Z503", Error,
        "利用者の限度額をこえています",
        "限度額の範囲の方が承認してください。";
    Balance, "Z504", Warning,
        "資金の準備にご注意ください",
        "期限までに支払口座へご入金ください。";
    CsvCharset, "Z601", Error,
        "CSVの文字コードを読み取れません",
        "UTF-8かShift_JISのCSVで保存し直してください。";
    CsvHeading, "Z602", Error,
        "CSVの見出しが正しくありません",
        "見出しを決められた項目名に直してください。";
    CsvLine, "Z603", Error,
        "CSVの行を読み取れません",
        "行の項目を見出しに合わせてください。";
    CsvHeader, "Z604", Error,
        "ヘッダの内容がそろっていません",
        "ヘッダの行を加えるか、依頼人・日付・口座を指定してください。";
    CellLength, "Z605", Error,
        "項目に入りきりません",
        "項目の長さにおさめてください。";
    CellFolded, "Z606", Warning,
        "使える文字に置き換えました",
        "置き換えたあとの内容が正しいかご確認ください。";
}

impl Code {
    /// `Z101` and so on.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.about().code
    }

    /// What it says, short and in Japanese.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.about().title
    }

    /// How it is usually mended, in Japanese.
    #[must_use]
    pub fn fix(self) -> &'static str {
        self.about().fix
    }

    /// How much it matters, unless a setting or the case says otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.about().severity
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
        for code in Code::ALL {
            assert!(!code.title().ends_with('。'), "{code}");
            assert!(code.fix().ends_with('。'), "{code}");
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
        }
    }
}
