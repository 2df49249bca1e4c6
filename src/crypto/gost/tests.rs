//! The curves against the standards' examples and against a slow independent reference on big integers.

use std::cell::Cell;

use num_bigint::BigUint;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::curve::{Curve, Parameters, PointError, Refusal};
use super::curves::*;
use super::field::{Field, Montgomery, PseudoMersenne};
use super::limbs::{self, hex};
use super::multiply::{FixedWindows, OddMultiples, interleaved};
use super::point::{Affine, Group, Jacobian};
use super::reference::{Point, Reference, big, le_bytes, small};

fn random<const N: usize>(rng: &mut ChaCha8Rng) -> [u64; N] {
    std::array::from_fn(|_| rng.next_u64())
}

/// Parameters of the example in section 7.1 of RFC 7091 (1.2.643.2.2.35.0).
pub(super) fn example_256() -> Curve<Montgomery<4>, 4> {
    Curve::new(
        Montgomery::new(&hex("8000000000000000000000000000000000000000000000000000000000000431")),
        &Parameters {
            a: hex("7"),
            b: hex("5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E"),
            q: hex("8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3"),
            x: hex("2"),
            y: hex("8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8"),
            cofactor: 1,
        },
    )
}

/// Parameters of the second example of GOST R 34.10-2012 (appendix A.2).
pub(super) fn example_512() -> Curve<Montgomery<8>, 8> {
    Curve::new(
        Montgomery::new(&hex(concat!(
            "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15D",
            "F1D852741AF4704A0458047E80E4546D35B8336FAC224DD81664BBF528BE6373"
        ))),
        &Parameters {
            a: hex("7"),
            b: hex(concat!(
                "1CFF0806A31116DA29D8CFA54E57EB748BC5F377E49400FDD788B649ECA1AC43",
                "61834013B2AD7322480A89CA58E0CF74BC9E540C2ADD6897FAD0A3084F302ADC"
            )),
            q: hex(concat!(
                "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15D",
                "A82F2D7ECB1DBAC719905C5EECC423F1D86E25EDBE23C595D644AAF187E6E6DF"
            )),
            x: hex(concat!(
                "24D19CC64572EE30F396BF6EBBFD7A6C5213B3B3D7057CC825F91093A68CD762",
                "FD60611262CD838DC6B60AA7EEE804E28BC849977FAC33B4B530F1B120248A9A"
            )),
            y: hex(concat!(
                "2BB312A43BD2CE6E0D020613C857ACDDCFBF061E91E5F2C3F32447C259F39B2C",
                "83AB156D77F1496BF7EB3351E1EE4E43DC1A18B91B24640B6DBB92CB1ADD371E"
            )),
            cofactor: 1,
        },
    )
}

/// Numbers of an example, as the standard prints them.
pub(super) struct Example {
    pub(super) d: &'static str,
    pub(super) e: &'static str,
    pub(super) k: &'static str,
    pub(super) r: &'static str,
    pub(super) s: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
}

pub(super) const EXAMPLE_256: Example = Example {
    d: "7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28",
    e: "2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5",
    k: "77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3",
    r: "41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493",
    s: "1456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40",
    x: "7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B",
    y: "26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA",
};

pub(super) const EXAMPLE_512: Example = Example {
    d: "0BA6048AADAE241BA40936D47756D7C93091A0E8514669700EE7508E508B102072E8123B2200A0563322DAD2827E2714A2636B7BFD18AADFC62967821FA18DD4",
    e: "3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C5917184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C",
    k: "0359E7F4B1410FEACC570456C6801496946312120B39D019D455986E364F365886748ED7A44B3E794434006011842286212273A6D14CF70EA3AF71BB1AE679F1",
    r: "2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD35492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36",
    s: "1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A",
    x: "115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1",
    y: "37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC",
};

pub(super) fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).expect("hex")
}

