//! What can be wrong with a key file, and with one row of it.
//!
//! `Display` is for logs (English); `message` is what staff read (Japanese, with the next step).
//! Neither ever holds a secret, a password or a key.

use thiserror::Error;

/// Which key an encrypted file asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A key agreed beforehand.
    PreSharedKey,
    /// A password from which the key is derived.
    Password,
}

/// Why a whole key file is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Above [`crate::keyfile::FILE_BYTES_MAX`].
    #[error("the file is too large")]
    TooLarge,
    /// Above [`crate::keyfile::ROWS_MAX`].
    #[error("the file holds too many keys")]
    TooManyRows,
    /// UTF-16, Shift_JIS or no text at all.
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    /// It ends in the middle.
    #[error("the file ends too early")]
    Truncated,
    /// Not well-formed XML.
    #[error("the XML is not well-formed at line {line}")]
    NotWellFormed {
        /// Line in the file, from 1 on.
        line: usize,
    },
    /// A document type declaration: no key file needs one, and entity bombs do.
    #[error("the XML has a document type declaration or an entity reference")]
    DocumentType,
    /// Elements nested too deeply, too many in one key, or an over-long start tag.
    #[error("the XML is too complex")]
    TooComplex,
    /// The root is not a `KeyContainer` of RFC 6030.
    #[error("the root element is not a PSKC KeyContainer")]
    WrongRoot,
    /// A PSKC version other than 1.0.
    #[error("the PSKC version is not 1.0")]
    WrongVersion,
    /// A needed element is missing, unreadable, or in a place where it may not be.
    #[error("element {element} is missing, misplaced or unreadable")]
    Malformed {
        /// The element's local name.
        element: &'static str,
    },
    /// A cipher, MAC, derivation or kind of key that is not read.
    #[error("{what} is not supported")]
    NotSupported {
        /// What it is: the end of an algorithm's URI or the name of an element.
        what: String,
    },
    /// Encrypted, and no key was given.
    #[error("the file is encrypted ({kind:?})")]
    KeyNeeded {
        /// Which key it asks for.
        kind: KeyKind,
        /// The maker's name for the key, if given.
        name: Option<String>,
    },
    /// A key was given for a plain file: then it may not be the file that the maker sent.
    #[error("a key was given but the file is not encrypted")]
    KeyNotNeeded,
    /// A password for a file with a pre-shared key, or the other way round.
    #[error("the file asks for the other kind of key ({kind:?})")]
    OtherKeyKind {
        /// Which key it asks for.
        kind: KeyKind,
    },
    /// The key has not the length of the file's cipher.
    #[error("the key must be {expected_bytes} bytes long")]
    KeyLength {
        /// The length that fits.
        expected_bytes: usize,
    },
    /// The key's text is not hexadecimal of 16, 24 or 32 bytes.
    #[error("the pre-shared key is not hexadecimal of 16, 24 or 32 bytes")]
    KeyNotHex,
    /// Too many PBKDF2 rounds, or a salt or key length out of bounds.
    #[error("the parameters of the key derivation are out of bounds")]
    DerivationBounds,
    /// Nothing in the file fits the key.
    #[error("the key or password does not open the file")]
    WrongKey,
    /// The key fits, but a value was changed afterwards.
    #[error("the MAC of key {index} does not match")]
    WrongMac {
        /// The how-many-th key, from 1 on.
        index: usize,
    },
    /// An encrypted value without a MAC: RFC 6030 requires one with CBC.
    #[error("key {index} is encrypted without a MAC")]
    MacMissing {
        /// The how-many-th key, from 1 on.
        index: usize,
    },
    /// The CSV's first line is not `serial,secret,type,digits,period`.
    #[error("the header is not serial,secret,type,digits,period")]
    WrongHeader,
    /// The secrets could be hexadecimal or Base32, or are partly the one and partly the other.
    #[error("the encoding of the secrets is unclear")]
    EncodingUnclear,
}

