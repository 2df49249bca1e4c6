//! Opening a key of a token, again when it was away.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::error::KeyError;
use super::super::password::Password;
use super::TokenSource;
use super::fault::Fault;
use super::library::{Inside, Library};
use super::token::{Live, find_token, log_in};

/// With the session at hand, with a new one, with a library started anew.
const ATTEMPTS: usize = 3;

/// What it takes to open a key, as often as needed.
pub(super) struct Opener {
    library: Arc<Library>,
    source: TokenSource,
    pin: Password,
    /// Why the token refused the PIN: it is never tried again. Held while logging in, so that two threads do not use up
    /// two attempts.
    refused: Mutex<Option<KeyError>>,
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.library.leave();
    }
}

impl Opener {
    pub fn new(library: Arc<Library>, source: TokenSource, pin: Password) -> Self {
        library.join();
        Self { library, source, pin, refused: Mutex::new(None) }
    }

    /// Does something with the key, opening it where `live` has none or one that is gone, and again when it failed in a way
    /// that may pass.
    pub fn run<T>(
        &self,
        live: &mut Option<Live>,
        mut work: impl FnMut(&Live) -> Result<T, Fault>,
    ) -> Result<T, KeyError> {
        let mut attempt = 1;
        loop {
            let (fault, generation, had) = match self.library.enter() {
                Err((fault, generation)) => (fault, generation, false),
                Ok(inside) => {
                    // A session of an earlier generation is no session.
                    *live = live.take().filter(|live| live.generation == inside.generation);
                    let had = live.is_some();
                    match self.once(&inside, live, &mut work) {
                        Ok(done) => return Ok(done),
                        Err(fault) => (fault, inside.generation, had),
                    }
                }
            };
            if !fault.again || attempt == ATTEMPTS {
                return Err(fault.error);
            }
            if !had {
                self.library.restart(generation, fault.absent);
                // What does not open after that, does not open now.
                attempt = ATTEMPTS;
            } else {
                attempt += 1;
            }
        }
    }

    fn once<T>(
        &self,
        inside: &Inside<'_>,
        live: &mut Option<Live>,
        work: &mut impl FnMut(&Live) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let opened = match live.take() {
            Some(live) => live,
            None => self.open(inside)?,
        };
        match work(&opened) {
            Ok(done) => {
                *live = Some(opened);
                Ok(done)
            }
            Err(fault) => {
                opened.close();
                Err(fault)
            }
        }
    }

    fn open(&self, inside: &Inside<'_>) -> Result<Live, Fault> {
        let token = find_token(inside.client(), &self.source)?;
        let session = inside.client().open_ro_session_no_drop(token.slot)?;
        let logged_in = {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            let result = match &*refused {
                Some(error) => Err(error.clone().into()),
                None => log_in(&session, &token, &self.pin),
            };
            if let Err(Fault { error: error @ (KeyError::PinWrong | KeyError::PinLocked), .. }) = &result {
                *refused = Some(error.clone());
            }
            result
        };
        match logged_in.and_then(|()| Live::find(&session, inside, &token, &self.source)) {
            Ok(found) => Ok(found.with(session)),
            Err(fault) => {
                // It is of this generation: closing it closes nobody else's.
                let _ = session.close();
                Err(fault)
            }
        }
    }

    /// Sessions that the token allows at once, if it says so and is there.
    pub fn sessions_allowed(&self) -> Option<usize> {
        let inside = self.library.enter().ok()?;
        find_token(inside.client(), &self.source).ok()?.sessions
    }

    /// Closes a session, if it is not gone.
    pub fn close(&self, live: Option<Live>) {
        let Ok(inside) = self.library.enter() else { return };
        if let Some(live) = live.filter(|live| live.generation == inside.generation) {
            live.close();
        }
    }
}
