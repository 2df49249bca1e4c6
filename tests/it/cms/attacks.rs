//! Messages that were bent on purpose: each is refused, and for the right reason.

use std::slice::from_ref;

use rastau::cms::read;
use rastau::crypto::{HashAlgorithm, hash};
use rastau::signed::{Detached, Document, FormatError, SignatureFault};
use rastau_mint::cms::{self, Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::hash::Hash;

use super::{Holder, holders, p256, read_bytes, read_stream, verdicts};

const CONTENT: &[u8] = b"content to sign";

/// How a message fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fails {
    Algorithm,
    Altered,
    Malformed,
    NoSignature,
    TooMuch,
    Unsupported,
    Value,
    WrongCertificate,
}

/// How it failed, in memory and as a stream alike.
fn failure(bytes: &[u8]) -> Option<Fails> {
    let outcome = |document: Result<rastau::signed::SignedDocument, FormatError>| match document {
        Err(FormatError::Malformed(_)) => Some(Fails::Malformed),
        Err(FormatError::NoSignature) => Some(Fails::NoSignature),
        Err(FormatError::TooMuch { .. }) => Some(Fails::TooMuch),
        Err(FormatError::Unsupported(_)) => Some(Fails::Unsupported),
        Err(other) => panic!("{other}"),
        Ok(document) => verdicts(&document).into_iter().find_map(|verdict| match verdict {
            Ok(()) => None,
            Err(SignatureFault::Algorithm(_)) => Some(Fails::Algorithm),
            Err(SignatureFault::Altered(_)) => Some(Fails::Altered),
            Err(SignatureFault::Value(_)) => Some(Fails::Value),
            Err(SignatureFault::WrongCertificate) => Some(Fails::WrongCertificate),
            Err(other) => panic!("{other}"),
        }),
    };
    let (memory, stream) = (outcome(read_bytes(bytes)), outcome(read_stream(bytes, 1000)));
    assert_eq!(memory, stream, "in memory and as a stream");
    memory
}

fn raw(oid: &str, values: &[Vec<u8>]) -> Signed {
    Signed::Raw(cms::attribute(oid, values))
}

fn digest(content: &[u8]) -> Vec<u8> {
    der::octet_string(&Hash::Sha256.digest(content))
}

/// A message of one P-256 signer with exactly these signed attributes.
fn signed(attributes: Vec<Signed>) -> Vec<u8> {
    by(Signer { signed: attributes, ..p256().signer() })
}

fn by(signer: Signer) -> Vec<u8> {
    Cms { signers: vec![signer], ..p256().message(CONTENT) }.encode()
}

