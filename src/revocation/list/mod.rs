//! The list: read, then verified. Only a verified one answers questions.
//!
//! [`RevocationList`] has private fields. `parsed`, below this module, fills them after verifying the signature;
//! `opened` fills them from an index file of the data directory, which is trusted as the configuration is, until
//! [`super::Store::audit`] has verified the stored list again.

mod der;
mod open;
mod opened;
mod parsed;
mod pipeline;
mod reading;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

pub use self::der::{DerList, ListBytes, Took};
pub use self::open::OpenList;
pub use self::parsed::{Accepted, MAX_LIST_BYTES, ParsedList, Refused, Rejected};
pub use self::reading::ListFile;
use super::error::Unusable;
use super::extension::ListExtensions;
use super::foreign;
use super::index::Index;
use super::number::ListNumber;
use super::reason::Revoked;
use super::scan::Summary;
use super::scope::Scope;
use super::source::Source;
use crate::clock::Time;
use crate::crypto::SignatureAlgorithm;
use crate::x509::{Certificate, Name, ReasonFlags, SerialNumber};

/// What a list says, apart from its entries.
#[derive(Debug)]
struct Head {
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    extensions: ListExtensions,
    summary: Summary,
    source: Source,
    bytes: usize,
}

impl Head {
    fn unusable(&self) -> Option<&Unusable> {
        self.extensions.unusable.as_ref().or(self.summary.unusable.as_ref())
    }

    /// What stands for issuer and scope.
    fn about(&self) -> [u8; 32] {
        crate::crypto::sha256(&[foreign::issuer_hash(&self.issuer), self.extensions.scope.fingerprint()].concat())
    }
}

/// A list whose issuer's signature was verified. Its bytes are gone; the index stays, shared with the same list under another
/// key, where several have signed it.
pub struct RevocationList {
    head: Arc<Head>,
    index: Arc<Index>,
    foreign: Option<Arc<Index>>,
    sha256: [u8; 32],
    issuer_key: [u8; 32],
    algorithm: SignatureAlgorithm,
    texts: Texts,
    /// Stands for issuer and scope: a scope may have thousands of names, and lists are compared with each other.
    about: [u8; 32],
}

/// What every answer that rests on the list says about it, put into words once.
struct Texts {
    issuer: Arc<str>,
    sha256: Arc<str>,
    source: Arc<str>,
}

impl Texts {
    fn of(head: &Head, sha256: &[u8; 32]) -> Self {
        let hex: String = sha256.iter().map(|octet| format!("{octet:02x}")).collect();
        Self { issuer: head.issuer.to_string().into(), sha256: hex.into(), source: head.source.to_string().into() }
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList")
            .field("source", &self.head.source)
            .field("number", &self.number())
            .field("this_update", &self.this_update())
            .finish_non_exhaustive()
    }
}

