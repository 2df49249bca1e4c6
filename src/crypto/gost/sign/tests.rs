//! Signing against the standard's examples, the slow reference on big integers, and other people's vectors.

use num_bigint::BigUint;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::field::{SecretMontgomery, SecretPseudoMersenne};
use super::invert::SecretInverter;
use super::nonce::Nonces;
use super::*;
use crate::crypto::gost::point::Affine;
use crate::crypto::gost::reference::{Reference, big, le_bytes, small};
use crate::crypto::gost::tests::{
    COUNTS, Counting, EXAMPLE_256, EXAMPLE_512, Example, check_field, example_256, example_512, number,
};

fn random<const N: usize>(rng: &mut ChaCha8Rng) -> [u64; N] {
    std::array::from_fn(|_| rng.next_u64())
}

#[test]
fn fields_for_secrets_agree_with_big_integers_at_the_edges_too() {
    check_field(&SecretPseudoMersenne::<8, 569>::new(), true);
    check_field(&SecretPseudoMersenne::<4, 617>::new(), true);
    check_field(&SecretMontgomery::new(TC26_512_B.group.field.prime()), false);
    for curve in [TC26_512_A.order(), TC26_512_B.order(), TC26_512_C.order()] {
        check_field(&SecretMontgomery::new(curve), false);
    }
    check_field(&SecretMontgomery::new(TC26_256_A.order()), false);
}

#[test]
fn inversions_in_a_fixed_number_of_steps_multiply_to_one() {
    let mut rng = ChaCha8Rng::seed_from_u64(62);
    let p = *TC26_512_A.group.field.prime();
    let inverter = SecretInverter::new(&p);
    let mut numbers: Vec<[u64; 8]> = (0..500).map(|_| random(&mut rng)).collect();
    // Powers of two and their neighbours make the longest and shortest runs of steps.
    for bit in 0..512 {
        let mut power = [0; 8];
        power[bit / 64] = 1 << (bit % 64);
        let mut one = [0; 8];
        one[0] = 1;
        numbers.extend([power, limbs::sub(&power, &one).0, limbs::add(&power, &one).0]);
    }
    for a in numbers {
        let a = big(&a) % big(&p);
        let inverse = big(&inverter.invert(&small(&a)));
        if a == BigUint::ZERO {
            assert_eq!(inverse, BigUint::ZERO);
        } else {
            assert_eq!(a * inverse % big(&p), BigUint::from(1u32));
        }
    }
}

fn check_multiples<P: Field<N>, F: Field<N>, const N: usize>(public: &Curve<P, N>, field: F) {
    let curve = SigningCurve::new(public, field);
    let reference = Reference::of(public);
    let q = &reference.q;
    let mut rng = ChaCha8Rng::seed_from_u64(86);
    let one = BigUint::from(1u32);
    let mut scalars: Vec<BigUint> = (1u32..8).map(BigUint::from).collect();
    scalars.extend((1u32..5).map(|small| q - small));
    scalars.extend([q >> 1, (q >> 1) + 1u32, q / 3u32]);
    for bit in [5, 6, 12, 64, 64 * N - 7, 64 * N - 2] {
        let power = &one << bit;
        scalars.extend([&power - 1u32, power.clone(), power + 1u32].map(|scalar| scalar % q));
    }
    // The last addition meets equal points: k = 2 * digit * 2^(6(n - 1)) modulo q, for every last digit
    // there is.
    let last = curve.comb.bytes() / size_of::<[Affine<N>; 32]>() - 1;
    for digit in [1u32, 3, 5] {
        let scalar = (BigUint::from(digit) << (6 * last + 1)) % q;
        scalars.extend([q - &scalar, scalar]);
    }
    scalars.extend((0..4).map(|_| big(&random::<N>(&mut rng)) % q));
    for scalar in scalars.iter().filter(|scalar| **scalar != BigUint::ZERO) {
        let (x, y) = reference.multiply(scalar, &reference.base()).expect("below q");
        let scalar_limbs = small(scalar);
        let found = curve.comb.point(&curve.field, &curve.a, curve.order(), &scalar_limbs);
        assert_eq!((big(&found.0), big(&found.1)), (x.clone(), y), "{scalar:x}");
        assert_eq!(big(&curve.comb.x(&curve.field, &curve.a, curve.order(), &scalar_limbs)), x, "{scalar:x}");
    }
}

#[test]
fn multiples_of_the_base_point_agree_with_the_reference_on_every_curve() {
    check_multiples(&*TC26_512_A, Secret512::new());
    check_multiples(&*TC26_512_B, SecretMontgomery::new(TC26_512_B.group.field.prime()));
    check_multiples(&*TC26_512_C, Secret512::new());
    check_multiples(&*TC26_256_A, Secret256::new());
}

