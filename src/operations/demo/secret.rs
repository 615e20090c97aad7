//! What the demo's tokens and cards are made of: everybody can work it out, so nobody can mistake
//! it for a secret.

use sha2::{Digest, Sha256};

use crate::domain::picture_card::{CELLS, PICTURES, draw_challenge};
use crate::primitives::secret::Secret;

const SECRET_BYTES: usize = 20;

/// The secret of a demo token: the first 20 bytes of SHA-256 of `madoguchi demo ` and its serial,
/// so that `oathtool` can make its codes.
pub fn demo_secret(serial: &str) -> Secret {
    let digest: [u8; 32] = Sha256::digest(format!("madoguchi demo {serial}")).into();
    Secret::new(digest.iter().copied().take(SECRET_BYTES).collect())
}

/// The 20 pictures of a demo card, row by row, by the same rule with `card ` and the login id.
pub fn demo_cells(login_id: &str) -> Vec<&'static str> {
    let bytes = demo_secret(&format!("card {login_id}"));
    let picture = |byte: &u8| PICTURES.get(usize::from(*byte) % PICTURES.len());
    bytes.expose().iter().filter_map(picture).map(|(name, _)| *name).take(CELLS).collect()
}

/// The first challenge of a demo card, such as `B1,E3,A2`.
pub fn demo_challenge(login_id: &str) -> String {
    let bytes = demo_secret(&format!("challenge {login_id}"));
    let mut bytes = bytes.expose().iter();
    let drawn: Result<String, std::convert::Infallible> =
        draw_challenge(|below| Ok(u32::from(bytes.next().copied().unwrap_or(0)) % below.max(1)));
    drawn.unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_follow_the_rule() {
        // printf 'madoguchi demo 2V0716016FK1' | sha256sum
        let hex: String =
            demo_secret("2V0716016FK1").expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cb29be7bebba25087b473000d224b91fac42dea0");
        assert_eq!(demo_cells("1000000001").len(), CELLS);
        assert_eq!(demo_challenge("1000000001").split(',').count(), 3);
    }
}
