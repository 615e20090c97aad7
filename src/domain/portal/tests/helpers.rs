//! Waits, passwords, hours, fees, throttle.

use super::super::*;
use super::{day, jst, profile, utc_of_jst};

#[test]
fn registration_after_a_revocation() {
    let expected = [
        ("02:58:59", "03:28:59"),
        ("02:58:59.999999", "03:28:59.999999"),
        ("02:59:00", "03:10:00"),
        ("03:09:59", "03:10:00"),
        ("03:09:59.999999", "03:10:00"),
        ("03:10:00", "03:40:00"),
        ("12:00:00", "12:30:00"),
    ];
    let profile = profile("inaho");
    for (revoked, open) in expected {
        let revoked_at = utc_of_jst(&format!("2017-07-24 {revoked}"));
        let until = utc_of_jst(&format!("2017-07-24 {open}"));
        assert_eq!(profile.revocation_wait_until(revoked_at), until, "{revoked}");
    }
    let late = utc_of_jst("2017-07-24 23:45:00");
    assert_eq!(profile.revocation_wait_until(late), utc_of_jst("2017-07-25 00:15:00"));
}

#[test]
fn an_empty_night_window_covers_nothing() {
    let at = TimeOfDay::of(3, 0);
    let revocation = Revocation { wait_minutes: 30, night_from: at, night_until: at };
    let wait = revocation.wait_until(utc_of_jst("2017-07-24 03:00:00"));
    assert_eq!(wait, utc_of_jst("2017-07-24 03:30:00"));
}

#[test]
fn problems_of_passwords() {
    use {PasswordProblem as P, SecretKind as K};
    let minori = profile("minori");
    let expected = [
        ("Correct1HorseBattery", None),
        ("Abcdefg#12345", None),
        ("short1", Some(P::TooShort { length_min: 13 })),
        ("0000000000000", Some(P::Lacks(CharacterClass::Letter))),
        ("CorrectHorseBattery", Some(P::Lacks(CharacterClass::Digit))),
        ("Correct Horse Battery 1", Some(P::WrongCharacters { allowed: Characters::VisibleAscii })),
        (
            "ＣｏｒｒｅｃｔＨｏｒｓｅ１",
            Some(P::WrongCharacters { allowed: Characters::VisibleAscii }),
        ),
        ("xxQwErTyUi0000", Some(P::TooCommon { part: "qwertyui".to_owned() })),
    ];
    for (text, problem) in expected {
        assert_eq!(minori.password_problem(K::Login, text), problem, "{text}");
    }
    let too_long = "a1".repeat(33);
    let problem = minori.password_problem(K::Login, &too_long);
    assert_eq!(problem, Some(P::TooLong { length_max: 64 }));
}

#[test]
fn problems_of_other_secrets() {
    use {PasswordProblem as P, SecretKind as K};
    let minori = profile("minori");
    let expected = [
        (K::Confirm, "abc123", None),
        (K::Confirm, "abc1234567890", Some(P::TooLong { length_max: 12 })),
        (K::Confirm, "abc12", Some(P::TooShort { length_min: 6 })),
        (K::Confirm, "abc#12", Some(P::WrongCharacters { allowed: Characters::LettersAndDigits })),
        (K::Activation, "1234", None),
        (K::Activation, "12345678", None),
        (K::Activation, "123", Some(P::TooShort { length_min: 4 })),
        (K::Activation, "12a4", Some(P::WrongCharacters { allowed: Characters::Digits })),
        (K::AdministratorLogin, "Correct1HorseBattery", Some(P::NotUsedHere)),
    ];
    for (kind, text, problem) in expected {
        assert_eq!(minori.password_problem(kind, text), problem, "{kind:?} {text}");
    }
    let too_long = "a1".repeat(33);
    let problem = minori.password_problem(K::Login, &too_long);
    assert_eq!(problem, Some(P::TooLong { length_max: 64 }));
    assert_eq!(profile("aoba").password_problem(K::RegistrationNumber, "4771"), None);
}

#[test]
fn words_about_passwords() {
    let minori = profile("minori");
    let rule = minori.secret_rule(SecretKind::Confirm).unwrap();
    assert_eq!(rule.hint(), "半角英数字6〜12文字");
    let login = minori.secret_rule(SecretKind::Login).unwrap();
    assert_eq!(login.hint(), "半角の英字・数字・記号13〜64文字（英字・数字をそれぞれ1文字以上）");
    let problem = minori.password_problem(SecretKind::Confirm, "abc").unwrap();
    assert_eq!(problem.message(&rule.label), "確認用パスワードは6文字以上で入力してください。");
}

fn hours(text: &str) -> Hours {
    toml::from_str(text).unwrap()
}

