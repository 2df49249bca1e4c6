//! From an established signature to its report.

use super::establish::{Established, Signer, Unestablished};
use super::{level, timestamp};
use crate::clock::Time;
use crate::crypto::{
    AlgorithmNotAllowed, HashAlgorithm, KeyAlgorithm, KeyError, PublicKey, SignatureAlgorithm, hexadecimal,
};
use crate::policy::Reading;
use crate::policy::algorithms::AlgorithmUse;
use crate::revocation::Snapshot;
use crate::revocation::ocsp::Responses;
use crate::signed::{Coverage, FormatError, HeldByBareKey, Level, Signature, SignatureFault, TimestampKind};
use crate::verdict::{
    CertificateSummary, Check, CheckName, Language, Reason, RefusalCode, Report, ReportContext, Required, Shared,
    SignatureReport, SubIndication, TimestampReport, TimestampState, Verdict, Warning,
};
use crate::verify::algorithms;
use crate::verify::judge::{self, Findings, Question};

/// How much is asked of a signature.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Demands {
    /// The cryptography alone: every digest and every value. Whose key it was is left open.
    Cryptography,
    /// All of it.
    #[default]
    Trust,
}

/// What is asked about a signature, and what to answer from.
#[derive(Clone, Copy)]
pub struct SignatureQuestion<'a> {
    /// What is asked about the signer's certificate; its `at` counts where no trusted timestamp proves another moment.
    /// Lists and responses include those of the document.
    pub certificate: Question<'a>,
    /// The lists and responses of the document alone, for the level LT; `None` where it brings none.
    pub embedded: Option<(&'a Snapshot, &'a Responses)>,
    /// How much is asked.
    pub demands: Demands,
    /// Whether the anchors are the demo's.
    pub demo: bool,
    /// The language of the message.
    pub language: Language,
}

/// The report on bytes that are no signed document.
#[must_use]
pub fn unreadable(error: &FormatError, question: &SignatureQuestion<'_>) -> Report {
    let check = Check::failed(CheckName::Format, format!("the document cannot be used: {error}"));
    let reason = Reason::new(RefusalCode::DocumentMalformed);
    let verdict = Verdict::conclude(Required::only(CheckName::Format), vec![check], vec![reason]);
    verdict.on_demo(question.demo).report(context(None, question.certificate.at, question))
}

/// The report on a signature.
#[must_use]
pub fn report(signature: &Signature, established: &Established, question: &SignatureQuestion<'_>) -> SignatureReport {
    let mut stamps = Stamps::judge(established, question);
    let at = stamps.proved.unwrap_or(question.certificate.at);
    let (verdict, certificate, verified) = match &established.signer {
        Ok(signer) => {
            let verdict = judge_signer(signature, signer, &stamps, established.stamps_left_out, at, question);
            let verified = level::verified(signature, signer, established, &stamps, at, question);
            (verdict, Some(signer.examined.summary().clone()), Some(verified.as_str()))
        }
        Err(Unestablished::Fault(fault, candidate)) => {
            let named = candidate.as_ref().map(|examined| examined.summary().clone());
            (judge_fault(signature, fault, question), named, None)
        }
        Err(Unestablished::BareKey(held)) => {
            let left_out = established.stamps_left_out;
            (judge_bare_key(signature, held, (&stamps, left_out), question), None, None)
        }
        Err(Unestablished::NoCertificate) => (no_certificate(question), None, None),
        Err(Unestablished::Unreadable(error)) => (judge::malformed(error), None, None),
    };
    let warnings = signature.warnings.iter().map(|(code, detail)| Warning { code, detail: detail.clone().into() });
    let report = verdict.with_warnings(warnings).on_demo(question.demo).report(context(certificate, at, question));
    SignatureReport {
        report,
        label: signature.label.clone(),
        digest_algorithm: name_of(&signature.digest_algorithm, HashAlgorithm::name),
        signature_algorithm: name_of(&signature.signature_algorithm, SignatureAlgorithm::name),
        claimed_signing_time: signature.claimed_time,
        timestamp: stamps.take_deciding(),
        other_timestamps: stamps.reports.into_iter().map(|(_, report)| report).collect(),
        covers: signature.covers.to_string(),
        content_digest: signature.content_digest.map(|digest| hexadecimal(digest.as_bytes())),
        level: signature.level.as_str(),
        verified_level: verified,
        counter_signatures: established.counter_signatures.clone(),
    }
}

