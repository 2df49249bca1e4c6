//! Timestamps (500/НҚ p. 14 and 17, RFC 3161): which moment is proved.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::establish::{ReadStamp, Signer, Stamp, Unestablished};
use super::judge::Demands;
use crate::clock::Time;
use crate::crypto::{KeyError, SignatureAlgorithm};
use crate::policy::algorithms::AlgorithmTable;
use crate::policy::{Policy, PolicyInputs, Profile, Purpose, Reading};
use crate::revocation::CLOCK_SKEW;
use crate::signed::SignatureFault;
use crate::tsp::{ImprintFault, check_name, check_purpose};
use crate::verdict::{Decision, RefusalCode, TimestampReport, TimestampState};
use crate::verify::algorithms;
use crate::verify::judge::{self, Question};

/// A timestamp that was judged.
pub(super) struct Judged {
    pub(super) report: TimestampReport,
    /// The moment that it proves; exactly when it passed.
    pub(super) proved: Option<Time>,
    /// Whether it is bad by itself, whoever gave it: what is asked where trust is not, too.
    pub(super) broken: bool,
    /// Whether not even its imprint and its signature could be judged, or not its authority where that was asked.
    pub(super) open: bool,
}

/// Why a timestamp does not count.
enum Doubt {
    /// It is bad by itself: no token, over something else, or a signature that does not hold.
    Broken(String),
    /// Its authority is proved to be none that could give it.
    Barred(String),
    /// Not enough to tell.
    Open(String),
    /// It holds by itself, and nothing more was asked.
    Unasked(String),
}

fn broken(detail: impl Into<String>) -> Doubt {
    Doubt::Broken(detail.into())
}

fn barred(detail: impl Into<String>) -> Doubt {
    Doubt::Barred(detail.into())
}

fn open(detail: impl Into<String>) -> Doubt {
    Doubt::Open(detail.into())
}

/// Why a signature of a token does not hold. An algorithm that is not relied on proves nothing bad.
fn unheld(fault: &SignatureFault) -> Doubt {
    let detail = format!("the token's signature: {fault}");
    match fault {
        SignatureFault::Algorithm(_) | SignatureFault::Key(KeyError::NotAllowed { .. }) => Doubt::Open(detail),
        _ => Doubt::Broken(detail),
    }
}

/// Judges a timestamp over a signature made with `algorithm`. Where trust is not asked it proves no moment, and still has to be
/// over the signature and to hold itself.
pub(super) fn judge(stamp: &Stamp, algorithm: SignatureAlgorithm, question: &Question<'_>, demands: Demands) -> Judged {
    let outcome = match &stamp.read {
        Ok(read) => check(read, algorithm, question, demands).map(|()| read.token.gen_time),
        Err(error) => Err(broken(format!("the token cannot be read: {error}"))),
    };
    let read = stamp.read.as_ref().ok();
    let token = read.map(|read| &read.token);
    let (is_broken, is_open) = (matches!(outcome, Err(Doubt::Broken(_))), matches!(outcome, Err(Doubt::Open(_))));
    let (status, detail, proved) = match outcome {
        Ok(time) => (TimestampState::Passed, "the authority is trusted and the imprint fits".to_owned(), Some(time)),
        Err(Doubt::Broken(detail) | Doubt::Barred(detail)) => (TimestampState::Failed, detail, None),
        Err(Doubt::Open(detail) | Doubt::Unasked(detail)) => (TimestampState::Undetermined, detail, None),
    };
    Judged {
        report: TimestampReport {
            kind: stamp.kind.as_str(),
            status,
            detail,
            gen_time: token.map(|token| token.gen_time),
            policy: token.and_then(|token| token.policy).map(|policy| policy.to_string()),
            serial_number: token.map(|token| token.serial_number.to_string()),
            digest_algorithm: token
                .and_then(|token| token.imprint.as_ref().ok())
                .map(|digest| digest.algorithm().name()),
            authority: read
                .and_then(|read| read.authority.as_ref().ok())
                .map(|signer| signer.examined.certificate().subject().to_string()),
        },
        proved,
        broken: is_broken,
        open: is_open,
    }
}

