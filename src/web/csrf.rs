//! Tokens against forged requests.
//!
//! Before login: a signed double-submit cookie, so that a GET of the login page writes no row and
//! two tabs work. After login: a token under the login's own secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::primitives::ids::random_id;
use crate::primitives::keys::{KeyRing, hmac_sha256};

const LABEL: &str = "madoguchi form cookie";

/// The key under which form cookies are signed, derived once for all requests.
pub struct FormKey(Zeroizing<[u8; 32]>);

impl FormKey {
    /// Derives it.
    pub fn new(keys: &KeyRing) -> FormKey {
        FormKey(keys.derive(LABEL))
    }
}

/// The double-submit pair of a visitor who has not logged in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The cookie's value.
    pub cookie: String,
    /// The form's hidden field.
    pub token: String,
    /// Whether the cookie has to be set.
    pub is_new: bool,
}

/// The visitor of a cookie, or a new one where there is none or it was made elsewhere.
///
/// # Errors
/// No randomness.
pub fn visitor(
    key: &FormKey,
    slug: &str,
    cookie: Option<&str>,
) -> Result<Visitor, getrandom::Error> {
    let known = cookie.filter(|value| {
        value.split_once('.').is_some_and(|(nonce, mac)| {
            bool::from(sign(key, slug, "cookie", nonce).as_bytes().ct_eq(mac.as_bytes()))
        })
    });
    let (cookie, is_new) = match known {
        Some(value) => (value.to_owned(), false),
        None => {
            let nonce = random_id()?;
            let mac = sign(key, slug, "cookie", &nonce);
            ([nonce, mac].join("."), true)
        }
    };
    let nonce = cookie.split_once('.').map_or("", |(nonce, _)| nonce);
    let token = sign(key, slug, "form", nonce);
    Ok(Visitor { cookie, token, is_new })
}

/// The form token of a login.
pub fn login_token(csrf_secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac_sha256(csrf_secret.as_bytes(), &[b"form"]))
}

/// Compares in constant time.
pub fn is_same(expected: &str, given: &str) -> bool {
    bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

fn sign(key: &FormKey, slug: &str, purpose: &str, nonce: &str) -> String {
    let parts: [&[u8]; 5] = [slug.as_bytes(), b"|", purpose.as_bytes(), b"|", nonce.as_bytes()];
    URL_SAFE_NO_PAD.encode(hmac_sha256(key.0.as_slice(), &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_cookie_is_taken() {
        let keys = KeyRing::parse(&format!(
            "a:{}",
            base64::engine::general_purpose::STANDARD.encode([1; 32])
        ))
        .unwrap();
        let keys = FormKey::new(&keys);
        let first = visitor(&keys, "p", None).unwrap();
        let again = visitor(&keys, "p", Some(&first.cookie)).unwrap();
        assert!(first.is_new && !again.is_new);
        assert_eq!(first.token, again.token);
        for forged in ["x.y", "nothing", &format!("{}x", first.cookie)] {
            assert!(visitor(&keys, "p", Some(forged)).unwrap().is_new, "{forged}");
        }
        assert!(visitor(&keys, "other", Some(&first.cookie)).unwrap().is_new);
    }
}
