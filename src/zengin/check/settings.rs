//! Where sources and banks differ: the choices, with what is usual as the default.

/// What becomes of a thing that some banks take and others do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is taken without a word.
    Allow,
    /// It is taken with a warning.
    Warn,
    /// It is an error.
    Refuse,
}

/// Which signs the names of a 預金口座振替 may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DebitSigns {
    /// `( ) - .`, as in all names.
    Names,
    /// All that 付録1 lists for whole files: `' ( ) : + , ¥ - . / ? ｢ ｣`.
    All,
}

/// Whether a 預金口座振替 is a request (依頼明細) or comes back as the result (処理結果明細).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DebitStage {
    /// Result codes are 0 and the totals of what was done are zeros.
    Request,
    /// Result codes say what became of each item, and the totals follow them.
    Result,
}

/// The choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether a file may have several groups of header, data and trailer. Off: most services take
    /// one.
    pub several_groups: bool,
    /// Most data records of a file.
    pub records_max: u64,
    /// Most findings of each severity that the report keeps; all are counted.
    pub findings_max: usize,
    /// ｦ in names: a warning, because one edition of the standard has it and most banks do not.
    pub wo_in_names: Choice,
    /// ｰ (the long vowel's mark) where `-` belongs: an error.
    pub long_vowel: Choice,
    /// Letters and signs in the payees' names of 給与・賞与振込: a warning.
    pub payroll_signs: Choice,
    /// Signs in the names of 預金口座振替.
    pub debit_signs: DebitSigns,
    /// What stage a 預金口座振替 is at.
    pub debit_stage: DebitStage,
    /// A space as the result code of a request: a warning.
    pub blank_result_code: Choice,
    /// Letters and signs in 顧客コード, 社員番号, 所属コード and 顧客番号: a warning.
    pub reference_text: Choice,
    /// A header without account where the standard lets it be empty (21, 11, 12): taken.
    pub blank_own_account: Choice,
    /// One 顧客番号 in several records of a 預金口座振替: a warning.
    pub same_customer_number: Choice,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            several_groups: false,
            records_max: 1_000_000,
            findings_max: 1_000,
            wo_in_names: Choice::Warn,
            long_vowel: Choice::Refuse,
            payroll_signs: Choice::Warn,
            debit_signs: DebitSigns::Names,
            debit_stage: DebitStage::Request,
            blank_result_code: Choice::Warn,
            reference_text: Choice::Warn,
            blank_own_account: Choice::Allow,
            same_customer_number: Choice::Warn,
        }
    }
}