fn check(
    read: &ReadStamp,
    algorithm: SignatureAlgorithm,
    question: &Question<'_>,
    demands: Demands,
) -> Result<(), Doubt> {
    match &read.imprint {
        Ok(()) => {}
        Err(fault @ ImprintFault::Differs) => return Err(broken(fault.to_string())),
        Err(fault) => return Err(open(fault.to_string())),
    }
    let signer = match &read.authority {
        Ok(signer) => signer,
        Err(Unestablished::Fault(fault, _)) => return Err(unheld(fault)),
        Err(Unestablished::NoCertificate | Unestablished::BareKey(_)) => {
            return Err(open("the certificate of the timestamp authority is neither in the token nor configured"));
        }
        Err(Unestablished::Unreadable(error)) => return Err(broken(format!("the authority's certificate: {error}"))),
    };
    if demands == Demands::Cryptography {
        let detail = "the imprint and the token's signature hold; its authority was not asked about";
        return Err(Doubt::Unasked(detail.to_owned()));
    }
    // Proved moments of the future are clocks that are wrong.
    if read.token.gen_time > question.now.plus_seconds(CLOCK_SKEW) {
        return Err(open("the timestamp is dated ahead of the clock"));
    }
    // 500/НҚ p. 17.
    let certificate = signer.examined.certificate();
    check_purpose(certificate)
        .and_then(|()| check_name(read.token.authority.as_ref(), certificate))
        .map_err(|fault| barred(fault.to_string()))?;
    if question.policy.reading == Reading::StrictLetter && signer.verified.algorithm() != algorithm {
        return Err(barred("the timestamp is signed with another algorithm than the document (p. 17(2))"));
    }
    // The token vouches for its own date, so what has ended by the moment asked about proves no earlier one.
    let table = Arc::new(question.policy.algorithms.seen_from(question.at));
    let imprint = read.token.imprint.as_ref().ok().map(crate::crypto::Digest::algorithm);
    // No longer relied on is not proved bad.
    algorithms::of_signature(&table, signer.verified.algorithm(), imprint, read.token.gen_time)
        .map_err(|refusal| open(refusal.to_string()))?;
    check_authority(signer, read.token.gen_time, table, question)
}

/// The authority's certificate, at the moment that the token states.
fn check_authority(
    signer: &Signer,
    at: Time,
    algorithms: Arc<AlgorithmTable>,
    question: &Question<'_>,
) -> Result<(), Doubt> {
    // No Kazakh rules for the key usage and the numbers of applicants, and the certificate policies and extended key usages
    // that were asked for are those of the signer.
    let policy = Policy {
        profile: Profile::Rfc5280,
        purpose: Purpose::Any,
        policies: PolicyInputs::default(),
        extended_key_usages: BTreeSet::new(),
        algorithms,
        ..question.policy.clone()
    };
    let question = Question { policy: &policy, claim: None, service: None, authority: None, at, ..*question };
    let chains = signer.chains.as_deref().map_err(|error| &**error);
    let verdict = judge::certificate(&signer.examined, chains, &question);
    let code = match (verdict.decision(), verdict.code()) {
        (Decision::Accepted, _) => return Ok(()),
        (_, code) => code.map_or("unknown", RefusalCode::as_str),
    };
    let detail = format!("the certificate of the timestamp authority: {code}");
    // An authority that is not known here is not proved bad, nor is one whose algorithms are not relied on any more.
    let unknown = matches!(verdict.code(), Some(RefusalCode::IssuerNotTrusted | RefusalCode::AlgorithmNotAllowed));
    if verdict.decision() == Decision::Refused && !unknown { Err(barred(detail)) } else { Err(open(detail)) }
}
