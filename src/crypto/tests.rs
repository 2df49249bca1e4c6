//! Keys and signatures through the public face: encodings, refusals, and real material where it is at hand.

use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD as STANDARD, Engine as _};
use der::Reader;
use der::asn1::{AnyRef, BitStringRef};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

use rastau_mint::key::private_key_info;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex")).collect()
}

/// One TLV with a length below 65536.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let (low, high) = (u8::try_from(length & 0xFF).expect("a byte"), u8::try_from(length >> 8).expect("short"));
    let head = match length {
        0..128 => vec![tag, low],
        128..256 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

fn oid(dotted: &str) -> Vec<u8> {
    tlv(6, der::asn1::ObjectIdentifier::new_unwrap(dotted).as_bytes())
}

/// A `SubjectPublicKeyInfo` from encoded parameters (which may be empty) and the key's bytes.
fn spki(algorithm: &str, parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let identifier = tlv(0x30, &[oid(algorithm), parameters.to_vec()].concat());
    let bits = tlv(3, &[&[0], key].concat());
    tlv(0x30, &[identifier, bits].concat())
}

fn gost_parameters(curve: &str, hash: &str) -> Vec<u8> {
    tlv(0x30, &[oid(curve), oid(hash)].concat())
}

const KEY_512: &str = "1.2.398.3.10.1.1.2.2";
const SET_512_A: &str = "1.2.398.3.10.1.1.2.2.1";
const HASH_512: &str = "1.2.398.3.10.1.3.3";
const KEY_256: &str = "1.2.398.3.10.1.1.2.1";
const SET_256_A: &str = "1.2.398.3.10.1.1.2.1.1";
const HASH_256: &str = "1.2.398.3.10.1.3.2";
const KEY_2004: &str = "1.2.398.3.10.1.1.1.1";
const SET_2004_A: &str = "1.2.398.3.10.1.1.1.1.1";
const HASH_2004: &str = "1.2.398.3.10.1.3.1.1.0";

/// The base point of the 512-bit set A as a key: x = 3, y little-endian.
fn base_512() -> Vec<u8> {
    let mut x = vec![0; 64];
    x[0] = 3;
    let mut y = bytes(concat!(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921",
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4"
    ));
    y.reverse();
    [x, y].concat()
}

fn good_512() -> Vec<u8> {
    spki(KEY_512, &gost_parameters(SET_512_A, HASH_512), &tlv(4, &base_512()))
}

fn refused_name(spki: &[u8]) -> (String, Option<String>) {
    match PublicKey::from_spki(spki) {
        Err(KeyError::NotAllowed { oid, name }) => (oid, name.map(|name| name.into_owned())),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_gost_key_is_read_prepared_once_and_shared() {
    let key = PublicKey::from_spki(&good_512()).expect("good");
    assert_eq!(key.algorithm(), KeyAlgorithm::Gost2015_512);
    assert_eq!(*key.spki_sha256(), sha256(&good_512()));
    let size = key.clone().prepare();
    assert!(size > 100_000 && size <= 256 * 1024, "{size} bytes");
    assert_eq!(key.prepare(), size);
    assert!(format!("{key:?}").starts_with("PublicKey(gost-34.10-2015-512, "));
    assert_eq!(key, PublicKey::from_spki(&good_512()).expect("good"));
}

#[test]
fn gost_keys_on_every_registered_curve_are_told_apart_by_their_identifiers() {
    // The key fits the curve of set A only, whatever identifiers it carries.
    let point = tlv(4, &base_512());
    for curve in [SET_512_A, "1.2.643.7.1.2.1.2.1"] {
        assert!(PublicKey::from_spki(&spki(KEY_512, &gost_parameters(curve, HASH_512), &point)).is_ok());
    }
    for curve in ["1.2.398.3.10.1.1.2.2.2", "1.2.398.3.10.1.1.2.2.3", "1.2.643.7.1.2.1.2.2", "1.2.643.7.1.2.1.2.3"] {
        let result = PublicKey::from_spki(&spki(KEY_512, &gost_parameters(curve, HASH_512), &point));
        assert!(matches!(result, Err(KeyError::InvalidPoint(_))), "{curve}");
    }
}

#[test]
fn malformed_gost_keys_are_refused() {
    let parameters = gost_parameters(SET_512_A, HASH_512);
    let point = tlv(4, &base_512());
    let good = good_512();
    let mut unused_bits = good.clone();
    // The count of unused bits stands before the OCTET STRING: 00 04 81 80.
    let place = good.windows(4).position(|window| window == [0, 4, 0x81, 0x80]).expect("found");
    unused_bits[place] = 1;
    let mut long_length = vec![0x30, 0x82, 0, 0xAC];
    long_length.extend(&good[3..]);
    let cases = [
        ("nothing", vec![]),
        ("cut off", good[..good.len() - 1].to_vec()),
        ("trailing byte", [good.as_slice(), &[0]].concat()),
        ("trailing byte inside", tlv(0x30, &[&good[3..], &[5, 0][..]].concat())),
        ("unused bits", unused_bits),
        ("length with a leading zero", long_length),
        ("no parameters", spki(KEY_512, &[], &point)),
        ("NULL parameters", spki(KEY_512, &[5, 0], &point)),
        ("a curve without a hash", spki(KEY_512, &tlv(0x30, &oid(SET_512_A)), &point)),
        ("a third identifier", spki(KEY_512, &tlv(0x30, &[&parameters[2..], &oid("1.2.3")].concat()), &point)),
        ("the point bare", spki(KEY_512, &parameters, &base_512())),
        ("the OCTET STRING trailed", spki(KEY_512, &parameters, &[point.as_slice(), &[0]].concat())),
        ("a coordinate missing", spki(KEY_512, &parameters, &tlv(4, &base_512()[..64]))),
        ("an empty point", spki(KEY_512, &parameters, &tlv(4, &[]))),
        ("a constructed OCTET STRING", spki(KEY_512, &parameters, &tlv(0x24, &point))),
    ];
    assert!(PublicKey::from_spki(&good).is_ok());
    for (situation, spki) in cases {
        let result = PublicKey::from_spki(&spki);
        assert!(matches!(result, Err(KeyError::Malformed(_))), "{situation}: {result:?}");
    }
}

#[test]
fn gost_identifiers_must_belong_together() {
    let point = tlv(4, &base_512());
    let cases = [
        (KEY_512, SET_512_A, HASH_256, HASH_256),
        (KEY_512, SET_512_A, "1.2.643.7.1.1.2.3", "1.2.643.7.1.1.2.3"),
        (KEY_512, SET_256_A, HASH_512, SET_256_A),
        (KEY_512, "1.2.398.3.10.1.1.2.2.4", HASH_512, "1.2.398.3.10.1.1.2.2.4"),
        (KEY_256, SET_512_A, HASH_512, SET_512_A),
        (KEY_2004, SET_512_A, HASH_512, SET_512_A),
        (KEY_2004, SET_2004_A, "1.2.398.3.10.1.3.1.1.1", "1.2.398.3.10.1.3.1.1.1"),
        (KEY_2004, "1.2.398.3.10.1.1.1.1.4", HASH_2004, "1.2.398.3.10.1.1.1.1.4"),
        (KEY_512, "1.2.643.7.1.2.1.2.0", HASH_512, "1.2.643.7.1.2.1.2.0"),
    ];
    for (key, curve, hash, blamed) in cases {
        assert_eq!(refused_name(&spki(key, &gost_parameters(curve, hash), &point)).0, blamed);
    }
}

#[test]
fn a_gost_point_off_the_curve_is_refused() {
    let parameters = gost_parameters(SET_512_A, HASH_512);
    let mut off = base_512();
    off[64] ^= 1;
    for point in [off, vec![0; 128], vec![0xFF; 128]] {
        let result = PublicKey::from_spki(&spki(KEY_512, &parameters, &tlv(4, &point)));
        assert!(matches!(result, Err(KeyError::InvalidPoint(_))), "{result:?}");
    }
}

/// An `RSAPublicKey` with a modulus of that many bits, all ones.
fn rsa_spki(bits: usize, exponent: &[u8]) -> Vec<u8> {
    let mut modulus = vec![0xFF; bits.div_ceil(8)];
    if !bits.is_multiple_of(8) {
        modulus[0] = (1 << (bits % 8)) - 1;
    }
    if modulus[0] >= 0x80 {
        modulus.insert(0, 0);
    }
    let key = tlv(0x30, &[tlv(2, &modulus), tlv(2, exponent)].concat());
    spki("1.2.840.113549.1.1.1", &[5, 0], &key)
}

#[test]
fn rsa_keys_from_2048_to_8192_bits_are_taken() {
    for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
        let key = PublicKey::from_spki(&rsa_spki(bits, &[1, 0, 1])).expect("good");
        assert_eq!(key.algorithm().to_string(), format!("rsa-{bits}"));
        assert_eq!(key.prepare(), 0);
    }
    for bits in [8, 512, 1024, 2047, 8193, 16384] {
        let (oid, name) = refused_name(&rsa_spki(bits, &[1, 0, 1]));
        assert_eq!((oid.as_str(), name), ("1.2.840.113549.1.1.1", Some(format!("rsa-{bits}"))));
    }
}

#[test]
fn rsa_exponents_that_sign_nothing_are_refused() {
    for exponent in [&[0][..], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0x80], &[0, 1], &[]] {
        let result = PublicKey::from_spki(&rsa_spki(2048, exponent));
        assert!(matches!(result, Err(KeyError::Malformed(_))), "{exponent:?}: {result:?}");
    }
    for exponent in [&[3][..], &[17], &[1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert!(PublicKey::from_spki(&rsa_spki(2048, exponent)).is_ok(), "{exponent:?}");
    }
}

#[test]
fn elliptic_curve_keys_need_a_named_curve_and_an_uncompressed_point_on_it() {
    let generate = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, generate.as_ref(), &SystemRandom::new())
        .expect("a key");
    let point = pair.public_key().as_ref();
    let ec = "1.2.840.10045.2.1";
    let p256 = oid("1.2.840.10045.3.1.7");
    let key = PublicKey::from_spki(&spki(ec, &p256, point)).expect("good");
    assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP256);
    let signature = pair.sign(&SystemRandom::new(), b"message").expect("signed");
    assert_eq!(key.verify(SignatureAlgorithm::EcdsaSha256, b"message", signature.as_ref()), Ok(()));
    let wrong = key.verify(SignatureAlgorithm::EcdsaSha256, b"other", signature.as_ref());
    assert_eq!(wrong, Err(SignatureError::Invalid));
    let malformed = key.verify(SignatureAlgorithm::EcdsaSha256, b"message", &signature.as_ref()[1..]);
    assert_eq!(malformed, Err(SignatureError::Malformed));
    let mismatch = key.verify(SignatureAlgorithm::RsaPkcs1Sha256, b"message", signature.as_ref());
    assert_eq!(mismatch, Err(SignatureError::AlgorithmMismatch));
    let digest = hash(HashAlgorithm::Sha256, b"message");
    let prehashed = key.verify_digest(SignatureAlgorithm::EcdsaSha256, &digest, signature.as_ref());
    assert_eq!(prehashed, Ok(()));

    let compressed = [&[2], &point[1..33]].concat();
    let mut off = point.to_vec();
    off[64] ^= 1;
    let hybrid = [&[6], &point[1..]].concat();
    for (situation, spki) in [
        ("compressed", spki(ec, &p256, &compressed)),
        ("hybrid", spki(ec, &p256, &hybrid)),
        ("no curve", spki(ec, &[], point)),
        ("empty", spki(ec, &p256, &[])),
    ] {
        assert!(matches!(PublicKey::from_spki(&spki), Err(KeyError::Malformed(_))), "{situation}");
    }
    let why = PublicKey::from_spki(&spki(ec, &p256, &compressed)).expect_err("refused").to_string();
    assert!(why.contains("compressed"), "{why}");
    for (situation, spki) in [
        ("off the curve", spki(ec, &p256, &off)),
        ("infinity", spki(ec, &p256, &[0])),
        ("short", spki(ec, &p256, &point[..64])),
        ("on another curve", spki(ec, &oid("1.3.132.0.34"), point)),
    ] {
        assert!(matches!(PublicKey::from_spki(&spki), Err(KeyError::InvalidPoint(_))), "{situation}");
    }
    let explicit = tlv(0x30, &[tlv(2, &[1]), tlv(0x30, &[])].concat());
    for (parameters, name) in [
        (explicit, "ecdsa-explicit-curve"),
        (vec![5, 0], "ecdsa-explicit-curve"),
        (oid("1.2.840.10045.3.1.1"), "ecdsa-p192"),
        (oid("1.3.132.0.35"), "ecdsa-p521"),
        (oid("1.3.132.0.10"), "ecdsa-secp256k1"),
    ] {
        assert_eq!(refused_name(&spki(ec, &parameters, point)).1.as_deref(), Some(name));
    }
}

