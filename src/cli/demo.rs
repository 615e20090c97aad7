//! What `demo` prints once it runs.

use std::io::Write;

use crate::cli::CommandError;

/// The people to try first: portal, name, login id, login password, confirming secret, and what is
/// particular. All of them, and what their tokens show, are in the console.
const PEOPLE: [(&str, &str, &str, &str, &str, &str); 4] = [
    (
        "shirakaba",
        "白樺 花子",
        "1000000001",
        "Hanako#2026",
        "kakunin01",
        "no token yet; 2V0716016FK1 is in her hands",
    ),
    (
        "shirakaba",
        "白樺 太郎",
        "1000000002",
        "Taro#20260",
        "kakunin02",
        "2V0716016FK2 in use, also at login; 2V0716016FK3 to exchange",
    ),
    (
        "shirakaba",
        "白樺 次郎",
        "1000000003",
        "Jiro#20260",
        "kakunin03",
        "no token yet; 2V0716016FK9 is in his hands",
    ),
    ("shirakaba", "白樺 八雲", "1000000008", "Shoki#2026", "-", "first login"),
];

/// Where the demo runs.
pub struct DemoInfo<'a> {
    /// The address for a browser on this machine, without a slash at the end.
    pub base_url: &'a str,
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
    if info.sends_mail {
        writeln!(out, "Mails go to the mail server of MADOGUCHI_SMTP_URL.")?;
    }
    writeln!(out)?;
    writeln!(out, "Log in as (password, confirming secret):")?;
    for (_, name, login_id, password, confirm, note) in
        PEOPLE.iter().filter(|person| info.served.iter().any(|slug| slug == person.0))
    {
        writeln!(out, "  {login_id}  {password:<12} {confirm:<10} {name}: {note}")?;
    }
    writeln!(out)?;
    writeln!(out, "Stop with Ctrl-C. The data stay; begin afresh with --reset.")?;
    out.flush()?;
    Ok(())
}