#[test]
fn hours_by_day_of_the_week() {
    let hours =
        hours("weekdays = \"07:00-24:00\"\nsaturdays = \"08:00-20:00\"\nsundays = \"closed\"");
    // 2017-07-24 was a Monday.
    let expected = [
        ("2017-07-24 06:59:59", false),
        ("2017-07-24 07:00:00", true),
        ("2017-07-24 23:59:59", true),
        ("2017-07-29 07:59:59", false),
        ("2017-07-29 08:00:00", true),
        ("2017-07-29 20:00:00", false),
        ("2017-07-30 12:00:00", false),
    ];
    for (at, is_open) in expected {
        assert_eq!(hours.is_open_at(jst(at)), is_open, "{at}");
    }
    assert_eq!(hours.opens_next(jst("2017-07-29 20:00:00")), Some(jst("2017-07-31 07:00:00")));
    assert_eq!(hours.opens_next(jst("2017-07-24 06:00:00")), Some(jst("2017-07-24 07:00:00")));
    assert_eq!(hours.opens_next(jst("2017-07-24 07:00:00")), None);
}

#[test]
fn closures_may_span_the_new_year() {
    let hours = hours(
        "[[closures]]\nfrom = \"12-31 21:00\"\nuntil = \"01-01 06:00\"\nreason = \"年末年始\"",
    );
    for (at, is_open) in [
        ("2016-12-31 20:59:59", true),
        ("2016-12-31 21:00:00", false),
        ("2017-01-01 05:59:59", false),
        ("2017-01-01 06:00:00", true),
    ] {
        assert_eq!(hours.is_open_at(jst(at)), is_open, "{at}");
    }
    let next = hours.opens_next(jst("2016-12-31 22:00:00"));
    assert_eq!(next, Some(jst("2017-01-01 06:00:00")));
    assert_eq!(hours.closure_at(jst("2016-12-31 22:00:00")).unwrap().reason, "年末年始");
    let builtin = profile("kodama").hours;
    let next = builtin.opens_next(jst("2016-12-31 22:00:00"));
    assert_eq!(next, Some(jst("2017-01-01 00:00:00")));
}

#[test]
fn a_portal_that_stays_closed_names_no_opening() {
    let hours = hours("weekdays = \"closed\"\nsaturdays = \"closed\"\nsundays = \"closed\"");
    assert_eq!(hours.opens_next(jst("2017-07-24 12:00:00")), None);
}

#[test]
fn fees_by_amount_destination_and_day() {
    let fees = profile("aoba").fees;
    let fee = |to, amount, on: &str| {
        let fee = fees.for_transfer(to, amount, day(on));
        (fee.net_yen, fee.tax_yen, fee.total_yen())
    };
    assert_eq!(fee(Destination::OwnAccount, 1_000_000, "2017-07-24"), (0, 0, 0));
    assert_eq!(fee(Destination::OwnBranch, 1_000_000, "2017-07-24"), (0, 0, 0));
    assert_eq!(fee(Destination::OwnInstitution, 29_999, "2017-07-24"), (200, 16, 216));
    assert_eq!(fee(Destination::OwnInstitution, 30_000, "2017-07-24"), (400, 32, 432));
    assert_eq!(fee(Destination::OtherBank, 30_000, "2019-09-30"), (600, 48, 648));
    assert_eq!(fee(Destination::OtherBank, 30_000, "2019-10-01"), (600, 60, 660));
    assert_eq!(fees.with_tax(fees.token.card_yen, day("2017-07-24")).total_yen(), 1_620);
    assert_eq!(fees.with_tax(fees.token.further_yen, day("2017-07-24")).total_yen(), 1_080);
    assert_eq!(fees.with_tax(55, day("2017-07-24")).tax_yen, 4, "4.4 yen are cut");
    assert_eq!(fees.tax_percent(day("1990-01-01")), 0);
}

#[test]
fn waits_after_wrong_codes() {
    let throttle = Throttle::default();
    let waits: Vec<_> =
        (1..=6).map(|n| throttle.wait_after_failure(n).map(|wait| wait.num_seconds())).collect();
    assert_eq!(waits, [None, None, Some(60), Some(60), None, None]);
    let none = Throttle { wait_after: 0, ..throttle };
    assert!((0..=6).all(|n| none.wait_after_failure(n).is_none()));
}

#[test]
fn notices_show_from_their_day_to_before_their_end() {
    let home = profile("shirakaba").home;
    let count = |on: &str| home.notices_on(day(on)).count();
    assert_eq!(count("2017-06-25"), 1);
    assert_eq!(count("2017-06-26"), 2);
    assert_eq!(count("2017-09-30"), 2);
    assert_eq!(count("2017-10-01"), 1);
}
