//! What happened to a client certificate, in the words of mails.

use crate::domain::mail::MailKind;
use crate::mail::templates::UserNews;
use crate::operations::notice::{Telling, text};
use crate::primitives::clock::jst_minute_text;

/// Subject and body.
pub(super) fn render(of: Telling<'_>) -> (String, String) {
    let (common, notice, receipt_number) = (of.common, of.notice, of.receipt_number);
    let until = notice.expires_at.map(jst_minute_text).unwrap_or_default();
    let valid = format!("有効期限は、{until}です。");
    let (act, sentence, more) = match notice.kind {
        MailKind::CertificateIssued => {
            ("利用者電子証明書の取得", "利用者電子証明書を発行しました。", valid)
        }
        MailKind::CertificateRenewed => (
            "利用者電子証明書の更新",
            "新しい利用者電子証明書を発行しました。",
            format!(
                "{valid}新しい証明書で最初にログインすると、これまでの証明書は使えなくなります。"
            ),
        ),
        MailKind::CertificateRevoked => (
            "利用者電子証明書の失効",
            "利用者電子証明書を失効しました。もう使えません。",
            "引き続きご利用になるときは、ログイン画面から新しい証明書を取得してください。"
                .to_owned(),
        ),
        _ => (
            "利用者電子証明書の有効期限",
            "利用者電子証明書の有効期限が近づいています。",
            format!("{valid}期限までに、ログイン後の「電子証明書」で更新してください。"),
        ),
    };
    let (act, sentence) = (act.to_owned(), sentence.to_owned());
    text(&UserNews { common, act, sentence, more, receipt_number })
}
