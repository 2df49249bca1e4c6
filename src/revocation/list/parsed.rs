//! A list before its signature was verified.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use super::{Head, RevocationList, Texts};
use crate::clock::Time;
use crate::crypto::{self, AlgorithmIdentifier, Digest, HashAlgorithm, SignatureAlgorithm, sha256};
use crate::der::TlvReader;
use crate::der::armour::{Label, decode_all};
use crate::revocation::error::{ListError, Unusable};
use crate::revocation::extension::ListExtensions;
use crate::revocation::foreign;
use crate::revocation::index::{Builder, Index};
use crate::revocation::number::ListNumber;
use crate::revocation::scan::{self, Layout};
use crate::revocation::source::Source;
use crate::x509::{Certificate, Name};

/// Largest list read unless configured otherwise, in octets. The National CA's is 21.6 MB; five million entries of
/// 53 octets are 265 MB.
pub const MAX_LIST_BYTES: usize = 256 * 1024 * 1024;

/// Most certificates of one issuer's name tried on one list: the signature of a large list costs a pass over it.
const MAX_ISSUERS: usize = 8;

/// A verified list with its DER bytes.
pub type Accepted = (RevocationList, Vec<u8>);

/// A list that was not verified, and why.
pub type Rejected = Box<(ParsedList, ListError)>;

/// A list that was read and indexed, but not verified: it can tell what it is, not who is revoked.
pub struct ParsedList {
    der: Vec<u8>,
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    /// Of the signed part, once it was taken.
    digest: OnceLock<Digest>,
    head: Head,
    index: Index,
    /// Entries about certificates of other issuers, when there are any.
    foreign: Option<Index>,
}

impl fmt::Debug for ParsedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedList").field("source", &self.head.source).field("bytes", &self.head.bytes).finish()
    }
}

impl ParsedList {
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
    pub fn read_limited(bytes: Vec<u8>, source: Source, limit: usize) -> Result<Self, ListError> {
        let mut lists = unarmour(bytes, limit)?;
        match (lists.pop(), lists.len()) {
            (Some(der), 0) => Self::from_der(der, source),
            _ => Err(ListError::Structure("more than one list in one PEM file")),
        }
    }

    /// Reads every list of a DER or PEM file.
    ///
    /// # Errors
    ///
    /// Of the first list that cannot be read.
    pub fn read_all(bytes: Vec<u8>, source: &Source, limit: usize) -> Result<Vec<Self>, ListError> {
        unarmour(bytes, limit)?.into_iter().map(|der| Self::from_der(der, source.clone())).collect()
    }

    fn from_der(der: Vec<u8>, source: Source) -> Result<Self, ListError> {
        let layout = Layout::read(&der)?;
        let issuer = Name::from_der(layout.issuer).map_err(|_| ListError::Name)?;
        let extensions = ListExtensions::of(layout.extensions, &issuer, &source)?;
        let mut builder = Builder::with_entries(layout.entries.len());
        let mut foreign = Builder::default();
        let mut summary = scan::entries(&layout, |entry| match &entry.issuer {
            None => builder.push(entry.serial, entry.date, entry.reason),
            Some(issuer) => foreign.push(&foreign::key(issuer, entry.serial), entry.date, entry.reason),
        })?;
        if summary.names_issuers && !extensions.scope.indirect {
            summary.unusable = Some(Unusable::Indirect);
        }
        let head = Head {
            issuer,
            this_update: layout.this_update,
            next_update: layout.next_update,
            extensions,
            summary,
            source,
            bytes: der.len(),
        };
        let [tbs, algorithm, signature] =
            [layout.tbs, layout.algorithm, layout.signature].map(|part| place(&der, part));
        let index = builder.finish()?;
        let foreign = if head.summary.foreign > 0 { Some(foreign.finish()?) } else { None };
        Ok(Self { tbs, algorithm, signature, digest: OnceLock::new(), head, index, foreign, der })
    }

