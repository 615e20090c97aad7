//! Bytes that are wiped after use and never printed.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes: wiped on drop, shown by no formatter.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Secret {
        Secret(Zeroizing::new(bytes))
    }

    /// Lends the bytes. Call it as late as possible and keep no copy.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatter_shows_the_bytes() {
        assert_eq!(format!("{:?}", Secret::new(vec![1, 2, 3])), "Secret(..)");
    }
}
