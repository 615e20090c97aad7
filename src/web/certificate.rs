//! 利用者電子証明書 (BCE001 to BCE003): how the own certificate stands, the proof, and the file with
//! its pass phrase. Whoever lacks a certificate that the contract requires sees these pages alone.

pub mod file;
pub mod overview;
pub mod proof;

use crate::domain::certificate::Choice;
use crate::operations::certificate::Own;
use crate::web::page::Link;
use crate::web::principal::CERTIFICATE;
use crate::web::visit::Visit;

/// BCE002's address below the portal.
pub const PROOF: &str = "certificate/proof";
/// BCE003's; the permit's id follows.
pub const FILE: &str = "certificate/file";

/// The step bar.
const STEPS: [&str; 3] = ["証明書の|確認", "本人|確認", "ダウン|ロード"];

/// What drawing a certificate is called.
fn verb(choice: Choice) -> &'static str {
    if choice.is_renewal() { "更新する" } else { "取得する" }
}

/// The way on for whoever has a certificate: the top page, or the log-on with it.
fn way_on(visit: &Visit, own: &Own) -> Link {
    if !own.standing.is_kept_out() {
        return Link { label: "トップページへ".to_owned(), url: visit.url("") };
    }
    match log_in_url(visit) {
        Some(url) => Link { label: "電子証明書でログインする".to_owned(), url },
        None => {
            Link { label: "証明書の確認に戻る".to_owned(), url: visit.url(CERTIFICATE) }
        }
    }
}

/// The log-on with a certificate, where this server has one.
pub fn log_in_url(visit: &Visit) -> Option<String> {
    let door = visit.app.options.certificates.url.as_ref()?;
    Some(format!("{door}{}", visit.url("login")))
}
