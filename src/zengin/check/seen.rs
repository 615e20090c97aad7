//! What was seen before in a file: which of a million keys, in bounded memory.
//!
//! Up to [`SMALL_MAX`] keys are in a map that grows. Beyond, one table of 16 MiB takes up to
//! [`KEYS_MAX`] of them: a slot has 44 bits of a key's hash and the 20 bits of its record's number,
//! and stands at or behind the place that the hash's other bits say, so that two keys are taken for
//! one about once in 10^13 pairs. Hashes are keyed at random ([`keyed`]): nobody can make keys that
//! meet.
//!
//! [`keyed`]: crate::zengin::check::keyed

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// Keys that the growing map holds.
const SMALL_MAX: usize = 1 << 15;
/// Records up to this number are kept.
const KEYS_MAX: u64 = 1_000_000;
/// Slots of the table.
const SLOTS: usize = 1 << 21;
/// Bits of a slot that are the record's number.
const NUMBER_BITS: u32 = 20;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

#[derive(Debug, Default)]
pub(super) struct Seen {
    small: HashMap<u64, u64, AsItIs>,
    /// Empty while the map is enough; an empty slot is 0.
    table: Vec<u64>,
}

impl Seen {
    /// What stands in the place of the table that a key's hash says: memory has brought it then.
    #[inline]
    pub(super) fn peek(&self, hash: u64) -> u64 {
        self.table.get(place_of(hash)).copied().unwrap_or_default()
    }

    /// Keeps a key by its hash for the record `no`; the record that had it before, if one had.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, no: u64) -> Option<u64> {
        if self.table.is_empty() {
            self.insert_small(hash, no)
        } else {
            insert(&mut self.table, hash, no)
        }
    }

    fn insert_small(&mut self, hash: u64, no: u64) -> Option<u64> {
        if let Some(before) = self.small.get(&hash) {
            return Some(*before);
        }
        if self.small.len() < SMALL_MAX {
            self.small.insert(hash, no);
            return None;
        }
        self.table = vec![0; SLOTS];
        for (hash, no) in std::mem::take(&mut self.small) {
            insert(&mut self.table, hash, no);
        }
        insert(&mut self.table, hash, no)
    }
}

/// For keys that are hashes already.
#[derive(Debug, Clone, Copy, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl BuildHasher for AsItIs {
    type Hasher = AsItIs;

    fn build_hasher(&self) -> AsItIs {
        AsItIs(0)
    }
}

/// Where a key of this hash stands if it is the first to come there.
#[inline]
fn place_of(hash: u64) -> usize {
    usize::try_from(hash % (1 << 21)).unwrap_or_default()
}

#[inline]
fn insert(table: &mut [u64], hash: u64, no: u64) -> Option<u64> {
    let mut place = place_of(hash);
    for _ in 0..SLOTS {
        let slot = table.get_mut(place)?;
        if *slot == 0 {
            if no <= KEYS_MAX {
                *slot = hash & !NUMBER_MASK | no;
            }
            return None;
        }
        if *slot >> NUMBER_BITS == hash >> NUMBER_BITS {
            return Some(*slot & NUMBER_MASK);
        }
        place = (place + 1) % SLOTS;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::check::keyed::Keyed;

    #[test]
    fn a_key_is_found_again_whatever_the_number_of_others() {
        let keyed = Keyed::new();
        let mut seen = Seen::default();
        let mut insert = |key, no| {
            let hash = keyed.hash([key]);
            let found = seen.insert(hash, no);
            assert!(seen.table.is_empty() || seen.peek(hash) != 0 || no > KEYS_MAX);
            found
        };
        let count = u64::try_from(SMALL_MAX).unwrap() + 10_000;
        for no in 1..=count {
            assert_eq!(insert(no, no), None);
        }
        for no in 1..=count {
            assert_eq!(insert(no, no + count), Some(no));
        }
        assert_eq!(insert(u64::MAX, KEYS_MAX + 1), None, "no longer kept");
        assert_eq!(insert(u64::MAX, KEYS_MAX + 2), None);
        assert_eq!(insert(u64::MAX - 1, KEYS_MAX), None);
        assert_eq!(insert(u64::MAX - 1, KEYS_MAX), Some(KEYS_MAX));
        assert!(KEYS_MAX <= NUMBER_MASK && seen.table.len() == SLOTS);
    }
}
