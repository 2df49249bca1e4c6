//! Timestamps and evidence that are added to signatures: with the signing, and afterwards without the key.

use rastau::cms::{Signing, extend_with_evidence, extend_with_timestamp, sign};
use rastau::signed::{Detached, Document, Embedded, Level, MakeError, SignedDocument, TimestampKind};
use rastau::tsp::Token;
use rastau_mint::cms::{self, Cms};
use rastau_mint::der;
use rastau_mint::hash::Hash;
use rastau_mint::tsp::TokenBuilder;

use super::making::{CONTENT, content, minted, refused, signing, stands_in, written};
use super::{Holder, Slow, all_hold, authority, holders, p256, read_bytes, verify};

fn token(stamped: &[u8]) -> TokenBuilder {
    let key = rastau_mint::key::Key::p256("cms tsa");
    let certificate = authority().issue(authority().timestamp_authority("ТЕСТ TSA", &key));
    TokenBuilder::new(&key, &certificate, stamped, "2026-11-20T09:08:10Z")
}

fn levels(document: &SignedDocument) -> Vec<Level> {
    document.signatures.iter().map(|signature| signature.level).collect()
}

/// Whether the timestamp of each signature, where it has one, holds and is over it.
fn stamps_hold(document: &SignedDocument) -> bool {
    document.signatures.iter().flat_map(|signature| &signature.timestamps).all(|stamp| {
        let token = Token::read(&stamp.token).unwrap();
        stamp.kind == TimestampKind::Signature
            && token.check_imprint(&stamp.covered).is_ok()
            && verify(&token.signature).is_ok()
    })
}

fn timestamped(message: Document<'_>, which: usize) -> Vec<u8> {
    let draft = extend_with_timestamp(message, which).unwrap();
    let token = token(draft.stamped()).encode();
    let mut out = Vec::new();
    draft.write(Some(&token), &mut out).unwrap();
    out
}

fn evidence() -> Embedded {
    let list = authority().list().sign(&authority().key);
    // The forms are all that is looked at when they are written.
    let basic = der::sequence(&[der::sequence(&[der::integer(7)]), der::sequence(&[der::oid("2.25.1")])]);
    let response = der::sequence(&[der::tlv(0x0a, &[0]), der::explicit(0, &basic)]);
    Embedded {
        certificates: vec![authority().certificate.clone()],
        lists: vec![list],
        responses: vec![response, basic],
    }
}

fn with_evidence(message: Document<'_>, evidence: &Embedded) -> Vec<u8> {
    let mut out = Vec::new();
    extend_with_evidence(message, evidence, &mut out).unwrap();
    out
}

fn message_of(holder: &Holder) -> Cms {
    holder.message(CONTENT)
}

#[test]
fn a_timestamp_fetched_between_signing_and_writing_is_inside() {
    for holder in holders() {
        let key = minted(holder);
        for detached in [false, true] {
            let draft = sign(&Signing { detached, ..signing(&key, Detached::Bytes(CONTENT)) }).unwrap();
            let token = token(draft.stamped()).encode();
            let mut out = Vec::new();
            draft.write(Some(&token), &mut out).unwrap();
            let document = rastau::cms::read(Document::Bytes(&out), Detached::Bytes(CONTENT)).unwrap();
            assert!(all_hold(&document) && stamps_hold(&document), "{}", holder.name);
            assert_eq!(levels(&document), [Level::T]);
            assert_eq!(document.signatures.iter().next().unwrap().timestamps[0].token, token);
        }
    }
}

#[test]
fn a_token_that_is_not_over_this_signature_is_not_put_beside_it() {
    let key = minted(p256());
    let sha1 = |value: &[u8]| token(value).imprint(Hash::Sha1, &Hash::Sha1.digest(value)).encode();
    let ber = |value: &[u8]| {
        let built = token(value);
        Cms { content: built.info(), signers: vec![built.signer.clone()], ..built.message.clone() }.encode_ber(5)
    };
    let of_data = |_: &[u8]| message_of(p256()).encode();
    let other = |_: &[u8]| token(b"another value").encode();
    type Make<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, Make<'_>, &str); 5] = [
        ("over something else", &other, "not over this signature"),
        ("SHA-1", &sha1, "hash not allowed"),
        ("BER", &ber, "not CMS in DER"),
        ("another type", &of_data, "another type"),
        ("nothing", &|_| Vec::new(), "not CMS in DER"),
    ];
    for (what, make, words) in cases {
        let draft = sign(&signing(&key, Detached::Bytes(CONTENT))).unwrap();
        let token = make(draft.stamped());
        let mut out = Vec::new();
        let error = draft.write(Some(&token), &mut out).unwrap_err();
        assert!(error.to_string().contains(words), "{what}: {error}");
        assert!(out.is_empty(), "{what}: nothing is written");
    }
}

