//! Somebody who signs: detached CMS and timestamp tokens for formats that wrap them.

use rastau::signed::{Document, SignedDocument, VerifiedSignature};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{self, Cms, Signed};
use rastau_mint::identity;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

/// A key with a certificate.
pub struct Signer {
    pub key: Key,
    pub certificate: Vec<u8>,
}

impl Signer {
    /// A person with an ECDSA key.
    pub fn person(label: &str) -> Signer {
        Signer::with_key(Key::p256(label))
    }

    /// A person with a key of today's National CA.
    pub fn gost(label: &str) -> Signer {
        Signer::with_key(Key::gost512(label))
    }

    /// A person with an RSA key.
    pub fn rsa(label: &str) -> Signer {
        Signer::with_key(Key::rsa(label))
    }

    fn with_key(key: Key) -> Signer {
        let authority = Authority::root("SIGNERS", Key::p256("signers"));
        let iin = identity::iin("650615", false, 1);
        let builder =
            CertificateBuilder::individual(&iin).key(&key).valid("2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z");
        Signer { certificate: authority.issue(builder), key }
    }

    /// The certificate as rastau reads it.
    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.certificate).unwrap()
    }

    /// What it writes about itself, in the manner of `PAdES`: no signingTime.
    pub fn info(&self) -> cms::Signer {
        let time = Signed::SigningTime("2026-07-20T09:08:06Z");
        cms::Signer::new(&self.key, &self.certificate).without(&time)
    }

    /// Detached CMS over content.
    pub fn cms(&self, content: &[u8]) -> Vec<u8> {
        self.message(content, self.info()).detached().encode()
    }

    /// A message with this signer, its content inside.
    pub fn message(&self, content: &[u8], info: cms::Signer) -> Cms {
        Cms::over(content).certificate(&self.certificate).signer(info)
    }

    /// A timestamp token over bytes.
    pub fn timestamp(&self, over: &[u8]) -> Vec<u8> {
        TokenBuilder::new(&self.key, &self.certificate, over, "2026-08-20T05:00:00Z").encode()
    }
}

/// Whether a signature holds under the certificate of a signer, in words when not.
pub fn verify(document: &SignedDocument, index: usize, signer: &Signer) -> Result<VerifiedSignature, String> {
    let signature = document.signatures.iter().nth(index).unwrap();
    signature.verify(&signer.certificate()).map_err(|fault| fault.to_string())
}

/// The first content of a document, which was read from `bytes`.
pub fn content<'a>(document: &'a SignedDocument, bytes: &'a [u8]) -> Option<&'a [u8]> {
    document.contents.first()?.bytes(Document::Bytes(bytes))
}
