//! One check of the answer, and the table of the rules that the checks stand on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema};

use super::code::RefusalCode;
use super::evidence::Evidence;

/// What is checked. The order is that of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckName {
    /// The bytes are what they should be.
    Format,
    /// Every algorithm is one of those accepted.
    Algorithm,
    /// The signature fits the content and the key.
    Signature,
    /// A chain leads to a trust anchor.
    TrustChain,
    /// Every certificate of the chain is within its period.
    ValidityPeriod,
    /// No certificate of the chain is revoked.
    Revocation,
    /// The certificate was issued for this purpose.
    KeyUsage,
    /// The identity number asked for is the certificate's.
    IdentityMatch,
    /// The holder may act in this matter.
    Authority,
    /// The timestamp fits the signature and is trusted.
    Timestamp,
}

impl CheckName {
    /// Every check, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Format,
        Self::Algorithm,
        Self::Signature,
        Self::TrustChain,
        Self::ValidityPeriod,
        Self::Revocation,
        Self::KeyUsage,
        Self::IdentityMatch,
        Self::Authority,
        Self::Timestamp,
    ];

    /// The stable kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::TrustChain => "trust-chain",
            Self::ValidityPeriod => "validity-period",
            Self::Revocation => "revocation",
            Self::KeyUsage => "key-usage",
            Self::IdentityMatch => "identity-match",
            Self::Authority => "authority",
            Self::Timestamp => "timestamp",
        }
    }

    /// The rule that the check stands on.
    pub const fn rule(self) -> Rule {
        match self {
            Self::Format | Self::Algorithm | Self::Signature => Rule::Signature,
            Self::TrustChain => Rule::Chain,
            Self::ValidityPeriod => Rule::Validity,
            Self::Revocation => Rule::Revocation,
            Self::KeyUsage => Rule::Purpose,
            Self::IdentityMatch => Rule::PortalIdentity,
            Self::Authority => Rule::ServiceTable,
            Self::Timestamp => Rule::Timestamp,
        }
    }

    /// The reason that a failed check stands for when the caller gave none.
    pub(super) const fn failed_code(self) -> RefusalCode {
        match self {
            Self::Format => RefusalCode::DocumentMalformed,
            Self::Algorithm => RefusalCode::AlgorithmNotAllowed,
            Self::Signature => RefusalCode::SignatureInvalid,
            Self::TrustChain => RefusalCode::IssuerNotTrusted,
            Self::ValidityPeriod => RefusalCode::CertificateExpired,
            Self::Revocation => RefusalCode::CertificateRevoked,
            Self::KeyUsage => RefusalCode::KeyUsageNotAllowed,
            Self::IdentityMatch => RefusalCode::IdentityMismatch,
            Self::Authority => RefusalCode::AuthorityMissing,
            Self::Timestamp => RefusalCode::TimestampInvalid,
        }
    }

    /// The reason that a required check stands for when it was not made, or made without result.
    pub(super) const fn open_code(self) -> RefusalCode {
        match self {
            Self::Signature | Self::TrustChain => RefusalCode::IssuerUnknown,
            Self::ValidityPeriod | Self::Timestamp => RefusalCode::TimeUnknown,
            Self::Revocation => RefusalCode::RevocationUnknown,
            // These need nothing but the input: not made means that the input did not allow it.
            Self::Format | Self::Algorithm | Self::KeyUsage | Self::IdentityMatch | Self::Authority => {
                self.failed_code()
            }
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Proved bad.
    Failed,
    /// Proved good.
    Passed,
    /// Not asked for, or pointless after an earlier failure.
    Skipped,
    /// The evidence does not suffice.
    Undetermined,
}

/// The rules that checks stand on. Labels to show, kept here alone so that they can be corrected in one place: the
/// numbers come from public compliance notes, not from the official gazette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The chain is correctly built.
    Chain,
    /// What makes a list usable.
    List,
    /// The moment that the answer is about.
    Moment,
    /// The signer's own certificate is checked before signing.
    OwnCertificate,
    /// The identity number of the request equals that of the certificate.
    PortalIdentity,
    /// Key usage, extended key usage and policy fit the purpose.
    Purpose,
    /// What makes an OCSP response usable.
    Responder,
    /// Not revoked, by OCSP or list.
    Revocation,
    /// Path validation of the `rfc5280` profile.
    Rfc5280Path,
    /// Who may apply for a service.
    ServiceTable,
    /// The signature verifies with the signer's certificate.
    Signature,
    /// The signing-certificate attribute is compared.
    SigningCertificate,
    /// What makes a timestamp usable.
    Timestamp,
    /// Every certificate up to the root is within its period.
    Validity,
}