fn check_example<F: Field<N>, const N: usize>(curve: &Curve<F, N>, example: &Example) {
    let reference = Reference::of(curve);
    let (d, e, k) = (number(example.d), number(example.e), number(example.k));
    let public = reference.public(&d);
    assert_eq!(public, [le_bytes(&number(example.x), 8 * N), le_bytes(&number(example.y), 8 * N)].concat());
    let digest = le_bytes(&e, 8 * N);
    assert_eq!(reference.sign(&d, &k, &digest), (number(example.r), number(example.s)));
    let signature = reference.signature(&number(example.r), &number(example.s));
    let key = curve.point(&public).expect("a key");
    let windows = curve.prepare(&key);
    assert_eq!(curve.verify(&key, None, &digest, &signature), Ok(()));
    assert_eq!(curve.verify(&key, Some(&windows), &digest, &signature), Ok(()));
    let other = le_bytes(&(e + 1u32), 8 * N);
    assert_eq!(curve.verify(&key, None, &other, &signature), Err(Refusal::Invalid));
    assert_eq!(curve.verify(&key, Some(&windows), &other, &signature), Err(Refusal::Invalid));
}

#[test]
fn the_examples_of_the_standard_verify() {
    check_example(&example_256(), &EXAMPLE_256);
    check_example(&example_512(), &EXAMPLE_512);
}

/// Elements worth trying in a field: its edges, values only a loosely reduced field may hold, and random ones.
fn elements<F: Field<N>, const N: usize>(field: &F, rng: &mut ChaCha8Rng, loose: bool) -> Vec<[u64; N]> {
    let p = *field.prime();
    let mut one = [0; N];
    one[0] = 1;
    let mut top = [0; N];
    top[N - 1] = 1 << 63;
    let mut values = vec![[0; N], one, limbs::sub(&p, &one).0];
    for _ in 0..12 {
        values.push(random(rng));
    }
    let mut sparse = random::<N>(rng);
    sparse[0] = u64::MAX;
    sparse[1..].fill(u64::MAX);
    values.extend([top, sparse, p, limbs::add(&p, &one).0, [u64::MAX; N]]);
    for small in [2, 568, 569, 570, 616, 617, 618, u64::MAX] {
        let mut value = [0; N];
        value[0] = small;
        values.push(value);
        values.push(limbs::sub(&[u64::MAX; N], &value).0);
    }
    if !loose {
        for value in &mut values {
            while let (reduced, false) = limbs::sub(value, &p) {
                *value = reduced;
            }
        }
    }
    values
}

pub(super) fn check_field<F: Field<N>, const N: usize>(field: &F, loose: bool) {
    let mut rng = ChaCha8Rng::seed_from_u64(20_150_101);
    let p = big(field.prime());
    let number = |element: &[u64; N]| big(&field.decode(element));
    let values = elements(field, &mut rng, loose);
    for a in &values {
        let va = number(a);
        assert!(va < p);
        assert_eq!(number(&field.square(a)), &va * &va % &p);
        assert_eq!(number(&field.double(a)), &va * 2u32 % &p);
        assert_eq!(number(&field.negate(a)), (&p - &va) % &p);
        assert_eq!(field.is_zero(a), va == BigUint::ZERO);
        assert_eq!(number(&field.encode(&small(&va))), va);
        let inverse = field.invert(a);
        if va == BigUint::ZERO {
            assert_eq!(number(&inverse), BigUint::ZERO);
        } else {
            assert_eq!(number(&inverse), va.modpow(&(&p - 2u32), &p));
        }
        for b in &values {
            let vb = number(b);
            assert_eq!(number(&field.mul(a, b)), &va * &vb % &p, "{a:x?} * {b:x?}");
            assert_eq!(number(&field.add(a, b)), (&va + &vb) % &p);
            assert_eq!(number(&field.sub(a, b)), (&va + &p - &vb) % &p);
            assert_eq!(field.equal(a, b), va == vb);
        }
    }
}

