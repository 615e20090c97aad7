//! Tokens in words.

use super::super::{
    Credential, DoneBy, Keeper, LoginAnswer, LoginChoice, Profile, RegistrationPlace, Sharing,
    Validity, ValidityRule,
};

pub(super) fn policy(profile: &Profile) -> Vec<String> {
    let tokens = &profile.tokens;
    let place = match tokens.registration {
        RegistrationPlace::AdministratorMenu => "by the administrator in the menu",
        RegistrationPlace::MenuAfterLogin => "in the menu after login, beginning with the issue",
        RegistrationPlace::LoginPagePanel => "in a panel under the login form",
        RegistrationPlace::LoginPageLinks => "behind links under the login form",
        RegistrationPlace::ForcedAtLogin => "at login, before any other page",
    };
    let sharing = match tokens.sharing {
        Sharing::None => "A token belongs to one user.",
        Sharing::SameSerial => "Users of a contract who register the same serial share a token.",
        Sharing::ByAdministrator => "The administrator says which users share a token.",
    };
    let mut lines = vec![
        format!("Tokens are registered {place}."),
        format!("Exchange: {}. Stop: {}.", by(tokens.exchange), by(tokens.stop)),
        format!(
            "Suspensions are released by {}; tokens are revoked by {}.",
            keeper(tokens.released_by),
            keeper(tokens.revoked_by)
        ),
        sharing.to_owned(),
        login_choice(profile),
        format!("A token ends: {}.", validity(tokens.validity)),
    ];
    if tokens.token_mandatory {
        lines.push("Without a token there are no transfers and no Pay-easy.".to_owned());
    }
    if let Some(day) = tokens.service_starts_on {
        lines.push(format!("Users must register from {day}, where staff set no other day."));
    }
    lines.push(revocation(profile));
    lines.extend(issue(profile));
    lines
}

fn by(who: DoneBy) -> &'static str {
    match who {
        DoneBy::None => "by staff only",
        DoneBy::Customer => "by the customer",
        DoneBy::Administrator => "by the administrator",
    }
}

fn keeper(keeper: Keeper) -> &'static str {
    match keeper {
        Keeper::Staff => "staff only",
        Keeper::Administrator => "the administrator or staff",
        Keeper::MasterAndAdministrators => "master and administrator users or staff",
    }
}

fn login_choice(profile: &Profile) -> String {
    let preset = match profile.tokens.login_choice_preset {
        LoginAnswer::Required => "asked",
        LoginAnswer::NotRequired => "not asked",
    };
    match profile.tokens.login_choice {
        LoginChoice::Offered => {
            format!("Customers choose whether a code is asked at login ({preset} beforehand).")
        }
        LoginChoice::Hidden => {
            format!("Whether a code is asked at login is not shown as a choice ({preset}).")
        }
        LoginChoice::Absent => "Whether a code is asked at login is no choice.".to_owned(),
    }
}

fn validity(validity: Validity) -> String {
    let years = validity.years.unwrap_or_default();
    let at = validity.at.map_or(String::new(), |at| format!(" at {at}"));
    match validity.rule {
        ValidityRule::None => "never".to_owned(),
        ValidityRule::Years => format!("{years} years after its registration{at}"),
        ValidityRule::YearsToMonthEnd => {
            format!("on the last day of the month {years} years after its registration{at}")
        }
        ValidityRule::Printed => format!("on the day printed on it{at}"),
    }
}

fn revocation(profile: &Profile) -> String {
    let revocation = profile.tokens.revocation;
    let number = if profile.tokens.registration_number_after_revoke {
        "; a registration number from staff is asked too"
    } else {
        ""
    };
    format!(
        "After a revocation registration is possible {} minutes later, after one from {} to before \
         {} at {}{number}.",
        revocation.wait_minutes,
        revocation.night_from,
        revocation.night_until,
        revocation.night_until
    )
}

fn issue(profile: &Profile) -> Option<String> {
    let issue = profile.tokens.issue.as_ref()?;
    Some(format!(
        "Software tokens are issued under the service id {} with a user id of {} digits; the app \
         is set up within {} hours and {} tries with {} ({}).",
        issue.service_id,
        issue.user_id_digits,
        issue.set_up_hours,
        issue.set_up_failures_max,
        issue.activation_password.label,
        issue.activation_password.hint()
    ))
}

pub(super) fn kinds(profile: &Profile) -> Vec<String> {
    profile
        .tokens
        .kinds
        .iter()
        .map(|rules| {
            let credential = match rules.credential {
                Credential::Stock => "from stock",
                Credential::SelfMade => "made by the app itself",
                Credential::Issued => "issued in the portal",
            };
            let from = rules.registration_from.map_or(String::new(), |day| format!(" from {day}"));
            let until = rules.closed_from.map_or(String::new(), |day| {
                format!("; from {day} on no start or exchange, registered ones keep working")
            });
            let instead: Vec<_> = rules.use_instead.iter().map(|kind| kind.as_str()).collect();
            let instead = match instead.as_slice() {
                [] => String::new(),
                some => format!(" (use {} instead)", some.join(" or ")),
            };
            let length = match (rules.serial_length_min, rules.serial_length_max) {
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            format!(
                "{} ({}), {credential}: serials of {length} characters; registered{}\
                 {until}{instead}.",
                rules.label,
                rules.kind.as_str(),
                if from.is_empty() { " at any time" } else { &from }
            )
        })
        .collect()
}

pub(super) fn codes(profile: &Profile) -> Vec<String> {
    let tokens = &profile.tokens;
    let (throttle, drift) = (tokens.throttle, tokens.drift);
    let wait = if throttle.wait_after == 0 {
        "There is no wait between wrong codes.".to_owned()
    } else {
        format!(
            "From wrong code number {} in a row on, each asks for a wait of {} seconds.",
            throttle.wait_after, throttle.wait_seconds
        )
    };
    let warnings: Vec<_> = tokens.expiry_warning_days.iter().map(u32::to_string).collect();
    vec![
        format!(
            "{} digits for {} seconds, {:?}; window: {} steps on either side.",
            tokens.digits.get(),
            tokens.period_seconds.get(),
            tokens.algorithm,
            tokens.window_steps.steps()
        ),
        wait,
        format!(
            "{} wrong codes in a row suspend the token, or {} within {} days; the same code again \
             within {} seconds is not counted.",
            throttle.failures_max,
            throttle.sliding_failures_max,
            throttle.sliding_days,
            throttle.repeat_seconds
        ),
        format!("{} wrong tries end one registration.", tokens.attempt_failures_max),
        format!(
            "Drift is learnt up to {} steps (apps) and {} steps (hardware); a first registration \
             searches {} steps, a resynchronisation {}.",
            drift.app_steps_max,
            drift.hardware_steps_max,
            drift.first_search_steps,
            drift.resynchronise_steps
        ),
        format!("Warnings go out {} days before a token ends.", warnings.join(", ")),
    ]
}
