//! Limits in words: rows and sentences that BLM001 to BLM003 and the top page share.

use crate::domain::limit::{LimitChange, LimitSet, LimitSpan, LimitStanding};
use crate::primitives::clock::jst_minute_text;
use crate::primitives::yen::Yen;
use crate::web::limit::is_offered;
use crate::web::page::Row;
use crate::web::transfer::is_shared;
use crate::web::visit::Visit;

/// The limits of one service.
#[derive(Clone, Debug)]
pub struct ServiceRow {
    /// As `振込・振替`.
    pub label: &'static str,
    /// As `200,000円`.
    pub per_transaction: String,
    /// As `200,000円`.
    pub daily: String,
}

/// One limit that changes.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// As `振込・振替（1日あたり）`.
    pub label: String,
    /// As `200,000円`.
    pub before: String,
    /// As `1,000,000円`.
    pub after: String,
    /// From when, as `2026年11月27日 00:00`.
    pub from: String,
}

/// What holds, service by service.
pub fn service_rows(effective: &LimitSet) -> Vec<ServiceRow> {
    let of = effective.iter();
    of.map(|(service, amounts)| ServiceRow {
        label: service.label(),
        per_transaction: amounts.per_transaction.to_string(),
        daily: amounts.daily.to_string(),
    })
    .collect()
}

/// The daily limits, as the top page shows them.
pub fn daily_rows(standing: &LimitStanding) -> Vec<Row> {
    if let Some(total) = standing.total_daily {
        return vec![Row::new("1日の合計", total.to_string())];
    }
    let of = standing.effective.iter();
    of.map(|(service, amounts)| Row::new(service.label(), format!("1日 {}", amounts.daily)))
        .collect()
}

/// What a waiting rise leads to, in a sentence.
pub fn pending_text(standing: &LimitStanding) -> Option<String> {
    let rise = standing.pending.as_ref()?;
    let at = jst_minute_text(rise.takes_effect_at);
    Some(format!("お申し込みにより、{at} から限度額を引き上げます。"))
}

/// Why a limit over all services holds, in a sentence.
pub fn total_reason(visit: &Visit, standing: &LimitStanding) -> Option<String> {
    standing.total_daily?;
    let words = &visit.profile.words;
    Some(if standing.has_token {
        format!(
            "{}の{}の前と同じ限度額です。引き上げのお申し込みで変わります。",
            words.otp, words.start
        )
    } else if is_shared(&visit.profile) {
        format!("{}をご利用でないあいだの、ご契約の利用者全員の限度額です。", words.otp)
    } else {
        format!("{}をご利用でないあいだの限度額です。", words.otp)
    })
}

/// What the limits do not count, in a sentence.
pub fn uncounted(visit: &Visit) -> String {
    let whose = if visit.profile.is_corporate() { "ご契約" } else { "ご本人" };
    format!("{whose}の口座のあいだの振替には、限度額はありません。")
}

/// What a stop of the token's use does to the limits, in a sentence.
pub fn after_stop(visit: &Visit) -> Option<String> {
    let is_own = is_offered(visit) && !visit.profile.is_corporate();
    let most = visit.profile.limits.without_token_daily_yen.filter(|_| is_own)?;
    Some(format!(
        "お手続きのあと、1日の限度額は、すべてのサービスを合わせて{}までになります。\
         変更待ちの引き上げは取り消されます。",
        Yen(most)
    ))
}

/// What changes.
pub fn change_rows(changes: &[LimitChange]) -> Vec<ChangeRow> {
    let one = |change: &LimitChange| ChangeRow {
        label: format!("{}（{}）", change.service.label(), change.span.label()),
        before: change.before.to_string(),
        after: change.after.to_string(),
        from: match change.from {
            Some(at) => jst_minute_text(at),
            None => "お申し込みと同時".to_owned(),
        },
    };
    changes.iter().map(one).collect()
}

/// What a code does, as `このコードで限度額の変更（振込・振替 1日 1,000,000円）を申し込みます。`
pub fn purpose(changes: &[LimitChange]) -> String {
    let one = |change: &LimitChange| {
        let span = match change.span {
            LimitSpan::PerTransaction => "1回",
            LimitSpan::Daily => "1日",
        };
        format!("{} {span} {}", change.service.label(), change.after)
    };
    let all: Vec<String> = changes.iter().map(one).collect();
    format!("このコードで限度額の変更（{}）を申し込みます。", all.join("、"))
}

/// An amount for a field: `200,000`.
pub fn amount_text(yen: Yen) -> String {
    yen.to_string().trim_end_matches('円').to_owned()
}