fn name_of<T: Copy>(algorithm: &Result<T, AlgorithmNotAllowed>, name: fn(T) -> &'static str) -> String {
    match algorithm {
        Ok(algorithm) => name(*algorithm).to_owned(),
        Err(refused) => refused.name.map_or_else(|| refused.oid.clone(), str::to_owned),
    }
}

fn context(
    certificate: Option<Shared<CertificateSummary>>,
    at: Time,
    question: &SignatureQuestion<'_>,
) -> ReportContext {
    ReportContext { certificate, at, checked_at: question.certificate.now, language: question.language }
}

/// The timestamps of a signature, judged.
pub(super) struct Stamps {
    /// Kind, proved moment, report: in the order of the document.
    pub(super) reports: Vec<(Option<Time>, TimestampReport)>,
    /// The earliest moment that a trusted timestamp over the signature proves.
    pub(super) proved: Option<Time>,
    /// Whether a trusted timestamp covers the evidence too.
    pub(super) archived: bool,
}

impl Stamps {
    fn judge(established: &Established, question: &SignatureQuestion<'_>) -> Self {
        let mut stamps = Self { reports: Vec::new(), proved: None, archived: false };
        let algorithm = match &established.signer {
            Ok(signer) => signer.verified.algorithm(),
            Err(Unestablished::BareKey(held)) => held.algorithm,
            Err(_) => return stamps,
        };
        for stamp in &established.stamps {
            let judged = timestamp::judge(stamp, algorithm, &question.certificate, question.demands);
            // An archive timestamp is over the signature too.
            if let (TimestampKind::Signature | TimestampKind::Archive, Some(moment)) = (stamp.kind, judged.proved) {
                stamps.proved = Some(stamps.proved.map_or(moment, |earlier| earlier.min(moment)));
                stamps.archived |= stamp.kind == TimestampKind::Archive && stamp.over_evidence;
            }
            stamps.reports.push((judged.proved, judged.report));
        }
        stamps
    }

    fn over_signature(&self) -> impl Iterator<Item = &TimestampReport> {
        self.reports.iter().map(|(_, report)| report).filter(|report| report.kind == TimestampKind::Signature.as_str())
    }

    /// Takes out the one that the moment rests on, else the first over the signature, else the first.
    fn take_deciding(&mut self) -> Option<TimestampReport> {
        let proved = self.proved;
        let deciding = |entry: &(Option<Time>, TimestampReport)| proved.is_some() && entry.0 == proved;
        let first = |entry: &(Option<Time>, TimestampReport)| entry.1.kind == TimestampKind::Signature.as_str();
        let position = self.reports.iter().position(deciding).or_else(|| self.reports.iter().position(first));
        match position {
            Some(position) => Some(self.reports.remove(position).1),
            None if self.reports.is_empty() => None,
            None => Some(self.reports.remove(0).1),
        }
    }
}

fn judge_signer(
    signature: &Signature,
    signer: &Signer,
    stamps: &Stamps,
    left_out: usize,
    at: Time,
    question: &SignatureQuestion<'_>,
) -> Verdict {
    let algorithm = signer.verified.algorithm().name();
    let digest = signer.verified.digest_algorithm().name();
    let holds =
        Check::passed(CheckName::Signature, format!("{algorithm} over {digest} holds under the signer's certificate"));
    let format = Check::passed(CheckName::Format, "a signed document, read without fault");
    if question.demands == Demands::Cryptography {
        let mut findings = Findings { checks: vec![format], ..Findings::default() };
        let key = signer.verified.certificate().public_key().ok().map(PublicKey::algorithm);
        let (algorithm, digest) = (signer.verified.algorithm(), signer.verified.digest_algorithm());
        check_algorithms((key, algorithm, digest), question, &mut findings);
        findings.add(holds, None);
        check_coverage(signature, &mut findings);
        check_stamped(stamps, left_out, &mut findings);
        return Verdict::conclude(Required::SIGNATURE_ONLY, findings.checks, findings.reasons)
            .with_warnings(findings.warnings);
    }
    let at_moment = Question { at, ..question.certificate };
    let chains = signer.chains.as_deref().map_err(|error| &**error);
    let mut findings = judge::findings(&signer.examined, chains, &at_moment);
    // The certificate's own format and signature are part of the chain's check; what failed there stays.
    findings.checks.retain(|check| {
        !matches!(check.name, CheckName::Format | CheckName::Signature)
            || check.status != crate::verdict::CheckStatus::Passed
    });
    findings.add(format, None);
    findings.add(holds, None);
    let (algorithm, digest) = (signer.verified.algorithm(), Some(signer.verified.digest_algorithm()));
    if let Err(refusal) = algorithms::of_signature(&question.certificate.policy.algorithms, algorithm, digest, at) {
        algorithms::refuse(&mut findings, format!("the signature: {refusal}"), &refusal);
    }
    check_coverage(signature, &mut findings);
    check_reference(signature, question, &mut findings);
    check_timestamp(stamps, left_out, question, &mut findings);
    let mut required = judge::required(&at_moment);
    if question.certificate.policy.reading == Reading::StrictLetter && stamps.over_signature().next().is_some() {
        required = required.and(CheckName::Timestamp);
    }
    Verdict::conclude(required, findings.checks, findings.reasons).with_warnings(findings.warnings)
}

