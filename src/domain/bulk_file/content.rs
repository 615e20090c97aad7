//! How a file's records lie in its chunks, and the digest that approvals are bound to.
//!
//! A chunk has [`RECORDS_A_CHUNK`] whole records, the last one of a file the rest, so that a record
//! is found by its number: paging reads slices, and a changed record changes one chunk. The digest
//! is over the chunks' digests, so that a change reads one chunk and not the whole file.

use sha2::{Digest, Sha256};

use crate::domain::audit::hex;

/// Records in each chunk but the last: 240 to 244 kB.
pub const RECORDS_A_CHUNK: u64 = 2_000;

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which chunk, from 0.
    pub chunk: u64,
    /// Which record of that chunk, from 0.
    pub record: u64,
}

impl Place {
    /// The place of record `no` of a file, from 1; the header is 1.
    #[must_use]
    pub fn of(no: u64) -> Place {
        let before = no.saturating_sub(1);
        Place { chunk: before / RECORDS_A_CHUNK, record: before % RECORDS_A_CHUNK }
    }

    /// Its bytes in the chunk, without the line end.
    #[must_use]
    pub fn slice(self, chunk: &[u8], stride: usize, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(self.record).ok()?.checked_mul(stride)?;
        chunk.get(from..from.checked_add(length)?)
    }
}

/// SHA-256 in hex of a chunk's bytes.
#[must_use]
pub fn chunk_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 in hex over the digests of a file's chunks, in their order.
#[must_use]
pub fn content_digest<'a>(chunks: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for chunk in chunks {
        digest.update(chunk.as_bytes());
    }
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_by_its_number() {
        assert_eq!(Place::of(1), Place { chunk: 0, record: 0 });
        assert_eq!(Place::of(2_000), Place { chunk: 0, record: 1_999 });
        assert_eq!(Place::of(2_001), Place { chunk: 1, record: 0 });
        let chunk: Vec<u8> = (0..122 * 3).map(|at| u8::try_from(at / 122).unwrap()).collect();
        assert_eq!(Place::of(2).slice(&chunk, 122, 120), Some([1; 120].as_slice()));
        assert_eq!(Place::of(3).slice(&chunk, 122, 120), Some([2; 120].as_slice()));
        assert_eq!(Place::of(4).slice(&chunk, 122, 120), None);
    }

    #[test]
    fn the_digest_changes_with_any_chunk_and_with_their_order() {
        let (one, other) = (chunk_digest(b"1"), chunk_digest(b"2"));
        let of = |chunks: [&str; 2]| content_digest(chunks);
        assert_ne!(of([&one, &other]), of([&other, &one]));
        assert_ne!(of([&one, &other]), of([&one, &one]));
        assert_eq!(of([&one, &other]).len(), 64);
    }
}