fn check_example<P: Field<N>, const N: usize>(public: &Curve<P, N>, example: &Example) {
    let curve = SigningCurve::new(public, SecretMontgomery::new(public.group.field.prime()));
    let parts = [example.d, example.e, example.k].map(|text| small(&number(text)));
    let [d, e, k] = &parts;
    let (r, s) = curve.sign_with(d, e, k).expect("neither is zero");
    assert_eq!((big(&r), big(&s)), (number(example.r), number(example.s)));
    let (x, y) = curve.comb.point(&curve.field, &curve.a, curve.order(), d);
    assert_eq!((big(&x), big(&y)), (number(example.x), number(example.y)));
}

#[test]
fn the_examples_of_the_standard_come_out_with_their_k() {
    check_example(&example_256(), &EXAMPLE_256);
    check_example(&example_512(), &EXAMPLE_512);
}

/// The library does not tell its k, but with the private key the signature does.
#[test]
fn with_the_k_of_the_national_cas_library_its_signature_comes_out() {
    let Some(file) = crate::crypto::tests::interop("vectors/kalkan_gost512.vectors") else { return };
    let text = String::from_utf8(file).expect("text");
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).expect("there");
    let q = big(TC26_512_A.order());
    let turned = |hex: &str| big::<8>(&limbs::from_le_bytes(&octets(hex)).expect("64 octets"));
    let (d, e) = (number(value("d")), turned(value("digest")) % &q);
    let (r, s) = value("sig").split_at(128);
    let (r, s) = (turned(r), turned(s));
    let k = (&s + (&q - &r) * &d) * e.modinv(&q).expect("not zero") % &q;
    let found = SIGNING_512_A.sign_with(&small(&d), &small(&e), &small(&k)).expect("neither is zero");
    assert_eq!((big(&found.0), big(&found.1)), (r, s));
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex")).collect()
}

/// RFC 6979 appendix A.2.5: P-256 with SHA-512, the order and size that our generator shares with GOST's.
#[test]
fn numbers_for_signatures_are_those_of_rfc_6979() {
    let q = limbs::hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    let d = limbs::hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    for (message, k) in [
        ("sample", "5FA81C63109BADB88C1F367B47DA606DA28CAD69AA22C4FE6AD7DF73A7173AA5"),
        ("test", "6915D11632ACA3C40D5D51C08DAF9C555933819548784480E93499000D9F0B7F"),
    ] {
        // bits2octets: the leftmost 256 bits of the digest, modulo q.
        let digest = ring::digest::digest(&ring::digest::SHA512, message.as_bytes());
        let h = BigUint::from_bytes_be(&digest.as_ref()[..32]) % big(&q);
        let mut nonces = Nonces::<4>::new(&q, &d, &small(&h), None);
        assert_eq!(big(&nonces.next().expect("in range")), number(k), "{message}");
    }
}

