//! The answer: what was checked, on what evidence, the decision that follows, and the words for it.
//!
//! A [`Verdict`] is made in one place, [`Verdict::conclude`], from the checks and the reasons against acceptance; the
//! decision is never set by hand. [`Verdict::report`] turns it into the [`Report`] that the faces serialise, with the
//! message to show in three languages.

mod check;
mod code;
mod conclude;
mod document;
mod evidence;
mod language;
mod log_in;
mod reason;
mod report;
mod shared;
mod submission;
pub mod text;

pub use check::{Check, CheckName, CheckStatus, Rule};
pub use code::{Decision, Indication, RefusalCode, SubIndication};
pub use conclude::{Required, Verdict};
pub use document::{
    ContentReport, CounterSignatureReport, DocumentReport, SignatureReport, TimestampReport, TimestampState,
};
pub use evidence::{
    AnchorEvidence, CertificateRevocation, CertificateValidity, DeltaSource, Evidence, IdentityEvidence,
    KeyUsageEvidence, PathCertificate, PathEvidence, RevocationEvidence, RevocationSource, RevocationState, Revoked,
    SourceKind, ValidityEvidence, ValidityStatus, revocation_reason_name,
};
pub use language::Language;
pub use log_in::{Holder, LogInReport};
pub use reason::{Arg, Matter, Reason, Whose};
pub use report::{
    CertificateSummary, IssuerSummary, Messages, Moment, Refusal, Report, ReportContext, SubjectSummary, Warning,
};
pub use shared::Shared;
pub use submission::{SubmissionParts, SubmissionRefusal, SubmissionReport, SubmittedReport};
