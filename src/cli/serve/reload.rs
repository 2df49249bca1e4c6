//! Reads the files of access again: at SIGHUP, as daemons do, and when they have changed, as orchestrators want it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::access::Access;
use crate::clock::Clock;
use crate::observe::Metrics;

/// Pause between two looks at the files: a revoked token works at most so long.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Watches the files, if there are any.
pub fn watch(access: &Arc<Access>, metrics: &Arc<Metrics>, clock: &Arc<dyn Clock>) -> Option<JoinHandle<()>> {
    access.has_files().then(|| tokio::spawn(run(Arc::clone(access), Arc::clone(metrics), Arc::clone(clock))))
}

async fn run(access: Arc<Access>, metrics: Arc<Metrics>, clock: Arc<dyn Clock>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hangups = Hangups::listen();
    loop {
        let told = tokio::select! {
            _ = ticks.tick() => false,
            () = hangups.next() => true,
        };
        let (access, metrics, now) = (Arc::clone(&access), Arc::clone(&metrics), clock.now());
        let reading = tokio::task::spawn_blocking(move || access.reload(&metrics, now, told));
        if let Err(error) = reading.await {
            tracing::error!(%error, "access files could not be read again");
        }
    }
}

/// The signals SIGHUP.
struct Hangups(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = signal(SignalKind::hangup());
        Self(listen.inspect_err(|error| tracing::warn!(%error, "cannot listen to SIGHUP")).ok())
    }

    /// Completes at the next one.
    async fn next(&mut self) {
        let told = match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if told.is_none() {
            std::future::pending().await
        }
    }
}

#[cfg(not(unix))]
impl Hangups {
    fn listen() -> Self {
        Self()
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}