impl KeyFileError {
    /// What staff read: what is wrong and what to do next.
    pub fn message(&self) -> String {
        match self {
            KeyFileError::KeyNeeded { kind, name } => key_needed_message(*kind, name.as_deref()),
            KeyFileError::OtherKeyKind { kind: KeyKind::Password } => {
                "このファイルはパスワードで暗号化されています。パスワードを入力してください。"
                    .into()
            }
            KeyFileError::OtherKeyKind { kind: KeyKind::PreSharedKey } => {
                "このファイルは事前共有鍵で暗号化されています。事前共有鍵を入力してください。"
                    .into()
            }
            KeyFileError::KeyLength { expected_bytes } => {
                format!("鍵の長さが違います。{}桁の16進数で入力してください。", expected_bytes * 2)
            }
            KeyFileError::NotWellFormed { line } => {
                format!("{line}行目のXMLが正しくありません。ファイルを受け取り直してください。")
            }
            KeyFileError::Malformed { element } => format!(
                "要素{element}がないか、読み取れません。製造元にファイルの確認を依頼してください。"
            ),
            KeyFileError::NotSupported { what } => format!(
                "{what}には対応していません。AES-CBCで暗号化したファイルを製造元に依頼してください。"
            ),
            KeyFileError::WrongMac { index } => format!(
                "{index}件目の値が改ざんまたは破損しています。ファイルを受け取り直してください。"
            ),
            KeyFileError::MacMissing { index } => format!(
                "{index}件目に改ざん検知用の値がありません。製造元にファイルの再作成を依頼してください。"
            ),
            other => other.fixed_message().into(),
        }
    }

    fn fixed_message(&self) -> &'static str {
        match self {
            KeyFileError::Empty => "ファイルが空です。ファイルを選び直してください。",
            KeyFileError::TooLarge => "ファイルが大きすぎます。32MB以下に分けてください。",
            KeyFileError::TooManyRows => "件数が多すぎます。200,000件以下に分けてください。",
            KeyFileError::NotUtf8 => {
                "文字コードがUTF-8ではありません。UTF-8のファイルを選んでください。"
            }
            KeyFileError::Truncated => {
                "ファイルが途中で終わっています。ファイルを受け取り直してください。"
            }
            KeyFileError::DocumentType => {
                "DTDまたは実体参照を含むXMLは取り込めません。製造元にファイルの確認を依頼してください。"
            }
            KeyFileError::TooComplex => {
                "XMLの構造が複雑すぎます。製造元にファイルの確認を依頼してください。"
            }
            KeyFileError::WrongRoot => {
                "PSKC(RFC 6030)のファイルではありません。ファイルと形式を確認してください。"
            }
            KeyFileError::WrongVersion => {
                "PSKCの版が1.0ではありません。製造元に1.0版のファイルを依頼してください。"
            }
            KeyFileError::KeyNotNeeded => {
                "このファイルは暗号化されていません。ファイルが正しければ、鍵を空欄にしてください。"
            }
            KeyFileError::KeyNotHex => "鍵は32、48または64桁の16進数で入力してください。",
            KeyFileError::DerivationBounds => {
                "鍵導出の設定が許容範囲外です。製造元にファイルの確認を依頼してください。"
            }
            KeyFileError::WrongHeader => {
                "1行目を「serial,secret,type,digits,period」にしてください。"
            }
            KeyFileError::EncodingUnclear => {
                "シークレットが16進数かBase32か判別できません。表記を指定してください。"
            }
            _ => {
                "鍵またはパスワードが違うか、ファイルが破損しています。確認して入力し直してください。"
            }
        }
    }
}

fn key_needed_message(kind: KeyKind, name: Option<&str>) -> String {
    let wanted = match kind {
        KeyKind::PreSharedKey => "事前共有鍵",
        KeyKind::Password => "パスワード",
    };
    match name {
        Some(name) => {
            format!("このファイルは暗号化されています。{wanted}({name})を入力してください。")
        }
        None => format!("このファイルは暗号化されています。{wanted}を入力してください。"),
    }
}

