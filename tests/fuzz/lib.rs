//! What the fuzz targets share: the modules of the portal that read what comes from outside.

// A folder as the path, so that the modules below find theirs.
#[path = "../../src"]
mod portal {
    pub mod zengin;
}
#[path = "../../src/primitives"]
mod primitives {
    pub mod party_name;
}

pub use portal::zengin;
pub use primitives::party_name;

/// Cuts bytes into pieces of the lengths that `lengths` says, over and over, from 1 to 256.
pub fn pieces<'a>(bytes: &'a [u8], lengths: &[u8], mut take: impl FnMut(&'a [u8])) {
    let mut rest = bytes;
    let mut lengths = lengths.iter().map(|length| usize::from(*length) + 1).cycle();
    while !rest.is_empty() {
        let length = lengths.next().unwrap_or(usize::MAX).min(rest.len());
        let (piece, other) = rest.split_at(length);
        take(piece);
        rest = other;
    }
}
