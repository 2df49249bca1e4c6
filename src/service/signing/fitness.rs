//! Before signing: the official's certificate passes the same check as anybody's, now, revocation required (500/НҚ p. 4).

use std::sync::Arc;

use base64::Engine as _;

use super::fault::SigningFault;
use super::register::{Entry, HeldKey, OpenKey};
use crate::policy::{Policy, Purpose, RevocationRule};
use crate::service::{CheckRequest, Service};
use crate::verdict::{Decision, Language, Report};

/// A key that is fit to sign, with the report that says so.
pub(super) struct Fit {
    pub key: Arc<HeldKey>,
    pub open: Arc<OpenKey>,
    pub report: Report,
}

/// The first key of an official that is fit, the newest first.
///
/// # Errors
///
/// [`SigningFault`] about the newest key, when none is.
pub(super) async fn fit_key(
    service: &Arc<Service>,
    entry: &Arc<Entry>,
    language: Language,
) -> Result<Fit, SigningFault> {
    let (now, official) = (service.now(), Arc::clone(entry));
    let candidates = tokio::task::spawn_blocking(move || official.candidates(now)).await;
    let candidates = candidates
        .map_err(|_panicked| SigningFault::Internal)?
        .map_err(|error| SigningFault::Key(error.to_string()))?;
    let mut first = None;
    for (key, open) in candidates {
        let fault = match entry.owns(&open) {
            Err(mismatch) => SigningFault::Key(format!("{mismatch}; correct signing.official or the key")),
            Ok(()) => {
                let report = check(service, &open, language).await?;
                match report.decision() {
                    Decision::Accepted => return Ok(Fit { key, open, report }),
                    Decision::Refused => SigningFault::Certificate(Box::new(report)),
                    Decision::Undetermined => SigningFault::CertificateUnknown(Box::new(report)),
                }
            }
        };
        tracing::warn!(key = key.id(), code = fault.code(), "a key of an official is not fit to sign");
        first.get_or_insert(fault);
    }
    Err(first.unwrap_or(SigningFault::Internal))
}

/// Whatever others are allowed: nothing is signed with a key about which nothing is known.
pub(super) fn strict(service: &Service) -> Policy {
    Policy { revocation: RevocationRule::Required, ..service.policy_for(Purpose::Sign) }
}

async fn check(service: &Arc<Service>, key: &OpenKey, language: Language) -> Result<Report, SigningFault> {
    let certificate = base64::engine::general_purpose::STANDARD.encode(key.signer.certificate().as_der());
    let request = CheckRequest {
        certificate,
        purpose: Some(Purpose::Sign),
        language: Some(language.as_str().to_owned()),
        ..CheckRequest::default()
    };
    let prepared = service.prepare_under(request, strict(service), service.grounds());
    let mut prepared = prepared.map_err(|_| SigningFault::Internal)?;
    let searching = Arc::clone(service);
    let found = tokio::task::spawn_blocking(move || {
        searching.find_chains(&mut prepared, searching.grounds());
        prepared
    });
    let mut prepared = found.await.map_err(|_panicked| SigningFault::Internal)?;
    if service.asks_responders() {
        prepared = service.ask_responders(prepared, service.grounds()).await;
    }
    let judging = Arc::clone(service);
    tokio::task::spawn_blocking(move || judging.check(prepared)).await.map_err(|_panicked| SigningFault::Internal)
}
