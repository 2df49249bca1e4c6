//! The examples of the GOST standards as the RFCs have them: digests, keys, and objects signed with the Russian
//! identifiers of the same curves.

use rastau::crypto::{AlgorithmIdentifier, HashAlgorithm, KeyError, PublicKey, SignatureAlgorithm, SigningKey, hash};
use rastau::der::armour::{self, Label};
use rastau_mint::der::{oid, sequence, tlv};
use serde::Deserialize;

use super::Run;
use super::run::Suite;

const ABOUT: &str = "\
Digests of RFC 5831 and RFC 6986; key pairs of RFC 7836; the signature examples of RFC 7091 and GOST R 34.10-2012; the \
certificates, requests and lists of RFC 9215 appendix D and of TC 26. What the latter are signed with are the algorithms of \
Kazakhstan under Russian identifiers and in another order of octets: as they stand they are refused by name; with key \
and signature rewritten, each has to verify where the curve is in use here. The arithmetic of the examples' own curves is \
held against the same numbers in `src/crypto/gost/tests.rs`.";

fn bytes(hex: &str) -> Vec<u8> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "whole octets");
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn reversed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.reverse();
    bytes
}

/// Message and digest in the order of memory.
fn digests(run: &mut Run) {
    let m1 = b"012345678901234567890123456789012345678901234567890123456789012".to_vec();
    // RFC 6986 10.2 prints it as a number, last octet first.
    let m2 = reversed(bytes(
        "fbe2e5f0eee3c820fbeafaebef20fffbf0e1e0f0f520e0ed20e8ece0ebe5f0f2f120fff0eeec20f120faf2fee5e2202ce8f6f3ede220e8e6eee1e8f0f2d1202ce8f0f2e5e220e5d1",
    ));
    let text = |text: &str| text.as_bytes().to_vec();
    let cases = [
        (
            "RFC 5831 7.3.1",
            HashAlgorithm::Gost94,
            text("This is message, length=32 bytes"),
            bytes("b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa"),
        ),
        (
            "RFC 5831 7.3.2",
            HashAlgorithm::Gost94,
            text("Suppose the original message has length = 50 bytes"),
            bytes("471aba57a60a770d3a76130635c1fbea4ef14de51f78b4ae57dd893b62f55208"),
        ),
        (
            "RFC 6986 10.1.1",
            HashAlgorithm::Streebog512,
            m1.clone(),
            reversed(bytes(concat!(
                "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00",
                "fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b"
            ))),
        ),
        (
            "RFC 6986 10.1.2",
            HashAlgorithm::Streebog256,
            m1,
            reversed(bytes("00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d")),
        ),
        (
            "RFC 6986 10.2.1",
            HashAlgorithm::Streebog512,
            m2.clone(),
            reversed(bytes(concat!(
                "28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f03",
                "7613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e"
            ))),
        ),
        (
            "RFC 6986 10.2.2",
            HashAlgorithm::Streebog256,
            m2,
            reversed(bytes("508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d")),
        ),
    ];
    for (id, algorithm, message, expected) in cases {
        let digest = hash(algorithm, &message);
        let actual = if digest.as_bytes() == expected { "good" } else { "bad" };
        run.judge(id.split_at(8).0, id, "good", actual, "");
    }
}

/// What a key with the identifiers of the Republic is: its algorithm, and the hash that goes with it.
const KAZAKH_512: (&str, &str) = ("1.2.398.3.10.1.1.2.2", "1.2.398.3.10.1.3.3");
const KAZAKH_256: (&str, &str) = ("1.2.398.3.10.1.1.2.1", "1.2.398.3.10.1.3.2");

fn identifier((key, hash): (&str, &str), curve: &str) -> Vec<u8> {
    sequence(&[oid(key), sequence(&[oid(curve), oid(hash)])])
}

fn spki(kind: (&str, &str), curve: &str, point: &[u8]) -> Vec<u8> {
    sequence(&[identifier(kind, curve), tlv(3, &[&[0], &tlv(4, point)[..]].concat())])
}

