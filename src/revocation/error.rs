//! Why bytes are not a list, why a list was not accepted, why an accepted one is not used.

use crate::crypto::{AlgorithmNotAllowed, KeyError, SignatureError};
use crate::der::armour::ArmourError;
use crate::der::{DerError, Oid};

/// Why bytes are not a revocation list, or why the list is not its issuer's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// Signed with an algorithm that is recognised or not, but not accepted.
    #[error("signature algorithm: {0}")]
    AlgorithmNotAllowed(AlgorithmNotAllowed),
    /// The two algorithm identifiers differ (RFC 5280 5.1.1.2).
    #[error("the signature algorithms inside and outside the signed part differ")]
    AlgorithmsDiffer,
    /// Neither DER nor PEM nor base64.
    #[error("neither DER nor PEM: {0}")]
    Armour(#[from] ArmourError),
    /// Not DER.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// Nothing at all: two of the National CA's mirrors have served such bodies with status 200.
    #[error("empty")]
    Empty,
    /// A list extension, or an extension of an entry, that cannot be read.
    #[error("extension {oid}: {reason}")]
    Extension {
        /// Its type.
        oid: Oid,
        /// What is wrong.
        reason: &'static str,
    },
    /// The issuer's certificate has a keyUsage without cRLSign.
    #[error("the issuer's certificate does not allow signing lists")]
    IssuerMayNotSign,
    /// The certificate offered as issuer bears another name.
    #[error("issued by somebody else")]
    IssuerName,
    /// No certificate of this issuer is known.
    #[error("no certificate of its issuer is configured")]
    IssuerUnknown,
    /// The issuer's key cannot be used.
    #[error("issuer's key: {0}")]
    Key(KeyError),
    /// The issuer's name cannot be read.
    #[error("the issuer's name cannot be read")]
    Name,
    /// The signature is not of the issuer's key.
    #[error("signature: {0}")]
    Signature(SignatureError),
    /// Not the structure of a list.
    #[error("not a revocation list: {0}")]
    Structure(&'static str),
    /// Larger than the limit.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The limit in force.
        limit: usize,
    },
    /// More extensions in the list or in one entry than the budget allows.
    #[error("more than {0} extensions in one place")]
    TooManyExtensions(usize),
}

/// Why a list whose signature is good says nothing about certificates. The list stays visible. A delta that only lacks a
/// number still revokes whom it names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// onlyContainsAttributeCerts.
    #[error("it is about attribute certificates only")]
    AttributeCertificates,
    /// A critical extension of an entry that this code does not process (RFC 5280 5.3).
    #[error("an entry has the critical extension {0}, which is not supported")]
    CriticalEntryExtension(Oid),
    /// A critical extension of the list that this code does not process (RFC 5280 5.2).
    #[error("it has the critical extension {0}, which is not supported")]
    CriticalExtension(Oid),
    /// A delta list, and no full list that it could continue is there. It lists changes only, so it is never taken for
    /// a full list.
    #[error("it is a delta list, and says nothing without a full list")]
    Delta,
    /// A delta list, by its marks or by the place it came from, without a `BaseCRLNumber` (RFC 5280 5.2.4).
    #[error("it is a delta list and does not say which full list it continues")]
    DeltaWithoutBase,
    /// A delta list without a `CRLNumber` (RFC 5280 5.2.3).
    #[error("it is a delta list without a number")]
    DeltaWithoutNumber,
    /// An entry names its issuer by an extension that is not critical, or by anything but one directory name.
    #[error("an entry names the issuer of its certificate in a way that cannot be used")]
    EntryIssuer,
    /// An entry belongs to another issuer, and the list lacks the mark indirectCRL (RFC 5280 5.3.3).
    #[error("an entry belongs to another issuer, and the list does not say that it is indirect")]
    Indirect,
    /// A distribution point without a name that could be compared with those in certificates.
    #[error("its distribution point has no name that can be compared")]
    UnnamedPoint,
}
