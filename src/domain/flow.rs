//! Multi-step forms kept on the server, each with an address of its own (BOM screens).

use chrono::{NaiveDateTime, TimeDelta};

use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{ReceiptId, TokenId, UserId};
use crate::text_enum;

text_enum! {
    /// What a flow leads to.
    FlowOperation {
        /// トークン発行, BOT001 to 003.
        TokenIssue = "token_issue",
        /// 利用開始, BOM101 to 103.
        TokenStart = "token_start",
        /// 交換, BOM111 to 114.
        TokenExchange = "token_exchange",
        /// 利用中止, BOM121 to 123.
        TokenStop = "token_stop",
        /// 限度額変更, BLM001 to 003.
        LimitChange = "limit_change",
        /// お客様情報変更 of mail address or telephone number, BCI001 to 003.
        CustomerInfoChange = "customer_info_change",
        /// お客様情報変更 of a password, BCI001 to 003.
        SecretChange = "secret_change",
        /// 振込・振替, BTR001 to 005.
        Transfer = "transfer",
        /// 税金・各種料金払込み, BPE001 to 004.
        PayEasy = "pay_easy",
        /// 予約取消, BTR031 and 032.
        CancelReservation = "cancel_reservation",
        /// 利用者情報の登録・変更・照会 of a company, BAU031 to 034.
        UserManage = "user_manage",
        /// 振込先の登録・変更・削除, BTR021 and BTR022.
        PayeeChange = "payee_change",
    }
}

text_enum! {
    /// Which step is due.
    FlowStep {
        /// The first input after the identification (BOM102, BOM112, BOM122).
        Input = "input",
        /// The rights and limits of a company's user (BAU032).
        Rights = "rights",
        /// What was typed is shown again, and the proof is asked for (BOT002).
        Confirm = "confirm",
        /// The old token is proven, the new one is asked for (BOM113).
        NewToken = "new_token",
        /// Done; the result shows.
        Done = "done",
        /// Cancelled, or too many wrong serials.
        Ended = "ended",
    }
}

impl FlowOperation {
    /// Whether every portal has it after login; flows about tokens stand elsewhere in some.
    #[must_use]
    pub fn is_after_login(self) -> bool {
        matches!(self, Self::LimitChange | Self::UserManage | Self::PayeeChange)
            || matches!(self, Self::Transfer | Self::CancelReservation | Self::PayEasy)
            || self.is_of_customer_info()
    }

    /// Whether it belongs to お客様情報変更.
    #[must_use]
    pub fn is_of_customer_info(self) -> bool {
        matches!(self, Self::CustomerInfoChange | Self::SecretChange)
    }
}

/// How long the identification at a flow's beginning holds.
pub const FLOW_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long a flow begun in the menu stays: as long as a login lasts, and an hour after it, in
/// which a new login takes it over.
pub const MENU_FLOW_LIFETIME: TimeDelta = TimeDelta::hours(9);
/// How long after the end of its login by the clock a flow waits for the next one.
pub const FLOW_WAITS_FOR: TimeDelta = TimeDelta::hours(1);

/// A row of `flows`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::flows)]
pub struct Flow {
    /// Unguessable id, part of the address.
    pub id: String,
    /// The portal's slug.
    pub portal: String,
    /// Whose it is.
    pub user_id: UserId,
    /// The login that carries it: of stage `token_flow`, or `complete` for flows of the menu.
    pub login_id: String,
    /// What it leads to.
    pub operation: FlowOperation,
    /// Which step is due.
    pub step: FlowStep,
    /// What was typed so far, as JSON; secrets only as hashes.
    pub draft: String,
    /// The user's token when the flow began or was proven.
    pub token_id: Option<TokenId>,
    /// When the old token was proven.
    pub proven_at: Option<NaiveDateTime>,
    /// Wrong serials and codes so far.
    pub failures: i32,
    /// The receipt, once done.
    pub receipt_id: Option<ReceiptId>,
    /// Begin.
    pub created_at: NaiveDateTime,
    /// End of the identification.
    pub expires_at: NaiveDateTime,
}

impl Flow {
    /// Whether input may still be given.
    pub fn is_open_at(&self, now: UtcTime) -> bool {
        now < self.expires_at && !matches!(self.step, FlowStep::Done | FlowStep::Ended)
    }

    /// Whether the proof of the old token, which holds for `lifetime`, still counts (BOM113).
    pub fn is_proof_fresh_at(&self, now: UtcTime, lifetime: TimeDelta) -> bool {
        self.proven_at.is_some_and(|at| now < at + lifetime)
    }
}