#[test]
fn field_operations_agree_with_big_integers_at_the_edges_too() {
    check_field(&PseudoMersenne::<8, 569>::new(), true);
    check_field(&PseudoMersenne::<4, 617>::new(), true);
    check_field(&TC26_512_B.group.field, false);
    check_field(&CRYPTO_PRO_B.group.field, false);
    check_field(&CRYPTO_PRO_C.group.field, false);
    check_field(&example_512().group.field, false);
    check_field(&example_256().group.field, false);
    // The scalars: moduli of every curve.
    check_field(&Montgomery::new(TC26_512_A.order()), false);
    check_field(&Montgomery::new(TC26_512_C.order()), false);
    check_field(&Montgomery::new(CRYPTO_PRO_A.order()), false);
    check_field(&Montgomery::new(TC26_256_A.order()), false);
}

#[test]
fn many_random_inversions_multiply_to_one() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let field = PseudoMersenne::<8, 569>::new();
    let scalars = Montgomery::new(TC26_512_A.order());
    for _ in 0..500 {
        let a = random::<8>(&mut rng);
        let mut one = [0; 8];
        one[0] = 1;
        assert_eq!(field.decode(&field.mul(&a, &field.invert(&a))), one);
        let b = scalars.encode(&small(&(big(&a) % big(scalars.prime()))));
        assert_eq!(scalars.decode(&scalars.mul(&b, &scalars.invert(&b))), one);
    }
}

fn affine<F: Field<N>, const N: usize>(group: &Group<F, N>, point: &Jacobian<N>) -> Point {
    if group.is_infinity(point) {
        return None;
    }
    let point = group.to_affine(std::slice::from_ref(point))[0];
    Some((big(&group.field.decode(&point.x)), big(&group.field.decode(&point.y))))
}

fn check_multiplication<F: Field<N>, const N: usize>(curve: &Curve<F, N>) {
    let mut rng = ChaCha8Rng::seed_from_u64(34_10);
    let (group, reference) = (&curve.group, Reference::of(curve));
    assert!(group.contains(curve.base()), "the base point is on the curve");
    assert_eq!(reference.multiply(&reference.q, &reference.base()), None, "q is its order");
    let q = &reference.q;
    let d = big(&random::<N>(&mut rng)) % q;
    let key_bytes = reference.public(&d);
    let key = curve.point(&key_bytes).expect("a key");
    let point = reference.multiply(&d, &reference.base());
    let (g, k) = (OddMultiples::new(group, curve.base(), 7), OddMultiples::new(group, &key, 4));
    let windows: Vec<_> =
        [(4, 1), (5, 2), (7, 3), (8, 1)].map(|(width, stride)| FixedWindows::new(group, &key, width, stride)).into();
    let mut scalars = vec![BigUint::ZERO, BigUint::from(1u32), BigUint::from(2u32), q - 1u32, q - 2u32, q >> 1];
    scalars.push(BigUint::from(0x8080_8080_8080_8080u64));
    scalars.push((BigUint::from(1u32) << (64 * N - 3)) - 1u32);
    scalars.extend((0..2).map(|_| big(&random::<N>(&mut rng)) % q));
    for (i, u2) in scalars.iter().enumerate() {
        let expected = reference.multiply(u2, &point);
        for table in &windows {
            let sum = table.add_to(group, group.infinity(), &small(u2));
            assert_eq!(affine(group, &sum), expected, "windows, scalar {i}");
        }
        let u1 = &scalars[(i * 3 + 1) % scalars.len()];
        let expected = reference.add(&reference.multiply(u1, &reference.base()), &expected);
        let sum = interleaved(group, (&small(u1), &g), (&small(u2), &k));
        assert_eq!(affine(group, &sum), expected, "interleaved, scalar {i}");
    }
}

#[test]
fn multiplication_agrees_with_the_reference_on_every_curve() {
    check_multiplication(&*TC26_512_A);
    check_multiplication(&*TC26_512_B);
    check_multiplication(&*TC26_512_C);
    check_multiplication(&*TC26_256_A);
    check_multiplication(&*CRYPTO_PRO_A);
    check_multiplication(&*CRYPTO_PRO_B);
    check_multiplication(&*CRYPTO_PRO_C);
}

