//! Path validation as a suite runs it: every line of a batch brings its own anchors and rules.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use rastau_mint::pem;
use serde_json::{Value, json};

use super::{file, folder, run, run_with_input};

const AT: &str = "2026-08-20T00:00:00Z";

fn leaf() -> CertificateBuilder {
    CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf"))
}

fn armoured(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der)
}

/// What the one line comes to, under plain path validation and with `more`.
fn answer(leaf: &[u8], intermediates: &[&[u8]], anchor: &[u8], more: Value) -> Value {
    let mut line = json!({
        "certificate": armoured(leaf),
        "intermediates": intermediates.iter().map(|der| armoured(der)).collect::<Vec<_>>(),
        "trust": [armoured(anchor)],
        "at": AT,
        "revocation": "off",
        "profile": "rfc5280",
    });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let run = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes());
    serde_json::from_str(run.out.trim()).unwrap()
}

fn outcome(answer: &Value) -> (Option<&str>, Option<&str>) {
    (answer["decision"].as_str(), answer["refusal"]["code"].as_str())
}

const ACCEPTED: (Option<&str>, Option<&str>) = (Some("accepted"), None);
const UNTRUSTED: (Option<&str>, Option<&str>) = (Some("refused"), Some("issuer-not-trusted"));

#[test]
fn an_anchor_unfit_to_be_one_is_a_refusal_where_its_certificate_counts() {
    type Change = fn(CertificateBuilder) -> CertificateBuilder;
    let table: [(&str, Change); 4] = [
        ("no basicConstraints", |root| root.without(extension::BASIC_CONSTRAINTS)),
        ("cA false", |root| root.replace(Extension::basic_constraints(false, None))),
        ("keyUsage without keyCertSign", |root| root.replace(Extension::key_usage(0x80))),
        ("keyUsage without a bit", |root| root.replace(Extension::key_usage(0))),
    ];
    for (situation, change) in table {
        let key = Key::ed25519("root");
        let builder = CertificateBuilder::new(&Name::authority("root"), &key).authority(None);
        let root = Authority::self_signed(&change(builder), key);
        let leaf = root.issue(leaf());
        let plain = answer(&leaf, &[], &root.certificate, json!({}));
        assert_eq!(outcome(&plain), ACCEPTED, "{situation}: an anchor is a name and a key");
        let checked = answer(&leaf, &[], &root.certificate, json!({ "check_anchors": true }));
        assert_eq!(outcome(&checked), UNTRUSTED, "{situation}: {checked}");
        // For the portal an anchor that is none is a mistake in what was given.
        let portal = answer(&leaf, &[], &root.certificate, json!({ "profile": "kz" }));
        assert_eq!(portal["error"]["errors"][0]["field"], "trust[0]", "{situation}: {portal}");
    }
}

#[test]
fn a_signature_of_half_octets_above_the_leaf_is_a_refusal() {
    let root = Authority::root("root", Key::ed25519("root"));
    let nca = root.subordinate("nca", Key::ed25519("nca"));
    let leaf = nca.issue(leaf());
    assert_eq!(outcome(&answer(&leaf, &[&nca.certificate], &root.certificate, json!({}))), ACCEPTED);
    let mut odd = nca.certificate.clone();
    let place = odd.len() - 65;
    assert_eq!(std::mem::replace(&mut odd[place], 1), 0, "the octet that counts unused bits");
    *odd.last_mut().unwrap() &= 0xfe;
    assert_eq!(outcome(&answer(&leaf, &[&odd], &root.certificate, json!({}))), UNTRUSTED);
}

#[test]
fn constraints_beyond_every_budget_are_a_refusal() {
    let names: Vec<Vec<u8>> = (0..4096).map(|number| extension::dns_name(&format!("x{number}.kz"))).collect();
    let key = Key::ed25519("root");
    let builder = CertificateBuilder::new(&Name::authority("root"), &key)
        .authority(None)
        .with(Extension::name_constraints(&[], &names));
    let root = Authority::self_signed(&builder, key);
    let many: Vec<Vec<u8>> = (0..512).map(|number| extension::dns_name(&format!("y{number}.kz"))).collect();
    let leaf = root.issue(leaf().with(Extension::subject_alternative_name(&many)));
    let answer = answer(&leaf, &[], &root.certificate, json!({}));
    assert_eq!(outcome(&answer), UNTRUSTED, "{answer}");
}

/// How `inspect --strict` ends.
fn strict(certificate: &[u8]) -> i32 {
    let folder = folder();
    run(&["inspect", "--strict", &file(&folder, "a.der", certificate)]).status
}

#[test]
fn an_address_of_a_length_that_no_address_has_is_no_name() {
    let root = Authority::root("root", Key::ed25519("root"));
    for octets in [0, 4, 5, 8, 16] {
        let address = extension::ip_address(&vec![10; octets]);
        // A good one beside it helps nothing.
        let names = [extension::ip_address(&[10, 0, 0, 1]), address];
        let leaf = root.issue(leaf().with(Extension::subject_alternative_name(&names)));
        let answer = answer(&leaf, &[], &root.certificate, json!({}));
        if matches!(octets, 4 | 16) {
            assert_eq!((outcome(&answer), strict(&leaf)), (ACCEPTED, 0), "{octets}: {answer}");
        } else {
            let malformed = (Some("refused"), Some("certificate-malformed"));
            assert_eq!((outcome(&answer), strict(&leaf)), (malformed, 2), "{octets}: {answer}");
        }
    }
}

#[test]
fn an_authority_that_constrains_addresses_of_no_length_leads_nowhere() {
    let root = Authority::root("root", Key::ed25519("root"));
    for octets in [0, 4, 8, 9, 16, 32] {
        // The leaf has no address: only whether the constraint can be read is asked.
        let range = [extension::ip_address(&vec![0; octets])];
        for (permitted, excluded) in [(&range[..], &[][..]), (&[][..], &range[..])] {
            let key = Key::ed25519("nca");
            let builder = CertificateBuilder::new(&Name::authority("nca"), &key).authority(None);
            let builder = builder.with(Extension::name_constraints(permitted, excluded));
            let nca = root.subordinate_of(builder, key);
            let leaf = nca.issue(leaf());
            let answer = answer(&leaf, &[&nca.certificate], &root.certificate, json!({}));
            if matches!(octets, 8 | 32) {
                assert_eq!((outcome(&answer), strict(&nca.certificate)), (ACCEPTED, 0), "{octets}: {answer}");
            } else {
                assert_eq!((outcome(&answer), strict(&nca.certificate)), (UNTRUSTED, 2), "{octets}: {answer}");
                assert_eq!(answer["warnings"][0]["code"], "evidence-unreadable", "{octets}: {answer}");
            }
        }
    }
}
