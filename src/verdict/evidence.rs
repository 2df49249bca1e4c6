//! What a check rests on, in enough detail to find the same list or certificate again.

use serde::Serialize;
use utoipa::ToSchema;

use super::shared::Shared;
use crate::clock::Time;
use crate::revocation::ListNumber;

/// The evidence of one check; which fields there are depends on the check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Evidence {
    /// Of `identity-match`.
    Identity(IdentityEvidence),
    /// Of `key-usage`.
    #[schema(value_type = KeyUsageEvidence)]
    KeyUsage(Shared<KeyUsageEvidence>),
    /// Of `trust-chain`.
    #[schema(value_type = PathEvidence)]
    Path(Shared<PathEvidence>),
    /// Of `revocation`.
    Revocation(RevocationEvidence),
    /// Of `validity-period`.
    #[schema(value_type = ValidityEvidence)]
    Validity(Shared<ValidityEvidence>),
}

/// Which identity number was asked for and what the certificate has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct IdentityEvidence {
    /// `iin` or `bin`; both when both were asked for.
    #[schema(value_type = Vec<String>)]
    pub asked: Vec<&'static str>,
    /// Which numbers the certificate carries: `iin`, `bin`. The numbers themselves are in the certificate block.
    #[schema(value_type = Vec<String>)]
    pub found: Vec<&'static str>,
    /// Oddities of the number asked for: `check-digit`, `date`, `type-digit`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub warnings: Vec<&'static str>,
}

/// What the certificate may be used for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct KeyUsageEvidence {
    /// `sign`, `authenticate` or `any`.
    #[schema(value_type = String)]
    pub purpose: &'static str,
    /// Names of the keyUsage bits set (RFC 5280 section 4.2.1.3).
    #[schema(value_type = Vec<String>)]
    pub key_usage: Vec<&'static str>,
    /// Object identifiers of the extended key usage.
    pub extended_key_usage: Vec<String>,
    /// Object identifiers of the extended key usages that were asked for beside the purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// The chain from the holder's certificate to the anchor.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PathEvidence {
    /// The holder's certificate first, the anchor not among them.
    pub certificates: Vec<PathCertificate>,
    /// Where trust begins.
    pub anchor: AnchorEvidence,
    /// Certificate policies that hold for the whole path, as the first authority names them; narrowed to those asked for,
    /// if any were. Absent when none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// A certificate named by its subject and its digest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PathCertificate {
    /// Distinguished name, for people.
    #[schema(value_type = String)]
    pub subject: Shared<str>,
    /// SHA-256 of the DER, in hexadecimal.
    #[schema(value_type = String)]
    pub sha256: Shared<str>,
}

/// A trust anchor.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AnchorEvidence {
    /// Distinguished name, for people.
    #[schema(value_type = String)]
    pub subject: Shared<str>,
    /// SHA-256 of the DER, in hexadecimal.
    #[schema(value_type = String)]
    pub sha256: Shared<str>,
    /// Present and true when this is a demo anchor, whose key is public: proof of nothing.
    #[serde(skip_serializing_if = "is_false")]
    pub demo: bool,
}

/// The periods of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ValidityEvidence {
    /// The holder's certificate first.
    pub certificates: Vec<CertificateValidity>,
}

/// The period of one certificate.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CertificateValidity {
    /// Distinguished name, for people.
    #[schema(value_type = String)]
    pub subject: Shared<str>,
    /// Start of the period, inclusive.
    pub not_before: Time,
    /// End of the period, inclusive.
    pub not_after: Time,
    /// Where the moment asked about lies.
    pub status: ValidityStatus,
}

/// Where a moment lies relative to a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValidityStatus {
    /// After its end.
    Expired,
    /// Before its start.
    NotYetValid,
    /// Within.
    Valid,
}

