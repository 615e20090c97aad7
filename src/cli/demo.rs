//! What `demo` prints once it runs.

use std::io::Write;

use crate::cli::CommandError;
use crate::operations::demo::people;

/// Where the demo runs.
pub struct DemoInfo<'a> {
    /// The address for a browser on this machine, without a slash at the end.
    pub base_url: &'a str,
    /// Where one logs on with a client certificate.
    pub certificate_url: Option<&'a str>,
    /// The database, without a password.
    pub database: &'a str,
    /// Slugs of the portals served.
    pub served: &'a [String],
    /// Whether mails go to a mail server instead of the console's mailbox.
    pub sends_mail: bool,
}

/// Says what to open, as whom, and that all of it is public.
///
/// # Errors
/// The output.
pub fn announce(info: &DemoInfo<'_>, out: &mut dyn Write) -> Result<(), CommandError> {
    let base_url = info.base_url;
    writeln!(out, "Demo data: {}", info.database)?;
    writeln!(out, "WARNING: these are demo data. Every password and key is public, the passwords")?;
    writeln!(out, "do not meet the portals' own rules, and the console needs none. No real data!")?;
    writeln!(out)?;
    writeln!(out, "Open  {base_url}/")?;
    for slug in info.served {
        writeln!(out, "      {base_url}/{slug}/login")?;
    }
    writeln!(
        out,
        "      {base_url}/qa             console: clock, codes of all tokens, mails, reset"
    )?;
    if let Some(url) = info.certificate_url {
        writeln!(out, "      {url}/             log-on with a client certificate")?;
    }
    if info.sends_mail {
        writeln!(out, "Mails go to the mail server of MADOGUCHI_SMTP_URL.")?;
    }
    writeln!(out)?;
    write_people(info, out)?;
    writeln!(out)?;
    writeln!(out, "Stop with Ctrl-C. The data stay; begin afresh with --reset.")?;
    out.flush()?;
    Ok(())
}

/// Everybody who can log in to the portals served, with what is particular.
fn write_people(info: &DemoInfo<'_>, out: &mut dyn Write) -> Result<(), CommandError> {
    writeln!(out, "Log in as (id, password, confirming secret):")?;
    let contracts = people::contracts()?;
    for contract in contracts.iter().filter(|c| info.served.contains(&c.portal)) {
        for user in &contract.users {
            let confirm = user.confirm.as_deref().unwrap_or("-");
            writeln!(
                out,
                "  {}  {:<11}  {confirm:<9}  {}: {}",
                user.login_id, user.password, user.name, user.note
            )?;
        }
    }
    Ok(())
}
