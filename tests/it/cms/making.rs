//! Messages that we make: octet for octet what the independent writer makes, and read by ourselves.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use rastau::cms::{Profile, Signing, digest_algorithm, read, sign};
use rastau::crypto::{HashAlgorithm, SignError, SignatureAlgorithm, hash};
use rastau::der::{Limits, check_strict};
use rastau::signed::{
    Detached, Document, Draft, IssuedFacts, Level, MakeError, Reopen, SignatureFault, SignedDocument, Signer as _,
    Terms,
};
use rastau::x509::Certificate;
use rastau_mint::cms::{self, Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::key::Key;

use super::{Holder, Slow, all_hold, authority, certificate_of, holders, p256, read_bytes, verdicts};
use crate::minted::Minted;

pub const CONTENT: &[u8] = b"content to sign";
const WHEN: &str = "2026-11-20T09:08:06Z";

pub fn minted(holder: &Holder) -> Minted {
    Minted::new(&holder.key, &holder.certificate)
}

pub fn signing<'a>(signer: &'a Minted, content: Detached<'a>) -> Signing<'a> {
    let terms = Terms { signing_time: WHEN.parse().unwrap(), chain: &[], facts: None };
    Signing { signer, terms, content, detached: false, previous: None, profile: Profile::Cades }
}

pub fn written(draft: Result<Box<dyn Draft + '_>, MakeError>) -> Vec<u8> {
    let mut out = Vec::new();
    draft.unwrap().write(None, &mut out).unwrap();
    out
}

pub fn refused(draft: Result<Box<dyn Draft + '_>, MakeError>) -> String {
    match draft {
        Ok(_) => panic!("signed"),
        Err(error) => error.to_string(),
    }
}

fn detached_verdicts(message: &[u8], content: &[u8]) -> Vec<Result<(), SignatureFault>> {
    verdicts(&read(Document::Bytes(message), Detached::Bytes(content)).unwrap())
}

pub fn content(document: &SignedDocument, message: &[u8]) -> Option<Vec<u8>> {
    document.contents[0].bytes(Document::Bytes(message)).map(<[u8]>::to_vec)
}

/// The same message by the independent writer, which has no signingCertificateV2 with issuer and serial number of itself.
fn expected(holder: &Holder, signed: &[Signed]) -> Cms {
    let id = der::sequence(&[
        der::octet_string(&rastau_mint::hash::Hash::Sha256.digest(&holder.certificate)),
        cms::issuer_serial(&holder.certificate),
    ]);
    let reference = Signed::Raw(cms::attribute(cms::SIGNING_CERTIFICATE_V2, &[cms::ess(&[id])]));
    let mut signer = holder.signer();
    signer.signed = [&[Signed::ContentType, reference, Signed::MessageDigest], signed].concat();
    if !matches!(holder.key, Key::Gost(_) | Key::Rsa(..)) {
        signer.digest_algorithm = Some(der::sequence(&[der::oid(signer.hash.oid())]));
    }
    Cms { signers: vec![signer], ..holder.message(CONTENT) }
}

#[test]
fn every_kind_of_key_signs_what_the_independent_writer_signs() {
    for holder in holders() {
        let key = minted(holder);
        let attached = written(sign(&signing(&key, Detached::Bytes(CONTENT))));
        let wanted = expected(holder, &[Signed::SigningTime(WHEN)]);
        assert_eq!(attached, wanted.encode(), "{}", holder.name);
        let outside = written(sign(&Signing { detached: true, ..signing(&key, Detached::Bytes(CONTENT)) }));
        assert_eq!(outside, wanted.detached().encode(), "{}", holder.name);
        let pades = Signing { detached: true, profile: Profile::Pades, ..signing(&key, Detached::Bytes(CONTENT)) };
        assert_eq!(written(sign(&pades)), expected(holder, &[]).detached().encode(), "{}", holder.name);
    }
}

#[test]
fn every_kind_of_key_signs_attached_and_detached() {
    for holder in holders() {
        let key = minted(holder);
        let attached = written(sign(&signing(&key, Detached::Bytes(CONTENT))));
        let document = read_bytes(&attached).unwrap();
        assert!(all_hold(&document), "{}: {:?}", holder.name, verdicts(&document));
        assert_eq!(content(&document, &attached).as_deref(), Some(CONTENT));
        assert_eq!(check_strict(&attached, Limits { depth: 32, ..Limits::CERTIFICATE }), Ok(()), "DER");
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!((signature.level, signature.warnings.as_slice()), (Level::B, &[][..]), "{}", holder.name);
        assert_eq!(signature.claimed_time.unwrap().to_string(), WHEN);
        assert!(signature.signing_certificate[0].issuer_serial.is_some());
        assert!(document.warnings.is_empty());

        let outside = written(sign(&Signing { detached: true, ..signing(&key, Detached::Bytes(CONTENT)) }));
        assert_eq!(detached_verdicts(&outside, CONTENT), [Ok(())], "{}", holder.name);
        assert!(detached_verdicts(&outside, b"content to sigN")[0].is_err());
        assert_eq!(verdicts(&read_bytes(&outside).unwrap()), [Err(SignatureFault::ContentMissing)]);
    }
}

#[test]
fn the_independent_code_for_gost_verifies_what_was_signed() {
    use rastau_mint::{gost, hash::Hash};
    for holder in holders() {
        let Key::Gost(own) = &holder.key else { continue };
        let key = minted(holder);
        let draft = sign(&signing(&key, Detached::Bytes(CONTENT))).unwrap();
        let value = draft.stamped().to_vec();
        let message = written(Ok(draft));
        // The signed attributes, found by the only [0] of the signer with the tag of a SET in its place.
        let attributes = expected(holder, &[Signed::SigningTime(WHEN)]).signers[0].encode(cms::DATA, CONTENT);
        assert!(message.windows(attributes.len()).any(|window| window == attributes));
        let document = read_bytes(&message).unwrap();
        let rastau::signed::Message::Bytes(over) = &document.signatures.iter().next().unwrap().message else {
            panic!("signed attributes")
        };
        let digest: fn(&[u8]) -> Vec<u8> = match holder.name {
            "gost512" => |over| Hash::Streebog512.digest(over),
            "gost256" => |over| Hash::Streebog256.digest(over),
            _ => |over| cms::hash_of(&Key::gost2004("any")).digest(over),
        };
        assert!(gost::verify_digest(own.scheme, &own.public_octets(), &digest(over), &value), "{}", holder.name);
        assert!(!gost::verify_digest(own.scheme, &own.public_octets(), &digest(b"x"), &value));
    }
}

#[test]
fn a_digest_is_enough_beside_the_content_and_never_inside() {
    for holder in holders() {
        let key = minted(holder);
        let algorithm = digest_algorithm(key.algorithm());
        let [own, other] = [algorithm, HashAlgorithm::Gost94].map(|algorithm| [hash(algorithm, CONTENT)]);
        let by_digest = Signing { detached: true, ..signing(&key, Detached::Digests(&own)) };
        let by_content = Signing { detached: true, ..signing(&key, Detached::Bytes(CONTENT)) };
        assert_eq!(written(sign(&by_digest)), written(sign(&by_content)), "{}", holder.name);
        assert!(refused(sign(&signing(&key, Detached::Digests(&own)))).contains("sign detached"));
        if algorithm != HashAlgorithm::Gost94 {
            let text = refused(sign(&Signing { detached: true, ..signing(&key, Detached::Digests(&other)) }));
            assert!(text.contains(algorithm.name()), "{text}");
        }
    }
    let key = minted(p256());
    for detached in [false, true] {
        let text = refused(sign(&Signing { detached, ..signing(&key, Detached::Absent) }));
        assert!(text.contains("no content"), "{text}");
        // Empty content is content.
        let empty = written(sign(&Signing { detached, ..signing(&key, Detached::Bytes(b"")) }));
        assert_eq!(detached_verdicts(&empty, b""), [Ok(())]);
    }
}

#[test]
fn facts_of_an_issued_document_are_signed_with_it_but_not_in_a_pdf() {
    let facts = IssuedFacts {
        kind: "licence".to_owned(),
        service: "pharmacy".to_owned(),
        number: "№ 5 \"б\"\\\u{1}".to_owned(),
        holder: "650615100015".to_owned(),
    };
    let key = minted(p256());
    let plain = signing(&key, Detached::Bytes(CONTENT));
    let with = Signing { terms: Terms { facts: Some(&facts), ..plain.terms }, ..plain };
    let message = written(sign(&with));
    assert!(all_hold(&read_bytes(&message).unwrap()));
    let text = r#"{"kind":"licence","service":"pharmacy","number":"№ 5 \"б\"\\\u0001","holder":"650615100015"}"#;
    let hints = der::sequence(&[der::utf8(text), der::oid(cms::DATA)]);
    let attribute = cms::attribute("1.2.840.113549.1.9.16.2.4", &[hints]);
    assert!(message.windows(attribute.len()).any(|window| window == attribute));
    let pades = Signing { profile: Profile::Pades, detached: true, ..with };
    assert_eq!(written(sign(&pades)), written(sign(&Signing { terms: plain.terms, ..pades })));
    let long = IssuedFacts { number: "5".repeat(4000), ..facts };
    assert!(refused(sign(&Signing { terms: Terms { facts: Some(&long), ..plain.terms }, ..plain })).contains("2048"));
}

#[test]
fn the_chain_travels_along_once_each_in_the_order_of_der() {
    let key = minted(p256());
    let root = Certificate::from_der(&authority().certificate).unwrap();
    let chain = [root.clone(), p256().certificate(), root];
    let plain = signing(&key, Detached::Bytes(CONTENT));
    let message = written(sign(&Signing { terms: Terms { chain: &chain, ..plain.terms }, ..plain }));
    let document = read_bytes(&message).unwrap();
    let embedded = &document.signatures.iter().next().unwrap().embedded;
    assert_eq!(embedded.certificates.len(), 2);
    assert!(embedded.certificates.is_sorted());
    assert!(all_hold(&document));
}

/// Content that is made while it is read, and counted.
struct Endless {
    length: u64,
    opened: AtomicUsize,
    /// From which opening on it is another.
    changes: usize,
}

impl Endless {
    fn of(length: u64) -> Endless {
        Endless { length, opened: AtomicUsize::new(0), changes: usize::MAX }
    }
}

impl Reopen for Endless {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let changed = self.opened.fetch_add(1, Ordering::Relaxed) >= self.changes;
        Ok(Box::new(io::repeat(if changed { b'y' } else { b'x' }).take(self.length)))
    }
}

