//! Keys by their names in the configuration, each opened once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::KeyError;
use super::identity::SigningIdentity;
use super::password::Password;
use super::source::{KeySource, open};

/// Keys by name. A key in a file is open from the start; one whose token is absent is looked for again at each use.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where it comes from; `None` for one that was handed over open.
    origin: Option<(KeySource, Password)>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open(Arc<SigningIdentity>),
    Closed(KeyError),
}

impl Keyring {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a key and keeps it under a name; one that had the name goes. Blocking.
    ///
    /// # Errors
    /// [`KeyError`]. When that may pass by itself ([`KeyError::is_passing`]: the token is not plugged in), the key is kept
    /// none the less, and [`Self::get`] tries again.
    pub fn add(&mut self, id: &str, source: KeySource, password: Password) -> Result<(), KeyError> {
        let (state, result) = match open(&source, &password) {
            Ok(identity) => (State::Open(Arc::new(identity)), Ok(())),
            Err(error) if error.is_passing() => (State::Closed(error.clone()), Err(error)),
            Err(error) => return Err(error),
        };
        self.keys.insert(id.to_owned(), Entry { origin: Some((source, password)), state: Mutex::new(state) });
        result
    }

    /// Keeps a key that is open already.
    pub fn insert(&mut self, id: &str, identity: Arc<SigningIdentity>) {
        self.keys.insert(id.to_owned(), Entry { origin: None, state: Mutex::new(State::Open(identity)) });
    }

    /// The names.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// The key of a name, `None` if there is no such name. Blocking where it has to be opened first; others who ask for the
    /// same key meanwhile wait, others who ask for another do not.
    ///
    /// # Errors
    /// [`KeyError`]: why it cannot be opened. A wrong PIN is not tried again.
    pub fn get(&self, id: &str) -> Option<Result<Arc<SigningIdentity>, KeyError>> {
        let entry = self.keys.get(id)?;
        let mut state = entry.state.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match &*state {
            State::Open(identity) => return Some(Ok(Arc::clone(identity))),
            State::Closed(error) => error.clone(),
        };
        let Some((source, password)) = entry.origin.as_ref().filter(|_| error.is_passing()) else {
            return Some(Err(error));
        };
        Some(match open(source, password) {
            Ok(identity) => {
                let identity = Arc::new(identity);
                *state = State::Open(Arc::clone(&identity));
                Ok(identity)
            }
            Err(error) => {
                *state = State::Closed(error.clone());
                Err(error)
            }
        })
    }
}
