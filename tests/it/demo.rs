//! The demo PKI end to end: every case of `testdata/demo/cases.json` through the service.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rastau::clock::{Clock, FixedClock, Time};
use rastau::der::armour::{self, Label};
use rastau::revocation::Snapshot;
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Service, demo};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::Report;
use rastau::x509::Certificate;
use serde_json::{Value, json};

const NOW: &str = "2026-08-20T00:00:00Z";

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> Vec<u8> {
    fs::read(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn certificate(relative: &str) -> Certificate {
    Certificate::from_der(&armour::decode_one(&read(relative), Label::Certificate).unwrap()).unwrap()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

pub fn service(grounds: Grounds, now: Time) -> Service {
    service_by(grounds, Arc::new(FixedClock(now)))
}

/// The same by a clock that may move.
pub fn service_by(grounds: Grounds, clock: Arc<dyn Clock>) -> Service {
    Service::new(Parts::new(clock, grounds))
}

fn grounds_of(case: &Value, now: Time) -> Grounds {
    let mut builder = Pool::builder();
    for file in strings(&case["trust"]) {
        builder = builder.anchor(Anchor::new(certificate(file), Purposes::ALL, true));
    }
    for file in strings(&case["intermediates"]) {
        builder = builder.intermediate(certificate(file));
    }
    let pool = Arc::new(builder.build());
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let lists = strings(&case["lists"]).into_iter().map(read);
    let (snapshot, _) = Snapshot::read(lists, &issuers, now);
    Grounds::new(pool, Lists::Fixed(Arc::new(snapshot)))
}

fn ask(service: &Service, request: Value) -> Report {
    let request: CheckRequest = serde_json::from_value(request).unwrap();
    service.check(service.prepare(request).unwrap())
}

#[test]
fn every_demo_case_comes_out_as_its_file_says() {
    let cases: Value = serde_json::from_slice(&read("testdata/demo/cases.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for case in cases {
        let at: Time = case["at"].as_str().unwrap().parse().unwrap();
        let service = service(grounds_of(case, at), at);
        let mut request = json!({
            "certificate": String::from_utf8(read(case["certificate"].as_str().unwrap())).unwrap(),
            "purpose": case["purpose"],
            "at": case["at"],
        });
        if !case["identity"].is_null() {
            request["identity"] = case["identity"].clone();
        }
        // Twice: the second answer comes from the caches and must be the same.
        let cold = serde_json::to_value(ask(&service, request.clone())).unwrap();
        let warm = serde_json::to_value(ask(&service, request)).unwrap();
        assert_eq!(cold, warm, "{}", case["name"]);
        let found = (&cold["decision"], &cold["refusal"]["code"]);
        if found != (&case["decision"], &case["refusal"]) {
            wrong.push(format!("{}: {found:?}, not {} {}", case["name"], case["decision"], case["refusal"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_embedded_demo_answers_its_examples_now_and_in_2040() {
    for now in [NOW, "2040-06-01T00:00:00Z"] {
        let now = FixedClock(now.parse().unwrap()).now();
        let service = service(demo::grounds(now).unwrap(), now);
        assert!(service.is_demo() && service.readiness().ready);
        for example in demo::EXAMPLES {
            let report = serde_json::to_value(ask(&service, serde_json::from_str(&example.body()).unwrap())).unwrap();
            let outcome = match report["refusal"]["code"].as_str() {
                None => report["decision"].as_str().unwrap().to_owned(),
                Some(code) => format!("{}: {code}", report["decision"].as_str().unwrap()),
            };
            assert_eq!(outcome, example.outcome, "{} at {now}", example.name);
            assert_eq!(report["demo"], true, "{}: a demo service says so in every answer", example.name);
        }
    }
}

#[test]
fn demo_keys_are_recognised_under_any_certificate() {
    for certificate in demo::roots().unwrap().iter().chain(&demo::intermediates().unwrap()) {
        assert!(demo::is_demo(certificate));
    }
    assert!(!demo::is_demo(&certificate("testdata/demo/stranger-root.pem")));
}

#[test]
fn a_service_whose_authorities_no_list_covers_all_the_way_up_is_not_ready_and_says_why() {
    use rastau::revocation::{Source, Store, StoreOptions};
    let now: Time = NOW.parse().unwrap();
    let ready = |anchor: &str, lists: &[&str]| {
        let pool = Pool::builder()
            .anchor(Anchor::new(certificate(anchor), Purposes::ALL, false))
            .intermediate(certificate("certs/demo-issuing-gost.pem"))
            .build();
        let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
        let sources = lists.iter().map(|list| Source::path(path(list))).collect();
        let store = Store::load(sources, StoreOptions::new(issuers), now);
        service(Grounds::new(Arc::new(pool), Lists::Live(Arc::new(store))), now).readiness()
    };
    let (own, above) = ("testdata/demo/demo-issuing-gost.crl", "testdata/demo/demo-root-gost.crl");
    let root = "certs/demo-root-gost.pem";
    assert!(ready(root, &[own, above]).ready);
    assert!(ready("certs/demo-issuing-gost.pem", &[own]).ready, "an anchor is not looked up");
    let gap = ready(root, &[own]);
    assert!(!gap.ready);
    assert!(gap.reasons.iter().any(|reason| reason.contains("no revocation list of its issuer")), "{gap:?}");
    let broken = ready(root, &[own, "testdata/demo/demo-issuing-gost-by-stranger.crl"]);
    assert!(broken.reasons.iter().any(|reason| reason.contains("signature")), "{broken:?}");
    assert!(!ready(root, &[]).ready);
}

#[test]
fn a_search_that_found_nothing_is_not_repeated() {
    let now: Time = NOW.parse().unwrap();
    let service = service(demo::grounds(now).unwrap(), now);
    for name in ["stranger", "tampered", "valid"] {
        let example = demo::EXAMPLES.iter().find(|example| example.name == name).unwrap();
        let prepare = || service.prepare(serde_json::from_str(&example.body()).unwrap()).unwrap();
        let cold = prepare();
        assert!(!cold.is_warm(), "{name}");
        let first = serde_json::to_value(service.check(cold)).unwrap();
        let warm = prepare();
        assert!(warm.is_warm(), "{name}");
        assert_eq!(first, serde_json::to_value(service.check(warm)).unwrap(), "{name}");
    }
}
