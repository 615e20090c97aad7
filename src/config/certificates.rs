//! How client certificates come in: through a TLS listener of the server's own, or in a header of a
//! proxy. One or the other, never both.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::SettingsError;
use super::sources::Sources;
use super::values;

/// The listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateListener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// PEM files of the server's own certificate chain and its key; the demo makes them itself.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// The header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateHeader {
    /// Its name, in lower case.
    pub name: String,
    /// The proxy's addresses; the header counts from nobody else.
    pub proxies: Vec<IpAddr>,
}

/// How client certificates come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateSettings {
    /// A listener of the server's own.
    pub listener: Option<CertificateListener>,
    /// A header of a trusted proxy.
    pub header: Option<CertificateHeader>,
    /// The address under which browsers log on with a certificate, where it is not the listener's
    /// or the public one.
    pub url: Option<String>,
}

pub(super) fn read(sources: &Sources) -> Result<CertificateSettings, SettingsError> {
    let settings = CertificateSettings {
        listener: listener(sources)?,
        header: header(sources)?,
        url: sources.parsed("client_certificate_url", values::public_url)?,
    };
    match (&settings.listener, &settings.header) {
        (Some(_), Some(_)) => Err(SettingsError(
            "client certificates come either to MADOGUCHI_TLS_CLIENT_LISTEN or in \
             MADOGUCHI_CLIENT_CERTIFICATE_HEADER; unset one of the two"
                .to_owned(),
        )),
        (None, None) if settings.url.is_some() => Err(SettingsError(
            "MADOGUCHI_CLIENT_CERTIFICATE_URL is set, but no way for certificates to come in; set \
             MADOGUCHI_TLS_CLIENT_LISTEN or MADOGUCHI_CLIENT_CERTIFICATE_HEADER too, or unset it"
                .to_owned(),
        )),
        _ => Ok(settings),
    }
}

fn listener(sources: &Sources) -> Result<Option<CertificateListener>, SettingsError> {
    let file = |key| sources.text(key).map(PathBuf::from);
    let identity = match (file("tls_client_certificate"), file("tls_client_key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            return Err(SettingsError(
                "MADOGUCHI_TLS_CLIENT_CERTIFICATE and MADOGUCHI_TLS_CLIENT_KEY belong together; \
                 set both, or unset both"
                    .to_owned(),
            ));
        }
    };
    let address = sources.parsed("tls_client_listen", values::listen)?;
    match (address, identity) {
        (Some(address), identity) => Ok(Some(CertificateListener { address, identity })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(SettingsError(
            "MADOGUCHI_TLS_CLIENT_CERTIFICATE is set, but not where to listen; set \
             MADOGUCHI_TLS_CLIENT_LISTEN too, for example to 127.0.0.1:8443"
                .to_owned(),
        )),
    }
}

fn header(sources: &Sources) -> Result<Option<CertificateHeader>, SettingsError> {
    let name = sources.parsed("client_certificate_header", values::header_name)?;
    let proxies = sources.parsed("client_certificate_proxies", values::ip_addresses)?;
    match (name, proxies) {
        (Some(name), Some(proxies)) => Ok(Some(CertificateHeader { name, proxies })),
        (None, None) => Ok(None),
        _ => Err(SettingsError(
            "MADOGUCHI_CLIENT_CERTIFICATE_HEADER and MADOGUCHI_CLIENT_CERTIFICATE_PROXIES belong \
             together: the header's name, and the addresses of the proxy that sets it"
                .to_owned(),
        )),
    }
}
