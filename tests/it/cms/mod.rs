//! CMS and timestamps through the public interface.

mod interop;

use rastau::signed::{Signature, SignatureFault, SignedDocument, VerifiedSignature};
use rastau::x509::Certificate;

/// The certificate that a signature names, out of the document or of `more`.
fn certificate_of(signature: &Signature, more: &[Certificate]) -> Option<Certificate> {
    let embedded = signature.embedded.certificates.iter().enumerate();
    embedded
        .filter_map(|(index, der)| Some((Some(index), Certificate::from_der(der).ok()?)))
        .chain(more.iter().map(|certificate| (None, certificate.clone())))
        .find(|(position, certificate)| signature.signer.names(certificate, *position))
        .map(|(_, certificate)| certificate)
}

/// Verifies a signature under the certificate that it names.
fn verify(signature: &Signature) -> Result<VerifiedSignature, SignatureFault> {
    signature.verify(&certificate_of(signature, &[]).expect("the signer's certificate"))
}

/// What each signature of a document comes to.
fn verdicts(document: &SignedDocument) -> Vec<Result<(), SignatureFault>> {
    document.signatures.iter().map(|signature| verify(signature).map(|_| ())).collect()
}

/// Whether all signatures hold.
fn all_hold(document: &SignedDocument) -> bool {
    verdicts(document).iter().all(Result::is_ok)
}
