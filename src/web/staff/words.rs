//! Words that pages of the console share.

use crate::db::queries::customers::Customer;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::domain::user::{Role, SetupState};
use crate::operations::count_limit;
use crate::operations::proof::ProofRefusal;
use crate::primitives::clock::{UtcTime, to_jst};
use crate::web::staff::visit::StaffVisit;

/// A locked staff id, known or not.
pub const LOCKED: &str = "この職員IDは、入力の誤りが続いたため停止しています。\
    システム担当に連絡し、停止の解除を依頼してください。";

/// Why a code of the own authenticator was not accepted.
pub fn code_refused(refusal: &ProofRefusal) -> String {
    let next = "認証アプリに次に表示される数字を入力してください。";
    match refusal {
        ProofRefusal::OtpWaiting { until } => {
            let at = to_jst(*until).format("%-H時%M分%S秒");
            format!("入力の誤りが続いたため、{at}を過ぎてから、もう一度入力してください。")
        }
        ProofRefusal::OtpRepeated => format!("同じ数字が続けて送信されました。{next}"),
        ProofRefusal::Suspended => LOCKED.to_owned(),
        ProofRefusal::OtpWrong { remaining, until } => {
            let told =
                remaining.map_or_else(String::new, |n| format!("（あと{n}回誤ると、停止します）"));
            let next = until.map_or_else(
                || next.to_owned(),
                |until| {
                    let at = to_jst(until).format("%-H時%M分%S秒");
                    format!("{at}を過ぎてから、そのとき表示される数字を入力してください。")
                },
            );
            format!("数字を確認できませんでした。端末の時計が合っているかを確かめ、{next}{told}")
        }
        _ => format!("数字を確認できませんでした。{next}"),
    }
}

/// A code that cannot be one.
pub fn code_problem(code: &str) -> Option<&'static str> {
    let is_form = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    match (code.is_empty(), is_form) {
        (true, _) => Some("認証アプリに表示されている数字を入力してください。"),
        (false, false) => Some("6桁の数字で入力してください。"),
        (false, true) => None,
    }
}

/// What a user is in the own contract.
pub fn role_label(role: Role) -> &'static str {
    match role {
        Role::Customer => "個人のお客さま",
        Role::Master => "マスターユーザ",
        Role::Administrator => "管理者",
        Role::General => "一般ユーザ",
    }
}

/// What keeps a customer out, each in a word.
pub fn marks(visit: &StaffVisit, customer: &Customer, now: UtcTime) -> Vec<&'static str> {
    let user = &customer.user;
    let limit = count_limit(visit.profile.tokens.throttle.failures_max);
    let is_suspended = customer.token.as_ref().is_some_and(|token| token.is_suspended(limit));
    [
        (user.deleted_at.is_some(), "利用終了"),
        (user.stopped_at.is_some(), "緊急停止中"),
        (is_suspended, "ワンタイムパスワード停止中"),
        (user.login_locked_at.is_some(), "ログイン停止中"),
        (user.confirm_locked_at.is_some(), "確認用パスワード停止中"),
        (user.hold_until.is_some_and(|until| until > now), "振込制限中"),
        (user.setup_state == SetupState::Initial, "初期パスワード"),
    ]
    .into_iter()
    .filter(|(is_so, _)| *is_so)
    .map(|(_, mark)| mark)
    .collect()
}