    /// Who claims to have issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.head.issuer
    }

    /// The DER bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
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
        self.index.bytes() + self.foreign.as_ref().map_or(0, Index::bytes)
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
        let identifier = AlgorithmIdentifier::from_der(self.part(&self.algorithm))
            .map_err(|_| ListError::Structure("an algorithm identifier cannot be read"))?;
        SignatureAlgorithm::from_identifier(&identifier).map_err(ListError::AlgorithmNotAllowed)
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
        // Two passes over what may be 100 MB and independent of each other: one takes the other core.
        let (key, sha256) = rayon::join(|| self.check(issuer), || sha256(&self.der));
        match key {
            Ok(issuer_key) => {
                let hex: String = sha256.iter().map(|octet| format!("{octet:02x}")).collect();
                let texts = Texts { issuer: self.head.issuer.to_string().into(), sha256: hex.into() };
                let (head, index, foreign) = (self.head, self.index, self.foreign);
                Ok((RevocationList { head, index, foreign, sha256, issuer_key, texts }, self.der))
            }
            Err(error) => Err(Box::new((self, error))),
        }
    }

    /// Verifies with whichever of `issuers` it is.
    ///
    /// # Errors
    ///
    /// [`ListError::IssuerUnknown`] when none bears its issuer's name, else the reason of the last one that does.
    pub fn verify_with_any(self, issuers: &[Certificate]) -> Result<Accepted, Rejected> {
        let mut left = Box::new((self, ListError::IssuerUnknown));
        let named = issuers.iter().filter(|issuer| *issuer.subject() == left.0.head.issuer);
        let candidates: Vec<&Certificate> = named.take(MAX_ISSUERS).collect();
        for issuer in candidates {
            match left.0.verify_keeping(issuer) {
                Ok(verified) => return Ok(verified),
                Err(failed) => left = failed,
            }
        }
        Err(left)
    }

    fn check(&self, issuer: &Certificate) -> Result<[u8; 32], ListError> {
        if *issuer.subject() != self.head.issuer {
            return Err(ListError::IssuerName);
        }
        if issuer.extensions().key_usage.is_some_and(|usage| !usage.crl_sign()) {
            return Err(ListError::IssuerMayNotSign);
        }
        let algorithm = self.signature_algorithm()?;
        let key = issuer.public_key().map_err(|error| ListError::Key(error.clone()))?;
        let (tbs, signature) = (self.part(&self.tbs), self.part(&self.signature));
        let verified = match algorithm.hash() {
            // These hashes are slow enough not to be taken again for every issuer tried.
            Some(hash @ (HashAlgorithm::Gost94 | HashAlgorithm::Streebog256 | HashAlgorithm::Streebog512)) => {
                let digest = self.digest.get_or_init(|| crypto::hash(hash, tbs));
                key.verify_digest(algorithm, digest, signature)
            }
            _ => key.verify(algorithm, tbs, signature),
        };
        verified.map_err(ListError::Signature)?;
        Ok(*key.spki_sha256())
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

/// To DER; a body that is DER already is not copied.
fn unarmour(bytes: Vec<u8>, limit: usize) -> Result<Vec<Vec<u8>>, ListError> {
    if bytes.len() > limit {
        return Err(ListError::TooLarge { limit });
    }
    match bytes.first() {
        None => Err(ListError::Empty),
        Some(0x30) => Ok(vec![bytes]),
        Some(_) => {
            let lists = decode_all(&bytes, Label::Crl)?;
            // Armour can hide anything; a list begins with a SEQUENCE.
            match lists.iter().all(|der| TlvReader::new(der).peek_tag() == Some(0x30)) && !lists.is_empty() {
                true => Ok(lists),
                false => Err(ListError::Structure("it does not begin with a SEQUENCE")),
            }
        }
    }
}

/// Where `part`, a slice of `whole`, lies in it.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len()).min(whole.len())
}