#[test]
fn ed25519_signatures_verify() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let public = pair.public_key().as_ref();
    let key = PublicKey::from_spki(&spki("1.3.101.112", &[], public)).expect("good");
    let signature = pair.sign(b"message");
    assert_eq!(key.verify(SignatureAlgorithm::Ed25519, b"message", signature.as_ref()), Ok(()));
    assert_eq!(key.verify(SignatureAlgorithm::Ed25519, b"other", signature.as_ref()), Err(SignatureError::Invalid));
    assert_eq!(
        key.verify(SignatureAlgorithm::Ed25519, b"message", &signature.as_ref()[..63]),
        Err(SignatureError::Malformed)
    );
    for spki in [spki("1.3.101.112", &[5, 0], public), spki("1.3.101.112", &[], &public[1..])] {
        assert!(matches!(PublicKey::from_spki(&spki), Err(KeyError::Malformed(_))));
    }
}

#[test]
fn ed25519_keys_of_small_order_are_refused() {
    let mut one = [0; 32];
    one[0] = 1;
    // ring takes this signature, R = 1 and S = 0, for any message under the key 1: the key must not get that far.
    let mut forged = [0; 64];
    forged[0] = 1;
    let unchecked = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, one);
    assert!(unchecked.verify(b"anything", &forged).is_ok());
    let mut keys = vec![one, [0; 32]];
    for first in [0xEC, 0xED, 0xEE] {
        let mut key = [0xFF; 32];
        key[0] = first;
        keys.push(key);
    }
    for eighth in [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ] {
        keys.push(bytes(eighth).try_into().expect("32 bytes"));
    }
    for mut key in keys {
        for sign in [0, 0x80] {
            key[31] = key[31] & 0x7F | sign;
            let result = PublicKey::from_spki(&spki("1.3.101.112", &[], &key));
            assert!(matches!(result, Err(KeyError::InvalidPoint(_))), "{key:x?}: {result:?}");
        }
        key[1] ^= 2;
        assert!(PublicKey::from_spki(&spki("1.3.101.112", &[], &key)).is_ok(), "a neighbour is not refused");
    }
}

