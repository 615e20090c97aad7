//! Mails about what stops a thief: revocation, emergency stop, hold; and the part of each notice
//! that says how to stop everything.

use super::{Common, Mail};

/// The way to stop everything without a telephone.
#[derive(Clone, Debug)]
pub struct StopWay {
    /// The address of 緊急停止; none where it is not known.
    pub url: Option<String>,
    /// The code, in two groups.
    pub code: String,
    /// Until when it is valid, in Japan time.
    pub valid_until: String,
}

/// What stands below a notice's signature.
#[derive(Clone, Debug, askama::Template)]
#[template(path = "mail/stop_part.txt", whitespace = "preserve")]
pub struct StopPart {
    /// The number for lost tokens and theft.
    pub telephone: String,
    /// When it answers.
    pub hours: String,
    /// 緊急停止, where the portal has it.
    pub way: Option<StopWay>,
}

impl StopPart {
    /// The part as text. Rendering writes into a string, so an error cannot come up.
    pub fn text(&self) -> String {
        askama::Template::render(self).unwrap_or_default()
    }
}

/// A token was revoked by staff.
#[derive(askama::Template)]
#[template(path = "mail/token_revoked.txt", whitespace = "preserve")]
pub struct TokenRevoked {
    /// What every mail carries.
    pub common: Common,
    /// The last four characters of the serial number.
    pub serial_last4: String,
    /// From when another token can be registered, in Japan time.
    pub registrable_from: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for TokenRevoked {
    fn subject(&self) -> String {
        self.common.subject("トークン失効のお知らせ")
    }
}

/// Everything was stopped with a stop code.
#[derive(askama::Template)]
#[template(path = "mail/emergency_stopped.txt", whitespace = "preserve")]
pub struct EmergencyStopped {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for EmergencyStopped {
    fn subject(&self) -> String {
        self.common.subject("緊急停止のお知らせ")
    }
}

/// Staff lifted the emergency stop.
#[derive(askama::Template)]
#[template(path = "mail/stop_lifted.txt", whitespace = "preserve")]
pub struct StopLifted {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for StopLifted {
    fn subject(&self) -> String {
        self.common.subject("緊急停止の解除のお知らせ")
    }
}

/// Staff gave the hold a later end.
#[derive(askama::Template)]
#[template(path = "mail/hold_lengthened.txt", whitespace = "preserve")]
pub struct HoldLengthened {
    /// What every mail carries.
    pub common: Common,
    /// The end, in Japan time.
    pub held_until: String,
    /// What other payees may get a day, as `100,000円`.
    pub daily_limit: String,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for HoldLengthened {
    fn subject(&self) -> String {
        self.common.subject("お振込の制限のお知らせ")
    }
}

/// Staff lifted the hold.
#[derive(askama::Template)]
#[template(path = "mail/hold_lifted.txt", whitespace = "preserve")]
pub struct HoldLifted {
    /// What every mail carries.
    pub common: Common,
    /// 受付番号.
    pub receipt_number: String,
}

impl Mail for HoldLifted {
    fn subject(&self) -> String {
        self.common.subject("お振込の制限の解除のお知らせ")
    }
}
