//! Signatures over digests hold exactly where those over messages do, which ring verifies.

use rastau_mint::hash::Hash;
use rastau_mint::key::Key;

use super::{HashAlgorithm, KeyAlgorithm, PublicKey, SignatureAlgorithm, SignatureError, hash};

fn keys() -> Vec<(Key, SignatureAlgorithm)> {
    vec![
        (Key::p256("digests"), SignatureAlgorithm::EcdsaSha256),
        (Key::p384("digests"), SignatureAlgorithm::EcdsaSha384),
        (Key::rsa_with(2048, Hash::Sha256, "digests"), SignatureAlgorithm::RsaPkcs1Sha256),
        (Key::rsa_with(2056, Hash::Sha512, "digests"), SignatureAlgorithm::RsaPkcs1Sha512),
    ]
}

/// Both ways of verifying, which have to agree on whether it holds.
fn both(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let digest = hash(algorithm.hash().expect("not Ed25519"), message);
    let over_digest = key.verify_digest(algorithm, &digest, signature);
    assert_eq!(over_digest.is_ok(), key.verify(algorithm, message, signature).is_ok(), "{algorithm} {signature:02x?}");
    over_digest
}

#[test]
fn a_digest_is_as_good_as_its_message() {
    for (key, algorithm) in keys() {
        let public = PublicKey::from_spki(&key.spki()).expect("a key");
        for message in [&b""[..], b"a message", &[0xff; 1000]] {
            let signature = key.sign(message);
            assert_eq!(both(&public, algorithm, message, &signature), Ok(()), "{algorithm}");
            assert_eq!(both(&public, algorithm, b"another", &signature), Err(SignatureError::Invalid), "{algorithm}");
        }
    }
}

#[test]
fn a_bit_anywhere_undoes_a_signature() {
    for (key, algorithm) in keys() {
        let public = PublicKey::from_spki(&key.spki()).expect("a key");
        let signature = key.sign(b"a message");
        // RSA costs more, and every place of it is like every other.
        let step = if matches!(public.algorithm(), KeyAlgorithm::Rsa { .. }) { 31 } else { 1 };
        for place in (0..signature.len()).step_by(step) {
            let mut broken = signature.clone();
            broken[place] ^= 1 << (place % 8);
            assert!(both(&public, algorithm, b"a message", &broken).is_err(), "{algorithm} {place}");
        }
        for length in [0, 1, signature.len() - 1] {
            assert!(both(&public, algorithm, b"a message", &signature[..length]).is_err(), "{algorithm} {length}");
        }
        assert!(both(&public, algorithm, b"a message", &[&signature[..], &[0]].concat()).is_err(), "{algorithm}");
        let wide = [&[0], &signature[..]].concat();
        assert!(both(&public, algorithm, b"a message", &wide).is_err(), "{algorithm}");
    }
}

#[test]
fn numbers_at_the_edges_of_their_range_sign_nothing() {
    let order = |text: &str| num_bigint::BigUint::parse_bytes(text.as_bytes(), 16).expect("hex").to_bytes_be();
    for (key, algorithm, q) in [
        (
            Key::p256("edges"),
            SignatureAlgorithm::EcdsaSha256,
            order("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
        ),
        (
            Key::p384("edges"),
            SignatureAlgorithm::EcdsaSha384,
            order(concat!(
                "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"
            )),
        ),
    ] {
        let public = PublicKey::from_spki(&key.spki()).expect("a key");
        let integer = |number: &[u8]| {
            let zero: &[u8] = if number.first().is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
            crate::der::write::element(2, &[zero, number])
        };
        let beyond = {
            let mut beyond = q.clone();
            *beyond.last_mut().expect("octets") += 1;
            beyond
        };
        for r in [&[][..], &[1], &q, &beyond, &[0x7f; 80]] {
            for s in [&[][..], &[1], &q, &beyond] {
                let signature = crate::der::write::sequence(&[integer(r), integer(s)]);
                assert!(both(&public, algorithm, b"a message", &signature).is_err(), "{r:02x?} {s:02x?}");
            }
        }
        let negative = crate::der::write::sequence(&[vec![2, 1, 0xff], vec![2, 1, 1]]);
        assert_eq!(both(&public, algorithm, b"", &negative), Err(SignatureError::Malformed));
    }
}

#[test]
fn padding_that_is_not_the_standard_s_is_refused() {
    // A cube root signature (Bleichenbacher 2006) needs a small exponent and a lenient reader. With exponent 3 the number one is
    // its own signature, and so is every encoded message whose cube is below the modulus.
    let modulus: Vec<u8> = std::iter::once(0x80).chain(std::iter::repeat_n(0, 254)).chain([1]).collect();
    let key = crate::der::write::sequence(&[
        crate::der::write::element(2, &[&[0][..], &modulus]),
        crate::der::write::element(2, &[&[3_u8][..]]),
    ]);
    let digest = hash(HashAlgorithm::Sha256, b"a message");
    for number in [vec![0; 256], [vec![0; 255], vec![1]].concat(), [vec![0; 200], vec![0x55; 56]].concat()] {
        assert_eq!(super::rsa_digest::verify(&key, &digest, &number), Err(SignatureError::Invalid));
    }
    assert_eq!(super::rsa_digest::verify(&key, &digest, &modulus), Err(SignatureError::Malformed));
    assert_eq!(super::rsa_digest::verify(&key, &digest, &[0xff; 256]), Err(SignatureError::Malformed));
}

#[test]
fn another_hash_than_the_algorithm_s_and_ed25519_do_not_fit() {
    let rsa = PublicKey::from_spki(&Key::rsa("digests").spki()).expect("a key");
    let digest = hash(HashAlgorithm::Sha512, b"a message");
    let mismatch = rsa.verify_digest(SignatureAlgorithm::RsaPkcs1Sha256, &digest, &[0; 256]);
    assert_eq!(mismatch, Err(SignatureError::AlgorithmMismatch));
    let ed25519 = PublicKey::from_spki(&Key::ed25519("digests").spki()).expect("a key");
    let message = ed25519.verify_digest(SignatureAlgorithm::Ed25519, &digest, &[0; 64]);
    assert_eq!(message, Err(SignatureError::NeedsMessage));
}
