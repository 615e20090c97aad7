//! PSKC, the Portable Symmetric Key Container of RFC 6030, version 1.0.
//!
//! Read are plain values and AES-CBC values under a pre-shared key or a key derived from a
//! password. Certificates, key wrapping, Triple DES and the drafts before the RFC are refused. An
//! XML signature over the container is not verified: the MACs and the key are what is trusted.

mod protection;

use chrono::{DateTime, NaiveDateTime, SubsecRound};

use crate::keyfile::error::{KeyFileError, RowProblem};
use crate::keyfile::pskc::protection::{Protection, Value};
use crate::keyfile::token_row::{RawToken, mark_twice, shorten};
use crate::keyfile::xml::{Element, Ns, XmlReader};
use crate::keyfile::{HashAlgorithm, ImportedToken, KeyFileKey, KeyRow, ROWS_MAX, encoding};
use crate::primitives::clock::UtcTime;
use crate::primitives::secret::Secret;

/// Step length where the file gives none (RFC 6238, section 4).
const PERIOD_SECONDS_DEFAULT: i64 = 30;

/// What is longer is cut before it is copied into each key of its device; it is no serial anyway.
const SERIAL_CHARACTERS_MAX: usize = 80;

/// A `Key` element as it stands, of whatever kind, decrypted but not judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PskcKey {
    /// Attribute `Id`.
    pub id: String,
    /// Attribute `Algorithm`: the kind of key, a URI; empty if absent.
    pub algorithm: String,
    /// `DeviceInfo/Manufacturer`.
    pub manufacturer: Option<String>,
    /// `DeviceInfo/SerialNo`, empty if absent.
    pub serial: String,
    /// `AlgorithmParameters/Suite`.
    pub suite: Option<String>,
    /// `ResponseFormat`: digits of a code, if it is decimal and without check digit.
    pub response_digits: Option<i64>,
    /// `Data/Secret`.
    pub secret: Option<Secret>,
    /// The secret is plain although the container names an encryption key.
    pub is_secret_unprotected: bool,
    /// `Data/Counter`.
    pub counter: Option<i64>,
    /// `Data/Time`.
    pub time: Option<i64>,
    /// `Data/TimeInterval`, seconds.
    pub time_interval: Option<i64>,
    /// `Data/TimeDrift`, steps.
    pub time_drift: Option<i64>,
    /// The later one of `DeviceInfo/StartDate` and `Policy/StartDate`.
    pub starts_at: Option<UtcTime>,
    /// The earlier one of `DeviceInfo/ExpiryDate` and `Policy/ExpiryDate`.
    pub expires_at: Option<UtcTime>,
    /// The policy has something unknown or leaves one-time passwords out.
    pub is_policy_forbidding: bool,
    /// The first element whose value can't be read.
    pub unreadable: Option<&'static str>,
}

/// Reads a container into rows for the stock; keys other than TOTP become problems.
///
/// # Errors
///
/// A [`KeyFileError`] if the file as a whole must be refused.
pub fn parse_pskc(bytes: &[u8], key: &KeyFileKey) -> Result<Vec<KeyRow>, KeyFileError> {
    let keys = read_pskc(bytes, key)?;
    let rows = keys.into_iter().enumerate().map(|(position, pskc_key)| KeyRow {
        line_or_index: position + 1,
        serial: shorten(&pskc_key.serial),
        outcome: into_token(pskc_key),
    });
    Ok(mark_twice(rows.collect()))
}

/// Reads a container into its keys of every kind, with MACs checked and values decrypted.
///
/// # Errors
///
/// A [`KeyFileError`] if the file as a whole must be refused.
pub fn read_pskc(bytes: &[u8], key: &KeyFileKey) -> Result<Vec<PskcKey>, KeyFileError> {
    let text = crate::keyfile::utf8_text(bytes)?;
    let (mut xml, root) = XmlReader::open(text)?;
    if !root.is(Ns::Pskc, "KeyContainer") {
        return Err(KeyFileError::WrongRoot);
    }
    if !matches!(root.attribute("Version"), Some("1.0" | "1")) {
        return Err(KeyFileError::WrongVersion);
    }
    let mut protection = Protection::new(key);
    let mut keys = Vec::new();
    while let Some(child) = xml.next_child()? {
        match (child.ns, child.name.as_str()) {
            (Ns::Pskc, "EncryptionKey") if keys.is_empty() => {
                protection.read_encryption_key(&child)?;
            }
            (Ns::Pskc, "MACMethod") if keys.is_empty() => protection.read_mac_method(&child)?,
            (Ns::Pskc, "KeyPackage") => read_key_package(&child, &mut protection, &mut keys)?,
            (Ns::Pskc, "Extensions") => {}
            (Ns::Pskc, _) => return Err(KeyFileError::Malformed { element: "KeyContainer" }),
            _ => {}
        }
        if keys.len() > ROWS_MAX {
            return Err(KeyFileError::TooManyRows);
        }
    }
    if keys.is_empty() {
        return Err(KeyFileError::Malformed { element: "KeyPackage" });
    }
    protection.check_key_was_needed()?;
    Ok(keys)
}

