//! The other end of a connection.

use std::net::IpAddr;
use std::sync::atomic::AtomicU64;

use rustls::pki_types::CertificateDer;

use crate::config::CertificatePin;
use crate::crypto::sha256;
use crate::x509::{Certificate, CertificateError, Validity};

/// The other end of a connection, the same for all its requests.
#[derive(Debug)]
pub struct Peer {
    /// Its address: that of a caller's machine, or of a proxy.
    pub address: IpAddr,
    /// The certificate that it showed in the handshake, if any.
    pub certificate: Option<PeerCertificate>,
}

/// A certificate that was verified in the handshake.
#[derive(Debug)]
pub struct PeerCertificate {
    /// As it came, its own first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// How a configuration may name it, the narrowest first.
    pub(super) pins: [CertificatePin; 3],
    pub(super) validity: Validity,
    /// The reading of the files under which it was verified last.
    pub(super) verified_under: AtomicU64,
}

impl PeerCertificate {
    /// Reads what the handshake, under the `reading`th reading of the files, has verified; `None` when nothing was shown.
    ///
    /// # Errors
    /// When our own reader, stricter than that of the handshake, cannot read it.
    pub fn of(chain: &[CertificateDer<'_>], reading: u64) -> Result<Option<Self>, CertificateError> {
        let Some(own) = chain.first() else { return Ok(None) };
        let certificate = Certificate::from_der(own)?;
        let key = certificate.public_key_info().map(sha256).unwrap_or_default();
        Ok(Some(Self {
            chain: chain.iter().map(|certificate| certificate.clone().into_owned()).collect(),
            pins: [
                CertificatePin::Certificate(*certificate.sha256()),
                CertificatePin::PublicKey(key),
                CertificatePin::Subject(certificate.subject().to_string()),
            ],
            validity: certificate.validity(),
            verified_under: AtomicU64::new(reading),
        }))
    }
}
