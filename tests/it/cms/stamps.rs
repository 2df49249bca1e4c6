//! Timestamps: tokens by themselves, and where they stand in a message.

use rastau::crypto::{HashAlgorithm, hash};
use rastau::der::Oid;
use rastau::signed::{Covered, Detached, Document, FormatError, Integrity, Level, SignatureFault, TimestampKind};
use rastau::tsp::{AuthorityFault, ImprintFault, Nonce, PurposeFault, Request, RequestFault, Response, Status, Token};
use rastau_mint::archive::{self, HashIndex};
use rastau_mint::cms::{self, Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::{self, TokenBuilder};

use super::{Holder, all_hold, authority, p256, read_bytes, verify};

const CONTENT: &[u8] = b"content to sign";
const WHEN: &str = "2026-07-20T09:08:10Z";

fn tsa() -> Holder {
    let key = Key::p256("cms tsa");
    let certificate = authority().issue(authority().timestamp_authority("ТЕСТ TSA", &key));
    Holder { name: "tsa", key, certificate }
}

fn token(stamped: &[u8]) -> TokenBuilder {
    let tsa = tsa();
    TokenBuilder::new(&tsa.key, &tsa.certificate, stamped, WHEN)
}

fn covered(bytes: &[u8]) -> Covered {
    Covered::Bytes(bytes.to_vec())
}

#[test]
fn a_token_is_read_whole_and_is_about_one_thing_only() {
    let built = token(b"stamped")
        .with(der::sequence(&[der::integer(1), der::implicit(0, &[2, 0x58]), der::implicit(1, &[7])]))
        .with(der::boolean(true))
        .with(der::integer(0x0102_0304))
        .with(der::explicit(0, &der::explicit(4, &authority().name)))
        .with(der::implicit_constructed(1, &[der::sequence(&[der::oid("2.25.1"), der::octet_string(&[])])]));
    let read = Token::read(&built.encode()).unwrap();
    assert!(verify(&read.signature).is_ok());
    assert_eq!(read.gen_time.to_string(), WHEN);
    assert_eq!(read.policy.map(|policy| policy.to_string()).as_deref(), Some(tsp::POLICY));
    assert_eq!(read.accuracy.unwrap().0.as_micros(), 1_600_007);
    assert!(read.ordering);
    assert_eq!(read.nonce.as_deref(), Some(&[1, 2, 3, 4][..]));
    assert!(read.authority.is_some());
    assert_eq!(read.check_imprint(&covered(b"stamped")), Ok(()));
    let digest = |algorithm| Covered::Digests(vec![hash(algorithm, b"stamped")]);
    assert_eq!(read.check_imprint(&digest(HashAlgorithm::Sha256)), Ok(()));
    assert_eq!(read.check_imprint(&covered(b"stampeD")), Err(ImprintFault::Differs));
    assert!(matches!(read.check_imprint(&digest(HashAlgorithm::Sha384)), Err(ImprintFault::Unknown(_))));
    assert!(matches!(read.check_imprint(&Covered::Unknown("because")), Err(ImprintFault::Unknown("because"))));
    let sha1 = Token::read(&token(b"x").imprint(Hash::Sha1, &Hash::Sha1.digest(b"x")).encode()).unwrap();
    assert!(matches!(sha1.check_imprint(&covered(b"x")), Err(ImprintFault::Algorithm(_))));
}

#[test]
fn a_policy_too_large_to_be_held_is_none_that_was_asked_for() {
    // Made from UUIDs, which have 128 bits (ITU-T X.667): no two alike, and alike to nothing that a request can name.
    let large = |last: u8| der::tlv(0x06, &[&[0x69, 0x83][..], &[0xff; 17], &[last]].concat());
    let imprint = hash(HashAlgorithm::Sha256, b"stamped");
    let nonce = Nonce::new([0x41; 8]);
    for policy in [large(0x7f), large(0x7e)] {
        let built = TokenBuilder { policy, ..token(b"stamped") }.with(der::integer_raw(&[0x41; 8]));
        let response = Response::read(&tsp::response(0, Some(&built.encode()))).unwrap();
        let read = Request::new(imprint, nonce);
        let token = read.check(&response).unwrap();
        assert_eq!(token.policy, None);
        assert!(verify(&token.signature).is_ok());
        for asked in ["2.25", "2.25.1", "2.25.4294967295", tsp::POLICY] {
            let request = Request::new(imprint, nonce).under(Some(Oid::new_unwrap(asked)));
            assert!(matches!(request.check(&response), Err(RequestFault::Policy(_))), "{asked}");
        }
    }
}

#[test]
fn a_token_in_ber_is_the_same_token() {
    let built = token(b"stamped");
    let ber = Cms { content: built.info(), signers: vec![built.signer.clone()], ..built.message.clone() }.encode_ber(5);
    let read = Token::read(&ber).unwrap();
    assert!(verify(&read.signature).is_ok());
    assert_eq!(read.check_imprint(&covered(b"stamped")), Ok(()));
}

#[test]
fn a_token_that_breaks_a_rule_is_malformed() {
    let good = || token(b"stamped");
    let extension = |critical: bool| {
        let fields = [der::oid("2.25.1"), der::boolean(critical), der::octet_string(&[])];
        der::implicit_constructed(1, &[der::sequence(&fields)])
    };
    let time = |text: &str| TokenBuilder { gen_time: der::generalized_time(text), ..good() };
    let other = tsa().signer();
    for (what, built) in [
        (
            "another type",
            TokenBuilder { message: Cms { content_type: cms::DATA.to_owned(), ..good().message }, ..good() },
        ),
        ("detached", TokenBuilder { message: good().message.detached(), ..good() }),
        ("two signers", TokenBuilder { message: good().message.signer(other), ..good() }),
        ("version 2", TokenBuilder { version: der::integer(2), ..good() }),
        ("a policy that is none", TokenBuilder { policy: der::null(), ..good() }),
        ("an imprint of another length", good().imprint(Hash::Sha256, &[0; 20])),
        (
            "an imprint without a hash",
            TokenBuilder { imprint: der::sequence(&[der::octet_string(&[0; 32])]), ..good() },
        ),
        ("a serial number of 65 octets", TokenBuilder { serial: der::integer_raw(&[1; 65]), ..good() }),
        ("genTime with an offset", time("20260720090810+0000")),
        ("genTime without seconds", time("202607200908Z")),
        ("genTime with an empty fraction", time("20260720090810.Z")),
        ("genTime with a padded fraction", time("20260720090810.10Z")),
        ("genTime in UTCTime", TokenBuilder { gen_time: der::utc_time("260720090810Z"), ..good() }),
        ("an accuracy of a thousand milliseconds", good().with(der::sequence(&[der::implicit(0, &[3, 0xe8])]))),
        ("TRUE that is not FF", good().with(der::tlv(1, &[1]))),
        ("a nonce of 200 octets", good().with(der::integer_raw(&[1; 200]))),
        ("fields in another order", good().with(der::integer(5)).with(der::boolean(true))),
        ("a critical extension", good().with(extension(true))),
        (
            "two authorities",
            good().with(der::explicit(
                0,
                &[der::explicit(4, &authority().name), der::explicit(4, &authority().name)].concat(),
            )),
        ),
        ("something after the end", good().with(der::null())),
    ] {
        let outcome = Token::read(&built.encode()).map(|_| ());
        assert!(matches!(outcome, Err(FormatError::Malformed(_))), "{what}: {outcome:?}");
    }
    assert!(Token::read(&good().with(extension(false)).encode()).is_ok());
    // Nobody needs to know the policy: one of OpenSSL's examples is read too.
    for policy in ["2.999.3", "2.25.4294967296"] {
        assert!(Token::read(&TokenBuilder { policy: der::oid(policy), ..good() }.encode()).is_ok(), "{policy}");
    }
}

#[test]
fn a_token_that_does_not_name_its_certificate_never_holds() {
    let good = token(b"stamped");
    let unnamed = TokenBuilder { signer: good.signer.clone().without(&Signed::SigningCertificate), ..good.clone() };
    let read = Token::read(&unnamed.encode()).unwrap();
    assert!(matches!(read.signature.integrity, Integrity::Altered(_)));
    assert!(matches!(verify(&read.signature), Err(SignatureFault::Altered(_))));
    let v2 = TokenBuilder { signer: unnamed.signer.clone().with(Signed::SigningCertificateV2), ..unnamed.clone() };
    assert!(verify(&Token::read(&v2.encode()).unwrap().signature).is_ok());
    let bare = TokenBuilder { signer: good.signer.clone().bare(), ..good };
    assert!(verify(&Token::read(&bare.encode()).unwrap().signature).is_err());
}

#[test]
fn a_response_says_granted_exactly_when_it_has_a_token() {
    let bytes = token(b"stamped").encode();
    let granted = Response::read(&tsp::response(0, Some(&bytes))).unwrap();
    assert_eq!((granted.status, granted.token_bytes), (Status::Granted, Some(bytes.clone())));
    assert_eq!(Response::read(&tsp::response(1, Some(&bytes))).unwrap().status, Status::GrantedWithMods);
    let refused = der::sequence(&[der::sequence(&[
        der::integer(2),
        der::sequence(&[der::utf8("no"), der::utf8("such policy")]),
        der::bit_string_unused(0, &[0, 1]),
    ])]);
    let refused = Response::read(&refused).unwrap();
    assert_eq!((refused.status, refused.text.as_deref()), (Status::Rejection, Some("no such policy")));
    assert_eq!(refused.failures, [15]);
    assert!(refused.token.is_none());
    for (what, wrong) in [
        ("granted without a token", tsp::response(0, None)),
        ("refused with a token", tsp::response(2, Some(&bytes))),
        ("an unknown status", tsp::response(6, None)),
        ("something that is no token", tsp::response(0, Some(&der::null()))),
        ("a token of another type", tsp::response(0, Some(&p256().message(CONTENT).encode()))),
        ("bytes after the end", [&tsp::response(0, Some(&bytes))[..], &[0]].concat()),
    ] {
        assert!(matches!(Response::read(&wrong), Err(FormatError::Malformed(_))), "{what}");
    }
}

/// A SEQUENCE whose length takes four octets.
fn under_a_long_header(contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    der::tlv_with_length(0x30, &[&[0x84][..], &length].concat(), contents)
}

#[test]
fn a_response_in_ber_or_with_a_token_in_ber_is_the_same_response() {
    let built = token(b"stamped");
    let definite = built.encode();
    let message = Cms { content: built.info(), signers: vec![built.signer.clone()], ..built.message.clone() };
    let ber = message.encode_ber(5);
    let status = der::sequence(&[der::integer(0)]);
    let status_in_ber = cms::indefinite(0x30, &[der::integer(0)]);
    for (what, response) in [
        ("the token alone", der::sequence(&[&status, &ber])),
        ("all of it", cms::indefinite(0x30, &[&status_in_ber, &ber])),
        ("all but the token", cms::indefinite(0x30, &[&status, &definite])),
        ("under a long header", under_a_long_header(&[&status[..], &ber].concat())),
    ] {
        let read = Response::read(&response).expect(what);
        let token = read.token.expect(what);
        assert!(verify(&token.signature).is_ok(), "{what}");
        assert_eq!(token.check_imprint(&covered(b"stamped")), Ok(()), "{what}");
        // What is put into a document in DER has definite lengths.
        let bytes = read.token_bytes.expect(what);
        assert!(bytes.get(1).is_some_and(|length| *length != 0x80), "{what}");
        assert!(verify(&Token::read(&bytes).unwrap().signature).is_ok(), "{what}");
    }
    for (what, wrong) in [
        ("refused with a token", cms::indefinite(0x30, &[&der::sequence(&[der::integer(2)]), &ber])),
        ("bytes after the end", [&cms::indefinite(0x30, &[&status, &ber])[..], &[0]].concat()),
        ("no end", cms::indefinite(0x30, &[&status, &ber])[..ber.len()].to_vec()),
        ("a token that is none", cms::indefinite(0x30, &[&status, &cms::indefinite(0x30, &[der::null()])])),
    ] {
        assert!(Response::read(&wrong).is_err(), "{what}");
    }
}

#[test]
fn a_token_of_an_authority_by_another_name_is_not_its_own() {
    let tsa = tsa();
    let own = tsa.certificate().subject().as_der().to_vec();
    let named = |name: &[u8]| {
        let built = token(b"stamped").with(der::explicit(0, name));
        Token::read(&built.encode()).unwrap().verify().map(|_| ())
    };
    let fault = Err(AuthorityFault::Purpose(PurposeFault::Name));
    assert_eq!(named(&der::explicit(4, &authority().name)), fault);
    assert_eq!(named(&der::implicit(2, b"tsa.example")), fault);
    assert_eq!(named(&der::explicit(4, &own)), Ok(()));
}

#[test]
fn a_signature_timestamp_is_over_the_value_of_its_own_signer() {
    let holder = p256();
    let signer = holder.signer().timestamp(|value| token(value).encode());
    let other = Signer { signed: vec![Signed::ContentType, Signed::MessageDigest], ..holder.signer() };
    let other = other.timestamp(|_| token(b"another value").encode());
    let document = read_bytes(&Cms { signers: vec![signer, other], ..holder.message(CONTENT) }.encode()).unwrap();
    assert!(all_hold(&document));
    let checked: Vec<_> = document
        .signatures
        .iter()
        .map(|signature| {
            let [stamp] = signature.timestamps.as_slice() else { panic!("one timestamp") };
            assert_eq!(stamp.kind, TimestampKind::Signature);
            Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered)
        })
        .collect();
    assert_eq!(checked, [Ok(()), Err(ImprintFault::Differs)]);
    let levels: Vec<Level> = document.signatures.iter().map(|signature| signature.level).collect();
    assert_eq!(levels, [Level::T, Level::Bare]);
}