#[test]
fn every_exceptional_sum_comes_out_right() {
    let group = &TC26_512_A.group;
    let base = *TC26_512_A.base();
    let g = group.to_jacobian(&base);
    let scaled = group.add(&group.double(&g), &group.to_jacobian(&group.negate(&base)));
    let two = affine(group, &group.double(&g));
    assert!(group.is_infinity(&group.double(&group.infinity())));
    assert_eq!(affine(group, &group.add_affine(&group.infinity(), &base)), affine(group, &g));
    for same in [g, scaled] {
        assert_eq!(affine(group, &group.add_affine(&same, &base)), two, "the same point, Z one or not");
        assert_eq!(affine(group, &group.add(&same, &g)), two);
        assert!(group.is_infinity(&group.add_affine(&same, &group.negate(&base))));
        assert!(group.is_infinity(&group.add(&same, &group.to_jacobian(&group.negate(&base)))));
    }
    assert_eq!(affine(group, &group.add(&group.infinity(), &g)), affine(group, &g));
    assert_eq!(affine(group, &group.add(&g, &group.infinity())), affine(group, &g));
}

/// Verifies with and without tables; both must say the same.
fn verify_both<F: Field<N>, const N: usize>(
    curve: &Curve<F, N>,
    key: &Affine<N>,
    windows: &FixedWindows<N>,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let plain = curve.verify(key, None, digest, signature);
    assert_eq!(curve.verify(key, Some(windows), digest, signature), plain, "prepared and unprepared differ");
    plain
}

fn check_signatures<F: Field<N>, const N: usize>(curve: &Curve<F, N>) {
    let mut rng = ChaCha8Rng::seed_from_u64(2015);
    let reference = Reference::of(curve);
    let q = &reference.q;
    let one = BigUint::from(1u32);
    // d = 1 and q - 1 make the key the base point or its opposite: the sum then meets equal and opposite points.
    let keys = [one.clone(), q - 1u32, BigUint::from(2u32), big(&random::<N>(&mut rng)) % q];
    for d in &keys {
        let key = curve.point(&reference.public(d)).expect("a key");
        let windows = curve.prepare(&key);
        let digest = le_bytes(&big(&random::<N>(&mut rng)), 8 * N);
        let k = big(&random::<N>(&mut rng)) % q;
        let (r, s) = reference.sign(d, &k, &digest);
        let good = reference.signature(&r, &s);
        let verify = |digest: &[u8], signature: &[u8]| verify_both(curve, &key, &windows, digest, signature);
        assert_eq!(verify(&digest, &good), Ok(()));
        // e = 0 and e = q both count as 1.
        for zero in [BigUint::ZERO, q.clone(), one.clone()] {
            let digest = le_bytes(&zero, 8 * N);
            let (r, s) = reference.sign(d, &k, &digest);
            assert_eq!(verify(&digest, &reference.signature(&r, &s)), Ok(()));
        }
        // k = 1: C is the base point itself (whose x is 0 on one curve, and r must not be).
        let (r1, s1) = reference.sign(d, &one, &digest);
        if r1 != BigUint::ZERO && s1 != BigUint::ZERO {
            assert_eq!(verify(&digest, &reference.signature(&r1, &s1)), Ok(()));
        }
        check_negatives(&reference, &verify, (d, &digest, &r, &s));
    }
}

type Verify<'a> = dyn Fn(&[u8], &[u8]) -> Result<(), Refusal> + 'a;

