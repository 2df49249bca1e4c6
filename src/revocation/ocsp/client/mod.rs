//! Asks responders: mirrors in turn, within a time, once for equal questions at once, and not those that keep failing.
//!
//! A question is in this order: the cache (one entry a certificate and set of addresses), then at most one request under
//! way for it, then the addresses one after the other, each with its share of the time left and only if its breaker is
//! closed. Only verified answers about the certificate that are fresh now end a question well; they stay in the cache
//! until they lapse, failures for seconds. Giving up a question harms nobody: who waits for the same answer asks anew.

mod breaker;
mod counters;
mod flight;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;

pub use self::breaker::BreakerSettings;
use self::breaker::Breakers;
pub use self::counters::{Counters, FailureCause, OcspFigures};
use super::error::OcspError;
use super::nonce::NoncePolicy;
use super::response::OcspResponse;
use super::status::OcspRules;
use crate::clock::{Clock, Time};
use crate::crypto::sha256;
use crate::fetch::{Fetch, FetchError, shown};
use crate::x509::Certificate;

/// Why a responder, or all of them, gave no answer that holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskFailure {
    /// Not asked: it has failed too often of late.
    #[error("not asked, because it has failed too often of late")]
    BreakerOpen,
    /// The exchange failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is nobody to ask.
    #[error("no address of a responder is known")]
    NoAddress,
    /// The request could not be made: the issuer's key cannot be named, or the system has no random numbers.
    #[error("the request could not be made")]
    NoRequest,
    /// The time for the question ran out.
    #[error("no answer in the time given")]
    OutOfTime,
    /// What came back is no answer, or one that does not hold.
    #[error("{0}")]
    Response(#[from] OcspError),
    /// The service is stopping.
    #[error("stopped")]
    Stopped,
}

impl AskFailure {
    /// The most telling of several mirrors' failures has the highest.
    fn rank(&self) -> u8 {
        match self {
            Self::NoAddress | Self::NoRequest | Self::Stopped => 0,
            Self::BreakerOpen => 1,
            Self::OutOfTime => 2,
            Self::Fetch(_) => 3,
            Self::Response(error) if error.is_silence() => 4,
            Self::Response(_) => 5,
        }
    }
}

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskError {
    /// Why, of several mirrors the most telling.
    pub failure: AskFailure,
    /// Which address it concerns.
    pub address: Option<Arc<str>>,
}

impl fmt::Display for AskError {
    /// Without the address's query: it stands in reports and logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}: {}", shown(address), self.failure),
            None => self.failure.fmt(f),
        }
    }
}

impl std::error::Error for AskError {}

impl AskError {
    fn new(failure: impl Into<AskFailure>, address: &Arc<str>) -> Self {
        Self { failure: failure.into(), address: Some(Arc::clone(address)) }
    }

    /// Whether nobody with authority has spoken: see [`OcspError::is_silence`].
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match &self.failure {
            AskFailure::Response(error) => error.is_silence(),
            _ => true,
        }
    }
}

/// How a client behaves.
#[derive(Clone, Copy, Debug)]
pub struct ClientSettings {
    /// What is asked of the nonce.
    pub nonce: NoncePolicy,
    /// What is asked of answers.
    pub rules: OcspRules,
    /// When addresses are left alone.
    pub breaker: BreakerSettings,
    /// How long an answer is used again at most.
    pub max_life: Duration,
    /// How long a failure is.
    pub failure_life: Duration,
    /// Most certificates remembered, with answers of the usual size (about 6 kB in memory); fewer with larger ones.
    pub capacity: u64,
}

impl Default for ClientSettings {
    /// Five minutes, two seconds, ten thousand certificates.
    fn default() -> Self {
        Self {
            nonce: NoncePolicy::default(),
            rules: OcspRules::default(),
            breaker: BreakerSettings::default(),
            max_life: Duration::from_secs(300),
            failure_life: Duration::from_secs(2),
            capacity: 10_000,
        }
    }
}

/// What a question came to.
type Asked = Result<Arc<OcspResponse>, Arc<AskError>>;

/// Octets in memory of the usual answer, by which the cache is bounded.
const USUAL_WEIGHT: u64 = 6 << 10;

/// SHA-256 over the certificate's name in OCSP and the addresses asked.
type Key = [u8; 32];

