//! The search for paths: depth first from the leaf, over every candidate issuer, within a budget.
//!
//! For each candidate the signature is verified first (remembered by certificate and issuer key), the rules of
//! RFC 5280 6.1.4 after it. It costs a signature on a candidate that would have failed a cheaper check, and buys
//! two things: only the true issuer is ever blamed, and a stranger's certificates of the right name are dropped
//! before anything is built on them.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::anchor::{Anchor, AnchorRule, NotAuthority, Purposes, check_authority};
use super::budget::{Budget, Resource};
use super::constraints::{self, Failure};
use super::error::{Offender, PathError};
use super::path::{MAX_PATHS, Path, Paths};
use super::pool::Pool;
use crate::clock::Time;
use crate::x509::{Certificate, Name};

/// Most certificates below the anchor on one path, self-issued ones included: twice the default for those that
/// are not, so that every authority may have rolled over its key once.
const MAX_CERTIFICATES: usize = 17;

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
    let mut search = Search::new(leaf, extra, pool, options);
    let outcome = search.extend();
    let mut found = search.found;
    // Stable: among equals the order of discovery stays, shortest and best-hinted first.
    found.sort_by_key(|path| !path.is_valid_at(options.at_hint));
    if let Some(anchor) = pool.anchor_of(leaf).filter(|anchor| anchor.purposes().intersects(options.purposes)) {
        found.push(Path::new(&[], anchor.clone()));
    }
    match (Paths::new(found), outcome) {
        (Some(paths), _) => Ok(paths),
        (None, Err(Stop::Exhausted(resource))) => Err(PathError::BudgetExceeded(resource)),
        (None, Ok(error)) => Err(error.unwrap_or_else(|| search_failed(leaf))),
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

#[derive(Clone)]
struct Candidate {
    certificate: Certificate,
    anchor: Option<Anchor>,
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

    /// Everyone bearing the issuer's name, best guesses first, and whether one was left out because it stands on
    /// the chain already.
    fn candidates(&self, certificate: &Certificate) -> (Vec<Candidate>, bool) {
        let name = certificate.issuer();
        // An empty name names nobody (RFC 5280 4.1.2.4).
        if name.is_empty() {
            return (Vec::new(), false);
        }
        let mut candidates: Vec<Candidate> = self
            .pool
            .anchors_named(name)
            .filter(|anchor| !self.chain.contains(anchor.certificate()))
            .map(|anchor| Candidate { certificate: anchor.certificate().clone(), anchor: Some(anchor.clone()) })
            .collect();
        let mut looped = false;
        let configured = self.pool.intermediates_named(name);
        let sent = self.extra.get(name).into_iter().flatten().copied();
        for intermediate in configured.chain(sent) {
            let known = candidates.iter().any(|candidate| {
                candidate.certificate == *intermediate
                    && candidate
                        .anchor
                        .as_ref()
                        .is_none_or(|anchor| anchor.purposes().intersects(self.options.purposes))
            });
            if self.is_on_chain(intermediate) {
                looped = true;
            } else if !known {
                candidates.push(Candidate { certificate: intermediate.clone(), anchor: None });
            }
        }
        candidates.sort_by_key(|candidate| {
            (
                hint(certificate, &candidate.certificate),
                !candidate.certificate.validity().contains(self.options.at_hint),
                candidate.anchor.is_none(),
                Reverse(candidate.certificate.validity().not_before),
            )
        });
        (candidates, looped)
    }

    /// The same certificate, or the same name with the same key (another certificate of the same authority).
    fn is_on_chain(&self, certificate: &Certificate) -> bool {
        let key_of = |certificate: &Certificate| certificate.public_key().ok().map(|key| *key.spki_sha256());
        let key = key_of(certificate);
        self.chain.iter().any(|known| {
            known == certificate || (key.is_some() && key_of(known) == key && known.subject() == certificate.subject())
        })
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
            self.found.push(Path::new(&self.chain, anchor));
            return if self.found.len() >= MAX_PATHS { Err(Stop::Enough) } else { Ok(Refusal::Issuer(None)) };
        }
        self.chain.push(candidate.certificate);
        let outcome = self.extend();
        self.chain.pop();
        outcome.map(Refusal::Issuer)
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

    /// Purpose, and as much of the anchor's certificate as counts.
    fn check_anchor(&self, anchor: &Anchor, issuer: &Offender) -> Result<(), PathError> {
        if !anchor.purposes().intersects(self.options.purposes) {
            return Err(PathError::AnchorPurpose { offender: issuer.clone(), has: anchor.purposes() });
        }
        if self.options.anchors == AnchorRule::Checked {
            check_critical(issuer)?;
            AnchorRule::Checked.check(anchor.certificate()).map_err(|reason| not_authority(issuer, reason))?;
        }
        self.check_path_len(issuer)
    }

    /// RFC 5280 6.1.4 (k) to (o), and the limit on depth. A version 1 certificate cannot say that it is an
    /// authority and is refused.
    fn check_intermediate(&self, issuer: &Offender) -> Result<(), PathError> {
        check_critical(issuer)?;
        check_authority(&issuer.certificate).map_err(|reason| not_authority(issuer, reason))?;
        self.check_path_len(issuer)?;
        let limit = self.options.budget.intermediates;
        let count = self.intermediates() + usize::from(!issuer.certificate.is_self_issued());
        if count > limit || self.chain.len() >= MAX_CERTIFICATES {
            return Err(PathError::TooDeep { limit });
        }
        Ok(())
    }

    fn check_path_len(&self, issuer: &Offender) -> Result<(), PathError> {
        let found = self.intermediates();
        match issuer.certificate.extensions().basic_constraints.and_then(|constraints| constraints.path_len) {
            Some(limit) if usize::try_from(limit).is_ok_and(|limit| found > limit) => {
                Err(PathError::PathLen { offender: issuer.clone(), limit, found })
            }
            _ => Ok(()),
        }
    }

    /// Intermediates of the chain that are not self-issued; the leaf, whatever it is, is none.
    fn intermediates(&self) -> usize {
        self.chain.iter().skip(1).filter(|certificate| !certificate.is_self_issued()).count()
    }

    /// RFC 5280 6.1.3 (b), (c): every certificate below, except self-issued ones that are not the leaf.
    fn check_names(&mut self, issuer: &Offender) -> Result<Option<PathError>, Stop> {
        let Some(constraints) = &issuer.certificate.extensions().name_constraints else { return Ok(None) };
        for (depth, certificate) in self.chain.iter().enumerate() {
            if depth > 0 && certificate.is_self_issued() {
                continue;
            }
            match constraints::check(constraints, certificate, &mut self.budget) {
                Ok(()) => {}
                Err(Failure::Exhausted(resource)) => return Err(resource.into()),
                Err(Failure::Broken(form, breach)) => {
                    let offender = Offender { certificate: certificate.clone(), depth };
                    return Ok(Some(PathError::NameConstraint { offender, issuer: issuer.clone(), form, breach }));
                }
            }
        }
        Ok(None)
    }
}

fn check_critical(issuer: &Offender) -> Result<(), PathError> {
    match issuer.certificate.extensions().unhandled_critical.first() {
        Some(&oid) => Err(PathError::UnhandledCritical { offender: issuer.clone(), oid }),
        None => Ok(()),
    }
}

fn not_authority(issuer: &Offender, reason: NotAuthority) -> PathError {
    match reason {
        NotAuthority::BasicConstraints => PathError::NotCa { offender: issuer.clone() },
        NotAuthority::KeyUsage => PathError::KeyUsage { offender: issuer.clone() },
    }
}

/// How well the key identifiers agree: 0 they are equal, 1 one is absent, 2 they differ. A hint only (RFC 4158
/// 3.5.12): real certificates carry wrong ones.
fn hint(certificate: &Certificate, issuer: &Certificate) -> u8 {
    let wanted = certificate.extensions().authority_key_id.as_ref().and_then(|id| id.key_id.as_ref());
    match (wanted, &issuer.extensions().subject_key_id) {
        (Some(wanted), Some(have)) if wanted == have => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}
