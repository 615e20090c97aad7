//! People who log in.

use chrono::NaiveDateTime;

use crate::domain::token::StoredTokenStatus;
use crate::primitives::ids::{ContractId, TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// What a user is in the own contract.
    Role {
        /// A retail customer.
        Customer = "customer",
        /// マスターユーザ.
        Master = "master",
        /// 管理者.
        Administrator = "administrator",
        /// 一般ユーザ.
        General = "general",
    }
}

text_enum! {
    /// How far the first setup (BLG095) has come.
    SetupState {
        /// The initial password of the welcome letter still holds.
        Initial = "initial",
        /// Passwords are set, the mail address is not verified yet.
        MailPending = "mail_pending",
        /// Finished.
        Done = "done",
    }
}

text_enum! {
    /// By which channel somebody logged in.
    Channel {
        /// PC or smartphone.
        Web = "web",
        /// Feature phone.
        Mobile = "mobile",
    }
}

/// Between the contract's id and the user's own, where a login id consists of both.
const BETWEEN_IDS: char = '/';

/// The login id of a user who types the contract's id and one of their own.
#[must_use]
pub fn login_id_within(contract: &str, own: &str) -> String {
    format!("{contract}{BETWEEN_IDS}{own}")
}

/// A login id's part of the contract, or all of it, and the user's own part where there is one.
#[must_use]
pub fn parts_of_login_id(login_id: &str) -> (&str, Option<&str>) {
    match login_id.split_once(BETWEEN_IDS) {
        Some((contract, own)) => (contract, Some(own)),
        None => (login_id, None),
    }
}

/// The login id of a contract's administrator, who types the contract's id alone. What would be a
/// user's login id becomes one that nobody has, so that each form lets in its own people only.
#[must_use]
pub fn login_id_of_contract(typed: &str) -> String {
    match parts_of_login_id(typed) {
        (_, None) => typed.to_owned(),
        _ => login_id_within(typed, ""),
    }
}

impl Channel {
    /// The words that customers see.
    pub fn label(self) -> &'static str {
        match self {
            Channel::Web => "インターネットバンキング",
            Channel::Mobile => "モバイルバンキング",
        }
    }
}

/// A user as the database keeps it.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::users)]
pub struct User {
    /// Row id.
    pub id: UserId,
    /// The portal's slug.
    pub portal: String,
    /// The contract.
    pub contract_id: ContractId,
    /// What is typed at login; unique in the portal.
    pub login_id: String,
    /// Role in the contract.
    pub role: Role,
    /// Name as shown.
    pub name: String,
    /// Verified mail address.
    pub mail_address: Option<String>,
    /// Argon2id of the login secret.
    pub login_secret_hash: String,
    /// Argon2id of the confirming secret.
    pub confirm_secret_hash: String,
    /// First setup.
    pub setup_state: SetupState,
    /// Wrong login secrets in a row.
    pub login_failures: i32,
    /// Login locked since (BLG012).
    pub login_locked_at: Option<NaiveDateTime>,
    /// Wrong confirming secrets in a row.
    pub confirm_failures: i32,
    /// Confirming secret locked since.
    pub confirm_locked_at: Option<NaiveDateTime>,
    /// The token, where there is one.
    pub token_id: Option<TokenId>,
    /// ワンタイムパスワード状態 as stored.
    pub token_status: StoredTokenStatus,
    /// Since when.
    pub token_since: Option<NaiveDateTime>,
    /// When it was revoked.
    pub revoked_at: Option<NaiveDateTime>,
    /// ログイン時のワンタイムパスワード認証要否.
    pub login_otp_chosen: bool,
    /// Until when new payees are refused.
    pub hold_until: Option<NaiveDateTime>,
    /// When that began. A hold that is opened again or lengthened while it lasts keeps its begin.
    pub hold_from: Option<NaiveDateTime>,
    /// Last complete login.
    pub last_login_at: Option<NaiveDateTime>,
    /// Its channel.
    pub last_login_channel: Option<Channel>,
    /// Failed logins since.
    pub failures_since_login: i32,
    /// Emergency stop since: nothing is done in the user's name until staff lift it.
    pub stopped_at: Option<NaiveDateTime>,
    /// Telephone number, in groups as it is written.
    pub telephone: Option<String>,
    /// Since when the login secret holds, where that is known.
    pub login_secret_changed_at: Option<NaiveDateTime>,
    /// The same of the confirming secret.
    pub confirm_secret_changed_at: Option<NaiveDateTime>,
    /// 利用停止 by an administrator of the contract, since.
    pub paused_at: Option<NaiveDateTime>,
    /// Deleted by an administrator of the contract: the row stays for the audit log.
    pub deleted_at: Option<NaiveDateTime>,
}
