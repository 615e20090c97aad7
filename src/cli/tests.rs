use clap::CommandFactory;

use super::*;
use crate::cli::token::{Format, TokenCommand};
use crate::domain::token::{TokenKind, TokenState};

fn parse(line: &str) -> Result<Command, clap::Error> {
    Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command)
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn flags_become_settings_by_their_names() {
    let Command::Serve(args) = parse(
        "madoguchi serve --listen [::1]:1 --database sqlite:x --public-url https://b.jp \
         --profiles p --serve a,b --workers 2 --log json --config c.toml",
    )
    .unwrap() else {
        panic!("serve was not parsed as serve")
    };
    let flags = args.server.flags();
    let values: Vec<(&str, &str)> =
        flags.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        values,
        [
            ("database_url", "sqlite:x"),
            ("listen", "[::1]:1"),
            ("log", "json"),
            ("profiles", "p"),
            ("public_url", "https://b.jp"),
            ("serve", "a,b"),
            ("workers", "2"),
        ]
    );
    assert_eq!(flags.config, Some("c.toml".into()));
}

#[test]
fn the_demo_is_made_public_only_by_saying_so_twice() {
    for (flags, times) in
        [("", 0), ("--allow-public-demo", 1), ("--allow-public-demo --allow-public-demo", 2)]
    {
        let Command::Demo(args) = parse(&format!("madoguchi demo --reset {flags}")).unwrap() else {
            panic!("demo was not parsed as demo")
        };
        assert!(args.reset);
        assert_eq!(args.allow_public_demo, times);
    }
}

#[test]
fn token_commands_take_the_kinds_and_states_of_the_database() {
    let Command::Token(TokenCommand::Import(args)) = parse(
        "madoguchi token import --portal p --kind vendor_app --format pskc --key-file k f.xml",
    )
    .unwrap() else {
        panic!("import was not parsed as import")
    };
    assert_eq!((args.kind, args.format), (TokenKind::VendorApp, Format::Pskc));
    let Command::Token(TokenCommand::List(args)) =
        parse("madoguchi token list --portal p --state in_use").unwrap()
    else {
        panic!("list was not parsed as list")
    };
    assert_eq!(args.state, Some(TokenState::InUse));
}

#[test]
fn wrong_command_lines_are_refused() {
    for line in [
        "madoguchi",
        "madoguchi sell",
        "madoguchi token import --portal p --kind wood --format csv f",
        "madoguchi token import --portal p --kind hardware --format xls f",
        "madoguchi token import --portal p --kind app --format pskc --key-file a \
         --password-file b f",
        "madoguchi user unlock 1000000001",
        "madoguchi token ship --portal p 2V0716016FK1",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

/// Others on the machine can read command lines.
#[test]
fn no_flag_takes_a_secret() {
    fn walk(command: &clap::Command) {
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            let is_file = name.ends_with("_file");
            let is_secret = ["key", "password", "secret", "smtp"].iter().any(|w| name.contains(w));
            assert!(is_file || !is_secret, "{} takes {name}", command.get_name());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&Cli::command());
}

#[test]
fn every_command_explains_itself() {
    fn walk(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{} says nothing", command.get_name());
        for argument in command.get_arguments() {
            let is_told = argument.get_help().is_some();
            assert!(is_told, "{}: {} is not explained", command.get_name(), argument.get_id());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&Cli::command());
}
