//! `[access]` and `[tls]`: who may ask, and over what kind of connection.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Time;

/// What a client may do; `access::rights` has the calls of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads the record of what was decided and signed.
    Auditor,
    /// The e-licensing system: what the portal may, and have licences signed.
    ELicensing,
    /// Approves what is to be signed in their name.
    Official,
    /// Keeps the service running.
    Operator,
    /// The portal: asks about certificates, documents, submissions, log-ins.
    Portal,
}

impl Role {
    /// Every role, by name.
    pub const ALL: [Self; 5] = [Self::Auditor, Self::ELicensing, Self::Official, Self::Operator, Self::Portal];

    /// The name in configuration, log and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::ELicensing => "e-licensing",
            Self::Official => "official",
            Self::Operator => "operator",
            Self::Portal => "portal",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Who may ask. Without clients and without a file of tokens everybody may, who reaches the listener.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Listen beyond the loopback address although nothing protects the listener itself.
    pub allow_unprotected: bool,
    /// Whether pages, their assets and the description of the interface are for clients only, too.
    pub protect_pages: bool,
    /// A file with further tokens of the clients, read again when it changes.
    pub tokens: Option<PathBuf>,
    /// The clients; their order says nothing.
    pub clients: Vec<AccessClient>,
}

impl Access {
    /// Whether callers have to say who they are.
    #[must_use]
    pub fn is_controlled(&self) -> bool {
        !self.clients.is_empty() || self.tokens.is_some()
    }
}

/// A client: a system or a person that calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClient {
    /// Its name in log, journal and metrics; unique.
    pub name: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// SHA-256 of each of its tokens.
    pub tokens: Vec<[u8; 32]>,
    /// The certificates that it may show in the TLS handshake.
    pub certificates: Vec<CertificatePin>,
    /// Requests a second in the long run; `None` for no limit.
    pub rate_per_second: Option<u32>,
    /// Requests at once after a pause; as many as `rate_per_second` unless written.
    pub burst: Option<u32>,
    /// From then on it is nobody; `None` for never.
    pub expires: Option<Time>,
}

/// How a client's certificate is recognised, after it was verified under `tls.client_roots`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CertificatePin {
    /// By the SHA-256 of the whole certificate.
    Certificate([u8; 32]),
    /// By the SHA-256 of its `SubjectPublicKeyInfo`: renewals under the same key stay known.
    PublicKey([u8; 32]),
    /// By its subject as `rastau inspect` prints it: whatever the roots vouch for under that name.
    Subject(String),
}

/// TLS in the listener.
#[derive(Clone, Debug)]
pub struct Tls {
    /// PEM file with the certificate of the service, followed by those of intermediate authorities.
    pub certificate: PathBuf,
    /// PEM file with its private key, not encrypted.
    pub key: PathBuf,
    /// PEM files with the authorities whose certificates clients may show; without any, none is asked for.
    pub client_roots: Vec<PathBuf>,
    /// Whether a client has to show one.
    pub client_certificates: ClientCertificates,
    /// Longest time for a handshake.
    pub handshake_timeout: Duration,
}

/// Whether clients have to show a certificate in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Who has none may show a token.
    Optional,
    /// Nobody is let in without one.
    Required,
}

/// Longest name of a client, in characters: it stands in log, metrics and journal.
const MAX_NAME_CHARS: usize = 64;

/// Whether a text can be the name of a client: letters, digits, `-`, `.` and `_`.
#[must_use]
pub fn is_client_name(text: &str) -> bool {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    (1..=MAX_NAME_CHARS).contains(&text.len()) && text.bytes().all(plain)
}

/// A SHA-256 in hexadecimal, in either case.
#[must_use]
pub fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let (mut digest, octets) = ([0; 32], text.as_bytes());
    if octets.len() != 2 * digest.len() {
        return None;
    }
    for (place, pair) in digest.iter_mut().zip(octets.chunks_exact(2)) {
        for half in pair {
            *place = *place << 4 | u8::try_from(char::from(*half).to_digit(16)?).ok()?;
        }
    }
    Some(digest)
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
