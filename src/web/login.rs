//! Pages of login and logout (BLG001 to BLG095).

pub mod certificate;
pub mod expired;
pub mod locked;
pub mod logged_out;
pub mod otp;
pub mod password;
pub mod paused;
pub mod register;
pub mod session_ended;
pub mod setup;
pub mod setup_code;
pub mod setup_mail;
pub mod suspended;
pub mod waiting;
