//! Why bytes are no answer, or an answer that is not to be relied on.

use std::fmt;

use crate::clock::Time;
use crate::crypto::{AlgorithmNotAllowed, KeyError, SignatureError};
use crate::der::armour::ArmourError;
use crate::der::{DerError, Oid};
use crate::x509::CertificateError;

/// What a responder says when it does not answer (RFC 6960 4.2.1 `OCSPResponseStatus`). Nobody signs it, so it is worth
/// as much as silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorStatus {
    /// malformedRequest (1).
    MalformedRequest,
    /// internalError (2).
    InternalError,
    /// tryLater (3).
    TryLater,
    /// sigRequired (5).
    SigRequired,
    /// unauthorized (6): also what a responder says that does not know the certificate's issuer (RFC 5019 2.2.3).
    Unauthorized,
}

impl ErrorStatus {
    pub(super) fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::MalformedRequest,
            2 => Self::InternalError,
            3 => Self::TryLater,
            5 => Self::SigRequired,
            6 => Self::Unauthorized,
            _ => return None,
        })
    }

    /// The name as the standard spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SigRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        }
    }
}

impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a certificate in a response is not that of a responder of the issuer (RFC 6960 4.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DelegateError {
    /// Signed with an algorithm that is not accepted.
    #[error("signature algorithm: {0}")]
    AlgorithmNotAllowed(AlgorithmNotAllowed),
    /// A critical extension that is not processed.
    #[error("it has the critical extension {0}, which is not supported")]
    CriticalExtension(Oid),
    /// The issuer's or the responder's key cannot be used.
    #[error("key: {0}")]
    Key(KeyError),
    /// keyUsage with neither digitalSignature nor nonRepudiation.
    #[error("its keyUsage has neither digitalSignature nor nonRepudiation")]
    KeyUsage,
    /// Issued by another authority than the certificate asked about, or through one in between.
    #[error("it is not issued by the certificate's issuer")]
    NotDirect,
    /// Not valid when the response was made.
    #[error("it was not valid at {0}")]
    NotValid(Time),
    /// extKeyUsage without `OCSPSigning`; anyExtendedKeyUsage is not enough.
    #[error("its extKeyUsage lacks OCSPSigning")]
    Purpose,
    /// The issuer did not sign it.
    #[error("its signature: {0}")]
    Signature(SignatureError),
}

/// Why bytes are no OCSP response, or why the response is not to be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OcspError {
    /// Signed with an algorithm that is not accepted.
    #[error("signature algorithm: {0}")]
    AlgorithmNotAllowed(AlgorithmNotAllowed),
    /// Neither DER nor PEM nor base64.
    #[error("neither DER nor PEM: {0}")]
    Armour(#[from] ArmourError),
    /// A certificate in it cannot be read.
    #[error("a certificate in it: {0}")]
    Certificate(#[from] CertificateError),
    /// A critical extension that is not processed.
    #[error("it has the critical extension {0}, which is not supported")]
    CriticalExtension(Oid),
    /// A certificate in it is not that of a responder of the issuer.
    #[error("the responder's certificate: {0}")]
    Delegate(#[from] DelegateError),
    /// Not DER.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// Nothing at all.
    #[error("empty")]
    Empty,
    /// An extension that cannot be read.
    #[error("extension {oid}: {reason}")]
    Extension {
        /// Its type.
        oid: Oid,
        /// What is wrong.
        reason: &'static str,
    },
    /// The issuer's key cannot be used.
    #[error("issuer's key: {0}")]
    Key(KeyError),
    /// The nonce is not the one that was sent: an answer to another request.
    #[error("its nonce is not the one that was sent")]
    NonceDiffers,
    /// No nonce, though one was sent and the policy demands it.
    #[error("it has no nonce")]
    NonceMissing,
    /// Nothing in it is about the certificate asked about.
    #[error("it is not about the certificate asked about")]
    NotAbout,
    /// Dated ahead of the clock.
    #[error("it is dated ahead of the clock ({0})")]
    NotYetValid(Time),
    /// Lapsed.
    #[error("it lapsed at {0}")]
    Stale(Time),
    /// Neither the issuer nor a certificate in the response is the responder that it names.
    #[error("it was signed by somebody whose certificate is neither in it nor known")]
    SignerUnknown,
    /// The signature is not of the responder's key.
    #[error("signature: {0}")]
    Signature(SignatureError),
    /// The responder has no answer.
    #[error("the responder says {0}")]
    Status(ErrorStatus),
    /// Not the structure of a response.
    #[error("not an OCSP response: {0}")]
    Structure(&'static str),
    /// Larger than the limit.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The limit in force.
        limit: usize,
    },
    /// More of something than the budget allows.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit in force.
        limit: usize,
    },
}

impl OcspError {
    /// Whether nobody with authority has spoken: no bytes, other bytes, an error status, an old answer. The opposite is
    /// an answer that looks like one and does not hold, which the policy may not want replaced by a list.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Armour(_)
            | Self::Der(_)
            | Self::Empty
            | Self::NotYetValid(_)
            | Self::Stale(_)
            | Self::Status(_)
            | Self::Structure(_)
            | Self::TooLarge { .. } => true,
            Self::AlgorithmNotAllowed(_)
            | Self::Certificate(_)
            | Self::CriticalExtension(_)
            | Self::Delegate(_)
            | Self::Extension { .. }
            | Self::Key(_)
            | Self::NonceDiffers
            | Self::NonceMissing
            | Self::NotAbout
            | Self::Signature(_)
            | Self::SignerUnknown
            | Self::TooMany { .. } => false,
        }
    }
}
