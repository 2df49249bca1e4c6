//! The answer about a submission: one decision, a report for each document.

use serde::Serialize;
use utoipa::ToSchema;

use super::check::{Check, CheckStatus};
use super::code::{Decision, Indication, RefusalCode, SubIndication};
use super::document::DocumentReport;
use super::evidence::is_false;
use super::language::Language;
use super::reason::Reason;
use super::report::{Refusal, Warning};
use super::text;
use crate::clock::Time;

/// One document of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubmittedReport {
    /// `form`, or the name of the attachment.
    pub name: String,
    /// Whether one of its signatures is that of who must have signed; absent where nobody is known to have signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signatory: Option<Check>,
    /// The document by itself.
    pub report: DocumentReport,
}

/// Why a submission is not accepted, and which document the reason was found in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionRefusal {
    /// Code and messages; these name the document too.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// `form`, or the name of the attachment; absent when the reason is about the submission as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// The answer about a submission.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubmissionReport {
    decision: Decision,
    indication: Indication,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_indication: Option<SubIndication>,
    /// What was checked about the submission as a whole; the documents' own checks are in their reports.
    checks: Vec<Check>,
    /// Present exactly when the decision is not `accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<SubmissionRefusal>,
    /// The form first, then the attachments in their order.
    documents: Vec<SubmittedReport>,
    /// Things to point out that do not change the decision.
    warnings: Vec<Warning>,
    /// Present and true when the answer rests on a demo key, which is public: proof of nothing.
    #[serde(skip_serializing_if = "is_false")]
    demo: bool,
    /// The time that the answer is about; a trusted timestamp can move that of a signature.
    at: Time,
    /// When the answer was made.
    checked_at: Time,
}

/// What a submission's answer is concluded from.
#[derive(Debug)]
pub struct SubmissionParts {
    /// Checks about the whole.
    pub checks: Vec<Check>,
    /// Reasons against acceptance beyond those of the documents, each with the position of the document it is about.
    pub reasons: Vec<(Reason, Option<usize>)>,
    /// The form, then the attachments.
    pub documents: Vec<SubmittedReport>,
    /// Things to point out.
    pub warnings: Vec<Warning>,
    /// The time that the answer is about.
    pub at: Time,
    /// Now.
    pub checked_at: Time,
    /// The language of `refusal.message`.
    pub language: Language,
}

/// One reason, rendered, on its way to becoming the refusal.
struct Candidate {
    refusal: Refusal,
    sub_indication: Option<SubIndication>,
    document: Option<usize>,
}

impl SubmissionReport {
    /// Concludes: accepted exactly when there is a document, every document is accepted, no check failed or stayed open, and
    /// there is no reason against it. `None` without a document: what holds nothing cannot be judged.
    #[must_use]
    pub fn conclude(parts: SubmissionParts) -> Option<Self> {
        if parts.documents.is_empty() {
            return None;
        }
        let mut candidates: Vec<Candidate> = parts
            .reasons
            .iter()
            .map(|(reason, document)| Candidate {
                refusal: Refusal::new(reason, parts.language),
                sub_indication: Some(reason.sub_indication()),
                document: *document,
            })
            .collect();
        for (index, document) in parts.documents.iter().enumerate() {
            if let Some(refusal) = document.report.refusal() {
                let sub_indication = document.report.report().sub_indication();
                candidates.push(Candidate { refusal: refusal.clone(), sub_indication, document: Some(index) });
            }
        }
        // A check that nobody gave a reason for: open, it counts where nothing else speaks; failed, beside doubts too.
        let refuses = |code: RefusalCode| code.decision() == Decision::Refused;
        if !candidates.iter().any(|candidate| refuses(candidate.refusal.code))
            && let Some(code) = missed(&parts.checks).filter(|code| candidates.is_empty() || refuses(*code))
        {
            let reason = Reason::new(code);
            let refusal = Refusal::new(&reason, parts.language);
            candidates.push(Candidate { refusal, sub_indication: Some(reason.sub_indication()), document: None });
        }
        // By the order of the codes, refusals before doubts; of equals the first document.
        candidates.sort_by_key(|candidate| (candidate.refusal.code, candidate.document));
        let first = candidates.into_iter().next();
        let decision = first.as_ref().map_or(Decision::Accepted, |first| first.refusal.code.decision());
        let sub_indication = first.as_ref().and_then(|first| first.sub_indication);
        let refusal = first.map(|first| place(first, &parts.documents, parts.language));
        let demo = parts.documents.iter().any(|document| document.report.report().is_demo());
        Some(Self {
            decision,
            indication: decision.indication(),
            sub_indication,
            checks: parts.checks,
            refusal,
            documents: parts.documents,
            warnings: parts.warnings,
            demo,
            at: parts.at,
            checked_at: parts.checked_at,
        })
    }

    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Why it is not accepted; none exactly when it is.
    #[must_use]
    pub const fn refusal(&self) -> Option<&SubmissionRefusal> {
        self.refusal.as_ref()
    }

    /// What was checked about the whole.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The form, then the attachments.
    #[must_use]
    pub fn documents(&self) -> &[SubmittedReport] {
        &self.documents
    }

    /// Things to point out.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Whether it rests on a demo key.
    #[must_use]
    pub const fn is_demo(&self) -> bool {
        self.demo
    }

    /// The time that the answer is about.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.at
    }
}

/// What a check stands for that did not pass and for which nobody gave a reason: a failed one for its refusal, and where
/// none failed an open one for the doubt.
fn missed(checks: &[Check]) -> Option<RefusalCode> {
    let ended = |status| checks.iter().find(move |check| check.status == status);
    let failed = ended(CheckStatus::Failed).map(|check| check.name.failed_code());
    failed.or_else(|| ended(CheckStatus::Undetermined).map(|check| check.name.open_code()))
}

