//! Records without line ends. Where a record is too short or too long, the next ones are found
//! again by what their bytes are.

use crate::zengin::check::framing::{
    Cut, Framer, GOOD, NEAR, NEED, Piece, is_tail, line_end, misfits,
};
use crate::zengin::check::plan::Plan;

impl Framer {
    pub(super) fn cut_plain<'a>(
        &mut self,
        window: &'a [u8],
        is_last: bool,
        plan: Option<&Plan>,
    ) -> Option<Cut<'a>> {
        let length = self.length;
        if let Some(plan) = plan
            && let Some((record, rest)) = window.split_at_checked(length)
            && let Some((next, _)) = rest.split_at_checked(length)
            && (self.is_next_clean || plan.is_clean(record))
        {
            self.is_next_clean = plan.is_clean(next);
            if self.is_next_clean {
                return Some(Cut::new(Piece::Clean(record), None, length));
            }
        }
        if window.is_empty() || window.len() < NEED && !is_last {
            return None;
        }
        if let Some(tail) = self.tail(window, is_last) {
            return Some(tail);
        }
        self.is_next_clean = false;
        Some(cut_slowly(window, length, is_last, plan))
    }
}

fn cut_slowly<'a>(window: &'a [u8], length: usize, is_last: bool, plan: Option<&Plan>) -> Cut<'a> {
    let Some((record, next)) = window.split_at_checked(length) else {
        return Cut::wrong(window, None, window.len());
    };
    let whole = Cut::new(Piece::Record(record), None, length);
    if next.is_empty() || is_last && is_tail(next) {
        return whole;
    }
    if let Some((end, end_length)) = line_end(next) {
        return Cut::new(Piece::Record(record), Some(end), length + end_length);
    }
    if is_good_start(next, length, plan) {
        return whole;
    }
    // The next record is damaged but in its place if the one behind it is.
    let third = next.get(length..).filter(|third| !third.is_empty());
    if third.is_some_and(|third| is_good_start(third, length, plan) || is_tail(third)) {
        return whole;
    }
    // The last record is longer than it should be.
    let is_clean = plan.is_some_and(|plan| plan.is_clean(record));
    if is_last && next.len() <= NEAR && !is_clean {
        return Cut::wrong(window, None, window.len());
    }
    let is_start = |n: usize| {
        let rest = window.get(n..).unwrap_or_default();
        rest.len() >= length && is_good_start(rest, length, plan)
    };
    let near = (1..=NEAR).flat_map(|by| [length - by, length + by]).find(|n| is_start(*n));
    if let Some(bytes) = near.and_then(|n| window.get(..n)) {
        // A character too many between two records belongs to the second, unless the first shows
        // that it is shifted.
        let is_shifted = plan.is_none_or(|plan| plan.is_rather_shifted(record, bytes));
        return if is_shifted { Cut::wrong(bytes, None, bytes.len()) } else { whole };
    }
    // Where this record is good and the next one is not, that one is of a wrong length.
    if is_good_start(record, length, plan) {
        return whole;
    }
    let far = (NEAR + 1..length).flat_map(|by| [length - by, length + by]).find(|n| is_start(*n));
    match far.and_then(|n| window.get(..n)) {
        Some(bytes) => Cut::wrong(bytes, None, bytes.len()),
        None => whole,
    }
}

/// Whether a record may begin here; of what is too short for one, whether its beginning may.
fn is_good_start(bytes: &[u8], length: usize, plan: Option<&Plan>) -> bool {
    misfits(bytes.get(..length).unwrap_or(bytes), plan) <= GOOD
}
