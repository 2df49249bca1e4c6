//! Whose number the request names, and whether the certificate carries it.

use super::examined::Examined;
use crate::iin::{Bin, Iin, NumberWarning};
use crate::policy::OddNumbers;
use crate::subject::Subject;
use crate::verdict::{Check, CheckName, IdentityEvidence, Reason, Warning};

/// The numbers a request names; at least one, by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A person.
    Iin(Iin),
    /// An organisation.
    Bin(Bin),
    /// A person of an organisation: both have to be the certificate's.
    Both(Iin, Bin),
}

impl Claim {
    /// The person's number.
    #[must_use]
    pub fn iin(self) -> Option<Iin> {
        match self {
            Self::Iin(iin) | Self::Both(iin, _) => Some(iin),
            Self::Bin(_) => None,
        }
    }

    /// The organisation's number.
    #[must_use]
    pub fn bin(self) -> Option<Bin> {
        match self {
            Self::Bin(bin) | Self::Both(_, bin) => Some(bin),
            Self::Iin(_) => None,
        }
    }

    /// Oddities of the numbers named, as they are reported.
    fn oddities(self) -> Vec<&'static str> {
        let of_iin = self.iin().into_iter().flat_map(|iin| iin.warnings());
        let of_bin = self.bin().into_iter().flat_map(|bin| bin.warnings());
        of_iin.chain(of_bin).map(NumberWarning::as_str).collect()
    }
}

/// What one comparison of numbers came to.
enum Match {
    Equal,
    Missing(&'static str),
    Different(&'static str),
}

fn compare<T: PartialEq>(asked: Option<T>, found: Option<T>, number: &'static str) -> Match {
    match (asked, found) {
        (None, _) => Match::Equal,
        (Some(asked), Some(found)) if asked == found => Match::Equal,
        (Some(_), Some(_)) => Match::Different(number),
        (Some(_), None) => Match::Missing(number),
    }
}

/// The identity check: rules of the portal, condition 3 (c).
pub(super) fn check(
    examined: &Examined,
    claim: Option<Claim>,
    odd_numbers: OddNumbers,
) -> (Check, Option<Reason>, Vec<Warning>) {
    let name = CheckName::IdentityMatch;
    let subject = examined.subject();
    let Some(claim) = claim else {
        return (Check::skipped(name, "the request names no IIN or BIN"), None, Vec::new());
    };
    let evidence = IdentityEvidence {
        asked: named(claim.iin().is_some(), claim.bin().is_some()),
        found: named(subject.iin().is_some(), subject.bin().is_some()),
        warnings: claim.oddities(),
    };
    let warnings = evidence
        .warnings
        .iter()
        .map(|code| Warning {
            code: "identity-number-odd",
            detail: format!("the number asked for is unusual: {code}").into(),
        })
        .collect();
    let outcomes =
        [compare(claim.iin(), subject.iin(), "number-iin"), compare(claim.bin(), subject.bin(), "number-bin")];
    let missing = outcomes.iter().find_map(|outcome| match outcome {
        Match::Missing(number) => Some(*number),
        _ => None,
    });
    let different = outcomes.iter().find_map(|outcome| match outcome {
        Match::Different(number) => Some(*number),
        _ => None,
    });
    let odd = odd_numbers == OddNumbers::Refuse && !evidence.warnings.is_empty();
    let (check, reason) = match (missing, different) {
        (Some(number), _) => (Check::failed(name, missing_detail(subject)), Some(Reason::identity_missing(number))),
        (None, Some(number)) => (
            Check::failed(name, "the number in the certificate is another than the one in the request"),
            Some(Reason::identity_mismatch(number)),
        ),
        (None, None) if odd => (
            Check::failed(name, "the number in the request is not a possible one, and the policy is strict about it"),
            Some(Reason::identity_mismatch(if claim.iin().is_some() { "number-iin" } else { "number-bin" })),
        ),
        (None, None) => (Check::passed(name, "the number in the request is the one in the certificate"), None),
    };
    (check.with_evidence(evidence), reason, warnings)
}

fn named(iin: bool, bin: bool) -> Vec<&'static str> {
    [(iin, "iin"), (bin, "bin")].into_iter().filter(|(present, _)| *present).map(|(_, name)| name).collect()
}

fn missing_detail(subject: &Subject) -> std::borrow::Cow<'static, str> {
    match subject.defect() {
        Some(defect) => format!("the subject of the certificate cannot be relied on: {defect}").into(),
        None => "the certificate carries no number of the kind asked for".into(),
    }
}
