//! From files to what handshakes are made with.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use zeroize::Zeroizing;

use crate::access::{AccessError, file};
use crate::config::{ClientCertificates, Tls};
use crate::crypto::sha256;
use crate::x509::{Certificate, Validity};

/// The files as they are at a moment.
pub(super) struct Files {
    certificate: Zeroizing<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
    client_roots: Vec<Zeroizing<Vec<u8>>>,
}

impl Files {
    pub(super) fn read(settings: &Tls) -> Result<Self, AccessError> {
        Ok(Self {
            certificate: file::read(&settings.certificate)?,
            key: file::read(&settings.key)?,
            client_roots: settings.client_roots.iter().map(|path| file::read(path)).collect::<Result<_, _>>()?,
        })
    }

    /// A hash that changes with any of them. Of contents, not of dates: files are renamed, linked and mounted into place.
    pub(super) fn digest(&self) -> [u8; 32] {
        let all = [&self.certificate, &self.key].into_iter().chain(&self.client_roots);
        let digests: Vec<_> = all.flat_map(|contents| sha256(contents)).collect();
        sha256(&digests)
    }
}

/// What one reading of the files came to.
pub(super) struct Loaded {
    pub(super) server: Arc<ServerConfig>,
    /// Who vouches for clients; `None` when none is asked for a certificate.
    pub(super) verifier: Option<Arc<dyn ClientCertVerifier>>,
    /// Of the certificate of the service.
    pub(super) validity: Validity,
    /// Counted from 1.
    pub(super) reading: u64,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("reading", &self.reading).finish_non_exhaustive()
    }
}

impl Loaded {
    pub(super) fn of(settings: &Tls, files: &Files, reading: u64) -> Result<Self, AccessError> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates(&settings.certificate, &files.certificate)?;
        let key = private_key(&settings.key, &files.key)?;
        let validity = validity(&settings.certificate, &chain)?;
        let verifier = client_verifier(settings, files, &provider)?;
        let no_protocol = |error| AccessError::new(&settings.certificate, format!("{error}"), "Report this");
        let builder =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(no_protocol)?;
        let builder = match &verifier {
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut server = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                let remedy =
                    "Put certificate and key of one pair into the two files, the service's own certificate first";
                AccessError::new(&settings.key, "is not the key of the certificate", remedy)
            }
            error => {
                let remedy =
                    "TLS takes RSA, ECDSA (P-256, P-384) and Ed25519 keys; those of the Kazakh GOST it does not know";
                AccessError::new(&settings.key, format!("cannot be used for TLS: {error}"), remedy)
            }
        })?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { server: Arc::new(server), verifier, validity, reading })
    }
}

/// Every certificate of a PEM file; at least one.
fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, AccessError> {
    let remedy = "Name a PEM file with «BEGIN CERTIFICATE»";
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(|error| AccessError::new(path, format!("is not PEM: {error}"), remedy))?;
    if all.is_empty() {
        return Err(AccessError::new(path, "has no certificate", remedy));
    }
    Ok(all)
}

fn private_key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, AccessError> {
    const ENCRYPTED: &[u8] = b"BEGIN ENCRYPTED PRIVATE KEY";
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        if pem.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
            let remedy = "Write it without a password (openssl pkey -in KEY -out PLAIN) into a file of mode 0600";
            return AccessError::new(path, "is encrypted", remedy);
        }
        // The error names a place in the file and no part of it.
        AccessError::new(path, format!("has no private key: {error}"), "Name a PEM file with «BEGIN PRIVATE KEY»")
    })
}

/// The period of the service's own certificate, the first of its file.
fn validity(path: &Path, chain: &[CertificateDer<'_>]) -> Result<Validity, AccessError> {
    let own = chain.first().map(AsRef::as_ref).unwrap_or_default();
    let certificate = Certificate::from_der(own).map_err(|error| {
        AccessError::new(path, format!("the certificate cannot be read: {error}"), "Put a well-formed one there")
    })?;
    Ok(certificate.validity())
}

fn client_verifier(
    settings: &Tls,
    files: &Files,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, AccessError> {
    let mut roots = RootCertStore::empty();
    let mut last = None;
    for (path, pem) in settings.client_roots.iter().zip(&files.client_roots) {
        for root in certificates(path, pem)? {
            roots.add(root).map_err(|error| {
                AccessError::new(path, format!("an authority cannot be used: {error}"), "Remove it from the file")
            })?;
        }
        last = Some(path);
    }
    let Some(path) = last else { return Ok(None) };
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = match settings.client_certificates {
        ClientCertificates::Optional => builder.allow_unauthenticated(),
        ClientCertificates::Required => builder,
    };
    let unusable =
        |error| AccessError::new(path, format!("cannot vouch for clients: {error}"), "Name other authorities");
    builder.build().map(Some).map_err(unusable)
}