impl ValidityStatus {
    /// Where `at` lies; both ends belong to the period, the last second to
    /// its very end (RFC 5280 section 4.1.2.5).
    pub fn of(not_before: Time, not_after: Time, at: Time) -> Self {
        if at < not_before {
            Self::NotYetValid
        } else if at.unix_seconds() > not_after.unix_seconds() {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}

/// What is known about the revocation of the chain. The list or response that decided the check is named on the
/// outside: that of the revoked certificate, else of the one nothing is known about, else the holder's.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevocationEvidence {
    /// The list or response that decided.
    #[serde(flatten)]
    source: Option<RevocationSource>,
    /// Date and reason, when revoked.
    #[serde(flatten)]
    revoked: Option<Revoked>,
    /// One entry for each certificate of the chain that has to be looked up, the holder's first.
    certificates: Vec<CertificateRevocation>,
}

impl RevocationEvidence {
    /// The entries, the holder's first.
    pub fn certificates(&self) -> &[CertificateRevocation] {
        &self.certificates
    }
}

impl From<Vec<CertificateRevocation>> for RevocationEvidence {
    fn from(certificates: Vec<CertificateRevocation>) -> Self {
        let deciding = certificates
            .iter()
            .find(|one| one.status == RevocationState::Revoked)
            .or_else(|| certificates.iter().find(|one| one.status == RevocationState::Unknown))
            .or_else(|| certificates.first());
        let source = deciding.and_then(|one| one.source.clone());
        let revoked = deciding.and_then(|one| one.revoked);
        Self { source, revoked, certificates }
    }
}

/// What is known about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RevocationState {
    /// A usable source covers the moment and does not revoke it.
    Good,
    /// Revoked.
    Revoked,
    /// Nothing usable covers the moment.
    Unknown,
}

/// What is known about the revocation of one certificate.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CertificateRevocation {
    /// Distinguished name, for people.
    #[schema(value_type = String)]
    pub subject: Shared<str>,
    /// Serial number in hexadecimal.
    #[schema(value_type = String)]
    pub serial_number: Shared<str>,
    /// What is known.
    pub status: RevocationState,
    /// The list or response relied on; absent when there is none.
    #[serde(flatten)]
    pub source: Option<RevocationSource>,
    /// Further lists relied on, where none alone is about all reasons for revocation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<RevocationSource>,
    /// Present when revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// A list or an OCSP response.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevocationSource {
    /// List or response.
    pub kind: SourceKind,
    /// Who signed it: distinguished name.
    #[schema(value_type = String)]
    pub issuer: Shared<str>,
    /// Number of the list; absent for a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<ListNumber>,
    /// From when it speaks.
    pub this_update: Time,
    /// When a newer one is due, if it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Time>,
    /// When a response was signed; absent for a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub produced_at: Option<Time>,
    /// Seconds from `this_update` to the moment of asking, `checked_at` of the report.
    pub age_seconds: i64,
    /// Where it came from: a path, the first of its addresses, or its place in the request.
    #[schema(value_type = String)]
    pub source: Shared<str>,
    /// The delta list that was read together with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<Box<DeltaSource>>,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(value_type = String)]
    pub sha256: Shared<str>,
    /// Entries of the list; absent for a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// Whether the moment asked about is past `next_update`.
    pub stale: bool,
    /// Present and true when it is signed with a demo key, which is public.
    #[serde(skip_serializing_if = "is_false")]
    pub demo: bool,
}

/// A delta list (RFC 5280 section 5.2.4) that was read together with its base.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DeltaSource {
    /// Its number, above that of the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<ListNumber>,
    /// From when it speaks.
    pub this_update: Time,
    /// When a newer one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Time>,
    /// Where it came from.
    #[schema(value_type = String)]
    pub source: Shared<str>,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(value_type = String)]
    pub sha256: Shared<str>,
}

/// Which kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Certificate revocation list.
    Crl,
    /// OCSP response.
    Ocsp,
}

/// When and why a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Revoked {
    /// Date of revocation.
    pub date: Time,
    /// Name of the reason as in RFC 5280 section 5.3.1; absent when the entry gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reason: Option<&'static str>,
}

