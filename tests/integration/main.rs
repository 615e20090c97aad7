//! The portal from outside: each test starts the real server on a port of its own with a database
//! of its own, acts through HTTP, and looks at pages, rows and mails. All of them run on SQLite
//! and, with `MADOGUCHI_TEST_POSTGRES_URL` set, on PostgreSQL.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod aoba;
#[cfg(test)]
mod app;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod bulk_desk;
#[cfg(test)]
mod bulk_files;
#[cfg(test)]
mod bulk_killed;
#[cfg(test)]
mod bulk_run;
#[cfg(test)]
mod calendar;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod cheap;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod code_words;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod company;
#[cfg(test)]
mod database;
#[cfg(test)]
mod dump;
#[cfg(test)]
mod emergency_stop;
#[cfg(test)]
mod external;
#[cfg(test)]
mod first_setup;
#[cfg(test)]
mod info;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod links;
#[cfg(test)]
mod login_alike;
#[cfg(test)]
mod menu;
#[cfg(test)]
mod mobile;
#[cfg(test)]
mod ocra;
#[cfg(test)]
mod old_kinds;
#[cfg(test)]
mod otp_rules;
#[cfg(test)]
mod otp_window;
#[cfg(test)]
mod overtaken;
#[cfg(test)]
mod pay_easy;
#[cfg(test)]
mod payees;
#[cfg(test)]
mod people;
#[cfg(test)]
mod picture_card;
#[cfg(test)]
mod qa;
#[cfg(test)]
mod races;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod staff;
#[cfg(test)]
mod token_app;
#[cfg(test)]
mod transfers;
#[cfg(test)]
mod two_servers;
#[cfg(test)]
mod upkeep;
#[cfg(test)]
mod users;
#[cfg(test)]
mod words;
