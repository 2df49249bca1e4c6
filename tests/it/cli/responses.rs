//! OCSP from outside: responses in files and in batches, and a responder that the running service asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rastau::clock::{Clock as _, SystemClock, Time};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{self, ResponseBuilder, Single};
use rastau_mint::pem;
use serde_json::json;

use super::refreshing::Running;
use super::{Run, file, folder, program, run, run_with_input};
use crate::revocation::ocsp::responder::{Reaction, Responder};

const AT: &str = "2026-08-20T00:00:00Z";
const GIVEN: &str = "2026-08-19T23:58:00Z";
const PERSON: &str = "650615100015";

struct World {
    folder: tempfile::TempDir,
    nca: Authority,
    leaf: Vec<u8>,
    serial: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let nca = Authority::root("СЫНАҚ КО", Key::p256("responses from outside"));
        let person = CertificateBuilder::individual(PERSON);
        let serial = person.serial_contents();
        Self { folder: folder(), leaf: nca.issue(person), serial, nca }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        file(&self.folder, name, bytes)
    }

    fn response(&self, status: Vec<u8>, given: &str) -> Vec<u8> {
        self.response_signed(status, given, &self.nca.key)
    }

    fn response_signed(&self, status: Vec<u8>, given: &str, key: &Key) -> Vec<u8> {
        let single = Single::new(self.nca.cert_id(&self.serial), status, given);
        ResponseBuilder::new(&self.nca.name, given).answer(single).sign(key)
    }

    /// The report on the leaf with this response, and a fresh list that does not name it if one is wanted.
    fn check(&self, response: &[u8], list: bool, more: &[&str]) -> Run {
        let leaf = self.file("leaf.pem", pem::certificate(&self.leaf).as_bytes());
        let root = self.file("root.pem", pem::certificate(&self.nca.certificate).as_bytes());
        let response = self.file("response.ors", response);
        let silent = self.nca.list().number(7).updates("2026-08-19T00:00:00Z", "2026-08-21T00:00:00Z");
        let list_file = self.file("list.crl", &self.nca.sign_list(&silent));
        let mut args =
            vec!["check", &leaf, "--trust", &root, "--at", AT, "--iin", PERSON, "--json", "--ocsp", &response];
        if list {
            args.extend(["--crl", &list_file]);
        }
        args.extend(more);
        run(&args)
    }
}

#[test]
fn a_response_in_a_file_is_evidence_as_a_list_is() {
    let world = World::new();
    let good = world.check(&world.response(ocsp::good(), GIVEN), false, &[]);
    assert_eq!((good.status, good.outcome()), (0, ("accepted".into(), String::new())), "{}", good.err);
    let report = good.json();
    let evidence = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "revocation").unwrap();
    let evidence = &evidence["evidence"];
    assert_eq!((&evidence["kind"], &evidence["produced_at"]), (&json!("ocsp"), &json!(GIVEN)));
    assert!(evidence["source"].as_str().unwrap().ends_with("response.ors"), "{evidence}");
    assert!(evidence["age_seconds"].is_i64() && evidence["sha256"].as_str().unwrap().len() == 64);
    let revoked = world.check(&world.response(ocsp::revoked("2026-08-01T00:00:00Z", Some(1)), GIVEN), true, &[]);
    assert_eq!((revoked.status, revoked.outcome()), (1, ("refused".into(), "certificate-revoked".into())));
}

#[test]
fn what_a_response_does_not_prove_stays_unknown() {
    let world = World::new();
    let stranger = Key::p256("a stranger to the authority");
    for (why, response) in [
        ("never issued", world.response(ocsp::revoked("1970-01-01T00:00:00Z", Some(6)), GIVEN)),
        ("not known", world.response(ocsp::unknown(), GIVEN)),
        ("lapsed", world.response(ocsp::good(), "2026-08-18T00:00:00Z")),
        ("ahead of the clock", world.response(ocsp::good(), "2099-01-01T00:00:00Z")),
        ("signed by a stranger", world.response_signed(ocsp::good(), GIVEN, &stranger)),
        ("revoked, says a stranger", world.response_signed(ocsp::revoked(GIVEN, Some(1)), GIVEN, &stranger)),
        ("try later", ocsp::error_status(3)),
    ] {
        let run = world.check(&response, false, &[]);
        let unknown = (3, ("undetermined".into(), "revocation-unknown".into()));
        assert_eq!((run.status, run.outcome()), unknown, "{why}: {}", run.err);
    }
    let unreadable = world.check(b"<html>sign in first</html>", false, &[]);
    assert_eq!(unreadable.status, 2, "{}", unreadable.out);
    assert!(unreadable.err.contains("--ocsp") && unreadable.err.contains("response.ors"), "{}", unreadable.err);
}

#[test]
fn a_list_stands_in_for_silence_and_not_for_a_word() {
    let world = World::new();
    let stranger = Key::p256("a stranger to the authority");
    let never = world.response(ocsp::revoked("1970-01-01T00:00:00Z", Some(6)), GIVEN);
    let forged = world.response_signed(ocsp::good(), GIVEN, &stranger);
    let later = ocsp::error_status(3);
    let good = world.response(ocsp::good(), GIVEN);
    for (response, order, status) in [
        (&later, "ocsp-then-crl", 0),
        (&later, "crl-then-ocsp", 0),
        (&later, "crl", 0),
        (&later, "ocsp", 3),
        (&never, "ocsp-then-crl", 3),
        (&never, "crl-then-ocsp", 3),
        (&never, "ocsp", 3),
        (&forged, "ocsp-then-crl", 3),
        (&forged, "crl-then-ocsp", 0),
        (&forged, "ocsp", 3),
        (&good, "ocsp", 0),
        (&good, "crl", 0),
    ] {
        let run = world.check(response, true, &["--revocation-order", order]);
        assert_eq!(run.status, status, "{order}: {}", run.out);
    }
    assert_eq!(world.check(&good, false, &["--revocation-order", "crl"]).status, 3, "lists only, and there is none");
}

