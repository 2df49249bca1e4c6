//! Asks responders: mirrors in turn, within a time, once for equal questions at once, and not those that keep failing.
//!
//! A question is in this order: the cache (one entry a certificate and set of addresses), then at most one request under
//! way for it, then the addresses one after the other, each with its share of the time left and only if its breaker is
//! closed. Only verified answers about the certificate that are fresh now, or say that it is revoked, end a question well;
//! they stay in the cache until they lapse, those that have lapsed and failures for seconds. What is under way goes on when nobody waits for it any more (`under_way`), so
//! that giving up a question harms nobody, and no responder either.

mod counters;
mod failure;
mod flight;
mod remembered;
mod under_way;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::time::{Instant, timeout_at};

pub use self::counters::{Counters, FailureCause, OcspFigures};
pub use self::failure::{AskError, AskFailure};
use self::remembered::{Asked, Key, Life, Remembered, USUAL_WEIGHT, key_of};
use self::under_way::{Flight, UnderWay};
use super::known::KnownResponders;
use super::nonce::NoncePolicy;
use super::status::OcspRules;
use crate::clock::Clock;
pub use crate::fetch::BreakerSettings;
use crate::fetch::{Breakers, Fetch};
use crate::x509::Certificate;

/// How often a question is put again after a flight that ended by a defect of ours (a panic).
const ATTEMPTS: usize = 2;

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
    /// Most questions under way at once; others wait for a place within their time.
    pub at_once: usize,
}

impl Default for ClientSettings {
    /// Five minutes, two seconds, ten thousand certificates, 64 at once.
    fn default() -> Self {
        Self {
            nonce: NoncePolicy::default(),
            rules: OcspRules::default(),
            breaker: BreakerSettings::default(),
            max_life: Duration::from_secs(300),
            failure_life: Duration::from_secs(2),
            capacity: 10_000,
            at_once: 64,
        }
    }
}

/// One question, to be taken to where it is asked.
struct Question {
    certificate: Certificate,
    issuer: Certificate,
    addresses: Vec<Arc<str>>,
    budget: Duration,
}

/// Asks responders. Shared by all requests.
pub struct OcspClient {
    shared: Arc<Shared>,
}

/// What flights need, which outlive the request that began them.
struct Shared {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    settings: ClientSettings,
    breakers: Breakers,
    counters: Arc<Counters>,
    cache: Cache<Key, Remembered>,
    under_way: Arc<UnderWay>,
    /// Certificates of responders that need not send them.
    responders: KnownResponders,
}

impl fmt::Debug for OcspClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcspClient").field("settings", &self.shared.settings).finish_non_exhaustive()
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
        let (breakers, under_way) = (Breakers::new(settings.breaker), UnderWay::new(settings.at_once));
        let (counters, responders) = (Arc::default(), KnownResponders::default());
        let shared = Shared { fetch, clock, settings, breakers, counters, cache, under_way, responders };
        Self { shared: Arc::new(shared) }
    }

    /// The same client, before it is asked anything: the certificate of a responder that sends none with its answer may be
    /// one of these.
    #[must_use]
    pub fn with_responders<'a>(mut self, known: impl IntoIterator<Item = &'a Certificate>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.responders = KnownResponders::among(known);
        }
        self
    }

    /// What the client has done.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.shared.counters
    }

    /// Addresses that are left alone at the moment.
    #[must_use]
    pub fn open_breakers(&self) -> usize {
        self.shared.breakers.open()
    }

    /// What answers are judged by.
    #[must_use]
    pub fn settings(&self) -> &ClientSettings {
        &self.shared.settings
    }

    /// Asks for the status of `certificate`, issued by `issuer`, at `addresses` in turn, in no more than `budget`. Which
    /// addresses may be asked the caller decides. Add the outcome to a question by `Responses::push_fetched`.
    ///
    /// What was begun goes on when the caller hangs up, in a task of the runtime that this is called in.
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
        let shared = &self.shared;
        shared.counters.count_asked();
        if addresses.is_empty() {
            return Err(Arc::new(AskError { failure: AskFailure::NoAddress, address: None }));
        }
        let key = key_of(certificate, issuer, addresses);
        let question = || Question {
            certificate: certificate.clone(),
            issuer: issuer.clone(),
            addresses: addresses.to_vec(),
            budget,
        };
        let landed = shared.wait_for(key, question, Instant::now() + budget).await;
        landed.unwrap_or_else(|failure| {
            let error = AskError { failure, address: None };
            shared.counters.count_failure(&error);
            Err(Arc::new(error))
        })
    }
}

impl Shared {
    /// What is known, or what the flight for the question comes to, which is begun if there is none.
    async fn wait_for(
        self: &Arc<Self>,
        key: Key,
        question: impl Fn() -> Question,
        deadline: Instant,
    ) -> Result<Asked, AskFailure> {
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.known(&key).await {
                self.counters.count_hit();
                return Ok(known.asked);
            }
            let (mut outcome, own) = match self.under_way.find(&key) {
                Some(outcome) => (outcome, false),
                None => {
                    let place = timeout_at(deadline, self.under_way.place()).await;
                    let place = place.map_err(|_| AskFailure::TooMany)?.ok_or(AskFailure::Stopped)?;
                    let (outcome, flight) = self.under_way.begin(key, place);
                    let own = flight.is_some();
                    if let Some(flight) = flight {
                        tokio::spawn(Arc::clone(self).fly(flight, question()));
                    }
                    (outcome, own)
                }
            };
            let landed = timeout_at(deadline, outcome.wait_for(Option::is_some)).await;
            // It ended without an outcome when its task broke.
            let landed = landed.map_err(|_| AskFailure::OutOfTime)?.ok().and_then(|landed| landed.clone());
            if let Some(landed) = landed {
                if !own {
                    self.counters.count_hit();
                }
                return Ok(landed.asked);
            }
        }
        Err(AskFailure::Stopped)
    }

    async fn known(&self, key: &Key) -> Option<Remembered> {
        let now = self.clock.now();
        self.cache.get(key).await.filter(|known| !known.is_over(now))
    }

    /// Makes the requests and keeps what comes of them, unless an earlier flight ended just before this one began.
    async fn fly(self: Arc<Self>, flight: Flight, question: Question) {
        let landed = match self.known(flight.key()).await {
            Some(known) => {
                self.counters.count_hit();
                known
            }
            None => {
                let found = self.find_out(&question).await;
                self.cache.insert(*flight.key(), found.clone()).await;
                found
            }
        };
        flight.lands(landed);
    }

    /// Makes the requests, and says how long the outcome is to be remembered.
    async fn find_out(&self, question: &Question) -> Remembered {
        let asked = flight::ask_in_turn(self, question).await;
        let since = self.clock.now();
        let life = match &asked {
            // One that had lapsed, and says that somebody is revoked.
            Ok((_, until)) if *until < since => self.settings.failure_life,
            Ok((_, until)) => {
                let left = u64::try_from(until.seconds_since(since)).unwrap_or(0);
                Duration::from_secs(left).min(self.settings.max_life)
            }
            Err(_) => self.settings.failure_life,
        };
        Remembered { asked: asked.map(|(response, _)| response).map_err(Arc::new), since, life }
    }
}