impl Rule {
    /// The label shown in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "500/НҚ p. 16(3)",
            Self::List => "500/НҚ p. 18",
            Self::Moment => "500/НҚ p. 14",
            Self::OwnCertificate => "500/НҚ p. 4",
            Self::PortalIdentity => "licensing regulations, portal, condition 3",
            Self::Purpose => "500/НҚ p. 16(4)",
            Self::Responder => "500/НҚ p. 19",
            Self::Revocation => "500/НҚ p. 16(2)",
            Self::Rfc5280Path => "RFC 5280 section 6.1",
            Self::ServiceTable => "licensing regulations, who may apply",
            Self::Signature => "500/НҚ p. 15",
            Self::SigningCertificate => "500/НҚ p. 8",
            Self::Timestamp => "500/НҚ p. 17",
            Self::Validity => "500/НҚ p. 16(1)",
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One check: what, how it ended, by which rule, in plain words, on what evidence.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// How it ended.
    pub status: CheckStatus,
    /// The rule that it stands on, a label for people.
    #[schema(value_type = String)]
    pub rule: Rule,
    /// What was found, in plain English; nothing about people that the certificate block does not show.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
    /// What it rests on; an empty object when there is nothing to name.
    #[serde(serialize_with = "or_empty")]
    #[schema(schema_with = evidence_or_nothing)]
    pub evidence: Option<Evidence>,
}

/// `{}` for nothing, so that readers find the member in every check.
fn or_empty<S: Serializer>(evidence: &Option<Evidence>, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap as _;
    match evidence {
        Some(evidence) => evidence.serialize(serializer),
        None => serializer.serialize_map(Some(0))?.end(),
    }
}

/// What `or_empty` writes.
fn evidence_or_nothing() -> Schema {
    let nothing = ObjectBuilder::new().max_properties(Some(0));
    let evidence = Ref::from_schema_name("Evidence");
    let description = "What it rests on; an empty object when there is nothing to name.";
    AnyOfBuilder::new().item(evidence).item(nothing).description(Some(description)).build().into()
}

impl Check {
    /// A check under its usual rule, without evidence.
    pub fn new(name: CheckName, status: CheckStatus, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { name, status, rule: name.rule(), detail: detail.into(), evidence: None }
    }

    /// A check that passed.
    pub fn passed(name: CheckName, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, CheckStatus::Passed, detail)
    }

    /// A check that failed.
    pub fn failed(name: CheckName, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, CheckStatus::Failed, detail)
    }

    /// A check for which the evidence does not suffice.
    pub fn undetermined(name: CheckName, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, CheckStatus::Undetermined, detail)
    }

    /// A check that was not made.
    pub fn skipped(name: CheckName, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, CheckStatus::Skipped, detail)
    }

    /// The same check under another rule.
    #[must_use]
    pub fn under(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    /// The same check with its evidence.
    #[must_use]
    pub fn with_evidence(self, evidence: impl Into<Evidence>) -> Self {
        Self { evidence: Some(evidence.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_under_the_rule_of_its_name_or_the_one_it_is_put_under() {
        let check = Check::passed(CheckName::Revocation, "");
        assert_eq!(check.rule, CheckName::Revocation.rule());
        assert_ne!(check.rule, Rule::OwnCertificate);
        assert_eq!(check.under(Rule::OwnCertificate).rule, Rule::OwnCertificate);
    }
}
