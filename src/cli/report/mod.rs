//! A report for people: the decision, every check with its evidence, the certificate, what to do.

mod document;

use std::fmt;

use super::output::{BAD, Clean, FAINT, GOOD, HEADING, Output, Styled, UNSURE};
use super::status::Status;
use crate::clock::Time;
use crate::verdict::{
    CertificateRevocation, CertificateSummary, Check, CheckStatus, Decision, Evidence, Language, PathEvidence, Refusal,
    Report, RevocationSource, RevocationState, SourceKind, ValidityEvidence,
};

pub use self::document::{print_document, print_submission};

impl From<Decision> for Status {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Accepted => Self::Good,
            Decision::Refused => Self::Refused,
            Decision::Undetermined => Self::Undetermined,
        }
    }
}

/// Prints `report`, the message in `language`.
pub fn print(report: &Report, language: Language, output: &mut Output) {
    print_head(report.decision(), report.refusal(), language, output);
    print_basis(report.is_demo(), report.at(), output);
    output.line("");
    print_checks(report.checks(), output);
    if let Some(certificate) = report.certificate() {
        output.line("");
        print_certificate(certificate, output);
    }
    for warning in report.warnings() {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(&warning.detail)));
    }
}

/// How a decision looks.
const fn mark(decision: Decision) -> (anstyle::Style, char) {
    match decision {
        Decision::Accepted => (GOOD, '✓'),
        Decision::Refused => (BAD, '✗'),
        Decision::Undetermined => (UNSURE, '?'),
    }
}

/// The decision, and why.
fn print_head(decision: Decision, refusal: Option<&Refusal>, language: Language, output: &mut Output) {
    let (style, mark) = mark(decision);
    let decision = decision.as_str().to_uppercase();
    let Some(refusal) = refusal else {
        return output.line(Styled(style, format_args!("{mark} {decision}")));
    };
    let code = Styled(FAINT, refusal.code.as_str());
    output.line(format_args!("{} {code}", Styled(style, format_args!("{mark} {decision}"))));
    for line in refusal.messages.get(language).lines() {
        output.line(format_args!("  {}", Clean(line)));
    }
}

/// What a decision rests on.
fn print_basis(is_demo: bool, at: Time, output: &mut Output) {
    if is_demo {
        output.line(Styled(UNSURE, "  This rests on the demo authority, whose keys are public: it proves nothing."));
    }
    output.line(format_args!("  {} {at}", Styled(FAINT, "as of")));
}

fn print_checks(checks: &[Check], output: &mut Output) {
    output.line(Styled(HEADING, "Checks"));
    for check in checks {
        let (style, mark) = match check.status {
            CheckStatus::Passed => (GOOD, '✓'),
            CheckStatus::Failed => (BAD, '✗'),
            CheckStatus::Undetermined => (UNSURE, '?'),
            CheckStatus::Skipped => (FAINT, '–'),
        };
        let rule = if check.status == CheckStatus::Skipped { "" } else { check.rule.as_str() };
        output.line(format_args!(
            "  {} {:<16} {}  {}",
            Styled(style, mark),
            check.name.as_str(),
            Clean(&check.detail),
            Styled(FAINT, rule)
        ));
        if let Some(evidence) = &check.evidence {
            print_evidence(evidence, output);
        }
    }
}

fn print_evidence(evidence: &Evidence, output: &mut Output) {
    match evidence {
        Evidence::Path(path) => print_path(path, output),
        Evidence::Revocation(revocation) => {
            revocation.certificates().iter().for_each(|certificate| print_revocation(certificate, output));
        }
        Evidence::Validity(validity) => print_validity(validity, output),
        Evidence::KeyUsage(usage) => {
            let bits = usage.key_usage.join(", ");
            note(
                output,
                format_args!("for {}: {}", usage.purpose, if bits.is_empty() { "no key usage" } else { &bits }),
            );
            if !usage.asked.is_empty() {
                let (asked, extended) = (usage.asked.join(", "), usage.extended_key_usage.join(", "));
                let extended = if extended.is_empty() { "none, which is for any use" } else { &extended };
                note(output, format_args!("asked for extended key usage {asked}; the certificate has {extended}"));
            }
        }
        Evidence::Identity(identity) => {
            let found = identity.found.join(", ");
            note(
                output,
                format_args!(
                    "asked for {}; the certificate has {}",
                    identity.asked.join(", "),
                    if found.is_empty() { "no identity number" } else { &found }
                ),
            );
        }
    }
}

