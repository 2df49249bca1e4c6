//! OCSP from outside: responses in files and in batches, and a responder that the running service asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rastau::clock::{Clock as _, SystemClock, Time};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{self, Cms, Signer};
use rastau_mint::der;
use rastau_mint::extension::{EXTENDED_KEY_USAGE, Extension};
use rastau_mint::key::Key;
use rastau_mint::name::Name;
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

/// A response of a responder that does not send its certificate, which `change` has made another.
fn bare(world: &World, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> (Vec<u8>, Vec<u8>) {
    let key = Key::p256("a responder that sends no certificate");
    let certificate = world.nca.issue(change(world.nca.responder("OCSP RESPONDER", &key)));
    let single = Single::new(world.nca.cert_id(&world.serial), ocsp::good(), GIVEN);
    let response = ResponseBuilder::new(&Name::authority("OCSP RESPONDER").encode(), GIVEN).answer(single);
    (response.sign(&key), certificate)
}

#[test]
fn the_certificate_of_a_responder_may_be_sent_beside_its_response() {
    let world = World::new();
    let (response, certificate) = bare(&world, |certificate| certificate);
    let stranger = Authority::root("СЫНАҚ КО", Key::p256("a namesake of the authority"));
    let key = Key::p256("a responder that sends no certificate");
    let purposeless = bare(&world, |certificate| certificate.without(EXTENDED_KEY_USAGE)).1;
    let unchecked = bare(&world, |certificate| certificate.without(ocsp::NO_CHECK)).1;
    let another = world.nca.issue(world.nca.responder("OCSP RESPONDER", &Key::p256("another key of that name")));
    let of_stranger = stranger.issue(stranger.responder("OCSP RESPONDER", &key));
    for (why, sent, status) in [
        ("it", vec![&certificate], 0),
        ("none", vec![], 3),
        ("one without the purpose", vec![&purposeless], 3),
        ("one that nothing clears", vec![&unchecked], 3),
        ("that of another key", vec![&another], 3),
        ("that of a namesake's responder", vec![&of_stranger], 3),
        ("it, behind others of its name", vec![&another, &of_stranger, &certificate], 0),
    ] {
        let paths: Vec<String> =
            sent.iter().enumerate().map(|(index, der)| world.file(&format!("{index}.cer"), der)).collect();
        let more: Vec<&str> = paths.iter().flat_map(|path| ["--intermediates", path]).collect();
        let alone = world.check(&response, false, &more);
        assert_eq!(alone.status, status, "{why}: {}{}", alone.out, alone.err);
        let line = json!({
            "certificate": STANDARD.encode(&world.leaf),
            "trust": [STANDARD.encode(&world.nca.certificate)],
            "intermediates": sent.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>(),
            "ocsp_responses": [STANDARD.encode(&response)],
            "crls": [],
            "at": AT,
        });
        let in_line = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
        assert_eq!(in_line.outcome(), alone.outcome(), "{why}: {}", in_line.out);
    }
    // A list of the authority names the responder.
    let serial = world.nca.responder("OCSP RESPONDER", &key).serial_contents();
    let revoking = world.nca.list().number(8).revoke(&serial, "2026-06-01T00:00:00Z", Some(1));
    let (list, certificate) = (world.nca.sign_list(&revoking), world.file("responder.cer", &certificate));
    let list = world.file("revoking.crl", &list);
    let more = ["--intermediates", &certificate, "--crl", &list, "--revocation-order", "ocsp"];
    assert_eq!(world.check(&response, false, &more).status, 3);
}

#[test]
fn how_long_a_response_without_an_end_counts_is_an_option() {
    let world = World::new();
    let an_hour_old = world.response(ocsp::good(), "2026-08-19T23:00:00Z");
    let single = Single::new(world.nca.cert_id(&world.serial), ocsp::good(), "2026-08-19T23:00:00Z");
    let lapsed = single.until("2026-08-19T23:30:00Z");
    let lapsed = ResponseBuilder::new(&world.nca.name, "2026-08-19T23:00:00Z").answer(lapsed).sign(&world.nca.key);
    let ahead = world.response(ocsp::good(), "2099-01-01T00:00:00Z");
    for (response, age, status) in [
        (&an_hour_old, None, 3),
        (&an_hour_old, Some("3599"), 3),
        (&an_hour_old, Some("3600"), 0),
        (&lapsed, Some("86400"), 3),
        (&ahead, Some("86400"), 3),
        (&an_hour_old, Some("0"), 2),
        (&an_hour_old, Some("-1"), 2),
        (&an_hour_old, Some("99999999999"), 2),
    ] {
        let more: Vec<&str> = age.iter().flat_map(|age| ["--ocsp-max-age", *age]).collect();
        let alone = world.check(response, false, &more);
        assert_eq!(alone.status, status, "{age:?}: {}{}", alone.out, alone.err);
        if status == 2 {
            continue;
        }
        let line = json!({
            "certificate": STANDARD.encode(&world.leaf),
            "trust": [STANDARD.encode(&world.nca.certificate)],
            "ocsp_responses": [STANDARD.encode(response)],
            "crls": [],
            "at": AT,
        });
        let args: Vec<&str> = ["check", "--batch", "-"].into_iter().chain(more).collect();
        assert_eq!(run_with_input(&args, line.to_string().as_bytes()).outcome(), alone.outcome(), "{age:?}");
    }
    let shown = world.check(&an_hour_old, false, &[]);
    assert!(shown.out.contains("names no end"), "{}", shown.out);
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
    serve_with(world, order, "", &format!("timeout_ms = 2000\n[[ocsp.responder]]\nurls = [{responder:?}]\n"))
}

/// The service with these lines under `[trust]` and `[ocsp]`.
fn serve_with(world: &World, order: &str, trust: &str, ocsp: &str) -> Running {
    let root = world.file("root.pem", pem::certificate(&world.nca.certificate).as_bytes());
    let text = format!("[trust]\nanchors = [{root:?}]\n{trust}\n[revocation]\norder = {order:?}\n[ocsp]\n{ocsp}");
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

#[test]
fn the_running_service_knows_a_responder_that_is_configured_and_sends_no_certificate() {
    let world = World::new();
    let key = Key::p256("a responder that sends no certificate");
    let certificate = world.nca.issue(world.nca.responder("OCSP RESPONDER", &key));
    let (nca, serial) = (world.nca.clone(), world.serial.clone());
    let responder = Responder::new(move |request| {
        let now = text(SystemClock.now());
        let single = Single::new(nca.cert_id(&serial), ocsp::good(), &now);
        let nonce = ocsp::nonce_of(request).expect("a nonce is sent");
        let response = ResponseBuilder::new(&Name::authority("OCSP RESPONDER").encode(), &now).nonce(&nonce);
        Reaction::Answer(response.answer(single).sign(&key))
    });
    let known = world.file("responder.pem", pem::certificate(&certificate).as_bytes());
    let body = json!({ "certificate": STANDARD.encode(&world.leaf) }).to_string();
    let address = &responder.address;
    for (trust, decision) in [(format!("intermediates = [{known:?}]"), "accepted"), (String::new(), "undetermined")] {
        let ocsp = format!("timeout_ms = 2000\n[[ocsp.responder]]\nurls = [{address:?}]\n");
        let service = serve_with(&world, "ocsp", &trust, &ocsp);
        let (_, report) = service.post("/v1/certificates/check", &body);
        assert_eq!(report["decision"], decision, "{report}");
    }
}

#[test]
fn the_age_that_is_configured_is_that_of_responses_inside_documents_too() {
    let world = World::new();
    let key = Key::p256("a person with a response");
    let person = CertificateBuilder::individual(PERSON).key(&key);
    let serial = person.serial_contents();
    let leaf = world.nca.issue(person);
    let given = text(SystemClock.now().plus_seconds(-1800));
    let single = Single::new(world.nca.cert_id(&serial), ocsp::good(), &given);
    let response = ResponseBuilder::new(&world.nca.name, &given).answer(single).sign_basic(&world.nca.key);
    let values = der::sequence(&[der::explicit(1, &der::sequence(&[response]))]);
    let signer = Signer::new(&key, &leaf)
        .unsigned(move |_| cms::attribute(cms::REVOCATION_VALUES, std::slice::from_ref(&values)));
    let document = Cms::over(b"application").certificate(&leaf).signer(signer).encode();
    let body = json!({ "document": STANDARD.encode(&document) }).to_string();
    for (ocsp, decision) in [("max_age_s = 3600\n", "accepted"), ("", "undetermined")] {
        let service = serve_with(&world, "ocsp", "", ocsp);
        let (_, report) = service.post("/v1/documents/verify", &body);
        assert_eq!(report["decision"], decision, "{report}");
    }
}
