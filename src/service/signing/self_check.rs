//! After signing: our own verifier reads the result as it would anybody's, before it leaves.

use std::sync::Arc;

use super::fault::SigningFault;
use super::fitness::strict;
use super::original::{Made, Original, as_content};
use super::request::{SignFormat, Terms};
use crate::crypto::hexadecimal;
use crate::service::{DocumentRequest, Service};
use crate::signed::{Coverage, Detached};
use crate::verdict::{Decision, DocumentReport, Language, SignatureReport, TimestampState};
use crate::x509::Certificate;

/// What is expected of the result.
pub(super) struct Expected {
    /// Who signed.
    pub certificate: Certificate,
    /// The value of the new signature.
    pub value: Vec<u8>,
    /// Whether a timestamp has to stand.
    pub stamped: bool,
    /// The language of a report that goes out.
    pub language: Language,
    /// Whether the content of the signature is the original, or (for a signature that was added) something else that was
    /// brought along.
    pub content: Option<Arc<dyn Original>>,
}

/// Verifies what was made; what comes back is the report of the new signature.
///
/// # Errors
///
/// [`SigningFault::SelfCheck`] when it does not hold, which is an alarm; [`SigningFault::CertificateUnknown`] and
/// [`SigningFault::Timestamp`] when the evidence does not suffice any more.
pub(super) async fn self_check(
    service: &Arc<Service>,
    made: Arc<Made>,
    terms: &Terms,
    expected: Expected,
) -> Result<SignatureReport, SigningFault> {
    let request = DocumentRequest {
        format: Some(document_format(terms.format).to_owned()),
        language: Some(expected.language.as_str().to_owned()),
        ..DocumentRequest::default()
    };
    let prepared = service.prepare_document_under(&request, strict(service)).map_err(|_| SigningFault::Internal)?;
    let opening = Arc::clone(service);
    let content = expected.content.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let detached = content.as_ref().map_or(Detached::Absent, |content| as_content(content.document()));
        let opened = opening.open_document(&prepared, opening.grounds(), made.document(), detached);
        opened.map(|opened| (prepared, opened))
    });
    let opened = opened.await.map_err(|_panicked| SigningFault::Internal)?;
    let (prepared, mut opened) = opened.map_err(|error| {
        tracing::error!(%error, "what was signed a moment ago cannot be read");
        SigningFault::Internal
    })?;
    if service.asks_responders() {
        opened = service.ask_about_document(&prepared, opened, service.grounds()).await;
    }
    let place = opened.place_of(&expected.value);
    let judging = Arc::clone(service);
    let judge = move || judging.judge_document(&prepared, judging.grounds(), opened);
    let report = tokio::task::spawn_blocking(judge).await.map_err(|_panicked| SigningFault::Internal)?;
    let ours = our_signature(&report, place, &expected.certificate)?;
    judge_ours(ours, expected.stamped)?;
    Ok(ours.clone())
}

/// The report of the new signature in a document that was verified: at the place where its value is
/// ([`OpenedDocument::place_of`](crate::service::OpenedDocument::place_of)), made with the certificate that it should be.
///
/// # Errors
///
/// [`SigningFault::SelfCheck`] when it is not there, or another's.
pub fn our_signature<'r>(
    report: &'r DocumentReport,
    place: Option<usize>,
    certificate: &Certificate,
) -> Result<&'r SignatureReport, SigningFault> {
    let ours = place.and_then(|place| report.signatures().get(place));
    let ours = ours.ok_or_else(|| SigningFault::SelfCheck("the new signature is not in the document".to_owned()))?;
    let sha256 = hexadecimal(certificate.sha256());
    if ours.report.certificate().is_none_or(|summary| sha256 != summary.sha256) {
        return Err(SigningFault::SelfCheck("the new signature is of another certificate".to_owned()));
    }
    Ok(ours)
}

/// Whether a new signature is what it should be: good, over the whole document, its timestamp too where there has to be one.
///
/// # Errors
///
/// [`SigningFault::SelfCheck`], [`SigningFault::Timestamp`]; [`SigningFault::CertificateUnknown`] when the evidence does not
/// suffice.
pub fn judge_ours(ours: &SignatureReport, stamped: bool) -> Result<(), SigningFault> {
    let stamp = ours.timestamp.as_ref();
    if stamped && stamp.is_none_or(|stamp| stamp.status != TimestampState::Passed) {
        let why = stamp.map_or("it is not in the document", |stamp| stamp.detail.as_str());
        return Err(SigningFault::Timestamp(format!("the timestamp proves nothing: {why}")));
    }
    // Of an envelope the Body is signed, of anything else all.
    let enough = [Coverage::Whole, Coverage::Enough(Coverage::BODY.to_owned())].map(|covers| covers.to_string());
    match ours.report.decision() {
        Decision::Accepted if enough.contains(&ours.covers) => Ok(()),
        Decision::Accepted => Err(SigningFault::SelfCheck(format!("it covers {} only", ours.covers))),
        Decision::Refused => {
            let code = ours.report.refusal().map_or("(none)", |refusal| refusal.code.as_str());
            Err(SigningFault::SelfCheck(format!("refused: {code}")))
        }
        Decision::Undetermined => Err(SigningFault::CertificateUnknown(Box::new(ours.report.clone()))),
    }
}

const fn document_format(format: SignFormat) -> &'static str {
    match format {
        SignFormat::Cms => "cms",
        SignFormat::Pdf => "pdf",
        SignFormat::Wsse => "wsse",
        SignFormat::Xml => "xml",
    }
}
