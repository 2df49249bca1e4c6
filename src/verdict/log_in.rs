//! The answer about a log-in by certificate.

use serde::Serialize;
use utoipa::ToSchema;

use super::code::{Decision, Indication, RefusalCode};
use super::document::DocumentReport;
use super::evidence::is_false;
use super::language::Language;
use super::reason::Reason;
use super::report::{CertificateSummary, Refusal, SubjectSummary};

/// Who has logged in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Holder {
    /// Names and numbers, as the certificate has them.
    #[serde(flatten)]
    pub subject: SubjectSummary,
    /// Roles of the holder.
    pub roles: Vec<String>,
    /// SHA-256 of the certificate, in hexadecimal.
    pub certificate_sha256: String,
}

impl Holder {
    fn of(certificate: &CertificateSummary) -> Self {
        Self {
            subject: certificate.subject.clone(),
            roles: certificate.roles.clone(),
            certificate_sha256: certificate.sha256.clone(),
        }
    }
}

/// The answer about a response to a challenge.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LogInReport {
    decision: Decision,
    indication: Indication,
    /// Present exactly when the decision is not `accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
    /// Present exactly when the decision is `accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<Holder>,
    /// The origin that the challenge was for.
    origin: String,
    /// Whether what was signed is the challenge.
    challenge_signed: bool,
    /// Present and true when the answer rests on a demo key, which is public: proof of nothing.
    #[serde(skip_serializing_if = "is_false")]
    demo: bool,
    /// The response as a signed document.
    report: DocumentReport,
}

impl LogInReport {
    /// Concludes: accepted exactly when the signed document is, it is the challenge that was signed, and a certificate says
    /// by whom.
    #[must_use]
    pub fn conclude(report: DocumentReport, challenge_signed: bool, origin: String, language: Language) -> Self {
        let holder = report.report().certificate().map(Holder::of);
        let other_content = || Refusal::new(&Reason::new(RefusalCode::SignatureInvalid), language);
        let refusal = match report.refusal() {
            Some(refusal) if challenge_signed || refusal.code <= RefusalCode::SignatureInvalid => Some(refusal.clone()),
            None if challenge_signed && holder.is_some() => None,
            _ => Some(other_content()),
        };
        let decision = refusal.as_ref().map_or(Decision::Accepted, |refusal| refusal.code.decision());
        Self {
            decision,
            indication: decision.indication(),
            holder: holder.filter(|_| decision == Decision::Accepted),
            refusal,
            origin,
            challenge_signed,
            demo: report.report().is_demo(),
            report,
        }
    }

    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Why it is not accepted; none exactly when it is.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The response as a signed document.
    #[must_use]
    pub const fn report(&self) -> &DocumentReport {
        &self.report
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::samples::document;
    use super::*;

    fn conclude(reasons: &[RefusalCode], certificate: bool, challenge_signed: bool) -> LogInReport {
        LogInReport::conclude(document(reasons, certificate), challenge_signed, "https://a.kz".into(), Language::En)
    }

    fn code(report: &LogInReport) -> Option<RefusalCode> {
        report.refusal().map(|refusal| refusal.code)
    }

    #[test]
    fn a_holder_is_named_only_where_an_accepted_signature_is_over_the_challenge() {
        let report = conclude(&[], true, true);
        assert_eq!((report.decision(), code(&report)), (Decision::Accepted, None));
        assert_eq!(report.holder.as_ref().map(|holder| holder.roles.as_slice()), Some(&["ceo".to_owned()][..]));
        for (reasons, certificate, challenge_signed) in [
            (&[][..], true, false),
            (&[], false, true),
            (&[], false, false),
            (&[RefusalCode::CertificateRevoked], true, true),
            (&[RefusalCode::RevocationUnknown], true, true),
        ] {
            let report = conclude(reasons, certificate, challenge_signed);
            assert_ne!(report.decision(), Decision::Accepted, "{reasons:?}, {certificate}, {challenge_signed}");
            assert_eq!((report.holder.is_some(), report.refusal().is_some()), (false, true));
        }
    }

    #[test]
    fn another_content_is_told_unless_the_document_fails_for_something_that_comes_before() {
        for (reason, challenge_signed, told) in [
            (None, false, RefusalCode::SignatureInvalid),
            (Some(RefusalCode::DocumentMalformed), false, RefusalCode::DocumentMalformed),
            (Some(RefusalCode::SignatureInvalid), false, RefusalCode::SignatureInvalid),
            (Some(RefusalCode::CertificateExpired), false, RefusalCode::SignatureInvalid),
            (Some(RefusalCode::RevocationUnknown), false, RefusalCode::SignatureInvalid),
            (Some(RefusalCode::CertificateExpired), true, RefusalCode::CertificateExpired),
            (Some(RefusalCode::RevocationUnknown), true, RefusalCode::RevocationUnknown),
        ] {
            let report = conclude(reason.as_slice(), true, challenge_signed);
            assert_eq!((code(&report), report.decision()), (Some(told), told.decision()), "{reason:?}");
        }
    }
}
