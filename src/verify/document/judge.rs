//! From an established signature to its report.

use super::establish::{Established, Signer, Unestablished};
use super::stamps::{Stamps, check_stamped, check_timestamp, check_token};
use super::{counter, level};
use crate::clock::Time;
use crate::crypto::{
    AlgorithmNotAllowed, HashAlgorithm, KeyAlgorithm, KeyError, PublicKey, SignatureAlgorithm, hexadecimal,
};
use crate::policy::Reading;
use crate::policy::algorithms::AlgorithmUse;
use crate::revocation::Snapshot;
use crate::revocation::ocsp::Responses;
use crate::signed::{Coverage, FormatError, HeldByBareKey, Level, Signature, SignatureFault};
use crate::verdict::{
    CertificateSummary, Check, CheckName, Language, Reason, RefusalCode, Report, ReportContext, Required, Shared,
    SignatureReport, SubIndication, Verdict, Warning,
};
use crate::verify::algorithms;
use crate::verify::judge::{self, Findings, Question};
use crate::x509::GeneralName;

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
    /// As [`crate::signed::SignedDocument::timestamp_token`].
    pub token: Option<Result<Option<&'a GeneralName>, &'a str>>,
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
            let verdict = judge_signer(signature, signer, (established, &stamps), at, question);
            let verified = level::verified(signature, signer, established, &stamps, at, question);
            (verdict, Some(signer.examined.summary().clone()), Some(verified.as_str()))
        }
        Err(Unestablished::Fault(fault, candidate)) => {
            let named = candidate.as_ref().map(|examined| examined.summary().clone());
            (judge_fault(signature, fault, question), named, None)
        }
        Err(Unestablished::BareKey(held)) => {
            (judge_bare_key(signature, held, (established, &stamps), question), None, None)
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
        other_timestamps: stamps.all.into_iter().map(|one| one.report).collect(),
        covers: signature.covers.to_string(),
        content_digest: signature.content_digest.map(|digest| hexadecimal(digest.as_bytes())),
        level: signature.level.as_str(),
        verified_level: verified,
        counter_signatures: established.counter_signatures.iter().map(|one| one.report.clone()).collect(),
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

fn judge_signer(
    signature: &Signature,
    signer: &Signer,
    (established, stamps): (&Established, &Stamps),
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
        check_token(question, Some(&signer.examined), &mut findings);
        check_stamped(stamps, established.stamps_left_out, &mut findings);
        counter::check(&established.counter_signatures, question.demands, &mut findings);
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
    check_token(question, Some(&signer.examined), &mut findings);
    check_timestamp(stamps, established.stamps_left_out, question, &mut findings);
    counter::check(&established.counter_signatures, question.demands, &mut findings);
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
    let Some(key) = key else {
        return findings.add(
            Check::failed(CheckName::Algorithm, "the key under the signature is not known"),
            Some(Reason::new(RefusalCode::AlgorithmNotAllowed)),
        );
    };
    let of_key = table.key(key, AlgorithmUse::Signature, at);
    match of_key.and_then(|()| algorithms::of_signature(table, algorithm, Some(digest), at)) {
        Ok(()) => findings.add(Check::passed(CheckName::Algorithm, "every algorithm is one of those accepted"), None),
        Err(refusal) => algorithms::refuse(findings, format!("the signature: {refusal}"), &refusal),
    }
}

/// The signature holds under a key that nobody vouches for: enough for a question about cryptography, and nothing for one
/// about trust, where no signer is found this way.
fn judge_bare_key(
    signature: &Signature,
    held: &HeldByBareKey,
    (established, stamps): (&Established, &Stamps),
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
    check_stamped(stamps, established.stamps_left_out, &mut findings);
    counter::check(&established.counter_signatures, question.demands, &mut findings);
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

/// The signature does not hold, or cannot be verified: nothing is asked about a certificate that did not make it.
fn judge_fault(signature: &Signature, fault: &SignatureFault, question: &SignatureQuestion<'_>) -> Verdict {
    let read = Check::passed(CheckName::Format, "a signed document, read without fault");
    let (check, reason) = fault_of(fault, fault.to_string());
    let mut findings = Findings { checks: vec![read, check], reasons: vec![reason], ..Findings::default() };
    check_coverage(signature, &mut findings);
    Verdict::conclude(required(question), findings.checks, findings.reasons)
}

/// The check that a fault fails, in these words, and why that refuses.
pub(super) fn fault_of(fault: &SignatureFault, detail: String) -> (Check, Reason) {
    match fault {
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
    }
}

/// 500/НҚ p. 15: without the signer's certificate checking is impossible, which proves nothing.
fn no_certificate(question: &SignatureQuestion<'_>) -> Verdict {
    let read = Check::passed(CheckName::Format, "a signed document, read without fault");
    let detail = "the signer's certificate is neither in the document nor configured";
    let checks = vec![read, Check::undetermined(CheckName::Signature, detail)];
    let reasons = vec![Reason::new(RefusalCode::IssuerUnknown)];
    let mut findings = Findings { checks, reasons, ..Findings::default() };
    check_token(question, None, &mut findings);
    Verdict::conclude(required(question), findings.checks, findings.reasons)
}

fn required(question: &SignatureQuestion<'_>) -> Required {
    match question.demands {
        Demands::Cryptography => Required::SIGNATURE_ONLY,
        Demands::Trust => judge::required(&question.certificate),
    }
}
