use super::*;

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The one line of a mistake made by an environment.
fn mistake(purpose: Purpose, pairs: &[(&str, &str)]) -> String {
    let error = Settings::load(purpose, &Flags::default(), &environment(pairs)).unwrap_err();
    error.to_string()
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
    let file = file("listen = \"127.0.0.1:1\"\nworkers = 3\ndatabase_url = \"sqlite:file.db\"\n");
    let with_file = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
    let with_flag = with_file.clone().with("listen", Some("127.0.0.1:3"));
    let nothing = environment(&[]);
    let variable = environment(&[("MADOGUCHI_LISTEN", "127.0.0.1:2")]);
    let empty = environment(&[("MADOGUCHI_LISTEN", "")]);
    for (flags, variables, port) in [
        (&Flags::default(), &nothing, 8080),
        (&with_file, &nothing, 1),
        (&with_file, &empty, 1),
        (&with_file, &variable, 2),
        (&with_flag, &variable, 3),
    ] {
        let settings = Settings::load(Purpose::NoDatabase, flags, variables).unwrap();
        assert_eq!(settings.listen.port(), port);
    }
    let settings = Settings::load(Purpose::Serve, &with_file, &nothing).unwrap();
    assert_eq!((settings.workers, settings.database.as_str()), (3, "sqlite:file.db"));
}

#[test]
fn every_setting_is_read_from_the_file() {
    let file = file(
        "listen = \"[::1]:80\"\ndatabase_url = \"sqlite:x\"\n\
         public_url = \"https://b.example.jp/\"\nkeys = \"a:AAAA\"\n\
         smtp_url = \"smtp://localhost\"\nsmtp_ca = \"ca.pem\"\nprofiles = \"folder\"\n\
         serve = [\"one\", \"two\", \"one\"]\nlogin_tries_per_minute = 7\n\
         trust_forwarded_for = true\nworkers = 2\nlog = \"json,debug\"\n",
    );
    let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
    let settings = Settings::load(Purpose::Serve, &flags, &environment(&[])).unwrap();
    assert_eq!(settings.public_url.as_deref(), Some("https://b.example.jp"));
    assert_eq!(settings.served, Some(vec!["one".to_owned(), "two".to_owned()]));
    assert_eq!(settings.profiles, Some(PathBuf::from("folder")));
    assert_eq!(settings.smtp_ca, Some(PathBuf::from("ca.pem")));
    assert_eq!((settings.login_tries_per_minute, settings.trusts_forwarded_for), (7, true));
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.log.level, tracing::Level::DEBUG);
    let shown = format!("{settings:?}");
    assert!(!shown.contains("AAAA") && !shown.contains("smtp://"), "{shown}");
}

#[test]
fn each_mistake_is_one_line_that_says_what_to_do() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: [Case<'_>; 11] = [
        (&[("MADOGUCHI_LISTEN", "8080")], &["MADOGUCHI_LISTEN: ", "127.0.0.1:8080"]),
        (&[("MADOGUCHI_LISTN", "x")], &["MADOGUCHI_LISTN is not a setting", "MADOGUCHI_LISTEN"]),
        (&[("MADOGUCHI_REDIS_URL", "redis://x")], &["MADOGUCHI_REDIS_URL", "in the database"]),
        (&[("MADOGUCHI_WORKERS", "0")], &["MADOGUCHI_WORKERS: ", "from 1 to 256"]),
        (&[("MADOGUCHI_LOGIN_TRIES_PER_MINUTE", "many")], &["from 1 to 100000"]),
        (&[("MADOGUCHI_TRUST_FORWARDED_FOR", "maybe")], &["true or false"]),
        (&[("MADOGUCHI_PUBLIC_URL", "bank.example.jp")], &["https://bank.example.jp"]),
        (&[("MADOGUCHI_PUBLIC_URL", "https://u:p@b.jp")], &["https://bank.example.jp"]),
        (&[("MADOGUCHI_SERVE", " , ")], &["MADOGUCHI_SERVE: ", "commas"]),
        (&[("MADOGUCHI_LOG", "pretty")], &["MADOGUCHI_LOG: ", "compact or json"]),
        (&[], &["MADOGUCHI_DATABASE_URL", "--database"]),
    ];
    for (pairs, parts) in cases {
        let line = mistake(Purpose::Serve, pairs);
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in parts {
            assert!(line.contains(part), "{part} is missing in: {line}");
        }
    }
}

#[test]
fn mistakes_in_the_file_name_their_place() {
    for (text, parts) in [
        ("lisen = \"x\"\n", ["lisen is not a setting", "listen"]),
        ("listen = \"x\"\n", [": listen: ", "127.0.0.1:8080"]),
        ("listen = 1.5\n", [": listen: ", "text in quotes"]),
        ("workers = 1\nkeys = \"a:AAAA\n", ["line 2 is not TOML", "NAME"]),
        ("redis_url = \"redis://x\"\n", ["redis_url", "in the database"]),
    ] {
        let file = file(text);
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        let error = Settings::load(Purpose::NoDatabase, &flags, &environment(&[])).unwrap_err();
        let line = error.to_string();
        assert!(line.lines().count() == 1 && !line.contains("AAAA"), "{line}");
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let flags = Flags { config: Some("/no/such/file".into()), ..Flags::default() };
    let error = Settings::load(Purpose::NoDatabase, &flags, &environment(&[])).unwrap_err();
    assert!(error.to_string().starts_with("--config /no/such/file: "), "{error}");
}

#[test]
fn a_wrong_flag_is_named_as_typed() {
    let line = |name, value: &str| {
        let flags = Flags::default().with(name, Some(value));
        Settings::load(Purpose::NoDatabase, &flags, &environment(&[])).unwrap_err().to_string()
    };
    assert!(line("listen", "x").starts_with("--listen: "));
    assert!(line("public_url", "x").starts_with("--public-url: "));
}

#[test]
fn variables_of_scripts_and_tests_are_no_mistake() {
    let variables = environment(&[
        ("MADOGUCHI_TEST_POSTGRES_URL", "x"),
        ("MADOGUCHI_BIN", "x"),
        ("MADOGUCHI_CHROMIUM", "x"),
        ("MADOGUCHI_BROWSER_PARTIAL", "1"),
        ("MADOGUCHI_REDIS_URL", ""),
        ("OTHER", "x"),
    ]);
    assert!(Settings::load(Purpose::NoDatabase, &Flags::default(), &variables).is_ok());
}

#[test]
fn the_demo_keeps_its_data_in_the_data_directory() {
    for (pairs, file) in [
        (
            &[("XDG_DATA_HOME", "/data"), ("HOME", "/home/a")][..],
            "/data/madoguchi/madoguchi-demo.db",
        ),
        (
            &[("XDG_DATA_HOME", "data"), ("HOME", "/home/a")][..],
            "/home/a/.local/share/madoguchi/madoguchi-demo.db",
        ),
        (&[][..], "madoguchi-demo.db"),
    ] {
        let settings =
            Settings::load(Purpose::Demo, &Flags::default(), &environment(pairs)).unwrap();
        assert_eq!(settings.database, format!("sqlite:{file}"));
        assert_eq!(settings.login_tries_per_minute, 1_000);
    }
}
