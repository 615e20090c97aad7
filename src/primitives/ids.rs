//! Row ids as types of their own, so that a user's id never stands where a token's belongs, and
//! unguessable ids for what travels in addresses, forms and cookies.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Makes a row id: a 64-bit number in the database, a type of its own in the code.
macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::AsExpression, diesel::FromSqlRow, serde::Serialize, serde::Deserialize,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        pub struct $name(pub i64);

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                i64::from_sql(value).map($name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

row_id!(
    /// A contract with the institution.
    ContractId
);
row_id!(
    /// A person who logs in.
    UserId
);
row_id!(
    /// A one-time-password token.
    TokenId
);
row_id!(
    /// An account in the ledger.
    AccountId
);
row_id!(
    /// A ledger entry.
    EntryId
);
row_id!(
    /// A receipt (受付番号 and what it stands for).
    ReceiptId
);
row_id!(
    /// A mail in the out-box.
    MailId
);
row_id!(
    /// A line of the audit log.
    AuditLineId
);
row_id!(
    /// A member of the institution's staff.
    StaffId
);
row_id!(
    /// What staff did or asked for.
    StaffRequestId
);
row_id!(
    /// A portal's authority for client certificates.
    AuthorityId
);
row_id!(
    /// A client certificate.
    CertificateId
);
row_id!(
    /// An order of further tokens.
    TokenOrderId
);
row_id!(
    /// A payment: a transfer or Pay-easy.
    PaymentId
);
row_id!(
    /// A payee of a contract.
    PayeeId
);

row_id!(
    /// A bulk file (ファイル伝送).
    BulkFileId
);
row_id!(
    /// A line of a bulk file's history.
    BulkEventId
);
row_id!(
    /// A file that the institution puts out (外部ファイル).
    ExternalFileId
);

/// `N` bytes from the operating system's generator.
///
/// # Errors
/// When the operating system has no randomness to give; nothing safe can be done then.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// An unguessable id of 43 characters (256 bits): logins, keys, secrets of forms.
///
/// # Errors
/// As [`random_bytes`].
pub fn random_id() -> Result<String, getrandom::Error> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// An unguessable id of 22 characters (128 bits) for addresses: flows.
///
/// # Errors
/// As [`random_bytes`].
pub fn random_short_id() -> Result<String, getrandom::Error> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<16>()?))
}

/// The next id of a request: ten characters of this process and a running number. It need not be
/// unguessable, only unique among processes, so it costs no call of the operating system.
pub fn next_request_id() -> String {
    static PROCESS: LazyLock<String> = LazyLock::new(|| {
        let id = random_short_id().unwrap_or_else(|_| format!("p{}", std::process::id()));
        id.chars().take(10).collect()
    });
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("{}-{}", *PROCESS, NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A number below `bound`, each equally likely (rejection sampling).
///
/// # Errors
/// As [`random_bytes`].
pub fn random_below(bound: u32) -> Result<u32, getrandom::Error> {
    let bound = bound.max(1);
    let limit = u32::MAX - u32::MAX % bound;
    loop {
        let value = u32::from_be_bytes(random_bytes::<4>()?);
        if value < limit {
            return Ok(value % bound);
        }
    }
}

/// So many random digits, the first of them no zero: serials and ids that people type.
///
/// # Errors
/// As [`random_bytes`].
pub fn random_digits(count: u32) -> Result<String, getrandom::Error> {
    let mut digits = String::new();
    for place in 0..count {
        let digit = if place == 0 { 1 + random_below(9)? } else { random_below(10)? };
        digits.extend(char::from_digit(digit, 10));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_have_their_lengths_and_differ() {
        assert_eq!(random_id().unwrap().len(), 43);
        assert_eq!(random_short_id().unwrap().len(), 22);
        assert_ne!(random_id().unwrap(), random_id().unwrap());
    }

    #[test]
    fn random_numbers_stay_below_their_bound_and_reach_each_value() {
        let seen: std::collections::BTreeSet<u32> =
            (0..200).map(|_| random_below(5).unwrap()).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }
}
