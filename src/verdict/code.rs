//! The stable names of decisions and refusals, and their counterparts in ETSI EN 319 102-1.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The three outcomes: proved good, proved bad, not enough evidence.
///
/// Ordered from best to worst, so that the decision about a whole is the maximum of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Proved good.
    Accepted,
    /// The evidence does not suffice for either.
    Undetermined,
    /// Proved bad.
    Refused,
}

impl Decision {
    /// `accepted`, `undetermined` or `refused`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Undetermined => "undetermined",
            Self::Refused => "refused",
        }
    }

    /// The main status indication of ETSI EN 319 102-1 clause 5.1.3.
    pub const fn indication(self) -> Indication {
        match self {
            Self::Accepted => Indication::TotalPassed,
            Self::Undetermined => Indication::Indeterminate,
            Self::Refused => Indication::TotalFailed,
        }
    }
}

/// Main status indication of ETSI EN 319 102-1 clause 5.1.3.
///
/// An expired certificate is `TOTAL-FAILED` here, not `INDETERMINATE` as in the standard: the Kazakh rules know no
/// proof of existence for a certificate check and make a lapsed period a negative result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Indication {
    /// Neither proved good nor proved bad.
    #[serde(rename = "INDETERMINATE")]
    Indeterminate,
    /// Proved bad.
    #[serde(rename = "TOTAL-FAILED")]
    TotalFailed,
    /// Proved good.
    #[serde(rename = "TOTAL-PASSED")]
    TotalPassed,
}

/// Status sub-indication of ETSI EN 319 102-1 table 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are defined by the standard")]
pub enum SubIndication {
    CertificateChainGeneralFailure,
    ChainConstraintsFailure,
    CryptoConstraintsFailure,
    CryptoConstraintsFailureNoPoe,
    Expired,
    FormatFailure,
    HashFailure,
    NoCertificateChainFound,
    NoCertificateChainFoundNoPoe,
    NoPoe,
    NotYetValid,
    NoSigningCertificateFound,
    OutOfBoundsNoPoe,
    OutOfBoundsNotRevoked,
    PolicyProcessingError,
    Revoked,
    RevokedCaNoPoe,
    RevokedNoPoe,
    RevocationOutOfBoundsNoPoe,
    SigConstraintsFailure,
    SigCryptoFailure,
    SignaturePolicyNotAvailable,
    SignedDataNotFound,
    TimestampOrderFailure,
    TryLater,
}

/// Why an answer is not `accepted`.
///
/// The order is the precedence: of several reasons the smallest is reported. Everything proved bad comes before
/// everything undetermined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// The bytes are not a signed document of a known format, or carry no signature.
    DocumentMalformed,
    /// A signature or digest does not fit the content.
    SignatureInvalid,
    /// An algorithm, key size or parameter set is not one of those accepted.
    AlgorithmNotAllowed,
    /// The bytes are not a certificate, or break RFC 5280 in a way that makes it unusable.
    CertificateMalformed,
    /// No chain of certificates leads to a trust anchor.
    IssuerNotTrusted,
    /// The validity period has not begun.
    CertificateNotYetValid,
    /// The validity period is over.
    CertificateExpired,
    /// The certificate is in the list of revoked ones.
    CertificateRevoked,
    /// The certificate was issued for another purpose.
    KeyUsageNotAllowed,
    /// The certificate does not carry the kind of identity number asked for.
    IdentityMissing,
    /// The certificate carries another identity number.
    IdentityMismatch,
    /// The holder may not act in this matter: wrong kind of applicant, no operator, no authorised person.
    AuthorityMissing,
    /// The timestamp does not fit the signature or cannot be trusted.
    TimestampInvalid,
    /// Nothing fresh tells whether the certificate is revoked.
    RevocationUnknown,
    /// The signer's certificate is not to be had.
    IssuerUnknown,
    /// The moment that the answer has to be about cannot be established.
    TimeUnknown,
}

