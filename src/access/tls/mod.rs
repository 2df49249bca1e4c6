//! TLS in the listener: rustls on ring, certificate, key and client roots from files, read again while connections go on.
//!
//! A reading is complete or does not count: a certificate without its key, an expired one, an unreadable file leave the
//! reading before in force. Connections keep the keys of their handshake; who a client is, is decided for each request
//! under the newest reading, so that an authority that was struck out vouches for nobody from then on.

mod load;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::UnixTime;

use self::load::{Files, Loaded};
use super::{AccessError, PeerCertificate};
use crate::clock::Time;
use crate::config;

/// TLS for the listener.
#[derive(Debug)]
pub struct Tls {
    settings: config::Tls,
    current: ArcSwap<Loaded>,
    /// SHA-256 of the files as they were looked at last, usable or not.
    seen: Mutex<[u8; 32]>,
}

impl Tls {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// [`AccessError`] when one of them cannot be used.
    pub(super) fn open(settings: &config::Tls, now: Time) -> Result<Self, AccessError> {
        let files = Files::read(settings)?;
        let loaded = Loaded::of(settings, &files, 1)?;
        if !loaded.validity.contains(now) {
            // Not refused: callers that look will say so themselves, and the rest of the machine is kept running.
            let path = settings.certificate.display();
            tracing::error!(%path, "the certificate of the service is not valid now: callers will refuse it");
        }
        super::file::warn_if_shared(&settings.key);
        Ok(Self {
            settings: settings.clone(),
            current: ArcSwap::from_pointee(loaded),
            seen: Mutex::new(files.digest()),
        })
    }

    /// What the next handshake is made with, and the number of the reading it comes from.
    #[must_use]
    pub fn server(&self) -> (Arc<ServerConfig>, u64) {
        let current = self.current.load();
        (Arc::clone(&current.server), current.reading)
    }

    /// Longest time for a handshake.
    #[must_use]
    pub fn handshake_timeout(&self) -> Duration {
        self.settings.handshake_timeout
    }

    /// When the certificate of the service ends.
    #[must_use]
    pub fn not_after(&self) -> Time {
        self.current.load().validity.not_after
    }

    /// Reads the files again if they have changed since they were looked at, or in any case when `told` to; whether there
    /// is a new reading.
    ///
    /// # Errors
    /// [`AccessError`] when they cannot be used; the reading before stays in force.
    pub(super) fn reload(&self, now: Time, told: bool) -> Result<bool, AccessError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let files = match Files::read(&self.settings) {
            Ok(files) => files,
            Err(error) => {
                // Said once, and again only when something else is the matter.
                let digest = crate::crypto::sha256(error.to_string().as_bytes());
                let is_new = std::mem::replace(&mut *seen, digest) != digest;
                return if is_new || told { Err(error) } else { Ok(false) };
            }
        };
        let digest = files.digest();
        if std::mem::replace(&mut *seen, digest) == digest && !told {
            return Ok(false);
        }
        let loaded = Loaded::of(&self.settings, &files, self.current.load().reading.wrapping_add(1))?;
        if !loaded.validity.contains(now) {
            let problem = "the certificate is not valid now";
            return Err(AccessError::new(&self.settings.certificate, problem, "Put a valid one there"));
        }
        super::file::warn_if_shared(&self.settings.key);
        self.current.store(Arc::new(loaded));
        Ok(true)
    }

    /// Whether the authorities of the newest reading vouch for a certificate, which an older one let in.
    pub(super) fn vouches(&self, certificate: &PeerCertificate, now: Time) -> bool {
        let current = self.current.load();
        let (Some(verifier), Some((own, others))) = (&current.verifier, certificate.chain.split_first()) else {
            return false;
        };
        if certificate.verified_under.load(Ordering::Relaxed) == current.reading {
            return true;
        }
        let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.unix_seconds()).unwrap_or_default()));
        let good = verifier.verify_client_cert(own, others, at).is_ok();
        if good {
            certificate.verified_under.store(current.reading, Ordering::Relaxed);
        }
        good
    }
}
