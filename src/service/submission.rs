//! A whole submission: form and attachments, one decision.
//!
//! Every document is verified like any other. Beyond that three things are asked: is the service open for this way of
//! applying and for this kind of applicant, has the one who must sign ([`Signatory`]) signed every document, and was it the
//! same person each time. Other people's signatures beside that one are welcome, and have to hold too.

use std::io;

use rayon::prelude::*;

use super::submission_request::SubmissionRequest;
use super::verify_document::{OpenedDocument, PreparedDocument};
use super::{FieldError, Grounds, RequestError, Service};
use crate::clock::Time;
use crate::iin::{Iin, NumberWarning};
use crate::policy::services::Channel;
use crate::policy::signatory::{Applicant, Signatory, SignatoryProblem, Signer};
use crate::policy::{OddNumbers, Policy, Purpose};
use crate::signed::{Detached, Document};
use crate::verdict::{
    Check, CheckName, Decision, Language, Reason, SubmissionParts, SubmissionReport, SubmittedReport, Warning,
};

/// A submission whose fields are parsed; the documents come beside it.
#[derive(Clone, Debug)]
pub struct PreparedSubmission {
    service: String,
    channel: Channel,
    applicant: Applicant,
    representative: Option<Iin>,
    documents: Vec<(String, PreparedDocument)>,
    at: Option<Time>,
    language: Language,
    odd_numbers: OddNumbers,
}

/// A submission whose documents were read, with the cryptography of their signatures done.
#[derive(Debug)]
pub struct OpenedSubmission(Vec<OpenedDocument>);

impl Service {
    /// Parses a submission under the service's own policy.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming every field that cannot be used.
    pub fn prepare_submission(&self, request: &SubmissionRequest) -> Result<PreparedSubmission, RequestError> {
        self.prepare_submission_under(request, &self.policy_for(Purpose::Sign))
    }

    /// As [`Self::prepare_submission`], under another policy.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare_submission`].
    pub fn prepare_submission_under(
        &self,
        request: &SubmissionRequest,
        policy: &Policy,
    ) -> Result<PreparedSubmission, RequestError> {
        let mut errors = Vec::new();
        self.knows(&request.service, &mut errors);
        let applicant = request.read_applicant(&mut errors);
        let representative = request.read_representative(&mut errors);
        request.check_names(self.submissions.max_attachments, &mut errors);
        let mut language = None;
        let mut at = None;
        let mut documents = Vec::new();
        if request.attachments.len() <= self.submissions.max_attachments {
            for (index, (place, name, mut question)) in request.questions().into_iter().enumerate() {
                (question.at, question.language) = (request.at.clone(), request.language.clone());
                match self.prepare_document_under(&question, policy.clone()) {
                    Ok(prepared) => {
                        (at, language) = (prepared.at, Some(prepared.language()));
                        documents.push((name, prepared));
                    }
                    Err(error) => {
                        errors.extend(error.errors.into_iter().filter_map(|error| placed(error, &place, index)))
                    }
                }
            }
        }
        RequestError::check(errors)?;
        let Some(applicant) = applicant else {
            // Not reached: its absence has put an error on the list.
            let error = FieldError::new("applicant", "missing", "no applicant", "send iin or bin");
            return Err(RequestError { errors: vec![error], malformed: false });
        };
        Ok(PreparedSubmission {
            service: request.service.clone(),
            channel: request.channel,
            applicant,
            representative,
            documents,
            at,
            language: language.unwrap_or(self.default_language),
            odd_numbers: policy.odd_numbers,
        })
    }

    /// Verifies a submission: `documents` are the form, then the attachments in their order, each with its content where it
    /// is detached. Blocking and costly: not for the async threads.
    ///
    /// # Errors
    ///
    /// When a document cannot be read from where it is.
    pub fn verify_submission(
        &self,
        prepared: &PreparedSubmission,
        grounds: &Grounds,
        documents: &[(Document<'_>, Detached<'_>)],
    ) -> io::Result<SubmissionReport> {
        let opened = self.open_submission(prepared, grounds, documents)?;
        self.judge_submission(prepared, grounds, opened)
    }