fn print_path(path: &PathEvidence, output: &mut Output) {
    for certificate in &path.certificates {
        note(output, Clean(&certificate.subject));
    }
    let demo = if path.anchor.demo { " (demo)" } else { "" };
    note(output, format_args!("anchor{demo}: {}", Clean(&path.anchor.subject)));
    if !path.policies.is_empty() {
        note(output, format_args!("certificate policies: {}", path.policies.join(", ")));
    }
}

fn print_validity(validity: &ValidityEvidence, output: &mut Output) {
    for certificate in &validity.certificates {
        let (from, to) = (certificate.not_before, certificate.not_after);
        note(output, format_args!("{from} to {to}  {}", Clean(&certificate.subject)));
    }
}

fn print_revocation(certificate: &CertificateRevocation, output: &mut Output) {
    let state = match (certificate.status, &certificate.revoked) {
        (RevocationState::Good, _) => "not revoked".to_owned(),
        (RevocationState::Unknown, _) => "not known".to_owned(),
        (RevocationState::Revoked, None) => "revoked".to_owned(),
        (RevocationState::Revoked, Some(revoked)) => {
            format!("revoked {} ({})", revoked.date, revoked.reason.unwrap_or("no reason given"))
        }
    };
    note(output, format_args!("{state}: {}", Clean(&certificate.subject)));
    if let Some(source) = &certificate.source {
        print_source(source, output);
    }
}

fn print_source(source: &RevocationSource, output: &mut Output) {
    let number = source.number.map(|number| format!(" number {number}")).unwrap_or_default();
    let entries = source.entries.map(|entries| format!(", {entries} entries")).unwrap_or_default();
    let next = source.next_update.map_or_else(|| "no next update".to_owned(), |next| format!("next {next}"));
    let stale = if source.stale { ", stale" } else { "" };
    let kind = match source.kind {
        SourceKind::Crl => "list",
        SourceKind::Ocsp => "OCSP response",
    };
    note(output, format_args!("  by {kind}{number} of {}{entries}, {next}{stale}", source.this_update));
    if let Some(delta) = &source.delta {
        let number = delta.number.map(|number| format!(" number {number}")).unwrap_or_default();
        note(output, format_args!("  and its delta{number} of {}", delta.this_update));
    }
    note(output, format_args!("  from {}", Clean(&source.source)));
}

fn note(output: &mut Output, text: impl fmt::Display) {
    output.line(format_args!("      {}", Styled(FAINT, text)));
}

fn print_certificate(certificate: &CertificateSummary, output: &mut Output) {
    output.line(Styled(HEADING, "Certificate"));
    let subject = &certificate.subject;
    let lines = [
        ("subject", Some(subject.dn.as_str())),
        ("IIN", subject.iin.as_deref()),
        ("BIN", subject.bin.as_deref()),
        ("issuer", Some(certificate.issuer.dn.as_str())),
        ("serial number", Some(certificate.serial_number.as_str())),
        ("key", Some(certificate.key_algorithm.as_str())),
        ("SHA-256", Some(certificate.sha256.as_str())),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            super::output::field(output, name, value);
        }
    }
    super::output::field(output, "valid", &format!("{} to {}", certificate.not_before, certificate.not_after));
    for (name, values) in [("key usage", &certificate.key_usage), ("roles", &certificate.roles)] {
        if !values.is_empty() {
            super::output::field(output, name, &values.join(", "));
        }
    }
}
