//! What the institution makes of a file: why it cannot take it, and why a record cannot be done.

use crate::text_enum;

text_enum! {
    /// Why the institution cannot take a file, or could not execute it.
    BulkReason {
        /// The kind of file is no longer agreed with the contract.
        Service = "service",
        /// 解約.
        ContractClosed = "contract_closed",
        /// Its account is closed, or not the contract's.
        Account = "account",
        /// Its records are not those that were approved.
        Content = "content",
        /// Whoever sent it has stopped everything since.
        Stopped = "stopped",
        /// The account did not hold the sum and its fees until the end of the day's settlement.
        Funds = "funds",
    }
}

impl BulkReason {
    /// What the company reads: what happened, and what to do.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Service => {
                "この種類のデータは、今のご契約ではお取り扱いできません。お取引店にご相談ください。"
            }
            Self::ContractClosed => "ご契約が終了しているため、お取り扱いできません。",
            Self::Account => {
                "お取引口座が使えないため、お取り扱いできません。口座をご確認のうえ、データを作り直してください。"
            }
            Self::Content => {
                "データの内容が承認されたものと一致しません。お手数ですが、データを作り直してください。"
            }
            Self::Stopped => {
                "送信した利用者の緊急停止により、お取り扱いを中止しました。内容をご確認のうえ、データを作り直してください。"
            }
            Self::Funds => {
                "指定日の15時までに、合計金額と手数料の引落しができませんでした。残高をご確認のうえ、新しい指定日でデータを作り直してください。"
            }
        }
    }
}

text_enum! {
    /// Why a record could not be done. Of a 預金口座振替 it is the 振替結果コード.
    RecordFailure {
        /// 資金不足.
        Funds = "1",
        /// 取引なし.
        NoAccount = "2",
        /// 預金者の都合による振替停止.
        ByPayer = "3",
        /// 預金口座振替依頼書なし.
        NoMandate = "4",
        /// 委託者の都合による振替停止.
        ByCollector = "8",
        /// その他.
        Other = "9",
        /// 組戻: the institution has no such account.
        PayeeUnknown = "payee_unknown",
        /// 組戻: the payee's account is closed.
        PayeeClosed = "payee_closed",
    }
}

impl RecordFailure {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Funds => "資金不足",
            Self::NoAccount => "取引なし",
            Self::ByPayer => "預金者の都合による振替停止",
            Self::NoMandate => "預金口座振替依頼書なし",
            Self::ByCollector => "委託者の都合による振替停止",
            Self::Other => "その他",
            Self::PayeeUnknown => "組戻（該当する口座がありません）",
            Self::PayeeClosed => "組戻（受取人の口座は解約済みです）",
        }
    }

    /// 振替結果コード; nothing for what was paid out.
    #[must_use]
    pub fn result_code(self) -> Option<u8> {
        self.as_str().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_format() {
        let codes: Vec<u8> =
            RecordFailure::ALL.iter().filter_map(|failure| failure.result_code()).collect();
        assert_eq!(codes, [1, 2, 3, 4, 8, 9]);
    }

    #[test]
    fn what_is_stored_fits_its_column() {
        let longest = BulkReason::ALL.iter().map(|reason| reason.as_str().len()).max();
        assert!(longest.unwrap() <= 40);
    }
}