#[test]
fn a_line_of_a_batch_brings_responses() {
    let world = World::new();
    let line = |responses: &[Vec<u8>]| {
        let responses: Vec<String> = responses.iter().map(|der| STANDARD.encode(der)).collect();
        json!({
            "certificate": STANDARD.encode(&world.leaf),
            "trust": [STANDARD.encode(&world.nca.certificate)],
            "crls": [],
            "ocsp_responses": responses,
            "at": AT,
        })
        .to_string()
    };
    let good = world.response(ocsp::good(), GIVEN);
    let revoked = world.response(ocsp::revoked("2026-08-01T00:00:00Z", None), GIVEN);
    let lines = [
        (line(std::slice::from_ref(&good)), "accepted"),
        (line(&[]), "undetermined"),
        (line(&[good.clone(), revoked.clone()]), "refused"),
        (line(&[revoked, good.clone()]), "refused"),
        (line(&[ocsp::error_status(6), good.clone()]), "accepted"),
        (line(&[ocsp::error_status(1)]), "undetermined"),
    ];
    let input = lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n");
    let run = run_with_input(&["check", "--batch", "-"], input.as_bytes());
    assert_eq!(run.status, 0, "{}\n{}", run.err, run.out);
    for (answer, (line, decision)) in run.out.lines().zip(&lines) {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["decision"], *decision, "{line}");
    }
}

fn text(time: Time) -> String {
    Time::from_unix(time.unix_seconds()).to_string()
}

/// Answers about the person with this status, now, with the nonce of the question.
fn responder(status: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Responder {
    let world = World::new();
    Responder::new(move |request| {
        let Some(status) = status() else { return Reaction::Close };
        let now = text(SystemClock.now());
        let single = Single::new(world.nca.cert_id(&world.serial), status, &now);
        let nonce = ocsp::nonce_of(request).expect("a nonce is sent");
        Reaction::Answer(ResponseBuilder::new(&world.nca.name, &now).nonce(&nonce).answer(single).sign(&world.nca.key))
    })
}

fn serve(world: &World, responder: &str, order: &str) -> Running {
    let root = world.file("root.pem", pem::certificate(&world.nca.certificate).as_bytes());
    let text = format!(
        "[trust]\nanchors = [{root:?}]\n[revocation]\norder = {order:?}\n[ocsp]\ntimeout_ms = 2000\n\
         [[ocsp.responder]]\nurls = [{responder:?}]\n"
    );
    let config = world.file("rastau.toml", text.as_bytes());
    let data = world.folder.path().join("data");
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--config", &config, "--data"]);
    command.arg(data);
    Running::of(command)
}

#[test]
fn the_running_service_asks_a_responder_once_and_remembers() {
    let world = World::new();
    let responder = responder(|| Some(ocsp::good()));
    let service = serve(&world, &responder.address, "ocsp");
    let body = json!({ "certificate": STANDARD.encode(&world.leaf) }).to_string();
    for _ in 0..5 {
        let (status, report) = service.post("/v1/certificates/check", &body);
        assert_eq!((status, &report["decision"]), (200, &json!("accepted")), "{report}");
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "revocation").unwrap();
        assert_eq!(check["evidence"]["kind"], "ocsp");
        assert_eq!(check["evidence"]["source"], *responder.address);
    }
    assert_eq!(responder.requests(), 1, "four answers were remembered");
    // An unknown certificate is not worth a question.
    let stranger = Authority::root("БӨТЕН", Key::p256("nobody knows it"));
    let foreign = stranger.issue(CertificateBuilder::individual(PERSON).replace(Extension::key_usage(0xc8)));
    let (_, report) =
        service.post("/v1/certificates/check", &json!({ "certificate": STANDARD.encode(foreign) }).to_string());
    assert_eq!(report["refusal"]["code"], "issuer-not-trusted", "{report}");
    assert_eq!(responder.requests(), 1, "nobody is asked about a certificate without a path");
}

#[test]
fn the_running_service_fails_closed_when_the_responder_errs() {
    for (why, status, decision, code) in [
        ("revoked", Some(ocsp::revoked("2026-08-01T00:00:00Z", Some(1))), "refused", "certificate-revoked"),
        ("never issued", Some(ocsp::revoked("1970-01-01T00:00:00Z", Some(6))), "undetermined", "revocation-unknown"),
        ("closed", None, "undetermined", "revocation-unknown"),
    ] {
        let world = World::new();
        let responder = responder(move || status.clone());
        let service = serve(&world, &responder.address, "ocsp-then-crl");
        let body = json!({ "certificate": STANDARD.encode(&world.leaf) }).to_string();
        let (_, report) = service.post("/v1/certificates/check", &body);
        assert_eq!(
            (&report["decision"], &report["refusal"]["code"]),
            (&json!(decision), &json!(code)),
            "{why}: {report}"
        );
    }
}
