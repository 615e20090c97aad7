//! What `demo` prints once it runs, and the folder of its sample files.

use std::io::Write;
use std::path::Path;

use crate::cli::CommandError;
use crate::operations::Services;
use crate::operations::demo::people;
use crate::operations::demo::samples::samples;

/// Says what each file of a folder of samples is.
const LIST: &str = "list.tsv";

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
    /// The folder of sample files, if one was asked for.
    pub samples: Option<&'a Path>,
}

/// Writes the sample files for ファイル伝送, good and broken, as of the demo's clock: a folder for
/// each portal, with a list of what becomes of each file. What lies there by the same names is
/// replaced. Says how many.
///
/// # Errors
/// The folder cannot be written; the database.
pub fn write_samples(services: &Services, folder: &Path) -> Result<usize, CommandError> {
    let all = samples(services)?;
    let cannot = |error: std::io::Error| {
        let folder = folder.display();
        CommandError::Wrong(format!("--samples: {folder} cannot be written: {error}"))
    };
    for some in all.chunk_by(|one, other| one.portal == other.portal) {
        let Some(first) = some.first() else { continue };
        let of_portal = folder.join(first.portal);
        std::fs::create_dir_all(&of_portal).map_err(cannot)?;
        let mut list = String::new();
        for sample in some {
            std::fs::write(of_portal.join(&sample.name), &sample.bytes).map_err(cannot)?;
            let words = sample.promise.words();
            list.push_str(&format!("{}\t{}\t{words}\n", sample.name, sample.what));
        }
        std::fs::write(of_portal.join(LIST), list).map_err(cannot)?;
    }
    Ok(all.len())
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
    if let Some(folder) = info.samples {
        writeln!(out, "Sample files for ファイル伝送, good and broken: {}", folder.display())?;
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
