//! Every form of a good message holds, however it is encoded and however it is read.

use base64::Engine as _;
use rastau::cms::read;
use rastau::crypto::{HashAlgorithm, hash};
use rastau::signed::{Coverage, Detached, Document, Format, Level, SignatureFault, SignedDocument, SignerName};
use rastau_mint::cms::{Cms, Signed, Signer, ess, ess_id};
use rastau_mint::hash::Hash;
use rastau_mint::{cms, der, pem};

use super::{Holder, Slow, all_hold, certificate_of, holders, p256, read_bytes, read_stream, verdicts, verify};

const CONTENT: &[u8] = "өтініш: content to sign".as_bytes();

fn content_of<'a>(document: &'a SignedDocument, bytes: &'a [u8]) -> Option<&'a [u8]> {
    document.contents[0].bytes(Document::Bytes(bytes))
}

#[test]
fn every_algorithm_holds_in_every_encoding_and_way_of_reading() {
    for holder in holders() {
        let signers = [holder.signer(), holder.signer().by_key_id(), holder.signer().named_by_key()];
        for (form, signer) in ["plain", "key id", "named by key"].iter().zip(signers) {
            let message = Cms { signers: vec![signer], ..holder.message(CONTENT) };
            for (encoding, bytes) in [
                ("DER", message.encode()),
                ("BER", message.encode_ber(7)),
                ("BER in one piece", message.encode_ber(999)),
            ] {
                let what = format!("{} {form} {encoding}", holder.name);
                let document = read_bytes(&bytes).unwrap();
                assert!(all_hold(&document), "{what}: {:?}", verdicts(&document));
                assert_eq!(content_of(&document, &bytes), Some(CONTENT), "{what}");
                let streamed = read_stream(&bytes, 5).unwrap();
                assert!(all_hold(&streamed), "{what} as a stream: {:?}", verdicts(&streamed));
                assert_eq!(content_of(&streamed, &bytes), None, "{what}");
                let signature = document.signatures.iter().next().unwrap();
                assert_eq!(signature.covers, Coverage::Whole);
                assert_eq!(signature.level, Level::B);
                assert_eq!(signature.label, "signer 1");
                assert_eq!(matches!(signature.signer, SignerName::KeyId(_)), *form == "key id", "{what}");
                let digest = signature.content_digest.unwrap();
                assert_eq!(digest, hash(digest.algorithm(), CONTENT), "{what}");
            }
        }
    }
}

#[test]
fn a_value_over_the_content_itself_holds_where_the_content_is_at_hand() {
    for holder in holders() {
        let message = Cms { signers: vec![holder.signer().bare()], ..holder.message(CONTENT) };
        for bytes in [message.encode(), message.encode_ber(3)] {
            let document = read_bytes(&bytes).unwrap();
            assert!(all_hold(&document), "{}: {:?}", holder.name, verdicts(&document));
            assert_eq!(document.signatures.iter().next().unwrap().level, Level::Bare);
        }
        // Of short content the octets are kept even from a stream.
        assert!(all_hold(&read_stream(&message.encode(), 9).unwrap()), "{}", holder.name);
        let outside = message.clone().detached().encode();
        assert!(all_hold(&read(Document::Bytes(&outside), Detached::Bytes(CONTENT)).unwrap()), "{}", holder.name);
        for wrong in [&b""[..], b"other"] {
            assert!(!all_hold(&read(Document::Bytes(&outside), Detached::Bytes(wrong)).unwrap()), "{}", holder.name);
        }
        let digest = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512, HashAlgorithm::Gost94]
            .into_iter()
            .chain([HashAlgorithm::Streebog256, HashAlgorithm::Streebog512])
            .map(|algorithm| hash(algorithm, CONTENT))
            .collect::<Vec<_>>();
        let by_digest = read(Document::Bytes(&outside), Detached::Digests(&digest)).unwrap();
        // RSA and elliptic curves of NIST are verified over the message; and a digest could be that of another signature's
        // attributes.
        assert!(!all_hold(&by_digest), "{}", holder.name);
    }
}