#[test]
fn content_that_is_a_stream_is_signed_as_in_memory_and_read_twice() {
    for length in [0, 1, 127, 128, 300_000] {
        let stream = Endless::of(length);
        let bytes = vec![b'x'; usize::try_from(length).unwrap()];
        let key = minted(p256());
        let streamed = written(sign(&signing(&key, Detached::Stream(&stream))));
        assert_eq!(stream.opened.load(Ordering::Relaxed), 2);
        assert_eq!(streamed, written(sign(&signing(&key, Detached::Bytes(&bytes)))), "{length}");
        let beside = Signing { detached: true, ..signing(&key, Detached::Stream(&stream)) };
        let in_memory = Signing { detached: true, ..signing(&key, Detached::Bytes(&bytes)) };
        assert_eq!(written(sign(&beside)), written(sign(&in_memory)));
        assert_eq!(stream.opened.load(Ordering::Relaxed), 3);
    }
}

#[test]
fn content_that_changes_between_signing_and_writing_is_noticed() {
    let key = minted(p256());
    let stream = Endless { changes: 1, ..Endless::of(1000) };
    let draft = sign(&signing(&key, Detached::Stream(&stream))).unwrap();
    let error = draft.write(None, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("changed"), "{error}");

    /// One that grows.
    struct Grows(AtomicUsize);
    impl Reopen for Grows {
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(io::repeat(7).take(self.0.fetch_add(100, Ordering::Relaxed) as u64)))
        }
    }
    let grows = Grows(AtomicUsize::new(10));
    let draft = sign(&signing(&key, Detached::Stream(&grows))).unwrap();
    assert!(draft.write(None, &mut Vec::new()).unwrap_err().to_string().contains("changed"));
}

