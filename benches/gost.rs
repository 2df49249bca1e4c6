//! What a signature costs, in microseconds and in units of ring's RSA-2048 verification in the same run.
//!
//! `cargo bench --bench gost` gives criterion's figures and then the ratios; `cargo bench --bench gost -- --ratios` the
//! ratios only. Ratios are worth more than microseconds: the same machine differs by a factor of four within minutes.
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

mod measure;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use num_bigint::BigUint;
use rastau::crypto::{Digest, HashAlgorithm, PublicKey, SignatureAlgorithm, SigningKey, hash};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use streebog::{Digest as _, Streebog512};

const MESSAGE: &[u8] = b"a message of the size of a digest";
const MEGABYTE: usize = 1_000_000;

const RSA_MODULUS: &str = concat!(
    "a52db7d9f0f62e5b06c626f36a766b3155c9e81bc2a67042dae6adf234693200300495c27ac3347e86af60f0a727abf9",
    "ee6b8678e0ade61880677b563f5ff7b97b25cb2b43f08c24f72b5cee4a8e7643a9f1fb300a0a9007b9ef0f3d04735aff",
    "bf19f1a9c70dbf22733135e042ccbf7f0aff5b6cf6397aba3a99461bc88a07e033d9c5cdfaca76c1a520f5e74f0465f7",
    "c4cef0811fa97af8ab49f8d3a5a14605ddb7badfd0d83efa9de6da692058ef5d1ba7c235b141a15c1a0892dcc4f9fdaf",
    "8c9b7b7b00aeca7ebf7d511b8f8455ab42efa9f2b28917f5389c664e8430e79b48ae45c9b7fd3a502dee6e0fb9e9ef6d",
    "70a4ce2c35f41412115b655ecfd7bc11",
);

const RSA_SIGNATURE: &str = concat!(
    "3299432fd82a3b60070ff1d9661d4783f85176df3caed6c9b4a6770db7eaa8d1b5e84dd238a7483d1ec9f2d70ef460bf",
    "cd5f06d653b2beab36baf8b62c89c8fb195bc562e8fff7a3ed62457573a80404778d6946f5e12daf34b290d1eccb30ac",
    "5dbc0585bb6521290e725ae3d0b7b6e9154e0044e94a85f3a3740e99df59a3754a3742d9f383beedccfedf2ddae4bdad",
    "7c1bcd8401926d7146a964a48531e56d8ea3f8dae05337bf05d3cd6b3a963fa231c6f6ceb90e9f1e45d51010c4d9a6cc",
    "31f830129e3c00620ef58a52b77f4800667be896c2b895759f1331d7cd20383dddd7bf27548a22b8c6153977b7b4a451",
    "72b50258e6cbf049f1c7529290dc9106",
);

/// A curve to sign on: p, a, q, base point, as hexadecimal numbers.
struct Curve {
    p: &'static str,
    a: &'static str,
    q: &'static str,
    x: &'static str,
    y: &'static str,
    length: usize,
}

const TC26_512_A: Curve = Curve {
    p: concat!(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC7"
    ),
    a: concat!(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC4"
    ),
    q: concat!(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275"
    ),
    x: "3",
    y: concat!(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921",
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4"
    ),
    length: 64,
};

const CRYPTO_PRO_A: Curve = Curve {
    p: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD97",
    a: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD94",
    q: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893",
    x: "1",
    y: "8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14",
    length: 32,
};

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).expect("hex")
}

fn little_endian(number: &BigUint, length: usize) -> Vec<u8> {
    let mut bytes = number.to_bytes_le();
    bytes.resize(length, 0);
    bytes
}

/// scalar * point by double-and-add in affine coordinates: a signer that shares no code with the verifier.
fn multiply(curve: &Curve, scalar: &BigUint, point: &(BigUint, BigUint)) -> (BigUint, BigUint) {
    let (p, a) = (number(curve.p), number(curve.a));
    let step = |(x1, y1): &(BigUint, BigUint), (x2, y2): &(BigUint, BigUint)| {
        let (above, below) =
            if x1 == x2 { (x1 * x1 * 3u32 + &a, y1 * 2u32 % &p) } else { (y2 + &p - y1, (x2 + &p - x1) % &p) };
        let slope = above * below.modinv(&p).expect("p is prime") % &p;
        let x = (&slope * &slope + &p + &p - x1 - x2) % &p;
        let y = (slope * (x1 + &p - &x) + &p - y1) % &p;
        (x, y)
    };
    let mut sum = point.clone();
    for index in (0..scalar.bits() - 1).rev() {
        sum = step(&sum, &sum);
        if scalar.bit(index) {
            sum = step(&sum, point);
        }
    }
    sum
}

