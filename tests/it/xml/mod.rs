//! Signed XML: `XAdES`, WS-Security and everything that must not pass for them.

mod attacks;
mod bare_keys;
mod enveloped;
mod filters;
mod forms;
mod hidden;
mod interop;
mod limits;
mod making;
mod mutation;
mod soap;
mod xades;
mod xmlsec;

use rastau::signed::{ContentBytes, Coverage, Detached, FormatError, SignedDocument, SignerName};
use rastau::x509::Certificate;
use rastau::xmldsig;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;

/// A key with a certificate.
pub struct Person {
    pub key: Key,
    pub certificate: Vec<u8>,
}

impl Person {
    pub fn new(key: Key) -> Person {
        let authority = Authority::root("ROOT", Key::p256("root"));
        let certificate = authority.issue(CertificateBuilder::individual("650615300017").key(&key));
        Person { key, certificate }
    }

    /// One that signs quickly, for the many tests that are not about algorithms.
    pub fn quick() -> Person {
        Person::new(Key::p256("signer"))
    }

    pub fn parsed(&self) -> Certificate {
        Certificate::from_der(&self.certificate).unwrap()
    }
}

pub fn read(xml: &str) -> Result<SignedDocument, FormatError> {
    xmldsig::read(xml.as_bytes(), Detached::Absent, None)
}

/// As a judgement would see it at least: every signature whole, and good under the certificate it names.
pub fn judged(document: Result<SignedDocument, FormatError>, person: &Person) -> Result<SignedDocument, String> {
    let document = document.map_err(|error| error.to_string())?;
    let certificate = person.parsed();
    for signature in &document.signatures {
        if let Coverage::Part(part) = &signature.covers {
            return Err(format!("covers part {part}"));
        }
        if let SignerName::Embedded(positions) = &signature.signer {
            let named = |&position: &usize| signature.embedded.certificates[position] == person.certificate;
            if !positions.iter().any(named) {
                return Err("another certificate".into());
            }
        }
        signature.verify(&certificate).map_err(|fault| fault.to_string())?;
    }
    Ok(document)
}

pub fn accepted(xml: &str, person: &Person) -> Result<SignedDocument, String> {
    judged(read(xml), person)
}

/// Why a document is not accepted.
pub fn refusal(xml: &str, person: &Person) -> String {
    match accepted(xml, person) {
        Ok(_) => panic!("accepted: {xml}"),
        Err(why) => why,
    }
}

/// The one content that was signed, as text.
pub fn content(document: &SignedDocument) -> &str {
    let [content] = &document.contents[..] else { panic!("{} contents", document.contents.len()) };
    let ContentBytes::Owned(bytes) = &content.bytes else { panic!("{content:?}") };
    std::str::from_utf8(bytes).unwrap()
}

/// A signature over itself alone: the root of its document.
pub fn forms_signature(person: &Person) -> String {
    use rastau_mint::xml::{Reference, Signing};
    let nothing = Reference { uri: None, kind: None, transforms: Vec::new(), octets: b"x".to_vec() };
    Signing::new(&person.key, &person.certificate).reference(nothing).sign()
}