impl RefusalCode {
    /// Every code, in order of precedence.
    pub const ALL: [Self; 16] = [
        Self::DocumentMalformed,
        Self::SignatureInvalid,
        Self::AlgorithmNotAllowed,
        Self::CertificateMalformed,
        Self::IssuerNotTrusted,
        Self::CertificateNotYetValid,
        Self::CertificateExpired,
        Self::CertificateRevoked,
        Self::KeyUsageNotAllowed,
        Self::IdentityMissing,
        Self::IdentityMismatch,
        Self::AuthorityMissing,
        Self::TimestampInvalid,
        Self::RevocationUnknown,
        Self::IssuerUnknown,
        Self::TimeUnknown,
    ];

    /// The stable kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentMalformed => "document-malformed",
            Self::SignatureInvalid => "signature-invalid",
            Self::AlgorithmNotAllowed => "algorithm-not-allowed",
            Self::CertificateMalformed => "certificate-malformed",
            Self::IssuerNotTrusted => "issuer-not-trusted",
            Self::CertificateNotYetValid => "certificate-not-yet-valid",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateRevoked => "certificate-revoked",
            Self::KeyUsageNotAllowed => "key-usage-not-allowed",
            Self::IdentityMissing => "identity-missing",
            Self::IdentityMismatch => "identity-mismatch",
            Self::AuthorityMissing => "authority-missing",
            Self::TimestampInvalid => "timestamp-invalid",
            Self::RevocationUnknown => "revocation-unknown",
            Self::IssuerUnknown => "issuer-unknown",
            Self::TimeUnknown => "time-unknown",
        }
    }

    /// Whether this proves the thing bad; otherwise the evidence does not suffice.
    pub const fn is_refusal(self) -> bool {
        !matches!(self, Self::RevocationUnknown | Self::IssuerUnknown | Self::TimeUnknown)
    }

    /// What a reason with this code makes of the decision.
    pub const fn decision(self) -> Decision {
        if self.is_refusal() { Decision::Refused } else { Decision::Undetermined }
    }

    /// The usual sub-indication; a reason can name a closer one.
    pub const fn sub_indication(self) -> SubIndication {
        match self {
            Self::DocumentMalformed | Self::CertificateMalformed => SubIndication::FormatFailure,
            Self::SignatureInvalid => SubIndication::SigCryptoFailure,
            Self::AlgorithmNotAllowed => SubIndication::CryptoConstraintsFailure,
            Self::IssuerNotTrusted => SubIndication::NoCertificateChainFound,
            Self::CertificateNotYetValid => SubIndication::NotYetValid,
            Self::CertificateExpired => SubIndication::Expired,
            Self::CertificateRevoked => SubIndication::Revoked,
            // What a certificate may be used for is a constraint on the chain (clause 5.2.6).
            Self::KeyUsageNotAllowed => SubIndication::ChainConstraintsFailure,
            Self::IdentityMissing | Self::IdentityMismatch | Self::AuthorityMissing | Self::TimestampInvalid => {
                SubIndication::SigConstraintsFailure
            }
            Self::RevocationUnknown => SubIndication::TryLater,
            Self::IssuerUnknown => SubIndication::NoSigningCertificateFound,
            Self::TimeUnknown => SubIndication::NoPoe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_variants_is_the_order_of_the_list() {
        assert!(RefusalCode::ALL.is_sorted());
        let first_undetermined = RefusalCode::ALL.iter().position(|code| !code.is_refusal()).unwrap();
        assert!(RefusalCode::ALL[first_undetermined..].iter().all(|code| !code.is_refusal()));
    }

    #[test]
    fn json_names_are_the_stable_names() {
        for code in RefusalCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        for decision in [Decision::Accepted, Decision::Undetermined, Decision::Refused] {
            assert_eq!(serde_json::to_value(decision).unwrap(), decision.as_str());
        }
        assert_eq!(serde_json::to_value(SubIndication::NoCertificateChainFound).unwrap(), "NO_CERTIFICATE_CHAIN_FOUND");
        assert_eq!(serde_json::to_value(Indication::TotalFailed).unwrap(), "TOTAL-FAILED");
    }
}
