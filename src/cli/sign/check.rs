//! Before and after: whether the holder may sign, and whether what was signed holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::evidence::{self, Ready};
use super::super::files::Bytes;
use super::super::output::{BAD, Clean, Output, Styled, UNSURE};
use super::super::status::{Failure, Status};
use super::super::{complain, report};
use crate::clock::Time;
use crate::policy::Purpose;
use crate::service::signing::{SigningFault, by_itself, judge_ours, our_signature};
use crate::service::{CheckRequest, DocumentRequest, MAX_INTERMEDIATES};
use crate::signed::{Detached, Signer as _};
use crate::signer::SigningIdentity;
use crate::verdict::{Report, SignatureReport, TimestampState};

/// Whether the holder's certificate is good for signing now: fully where `full`, else by what it says itself.
pub fn fitness(ready: &Ready, identity: &SigningIdentity, full: bool, now: Time) -> Result<Report, Failure> {
    if !full {
        return Ok(by_itself(identity.certificate(), now, ready.defaults.language));
    }
    let beside = identity.others().iter().take(MAX_INTERMEDIATES);
    let request = CheckRequest {
        certificate: STANDARD.encode(identity.certificate().as_der()),
        intermediates: beside.map(|certificate| STANDARD.encode(certificate.as_der())).collect(),
        purpose: Some(Purpose::Sign),
        language: Some(ready.defaults.language.as_str().to_owned()),
        ..CheckRequest::default()
    };
    let policy = ready.defaults.rules.policy(Purpose::Sign);
    let prepared = ready.service.prepare_under(request, policy, &ready.grounds);
    let prepared = prepared.map_err(|error| evidence::failure(&error.errors))?;
    Ok(match &ready.online {
        Some(online) => {
            let (prepared, grounds) = online.gather(&ready.service, prepared, ready.grounds.clone());
            ready.service.check_on(prepared, &grounds)
        }
        None => ready.service.check_on(prepared, &ready.grounds),
    })
}

/// What is expected of a new signature.
pub struct Expected<'a> {
    /// Who signed.
    pub identity: &'a SigningIdentity,
    /// The value of the new signature.
    pub value: &'a [u8],
    /// The name of the format.
    pub format: &'static str,
    /// Whether there has to be a timestamp.
    pub stamped: bool,
    /// Whether certificates are judged too, and not the cryptography alone.
    pub full: bool,
}

/// Has our own verifier read what was signed.
///
/// # Errors
///
/// The status of a command that wrote nothing; why was said.
pub fn result(
    ready: &Ready,
    document: &Bytes,
    content: Detached<'_>,
    expected: &Expected<'_>,
) -> Result<SignatureReport, Result<Status, Failure>> {
    let request = DocumentRequest {
        format: Some(expected.format.to_owned()),
        language: Some(ready.defaults.language.as_str().to_owned()),
        ..DocumentRequest::default()
    };
    let policy = ready.defaults.rules.policy(Purpose::Sign);
    let prepared = ready.service.prepare_document_under(&request, policy);
    let prepared = prepared.map_err(|error| Err(evidence::failure(&error.errors)))?;
    let prepared = if expected.full { prepared } else { prepared.signature_only() };
    let opened = ready.service.open_document(&prepared, &ready.grounds, document.as_document(), content);
    let opened = opened.map_err(|error| Err(alarm(&format!("it cannot be read: {error}"))))?;
    let place = opened.place_of(expected.value);
    let report = match ready.online.as_ref().filter(|_| expected.full) {
        Some(online) => {
            let grounds = ready.grounds.clone();
            let (opened, grounds) = online.gather_for_document(&ready.service, &prepared, opened, grounds);
            ready.service.judge_document(&prepared, &grounds, opened)
        }
        None => ready.service.judge_document(&prepared, &ready.grounds, opened),
    };
    let ours = our_signature(&report, place, expected.identity.certificate());
    let ours = ours.map_err(|fault| Err(failed(&fault)))?;
    // Where nobody is trusted, timestamps are not judged: that it holds, its client has seen.
    let stamped = expected.stamped && expected.full;
    match judge_ours(ours, stamped) {
        Ok(()) => Ok(ours.clone()),
        Err(SigningFault::CertificateUnknown(report)) => Err(shown(
            &report,
            ready,
            false,
            "it cannot be said whether the new signature is good, so nothing was written",
        )),
        Err(SigningFault::Timestamp(why)) if is_open(ours) => {
            complain(format_args!("{} nothing was written: {}", Styled(UNSURE, "undetermined:"), Clean(&why)));
            complain("  remedy: give the certificates of its authority with --trust or --intermediates, and its lists");
            Err(Ok(Status::Undetermined))
        }
        Err(fault) => Err(Err(failed(&fault))),
    }
}

fn is_open(ours: &SignatureReport) -> bool {
    ours.timestamp.as_ref().is_some_and(|stamp| stamp.status == TimestampState::Undetermined)
}

fn failed(fault: &SigningFault) -> Failure {
    match fault {
        SigningFault::SelfCheck(why) => alarm(why),
        SigningFault::Timestamp(why) => Failure::new("--timestamp-url", format!("nothing was written: {why}"))
            .remedy("name another authority, or leave the timestamp out"),
        other => alarm(&other.to_string()),
    }
}

/// A signature of our own that does not hold: a defect, of this program or of the machine.
fn alarm(why: &str) -> Failure {
    Failure::new(
        "ALARM",
        format!("what was signed did not pass the check of our own verifier; nothing was written: {why}"),
    )
    .remedy("do not use this key here until this is understood; report it as a defect")
}

/// Prints why nothing is written; the status is that of the report.
pub fn shown(report: &Report, ready: &Ready, json: bool, why: &str) -> Result<Status, Failure> {
    let mut output = if json { Output::raw() } else { Output::standard() };
    if json {
        output.json_pretty(report);
    } else {
        report::print(report, ready.defaults.language, &mut output);
    }
    output.finish()?;
    complain(format_args!("{} {why}", Styled(BAD, "error:")));
    Ok(report.decision().into())
}
