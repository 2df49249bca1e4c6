//! Somebody who signs by hand: CMS with the attributes of `CAdES`-B, and timestamp tokens, for formats that wrap them.

use rastau::signed::{Document, SignedDocument, VerifiedSignature};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::{der, identity};
use x509_parser::prelude::{FromDer as _, X509Certificate};

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// A key with a certificate.
pub struct Signer {
    pub key: Key,
    pub certificate: Vec<u8>,
    hash: Hash,
}

/// What else a signer may be told.
#[derive(Default)]
pub struct Extra {
    /// Sign the content itself, without attributes.
    pub without_attributes: bool,
    /// Put the content in.
    pub attached: bool,
    /// Unsigned attributes in DER.
    pub unsigned: Vec<Vec<u8>>,
}

impl Signer {
    /// A person with an ECDSA key.
    pub fn person(label: &str) -> Signer {
        Signer::with_key(Key::p256(label), Hash::Sha256)
    }

    /// A person with a key of today's National CA.
    pub fn gost(label: &str) -> Signer {
        Signer::with_key(Key::gost512(label), Hash::Streebog512)
    }

    /// A person with an RSA key.
    pub fn rsa(label: &str) -> Signer {
        Signer::with_key(Key::rsa(label), Hash::Sha256)
    }

    fn with_key(key: Key, hash: Hash) -> Signer {
        let authority = Authority::root("SIGNERS", Key::p256("signers"));
        let iin = identity::iin("650615", false, 1);
        let builder = CertificateBuilder::individual(&iin).key(&key).valid("2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z");
        Signer { certificate: authority.issue(builder), key, hash }
    }

    /// The certificate as rastau reads it.
    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.certificate).unwrap()
    }

    /// Detached CMS over content.
    pub fn cms(&self, content: &[u8]) -> Vec<u8> {
        self.cms_with(content, &Extra::default())
    }

    /// Detached CMS with something special.
    pub fn cms_with(&self, content: &[u8], extra: &Extra) -> Vec<u8> {
        self.signed_data(DATA, content, extra)
    }

    /// A timestamp token over bytes.
    pub fn timestamp(&self, over: &[u8]) -> Vec<u8> {
        let imprint = der::sequence(&[
            der::sequence(&[der::oid(self.hash.oid()), der::null()]),
            der::octet_string(&self.hash.digest(over)),
        ]);
        let info = der::sequence(&[
            der::integer(1),
            der::oid("1.2.398.3.3.2.6.4"),
            imprint,
            der::integer(77),
            der::generalized_time("20260820050000Z"),
        ]);
        self.signed_data(TST_INFO, &info, &Extra { attached: true, ..Extra::default() })
    }

    fn signed_data(&self, content_type: &str, content: &[u8], extra: &Extra) -> Vec<u8> {
        let digest_algorithm = der::sequence(&[der::oid(self.hash.oid()), der::null()]);
        let attribute = |oid: &str, value: Vec<u8>| der::sequence(&[der::oid(oid), der::set(&[value])]);
        let reference = der::sequence(&[der::sequence(&[der::sequence(&[
            digest_algorithm.clone(),
            der::octet_string(&self.hash.digest(&self.certificate)),
        ])])]);
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", der::oid(content_type)),
            attribute("1.2.840.113549.1.9.4", der::octet_string(&self.hash.digest(content))),
            attribute("1.2.840.113549.1.9.16.2.47", reference),
        ];
        attributes.sort();
        let (_, parsed) = X509Certificate::from_der(&self.certificate).unwrap();
        let name = der::sequence(&[parsed.issuer().as_raw().to_vec(), der::integer_raw(parsed.raw_serial())]);
        let mut signer = vec![der::integer(1), name, digest_algorithm.clone()];
        let value = if extra.without_attributes {
            self.key.sign(content)
        } else {
            signer.push(der::implicit_constructed(0, &attributes));
            self.key.sign(&der::set(&attributes))
        };
        signer.extend([self.key.algorithm_identifier(), der::octet_string(&value)]);
        if !extra.unsigned.is_empty() {
            signer.push(der::implicit_constructed(1, &extra.unsigned));
        }
        let mut inside = vec![der::oid(content_type)];
        if extra.attached {
            inside.push(der::explicit(0, &der::octet_string(content)));
        }
        let signed = der::sequence(&[
            der::integer(if content_type == DATA { 1 } else { 3 }),
            der::set(&[digest_algorithm]),
            der::sequence(&inside),
            der::implicit_constructed(0, &[self.certificate.clone()]),
            der::set(&[der::sequence(&signer)]),
        ]);
        der::sequence(&[der::oid(SIGNED_DATA), der::explicit(0, &signed)])
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
