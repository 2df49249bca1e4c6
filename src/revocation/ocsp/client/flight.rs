//! One question on its way: the addresses in turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{AskError, AskFailure, Question as Asked, Shared};
use crate::clock::Time;
use crate::fetch::{Limits, Post, shown};
use crate::revocation::Everything;
use crate::revocation::ocsp::cert_id::CertIds;
use crate::revocation::ocsp::error::{DelegateError, OcspError};
use crate::revocation::ocsp::judge::{Question, claim};
use crate::revocation::ocsp::known::KnownResponders;
use crate::revocation::ocsp::nonce::{Nonce, NoncePolicy};
use crate::revocation::ocsp::request::{MEDIA_TYPE, OcspRequest, RESPONSE_MEDIA_TYPE};
use crate::revocation::ocsp::response::{OcspResponse, ParsedResponse};
use crate::revocation::ocsp::status::{OcspRules, Standing, Unavailable};
use crate::x509::Certificate;

/// An answer that holds, and the last moment that it tells about, which is over where it says that somebody is revoked.
type Held = (Arc<OcspResponse>, Time);

/// Everything that judging an answer needs, to be taken to another thread.
struct Expected {
    certificate: Certificate,
    issuer: Certificate,
    address: Arc<str>,
    nonce: Option<Nonce>,
    policy: NoncePolicy,
    rules: OcspRules,
    responders: KnownResponders,
    now: Time,
}

/// Asks each address until one has an answer that holds. Nine tenths of the budget are for the network, evenly shared by
/// the addresses that are left; the rest is for verifying.
pub(super) async fn ask_in_turn(client: &Shared, question: &Asked) -> Result<Held, AskError> {
    let (addresses, budget) = (&question.addresses, question.budget);
    let deadline = Instant::now() + budget.saturating_sub(budget / 10);
    let mut worst = AskError { failure: AskFailure::NoAddress, address: None };
    for (position, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - position).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        let error = match ask_one(client, question, address, share).await {
            Ok(held) => return Ok(held),
            Err(failure) => AskError::new(failure, address),
        };
        client.counters.count_failure(&error);
        let shown = shown(address);
        if error.failure == AskFailure::BreakerOpen {
            // That it opened was said, and every question would say it again.
            tracing::debug!(address = %shown, "OCSP responder not asked");
        } else {
            tracing::warn!(address = %shown, error = %error.failure, "no OCSP answer");
        }
        if error.failure.rank() >= worst.failure.rank() {
            worst = error;
        }
    }
    Err(worst)
}

async fn ask_one(client: &Shared, question: &Asked, address: &Arc<str>, share: Duration) -> Result<Held, AskFailure> {
    let Asked { certificate, issuer, .. } = question;
    if share.is_zero() {
        return Err(AskFailure::OutOfTime);
    }
    let permit = client.breakers.permit(address, client.clock.now()).ok_or(AskFailure::BreakerOpen)?;
    let settings = &client.settings;
    let request = OcspRequest::new(certificate, issuer, settings.nonce).ok_or(AskFailure::NoRequest)?;
    let nonce = request.nonce().copied();
    client.counters.count_request();
    let found = match exchange(client, address, request, share).await {
        Ok(body) => {
            let expected = Expected {
                certificate: certificate.clone(),
                issuer: issuer.clone(),
                address: Arc::clone(address),
                nonce,
                policy: settings.nonce,
                rules: settings.rules,
                responders: client.responders.clone(),
                now: client.clock.now(),
            };
            // One or two signatures, milliseconds for GOST: not on a thread that others wait for.
            let judged = tokio::task::spawn_blocking(move || expected.judge(&body)).await;
            judged.map_err(|_| AskFailure::Stopped)?.map_err(AskFailure::Response)
        }
        Err(failure) => Err(failure),
    };
    match &found {
        Ok(_) => {
            client.counters.count_answer();
            permit.succeeded();
        }
        Err(failure) if speaks_against_address(failure) => {
            if permit.failed(&*client.clock) {
                client.counters.count_opened();
                tracing::warn!(address = %shown(address), "OCSP responder left alone for a while");
            }
        }
        Err(_) => permit.succeeded(),
    }
    found
}

async fn exchange(
    client: &Shared,
    address: &Arc<str>,
    request: OcspRequest,
    share: Duration,
) -> Result<Vec<u8>, AskFailure> {
    let body = request.into_der();
    let post = Post { content_type: MEDIA_TYPE, accept: RESPONSE_MEDIA_TYPE, body };
    let limits = Limits { total: share.min(Limits::RESPONSE.total), ..Limits::RESPONSE };
    match tokio::time::timeout(share, client.fetch.post(address, post, limits)).await {
        Ok(body) => Ok(body?),
        Err(_) => Err(AskFailure::OutOfTime),
    }
}

/// «I do not know that issuer» and its like are about the question, not about the health of the responder. So is an
/// answer that another authority's delegate has signed, or about another certificate: whoever asks about certificates
/// of an authority that the responder does not speak for must not silence it for all others.
fn speaks_against_address(failure: &AskFailure) -> bool {
    use crate::revocation::ocsp::error::ErrorStatus::{MalformedRequest, SigRequired, Unauthorized};
    let AskFailure::Response(error) = failure else { return true };
    !matches!(
        error,
        OcspError::Status(MalformedRequest | SigRequired | Unauthorized)
            | OcspError::Key(_)
            | OcspError::NotAbout
            | OcspError::SignerUnknown
            | OcspError::Delegate(DelegateError::NotDirect)
    )
}

impl Expected {
    /// Whether these bytes are an answer to the question that holds now. What lists say about a delegate is for the
    /// caller to judge, so it is left open here.
    fn judge(&self, body: &[u8]) -> Result<Held, OcspError> {
        let parsed = ParsedResponse::from_der(body)?.from_origin(shown(&self.address));
        let response = Arc::new(parsed.verify_with(&self.issuer, &self.responders)?);
        self.policy.check(self.nonce.as_ref(), parsed.nonce())?;
        let (certificate, now) = (&self.certificate, self.now);
        let ids = CertIds::of(certificate, &self.issuer);
        let question = Question {
            certificate,
            ids: &ids,
            at: now,
            now,
            rules: self.rules,
            accepts: &Everything,
            may_clear: &|_| true,
        };
        let claim = claim(&response, &question, |_| Standing::Good).map_err(|cause| match cause {
            Unavailable::Rejected { why } => (*why).clone(),
            Unavailable::NotYetValid { answer } => OcspError::NotYetValid(answer.this_update()),
            _ => OcspError::NotAbout,
        })?;
        let until = claim.answer().covers_until(&self.rules);
        // What it says is revoked stays so, as in a response that was stored.
        if now > until && !claim.revokes(now) { Err(OcspError::Stale(until)) } else { Ok((response, until)) }
    }
}
