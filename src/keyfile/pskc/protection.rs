//! The keys of a PSKC container, and the opening of its values (RFC 6030, section 6).

use crate::keyfile::KeyFileKey;
use crate::keyfile::crypto::{CbcCipher, HmacHash};
use crate::keyfile::encoding::decode_base64;
use crate::keyfile::error::{KeyFileError, KeyKind};
use crate::keyfile::token_row::shorten;
use crate::keyfile::xml::{Element, Ns};
use crate::primitives::secret::Secret;

/// A few seconds of work for one file. Today up to 1,300,000 rounds are recommended.
const ROUNDS_MAX: u32 = 2_000_000;
const SALT_BYTES_MIN: usize = 8;
const SALT_BYTES_MAX: usize = 1_024;

/// So many correct padding bytes don't come from a wrong key (1 in 2^64).
const PROVING_PADDING_BYTES: usize = 8;

/// The content of a `Secret`, `Counter`, `Time`, `TimeInterval` or `TimeDrift`.
pub(super) enum Value<'a> {
    Absent,
    /// The text of `PlainValue`.
    Plain(&'a str),
    /// The bytes of `EncryptedValue`, after its MAC was found right.
    Decrypted(Secret),
}

struct MacMethod {
    hash: HmacHash,
    key: Option<Secret>,
    /// The MAC key came out of its decryption in a way that shows that the file's key is right.
    proves_file_key: bool,
}

/// What the container says about its protection, and the key that was given for it.
pub(super) struct Protection<'k> {
    given: &'k KeyFileKey,
    is_container_encrypted: bool,
    derived_key: Option<Secret>,
    mac_method: Option<MacMethod>,
    was_key_used: bool,
    was_any_mac_right: bool,
}

struct Ciphertext {
    cipher: CbcCipher,
    bytes: Secret,
}

impl<'k> Protection<'k> {
    pub(super) fn new(given: &'k KeyFileKey) -> Protection<'k> {
        Protection {
            given,
            is_container_encrypted: false,
            derived_key: None,
            mac_method: None,
            was_key_used: false,
            was_any_mac_right: false,
        }
    }

    pub(super) fn is_container_encrypted(&self) -> bool {
        self.is_container_encrypted
    }

    /// Reads `EncryptionKey`: a derived key, or else the name of a pre-shared one.
    pub(super) fn read_encryption_key(&mut self, element: &Element) -> Result<(), KeyFileError> {
        if self.is_container_encrypted {
            return Err(malformed("EncryptionKey"));
        }
        self.is_container_encrypted = true;
        if let Some(derived) = element.child(Ns::Xenc11, "DerivedKey") {
            let derivation = Derivation::read(derived)?;
            let password = self.password(derived)?;
            self.derived_key = Some(derivation.derive(password));
            return Ok(());
        }
        let other = element.children.iter().find(|child| !child.is(Ns::Ds, "KeyName"));
        if let Some(other) = other {
            return Err(KeyFileError::NotSupported { what: shorten(&other.name) });
        }
        match self.given {
            KeyFileKey::None => {
                let name = element.child(Ns::Ds, "KeyName").map(|name| shorten(name.text()));
                Err(KeyFileError::KeyNeeded { kind: KeyKind::PreSharedKey, name })
            }
            KeyFileKey::PreSharedKey(_) => Ok(()),
            KeyFileKey::Password(_) => {
                Err(KeyFileError::OtherKeyKind { kind: KeyKind::PreSharedKey })
            }
        }
    }

    fn password(&self, derived: &Element) -> Result<&'k Secret, KeyFileError> {
        match self.given {
            KeyFileKey::None => {
                let name = derived.child(Ns::Xenc11, "MasterKeyName");
                let name = name.map(|name| shorten(name.text()));
                Err(KeyFileError::KeyNeeded { kind: KeyKind::Password, name })
            }
            KeyFileKey::PreSharedKey(_) => {
                Err(KeyFileError::OtherKeyKind { kind: KeyKind::Password })
            }
            KeyFileKey::Password(password) => Ok(password),
        }
    }

