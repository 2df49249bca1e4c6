//! The responses at hand for a question, wherever they came from.

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, PoisonError};

use super::cert_id::CertIds;
use super::client::AskError;
use super::error::OcspError;
use super::judge::{Question, claim, conclude};
use super::known::KnownResponders;
use super::response::{CertStatus, OcspResponse, ParsedResponse, SingleResponse};
use super::status::{Answer, OcspRules, OcspStatus, Standing, Unavailable};
use crate::clock::Time;
use crate::revocation::{Accepts, Everything};
use crate::x509::Certificate;

/// Most responses about one certificate that are verified for one question.
pub const MAX_VERIFIED: usize = 16;

/// What came of verifying one response is remembered for so many authorities and sets of responders: it speaks for one
/// authority, of whose name and key a file may hold several certificates, and usually brings its responder's.
const MAX_TRIED: usize = 16;

/// What an attempt to verify came to.
type Verified = Result<Arc<OcspResponse>, Arc<OcspError>>;

/// Responses from files and requests, and what was fetched. Cheap to clone: the responses are shared, and each is
/// verified once, when it is first needed.
#[derive(Clone, Debug, Default)]
pub struct Responses {
    held: Vec<Arc<Held>>,
    /// Why nothing was brought about a certificate, by its SHA-256.
    failed: Vec<([u8; 32], Arc<AskError>)>,
    /// Why something that came cannot be read as a response: about which certificate, nobody knows.
    unread: Option<Arc<OcspError>>,
    rules: OcspRules,
    /// Certificates of responders that came beside.
    responders: KnownResponders,
}

#[derive(Debug)]
struct Held {
    parsed: ParsedResponse,
    tried: Mutex<Vec<Tried>>,
}

/// What came of verifying a response.
#[derive(Clone, Debug)]
struct Tried {
    /// SHA-256 of the issuer's certificate.
    issuer: [u8; 32],
    /// Those of the responders' certificates that came beside and that the response names.
    beside: Vec<[u8; 32]>,
    verified: Verified,
}

impl Held {
    /// What it says about the certificate that is named so, whoever has signed it.
    fn about<'h>(&'h self, ids: &'h CertIds<'_>) -> impl Iterator<Item = &'h SingleResponse> {
        self.parsed.singles().iter().filter(|single| ids.contain(single.id()))
    }

    fn known(&self, issuer: &Certificate, beside: &[[u8; 32]]) -> Option<Verified> {
        find(&self.tried.lock().unwrap_or_else(PoisonError::into_inner), issuer, beside)
    }

    fn beside(&self, responders: &KnownResponders) -> Vec<[u8; 32]> {
        responders.named_by(&self.parsed).map(|known| *known.sha256()).collect()
    }

    fn is_known(&self, issuer: &Certificate, responders: &KnownResponders) -> bool {
        let is_known_beside = || {
            let beside = self.beside(responders);
            beside.is_empty() || self.known(issuer, &beside).is_some()
        };
        self.known(issuer, &[]).is_some_and(|alone| alone.is_ok() || is_known_beside())
    }

    /// By what it brings itself, else with the certificates that came beside it.
    fn verify(&self, issuer: &Certificate, responders: &KnownResponders) -> Verified {
        let alone = self.verify_once(issuer, Vec::new(), &KnownResponders::default());
        let beside = if alone.is_ok() { Vec::new() } else { self.beside(responders) };
        if beside.is_empty() { alone } else { self.verify_once(issuer, beside, responders) }
    }

    fn verify_once(&self, issuer: &Certificate, beside: Vec<[u8; 32]>, responders: &KnownResponders) -> Verified {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = find(&tried, issuer, &beside) {
            return known;
        }
        let verified = self.parsed.verify_with(issuer, responders).map(Arc::new).map_err(Arc::new);
        if tried.len() < MAX_TRIED {
            tried.push(Tried { issuer: *issuer.sha256(), beside, verified: verified.clone() });
        }
        verified
    }
}

fn find(tried: &[Tried], issuer: &Certificate, beside: &[[u8; 32]]) -> Option<Verified> {
    let known = tried.iter().find(|tried| tried.issuer == *issuer.sha256() && tried.beside == beside);
    known.map(|known| known.verified.clone())
}

