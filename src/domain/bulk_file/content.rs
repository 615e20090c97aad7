//! How a file's records lie in its chunks, and the digest that approvals are bound to.
//!
//! A chunk has [`RECORDS_A_CHUNK`] whole records, the last one of a file the rest, so that a record
//! is found by its number: paging reads slices, and a changed record changes one chunk. Where a
//! record was taken away, its chunk has one less, and the file's [`Layout`] says so: nothing behind
//! it moves. The digest is over the chunks' digests, so that a change reads one chunk and not the
//! whole file.

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
    /// Its bytes in the chunk, without the line end.
    #[must_use]
    pub fn slice(self, chunk: &[u8], stride: usize, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(self.record).ok()?.checked_mul(stride)?;
        chunk.get(from..from.checked_add(length)?)
    }
}

/// How many records the chunks of a file have: all but the last [`RECORDS_A_CHUNK`], less those
/// that were taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Chunk and how many it has less, in the order of chunks.
    gaps: Vec<(u64, u64)>,
}

impl Layout {
    /// Reads what [`Layout::text`] writes; what is nothing of the kind says nothing.
    #[must_use]
    pub fn parse(text: &str) -> Layout {
        let gap = |part: &str| {
            let (chunk, less) = part.split_once(':')?;
            Some((chunk.parse().ok()?, less.parse().ok()?))
        };
        Layout { gaps: text.split_ascii_whitespace().filter_map(gap).collect() }
    }

    /// As `3:1 17:2`; empty where nothing was taken away.
    #[must_use]
    pub fn text(&self) -> String {
        let gaps = self.gaps.iter().map(|(chunk, less)| format!("{chunk}:{less}"));
        gaps.collect::<Vec<_>>().join(" ")
    }

    /// The place of record `no` of the file, from 1; the header is 1.
    #[must_use]
    pub fn place(&self, no: u64) -> Place {
        // Counted as if nothing had been taken away: each gap before it moves it on.
        let mut at = no.saturating_sub(1);
        for (chunk, less) in &self.gaps {
            let end = (chunk + 1).saturating_mul(RECORDS_A_CHUNK).saturating_sub(*less);
            if at < end {
                break;
            }
            at = at.saturating_add(*less);
        }
        Place { chunk: at / RECORDS_A_CHUNK, record: at % RECORDS_A_CHUNK }
    }

    /// The number of a chunk's first record; where it has none, that of the next one.
    #[must_use]
    pub fn first_in(&self, chunk: u64) -> u64 {
        let before = self.gaps.iter().filter(|(of, _)| *of < chunk);
        let less: u64 = before.map(|(_, less)| less).sum();
        chunk.saturating_mul(RECORDS_A_CHUNK).saturating_add(1).saturating_sub(less)
    }

    /// The number of a chunk's last record, if it is not the file's last chunk.
    #[must_use]
    pub fn last_in(&self, chunk: u64) -> u64 {
        self.first_in(chunk.saturating_add(1)).saturating_sub(1)
    }

    /// One record of the chunk is taken away.
    pub fn take_from(&mut self, chunk: u64) {
        match self.gaps.binary_search_by_key(&chunk, |(of, _)| *of) {
            Ok(at) => {
                if let Some((_, less)) = self.gaps.get_mut(at) {
                    *less += 1;
                }
            }
            Err(at) => self.gaps.insert(at, (chunk, 1)),
        }
    }

    /// The chunks from this one on are written anew, full.
    pub fn fill_from(&mut self, chunk: u64) {
        self.gaps.retain(|(of, _)| *of < chunk);
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
        let of = |no| Layout::default().place(no);
        assert_eq!(of(1), Place { chunk: 0, record: 0 });
        assert_eq!(of(2_000), Place { chunk: 0, record: 1_999 });
        assert_eq!(of(2_001), Place { chunk: 1, record: 0 });
        let chunk: Vec<u8> = (0..122 * 3).map(|at| u8::try_from(at / 122).unwrap()).collect();
        assert_eq!(of(2).slice(&chunk, 122, 120), Some([1; 120].as_slice()));
        assert_eq!(of(3).slice(&chunk, 122, 120), Some([2; 120].as_slice()));
        assert_eq!(of(4).slice(&chunk, 122, 120), None);
    }

    #[test]
    fn what_was_taken_away_moves_the_numbers_behind_it() {
        let mut layout = Layout::default();
        // Beside it, the records that each chunk still has.
        let mut chunks: Vec<Vec<u64>> =
            (0..4).map(|chunk| (chunk * 2_000..(chunk + 1) * 2_000).collect()).collect();
        let some = [5, 2_000, 2_000, 7_000, 1, 3_998, 1_996, 6_000];
        // And then one of the chunks whole.
        for no in some.into_iter().chain(std::iter::repeat_n(2_100, 1_990)) {
            let place = layout.place(no);
            let chunk = usize::try_from(place.chunk).unwrap();
            chunks[chunk].remove(usize::try_from(place.record).unwrap());
            layout.take_from(place.chunk);
            assert_eq!(Layout::parse(&layout.text()), layout);
        }
        let mut no = 1;
        for (at, chunk) in (0..).zip(&chunks) {
            assert_eq!(layout.first_in(at), no);
            for record in 0..u64::try_from(chunk.len()).unwrap() {
                assert_eq!(layout.place(no), Place { chunk: at, record }, "{no}");
                no += 1;
            }
            assert_eq!(layout.last_in(at), no - 1);
        }
        layout.fill_from(1);
        assert_eq!(layout.text(), format!("0:{}", 2_000 - chunks[0].len()));
        assert_eq!(Layout::parse("x 1: :2 7"), Layout::default());
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
