//! The search for paths: depth first from the leaf, over every candidate issuer, within a budget.
//!
//! For each candidate the signature is verified first (remembered by certificate and issuer key), the rules of
//! RFC 5280 6.1.4 after it. It costs a signature on a candidate that would have failed a cheaper check, and buys
//! two things: only the true issuer is ever blamed, and a stranger's certificates of the right name are dropped
//! before anything is built on them.

mod candidates;
mod rules;

use std::collections::HashMap;

use self::candidates::Candidate;
use super::anchor::{Anchor, AnchorRule, Purposes};
use super::budget::{Budget, Resource};
use super::error::{Offender, PathError};
use super::path::{MAX_PATHS, Path, Paths};
use super::policy::PolicyError;
use super::pool::Pool;
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// What a path is wanted for, and what it may cost.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions {
    /// A moment that orders candidates and paths: those valid then come first. It never refuses one.
    pub at_hint: Time,
    /// The anchor must have at least one of these.
    pub purposes: Purposes,
    /// How much of the anchor's certificate counts.
    pub anchors: AnchorRule,
    /// How much work it may take.
    pub budget: Budget,
}

impl SearchOptions {
    /// Anchors for any of `purposes`, checked as issuers, within the default budget.
    #[must_use]
    pub fn new(at_hint: Time, purposes: Purposes) -> Self {
        Self { at_hint, purposes, anchors: AnchorRule::Checked, budget: Budget::DEFAULT }
    }
}

/// Finds the paths from `leaf` to an anchor of `pool`, through the intermediates of the pool and `extra`.
///
/// The result does not depend on time except in order (and, where there are more than [`MAX_PATHS`] paths or the
/// budget runs out, in which of them are found first), so it may be kept by the hashes of the certificates.
///
/// A leaf that is itself an anchor has, as the last of its paths, one without links.
///
/// # Errors
///
/// The most telling [`PathError`] when there is no path.
pub fn find_paths(
    leaf: &Certificate,
    extra: &[Certificate],
    pool: &Pool,
    options: SearchOptions,
) -> Result<Paths, PathError> {
    if let Some(&oid) = leaf.extensions().unhandled_critical.first() {
        return Err(PathError::UnhandledCritical { offender: Offender { certificate: leaf.clone(), depth: 0 }, oid });
    }
    if let Some(reason) = rules::defect_of_leaf(leaf) {
        return Err(PathError::Malformed { offender: Offender { certificate: leaf.clone(), depth: 0 }, reason });
    }
    let mut search = Search::new(leaf, extra, pool, options);
    let outcome = search.extend();
    let mut found = std::mem::take(&mut search.found);
    // Stable: among equals the order of discovery stays, shortest and best-hinted first.
    found.sort_by_key(|path| !path.is_valid_at(options.at_hint));
    let mut refused = None;
    if let Some(anchor) = pool.anchor_of(leaf).filter(|anchor| anchor.purposes().intersects(options.purposes)) {
        match Path::new(&[], anchor.clone(), options.anchors, &mut search.budget) {
            Ok(path) => found.push(path),
            Err(reason) => {
                let offender = Offender { certificate: leaf.clone(), depth: 0 };
                refused = Some(PathError::Policy { offender, reason });
            }
        }
    }
    match (Paths::new(found, outcome.is_ok()), outcome) {
        (Some(paths), _) => Ok(paths),
        (None, Err(Stop::Exhausted(resource))) => Err(PathError::BudgetExceeded(resource)),
        (None, Ok(error)) => Err(refused.or(error).unwrap_or_else(|| search_failed(leaf))),
        (None, Err(Stop::Enough)) => Err(search_failed(leaf)),
    }
}

/// What is left to say when nothing more precise is known.
fn search_failed(leaf: &Certificate) -> PathError {
    PathError::NoIssuerFound { offender: Offender { certificate: leaf.clone(), depth: 0 } }
}

/// Why the whole search ends, as opposed to one candidate.
enum Stop {
    Enough,
    Exhausted(Resource),
}

impl From<Resource> for Stop {
    fn from(resource: Resource) -> Self {
        Self::Exhausted(resource)
    }
}

/// Why one candidate fails.
enum Refusal {
    /// Its key did not sign the certificate: it says nothing about the true issuer.
    NotTheIssuer(PathError),
    /// It did sign, and something on the way to an anchor forbids it; `None` when paths were found.
    Issuer(Option<PathError>),
}

struct Search<'a> {
    pool: &'a Pool,
    extra: HashMap<&'a Name, Vec<&'a Certificate>>,
    options: SearchOptions,
    budget: Budget,
    /// Results of signatures by hash of the certificate and of the issuer's key.
    verified: HashMap<([u8; 32], [u8; 32]), bool>,
    /// The leaf and the intermediates above it on the way being tried.
    chain: Vec<Certificate>,
    found: Vec<Path>,
}

impl<'a> Search<'a> {
    fn new(leaf: &Certificate, extra: &'a [Certificate], pool: &'a Pool, options: SearchOptions) -> Self {
        let mut by_name: HashMap<&Name, Vec<&Certificate>> = HashMap::new();
        for certificate in extra {
            by_name.entry(certificate.subject()).or_default().push(certificate);
        }
        Self {
            pool,
            extra: by_name,
            options,
            budget: options.budget,
            verified: HashMap::new(),
            chain: vec![leaf.clone()],
            found: Vec::new(),
        }
    }

