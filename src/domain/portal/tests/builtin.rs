//! The five profiles against the policy table of their institutions.

use super::super::*;
use super::{day, jst, profile, utc_of_jst};
use crate::domain::auth_rule::Operation;

#[test]
fn all_five_parse_together() {
    let profiles = Profile::parse_all(&Profile::builtin()).unwrap();
    let slugs: Vec<_> = profiles.iter().map(Profile::slug).collect();
    assert_eq!(slugs, ["aoba", "minori", "kodama", "shirakaba", "inaho"]);
}

#[test]
fn names_segments_and_colours() {
    let expected = [
        ("aoba", "あおば信用金庫 法人インターネットバンキング", Segment::Corporate, Theme::Green),
        ("minori", "みのり信用組合 個人インターネットバンキング", Segment::Retail, Theme::Orange),
        ("kodama", "こだま信用金庫 個人インターネットバンキング", Segment::Retail, Theme::Purple),
        (
            "shirakaba",
            "しらかば信用金庫 個人インターネットバンキング",
            Segment::Retail,
            Theme::Blue,
        ),
        ("inaho", "いなほ信用組合 法人インターネットバンキング", Segment::Corporate, Theme::Teal),
    ];
    for (slug, name, segment, theme) in expected {
        let profile = profile(slug);
        assert_eq!(profile.display_name(), name);
        assert_eq!((profile.portal.segment, profile.portal.theme), (segment, theme));
        assert!(profile.contact.telephone.starts_with("0120-000-"), "{slug}");
        assert!(profile.mail.domain().ends_with("example.jp"), "{slug}");
    }
}

#[test]
fn digits_and_period() {
    let expected = [
        ("aoba", 6, 30),
        ("minori", 8, 60),
        ("kodama", 6, 30),
        ("shirakaba", 6, 30),
        ("inaho", 6, 60),
    ];
    for (slug, digits, period) in expected {
        let tokens = profile(slug).tokens;
        assert_eq!((tokens.digits.get(), tokens.period_seconds.get()), (digits, period), "{slug}");
        assert_eq!(tokens.window_steps.steps(), 1);
        assert_eq!(tokens.throttle, Throttle::default());
        assert_eq!(tokens.drift, Drift::default());
        assert_eq!(tokens.expiry_warning_days, [60, 30, 7]);
    }
}

#[test]
fn where_tokens_are_registered_exchanged_stopped() {
    use {DoneBy as D, RegistrationPlace as R};
    let expected = [
        ("aoba", R::AdministratorMenu, D::Administrator, D::Administrator),
        ("minori", R::MenuAfterLogin, D::None, D::Customer),
        ("kodama", R::LoginPageLinks, D::None, D::Customer),
        ("shirakaba", R::LoginPagePanel, D::Customer, D::Customer),
        ("inaho", R::ForcedAtLogin, D::None, D::None),
    ];
    for (slug, place, exchange, stop) in expected {
        let tokens = profile(slug).tokens;
        assert_eq!((tokens.registration, tokens.exchange, tokens.stop), (place, exchange, stop));
    }
}

#[test]
fn who_releases_revokes_and_shares() {
    use {Keeper as K, Sharing as S};
    let expected = [
        ("aoba", K::Administrator, K::Staff, S::ByAdministrator),
        ("minori", K::Staff, K::Staff, S::None),
        ("kodama", K::Staff, K::Staff, S::None),
        ("shirakaba", K::Staff, K::Staff, S::None),
        ("inaho", K::MasterAndAdministrators, K::MasterAndAdministrators, S::SameSerial),
    ];
    for (slug, released_by, revoked_by, sharing) in expected {
        let tokens = profile(slug).tokens;
        assert_eq!((tokens.released_by, tokens.revoked_by), (released_by, revoked_by), "{slug}");
        assert_eq!(tokens.sharing, sharing, "{slug}");
    }
}

#[test]
fn words_for_stop() {
    let expected = [
        ("aoba", Some("利用登録解除")),
        ("minori", Some("利用解除")),
        ("kodama", Some("利用停止")),
        ("shirakaba", Some("利用中止")),
        ("inaho", None),
    ];
    for (slug, word) in expected {
        assert_eq!(profile(slug).words.stop.as_deref(), word, "{slug}");
    }
    assert_eq!(profile("kodama").words.serial, "トークンID");
    assert_eq!(profile("aoba").words.login, "ログオン");
}

