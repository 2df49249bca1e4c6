//! A list before its signature was verified.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::der::{DerList, ListBytes, Took};
use super::{Head, RevocationList, Texts, pipeline};
use crate::clock::Time;
use crate::crypto::{self, AlgorithmIdentifier, Digest, HashAlgorithm, SignatureAlgorithm};
use crate::revocation::error::{ListError, Unusable};
use crate::revocation::index::Index;
use crate::revocation::number::ListNumber;
use crate::revocation::source::Source;
use crate::revocation::vouched::may_sign_lists;
use crate::x509::{Certificate, Name};

/// Largest list read unless configured otherwise, in octets. The National CA's is 21.6 MB; five million entries of
/// 53 octets are 265 MB.
pub const MAX_LIST_BYTES: usize = 320 * 1024 * 1024;

/// A verified list with its DER bytes.
pub type Accepted = (RevocationList, DerList);

/// A list that was not verified, and why.
pub type Rejected = Box<(ParsedList, ListError)>;

/// Why bytes did not become a verified list.
#[derive(Debug)]
pub enum Refused {
    /// A list, but not its issuer's, or of no issuer that is known.
    Rejected(Rejected),
    /// Not a list.
    Unreadable(ListError),
}

/// A list that was read and indexed, but not verified: it can tell what it is, not who is revoked.
pub struct ParsedList {
    pub(super) der: DerList,
    /// Of the signed part, once it was taken.
    pub(super) digest: OnceLock<Digest>,
    pub(super) sha256: [u8; 32],
    pub(super) head: Arc<Head>,
    pub(super) index: Arc<Index>,
    /// Entries about certificates of other issuers, when there are any.
    pub(super) foreign: Option<Arc<Index>>,
}

impl fmt::Debug for ParsedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedList").field("source", &self.head.source).field("bytes", &self.head.bytes).finish()
    }
}

impl ParsedList {
    /// Most keys of one issuer's name tried on one list: the signature of a large list costs a pass over it.
    pub(super) const MAX_ISSUERS: usize = 8;

    /// Reads one list: DER, or one in PEM or base64, of at most [`MAX_LIST_BYTES`].
    ///
    /// # Errors
    ///
    /// [`ListError`]. A list that is well-formed but not supported is no error: see [`Self::unusable`].
    pub fn read(bytes: impl Into<Vec<u8>>, source: Source) -> Result<Self, ListError> {
        Self::read_limited(bytes.into(), source, MAX_LIST_BYTES)
    }

    /// As [`Self::read`], with another limit in octets.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_limited(bytes: impl Into<ListBytes>, source: Source, limit: usize) -> Result<Self, ListError> {
        let list = bytes.into().one(limit)?;
        Ok(pipeline::run(list, source, &[])?.0)
    }

    /// Reads every list of a DER or PEM file.
    ///
    /// # Errors
    ///
    /// Of the first list that cannot be read.
    pub fn read_all(bytes: impl Into<ListBytes>, source: &Source, limit: usize) -> Result<Vec<Self>, ListError> {
        let lists = bytes.into().all(limit)?.into_iter();
        lists.map(|list| Ok(pipeline::run(list, source.clone(), &[])?.0)).collect()
    }

    /// Reads one list and verifies it with whichever of `issuers` it is: quicker than [`Self::read_limited`] and then
    /// [`Self::verify_with_any`], because hashing and indexing run beside each other.
    ///
    /// # Errors
    ///
    /// [`Refused`]: not a list, or not one of these issuers'.
    pub fn accept(
        bytes: impl Into<ListBytes>,
        source: Source,
        limit: usize,
        issuers: &[Certificate],
    ) -> Result<Accepted, Refused> {
        let list = bytes.into().one(limit).map_err(Refused::Unreadable)?;
        accept(list, source, issuers)
    }

    /// As [`Self::accept`], every list of a DER or PEM file; the file is read whole or not at all.
    ///
    /// # Errors
    ///
    /// Of the first list that cannot be read.
    pub fn accept_all(
        bytes: impl Into<ListBytes>,
        source: &Source,
        limit: usize,
        issuers: &[Certificate],
    ) -> Result<Vec<Result<Accepted, Rejected>>, ListError> {
        let mut all = Vec::new();
        for list in bytes.into().all(limit)? {
            match accept(list, source.clone(), issuers) {
                Ok(accepted) => all.push(Ok(accepted)),
                Err(Refused::Rejected(rejected)) => all.push(Err(rejected)),
                Err(Refused::Unreadable(error)) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Who claims to have issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.head.issuer
    }

    /// The DER bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        self.der.as_der()
    }

    /// SHA-256 of the DER bytes.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Entries, of any kind.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.head.summary.entries
    }

    /// cRLNumber.
    #[must_use]
    pub fn number(&self) -> Option<ListNumber> {
        self.head.extensions.number
    }

    /// thisUpdate.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.head.this_update
    }

    /// nextUpdate.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.head.next_update
    }

    /// Octets of memory that the index takes.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.index.bytes() + self.foreign.as_deref().map_or(0, Index::bytes)
    }

    /// How long reading it took.
    #[must_use]
    pub fn took(&self) -> Took {
        self.der.took()
    }

    /// Why it would not be used even when its signature is good.
    #[must_use]
    pub fn unusable(&self) -> Option<&Unusable> {
        self.head.unusable()
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.head.source
    }

    /// The algorithm it says it is signed with.
    ///
    /// # Errors
    ///
    /// [`ListError::AlgorithmNotAllowed`].
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, ListError> {
        read_algorithm(self.der.algorithm())
    }

    /// Verifies that `issuer` issued it: same name, allowed to sign lists (a certificate without keyUsage is), and
    /// the signature is of its key (RFC 5280 6.3.3 (f), (g)). Time plays no part.
    ///
    /// # Errors
    ///
    /// The list, to try another issuer, and why this one is not it.
    pub fn verify(self, issuer: &Certificate) -> Result<RevocationList, Rejected> {
        self.verify_keeping(issuer).map(|(list, _)| list)
    }

    /// As [`Self::verify`], and hands back the DER bytes, to be stored.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`].
    pub fn verify_keeping(self, issuer: &Certificate) -> Result<Accepted, Rejected> {
        let checked = self.signed().check(issuer);
        self.settle(checked)
    }

    /// Verifies with whichever of `issuers` it is.
    ///
    /// # Errors
    ///
    /// [`ListError::IssuerUnknown`] when none bears its issuer's name, else the reason of the last one that does.
    pub fn verify_with_any(self, issuers: &[Certificate]) -> Result<Accepted, Rejected> {
        let checked = self.signed().check_any(issuers);
        self.settle(checked)
    }

    /// As [`Self::verify`], and keeps this one, to be tried with other issuers. What was read and indexed is shared.
    pub(super) fn verified_copy(&self, issuer: &Certificate) -> Result<RevocationList, ListError> {
        let (key, algorithm) = (self.signed().check(issuer)?, self.signature_algorithm()?);
        Ok(self.verified_by(key, algorithm))
    }

    fn verified_by(&self, issuer_key: [u8; 32], algorithm: SignatureAlgorithm) -> RevocationList {
        RevocationList {
            head: Arc::clone(&self.head),
            index: Arc::clone(&self.index),
            foreign: self.foreign.clone(),
            sha256: self.sha256,
            issuer_key,
            algorithm,
            texts: Texts::of(&self.head, &self.sha256),
            about: self.head.about(),
        }
    }

    fn signed(&self) -> Signed<'_> {
        Signed {
            tbs: self.der.tbs(),
            algorithm: self.der.algorithm(),
            signature: self.der.signature(),
            issuer: &self.head.issuer,
            digest: &self.digest,
        }
    }

    /// Makes it a verified list, when `checked` says whose key verified it.
    fn settle(self, checked: Result<[u8; 32], ListError>) -> Result<Accepted, Rejected> {
        match checked.and_then(|issuer_key| Ok((issuer_key, self.signature_algorithm()?))) {
            Ok((issuer_key, algorithm)) => Ok((self.verified_by(issuer_key, algorithm), self.der)),
            Err(error) => Err(Box::new((self, error))),
        }
    }
}