#[test]
fn signed_attributes_that_break_a_rule_are_refused() {
    let data = || der::oid(cms::DATA);
    let time = || der::time("2026-07-20T09:08:06Z");
    let (kind, hash) = (Signed::ContentType, Signed::MessageDigest);
    let base = || vec![kind.clone(), hash.clone()];
    let plus = |attribute: Signed| [base(), vec![attribute]].concat();
    assert_eq!(failure(&signed(base())), None);
    for (what, attributes) in [
        ("no messageDigest", vec![kind.clone()]),
        ("no contentType", vec![hash.clone()]),
        ("neither", vec![Signed::SigningTime("2026-07-20T09:08:06Z")]),
        (
            "contentType of another type",
            vec![raw(cms::CONTENT_TYPE, &[der::oid("1.2.840.113549.1.7.5")]), hash.clone()],
        ),
        ("contentType of two values", vec![raw(cms::CONTENT_TYPE, &[data(), data()]), hash.clone()]),
        ("contentType of no value", vec![raw(cms::CONTENT_TYPE, &[]), hash.clone()]),
        ("contentType that is no OID", vec![raw(cms::CONTENT_TYPE, &[der::null()]), hash.clone()]),
        ("contentType twice", plus(kind.clone())),
        ("messageDigest twice", plus(hash.clone())),
        ("messageDigest twice, one wrong", plus(raw(cms::MESSAGE_DIGEST, &[digest(b"other")]))),
        ("messageDigest of two values", vec![kind.clone(), raw(cms::MESSAGE_DIGEST, &[digest(CONTENT), digest(b"x")])]),
        ("messageDigest that is no string", vec![kind.clone(), raw(cms::MESSAGE_DIGEST, &[der::null()])]),
        ("messageDigest of other content", vec![kind.clone(), raw(cms::MESSAGE_DIGEST, &[digest(b"other")])]),
        (
            "messageDigest cut",
            vec![kind.clone(), raw(cms::MESSAGE_DIGEST, &[der::octet_string(&Hash::Sha256.digest(CONTENT)[..20])])],
        ),
        ("messageDigest empty", vec![kind.clone(), raw(cms::MESSAGE_DIGEST, &[der::octet_string(&[])])]),
        (
            "signingTime twice",
            [base(), vec![raw(cms::SIGNING_TIME, &[time()]), raw(cms::SIGNING_TIME, &[time()])]].concat(),
        ),
        ("signingTime of two values", plus(raw(cms::SIGNING_TIME, &[time(), time()]))),
        ("signingTime that is no time", plus(raw(cms::SIGNING_TIME, &[der::utf8("now")]))),
        ("signingTime with an offset", plus(raw(cms::SIGNING_TIME, &[der::utc_time("260720090806+0500")]))),
        ("signingCertificateV2 that cannot be read", plus(raw(cms::SIGNING_CERTIFICATE_V2, &[der::null()]))),
        ("signingCertificateV2 without a reference", plus(raw(cms::SIGNING_CERTIFICATE_V2, &[cms::ess(&[])]))),
        (
            "signingCertificateV2 twice",
            [base(), vec![Signed::SigningCertificateV2, Signed::SigningCertificateV2]].concat(),
        ),
        (
            "signingCertificateV2 of two values",
            plus(raw(
                cms::SIGNING_CERTIFICATE_V2,
                &[
                    cms::ess(&[cms::ess_id(Hash::Sha256, &p256().certificate)]),
                    cms::ess(&[cms::ess_id(Hash::Sha256, b"other")]),
                ],
            )),
        ),
        (
            "signingCertificateV2 by MD5",
            plus(raw(
                cms::SIGNING_CERTIFICATE_V2,
                &[cms::ess(&[der::sequence(&[
                    der::sequence(&[der::oid("1.2.840.113549.2.5")]),
                    der::octet_string(&[0; 16]),
                ])])],
            )),
        ),
    ] {
        assert_eq!(failure(&signed(attributes)), Some(Fails::Altered), "{what}");
    }
    let more: Vec<Signed> = (0..100).map(|number| raw(&format!("2.25.{number}"), &[])).collect();
    assert_eq!(failure(&signed([base(), more].concat())), Some(Fails::TooMuch));
    let not_an_attribute = vec![Signed::Raw(der::sequence(&[der::null()]))];
    assert_eq!(failure(&signed([base(), not_an_attribute].concat())), Some(Fails::Malformed));
}

#[test]
fn an_attribute_of_a_type_that_nobody_reads_may_stand_twice() {
    let twice = vec![raw("2.25.1", &[der::null()]), raw("2.25.1", &[der::integer(1)])];
    assert_eq!(failure(&signed([vec![Signed::ContentType, Signed::MessageDigest], twice].concat())), None);
}

