//! Signed documents through the service: which moment is judged, on what evidence, with what outcome.

mod algorithms;
mod counter;
mod evidence;
mod faults;
mod level;
mod moment;
mod signers;
mod tokens;

use std::sync::Arc;

use rastau::clock::{FixedClock, Time};
use rastau::policy::Reading;
use rastau::policy::algorithms::AlgorithmTable;
use rastau::revocation::{ParsedList, Snapshot, Source};
use rastau::service::{DocumentRequest, Grounds, IdentityClaim, Lists, Parts, Service};
use rastau::signed::{Detached, Document};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::{Decision, DocumentReport};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::identity;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

const NOW: &str = "2026-08-20T00:00:00Z";
/// A month before, within every certificate's period.
const SIGNED: &str = "2026-07-20T09:08:06Z";
const CONTENT: &[u8] = b"application for a licence";

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// An authority that is trusted itself, a person, a timestamp authority.
struct World {
    nca: Authority,
    person: Key,
    leaf: Vec<u8>,
    serial: Vec<u8>,
    tsa: Key,
    tsa_certificate: Vec<u8>,
    tsa_serial: Vec<u8>,
    /// Entries of the authority's list: serial number, date, reason.
    revoked: Vec<(Vec<u8>, &'static str, Option<u8>)>,
    /// Whether the service has a list.
    has_list: bool,
    reading: Reading,
    algorithms: Arc<AlgorithmTable>,
    trusted: Vec<Vec<u8>>,
    /// Authorities that are configured without being trusted themselves.
    intermediates: Vec<Vec<u8>>,
    /// Lists of other authorities at hand, each with the certificate of its issuer.
    other_lists: Vec<(Vec<u8>, Vec<u8>)>,
}

impl World {
    fn new() -> Self {
        Self::of(Key::p256("person"))
    }

    /// The same with another key of the person.
    fn with_person(self, person: Key) -> Self {
        Self { algorithms: self.algorithms, ..Self::of(person) }
    }

    fn of(person: Key) -> Self {
        let nca = Authority::root("nca", Key::p256("nca"));
        let holder = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&person);
        let tsa = Key::p256("tsa");
        let stamps = nca.timestamp_authority("TSA", &tsa);
        Self {
            serial: holder.serial_contents(),
            leaf: nca.issue(holder),
            tsa_serial: stamps.serial_contents(),
            tsa_certificate: nca.issue(stamps),
            trusted: vec![nca.certificate.clone()],
            nca,
            person,
            tsa,
            revoked: Vec::new(),
            has_list: true,
            reading: Reading::Operational,
            algorithms: AlgorithmTable::builtin(),
            intermediates: Vec::new(),
            other_lists: Vec::new(),
        }
    }

    fn revoking(mut self, serial: &[u8], date: &'static str, reason: Option<u8>) -> Self {
        self.revoked.push((serial.to_vec(), date, reason));
        self
    }

    /// The authority's list, current at [`NOW`].
    fn list(&self) -> Vec<u8> {
        let list = self.nca.list().number(7).updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z");
        let list = self.revoked.iter().fold(list, |list, (serial, date, reason)| list.revoke(serial, date, *reason));
        self.nca.sign_list(&list)
    }

    fn service(&self) -> Service {
        let own = self.has_list.then(|| (self.nca.certificate.clone(), self.list()));
        let lists = own.iter().chain(&self.other_lists).enumerate().map(|(position, (issuer, list))| {
            let parsed = ParsedList::read(list.clone(), Source::request(position)).unwrap();
            Arc::new(parsed.verify(&Certificate::from_der(issuer).unwrap()).unwrap())
        });
        let snapshot = Snapshot::assemble(lists, time(NOW));
        let anchors =
            self.trusted.iter().map(|der| Anchor::new(Certificate::from_der(der).unwrap(), Purposes::ALL, false));
        let pool = anchors.fold(Pool::builder(), |pool, anchor| pool.anchor(anchor));
        let intermediates = self.intermediates.iter().map(|der| Certificate::from_der(der).unwrap());
        let pool = intermediates.fold(pool, |pool, certificate| pool.intermediate(certificate)).build();
        let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(snapshot)));
        Service::new(Parts {
            reading: self.reading,
            algorithms: Arc::clone(&self.algorithms),
            ..Parts::new(Arc::new(FixedClock(time(NOW))), grounds)
        })
    }

    fn signer(&self) -> Signer {
        Signer::new(&self.person, &self.leaf)
    }

    /// The person's signer with a timestamp of `moment` over its value.
    fn stamped(&self, moment: &str) -> Signer {
        let (key, certificate, moment) = (self.tsa.clone(), self.tsa_certificate.clone(), moment.to_owned());
        self.signer().timestamp(move |value| TokenBuilder::new(&key, &certificate, value, &moment).encode())
    }

    fn document(&self, signer: Signer) -> Vec<u8> {
        Cms::over(CONTENT).certificate(&self.leaf).signer(signer).encode()
    }

    fn ask(&self, document: &[u8]) -> DocumentReport {
        self.ask_with(document, Detached::Absent, &DocumentRequest::default())
    }

    fn ask_with(&self, document: &[u8], content: Detached<'_>, request: &DocumentRequest) -> DocumentReport {
        let service = self.service();
        let prepared = service.prepare_document(request).unwrap();
        service.verify_document(&prepared, service.grounds(), Document::Bytes(document), content).unwrap()
    }
}

/// What is said when the cryptography alone is asked for, as `verify --signature-only` and a line without trust do.
fn ask_alone(world: &World, document: &[u8]) -> DocumentReport {
    let service = world.service();
    let prepared = service.prepare_document(&DocumentRequest::default()).unwrap().signature_only();
    service.verify_document(&prepared, service.grounds(), Document::Bytes(document), Detached::Absent).unwrap()
}

fn claim(iin: &str) -> DocumentRequest {
    let identity = IdentityClaim { iin: Some(iin.to_owned()), bin: None };
    DocumentRequest { identity: Some(identity), ..DocumentRequest::default() }
}

fn outcome(report: &DocumentReport) -> (Decision, Option<&'static str>) {
    (report.decision(), report.refusal().map(|refusal| refusal.code.as_str()))
}

fn accepted(report: &DocumentReport) {
    assert_eq!(outcome(report), (Decision::Accepted, None), "{report:#?}");
}

fn refused(report: &DocumentReport, code: &str) {
    assert_eq!(outcome(report), (Decision::Refused, Some(code)), "{report:#?}");
}

fn undetermined(report: &DocumentReport, code: &str) {
    assert_eq!(outcome(report), (Decision::Undetermined, Some(code)), "{report:#?}");
}

fn json(report: &DocumentReport) -> serde_json::Value {
    serde_json::to_value(report).unwrap()
}

/// The status of a check of the first signature.
fn check(report: &DocumentReport, name: &str) -> String {
    let json = json(report);
    let checks = json["signatures"][0]["checks"].as_array().unwrap().clone();
    let found = checks.iter().find(|check| check["name"] == name);
    found.map(|check| check["status"].as_str().unwrap().to_owned()).unwrap_or_else(|| panic!("no {name}: {json}"))
}