    /// Tries every issuer of the last certificate of the chain. `Ok(None)` when at least one led to an anchor,
    /// else the most telling reason why none did.
    fn extend(&mut self) -> Result<Option<PathError>, Stop> {
        let Some(certificate) = self.chain.last().cloned() else { return Ok(None) };
        let offender = Offender { certificate: certificate.clone(), depth: self.chain.len() - 1 };
        if let Err(reason) = certificate.signature_algorithm() {
            return Ok(Some(PathError::AlgorithmNotAllowed { offender, reason: reason.clone() }));
        }
        let (candidates, looped) = self.candidates(&certificate);
        if candidates.is_empty() {
            return self.dead_end(offender, looped).map(Some);
        }
        let mut strangers: Option<PathError> = None;
        let mut issuers: Option<PathError> = None;
        let (mut signed, mut reached) = (false, false);
        let keep = |worst: &mut Option<PathError>, error: PathError| {
            *worst = Some(match worst.take() {
                Some(known) => known.most_telling(error),
                None => error,
            });
        };
        for candidate in candidates {
            self.budget.spend(Resource::Candidates, 1)?;
            match self.try_issuer(&offender, candidate)? {
                Refusal::NotTheIssuer(error) => keep(&mut strangers, error),
                Refusal::Issuer(error) => {
                    signed = true;
                    match error {
                        Some(error) => keep(&mut issuers, error),
                        None => reached = true,
                    }
                }
            }
        }
        Ok(match (reached, signed) {
            (true, _) => None,
            (false, true) => issuers,
            (false, false) => strangers,
        })
    }

    /// No issuer left: a self-signed certificate says more than "not found".
    fn dead_end(&mut self, offender: Offender, looped: bool) -> Result<PathError, Stop> {
        let certificate = offender.certificate.clone();
        if certificate.is_self_issued() && self.signed_by(&certificate, &certificate)? == Ok(true) {
            return Ok(PathError::UntrustedRoot { offender });
        }
        Ok(if looped { PathError::Loop { offender } } else { PathError::NoIssuerFound { offender } })
    }

    fn try_issuer(&mut self, subject: &Offender, candidate: Candidate) -> Result<Refusal, Stop> {
        let issuer = Offender { certificate: candidate.certificate.clone(), depth: self.chain.len() };
        match self.signed_by(&subject.certificate, &issuer.certificate)? {
            Ok(true) => {}
            Ok(false) => {
                return Ok(Refusal::NotTheIssuer(PathError::SignatureInvalid {
                    offender: subject.clone(),
                    issuer: issuer.certificate,
                }));
            }
            Err(unusable) => return Ok(Refusal::NotTheIssuer(unusable)),
        }
        let checked = match &candidate.anchor {
            Some(anchor) => self.check_anchor(anchor, &issuer),
            None => self.check_intermediate(&issuer),
        };
        if let Err(error) = checked {
            return Ok(Refusal::Issuer(Some(error)));
        }
        if let Some(error) = self.check_names(&issuer)? {
            return Ok(Refusal::Issuer(Some(error)));
        }
        if let Some(anchor) = candidate.anchor {
            let refused = self.keep(anchor)?;
            return if self.found.len() >= MAX_PATHS { Err(Stop::Enough) } else { Ok(Refusal::Issuer(refused)) };
        }
        self.chain.push(candidate.certificate);
        let outcome = self.extend();
        self.chain.pop();
        outcome.map(Refusal::Issuer)
    }

    /// Keeps the chain as a path, or tells why its policies forbid it. They are judged last, on the whole path: what an
    /// authority demands of policies is written above the certificates that it is demanded of.
    fn keep(&mut self, anchor: Anchor) -> Result<Option<PathError>, Stop> {
        match Path::new(&self.chain, anchor, self.options.anchors, &mut self.budget) {
            Ok(path) => {
                self.found.push(path);
                Ok(None)
            }
            Err(PolicyError::Exhausted { resource, .. }) => Err(resource.into()),
            Err(reason) => {
                let certificate = self.chain.get(reason.depth()).cloned();
                let offender = certificate.map(|certificate| Offender { certificate, depth: reason.depth() });
                Ok(offender.map(|offender| PathError::Policy { offender, reason }))
            }
        }
    }

    /// Whether `issuer`'s key made `certificate`'s signature; the inner error when the key cannot be used.
    fn signed_by(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<Result<bool, PathError>, Stop> {
        let key = match issuer.public_key() {
            Ok(key) => key,
            Err(reason) => {
                let offender = Offender { certificate: issuer.clone(), depth: self.chain.len() };
                return Ok(Err(PathError::KeyNotAllowed { offender, reason: reason.clone() }));
            }
        };
        let Ok(algorithm) = certificate.signature_algorithm() else { return Ok(Ok(false)) };
        let pair = (*certificate.sha256(), *key.spki_sha256());
        if let Some(&known) = self.verified.get(&pair) {
            return Ok(Ok(known));
        }
        self.budget.spend(Resource::Signatures, 1)?;
        let good = key.verify(algorithm, certificate.tbs(), certificate.signature()).is_ok();
        self.verified.insert(pair, good);
        Ok(Ok(good))
    }
}
