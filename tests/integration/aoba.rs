//! A portal whose users log in with their contract's id and one of their own, and whose
//! administrators register the tokens (`aoba` of the demo).

mod activation;
mod login;
mod members;
mod orders;
pub mod site;
mod tokens;
