//! Private keys of every kind that sign, and what is refused.

use rastau_mint::der;
use rastau_mint::ecdsa::{EcdsaKey, NistCurve};
use rastau_mint::gost::{GostKey, Scheme, verify_digest};
use rastau_mint::hash::Hash;
use rastau_mint::key::{Key, private_key_info};

use super::{SigningKey, SigningKeyError};
use crate::crypto::{PublicKey, SignatureAlgorithm};

const MESSAGE: &[u8] = b"a licence, for instance";

fn check(pkcs8: &[u8], spki: &[u8], algorithm: SignatureAlgorithm) -> SigningKey {
    let key = SigningKey::from_pkcs8(pkcs8).expect("a private key");
    assert_eq!(key.algorithm(), algorithm);
    let public = PublicKey::from_spki(spki).expect("a public key");
    assert_eq!(*key.public_key(), public, "the certificate's key, octet for octet");
    let signature = key.sign(MESSAGE).expect("a signature");
    assert_eq!(public.verify(algorithm, MESSAGE, &signature), Ok(()));
    assert!(public.verify(algorithm, b"another message", &signature).is_err());
    key
}

#[test]
fn keys_of_every_algorithm_sign_what_their_certificates_key_verifies() {
    for (key, algorithm) in [
        (Key::rsa("signing"), SignatureAlgorithm::RsaPkcs1Sha256),
        (Key::p256("signing"), SignatureAlgorithm::EcdsaSha256),
        (Key::p384("signing"), SignatureAlgorithm::EcdsaSha384),
        (Key::gost512("signing"), SignatureAlgorithm::Gost2015_512),
        (Key::gost256("signing"), SignatureAlgorithm::Gost2015_256),
        (Key::gost(Scheme::Gost512B, "signing"), SignatureAlgorithm::Gost2015_512),
        (Key::gost(Scheme::Gost512C, "signing"), SignatureAlgorithm::Gost2015_512),
    ] {
        check(&key.pkcs8(), &key.spki(), algorithm);
    }
    check(&Key::ed25519_pkcs8("signing"), &Key::ed25519("signing").spki(), SignatureAlgorithm::Ed25519);
}

#[test]
fn gost_signatures_hold_by_independent_arithmetic_and_never_repeat() {
    for scheme in [Scheme::Gost512A, Scheme::Gost512B, Scheme::Gost512C, Scheme::Gost256] {
        let minted = GostKey::from_label(scheme, "independent");
        let key = SigningKey::from_pkcs8(&Key::Gost(minted.clone()).pkcs8()).expect("a private key");
        let digest = scheme.hash().digest(MESSAGE);
        let signatures = [key.sign(MESSAGE), key.sign(MESSAGE)].map(|signature| signature.expect("a signature"));
        assert_ne!(signatures[0], signatures[1], "fresh randomness in each");
        for signature in &signatures {
            assert!(verify_digest(scheme, &minted.public_octets(), &digest, signature), "{scheme:?}");
        }
    }
}

#[test]
fn a_key_belongs_to_its_public_key_however_that_is_written_and_to_no_other() {
    let minted = GostKey::from_label(Scheme::Gost512A, "mine");
    let key = SigningKey::from_pkcs8(&Key::Gost(minted.clone()).pkcs8()).expect("a private key");
    let public = |spki: &[u8]| PublicKey::from_spki(spki).expect("a public key");
    let octets = minted.public_octets();
    assert!(key.belongs_to(&public(&minted.scheme.spki(&octets))));
    let russian = der::sequence(&[der::oid("1.2.643.7.1.2.1.2.1"), der::oid("1.2.398.3.10.1.3.3")]);
    let identifier = der::sequence(&[der::oid(minted.scheme.key_oid()), russian]);
    let other_name = der::sequence(&[identifier, der::bit_string(&der::octet_string(&octets))]);
    assert!(key.belongs_to(&public(&other_name)), "the curve under its other identifier");
    let opposite = GostKey::new(minted.scheme, &minted.scheme.curve().q - &minted.d);
    let others =
        [Key::Gost(opposite), Key::gost512("other"), Key::gost256("mine"), Key::gost2004("mine"), Key::rsa("signing")];
    for other in others {
        assert!(!key.belongs_to(&public(&other.spki())), "{other:?}");
    }
}