#[test]
fn other_kinds_of_keys_are_refused_by_name() {
    for (algorithm, name) in [
        ("1.2.840.10040.4.1", Some("dsa")),
        ("1.2.840.113549.1.1.10", Some("rsa-pss-with-other-parameters")),
        ("1.3.101.113", Some("ed448")),
        ("1.2.643.7.1.1.1.2", Some("gost-r-34.10-2012-512")),
        ("2.25.5", None),
    ] {
        let (oid, found) = refused_name(&spki(algorithm, &[5, 0], &[1, 2, 3]));
        assert_eq!((oid.as_str(), found.as_deref()), (algorithm, name));
    }
}

#[test]
fn a_digest_of_another_hash_does_not_fit_a_gost_key() {
    let key = PublicKey::from_spki(&good_512()).expect("good");
    let digest = hash(HashAlgorithm::Sha512, b"");
    let result = key.verify_digest(SignatureAlgorithm::Gost2015_512, &digest, &[1; 128]);
    assert_eq!(result, Err(SignatureError::AlgorithmMismatch));
    let digest = hash(HashAlgorithm::Streebog512, b"");
    for algorithm in [SignatureAlgorithm::Gost2015_256, SignatureAlgorithm::Gost2004, SignatureAlgorithm::Ed25519] {
        assert_eq!(key.verify_digest(algorithm, &digest, &[1; 128]), Err(SignatureError::AlgorithmMismatch));
    }
    let result = key.verify_digest(SignatureAlgorithm::Gost2015_512, &digest, &[1; 128]);
    assert_eq!(result, Err(SignatureError::Invalid));
    assert_eq!(key.verify(SignatureAlgorithm::Gost2015_512, b"", &[1; 64]), Err(SignatureError::Malformed));
}