fn accept(list: ListBytes, source: Source, issuers: &[Certificate]) -> Result<Accepted, Refused> {
    let (parsed, checked) = pipeline::run(list, source, issuers).map_err(Refused::Unreadable)?;
    parsed.settle(checked).map_err(Refused::Rejected)
}

/// What a signature is about.
pub(super) struct Signed<'a> {
    pub tbs: &'a [u8],
    /// The `AlgorithmIdentifier`.
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub issuer: &'a Name,
    pub digest: &'a OnceLock<Digest>,
}

impl Signed<'_> {
    /// SHA-256 of the key of whichever of `issuers` signed it.
    pub fn check_any(&self, issuers: &[Certificate]) -> Result<[u8; 32], ListError> {
        let mut last = ListError::IssuerUnknown;
        let mut tried: Vec<[u8; 32]> = Vec::new();
        for issuer in issuers.iter().filter(|issuer| issuer.subject() == self.issuer) {
            // An authority has several certificates for one key, and more certificates than keys may be sent.
            let key = issuer.public_key().ok().filter(|_| may_sign_lists(issuer)).map(|key| *key.spki_sha256());
            if key.is_some_and(|key| tried.contains(&key)) {
                continue;
            }
            if key.is_some() && tried.len() == ParsedList::MAX_ISSUERS {
                break;
            }
            tried.extend(key);
            match self.check(issuer) {
                Ok(key) => return Ok(key),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// SHA-256 of the issuer's key, if it signed it.
    fn check(&self, issuer: &Certificate) -> Result<[u8; 32], ListError> {
        may_have_issued(issuer, self.issuer)?;
        let algorithm = read_algorithm(self.algorithm)?;
        let key = issuer.public_key().map_err(|error| ListError::Key(error.clone()))?;
        let verified = match algorithm.hash() {
            // These hashes are slow enough not to be taken again for every issuer tried.
            Some(hash @ (HashAlgorithm::Gost94 | HashAlgorithm::Streebog256 | HashAlgorithm::Streebog512)) => {
                let digest = self.digest.get_or_init(|| crypto::hash(hash, self.tbs));
                key.verify_digest(algorithm, digest, self.signature)
            }
            _ => key.verify(algorithm, self.tbs, self.signature),
        };
        verified.map_err(ListError::Signature)?;
        Ok(*key.spki_sha256())
    }
}

/// Whether lists of that name can be this certificate's: the name is its own, and it is allowed to sign lists.
pub(super) fn may_have_issued(issuer: &Certificate, name: &Name) -> Result<(), ListError> {
    if issuer.subject() != name {
        return Err(ListError::IssuerName);
    }
    if !may_sign_lists(issuer) {
        return Err(ListError::IssuerMayNotSign);
    }
    Ok(())
}

pub(super) fn read_algorithm(identifier: &[u8]) -> Result<SignatureAlgorithm, ListError> {
    let identifier = AlgorithmIdentifier::from_der(identifier)
        .map_err(|_| ListError::Structure("an algorithm identifier cannot be read"))?;
    SignatureAlgorithm::from_identifier(&identifier).map_err(ListError::AlgorithmNotAllowed)
}
