//! Sentences about the items.

use crate::domain::customer_info::InfoItem;
use crate::domain::portal::Profile;

/// The steps of a change.
pub const STEPS: [&str; 4] = ["項目の|選択", "入力", "確認", "完了"];

/// What customers call the item.
pub fn label(profile: &Profile, item: InfoItem) -> String {
    match item {
        InfoItem::MailAddress => "メールアドレス".to_owned(),
        InfoItem::Telephone => "電話番号".to_owned(),
        InfoItem::LoginSecret => profile.credentials.login.label.clone(),
        InfoItem::ConfirmSecret => profile.credentials.confirm.label.clone(),
    }
}

/// The other secret of the same customer.
pub fn other_label(profile: &Profile, item: InfoItem) -> &str {
    match item {
        InfoItem::ConfirmSecret => &profile.credentials.login.label,
        _ => &profile.credentials.confirm.label,
    }
}