#[test]
fn a_detached_message_takes_its_content_in_any_form_and_no_other_content() {
    let holder = p256();
    let bytes = holder.message(CONTENT).detached().encode();
    let good = [hash(HashAlgorithm::Sha256, CONTENT)];
    let bad = [hash(HashAlgorithm::Sha256, b"other")];
    let useless = [hash(HashAlgorithm::Sha512, CONTENT)];
    let stream = Slow { bytes: CONTENT, piece: 3 };
    let other = Slow { bytes: b"other", piece: 3 };
    for document in [Document::Bytes(&bytes), Document::Stream(&Slow { bytes: &bytes, piece: 11 })] {
        for detached in [Detached::Bytes(CONTENT), Detached::Digests(&good), Detached::Stream(&stream)] {
            assert!(all_hold(&read(document, detached).unwrap()), "{detached:?}");
        }
        for detached in [
            Detached::Bytes(b""),
            Detached::Bytes(&CONTENT[1..]),
            Detached::Digests(&bad),
            Detached::Digests(&useless),
            Detached::Digests(&[]),
            Detached::Digests(&[good[0], bad[0]]),
            Detached::Digests(&[bad[0], good[0]]),
            Detached::Stream(&other),
        ] {
            let verdicts = verdicts(&read(document, detached).unwrap());
            assert!(matches!(verdicts[..], [Err(SignatureFault::Altered(_))]), "{detached:?}: {verdicts:?}");
        }
        assert_eq!(verdicts(&read(document, Detached::Absent).unwrap()), [Err(SignatureFault::ContentMissing)]);
    }
}

#[test]
fn content_given_beside_content_inside_must_be_the_same() {
    let bytes = p256().message(CONTENT).encode();
    let by = |algorithm, content| [hash(algorithm, content)];
    let (good, also_good) = (by(HashAlgorithm::Sha256, CONTENT), by(HashAlgorithm::Streebog512, CONTENT));
    let (bad, also_bad) = (by(HashAlgorithm::Sha256, b"other"), by(HashAlgorithm::Streebog512, b"other"));
    let stream = Slow { bytes: CONTENT, piece: 3 };
    let other = Slow { bytes: b"other", piece: 3 };
    for document in [Document::Bytes(&bytes), Document::Stream(&Slow { bytes: &bytes, piece: 1000 })] {
        for (detached, holds) in [
            (Detached::Bytes(CONTENT), true),
            (Detached::Digests(&good), true),
            (Detached::Digests(&also_good), true),
            (Detached::Stream(&stream), true),
            (Detached::Bytes(b""), false),
            (Detached::Bytes(b"other"), false),
            (Detached::Digests(&bad), false),
            (Detached::Digests(&also_bad), false),
            (Detached::Digests(&[good[0], also_bad[0]]), false),
            (Detached::Digests(&[]), false),
            (Detached::Stream(&other), false),
        ] {
            assert_eq!(all_hold(&read(document, detached).unwrap()), holds, "{document:?} {detached:?}");
        }
    }
}

