//! Signatures that are made here: what our own reader, xmlsec1 and code that is independent of ours say of them.

mod earlier;
mod enveloped;
mod extension;
mod hostile;
mod independent;
mod interop;
mod properties;
mod refused;
mod soap;
mod xmlsec;

use rastau::crypto::{SignError, SignatureAlgorithm};
use rastau::signed::{IssuedFacts, MakeError, Signer, Terms};
use rastau::x509::Certificate;
use rastau::xmldsig::{self, Form, Signing};
use rastau_mint::key::Key;

use super::Person;

/// A signer with a key that is no secret.
pub struct Hand {
    pub person: Person,
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
}

impl Hand {
    pub fn new(key: Key) -> Hand {
        let algorithm =
            SignatureAlgorithm::ALL.into_iter().find(|known| known.oid().to_string() == key.signature_oid());
        let person = Person::new(key);
        Hand { certificate: person.parsed(), person, algorithm: algorithm.unwrap() }
    }

    pub fn quick() -> Hand {
        Hand::new(Key::p256("signer"))
    }

    /// One that says that it signs by another algorithm than it does.
    pub fn with_algorithm(self, algorithm: SignatureAlgorithm) -> Hand {
        Hand { algorithm, ..self }
    }
}

impl Signer for Hand {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.person.key.sign(message))
    }
}

/// Every algorithm that signs.
pub fn hands() -> Vec<Hand> {
    use rastau_mint::hash::Hash;
    let keys = [
        Key::gost512("signer"),
        Key::gost256("signer"),
        Key::rsa("signer"),
        Key::rsa_with(2048, Hash::Sha384, "signer"),
        Key::rsa_with(2048, Hash::Sha512, "signer"),
        Key::p256("signer"),
        Key::p384("signer"),
        Key::ed25519("signer"),
    ];
    keys.into_iter().map(Hand::new).collect()
}

pub fn terms<'a>() -> Terms<'a> {
    Terms { signing_time: "2026-08-20T10:00:00Z".parse().unwrap(), chain: &[], facts: None }
}

pub fn facts() -> IssuedFacts {
    IssuedFacts {
        kind: "licence".into(),
        service: "construction".into(),
        number: "№ 15-\"КЗ\" & <1>\t\r\n".into(),
        holder: "650615300017".into(),
    }
}

pub fn enveloped<'a>(hand: &'a Hand, document: &'a str) -> Signing<'a> {
    Signing { signer: hand, terms: terms(), document: document.as_bytes(), form: Form::Enveloped, xades: false }
}

pub fn xades<'a>(hand: &'a Hand, document: &'a str) -> Signing<'a> {
    Signing { xades: true, ..enveloped(hand, document) }
}

pub fn wsse<'a>(hand: &'a Hand, document: &'a str) -> Signing<'a> {
    Signing { form: Form::Wsse, ..enveloped(hand, document) }
}

/// The signed document.
pub fn make(signing: &Signing<'_>) -> Result<String, MakeError> {
    let mut out = Vec::new();
    xmldsig::sign(signing)?.write(None, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// The signed document with a timestamp.
pub fn stamped(signing: &Signing<'_>) -> Result<String, MakeError> {
    let draft = xmldsig::sign(signing)?;
    let (token, mut out) = (token(draft.stamped()), Vec::new());
    draft.write(Some(&token), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// A timestamp over octets.
pub fn token(over: &[u8]) -> Vec<u8> {
    crate::signer::Signer::person("tsa").timestamp(over)
}

/// A document whose signature gets a timestamp afterwards.
pub fn extended(document: &[u8], which: usize) -> Result<Vec<u8>, MakeError> {
    let token = token(&xmldsig::to_be_stamped(document, which)?);
    xmldsig::extend_with_timestamp(document, which, &token)
}

/// Why nothing is signed.
pub fn refused(signing: &Signing<'_>) -> String {
    make(signing).expect_err("signed").to_string()
}

/// Without the text of its only signature.
pub fn without_signature(signed: &str) -> String {
    let (from, to) = (signed.find("<ds:Signature ").unwrap(), signed.find("</ds:Signature>").unwrap());
    format!("{}{}", &signed[..from], &signed[to + "</ds:Signature>".len()..])
}