impl RevocationList {
    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.head.issuer
    }

    /// SHA-256 of the `SubjectPublicKeyInfo` of the key that verified it.
    #[must_use]
    pub fn issuer_key(&self) -> &[u8; 32] {
        &self.issuer_key
    }

    /// What it is signed with.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// cRLNumber.
    #[must_use]
    pub fn number(&self) -> Option<ListNumber> {
        self.head.extensions.number
    }

    /// `BaseCRLNumber`, of a delta list.
    #[must_use]
    pub fn base_number(&self) -> Option<ListNumber> {
        self.head.extensions.base_number
    }

    /// thisUpdate.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.head.this_update
    }

    /// nextUpdate; RFC 5280 5.1.2.5 demands it, and a list without is taken as lapsed from the start.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.head.next_update
    }

    /// SHA-256 of the DER bytes.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// [`Self::issuer`] for people.
    #[must_use]
    pub fn issuer_text(&self) -> &Arc<str> {
        &self.texts.issuer
    }

    /// [`Self::source`] for people.
    #[must_use]
    pub fn source_text(&self) -> &Arc<str> {
        &self.texts.source
    }

    /// [`Self::sha256`] in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_text(&self) -> &Arc<str> {
        &self.texts.sha256
    }

    /// Entries of any kind, duplicates and dropped ones included.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.head.summary.entries
    }

    /// Entries that no certificate can have: negative serial numbers, or longer than are read.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.head.summary.dropped
    }

    /// Entries that named a certificate named before.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.index.duplicates() + self.foreign.as_deref().map_or(0, Index::duplicates)
    }

    /// Octets of the DER form.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.head.bytes
    }

    /// Octets that the index takes, in memory or in the mapped file.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.index.bytes() + self.foreign.as_deref().map_or(0, Index::bytes)
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.head.source
    }

    /// Why it is not used, though its signature is good.
    #[must_use]
    pub fn unusable(&self) -> Option<&Unusable> {
        self.head.unusable()
    }

    /// Whether the list has lapsed at `at`: after nextUpdate, or without one.
    #[must_use]
    pub fn is_stale(&self, at: Time) -> bool {
        self.head.next_update.is_none_or(|next| at > next)
    }

    /// Whether it still names a revoked certificate that expired at `expiry` (expiredCertsOnCRL of X.509 8.5.2.12).
    #[must_use]
    pub fn keeps_expired_at(&self, expiry: Time) -> bool {
        self.head.extensions.keeps_expired_since.is_some_and(|since| since <= expiry)
    }

    /// Whether nothing is wrong with it but that it is a delta without the number of the full list that it continues, or
    /// without its own, as the profiles of 2026 have them: it continues none, and whom it names is revoked.
    pub(super) fn lacks_numbers(&self) -> bool {
        let lacking = [Unusable::DeltaWithoutBase, Unusable::DeltaWithoutNumber];
        self.head.summary.unusable.is_none()
            && self.head.extensions.unusable.as_ref().is_some_and(|why| lacking.contains(why))
    }

    /// Whether whom it names is revoked.
    pub(super) fn may_revoke(&self) -> bool {
        self.unusable().is_none() || self.lacks_numbers()
    }

    /// Whether it lists changes only, by its own marks or by the place it came from: never taken for a full list.
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.head.extensions.delta
    }

    /// Whether it may name certificates of other issuers (indirectCRL).
    #[must_use]
    pub fn is_indirect(&self) -> bool {
        self.scope().indirect
    }

    /// The reasons it is about (onlySomeReasons); all of them for a list that does not say.
    #[must_use]
    pub fn reasons(&self) -> ReasonFlags {
        self.scope().reasons
    }

    /// What it says about a serial number of its own issuer; scope and freshness are not looked at. Allocates nothing.
    #[must_use]
    pub fn lookup(&self, serial: &SerialNumber) -> Option<Revoked> {
        if serial.is_negative() { None } else { self.index.lookup(serial.as_bytes()) }
    }

    /// What it says about a certificate, whosever it is; scope and freshness are not looked at.
    pub(super) fn lookup_certificate(&self, certificate: &Certificate) -> Option<Revoked> {
        let serial = certificate.serial_number();
        if certificate.issuer() == self.issuer() {
            return self.lookup(serial);
        }
        let foreign = self.foreign.as_ref().filter(|_| !serial.is_negative())?;
        foreign.lookup(&foreign::key(&foreign::issuer_hash(certificate.issuer()), serial.as_bytes()))
    }

    /// For which reasons it tells about this certificate: its kind (authority or not), the distribution points it names
    /// and who issues the lists there (RFC 5280 6.3.3 (b) to (d)). None: the list is not about it.
    #[must_use]
    pub fn reasons_for(&self, certificate: &Certificate) -> ReasonFlags {
        // Entries with negative serial numbers are not indexed, so the silence of a list proves nothing about such a
        // certificate.
        if certificate.serial_number().is_negative() {
            return ReasonFlags::NONE;
        }
        self.scope().reasons_for(certificate, self.issuer())
    }

    /// Whether its index lies in a mapped file of the data directory rather than in memory.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.index.is_mapped()
    }

    /// The entries about certificates of its own issuer, and those about others'.
    pub(super) fn indexes(&self) -> (&Index, Option<&Index>) {
        (&self.index, self.foreign.as_deref())
    }

    /// Answers from indexes that have the same entries.
    pub(super) fn with_indexes(self, index: Index, foreign: Option<Index>) -> Self {
        Self { index: Arc::new(index), foreign: foreign.map(Arc::new), ..self }
    }

    /// Whether both have the same entries, octet by octet.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.index.as_block() == other.index.as_block()
            && self.foreign.as_deref().map(Index::as_block) == other.foreign.as_deref().map(Index::as_block)
            && self.head.summary == other.head.summary
            && self.algorithm == other.algorithm
            && (self.this_update(), self.next_update()) == (other.this_update(), other.next_update())
    }

    pub(super) fn summary(&self) -> &Summary {
        &self.head.summary
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.head.extensions.scope
    }

    /// Whether both are about the same certificates, by the same key.
    pub(super) fn shares_scope(&self, other: &Self) -> bool {
        self.issuer_key == other.issuer_key && self.about == other.about
    }

    /// Whether one can take the place of the other: about the same certificates, and both full lists or both deltas.
    pub(super) fn same_scope(&self, other: &Self) -> bool {
        self.is_delta() == other.is_delta() && self.shares_scope(other)
    }

    /// Whether it may displace the other for good where it is newer: one of another algorithm may not be believed when the other
    /// is, and that is known only when a question is asked.
    pub(super) fn is_of_a_kind_with(&self, other: &Self) -> bool {
        self.is_signed_like(other) && self.same_scope(other)
    }

    /// Whether both are signed with the same algorithm, so that both are believed or none is.
    pub(super) fn is_signed_like(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
    }

    /// Names what the list is about, for the stored copy: lists of the same scope and algorithm have the same tag. Deltas
    /// that lack a number have one of their own, since they take the place of none that does not.
    pub(super) fn tag(&self) -> String {
        let kind = match (self.is_delta(), self.unusable()) {
            (false, _) => "full",
            (true, None) => "delta",
            (true, Some(_)) => "changes",
        };
        let issuer = foreign::issuer_hash(self.issuer());
        let scope = self.scope().fingerprint();
        let algorithm = self.algorithm.name();
        let parts = [&self.issuer_key[..], &issuer[..], &scope[..], kind.as_bytes(), algorithm.as_bytes()].concat();
        crate::crypto::sha256(&parts).iter().take(16).map(|octet| format!("{octet:02x}")).collect()
    }

    /// By number, then by date; by date alone when one has no number.
    pub(super) fn rank_against(&self, other: &Self) -> Ordering {
        let numbers = match (self.number(), other.number()) {
            (Some(mine), Some(its)) => mine.cmp(&its),
            _ => Ordering::Equal,
        };
        numbers.then(self.this_update().cmp(&other.this_update()))
    }

    /// By date alone, and of one date by octets.
    pub(super) fn rank_by_date(&self, other: &Self) -> Ordering {
        self.this_update().cmp(&other.this_update()).then_with(|| self.sha256.cmp(&other.sha256))
    }

    /// Neither number nor date falls behind `older`'s, and one is ahead.
    pub(super) fn is_newer_than(&self, older: &Self) -> bool {
        let numbers = match (self.number(), older.number()) {
            (Some(mine), Some(its)) => mine.cmp(&its),
            // A list that has lost its number could be anything; the date decides.
            _ => Ordering::Equal,
        };
        let dates = self.this_update().cmp(&older.this_update());
        numbers.is_ge() && dates.is_ge() && (numbers.is_gt() || dates.is_gt())
    }
}