#[test]
fn pem_and_base64_in_memory_give_the_same_document() {
    let der = p256().message(CONTENT).encode();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
    let lines = pem::encode("CMS", &der);
    for (what, text) in [
        ("PEM", lines.clone()),
        ("PEM with CR LF", lines.replace('\n', "\r\n")),
        ("PEM of PKCS#7", pem::encode("PKCS7", &der)),
        ("base64", base64.clone()),
        ("base64 in lines", lines.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\r\n")),
        ("white space around", format!("  \r\n{base64}\n\n")),
        ("base64 of PEM", base64::engine::general_purpose::STANDARD.encode(&lines)),
    ] {
        let document = read_bytes(text.as_bytes()).unwrap();
        assert!(all_hold(&document), "{what}");
        assert_eq!(document.format, Format::Cms);
        assert_eq!(content_of(&document, text.as_bytes()), Some(CONTENT), "{what}");
        // A stream is read as it is.
        assert!(read_stream(text.as_bytes(), 100).is_err(), "{what}");
    }
    let secret = pem::encode("PRIVATE KEY", &der);
    assert!(read_bytes(secret.as_bytes()).is_err());
}

#[test]
fn many_signers_of_different_algorithms_hold_each_under_its_own_certificate() {
    let mut message = Cms::over(CONTENT);
    for holder in holders().iter().rev() {
        // Twice: duplicates are kept once.
        message = message.certificate(&holder.certificate).certificate(&holder.certificate);
    }
    message.signers = holders().iter().map(Holder::signer).collect();
    for bytes in [message.encode(), message.encode_ber(4)] {
        for document in [read_bytes(&bytes).unwrap(), read_stream(&bytes, 64).unwrap()] {
            assert_eq!(document.signatures.len(), holders().len());
            assert!(all_hold(&document), "{:?}", verdicts(&document));
            let first = document.signatures.iter().next().unwrap();
            assert_eq!(first.embedded.certificates.len(), holders().len());
            for (signature, holder) in document.signatures.iter().zip(holders()) {
                assert_eq!(verify(signature).unwrap().certificate(), &holder.certificate());
                for other in holders().iter().filter(|other| other.name != holder.name) {
                    assert!(signature.verify(&other.certificate()).is_err(), "{} as {}", other.name, holder.name);
                }
            }
        }
    }
}

#[test]
fn a_certificate_that_is_not_inside_may_come_from_elsewhere() {
    let holder = p256();
    let bytes = Cms { certificates: Vec::new(), ..holder.message(CONTENT) }.encode();
    let document = read_bytes(&bytes).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    assert!(certificate_of(signature, &[]).is_none());
    let found = certificate_of(signature, &[holders()[1].certificate(), holder.certificate()]).unwrap();
    assert!(signature.verify(&found).is_ok());
}

#[test]
fn references_to_the_certificate_are_compared_in_both_versions() {
    let holder = p256();
    let other = &holders()[1];
    let v1 = |certificate: &[u8]| {
        Signed::Raw(cms::attribute(cms::SIGNING_CERTIFICATE, &[ess(&[ess_id(Hash::Sha1, certificate)])]))
    };
    let v2 = |hash: Hash, certificate: &[u8]| {
        Signed::Raw(cms::attribute(cms::SIGNING_CERTIFICATE_V2, &[ess(&[ess_id(hash, certificate)])]))
    };
    let with_serial = |certificate: &[u8], serial_of: &[u8]| {
        let id = der::sequence(&[der::octet_string(&Hash::Sha256.digest(certificate)), cms::issuer_serial(serial_of)]);
        Signed::Raw(cms::attribute(cms::SIGNING_CERTIFICATE_V2, &[ess(&[id])]))
    };
    let chain = || {
        let ids = [ess_id(Hash::Sha256, &holder.certificate), ess_id(Hash::Sha256, &super::authority().certificate)];
        Signed::Raw(cms::attribute(cms::SIGNING_CERTIFICATE_V2, &[ess(&ids)]))
    };
    let (own, foreign) = (&holder.certificate[..], &other.certificate[..]);
    for (what, attributes, holds) in [
        ("none", vec![], true),
        ("V1", vec![v1(own)], true),
        ("V2", vec![v2(Hash::Sha256, own)], true),
        ("V2 by Streebog-512", vec![v2(Hash::Streebog512, own)], true),
        ("V2 by SHA-1, by default SHA-256", vec![v2(Hash::Sha1, own)], false),
        ("V2 with issuer and serial", vec![with_serial(own, own)], true),
        ("V2 with the chain", vec![chain()], true),
        ("both", vec![v1(own), v2(Hash::Sha256, own)], true),
        ("V1 of another", vec![v1(foreign)], false),
        ("V2 of another", vec![v2(Hash::Sha256, foreign)], false),
        ("V2 right, V1 of another", vec![v1(foreign), v2(Hash::Sha256, own)], false),
        ("V1 right, V2 of another", vec![v1(own), v2(Hash::Sha256, foreign)], false),
        ("V2 with the serial of another", vec![with_serial(own, foreign)], false),
    ] {
        let signer = Signer {
            signed: [vec![Signed::ContentType, Signed::MessageDigest], attributes].concat(),
            ..holder.signer()
        };
        let document = read_bytes(&Cms { signers: vec![signer], ..holder.message(CONTENT) }.encode()).unwrap();
        let verdict = verdicts(&document).remove(0);
        assert_eq!(verdict.is_ok(), holds, "{what}: {verdict:?}");
        if !holds {
            assert_eq!(verdict, Err(SignatureFault::WrongCertificate), "{what}");
        }
    }
}

#[test]
fn what_is_no_certificate_among_the_certificates_is_passed_over_with_a_word() {
    let holder = p256();
    let odd = [der::tlv(0xa1, &[5, 0]), der::tlv(0xa3, &[6, 1, 42, 5, 0])];
    let mut message = holder.message(CONTENT);
    message.certificates.splice(0..0, odd);
    let document = read_bytes(&message.encode()).unwrap();
    assert!(all_hold(&document));
    assert_eq!(document.warnings.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["certificate-choice"]);
}

#[test]
fn lists_and_ocsp_responses_beside_the_signers_become_evidence() {
    let holder = p256();
    let list = super::authority().list().sign(&super::authority().key);
    let response = der::sequence(&[der::enumerated(0)]);
    let other = |oid: &str| der::implicit_constructed(1, &[der::oid(oid), response.clone()]);
    let message = holder
        .message(CONTENT)
        .revocation(&list)
        .revocation(&list)
        .revocation(&other("1.3.6.1.5.5.7.16.2"))
        .revocation(&other("1.3.6.1.5.5.7.16.4"));
    let values = der::sequence(&[
        der::explicit(0, &der::sequence(&[&list])),
        der::explicit(1, &der::sequence(&[der::sequence(&[der::null()])])),
    ]);
    let more = super::authority().certificate.clone();
    let signer = holder
        .signer()
        .unsigned(move |_| cms::attribute(cms::REVOCATION_VALUES, std::slice::from_ref(&values)))
        .unsigned(move |_| cms::attribute(cms::CERT_VALUES, &[der::sequence(&[&more])]));
    let bytes = Cms { signers: vec![signer], ..message }.encode();
    let document = read_bytes(&bytes).unwrap();
    assert!(all_hold(&document));
    let evidence = &document.signatures.iter().next().unwrap().embedded;
    assert_eq!(evidence.lists, [list]);
    assert_eq!(evidence.responses, [response, der::sequence(&[der::null()])]);
    assert_eq!(evidence.certificates, [holder.certificate.clone(), super::authority().certificate.clone()]);
    assert_eq!(document.warnings.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["revocation-choice"]);
}

#[test]
fn counter_signatures_are_reported_and_verified_over_the_value() {
    let holder = p256();
    let second = &holders()[2];
    let good = second.signer().counter();
    let nested = {
        let inner = holder.signer().counter();
        Signer { unsigned: vec![std::sync::Arc::new(inner)], ..second.signer() }.counter()
    };
    let over_other = |value: &[u8]| {
        let wrong = [value, b"x"].concat();
        cms::attribute(
            cms::COUNTER_SIGNATURE,
            &[p256().signer().without(&Signed::ContentType).encode(cms::DATA, &wrong)],
        )
    };
    let with_type = |value: &[u8]| cms::attribute(cms::COUNTER_SIGNATURE, &[p256().signer().encode(cms::DATA, value)]);
    let unreadable = |_: &[u8]| cms::attribute(cms::COUNTER_SIGNATURE, &[der::null()]);
    let signer =
        holder.signer().unsigned(good).unsigned(nested).unsigned(over_other).unsigned(with_type).unsigned(unreadable);
    let message = Cms { signers: vec![signer], ..holder.message(CONTENT) }.certificate(&second.certificate);
    let document = read_bytes(&message.encode()).unwrap();
    assert!(all_hold(&document));
    let signature = document.signatures.iter().next().unwrap();
    let held: Vec<bool> = signature.counter_signatures.iter().map(|counter| verify(counter).is_ok()).collect();
    assert_eq!(held, [true, true, false, false]);
    let nested = &signature.counter_signatures[1].counter_signatures;
    assert!(matches!(nested.as_slice(), [one] if verify(one).is_ok()));
    assert!(matches!(signature.counter_signatures[0].covers, Coverage::Part(_)));
    assert!(matches!(&signature.unread_counter_signatures[..], [why] if why.contains("counter-signature 5")));
}
