//! Floor 3: mails, rendered to text and handed to a mail server. Knows no database and no rule.

pub mod templates;
pub mod transport;
