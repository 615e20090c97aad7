//! お客様情報変更 (BCI001 to 003): mail address, telephone number, passwords; one of them at a time.

pub mod begin;
pub mod change;
pub mod draft;
mod proofs;
