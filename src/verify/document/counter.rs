//! Counter-signatures (RFC 5652 11.4): signatures over the value of another one, and over theirs in turn.
//!
//! Anybody may add one, so that a question of trust is not decided by them: one that does not hold is pointed out. A question
//! about the cryptography alone is about every signature there is, theirs too.

use super::establish::{Bag, Finder, PathUse, Unestablished, find_signer};
use super::judge::{Demands, fault_of};
use crate::signed::{Signature, SignatureFault};
use crate::verdict::{Check, CheckName, CounterSignatureReport, Reason, RefusalCode, Warning};
use crate::verify::judge::Findings;

/// A counter-signature whose cryptography was done.
#[derive(Debug)]
pub(super) struct Countersigned {
    pub(super) report: CounterSignatureReport,
    standing: Standing,
    label: String,
}

/// What its cryptography came to.
#[derive(Debug)]
enum Standing {
    Holds,
    /// It does not hold.
    Fault(SignatureFault),
    /// It, or the only certificate that could be meant, cannot be read.
    Unreadable,
    /// The certificate that is meant is not here.
    NoCertificate,
}

/// All counter-signatures of a signature, those over counter-signatures behind the one they are over. The reader of the
/// document has bounded how many there are, with the signatures themselves.
pub(super) fn all(signature: &Signature, bag: &Bag, finder: &dyn Finder) -> Vec<Countersigned> {
    let mut found: Vec<Countersigned> = unread(signature).collect();
    let mut left: Vec<&Signature> = signature.counter_signatures.iter().rev().collect();
    while let Some(one) = left.pop() {
        found.push(establish(one, bag, finder));
        found.extend(unread(one));
        left.extend(one.counter_signatures.iter().rev());
    }
    found
}

fn unread(signature: &Signature) -> impl Iterator<Item = Countersigned> {
    signature.unread_counter_signatures.iter().map(|why| Countersigned {
        report: CounterSignatureReport {
            holds: false,
            detail: why.clone(),
            certificate: None,
            claimed_signing_time: None,
        },
        standing: Standing::Unreadable,
        label: "a counter-signature".to_owned(),
    })
}

fn establish(signature: &Signature, bag: &Bag, finder: &dyn Finder) -> Countersigned {
    let (standing, detail, examined) = match find_signer(signature, bag, finder, PathUse::Holder, false) {
        Ok(signer) => (Standing::Holds, "holds under the certificate named here".to_owned(), Some(signer.examined)),
        Err(Unestablished::Fault(fault, examined)) => {
            let detail = fault.to_string();
            (Standing::Fault(fault), detail, examined)
        }
        Err(Unestablished::BareKey(_) | Unestablished::NoCertificate) => {
            (Standing::NoCertificate, "its certificate is not in the document".to_owned(), None)
        }
        Err(Unestablished::Unreadable(error)) => (Standing::Unreadable, error.to_string(), None),
    };
    Countersigned {
        report: CounterSignatureReport {
            holds: matches!(standing, Standing::Holds),
            detail,
            certificate: examined.map(|examined| examined.summary().clone()),
            claimed_signing_time: signature.claimed_time,
        },
        standing,
        label: signature.label.clone(),
    }
}

/// Each that does not hold is pointed out; where the cryptography alone is asked about, what is proved not to hold refuses.
pub(super) fn check(countersigned: &[Countersigned], demands: Demands, findings: &mut Findings) {
    for one in countersigned {
        let detail = format!("{}: {}", one.label, one.report.detail);
        let (check, reason) = match &one.standing {
            Standing::Holds => continue,
            Standing::Fault(fault) if demands == Demands::Cryptography => fault_of(fault, detail),
            Standing::Unreadable if demands == Demands::Cryptography => {
                (Check::failed(CheckName::Signature, detail), Reason::new(RefusalCode::SignatureInvalid))
            }
            Standing::Fault(_) | Standing::Unreadable | Standing::NoCertificate => {
                findings.warnings.push(Warning { code: "counter-signature", detail: detail.into() });
                continue;
            }
        };
        findings.add(check, Some(reason));
    }
}
