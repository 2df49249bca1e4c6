//! What reading and verifying a signed document of about a kilobyte costs, as XML and as its twin in CMS: the same content,
//! the same key, the certificate beside it.
//!
//! `cargo bench --bench xml` gives criterion's figures and then the table; `cargo bench --bench xml -- --ratios` the table
//! only. The unit is a signature of RSA-2048 verified by ring in the same run. The goal is that XML costs at most 1.6 times
//! what CMS costs, verification included.
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

mod measure;

use std::hint::black_box;

use criterion::Criterion;
use rastau::crypto::{PublicKey, SignatureAlgorithm};
use rastau::signed::{Detached, Document, SignedDocument};
use rastau::x509::Certificate;
use rastau::{cms, xmldsig};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::key::Key;
use rastau_mint::xml;

const MESSAGE: &[u8] = b"a message of the size of a digest";
const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";

struct Subject {
    name: String,
    call: Box<dyn Fn()>,
}

impl Subject {
    fn new<T>(name: impl Into<String>, call: impl Fn() -> T + 'static) -> Self {
        Self { name: name.into(), call: Box::new(move || drop(black_box(call()))) }
    }
}

fn unit() -> Subject {
    let key = Key::rsa("bench unit");
    let signature = key.sign(MESSAGE);
    let public = PublicKey::from_spki(&key.spki()).expect("a good key");
    Subject::new("rsa-2048 verify", move || {
        public.verify(SignatureAlgorithm::RsaPkcs1Sha256, black_box(MESSAGE), &signature).expect("a good signature");
    })
}

/// An application of about a kilobyte, in canonical form.
fn application() -> String {
    let fields: String = (0..20).map(|field| format!("<field name=\"f{field:02}\">мәні {field:020}</field>")).collect();
    format!("<application>{fields}</application>")
}

/// Attached CMS with contentType and messageDigest, the certificate in it.
fn as_cms(content: &[u8], key: &Key, issuer: &[u8], serial: &[u8], certificate: &[u8]) -> Vec<u8> {
    let (hash, _) = xml::digest_method(key);
    let digest_algorithm = der::sequence(&[der::oid(hash.oid()), der::null()]);
    let attribute = |oid, value: Vec<u8>| der::sequence(&[der::oid(oid), der::set(&[value])]);
    let attributes = [
        attribute("1.2.840.113549.1.9.3", der::oid(DATA)),
        attribute("1.2.840.113549.1.9.4", der::octet_string(&hash.digest(content))),
    ];
    let value = key.sign(&der::set(&attributes));
    let signer = der::sequence(&[
        der::integer(1),
        der::sequence(&[issuer.to_vec(), der::integer_raw(serial)]),
        digest_algorithm.clone(),
        der::implicit_constructed(0, &attributes),
        key.algorithm_identifier(),
        der::octet_string(&value),
    ]);
    let signed_data = der::sequence(&[
        der::integer(1),
        der::set(&[digest_algorithm]),
        der::sequence(&[der::oid(DATA), der::explicit(0, &der::octet_string(content))]),
        der::implicit_constructed(0, &[certificate]),
        der::set(&[signer]),
    ]);
    der::sequence(&[der::oid(SIGNED_DATA), der::explicit(0, &signed_data)])
}

fn verify(document: &SignedDocument, certificate: &Certificate) {
    for signature in &document.signatures {
        signature.verify(certificate).expect("a good signature");
    }
}

fn subjects() -> Vec<Subject> {
    let mut subjects = vec![unit()];
    for (name, key) in [("rsa-2048", Key::rsa("signer")), ("gost-512", Key::gost512("signer"))] {
        let der =
            Authority::root("ROOT", Key::p256("root")).issue(CertificateBuilder::individual("650615300017").key(&key));
        let certificate = Certificate::from_der(&der).expect("a good certificate");
        let content = application();
        let as_cms = as_cms(
            content.as_bytes(),
            &key,
            certificate.issuer().as_der(),
            certificate.serial_number().as_bytes(),
            &der,
        );
        let as_xml = xml::enveloped(&content, &key, &der).into_bytes();
        let (bytes, known) = (as_cms.clone(), certificate.clone());
        subjects.push(Subject::new(format!("{name}: cms, read and verified"), move || {
            verify(&cms::read(Document::Bytes(&bytes), Detached::Absent).expect("good CMS"), &known);
        }));
        let (bytes, known) = (as_xml.clone(), certificate);
        subjects.push(Subject::new(format!("{name}: xml, read and verified"), move || {
            verify(&xmldsig::read(&bytes, Detached::Absent, None).expect("good XML"), &known);
        }));
        subjects.push(Subject::new(format!("{name}: cms, read"), move || {
            cms::read(Document::Bytes(&as_cms), Detached::Absent).expect("good CMS")
        }));
        subjects.push(Subject::new(format!("{name}: xml, read"), move || {
            xmldsig::read(&as_xml, Detached::Absent, None).expect("good XML")
        }));
    }
    subjects
}

fn table(subjects: &[Subject]) {
    let mut calls: Vec<Box<dyn FnMut()>> =
        subjects.iter().map(|subject| Box::new(&subject.call) as Box<dyn FnMut()>).collect();
    let best = measure::best_of(&mut calls);
    let unit = best[0];
    println!("{:<34} {:>9} {:>7} {:>7}", "", "µs", "units", "of cms");
    let mut twin = f64::NAN;
    for (subject, micros) in subjects.iter().zip(&best) {
        let ratio = if subject.name.contains(": xml") { format!("{:.2}", micros / twin) } else { String::new() };
        println!("{:<34} {micros:>9.2} {:>7.2} {ratio:>7}", subject.name, micros / unit);
        twin = *micros;
    }
}

fn main() {
    let subjects = subjects();
    if !std::env::args().any(|argument| argument == "--ratios") {
        let mut criterion = Criterion::default().configure_from_args();
        let mut group = criterion.benchmark_group("xml");
        for subject in &subjects {
            group.bench_function(&subject.name, |bencher| bencher.iter(|| (subject.call)()));
        }
        group.finish();
        criterion.final_summary();
    }
    table(&subjects);
}