    /// Reads `MACMethod` with its encrypted `MACKey`. A MAC key agreed outside is not supported.
    pub(super) fn read_mac_method(&mut self, element: &Element) -> Result<(), KeyFileError> {
        if self.mac_method.is_some() {
            return Err(malformed("MACMethod"));
        }
        let uri = element.attribute("Algorithm").ok_or_else(|| malformed("MACMethod"))?;
        let hash = HmacHash::from_uri(uri).ok_or_else(|| not_supported(uri))?;
        if element.child(Ns::Pskc, "MACKeyReference").is_some() {
            return Err(not_supported("MACKeyReference"));
        }
        let mut method = MacMethod { hash, key: None, proves_file_key: false };
        if let Some(mac_key) = element.child(Ns::Pskc, "MACKey") {
            let Ciphertext { cipher, bytes } = ciphertext(mac_key)?;
            let file_key = self.file_key(cipher)?;
            let decrypted = cipher.decrypt(&file_key, bytes.expose());
            let decrypted = decrypted.ok_or(KeyFileError::WrongKey)?;
            method.proves_file_key = decrypted.pkcs7_bytes >= PROVING_PADDING_BYTES;
            method.key = Some(decrypted.plain);
        }
        self.mac_method = Some(method);
        Ok(())
    }

    /// Opens a value of the `index`-th key. The MAC is checked before anything is decrypted.
    pub(super) fn open<'a>(
        &mut self,
        holder: &'a Element,
        index: usize,
    ) -> Result<Value<'a>, KeyFileError> {
        let value_mac = holder.child(Ns::Pskc, "ValueMAC");
        let Some(encrypted) = holder.child(Ns::Pskc, "EncryptedValue") else {
            return match (holder.child(Ns::Pskc, "PlainValue"), value_mac) {
                // What a MAC of a plain value covers is not defined, so it can't be checked.
                (_, Some(_)) => Err(malformed("ValueMAC")),
                (Some(plain), None) => Ok(Value::Plain(plain.text())),
                (None, None) => Ok(Value::Absent),
            };
        };
        if holder.child(Ns::Pskc, "PlainValue").is_some() {
            return Err(malformed("PlainValue"));
        }
        let Ciphertext { cipher, bytes } = ciphertext(encrypted)?;
        let file_key = self.file_key(cipher)?;
        let value_mac = value_mac.ok_or(KeyFileError::MacMissing { index })?;
        self.check_mac(bytes.expose(), value_mac.text(), index)?;
        let decrypted = cipher.decrypt(&file_key, bytes.expose());
        let decrypted = decrypted.ok_or_else(|| malformed("CipherValue"))?;
        Ok(Value::Decrypted(decrypted.plain))
    }

    fn check_mac(&mut self, bytes: &[u8], mac: &str, index: usize) -> Result<(), KeyFileError> {
        let method = self.mac_method.as_ref().ok_or_else(|| malformed("MACMethod"))?;
        let key = method.key.as_ref().ok_or_else(|| malformed("MACKey"))?;
        let mac = decode_base64(mac).ok_or_else(|| malformed("ValueMAC"))?;
        if method.hash.verifies(key, bytes, mac.expose()) {
            self.was_any_mac_right = true;
            Ok(())
        } else if method.proves_file_key || self.was_any_mac_right {
            Err(KeyFileError::WrongMac { index })
        } else {
            Err(KeyFileError::WrongKey)
        }
    }

    /// The key that encrypts the file's values, if its length is right for `cipher`.
    fn file_key(&mut self, cipher: CbcCipher) -> Result<Secret, KeyFileError> {
        let key = match (&self.derived_key, self.given) {
            (Some(key), _) => key,
            (None, KeyFileKey::PreSharedKey(key)) => key,
            (None, KeyFileKey::None) => {
                return Err(KeyFileError::KeyNeeded { kind: KeyKind::PreSharedKey, name: None });
            }
            (None, KeyFileKey::Password(_)) => {
                return Err(KeyFileError::OtherKeyKind { kind: KeyKind::PreSharedKey });
            }
        };
        self.was_key_used = true;
        if key.expose().len() != cipher.key_bytes() {
            return Err(KeyFileError::KeyLength { expected_bytes: cipher.key_bytes() });
        }
        Ok(key.clone())
    }

    /// Refuses a plain file for which a key was given: it is not the one that the maker sent.
    pub(super) fn check_key_was_needed(&self) -> Result<(), KeyFileError> {
        if *self.given != KeyFileKey::None && !self.was_key_used && !self.is_container_encrypted {
            return Err(KeyFileError::KeyNotNeeded);
        }
        Ok(())
    }
}

