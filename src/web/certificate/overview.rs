//! BCE001 利用者電子証明書: how it stands, and what can be done.

use actix_web::http::StatusCode;
use chrono::TimeDelta;

use crate::domain::certificate::{Certificate, Choice};
use crate::domain::permission::only_administers;
use crate::operations::certificate::{Own, own};
use crate::primitives::clock::{UtcTime, jst_minute_text, to_jst};
use crate::primitives::code::last_four;
use crate::web::certificate::{PROOF, STEPS, log_in_url, verb};
use crate::web::failure::PageResult;
use crate::web::page::{Link, Notice, Row, Shell, Step, Tone, steps};
use crate::web::principal;
use crate::web::screens;
use crate::web::visit::Visit;

/// BCE001.
#[derive(askama::Template)]
#[template(path = "certificate/overview.html")]
pub struct CertificatePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What can be done, and why.
    pub notice: Notice,
    /// How the certificate stands.
    pub rows: Vec<Row>,
    /// The way on.
    pub draw: Option<Link>,
    /// The log-on with the certificate, where that is what is left to do.
    pub log_in: Option<Link>,
    /// The top page, for whoever may see it.
    pub top_url: Option<String>,
    /// For so many days one is good.
    pub valid_days: u32,
    /// From so many days before its end it can be renewed.
    pub renewal_days: u32,
    /// Whether to call is the way on.
    pub is_to_call: bool,
}

/// Shows BCE001.
///
/// # Errors
/// 303 to the login for whoever is not logged in.
pub async fn show(visit: Visit) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, own) =
        principal::enter_certificate(&visit, move |conn, login, user| own(conn, &ctx, login, user))
            .await?;
    let mut shell = visit.shell_of(&screens::BCE001, &who);
    let is_kept_out = own.standing.is_kept_out();
    if is_kept_out {
        shell.nav.clear();
    }
    let leads_to_log_in =
        own.choice == Choice::LogInWithIt || (is_kept_out && own.choice == Choice::GetAgain);
    let page = CertificatePage {
        shell,
        steps: steps(&STEPS, 0),
        notice: notice(&own, only_administers(&visit.profile, who.user.role), visit.ctx.now),
        rows: rows(&visit, own.certificates.first(), own.standing.is_required),
        draw: own.choice.may_draw().then(|| Link {
            label: match own.choice {
                Choice::GetAgain => "取得し直す".to_owned(),
                choice => verb(choice).to_owned(),
            },
            url: visit.url(PROOF),
        }),
        log_in: log_in_url(&visit)
            .filter(|_| leads_to_log_in)
            .map(|url| Link { label: "電子証明書でログインする".to_owned(), url }),
        top_url: (!is_kept_out).then(|| visit.url("")),
        valid_days: visit.profile.certificates.valid_days,
        renewal_days: visit.profile.certificates.renewal_days,
        is_to_call: own.choice == Choice::AskAdministrator,
    };
    visit.page(StatusCode::OK, &page)
}

fn rows(visit: &Visit, newest: Option<&Certificate>, is_required: bool) -> Vec<Row> {
    let policy = visit.profile.certificates;
    let needed = if is_required { "必要" } else { "不要（お使いになれます）" };
    let mut rows = vec![Row::new("ログイン時の電子証明書", needed)];
    match newest {
        None => rows.push(Row::new("状態", "取得していません")),
        Some(newest) => rows.extend([
            Row::new("状態", newest.state_at(policy, visit.ctx.now).label()),
            Row::new("発行日", day_text(newest.issued_at)),
            Row::new("有効期限", jst_minute_text(newest.expires_at)),
            Row::new("番号の下4桁", last_four(&newest.serial).to_ascii_uppercase()),
        ]),
    }
    rows
}

fn day_text(at: UtcTime) -> String {
    to_jst(at).format("%Y年%-m月%-d日").to_string()
}

fn notice(own: &Own, is_administrator: bool, now: UtcTime) -> Notice {
    let newest = own.certificates.first();
    // A contract's one administrator has nobody else there to ask.
    let ask = match is_administrator {
        true => "画面下のお問い合わせ先へお電話のうえ、失効をお申し出ください。",
        false => "ご契約先の管理者に失効をお申し出ください。",
    };
    let (tone, title, text) = match own.choice {
        Choice::Get if own.standing.is_kept_out() => (
            Tone::Warn,
            "ログインには電子証明書が必要です。".to_owned(),
            "ご契約では、電子証明書を使ってログインします。先に電子証明書を取得してください。".to_owned(),
        ),
        Choice::Get => (
            Tone::Info,
            "電子証明書を取得できます。".to_owned(),
            "電子証明書を入れたパソコンやスマートフォンから、ログインできるようになります。".to_owned(),
        ),
        Choice::GetAgain => (
            Tone::Info,
            "取得した電子証明書は、まだ使われていません。".to_owned(),
            "端末に入れたら、電子証明書でログインしてください。ファイルを保存できなかったときは、\
             取得し直せます。前のファイルは使えなくなります。"
                .to_owned(),
        ),
        Choice::Renew => (
            Tone::Warn,
            format!("有効期限まで、あと{}日です。", days_left(newest, now)),
            "期限までに更新してください。今の電子証明書は、新しいもので最初にログインするまで使えます。".to_owned(),
        ),
        Choice::RenewExpired => (
            Tone::Error,
            "電子証明書の有効期限が切れています。".to_owned(),
            "更新して、新しい電子証明書を端末に入れてください。".to_owned(),
        ),
        Choice::NotYet(from) => (
            Tone::Success,
            "電子証明書は有効です。".to_owned(),
            format!("{}から更新できます。", jst_minute_text(from)),
        ),
        Choice::LogInWithIt => (
            Tone::Warn,
            "電子証明書でログインしてください。".to_owned(),
            format!("お使いの電子証明書があります。証明書の入った端末をなくされたときは、{ask}"),
        ),
        Choice::AskAdministrator => (
            Tone::Error,
            "電子証明書の有効期限が切れています。".to_owned(),
            format!("期限切れの電子証明書は更新できません。{ask}そのあと、取得し直してください。"),
        ),
    };
    Notice { tone, title, text: vec![text] }
}

/// Days begun.
fn days_left(newest: Option<&Certificate>, now: UtcTime) -> i64 {
    let left = newest.map_or(TimeDelta::zero(), |one| one.expires_at - now);
    (left + TimeDelta::days(1) - TimeDelta::seconds(1)).num_days()
}
