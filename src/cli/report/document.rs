//! Reports on signed documents and submissions for people.

use super::super::output::{Clean, FAINT, HEADING, Output, Styled, UNSURE, field};
use super::{mark, print_basis, print_certificate, print_checks, print_head};
use crate::verdict::{
    CounterSignatureReport, DocumentReport, Language, SignatureReport, SubmissionReport, TimestampReport,
    TimestampState,
};

/// Prints the answer about a document, the message in `language`.
pub fn print_document(report: &DocumentReport, language: Language, output: &mut Output) {
    print_head(report.decision(), report.refusal(), language, output);
    print_basis(report.report().is_demo(), report.report().at(), output);
    let format = report.format().unwrap_or("no format that is known");
    let count = report.signatures().len();
    let plural = if count == 1 { "signature" } else { "signatures" };
    output.line(format_args!("  {}", Styled(FAINT, format_args!("{format}, {count} {plural}"))));
    for content in report.contents() {
        let name = content.name.as_deref().unwrap_or("content");
        let length = content.length.map_or_else(|| "not kept".to_owned(), |length| format!("{length} bytes"));
        output.line(format_args!("  {} {length}", Styled(FAINT, Clean(name))));
    }
    if report.signatures().is_empty() {
        output.line("");
        print_checks(report.report().checks(), output);
    }
    for signature in report.signatures() {
        print_signature(signature, count > 1, language, output);
    }
    let own = report.signatures().iter().flat_map(|signature| signature.report.warnings());
    let own: Vec<_> = own.collect();
    for warning in report.report().warnings().iter().filter(|warning| !own.contains(warning)) {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(&warning.detail)));
    }
}

fn print_signature(signature: &SignatureReport, is_one_of_many: bool, language: Language, output: &mut Output) {
    let report = &signature.report;
    output.line("");
    output.line(Styled(HEADING, format_args!("Signature: {}", Clean(&signature.label))));
    if is_one_of_many {
        print_head(report.decision(), report.refusal(), language, output);
    }
    field(output, "covers", &signature.covers);
    field(output, "algorithms", &format!("{} over {}", signature.signature_algorithm, signature.digest_algorithm));
    if let Some(digest) = &signature.content_digest {
        field(output, "digest", digest);
    }
    let proved = signature.verified_level.map_or_else(|| "not proved".to_owned(), |level| format!("proved {level}"));
    field(output, "level", &format!("{}, {proved}", signature.level));
    if let Some(time) = signature.claimed_signing_time {
        field(output, "claimed time", &format!("{time}, which proves nothing"));
    }
    for stamp in signature.timestamp.iter().chain(&signature.other_timestamps) {
        print_timestamp(stamp, output);
    }
    for counter in &signature.counter_signatures {
        print_counter_signature(counter, output);
    }
    print_checks(report.checks(), output);
    if let Some(certificate) = report.certificate() {
        print_certificate(certificate, output);
    }
    for warning in report.warnings() {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(&warning.detail)));
    }
}

fn print_timestamp(stamp: &TimestampReport, output: &mut Output) {
    let state = match stamp.status {
        TimestampState::Failed => "does not hold",
        TimestampState::Passed => "holds",
        TimestampState::Undetermined => "cannot be judged",
    };
    let time = stamp.gen_time.map_or_else(|| "no moment".to_owned(), |time| time.to_string());
    field(output, "timestamp", &format!("{time} over the {}, {state}: {}", stamp.kind, stamp.detail));
    if let Some(authority) = &stamp.authority {
        field(output, "", &format!("by {authority}"));
    }
}

fn print_counter_signature(counter: &CounterSignatureReport, output: &mut Output) {
    let whose = counter.certificate.as_ref().map_or("", |certificate| certificate.subject.dn.as_str());
    field(output, "countersigned", &format!("{whose} {}", counter.detail));
}

/// Prints the answer about a submission, the message in `language`.
pub fn print_submission(report: &SubmissionReport, language: Language, output: &mut Output) {
    print_head(report.decision(), report.refusal().map(|refusal| &refusal.refusal), language, output);
    print_basis(report.is_demo(), report.at(), output);
    output.line("");
    print_checks(report.checks(), output);
    for document in report.documents() {
        let (style, mark) = mark(document.report.decision());
        output.line("");
        let name = Styled(HEADING, Clean(&document.name));
        let decision = document.report.decision().as_str();
        let code = document.report.refusal().map_or("", |refusal| refusal.code.as_str());
        output.line(format_args!("{} {name} {decision} {}", Styled(style, mark), Styled(FAINT, code)));
        if let Some(signatory) = &document.signatory {
            print_checks(std::slice::from_ref(signatory), output);
        }
        for signature in document.report.signatures() {
            let whose = signature.report.certificate().map_or("", |certificate| certificate.subject.dn.as_str());
            field(output, &signature.label, &format!("{} {whose}", signature.report.decision().as_str()));
        }
    }
    for warning in report.warnings() {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(&warning.detail)));
    }
}
