//! The values' forms. Each mistake says what to write; it never repeats a value, which may hold a
//! secret put into the wrong place.

use std::net::{IpAddr, SocketAddr};

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Compact,
    /// For programs: one JSON object a line.
    Json,
}

/// The log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// How a line looks.
    pub format: LogFormat,
    /// The least important messages of the portal that are shown. Libraries show warnings only:
    /// at finer levels some of them write addresses of people.
    pub level: tracing::Level,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Compact, level: tracing::Level::INFO }
    }
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().map_err(|_| {
        "this is no address with a port; write for example 127.0.0.1:8080 or [::1]:8080".to_owned()
    })
}

/// `http://HOST[:PORT]` or `https://...`, without path, query and user.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let bare = text.trim_end_matches('/');
    let host = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"));
    let is_host = |host: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && host.chars().all(is_part)
    };
    match host {
        Some(host) if is_host(host) => Ok(bare.to_owned()),
        _ => Err("write the address that browsers use, without a path, for example \
                  https://bank.example.jp"
            .to_owned()),
    }
}

pub(super) fn slugs(text: &str) -> Result<Vec<String>, String> {
    let mut slugs: Vec<String> = Vec::new();
    for slug in text.split(',').map(str::trim).filter(|slug| !slug.is_empty()) {
        if !slugs.iter().any(|known| known == slug) {
            slugs.push(slug.to_owned());
        }
    }
    if slugs.is_empty() {
        return Err("write the portals' slugs with commas between them".to_owned());
    }
    Ok(slugs)
}

/// A name of a header, in lower case.
pub(super) fn header_name(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_name
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "write the name of a header, for example Client-Cert".to_owned())
}

/// Network addresses with commas between them.
pub(super) fn ip_addresses(text: &str) -> Result<Vec<IpAddr>, String> {
    let parsed: Result<Vec<IpAddr>, _> = text.split(',').map(|one| one.trim().parse()).collect();
    parsed.map_err(|_| {
        "write the proxy's network addresses with commas, for example 127.0.0.1,::1".to_owned()
    })
}

pub(super) fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("write a whole number from {least} to {most}"))
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("write true or false".to_owned()),
    }
}

/// `compact` or `json`, a level, or both with a comma: `json,debug`.
pub(super) fn log(text: &str) -> Result<LogSettings, String> {
    let mut log = LogSettings::default();
    for word in text.split(',').map(str::trim) {
        match word {
            "compact" => log.format = LogFormat::Compact,
            "json" => log.format = LogFormat::Json,
            "error" => log.level = tracing::Level::ERROR,
            "warn" => log.level = tracing::Level::WARN,
            "info" => log.level = tracing::Level::INFO,
            "debug" => log.level = tracing::Level::DEBUG,
            _ => {
                return Err("write compact or json, and after a comma error, warn, info or debug"
                    .to_owned());
            }
        }
    }
    Ok(log)
}
