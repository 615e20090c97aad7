//! Notices about tokens, and about what stops a thief.

use super::{Telling, text};
use crate::domain::portal::{Keeper, RegistrationPlace};
use crate::mail::templates::{
    HoldLengthened, TokenExchanged, TokenExpiring, TokenIssued, TokenReleased, TokenResynchronised,
    TokenRevoked, TokenStarted, TokenStopped, TokenSuspended,
};
use crate::operations::Ctx;
use crate::operations::notice::Notice;
use crate::primitives::clock::{jst_minute_text, jst_receipt_text};
use crate::primitives::yen::Yen;

type SubjectAndBody = (String, String);

pub(super) fn issued(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenIssued {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn started(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenStarted {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        start_word: of.ctx.profile.words.start.clone(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn exchanged(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenExchanged {
        common: of.common,
        new_serial_last4: of.notice.serial_last_four.clone(),
        old_serial_last4: of.notice.old_serial_last_four.clone().unwrap_or_default(),
        exchange_word: of.ctx.profile.words.exchange.clone(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn stopped(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenStopped {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        stop_word: of.ctx.profile.words.stop.clone().unwrap_or_default(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn suspended(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenSuspended {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        reason: suspension_reason(of.notice).to_owned(),
        release_way: release_way(of.ctx.profile.tokens.released_by),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn released(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenReleased {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        release_word: of.ctx.profile.words.release.clone(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn resynchronised(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenResynchronised {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn expiring(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenExpiring {
        way: before_expiry(of.ctx),
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        expires_at: of.notice.expires_at.map(jst_receipt_text).unwrap_or_default(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn revoked(of: Telling<'_>) -> SubjectAndBody {
    text(&TokenRevoked {
        common: of.common,
        serial_last4: of.notice.serial_last_four.clone(),
        registrable_from: of.notice.expires_at.map(jst_minute_text).unwrap_or_default(),
        receipt_number: of.receipt_number,
    })
}

pub(super) fn hold_lengthened(of: Telling<'_>) -> SubjectAndBody {
    text(&HoldLengthened {
        common: of.common,
        held_until: of.notice.expires_at.map(jst_minute_text).unwrap_or_default(),
        daily_limit: Yen(of.ctx.profile.hold.daily_yen).to_string(),
        receipt_number: of.receipt_number,
    })
}

/// What to do before a token expires.
fn before_expiry(ctx: &Ctx) -> String {
    let words = &ctx.profile.words;
    if ctx.profile.tokens.registration == RegistrationPlace::MenuAfterLogin {
        let stop = words.stop.as_deref().unwrap_or("利用中止");
        return format!(
            "期限の前に、ログイン後の「{}申請」で{stop}をし、続けて{}発行と{}のお手続きをしてください。",
            words.otp, words.token, words.start
        );
    }
    "新しいトークンのお申し込みについては、下の番号へお電話ください。".to_owned()
}

fn release_way(released_by: Keeper) -> &'static str {
    match released_by {
        Keeper::Staff => "下の番号へお電話ください",
        Keeper::Administrator => "ご契約先の管理者にお申し出ください",
        Keeper::MasterAndAdministrators => {
            "ほかのマスターユーザまたは管理者ユーザにお申し出ください"
        }
    }
}

fn suspension_reason(notice: &Notice) -> &'static str {
    if notice.is_stopped_by_other {
        "同じトークンをお使いの方から緊急停止のお申し出があったため、認証を停止しました。"
    } else {
        "ワンタイムパスワードの入力が続けて誤っていたため、認証を停止しました。"
    }
}