fn read_key_package(
    package: &Element,
    protection: &mut Protection,
    keys: &mut Vec<PskcKey>,
) -> Result<(), KeyFileError> {
    let mut device = PskcKey::default();
    if let Some(info) = package.child(Ns::Pskc, "DeviceInfo") {
        let serial = child_text(info, "SerialNo").unwrap_or_default();
        device.serial = serial.chars().take(SERIAL_CHARACTERS_MAX).collect();
        device.manufacturer = child_text(info, "Manufacturer").map(shorten);
        read_dates(info, &mut device);
    }
    let key_elements = package.children.iter().filter(|child| child.is(Ns::Pskc, "Key"));
    let key_count_before = keys.len();
    for element in key_elements {
        let key = read_key(element, device.clone(), protection, keys.len() + 1)?;
        keys.push(key);
    }
    if keys.len() == key_count_before {
        // A device without a key still is a row, so that staff see that it came without one.
        keys.push(device);
    }
    Ok(())
}

fn read_key(
    element: &Element,
    device: PskcKey,
    protection: &mut Protection,
    index: usize,
) -> Result<PskcKey, KeyFileError> {
    let mut key = device;
    key.id = element.attribute("Id").unwrap_or_default().to_owned();
    key.algorithm = element.attribute("Algorithm").unwrap_or_default().to_owned();
    if let Some(parameters) = element.child(Ns::Pskc, "AlgorithmParameters") {
        key.suite = child_text(parameters, "Suite").map(str::to_owned);
        read_response_format(parameters, &mut key);
    }
    if let Some(policy) = element.child(Ns::Pskc, "Policy") {
        read_dates(policy, &mut key);
        key.is_policy_forbidding = policy_forbids_otp(policy);
    }
    let Some(data) = element.child(Ns::Pskc, "Data") else {
        return Ok(key);
    };
    if let Some(holder) = data.child(Ns::Pskc, "Secret") {
        read_secret(protection.open(holder, index)?, protection, &mut key);
    }
    for (name, set) in [
        ("Counter", PskcKey::set_counter as fn(&mut PskcKey, i64)),
        ("Time", PskcKey::set_time),
        ("TimeInterval", PskcKey::set_time_interval),
        ("TimeDrift", PskcKey::set_time_drift),
    ] {
        if let Some(holder) = data.child(Ns::Pskc, name) {
            match integer(protection.open(holder, index)?) {
                Ok(Some(value)) => set(&mut key, value),
                Ok(None) => {}
                Err(NotAnInteger) => key.set_unreadable(name),
            }
        }
    }
    Ok(key)
}

fn read_secret(value: Value, protection: &Protection, key: &mut PskcKey) {
    match value {
        Value::Absent => {}
        Value::Decrypted(secret) => key.secret = Some(secret),
        Value::Plain(text) => {
            key.is_secret_unprotected = protection.is_container_encrypted();
            match encoding::decode_base64(text) {
                Some(secret) => key.secret = Some(secret),
                None => key.set_unreadable("Secret"),
            }
        }
    }
}

struct NotAnInteger;

/// Plain integers are decimal. Encrypted ones are big-endian bytes, of which makers leave out the
/// leading zeros; some encrypt the decimal digits, which as bytes would be an absurd number.
fn integer(value: Value) -> Result<Option<i64>, NotAnInteger> {
    match value {
        Value::Absent => Ok(None),
        Value::Plain(text) => text.parse().map(Some).map_err(|_| NotAnInteger),
        Value::Decrypted(bytes) => {
            let bytes = bytes.expose();
            let digits = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
            digits.or_else(|| big_endian(bytes)).map(Some).ok_or(NotAnInteger)
        }
    }
}

/// Only the full lengths of `xs:int` and `xs:long`, 4 and 8 bytes, can be negative.
fn big_endian(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => bytes.try_into().ok().map(|bytes| i64::from(i32::from_be_bytes(bytes))),
        1..=8 => Some(bytes.iter().fold(0, |value, byte| value << 8 | i64::from(*byte))),
        _ => None,
    }
}

impl PskcKey {
    fn set_unreadable(&mut self, name: &'static str) {
        self.unreadable.get_or_insert(name);
    }

    fn set_counter(&mut self, value: i64) {
        self.counter = Some(value);
    }

    fn set_time(&mut self, value: i64) {
        self.time = Some(value);
    }

