//! Who may ask for what: clients, their tokens and certificates, roles, limits.
//!
//! [`Access`] is opened once from the configuration. Where no client is configured everybody may ask, and nothing is
//! looked at. Otherwise every request is matched with the table of [`rights`]: health is everybody's, pages are unless
//! configured, the rest is for clients that have one of the roles. A client shows a bearer token ([`token`]), or a
//! certificate in the TLS handshake ([`tls`]). Files (the tokens, certificate, key, client roots) are read again when they
//! change; a reading that cannot be used leaves the one before in force.
//!
//! Every refusal is counted; the first hundred and some a second are logged and handed to the [`RefusalSink`].

mod caller;
mod client;
mod error;
mod file;
mod gate;
mod limit;
mod peer;
mod refusal;
pub mod rights;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod token;
mod token_file;

use std::fmt;
use std::sync::Arc;

pub use caller::{Caller, Roles};
pub use error::AccessError;
pub use gate::{Asked, Authorization};
pub use peer::{Peer, PeerCertificate};
pub use refusal::{Refusal, RefusalCause, RefusalSink, Refused};

use self::gate::Gate;
use self::tls::Tls;
use crate::clock::Time;
use crate::config::Config;
pub use crate::config::Role;
use crate::observe::Metrics;

/// Who may ask for what, and how the listener is protected. Share it in an [`Arc`].
#[derive(Default)]
pub struct Access {
    /// `None` lets everybody in.
    gate: Option<Gate>,
    tls: Option<Tls>,
    sink: Option<Arc<dyn RefusalSink>>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("tls", &self.tls).finish_non_exhaustive()
    }
}

impl Access {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// [`AccessError`] when a file cannot be used.
    pub fn open(config: &Config, now: Time) -> Result<Self, AccessError> {
        let tls = config.tls.as_ref().map(|settings| Tls::open(settings, now)).transpose()?;
        Ok(Self { gate: Gate::open(&config.access)?, tls, sink: None })
    }

    /// The same, with somebody who records refusals.
    #[must_use]
    pub fn with_sink(self, sink: Arc<dyn RefusalSink>) -> Self {
        Self { sink: Some(sink), ..self }
    }

    /// Whether callers have to say who they are.
    #[must_use]
    pub fn is_controlled(&self) -> bool {
        self.gate.is_some()
    }

    /// TLS for the listener, if it is configured.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Whether there are files that may change.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.tls.is_some() || self.gate.as_ref().is_some_and(|gate| gate.token_file().is_some())
    }

    /// Lets a request in: the client it comes from, `None` where everybody may ask.
    ///
    /// # Errors
    /// [`Refusal`], which was counted, logged and recorded.
    pub fn admit(&self, asked: &Asked<'_>, metrics: &Metrics, now: Time) -> Result<Option<Caller>, Refusal> {
        let Some(gate) = &self.gate else { return Ok(None) };
        gate.admit(asked, self.tls.as_ref(), now).inspect_err(|refusal| self.record(gate, asked, refusal, metrics))
    }

    fn record(&self, gate: &Gate, asked: &Asked<'_>, refusal: &Refusal, metrics: &Metrics) {
        if refusal.cause == RefusalCause::NoSuchCall {
            return;
        }
        let cause = refusal.cause.as_str();
        metrics.access_refused(cause);
        let Some(suppressed) = gate.to_record(refusal) else { return };
        let refused = Refused {
            cause: refusal.cause,
            client: refusal.client.as_deref(),
            route: asked.route,
            method: asked.method,
            peer: asked.peer.map(|peer| peer.address),
            request_id: asked.request_id,
            suppressed,
        };
        let Refused { client, route, method, request_id, .. } = refused;
        let peer = refused.peer.map(tracing::field::display);
        tracing::warn!(cause, client, route, method, peer, request_id, suppressed, "a request was refused");
        if let Some(sink) = &self.sink {
            sink.refused(&refused);
        }
    }

    /// Reads the files again that have changed, or all of them when `told` to. The outcome is logged and counted; a file
    /// that cannot be used changes nothing. Reads files: not for the threads that serve connections.
    pub fn reload(&self, metrics: &Metrics, now: Time, told: bool) {
        let outcomes = [
            ("tls", self.tls.as_ref().map(|tls| tls.reload(now, told))),
            ("tokens", self.gate.as_ref().map(|gate| gate.reload(told))),
        ];
        for (what, outcome) in outcomes {
            match outcome {
                None | Some(Ok(false)) => {}
                Some(Ok(true)) => {
                    metrics.access_reloaded(what, true);
                    tracing::info!(what, "access files were read again");
                }
                Some(Err(error)) => {
                    metrics.access_reloaded(what, false);
                    tracing::error!(what, %error, "access files cannot be used, those read before stay in force");
                }
            }
        }
        self.report(metrics);
    }

    /// Sets the gauges.
    pub fn report(&self, metrics: &Metrics) {
        if let Some(tls) = &self.tls {
            metrics.set_tls_not_after(tls.not_after().unix_seconds());
        }
    }
}
