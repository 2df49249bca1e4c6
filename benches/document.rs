//! What reading a signed document, verifying its signature and answering about it costs in process.
//!
//! `cargo bench --bench document` prints microseconds, units of ring's RSA-2048 verification in the same run, and for large
//! content the ratio to a bare hash pass over it. A row «verified» is everything from bytes to a verified signature: the
//! message is read, the signer's certificate parsed, digests, references and the value verified, with nothing cached and
//! no tables for the signer's key. A row «alone» is the verification of the value only. A row «answered» is the whole
//! answer of the service, from bytes to JSON: chain of three, two lists, timestamps none; «signer new» with caches that hold
//! nothing about the signer (the authorities' keys are prepared, as in a running service), «signer known» with its certificate
//! and path in the caches.
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

mod measure;

use std::hint::black_box;
use std::io::{self, Read};
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::cms;
use rastau::crypto::{HashAlgorithm, PublicKey, SignatureAlgorithm, hash};
use rastau::revocation::Snapshot;
use rastau::service::{CacheSizes, DocumentRequest, Grounds, Lists, Parts, Service};
use rastau::signed::{Detached, Document, Reopen, SignedDocument};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;

const NOW: &str = "2026-08-20T00:00:00Z";
const IIN: &str = "650615100015";
const SMALL: usize = 1024;
const LARGE: usize = 10 * 1024 * 1024;
/// How much longer than the hash pass large content may take.
const LARGE_GOAL: f64 = 1.15;

/// What a row is held against.
#[derive(Clone, Copy)]
enum Goal {
    /// Microseconds.
    Below(f64),
    /// A multiple of the row with that name.
    Of(&'static str, f64),
    /// Nothing.
    None,
}

struct Subject {
    name: String,
    goal: Goal,
    call: Box<dyn Fn()>,
}

impl Subject {
    fn new<T>(name: impl Into<String>, goal: Goal, call: impl Fn() -> T + 'static) -> Self {
        Self { name: name.into(), goal, call: Box::new(move || drop(black_box(call()))) }
    }
}

/// A document on a disk whose reading costs nothing.
struct InMemory(Vec<u8>);

impl Reopen for InMemory {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&self.0[..]))
    }
}

/// Every signature verified under the first certificate inside.
fn verify(document: &SignedDocument) {
    for signature in &document.signatures {
        let certificate = Certificate::from_der(&signature.embedded.certificates[0]).expect("a certificate");
        assert!(signature.signer.names(&certificate, Some(0)));
        signature.verify(&certificate).expect("a good signature");
    }
}

fn message(key: &Key, content: &[u8]) -> Cms {
    let root = Authority::root("БЕНЧ root", Key::p256("bench document root"));
    let leaf = root.issue(CertificateBuilder::individual(IIN).key(key));
    Cms::over(content).certificate(&leaf).signer(Signer::new(key, &leaf))
}

/// One kilobyte: the value alone, reading, everything.
fn small(name: &str, key: &Key, goal: f64) -> Vec<Subject> {
    let bytes = message(key, &[b'x'; SMALL]).encode();
    let ber = message(key, &[b'x'; SMALL]).encode_ber(256);
    let document = cms::read(Document::Bytes(&bytes), Detached::Absent).expect("a message");
    verify(&document);
    let again = bytes.clone();
    let (certificate, signature) = {
        let signature = document.signatures.iter().next().expect("a signature").clone();
        (Certificate::from_der(&signature.embedded.certificates[0]).expect("a certificate"), signature)
    };
    vec![
        Subject::new(format!("{name} alone"), Goal::None, move || signature.verify(&certificate).expect("good")),
        Subject::new(format!("{name} 1 KB read"), Goal::None, move || {
            cms::read(Document::Bytes(black_box(&again)), Detached::Absent).expect("a message")
        }),
        Subject::new(format!("{name} 1 KB verified"), Goal::Below(goal), move || {
            verify(&cms::read(Document::Bytes(black_box(&bytes)), Detached::Absent).expect("a message"));
        }),
        Subject::new(format!("{name} 1 KB in BER read"), Goal::None, move || {
            cms::read(Document::Bytes(black_box(&ber)), Detached::Absent).expect("a message")
        }),
    ]
}

