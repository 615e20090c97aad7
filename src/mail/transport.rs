//! Handing mails over: to a mail server by SMTP (TLS required but for loopback), or, in the demo,
//! to the mailbox that the out-box itself is.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::{Message, SmtpTransport, Transport};

/// A mail ready to go.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Stays the same over all tries, so that receivers can drop a second copy.
    pub message_id: String,
    /// `Name <address>`.
    pub from: String,
    /// Recipient's address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Worth another try: no connection, a server's 4xx.
    #[error("try again later: {0}")]
    Transient(String),
    /// Will never be taken: a bad address, a server's 5xx.
    #[error("refused for good: {0}")]
    Final(String),
}

/// Where mails go.
#[derive(Clone)]
pub enum MailTransport {
    /// A mail server.
    Smtp(SmtpTransport),
    /// Nowhere: the out-box is the mailbox (demo).
    Mailbox,
}

impl MailTransport {
    /// A mail server by URL: `smtps://user:password@host:465`, `smtp://host:587?tls=required`;
    /// without TLS only to a loopback address.
    ///
    /// # Errors
    /// One line that says what is wrong; never the password.
    pub fn smtp(url: &str) -> Result<MailTransport, String> {
        let is_plain = url.starts_with("smtp://") && !url.contains("tls=required");
        if is_plain && !is_loopback(url) {
            return Err(
                "MADOGUCHI_SMTP_URL: mail would go out without TLS; write smtps://… or add \
                 ?tls=required"
                    .to_owned(),
            );
        }
        let builder = SmtpTransport::from_url(url).map_err(|_| {
            "MADOGUCHI_SMTP_URL is no mail server's address; write smtps://user:password@host:465"
                .to_owned()
        })?;
        Ok(MailTransport::Smtp(builder.timeout(Some(Duration::from_secs(20))).build()))
    }

    /// Hands one mail over.
    ///
    /// # Errors
    /// [`SendError`] tells whether another try makes sense.
    pub fn send(&self, mail: &Outgoing) -> Result<(), SendError> {
        let MailTransport::Smtp(smtp) = self else { return Ok(()) };
        let message = build(mail)?;
        match smtp.send(&message) {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Final(error.to_string())),
            Err(error) => Err(SendError::Transient(error.to_string())),
        }
    }
}

fn is_loopback(url: &str) -> bool {
    let rest = url.trim_start_matches("smtp://");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        host.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':') || rest.starts_with('/'))
    })
}

fn build(mail: &Outgoing) -> Result<Message, SendError> {
    let bad = |what: &str| SendError::Final(format!("{what} is no mail address"));
    let from: Mailbox = mail.from.parse().map_err(|_| bad("the sender"))?;
    let to: Mailbox = mail.to.parse().map_err(|_| bad("the recipient"))?;
    MessageBuilder::new()
        .message_id(Some(mail.message_id.clone()))
        .from(from)
        .to(to)
        .subject(mail.subject.clone())
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|error| SendError::Final(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_the_machine_only_with_tls() {
        assert!(MailTransport::smtp("smtp://mail.example.jp:25").is_err());
        assert!(MailTransport::smtp("smtp://localhost.example.jp:25").is_err());
        assert!(MailTransport::smtp("smtp://127.0.0.1:2525").is_ok());
        assert!(MailTransport::smtp("http://x").is_err());
    }

    #[test]
    fn headers_cannot_be_smuggled_in() {
        let mail = Outgoing {
            message_id: "<1@example.jp>".into(),
            from: "しらかば信用金庫 <notice@example.jp>".into(),
            to: "a@example.jp\r\nBcc: b@example.jp".into(),
            subject: "件名".into(),
            body: "本文".into(),
        };
        assert!(matches!(build(&mail), Err(SendError::Final(_))));
    }
}