#[test]
fn a_disk_that_is_full_and_a_file_that_is_gone_are_told_as_such() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct Gone;
    impl Reopen for Gone {
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let key = minted(p256());
    let stream = Endless::of(1 << 20);
    for content in [Detached::Bytes(CONTENT), Detached::Stream(&stream)] {
        let error = sign(&signing(&key, content)).unwrap().write(None, &mut Full).unwrap_err();
        assert!(matches!(error, MakeError::Io(error) if error.kind() == io::ErrorKind::StorageFull));
    }
    assert!(matches!(sign(&signing(&key, Detached::Stream(&Gone))), Err(MakeError::Io(_))));
}

#[test]
fn a_key_that_refuses_makes_no_message() {
    struct Unplugged(Minted);
    impl rastau::signed::Signer for Unplugged {
        fn certificate(&self) -> &Certificate {
            self.0.certificate()
        }
        fn algorithm(&self) -> SignatureAlgorithm {
            self.0.algorithm()
        }
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
            Err(SignError::Unavailable("the token is gone".to_owned()))
        }
    }
    let (key, own) = (Unplugged(minted(p256())), minted(p256()));
    let text = refused(sign(&Signing { signer: &key, ..signing(&own, Detached::Bytes(CONTENT)) }));
    assert!(text.contains("the token is gone"));
}