#[test]
fn limits_without_a_token() {
    let expected = [
        ("aoba", Some(0)),
        ("minori", Some(200_000)),
        ("kodama", Some(500_000)),
        ("shirakaba", Some(500_000)),
        ("inaho", Some(200_000)),
    ];
    for (slug, yen) in expected {
        let profile = profile(slug);
        assert_eq!(profile.limits.without_token_daily_yen, yen, "{slug}");
        assert!(!profile.tokens.token_mandatory);
    }
    let limits = profile("minori").limits;
    assert_eq!((limits.rise_after_days, limits.rise_on_start), (3, RiseOnStart::OnRequest));
    assert_eq!(limits.daily_yen_without_token(1_000_000), 200_000);
    assert_eq!(limits.daily_yen_without_token(50_000), 50_000);
}

#[test]
fn ends_of_validity() {
    let ends = |slug: &str, registered: &str, printed: Option<&str>| {
        profile(slug).tokens.validity.ends_at(day(registered), printed.map(day))
    };
    assert_eq!(ends("aoba", "2016-05-10", None), Some(utc_of_jst("2021-05-10 09:00:00")));
    assert_eq!(ends("aoba", "2016-02-29", None), Some(utc_of_jst("2021-02-28 09:00:00")));
    assert_eq!(ends("minori", "2016-02-10", None), Some(utc_of_jst("2021-02-28 09:00:00")));
    assert_eq!(ends("minori", "2015-12-31", None), Some(utc_of_jst("2020-12-31 09:00:00")));
    assert_eq!(ends("minori", "2019-02-10", None), Some(utc_of_jst("2024-02-29 09:00:00")));
    assert_eq!(ends("kodama", "2016-02-29", Some("2021-09-30")), None);
    assert_eq!(ends("shirakaba", "2017-03-13", Some("2021-09-30")), None);
    let printed = ends("inaho", "2016-05-10", Some("2021-09-30"));
    assert_eq!(printed, Some(utc_of_jst("2021-09-30 08:00:00")));
    assert_eq!(ends("inaho", "2016-05-10", None), None);
}

#[test]
fn kinds_open_and_close_on_their_days() {
    use {ClosedReason as C, TokenKind as K};
    let expected = [
        ("shirakaba", K::App, "2017-03-12", Err(C::NotYet(day("2017-03-13")))),
        ("shirakaba", K::App, "2017-03-13", Ok(())),
        ("shirakaba", K::VendorApp, "2017-07-23", Ok(())),
        ("shirakaba", K::VendorApp, "2017-07-24", Err(C::Closed(day("2017-07-24")))),
        ("shirakaba", K::Desktop, "2018-03-11", Ok(())),
        ("shirakaba", K::Desktop, "2018-03-12", Err(C::Closed(day("2018-03-12")))),
        ("shirakaba", K::Hardware, "2016-01-01", Ok(())),
        ("shirakaba", K::Hardware, "2026-01-01", Ok(())),
        ("kodama", K::VendorApp, "2016-02-28", Err(C::NotYet(day("2016-02-29")))),
        ("kodama", K::VendorApp, "2016-02-29", Ok(())),
        ("kodama", K::App, "2016-02-29", Ok(())),
        ("kodama", K::Desktop, "2026-01-01", Ok(())),
        ("kodama", K::Hardware, "2026-01-01", Err(C::NotTaken)),
        ("minori", K::App, "2016-01-01", Ok(())),
        ("minori", K::Hardware, "2016-01-01", Err(C::NotTaken)),
        ("aoba", K::Hardware, "2016-01-01", Ok(())),
        ("aoba", K::App, "2016-01-01", Err(C::NotTaken)),
        ("inaho", K::Hardware, "2016-01-01", Ok(())),
    ];
    for (slug, kind, today, answer) in expected {
        let found = profile(slug).kind_open_for_registration(kind, day(today));
        assert_eq!(found, answer, "{slug} {kind:?} {today}");
    }
    let instead = profile("shirakaba").token_kind(K::VendorApp).unwrap().use_instead.clone();
    assert_eq!(instead, [K::App, K::Hardware]);
}