#[test]
fn algorithms_that_are_not_those_named_under_the_signature_are_refused() {
    let identifier = |oid: &str, null: bool| {
        let parameters = if null { der::null() } else { Vec::new() };
        der::sequence(&[der::oid(oid), parameters])
    };
    let (own, other) = (identifier(Hash::Sha256.oid(), true), identifier(Hash::Sha512.oid(), true));
    let signature = p256().key.algorithm_identifier();
    let other_signature = identifier("1.2.840.10045.4.3.4", false);
    let protected = |values: &[Vec<u8>]| raw(cms::ALGORITHM_PROTECTION, values);
    let with = |attribute: Signed| signed(vec![Signed::ContentType, Signed::MessageDigest, attribute]);
    let good = cms::algorithm_protection(&own, &signature);
    for (what, value) in [
        ("another hash", cms::algorithm_protection(&other, &signature)),
        ("another signature", cms::algorithm_protection(&own, &other_signature)),
        ("both others", cms::algorithm_protection(&other, &other_signature)),
        (
            "other parameters",
            cms::algorithm_protection(
                &identifier(Hash::Sha256.oid(), false),
                &der::sequence(&[&signature[2..], &der::integer(1)]),
            ),
        ),
        ("no signature", der::sequence(from_ref(&own))),
        ("a MAC", der::sequence(&[own.clone(), der::implicit_constructed(2, &[&signature[2..]])])),
        ("a signature and a MAC", der::sequence(&[&good[2..], &der::implicit_constructed(2, &[&signature[2..]])])),
        ("something behind it", der::sequence(&[&good[2..], &der::null()])),
        ("nothing that can be read", der::null()),
    ] {
        assert_eq!(failure(&with(protected(&[value]))), Some(Fails::Altered), "{what}");
    }
    assert_eq!(failure(&with(protected(&[good.clone(), good.clone()]))), Some(Fails::Altered), "two values");
    assert_eq!(failure(&with(protected(&[]))), Some(Fails::Altered), "no value");
    let twice =
        vec![Signed::ContentType, Signed::MessageDigest, protected(from_ref(&good)), protected(from_ref(&good))];
    assert_eq!(failure(&signed(twice)), Some(Fails::Altered), "two attributes");
    let value = good.clone();
    let unsigned = p256().signer().unsigned(move |_| cms::attribute(cms::ALGORITHM_PROTECTION, from_ref(&value)));
    assert_eq!(failure(&by(unsigned)), Some(Fails::Altered), "not signed");

    assert_eq!(failure(&with(protected(&[good]))), None);
    // Absent and NULL are the same.
    let absent = cms::algorithm_protection(&identifier(Hash::Sha256.oid(), false), &signature);
    assert_eq!(failure(&with(protected(&[absent]))), None);
}

#[test]
fn counter_signatures_name_their_algorithms_as_signatures_do() {
    let own = der::sequence(&[der::oid(Hash::Sha256.oid()), der::null()]);
    let other = der::sequence(&[der::oid(Hash::Sha512.oid()), der::null()]);
    for (hash, holds) in [(other, false), (own, true)] {
        let value = cms::algorithm_protection(&hash, &p256().key.algorithm_identifier());
        let counter = p256().signer().with(raw(cms::ALGORITHM_PROTECTION, &[value])).counter();
        let document = read_bytes(&by(p256().signer().unsigned(counter))).unwrap();
        let [one] = &document.signatures.iter().next().unwrap().counter_signatures[..] else { panic!("one") };
        assert_eq!(super::verify(one).is_ok(), holds);
    }
}

#[test]
fn a_signature_moved_to_other_content_or_another_type_is_refused() {
    // The attributes are those of the good message, whatever stands around them.
    let attributes = vec![raw(cms::CONTENT_TYPE, &[der::oid(cms::DATA)]), raw(cms::MESSAGE_DIGEST, &[digest(CONTENT)])];
    let good = Cms { signers: vec![Signer { signed: attributes, ..p256().signer() }], ..p256().message(CONTENT) };
    let enveloped = || "1.2.840.113549.1.7.5".to_owned();
    assert_eq!(failure(&good.encode()), None);
    let other = Cms { content: b"CONTENT to sign".to_vec(), ..good.clone() };
    assert_eq!(failure(&other.encode()), Some(Fails::Altered), "content of the same length");
    let typed = Cms { content_type: enveloped(), ..good.clone() };
    assert_eq!(failure(&typed.encode()), Some(Fails::Altered), "another type");
    let bare = Signer { value: Some(p256().key.sign(CONTENT)), ..p256().signer().bare() };
    let bare = Cms { signers: vec![bare], ..good };
    assert_eq!(failure(&bare.encode()), None);
    let other = Cms { content: b"CONTENT to sign".to_vec(), ..bare.clone() };
    assert_eq!(failure(&other.encode()), Some(Fails::Value));
    let typed = Cms { content_type: enveloped(), ..bare };
    assert_eq!(failure(&typed.encode()), Some(Fails::Altered), "without attributes only id-data can be signed");
}

