//! The queries, one module per noun. They take the connection of the caller's transaction, check
//! no rights, and put every guard into the `WHERE` of an update, whose row count they return.

pub mod accounts;
pub mod audit;
pub mod console;
pub mod contracts;
pub mod custody;
pub mod customer_info;
pub mod customers;
pub mod demo;
pub mod expiry_warnings;
pub mod flows;
pub mod initial_passwords;
pub mod job_runs;
pub mod leases;
pub mod ledger;
pub mod limits;
pub mod logins;
pub mod mail_codes;
pub mod mails;
pub mod member_acts;
pub mod members;
pub mod one_time_keys;
pub mod picture_cards;
pub mod receipts;
pub mod settings;
pub mod staff;
pub mod staff_letters;
pub mod staff_logins;
pub mod staff_requests;
pub mod stop_codes;
pub mod token_issues;
pub mod tokens;
pub mod unknown_logins;
pub mod user_rights;
pub mod users;
pub mod web_sessions;
