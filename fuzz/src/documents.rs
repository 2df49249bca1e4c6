//! Signed documents of every format, what is made of them, and timestamps.

use std::io::{self, Read};

use rastau::clock::Time;
use rastau::crypto::{HashAlgorithm, SignError, SignatureAlgorithm, hash};
use rastau::der::armour::{Label, decode_one};
use rastau::document::Options;
use rastau::signed::{
    ContentBytes, Coverage, Detached, Document, Embedded, FormatError, Integrity, Message, Reopen, SignedDocument,
    Signer, Terms,
};
use rastau::signer::pkcs12::{CipherOutline, KeyStore, PartOutline};
use rastau::signer::{Password, pkcs8};
use rastau::tsp::{Nonce, Request, Response, Token};
use rastau::x509::Certificate;
use rastau::xmldsig::{Form, Signing};
use rastau::{cms as cades, container as asic, document as any, pdf as pades, xmldsig};
use rastau_mint::zip::Zip;

use crate::mutate::Shape;
use crate::{Target, canonical};

/// The targets.
pub const TARGETS: &[Target] = &[
    Target::new("archive", Shape::Bytes, archive),
    Target::new("canonical", Shape::Xml, canonical::canonical),
    Target::new("cms", Shape::Tlv, cms),
    Target::new("container", Shape::Bytes, container),
    Target::new("document", Shape::Bytes, document),
    Target::new("pdf", Shape::Bytes, pdf),
    Target::new("pdf_signing", Shape::Bytes, pdf_signing),
    Target::new("pkcs12", Shape::Tlv, pkcs12),
    Target::new("soap", Shape::Xml, xml),
    Target::new("timestamp", Shape::Tlv, timestamp),
    Target::new("timestamp_exchange", Shape::Tlv, timestamp_exchange),
    Target::new("xml", Shape::Xml, xml),
    Target::new("xml_signing", Shape::Xml, xml_signing),
];

/// CMS, with content beside it and without: as a stream the same bytes come to the same as in memory, or are refused by both.
///
/// By design a stream is not undone of PEM or base64, and its content is not handed out. Where the budgets differ no input here
/// can tell: of content above 256 KiB under a value without signed attributes a stream keeps the digest alone.
fn cms(data: &[u8]) {
    let read = twice(|| cades::read(Document::Bytes(data), Detached::Absent));
    look_at(data, &read);
    let stream = Pieces { bytes: data, most: 1 + data.len() % 61 };
    if data.first() == Some(&0x30) {
        let inside = read.as_ref().ok().and_then(|read| read.contents[0].bytes(Document::Bytes(data)));
        as_a_stream(&read, &stream, Detached::Absent);
        for content in [&b"content"[..], inside.unwrap_or_default()] {
            let beside = Detached::Bytes(content);
            let read = twice(|| cades::read(Document::Bytes(data), beside));
            as_a_stream(&read, &stream, beside);
            let beside = Pieces { bytes: content, most: 7 };
            as_a_stream(&read, &stream, Detached::Stream(&beside));
            same(&read, &cades::read(Document::Bytes(data), Detached::Stream(&beside)));
        }
    } else {
        assert!(cades::read(Document::Stream(&stream), Detached::Absent).is_err(), "armour is undone in memory alone");
        let _ = twice(|| cades::read(Document::Bytes(data), Detached::Bytes(b"content")));
    }
    let mut extended = Vec::new();
    let added = cades::extend_with_evidence(Document::Bytes(data), &Embedded::default(), &mut extended);
    if let (Ok(()), Ok(before)) = (added, read) {
        let after = cades::read(Document::Bytes(&extended), Detached::Absent).expect("what we write is read");
        let values = |document: &SignedDocument| -> Vec<Vec<u8>> {
            document.signatures.iter().map(|signature| signature.value.clone()).collect()
        };
        assert_eq!(values(&before), values(&after), "signatures stay");
    }
}

/// Bytes that come `most` at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl Reopen for Pieces<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Piece { rest: self.bytes, most: self.most }))
    }
}

/// What is left of them.
struct Piece<'a> {
    rest: &'a [u8],
    most: usize,
}