    /// The first step of [`Self::verify_submission`]: reading and cryptography.
    ///
    /// # Errors
    ///
    /// As [`Self::verify_submission`]; also when `documents` are not as many as were announced.
    pub fn open_submission(
        &self,
        prepared: &PreparedSubmission,
        grounds: &Grounds,
        documents: &[(Document<'_>, Detached<'_>)],
    ) -> io::Result<OpenedSubmission> {
        if documents.len() != prepared.documents.len() {
            return Err(io::Error::other("not as many documents as the submission has"));
        }
        let pairs = prepared.documents.par_iter().zip(documents).with_max_len(1);
        let opened = pairs
            .map(|((_, question), (document, content))| self.open_document(question, grounds, *document, *content));
        Ok(OpenedSubmission(opened.collect::<io::Result<_>>()?))
    }

    /// Asks responders about the signers of every document.
    pub async fn ask_about_submission(
        &self,
        prepared: &PreparedSubmission,
        opened: OpenedSubmission,
        grounds: &Grounds,
    ) -> OpenedSubmission {
        let pairs = prepared.documents.iter().zip(opened.0);
        let asked = pairs.map(|((_, question), opened)| self.ask_about_document(question, opened, grounds));
        OpenedSubmission(futures_util::future::join_all(asked).await)
    }

    /// The last step of [`Self::verify_submission`]: judging.
    ///
    /// # Errors
    ///
    /// When there is nothing to judge, which preparing excludes.
    pub fn judge_submission(
        &self,
        prepared: &PreparedSubmission,
        grounds: &Grounds,
        opened: OpenedSubmission,
    ) -> io::Result<SubmissionReport> {
        let mut findings = Findings::default();
        self.check_service(prepared, &mut findings);
        check_numbers(prepared, &mut findings);
        let offices = &self.submissions.offices;
        let signatory = Signatory::of(prepared.channel, prepared.applicant, prepared.representative, offices);
        let mut documents = Vec::with_capacity(opened.0.len());
        let mut same = self.submissions.same_signer.then(SameSigner::default);
        for (index, ((name, question), opened)) in prepared.documents.iter().zip(opened.0).enumerate() {
            let checked = check_signatory(&signatory, &opened);
            if let (Some(same), Some(Ok(signers))) = (&mut same, &checked) {
                same.note(index, signers);
            }
            let signatory = checked.map(|checked| findings.note_signatory(index, checked.map(|_| ())));
            let report = self.judge_document(question, grounds, opened);
            if signatory.is_none() && report.decision() == Decision::Accepted {
                // Does not happen: what is accepted has a signer. Nobody passes without having been looked at.
                let term = prepared.applicant.kind().number_term();
                findings.reasons.push((Reason::identity_missing(term), Some(index)));
            }
            documents.push(SubmittedReport { name: name.clone(), signatory, report });
        }
        if let Some(SameSigner { broken_at: Some(index), .. }) = same {
            findings.reasons.push((Reason::different_signers(), Some(index)));
            let detail = "different people signed the documents";
            findings.checks.push(Check::failed(CheckName::IdentityMatch, detail));
        }
        let now = self.clock.now();
        let report = SubmissionReport::conclude(SubmissionParts {
            checks: findings.checks,
            reasons: findings.reasons,
            documents,
            warnings: findings.warnings,
            at: prepared.at.unwrap_or(now),
            checked_at: now,
            language: prepared.language,
        });
        report.ok_or_else(|| io::Error::other("a submission without a document"))
    }

