//! The records of a demo file: whom it pays or debits, as the bytes of its one chunk.

use crate::db::queries::demo::{AccountRow, DemoRows};
use crate::domain::bulk_file::BulkKind;
use crate::domain::ledger::{AccountPurpose, AccountType};
use crate::domain::portal::{Destination, Fee};
use crate::operations::OperationError;
use crate::primitives::clock::{UtcTime, jst_day};
use crate::zengin::bulk::{BulkFile, BulkHeader, BulkItem, Reference};
use crate::zengin::layout::LineEnd;

use super::case::{Case, Facts};

const NAMES: [&str; 10] = [
    "ｵｵｿﾞﾗｼｻﾞｲ(ｶ",
    "(ｶ ﾄｷﾜﾌﾞﾂｻﾝ",
    "ﾏﾂﾊﾞﾗｳﾝｿｳ(ｶ",
    "ﾕ)ﾋﾉﾃﾞｲﾝｻﾂ",
    "ｸﾛｼｵｾｷﾕ(ｶ",
    "(ｶ ﾐﾂﾊﾞﾀﾞﾝﾎﾞ-ﾙ",
    "ﾐﾔﾏ ｻﾄｼ",
    "ｺﾄﾘﾔ ﾊﾙｶ",
    "ﾊﾅﾉｷ ﾕｳｼﾞ",
    "ｶﾜｶﾐ ﾐﾎ",
];
/// The bank of whoever has no account here.
const OTHER_BANK: (&str, &str) = ("0001", "ﾐｽﾞﾎ");
const OTHER_BRANCH: &str = "001";
/// No account has this number.
const UNKNOWN_NUMBER: &str = "9999999";

/// One record.
#[derive(Debug, Clone)]
pub(super) struct DemoItem {
    bank: String,
    branch: String,
    account_type: u8,
    number: String,
    name: String,
    /// In yen.
    pub amount: i64,
    /// The institution has no such account.
    pub is_unknown: bool,
}

/// The records of a case. Two of three name accounts of the institution, but where all is over:
/// then no other balance has moved. In a file that was done in part the last one names an account
/// that is not there.
pub(super) fn items(rows: &DemoRows, facts: &Facts<'_>, case: &Case) -> Vec<DemoItem> {
    let own: Vec<&AccountRow> = if case.is_executed() { Vec::new() } else { payees(rows, facts) };
    let mut items: Vec<DemoItem> = (0..case.count)
        .map(|place| {
            let known = own.get(place.checked_rem(own.len()).unwrap_or(0));
            item(facts, place, known.copied().filter(|_| place % 3 != 2))
        })
        .collect();
    if let Some(last) = items.last_mut().filter(|_| case.has_unknown()) {
        facts.profile.portal.bank_code.as_str().clone_into(&mut last.bank);
        last.branch.clone_from(&facts.contract.branch.code);
        UNKNOWN_NUMBER.clone_into(&mut last.number);
        last.is_unknown = true;
    }
    items
}

/// The accounts of the portal that a file of this contract may name.
fn payees<'a>(rows: &'a DemoRows, facts: &Facts<'_>) -> Vec<&'a AccountRow> {
    let is_payee = |row: &&AccountRow| {
        row.portal == facts.contract.portal
            && row.purpose == AccountPurpose::Customer
            && row.account_type != AccountType::Savings
            && row.contract_id != Some(facts.service.contract_id)
    };
    rows.accounts.iter().filter(is_payee).collect()
}

fn item(facts: &Facts<'_>, place: usize, payee: Option<&AccountRow>) -> DemoItem {
    let amount = 3_000 + i64::try_from(place * 1_370 % 9_000).unwrap_or(0);
    match payee {
        Some(account) => DemoItem {
            bank: facts.profile.portal.bank_code.as_str().to_owned(),
            branch: account.branch_code.clone(),
            account_type: if account.account_type == AccountType::Checking { 2 } else { 1 },
            number: account.number.clone(),
            name: account.holder_kana.clone(),
            amount,
            is_unknown: false,
        },
        None => DemoItem {
            bank: OTHER_BANK.0.to_owned(),
            branch: OTHER_BRANCH.to_owned(),
            account_type: 1,
            number: format!("{:07}", 1_000_013 + place * 4_241),
            name: NAMES.iter().cycle().nth(place).copied().unwrap_or_default().to_owned(),
            amount,
            is_unknown: false,
        },
    }
}

/// What a file of the past cost: by the table of transfers, nothing for what came back.
pub(super) fn fee(facts: &Facts<'_>, items: &[DemoItem], at: UtcTime) -> Fee {
    let fees = &facts.profile.fees;
    let done = items.iter().filter(|item| !item.is_unknown);
    let each = done.map(|item| fees.for_transfer(Destination::OtherBank, item.amount, jst_day(at)));
    each.fold(Fee { net_yen: 0, tax_yen: 0 }, |sum, fee| Fee {
        net_yen: sum.net_yen + fee.net_yen,
        tax_yen: sum.tax_yen + fee.tax_yen,
    })
}

/// The file's bytes, with CR and LF.
///
/// # Errors
/// A record that the format cannot hold.
pub(super) fn bytes(
    facts: &Facts<'_>,
    kind: BulkKind,
    mmdd: String,
    items: &[DemoItem],
) -> Result<Vec<u8>, OperationError> {
    let wrong = |_| OperationError::Corrupt("a record of the demo's bulk files");
    let (mut file, mut bytes) =
        BulkFile::begin(&header(facts, mmdd), LineEnd::CrLf).map_err(wrong)?;
    for (place, item) in items.iter().enumerate() {
        bytes.extend(file.item(&record(kind, place, item)).map_err(wrong)?);
    }
    bytes.extend(file.finish().map_err(wrong)?);
    Ok(bytes)
}

fn header(facts: &Facts<'_>, mmdd: String) -> BulkHeader {
    let account = facts.contract.accounts.get(super::ACCOUNT);
    BulkHeader {
        business_type: facts.service.business_type.clone(),
        originator_code: facts.service.originator_code.clone(),
        originator_name: facts.service.originator_kana.clone(),
        value_date_mmdd: mmdd,
        own_bank_code: facts.profile.portal.bank_code.as_str().to_owned(),
        own_bank_name: String::new(),
        own_branch_code: facts.contract.branch.code.clone(),
        own_branch_name: String::new(),
        own_account_type: Some(1),
        own_account_no: account.map_or_else(String::new, |account| account.number.clone()),
    }
}

fn record(kind: BulkKind, place: usize, item: &DemoItem) -> BulkItem {
    let reference = match kind {
        BulkKind::GeneralTransfer => Reference::None,
        BulkKind::Salary | BulkKind::Bonus => {
            Reference::Employee { number: (1_001 + place).to_string(), department: "10".to_owned() }
        }
        BulkKind::DirectDebit => Reference::CustomerNumber((70_001 + place).to_string()),
    };
    let is_other_bank = item.bank == OTHER_BANK.0;
    BulkItem {
        bank_code: item.bank.clone(),
        bank_name: if is_other_bank { OTHER_BANK.1.to_owned() } else { String::new() },
        branch_code: item.branch.clone(),
        branch_name: String::new(),
        account_type: item.account_type,
        account_no: item.number.clone(),
        name: item.name.clone(),
        amount: u64::try_from(item.amount).unwrap_or(0),
        new_code: 0,
        reference,
        transfer_kind: if kind == BulkKind::GeneralTransfer { 7 } else { 0 },
        result_code: 0,
    }
}
