//! Accounts: balances, statements, their files, who may see them; the ledger below.

mod company;
mod files;
mod ledger;
mod pages;
mod site;
mod zengin_reader;
