//! The client certificate of a request: from the TLS connection, or from the header of a trusted
//! proxy.
//!
//! The handshake proves possession of the key and nothing else; chain, end and revocation are
//! judged by the operations, so that an expired certificate still gets a page that says what to do.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use crate::primitives::client_certificate::fingerprint;

/// How certificates come in, and where browsers go to log on with one.
#[derive(Debug, Clone, Default)]
pub struct CertificateDoor {
    /// The address of the log-on with a certificate; none where none can come in.
    pub url: Option<String>,
    /// The header of a trusted proxy.
    pub header: Option<ProxyHeader>,
}

/// The header of a trusted proxy: RFC 9440 (`:base64:`), or PEM as nginx escapes it.
#[derive(Debug, Clone)]
pub struct ProxyHeader {
    /// Its name, in lower case.
    pub name: String,
    /// From these addresses only.
    pub proxies: Vec<IpAddr>,
}

/// The fingerprint of a TLS connection's client certificate.
struct PeerCertificate(String);

/// That a connection came to the TLS listener itself, past whatever proxy stands before the other.
struct CameToTls;

/// Notes a new connection's certificate, where it has one.
pub(super) fn on_connect(connection: &dyn Any, data: &mut Extensions) {
    let Some(tls) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    data.insert(CameToTls);
    let (_, session) = tls.get_ref();
    let certificate = session.peer_certificates().and_then(<[CertificateDer<'_>]>::first);
    if let Some(certificate) = certificate {
        data.insert(PeerCertificate(fingerprint(certificate)));
    }
}

/// Whether a request came to the TLS listener: no proxy of ours has looked at it or vouches for its
/// headers, and nothing but the customers' pages is for it.
pub(super) fn came_to_tls(req: &HttpRequest) -> bool {
    req.conn_data::<CameToTls>().is_some()
}

/// The fingerprint of the certificate that came with a request.
pub(super) fn of(req: &HttpRequest, door: &CertificateDoor) -> Option<String> {
    if let Some(peer) = req.conn_data::<PeerCertificate>() {
        return Some(peer.0.clone());
    }
    let header = door.header.as_ref()?;
    let from = req.peer_addr()?.ip().to_canonical();
    // From anybody else the header says nothing.
    if !header.proxies.iter().any(|proxy| proxy.to_canonical() == from) {
        return None;
    }
    let mut values = req.headers().get_all(header.name.as_str());
    let text = match (values.next(), values.next()) {
        (None, _) => return None,
        (Some(value), None) => value.to_str().unwrap_or_default().trim(),
        // Whoever could add a second one could be somebody else.
        (Some(_), Some(_)) => "twice",
    };
    // What cannot be read is a certificate that nobody has.
    (!text.is_empty()).then(|| fingerprint(&decode(text).unwrap_or_default()))
}

/// The DER in a header's text.
fn decode(text: &str) -> Option<Vec<u8>> {
    if let Some(base64) = text.strip_prefix(':').and_then(|text| text.strip_suffix(':')) {
        return STANDARD.decode(base64).ok();
    }
    let pem: Vec<u8> = percent_encoding::percent_decode_str(text).collect();
    CertificateDer::from_pem_slice(&pem).ok().map(|certificate| certificate.to_vec())
}

/// TLS for the listener: asks for a certificate, and lets in whoever has none, too.
///
/// # Errors
/// Key and chain do not belong together.
pub fn tls_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Possession::new(&provider));
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
}

/// Verifies that the other side has the key of the certificate that it sends.
#[derive(Debug)]
struct Possession {
    algorithms: WebPkiSupportedAlgorithms,
}

impl Possession {
    fn new(provider: &CryptoProvider) -> Possession {
        Possession { algorithms: provider.signature_verification_algorithms }
    }
}

impl ClientCertVerifier for Possession {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: authorities come and go while the server runs.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::primitives::client_certificate::pem;

    fn door() -> CertificateDoor {
        let proxies = vec!["10.0.0.1".parse().unwrap()];
        let header = ProxyHeader { name: "client-cert".to_owned(), proxies };
        CertificateDoor { url: None, header: Some(header) }
    }

    fn came(from: &str, values: &[&str]) -> Option<String> {
        let mut req = TestRequest::default().peer_addr(format!("{from}:1").parse().unwrap());
        for value in values {
            req = req.append_header(("Client-Cert", *value));
        }
        of(&req.to_http_request(), &door())
    }

    #[test]
    fn a_header_counts_from_the_proxy_alone_and_in_both_forms() {
        let der = b"not looked into here";
        let rfc = format!(":{}:", STANDARD.encode(der));
        let nginx = pem(der).replace('\n', "%0A").replace('+', "%2B").replace(' ', "%20");
        for text in [&rfc, &nginx] {
            assert_eq!(came("10.0.0.1", &[text]), Some(fingerprint(der)));
            assert_eq!(came("10.0.0.2", &[text]), None);
            assert_eq!(came("127.0.0.1", &[text]), None);
        }
        assert_eq!(came("10.0.0.1", &[]), None);
        assert_eq!(came("10.0.0.1", &[""]), None);
    }

    #[test]
    fn what_cannot_be_read_is_a_certificate_that_nobody_has() {
        let nobodys = Some(fingerprint(&[]));
        for text in [":!:", "rubbish", "(null)"] {
            assert_eq!(came("10.0.0.1", &[text]), nobodys);
        }
        let rfc = format!(":{}:", STANDARD.encode(b"x"));
        assert_eq!(came("10.0.0.1", &[&rfc, &rfc]), nobodys);
    }
}
