//! What differs from the file that was sent before, as BFT021 shows it.

use crate::operations::bulk_file::review::{Difference, Differences, Since};
use crate::primitives::clock::jst_minute_text;
use crate::web::bulk_desk::rows::ItemRow;
use crate::web::bulk_desk::words;
use crate::web::page::Row;

/// What differs.
#[derive(Debug, Clone)]
pub struct SinceView {
    /// The earlier file.
    pub rows: Vec<Row>,
    /// One group a way in which records differ.
    pub groups: Vec<DifferenceGroup>,
    /// Whether nothing differs.
    pub is_same: bool,
}

/// Records that differ in one way.
#[derive(Debug, Clone)]
pub struct DifferenceGroup {
    /// The element's id.
    pub id: &'static str,
    /// In which way, and how many.
    pub title: String,
    /// What to look at.
    pub hint: &'static str,
    /// The first of them.
    pub rows: Vec<DifferenceRow>,
    /// That there are more.
    pub more: Option<String>,
    /// Whether the earlier amount stands beside the new one.
    pub has_before: bool,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct DifferenceRow {
    /// The record.
    pub item: ItemRow,
    /// The amount in the earlier file.
    pub before: String,
}

/// As the page shows it.
#[must_use]
pub fn view(since: &Since) -> SinceView {
    let file = &since.file;
    let sent = file.sent_at.map_or_else(|| "−".to_owned(), jst_minute_text);
    let rows = vec![
        Row::new("前回のデータ", file.name.clone()),
        Row::new("前回の送信", sent),
        Row::new("前回の件数", words::count_text(file.item_count)),
        Row::new("前回の合計金額", file.total_yen.to_string()),
        Row::new("前回だけにある口座", format!("{}件", since.gone)),
    ];
    let groups: Vec<DifferenceGroup> = [
        group(
            "moved",
            "口座が変わった相手",
            "名義は前回と同じで、口座が違います。本人からの連絡かお確かめください。",
            &since.moved,
            false,
        ),
        group("new", "新しい相手", "前回のデータにない相手です。", &since.new, false),
        group(
            "far-off",
            "金額が大きく違う相手",
            "前回の2倍以上、または半分以下です。",
            &since.far_off,
            true,
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    SinceView { rows, is_same: groups.is_empty(), groups }
}

fn group(
    id: &'static str,
    title: &str,
    hint: &'static str,
    found: &Differences,
    has_before: bool,
) -> Option<DifferenceGroup> {
    let shown = u64::try_from(found.first.len()).unwrap_or(found.count);
    let more = found.count.saturating_sub(shown);
    (found.count > 0).then(|| DifferenceGroup {
        id,
        title: format!("{title} {}件", found.count),
        hint,
        rows: found.first.iter().map(row).collect(),
        more: (more > 0).then(|| format!("ほか{more}件は、明細でお確かめください。")),
        has_before,
    })
}

fn row(difference: &Difference) -> DifferenceRow {
    DifferenceRow {
        item: ItemRow::of(&difference.item),
        before: difference.before.map_or_else(String::new, words::amount_text),
    }
}