#[test]
fn the_attributes_of_a_signature_cannot_become_the_content_of_another() {
    let signer = p256().signer();
    let info = signer.encode(cms::DATA, CONTENT);
    // The SET that was signed: take it out of the signer and sign nothing new.
    let attributes: Vec<Vec<u8>> = {
        let mut all = vec![
            cms::attribute(cms::CONTENT_TYPE, &[der::oid(cms::DATA)]),
            cms::attribute(cms::SIGNING_TIME, &[der::time("2026-07-20T09:08:06Z")]),
            cms::attribute(cms::SIGNING_CERTIFICATE_V2, &[cms::ess(&[cms::ess_id(Hash::Sha256, &signer.certificate)])]),
            cms::attribute(cms::MESSAGE_DIGEST, &[digest(CONTENT)]),
        ];
        all.sort();
        all
    };
    let set = der::set(&attributes);
    let position = info.windows(set.len() - 1).position(|window| window == &set[1..]);
    assert!(position.is_some(), "the attributes are those of the signer");
    let value = signer.key.sign(&set);
    let stripped = Signer { value: Some(value), ..signer.bare() };
    let message = Cms { content: set, signers: vec![stripped], ..p256().message(b"") };
    assert_eq!(failure(&message.encode()), Some(Fails::Altered));
    let outside = Cms { detached: true, ..message.clone() }.encode();
    let document = read(Document::Bytes(&outside), Detached::Bytes(&message.content)).unwrap();
    assert!(matches!(verdicts(&document)[..], [Err(SignatureFault::Altered(_))]));
}

#[test]
fn the_attributes_of_a_signature_cannot_become_content_of_which_only_the_digest_is_given() {
    // GOST verifies by digest, so nobody would see that the file is no file.
    for holder in holders().iter().filter(|holder| holder.name.starts_with("gost")) {
        let signer = holder.signer();
        let mut attributes = vec![
            cms::attribute(cms::CONTENT_TYPE, &[der::oid(cms::DATA)]),
            cms::attribute(cms::MESSAGE_DIGEST, &[signer.hash.digest(CONTENT)]),
        ];
        attributes.sort();
        let set = der::set(&attributes);
        let stripped = Signer { value: Some(signer.key.sign(&set)), ..signer.bare() };
        let message = Cms { content: set.clone(), signers: vec![stripped], ..holder.message(b"") }.detached();
        let digests = [HashAlgorithm::Gost94, HashAlgorithm::Streebog256, HashAlgorithm::Streebog512]
            .map(|algorithm| hash(algorithm, &set));
        let document = read(Document::Bytes(&message.encode()), Detached::Digests(&digests)).unwrap();
        assert!(matches!(verdicts(&document)[..], [Err(SignatureFault::Altered(_))]), "{}", holder.name);
    }
}

#[test]
fn attributes_in_another_order_than_they_were_signed_in_do_not_hold() {
    let attributes = vec![Signed::MessageDigest, Signed::ContentType, Signed::SigningTime("2026-07-20T09:08:06Z")];
    let unsorted = Signer { signed: attributes, sorted: false, ..p256().signer() };
    // Signed as they stand, they hold: the original bytes count, whatever their order.
    assert_eq!(failure(&by(unsorted.clone())), None);
    let sorted = Signer { sorted: true, ..unsorted.clone() };
    let info = sorted.encode(cms::DATA, CONTENT);
    let value_of_sorted = {
        // ECDSA of the mint is deterministic: the value is the same for the same attributes.
        let mut all: Vec<Vec<u8>> = vec![
            cms::attribute(cms::MESSAGE_DIGEST, &[digest(CONTENT)]),
            cms::attribute(cms::CONTENT_TYPE, &[der::oid(cms::DATA)]),
            cms::attribute(cms::SIGNING_TIME, &[der::time("2026-07-20T09:08:06Z")]),
        ];
        all.sort();
        p256().key.sign(&der::set(&all))
    };
    assert!(info.windows(value_of_sorted.len()).any(|window| window == value_of_sorted));
    let moved = Signer { value: Some(value_of_sorted), ..unsorted };
    assert_eq!(failure(&by(moved)), Some(Fails::Value));
}