/// The table of algorithms, where nothing else asks it: at the moment of the question, since no timestamp is believed.
fn check_algorithms(
    (key, algorithm, digest): (Option<KeyAlgorithm>, SignatureAlgorithm, HashAlgorithm),
    question: &SignatureQuestion<'_>,
    findings: &mut Findings,
) {
    let (table, at) = (&question.certificate.policy.algorithms, question.certificate.at);
    let of_key = key.map_or(Ok(()), |key| table.key(key, AlgorithmUse::Signature, at));
    match of_key.and_then(|()| algorithms::of_signature(table, algorithm, Some(digest), at)) {
        Ok(()) => findings.add(Check::passed(CheckName::Algorithm, "every algorithm is one of those accepted"), None),
        Err(refusal) => algorithms::refuse(findings, format!("the signature: {refusal}"), &refusal),
    }
}

/// Every timestamp has to be over what it stands beside, whoever gave it; when that was, is not asked.
fn check_stamped(stamps: &Stamps, left_out: usize, findings: &mut Findings) {
    let detail = "only the signature was asked about: whose it is and whether that counts, nothing here says";
    findings.warnings.push(Warning { code: "trust-not-asked", detail: detail.into() });
    if left_out > 0 {
        let detail = format!("{left_out} more timestamps were not looked at");
        findings.warnings.push(Warning { code: "timestamps-left-out", detail: detail.into() });
    }
    let failed = stamps.reports.iter().map(|(_, report)| report).find(|report| report.status == TimestampState::Failed);
    match failed {
        Some(failed) => findings.add(
            Check::failed(CheckName::Timestamp, failed.detail.clone()),
            Some(Reason::new(RefusalCode::TimestampInvalid)),
        ),
        None => findings.add(Check::skipped(CheckName::Timestamp, "no moment is asked for"), None),
    }
}

/// The signature holds under a key that nobody vouches for: enough for a question about cryptography, and nothing for one
/// about trust, where no signer is found this way.
fn judge_bare_key(
    signature: &Signature,
    held: &HeldByBareKey,
    (stamps, left_out): (&Stamps, usize),
    question: &SignatureQuestion<'_>,
) -> Verdict {
    if question.demands == Demands::Trust {
        return no_certificate(question);
    }
    let (algorithm, digest) = (held.algorithm.name(), held.digest_algorithm.name());
    let detail = format!("{algorithm} over {digest} holds under a bare {} key; whose it is, nothing says", held.key);
    let mut findings = Findings::default();
    findings.add(Check::passed(CheckName::Format, "a signed document, read without fault"), None);
    check_algorithms((Some(held.key), held.algorithm, held.digest_algorithm), question, &mut findings);
    findings.add(Check::passed(CheckName::Signature, detail), None);
    let warning = "the signature has no certificate: it was checked under the key that stands beside it";
    findings.warnings.push(Warning { code: "bare-key", detail: warning.into() });
    check_coverage(signature, &mut findings);
    check_stamped(stamps, left_out, &mut findings);
    Verdict::conclude(Required::SIGNATURE_ONLY, findings.checks, findings.reasons).with_warnings(findings.warnings)
}

/// A signature over less than the document says nothing about the rest.
fn check_coverage(signature: &Signature, findings: &mut Findings) {
    if let Coverage::Part(part) = &signature.covers {
        let reason = Reason::new(RefusalCode::SignatureInvalid).as_sub_indication(SubIndication::SigConstraintsFailure);
        let detail = format!("the signature covers only a part of the document: {part}");
        findings.add(Check::failed(CheckName::Signature, detail), Some(reason));
    }
}