fn check_negatives<const N: usize>(
    reference: &Reference<N>,
    verify: &Verify<'_>,
    (d, digest, r, s): (&BigUint, &[u8], &BigUint, &BigUint),
) {
    let q = &reference.q;
    let good = reference.signature(r, s);
    let (zero, top) = (BigUint::ZERO, (BigUint::from(1u32) << (64 * N)) - 1u32);
    let mut cases = vec![
        ("r = 0", reference.signature(&zero, s), Refusal::Malformed),
        ("s = 0", reference.signature(r, &zero), Refusal::Malformed),
        ("r = q", reference.signature(q, s), Refusal::Malformed),
        ("s = q", reference.signature(r, q), Refusal::Malformed),
        ("r all ones", reference.signature(&top, s), Refusal::Malformed),
        ("s all ones", reference.signature(r, &top), Refusal::Malformed),
        ("both zero", vec![0; 16 * N], Refusal::Malformed),
        ("empty", vec![], Refusal::Malformed),
        ("one byte short", good[..16 * N - 1].to_vec(), Refusal::Malformed),
        ("one byte long", [good.as_slice(), &[0]].concat(), Refusal::Malformed),
        ("half", good[..8 * N].to_vec(), Refusal::Malformed),
        ("s opposite", reference.signature(r, &(q - s)), Refusal::Invalid),
        ("r opposite", reference.signature(&(q - r), s), Refusal::Invalid),
        ("swapped", reference.signature(s, r), Refusal::Invalid),
    ];
    for (name, number) in [("r + q", r + q), ("s + q", s + q)] {
        if number <= top {
            let pair = if name == "r + q" { (&number, s) } else { (r, &number) };
            cases.push((name, reference.signature(pair.0, pair.1), Refusal::Malformed));
        }
    }
    for (situation, signature, refusal) in cases {
        assert_eq!(verify(digest, &signature), Err(refusal), "{situation}");
    }
    // Reversed numbers may happen to lie beyond q: refused either way.
    let big_endian: Vec<u8> = good.iter().rev().copied().collect();
    assert!(verify(digest, &big_endian).is_err());
    let each: Vec<u8> = good.chunks(8 * N).flat_map(|half| half.iter().rev().copied()).collect();
    assert!(verify(digest, &each).is_err());
    for index in [0, 8 * N - 1, 8 * N, 16 * N - 1] {
        let mut bent = good.clone();
        bent[index] ^= 1;
        assert!(verify(digest, &bent).is_err(), "bit flipped in byte {index}");
    }
    let mut other = digest.to_vec();
    other[0] ^= 1;
    assert_eq!(verify(&other, &good), Err(Refusal::Invalid));
    other.reverse();
    assert_eq!(verify(&other, &good), Err(Refusal::Invalid));
    assert_eq!(verify(&digest[1..], &good), Err(Refusal::Malformed));
    assert_eq!(verify(&[digest, &[0]].concat(), &good), Err(Refusal::Malformed));
    // s = r * d makes z1*G + z2*Q infinity, which has no x: never accepted.
    let s = r * d % q;
    assert_eq!(verify(digest, &reference.signature(r, &s)), Err(Refusal::Invalid));
}

#[test]
fn signatures_of_the_reference_verify_and_bent_ones_do_not() {
    check_signatures(&*TC26_512_A);
    check_signatures(&*TC26_512_B);
    check_signatures(&*TC26_512_C);
    check_signatures(&*TC26_256_A);
    check_signatures(&*CRYPTO_PRO_A);
    check_signatures(&*CRYPTO_PRO_B);
    check_signatures(&*CRYPTO_PRO_C);
}

/// A point C with q < x < p is met by chance never in 2^250 signatures on the curve of every Kazakh certificate, so it
/// comes first here, and the key and the signature that lead to it are computed from it.
fn check_x_beyond_q<F: Field<N>, const N: usize>(curve: &Curve<F, N>) {
    let reference = Reference::of(curve);
    let q = &reference.q;
    assert!(q < &reference.p);
    let inverse = |number: &BigUint| reference.inverse(&(number % q), q);
    let mut starts = (0u32..).map(|step| q + 1u32 + 100 * step);
    let c = starts.find_map(|start| {
        let point = reference.any_point(&start);
        reference.multiply(q, &point).is_none().then_some(point)
    });
    let c = c.expect("one point in four is in the subgroup");
    let r = c.clone().expect("not infinity").0 - q;
    let (z1, z2) = (BigUint::from(0x1234_5678u32), BigUint::from(0x9ABC_DEF1u32));
    // C = z1*P + z2*Q, where z1 = s/e and z2 = -r/e.
    let key = reference.add(&c, &reference.multiply(&(q - &z1), &reference.base()));
    let key = reference.encode(&reference.multiply(&inverse(&z2), &key));
    let e = (q - &r) * inverse(&z2) % q;
    let s = &z1 * &e % q;
    let key = curve.point(&key).expect("a key");
    let windows = curve.prepare(&key);
    let digest = le_bytes(&e, 8 * N);
    let verify = |r: &BigUint, s: &BigUint| verify_both(curve, &key, &windows, &digest, &reference.signature(r, s));
    assert_eq!(verify(&r, &s), Ok(()));
    assert_eq!(verify(&(&r + 1u32), &s), Err(Refusal::Invalid));
    assert_eq!(verify(&(&r + q), &s), Err(Refusal::Malformed), "x itself is out of range");
}

