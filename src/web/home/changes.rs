//! What will be asked for from a day on (auth rules with a date): from some weeks before it the home
//! page and the file menu of a company show act, proof until then, proof from then on, and who has
//! no token yet.

use crate::db::queries::members;
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::{AuthRule, Method, RuleChange};
use crate::domain::permission::only_administers;
use crate::domain::portal::{Profile, SecretKind};
use crate::domain::token::StoredTokenStatus;
use crate::domain::user::{Role, User};
use crate::operations::Ctx;
use crate::primitives::clock::{UtcTime, to_jst};
use crate::web::visit::Visit;

/// Names shown; how many there are is said.
const NAMES_MAX: i64 = 20;

/// What changes, as the page shows it.
#[derive(Debug, Clone)]
pub struct ChangeNotice {
    /// One line an act.
    pub rows: Vec<ChangeRow>,
    /// What this user has to do.
    pub own: String,
    /// Who of the company has no token yet.
    pub without: String,
}

/// An act whose proof changes.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// As `ファイルの承認`.
    pub act: &'static str,
    /// The proof until then, as `2017年7月24日 6時59分59秒 まで`.
    pub until: String,
    /// Which one.
    pub before: String,
    /// The proof from then on, as `2017年7月24日 7時00分00秒 から`.
    pub from: String,
    /// Which one.
    pub after: String,
}

/// The users of a company who have no token in use.
#[derive(Debug, Clone, Default)]
pub struct WithoutToken {
    names: Vec<String>,
    count: i64,
}

/// Whether anything is to be told to this user.
fn changes(profile: &Profile, now: UtcTime) -> Vec<RuleChange<'_>> {
    if !profile.is_corporate() {
        return Vec::new();
    }
    let mut changes = profile.auth.upcoming_changes(now);
    changes
        .retain(|change| change.before.is_some_and(|before| before.method != change.after.method));
    changes
}

/// Who has no token yet; nobody is looked for where nothing changes.
///
/// # Errors
/// Whatever the database says.
pub fn read(conn: &mut DbConn, ctx: &Ctx, user: &User) -> Result<WithoutToken, DbError> {
    if changes(&ctx.profile, ctx.now).is_empty() {
        return Ok(WithoutToken::default());
    }
    let names = members::list_without_token(conn, user.contract_id, NAMES_MAX)?;
    let count = members::count_without_token(conn, user.contract_id)?;
    Ok(WithoutToken { names, count })
}

/// The notice; none where nothing changes soon.
pub fn view(visit: &Visit, user: &User, without: &WithoutToken) -> Option<ChangeNotice> {
    let profile = &visit.profile;
    let changes = changes(profile, visit.ctx.now);
    if changes.is_empty() {
        return None;
    }
    let rows = changes.iter().map(|change| row(profile, user.role, change)).collect();
    Some(ChangeNotice { rows, own: own(visit, user), without: without_text(without) })
}

fn row(profile: &Profile, role: Role, change: &RuleChange<'_>) -> ChangeRow {
    let last = change.at - chrono::TimeDelta::seconds(1);
    // The administrator has secrets of other names, but the acts are the users'.
    let role = if only_administers(profile, role) { Role::General } else { role };
    let label = |rule: Option<&AuthRule>| {
        rule.map_or_else(String::new, |rule| method_label(profile, role, rule.method))
    };
    ChangeRow {
        act: change.after.operation.label(),
        until: format!("{}まで", second_text(last)),
        before: label(change.before),
        from: format!("{}から", second_text(change.at)),
        after: label(Some(change.after)),
    }
}

/// `2017年7月24日 6時59分59秒`.
fn second_text(at: UtcTime) -> String {
    to_jst(at).format("%Y年%-m月%-d日 %-H時%M分%S秒").to_string()
}

fn method_label(profile: &Profile, role: Role, method: Method) -> String {
    let otp = profile.words.otp.clone();
    let confirm = profile.secret_label(SecretKind::Confirm, role);
    match method {
        Method::None => "なし".to_owned(),
        Method::Confirm => confirm.to_owned(),
        Method::Otp => otp,
        Method::OtpAndConfirm => format!("{otp}と{confirm}"),
        Method::OtpOrConfirm => format!("{otp}（ご利用でない方は{confirm}）"),
        Method::MailAndConfirm => format!("確認コードのメールと{confirm}"),
        Method::Signed => "取引確認コード".to_owned(),
        Method::SignedAndConfirm => format!("取引確認コードと{confirm}"),
        Method::SignedOrConfirm => format!("取引確認コード（ご利用でない方は{confirm}）"),
    }
}

fn own(visit: &Visit, user: &User) -> String {
    let words = &visit.profile.words;
    if only_administers(&visit.profile, user.role) {
        return format!(
            "{}をお持ちでない利用者は、この日時からお手続きができなくなります。それまでに「利用者一覧」から登録してください。",
            words.token
        );
    }
    match user.token_status {
        StoredTokenStatus::InUse => {
            format!("あなたは{}をご利用中です。お手続きは必要ありません。", words.token)
        }
        _ => format!(
            "あなたはまだ{}をお持ちでないため、この日時からお手続きができなくなります。{}の登録を、ご契約先の管理者にお申し出ください。",
            words.token, words.token
        ),
    }
}

fn without_text(without: &WithoutToken) -> String {
    if without.count == 0 {
        return "全員が登録済みです".to_owned();
    }
    let shown = i64::try_from(without.names.len()).unwrap_or(without.count);
    let more = match without.count - shown {
        more if more > 0 => format!(" ほか{more}名"),
        _ => String::new(),
    };
    format!("{}{more}", without.names.join("、"))
}