#[test]
fn attributes_in_ber_count_as_the_der_they_stand_for_and_only_if_that_is_plain() {
    // A signer with a signed attribute set of indefinite length, value over the DER of it.
    let ber_signer = |sorted: bool| {
        let mut attributes = vec![
            cms::attribute(cms::CONTENT_TYPE, &[der::oid(cms::DATA)]),
            cms::attribute(cms::MESSAGE_DIGEST, &[digest(CONTENT)]),
        ];
        attributes.sort();
        if !sorted {
            attributes.reverse();
        }
        let value = p256().key.sign(&der::set(&attributes));
        let (issuer, serial) = cms::issuer_and_serial(&p256().certificate);
        der::sequence(&[
            der::integer(1),
            der::sequence(&[issuer, serial]),
            der::sequence(&[der::oid(Hash::Sha256.oid())]),
            cms::indefinite(0xa0, &attributes),
            p256().key.algorithm_identifier(),
            der::octet_string(&value),
        ])
    };
    let message = |info: Vec<u8>| {
        let data = der::sequence(&[
            der::integer(1),
            der::set(&[der::sequence(&[der::oid(Hash::Sha256.oid())])]),
            der::sequence(&[der::oid(cms::DATA), der::explicit(0, &der::octet_string(CONTENT))]),
            der::implicit_constructed(0, &[&p256().certificate]),
            der::set(&[info]),
        ]);
        der::sequence(&[der::oid(cms::SIGNED_DATA), der::explicit(0, &data)])
    };
    assert_eq!(failure(&message(ber_signer(true))), None);
    assert_eq!(failure(&message(ber_signer(false))), Some(Fails::Altered));
}

#[test]
fn algorithms_that_disagree_or_are_not_allowed_are_refused() {
    let rsa = &holders()[1];
    let identifier = |oid: &str, parameters: &[u8]| der::sequence(&[&der::oid(oid)[..], parameters]);
    let with = |holder: &Holder, digest: Option<Vec<u8>>, signature: Option<Vec<u8>>| {
        let signer = Signer { digest_algorithm: digest, signature_algorithm: signature, ..holder.signer() };
        Cms { signers: vec![signer], ..holder.message(CONTENT) }.encode()
    };
    let sha = |hash: Hash| Some(identifier(hash.oid(), &[]));
    for (what, bytes, fails) in [
        ("SHA-384 beside ecdsa-sha256", with(p256(), sha(Hash::Sha384), None), Fails::Altered),
        ("SHA-512 beside rsa-sha256", with(rsa, sha(Hash::Sha512), None), Fails::Altered),
        ("Streebog beside rsa-sha256", with(rsa, sha(Hash::Streebog256), None), Fails::Altered),
        ("SHA-1", with(rsa, sha(Hash::Sha1), None), Fails::Algorithm),
        ("MD5", with(rsa, Some(identifier("1.2.840.113549.2.5", &[])), None), Fails::Algorithm),
        ("a hash with parameters", with(rsa, Some(identifier(Hash::Sha256.oid(), &[4, 0])), None), Fails::Algorithm),
        ("a hash of nobody", with(rsa, Some(identifier("2.25.7", &[])), None), Fails::Algorithm),
        ("rsa-sha1", with(rsa, None, Some(identifier("1.2.840.113549.1.1.5", &[5, 0]))), Fails::Algorithm),
        ("RSA-PSS", with(rsa, None, Some(identifier("1.2.840.113549.1.1.10", &[0x30, 0]))), Fails::Algorithm),
        ("RSA with parameters", with(rsa, None, Some(identifier("1.2.840.113549.1.1.1", &[4, 0]))), Fails::Algorithm),
        (
            "ecdsa-sha256 with NULL",
            with(p256(), None, Some(identifier("1.2.840.10045.4.3.2", &[5, 0]))),
            Fails::Algorithm,
        ),
        ("another algorithm than the key's", with(p256(), None, Some(rsa.key.algorithm_identifier())), Fails::Value),
    ] {
        assert_eq!(failure(&bytes), Some(fails), "{what}");
    }
}

