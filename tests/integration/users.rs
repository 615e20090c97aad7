//! 利用者管理 of companies: BAU030 to BAU034, BAU040, BAU050, and what rights decide.

mod login;
mod register;
mod rights;
mod site;
