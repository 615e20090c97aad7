//! 利用者管理 of companies: BAU030 to BAU034, BAU040, BAU050, and what rights decide.

mod change;
mod delete;
mod leave;
mod list;
mod login;
mod pages;
mod pause;
mod races;
mod register;
mod reset;
mod rights;
mod site;