/// The folder of real material, if there is one; says so where there is not.
pub(super) fn interop(file: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("RASTAU_INTEROP") else {
        println!("skipped: RASTAU_INTEROP does not name the folder of real certificates");
        return None;
    };
    let path = PathBuf::from(folder).join(file);
    match std::fs::read(&path) {
        Ok(content) => Some(content),
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            None
        }
    }
}

#[test]
fn the_vector_of_the_national_ca_library_verifies() {
    let Some(file) = interop("vectors/kalkan_gost512.vectors") else { return };
    let text = String::from_utf8(file).expect("text");
    let value = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).expect("in the file").trim()
    };
    let message = value("msg").as_bytes();
    let digest = hash(HashAlgorithm::Streebog512, message);
    assert_eq!(digest.as_bytes(), bytes(value("digest")));
    let key = PublicKey::from_spki(&bytes(value("spki"))).expect("good");
    let algorithm = SignatureAlgorithm::Gost2015_512;
    assert_eq!(algorithm.oid().to_string(), value("sigalg_oid"));
    let signature = bytes(value("sig"));
    for _ in 0..2 {
        assert_eq!(key.verify(algorithm, message, &signature), Ok(()));
        assert_eq!(key.verify_digest(algorithm, &digest, &signature), Ok(()));
        assert_eq!(key.verify(algorithm, &bytes(value("cert_tbs")), &bytes(value("cert_sig"))), Ok(()));
        assert_eq!(key.verify(algorithm, b"another", &signature), Err(SignatureError::Invalid));
        key.prepare();
    }
    let d: Vec<u8> = bytes(value("d")).into_iter().rev().collect();
    let identifier = bytes(value("spki"))[3..3 + 37].to_vec();
    let signer = SigningKey::from_pkcs8(&private_key_info(&identifier, &[&[4, 64], &d[..]].concat())).expect("a key");
    assert_eq!(*signer.public_key(), key, "d * G");
    let made = signer.sign(message).expect("a signature");
    assert_eq!(key.verify(algorithm, message, &made), Ok(()));
}

