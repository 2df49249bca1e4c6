//! The cryptography of a signature: who made it, and by which paths that is trusted.

use std::sync::Arc;

use super::counter::{self, Countersigned};
use crate::signed::{
    Embedded, HeldByBareKey, Signature, SignatureFault, SignerName, TimestampKind, TimestampToken, VerifiedSignature,
};
use crate::trust::PathError;
use crate::tsp::{ImprintFault, Token};
use crate::verify::{Chains, Examined};
use crate::x509::{Certificate, CertificateError};

/// Most certificates that one signature is tried under. A signer is named by issuer and serial number or by a key, which
/// renewed certificates share, or by a chain that lies beside the signature; more is somebody making us work.
const MAX_CANDIDATES: usize = 8;
/// Of the references under a signature, those that choose among more candidates. Each takes a digest of each.
const MAX_PREFERRED: usize = 2;
/// Most timestamps of one signature that are looked at. Real ones have one; archives gain one every few years.
const MAX_TIMESTAMPS: usize = 8;

/// What a path is wanted for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PathUse {
    /// The signer of a document, for the purpose of the policy.
    Holder,
    /// An authority that gives timestamps.
    Timestamp,
}

/// What the judgement borrows from the service: certificates parsed once, paths found once.
pub trait Finder: Sync {
    /// The certificate of these bytes.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] when they are none.
    fn examine(&self, der: &[u8]) -> Result<Arc<Examined>, CertificateError>;

    /// Certificates that are configured here and that `signer` names without bringing them.
    fn known(&self, signer: &SignerName) -> Vec<Arc<Examined>>;

    /// The paths from a certificate to an anchor, through those configured and `extra`.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    fn paths(&self, examined: &Examined, extra: &[Certificate], usage: PathUse) -> Result<Arc<Chains>, Arc<PathError>>;
}

/// The certificate that made a signature, and its paths.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) verified: VerifiedSignature,
    pub(super) examined: Arc<Examined>,
    pub(super) chains: Result<Arc<Chains>, Arc<PathError>>,
}

/// Why it is not known who made a signature.
#[derive(Debug)]
pub(super) enum Unestablished {
    /// It does not hold; the certificate, if exactly one was meant.
    Fault(SignatureFault, Option<Arc<Examined>>),
    /// It holds under a key without a certificate. Found only where trust is not asked; whoever asks about trust has no signer.
    BareKey(HeldByBareKey),
    /// The certificate that is meant is neither in the document nor configured (p. 15: checking is impossible).
    NoCertificate,
    /// The only certificate that could be meant cannot be read.
    Unreadable(CertificateError),
}

/// A timestamp whose cryptography was done.
#[derive(Debug)]
pub(super) struct Stamp {
    pub(super) kind: TimestampKind,
    pub(super) over_evidence: bool,
    pub(super) read: Result<ReadStamp, String>,
}

/// A timestamp token that could be read.
#[derive(Debug)]
pub(super) struct ReadStamp {
    pub(super) token: Token,
    pub(super) imprint: Result<(), ImprintFault>,
    pub(super) authority: Result<Signer, Unestablished>,
}

/// A signature whose cryptography was done: who made it, by which paths, and the same for its timestamps.
#[derive(Debug)]
pub struct Established {
    pub(super) signer: Result<Signer, Unestablished>,
    pub(super) stamps: Vec<Stamp>,
    pub(super) stamps_left_out: usize,
    pub(super) counter_signatures: Vec<Countersigned>,
}

impl Established {
    /// What the certificate that made the signature says; none where that is not known or the signature does not hold.
    #[must_use]
    pub fn signer(&self) -> Option<&Examined> {
        self.signer.as_ref().ok().map(|signer| &*signer.examined)
    }

    /// Paths that are worth asking responders about: those of the signer and of the authorities of its timestamps.
    pub fn chains(&self) -> impl Iterator<Item = &Arc<Chains>> {
        let authorities = self.stamps.iter().filter_map(|stamp| stamp.read.as_ref().ok()?.authority.as_ref().ok());
        self.signer.iter().chain(authorities).filter_map(|signer| signer.chains.as_ref().ok())
    }
}

impl Established {
    /// Certificates, lists and responses inside the timestamps.
    pub fn stamp_evidence(&self) -> impl Iterator<Item = &Arc<Embedded>> {
        self.stamps.iter().filter_map(|stamp| Some(&stamp.read.as_ref().ok()?.token.signature.embedded))
    }
}

/// The certificates of a document, parsed; what is none is left out, and counted nowhere: it cannot be a signer's.
pub(super) struct Bag {
    certificates: Vec<(usize, Result<Arc<Examined>, CertificateError>)>,
}

impl Bag {
    fn open(signature: &Signature, finder: &dyn Finder) -> Self {
        let embedded = signature.embedded.certificates.iter().enumerate();
        Self { certificates: embedded.map(|(position, der)| (position, finder.examine(der))).collect() }
    }

    fn readable(&self) -> impl Iterator<Item = (usize, &Arc<Examined>)> {
        self.certificates.iter().filter_map(|(position, one)| Some((*position, one.as_ref().ok()?)))
    }

    /// The certificates that may lead from `leaf` to an anchor.
    fn extra(&self, leaf: &Examined) -> Vec<Certificate> {
        let others = self.readable().filter(|(_, one)| one.certificate().sha256() != leaf.certificate().sha256());
        others.map(|(_, one)| one.certificate().clone()).collect()
    }

    /// A certificate that is meant by its place alone and cannot be read.
    fn unreadable(&self, signer: &SignerName) -> Option<CertificateError> {
        let SignerName::Embedded(positions) = signer else { return None };
        let failed = self.certificates.iter().filter(|(position, _)| positions.contains(position));
        failed.filter_map(|(_, one)| one.as_ref().err()).next().cloned()
    }
}