impl Read for Piece<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.most.min(into.len());
        self.rest.read(&mut into[..most])
    }
}

/// The same message as a stream comes to what it came to in memory.
fn as_a_stream(in_memory: &Result<SignedDocument, FormatError>, stream: &Pieces<'_>, beside: Detached<'_>) {
    let streamed = cades::read(Document::Stream(stream), beside);
    assert!(!matches!(streamed, Err(FormatError::Io(_))), "it does not change");
    same(in_memory, &streamed);
}

/// Both refuse, or both have the same signatures over the same octets, with the same evidence, integrity and oddities.
fn same(one: &Result<SignedDocument, FormatError>, other: &Result<SignedDocument, FormatError>) {
    let outcome = |read: &Result<SignedDocument, FormatError>| {
        let read = read.as_ref().ok()?;
        // Of messages only the length is shown.
        let messages: Vec<Option<Vec<u8>>> =
            read.signatures.iter().map(|signature| octets(&signature.message)).collect();
        Some((format!("{:?} {:?}", read.signatures, read.warnings), messages))
    };
    assert_eq!(outcome(one), outcome(other), "{:?} {:?}", one.as_ref().err(), other.as_ref().err());
}

fn octets(message: &Message) -> Option<Vec<u8>> {
    match message {
        Message::Bytes(octets) => Some(octets.clone()),
        Message::Shared(octets) => Some(octets.to_vec()),
        Message::Digest(digest) => Some(digest.as_bytes().to_vec()),
        Message::Missing => None,
    }
}

/// Timestamp tokens.
fn timestamp(data: &[u8]) {
    if let Ok(token) = Token::read(data) {
        let again = Token::read(data).map(|again| (again.gen_time, again.imprint));
        assert_eq!(again.ok(), Some((token.gen_time, token.imprint)));
    }
}

/// Answers of timestamp authorities, and whether one is to a request.
fn timestamp_exchange(data: &[u8]) {
    let Ok(response) = Response::read(data) else { return };
    assert_eq!(
        response.token.is_some(),
        response.status.is_granted(),
        "a token comes with a grant and with nothing else"
    );
    let imprint = hash(HashAlgorithm::Sha256, b"value");
    for octet in [0, 0x41] {
        let request = Request::new(imprint, Nonce::new([octet; 8]));
        if let Ok(token) = request.check(&response) {
            let bytes = response.token_bytes.as_deref().expect("a token that was read has bytes");
            assert_eq!(Token::read(bytes).ok().map(|again| again.imprint), Some(token.imprint.clone()));
        }
    }
}

/// XML signatures and SOAP.
fn xml(data: &[u8]) {
    let read = twice(|| xmldsig::read(data, Detached::Absent, None));
    look_at(data, &read);
}

/// XML that is signed, in either form: what comes out is read with the new signature over all that counts. Then XML
/// signatures that are extended: those that hold go on holding.
fn xml_signing(data: &[u8]) {
    let states = |document: &[u8]| -> Vec<(Integrity, Coverage)> {
        let read = xmldsig::read(document, Detached::Absent, None);
        let signatures = read.map(|read| read.signatures.into_vec()).unwrap_or_default();
        signatures.into_iter().map(|signature| (signature.integrity, signature.covers)).collect()
    };
    let signer = Mute(demo_certificate());
    for (form, xades) in [(Form::Enveloped, false), (Form::Enveloped, true), (Form::Wsse, false), (Form::Wsse, true)] {
        let terms = Terms { signing_time: Time::from_unix(0), chain: &[], facts: None };
        let Ok(draft) = xmldsig::sign(&Signing { signer: &signer, terms, document: data, form, xades }) else {
            continue;
        };
        let mut signed = Vec::new();
        assert!(draft.write(None, &mut signed).is_ok(), "what was made is written");
        let (before, mut after) = (states(data), states(&signed));
        let enough = match form {
            Form::Wsse => Coverage::Enough(Coverage::BODY.to_owned()),
            _ => Coverage::Whole,
        };
        let own = (0..after.len()).find(|&own| {
            let mut others = after.clone();
            others.remove(own) == (Integrity::Intact, enough.clone()) && others == before
        });
        assert!(own.map(|own| after.remove(own)).is_some(), "signatures stay, and one is added");
    }
    for which in 0..2 {
        // A token is compared with what it should be over, and this is none.
        assert!(xmldsig::extend_with_timestamp(data, which, b"token").is_err());
        if let Ok(extended) = xmldsig::extend_with_evidence(data, which, &evidence()) {
            assert_eq!(states(data), states(&extended), "evidence leaves signatures as they are");
        }
    }
}

