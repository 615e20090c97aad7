//! Handing mails over: to a mail server by SMTP (TLS required but for loopback), or, in the demo,
//! to the mailbox that the out-box itself is.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

/// The names of this machine, to which mail may go without TLS.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// Answers about this server's login or TLS rather than about a mail (RFC 4954, RFC 3207): another
/// setting, and the same mail is taken.
const LOGIN_TROUBLE: [u16; 4] = [530, 534, 535, 538];

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
    /// without TLS only to a loopback address. The server's certificate must lead to an authority
    /// that this machine trusts, or to one of `authorities` (PEM).
    ///
    /// # Errors
    /// One line that says what is wrong; never the password.
    pub fn smtp(url: &str, authorities: Option<&[u8]>) -> Result<MailTransport, String> {
        let wrong = || {
            "MADOGUCHI_SMTP_URL is no mail server's address; write smtps://user:password@host:465"
                .to_owned()
        };
        let address = Url::parse(url).map_err(|_| wrong())?;
        let host = address.host_str().ok_or_else(wrong)?;
        let protection = Protection::of(&address);
        if protection == Protection::None && !LOOPBACK.contains(&host) {
            return Err(
                "MADOGUCHI_SMTP_URL: mail would go out without TLS; write smtps://… or add \
                 ?tls=required"
                    .to_owned(),
            );
        }
        let mut builder = SmtpTransport::from_url(url).map_err(|_| wrong())?;
        if let Some(authorities) = authorities {
            builder = builder.tls(protection.trusting(host, authorities)?);
        }
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
            Err(error) if is_about_the_mail(&error) => Err(SendError::Final(error.to_string())),
            Err(error) => Err(SendError::Transient(error.to_string())),
        }
    }
}

/// A refusal that no later try and no other setting would change.
fn is_about_the_mail(error: &smtp::Error) -> bool {
    let code = error.status().map(u16::from);
    error.is_permanent() && !code.is_some_and(|code| LOGIN_TROUBLE.contains(&code))
}

/// What an address asks for against being read on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// `smtps`: TLS from the first byte.
    Wrapped,
    /// `smtp` with `tls=required`: STARTTLS, or no mail.
    StartTls,
    /// Anything else promises nothing.
    None,
}

impl Protection {
    fn of(address: &Url) -> Protection {
        let tls = address.query_pairs().find(|(name, _)| name == "tls");
        match (address.scheme(), tls.as_ref().map(|(_, value)| value.as_ref())) {
            ("smtps", _) => Protection::Wrapped,
            ("smtp", Some("required")) => Protection::StartTls,
            _ => Protection::None,
        }
    }

    /// The same with authorities of one's own.
    fn trusting(self, host: &str, authorities: &[u8]) -> Result<Tls, String> {
        match self {
            Protection::Wrapped => Ok(Tls::Wrapper(parameters(host, authorities)?)),
            Protection::StartTls => Ok(Tls::Required(parameters(host, authorities)?)),
            Protection::None => Err(
                "MADOGUCHI_SMTP_CA is set, but MADOGUCHI_SMTP_URL asks for no TLS; write smtps://… \
                 or add ?tls=required, or unset MADOGUCHI_SMTP_CA"
                    .to_owned(),
            ),
        }
    }
}

/// Trusts what the machine trusts, and these authorities.
fn parameters(host: &str, authorities: &[u8]) -> Result<TlsParameters, String> {
    let wrong = || {
        "MADOGUCHI_SMTP_CA: no certificate of an authority can be read from it; name a PEM file \
         (-----BEGIN CERTIFICATE-----)"
            .to_owned()
    };
    if CertificateDer::pem_slice_iter(authorities).next().is_none() {
        return Err(wrong());
    }
    let certificates = Certificate::from_pem(authorities).map_err(|_| wrong())?;
    TlsParameters::builder(host.to_owned())
        .add_root_certificate(certificates)
        .build_rustls()
        .map_err(|_| wrong())
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
        for (url, is_taken) in [
            ("smtps://user:password@mail.example.jp:465", true),
            ("smtp://mail.example.jp:587?tls=required", true),
            ("smtp://127.0.0.1:2525", true),
            ("smtp://localhost", true),
            ("smtp://mail.example.jp:25", false),
            ("smtp://mail.example.jp:587?tls=opportunistic", false),
            ("smtp://mail.example.jp:587?tls=opportunistic&tls=required", false),
            ("smtp://mail.example.jp:587/?x=tls=required", false),
            ("smtp://tls=required@mail.example.jp", false),
            ("smtp://localhost.example.jp:25", false),
            ("smtp://localhost@mail.example.jp", false),
            ("smtp://mail.example.jp#@localhost", false),
            ("http://x", false),
            ("mail.example.jp", false),
        ] {
            assert_eq!(MailTransport::smtp(url, None).is_ok(), is_taken, "{url}");
        }
    }

    #[test]
    fn an_authority_is_a_certificate_and_for_tls() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (url, pem, part) in [
            ("smtps://mail.example.jp", "", "PEM"),
            ("smtps://mail.example.jp", "no certificate", "PEM"),
            ("smtps://mail.example.jp", broken, "PEM"),
            ("smtp://127.0.0.1", broken, "no TLS"),
        ] {
            let error = MailTransport::smtp(url, Some(pem.as_bytes())).err().unwrap();
            assert!(error.starts_with("MADOGUCHI_SMTP_CA") && error.contains(part), "{error}");
        }
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