/// The certificates that signatures of one document bring, parsed once for all those that share them.
pub struct Bags(Vec<(Arc<Embedded>, Bag)>);

impl Bags {
    /// Parses the certificates of `signatures`.
    pub fn open<'a>(signatures: impl IntoIterator<Item = &'a Signature>, finder: &dyn Finder) -> Self {
        let mut bags: Vec<(Arc<Embedded>, Bag)> = Vec::new();
        for signature in signatures {
            if !bags.iter().any(|(known, _)| Arc::ptr_eq(known, &signature.embedded)) {
                bags.push((Arc::clone(&signature.embedded), Bag::open(signature, finder)));
            }
        }
        Self(bags)
    }

    fn of(&self, signature: &Signature) -> Option<&Bag> {
        self.0.iter().find(|(embedded, _)| Arc::ptr_eq(embedded, &signature.embedded)).map(|(_, bag)| bag)
    }
}

/// Does the cryptography of a signature, one of those that `bags` was opened for, and of its timestamps. With `trust` false
/// no path is searched.
pub fn establish(signature: &Signature, bags: &Bags, finder: &dyn Finder, trust: bool) -> Established {
    let opened;
    let bag = match bags.of(signature) {
        Some(bag) => bag,
        None => {
            opened = Bag::open(signature, finder);
            &opened
        }
    };
    let signer = find_signer(signature, bag, finder, PathUse::Holder, trust);
    let stamps: Vec<Stamp> = if matches!(signer, Ok(_) | Err(Unestablished::BareKey(_))) {
        signature.timestamps.iter().take(MAX_TIMESTAMPS).map(|token| stamp(token, bag, finder, trust)).collect()
    } else {
        Vec::new()
    };
    let stamps_left_out = signature.timestamps.len().saturating_sub(MAX_TIMESTAMPS);
    let counter_signatures = counter::all(signature, bag, finder);
    Established { signer, stamps, stamps_left_out, counter_signatures }
}

/// Who made a signature: the certificate under which it holds, of those in `bag` and those configured here that it names.
pub(super) fn find_signer(
    signature: &Signature,
    bag: &Bag,
    finder: &dyn Finder,
    usage: PathUse,
    trust: bool,
) -> Result<Signer, Unestablished> {
    let mut candidates: Vec<Arc<Examined>> = bag
        .readable()
        .filter(|(position, one)| signature.signer.names(one.certificate(), Some(*position)))
        .map(|(_, one)| Arc::clone(one))
        .collect();
    if candidates.is_empty() {
        candidates = finder.known(&signature.signer);
    }
    if candidates.is_empty() && !trust {
        match signature.verify_bare() {
            Some(Ok(held)) => return Err(Unestablished::BareKey(held)),
            Some(Err(fault)) => return Err(Unestablished::Fault(fault, None)),
            None => {}
        }
    }
    if candidates.len() > MAX_CANDIDATES {
        // No other could be the one where some are named under the signature.
        let named = |one: &&Arc<Examined>| is_named(signature, one.certificate());
        let named: Vec<Arc<Examined>> = candidates.iter().filter(named).cloned().collect();
        candidates = if named.is_empty() { candidates } else { named };
    }
    let left_out = candidates.len() > MAX_CANDIDATES;
    let (mut fault, mut sole) = (None, None);
    let only_one = candidates.len() == 1;
    for examined in candidates.into_iter().take(MAX_CANDIDATES) {
        match signature.verify(examined.certificate()) {
            Ok(verified) => {
                let chains = if trust {
                    finder.paths(&examined, &bag.extra(&examined), usage)
                } else {
                    Err(Arc::new(no_path_asked(&examined)))
                };
                return Ok(Signer { verified, examined, chains });
            }
            Err(error) => {
                fault = Some(error);
                sole = only_one.then_some(examined);
            }
        }
    }
    // Without a certificate the content can still be shown to be altered.
    let fault = fault.or_else(|| signature.check_content().err());
    // Those that were not tried may have made it: it is not known to be bad, unless the content is.
    let fault = if left_out { signature.check_content().err() } else { fault };
    Err(match fault {
        Some(fault) => Unestablished::Fault(fault, sole),
        None => bag.unreadable(&signature.signer).map_or(Unestablished::NoCertificate, Unestablished::Unreadable),
    })
}

/// Whether a reference under the signature is to this certificate.
fn is_named(signature: &Signature, certificate: &Certificate) -> bool {
    signature.signing_certificate.iter().take(MAX_PREFERRED).any(|reference| reference.refers_to(certificate))
}

/// What stands for the paths that nobody asked for.
fn no_path_asked(examined: &Examined) -> PathError {
    PathError::NoIssuerFound {
        offender: crate::trust::Offender { certificate: examined.certificate().clone(), depth: 0 },
    }
}

fn stamp(raw: &TimestampToken, document: &Bag, finder: &dyn Finder, trust: bool) -> Stamp {
    let read = Token::read(&raw.token).map_err(|error| error.to_string()).map(|token| {
        let imprint = token.check_imprint(&raw.covered);
        let mut bag = Bag::open(&token.signature, finder);
        // An authority's certificate may lie in the document beside the token; by place, only the token's own count.
        let beside = document.readable().map(|(_, one)| (usize::MAX, Ok(Arc::clone(one))));
        bag.certificates.extend(beside);
        let authority = find_signer(&token.signature, &bag, finder, PathUse::Timestamp, trust);
        ReadStamp { token, imprint, authority }
    });
    Stamp { kind: raw.kind, over_evidence: raw.over_evidence, read }
}
