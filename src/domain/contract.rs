//! Contracts with the institution: a customer's, or a company's with its users.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::member::Member;
use crate::domain::portal::{Profile, RegistrationPlace};
use crate::domain::token::{Token, UserTokenStatus};
use crate::domain::user::User;
use crate::primitives::clock::{UtcTime, jst_day_start};
use crate::primitives::ids::ContractId;
use crate::text_enum;

/// A contract as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::contracts)]
pub struct Contract {
    /// Row id.
    pub id: ContractId,
    /// The portal's slug.
    pub portal: String,
    /// Its number, as letters and tokens are sent to.
    pub number: String,
    /// Its holder.
    pub name: String,
    /// Closed since.
    pub closed_at: Option<NaiveDateTime>,
    /// When ワンタイムパスワード機能申込書 came in; nothing: it has not.
    pub otp_applied_on: Option<NaiveDate>,
    /// 利用開始日 that staff set; nothing: the profile's.
    pub otp_starts_on: Option<NaiveDate>,
    /// 利用形態, where an administrator registers tokens; nothing: not chosen yet.
    pub token_mode: Option<TokenMode>,
    /// Nobody logs in without a client certificate.
    pub certificate_required: bool,
}

text_enum! {
    /// 利用形態: how an administrator hands tokens out to the users of the contract.
    TokenMode {
        /// 全ての利用者が異なるトークンを利用する: one each, or one for some together.
        Each = "each",
        /// 全ての利用者が同じトークンを利用する, those of later too.
        All = "all",
    }
}

/// Whether `mode` can only hold once registrations are released: another one holds, and tokens are
/// in use. `having` are the users with a token; an expired one stays until the next one comes.
#[must_use]
pub fn needs_mode_change(
    contract: &Contract,
    mode: TokenMode,
    having: &[Member],
    now: UtcTime,
) -> bool {
    contract.token_mode.unwrap_or(TokenMode::Each) != mode
        && having.iter().any(|member| member.status_at(now) == UserTokenStatus::InUse)
}

impl Contract {
    /// From when the contract's users must register a token at login (BLG020); nothing: they need
    /// not, since the contract has not applied for the service.
    #[must_use]
    pub fn otp_starts_at(&self, profile: &Profile) -> Option<UtcTime> {
        let applied_on = self.otp_applied_on?;
        let by_profile = profile.tokens.service_starts_on.map(|day| day.0);
        Some(jst_day_start(self.otp_starts_on.or(by_profile).unwrap_or(applied_on)))
    }
}

/// Whether a user who has proven id and password comes to the registration of a token and to
/// nothing else (BLG020): the portal asks for it at login, the contract's service has started, and
/// the user has no token in use.
#[must_use]
pub fn must_register_at_login(
    profile: &Profile,
    contract: &Contract,
    user: &User,
    token: Option<&Token>,
    now: UtcTime,
) -> bool {
    let expires_at = token.and_then(|token| token.expires_at);
    profile.tokens.registration == RegistrationPlace::ForcedAtLogin
        && contract.otp_starts_at(profile).is_some_and(|start| start <= now)
        && UserTokenStatus::at(user.token_status, expires_at, now) != UserTokenStatus::InUse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::portal::Profile;

    fn contract(applied: Option<&str>, starts: Option<&str>) -> Contract {
        let day = |text: &str| text.parse().unwrap();
        Contract {
            id: ContractId(1),
            portal: "inaho".to_owned(),
            number: "4000000001".to_owned(),
            name: "x".to_owned(),
            closed_at: None,
            otp_applied_on: applied.map(day),
            otp_starts_on: starts.map(day),
            token_mode: None,
            certificate_required: false,
        }
    }

    fn starts_at(applied: Option<&str>, starts: Option<&str>) -> Option<String> {
        let (_, text) =
            Profile::builtin().into_iter().find(|(file, _)| *file == "inaho.toml").unwrap();
        let profile = Profile::parse("inaho.toml", text).unwrap();
        contract(applied, starts).otp_starts_at(&profile).map(|at| at.to_string())
    }

    #[test]
    fn the_service_starts_on_staffs_day_or_the_profiles_once_applied_for() {
        assert_eq!(starts_at(None, None), None);
        assert_eq!(starts_at(None, Some("2020-01-01")), None);
        // The profile says 2015-10-05, which begins at 15:00 UTC on the day before.
        assert_eq!(starts_at(Some("2015-09-01"), None).unwrap(), "2015-10-04 15:00:00");
        let own = starts_at(Some("2015-09-01"), Some("2016-04-01"));
        assert_eq!(own.unwrap(), "2016-03-31 15:00:00");
    }
}