/// An authority of the demo.
fn demo_certificate() -> Certificate {
    let pem = include_bytes!("../../certs/demo-issuing-rsa.pem");
    let certificate = decode_one(pem, Label::Certificate).ok().and_then(|der| Certificate::from_der(&der).ok());
    certificate.expect("a certificate of the demo")
}

/// Evidence to put into documents.
fn evidence() -> Embedded {
    Embedded { certificates: vec![demo_certificate().as_der().to_vec()], ..Embedded::default() }
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
fn pdf(data: &[u8]) {
    let read = twice(|| pades::read(data));
    look_at(data, &read);
    let start = data.windows(4).rposition(|window| window == b"xref").unwrap_or_default();
    let whole = [data, format!("\nstartxref\n{start}\n%%EOF\n").as_bytes()].concat();
    let _ = pades::read(&whole);
}

/// PDF that is signed, stamped and extended: what comes out is read, and the signatures there were stay as they are.
fn pdf_signing(data: &[u8]) {
    let states = |document: &[u8]| -> Vec<(Integrity, Vec<u8>)> {
        let read = pades::read(document).map(|read| read.signatures.into_vec()).unwrap_or_default();
        read.into_iter().map(|signature| (signature.integrity, signature.value)).collect()
    };
    let before = states(data);
    let signer = Mute(demo_certificate());
    let terms = Terms { signing_time: Time::from_unix(0), chain: &[], facts: None };
    let signing = pades::Signing { signer: &signer, terms, document: data, field: None, token_room: 0 };
    if let Ok(draft) = pades::sign(&signing) {
        let mut signed = Vec::new();
        assert!(draft.write(None, &mut signed).is_ok(), "what was made is written");
        assert!(signed.starts_with(data), "what was there stays, octet by octet");
        let after = states(&signed);
        assert_eq!(after.len(), before.len() + 1, "one signature is added");
        assert!(before.iter().all(|(_, value)| after.iter().any(|(_, other)| other == value)), "signatures stay");
        assert!(after.iter().any(|(integrity, _)| *integrity == Integrity::Intact), "the new one holds");
    }
    if let Ok(draft) = pades::extend_with_timestamp(data, 64) {
        assert!(draft.stamped().starts_with(data));
    }
    let mut extended = Vec::new();
    if pades::extend_with_evidence(data, &evidence(), &mut extended).is_ok() {
        assert!(extended.starts_with(data));
        assert_eq!(before, states(&extended), "evidence leaves signatures as they are");
    }
}

/// Containers.
fn container(data: &[u8]) {
    let read = twice(|| asic::read(Document::Bytes(data), Detached::Absent));
    look_at(data, &read);
}

/// Containers whose archive is sound, so that what lies in it is reached: `name LF length content` over and over, the length
/// two octets.
fn archive(data: &[u8]) {
    let mut zip = Zip::default();
    let mut rest = data;
    while let Some(end) = rest.iter().position(|&octet| octet == b'\n') {
        let (name, after) = rest.split_at(end);
        let Some((&[_, high, low], content)) = after.split_first_chunk() else { break };
        let length = usize::from(u16::from_be_bytes([high, low])).min(content.len());
        zip = zip.file(&String::from_utf8_lossy(name), &content[..length]);
        rest = &content[length..];
    }
    container(&zip.finish());
}

/// Documents of any format.
fn document(data: &[u8]) {
    let read = twice(|| any::read(Document::Bytes(data), &Options::default()));
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
fn pkcs12(data: &[u8]) {
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