#[test]
fn a_content_timestamp_is_over_the_content_by_its_own_hash() {
    let holder = p256();
    for (stamped, fits) in [(CONTENT, Ok(())), (b"other", Err(ImprintFault::Differs))] {
        let stamp = token(b"").imprint(Hash::Streebog512, &Hash::Streebog512.digest(stamped)).encode();
        let attribute = Signed::Raw(cms::attribute(cms::CONTENT_TIMESTAMP, &[stamp]));
        let message = Cms { signers: vec![holder.signer().with(attribute)], ..holder.message(CONTENT) };
        let bytes = message.encode();
        let outside = message.detached().encode();
        for document in [
            read_bytes(&bytes).unwrap(),
            super::read_stream(&bytes, 100).unwrap(),
            rastau::cms::read(Document::Bytes(&outside), Detached::Bytes(CONTENT)).unwrap(),
        ] {
            assert!(all_hold(&document));
            let signature = document.signatures.iter().next().unwrap();
            let [stamp] = signature.timestamps.as_slice() else { panic!("one timestamp") };
            assert_eq!((stamp.kind, signature.level), (TimestampKind::Content, Level::B));
            assert_eq!(Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered), fits);
        }
        let absent = rastau::cms::read(Document::Bytes(&outside), Detached::Absent).unwrap();
        let stamp = &absent.signatures.iter().next().unwrap().timestamps[0];
        assert!(matches!(stamp.covered, Covered::Unknown(_)));
    }
}