#[test]
fn a_timestamp_is_added_to_the_signature_that_was_meant_and_nothing_signed_changes() {
    let [first, second] = [&holders()[0], &holders()[2]];
    let counter = |holder: &Holder| holder.signer().counter();
    let other = first.signer().unsigned(counter(second));
    let both =
        Cms { signers: vec![other.clone(), second.signer()], ..message_of(first) }.certificate(&second.certificate);
    let infos = [&other, &second.signer()].map(|signer| signer.encode(cms::DATA, CONTENT));
    for message in [both.encode(), both.encode_ber(4)] {
        let stream = Slow { bytes: &message, piece: 3 };
        for document in [Document::Bytes(&message), Document::Stream(&stream)] {
            for which in [0, 1] {
                let out = timestamped(document, which);
                let read = read_bytes(&out).unwrap();
                assert!(all_hold(&read) && stamps_hold(&read));
                let mut wanted = [Level::B, Level::B];
                wanted[which] = Level::T;
                assert_eq!(levels(&read), wanted);
                assert!(stands_in(&infos[1 - which], &out), "the other signer");
                // Without its header and without what is not signed.
                let fields = second.signer().encode(cms::DATA, CONTENT);
                assert!(stands_in(&fields[4..], &out));
                assert_eq!(content(&read, &out).as_deref(), Some(CONTENT));
                assert_eq!(read.signatures.iter().next().unwrap().counter_signatures.len(), 1);
                let twice = timestamped(Document::Bytes(&out), which);
                let read = read_bytes(&twice).unwrap();
                assert!(all_hold(&read) && stamps_hold(&read));
                assert_eq!(twice, out, "the same token is there once");
            }
        }
    }
    let message = both.encode();
    assert!(refused(extend_with_timestamp(Document::Bytes(&message), 2)).contains("no such signature"));
    assert_eq!(
        written(extend_with_timestamp(Document::Bytes(&message), 0)),
        message,
        "without a token nothing changes"
    );
}

#[test]
fn a_detached_signature_is_extended_without_its_content() {
    let message = message_of(p256()).detached().encode();
    let out = with_evidence(Document::Bytes(&timestamped(Document::Bytes(&message), 0)), &evidence());
    let read = rastau::cms::read(Document::Bytes(&out), Detached::Bytes(CONTENT)).unwrap();
    assert!(all_hold(&read));
    assert_eq!(levels(&read), [Level::Lt]);
}

#[test]
fn evidence_goes_beside_the_signatures_once_and_nothing_signed_changes() {
    for holder in holders() {
        let message = timestamped(Document::Bytes(&message_of(holder).encode()), 0);
        let evidence = evidence();
        let out = with_evidence(Document::Bytes(&message), &evidence);
        let read = read_bytes(&out).unwrap();
        assert!(all_hold(&read) && stamps_hold(&read), "{}", holder.name);
        assert_eq!(levels(&read), [Level::Lt]);
        let embedded = &read.signatures.iter().next().unwrap().embedded;
        assert_eq!(embedded.certificates.len(), 2);
        assert_eq!((&embedded.lists, embedded.responses.len()), (&evidence.lists, 2));
        assert!(evidence.responses.iter().all(|response| embedded.responses.contains(response)));
        assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        assert_eq!(with_evidence(Document::Bytes(&out), &evidence), out, "what is there is not added twice");
        let stream = Slow { bytes: &message, piece: 7 };
        assert_eq!(with_evidence(Document::Stream(&stream), &evidence), out);
        // And a signature more still can be added.
        let key = minted(p256());
        let more = Signing { previous: Some(Document::Bytes(&out)), ..signing(&key, Detached::Absent) };
        assert!(all_hold(&read_bytes(&written(sign(&more))).unwrap()));
    }
}

#[test]
fn what_is_no_evidence_or_too_much_of_it_is_refused() {
    let message = message_of(p256()).encode();
    let add = |evidence: Embedded| {
        let mut out = Vec::new();
        let outcome = extend_with_evidence(Document::Bytes(&message), &evidence, &mut out);
        assert!(out.is_empty());
        outcome.unwrap_err()
    };
    let trailing = [&authority().certificate[..], &[0]].concat();
    for wrong in [Vec::new(), vec![0x30, 0x80, 0, 0], der::null(), trailing] {
        type Part = fn(&mut Embedded) -> &mut Vec<Vec<u8>>;
        let parts: [(&str, Part); 3] = [
            ("a certificate", |evidence| &mut evidence.certificates),
            ("a revocation list", |evidence| &mut evidence.lists),
            ("an OCSP response", |evidence| &mut evidence.responses),
        ];
        for (what, part) in parts {
            let mut evidence = Embedded::default();
            part(&mut evidence).push(wrong.clone());
            let error = add(evidence);
            assert!(error.to_string().contains(what), "{error}");
        }
    }
    let many = (0..600u64).map(|number| der::sequence(&[der::integer(number)])).collect();
    let error = add(Embedded { lists: many, ..Embedded::default() });
    assert!(matches!(error, MakeError::Format(_)) && error.to_string().contains("512"), "{error}");
    let large = der::sequence(&[der::octet_string(&vec![0; 33 << 20])]);
    assert!(add(Embedded { lists: vec![large], ..Embedded::default() }).to_string().contains("bytes"));
}

#[test]
fn whatever_is_done_to_a_message_what_is_written_of_it_is_read_with_the_same_signatures() {
    let values = |document: &SignedDocument| -> Vec<(Vec<u8>, String)> {
        document.signatures.iter().map(|one| (one.value.clone(), format!("{:?}", one.message))).collect()
    };
    let holder = &holders()[6];
    let stamped = timestamped(Document::Bytes(&message_of(holder).encode()), 0);
    for good in [stamped, message_of(holder).encode_ber(5)] {
        let mut written = 0;
        for place in 0..good.len() {
            for change in [1, 0x20, 0x80, 0xff] {
                let mut message = good.clone();
                message[place] ^= change;
                let mut out = Vec::new();
                let added = extend_with_evidence(Document::Bytes(&message), &Embedded::default(), &mut out);
                let Ok(before) = read_bytes(&message) else { continue };
                if added.is_ok() {
                    assert_eq!(values(&read_bytes(&out).unwrap()), values(&before), "{place} {change}");
                    written += 1;
                }
            }
        }
        assert!(written > good.len() / 2, "{written}");
    }
}
