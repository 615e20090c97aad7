//! What testers let go wrong in the demo: the mail server, the billers, the worker. It stands in
//! the database, so that every process on it fails alike; a reset leaves it.

use std::time::Duration;

use crate::db::queries::settings;
use crate::db::{DbConn, DbError};
use crate::operations::{OperationError, Services};

const MAIL_SETTING: &str = "demo_fault_mail";
const BILLER_SETTING: &str = "demo_fault_biller";
const WORKER_SETTING: &str = "demo_fault_worker";
const YES: &str = "1";
const NO: &str = "0";

/// How long a slow mail server takes for a mail.
pub const SLOW_MAIL: Duration = Duration::from_secs(3);

/// What the mail server does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailFault {
    /// It takes mails.
    #[default]
    None,
    /// It takes them, after [`SLOW_MAIL`] each.
    Slow,
    /// It refuses them for now.
    Failing,
}

impl MailFault {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MailFault::None => "none",
            MailFault::Slow => "slow",
            MailFault::Failing => "failing",
        }
    }

    /// As it was written.
    #[must_use]
    pub fn from_text(text: &str) -> Option<MailFault> {
        [MailFault::None, MailFault::Slow, MailFault::Failing]
            .into_iter()
            .find(|fault| fault.as_str() == text)
    }
}

/// All that goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The mail server.
    pub mail: MailFault,
    /// No biller answers.
    pub is_biller_failing: bool,
    /// The worker does nothing by itself.
    pub is_worker_off: bool,
}

/// What goes wrong now.
///
/// # Errors
/// Whatever the database says.
pub fn read(conn: &mut DbConn) -> Result<Faults, DbError> {
    Ok(Faults {
        mail: mail(conn)?,
        is_biller_failing: is_on(conn, BILLER_SETTING)?,
        is_worker_off: is_worker_off(conn)?,
    })
}

/// What the mail server does.
///
/// # Errors
/// Whatever the database says.
pub fn mail(conn: &mut DbConn) -> Result<MailFault, DbError> {
    let text = settings::find(conn, MAIL_SETTING)?;
    Ok(text.as_deref().and_then(MailFault::from_text).unwrap_or_default())
}

/// Whether no biller answers.
///
/// # Errors
/// Whatever the database says.
pub fn is_biller_failing(conn: &mut DbConn) -> Result<bool, DbError> {
    is_on(conn, BILLER_SETTING)
}

/// Whether the worker does nothing by itself.
///
/// # Errors
/// Whatever the database says.
pub fn is_worker_off(conn: &mut DbConn) -> Result<bool, DbError> {
    is_on(conn, WORKER_SETTING)
}

fn is_on(conn: &mut DbConn, name: &str) -> Result<bool, DbError> {
    Ok(settings::find(conn, name)?.as_deref() == Some(YES))
}

/// Lets these things go wrong, and no others.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; a database without demo data.
pub fn set(services: &Services, faults: Faults) -> Result<(), OperationError> {
    super::require_demo(services)?;
    let word = |is_on: bool| if is_on { YES } else { NO };
    let body = move |conn: &mut DbConn| {
        settings::set(conn, MAIL_SETTING, faults.mail.as_str())?;
        settings::set(conn, BILLER_SETTING, word(faults.is_biller_failing))?;
        settings::set(conn, WORKER_SETTING, word(faults.is_worker_off))
    };
    Ok(services.db.write_blocking(body)?)
}
