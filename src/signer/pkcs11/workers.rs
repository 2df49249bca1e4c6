//! Threads that sign, a session each.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::super::error::KeyError;
use super::method::Method;
use super::opener::Opener;
use super::token::Live;
use crate::crypto::SignError;

/// Sessions at once. A card signs one thing at a time, an HSM many; and four keep it busy.
const SESSIONS: usize = 4;
/// Signatures that wait for a session. A card makes about ten in a second.
const WAITING: usize = 64;
/// How long somebody waits for a signature. RSA with 4096 bits takes a card three seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// Something to sign.
struct Job {
    input: Vec<u8>,
    reply: SyncSender<Result<Vec<u8>, KeyError>>,
}

/// How long the end of a key waits for its threads to leave the library: a process that ends while a thread is inside may
/// crash, for libraries clean up behind its back.
const FAREWELL: Duration = Duration::from_secs(5);

/// The threads of a key. They end when this is dropped.
pub(super) struct Workers {
    /// `None` when they are to end.
    jobs: Option<SyncSender<Job>>,
    running: Arc<Running>,
}

/// How many threads have not ended.
#[derive(Default)]
struct Running {
    count: Mutex<usize>,
    ended: Condvar,
}

/// A thread that runs.
struct Runs(Arc<Running>);

impl Runs {
    fn of(running: &Arc<Running>) -> Self {
        *running.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(Arc::clone(running))
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.ended.notify_all();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        let count = self.running.count.lock().unwrap_or_else(PoisonError::into_inner);
        // Threads that hang in the library are left to it.
        drop(self.running.ended.wait_timeout_while(count, FAREWELL, |count| *count > 0));
    }
}

impl Workers {
    /// Starts them, the first with the session at hand.
    pub fn start(opener: Arc<Opener>, live: Live, method: Method) -> Result<Self, KeyError> {
        let (jobs, waiting) = sync_channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let sessions = opener.sessions_allowed().unwrap_or(SESSIONS).clamp(1, SESSIONS);
        let mut live = Some(live);
        let running = Arc::new(Running::default());
        for _ in 0..sessions {
            let (opener, waiting, live) = (Arc::clone(&opener), Arc::clone(&waiting), live.take());
            let runs = Runs::of(&running);
            thread::Builder::new()
                .name("rastau-token".to_owned())
                .spawn(move || {
                    work(&opener, &waiting, live, method);
                    drop(runs);
                })
                .map_err(|error| KeyError::Device(format!("no thread for it: {error}")))?;
        }
        Ok(Self { jobs: Some(jobs), running })
    }

    /// Has something signed.
    pub fn sign(&self, input: Vec<u8>) -> Result<Vec<u8>, SignError> {
        let (reply, answer) = sync_channel(1);
        let closed = || SignError::Unavailable("the token is closed".to_owned());
        self.jobs.as_ref().ok_or_else(closed)?.try_send(Job { input, reply }).map_err(|error| match error {
            TrySendError::Full(_) => SignError::Unavailable("too many signatures wait for the token".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        let answer = answer.recv_timeout(DEADLINE);
        let answer = answer.map_err(|_| SignError::Unavailable("the token does not answer".to_owned()))?;
        answer.map_err(|error| {
            if error.is_passing() {
                SignError::Unavailable(error.to_string())
            } else {
                SignError::Refused(error.to_string())
            }
        })
    }
}

fn work(opener: &Opener, waiting: &Mutex<Receiver<Job>>, mut live: Option<Live>, method: Method) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { input, reply }) = job else { break };
        let result = opener.run(&mut live, |live| live.sign(method, &input));
        // Who asked may have given up.
        let _ = reply.send(result);
    }
    opener.close(live);
}