/// Why one token of a readable file can't be taken into stock.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowProblem {
    /// Another kind than TOTP, such as HOTP or OCRA.
    #[error("kind not supported: {kind}")]
    KindNotSupported {
        /// The kind as the file has it, shortened; empty if it has none.
        kind: String,
    },
    /// No serial.
    #[error("the serial is missing")]
    SerialMissing,
    /// Not 4 to 20 ASCII letters and digits.
    #[error("the serial is not 4 to 20 letters and digits")]
    SerialNotValid,
    /// Another token of the file has the same serial; neither is taken.
    #[error("the serial stands in the file twice (see {other})")]
    SerialTwice {
        /// `line_or_index` of the other row.
        other: usize,
    },
    /// No secret.
    #[error("the secret is missing")]
    SecretMissing,
    /// A plain secret in an encrypted file: anybody could have put it there.
    #[error("the secret is plain in an encrypted file")]
    SecretNotEncrypted,
    /// Fewer than 128 bits.
    #[error("the secret has only {bits} bits")]
    SecretTooShort {
        /// Its length.
        bits: usize,
    },
    /// More than 1024 bits, which no token has.
    #[error("the secret is longer than 1024 bits")]
    SecretTooLong,
    /// The digits of a code are not 6 or 8, not decimal, or carry a check digit.
    #[error("codes are not 6 or 8 decimal digits")]
    DigitsNotSupported,
    /// The time step is not 30 or 60 seconds.
    #[error("the time step is not 30 or 60 seconds")]
    PeriodNotSupported,
    /// A hash other than SHA-1, SHA-256 and SHA-512.
    #[error("hash not supported: {suite}")]
    HashNotSupported {
        /// The suite as the file has it, shortened.
        suite: String,
    },
    /// Counts time from another start than 1970-01-01.
    #[error("the time does not count from 1970-01-01")]
    StartTimeNotSupported,
    /// A clock drift beyond what a resynchronisation could find.
    #[error("the drift is too large")]
    DriftTooLarge,
    /// The policy is not understood or does not allow one-time passwords (RFC 6030, section 5:
    /// then the key must not be used).
    #[error("the policy of the key does not allow this use")]
    PolicyNotSupported,
    /// Ends before it starts.
    #[error("the validity ends before it starts")]
    DatesReversed,
    /// An element or a field that can't be read.
    #[error("{name} can't be read")]
    NotReadable {
        /// Name of the element or of the column.
        name: &'static str,
    },
    /// More or fewer than five fields.
    #[error("the row has {found} fields instead of 5")]
    FieldCount {
        /// How many there are.
        found: usize,
    },
}

impl RowProblem {
    /// What staff read beside the row.
    pub fn message(&self) -> String {
        match self {
            RowProblem::KindNotSupported { kind } if kind.is_empty() => {
                "種別の記載がありません。TOTPのトークンか製造元に確認してください。".into()
            }
            RowProblem::KindNotSupported { kind } => {
                format!("種別「{kind}」には対応していません。TOTPのトークンのみ取り込めます。")
            }
            RowProblem::SerialTwice { other } => {
                format!("{other}と同じシリアル番号です。製造元に確認してください。")
            }
            RowProblem::SecretTooShort { bits } => {
                format!("シークレットが{bits}ビットしかありません。128ビット以上が必要です。")
            }
            RowProblem::HashNotSupported { suite } => {
                format!("方式「{suite}」には対応していません。製造元に確認してください。")
            }
            RowProblem::NotReadable { name } => {
                format!("{name}を読み取れません。値を確認してください。")
            }
            RowProblem::FieldCount { found } => {
                format!("項目が{found}個あります。5個にしてください。")
            }
            other => other.fixed_message().into(),
        }
    }

    fn fixed_message(&self) -> &'static str {
        match self {
            RowProblem::SerialMissing => "シリアル番号がありません。製造元に確認してください。",
            RowProblem::SecretMissing => "シークレットがありません。製造元に確認してください。",
            RowProblem::SecretNotEncrypted => {
                "暗号化されたファイルの中に平文のシークレットがあります。製造元に確認してください。"
            }
            RowProblem::SecretTooLong => {
                "シークレットが長すぎます。1024ビット以下か製造元に確認してください。"
            }
            RowProblem::DigitsNotSupported => {
                "桁数は10進の6桁または8桁のみ取り込めます。製造元に確認してください。"
            }
            RowProblem::PeriodNotSupported => {
                "表示間隔は30秒または60秒のみ取り込めます。製造元に確認してください。"
            }
            RowProblem::StartTimeNotSupported => {
                "時刻の起点に対応していません。製造元に確認してください。"
            }
            RowProblem::DriftTooLarge => "時刻のずれが大きすぎます。製造元に確認してください。",
            RowProblem::PolicyNotSupported => {
                "利用条件によりワンタイムパスワードに使えません。製造元に確認してください。"
            }
            RowProblem::DatesReversed => "有効期限が開始日より前です。製造元に確認してください。",
            _ => "シリアル番号は半角英数字4から20桁です。値を確認してください。",
        }
    }
}
