//! All timestamps of a signature together: the moment they prove, and which of them refuse it.

use super::establish::{Established, Unestablished};
use super::judge::{Demands, SignatureQuestion};
use super::timestamp::{self, Judged};
use crate::clock::Time;
use crate::policy::Reading;
use crate::signed::TimestampKind;
use crate::tsp::{check_name, check_purpose};
use crate::verdict::{Check, CheckName, Reason, RefusalCode, TimestampReport, TimestampState, Warning};
use crate::verify::Examined;
use crate::verify::judge::Findings;

/// The timestamps of a signature, judged.
pub(super) struct Stamps {
    /// In the order of the document.
    pub(super) all: Vec<Judged>,
    /// The earliest moment that a trusted timestamp over the signature proves.
    pub(super) proved: Option<Time>,
    /// Whether a trusted timestamp covers the evidence too.
    pub(super) archived: bool,
}

impl Stamps {
    pub(super) fn judge(established: &Established, question: &SignatureQuestion<'_>) -> Self {
        let mut stamps = Self { all: Vec::new(), proved: None, archived: false };
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
            stamps.all.push(judged);
        }
        stamps
    }

    fn reports(&self) -> impl Iterator<Item = &TimestampReport> {
        self.all.iter().map(|one| &one.report)
    }

    /// One that is no timestamp, not over what it stands beside, or whose signature does not hold: bad by itself, whoever gave
    /// it and whatever stands beside it.
    fn broken(&self) -> Option<&TimestampReport> {
        self.all.iter().find(|one| one.broken).map(|one| &one.report)
    }

    pub(super) fn over_signature(&self) -> impl Iterator<Item = &TimestampReport> {
        self.reports().filter(|report| report.kind == TimestampKind::Signature.as_str())
    }

    /// Takes out the one that the moment rests on, else the first over the signature, else the first.
    pub(super) fn take_deciding(&mut self) -> Option<TimestampReport> {
        let proved = self.proved;
        let deciding = |one: &Judged| proved.is_some() && one.proved == proved;
        let first = |one: &Judged| one.report.kind == TimestampKind::Signature.as_str();
        let position = self.all.iter().position(deciding).or_else(|| self.all.iter().position(first));
        match position {
            Some(position) => Some(self.all.remove(position).report),
            None if self.all.is_empty() => None,
            None => Some(self.all.remove(0).report),
        }
    }
}

/// Every timestamp has to be over what it stands beside, whoever gave it; when that was, is not asked.
pub(super) fn check_stamped(stamps: &Stamps, left_out: usize, findings: &mut Findings) {
    let detail = "only the signature was asked about: whose it is and whether that counts, nothing here says";
    findings.warnings.push(Warning { code: "trust-not-asked", detail: detail.into() });
    if left_out > 0 {
        let detail = format!("{left_out} more timestamps were not looked at");
        findings.warnings.push(Warning { code: "timestamps-left-out", detail: detail.into() });
    }
    for open in stamps.all.iter().filter(|one| one.open) {
        let detail = format!("a timestamp cannot be judged: {}", open.report.detail);
        findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
    }
    match stamps.broken() {
        Some(failed) => findings.add(
            Check::failed(CheckName::Timestamp, failed.detail.clone()),
            Some(Reason::new(RefusalCode::TimestampInvalid)),
        ),
        None => findings.add(Check::skipped(CheckName::Timestamp, "no moment is asked for"), None),
    }
}

/// A document that is a timestamp token itself (RFC 3161 2.4.2) has to have the form of one, and an authority of timestamps
/// for its signer, where it is asked whose it is.
pub(super) fn check_token(question: &SignatureQuestion<'_>, signer: Option<&Examined>, findings: &mut Findings) {
    let fault = match (question.token, signer) {
        (None, _) => return,
        (Some(Err(why)), _) => format!("not a timestamp token: {why}"),
        (Some(Ok(authority)), Some(signer)) if question.demands == Demands::Trust => {
            let certificate = signer.certificate();
            match check_purpose(certificate).and_then(|()| check_name(authority, certificate)) {
                Ok(()) => return,
                Err(fault) => fault.to_string(),
            }
        }
        (Some(Ok(_)), _) => return,
    };
    findings.add(Check::failed(CheckName::Timestamp, fault), Some(Reason::new(RefusalCode::TimestampInvalid)));
}

/// 500/НҚ p. 14 and 17.
pub(super) fn check_timestamp(
    stamps: &Stamps,
    left_out: usize,
    question: &SignatureQuestion<'_>,
    findings: &mut Findings,
) {
    let name = CheckName::Timestamp;
    if left_out > 0 {
        let detail = format!("{left_out} timestamps more than are looked at");
        findings.warnings.push(Warning { code: "timestamps-left-out", detail: detail.into() });
    }
    let failed = || stamps.reports().filter(|report| report.status == TimestampState::Failed);
    let open = stamps.over_signature().find(|report| report.status == TimestampState::Undetermined);
    // What is bad by itself refuses in any company. An authority that could not give its timestamp refuses where nothing rests
    // on a better one.
    let refused = stamps.broken().or_else(|| failed().next().filter(|_| stamps.proved.is_none()));
    if let Some(refused) = refused {
        findings.add(Check::failed(name, refused.detail.clone()), Some(Reason::new(RefusalCode::TimestampInvalid)));
    } else if let Some(moment) = stamps.proved {
        let detail = format!("signed no later than {moment}, which is the moment of checking");
        findings.add(Check::passed(name, detail), None);
        for other in failed() {
            let detail = format!("another timestamp does not hold: {}", other.detail);
            findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
        }
    } else if let Some(open) = open {
        findings.add(Check::undetermined(name, open.detail.clone()), None);
        if question.certificate.policy.reading == Reading::Operational {
            let detail = "the timestamp cannot be judged, so the moment of checking is not the one it states";
            findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
        }
    } else {
        let detail = "the signature has no timestamp; the moment of checking is the one asked for";
        findings.add(Check::skipped(name, detail), None);
    }
    // Nothing rests on these.
    let content = stamps.reports().filter(|report| report.kind == TimestampKind::Content.as_str());
    for open in content.filter(|report| report.status == TimestampState::Undetermined) {
        let detail = format!("a timestamp over the content cannot be judged: {}", open.detail);
        findings.warnings.push(Warning { code: "timestamp-not-used", detail: detail.into() });
    }
}