    fn set_time_interval(&mut self, value: i64) {
        self.time_interval = Some(value);
    }

    fn set_time_drift(&mut self, value: i64) {
        self.time_drift = Some(value);
    }
}

fn child_text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.child(Ns::Pskc, name).map(Element::text).filter(|text| !text.is_empty())
}

fn read_response_format(parameters: &Element, key: &mut PskcKey) {
    let Some(format) = parameters.child(Ns::Pskc, "ResponseFormat") else {
        return;
    };
    let has_check_digit = match format.attribute("CheckDigits").map(str::trim) {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return key.set_unreadable("ResponseFormat"),
    };
    let Some(length) = format.attribute("Length") else {
        return key.set_unreadable("ResponseFormat");
    };
    match length.trim().parse() {
        Ok(digits) => {
            let is_decimal = format.attribute("Encoding") == Some("DECIMAL");
            key.response_digits = (is_decimal && !has_check_digit).then_some(digits);
        }
        Err(_) => key.set_unreadable("ResponseFormat"),
    }
}

fn read_dates(element: &Element, key: &mut PskcKey) {
    if let Some(text) = child_text(element, "StartDate") {
        match utc_time(text) {
            Some(time) => key.starts_at = key.starts_at.max(Some(time)),
            None => key.set_unreadable("StartDate"),
        }
    }
    if let Some(text) = child_text(element, "ExpiryDate") {
        match utc_time(text) {
            Some(time) => {
                key.expires_at = Some(key.expires_at.map_or(time, |earlier| earlier.min(time)));
            }
            None => key.set_unreadable("ExpiryDate"),
        }
    }
}

/// An `xs:dateTime`; without an offset it is UTC, which the RFC asks for.
fn utc_time(text: &str) -> Option<UtcTime> {
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.naive_utc(),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?,
    };
    Some(time.trunc_subsecs(6))
}

/// RFC 6030, section 5: with anything in the policy that the reader doesn't understand, the key
/// must not be used. A PIN that only the device itself checks is no matter of the server.
fn policy_forbids_otp(policy: &Element) -> bool {
    let mut is_usage_given = false;
    let mut is_otp_among_usages = false;
    for child in &policy.children {
        match (child.ns, child.name.as_str()) {
            (Ns::Pskc, "StartDate" | "ExpiryDate") => {}
            (Ns::Pskc, "PINPolicy")
                if matches!(child.attribute("PINUsageMode"), None | Some("Local")) => {}
            (Ns::Pskc, "KeyUsage") => {
                is_usage_given = true;
                is_otp_among_usages |= child.text() == "OTP";
            }
            _ => return true,
        }
    }
    is_usage_given && !is_otp_among_usages
}

fn into_token(key: PskcKey) -> Result<ImportedToken, RowProblem> {
    // The registered name, and the one of the draft that first had TOTP.
    if !matches!(
        key.algorithm.as_str(),
        "urn:ietf:params:xml:ns:keyprov:pskc:totp" | "urn:ietf:params:xml:ns:keyprov:pskc#totp"
    ) {
        return Err(RowProblem::KindNotSupported { kind: shorten(&key.algorithm) });
    }
    if let Some(name) = key.unreadable {
        return Err(RowProblem::NotReadable { name });
    }
    if key.is_policy_forbidding {
        return Err(RowProblem::PolicyNotSupported);
    }
    if key.is_secret_unprotected {
        return Err(RowProblem::SecretNotEncrypted);
    }
    if key.time.unwrap_or(0) != 0 {
        return Err(RowProblem::StartTimeNotSupported);
    }
    let algorithm = hash_of_suite(key.suite.as_deref())?;
    RawToken {
        serial: key.serial,
        secret: key.secret,
        algorithm,
        digits: key.response_digits,
        period_seconds: Some(key.time_interval.unwrap_or(PERIOD_SECONDS_DEFAULT)),
        drift_steps: key.time_drift.unwrap_or(0),
        starts_at: key.starts_at,
        expires_at: key.expires_at,
        manufacturer: key.manufacturer,
    }
    .check()
}

fn hash_of_suite(suite: Option<&str>) -> Result<HashAlgorithm, RowProblem> {
    let Some(suite) = suite else {
        return Ok(HashAlgorithm::Sha1);
    };
    match suite.replace('-', "").to_ascii_uppercase().as_str() {
        "HMACSHA1" => Ok(HashAlgorithm::Sha1),
        "HMACSHA256" => Ok(HashAlgorithm::Sha256),
        "HMACSHA512" => Ok(HashAlgorithm::Sha512),
        _ => Err(RowProblem::HashNotSupported { suite: shorten(suite) }),
    }
}

#[cfg(test)]
mod tests;