/// A remembered outcome. Its life is kept by our clock, which tests set, and by the cache's own.
#[derive(Clone)]
struct Remembered {
    asked: Asked,
    since: Time,
    life: Duration,
}

impl Remembered {
    /// Roughly the octets it holds: the certificates in an answer, which nobody signs, can make it a hundred times as
    /// large as it should be. They are held a second time, parsed.
    fn weight(&self) -> u32 {
        let der = self.asked.as_ref().map_or(0, |response| response.parsed().as_der().len());
        u32::try_from(der.saturating_mul(3).saturating_add(1024)).unwrap_or(u32::MAX)
    }

    /// A clock that was set back ends a life as well.
    fn is_over(&self, now: Time) -> bool {
        let age = now.seconds_since(self.since);
        age < 0 || u64::try_from(age).is_ok_and(|age| age >= self.life.as_secs().max(1))
    }
}

/// Tells the cache when to forget.
struct Life;

impl Expiry<Key, Remembered> for Life {
    fn expire_after_create(&self, _: &Key, value: &Remembered, _: Instant) -> Option<Duration> {
        Some(value.life)
    }

    fn expire_after_update(&self, _: &Key, value: &Remembered, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(value.life)
    }
}

/// Asks responders. Shared by all requests.
pub struct OcspClient {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    settings: ClientSettings,
    breakers: Breakers,
    counters: Arc<Counters>,
    cache: Cache<Key, Remembered>,
}

impl fmt::Debug for OcspClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl OcspClient {
    /// A client with an empty cache.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, settings: ClientSettings) -> Self {
        let cache = Cache::builder()
            .max_capacity(settings.capacity.saturating_mul(USUAL_WEIGHT))
            .weigher(|_, value: &Remembered| value.weight())
            .expire_after(Life)
            .build();
        let breakers = Breakers::new(settings.breaker);
        Self { fetch, clock, settings, breakers, counters: Arc::default(), cache }
    }

    /// What the client has done.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Addresses that are left alone at the moment.
    #[must_use]
    pub fn open_breakers(&self) -> usize {
        self.breakers.open()
    }

    /// What answers are judged by.
    #[must_use]
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    /// Asks for the status of `certificate`, issued by `issuer`, at `addresses` in turn, in no more than `budget`. Which
    /// addresses may be asked the caller decides. Add the outcome to a question by `Responses::push_fetched`.
    ///
    /// # Errors
    ///
    /// The most telling failure of all addresses. It is shared by those who asked at the same time.
    pub async fn ask(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        addresses: &[Arc<str>],
        budget: Duration,
    ) -> Asked {
        self.counters.count_asked();
        if addresses.is_empty() {
            return Err(Arc::new(AskError { failure: AskFailure::NoAddress, address: None }));
        }
        let key = key_of(certificate, issuer, addresses);
        let sent = AtomicBool::new(false);
        let flight = async {
            sent.store(true, Ordering::Relaxed);
            self.fly(certificate, issuer, addresses, budget).await
        };
        let now = self.clock.now();
        let waiting = self.cache.entry(key).or_insert_with_if(flight, |known| known.is_over(now));
        let Ok(entry) = tokio::time::timeout(budget, waiting).await else {
            let error = AskError { failure: AskFailure::OutOfTime, address: None };
            self.counters.count_failure(&error);
            return Err(Arc::new(error));
        };
        if !sent.into_inner() {
            self.counters.count_hit();
        }
        entry.into_value().asked
    }

    /// Makes the requests, and says how long the outcome is to be remembered.
    async fn fly(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        addresses: &[Arc<str>],
        budget: Duration,
    ) -> Remembered {
        let asked = flight::ask_in_turn(self, certificate, issuer, addresses, budget).await;
        let since = self.clock.now();
        let life = match &asked {
            Ok((_, until)) => {
                let left = u64::try_from(until.seconds_since(since)).unwrap_or(0);
                Duration::from_secs(left).min(self.settings.max_life)
            }
            Err(_) => self.settings.failure_life,
        };
        Remembered { asked: asked.map(|(response, _)| response).map_err(Arc::new), since, life }
    }
}

fn key_of(certificate: &Certificate, issuer: &Certificate, addresses: &[Arc<str>]) -> Key {
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
