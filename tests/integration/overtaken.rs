//! What rests on something that changes meanwhile: a password that is changed while a login is
//! checked against it, an answer that another act has used, a token's state, an emergency stop.

mod logins;
mod proofs;
mod repeated;
mod stood;
