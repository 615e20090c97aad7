//! A user's data, rights and limits as rows.

use crate::domain::ledger::Account;
use crate::domain::limit::{LimitAmounts, LimitSet};
use crate::domain::right::{Grant, Rights, UserRight};
use crate::domain::user::Role;
use crate::web::administration::list::{id_label, own_id, role_label_in};
use crate::web::page::Row;
use crate::web::visit::Visit;

/// Id, name, 利用者区分.
pub fn user_rows(visit: &Visit, login_id: &str, name: &str, role: Role) -> Vec<Row> {
    vec![
        Row::new(id_label(&visit.profile), own_id(login_id)),
        Row::new("利用者名", name),
        Row::new("利用者区分", role_label_in(&visit.profile, role)),
    ]
}

/// The mail address, and one that is not proven yet.
pub fn address_row(verified: Option<&str>, unverified: Option<&str>) -> Row {
    let value = match (verified, unverified) {
        (None, None) => "登録されていません".to_owned(),
        (Some(address), None) => address.to_owned(),
        (None, Some(new)) => format!("{new}（ご本人の確認待ち）"),
        (Some(address), Some(new)) => format!("{address}（{new} はご本人の確認待ち）"),
    };
    Row::new("メールアドレス", value)
}

/// What a user of this role may do.
pub fn grant_rows(
    visit: &Visit,
    role: Role,
    grant: &Grant,
    accounts: &[Account],
    contract: &LimitSet,
) -> Vec<Row> {
    let rights = Rights::of(&visit.profile, role, grant.clone());
    let services = UserRight::offered(&visit.profile).into_iter();
    let services: Vec<&str> =
        services.filter(|right| rights.allows(*right)).map(UserRight::label).collect();
    let own: Vec<String> = accounts
        .iter()
        .filter(|account| rights.has_account(account.id))
        .map(account_text)
        .collect();
    let mut rows = vec![
        Row::new("利用できるサービス", listed(&services)),
        Row::new("利用できる口座", listed(&own)),
    ];
    let held = rights.limits(contract);
    for (service, amounts) in &held {
        let is_own = !rights.is_full() && grant.limits.contains_key(service);
        let by = if is_own { "" } else { "（ご契約の限度額）" };
        let label = format!("{}の限度額", service.label());
        rows.push(Row::new(label, format!("{}{by}", amounts_text(*amounts))));
    }
    rows
}

fn listed<T: AsRef<str>>(parts: &[T]) -> String {
    if parts.is_empty() {
        return "なし".to_owned();
    }
    parts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("、")
}

/// As `本店営業部 普通 7010045`.
pub fn account_text(account: &Account) -> String {
    format!("{} {} {}", account.branch_name, account.account_type.label(), account.number)
}

fn amounts_text(amounts: LimitAmounts) -> String {
    format!("1回 {}、1日 {}", amounts.per_transaction, amounts.daily)
}