#[test]
fn a_frame_that_is_bent_is_malformed_and_nothing_signed_is_no_signature() {
    let good = p256().message(CONTENT);
    let encoded = good.encode();
    let reframed =
        |data: &[Vec<u8>]| der::sequence(&[der::oid(cms::SIGNED_DATA), der::explicit(0, &der::sequence(data))]);
    let (version, algorithms) = (der::integer(1), der::set(&[der::sequence(&[der::oid(Hash::Sha256.oid())])]));
    let inside = |explicit: &[u8]| der::sequence(&[&der::oid(cms::DATA)[..], explicit]);
    let octets = der::explicit(0, &der::octet_string(CONTENT));
    let info = good.signers[0].encode(cms::DATA, CONTENT);
    let certificates = der::implicit_constructed(0, &[&p256().certificate]);
    for (what, bytes, fails) in [
        ("no signers", Cms { signers: Vec::new(), ..good.clone() }.encode(), Fails::NoSignature),
        ("no signers in BER", Cms { signers: Vec::new(), ..good.clone() }.encode_ber(3), Fails::NoSignature),
        ("enveloped data", Cms { kind: "1.2.840.113549.1.7.3", ..good.clone() }.encode(), Fails::Unsupported),
        (
            "plain data",
            der::sequence(&[der::oid(cms::DATA), der::explicit(0, &der::octet_string(b"x"))]),
            Fails::Unsupported,
        ),
        ("version 0", Cms { version: 0, ..good.clone() }.encode(), Fails::Malformed),
        ("version 6", Cms { version: 6, ..good.clone() }.encode(), Fails::Malformed),
        ("a signer of version 2", by(Signer { version: 2, ..p256().signer() }), Fails::Malformed),
        ("a signer without a name", by(Signer { sid: der::null(), ..p256().signer() }), Fails::Malformed),
        (
            "a signer named by nonsense",
            by(Signer { sid: der::sequence(&[der::null()]), ..p256().signer() }),
            Fails::Malformed,
        ),
        ("bytes after the end", [&encoded[..], &[0]].concat(), Fails::Malformed),
        (
            "content that is no string",
            reframed(&[
                version.clone(),
                algorithms.clone(),
                inside(&der::explicit(0, &der::null())),
                der::set(&[&info]),
            ]),
            Fails::Malformed,
        ),
        (
            "content twice",
            reframed(&[
                version.clone(),
                algorithms.clone(),
                inside(&[&octets[..], &octets].concat()),
                der::set(&[&info]),
            ]),
            Fails::Malformed,
        ),
        (
            "two strings of content",
            reframed(&[
                version.clone(),
                algorithms.clone(),
                inside(&der::explicit(0, &[der::octet_string(b"a"), der::octet_string(b"b")].concat())),
                der::set(&[&info]),
            ]),
            Fails::Malformed,
        ),
        (
            "signers missing",
            reframed(&[version.clone(), algorithms.clone(), inside(&octets), certificates.clone()]),
            Fails::Malformed,
        ),
        (
            "certificates after the signers",
            reframed(&[version.clone(), algorithms.clone(), inside(&octets), der::set(&[&info]), certificates.clone()]),
            Fails::Malformed,
        ),
        (
            "signers twice",
            reframed(&[version.clone(), algorithms.clone(), inside(&octets), der::set(&[&info]), der::set(&[&info])]),
            Fails::Malformed,
        ),
        (
            "a signer that is no SEQUENCE",
            reframed(&[version.clone(), algorithms.clone(), inside(&octets), der::set(&[der::null()])]),
            Fails::Malformed,
        ),
        (
            "something else among the certificates",
            reframed(&[
                version,
                algorithms,
                inside(&octets),
                der::implicit_constructed(0, &[der::null()]),
                der::set(&[&info]),
            ]),
            Fails::Malformed,
        ),
    ] {
        assert_eq!(failure(&bytes), Some(fails), "{what}");
    }
}

#[test]
fn one_good_signature_does_not_hide_a_bad_one() {
    let rsa = &holders()[1];
    let bad = Signer { value: Some(vec![1; 256]), ..rsa.signer() };
    for signers in [vec![p256().signer(), bad.clone()], vec![bad, p256().signer()]] {
        let message = Cms { signers, ..p256().message(CONTENT) }.certificate(&rsa.certificate);
        let held: Vec<bool> = verdicts(&read_bytes(&message.encode()).unwrap()).iter().map(Result::is_ok).collect();
        assert_eq!(held.iter().filter(|held| **held).count(), 1);
    }
}

/// A message with one signer over and over.
fn repeated(signer: &Signer, content: &[u8], count: usize) -> Vec<u8> {
    let signer = signer.encode(cms::DATA, content);
    let data = der::sequence(&[
        der::integer(1),
        der::set(&[der::sequence(&[der::oid(Hash::Sha256.oid())])]),
        der::sequence(&[der::oid(cms::DATA), der::explicit(0, &der::octet_string(content))]),
        der::set(&vec![&signer; count]),
    ]);
    der::sequence(&[der::oid(cms::SIGNED_DATA), der::explicit(0, &data)])
}

