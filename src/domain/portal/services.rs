//! Which services the portal has.

use serde::Deserialize;

/// Who administers the users of a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAdministration {
    /// There is one user only.
    #[default]
    None,
    /// The contract's one administrator, who does not trade.
    Administrator,
    /// Master users and administrator users, who trade as well.
    MasterAndAdministrators,
}

/// Whether log-on may need a client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// There are none.
    #[default]
    None,
    /// Where the contract requires it.
    ByContract,
}

/// Section `services`; what is not named is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "one switch per service, as the profile has it")]
pub struct Services {
    /// 残高照会, 入出金明細.
    pub inquiries: bool,
    /// 振込・振替 with payees, reservations and limits.
    pub transfers: bool,
    /// 税金・各種料金払込み.
    pub pay_easy: bool,
    /// 総合振込, 給与・賞与, 口座振替.
    pub bulk_files: bool,
    /// 外部ファイル送信・受信.
    pub external_files: bool,
    /// The feature-phone channel.
    pub mobile_channel: bool,
    /// トークン発行依頼.
    pub token_orders: bool,
    /// 緊急停止.
    pub emergency_stop: bool,
    /// 開通確認 at the first log-on of administrators and users.
    pub activation: bool,
    /// Who administers users.
    pub user_administration: UserAdministration,
    /// Client certificates.
    pub client_certificates: ClientCertificates,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            inquiries: true,
            transfers: false,
            pay_easy: false,
            bulk_files: false,
            external_files: false,
            mobile_channel: false,
            token_orders: false,
            emergency_stop: false,
            activation: false,
            user_administration: UserAdministration::None,
            client_certificates: ClientCertificates::None,
        }
    }
}

impl Services {
    /// Whether users administer users here.
    #[must_use]
    pub fn has_user_administration(&self) -> bool {
        self.user_administration != UserAdministration::None
    }

    /// Whether any file service is offered.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.bulk_files || self.external_files
    }
}

/// Section `certificates`: life of client certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CertificatePolicy {
    /// Days for which a certificate is valid.
    pub valid_days: u32,
    /// Days before the end from which it can be renewed.
    pub renewal_days: u32,
    /// Whether it can be renewed after its end too (期限切れ後更新).
    pub renewal_after_expiry: bool,
}

impl Default for CertificatePolicy {
    fn default() -> Self {
        Self { valid_days: 365, renewal_days: 40, renewal_after_expiry: true }
    }
}