#[test]
fn a_sum_whose_x_is_beyond_q_is_compared_modulo_q() {
    check_x_beyond_q(&*TC26_512_A);
    check_x_beyond_q(&*TC26_512_C);
    check_x_beyond_q(&*TC26_256_A);
    check_x_beyond_q(&*CRYPTO_PRO_A);
    check_x_beyond_q(&*CRYPTO_PRO_C);
}

fn check_points<F: Field<N>, const N: usize>(curve: &Curve<F, N>) {
    let reference = Reference::of(curve);
    let p = &reference.p;
    let top = (BigUint::from(1u32) << (64 * N)) - 1u32;
    let (x, y) = reference.base.clone();
    let encode = |x: &BigUint, y: &BigUint| [le_bytes(x, 8 * N), le_bytes(y, 8 * N)].concat();
    assert!(curve.point(&encode(&x, &y)).is_ok());
    assert!(curve.point(&encode(&x, &(p - &y))).is_ok());
    let (zero, one) = (BigUint::ZERO, BigUint::from(1u32));
    let good = encode(&x, &y);
    let cases = [
        ("empty", vec![], PointError::Length),
        ("one byte: SEC 1 infinity", vec![0], PointError::Length),
        ("one short", good[1..].to_vec(), PointError::Length),
        ("one long", [good.as_slice(), &[0]].concat(), PointError::Length),
        ("SEC 1 uncompressed", [&[4], good.as_slice()].concat(), PointError::Length),
        ("x only", good[..8 * N].to_vec(), PointError::Length),
        ("zeros for infinity", encode(&zero, &zero), PointError::NotOnCurve),
        ("(0, 1)", encode(&zero, &one), PointError::NotOnCurve),
        ("swapped", encode(&y, &x), PointError::NotOnCurve),
        ("y off by one", encode(&x, &((&y + 1u32) % p)), PointError::NotOnCurve),
        ("x = p", encode(p, &y), PointError::Range),
        ("y = p", encode(&x, p), PointError::Range),
        ("all ones", encode(&top, &top), PointError::Range),
        ("y all ones", encode(&x, &top), PointError::Range),
    ];
    for (situation, bytes, error) in cases {
        assert_eq!(curve.point(&bytes).err(), Some(error), "{situation}");
    }
    if &x + p <= top {
        assert_eq!(curve.point(&encode(&(&x + p), &y)).err(), Some(PointError::Range), "x + p");
    }
}

#[test]
fn points_out_of_range_or_off_the_curve_are_no_keys() {
    check_points(&*TC26_512_A);
    check_points(&*TC26_512_B);
    check_points(&*TC26_512_C);
    check_points(&*TC26_256_A);
    check_points(&*CRYPTO_PRO_A);
    check_points(&*CRYPTO_PRO_B);
    check_points(&*CRYPTO_PRO_C);
}

fn check_small_subgroup<F: Field<N>, const N: usize>(curve: &Curve<F, N>) {
    let reference = Reference::of(curve);
    let mut orders = Vec::new();
    for start in [1u32, 100, 200, 300, 400, 500, 600, 700] {
        let point = reference.any_point(&start.into());
        // q times any point leaves its part of small order: 1, 2 or 4.
        let torsion = reference.multiply(&reference.q, &point);
        let bytes = reference.encode(&point);
        if torsion.is_none() {
            assert!(curve.point(&bytes).is_ok());
            continue;
        }
        let twice = reference.add(&torsion, &torsion);
        orders.push(if twice.is_none() { 2 } else { 4 });
        assert_eq!(curve.point(&bytes).err(), Some(PointError::WrongSubgroup), "a point of order {}", "2q or 4q");
        assert_eq!(curve.point(&reference.encode(&torsion)).err(), Some(PointError::WrongSubgroup));
        let shifted = reference.add(&reference.base(), &torsion);
        assert_eq!(curve.point(&reference.encode(&shifted)).err(), Some(PointError::WrongSubgroup));
        if twice.is_some() {
            assert_eq!(curve.point(&reference.encode(&twice)).err(), Some(PointError::WrongSubgroup), "order 2");
        }
    }
    assert!(!orders.is_empty(), "three points in four are outside the subgroup");
}

