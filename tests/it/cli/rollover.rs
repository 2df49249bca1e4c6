//! `rastau check` where an authority signs its lists with another key than its certificates, and what evidence counts at
//! the moment asked about.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use serde_json::{Value, json};

use super::{file, folder, run, run_with_input};

const SERIAL: [u8; 20] = [0x21; 20];
const NAME: &str = "nca of two keys";

/// A root, an authority with two keys, and a certificate that the first of them signed.
struct World {
    root: Authority,
    first: Authority,
    second: Authority,
    leaf: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("root", Key::p256("root of two keys"));
        let [first, second] = ["first", "second"].map(|key| root.subordinate(NAME, Key::p256(key)));
        let leaf = first.issue(CertificateBuilder::individual("650615100015").serial(&SERIAL));
        Self { root, first, second, leaf }
    }

    /// What the commands answer, alone and as a line of a batch, to the same evidence.
    fn check(&self, authorities: &[&Authority], lists: &[Vec<u8>]) -> String {
        let folder = folder();
        let leaf = file(&folder, "leaf.cer", &self.leaf);
        let root = file(&folder, "root.cer", &self.root.certificate);
        let mut args = ["check", &leaf, "--json", "--trust", &root, "--at", AT].map(str::to_owned).to_vec();
        for (index, authority) in authorities.iter().enumerate() {
            let path = file(&folder, &format!("{index}.cer"), &authority.certificate);
            args.extend(["--intermediates".to_owned(), path]);
        }
        for (index, list) in lists.iter().enumerate() {
            args.extend(["--crl".to_owned(), file(&folder, &format!("{index}.crl"), list)]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let alone = decision(&run(&args).json());
        let sent: Vec<String> = authorities.iter().map(|authority| base64(&authority.certificate)).collect();
        let line = self.line(&sent, lists);
        let answer: Value = serde_json::from_str(&run_with_input(&["check", "--batch", "-"], line.as_bytes()).out)
            .expect("one line of JSON");
        assert_eq!(decision(&answer), alone, "{answer}");
        alone
    }

    fn line(&self, intermediates: &[String], lists: &[Vec<u8>]) -> String {
        let lists: Vec<String> = lists.iter().map(|list| base64(list)).collect();
        let line = json!({
            "certificate": base64(&self.leaf),
            "intermediates": intermediates,
            "trust": [base64(&self.root.certificate)],
            "crls": lists,
            "at": AT,
        });
        line.to_string()
    }

    fn of_root(&self) -> Vec<u8> {
        self.root.sign_list(&self.root.list())
    }
}

const AT: &str = "2026-08-20T12:00:00Z";

fn decision(report: &Value) -> String {
    report["decision"].as_str().unwrap_or_default().to_owned()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn the_list_of_a_new_key_counts_when_the_new_certificate_is_sent() {
    let world = World::new();
    let list = world.second.sign_list(&world.second.list());
    let both = [&world.first, &world.second];
    assert_eq!(world.check(&both, &[world.of_root(), list.clone()]), "accepted");
    assert_eq!(world.check(&[&world.first], &[world.of_root(), list.clone()]), "undetermined", "whose key it is");
    assert_eq!(world.check(&both, &[list]), "undetermined", "whether the new key still stands");
    let revoking = world.second.list().revoke(&SERIAL, "2026-06-01T00:00:00Z", Some(1));
    assert_eq!(world.check(&both, &[world.of_root(), world.second.sign_list(&revoking)]), "refused");
    // The root took the second certificate back.
    let taken = world.root.list().revoke(&world.second.serial, "2026-06-01T00:00:00Z", Some(1));
    let clean = world.second.sign_list(&world.second.list());
    assert_eq!(world.check(&both, &[world.root.sign_list(&taken), clean]), "undetermined");
}

#[test]
fn strangers_of_the_same_name_clear_and_convict_nobody() {
    let world = World::new();
    let neighbour = world.root.subordinate("neighbour", Key::p256("neighbour"));
    let namesakes = [
        Authority::root(NAME, Key::p256("stranger")),
        Authority::root("stranger", Key::p256("stranger")).subordinate(NAME, Key::p256("stranger below")),
        neighbour.subordinate(NAME, Key::p256("named by the neighbour")),
    ];
    let of_neighbour = neighbour.sign_list(&neighbour.list());
    for namesake in &namesakes {
        for list in [namesake.list(), namesake.list().revoke(&SERIAL, "2026-06-01T00:00:00Z", None)] {
            let lists = [world.of_root(), of_neighbour.clone(), namesake.sign_list(&list)];
            assert_eq!(world.check(&[&world.first, &neighbour, namesake], &lists), "undetermined");
        }
    }
}

#[test]
fn plain_path_validation_takes_the_moment_asked_about_for_the_present() {
    let world = World::new();
    let lists = |this: &str| {
        let own = world.first.list().updates(this, "2030-01-01T00:00:00Z");
        vec![world.of_root(), world.first.sign_list(&own)]
    };
    let sent = [base64(&world.first.certificate)];
    let answer = |profile: &str, this: &[&str]| {
        let lists: Vec<Vec<u8>> = this.iter().flat_map(|this| lists(this)).collect();
        let mut line: Value = serde_json::from_str(&world.line(&sent, &lists)).expect("JSON");
        line["profile"] = json!(profile);
        let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
        decision(&serde_json::from_str(&answer.out).expect("one line of JSON"))
    };
    let (before, after) = ("2026-08-19T00:00:00Z", "2026-08-25T00:00:00Z");
    for (profile, this, wanted) in [
        ("rfc5280", &[before][..], "accepted"),
        ("rfc5280", &[after], "undetermined"),
        ("rfc5280", &[after, before], "accepted"),
        ("kz", &[after], "accepted"),
        ("kz", &[after, before], "accepted"),
    ] {
        assert_eq!(answer(profile, this), wanted, "{profile} {this:?}");
    }
}

#[test]
fn what_a_later_list_names_is_revoked_under_every_profile() {
    let world = World::new();
    let list = world.first.list().updates("2026-08-25T00:00:00Z", "2030-01-01T00:00:00Z");
    let list = world.first.sign_list(&list.revoke(&SERIAL, "2026-08-24T00:00:00Z", Some(1)));
    for profile in ["rfc5280", "kz"] {
        let line = world.line(&[base64(&world.first.certificate)], &[world.of_root(), list.clone()]);
        let mut line: Value = serde_json::from_str(&line).expect("JSON");
        line["profile"] = json!(profile);
        let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answer.out).expect("one line of JSON");
        assert_eq!(decision(&answer), "refused", "{profile}: a compromise reaches back");
    }
}

#[test]
fn a_delta_from_after_the_moment_revokes_and_makes_no_lapsed_list_fresh() {
    let world = World::new();
    let sent = [base64(&world.first.certificate)];
    let list = |number: u64, (this, next): (&str, &str)| world.first.list().number(number).updates(this, next);
    let lasting = |this: &'static str| (this, "2030-01-01T00:00:00Z");
    let (before, after) = (lasting("2026-08-19T00:00:00Z"), lasting("2026-08-25T00:00:00Z"));
    let lapsed = ("2026-08-01T00:00:00Z", "2026-08-10T00:00:00Z");
    for (full, delta, revokes, wanted) in [
        (before, after, true, "refused"),
        (before, after, false, "accepted"),
        (lapsed, before, false, "accepted"),
        (lapsed, after, false, "undetermined"),
        (lapsed, after, true, "refused"),
    ] {
        let mut change = list(15, delta).delta_to(14);
        if revokes {
            change = change.revoke(&SERIAL, "2026-08-24T00:00:00Z", Some(1));
        }
        let lists = [world.of_root(), world.first.sign_list(&list(14, full)), world.first.sign_list(&change)];
        let mut line: Value = serde_json::from_str(&world.line(&sent, &lists)).expect("JSON");
        line["profile"] = json!("rfc5280");
        let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answer.out).expect("one line of JSON");
        assert_eq!(decision(&answer), wanted, "{full:?} {delta:?} {revokes}: {answer}");
    }
}

