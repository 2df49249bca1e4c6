//! Signatures over digests hold exactly where those over messages do, which ring verifies.

use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::rsa::RsaKey;

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
        assert_eq!(super::rsa::pkcs1::verify(&key, &digest, &number), Err(SignatureError::Invalid));
    }
    assert_eq!(super::rsa::pkcs1::verify(&key, &digest, &modulus), Err(SignatureError::Malformed));
    assert_eq!(super::rsa::pkcs1::verify(&key, &digest, &[0xff; 256]), Err(SignatureError::Malformed));
}

/// What RSASSA-PSS is tried with: keys whose encoded messages begin with 7 bits, with an octet less than the modulus, with 1 bit.
fn pss_keys() -> Vec<(RsaKey, SignatureAlgorithm, Hash)> {
    vec![
        (RsaKey::from_label(2048, "pss"), SignatureAlgorithm::RsaPssSha256, Hash::Sha256),
        (RsaKey::from_label(2049, "pss"), SignatureAlgorithm::RsaPssSha384, Hash::Sha384),
        (RsaKey::from_label(2050, "pss"), SignatureAlgorithm::RsaPssSha512, Hash::Sha512),
    ]
}

#[test]
fn rsa_pss_over_a_digest_is_as_good_as_over_its_message() {
    for (key, algorithm, hash) in pss_keys() {
        let public = PublicKey::from_spki(&key.spki()).expect("a key");
        let length = hash.digest(b"").len();
        let sign = |salt: &[u8]| key.sign_digest_pss(hash, &hash.digest(b"a message"), salt);
        for salt in [vec![0; length], vec![0xff; length], (1..).take(length).collect()] {
            let signature = sign(&salt);
            assert_eq!(both(&public, algorithm, b"a message", &signature), Ok(()), "{algorithm}");
            assert_eq!(both(&public, algorithm, b"another", &signature), Err(SignatureError::Invalid), "{algorithm}");
            for place in (0..signature.len()).step_by(31) {
                let mut broken = signature.clone();
                broken[place] ^= 1 << (place % 8);
                assert!(both(&public, algorithm, b"a message", &broken).is_err(), "{algorithm} {place}");
            }
            for wrong in [&[][..], &signature[1..], &[&[0], &signature[..]].concat(), &vec![0; signature.len()]] {
                assert!(both(&public, algorithm, b"a message", wrong).is_err(), "{algorithm}");
            }
        }
        for salt in [vec![], vec![7; length - 1], vec![7; length + 1]] {
            assert!(both(&public, algorithm, b"a message", &sign(&salt)).is_err(), "{algorithm}: {}", salt.len());
        }
    }
}

#[test]
fn signatures_of_one_padding_are_none_of_the_other() {
    let (key, algorithm, hash) = pss_keys().swap_remove(0);
    let public = PublicKey::from_spki(&key.spki()).expect("a key");
    let digest = hash.digest(b"a message");
    let [pss, plain] = [key.sign_digest_pss(hash, &digest, &[7; 32]), key.sign_digest(hash, &digest)];
    assert_eq!(both(&public, algorithm, b"a message", &pss), Ok(()));
    assert!(both(&public, algorithm, b"a message", &plain).is_err());
    assert_eq!(both(&public, SignatureAlgorithm::RsaPkcs1Sha256, b"a message", &plain), Ok(()));
    assert!(both(&public, SignatureAlgorithm::RsaPkcs1Sha256, b"a message", &pss).is_err());
}

#[test]
fn a_key_for_rsa_pss_holds_its_own_signatures_alone() {
    let (key, _, hash) = pss_keys().swap_remove(0);
    let digest = hash.digest(b"a message");
    let [pss, plain] = [key.sign_digest_pss(hash, &digest, &[7; 32]), key.sign_digest(hash, &digest)];
    let any = PublicKey::from_spki(&key.pss_spki(&[])).expect("a key");
    assert_eq!(any.algorithm().to_string(), "rsa-pss-2048");
    assert_eq!(both(&any, SignatureAlgorithm::RsaPssSha256, b"a message", &pss), Ok(()));
    let refused = both(&any, SignatureAlgorithm::RsaPkcs1Sha256, b"a message", &plain);
    assert_eq!(refused, Err(SignatureError::AlgorithmMismatch));
    // SHA-384 for message and mask, a salt of 48 octets at least.
    let sha = crate::der::write::sequence(&[crate::der::write::oid(HashAlgorithm::Sha384.oid())]);
    let mask = crate::der::write::oid(crate::der::Oid::new_unwrap("1.2.840.113549.1.1.8"));
    let mask = crate::der::write::sequence(&[&mask, &sha]);
    let parameters = |salt| {
        let field = |tag, contents: &[u8]| crate::der::write::element(tag, &[contents]);
        crate::der::write::sequence(&[field(0xa0, &sha), field(0xa1, &mask), field(0xa2, &[2, 1, salt])])
    };
    let narrow = PublicKey::from_spki(&key.pss_spki(&parameters(48))).expect("a key");
    let refused = both(&narrow, SignatureAlgorithm::RsaPssSha256, b"a message", &pss);
    assert_eq!(refused, Err(SignatureError::AlgorithmMismatch));
    let digest = Hash::Sha384.digest(b"a message");
    let fitting = key.sign_digest_pss(Hash::Sha384, &digest, &[7; 48]);
    assert_eq!(both(&narrow, SignatureAlgorithm::RsaPssSha384, b"a message", &fitting), Ok(()));
    for wrong in [parameters(49), vec![5, 0], vec![0x30, 0]] {
        assert!(PublicKey::from_spki(&key.pss_spki(&wrong)).is_err(), "{wrong:x?}");
    }
    assert!(any.shares_secret_with(&narrow));
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
