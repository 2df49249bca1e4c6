//! What each target does with its bytes. No parser may panic, overflow or go on for ever, and beside that: reading twice
//! gives the same, and what was read can be looked at.

use rastau::clock::Time;
use rastau::crypto::{PublicKey, SignError, SignatureAlgorithm, SigningKey};
use rastau::der::armour::{Label, decode_all, decode_one};
use rastau::document::Options;
use rastau::revocation::ocsp::ParsedResponse;
use rastau::revocation::{ParsedList, Source};
use rastau::signed::{
    ContentBytes, Coverage, Detached, Document, Embedded, FormatError, Integrity, SignedDocument, Signer, Terms,
};
use rastau::signer::pkcs12::{CipherOutline, KeyStore, PartOutline};
use rastau::signer::{Password, pkcs8};
use rastau::tsp::Token;
use rastau::x509::Certificate;
use rastau::xmldsig::{Form, Signing};
use rastau::{cms, container, document, pdf, xmldsig};

/// PEM, base64 and DER of anything.
pub fn armour(data: &[u8]) {
    for label in [Label::Certificate, Label::Crl, Label::OcspResponse, Label::PublicKey] {
        assert_eq!(decode_all(data, label), decode_all(data, label));
    }
}

/// Certificates, and their keys.
pub fn certificate(data: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(data) {
        assert_eq!(certificate.as_der(), data, "the bytes are kept as they are");
        assert_eq!(Certificate::from_der(certificate.as_der()).map(|again| again == certificate).ok(), Some(true));
        let _ = (certificate.public_key(), certificate.subject().to_string(), certificate.extensions());
    }
}

/// Public keys.
pub fn key(data: &[u8]) {
    let _ = PublicKey::from_spki(data).map(|key| key.algorithm());
}

/// Private keys: what is read signs.
pub fn private_key(data: &[u8]) {
    if let Ok(key) = SigningKey::from_pkcs8(data) {
        assert!(key.belongs_to(key.public_key()));
        // The numbers of an RSA key need not belong together: then nothing is released.
        if let Ok(signature) = key.sign(data) {
            assert!(key.public_key().verify(key.algorithm(), data, &signature).is_ok());
        }
    }
}

/// Revocation lists.
pub fn list(data: &[u8]) {
    if let Ok(list) = ParsedList::read(data.to_vec(), Source::request(0)) {
        assert!(list.entries() <= data.len() as u64, "an entry takes octets");
        let _ = (list.issuer().to_string(), list.number(), list.next_update());
    }
}

/// OCSP responses.
pub fn ocsp(data: &[u8]) {
    if let Ok(response) = ParsedResponse::read(data) {
        let again = ParsedResponse::read(response.as_der()).map(|again| *again.sha256());
        assert_eq!(again.ok(), Some(*response.sha256()));
    }
}

/// CMS, with content beside it and without, in memory and as a stream.
pub fn cms(data: &[u8]) {
    let read = twice(|| cms::read(Document::Bytes(data), Detached::Absent));
    let _ = twice(|| cms::read(Document::Bytes(data), Detached::Bytes(b"content")));
    look_at(data, &read);
    let mut extended = Vec::new();
    let added = cms::extend_with_evidence(Document::Bytes(data), &Embedded::default(), &mut extended);
    if let (Ok(()), Ok(before)) = (added, read) {
        let after = cms::read(Document::Bytes(&extended), Detached::Absent).expect("what we write is read");
        let values = |document: &SignedDocument| -> Vec<Vec<u8>> {
            document.signatures.iter().map(|signature| signature.value.clone()).collect()
        };
        assert_eq!(values(&before), values(&after), "signatures stay");
    }
}

/// Timestamp tokens.
pub fn timestamp(data: &[u8]) {
    if let Ok(token) = Token::read(data) {
        let again = Token::read(data).map(|again| (again.gen_time, again.imprint));
        assert_eq!(again.ok(), Some((token.gen_time, token.imprint)));
    }
}

/// XML signatures and SOAP.
pub fn xml(data: &[u8]) {
    let read = twice(|| xmldsig::read(data, Detached::Absent, None));
    look_at(data, &read);
}