/// One kilobyte through the service, and sixteen signers beside it.
fn answered(name: &str, key: impl Fn(&str) -> Key, goal: f64) -> Vec<Subject> {
    let root = Authority::root("БЕНЧ root", key("bench answer root"));
    let issuing = root.subordinate("БЕНЧ issuing", key("bench answer issuing"));
    let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate");
    let pool = Pool::builder()
        .anchor(Anchor::new(read(&root.certificate), Purposes::ALL, false))
        .intermediate(read(&issuing.certificate))
        .build();
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let now = NOW.parse().expect("a time");
    let lists = [&root, &issuing].map(|authority| authority.list().sign(&authority.key));
    let (snapshot, rejected) = Snapshot::read(lists, &issuers, now);
    assert!(rejected.is_empty(), "{rejected:?}");
    let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(snapshot)));
    let signed = |signers: usize| {
        (0..signers).fold(Cms::over(&[b'x'; SMALL]), |message, number| {
            let key = key(&format!("bench answer signer {number}"));
            let leaf = issuing.issue(CertificateBuilder::individual(IIN).key(&key));
            message.certificate(&leaf).signer(Signer::new(&key, &leaf))
        })
    };
    let [one, sixteen] = [1, 16].map(|signers| signed(signers).encode());
    let service = |cache| Service::new(Parts { cache, ..Parts::new(Arc::new(FixedClock(now)), grounds.clone()) });
    let ask = |service: &Service, bytes: &[u8]| {
        let prepared = service.prepare_document(&DocumentRequest::default()).expect("a good request");
        let (document, content) = (Document::Bytes(black_box(bytes)), Detached::Absent);
        let report = service.verify_document(&prepared, service.grounds(), document, content).expect("in memory");
        assert_eq!(report.decision().as_str(), "accepted");
        serde_json::to_vec(&report).expect("JSON")
    };
    let (cold, warm) = (service(CacheSizes { certificates: 0, paths: 0 }), Arc::new(service(CacheSizes::default())));
    let (again, many) = (one.clone(), Arc::clone(&warm));
    ask(&cold, &one);
    ask(&warm, &one);
    ask(&warm, &sixteen);
    vec![
        Subject::new(format!("{name} 1 KB answered, signer new"), Goal::Below(goal), move || ask(&cold, &one)),
        Subject::new(format!("{name} 1 KB answered, signer known"), Goal::Below(goal), move || ask(&warm, &again)),
        Subject::new(format!("{name} 1 KB of 16 signers answered, all known"), Goal::None, move || {
            ask(&many, &sixteen)
        }),
    ]
}

/// Ten megabytes inside the message, in memory and as a stream, against the bare hash.
fn large(name: &str, pass: &'static str, algorithm: HashAlgorithm, key: &Key) -> Vec<Subject> {
    let content = vec![b'x'; LARGE];
    let bytes = message(key, &content).encode();
    let stream = InMemory(bytes.clone());
    let ber = InMemory(message(key, &content).encode_ber(64 * 1024));
    let detached = message(key, &content).detached().encode();
    let outside = content.clone();
    let goal = Goal::Of(pass, LARGE_GOAL);
    vec![
        Subject::new(pass, Goal::None, move || hash(algorithm, black_box(&content))),
        Subject::new(format!("{name} 10 MB verified"), goal, move || {
            verify(&cms::read(Document::Bytes(black_box(&bytes)), Detached::Absent).expect("a message"));
        }),
        Subject::new(format!("{name} 10 MB as a stream verified"), goal, move || {
            verify(&cms::read(Document::Stream(black_box(&stream)), Detached::Absent).expect("a message"));
        }),
        Subject::new(format!("{name} 10 MB in BER as a stream verified"), goal, move || {
            verify(&cms::read(Document::Stream(black_box(&ber)), Detached::Absent).expect("a message"));
        }),
        Subject::new(format!("{name} 10 MB detached verified"), goal, move || {
            let content = Detached::Bytes(black_box(&outside));
            verify(&cms::read(Document::Bytes(black_box(&detached)), content).expect("a message"));
        }),
    ]
}

/// The unit: a signature of RSA-2048 verified by ring, through our key type.
fn unit() -> Subject {
    let key = Key::rsa("bench unit");
    let signature = key.sign(b"a message");
    let public = PublicKey::from_spki(&key.spki()).expect("a good key");
    Subject::new("rsa-2048 verify", Goal::None, move || {
        public.verify(SignatureAlgorithm::RsaPkcs1Sha256, black_box(b"a message"), &signature).expect("good");
    })
}

fn main() {
    let (rsa, p256, gost) = (Key::rsa("bench document"), Key::p256("bench document"), Key::gost512("bench document"));
    let mut subjects = vec![unit()];
    subjects.extend(small("cms rsa-2048", &rsa, 90.0));
    subjects.extend(small("cms ecdsa-p256", &p256, 220.0));
    subjects.extend(small("cms gost-512", &gost, 650.0));
    subjects.extend(answered("cms rsa-2048", Key::rsa, 90.0));
    subjects.extend(answered("cms ecdsa-p256", Key::p256, 220.0));
    subjects.extend(answered("cms gost-512", Key::gost512, 650.0));
    subjects.extend(large("cms rsa-2048", "sha-256 over 10 MB", HashAlgorithm::Sha256, &rsa));
    subjects.extend(large("cms gost-512", "streebog-512 over 10 MB", HashAlgorithm::Streebog512, &gost));
    let mut calls: Vec<Box<dyn FnMut() + '_>> = Vec::new();
    for subject in &subjects {
        calls.push(Box::new(|| (subject.call)()));
    }
    let best = measure::best_of(&mut calls);
    println!("unit: {} = {:.1} us", subjects[0].name, best[0]);
    for (subject, time) in subjects.iter().zip(&best).skip(1) {
        let verdict = |limit: f64| if *time <= limit { "met" } else { "missed" };
        let more = match subject.goal {
            Goal::Below(limit) => format!(" (goal {limit} us: {})", verdict(limit)),
            Goal::Of(name, factor) => {
                let base = subjects.iter().zip(&best).find(|(other, _)| other.name == name).expect("a row").1;
                format!(", {:.3} of {name} (goal {factor}: {})", time / base, verdict(base * factor))
            }
            Goal::None => String::new(),
        };
        println!("{}: {time:.2} us = {:.3} units{more}", subject.name, time / best[0]);
    }
}
