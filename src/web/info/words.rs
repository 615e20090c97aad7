//! Sentences about the items.

use crate::domain::customer_info::InfoItem;
use crate::domain::portal::{Profile, SecretKind};
use crate::domain::user::Role;

/// The steps of a change.
pub const STEPS: [&str; 4] = ["項目の|選択", "入力", "確認", "完了"];

/// What users of this role call the item.
pub fn label(profile: &Profile, role: Role, item: InfoItem) -> String {
    match item {
        InfoItem::MailAddress => "メールアドレス".to_owned(),
        InfoItem::Telephone => "電話番号".to_owned(),
        InfoItem::LoginSecret => profile.secret_label(SecretKind::Login, role).to_owned(),
        InfoItem::ConfirmSecret => profile.secret_label(SecretKind::Confirm, role).to_owned(),
    }
}

/// The other secret of the same user.
pub fn other_label(profile: &Profile, role: Role, item: InfoItem) -> &str {
    match item {
        InfoItem::ConfirmSecret => profile.secret_label(SecretKind::Login, role),
        _ => profile.secret_label(SecretKind::Confirm, role),
    }
}
