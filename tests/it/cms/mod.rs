//! CMS and timestamps through the public interface.

mod accepted;
mod attacks;
mod both_ways;
mod extending;
mod forms;
mod hostile;
mod interop;
mod making;
mod openssl;
mod stamps;
mod streams;

use std::io::{self, Read};
use std::sync::OnceLock;

use rastau::cms::read;
use rastau::signed::{
    Detached, Document, FormatError, Reopen, Signature, SignatureFault, SignedDocument, VerifiedSignature,
};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;

const IIN: &str = "650615100015";

/// A holder: a key and a certificate.
#[derive(Clone)]
struct Holder {
    name: &'static str,
    key: Key,
    certificate: Vec<u8>,
}

impl Holder {
    fn signer(&self) -> Signer {
        Signer::new(&self.key, &self.certificate)
    }

    /// A message of this one signer, with the certificate.
    fn message(&self, content: &[u8]) -> Cms {
        Cms::over(content).certificate(&self.certificate).signer(self.signer())
    }

    fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.certificate).unwrap()
    }
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| Authority::root("ТЕСТ CMS root", Key::p256("cms root")))
}

fn holder(name: &'static str, key: Key) -> Holder {
    let certificate = authority().issue(CertificateBuilder::individual(IIN).key(&key));
    Holder { name, key, certificate }
}

/// One holder for each algorithm.
fn holders() -> &'static [Holder] {
    static HOLDERS: OnceLock<Vec<Holder>> = OnceLock::new();
    HOLDERS.get_or_init(|| {
        vec![
            holder("p256", Key::p256("cms p256")),
            holder("rsa", Key::rsa("cms rsa")),
            holder("gost512", Key::gost512("cms gost512")),
            holder("gost256", Key::gost256("cms gost256")),
            holder("gost2004", Key::gost2004("cms gost2004")),
            holder("p384", Key::p384("cms p384")),
            holder("ed25519", Key::ed25519("cms ed25519")),
        ]
    })
}

/// The quickest of them.
fn p256() -> &'static Holder {
    &holders()[0]
}

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
    signature.verify(&certificate_of(signature, &[]).unwrap())
}

/// What each signature of a document comes to.
fn verdicts(document: &SignedDocument) -> Vec<Result<(), SignatureFault>> {
    document.signatures.iter().map(|signature| verify(signature).map(|_| ())).collect()
}

/// Whether all signatures hold.
fn all_hold(document: &SignedDocument) -> bool {
    verdicts(document).iter().all(Result::is_ok)
}

/// Reads a message whose content, if it has any, is inside.
fn read_bytes(message: &[u8]) -> Result<SignedDocument, FormatError> {
    read(Document::Bytes(message), Detached::Absent)
}

/// Reads a message from a stream that gives `piece` octets at a time.
fn read_stream(message: &[u8], piece: usize) -> Result<SignedDocument, FormatError> {
    read(Document::Stream(&Slow { bytes: message, piece }), Detached::Absent)
}

/// Bytes that come a few at a time.
struct Slow<'a> {
    bytes: &'a [u8],
    piece: usize,
}

impl Reopen for Slow<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(SlowReader { rest: self.bytes, piece: self.piece }))
    }
}

struct SlowReader<'a> {
    rest: &'a [u8],
    piece: usize,
}

impl Read for SlowReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.piece.min(into.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(length);
        into[..length].copy_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}
