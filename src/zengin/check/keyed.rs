//! Hashes of a few words, keyed at random: nobody can make keys that meet, and a record costs some
//! multiplications.

use std::hash::{BuildHasher, RandomState};

/// Hashes of the same words are the same within one of these only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyed {
    first: u64,
    each: u64,
    last: u64,
}

impl Keyed {
    pub(super) fn new() -> Keyed {
        let random = RandomState::new();
        // A factor with few bits would not spread.
        let odd = |number: u64| random.hash_one(number) | 1;
        Keyed { first: random.hash_one(0u64), each: odd(1), last: odd(2) }
    }

    #[inline]
    pub(super) fn hash<const N: usize>(&self, words: [u64; N]) -> u64 {
        let mut hash = self.first;
        for word in words {
            hash = folded(hash ^ word, self.each);
        }
        folded(hash ^ self.first, self.last)
    }

    #[inline]
    pub(super) fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        let (eights, rest) = bytes.as_chunks::<8>();
        let mut hash = self.first;
        for eight in eights {
            hash = folded(hash ^ u64::from_le_bytes(*eight), self.each);
        }
        hash = folded(hash ^ word(rest), self.each);
        folded(hash ^ self.first, self.last)
    }
}

/// Both halves of the product, one upon the other.
#[inline]
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or_default();
    let high = u64::try_from(product >> 64).unwrap_or_default();
    low ^ high
}

/// Eight bytes as a word; of fewer bytes, zeros follow.
#[inline]
pub(super) fn word(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    let mut word = 0;
    for byte in bytes.iter().rev() {
        word = word << 8 | u64::from(*byte);
    }
    word
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_that_differ_in_a_bit_have_other_hashes() {
        let keyed = Keyed::new();
        let mut hashes = HashSet::new();
        for no in 0..100_000u64 {
            assert!(hashes.insert(keyed.hash([no, 7])), "{no}");
            assert!(hashes.insert(keyed.hash([7, no << 32 | 1 << 63])), "{no}");
        }
        // The low bits, which say where a key stands, are spread as well.
        let places: HashSet<u64> = (0..1u64 << 12).map(|no| keyed.hash([no]) % (1 << 12)).collect();
        assert!((2_300..2_900).contains(&places.len()), "{}", places.len());
        assert_eq!(keyed.hash_bytes(b"1234567812"), keyed.hash([word(b"12345678"), 0x3231]));
        assert_ne!(keyed.hash_bytes(b"12345678"), keyed.hash_bytes(b"123456780"));
        assert_eq!((word(b"12345678"), word(b"12")), (0x3837_3635_3433_3231, 0x3231));
    }
}
