//! Files in words: states, deadlines, proofs, what comes next.

use chrono::TimeDelta;

use crate::domain::bulk_file::{BulkFile, BulkState};
use crate::domain::ledger::Account;
use crate::domain::portal::{Fee, Profile};
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::primitives::yen::{Yen, grouped};
use crate::web::page::{Row, Tone};
use crate::web::transfer::words::{account_text, day_text};

/// The colour of a state.
#[must_use]
pub fn tone(state: BulkState) -> Tone {
    use BulkState as S;
    match state {
        S::Waiting | S::Approved | S::Returned | S::Withdrawn => Tone::Warn,
        S::Sent | S::Accepted | S::Done => Tone::Success,
        S::PartlyFailed | S::Rejected | S::Expired => Tone::Error,
        S::Uploading | S::Draft | S::Deleted => Tone::Info,
    }
}

/// `1,234件`.
#[must_use]
pub fn count_text(count: i64) -> String {
    format!("{}件", grouped(count))
}

/// `2026年11月30日（月）`; a dash while there is none.
#[must_use]
pub fn value_date_text(file: &BulkFile) -> String {
    file.value_date.map_or_else(|| "−".to_owned(), day_text)
}

/// `2026年11月27日 12:00`; a dash while there is none.
#[must_use]
pub fn deadline_text(file: &BulkFile) -> String {
    file.deadline_at.map_or_else(|| "−".to_owned(), jst_minute_text)
}

/// `2日3時間`, `1時間32分`, cut to what matters.
#[must_use]
pub fn left_text(left: TimeDelta) -> String {
    match (left.num_days(), left.num_hours() % 24, left.num_minutes() % 60) {
        (0, 0, 0) => "1分未満".to_owned(),
        (0, 0, minutes) => format!("{minutes}分"),
        (0, hours, minutes) => format!("{hours}時間{minutes}分"),
        (days, hours, _) => format!("{days}日{hours}時間"),
    }
}

/// A deadline that is counted down.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// As `2026年11月27日 12:00`.
    pub time_text: String,
    /// What was left when the page was made, in words.
    pub left_text: String,
    /// The same in seconds.
    pub left_seconds: i64,
}

/// Until when a file can be sent, as long as that is to come.
#[must_use]
pub fn deadline(file: &BulkFile, now: UtcTime) -> Option<Deadline> {
    let is_open = matches!(file.state, BulkState::Waiting | BulkState::Approved);
    let at = file.deadline_at.filter(|at| is_open && *at >= now)?;
    let left = at - now;
    Some(Deadline {
        time_text: jst_minute_text(at),
        left_text: left_text(left),
        left_seconds: left.num_seconds(),
    })
}

/// `3,300円（うち消費税 300円）`.
#[must_use]
pub fn fee_text(fee: Fee) -> String {
    crate::web::transfer::words::fee_text(fee)
}

/// What the account is for a file: money goes out of it, or comes in.
#[must_use]
pub fn account_label(file: &BulkFile) -> &'static str {
    if file.kind.is_outgoing() { "出金口座" } else { "入金口座" }
}

/// What the day of a file is called.
#[must_use]
pub fn date_label(file: &BulkFile) -> &'static str {
    if file.kind.is_outgoing() { "振込指定日" } else { "引落日" }
}

/// `1人承認済み（2人中）`; nothing before anything was handed in.
#[must_use]
pub fn approvals_text(given: i32, needed: i32) -> String {
    match needed {
        0 => "−".to_owned(),
        needed => format!("{needed}人中 {given}人"),
    }
}

/// The file itself: what it is, for when, how much.
#[must_use]
pub fn file_rows(file: &BulkFile, account: Option<&Account>) -> Vec<Row> {
    let account = account.map_or_else(|| "−".to_owned(), account_text);
    vec![
        Row::new("データ名", file.name.clone()),
        Row::new("種類", format!("{}（種別コード {}）", file.kind.label(), file.business_type)),
        Row::new(account_label(file), account),
        Row::new(date_label(file), value_date_text(file)),
        Row::new("件数", count_text(file.item_count)),
        Row::new("合計金額", file.total_yen.to_string()),
    ]
}

/// The proof of an act, by the name of its method.
#[must_use]
pub fn proof_label(profile: &Profile, proof: &str) -> String {
    let (otp, confirm) = (&profile.words.otp, &profile.credentials.confirm.label);
    match proof {
        "otp" => otp.clone(),
        "otp+confirm" => format!("{otp}・{confirm}"),
        "confirm" => confirm.clone(),
        "signed" => "取引確認コード".to_owned(),
        _ => "−".to_owned(),
    }
}

/// What comes next, in a sentence.
#[must_use]
pub fn next_text(file: &BulkFile) -> String {
    use BulkState as S;
    let until = deadline_text(file);
    match file.state {
        S::Uploading | S::Draft => "内容を確かめ、承認を依頼してください。".to_owned(),
        S::Returned | S::Withdrawn => {
            "内容を直して、もう一度承認を依頼するか、削除してください。".to_owned()
        }
        S::Waiting => {
            let left = file.approvals_needed - file.approvals_given;
            format!("あと{left}人の承認が必要です。{until} までに、承認と送信をしてください。")
        }
        S::Approved => format!("{until} までに、送信の権限がある方が送信してください。"),
        S::Sent => "当方で受け付けの確認をしています。".to_owned(),
        S::Accepted => format!(
            "受け付けました。{}に処理します。まだご入金・お引落しはしていません。",
            value_date_text(file)
        ),
        S::Done => "すべての処理が終わりました。".to_owned(),
        S::PartlyFailed => "処理できなかった明細があります。結果をご確認ください。".to_owned(),
        S::Rejected => {
            "受け付けできませんでした。画面下のお問い合わせ先へお電話ください。".to_owned()
        }
        S::Expired => {
            "締切までに送信されませんでした。新しい指定日で作り直してください。".to_owned()
        }
        S::Deleted => "削除されました。".to_owned(),
    }
}

/// `1,000円` of a record.
#[must_use]
pub fn amount_text(amount: u64) -> String {
    i64::try_from(amount).map_or_else(|_| amount.to_string(), |amount| Yen(amount).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_in_words() {
        for (seconds, text) in [
            (30, "1分未満"),
            (60, "1分"),
            (5_520, "1時間32分"),
            (3_600, "1時間0分"),
            (183_600, "2日3時間"),
        ] {
            assert_eq!(left_text(TimeDelta::seconds(seconds)), text);
        }
    }

    #[test]
    fn amounts_and_counts_are_grouped() {
        assert_eq!(count_text(12_345), "12,345件");
        assert_eq!(amount_text(1_000), "1,000円");
        assert_eq!(amount_text(u64::MAX), "18446744073709551615");
        assert_eq!(approvals_text(1, 2), "2人中 1人");
        assert_eq!(approvals_text(0, 0), "−");
    }
}
