//! From a configuration to a running service: everything read, verified and named before the first request.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::demo::{self, DemoError};
use super::{CacheSizes, Discovery, Grounds, Lists, Parts, Responders, Service, ServiceTable};
use crate::clock::Clock;
use crate::config::{AnchorSource, Config, ListLocation};
use crate::fetch::{Client, ClientError, Limits};
use crate::policy::OddNumbers;
use crate::policy::services::ServiceTableError;
use crate::revocation::ocsp::Responses;
use crate::revocation::refresh::{Refresher, Schedule};
use crate::revocation::{HostError, HostList, Source, SourceError, Store, StoreOptions};
use crate::trust::load::{self, LoadError};
use crate::trust::{Anchor, AnchorPurpose, AnchorRule, Pool, PoolBuilder, Purposes};
use crate::x509::Certificate;

/// A service and the task that keeps its lists fresh.
pub struct Started {
    /// The service.
    pub service: Arc<Service>,
    /// To be run beside it; none when no list comes from an address.
    pub refresher: Option<Arc<Refresher>>,
    /// Lists that verified certificates name, for the refresher to fetch; none where no host may be asked.
    pub discovered: Option<mpsc::Receiver<Source>>,
}

/// Why a service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Trust anchors or intermediates.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Certificates(Vec<LoadError>),
    /// The client that fetches lists.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The data directory.
    #[error("data.directory = {path:?}: {error}; make it writable for this user, or name another with --data")]
    Data {
        /// The folder.
        path: std::path::PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The embedded demonstration.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// A demo anchor among real ones.
    #[error(
        "{0} has a key of the demo PKI, which is public: anybody can issue under it; remove it from the configuration, \
         or set trust.demo = true to run the demonstration"
    )]
    DemoAnchor(String),
    /// A host that certificates may not lead to.
    #[error("revocation.fetch_hosts: {0}")]
    FetchHosts(#[from] HostError),
    /// An address that no list can be fetched from.
    #[error("revocation.list: {0}; correct the address")]
    ListAddress(#[from] SourceError),
    /// The service table.
    #[error("services.file = {path:?}: {error}")]
    Services {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        error: ServicesError,
    },
}

/// What is wrong with a file of services.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// The system.
    #[error("{0}; name a file that can be read")]
    Io(#[from] std::io::Error),
    /// Its contents.
    #[error(transparent)]
    Table(#[from] ServiceTableError),
}

impl Service {
    /// Reads everything the configuration names and starts the service on it. Nothing is fetched here: lists from
    /// addresses come from the copies stored last time until the [`Refresher`] has newer ones.
    ///
    /// # Errors
    ///
    /// [`StartError`] naming the setting, what is wrong and the remedy.
    pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Started, StartError> {
        let services = match &config.services.file {
            None => ServiceTable::builtin().clone(),
            Some(path) => read_services(path).map_err(|error| StartError::Services { path: path.clone(), error })?,
        };
        let pool = if config.trust.demo { demo_pool(config)? } else { pool(config)? };
        let mut sources = sources(config)?;
        if config.trust.demo {
            sources.extend(demo::lists());
        }
        let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
        let mut options = StoreOptions::new(issuers);
        options.vouched = Arc::new(super::vouched(&pool, clock.now()));
        options.max_bytes = usize::try_from(config.revocation.max_list_bytes).unwrap_or(usize::MAX);
        let hosts = HostList::read(&config.revocation.fetch_hosts)?;
        let fetches = !hosts.is_empty() || sources.iter().any(|source| !source.mirrors().is_empty());
        if fetches {
            let path = config.data.directory.clone();
            options = options.with_data(&path).map_err(|error| StartError::Data { path, error })?;
        } else if config.data.is_given && !sources.is_empty() {
            // Lists in files need no data directory; with one the next start is quicker.
            match options.clone().with_data(&config.data.directory) {
                Ok(with_data) => options = with_data,
                Err(error) => {
                    tracing::warn!(%error, "the data directory cannot be used: lists are read at every start")
                }
            }
        }
        let store = Arc::new(Store::load(sources, options, clock.now()));
        let refresher = if fetches { Some(refresher(config, &store, &clock)?) } else { None };
        let responders = Responders::configured(config, &hosts, &clock, &pool)?;
        // Those inside documents, and those that were fetched, count as long as each other.
        let rules = super::responders::rules(config);
        let (discovery, discovered) = (!hosts.is_empty()).then(|| Discovery::new(hosts)).unzip();
        let service = Self::new(Parts {
            clock,
            grounds: Grounds { responses: Responses::new(rules), ..Grounds::new(Arc::new(pool), Lists::Live(store)) },
            services: Arc::new(services),
            revocation: config.revocation.mode,
            order: config.revocation.order,
            responders,
            discovery,
            reading: config.policy.reading,
            algorithms: Arc::clone(&config.algorithms),
            odd_numbers: if config.policy.strict_identity_numbers { OddNumbers::Refuse } else { OddNumbers::Warn },
            submissions: config.submissions.clone(),
            default_language: config.policy.default_language,
            cache: CacheSizes { certificates: config.cache.certificates, paths: config.cache.paths },
        });
        Ok(Started { service: Arc::new(service), refresher, discovered })
    }
}

fn read_services(path: &std::path::Path) -> Result<ServiceTable, ServicesError> {
    Ok(ServiceTable::from_toml(&std::fs::read_to_string(path)?)?)
}

fn refresher(config: &Config, store: &Arc<Store>, clock: &Arc<dyn Clock>) -> Result<Arc<Refresher>, ClientError> {
    let client = Client::new(&config.revocation.tls_roots, Limits::LIST)?;
    let schedule =
        Schedule { at_most: config.revocation.refresh, at_least: config.revocation.retry, ..Schedule::default() };
    Ok(Arc::new(Refresher::new(Arc::clone(store), Arc::new(client), Arc::clone(clock), schedule)))
}

fn sources(config: &Config) -> Result<Vec<Source>, SourceError> {
    config
        .revocation
        .lists
        .iter()
        .map(|list| {
            let source = match &list.location {
                ListLocation::Path(path) => Source::path(path),
                ListLocation::Urls(urls) => Source::urls(urls)?,
            };
            Ok(source.of_deltas(list.delta))
        })
        .collect()
}

fn purposes(source: &AnchorSource) -> Purposes {
    let certificates = [AnchorPurpose::Sign, AnchorPurpose::Authenticate];
    let timestamps = [AnchorPurpose::Timestamp];
    let some = |wanted: bool, purposes: &[AnchorPurpose]| -> Purposes {
        purposes.iter().copied().filter(|_| wanted).collect()
    };
    some(source.certificates, &certificates).union(some(source.timestamps, &timestamps))
}

/// The configured anchors and intermediates; a demo key among them is refused.
fn pool(config: &Config) -> Result<Pool, StartError> {
    let mut builder = Pool::builder();
    for source in &config.trust.anchors {
        let loaded = load::anchors(std::slice::from_ref(&source.path), AnchorRule::Checked);
        for anchor in loaded.map_err(StartError::Certificates)? {
            refuse_demo(&anchor.certificate, || anchor.origin.display().to_string())?;
            builder = builder.anchor(Anchor::new(anchor.certificate, purposes(source), false));
        }
    }
    add_intermediates(config, builder).map(PoolBuilder::build)
}

fn add_intermediates(config: &Config, mut builder: PoolBuilder) -> Result<PoolBuilder, StartError> {
    for loaded in load::certificates(&config.trust.intermediates).map_err(StartError::Certificates)? {
        if !config.trust.demo {
            refuse_demo(&loaded.certificate, || loaded.origin.display().to_string())?;
        }
        builder = builder.intermediate(loaded.certificate);
    }
    Ok(builder)
}

fn refuse_demo(certificate: &Certificate, origin: impl Fn() -> String) -> Result<(), StartError> {
    if demo::is_demo(certificate) { Err(StartError::DemoAnchor(origin())) } else { Ok(()) }
}

/// The demo's anchors and intermediates, beside the intermediates configured.
fn demo_pool(config: &Config) -> Result<Pool, StartError> {
    let mut builder = Pool::builder();
    for root in demo::roots()? {
        builder = builder.anchor(Anchor::new(root, Purposes::ALL, true));
    }
    for issuing in demo::intermediates()? {
        builder = builder.intermediate(issuing);
    }
    add_intermediates(config, builder).map(PoolBuilder::build)
}