#[test]
fn evidence_with_its_last_byte_cut_off_is_no_silence_where_evidence_counts_if_available() {
    let world = World::new();
    let sent = [base64(&world.first.certificate)];
    let mut cut = world.first.sign_list(&world.first.list().revoke(&SERIAL, "2026-06-01T00:00:00Z", Some(1)));
    cut.pop();
    for (field, evidence, wanted) in [
        ("crls", json!([]), "accepted"),
        ("crls", json!([base64(&cut)]), "undetermined"),
        ("ocsp_responses", json!([base64(b"<html>sign in first</html>")]), "undetermined"),
        // A responder that says «try later» is silent.
        ("ocsp_responses", json!([base64(&[0x30, 0x03, 0x0a, 0x01, 0x03])]), "accepted"),
    ] {
        let mut line: Value = serde_json::from_str(&world.line(&sent, &[])).expect("JSON");
        line["revocation"] = json!("if-available");
        line[field] = evidence;
        let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answer.out).expect("one line of JSON");
        assert_eq!(decision(&answer), wanted, "{field}: {answer}");
        let warned =
            answer["warnings"].as_array().is_some_and(|all| all.iter().any(|w| w["code"] == "evidence-unreadable"));
        assert_eq!(warned, line[field] != json!([]), "{answer}");
    }
}