/// XML that is signed, in either form: what comes out is read with the new signature over all that counts. Then XML
/// signatures that are extended: those that hold go on holding.
pub fn xml_signing(data: &[u8]) {
    let states = |document: &[u8]| -> Vec<(Integrity, Coverage)> {
        let read = xmldsig::read(document, Detached::Absent, None);
        let signatures = read.map(|read| read.signatures.into_vec()).unwrap_or_default();
        signatures.into_iter().map(|signature| (signature.integrity, signature.covers)).collect()
    };
    let pem = include_bytes!("../../certs/demo-issuing-rsa.pem");
    let certificate = decode_one(pem, Label::Certificate).ok().and_then(|der| Certificate::from_der(&der).ok());
    let Some(signer) = certificate.map(Mute) else { unreachable!("a certificate of the demo") };
    for (form, xades) in [(Form::Enveloped, false), (Form::Enveloped, true), (Form::Wsse, false), (Form::Wsse, true)] {
        let terms = Terms { signing_time: Time::from_unix(0), chain: &[], facts: None };
        let Ok(draft) = xmldsig::sign(&Signing { signer: &signer, terms, document: data, form, xades }) else {
            continue;
        };
        let mut signed = Vec::new();
        assert!(draft.write(None, &mut signed).is_ok(), "what was made is written");
        let (before, mut after) = (states(data), states(&signed));
        let own = (0..after.len()).find(|&own| {
            let mut others = after.clone();
            others.remove(own) == (Integrity::Intact, Coverage::Whole) && others == before
        });
        assert!(own.map(|own| after.remove(own)).is_some(), "signatures stay, and one is added");
    }
    for which in 0..2 {
        // A token is compared with what it should be over, and this is none.
        assert!(xmldsig::extend_with_timestamp(data, which, b"token").is_err());
    }
}

/// A signer whose value is none.
struct Mute(Certificate);

impl Signer for Mute {
    fn certificate(&self) -> &Certificate {
        &self.0
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPkcs1Sha256
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(vec![0; 256])
    }
}

/// PDF. The end that every file needs is put there, so that the fuzzer need not find it.
pub fn pdf(data: &[u8]) {
    let read = twice(|| pdf::read(data));
    look_at(data, &read);
    let start = data.windows(4).rposition(|window| window == b"xref").unwrap_or_default();
    let whole = [data, format!("\nstartxref\n{start}\n%%EOF\n").as_bytes()].concat();
    let _ = pdf::read(&whole);
}

/// Containers.
pub fn container(data: &[u8]) {
    let read = twice(|| container::read(Document::Bytes(data), Detached::Absent));
    look_at(data, &read);
}

/// Documents of any format.
pub fn document(data: &[u8]) {
    let read = twice(|| document::read(Document::Bytes(data), &Options::default()));
    look_at(data, &read);
}

/// Reads, and reads again: both say the same.
fn twice(read: impl Fn() -> Result<SignedDocument, FormatError>) -> Result<SignedDocument, FormatError> {
    let (first, second) = (read(), read());
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    first
}

/// Key stores, and keys in files of their own. The seeds have one iteration and an empty password; what asks for much work
/// gets none here, for the fuzzer would call it slow.
pub fn pkcs12(data: &[u8]) {
    let cheap = |cipher: &CipherOutline| cipher.iterations.is_none_or(|iterations| iterations <= 1000);
    if let Ok(store) = KeyStore::read(data) {
        let outline = store.outline();
        assert_eq!(outline.octets, data.len());
        let parts_are_cheap = outline.parts.iter().all(|part| match part {
            PartOutline::Clear(bags) => bags.iter().filter_map(|bag| bag.cipher.as_ref()).all(cheap),
            PartOutline::Encrypted(cipher) => cheap(cipher),
            PartOutline::Enveloped => true,
        });
        if parts_are_cheap
            && outline.mac.is_some_and(|mac| mac.iterations <= 1000)
            && let Ok(contents) = store.open(&Password::empty())
        {
            assert!(contents.certificates().count() <= data.len(), "a certificate takes octets");
            let _ = contents.choose(None);
        }
    }
    if pkcs8::cipher(data).is_ok_and(|cipher| cipher.is_none_or(|cipher| cheap(&cipher))) {
        let _ = pkcs8::open(data, data, &Password::empty());
    }
}

/// What was read has a signature, and content that lies in the document lies in it.
fn look_at(data: &[u8], read: &Result<SignedDocument, FormatError>) {
    let Ok(read) = read else { return };
    assert!(read.signatures.len() > 0);
    for content in &read.contents {
        if let ContentBytes::InDocument(place) = &content.bytes {
            assert!(place.start <= place.end && place.end <= data.len());
        }
    }
}
