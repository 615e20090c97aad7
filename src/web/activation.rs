//! 開通確認: the first log-on of a contract's administrator (BAL010 to 012) and of its users (BAL020
//! to 022). Ids, secrets and mail address are asked as in the first setup (BLG095).

pub mod identify;
pub mod result;
pub mod secrets;

use crate::domain::permission::only_administers;
use crate::domain::user::User;
use crate::web::login::setup::STEPS as SETUP_STEPS;
use crate::web::page::{Step, steps};
use crate::web::principal::Who;
use crate::web::screens::{self, Screen};
use crate::web::visit::Visit;

/// BAL010's address below the portal.
pub const PATH: &str = "activation";
/// BAL012's and BAL022's.
pub const RESULT: &str = "activation/result";

/// Whether the portal has it.
pub fn is_offered(visit: &Visit) -> bool {
    visit.profile.services.activation
}

/// Where somebody sets the own secrets: it decides what has to be proven before.
pub fn secrets_path(visit: &Visit, user: &User) -> &'static str {
    if only_administers(&visit.profile, user.role) {
        "activation/administrator"
    } else {
        "activation/user"
    }
}

/// The screen of the mail address and its code, in the first setup or here.
pub fn mail_screen(visit: &Visit, who: &Who) -> &'static Screen {
    match (is_offered(visit), only_administers(&visit.profile, who.user.role)) {
        (false, _) => &screens::BLG095,
        (true, true) => &screens::BAL011,
        (true, false) => &screens::BAL021,
    }
}

/// The step bar of the mail address and its code: `step` from zero.
pub fn mail_steps(visit: &Visit, who: &Who, step: usize) -> Vec<Step> {
    if is_offered(visit) {
        let is_administrator = only_administers(&visit.profile, who.user.role);
        return secrets::own_steps(is_administrator, 2 + step);
    }
    steps(&SETUP_STEPS, 1 + step)
}

/// Where a login goes on whose setup is finished.
pub fn after_setup(visit: &Visit) -> String {
    visit.url(if is_offered(visit) { RESULT } else { "" })
}