/// What of a long-term message an archive timestamp is made over wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bent {
    Nothing,
    Content,
    Certificate,
    Attribute,
    Index,
    NoIndex,
    /// An index that names no certificate, though there is one.
    NothingNamed,
    /// An index that leaves out the signature timestamp.
    StampNotNamed,
}

/// A message with revocation values, a signature timestamp and an archive timestamp of version 3.
fn long_term(bent: Bent) -> Vec<u8> {
    let holder = p256();
    let list = authority().list().sign(&authority().key);
    let signer = holder.signer().timestamp(|value| token(value).encode());
    let message = Cms { signers: vec![signer], ..holder.message(CONTENT) }.revocation(&list);
    let mut index = HashIndex::of(&message);
    let missing = || vec![Hash::Sha256.digest(b"missing")];
    match bent {
        Bent::Certificate => index.certificates = missing(),
        Bent::Attribute => index.attributes = missing(),
        Bent::NothingNamed => index.certificates.clear(),
        Bent::StampNotNamed => index.attributes.clear(),
        Bent::Nothing | Bent::Content | Bent::Index | Bent::NoIndex => {}
    }
    let content = if bent == Bent::Content { &b"other"[..] } else { CONTENT };
    let token = token(&archive::stamped(&message, content, &index));
    let in_token = match bent {
        Bent::NoIndex => None,
        Bent::Index => Some(der::sequence(&[der::null()])),
        _ => Some(index.encode()),
    };
    archive::attach(message, token, in_token).encode()
}

