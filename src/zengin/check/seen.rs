//! What was seen before in a file: which of a million keys, in bounded memory.
//!
//! Up to [`SMALL_MAX`] keys are in a map that grows. Beyond, one table of 16 MiB takes up to
//! [`KEYS_MAX`] of them: a slot has 44 bits of a key's hash and the 20 bits of its record's number,
//! and stands at or behind the place that the hash's other bits say, so that two keys are taken for
//! one about once in 10^13 pairs. Hashes are keyed at random: nobody can make keys that meet.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use crate::zengin::check::keyed::Keyed;

/// Keys that the growing map holds.
const SMALL_MAX: usize = 1 << 15;
/// Records up to this number are kept.
const KEYS_MAX: u64 = 1_000_000;
/// Slots of the table.
const SLOTS: usize = 1 << 21;
/// Bits of a slot that are the record's number.
const NUMBER_BITS: u32 = 20;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

#[derive(Debug)]
pub(super) struct Seen {
    keyed: Keyed,
    small: HashMap<u64, u64, AsItIs>,
    /// Empty while the map is enough; an empty slot is 0.
    table: Vec<u64>,
}

impl Seen {
    pub(super) fn new() -> Seen {
        Seen { keyed: Keyed::new(), small: HashMap::default(), table: Vec::new() }
    }

    /// Keeps a key for the record `no`; the record that had it before, if one had.
    pub(super) fn insert(&mut self, key: impl IntoIterator<Item = u64>, no: u64) -> Option<u64> {
        let hash = self.keyed.hash(key);
        if !self.table.is_empty() {
            return insert(&mut self.table, hash, no);
        }
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

fn insert(table: &mut [u64], hash: u64, no: u64) -> Option<u64> {
    let start = usize::try_from(hash % (1 << 21)).unwrap_or_default();
    let (front, back) = table.split_at_mut(start.min(table.len()));
    for slot in back.iter_mut().chain(front) {
        if *slot == 0 {
            if no <= KEYS_MAX {
                *slot = hash & !NUMBER_MASK | no;
            }
            return None;
        }
        if *slot >> NUMBER_BITS == hash >> NUMBER_BITS {
            return Some(*slot & NUMBER_MASK);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_whatever_the_number_of_others() {
        let mut seen = Seen::new();
        let count = u64::try_from(SMALL_MAX).unwrap() + 10_000;
        for no in 1..=count {
            assert_eq!(seen.insert([no], no), None);
        }
        for no in 1..=count {
            assert_eq!(seen.insert([no], no + count), Some(no));
        }
        assert_eq!(seen.insert([u64::MAX], KEYS_MAX + 1), None, "no longer kept");
        assert_eq!(seen.insert([u64::MAX], KEYS_MAX + 2), None);
        assert_eq!(seen.insert([u64::MAX - 1], KEYS_MAX), None);
        assert_eq!(seen.insert([u64::MAX - 1], KEYS_MAX), Some(KEYS_MAX));
        assert!(KEYS_MAX <= NUMBER_MASK && seen.table.len() == SLOTS);
    }
}
