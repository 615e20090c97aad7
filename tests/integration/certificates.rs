//! Client certificates of `aoba`: drawn, used, refused, renewed, revoked. Log-ons with them go
//! through `curl` to the server's real TLS listener; files and chains are read by `openssl`.

mod curl;
mod draw;
mod log_in;
mod refused;
mod revoked;
