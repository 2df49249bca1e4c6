//! From a configuration to a service: reads every file that it names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::super::status::Failure;
use crate::clock::Clock;
use crate::config::{AnchorSource, Config, ListLocation, ListSource};
use crate::fetch::{Client, Limits};
use crate::policy::OddNumbers;
use crate::revocation::refresh::{Refresher, Schedule};
use crate::revocation::{Origin, Source, Store, StoreOptions};
use crate::service::{CacheSizes, Grounds, Lists, Parts, Service, ServiceTable, demo};
use crate::trust::{Anchor, AnchorPurpose, AnchorRule, Pool, Purposes, load};
use crate::x509::Certificate;

/// Bytes that a cached certificate is counted with: the configuration counts certificates, the cache bytes.
const BYTES_OF_A_CERTIFICATE: u64 = 1024;
/// Bytes that a cached path is counted with; its certificates are shared.
const BYTES_OF_A_PATH: u64 = 384;
/// Largest table of services; the embedded one has 4 kB.
const MAX_TABLE: u64 = 16 * 1024 * 1024;

/// Everything that runs.
pub struct Assembly {
    /// Answers requests.
    pub service: Arc<Service>,
    /// The lists; none when they are the embedded ones.
    pub store: Option<Arc<Store>>,
    /// Keeps lists fresh; none when no list has an address.
    pub refresher: Option<Refresher>,
}

impl Assembly {
    /// Reads anchors, intermediates, lists and the table of services. Nothing is fetched yet.
    ///
    /// A list that cannot be read is no failure: the service starts, is not ready and says why.
    pub fn of(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let now = clock.now();
        let embedded = || demo::grounds(now).map_err(|error| Failure::new("demo", error));
        let mut grounds = if config.trust.demo {
            embedded()?
        } else {
            Grounds { pool: Arc::new(pool(config)?), lists: embedded()?.lists }
        };
        let store = if config.trust.demo && config.revocation.lists.is_empty() {
            None
        } else {
            let store = Arc::new(store(config, &grounds.pool, clock.as_ref())?);
            grounds.lists = Lists::Live(Arc::clone(&store));
            Some(store)
        };
        let refresher = store.as_ref().map(|store| refresher(config, store, &clock)).transpose()?.flatten();
        let service = Service::new(Parts {
            clock,
            grounds,
            services: Arc::new(services(config.services.file.as_deref())?),
            revocation: config.revocation.mode,
            odd_numbers: if config.policy.strict_identity_numbers { OddNumbers::Refuse } else { OddNumbers::Warn },
            default_language: config.policy.default_language,
            cache: CacheSizes {
                certificates: config.cache.certificates.saturating_mul(BYTES_OF_A_CERTIFICATE),
                paths: config.cache.paths.saturating_mul(BYTES_OF_A_PATH),
            },
        });
        Ok(Self { service: Arc::new(service), store, refresher })
    }
}

fn pool(config: &Config) -> Result<Pool, Failure> {
    let mut builder = Pool::builder();
    let mut failures = Vec::new();
    for source in &config.trust.anchors {
        match load::anchors(&[&source.path], AnchorRule::Checked) {
            Ok(loaded) => {
                for one in loaded {
                    if demo::is_demo(&one.certificate) {
                        failures.push(demo_anchor(&one.origin));
                    }
                    builder = builder.anchor(Anchor::new(one.certificate, purposes(source), false));
                }
            }
            Err(errors) => failures.extend(errors.iter().map(|error| unreadable("trust.anchors", error))),
        }
    }
    match load::certificates(&config.trust.intermediates) {
        Ok(loaded) => {
            for one in loaded {
                builder = builder.intermediate(one.certificate);
            }
        }
        Err(errors) => failures.extend(errors.iter().map(|error| unreadable("trust.intermediates", error))),
    }
    failures.into_iter().reduce(Failure::and).map_or_else(|| Ok(builder.build()), Err)
}

fn demo_anchor(origin: &Path) -> Failure {
    Failure::new(
        format!("trust.anchors = {}", origin.display()),
        "a demo anchor, whose private key is public: anybody could make a certificate that it vouches for",
    )
    .remedy("name the National CA's own (certs/README.md), or run without anchors to try the demo")
}

fn unreadable(key: &str, error: &load::LoadError) -> Failure {
    Failure::new(format!("{key} = {}", error.path.display()), &error.problem).remedy(error.problem.remedy())
}

fn purposes(source: &AnchorSource) -> Purposes {
    let of = |wanted: bool, purposes: &[AnchorPurpose]| -> Purposes {
        if wanted { purposes.iter().copied().collect() } else { Purposes::NONE }
    };
    of(source.certificates, &[AnchorPurpose::Sign, AnchorPurpose::Authenticate])
        .union(of(source.timestamps, &[AnchorPurpose::Timestamp]))
}

fn store(config: &Config, pool: &Pool, clock: &dyn Clock) -> Result<Store, Failure> {
    let settings = &config.revocation;
    let sources = settings.lists.iter().map(source).collect::<Result<Vec<_>, _>>()?;
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let mut options = StoreOptions::new(issuers);
    options.max_bytes = usize::try_from(settings.max_list_bytes).unwrap_or(usize::MAX);
    if sources.iter().any(is_fetched) {
        let folder: &PathBuf = &config.data.directory;
        options = options.with_data(folder).map_err(|error| {
            Failure::new(format!("data.directory = {}", folder.display()), format!("cannot be used: {error}"))
                .remedy("name a folder that the user the program runs as may write, with --data")
        })?;
    }
    Ok(Store::load(sources, options, clock.now()))
}

fn is_fetched(source: &Source) -> bool {
    matches!(source.origin(), Origin::Urls(_))
}

fn source(list: &ListSource) -> Result<Source, Failure> {
    let source = match &list.location {
        ListLocation::Path(path) => Source::path(path),
        ListLocation::Urls(urls) => Source::urls(urls).map_err(|error| {
            Failure::new("revocation.list.urls", error).remedy("write addresses that begin with http:// or https://")
        })?,
    };
    Ok(source.of_deltas(list.delta))
}

fn refresher(config: &Config, store: &Arc<Store>, clock: &Arc<dyn Clock>) -> Result<Option<Refresher>, Failure> {
    if !store.sources().iter().any(is_fetched) {
        return Ok(None);
    }
    let roots: [&Path; 0] = [];
    let client = Client::new(&roots, Limits::LIST).map_err(|error| Failure::new("fetching lists", error))?;
    let retry = config.revocation.retry.max(Duration::from_secs(1));
    let usual = Schedule::default();
    let schedule = Schedule { at_least: retry, backoff: usual.backoff.max(retry), ..usual };
    Ok(Some(Refresher::new(Arc::clone(store), Arc::new(client), Arc::clone(clock), schedule)))
}

fn services(file: Option<&Path>) -> Result<ServiceTable, Failure> {
    let Some(path) = file else { return Ok(ServiceTable::builtin().clone()) };
    let about = format!("services.file = {}", path.display());
    let too_large = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > MAX_TABLE);
    if too_large {
        return Err(Failure::new(about, format!("larger than {MAX_TABLE} bytes")).remedy("name the table of services"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(&about, format!("cannot be read: {error}")).remedy("check the path and who may read it")
    })?;
    ServiceTable::from_toml(&text).map_err(|error| {
        Failure::new(about, error).remedy("leave services.file out to use the table that is part of the program")
    })
}