/// 500/НҚ p. 8: the signature names its certificate. Required to the letter only: what NCANode signs does not.
fn check_reference(signature: &Signature, question: &SignatureQuestion<'_>, findings: &mut Findings) {
    if signature.level > Level::Bare {
        return;
    }
    let detail = "the signature does not name its signer's certificate (p. 8)";
    if question.certificate.policy.reading == Reading::StrictLetter {
        let reason = Reason::new(RefusalCode::SignatureInvalid).as_sub_indication(SubIndication::SigConstraintsFailure);
        findings.add(Check::failed(CheckName::Signature, detail), Some(reason));
    } else {
        findings.warnings.push(Warning { code: "no-signing-certificate", detail: detail.into() });
    }
}

/// 500/НҚ p. 14 and 17.
fn check_timestamp(stamps: &Stamps, left_out: usize, question: &SignatureQuestion<'_>, findings: &mut Findings) {
    let name = CheckName::Timestamp;
    if left_out > 0 {
        let detail = format!("{left_out} timestamps more than are looked at");
        findings.warnings.push(Warning { code: "timestamps-left-out", detail: detail.into() });
    }
    let of = |state| stamps.over_signature().find(move |report| report.status == state);
    if let Some(moment) = stamps.proved {
        findings
            .add(Check::passed(name, format!("signed no later than {moment}, which is the moment of checking")), None);
        if let Some(other) = of(TimestampState::Failed) {
            let detail = format!("another timestamp does not hold: {}", other.detail);
            findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
        }
    } else if let Some(failed) = of(TimestampState::Failed) {
        let check = Check::failed(name, failed.detail.clone());
        findings.add(check, Some(Reason::new(RefusalCode::TimestampInvalid)));
    } else if let Some(open) = of(TimestampState::Undetermined) {
        findings.add(Check::undetermined(name, open.detail.clone()), None);
        if question.certificate.policy.reading == Reading::Operational {
            let detail = "the timestamp cannot be judged, so the moment of checking is not the one it states";
            findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
        }
    } else {
        findings.add(
            Check::skipped(name, "the signature has no timestamp; the moment of checking is the one asked for"),
            None,
        );
    }
}

/// The signature does not hold, or cannot be verified: nothing is asked about a certificate that did not make it.
fn judge_fault(signature: &Signature, fault: &SignatureFault, question: &SignatureQuestion<'_>) -> Verdict {
    let detail = fault.to_string();
    let read = Check::passed(CheckName::Format, "a signed document, read without fault");
    let (check, reason) = match fault {
        SignatureFault::Algorithm(refused) => {
            let name = refused.name.map_or_else(|| refused.oid.clone(), str::to_owned);
            (Check::failed(CheckName::Algorithm, detail), Reason::algorithm_not_allowed(name))
        }
        SignatureFault::Key(KeyError::NotAllowed { oid, name })
        | SignatureFault::BareKey(KeyError::NotAllowed { oid, name }) => {
            let name = name.as_deref().unwrap_or(oid);
            (Check::failed(CheckName::Algorithm, detail), Reason::algorithm_not_allowed(name))
        }
        SignatureFault::Key(_) => {
            (Check::failed(CheckName::Algorithm, detail), Reason::new(RefusalCode::CertificateMalformed))
        }
        SignatureFault::Altered(_) | SignatureFault::ContentMissing => {
            let reason = Reason::new(RefusalCode::SignatureInvalid).as_sub_indication(SubIndication::HashFailure);
            (Check::failed(CheckName::Signature, detail), reason)
        }
        _ => (Check::failed(CheckName::Signature, detail), Reason::new(RefusalCode::SignatureInvalid)),
    };
    let mut findings = Findings { checks: vec![read, check], reasons: vec![reason], ..Findings::default() };
    check_coverage(signature, &mut findings);
    Verdict::conclude(required(question), findings.checks, findings.reasons)
}

/// 500/НҚ p. 15: without the signer's certificate checking is impossible, which proves nothing.
fn no_certificate(question: &SignatureQuestion<'_>) -> Verdict {
    let read = Check::passed(CheckName::Format, "a signed document, read without fault");
    let detail = "the signer's certificate is neither in the document nor configured";
    let checks = vec![read, Check::undetermined(CheckName::Signature, detail)];
    Verdict::conclude(required(question), checks, vec![Reason::new(RefusalCode::IssuerUnknown)])
}

fn required(question: &SignatureQuestion<'_>) -> Required {
    match question.demands {
        Demands::Cryptography => Required::SIGNATURE_ONLY,
        Demands::Trust => judge::required(&question.certificate),
    }
}
