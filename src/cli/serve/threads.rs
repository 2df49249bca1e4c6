//! The threads of the service: those that serve connections, and those that compute and wait for disks.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Runtime};

/// Pieces of work between two looks at what has become ready: of some tens of microseconds each, so that nobody waits for a
/// millisecond before it is even seen that he is there.
const EVENT_INTERVAL: u32 = 16;

/// How much nicer (setpriority(2)) those that compute are than those that serve connections: the latter have something to do
/// for some tens of microseconds now and then, and that is not to wait until the system takes a core from the former.
#[cfg(target_os = "linux")]
const NICER: i32 = 2;

/// Both kinds, one of the first for each core.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let started = AtomicUsize::new(0);
    Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cores)
        .event_interval(EVENT_INTERVAL)
        // The first threads are those that serve: each of them takes one for good before anything else can run.
        .on_thread_start(move || {
            if started.fetch_add(1, Ordering::Relaxed) >= cores {
                step_back();
            }
        })
        .build()
}

/// Lowers the priority of the thread that calls it.
fn step_back() {
    // Where that is not possible all are equal.
    #[cfg(target_os = "linux")]
    let _refused = rustix::process::setpriority_process(None, NICER);
}