const PARAM_SET_512_A: &str = "1.2.643.7.1.2.1.2.1";

/// RFC 7836 appendix B, example 7: two key pairs on id-tc26-gost-3410-12-512-paramSetA, in the order of memory.
const KEY_PAIRS: [(&str, &str, &str); 2] = [
    (
        "RFC 7836 B.7 A",
        "c990ecd972fce84ec4db022778f50fcac726f46708384b8d458304962d7147f8c2db41cef22c90b102f2968404f9b9be6d47c79692d81826b32b8daca43cb667",
        "aab0eda4abff21208d18799fb9a8556654ba783070eba10cb9abb253ec56dcf5d3ccba6192e464e6e5bcb6dea137792f2431f6c897eb1b3c0cc14327b1adc0a7914613a3074e363aedb204d38d3563971bd8758e878c9db11403721b48002d38461f92472d40ea92f9958c0ffa4c93756401b97f89fdbe0b5e46e4a4631cdb5a",
    ),
    (
        "RFC 7836 B.7 B",
        "48c859f7b6f11585887cc05ec6ef1390cfea739b1a18c0d4662293ef63b79e3b8014070b44918590b4b996acfea4edfbbbcccc8c06edd8bf5bda92a51392d0db",
        "192fe183b9713a077253c72c8735de2ea42a3dbc66ea317838b65fa32523cd5efca974eda7c863f4954d1147f1f2b25c395fce1c129175e876d132e94ed5a65104883b414c9b592ec4dc84826f07d0b6d9006dda176ce48c391e3f97d102e03bb598bf132a228a45f7201aba08fc524a2d77e43a362ab022ad4028f75bde3b79",
    ),
];

/// The public key comes out of the private one, and verifies what that signs.
fn key_pairs(run: &mut Run) {
    for (id, private, public) in KEY_PAIRS {
        let (private, public) = (bytes(private), spki(KAZAKH_512, PARAM_SET_512_A, &bytes(public)));
        let info = sequence(&[tlv(2, &[0]), identifier(KAZAKH_512, PARAM_SET_512_A), tlv(4, &tlv(4, &private))]);
        let holds = SigningKey::from_pkcs8(&info).is_ok_and(|key| {
            let public = PublicKey::from_spki(&public).expect("a point of the curve");
            let signature = key.sign(b"message").expect("a signature");
            *key.public_key() == public
                && public.verify(SignatureAlgorithm::Gost2015_512, b"message", &signature).is_ok()
        });
        run.judge("RFC 7836", id, "good", if holds { "good" } else { "bad" }, "");
    }
}

/// The examples' own curves are in no certificate, and keys on them are refused by name.
fn example_curves(run: &mut Run) {
    let examples = [
        ("RFC 7091 7", KAZAKH_256, "1.2.643.2.2.35.0", 64),
        ("GOST R 34.10-2012 A.2", KAZAKH_512, "1.2.643.7.1.2.1.2.0", 128),
    ];
    for (id, kind, curve, length) in examples {
        let (actual, detail) = match PublicKey::from_spki(&spki(kind, curve, &vec![1; length])) {
            Ok(_) => ("good", String::new()),
            Err(error @ KeyError::NotAllowed { name: Some(_), .. }) => ("refused", error.to_string()),
            Err(error) => ("bad", error.to_string()),
        };
        run.judge("RFC 7091", id, "good", actual, &detail);
    }
}

#[derive(Deserialize)]
struct Objects {
    signed: Vec<Signed>,
}

/// A certificate, request or list.
#[derive(Deserialize)]
struct Signed {
    id: String,
    source: String,
    key_of: String,
    der: String,
}

impl Signed {
    fn der(&self) -> Vec<u8> {
        armour::decode_one(self.der.as_bytes(), Label::Certificate).expect("base64")
    }
}