/// Where `part` stands in `whole`.
pub fn stands_in(part: &[u8], whole: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_signature_more_leaves_those_before_as_they_are() {
    for (index, first) in holders().iter().enumerate() {
        let second = &holders()[(index + 1) % holders().len()];
        let key = minted(second);
        let stamped = first.signer().unsigned(|_| cms::attribute("2.25.7", &[der::null()]));
        let earlier = Cms { signers: vec![stamped.clone()], ..first.message(CONTENT) };
        let info = stamped.encode(cms::DATA, CONTENT);
        for (what, previous, content, certain) in [
            ("attached", earlier.encode(), Detached::Absent, false),
            ("attached, content again", earlier.encode(), Detached::Bytes(CONTENT), false),
            ("detached", earlier.clone().detached().encode(), Detached::Bytes(CONTENT), true),
            ("PEM", pem(&earlier.encode()), Detached::Absent, false),
            ("streamed by OpenSSL", ber(&earlier), Detached::Absent, false),
            ("BER in pieces", earlier.encode_ber(7), Detached::Absent, false),
            ("BER, detached", earlier.clone().detached().encode_ber(7), Detached::Bytes(CONTENT), true),
        ] {
            let stream = Slow { bytes: &previous, piece: 5 };
            let documents = [Document::Bytes(&previous), Document::Stream(&stream)];
            let armoured = what == "PEM";
            for document in documents.into_iter().take(if armoured { 1 } else { 2 }) {
                let both = written(sign(&Signing { previous: Some(document), ..signing(&key, content) }));
                assert!(stands_in(&info, &both), "{what}: the first signer");
                let detached = if certain { Detached::Bytes(CONTENT) } else { Detached::Absent };
                let read = read(Document::Bytes(&both), detached).unwrap();
                assert_eq!(read.signatures.len(), 2, "{what}");
                assert!(all_hold(&read), "{what} {}: {:?}", second.name, verdicts(&read));
                assert_eq!(self::content(&read, &both).is_some(), !certain, "{what}");
                // Which hold as the first did, in the order of signing.
                assert_eq!(
                    read.signatures.iter().next().unwrap().claimed_time.unwrap().to_string(),
                    "2026-07-20T09:08:06Z"
                );
            }
        }
    }
}

fn pem(der: &[u8]) -> Vec<u8> {
    rastau_mint::pem::encode("CMS", der).into_bytes()
}

/// BER as OpenSSL streams: only what is around the content is of indefinite length.
fn ber(message: &Cms) -> Vec<u8> {
    let der = message.encode();
    let head = [der::oid(&message.content_type)];
    let octets = cms::indefinite(0x24, &[der::octet_string(&message.content)]);
    let inside = cms::indefinite(0x30, &[head[0].clone(), cms::indefinite(0xa0, &[octets])]);
    // What stands before and after the content in DER.
    let content = der::sequence(&[head[0].clone(), der::explicit(0, &der::octet_string(&message.content))]);
    let place = der.windows(content.len()).position(|window| window == content).unwrap();
    let version = der[..place].windows(3).rposition(|window| window == [2, 1, 1]).unwrap();
    let data = cms::indefinite(0x30, &[&der[version..place], &inside[..], &der[place + content.len()..]]);
    cms::indefinite(0x30, &[der::oid(cms::SIGNED_DATA), cms::indefinite(0xa0, &[data])])
}

#[test]
fn a_third_and_a_hundredth_signature_hold_and_there_is_an_end() {
    let key = minted(p256());
    let mut message = written(sign(&signing(&key, Detached::Bytes(CONTENT))));
    let certificates = message.len();
    for _ in 1..3 {
        let next = Signing { previous: Some(Document::Bytes(&message)), ..signing(&key, Detached::Absent) };
        message = written(sign(&next));
    }
    let document = read_bytes(&message).unwrap();
    assert_eq!((document.signatures.len(), all_hold(&document)), (3, true));
    assert!(message.len() < 3 * certificates, "the certificate stands once");
    let full = Cms { signers: vec![p256().signer(); 256], ..p256().message(CONTENT) }.encode();
    let more = Signing { previous: Some(Document::Bytes(&full)), ..signing(&key, Detached::Absent) };
    assert_eq!(refused(sign(&more)), "more than 256 signatures");
}

#[test]
fn the_new_signature_is_found_by_its_value_among_those_before() {
    for holder in holders() {
        let key = minted(holder);
        let previous = p256().message(CONTENT).encode();
        let draft = sign(&Signing { previous: Some(Document::Bytes(&previous)), ..signing(&key, Detached::Absent) });
        let draft = draft.unwrap();
        let value = draft.value().to_vec();
        let both = read_bytes(&written(Ok(draft))).unwrap();
        let places: Vec<usize> = (0..2).filter(|&at| both.signatures.iter().nth(at).unwrap().value == value).collect();
        assert_eq!(places, [1], "{}", holder.name);
        let extended = rastau::cms::extend_with_timestamp(Document::Bytes(&previous), 0).unwrap();
        assert!(extended.value().is_empty() && !extended.stamped().is_empty());
    }
}

#[test]
fn nothing_is_added_to_what_does_not_hold_or_could_not_stay() {
    let holder = p256();
    let key = minted(holder);
    let add = |previous: &[u8], content| {
        refused(sign(&Signing { previous: Some(Document::Bytes(previous)), ..signing(&key, content) }))
    };
    let good = holder.message(CONTENT);
    let other = Signed::Raw(cms::attribute(cms::MESSAGE_DIGEST, &[der::octet_string(&[0; 32])]));
    let broken = Cms { signers: vec![holder.signer().without(&Signed::MessageDigest).with(other)], ..good.clone() };
    let value = Some(holder.key.sign(b"something else"));
    let wrong_value = Cms { signers: vec![Signer { value, ..holder.signer() }], ..good.clone() };
    for (what, previous, content, words) in [
        ("no message", b"not CMS".to_vec(), Detached::Absent, ""),
        ("no signer", Cms { signers: Vec::new(), ..good.clone() }.encode(), Detached::Absent, "no signature"),
        ("other content", good.encode(), Detached::Bytes(b"other"), "another than that in the document"),
        ("content missing", good.clone().detached().encode(), Detached::Absent, "must be given"),
        (
            "other content beside",
            good.clone().detached().encode(),
            Detached::Bytes(b"other"),
            "signer 1 of the message",
        ),
        ("a broken signature", broken.encode(), Detached::Absent, "signer 1 of the message does not hold"),
        ("a wrong value", wrong_value.encode(), Detached::Absent, "the signature does not verify"),
        ("truncated", good.encode()[..300].to_vec(), Detached::Absent, ""),
    ] {
        let text = add(&previous, content);
        assert!(text.contains(words), "{what}: {text}");
    }
    for oid in ["1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48"] {
        let signer = holder.signer().unsigned(move |_| cms::attribute(oid, &[der::null()]));
        let previous = Cms { signers: vec![signer], ..good.clone() }.encode();
        assert!(add(&previous, Detached::Absent).contains("archive timestamp"));
    }
    // A signer of indefinite length could only be written otherwise than it came.
    let info = holder.signer().encode(cms::DATA, CONTENT);
    let indefinite = cms::indefinite(0x30, &[&info[4..]]);
    let plain = good.encode();
    let place = plain.windows(info.len()).position(|window| window == info).unwrap();
    let set = place - 4;
    let version = plain[..60].windows(3).rposition(|window| window == [2, 1, 1]).unwrap();
    let data = cms::indefinite(0x30, &[&plain[version..set], &cms::indefinite(0x31, &[indefinite])]);
    let previous = cms::indefinite(0x30, &[der::oid(cms::SIGNED_DATA), cms::indefinite(0xa0, &[data])]);
    assert!(all_hold(&read_bytes(&previous).unwrap()));
    assert!(add(&previous, Detached::Absent).contains("BER"));
}

#[test]
fn nothing_is_signed_that_is_content_of_another_protocol() {
    let holder = p256();
    let key = minted(holder);
    // A timestamp's TSTInfo, a signed receipt, an enveloped message.
    for kind in ["1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.9.16.1.1", "1.2.840.113549.1.7.3"] {
        let previous = Cms { content_type: kind.to_owned(), ..holder.message(CONTENT) };
        for (message, content) in
            [(previous.encode(), Detached::Absent), (previous.clone().detached().encode(), Detached::Bytes(CONTENT))]
        {
            let more = Signing { previous: Some(Document::Bytes(&message)), ..signing(&key, content) };
            assert_eq!(
                refused(sign(&more)),
                format!(
                    "the document cannot be signed so: the content of the message is of type {kind}: a document is id-data"
                )
            );
        }
    }
}

#[test]
fn whatever_is_done_to_a_message_a_signature_is_added_to_good_ones_only() {
    let (first, key) = (p256(), minted(&holders()[6]));
    let info = first.signer().encode(cms::DATA, CONTENT);
    let good = first.message(CONTENT).encode();
    let mut added = 0;
    for place in 0..good.len() {
        for change in [1, 0x80, 0xff] {
            let mut message = good.clone();
            message[place] ^= change;
            let signing = Signing { previous: Some(Document::Bytes(&message)), ..signing(&key, Detached::Absent) };
            let Ok(draft) = sign(&signing) else { continue };
            let both = written(Ok(draft));
            let document = read_bytes(&both).unwrap();
            assert_eq!(document.signatures.len(), 2, "{place}");
            let own = document.signatures.iter().nth(1).unwrap();
            assert!(super::verify(own).is_ok(), "{place}: our own holds");
            // What was changed is beside the signature, or so that its certificate cannot be found.
            let before = document.signatures.iter().next().unwrap();
            assert!(certificate_of(before, &[]).is_none_or(|own| before.verify(&own).is_ok()), "{place}");
            added += usize::from(stands_in(&info, &both));
        }
    }
    assert!(added > 0, "changes of the version, say, do no harm");
}
