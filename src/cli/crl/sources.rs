//! Which lists a command is about: those of a configuration, or those of addresses given with their issuers.

use std::path::PathBuf;
use std::sync::Arc;

use super::super::config;
use super::super::input;
use super::super::status::Failure;
use super::args::CrlSourcesArgs;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags, Sources};
use crate::revocation::{Source, Store, StoreOptions};
use crate::service::{Lists, Service, StartError};
use crate::trust::load;
use crate::x509::Certificate;

/// The lists, as the service would hold them, and what fetching them takes.
pub struct Opened {
    /// Every source with what is stored of it.
    pub store: Arc<Store>,
    /// Whose lists are believed.
    pub issuers: Vec<Certificate>,
    /// PEM files with the roots of https addresses.
    pub tls_roots: Vec<PathBuf>,
}

/// Reads the configuration and what is stored. Nothing is fetched.
pub fn open(args: &CrlSourcesArgs) -> Result<Opened, Failure> {
    let flags = Flags { data: args.data.clone(), ..Flags::default() };
    let sources = Sources::from_process(args.config.clone(), flags);
    let config = Config::load(&sources).map_err(|error| config::failure(&error))?;
    let tls_roots = config.revocation.tls_roots.clone();
    if !args.url.is_empty() {
        let issuers = issuers(&args.issuer, &args.trust)?;
        let store = of_addresses(args, &config, &issuers)?;
        store.audit(SystemClock.now());
        return Ok(Opened { store, issuers, tls_roots });
    }
    let started = Service::start(&config, Arc::new(SystemClock)).map_err(|error| config::start_failure(&error))?;
    let grounds = started.service.grounds();
    let issuers = grounds.pool.authorities().cloned().collect();
    match &grounds.lists {
        Lists::Live(store) => {
            // What is told about a stored list was verified, as a service does after its start.
            store.audit(SystemClock.now());
            Ok(Opened { store: Arc::clone(store), issuers, tls_roots })
        }
        Lists::Fixed(_) => Err(Failure::new("configuration", "it names no lists").remedy("add a [[revocation.list]]")),
    }
}

/// The certificates of `--issuer` and `--trust`.
pub fn issuers(issuer: &[PathBuf], trust: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut issuers = Vec::new();
    for path in issuer {
        issuers.push(input::one_certificate("--issuer", path)?);
    }
    let loaded =
        load::certificates(trust).map_err(|errors| config::start_failure(&StartError::Certificates(errors)))?;
    issuers.extend(loaded.into_iter().map(|loaded| loaded.certificate));
    Ok(issuers)
}

fn of_addresses(args: &CrlSourcesArgs, config: &Config, issuers: &[Certificate]) -> Result<Arc<Store>, Failure> {
    let source = Source::urls(&args.url)
        .map_err(|error| Failure::new("--url", error).remedy("give an http or https address without a password"))?
        .of_deltas(args.delta);
    let path = config.data.directory.clone();
    let mut options = StoreOptions::new(issuers)
        .with_data(&path)
        .map_err(|error| config::start_failure(&StartError::Data { path, error }))?;
    options.max_bytes = usize::try_from(config.revocation.max_list_bytes).unwrap_or(usize::MAX);
    Ok(Arc::new(Store::load(vec![source], options, SystemClock.now())))
}
