//! Before signing: the official's certificate passes the same check as anybody's, now, revocation required (500/НҚ p. 4).

use std::sync::Arc;

use base64::Engine as _;

use super::fault::SigningFault;
use super::register::{Entry, HeldKey, OpenKey};
use crate::clock::Time;
use crate::policy::{Policy, Purpose, RevocationRule, key_usage};
use crate::service::{CheckRequest, Service};
use crate::verdict::{Check, CheckName, Decision, Language, Reason, Report, ReportContext, Required, Verdict, Whose};
use crate::verify::Examined;
use crate::x509::{Certificate, KeyUsage};

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
    let candidates = candidates.map_err(|_panicked| SigningFault::Internal)?.map_err(|error| {
        // What it is called in a token may be somebody's name: that stays in the log.
        let text =
            if error.may_come { "its token or HSM is not there" } else { "it cannot be opened; the log says why" };
        SigningFault::Key(text.to_owned())
    })?;
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

/// What a certificate says by itself about whether its holder may sign at a moment: period and key usage. Whether it is
/// genuine, and whether it was revoked, is not asked: that takes evidence.
#[must_use]
pub fn by_itself(certificate: &Certificate, at: Time, language: Language) -> Report {
    let examined = Examined::new(certificate.clone());
    let validity = certificate.validity();
    let (mut checks, mut reasons) = (Vec::new(), Vec::new());
    let late = (at > validity.not_after).then(|| Reason::expired(Whose::Holder, validity.not_after));
    let early = (at < validity.not_before).then(|| Reason::not_yet_valid(Whose::Holder, validity.not_before));
    let period = format!("valid from {} to {}", validity.not_before, validity.not_after);
    checks.push(match late.as_ref().or(early.as_ref()) {
        Some(_) => Check::failed(CheckName::ValidityPeriod, period),
        None => Check::passed(CheckName::ValidityPeriod, period),
    });
    reasons.extend(late.or(early));
    let bits = certificate.extensions().key_usage.map(KeyUsage::bits);
    match key_usage::verdict(bits, examined.usages(), Purpose::Sign) {
        Ok(()) => checks.push(Check::passed(CheckName::KeyUsage, "issued for this purpose")),
        Err(problem) => {
            checks.push(Check::failed(CheckName::KeyUsage, problem.to_string()));
            reasons.push(Reason::key_usage_not_allowed(Purpose::Sign.term()));
        }
    }
    let required = Required::only(CheckName::ValidityPeriod).and(CheckName::KeyUsage);
    let certificate = Some(examined.summary().clone());
    Verdict::conclude(required, checks, reasons).report(ReportContext { certificate, at, checked_at: at, language })
}
