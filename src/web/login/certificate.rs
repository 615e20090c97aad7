//! BLG016 利用者電子証明書のお知らせ: why a log-on is refused for its client certificate, and what to do.
//! Shown before the secret is looked at where a certificate came, after it where none did.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use crate::domain::certificate::CertificateRefusal;
use crate::web::certificate::log_in_url;
use crate::web::failure::PageResult;
use crate::web::page::{Link, Shell};
use crate::web::screens;
use crate::web::visit::Visit;

/// BLG016.
#[derive(askama::Template)]
#[template(path = "login/certificate.html")]
pub struct CertificateRefusedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What is wrong.
    pub title: &'static str,
    /// The same in a sentence.
    pub text: &'static str,
    /// What to do.
    pub todo: Vec<Cow<'static, str>>,
    /// The way on, first the best one.
    pub ways: Vec<Link>,
}

const WITHOUT_CERTIFICATE: &str = "証明書を使わないログイン画面へ";
const REOPEN: &str = "ほかの電子証明書を選ぶには、ブラウザをすべて閉じてから、開き直してください。";
const ASK: &str = "お手元に使える電子証明書がないときは、ご契約先の管理者に、これまでの証明書の失効をお申し出ください。管理者の方は、画面下のお問い合わせ先へお電話ください。";
/// Where both log-ons have one address.
const WITHOUT: &str = "電子証明書を使わずにログインするには、ブラウザをすべて閉じて開き直し、証明書の選択で「キャンセル」を選んでください。";
const DRAW: &str =
    "失効のあと、電子証明書を使わないログイン画面からログインすると、取得し直せます。";

/// Tells why, and what to do.
///
/// # Errors
/// As [`Visit::page`].
pub fn show(visit: &Visit, refusal: CertificateRefusal) -> PageResult {
    let (title, text) = words(refusal);
    let link = |label: &str, url: String| Link { label: label.to_owned(), url };
    let usual = usual_url(visit);
    let is_one_address = log_in_url(visit).as_ref() == Some(&usual);
    let renew = link("更新に進む", format!("{}?renew=1", visit.url("login")));
    let (mut todo, mut ways): (Vec<Cow<'static, str>>, Vec<Link>) = match refusal {
        CertificateRefusal::Expired => (
            vec!["下のボタンからログインし、電子証明書を更新してください。".into(), REOPEN.into()],
            vec![renew],
        ),
        CertificateRefusal::Revoked => (
            vec![
                "新しい電子証明書をお持ちのときは、それを選んでください。".into(),
                REOPEN.into(),
                "お持ちでないときは、電子証明書を使わないログイン画面から、取得し直してください。"
                    .into(),
            ],
            vec![link(WITHOUT_CERTIFICATE, usual)],
        ),
        CertificateRefusal::Unknown | CertificateRefusal::NotYours => (
            vec![
                "ご本人に発行された、このサービスの電子証明書を選んでください。".into(),
                REOPEN.into(),
                ASK.into(),
                DRAW.into(),
            ],
            vec![
                link("ログイン画面に戻る", visit.url("login")),
                link(WITHOUT_CERTIFICATE, usual),
            ],
        ),
        CertificateRefusal::Needed => match log_in_url(visit) {
            Some(url) => (
                vec![
                    "電子証明書を入れた端末で、下のボタンからログインしてください。".into(),
                    "ブラウザが証明書をたずねたら、このサービスのものを選びます。".into(),
                    ASK.into(),
                ],
                vec![link("電子証明書でログインする", url)],
            ),
            None => (
                vec!["ただいま、電子証明書でのログインを受け付けていません。画面下のお問い合わせ先へお電話ください。".into()],
                vec![link("ログイン画面に戻る", visit.url("login"))],
            ),
        },
    };
    if is_one_address && ways.iter().any(|way| way.label == WITHOUT_CERTIFICATE) {
        ways.retain(|way| way.label != WITHOUT_CERTIFICATE);
        todo.push(WITHOUT.into());
    }
    let page =
        CertificateRefusedPage { shell: visit.shell(&screens::BLG016), title, text, todo, ways };
    visit.page(StatusCode::FORBIDDEN, &page)
}

fn words(refusal: CertificateRefusal) -> (&'static str, &'static str) {
    match refusal {
        CertificateRefusal::Expired => (
            "電子証明書の有効期限が切れています",
            "期限の切れた電子証明書では、ログインできません。更新だけを行えます。",
        ),
        CertificateRefusal::Revoked => {
            ("電子証明書は失効しています", "失効した電子証明書では、ログインできません。")
        }
        CertificateRefusal::Unknown | CertificateRefusal::NotYours => (
            "この電子証明書ではログインできません",
            "選ばれた電子証明書は、入力されたIDの方に発行したものではありません。",
        ),
        CertificateRefusal::Needed => {
            ("電子証明書でログインしてください", "ご契約では、ログインに電子証明書が必要です。")
        }
    }
}

/// The log-on without a certificate: the portal's public address.
fn usual_url(visit: &Visit) -> String {
    format!("{}{}", visit.app.options.public_url.trim_end_matches('/'), visit.url("login"))
}