#[test]
fn kodama_has_no_links_before_its_service() {
    let tokens = profile("kodama").tokens;
    assert!(!tokens.has_begun(day("2016-02-28")));
    assert!(tokens.has_begun(day("2016-02-29")));
    assert_eq!(tokens.open_kinds(day("2016-02-28")).count(), 0);
    assert_eq!(tokens.open_kinds(day("2016-02-29")).count(), 3);
    assert_eq!(profile("shirakaba").tokens.open_kinds(day("2018-03-12")).count(), 2);
}

#[test]
fn serials_of_the_demo_have_the_form_of_their_kind() {
    let taken = [
        ("shirakaba", TokenKind::Hardware, "2V0716016FK1"),
        ("shirakaba", TokenKind::App, "MDG4C7K2P9QA"),
        ("shirakaba", TokenKind::Desktop, "MDGDESK00001"),
        ("shirakaba", TokenKind::VendorApp, "SYMC10000001"),
        ("kodama", TokenKind::VendorApp, "VSST10000001"),
        ("minori", TokenKind::App, "300000002"),
        ("inaho", TokenKind::Hardware, "12345678"),
        ("inaho", TokenKind::Hardware, "123456789012"),
        ("aoba", TokenKind::Hardware, "AOB0000001"),
    ];
    for (slug, kind, serial) in taken {
        assert!(profile(slug).token_kind(kind).unwrap().accepts_serial(serial), "{slug} {serial}");
    }
    let refused = [
        ("inaho", TokenKind::Hardware, "1234567"),
        ("inaho", TokenKind::Hardware, "1234567890123"),
        ("inaho", TokenKind::Hardware, "1234567A"),
        ("kodama", TokenKind::VendorApp, "VSS110000001"),
        ("shirakaba", TokenKind::App, "mdg4c7k2p9qa"),
        ("shirakaba", TokenKind::App, "ＭＤＧ４Ｃ７Ｋ２Ｐ９ＱＡ"),
    ];
    for (slug, kind, serial) in refused {
        assert!(!profile(slug).token_kind(kind).unwrap().accepts_serial(serial), "{slug} {serial}");
    }
}

#[test]
fn credentials_of_the_institutions() {
    let shirakaba = profile("shirakaba");
    assert!(shirakaba.credentials.picture_card);
    let also = shirakaba.secret_rule(SecretKind::Confirm).unwrap().also_called.clone();
    assert_eq!(also.as_deref(), Some("資金移動用パスワード"));
    let minori = profile("minori");
    let confirm = minori.secret_rule(SecretKind::Confirm).unwrap();
    assert_eq!((confirm.length_min, confirm.length_max), (6, 12));
    assert_eq!(confirm.characters, Characters::LettersAndDigits);
    let activation = minori.secret_rule(SecretKind::Activation).unwrap();
    assert_eq!((activation.length_min, activation.length_max), (4, 8));
    let aoba = profile("aoba");
    let labels = [
        (SecretKind::Login, "利用者暗証番号"),
        (SecretKind::Confirm, "利用者確認暗証番号"),
        (SecretKind::AdministratorLogin, "ご契約先暗証番号"),
        (SecretKind::AdministratorConfirm, "ご契約先確認暗証番号"),
        (SecretKind::RegistrationNumber, "ご契約先登録用暗証番号"),
    ];
    for (kind, label) in labels {
        assert_eq!(aoba.secret_rule(kind).unwrap().label, label);
    }
    for (slug, _) in [("aoba", 0), ("minori", 0), ("kodama", 0), ("shirakaba", 0), ("inaho", 0)] {
        let profile = profile(slug);
        assert_eq!(profile.credentials.login_failures_max, 5);
        assert_eq!(profile.credentials.confirm_failures_max, 5);
        assert_eq!(
            profile.session,
            SessionPolicy { idle_minutes: 10, warn_minutes: 2, hours_max: 8 }
        );
        assert_eq!(
            profile.mail_code,
            MailCodePolicy { valid_minutes: 10, failures_max: 5, sendings_max: 3, resends_max: 3 }
        );
    }
}

#[test]
fn passwords_of_the_demo_are_too_weak_for_production() {
    let demo = ["Hanako#2026", "Taro#20260", "Natsuko#2026", "Sachiko#2026", "TantoA#2026"];
    for slug in ["aoba", "minori", "kodama", "shirakaba", "inaho"] {
        for password in demo {
            let problem = profile(slug).password_problem(SecretKind::Login, password);
            assert_eq!(problem, Some(PasswordProblem::TooShort { length_min: 13 }), "{slug}");
        }
    }
}

