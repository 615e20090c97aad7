//! Which lines a span has, and the search in their texts.

use unicode_normalization::UnicodeNormalization;

use crate::db::queries::statements::{self, Lines, SEARCH_TEXTS};
use crate::db::{DbConn, DbError};
use crate::domain::statement::{Movement, StatementReach, StatementSpan};
use crate::operations::Ctx;
use crate::primitives::clock::jst_day;
use crate::primitives::ids::AccountId;
use crate::zengin::text::{TextClass, fold};

/// How many lines one search looks at; the next one goes on from there.
pub const SEARCHED_MAX: i64 = 2_000;

/// The lines of a span; none where there is no movement in it.
///
/// Permission: the caller's; whoever may see the account's statement.
///
/// # Errors
/// Whatever the database says.
pub fn lines_of(
    conn: &mut DbConn,
    ctx: &Ctx,
    account_id: AccountId,
    span: StatementSpan,
) -> Result<Option<Lines>, DbError> {
    match span {
        StatementSpan::Days(from, to) => statements::find_lines(conn, account_id, (from, Some(to))),
        StatementSpan::Latest(count) => {
            let from = reach_of(ctx).earliest();
            let lines = statements::find_lines(conn, account_id, (from, None))?;
            Ok(lines.map(|(first, last)| (first.max(last - count + 1), last)))
        }
    }
}

/// How far back statements of the portal go now.
#[must_use]
pub fn reach_of(ctx: &Ctx) -> StatementReach {
    let months = ctx.profile.transfers.history_months;
    StatementReach { today: jst_day(ctx.now), months }
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The movements, newest first.
    pub movements: Vec<Movement>,
    /// Before which line the next search goes on, where lines are left.
    pub next_before: Option<i64>,
    /// How many lines were looked at.
    pub searched: i64,
}

/// The newest of `lines` that have `text` in their 摘要, `limit` of them at most; looks at
/// [`SEARCHED_MAX`] lines and no more.
///
/// Permission: as [`lines_of`].
///
/// # Errors
/// Whatever the database says.
pub fn search(
    conn: &mut DbConn,
    account_id: AccountId,
    (first, last): Lines,
    text: &str,
    limit: i64,
) -> Result<Found, DbError> {
    let from = first.max(last - SEARCHED_MAX + 1);
    let texts = spellings(text);
    let mut movements =
        statements::search(conn, account_id, (from, last), texts, limit.saturating_add(1))?;
    let has_more = i64::try_from(movements.len()).is_ok_and(|found| found > limit);
    movements.truncate(usize::try_from(limit).unwrap_or(0));
    let oldest = movements.last().map(|movement| movement.line_no).filter(|_| has_more);
    let searched = last - oldest.unwrap_or(from) + 1;
    let next_before = oldest.or_else(|| (from > first).then_some(from));
    Ok(Found { movements, next_before, searched })
}

/// How a text may be written in 摘要: as typed, with half-width large kana as the banks' formats
/// have them, and in full-width katakana.
fn spellings(text: &str) -> [String; SEARCH_TEXTS] {
    let katakana = |c: char| match u32::from(c) {
        code @ 0x3041..=0x3096 => char::from_u32(code + 0x60).unwrap_or(c),
        _ => c,
    };
    let full: String = text.nfkc().map(katakana).collect();
    let half = |c: char| {
        let folded = fold(c.encode_utf8(&mut [0; 4]), TextClass::Union);
        if folded.replaced == 0 { folded.text } else { c.to_string() }
    };
    [text.to_owned(), full.chars().map(half).collect(), full]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_is_spelt() {
        for (typed, half) in [
            ("でんき", "ﾃﾞﾝｷ"),
            ("デンキ", "ﾃﾞﾝｷ"),
            ("ﾃﾞﾝｷ", "ﾃﾞﾝｷ"),
            ("口座振替　でんき", "口座振替 ﾃﾞﾝｷ"),
            ("きゅうよ", "ｷﾕｳﾖ"),
            ("ａｔｍ", "ATM"),
            ("100%", "100%"),
        ] {
            assert_eq!(spellings(typed)[1], half, "{typed}");
        }
        assert_eq!(spellings("とーくん")[2], "トークン");
    }
}