/// Names the document in the messages.
fn place(candidate: Candidate, documents: &[SubmittedReport], language: Language) -> SubmissionRefusal {
    let name = candidate.document.and_then(|index| documents.get(index)).map(|document| document.name.clone());
    let mut refusal = candidate.refusal;
    if let Some(name) = &name {
        refusal.messages = text::about_document(&refusal.messages, name);
    }
    refusal.message = refusal.messages.get(language).to_owned();
    SubmissionRefusal { refusal, document: name }
}

#[cfg(test)]
mod tests {
    use super::super::CheckName;
    use super::super::document::samples::{demo_document, document};
    use super::*;

    fn parts(documents: &[&[RefusalCode]]) -> SubmissionParts {
        let submitted = |(index, reasons): (usize, &&[RefusalCode])| SubmittedReport {
            name: format!("document {index}"),
            signatory: None,
            report: document(reasons, true),
        };
        SubmissionParts {
            checks: vec![Check::passed(CheckName::Authority, "open")],
            reasons: vec![],
            documents: documents.iter().enumerate().map(submitted).collect(),
            warnings: vec![],
            at: Time::from_unix(5),
            checked_at: Time::from_unix(6),
            language: Language::En,
        }
    }

    /// Code and document of the refusal.
    fn told(parts: SubmissionParts) -> Option<(RefusalCode, Option<String>)> {
        let report = SubmissionReport::conclude(parts).unwrap();
        let refusal = report.refusal().cloned();
        let decision = refusal.as_ref().map_or(Decision::Accepted, |refusal| refusal.refusal.code.decision());
        assert_eq!(report.decision(), decision);
        assert_eq!(report.sub_indication.is_some(), refusal.is_some());
        refusal.map(|refusal| (refusal.refusal.code, refusal.document))
    }

    #[test]
    fn a_submission_of_good_documents_is_accepted_and_one_without_any_is_none() {
        assert_eq!(told(parts(&[&[], &[]])), None);
        assert!(SubmissionReport::conclude(parts(&[])).is_none());
    }

    #[test]
    fn what_a_report_is_asked_is_what_is_read_in_it() {
        let warning = Warning { code: "identity-number-odd", detail: "odd".into() };
        for demo in [false, true] {
            let mut all = SubmissionParts { warnings: vec![warning.clone()], ..parts(&[&[], &[]]) };
            all.documents[1].report = if demo { demo_document() } else { document(&[], true) };
            let report = SubmissionReport::conclude(all).unwrap();
            let json = serde_json::to_value(&report).unwrap();
            assert_eq!((report.is_demo(), json.get("demo").is_some()), (demo, demo), "{json}");
            assert_eq!(report.warnings(), std::slice::from_ref(&warning));
            assert_eq!(report.checks().len(), 1);
            assert_eq!(json["checks"][0]["name"], report.checks()[0].name.as_str());
            assert_eq!(report.documents().len(), json["documents"].as_array().unwrap().len());
            assert_eq!(report.documents()[1].name, "document 1");
        }
    }

    #[test]
    fn of_several_documents_the_first_of_the_worst_is_named() {
        use RefusalCode::{CertificateExpired, RevocationUnknown};
        let named = |code, name: &str| Some((code, Some(name.to_owned())));
        assert_eq!(told(parts(&[&[], &[RevocationUnknown]])), named(RevocationUnknown, "document 1"));
        let doubt_first: [&[RefusalCode]; 3] = [&[RevocationUnknown], &[CertificateExpired], &[CertificateExpired]];
        assert_eq!(told(parts(&doubt_first)), named(CertificateExpired, "document 1"));
        // A reason about the whole comes before the same one about a document.
        let whole = SubmissionParts { reasons: vec![(Reason::new(CertificateExpired), None)], ..parts(&doubt_first) };
        assert_eq!(told(whole), Some((CertificateExpired, None)));
    }

    #[test]
    fn a_check_that_failed_or_stayed_open_without_a_reason_is_one() {
        let told = |checks: Vec<Check>| told(SubmissionParts { checks, ..parts(&[&[]]) }).map(|(code, _)| code);
        let failed = Check::failed(CheckName::Authority, "");
        let open = Check::undetermined(CheckName::Revocation, "");
        assert_eq!(told(vec![failed.clone()]), Some(RefusalCode::AuthorityMissing));
        assert_eq!(told(vec![open.clone()]), Some(RefusalCode::RevocationUnknown), "open is not refused");
        assert_eq!(told(vec![open, failed]), Some(RefusalCode::AuthorityMissing), "a refusal comes before a doubt");
        assert_eq!(told(vec![Check::skipped(CheckName::Authority, "")]), None);
    }

    #[test]
    fn a_check_that_failed_without_a_reason_refuses_beside_a_documents_doubt() {
        let with = |checks: Vec<Check>, codes: &[RefusalCode]| told(SubmissionParts { checks, ..parts(&[codes]) });
        let failed = Check::failed(CheckName::Authority, "");
        let doubt = RefusalCode::RevocationUnknown;
        assert_eq!(with(vec![failed.clone()], &[doubt]), Some((RefusalCode::AuthorityMissing, None)));
        let first = Some((RefusalCode::CertificateExpired, Some("document 0".to_owned())));
        assert_eq!(with(vec![failed], &[RefusalCode::CertificateExpired]), first, "there is a refusal with a reason");
        let open = Check::undetermined(CheckName::Revocation, "");
        assert_eq!(with(vec![open], &[doubt]), Some((doubt, Some("document 0".to_owned()))));
    }
}
