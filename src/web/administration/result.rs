//! BAU011 利用停止解除結果 and BAU021 トークン失効結果: what was done, the same at each reload.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::receipts;
use crate::domain::receipt::{Receipt as StoredReceipt, number_text};
use crate::operations::administration::{MemberLine, MembersReceipt};
use crate::primitives::clock::{jst_expiry_text, jst_minute_text, jst_receipt_text};
use crate::primitives::ids::ReceiptId;
use crate::web::administration::list::{id_label, own_id, role_label_in};
use crate::web::administration::release::STEPS;
use crate::web::administration::{enter, menu_label, menu_url};
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Receipt, Shell, Step, Tone, steps};
use crate::web::principal::Who;
use crate::web::screens::{self, Screen};
use crate::web::visit::Visit;

/// BAU011's address below the portal; the receipt's id follows.
pub const RELEASED: &str = "admin/release/result";
/// BAU021's.
pub const REVOKED: &str = "admin/revoke/result";

/// BAU011, BAU021.
#[derive(askama::Template)]
#[template(path = "administration/result.html")]
pub struct MembersResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was done, in a sentence.
    pub lead: String,
    /// Whom it was done to.
    pub lines: Vec<ResultLine>,
    /// What the users' own ids are called.
    pub id_label: String,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// Heading of the state, as in the list before.
    pub state_label: String,
    /// The new state.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// Whether the expiry stands beside it.
    pub has_expiry: bool,
    /// Who keeps a token that others lost, as a sentence.
    pub kept: Option<String>,
    /// From when the next token can be registered.
    pub registrable_from: Option<String>,
    /// Whether the user's own login has ended.
    pub is_logged_out: bool,
    /// The top page, or the login.
    pub top_url: String,
    /// BAU001.
    pub menu_url: String,
    /// What it is called.
    pub menu_label: &'static str,
}

/// One line of the result.
#[derive(Debug, Clone)]
pub struct ResultLine {
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: &'static str,
    /// シリアル番号.
    pub serial: String,
    /// トークン有効期限.
    pub expires_at: String,
}

struct Kind {
    operation: &'static str,
    screen: &'static Screen,
}

const RELEASE: Kind = Kind { operation: "token.release", screen: &screens::BAU011 };
const REVOKE: Kind = Kind { operation: "token.revoke", screen: &screens::BAU021 };

/// Shows BAU011.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_released(visit: Visit, id: Path<String>) -> PageResult {
    let (who, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    show(&visit, &who, &id, &RELEASE, false).await
}

/// Shows BAU021.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_revoked(visit: Visit, id: Path<String>) -> PageResult {
    let (who, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    show(&visit, &who, &id, &REVOKE, false).await
}

/// BAU021 for whoever revoked the own token, whose login is over by now.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_last(visit: &Visit, who: &Who, url: &str) -> PageResult {
    let id = url.rsplit('/').next().unwrap_or_default();
    show(visit, who, id, &REVOKE, true).await
}

async fn show(visit: &Visit, who: &Who, id: &str, kind: &Kind, is_logged_out: bool) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let user_id = who.user.id;
    let found =
        visit.app.services.db.read(move |conn| receipts::find_of_user(conn, user_id, id)).await?;
    let stored: StoredReceipt =
        found.filter(|receipt| receipt.operation == kind.operation).ok_or(PageError::NotFound)?;
    let details: MembersReceipt = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    visit.page(StatusCode::OK, &page(visit, who, &stored, &details, kind, is_logged_out))
}

fn page(
    visit: &Visit,
    who: &Who,
    stored: &StoredReceipt,
    details: &MembersReceipt,
    kind: &Kind,
    is_logged_out: bool,
) -> MembersResultPage {
    let is_revocation = kind.operation == REVOKE.operation;
    let words = &visit.profile.words;
    let count = details.members.len();
    let from = visit.profile.revocation_wait_until(stored.accepted_at);
    MembersResultPage {
        shell: if is_logged_out {
            visit.shell(kind.screen)
        } else {
            visit.shell_of(kind.screen, who)
        },
        steps: steps(&STEPS, 1),
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        lead: if is_revocation {
            format!("次の{count}名の{}を失効しました。", words.token)
        } else {
            format!("次の{count}名の{}の停止を解除しました。", words.otp)
        },
        lines: details.members.iter().map(|member| line(visit, member)).collect(),
        id_label: id_label(&visit.profile).to_owned(),
        serial_label: words.serial.clone(),
        state_label: if is_revocation {
            format!("{}状態", words.otp)
        } else {
            format!("{}認証状態", words.otp)
        },
        state: if is_revocation { "失効中" } else { "利用可能" },
        tone: if is_revocation { Tone::Error } else { Tone::Success },
        has_expiry: is_revocation,
        kept: kept(details),
        registrable_from: is_revocation.then(|| jst_minute_text(from)),
        is_logged_out,
        top_url: visit.url(if is_logged_out { "login" } else { "" }),
        menu_url: menu_url(visit),
        menu_label: menu_label(visit),
    }
}

fn line(visit: &Visit, member: &MemberLine) -> ResultLine {
    let dash = || "−".to_owned();
    ResultLine {
        login_id: own_id(&member.login_id).to_owned(),
        name: member.name.clone(),
        role: role_label_in(&visit.profile, member.role),
        serial: member.serial.clone().unwrap_or_else(dash),
        expires_at: member.expires_at.map_or_else(dash, jst_expiry_text),
    }
}

fn kept(details: &MembersReceipt) -> Option<String> {
    const SHOWN: usize = 10;
    let names: Vec<&str> =
        details.kept.iter().take(SHOWN).map(|member| member.name.as_str()).collect();
    let more = details.kept.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
    (!names.is_empty()).then(|| format!("{}{more}", names.join("、")))
}