    /// Whether the service is open for this way of applying, and for this kind of applicant.
    fn check_service(&self, prepared: &PreparedSubmission, findings: &mut Findings) {
        let name = CheckName::Authority;
        let Some(service) = self.services.get(&prepared.service) else {
            // Not reached: preparing asks for a service of the table.
            findings.checks.push(Check::failed(name, "there is no such service"));
            return;
        };
        let mut problems = Vec::new();
        if !service.channels().contains(&prepared.channel) {
            problems.push(format!("the service is not open for the channel {}", prepared.channel.as_str()));
            let reason = Reason::channel_closed(service.names().clone(), prepared.channel.term());
            findings.reasons.push((reason, None));
        }
        let applicants = service.applicants(None);
        if !applicants.allows(prepared.applicant.kind()) {
            problems.push("the service is not open to this kind of applicant".to_owned());
            findings.reasons.push((Reason::wrong_applicant(service.names().clone(), applicants.term()), None));
        }
        findings.checks.push(if problems.is_empty() {
            Check::passed(name, "the service is open for this channel and this kind of applicant")
        } else {
            Check::failed(name, problems.join("; "))
        });
    }
}

/// A complaint about a document's question at its place in the request. What all documents share is told once.
fn placed(error: FieldError, place: &str, index: usize) -> Option<FieldError> {
    match error.field.as_str() {
        "at" | "language" => (index == 0).then_some(error),
        field => Some(FieldError { field: format!("{place}.{field}"), ..error }),
    }
}

#[derive(Default)]
struct Findings {
    checks: Vec<Check>,
    reasons: Vec<(Reason, Option<usize>)>,
    warnings: Vec<Warning>,
}

impl Findings {
    fn note_signatory(&mut self, document: usize, outcome: Result<(), SignatoryProblem>) -> Check {
        match outcome {
            Ok(()) => Check::passed(CheckName::IdentityMatch, "signed by who must have signed"),
            Err(problem) => {
                self.reasons.push((problem.reason(), Some(document)));
                let name = match problem {
                    SignatoryProblem::NoOffice(_) | SignatoryProblem::WrongRole(_) => CheckName::Authority,
                    _ => CheckName::IdentityMatch,
                };
                Check::failed(name, problem.to_string())
            }
        }
    }
}

/// Oddities of the numbers named: warnings, or a refusal where the policy is strict about them.
fn check_numbers(prepared: &PreparedSubmission, findings: &mut Findings) {
    let mut odd: Vec<NumberWarning> = match prepared.applicant {
        Applicant::Organisation(bin) => bin.warnings().collect(),
        Applicant::Person(iin) => iin.warnings().collect(),
    };
    odd.extend(prepared.representative.iter().flat_map(|iin| iin.warnings()));
    if odd.is_empty() {
        return;
    }
    if prepared.odd_numbers == OddNumbers::Refuse {
        let term = prepared.applicant.kind().number_term();
        findings.reasons.push((Reason::identity_mismatch(term), None));
        let detail = "a number in the request is not a possible one, and the policy is strict about it";
        findings.checks.push(Check::failed(CheckName::IdentityMatch, detail));
    }
    findings.warnings.extend(odd.into_iter().map(Warning::from));
}

/// The signers of a document that are who must have signed; `None` where it is not known who signed anything.
fn check_signatory(
    signatory: &Signatory<'_>,
    opened: &OpenedDocument,
) -> Option<Result<Vec<Signer>, SignatoryProblem>> {
    let mut problem = None;
    let mut found = Vec::new();
    for subject in opened.subjects().flatten() {
        match signatory.check(subject) {
            Ok(()) => found.extend(Signer::of(subject)),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    if found.is_empty() { problem.map(Err) } else { Some(Ok(found)) }
}

/// Whether somebody signed every document.
#[derive(Default)]
struct SameSigner {
    left: Option<Vec<Signer>>,
    broken_at: Option<usize>,
}

impl SameSigner {
    fn note(&mut self, document: usize, signers: &[Signer]) {
        let left = match self.left.take() {
            None => signers.to_vec(),
            Some(left) => left.into_iter().filter(|one| signers.contains(one)).collect(),
        };
        if left.is_empty() && self.broken_at.is_none() {
            self.broken_at = Some(document);
        }
        self.left = Some(left);
    }
}
