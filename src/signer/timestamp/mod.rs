//! The client of timestamp authorities (RFC 3161): mirrors in turn, again after a while, within a time.
//!
//! A round asks each address whose breaker is closed, with its share of the time that is left; the first token that holds
//! ends it. Between rounds the client waits, twice as long each time. A token holds when it answers this request (status,
//! nonce, imprint, policy), its signature does, under the certificate in it, which is one for timestamps, and its moment is
//! not far from the clock. Whether that authority is trusted is for the check of the whole document to say.

mod failure;
mod round;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::failure::{StampFailure, TimestampError};
use crate::clock::{Clock, Time};
use crate::crypto::{HashAlgorithm, SignatureAlgorithm};
use crate::der::Oid;
use crate::fetch::{BreakerSettings, Breakers, Fetch};
use crate::x509::Certificate;

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct TimestampSettings {
    /// Addresses of authorities in the order of preference.
    pub addresses: Vec<Arc<str>>,
    /// The policy to ask for; `None` leaves it to the authority. The National CA has one for each kind of key.
    pub policy: Option<Oid>,
    /// Most time for a token, with all waiting.
    pub budget: Duration,
    /// Most time for one exchange.
    pub exchange: Duration,
    /// How often every address is asked at most.
    pub rounds: u32,
    /// How long to wait after the first round; twice as long after each further one.
    pub first_wait: Duration,
    /// When addresses are left alone.
    pub breaker: BreakerSettings,
}

impl Default for TimestampSettings {
    /// No address. Ten seconds, of which four for an exchange; three rounds with 0.3 and 0.6 seconds between them: the
    /// National CA's servers drop connections for moments, and somebody waits for the signature.
    fn default() -> Self {
        Self {
            addresses: Vec::new(),
            policy: None,
            budget: Duration::from_secs(10),
            exchange: Duration::from_secs(4),
            rounds: 3,
            first_wait: Duration::from_millis(300),
            breaker: BreakerSettings::default(),
        }
    }
}

/// A token that holds.
#[derive(Clone, Debug)]
pub struct Timestamp {
    /// The token, a `ContentInfo`, as the authority gave it.
    pub token: Vec<u8>,
    /// The moment that it states.
    pub gen_time: Time,
    /// Whose it is; not judged yet.
    pub authority: Certificate,
    /// Where it is from.
    pub address: Arc<str>,
}

/// Asks timestamp authorities. Shared by all requests.
pub struct TimestampClient {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    settings: TimestampSettings,
    breakers: Breakers,
}

impl fmt::Debug for TimestampClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimestampClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl TimestampClient {
    /// A client of these authorities.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, settings: TimestampSettings) -> Self {
        let breakers = Breakers::new(settings.breaker);
        Self { fetch, clock, settings, breakers }
    }

    /// How it behaves.
    #[must_use]
    pub fn settings(&self) -> &TimestampSettings {
        &self.settings
    }

    /// Addresses that are left alone at the moment.
    #[must_use]
    pub fn open_breakers(&self) -> usize {
        self.breakers.open()
    }

    /// Gets a token over `stamped`, which is what [`Draft::stamped`](crate::signed::Draft::stamped) has of a signature made
    /// with `algorithm`.
    ///
    /// # Errors
    ///
    /// [`TimestampError`]: the most telling failure of all addresses.
    pub async fn stamp(&self, stamped: &[u8], algorithm: SignatureAlgorithm) -> Result<Timestamp, TimestampError> {
        round::ask(self, crate::crypto::hash(imprint_algorithm(algorithm), stamped)).await
    }
}

/// By which hash a signature is stamped. The National CA's policy for GOST 34.10-2015 has Streebog-512; who sends SHA-256 gets
/// a token of its RSA authority.
#[must_use]
pub fn imprint_algorithm(algorithm: SignatureAlgorithm) -> HashAlgorithm {
    match algorithm {
        SignatureAlgorithm::Gost2015_256 | SignatureAlgorithm::Gost2015_512 => HashAlgorithm::Streebog512,
        _ => HashAlgorithm::Sha256,
    }
}
