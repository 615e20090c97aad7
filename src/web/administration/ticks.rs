//! Lists of users to be ticked for an act on the users themselves (BAU040, BAU050). A box carries
//! how often the user has been changed, so that nobody acts on what another has changed since.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::db::queries::member_lists::Total;
use crate::db::queries::members;
use crate::domain::member::Member;
use crate::domain::permission::users::{UserAct, UserActRefusal, decide_user_act};
use crate::operations::administration::MembersOutcome;
use crate::operations::step::StepOutcome;
use crate::primitives::ids::UserId;
use crate::web::administration::list::{self, ListQuery, PAGE_SIZE, role_label};
use crate::web::administration::members::tone_of;
use crate::web::administration::release::changed;
use crate::web::administration::{TICK, enter};
use crate::web::failure::{PageError, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::page::Tone;
use crate::web::principal::Who;
use crate::web::visit::Visit;

/// One line.
#[derive(Debug, Clone)]
pub struct TickRow {
    /// The name of its box; none where the act is not for this user.
    pub tick: Option<String>,
    /// Whether it is ticked.
    pub is_ticked: bool,
    /// Why there is no box, as `ご本人`.
    pub reason: &'static str,
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// 利用者区分.
    pub role: &'static str,
    /// How the user stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// メールアドレス, if one is proven.
    pub address: String,
}

/// Ticked users, and how often each had been changed when the list was shown.
pub type Seen = BTreeMap<UserId, i64>;

/// A page of users.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The users.
    pub members: Vec<Member>,
    /// How many fit the filter in all.
    pub total: Total,
    /// Master users of the contract who can log in.
    pub masters: i64,
}

/// Lets an administrator in and reads a page: three queries, however many lines.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Listed), PageError> {
    let (query, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| {
        let (members, total) = list::read_users(conn, user.contract_id, &query, max)?;
        let masters = members::count_masters(conn, user.contract_id)?;
        Ok(Listed { members, total, masters })
    })
    .await
}

/// The users that the ticks name; nothing where one names nobody that a list could show.
#[must_use]
pub fn seen(ticks: &[String]) -> Option<Seen> {
    let is_too_many = i64::try_from(ticks.len()).is_ok_and(|count| count > PAGE_SIZE);
    let one = |tick: &String| {
        let (id, version) = tick.split_once('.')?;
        Some((UserId(id.parse().ok()?), version.parse().ok()?))
    };
    let seen: Option<Seen> = ticks.iter().map(one).collect();
    seen.filter(|_| !is_too_many)
}

impl Listed {
    /// May the administrator do this to the user?
    ///
    /// # Errors
    /// [`UserActRefusal`].
    pub fn decide(
        &self,
        visit: &Visit,
        who: &Who,
        member: &Member,
        act: UserAct,
    ) -> Result<(), UserActRefusal> {
        decide_user_act(&visit.profile, &who.user, member.user_target(self.masters), act)
    }

    /// The lines, with boxes for whom at least one of the acts is.
    pub fn rows(&self, visit: &Visit, who: &Who, ticked: &Seen, acts: &[UserAct]) -> Vec<TickRow> {
        self.members.iter().map(|member| self.row(visit, who, member, (ticked, acts))).collect()
    }

    fn row(
        &self,
        visit: &Visit,
        who: &Who,
        member: &Member,
        (ticked, acts): (&Seen, &[UserAct]),
    ) -> TickRow {
        let decided: Vec<_> =
            acts.iter().map(|act| self.decide(visit, who, member, *act)).collect();
        let is_possible = decided.iter().any(Result::is_ok);
        let refusal = decided.into_iter().find_map(Result::err);
        let state = member.state();
        TickRow {
            tick: is_possible.then(|| format!("{TICK}{}.{}", member.id, member.version)),
            is_ticked: ticked.contains_key(&member.id),
            reason: refusal.map_or("−", short_reason),
            login_id: member.login_id.clone(),
            name: member.name.clone(),
            role: role_label(member.role),
            state: state.label(),
            tone: tone_of(state),
            address: member.mail_address.clone().unwrap_or_else(|| "−".to_owned()),
        }
    }
}

/// A list that was sent: by whom, what it showed, and whom its boxes name.
pub struct Sent {
    /// The administrator.
    pub who: Who,
    /// The page of users.
    pub listed: Listed,
    /// The ticked ones.
    pub ticked: Seen,
}

/// How a list shows again: the list, the form, and the status.
pub type Again = (Sent, FormView, StatusCode);

/// What answers to a list that was sent: the result, the form with what was refused, or, where
/// somebody was faster, the list as it stands now, with the form that `fresh` makes.
///
/// # Errors
/// As [`read`].
pub async fn answer(
    visit: &Visit,
    query: &ListQuery,
    outcome: MembersOutcome,
    sent: Sent,
    mut form: FormView,
    fresh: impl FnOnce(&Who) -> Result<FormView, PageError>,
) -> Result<Result<HttpResponse, Again>, PageError> {
    match outcome {
        MembersOutcome::Done(url) => Ok(Ok(see_other(&url))),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            Ok(Err((sent, form, StatusCode::UNPROCESSABLE_ENTITY)))
        }
        MembersOutcome::Step(_) => {
            let (who, listed) = read(visit, query).await?;
            let form = changed(fresh(&who)?);
            Ok(Err((Sent { who, listed, ticked: Seen::new() }, form, StatusCode::CONFLICT)))
        }
    }
}

fn short_reason(refusal: UserActRefusal) -> &'static str {
    match refusal {
        UserActRefusal::Oneself => "ご本人",
        UserActRefusal::MasterOnly => "マスターユーザのみ",
        UserActRefusal::LastMaster => "最後のマスター",
        UserActRefusal::NotAdministrator | UserActRefusal::NotThere | UserActRefusal::State => "−",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_row_ids_with_a_count() {
        let read = seen(&["3.0".into(), "5.2".into()]).unwrap();
        assert_eq!(read, Seen::from([(UserId(3), 0), (UserId(5), 2)]));
        for wrong in ["3", "x.1", "3.x", ""] {
            assert_eq!(seen(&[wrong.into()]), None, "{wrong}");
        }
        let many: Vec<String> = (0..51).map(|id| format!("{id}.0")).collect();
        assert_eq!(seen(&many), None);
    }
}
