//! What a certificate check costs in process, cold and warm, in microseconds and in units of ring's RSA-2048
//! verification in the same run.
//!
//! `cargo bench --bench check` gives criterion's figures and then the table; `cargo bench --bench check -- --ratios` the
//! table only. Cold is a service whose caches hold nothing: the leaf's and the issuing authority's signatures are
//! verified (with tables prepared for the authorities' GOST keys, as at the start of a service), two lists asked. Warm
//! is the same question asked again. Both are on chains of three minted for each algorithm; refusals are on the embedded
//! demo. Parsing has a baseline: what x509-parser alone takes for the same bytes.
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

mod measure;

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use rastau::clock::FixedClock;
use rastau::crypto::{PublicKey, SignatureAlgorithm};
use rastau::der::armour::{self, Label};
use rastau::revocation::Snapshot;
use rastau::service::{CacheSizes, CheckRequest, Grounds, IdentityClaim, Lists, Parts, Service, demo};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::Report;
use rastau::verify::Examined;
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

const NOW: &str = "2026-08-20T00:00:00Z";
const IIN: &str = "650615100015";
const MESSAGE: &[u8] = b"a message of the size of a digest";
/// Microseconds of a warm check.
const WARM_GOAL: f64 = 15.0;
/// No goal is set for it.
const NONE: f64 = f64::NAN;

/// One thing to measure.
struct Subject {
    name: String,
    /// Microseconds, or [`NONE`].
    goal: f64,
    call: Box<dyn Fn()>,
}

impl Subject {
    fn new<T>(name: impl Into<String>, goal: f64, call: impl Fn() -> T + 'static) -> Self {
        Self { name: name.into(), goal, call: Box::new(move || drop(black_box(call()))) }
    }
}

/// The unit: a signature of RSA-2048 verified by ring, through our key type.
fn unit() -> Subject {
    let key = Key::rsa("bench unit");
    let signature = key.sign(MESSAGE);
    let public = PublicKey::from_spki(&key.spki()).expect("a good key");
    Subject::new("rsa-2048 verify", NONE, move || {
        public.verify(SignatureAlgorithm::RsaPkcs1Sha256, black_box(MESSAGE), &signature).expect("a good signature");
    })
}

fn service(grounds: Grounds, cache: CacheSizes) -> Service {
    let clock = Arc::new(FixedClock(NOW.parse().expect("a time")));
    Service::new(Parts { cache, ..Parts::new(clock, grounds) })
}

fn ask(service: &Service, request: &CheckRequest) -> Report {
    service.check(service.prepare(request.clone()).expect("a good request"))
}

/// A root, an issuing authority and a holder, all of one algorithm.
struct Minted {
    leaf: Vec<u8>,
    grounds: Grounds,
    request: CheckRequest,
}

fn mint(key: impl Fn(&str) -> Key) -> Minted {
    let root = Authority::root("БЕНЧ root", key("bench check root"));
    let issuing = root.subordinate("БЕНЧ issuing", key("bench check issuing"));
    let leaf = issuing.issue(CertificateBuilder::individual(IIN).key(&key("bench check leaf")));
    let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate");
    let pool = Pool::builder()
        .anchor(Anchor::new(read(&root.certificate), Purposes::ALL, false))
        .intermediate(read(&issuing.certificate))
        .build();
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let lists = [&root, &issuing].map(|authority| authority.list().sign(&authority.key));
    let (snapshot, rejected) = Snapshot::read(lists, &issuers, NOW.parse().expect("a time"));
    assert!(rejected.is_empty(), "{rejected:?}");
    let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(snapshot)));
    let identity = IdentityClaim { iin: Some(IIN.to_owned()), bin: None };
    let request =
        CheckRequest { certificate: pem::encode("CERTIFICATE", &leaf), identity: Some(identity), ..Default::default() };
    Minted { leaf, grounds, request }
}

