//! 管理者メニュー (BAD100, BAU100 to BAU112): where a contract's one administrator keeps its users,
//! registers tokens for them and orders further ones. Others get the page 403, and no menu.

pub mod certificates;
pub mod home;
pub mod mode;
pub mod order;
pub mod order_confirm;
pub mod orders;
pub mod register;
pub mod result;
pub mod stop;
pub mod users;

use crate::domain::contract::TokenMode;
use crate::domain::member::Member;
use crate::domain::token::UserTokenStatus;
use crate::operations::count_limit;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::UserId;
use crate::web::administration::list::{self, Listed, MemberRow, own_id, role_label_in};
use crate::web::page::Tone;
use crate::web::visit::Visit;

/// BAD100's address below the portal.
pub const MENU: &str = "administrator";
/// BAU101's.
pub const MODE: &str = "administrator/mode";
/// BAU109's.
pub const STOP: &str = "administrator/stop";
/// BAU115's; with a receipt's id BAU116's.
pub const CERTIFICATES: &str = "administrator/certificates";
/// BAU103's; the receipt's id follows.
pub const RESULT: &str = "administrator/result";

/// The words of 利用形態.
pub fn mode_label(mode: TokenMode) -> &'static str {
    match mode {
        TokenMode::Each => "全ての利用者が異なるトークンを利用する",
        TokenMode::All => "全ての利用者が同じトークンを利用する",
    }
}

/// One line of a list; `tick` is the name of its box.
fn row(
    visit: &Visit,
    listed: &Listed,
    member: &Member,
    tick: Option<String>,
    ticked: &[UserId],
) -> MemberRow {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let status = member.status_at(visit.ctx.now);
    let is_suspended = member.token_id.is_some() && member.is_suspended(max);
    let dash = || "−".to_owned();
    MemberRow {
        tick,
        is_ticked: ticked.contains(&member.id),
        reason: "−",
        login_id: own_id(&member.login_id).to_owned(),
        name: member.name.clone(),
        role: role_label_in(&visit.profile, member.role),
        serial: member.serial.clone().unwrap_or_else(dash),
        state: if is_suspended { "停止中" } else { status.label() },
        tone: match status {
            _ if is_suspended => Tone::Error,
            UserTokenStatus::InUse => Tone::Success,
            UserTokenStatus::Issued => Tone::Info,
            UserTokenStatus::Expired | UserTokenStatus::Revoked => Tone::Error,
            UserTokenStatus::Unregistered => Tone::Warn,
        },
        expires_at: member.expires_at.map_or_else(dash, jst_minute_text),
        others: listed.others(member),
    }
}

/// The name of the user's box where the act may be done to them.
fn tick_if(may: bool, member: &Member) -> Option<String> {
    may.then(|| list::tick_of(member))
}