#[test]
fn screens_follow_the_services() {
    let expected = [
        ("shirakaba", "BOM101", true),
        ("shirakaba", "BOM114", true),
        ("shirakaba", "BOM123", true),
        ("shirakaba", "BLG010", true),
        ("shirakaba", "BOR001", false),
        ("shirakaba", "BMB001", false),
        ("kodama", "BOR013", true),
        ("kodama", "BMB004", true),
        ("kodama", "BOM101", false),
        ("minori", "BOT000", true),
        ("minori", "BOS002", true),
        ("minori", "BLG020", false),
        ("inaho", "BLG020", true),
        ("inaho", "BAU010", true),
        ("inaho", "BAU021", true),
        ("inaho", "BAU101", false),
        ("inaho", "BLG010", false),
        ("inaho", "BFT031", true),
        ("aoba", "BAU104", true),
        ("aoba", "BAU110", true),
        ("aoba", "BAL022", true),
        ("aoba", "BCE003", true),
        ("aoba", "BAU010", true),
        ("aoba", "BAU020", false),
        ("aoba", "BLG010", false),
        ("aoba", "BEF013", true),
        ("minori", "BFT000", false),
    ];
    for (slug, screen, has) in expected {
        assert_eq!(profile(slug).has_screen(screen), has, "{slug} {screen}");
    }
    for slug in ["aoba", "minori", "kodama", "shirakaba", "inaho"] {
        let mut screens = profile(slug).screens();
        let all = screens.len();
        screens.sort_unstable();
        screens.dedup();
        assert_eq!(screens.len(), all, "{slug} lists a screen twice");
        assert!(screens.contains(&"BLG001") && screens.contains(&"BSP002"));
    }
}

#[test]
fn bank_codes_and_service_ids_differ() {
    let profiles = Profile::parse_all(&Profile::builtin()).unwrap();
    let mut codes: Vec<_> = profiles.iter().map(|p| p.portal.bank_code.as_str()).collect();
    codes.dedup();
    assert_eq!(codes.len(), 5);
    assert_eq!(profile("minori").tokens.issue.unwrap().service_id.len(), 8);
}

#[test]
fn explanations_say_what_matters() {
    let all = |slug: &str| profile(slug).explain();
    let expected = [
        (
            "aoba",
            "bulk.approve: until 2017-07-24 06:59:59 the confirming secret; from 2017-07-24 \
                  07:00:00 a one-time password, refused without a token.",
        ),
        ("aoba", "each further one 1,000 yen"),
        ("aoba", "5 years after its registration at 09:00"),
        ("minori", "8 digits for 60 seconds"),
        ("minori", "Without a token at most 200,000 yen a day."),
        ("minori", "service id 30000001"),
        ("kodama", "the feature-phone channel"),
        ("shirakaba", "a one-time password once a token is in use, if the customer chose so"),
        (
            "shirakaba",
            "from 2018-03-12 on no start or exchange, registered ones keep working (use \
                       app or hardware instead)",
        ),
        (
            "inaho",
            "but to a registered payee the confirming secret, without a token the confirming \
                   secret",
        ),
        ("inaho", "from 02:59 to before 03:10 at 03:10"),
        ("inaho", "on the day printed on it at 08:00"),
    ];
    for (slug, sentence) in expected {
        assert!(all(slug).contains(sentence), "{slug}: {sentence}\n{}", all(slug));
    }
    for operation in Operation::ALL {
        let is_there = Profile::builtin().iter().any(|(file, text)| {
            let profile = Profile::parse(file, text).unwrap();
            profile.explain().contains(&format!("{}: ", operation.key()))
        });
        assert!(is_there, "{}", operation.key());
    }
}

#[test]
fn all_are_open_when_tokens_are_revoked_at_night() {
    for slug in ["aoba", "minori", "kodama", "shirakaba", "inaho"] {
        let profile = profile(slug);
        assert!(profile.is_open_at(jst("2017-07-24 02:59:00")));
        assert!(profile.is_open_at(jst("2016-01-01 00:00:00")));
        assert!(!profile.is_open_at(jst("2016-12-31 21:00:00")));
    }
}