#[test]
fn numbers_for_signatures_differ_by_key_digest_and_fresh_randomness_and_by_turn() {
    let q = TC26_512_A.order();
    let (one, two) = (small(&BigUint::from(1u32)), small(&BigUint::from(2u32)));
    let first = |d: &[u64; 8], e: &[u64; 8], fresh: Option<&[u8; FRESH]>| {
        big(&Nonces::new(q, d, e, fresh).next().expect("q is just below 2^512"))
    };
    let mut seen = vec![
        first(&one, &one, None),
        first(&one, &two, None),
        first(&two, &one, None),
        first(&two, &two, None),
        first(&one, &one, Some(&[0; FRESH])),
        first(&one, &one, Some(&[1; FRESH])),
    ];
    assert_eq!(first(&one, &one, None), seen[0], "nothing random, the same number");
    assert_eq!(first(&one, &one, Some(&[1; FRESH])), seen[5], "a source that repeats itself, the same number");
    let mut nonces = Nonces::new(q, &one, &one, None);
    seen.extend((0..4).filter_map(|_| nonces.next()).skip(1).map(|k| big(&k)));
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

/// On the curves whose order is just above a power of two, every other candidate is refused.
#[test]
fn candidates_out_of_range_are_skipped() {
    fn check<const N: usize>(q: &[u64; N]) {
        let mut one = [0; N];
        one[0] = 1;
        let mut nonces = Nonces::new(q, &one, &one, None);
        let drawn: Vec<_> = (0..64).map(|_| nonces.next()).collect();
        let taken = drawn.iter().flatten().count();
        assert!((16..=48).contains(&taken), "{taken} of 64");
        assert!(drawn.iter().flatten().all(|k| limbs::less(k, q) && !limbs::is_zero(k)));
    }
    check(TC26_512_B.order());
    check(TC26_256_A.order());
}

const CURVES: [(CurveName, usize); 4] = [
    (CurveName::Tc26Set256A, 4),
    (CurveName::Tc26Set512A, 8),
    (CurveName::Tc26Set512B, 8),
    (CurveName::Tc26Set512C, 8),
];

#[test]
fn signatures_verify_on_every_curve_whatever_the_randomness() {
    let mut rng = ChaCha8Rng::seed_from_u64(34_102_015);
    for (name, limbs) in CURVES {
        for round in 0u8..4 {
            let mut d = le_bytes(&big(&random::<8>(&mut rng)), 64)[..8 * limbs].to_vec();
            // Below every order.
            d[8 * limbs - 1] &= 0x3F;
            let key = private_key(name, &d).expect("a key");
            let public = super::super::verifying_key(name, &key.public()).expect("a point of the group");
            let digest = match round {
                0 => vec![0; 8 * limbs],
                1 => vec![0xFF; 8 * limbs],
                _ => le_bytes(&big(&random::<8>(&mut rng)), 64)[..8 * limbs].to_vec(),
            };
            let deterministic = key.sign(&digest, None).expect("a signature");
            let hedged = key.sign(&digest, Some(&[round; FRESH])).expect("a signature");
            assert_eq!(key.sign(&digest, None).as_ref(), Some(&deterministic));
            assert_ne!(deterministic, hedged);
            for signature in [deterministic, hedged] {
                assert_eq!(public.verify(&digest, &signature), Ok(()), "{name:?}");
            }
            for length in [0, digest.len() - 1, digest.len() + 1, 8 * (12 - limbs)] {
                assert_eq!(key.sign(&vec![1; length], None), None, "{name:?} and {length} octets");
            }
        }
    }
}

#[test]
fn numbers_out_of_range_are_no_private_keys() {
    for (name, limbs) in CURVES {
        let order = match name {
            CurveName::Tc26Set256A => big(TC26_256_A.order()),
            CurveName::Tc26Set512A => big(TC26_512_A.order()),
            CurveName::Tc26Set512B => big(TC26_512_B.order()),
            _ => big(TC26_512_C.order()),
        };
        let size = 8 * limbs;
        let one = BigUint::from(1u32);
        for good in [one.clone(), &order - 1u32] {
            assert!(private_key(name, &le_bytes(&good, size)).is_ok());
        }
        let wrong = [
            (vec![], ScalarError::Length),
            (vec![1; size - 1], ScalarError::Length),
            (vec![1; size + 1], ScalarError::Length),
            (vec![0; size], ScalarError::Range),
            (le_bytes(&order, size), ScalarError::Range),
            (le_bytes(&(&order + 1u32), size), ScalarError::Range),
            (vec![0xFF; size], ScalarError::Range),
        ];
        for (octets, error) in wrong {
            assert_eq!(private_key(name, &octets).err(), Some(error), "{name:?}");
        }
    }
    for old in [CurveName::CryptoProA, CurveName::CryptoProB, CurveName::CryptoProC] {
        assert_eq!(private_key(old, &[1; 32]).err(), Some(ScalarError::Curve));
    }
}

/// What a signature costs in field operations, the same for every scalar: a change that makes it dearer, or dependent on what is
/// signed, fails here, on any machine, at any load.
#[test]
fn every_multiple_of_the_base_point_takes_the_same_field_operations() {
    let curve = SigningCurve::new(&TC26_512_A, Counting(Secret512::new()));
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut scalars: Vec<[u64; 8]> = (0..20).map(|_| random(&mut rng)).collect();
    let mut one = [0; 8];
    one[0] = 1;
    scalars.extend([one, limbs::sub(curve.order(), &one).0]);
    let counts = scalars.iter().map(|scalar| {
        let scalar = small(&(big(scalar) % big(curve.order())));
        COUNTS.set([0; 3]);
        curve.comb.x(&curve.field, &curve.a, curve.order(), &scalar);
        COUNTS.get()
    });
    let counts: Vec<_> = counts.collect();
    println!("multiplications, squarings, inversions: {:?}, table {} bytes", counts[0], curve.comb.bytes());
    assert!(counts.iter().all(|count| *count == counts[0]));
    assert!(counts[0][0] <= 690 && counts[0][1] <= 180 && counts[0][2] == 1, "{:?}", counts[0]);
}