/// One TLV with a length below 65536.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
    let head = match content.len() {
        0..128 => vec![tag, low],
        128..256 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

fn spki(algorithm: &str, parameters: &[u8], key: &[u8]) -> PublicKey {
    let identifier = tlv(0x30, &[oid(algorithm), parameters.to_vec()].concat());
    let bits = tlv(3, &[&[0], key].concat());
    PublicKey::from_spki(&tlv(0x30, &[identifier, bits].concat())).expect("a good key")
}

fn oid(dotted: &str) -> Vec<u8> {
    tlv(6, der::asn1::ObjectIdentifier::new_unwrap(dotted).as_bytes())
}

/// A subject of measurement: a key and a signature it verifies.
struct Subject {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
    /// For GOST: the digest, so that only the curve is measured.
    digest: Option<Digest>,
}

impl Subject {
    fn verify(&self) {
        match &self.digest {
            Some(digest) => self.key.verify_digest(self.algorithm, black_box(digest), &self.signature),
            None => self.key.verify(self.algorithm, black_box(MESSAGE), &self.signature),
        }
        .expect("a good signature");
    }
}

fn gost(curve: &Curve, oids: [&str; 3], algorithm: SignatureAlgorithm, hash_algorithm: HashAlgorithm) -> Subject {
    let q = number(curve.q);
    let base = (number(curve.x), number(curve.y));
    // Any numbers will do for the secret key and the nonce of a bench.
    let (d, k) = (&q / 3u32, &q / 7u32);
    let (x, y) = multiply(curve, &d, &base);
    let point = [little_endian(&x, curve.length), little_endian(&y, curve.length)].concat();
    let parameters = tlv(0x30, &[oid(oids[1]), oid(oids[2])].concat());
    let key = spki(oids[0], &parameters, &tlv(4, &point));
    let digest = hash(hash_algorithm, MESSAGE);
    let e = BigUint::from_bytes_le(digest.as_bytes()) % &q;
    let r = multiply(curve, &k, &base).0 % &q;
    let s = (&r * d + k * e) % &q;
    let signature = [little_endian(&r, curve.length), little_endian(&s, curve.length)].concat();
    Subject { key, algorithm, signature, digest: Some(digest) }
}

const OIDS_512_A: [&str; 3] = ["1.2.398.3.10.1.1.2.2", "1.2.398.3.10.1.1.2.2.1", "1.2.398.3.10.1.3.3"];

fn gost_512() -> Subject {
    gost(&TC26_512_A, OIDS_512_A, SignatureAlgorithm::Gost2015_512, HashAlgorithm::Streebog512)
}

fn gost_512_prepared() -> Subject {
    let subject = gost_512();
    subject.key.prepare();
    subject
}

/// A private key as the National CA writes it.
fn signing_key(curve: &Curve, oids: [&str; 3]) -> SigningKey {
    let d = little_endian(&(number(curve.q) / 3u32), curve.length);
    let parameters = tlv(0x30, &[oid(oids[1]), oid(oids[2])].concat());
    let identifier = tlv(0x30, &[oid(oids[0]), parameters].concat());
    let key = tlv(4, &tlv(4, &d));
    SigningKey::from_pkcs8(&tlv(0x30, &[vec![2, 1, 0], identifier, key].concat())).expect("a private key")
}

fn gost_2004() -> Subject {
    let oids = ["1.2.398.3.10.1.1.1.1", "1.2.398.3.10.1.1.1.1.1", "1.2.398.3.10.1.3.1.1.0"];
    gost(&CRYPTO_PRO_A, oids, SignatureAlgorithm::Gost2004, HashAlgorithm::Gost94)
}

fn rsa_2048() -> Subject {
    let mut modulus = number(RSA_MODULUS).to_bytes_be();
    modulus.insert(0, 0);
    let key = tlv(0x30, &[tlv(2, &modulus), tlv(2, &[1, 0, 1])].concat());
    Subject {
        key: spki("1.2.840.113549.1.1.1", &[5, 0], &key),
        algorithm: SignatureAlgorithm::RsaPkcs1Sha256,
        signature: number(RSA_SIGNATURE).to_bytes_be(),
        digest: None,
    }
}

fn ecdsa_p256() -> Subject {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).expect("a key");
    Subject {
        key: spki("1.2.840.10045.2.1", &oid("1.2.840.10045.3.1.7"), pair.public_key().as_ref()),
        algorithm: SignatureAlgorithm::EcdsaSha256,
        signature: pair.sign(&random, MESSAGE).expect("signed").as_ref().to_vec(),
        digest: None,
    }
}