/// A value in an address.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// An act in words.
pub fn act_label(act: StaffAct) -> &'static str {
    match act {
        StaffAct::Release => "ワンタイムパスワードの利用停止解除",
        StaffAct::Unlock => "停止の解除（ログイン・確認用パスワード・画像認証カード）",
        StaffAct::ResetPassword => "初期パスワードの再発行",
        StaffAct::IssuePassword => "初期パスワードの発行",
        StaffAct::CloseContract => "解約",
        StaffAct::OpenContract => "お申込みの登録（開設）",
        StaffAct::AddAccount => "口座の追加",
        StaffAct::RecordApplication => "ワンタイムパスワード機能申込書の登録",
        StaffAct::AddUser => "マスターユーザの追加",
        StaffAct::RegistrationNumber => "登録番号の発行",
        StaffAct::ApprovePayee => "事前登録先の承認",
        StaffAct::BulkService => "ファイル伝送の取扱いの登録",
        StaffAct::ExternalAccounts => "外部ファイルの取扱いの登録",
        StaffAct::ExternalPut => "外部ファイルのお渡し",
        StaffAct::LiftHold => "振込制限の解除",
        StaffAct::LiftStop => "緊急停止の解除",
        StaffAct::Revoke => "トークンの失効",
        StaffAct::Resynchronise => "時刻補正",
        StaffAct::Ship => "トークンの配付",
        StaffAct::Import => "トークンの取込み",
        StaffAct::Limit => "お申込みによる限度額の登録",
        StaffAct::RequireCertificate => "電子証明書の必要・不要の変更",
        StaffAct::RevokeCertificate => "電子証明書の失効",
        StaffAct::OrderRecord => "発行の申込書の登録",
        StaffAct::OrderAccept => "発行依頼の受付",
        StaffAct::OrderDebit => "発行手数料の引落",
        StaffAct::OrderShip => "発行依頼の発送",
        StaffAct::OrderReceive => "発行依頼の受領の記録",
        StaffAct::OrderCancel => "発行依頼の取消",
    }
}

/// Why an act is not possible as things stand.
pub fn blocked(why: Blocked) -> &'static str {
    match why {
        Blocked::NoToken => "トークンの登録がありません。お客さまに登録をご案内ください。",
        Blocked::NotSuspended => {
            "ワンタイムパスワードは停止していません。お客さまの画面で、ほかの停止がないかをご確認ください。"
        }
        Blocked::NotLocked => {
            "停止しているものはなく、入力の誤りも数えていません。お客さまの画面と監査ログで、原因をご確認ください。"
        }
        Blocked::NoHold => "振込制限はかかっていません。手続きは要りません。",
        Blocked::NotStopped => "緊急停止はしていません。手続きは要りません。",
        Blocked::WrongStatus => {
            "今の利用状態では行えません。お客さまの画面で状態をご確認ください。"
        }
        Blocked::Suspended => "停止中です。先に利用停止を解除してください。",
        Blocked::NotByStaff => {
            "一般ユーザは、ご契約先の管理者が手続きします。管理者の方にご依頼いただくよう、ご案内ください。"
        }
        Blocked::NumberTaken => "この番号のご契約がすでにあります。番号をご確認ください。",
        Blocked::IdTaken => {
            "このIDはほかの方が使っています（以前の方も含みます）。別のIDを入力してください。"
        }
        Blocked::AccountTaken => {
            "この口座はすでに登録されています。店番・科目・口座番号をご確認ください。"
        }
        Blocked::BranchNamed => {
            "この店番には別の店名が登録されています。店番と店名をご確認ください。"
        }
        Blocked::Closed => "このご契約は解約済みです。",
        Blocked::SetUp => {
            "初回設定が済んでいます。必要なときは、初期パスワードを再発行してください。"
        }
        Blocked::StopFirst => "緊急停止中の方がいるトークンです。先に緊急停止を解除してください。",
        Blocked::NoSuchToken => "このシリアル番号のトークンはありません。番号をご確認ください。",
        Blocked::NoSuchContract => "この契約番号のご契約はありません。番号をご確認ください。",
        Blocked::NotInStock => "このトークンは在庫にありません。ほかの番号をお選びください。",
        Blocked::NoCertificate => {
            "失効できる電子証明書がありません。お客さまの画面で状態をご確認ください。"
        }
        Blocked::WrongToken => {
            "種類の違うトークンか、有効期限の切れたトークンです。ほかの番号をお選びください。"
        }
        Blocked::Balance => {
            "代表口座の残高が足りないため、引き落としていません。お客さまに入金をお願いし、入金のあとでもう一度行ってください。"
        }
        Blocked::NoAccount => "手数料を引き落とす口座がありません。ご契約の口座をご確認ください。",
        Blocked::PaidOrder => {
            "手数料を引き落とした発行依頼が、まだ発送されていません。先に発送してください。"
        }
        Blocked::Same => "すでに同じ内容が登録されています。手続きは要りません。",
        Blocked::Changed => "ほかの操作で状態が変わりました。今の状態をご確認ください。",
    }
}
