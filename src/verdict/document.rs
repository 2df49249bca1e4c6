//! The answer about a signed document: one report for each signature, and the worst of them for the whole.

use serde::Serialize;
use utoipa::ToSchema;

use super::code::Decision;
use super::report::{CertificateSummary, Refusal, Report, Warning};
use super::shared::Shared;
use crate::clock::Time;

/// What a timestamp came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimestampState {
    /// It proves nothing, and it should: it is not over this signature, or not from a timestamp authority.
    Failed,
    /// Its moment is proved.
    Passed,
    /// Neither: its authority is not known here, say.
    Undetermined,
}

/// One timestamp of a signature.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TimestampReport {
    /// `signature`, `content` or `archive`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// What it came to.
    pub status: TimestampState,
    /// Why, in plain English.
    pub detail: String,
    /// The moment that it states; absent when the token cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gen_time: Option<Time>,
    /// The policy it was given under, an object identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Its number, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// The hash of its imprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub digest_algorithm: Option<&'static str>,
    /// Who gave it: distinguished name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

/// A signature over a signature's value. Reported; the document needs none.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CounterSignatureReport {
    /// Whether it holds under a certificate of the document. Says nothing about trust.
    pub holds: bool,
    /// Why not, or under what.
    pub detail: String,
    /// Whose it is, if a certificate fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CertificateSummary>)]
    pub certificate: Option<Shared<CertificateSummary>>,
    /// When its signer says it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_signing_time: Option<Time>,
}

/// The answer about one signature.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignatureReport {
    /// Decision, checks, certificate, refusal: as for a certificate.
    #[serde(flatten)]
    pub report: Report,
    /// Which signature: `signer 1`, `field Signature1`.
    pub label: String,
    /// The hash over the content, as its name or its object identifier.
    pub digest_algorithm: String,
    /// The algorithm of the signature, as its name or its object identifier.
    pub signature_algorithm: String,
    /// When the signer says it was made: proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_signing_time: Option<Time>,
    /// The timestamp that the moment rests on, else the first one there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimestampReport>,
    /// Further timestamps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_timestamps: Vec<TimestampReport>,
    /// `whole document`, or `part` and which: one that counts as all (the Body of an envelope, what was asked for), or too little.
    pub covers: String,
    /// Digest of the signed bytes by `digest_algorithm`, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_digest: Option<String>,
    /// What it is by its form: `bare`, `B`, `T`, `LT`, `LTA`.
    #[schema(value_type = String)]
    pub level: &'static str,
    /// What of that is proved; absent when the signature does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub verified_level: Option<&'static str>,
    /// Signatures over this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counter_signatures: Vec<CounterSignatureReport>,
}

/// Bytes that were signed.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct ContentReport {
    /// Its name, where the format has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its length in octets; absent where the bytes were not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// SHA-256, in hexadecimal; absent where the bytes were not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The bytes in base64; only when they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

impl std::fmt::Debug for ContentReport {
    /// The size at most: documents end up in logs through `Debug`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContentReport").field("length", &self.length).finish_non_exhaustive()
    }
}

/// The answer about a signed document.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DocumentReport {
    /// The worst of the signatures; of a document that cannot be read, that it cannot.
    #[serde(flatten)]
    report: Report,
    /// `cms`, `xml`, `wsse`, `pdf`, `asic-s`, `asic-e`, `kz-zip`; absent when it is none of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    format: Option<&'static str>,
    /// One for each signature, in the order of the document; empty only when it cannot be read.
    signatures: Vec<SignatureReport>,
    /// What was signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<ContentReport>,
}

impl DocumentReport {
    /// The answer about a document that cannot be read as a signed one; `report` is a refusal.
    #[must_use]
    pub fn unreadable(report: Report, format: Option<&'static str>) -> Self {
        Self { report, format, signatures: Vec::new(), contents: Vec::new() }
    }

    /// The answer about a document that was read: the worst of its signatures speaks for the whole. `None` without any.
    #[must_use]
    pub fn of(
        format: &'static str,
        signatures: Vec<SignatureReport>,
        contents: Vec<ContentReport>,
        warnings: Vec<Warning>,
    ) -> Option<Self> {
        let rank = |one: &SignatureReport| {
            (one.report.decision(), std::cmp::Reverse(one.report.refusal().map(|refusal| refusal.code)))
        };
        // Of equals the first.
        let worst = signatures.iter().rev().max_by_key(|one| rank(one))?;
        let report = worst.report.clone().with_warnings(warnings);
        Some(Self { report, format: Some(format), signatures, contents })
    }

    /// The same answer without the bytes that were signed: what is refused, or not known to be signed, is not handed on.
    #[must_use]
    pub fn without_contents(mut self) -> Self {
        self.contents.iter_mut().for_each(|content| content.base64 = None);
        self
    }

    /// The same answer with more to point out about the whole.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = Warning>) -> Self {
        self.report = self.report.with_warnings(warnings);
        self
    }

    /// The decision about the whole.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.report.decision()
    }

    /// Why it is not accepted; none exactly when it is.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.report.refusal()
    }

    /// The report of the worst signature.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The format, if it is known.
    #[must_use]
    pub const fn format(&self) -> Option<&'static str> {
        self.format
    }

    /// One for each signature.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureReport] {
        &self.signatures
    }

    /// What was signed.
    #[must_use]
    pub fn contents(&self) -> &[ContentReport] {
        &self.contents
    }
}

/// Documents with a given outcome, for the tests of what is concluded from them.
#[cfg(test)]
pub(super) mod samples {
    use super::super::{
        CertificateSummary, Check, CheckName, IssuerSummary, Language, Reason, RefusalCode, ReportContext, Required,
        Shared, SubjectSummary, Verdict,
    };
    use super::*;

    /// A document that is refused for these reasons, or accepted without any; `certificate` tells whether it is known who
    /// signed it.
    pub fn document(reasons: &[RefusalCode], certificate: bool) -> DocumentReport {
        sample(reasons, certificate, false)
    }

    /// One that is accepted under a demo key.
    pub fn demo_document() -> DocumentReport {
        sample(&[], true, true)
    }

    fn sample(reasons: &[RefusalCode], certificate: bool, demo: bool) -> DocumentReport {
        let checks = vec![Check::passed(CheckName::Format, "read")];
        let reasons = reasons.iter().map(|code| Reason::new(*code)).collect();
        let context = ReportContext {
            certificate: certificate.then(|| Shared::new(summary())),
            at: Time::from_unix(5),
            checked_at: Time::from_unix(6),
            language: Language::En,
        };
        let report =
            Verdict::conclude(Required::only(CheckName::Format), checks, reasons).on_demo(demo).report(context);
        DocumentReport::unreadable(report, Some("cms"))
    }

    fn summary() -> CertificateSummary {
        CertificateSummary {
            subject: SubjectSummary { dn: "CN=X".into(), ..SubjectSummary::default() },
            issuer: IssuerSummary::default(),
            serial_number: "0a".into(),
            not_before: Time::from_unix(0),
            not_after: Time::from_unix(9),
            key_algorithm: "rsa-2048".into(),
            key_usage: vec![],
            roles: vec!["ceo".into()],
            policies: vec![],
            sha256: "00".into(),
        }
    }
}