#[test]
fn many_values_without_attributes_over_long_content_are_too_much() {
    let content = vec![7; 1 << 20];
    let bare = p256().signer().bare();
    // Each of them hashes all of it again, under every certificate that it may mean.
    assert_eq!(read_bytes(&repeated(&bare, &content, 65)).unwrap().signatures.len(), 65);
    assert!(matches!(read_bytes(&repeated(&bare, &content, 66)), Err(FormatError::TooMuch { .. })));
    assert_eq!(read_bytes(&repeated(&p256().signer(), &content, 66)).unwrap().signatures.len(), 66);
    let long = vec![7; 70 << 20];
    assert_eq!(read_bytes(&repeated(&bare, &long, 1)).unwrap().signatures.len(), 1, "one alone may sign any content");
    assert!(matches!(read_bytes(&repeated(&bare, &long, 2)), Err(FormatError::TooMuch { .. })));
}

#[test]
fn what_has_to_be_signed_is_not_believed_among_the_unsigned_attributes() {
    for oid in [
        cms::CONTENT_TYPE,
        cms::MESSAGE_DIGEST,
        cms::SIGNING_TIME,
        cms::SIGNING_CERTIFICATE,
        cms::SIGNING_CERTIFICATE_V2,
    ] {
        for signer in [p256().signer(), p256().signer().bare()] {
            let misplaced = signer.unsigned(move |_| cms::attribute(oid, &[der::null()]));
            assert_eq!(failure(&by(misplaced)), Some(Fails::Altered), "{oid}");
        }
    }
}

#[test]
fn empty_timestamps_and_counter_signatures_by_the_thousand_are_too_much() {
    for oid in [cms::SIGNATURE_TIMESTAMP, cms::ARCHIVE_TIMESTAMP_V3, cms::COUNTER_SIGNATURE, "2.25.7"] {
        // Two octets each in the message, a hundred times that once they were read.
        let values = vec![der::null(); 100_000];
        let attribute = cms::attribute(oid, &values);
        let flooded = p256().signer().unsigned(move |_| attribute.clone());
        assert_eq!(failure(&by(flooded)), Some(Fails::TooMuch), "{oid}");
        let values = vec![der::null(); 100];
        let spread = (0..64).fold(p256().signer(), |signer, _| {
            let attribute = cms::attribute(oid, &values);
            signer.unsigned(move |_| attribute.clone())
        });
        assert_eq!(failure(&by(spread)), Some(Fails::TooMuch), "{oid} in many attributes");
    }
}

#[test]
fn counter_signatures_that_cannot_be_read_count_like_those_that_can() {
    let broken = |count: usize| {
        let attribute = cms::attribute(cms::COUNTER_SIGNATURE, &vec![der::null(); count]);
        p256().signer().unsigned(move |_| attribute.clone())
    };
    let few = read_bytes(&repeated(&broken(100), CONTENT, 2)).unwrap();
    assert!(few.signatures.iter().all(|signature| signature.unread_counter_signatures.len() == 100));
    assert!(matches!(read_bytes(&repeated(&broken(100), CONTENT, 3)), Err(FormatError::TooMuch { .. })));
}

#[test]
fn more_than_the_budget_is_too_much() {
    let many = |count: usize| repeated(&p256().signer(), CONTENT, count);
    assert_eq!(read_bytes(&many(256)).unwrap().signatures.len(), 256);
    assert!(matches!(read_bytes(&many(257)), Err(FormatError::TooMuch { what: "signatures", .. })));
    let mut counter = p256().signer();
    for _ in 0..8 {
        let inner = counter.clone();
        counter = Signer { unsigned: vec![std::sync::Arc::new(inner.counter())], ..p256().signer() };
    }
    assert_eq!(failure(&by(counter)), Some(Fails::TooMuch));
    let long = vec![Signed::ContentType, Signed::MessageDigest, raw("2.25.1", &[der::octet_string(&vec![0; 300_000])])];
    assert_eq!(failure(&signed(long)), Some(Fails::TooMuch));
    assert_eq!(failure(&by(Signer { value: Some(vec![1; 5000]), ..p256().signer() })), Some(Fails::TooMuch));
}
