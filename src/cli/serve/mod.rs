//! `rastau serve`: from a configuration to a running service.

mod descriptors;
mod reload;
mod threads;
mod welcome;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::args::ServeArgs;
use super::config;
use super::status::{Failure, Status};
use crate::access::Access;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags, LogFormat, Sources};
use crate::http::{Behind, Server, shutdown_signal};
use crate::observe::{Metrics, start_log};
use crate::revocation::refresh::Refresher;
use crate::revocation::{Source, Store};
use crate::service::signing::{self, Desk};
use crate::service::{Lists, Service, Started, Watch};

/// When stored lists are read again after the start: it takes a core and the memory of the largest list for some tenths
/// of a second, which the first requests need more.
const AUDIT_AFTER: Duration = Duration::from_secs(5);

/// Runs the service until it is told to stop.
pub fn run(args: &ServeArgs) -> Result<Status, Failure> {
    let evidence = args.evidence.clone();
    let flags = Flags {
        listen: args.listen.clone(),
        data: args.data.clone(),
        trust: evidence.trust,
        intermediates: evidence.intermediates,
        crl: evidence.crl,
    };
    let sources = Sources::from_process(args.config.clone(), flags);
    let mut settings = Config::load(&sources).map_err(|error| config::failure(&error))?;
    start_log(&settings.log.level, settings.log.format == LogFormat::Json).map_err(|error| {
        Failure::new(format!("log.level = {}", settings.log.level), error)
            .remedy("write error, warn, info, debug or trace")
    })?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    descriptors::fit(&mut settings.http);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let started = Service::start(&settings, Arc::clone(&clock)).map_err(|error| config::start_failure(&error))?;
    let runtime = threads::runtime()
        .map_err(|error| Failure::new("runtime", error).remedy("raise the limit of threads of the user"))?;
    runtime.block_on(serve(&settings, started, clock))?;
    Ok(Status::Good)
}

async fn serve(settings: &Config, started: Started, clock: Arc<dyn Clock>) -> Result<(), Failure> {
    let unusable = |error: std::io::Error| {
        Failure::new(format!("--listen {}", settings.http.listen), format!("cannot be listened on: {error}"))
            .remedy("choose another address with --listen or http.listen, or stop what listens there")
    };
    let Started { service, refresher, discovered } = started;
    let metrics = Arc::new(Metrics::new());
    let access = Access::open(settings, clock.now()).map_err(|error| config::access_failure(&error))?;
    let desk = Desk::open(settings, &service, &clock).await.map_err(|error| config::desk_failure(&error))?;
    let signing::Opened { desk, recorder, keeper } = desk;
    let access = Arc::new(access.with_sink(Arc::new(recorder.clone())));
    access.report(&metrics);
    let reloading_access = reload::watch(&access, &metrics, &clock);
    let behind = Behind {
        service: Arc::clone(&service),
        desk: Arc::clone(&desk),
        recorder,
        metrics,
        refresher: refresher.clone(),
        access: Arc::clone(&access),
    };
    let server = Server::bind(settings, behind).await.map_err(unusable)?;
    let address = server.local_addr().map_err(unusable)?;
    welcome::greet(settings.log.format, address, &service, &access);
    let (stop, stopped) = watch::channel(false);
    if let (Some(refresher), Some(discovered)) = (&refresher, discovered) {
        tokio::spawn(add_discovered(Arc::clone(refresher), discovered));
    }
    let watching = tokio::spawn(Watch::new(Arc::clone(&service)).run());
    let refreshing = refresher.map(|refresher| tokio::spawn(refresher.run(stopped)));
    let reloading = match &service.grounds().lists {
        Lists::Live(store) => {
            let (opened, at) = (Arc::clone(store), Arc::clone(&clock));
            tokio::spawn(async move {
                tokio::time::sleep(AUDIT_AFTER).await;
                // What was opened from stored indexes is verified while the service answers.
                if let Err(error) = tokio::task::spawn_blocking(move || opened.audit(at.now())).await {
                    tracing::error!(%error, "the stored lists could not be read again");
                }
            });
            Some(tokio::spawn(reload_when_told(Arc::clone(store), clock)))
        }
        Lists::Fixed(_) => None,
    };
    let tidying = tokio::spawn(tidy(desk));
    server.run(shutdown_signal()).await;
    tidying.abort();
    // Nobody listens when nothing is refreshed.
    let _ = stop.send(true);
    watching.abort();
    if let Some(task) = reloading_access {
        task.abort();
    }
    if let Some(task) = reloading {
        task.abort();
    }
    if let Some(task) = refreshing {
        // A task that panicked has said so.
        let _ = task.await;
    }
    if let Some(keeper) = keeper {
        keeper.close().await;
    }
    Ok(())
}

/// Time between two looks at kept answers and at keys that are about to expire.
const TIDY_EVERY: Duration = Duration::from_secs(6 * 3600);

/// Removes answers that nobody can ask for any more, and warns of keys that are about to expire.
async fn tidy(desk: Arc<Desk>) {
    let mut expiry = signing::ExpiryWatch::default();
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        expiry.look(&desk.officials());
        desk.tidy().await;
    }
}

/// Adds the lists that verified certificates name, until the service is gone.
async fn add_discovered(refresher: Arc<Refresher>, mut discovered: mpsc::Receiver<Source>) {
    while let Some(source) = discovered.recv().await {
        match refresher.add_source(source.clone()).await {
            Ok(true) => tracing::info!(%source, "a verified certificate names a list, which is fetched from now on"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%source, %error, "a list that a verified certificate names is not fetched"),
        }
    }
}

/// Reads the lists of files and folders again at SIGHUP, as daemons do.
#[cfg(unix)]
async fn reload_when_told(store: Arc<Store>, clock: Arc<dyn Clock>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut told = match signal(SignalKind::hangup()) {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(%error, "cannot listen to SIGHUP: lists in files are read at start only");
            return;
        }
    };
    while told.recv().await.is_some() {
        let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
        let reading = tokio::task::spawn_blocking(move || {
            for source in store.sources() {
                store.reload(&source, clock.now());
            }
        });
        match reading.await {
            Ok(()) => tracing::info!("lists in files were read again"),
            Err(error) => tracing::error!(%error, "lists in files could not be read again"),
        }
    }
}

#[cfg(not(unix))]
async fn reload_when_told(_: Arc<Store>, _: Arc<dyn Clock>) {
    std::future::pending::<()>().await;
}