#[test]
fn points_of_small_order_are_no_keys_where_the_cofactor_is_four() {
    check_small_subgroup(&*TC26_512_C);
    check_small_subgroup(&*TC26_256_A);
}

/// A field that counts its multiplications, squarings and inversions (in this thread).
#[derive(Clone)]
pub(super) struct Counting<F>(pub(super) F);

thread_local! {
    pub(super) static COUNTS: Cell<[u32; 3]> = const { Cell::new([0; 3]) };
}

fn count(place: usize) {
    let mut counts = COUNTS.get();
    counts[place] += 1;
    COUNTS.set(counts);
}

impl<F: Field<8>> Field<8> for Counting<F> {
    fn prime(&self) -> &[u64; 8] {
        self.0.prime()
    }
    fn encode(&self, number: &[u64; 8]) -> [u64; 8] {
        self.0.encode(number)
    }
    fn decode(&self, element: &[u64; 8]) -> [u64; 8] {
        self.0.decode(element)
    }
    fn mul(&self, a: &[u64; 8], b: &[u64; 8]) -> [u64; 8] {
        count(0);
        self.0.mul(a, b)
    }
    fn square(&self, a: &[u64; 8]) -> [u64; 8] {
        count(1);
        self.0.square(a)
    }
    fn add(&self, a: &[u64; 8], b: &[u64; 8]) -> [u64; 8] {
        self.0.add(a, b)
    }
    fn sub(&self, a: &[u64; 8], b: &[u64; 8]) -> [u64; 8] {
        self.0.sub(a, b)
    }
    fn is_zero(&self, a: &[u64; 8]) -> bool {
        self.0.is_zero(a)
    }
    fn invert(&self, a: &[u64; 8]) -> [u64; 8] {
        count(2);
        self.0.invert(a)
    }
}

/// What a verification on 512 bits costs in field operations, averaged over some signatures: a change of formulas or
/// tables that makes it dearer fails here, on any machine, at any load.
#[test]
fn a_verification_stays_within_its_count_of_field_operations() {
    let curve = Curve::new(Counting(Field512::new()), &TC26_512_A_NUMBERS);
    let reference = Reference::of(&curve);
    let mut rng = ChaCha8Rng::seed_from_u64(512);
    let d = big(&random::<8>(&mut rng)) % &reference.q;
    let key = curve.point(&reference.public(&d)).expect("a key");
    let windows = curve.prepare(&key);
    let signatures = 8;
    let mut totals = [[0; 3]; 2];
    for round in 0..=signatures {
        let digest = le_bytes(&big(&random::<8>(&mut rng)), 64);
        let k = big(&random::<8>(&mut rng)) % &reference.q;
        let (r, s) = reference.sign(&d, &k, &digest);
        let signature = reference.signature(&r, &s);
        for (prepared, total) in [None, Some(&windows)].into_iter().zip(&mut totals) {
            COUNTS.set([0; 3]);
            assert_eq!(curve.verify(&key, prepared, &digest, &signature), Ok(()));
            // The first round builds the tables of the base point.
            if round > 0 {
                *total = std::array::from_fn(|i| total[i] + COUNTS.get()[i]);
            }
        }
    }
    let [plain, prepared] = totals.map(|total| total.map(|count| count / signatures));
    println!("multiplications, squarings, inversions: {plain:?} by wNAF, {prepared:?} prepared");
    assert!(plain[0] < 3_350 && plain[1] < 2_550 && plain[2] == 1, "{plain:?}");
    assert!(prepared[0] < 1_250 && prepared[1] < 500 && prepared[2] == 0, "{prepared:?}");
}