impl Responses {
    /// None yet, to be judged by `rules`.
    #[must_use]
    pub fn new(rules: OcspRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Reads responses (DER, PEM or base64); answers what could not be read beside it, with its position.
    #[must_use]
    pub fn read<B: AsRef<[u8]>>(
        responses: impl IntoIterator<Item = B>,
        rules: OcspRules,
    ) -> (Self, Vec<(usize, OcspError)>) {
        let mut all = Self::new(rules);
        let mut unread = Vec::new();
        for (position, bytes) in responses.into_iter().enumerate() {
            match ParsedResponse::read(bytes.as_ref()) {
                Ok(parsed) => all.push(parsed.from_origin(format!("request:{position}"))),
                Err(error) => unread.push((position, error)),
            }
        }
        (all, unread)
    }

    /// The same responses, beside something that came and cannot be read as one: about no certificate can it be said that
    /// no response is there.
    #[must_use]
    pub fn with_unread(self, why: OcspError) -> Self {
        Self { unread: Some(Arc::new(why)), ..self }
    }

    /// The same responses; the certificate of a responder that is not in its response may be one of these.
    #[must_use]
    pub fn with_responders(self, responders: KnownResponders) -> Self {
        Self { responders, ..self }
    }

    /// Adds a response that is verified when it is needed.
    pub fn push(&mut self, parsed: ParsedResponse) {
        self.held.push(Arc::new(Held { parsed, tried: Mutex::default() }));
    }

    /// Adds what the client brought about `certificate`, or why it brought nothing.
    pub fn push_fetched(&mut self, certificate: &Certificate, fetched: Result<Arc<OcspResponse>, Arc<AskError>>) {
        match fetched {
            Ok(response) => {
                let parsed = response.parsed().clone();
                let issuer = *response.issuer().sha256();
                let tried = Mutex::new(vec![Tried { issuer, beside: Vec::new(), verified: Ok(response) }]);
                self.held.push(Arc::new(Held { parsed, tried }));
            }
            Err(why) => self.failed.push((*certificate.sha256(), why)),
        }
    }

    /// How many responses are at hand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is at hand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What is asked of answers.
    #[must_use]
    pub fn rules(&self) -> &OcspRules {
        &self.rules
    }

    /// What is known about `certificate`, issued by `issuer`, at the moment `at`, when the clock shows `now`; nothing is
    /// known about delegated responders but what their certificates say.
    #[must_use]
    pub fn status(&self, certificate: &Certificate, issuer: &Certificate, at: Time, now: Time) -> OcspStatus {
        self.status_with(certificate, issuer, at, now, |_| Standing::Unknown)
    }

    /// As [`Self::status`], and `standing` tells what lists say about the certificate of a delegated responder, which
    /// `issuer` has issued. «Revoked» refuses every answer of that responder; «good» admits one whose certificate lacks
    /// id-pkix-ocsp-nocheck, without which a responder of whom nothing is known clears nobody.
    #[must_use]
    pub fn status_with(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Time,
        now: Time,
        standing: impl Fn(&Certificate) -> Standing,
    ) -> OcspStatus {
        self.status_under(certificate, issuer, (at, now), standing, (&Everything, &|_| true))
    }

    /// As [`Self::status_with`], at the moment and by the clock of the pair; a response of an algorithm that is not
    /// accepted, or of a delegated responder whose certificate rests on one, says of nobody that he is good. An answer for
    /// which the function says `false` lifts no hold of another.
    #[must_use]
    pub fn status_under(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        (at, now): (Time, Time),
        standing: impl Fn(&Certificate) -> Standing,
        (accepts, may_clear): (&dyn Accepts, &dyn Fn(&Answer) -> bool),
    ) -> OcspStatus {
        let ids = CertIds::of(certificate, issuer);
        let question = Question { certificate, ids: &ids, at, now, rules: self.rules, accepts, may_clear };
        let mut cause = self.failure(certificate);
        let mut claims = Vec::new();
        let mut fresh = 0;
        let mut left_out = false;
        for held in self.about(&ids) {
            if !held.is_known(issuer, &self.responders) {
                fresh += 1;
                if fresh > MAX_VERIFIED {
                    left_out = true;
                    continue;
                }
            }
            let found = match held.verify(issuer, &self.responders) {
                Ok(response) => claim(&response, &question, &standing),
                Err(why) => Err(Unavailable::Rejected { why }),
            };
            match found {
                Ok(claim) => claims.push(claim),
                Err(other) if other.rank() > cause.rank() => cause = other,
                Err(_) => {}
            }
        }
        let status = conclude(&claims, &question, cause);
        let refuses = matches!(&status, OcspStatus::Revoked { revoked, .. } if revoked.has_effect(at));
        if left_out && !refuses {
            // What is left unread could say «revoked», so nothing good comes of the rest.
            let limit = OcspError::TooMany { what: "responses about one certificate", limit: MAX_VERIFIED };
            return OcspStatus::Unavailable { cause: Unavailable::Unread { why: Arc::new(limit) } };
        }
        status
    }

    /// The responses about the certificate. Of more than are verified those come first that say that it is revoked, then the
    /// newest.
    fn about(&self, ids: &CertIds<'_>) -> Vec<&Arc<Held>> {
        let mut about: Vec<&Arc<Held>> = self.held.iter().filter(|held| held.about(ids).next().is_some()).collect();
        if about.len() > MAX_VERIFIED {
            let is_revoked = |single: &SingleResponse| matches!(single.status(), CertStatus::Revoked(_));
            let weight = |held: &Held| held.about(ids).map(|single| (is_revoked(single), single.this_update())).max();
            about.sort_by_cached_key(|held| Reverse(weight(held)));
        }
        about
    }

    /// Why nothing was brought about this certificate, whichever certificate of its issuer was asked with: an answer
    /// that does not hold comes before silence. What became of the questions about other certificates says nothing.
    fn failure(&self, certificate: &Certificate) -> Unavailable {
        let about = self.failed.iter().filter(|(key, _)| key == certificate.sha256());
        match about.map(|(_, why)| why).max_by_key(|why| !why.is_silence()) {
            Some(why) => Unavailable::Failed { why: Arc::clone(why) },
            None => self
                .unread
                .as_ref()
                .map_or(Unavailable::NoResponse, |why| Unavailable::Rejected { why: Arc::clone(why) }),
        }
    }
}
