//! The use cases, one file each, and the state of a running service.
//!
//! A [`Service`] is made once: pool of anchors, lists, service table, clock, caches. A request is parsed by
//! [`Service::prepare`] and judged by [`Service::check`]; both take microseconds when certificate and path are
//! known, and the second some tenths of a millisecond when signatures have to be verified, so that a
//! face runs it away from its async threads unless [`PreparedCheck::is_warm`].

mod alarm;
mod bound;
mod carried;
mod chains;
mod challenges;
mod check_certificate;
pub mod demo;
mod discovery;
mod document;
mod evidence;
mod identity_number;
mod keeper;
mod log_in;
mod prepare;
mod readiness;
mod recording;
mod request;
mod responders;
mod shared_file;
pub mod signing;
mod start;
mod submission;
mod submission_request;
mod verify_document;
mod vouching;

use std::sync::Arc;

use moka::sync::Cache;

pub use crate::policy::services::ServiceTable;
pub use crate::revocation::{ListState, ListStatus};
pub use alarm::Watch;
pub(crate) use challenges::MAX_OPEN as MAX_CHALLENGES;
pub use challenges::{Challenge, ChallengeError, ChallengeRequest, Challenges};
pub use discovery::Discovery;
pub use document::{ContentDigest, DocumentRequest};
pub use identity_number::NumberReport;
pub use keeper::Keeper;
pub use log_in::{ChallengeResponse, PreparedLogIn};
pub use prepare::{Intermediates, PreparedCheck};
pub use readiness::Readiness;
pub use recording::{Asker, Decided, Recorder, named};
pub use request::{CheckRequest, FieldError, IdentityClaim, MAX_INTERMEDIATES, RequestError};
pub use responders::{Responder, Responders};
pub use shared_file::SharedFile;
pub use start::{ServicesError, StartError, Started};
pub use submission::{OpenedSubmission, PreparedSubmission};
pub use submission_request::{ApplicantNumbers, Representative, SubmissionRequest, SubmittedDocument, SubmittedForm};
pub use verify_document::{OpenedDocument, PreparedDocument};
pub use vouching::{vouched, vouched_among};

use crate::clock::{Clock, Time};
use crate::config::Submissions;
use crate::crypto::sha256;
use crate::policy::algorithms::AlgorithmTable;
use crate::policy::{OddNumbers, Policy, Purpose, Reading, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::Responses;
use crate::revocation::{OpenList, Snapshot, Store};
use crate::trust::Pool;
use crate::verdict::Language;
use crate::verify::Examined;
use crate::x509::{Certificate, CertificateError};

/// Where revocation lists are looked up.
#[derive(Clone, Debug)]
pub enum Lists {
    /// A fixed set, as a command or a line of a batch brings it.
    Fixed(Arc<Snapshot>),
    /// The lists of a running service, swapped as they are refreshed.
    Live(Arc<Store>),
}

impl Lists {
    /// The lists in force now.
    #[must_use]
    pub fn current(&self) -> Arc<Snapshot> {
        match self {
            Self::Fixed(snapshot) => Arc::clone(snapshot),
            Self::Live(store) => store.snapshot(),
        }
    }
}

/// What answers rest on: whom we trust, and what is revoked.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// Anchors and intermediates.
    pub pool: Arc<Pool>,
    /// Revocation lists.
    pub lists: Lists,
    /// Lists that a command or a line of a batch brought and that none of the authorities known has issued: one that a
    /// document carries may have. A running service has none.
    pub open: Arc<[Arc<OpenList>]>,
    /// OCSP responses that a command or a line of a batch brought.
    pub responses: Responses,
}

impl Grounds {
    /// Without responses, and without lists of issuers that are not known.
    #[must_use]
    pub fn new(pool: Arc<Pool>, lists: Lists) -> Self {
        Self { pool, lists, open: Arc::default(), responses: Responses::default() }
    }
}

/// Bounds of the caches, in bytes of what they hold (roughly).
#[derive(Clone, Copy, Debug)]
pub struct CacheSizes {
    /// Parsed certificates.
    pub certificates: u64,
    /// Verified paths.
    pub paths: u64,
}

impl Default for CacheSizes {
    /// Together about ten thousand holders, in under 24 MiB.
    fn default() -> Self {
        Self { certificates: 16 << 20, paths: 6 << 20 }
    }
}