/// Parsing, then the check cold and warm.
fn of_algorithm(name: &str, minted: Minted) -> Vec<Subject> {
    let Minted { leaf, grounds, request } = minted;
    let certificate = Certificate::from_der(&leaf).expect("a certificate");
    let (bytes, baseline) = (leaf.clone(), leaf);
    let nothing_kept = CacheSizes { certificates: 0, paths: 0 };
    let cold = service(grounds.clone(), nothing_kept);
    let warm = Arc::new(service(grounds, CacheSizes::default()));
    for service in [&cold, &*warm] {
        // Twice: what the first question leaves in the caches, if it does, is what the second finds.
        for _ in 0..2 {
            assert_eq!(ask(service, &request).decision().as_str(), "accepted", "{name}");
        }
    }
    assert!(!cold.prepare(request.clone()).expect("a good request").is_warm(), "{name} is to be cold");
    assert!(warm.prepare(request.clone()).expect("a good request").is_warm(), "{name} is to be warm");
    let (again, cold_request, json_request) = (Arc::clone(&warm), request.clone(), request.clone());
    vec![
        Subject::new(format!("{name} x509-parser alone"), NONE, move || {
            X509Certificate::from_der(black_box(&baseline)).expect("a certificate").1.version
        }),
        Subject::new(format!("{name} parse"), NONE, move || {
            Certificate::from_der(black_box(&bytes)).expect("a certificate")
        }),
        Subject::new(format!("{name} examine"), NONE, move || Examined::new(certificate.clone())),
        Subject::new(format!("{name} check cold"), NONE, move || ask(&cold, &cold_request)),
        Subject::new(format!("{name} check warm"), WARM_GOAL, move || ask(&warm, &request)),
        Subject::new(format!("{name} check warm, to JSON"), NONE, move || {
            serde_json::to_vec(&ask(&again, &json_request)).expect("JSON")
        }),
    ]
}

/// Warm refusals of the demo: the message is put into words in three languages.
fn refusals() -> Vec<Subject> {
    let grounds = demo::grounds(NOW.parse().expect("a time")).expect("the demo");
    let service = Arc::new(service(grounds, CacheSizes::default()));
    let mut subjects = Vec::new();
    for example in demo::EXAMPLES.iter().filter(|example| matches!(example.name, "mismatch" | "revoked" | "expired")) {
        let request: CheckRequest = serde_json::from_str(&example.body()).expect("a request");
        let outcome = ask(&service, &request);
        let code = outcome.refusal().expect("a refusal").code.as_str();
        assert!(service.prepare(request.clone()).expect("a good request").is_warm(), "{} is to be warm", example.name);
        let (service, again, json_request) = (Arc::clone(&service), Arc::clone(&service), request.clone());
        subjects.push(Subject::new(format!("{code} warm"), WARM_GOAL, move || ask(&service, &request)));
        subjects.push(Subject::new(format!("{code} warm, to JSON"), NONE, move || {
            serde_json::to_vec(&ask(&again, &json_request)).expect("JSON")
        }));
    }
    subjects
}

/// What leads to an answer before it: bytes from PEM.
fn unarmour(minted: &Minted) -> Subject {
    let text = minted.request.certificate.clone();
    Subject::new("bytes from PEM", NONE, move || {
        armour::decode_one(black_box(text.as_bytes()), Label::Certificate).expect("PEM")
    })
}

fn table(subjects: &[Subject]) {
    let mut calls: Vec<Box<dyn FnMut() + '_>> = Vec::new();
    for subject in subjects {
        calls.push(Box::new(|| (subject.call)()));
    }
    let best = measure::best_of(&mut calls);
    let unit = best[0];
    println!("\nunit: {} = {unit:.1} us", subjects[0].name);
    let mut parser = NONE;
    for (subject, time) in subjects.iter().zip(&best).skip(1) {
        let mut more = String::new();
        if subject.name.ends_with("x509-parser alone") {
            parser = *time;
        } else if subject.name.ends_with("parse") {
            more = format!(", {:.2} of x509-parser alone", time / parser);
        }
        if !subject.goal.is_nan() {
            let met = if *time <= subject.goal { "met" } else { "missed" };
            more.push_str(&format!(" (goal {} us: {met})", subject.goal));
        }
        println!("{}: {time:.2} us = {:.3} units{more}", subject.name, time / unit);
    }
}

fn criterion_figures(subjects: &[Subject]) {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("check");
    for subject in subjects {
        group.bench_function(subject.name.as_str(), |bencher| bencher.iter(|| (subject.call)()));
    }
    group.finish();
    criterion.final_summary();
}

fn main() {
    let gost = mint(Key::gost512);
    let mut subjects = vec![unit(), unarmour(&gost)];
    subjects.extend(of_algorithm("gost-512", gost));
    subjects.extend(of_algorithm("rsa-2048", mint(Key::rsa)));
    subjects.extend(of_algorithm("ecdsa-p256", mint(Key::p256)));
    subjects.extend(refusals());
    if !std::env::args().any(|argument| argument == "--ratios") {
        criterion_figures(&subjects);
    }
    table(&subjects);
}