/// The `EncryptionMethod` and `CipherData` of an element of type `EncryptedData`.
fn ciphertext(element: &Element) -> Result<Ciphertext, KeyFileError> {
    let method = element.child(Ns::Xenc, "EncryptionMethod");
    let uri = method.and_then(|method| method.attribute("Algorithm"));
    let uri = uri.ok_or_else(|| malformed("EncryptionMethod"))?;
    let cipher = CbcCipher::from_uri(uri).ok_or_else(|| not_supported(uri))?;
    let data = element.child(Ns::Xenc, "CipherData");
    let value = data.and_then(|data| data.child(Ns::Xenc, "CipherValue"));
    let bytes = value.and_then(|value| decode_base64(value.text()));
    Ok(Ciphertext { cipher, bytes: bytes.ok_or_else(|| malformed("CipherValue"))? })
}

/// PBKDF2 with its parameters (XML Encryption 1.1, section 5.4.2).
struct Derivation {
    prf: HmacHash,
    salt: Secret,
    rounds: u32,
    key_bytes: usize,
}

impl Derivation {
    fn read(derived: &Element) -> Result<Derivation, KeyFileError> {
        let method = derived.child(Ns::Xenc11, "KeyDerivationMethod");
        let method = method.ok_or_else(|| malformed("KeyDerivationMethod"))?;
        match method.attribute("Algorithm").unwrap_or_default() {
            "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"
            | "http://www.w3.org/2009/xmlenc11#pbkdf2" => {}
            other => return Err(not_supported(other)),
        }
        let parameters = parameter(method, "PBKDF2-params")?;
        let salt = parameter(parameter(parameters, "Salt")?, "Specified")?;
        let salt = decode_base64(salt.text()).ok_or_else(|| malformed("Salt"))?;
        let rounds = parameter(parameters, "IterationCount")?.text();
        let key_bytes = parameter(parameters, "KeyLength")?.text();
        let prf = parameter(parameters, "PRF").ok().and_then(|prf| prf.attribute("Algorithm"));
        let derivation = Derivation {
            prf: match prf {
                None => HmacHash::Sha1,
                Some(uri) => HmacHash::from_uri(uri).ok_or_else(|| not_supported(uri))?,
            },
            salt,
            rounds: rounds.parse().map_err(|_| KeyFileError::DerivationBounds)?,
            key_bytes: key_bytes.parse().map_err(|_| KeyFileError::DerivationBounds)?,
        };
        derivation.check_bounds()?;
        Ok(derivation)
    }

    fn check_bounds(&self) -> Result<(), KeyFileError> {
        let is_salt_good = (SALT_BYTES_MIN..=SALT_BYTES_MAX).contains(&self.salt.expose().len());
        let are_rounds_good = (1..=ROUNDS_MAX).contains(&self.rounds);
        if is_salt_good && are_rounds_good && matches!(self.key_bytes, 16 | 24 | 32) {
            Ok(())
        } else {
            Err(KeyFileError::DerivationBounds)
        }
    }

    fn derive(&self, password: &Secret) -> Secret {
        self.prf.derive(password, self.salt.expose(), self.rounds, self.key_bytes)
    }
}

/// A part of the derivation. The RFC's own figure leaves these in no namespace, others put them
/// into PKCS #5's or XML Encryption's, or let them fall into PSKC's as the default one.
fn parameter<'a>(parent: &'a Element, name: &'static str) -> Result<&'a Element, KeyFileError> {
    let found =
        [Ns::None, Ns::Pkcs5, Ns::Xenc11, Ns::Pskc].iter().find_map(|ns| parent.child(*ns, name));
    found.ok_or_else(|| malformed(name))
}

fn malformed(element: &'static str) -> KeyFileError {
    KeyFileError::Malformed { element }
}

/// Names an algorithm by the end of its URI, which is what people call it.
fn not_supported(uri: &str) -> KeyFileError {
    let end = uri.rsplit('#').next().unwrap_or(uri);
    KeyFileError::NotSupported { what: shorten(end) }
}