/// The first element of some DER with its header, its contents, and what follows.
fn split(der: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (header, length) = match der[1] {
        short @ 0..=0x7F => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    };
    (&der[..header + length], &der[header..header + length], &der[header + length..])
}

fn elements(mut der: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (element, _, rest) = split(der);
        found.push(element);
        der = rest;
    }
    found
}

/// What is signed, with what, and the value in the order of octets of the Republic: r || s, each little-endian, which is
/// s || r of RFC 9215 section 2, each big-endian, read backwards.
fn signed_parts(der: &[u8]) -> (&[u8], &[u8], Vec<u8>) {
    let [message, algorithm, value] = elements(split(der).1)[..] else { panic!("three elements") };
    (message, algorithm, reversed(split(value).1[1..].to_vec()))
}

/// The curve and point of a certificate's key.
fn point(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (tbs, _, _) = signed_parts(certificate);
    let spki = elements(split(tbs).1)[6];
    let [algorithm, key] = elements(split(spki).1)[..] else { panic!("a key") };
    let parameters = elements(split(algorithm).1)[1];
    let curve = elements(split(parameters).1)[0];
    (curve.to_vec(), split(&split(key).1[1..]).1.to_vec())
}

/// As it stands: read, and refused by name.
fn as_it_stands(object: &Signed) -> (&'static str, String) {
    let der = object.der();
    let (_, algorithm, _) = signed_parts(&der);
    let identifier = AlgorithmIdentifier::from_der(algorithm).expect("an identifier");
    match SignatureAlgorithm::from_identifier(&identifier) {
        Ok(_) => ("good", String::new()),
        Err(error) => (if error.name.is_some() { "refused" } else { "unknown" }, error.to_string()),
    }
}

/// With key and signature rewritten.
fn rewritten(object: &Signed, key: &Signed) -> (&'static str, String) {
    let (der, certificate) = (object.der(), key.der());
    let (message, _, value) = signed_parts(&der);
    let (curve, point) = point(&certificate);
    let (kind, algorithm) = match point.len() {
        64 => (KAZAKH_256, SignatureAlgorithm::Gost2015_256),
        _ => (KAZAKH_512, SignatureAlgorithm::Gost2015_512),
    };
    let parameters = sequence(&[curve, oid(kind.1)]);
    let spki = sequence(&[sequence(&[oid(kind.0), parameters]), tlv(3, &[&[0], &tlv(4, &point)[..]].concat())]);
    let key = match PublicKey::from_spki(&spki) {
        Ok(key) => key,
        Err(error @ KeyError::NotAllowed { name: Some(_), .. }) => return ("refused", error.to_string()),
        Err(error) => return ("bad", error.to_string()),
    };
    let mut bent = message.to_vec();
    *bent.last_mut().expect("an octet") ^= 1;
    assert!(key.verify(algorithm, &bent, &value).is_err(), "{}: another message verifies too", object.id);
    match key.verify(algorithm, message, &value) {
        Ok(()) => ("good", String::new()),
        Err(error) => ("bad", error.to_string()),
    }
}

fn signed_objects(run: &mut Run) {
    let objects: Objects = toml::from_str(include_str!("../../../testdata/conformance/rfc9215.toml")).unwrap();
    for object in &objects.signed {
        let key = objects.signed.iter().find(|other| other.id == object.key_of).expect("its key");
        let (actual, detail) = as_it_stands(object);
        run.judge(&object.source, &format!("{} as it stands", object.id), "good", actual, &detail);
        let (actual, detail) = rewritten(object, key);
        run.judge(&object.source, &format!("{} rewritten", object.id), "good", actual, &detail);
    }
}

#[test]
fn the_examples_of_the_gost_standards_come_out() {
    let mut run = Run::of(Suite {
        key: "gost",
        title: "GOST",
        version: "RFC 5831, 6986, 7091, 7836, 9215".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/gost.toml",
    });
    digests(&mut run);
    key_pairs(&mut run);
    example_curves(&mut run);
    signed_objects(&mut run);
    run.publish();
}