/// The name of a `CRLReason` (RFC 5280 section 5.3.1), or `None` for a number that has none.
pub const fn revocation_reason_name(reason: u8) -> Option<&'static str> {
    Some(match reason {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}

impl From<IdentityEvidence> for Evidence {
    fn from(evidence: IdentityEvidence) -> Self {
        Self::Identity(evidence)
    }
}

impl From<Shared<KeyUsageEvidence>> for Evidence {
    fn from(evidence: Shared<KeyUsageEvidence>) -> Self {
        Self::KeyUsage(evidence)
    }
}

impl From<Shared<PathEvidence>> for Evidence {
    fn from(evidence: Shared<PathEvidence>) -> Self {
        Self::Path(evidence)
    }
}

impl From<Vec<CertificateRevocation>> for Evidence {
    fn from(certificates: Vec<CertificateRevocation>) -> Self {
        Self::Revocation(certificates.into())
    }
}

impl From<Shared<ValidityEvidence>> for Evidence {
    fn from(evidence: Shared<ValidityEvidence>) -> Self {
        Self::Validity(evidence)
    }
}

impl Evidence {
    /// Whether it rests on a demo anchor or a list signed with a demo key.
    pub fn is_demo(&self) -> bool {
        match self {
            Self::Path(path) => path.anchor.demo,
            Self::Revocation(revocation) => {
                revocation.certificates.iter().any(|one| one.source.as_ref().is_some_and(|source| source.demo))
            }
            Self::Identity(_) | Self::KeyUsage(_) | Self::Validity(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(subject: &str, status: RevocationState, number: &str) -> CertificateRevocation {
        let revoked = (status == RevocationState::Revoked)
            .then(|| Revoked { date: Time::from_unix(0), reason: revocation_reason_name(4) });
        CertificateRevocation {
            subject: subject.into(),
            serial_number: "0a".into(),
            status,
            source: (!number.is_empty()).then(|| RevocationSource {
                kind: SourceKind::Crl,
                issuer: "CN=CA".into(),
                number: ListNumber::new(&[number.parse().unwrap()]),
                produced_at: None,
                age_seconds: 0,
                source: "list.crl".into(),
                delta: None,
                this_update: Time::from_unix(0),
                next_update: None,
                sha256: "00".into(),
                entries: Some(2),
                stale: false,
                demo: false,
            }),
            beside: Vec::new(),
            revoked,
        }
    }

    #[test]
    fn the_revoked_certificate_is_named_on_the_outside() {
        let list = vec![entry("CN=leaf", RevocationState::Unknown, ""), entry("CN=ca", RevocationState::Revoked, "7")];
        let json = serde_json::to_value(Evidence::from(list)).unwrap();
        assert_eq!(json["kind"], "crl");
        assert_eq!(json["number"], 7);
        assert_eq!(json["date"], "1970-01-01T00:00:00Z");
        assert_eq!(json["reason"], "superseded");
        assert_eq!(json["certificates"][0]["status"], "unknown");
        assert!(json["certificates"][0].get("kind").is_none());
        assert_eq!(json["certificates"][1]["revoked"]["reason"], "superseded");
    }

    #[test]
    fn where_nothing_is_revoked_what_is_unknown_is_named_on_the_outside_and_else_the_holder() {
        let number =
            |list: Vec<CertificateRevocation>| serde_json::to_value(Evidence::from(list)).unwrap()["number"].clone();
        let good = |number| entry("CN=x", RevocationState::Good, number);
        assert_eq!(number(vec![good("5"), entry("CN=ca", RevocationState::Unknown, "6")]), 6);
        assert_eq!(number(vec![good("5"), good("6")]), 5);
    }

    #[test]
    fn one_list_signed_with_a_demo_key_makes_the_evidence_demo() {
        let mut list = vec![entry("CN=leaf", RevocationState::Good, "5"), entry("CN=ca", RevocationState::Good, "6")];
        assert!(!Evidence::from(list.clone()).is_demo());
        if let Some(source) = list.last_mut().and_then(|last| last.source.as_mut()) {
            source.demo = true;
        }
        assert!(Evidence::from(list).is_demo());
    }

    #[test]
    fn reasons_have_the_names_of_rfc_5280_and_seven_and_what_follows_ten_have_none() {
        let names: Vec<&str> = (0..=u8::MAX).filter_map(revocation_reason_name).collect();
        assert_eq!(
            names.join(" "),
            "unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation certificateHold \
             removeFromCRL privilegeWithdrawn aACompromise"
        );
        assert_eq!((revocation_reason_name(7), revocation_reason_name(11)), (None, None));
        assert_eq!(revocation_reason_name(10), Some("aACompromise"));
    }

    #[test]
    fn a_moment_on_either_end_of_the_period_is_within_it() {
        let (start, end) = (Time::from_unix(10), Time::from_unix(20));
        for (at, status) in [
            (9, ValidityStatus::NotYetValid),
            (10, ValidityStatus::Valid),
            (20, ValidityStatus::Valid),
            (21, ValidityStatus::Expired),
        ] {
            assert_eq!(ValidityStatus::of(start, end, Time::from_unix(at)), status);
        }
    }
}