#[test]
fn what_is_printed_of_a_key_has_nothing_of_the_secret() {
    let minted = GostKey::from_label(Scheme::Gost512A, "printed");
    let key = SigningKey::from_pkcs8(&Key::Gost(minted.clone()).pkcs8()).expect("a private key");
    let printed = format!("{key:?}");
    assert!(printed.starts_with("SigningKey { public: PublicKey(gost-34.10-2015-512"), "{printed}");
    let hex: String = minted.d.to_bytes_le().iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(!printed.contains(&hex[..8]));
}

fn refused(pkcs8: &[u8]) -> String {
    SigningKey::from_pkcs8(pkcs8).expect_err("no key to sign with").to_string()
}

#[test]
fn keys_that_nothing_is_signed_with_are_refused_by_name() {
    let old = Key::gost2004("old").pkcs8();
    assert_eq!(SigningKey::from_pkcs8(&old).err(), Some(SigningKeyError::NotAllowed("gost-34.310-2004".to_owned())));
    let algorithm = |oids: &[&str]| der::sequence(&oids.iter().map(|oid| der::oid(oid)).collect::<Vec<_>>());
    let some = der::octet_string(&[1; 32]);
    for (identifier, name) in [
        (algorithm(&["1.2.840.10040.4.1"]), "dsa"),
        (algorithm(&["1.3.101.113"]), "ed448"),
        (algorithm(&["1.2.3.4"]), "1.2.3.4"),
        (algorithm(&["1.2.840.10045.2.1", "1.3.132.0.10"]), "ecdsa-secp256k1"),
        (algorithm(&["1.2.643.7.1.1.1.2", "1.2.643.7.1.2.1.2.1"]), "gost-r-34.10-2012-512"),
        (algorithm(&["1.2.398.3.10.1.1.2.2", "1.2.643.7.1.2.1.2.0", "1.2.398.3.10.1.3.3"]), "malformed"),
    ] {
        let text = refused(&private_key_info(&identifier, &some));
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(refused(&Key::rsa_with(1024, Hash::Sha256, "short").pkcs8()).contains("rsa-1024"));
}

#[test]
fn keys_bent_in_any_way_are_malformed() {
    let scheme = Scheme::Gost512A;
    let inner = |octets: &[u8]| private_key_info(&scheme.key_algorithm(), octets);
    let d = GostKey::from_label(scheme, "bent").private_octets();
    let order = scheme.curve().q.to_bytes_le();
    for (situation, bent) in [
        ("empty", vec![]),
        ("no key", inner(&[])),
        ("d without its OCTET STRING", inner(&d[2..])),
        ("d as INTEGER", inner(&der::integer_unsigned(&d[2..]))),
        ("d and more", inner(&[&d[..], &[0]].concat())),
        ("d of 32 octets", inner(&der::octet_string(&[1; 32]))),
        ("d of 65 octets", inner(&der::octet_string(&[1; 65]))),
        ("zero", inner(&der::octet_string(&[0; 64]))),
        ("the order", inner(&der::octet_string(&order))),
        ("all ones", inner(&der::octet_string(&[0xFF; 64]))),
        ("something after it", [inner(&d), vec![0]].concat()),
        ("indefinite length", [&[0x30, 0x80], &inner(&d)[4..], &[0, 0]].concat()),
        ("longer than any key", inner(&der::octet_string(&vec![1; 20_000]))),
        ("no parameters", private_key_info(&der::sequence(&[der::oid(scheme.key_oid())]), &d)),
        ("a public key", Key::gost512("bent").spki()),
        (
            "an RSA key of nothing",
            private_key_info(&rsa_identifier(), &der::sequence(&[der::integer(0), der::integer(0)])),
        ),
        ("an RSA key that is none", private_key_info(&rsa_identifier(), &[4, 1, 1])),
    ] {
        let refusal = SigningKey::from_pkcs8(&bent).err();
        assert!(
            matches!(refusal, Some(SigningKeyError::Malformed(_) | SigningKeyError::NotAllowed(_))),
            "{situation}: {refusal:?}"
        );
    }
    for pkcs8 in [Key::gost512("cut").pkcs8(), Key::rsa("signing").pkcs8(), Key::p256("cut").pkcs8()] {
        for length in 0..pkcs8.len() {
            assert!(SigningKey::from_pkcs8(&pkcs8[..length]).is_err(), "cut after {length} octets");
        }
    }
}

/// RFC 5958: a key may bring its public one.
#[test]
fn a_gost_key_beside_the_public_key_of_another_is_no_pair() {
    for scheme in [Scheme::Gost512A, Scheme::Gost256] {
        let (key, other) = (GostKey::from_label(scheme, "mine"), GostKey::from_label(scheme, "other"));
        let with = |point: &[u8]| {
            let public = [&[0][..], point].concat();
            let fields = [
                der::integer(1),
                scheme.key_algorithm(),
                der::octet_string(&key.private_octets()),
                der::tlv(0x81, &public),
            ];
            SigningKey::from_pkcs8(&der::sequence(&fields))
        };
        let point = |key: &GostKey| der::octet_string(&key.public_octets());
        assert!(with(&point(&key)).is_ok());
        for wrong in [point(&other), point(&key)[1..].to_vec(), vec![], key.public_octets().to_vec()] {
            assert!(matches!(with(&wrong), Err(SigningKeyError::Malformed(_))), "{wrong:x?}");
        }
    }
}

fn rsa_identifier() -> Vec<u8> {
    der::sequence(&[der::oid("1.2.840.113549.1.1.1"), der::null()])
}

#[test]
fn an_elliptic_key_without_its_public_key_gets_it() {
    for (curve, algorithm) in
        [(NistCurve::P256, SignatureAlgorithm::EcdsaSha256), (NistCurve::P384, SignatureAlgorithm::EcdsaSha384)]
    {
        for label in ["one", "two", "three", "four"] {
            let key = EcdsaKey::from_label(curve, label);
            let identifier = der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid(curve.curve_oid())]);
            check(&private_key_info(&identifier, &key.private_octets(false)), &key.spki(), algorithm);
        }
        let size = curve.curve().field_bytes();
        let identifier = der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid(curve.curve_oid())]);
        for d in [vec![0; size], vec![0xFF; size], vec![1; size - 1], vec![]] {
            let fields = der::sequence(&[der::integer(1), der::octet_string(&d)]);
            assert!(SigningKey::from_pkcs8(&private_key_info(&identifier, &fields)).is_err());
        }
    }
}

