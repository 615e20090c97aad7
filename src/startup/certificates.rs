//! The door for client certificates: the TLS listener with the server's own identity, or the header
//! of a trusted proxy.

use std::net::TcpListener;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::config::{CertificateListener, Settings};
use crate::web::ClientTls;
use crate::web::client_certificate::{CertificateDoor, ProxyHeader, tls_config};

use super::{Mode, StartError};

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Binds the listener, if one is set, and says where browsers log on with a certificate.
///
/// # Errors
/// One line that says what to do.
pub(super) fn open(
    settings: &Settings,
    mode: Mode,
    public_url: &str,
) -> Result<(CertificateDoor, Option<ClientTls>), StartError> {
    let certificates = &settings.certificates;
    let own_url = certificates.url.clone();
    if let Some(header) = &certificates.header {
        let header = ProxyHeader { name: header.name.clone(), proxies: header.proxies.clone() };
        let url = own_url.unwrap_or_else(|| public_url.to_owned());
        return Ok((CertificateDoor { url: Some(url), header: Some(header) }, None));
    }
    let Some(wanted) = &certificates.listener else {
        return Ok((CertificateDoor::default(), None));
    };
    if mode == Mode::Serve && own_url.is_none() && wanted.address.ip().is_unspecified() {
        return Err(StartError::new(format!(
            "customers cannot open https://{}; set MADOGUCHI_CLIENT_CERTIFICATE_URL to the \
             address under which they reach MADOGUCHI_TLS_CLIENT_LISTEN",
            wanted.address
        )));
    }
    let (chain, key) = identity(wanted, mode)?;
    let config = tls_config(chain, key).map_err(|error| {
        StartError::new(format!(
            "MADOGUCHI_TLS_CLIENT_CERTIFICATE: {error}; give the chain that belongs to the key"
        ))
    })?;
    let no_port = |error: std::io::Error| {
        StartError::new(format!(
            "{}: {error}; end what listens there, or choose another address with \
             MADOGUCHI_TLS_CLIENT_LISTEN",
            wanted.address
        ))
    };
    let listener = TcpListener::bind(wanted.address).map_err(no_port)?;
    let address = listener.local_addr().map_err(no_port)?;
    let url = own_url.unwrap_or_else(|| format!("https://{address}"));
    let door = CertificateDoor { url: Some(url), header: None };
    Ok((door, Some(ClientTls { listener, config })))
}

fn identity(wanted: &CertificateListener, mode: Mode) -> Result<Identity, StartError> {
    match (&wanted.identity, mode) {
        (Some((certificate, key)), _) => read(certificate, key),
        (None, Mode::Demo) => demo_identity(),
        (None, Mode::Serve) => Err(StartError::new(
            "MADOGUCHI_TLS_CLIENT_LISTEN is set; set MADOGUCHI_TLS_CLIENT_CERTIFICATE and \
             MADOGUCHI_TLS_CLIENT_KEY to PEM files of the server's certificate chain and its key",
        )),
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Identity, StartError> {
    let trouble = |name: &str, path: &Path, error: rustls::pki_types::pem::Error| {
        let shown = path.display();
        StartError::new(format!("{name}: {shown}: {error}; name a readable PEM file"))
    };
    let name = "MADOGUCHI_TLS_CLIENT_CERTIFICATE";
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| trouble(name, certificate, error))?;
    if chain.is_empty() {
        return Err(StartError::new(format!(
            "{name}: {} holds no certificate; name a PEM file of the chain",
            certificate.display()
        )));
    }
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| trouble("MADOGUCHI_TLS_CLIENT_KEY", key, error))?;
    Ok((chain, key))
}

/// The demo's own, for this start only: browsers warn of it.
fn demo_identity() -> Result<Identity, StartError> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(|error| {
        StartError::new(format!("the demo's TLS certificate cannot be made: {error}"))
    })?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((vec![made.cert.der().clone()], key.into()))
}
