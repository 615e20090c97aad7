//! Floor 1: values that everything else is made of. Nothing here knows a portal, a table or a page.

pub mod calendar;
pub mod client_certificate;
pub mod clock;
pub mod code;
pub mod day_text;
pub mod hand_over;
pub mod ids;
pub mod kana;
pub mod keys;
pub mod ocra;
pub mod party_name;
pub mod password;
pub mod pkcs12;
pub mod secret;
pub mod shift_jis;
pub mod text_enum;
pub mod yen;