fn criterion_figures(subjects: &[(&str, Subject)], signer: &SigningKey, megabyte: &[u8]) {
    let mut criterion = Criterion::default().configure_from_args();
    let mut verify = criterion.benchmark_group("verify");
    for (name, subject) in subjects {
        verify.bench_function(*name, |bencher| bencher.iter(|| subject.verify()));
    }
    verify.finish();
    criterion.bench_function("sign/gost-512", |bencher| bencher.iter(|| signer.sign(black_box(MESSAGE))));
    let mut keys = criterion.benchmark_group("key");
    keys.bench_function("prepare-gost-512", |bencher| {
        bencher.iter_batched(gost_512, |subject| subject.key.prepare(), criterion::BatchSize::PerIteration);
    });
    keys.finish();
    let mut hashes = criterion.benchmark_group("hash-1MB");
    hashes.throughput(Throughput::Bytes(1_000_000));
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Streebog512, HashAlgorithm::Gost94] {
        hashes.bench_function(algorithm.name(), |bencher| bencher.iter(|| hash(algorithm, black_box(megabyte))));
    }
    hashes.finish();
    criterion.final_summary();
}

fn ratios(subjects: &[(&str, Subject)], signer: &SigningKey, megabyte: &[u8]) {
    let mut calls: Vec<Box<dyn FnMut() + '_>> = Vec::new();
    for (_, subject) in subjects {
        calls.push(Box::new(|| subject.verify()));
    }
    let hashes = [HashAlgorithm::Sha256, HashAlgorithm::Streebog512, HashAlgorithm::Gost94];
    for algorithm in hashes {
        calls.push(Box::new(move || {
            black_box(hash(algorithm, black_box(megabyte)));
        }));
    }
    calls.push(Box::new(|| {
        black_box(Streebog512::digest(black_box(megabyte)));
    }));
    calls.push(Box::new(|| {
        black_box(signer.sign(black_box(MESSAGE)).expect("a signature"));
    }));
    let best = measure::best_of(&mut calls);
    drop(calls);
    let unit = best[0];
    println!("\nunit: {} = {unit:.1} us", subjects[0].0);
    let goals = [None, Some(13), Some(6), None, None];
    for (((name, _), time), goal) in subjects.iter().zip(&best).zip(goals).skip(1) {
        let goal = goal.map_or(String::new(), |goal| format!(" (goal {goal})"));
        println!("{name} verify: {time:.1} us = {:.2} units{goal}", time / unit);
    }
    // Signing verifies under the key's own tables before it releases; the rest is the signature itself, its randomness included.
    let (signed, verified) = (best[best.len() - 1], best[2]);
    println!("gost-512 sign, verified before release: {signed:.1} us = {:.2} units", signed / unit);
    let alone = signed - verified;
    println!("gost-512 sign without that: {alone:.1} us = {:.2} units (goal 4.5)", alone / unit);
    let sha256 = best[subjects.len()];
    for (algorithm, time) in hashes.iter().zip(&best[subjects.len()..]) {
        println!("{} : {:.0} MB/s = {:.3} of SHA-256", algorithm.name(), 1e6 / time, sha256 / time);
    }
    let (streebog, crates) = (best[subjects.len() + 1], best[subjects.len() + hashes.len()]);
    println!(
        "streebog of the crate : {:.0} MB/s; ratio to the crate {:.2} (goal 3 with AVX-512 VBMI and GFNI)",
        1e6 / crates,
        crates / streebog
    );
}

fn main() {
    let subjects = [
        ("rsa-2048", rsa_2048()),
        ("gost-512", gost_512()),
        ("gost-512-prepared", gost_512_prepared()),
        ("gost-34.310-2004", gost_2004()),
        ("ecdsa-p256", ecdsa_p256()),
    ];
    let signer = signing_key(&TC26_512_A, OIDS_512_A);
    let megabyte = vec![0x5A; MEGABYTE];
    if !std::env::args().any(|argument| argument == "--ratios") {
        criterion_figures(&subjects, &signer, &megabyte);
    }
    ratios(&subjects, &signer, &megabyte);
}
