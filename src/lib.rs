//! madoguchi (窓口): a server-rendered internet-banking portal for small Japanese institutions.
//!
//! The house has floors that import only downwards:
//!
//! ```text
//! 6  main.rs, startup.rs          wire settings, database, clock, mailer, server, worker
//! 5  web/      jobs/     cli/     pages / what runs without a person / the command line
//! 4  operations/                  one file per business act
//! 3  db/  mail/  keyfile/         connection and queries / mails / makers' key files
//!    zengin/  scenario/           the banks' fixed-length formats / a tester's steps over HTTP
//! 2  domain/                      types, state machines, rules; pure
//! 1  primitives/  schema.rs  config.rs
//! ```

pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod jobs;
pub mod keyfile;
pub mod letter;
pub mod mail;
pub mod operations;
pub mod primitives;
pub mod scenario;
pub mod schema;
pub mod startup;
pub mod web;
pub mod zengin;
