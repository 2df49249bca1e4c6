//! PKCS#11 libraries: loaded and initialised once for the whole process, started anew when that helps.
//!
//! `C_Finalize` must not run while another thread is in the library, and ends the sessions of everybody in the process. So
//! each use passes a gate that counts who is inside; [`Library::restart`] closes it, waits until nobody is, and raises the
//! generation, by which holders of sessions see that theirs are gone. Handles are numbers that come again: a session of an
//! earlier generation is forgotten, never closed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use super::super::error::KeyError;
use super::fault::Fault;

/// How long somebody waits for a library that is being started anew, or for others to leave it. HSMs in a network take
/// some seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a library that other keys use too is not started anew, after it was, because a token is absent: it ends the
/// sessions of those keys, and most libraries see a token that comes without it.
const ABSENT_PAUSE: Duration = Duration::from_secs(30);

/// Libraries by their files. They stay until the process ends: there is no good moment to unload one.
static LOADED: Mutex<BTreeMap<PathBuf, Arc<Library>>> = Mutex::new(BTreeMap::new());

/// A loaded library.
pub(super) struct Library {
    client: Pkcs11,
    gate: Mutex<Gate>,
    changed: Condvar,
}

struct Gate {
    inside: usize,
    /// Somebody starts it anew.
    closed: bool,
    /// Whether it is initialised.
    ready: bool,
    generation: u64,
    /// Keys that use it.
    keys: usize,
    /// When it was started anew.
    restarted: Option<Instant>,
}

impl Gate {
    /// Whether it may be started anew because a token is absent. For the only key of a library it may at any time: it ends
    /// nobody else's sessions.
    fn may_restart_for_absent(&self, now: Instant) -> bool {
        self.keys <= 1 || self.restarted.is_none_or(|then| now.saturating_duration_since(then) >= ABSENT_PAUSE)
    }
}

/// Somebody who uses the library. It is not finalised meanwhile.
pub(super) struct Inside<'a> {
    library: &'a Library,
    /// Sessions of another generation are gone.
    pub generation: u64,
}

impl Inside<'_> {
    pub fn client(&self) -> &Pkcs11 {
        &self.library.client
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.library.lock().inside -= 1;
        self.library.changed.notify_all();
    }
}

impl Library {
    /// Loads a library and initialises it, if that was not done before.
    pub fn load(path: &Path) -> Result<Arc<Self>, KeyError> {
        let fail = |why: String| KeyError::Module { path: path.display().to_string(), why };
        let file = path.canonicalize().map_err(|error| fail(error.to_string()))?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = loaded.get(&file) {
            return Ok(Arc::clone(library));
        }
        let client = Pkcs11::new(&file).map_err(|error| fail(error.to_string()))?;
        initialize(&client).map_err(|error| fail(error.to_string()))?;
        let gate = Gate { inside: 0, closed: false, ready: true, generation: 0, keys: 0, restarted: None };
        let library = Arc::new(Self { client, gate: Mutex::new(gate), changed: Condvar::new() });
        loaded.insert(file, Arc::clone(&library));
        Ok(library)
    }

    fn lock(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, for a time, while the gate is as described; tells whether it is still so.
    fn wait_while(&self, condition: impl Fn(&Gate) -> bool) -> (MutexGuard<'_, Gate>, bool) {
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, |gate| condition(gate));
        let (gate, result) = waited.unwrap_or_else(PoisonError::into_inner);
        (gate, result.timed_out())
    }

    /// Goes in.
    pub fn enter(&self) -> Result<Inside<'_>, (Fault, u64)> {
        let (mut gate, late) = self.wait_while(|gate| gate.closed);
        if late || !gate.ready {
            let fault = Fault::passing(KeyError::Device("the library does not start".to_owned()));
            return Err((fault, gate.generation));
        }
        gate.inside += 1;
        Ok(Inside { library: self, generation: gate.generation })
    }

    /// One key more uses it.
    pub fn join(&self) {
        self.lock().keys += 1;
    }

    /// One key less uses it.
    pub fn leave(&self) {
        let mut gate = self.lock();
        gate.keys = gate.keys.saturating_sub(1);
    }

    /// Starts the library anew, unless somebody did since the generation that the caller saw, or not long ago when it is
    /// because a token is absent. Gives up when others stay inside, which a library that hangs makes them do.
    pub fn restart(&self, seen: u64, absent: bool) {
        let (mut gate, late) = self.wait_while(|gate| gate.closed);
        if late || gate.generation != seen || (absent && !gate.may_restart_for_absent(Instant::now())) {
            return;
        }
        gate.closed = true;
        drop(gate);
        let (mut gate, late) = self.wait_while(|gate| gate.inside > 0);
        if !late {
            drop(gate);
            tracing::info!("starting a PKCS#11 library anew");
            // It may say that it is not initialised: so much the better.
            let _ = self.client.clone().finalize();
            let ready = initialize(&self.client).is_ok();
            gate = self.lock();
            gate.ready = ready;
            gate.generation += 1;
            gate.restarted = Some(Instant::now());
        }
        gate.closed = false;
        drop(gate);
        self.changed.notify_all();
    }
}

fn initialize(client: &Pkcs11) -> Result<(), Error> {
    match client.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // By somebody else in this process.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_token_does_not_end_the_sessions_of_other_keys_again_and_again() {
        let now = Instant::now();
        let gate = |keys, restarted| Gate { inside: 0, closed: false, ready: true, generation: 1, keys, restarted };
        assert!(gate(2, None).may_restart_for_absent(now));
        assert!(!gate(2, Some(now)).may_restart_for_absent(now));
        assert!(!gate(2, Some(now)).may_restart_for_absent(now + Duration::from_secs(29)));
        assert!(gate(2, Some(now)).may_restart_for_absent(now + Duration::from_secs(30)));
        // A clock that goes back is no reason.
        assert!(!gate(2, Some(now + Duration::from_secs(1))).may_restart_for_absent(now));
        // Nobody else is there whose sessions it could end.
        assert!(gate(1, Some(now)).may_restart_for_absent(now));
    }
}
