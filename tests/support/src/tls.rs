//! What both ends of a TLS connection need: certificates under an authority, and their keys in PEM.
//!
//! Ed25519 throughout: quick to sign, known to every TLS library, and not to be mistaken for a Kazakh signer.

use crate::authority::Authority;
use crate::certificate::CertificateBuilder;
use crate::extension::{self, Extension};
use crate::key::Key;
use crate::name::{self, Name};
use crate::pem;

/// extKeyUsage serverAuth.
const SERVER_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.1";
/// extKeyUsage clientAuth.
const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";

/// One end: its certificate and its key.
#[derive(Clone, Debug)]
pub struct End {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The private key, PKCS#8 in DER.
    pub key: Vec<u8>,
}

impl End {
    /// The certificate in PEM.
    pub fn certificate_pem(&self) -> String {
        pem::certificate(&self.certificate)
    }

    /// The key in PEM, not encrypted.
    pub fn key_pem(&self) -> String {
        pem::encode("PRIVATE KEY", &self.key)
    }
}

/// An authority for TLS whose key follows from its name.
pub fn authority(common_name: &str) -> Authority {
    Authority::root(common_name, Key::ed25519(common_name))
}

/// A service named `host`, and 127.0.0.1; `label` makes its key.
pub fn server(authority: &Authority, host: &str, label: &str) -> End {
    server_of(authority, host, label, |builder| builder)
}

/// The same, bent.
pub fn server_of(
    authority: &Authority,
    host: &str,
    label: &str,
    bend: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
) -> End {
    // iPAddress [7] (RFC 5280 4.2.1.6).
    let names = [extension::dns_name(host), crate::der::implicit(7, &[127, 0, 0, 1])];
    let names = Extension::subject_alternative_name(&names);
    end(authority, host, label, SERVER_AUTHENTICATION, |builder| bend(builder.with(names)))
}

/// A client with this common name, which makes its key.
pub fn client(authority: &Authority, common_name: &str) -> End {
    client_of(authority, common_name, |builder| builder)
}

/// The same, bent.
pub fn client_of(
    authority: &Authority,
    common_name: &str,
    bend: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
) -> End {
    end(authority, common_name, common_name, CLIENT_AUTHENTICATION, bend)
}

fn end(
    authority: &Authority,
    common_name: &str,
    label: &str,
    purpose: &str,
    bend: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
) -> End {
    let subject = Name::new().utf8(name::COMMON_NAME, common_name);
    let builder = CertificateBuilder::new(&subject, &Key::ed25519(label))
        .with(Extension::key_usage(0x80).critical())
        .with(Extension::extended_key_usage(&[purpose]));
    End { certificate: authority.issue(bend(builder)), key: Key::ed25519_pkcs8(label) }
}
