//! What the client keeps, by what, and for how long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;

use super::failure::AskError;
use crate::clock::Time;
use crate::crypto::sha256;
use crate::revocation::ocsp::response::OcspResponse;
use crate::x509::Certificate;

/// What a question came to.
pub(super) type Asked = Result<Arc<OcspResponse>, Arc<AskError>>;

/// Octets in memory of the usual answer, by which the cache is bounded.
pub(super) const USUAL_WEIGHT: u64 = 6 << 10;

/// SHA-256 over the certificate's name in OCSP and the addresses asked.
pub(super) type Key = [u8; 32];

/// A remembered outcome. Its life is kept by our clock, which tests set, and by the cache's own.
#[derive(Clone)]
pub(super) struct Remembered {
    pub asked: Asked,
    pub since: Time,
    pub life: Duration,
}

impl Remembered {
    /// Roughly the octets it holds: the certificates in an answer, which nobody signs, can make it a hundred times as
    /// large as it should be. They are held a second time, parsed.
    pub fn weight(&self) -> u32 {
        let der = self.asked.as_ref().map_or(0, |response| response.parsed().as_der().len());
        u32::try_from(der.saturating_mul(3).saturating_add(1024)).unwrap_or(u32::MAX)
    }

    /// A clock that was set back ends a life as well.
    pub fn is_over(&self, now: Time) -> bool {
        let age = now.seconds_since(self.since);
        age < 0 || u64::try_from(age).is_ok_and(|age| age >= self.life.as_secs().max(1))
    }
}

/// Tells the cache when to forget.
pub(super) struct Life;

impl Expiry<Key, Remembered> for Life {
    fn expire_after_create(&self, _: &Key, value: &Remembered, _: Instant) -> Option<Duration> {
        Some(value.life)
    }

    fn expire_after_update(&self, _: &Key, value: &Remembered, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(value.life)
    }
}

/// What tells one question from another.
pub(super) fn key_of(certificate: &Certificate, issuer: &Certificate, addresses: &[Arc<str>]) -> Key {
    let mut parts = Vec::with_capacity(256);
    // Each part of a length that is fixed or written before it, so that no two questions look the same.
    parts.extend_from_slice(issuer.sha256());
    parts.extend_from_slice(&sha256(certificate.issuer().as_der()));
    let serial = certificate.serial_number().as_bytes();
    for part in std::iter::once(serial).chain(addresses.iter().map(|address| address.as_bytes())) {
        parts.extend_from_slice(&part.len().to_be_bytes());
        parts.extend_from_slice(part);
    }
    sha256(&parts)
}
