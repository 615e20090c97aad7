//! Floor 2: what things are and what rules hold, without SQL, input or output, or a clock read.

pub mod audit;
pub mod auth_rule;
pub mod certificate;
pub mod contract;
pub mod custody;
pub mod customer_info;
pub mod flow;
pub mod job;
pub mod ledger;
pub mod limit;
pub mod login;
pub mod mail;
pub mod mail_code;
pub mod member;
pub mod otp;
pub mod permission;
pub mod picture_card;
pub mod portal;
pub mod receipt;
pub mod right;
pub mod staff;
pub mod staff_request;
pub mod stop_code;
pub mod token;
pub mod token_issue;
pub mod user;