/// The parts of a certificate that its signature needs.
struct Parts<'a> {
    tbs: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    spki: &'a [u8],
}

fn parts(certificate: &[u8]) -> Parts<'_> {
    let outer = der::Decode::from_der(certificate).and_then(|outer: AnyRef<'_>| {
        outer.sequence(|reader| {
            let tbs = reader.tlv_bytes()?;
            let algorithm = AlgorithmIdentifier::from_der(reader.tlv_bytes()?)?;
            let signature = reader.decode::<BitStringRef<'_>>()?.raw_bytes();
            Ok::<_, der::Error>((tbs, algorithm, signature))
        })
    });
    let (tbs, algorithm, signature) = outer.expect("a certificate");
    let fields: AnyRef<'_> = der::Decode::from_der(tbs).expect("its TBS");
    let mut reader = der::SliceReader::new(fields.value()).expect("its fields");
    // version, serial, algorithm, issuer, validity, subject, then the key.
    let mut fields = std::iter::from_fn(|| (!reader.is_finished()).then(|| reader.tlv_bytes().expect("a field")));
    let spki = fields.nth(6).expect("the key");
    Parts { tbs, algorithm, signature, spki }
}

/// A certificate's file as DER: some are PEM, some bare base64.
fn certificate_file(file: &str) -> Option<Vec<u8>> {
    let content = interop(file)?;
    if content.first() == Some(&0x30) {
        return Some(content);
    }
    let text = String::from_utf8(content).expect("text");
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).map(str::trim).collect();
    Some(STANDARD.decode(base64).expect("base64"))
}

#[test]
fn real_certificates_verify_with_their_issuers() {
    let chains = [
        ("certs/root_test_gost_2022.cer", "certs/root_test_gost_2022.cer", KeyAlgorithm::Gost2015_512),
        ("certs/nca_gost2022_test.cer", "certs/root_test_gost_2022.cer", KeyAlgorithm::Gost2015_512),
        ("certs/individual_signer.cer", "certs/nca_gost2022_test.cer", KeyAlgorithm::Gost2015_512),
        ("certs/legal_entity_signer.cer", "certs/nca_gost2022_test.cer", KeyAlgorithm::Gost2015_512),
        ("certs/ceo_valid_sign_2004_gost.cer", "certs/nca_gost_test_2004.cer", KeyAlgorithm::Gost2004),
        ("certs/individual_valid_sign_2004_rsa.cer", "certs/nca_rsa_test.cer", KeyAlgorithm::Rsa { bits: 4096 }),
        ("certs/individual_valid_sign_2004_rsa_auth.cer", "certs/nca_rsa_test.cer", KeyAlgorithm::Rsa { bits: 4096 }),
    ];
    for (subject, issuer, algorithm) in chains {
        let (Some(subject_file), Some(issuer_file)) = (certificate_file(subject), certificate_file(issuer)) else {
            return;
        };
        let subject_parts = parts(&subject_file);
        let key = PublicKey::from_spki(parts(&issuer_file).spki).expect("the issuer's key");
        assert_eq!(key.algorithm(), algorithm);
        assert!(PublicKey::from_spki(subject_parts.spki).is_ok());
        let name = SignatureAlgorithm::from_identifier(&subject_parts.algorithm).expect("allowed");
        for _ in 0..2 {
            assert_eq!(key.verify(name, subject_parts.tbs, subject_parts.signature), Ok(()), "{subject}");
            let bent: Vec<u8> = subject_parts.tbs.iter().map(|byte| byte ^ 1).collect();
            assert_eq!(key.verify(name, &bent, subject_parts.signature), Err(SignatureError::Invalid));
            key.prepare();
        }
    }
}