#[test]
fn an_archive_timestamp_covers_content_signer_and_what_its_index_names() {
    let in_index = [Bent::Certificate, Bent::Attribute, Bent::NothingNamed, Bent::StampNotNamed];
    for bent in [Bent::Nothing, Bent::Content, Bent::Index, Bent::NoIndex].into_iter().chain(in_index) {
        let document = read_bytes(&long_term(bent)).unwrap();
        assert!(all_hold(&document), "{bent:?}");
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.level, Level::Lta);
        let stamp = signature.timestamps.iter().find(|stamp| stamp.kind == TimestampKind::Archive).unwrap();
        let fits = Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered);
        match bent {
            Bent::Nothing => assert_eq!((fits, stamp.over_evidence), (Ok(()), true)),
            // It proves the moment of the signature, and nothing about what is beside it.
            Bent::NothingNamed | Bent::StampNotNamed => {
                assert_eq!((fits, stamp.over_evidence), (Ok(()), false), "{bent:?}")
            }
            Bent::Content => assert_eq!(fits, Err(ImprintFault::Differs)),
            _ => assert!(matches!(fits, Err(ImprintFault::Unknown(_))), "{bent:?}: {fits:?}"),
        }
    }
}

#[test]
fn archive_timestamps_of_other_versions_prove_nothing() {
    for oid in ["1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48"] {
        let signer = p256().signer().unsigned(move |value| cms::attribute(oid, &[token(value).encode()]));
        let document = read_bytes(&Cms { signers: vec![signer], ..p256().message(CONTENT) }.encode()).unwrap();
        let stamp = document.signatures.iter().next().unwrap().timestamps[0].clone();
        assert!(matches!((stamp.kind, stamp.covered), (TimestampKind::Archive, Covered::Unknown(_))));
    }
}