/// What a service is made of.
pub struct Parts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What answers rest on.
    pub grounds: Grounds,
    /// Who may apply for what.
    pub services: Arc<ServiceTable>,
    /// What a missing list means.
    pub revocation: RevocationRule,
    /// Which kinds of evidence about revocation are asked, in which order.
    pub order: RevocationOrder,
    /// Who is asked over the network about single certificates; `None` asks nobody.
    pub responders: Option<Responders>,
    /// Notes where lists are published that nobody configured; `None` where no host may be asked.
    pub discovery: Option<Discovery>,
    /// What an impossible identity number means.
    pub odd_numbers: OddNumbers,
    /// How submissions are judged.
    pub submissions: Submissions,
    /// How the rules are read where letter and practice differ.
    pub reading: Reading,
    /// Which algorithms are accepted, and until when.
    pub algorithms: Arc<AlgorithmTable>,
    /// The language of messages when a request names none.
    pub default_language: Language,
    /// Bounds of the caches.
    pub cache: CacheSizes,
}

impl Parts {
    /// The embedded service table, revocation required, nobody asked over the network, default caches.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, grounds: Grounds) -> Self {
        Self {
            clock,
            grounds,
            services: Arc::new(ServiceTable::builtin().clone()),
            revocation: RevocationRule::default(),
            order: RevocationOrder::default(),
            responders: None,
            discovery: None,
            odd_numbers: OddNumbers::Warn,
            submissions: Submissions::default(),
            reading: Reading::default(),
            algorithms: AlgorithmTable::builtin(),
            default_language: Language::Ru,
            cache: CacheSizes::default(),
        }
    }
}

/// The running service. Share it in an [`Arc`].
pub struct Service {
    clock: Arc<dyn Clock>,
    grounds: Grounds,
    services: Arc<ServiceTable>,
    revocation: RevocationRule,
    order: RevocationOrder,
    responders: Option<Responders>,
    discovery: Option<Discovery>,
    odd_numbers: OddNumbers,
    submissions: Submissions,
    challenges: Challenges,
    reading: Reading,
    algorithms: Arc<AlgorithmTable>,
    default_language: Language,
    certificates: Cache<[u8; 32], Arc<Examined>>,
    chains: Cache<chains::Key, chains::Found>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl Service {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let certificates = Cache::builder()
            .max_capacity(parts.cache.certificates)
            .weigher(|_, examined: &Arc<Examined>| weight(examined.weight()))
            .build();
        let chains = Cache::builder()
            .max_capacity(parts.cache.paths)
            .weigher(|_, found: &chains::Found| weight(chains::weight(found)))
            .build();
        Self {
            clock: parts.clock,
            grounds: parts.grounds,
            services: parts.services,
            revocation: parts.revocation,
            order: parts.order,
            responders: parts.responders,
            discovery: parts.discovery,
            odd_numbers: parts.odd_numbers,
            submissions: parts.submissions,
            challenges: Challenges::default(),
            reading: parts.reading,
            algorithms: parts.algorithms,
            default_language: parts.default_language,
            certificates,
            chains,
        }
    }

    /// What its answers rest on.
    #[must_use]
    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }

    /// Who may apply for what.
    #[must_use]
    pub fn services(&self) -> &ServiceTable {
        &self.services
    }

    /// Whether it trusts a demo anchor, whose key is public.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.grounds.pool.is_demo()
    }

    /// The policy for a purpose, as configured.
    #[must_use]
    pub fn policy_for(&self, purpose: Purpose) -> Policy {
        Policy {
            revocation: self.revocation,
            order: self.order,
            odd_numbers: self.odd_numbers,
            reading: self.reading,
            algorithms: Arc::clone(&self.algorithms),
            ..Policy::kz(purpose)
        }
    }

    /// Every list, usable or not; none when the lists are a fixed set.
    #[must_use]
    pub fn revocation(&self) -> Vec<ListStatus> {
        match &self.grounds.lists {
            Lists::Live(store) => store.status(self.clock.now()),
            Lists::Fixed(_) => Vec::new(),
        }
    }

    /// The language of messages when a request names none.
    #[must_use]
    pub fn default_language(&self) -> Language {
        self.default_language
    }

    /// The time by the service's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// How many parsed certificates and paths the caches hold.
    #[must_use]
    pub fn cached(&self) -> (u64, u64) {
        (self.certificates.entry_count(), self.chains.entry_count())
    }

    /// The certificate of these bytes, parsed now or before.
    fn examined(&self, der: &[u8]) -> Result<Arc<Examined>, CertificateError> {
        let key = sha256(der);
        if let Some(known) = self.certificates.get(&key) {
            return Ok(known);
        }
        let examined = Arc::new(Examined::new(Certificate::from_der(der)?));
        self.certificates.insert(key, Arc::clone(&examined));
        Ok(examined)
    }
}