#[test]
fn an_elliptic_key_is_of_its_curve_and_its_point() {
    let key = EcdsaKey::from_label(NistCurve::P256, "mine");
    let other = EcdsaKey::from_label(NistCurve::P256, "other");
    let identifier = |curve: NistCurve| der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid(curve.curve_oid())]);
    let d = &key.private_octets(false)[7..39];
    let info = |fields: &[Vec<u8>]| private_key_info(&identifier(NistCurve::P256), &der::sequence(fields));
    let (one, octets) = (der::integer(1), der::octet_string(d));
    let public = |point: &[u8]| der::tlv(0xA1, &der::bit_string(point));
    let named = |curve: NistCurve| der::tlv(0xA0, &der::oid(curve.curve_oid()));
    let good = info(&[one.clone(), octets.clone(), named(NistCurve::P256), public(&key.point)]);
    assert!(SigningKey::from_pkcs8(&good).is_ok());
    for (situation, bent) in [
        ("of another point", info(&[one.clone(), octets.clone(), public(&other.point)])),
        ("of two curves", info(&[one.clone(), octets.clone(), named(NistCurve::P384), public(&key.point)])),
        ("too short", info(&[one.clone(), der::octet_string(&d[1..]), public(&key.point)])),
        ("zero", info(&[one.clone(), der::octet_string(&[0; 32]), public(&key.point)])),
        ("not below the order", info(&[one, der::octet_string(&[0xFF; 32]), public(&key.point)])),
        ("of P-256 under the name of P-384", private_key_info(&identifier(NistCurve::P384), &key.private_octets(true))),
    ] {
        let refusal = SigningKey::from_pkcs8(&bent).err();
        assert!(matches!(refusal, Some(SigningKeyError::Malformed(_))), "{situation}: {refusal:?}");
    }
}
