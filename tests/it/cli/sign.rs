//! `rastau sign`: what the holder of a key gets, and above all what is not signed.

use std::process::Command;

use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::pdf::Pdf;
use rastau_mint::pkcs12::KeyStore;

use super::office::{Answers, Office, PASSWORD};
use super::{program, run};

const CONTENT: &[u8] = b"a licence to heal";
const FORM: &[u8] = b"<form><a>1</a></form>";
const ENVELOPE: &[u8] =
    b"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><a>1</a></s:Body></s:Envelope>";
const TRUST: &str = "--trust {root.cer} --crl {root.crl}";
const STORE: &str = "--key {holder.p12} --password-file {password}";

fn office(key: Key) -> Office {
    let office = Office::new(key);
    office.file("a.txt", CONTENT);
    office.file("a.xml", FORM);
    office.file("a.soap", ENVELOPE);
    office.file("a.pdf", &Pdf::one_page("licence").bytes);
    office
}

#[test]
fn every_format_is_signed_by_keys_of_every_algorithm_and_verifies() {
    for key in [Key::gost512("cli sign"), Key::gost256("cli sign"), Key::p256("cli sign"), Key::rsa("cli sign")] {
        let office = office(key);
        for (format, document, level) in
            [("cms", "a.txt", "B"), ("xml", "a.xml", "B"), ("wsse", "a.soap", "bare"), ("pdf", "a.pdf", "B")]
        {
            let signed =
                office.run(&format!("sign {{{document}}} {STORE} --format {format} {TRUST} --out {{out}} --json"));
            assert_eq!(signed.status, 0, "{format}: {}{}", signed.out, signed.err);
            let said = signed.json();
            assert_eq!((&said["level"], &said["out"]), (&level.into(), &office.path("out").into()), "{said}");
            assert_eq!(said["certificate_sha256"].as_str().map(str::len), Some(64));
            assert!(said["signature_algorithm"].is_string() && said["signed_at"].is_string(), "{said}");
            assert!(!signed.err.contains("warning"), "{}", signed.err);
            let verified = office.run(&format!("verify {{out}} {TRUST} --json"));
            assert_eq!(verified.status, 0, "{format}: {}{}", verified.out, verified.err);
            assert_eq!(verified.json()["format"], format);
        }
        assert!(office.is_tidy());
    }
}

#[test]
fn a_signature_beside_the_content_holds_over_it_only() {
    let office = office(Key::p256("cli sign"));
    office.file("b.txt", b"another");
    let signed = office.run(&format!("sign {{a.txt}} {STORE} --format cms --detached {TRUST} --out {{out}}"));
    assert_eq!(signed.status, 0, "{}{}", signed.out, signed.err);
    assert!(signed.out.contains("✓ SIGNED") && signed.out.contains("level"), "{}", signed.out);
    assert!(!office.read("out").windows(CONTENT.len()).any(|window| window == CONTENT));
    assert_eq!(office.run(&format!("verify {{out}} --content {{a.txt}} {TRUST}")).status, 0);
    assert_eq!(office.run(&format!("verify {{out}} --content {{b.txt}} {TRUST}")).status, 1);
}

#[test]
fn a_signed_message_gets_one_signature_more() {
    let office = office(Key::p256("cli sign"));
    let other = Office::new(Key::gost512("cli second"));
    let second = other.path("holder.p12");
    for (detached, content) in [("", ""), ("--detached", "--content {a.txt}")] {
        let first = office.run(&format!("sign {{a.txt}} {STORE} --format cms {detached} --out {{one}}"));
        assert_eq!(first.status, 0, "{}", first.err);
        let line = format!(
            "sign {{one}} --add {content} --key {second} --password-file {{password}} --format cms {TRUST} --out {{two}}"
        );
        let both = office.run(&line);
        assert_eq!(both.status, 0, "{}{}", both.out, both.err);
        let verified = office.run(&format!("verify {{two}} {content} {TRUST} --json")).json();
        assert_eq!(verified["signatures"].as_array().map(Vec::len), Some(2), "{verified}");
        assert_eq!(verified["decision"], "accepted");
    }
    // Detached, and the content is another or not given; not signed at all; changed since.
    office.file("b.txt", b"another");
    let mut broken = office.read("two");
    let place = broken.len() - 3;
    broken[place] ^= 1;
    office.file("broken", &broken);
    for (document, content) in
        [("one", ""), ("one", "--content {b.txt}"), ("a.txt", ""), ("broken", "--content {a.txt}")]
    {
        let line = format!("sign {{{document}}} --add {content} {STORE} --format cms --out {{none}}");
        let run = office.run(&line);
        assert_eq!(run.status, 2, "{line}: {}{}", run.out, run.err);
        assert!(run.err.contains("remedy:") && !office.is_there("none"), "{line}: {}", run.err);
    }
}

#[test]
fn keys_come_in_every_kind_of_file_and_passwords_from_files_variables_and_nowhere() {
    let office = office(Key::gost512("cli sign"));
    let both = [office.read("holder.key"), office.read("holder.pem")].concat();
    office.file("both.pem", &both);
    office.file("der.key", &office.key.pkcs8());
    office.file("der.cer", &office.certificate);
    office.file("open.p12", &office.store(""));
    for key in [
        STORE,
        "--key {holder.p12} --password-file {password} --alias holder",
        "--key {holder.key} --certificate {holder.pem}",
        "--key {der.key} --certificate {der.cer}",
        "--key {both.pem}",
        "--key {open.p12}",
    ] {
        let signed = office.run(&format!("sign {{a.txt}} {key} --format cms --out {{out}}"));
        assert_eq!(signed.status, 0, "{key}: {}", signed.err);
        std::fs::remove_file(office.path("out")).expect("written");
    }
    let words =
        office.words("sign {a.txt} --key {holder.p12} --password-variable SIGN_PASSWORD --format cms --out {out}");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let signed = program(&words).env("SIGN_PASSWORD", PASSWORD).output().expect("runs");
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
}

#[test]
fn a_key_that_cannot_be_used_is_told_with_its_remedy_and_nothing_is_written() {
    let office = office(Key::p256("cli sign"));
    let stranger = Office::new(Key::p256("cli stranger"));
    office.file("stranger.pem", &stranger.read("holder.pem"));
    office.file("old.key", &Key::gost2004("cli old").pkcs8());
    let two = KeyStore::new("")
        .key(&office.key.pkcs8(), Some("one"), Some(&[1]))
        .certificate(&office.certificate, Some("one"), Some(&[1]))
        .key(&stranger.key.pkcs8(), Some("two"), Some(&[2]))
        .certificate(&stranger.certificate, Some("two"), Some(&[2]));
    office.file("two.p12", &two.encode());
    office.file("bare.p12", &KeyStore::new("").key(&office.key.pkcs8(), None, None).encode());
    office.file("keyless.p12", &KeyStore::new("").certificate(&office.certificate, None, None).encode());
    office.file("long", &[b'a'; 5000]);
    office.file("der.key", &office.key.pkcs8());
    for (key, part) in [
        ("--key {holder.p12} --password-file {wrong}", "the password is wrong"),
        ("--key {holder.p12}", "--password-file FILE or --password-variable NAME"),
        ("--key {holder.p12} --password-variable NO_SUCH_VARIABLE", "it is not set"),
        ("--key {holder.p12} --password-file {gone}", "gone"),
        ("--key {holder.p12} --password-file {long}", "longer than"),
        ("--key {holder.p12} --password-file {password} --alias nobody", "--alias"),
        ("--key {two.p12}", "--alias"),
        ("--key {gone.p12}", "gone.p12"),
        ("--key {bare.p12}", "--certificate CERT"),
        ("--key {keyless.p12}", "there is no private key"),
        ("--key {a.txt}", "not well-formed"),
        ("--key {der.key}", "--certificate CERT"),
        ("--key {holder.key}", "--certificate CERT"),
        ("--key {holder.pem}", "key cannot be used"),
        ("--key {holder.key} --certificate {stranger.pem}", "belongs to another key"),
        ("--key {holder.key} --certificate {a.txt}", "key cannot be used"),
        ("--key {old.key} --certificate {holder.pem}", "34.310-2004"),
        ("--pkcs11-module {gone.so} --password-file {password}", "gone.so"),
        ("--pkcs11-module {a.txt} --password-file {password}", "PKCS#11"),
    ] {
        let run = office.run(&format!("sign {{a.txt}} {key} --format cms --out {{out}}"));
        assert_eq!(run.status, 2, "{key}: {}{}", run.out, run.err);
        assert!(run.err.contains(part) && run.err.contains("remedy:"), "{key}: {}", run.err);
        assert!(!run.err.contains(PASSWORD) && !run.err.contains("qwerty") && !run.err.contains("aaaa"), "{}", run.err);
        assert!(run.out.is_empty() && !office.is_there("out") && office.is_tidy(), "{key}");
    }
}

#[test]
fn a_document_that_cannot_be_signed_so_is_told() {
    let office = office(Key::p256("cli sign"));
    office.file("dtd.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>");
    office.file("cut.pdf", &office.read("a.pdf")[..100]);
    office.file("empty", b"");
    for (document, options, part) in [
        ("a.txt", "--format xml", "a.txt"),
        ("a.txt", "--format pdf", "a.txt"),
        ("a.xml", "--format wsse", "a.xml"),
        ("dtd.xml", "--format xml", "dtd.xml"),
        ("cut.pdf", "--format pdf", "cut.pdf"),
        ("empty", "--format pdf", "empty"),
        ("gone", "--format cms", "gone"),
        ("a.pdf", "--format pdf --detached", "--detached"),
        ("a.xml", "--format xml --add", "--add"),
        ("a.soap", "--format wsse --timestamp-url http://127.0.0.1:1/", "no place for a timestamp"),
        ("a.txt", "--format cms --timestamp-url ftp://127.0.0.1/", "--timestamp-url"),
        ("a.txt", "--format cms --trust {gone}", "--trust"),
        ("a.txt", "--format cms --trust {root.cer} --crl {a.txt}", "--crl"),
    ] {
        let run = office.run(&format!("sign {{{document}}} {options} {STORE} --out {{out}}"));
        assert_eq!(run.status, 2, "{document} {options}: {}{}", run.out, run.err);
        assert!(run.err.contains(part) && run.err.contains("remedy:"), "{document} {options}: {}", run.err);
        assert!(!office.is_there("out") && office.is_tidy(), "{document} {options}");
    }
    for out in ["{gone}/out", "/does/not/exist/out"] {
        let run = office.run(&format!("sign {{a.txt}} --format cms {STORE} --out {out}"));
        assert!(run.status == 2 && run.err.contains("--out"), "{}", run.err);
    }
    let folder = office.run(&format!("sign {{a.txt}} --format cms {STORE} --out {}", office.folder.path().display()));
    assert!(folder.status == 2 && folder.err.contains("is a folder"), "{}", folder.err);
}

#[test]
fn whoever_may_not_sign_signs_nothing() {
    let full = Office::new(Key::p256("cli sign"));
    full.file("a.txt", CONTENT);
    full.file(
        "revoking.crl",
        &full.root.sign_list(&full.root.list().revoke(&[0x10, 7], "2026-02-01T00:00:00Z", Some(1))),
    );
    full.file(
        "stale.crl",
        &full.root.sign_list(&full.root.list().updates("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")),
    );
    let stranger = Authority::root("STRANGER", Key::p256("cli stranger root"));
    full.file("stranger.cer", &stranger.certificate);
    full.file("out", b"before");
    for (evidence, status, code) in [
        ("--trust {root.cer} --crl {revoking.crl}", 1, "certificate-revoked"),
        ("--trust {stranger.cer} --crl {root.crl}", 1, "issuer-not-trusted"),
        ("--trust {root.cer} --crl {stale.crl}", 3, "revocation-unknown"),
        ("--trust {root.cer}", 3, "revocation-unknown"),
    ] {
        let line = format!("sign {{a.txt}} {STORE} --format cms {evidence} --out {{out}}");
        let refused = full.run(&line);
        assert_eq!(refused.status, status, "{evidence}: {}{}", refused.out, refused.err);
        assert!(
            refused.out.contains(code) && refused.err.contains("nothing was signed"),
            "{}{}",
            refused.out,
            refused.err
        );
        assert_eq!(full.run(&format!("{line} --json")).outcome().1, code);
        assert_eq!(full.read("out"), b"before", "what was there stays");
    }
    let changes: [(fn(_) -> _, &str); 4] = [
        (
            |builder: rastau_mint::certificate::CertificateBuilder| {
                builder.valid("2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z")
            },
            "certificate-expired",
        ),
        (|builder| builder.valid("2048-01-01T00:00:00Z", "2049-01-01T00:00:00Z"), "certificate-not-yet-valid"),
        (|builder| builder.replace(rastau_mint::extension::Extension::key_usage(0xa0)), "key-usage-not-allowed"),
        (|builder| builder.without(rastau_mint::extension::KEY_USAGE), "key-usage-not-allowed"),
    ];
    for (change, code) in changes {
        let office = Office::with(Key::p256("cli sign"), change);
        office.file("a.txt", CONTENT);
        for evidence in ["", TRUST] {
            let line = format!("sign {{a.txt}} {STORE} --format cms {evidence} --language en --out {{out}}");
            let refused = office.run(&line);
            assert_eq!(refused.status, 1, "{code} {evidence}: {}{}", refused.out, refused.err);
            assert!(
                refused.out.contains(code) && refused.err.contains("nothing was signed"),
                "{}{}",
                refused.out,
                refused.err
            );
            assert!(!office.is_there("out") && office.is_tidy());
        }
    }
}

#[test]
fn without_trust_it_is_said_what_was_not_checked() {
    let office = office(Key::p256("cli sign"));
    let signed = office.run(&format!("sign {{a.txt}} {STORE} --format cms --out {{out}}"));
    assert_eq!(signed.status, 0, "{}", signed.err);
    for part in ["warning:", "not checked", "--trust", "--crl", "--ocsp"] {
        assert!(signed.err.contains(part), "{part}: {}", signed.err);
    }
}

#[test]
fn a_timestamp_is_put_in_and_judged() {
    let office = office(Key::gost512("cli sign"));
    let authority = office.timestamps().address;
    for (format, document) in [("cms", "a.txt"), ("xml", "a.xml"), ("pdf", "a.pdf")] {
        for (trust, policy) in [(TRUST, ""), ("", "--timestamp-policy 1.2.398.3.3.2.6.4")] {
            let line = format!(
                "sign {{{document}}} {STORE} --format {format} {trust} --timestamp-url {authority} {policy} --out {{out}} --json"
            );
            let signed = office.run(&line);
            assert_eq!(signed.status, 0, "{line}: {}{}", signed.out, signed.err);
            assert_eq!(signed.json()["level"], "T", "{line}");
        }
        let verified = office.run(&format!("verify {{out}} {TRUST} --json")).json();
        assert_eq!(verified["signatures"][0]["verified_level"], "T", "{format}: {verified}");
    }
}

#[test]
fn a_timestamp_that_is_not_had_or_proves_nothing_leaves_nothing_behind() {
    let office = office(Key::p256("cli sign"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let stranger = Authority::root("STRANGER", Key::p256("cli stranger root"));
    let at = |answers| office.timestamps_of(&office.root, answers).address;
    for (address, trust, status) in [
        (format!("http://{closed}/"), "", 2),
        (at(Answers::Rejection), "", 2),
        (at(Answers::Nonsense), TRUST, 2),
        (at(Answers::Other), "", 2),
        ("https://127.0.0.1:1/".to_owned(), "", 2),
        // Good, of an authority that nobody here knows.
        (office.timestamps_of(&stranger, Answers::Good).address, TRUST, 3),
    ] {
        let line = format!("sign {{a.txt}} {STORE} --format cms {trust} --timestamp-url {address} --out {{out}}");
        let run = office.run(&line);
        assert_eq!(run.status, status, "{line}: {}{}", run.out, run.err);
        assert!(run.err.contains("nothing was written") && run.err.contains("remedy:"), "{}", run.err);
        assert!(!office.is_there("out") && office.is_tidy());
    }
}

#[test]
fn the_authorities_go_beside_the_holder_when_asked_for() {
    let root = Authority::root("CHAIN ROOT", Key::p256("chain root"));
    let issuing = root.subordinate("CHAIN ISSUING", Key::p256("chain issuing"));
    let office = office(Key::p256("cli sign"));
    let builder =
        rastau_mint::certificate::CertificateBuilder::individual(&rastau_mint::identity::iin("650615", false, 1));
    let certificate = issuing.issue(builder.key(&office.key).serial(&[0x10, 9]));
    office.file("leaf.cer", &certificate);
    office.file("issuing.cer", &issuing.certificate);
    office.file("chain.cer", &root.certificate);
    let store = KeyStore::new("")
        .key(&office.key.pkcs8(), None, Some(&[1]))
        .certificate(&certificate, None, Some(&[1]))
        .certificate(&issuing.certificate, None, None)
        .certificate(&root.certificate, None, None);
    office.file("chain.p12", &store.encode());
    let holds = |name: &str, certificate: &[u8]| {
        office.read(name).windows(certificate.len()).any(|window| window == certificate)
    };
    for (key, chain, is_in) in [
        ("--key {chain.p12}", "", false),
        ("--key {chain.p12}", "--chain", true),
        ("--key {holder.key} --certificate {leaf.cer}", "--chain", false),
        ("--key {holder.key} --certificate {leaf.cer} --intermediates {issuing.cer}", "--chain", true),
    ] {
        let signed = office.run(&format!("sign {{a.txt}} {key} {chain} --format cms --out {{out}}"));
        assert_eq!(signed.status, 0, "{}", signed.err);
        assert_eq!(holds("out", &issuing.certificate), is_in, "{key} {chain}");
        assert!(!holds("out", &root.certificate), "{key} {chain}");
        assert_eq!(signed.err.contains("--chain"), chain == "--chain" && !is_in, "{}", signed.err);
    }
}

#[test]
fn the_official_of_the_demo_signs_under_the_demos_trust() {
    let office = office(Key::p256("cli sign"));
    let trust = "--trust certs/demo-root-gost.pem --intermediates certs/demo-issuing-gost.pem \
                 --crl testdata/demo/demo-issuing-gost.crl --crl testdata/demo/demo-root-gost.crl";
    let key = "--key testdata/demo/official.key --certificate testdata/demo/official.pem";
    let signed = office.run(&format!("sign {{a.pdf}} {key} {trust} --format pdf --out {{out}}"));
    assert_eq!(signed.status, 0, "{}{}", signed.out, signed.err);
    let verified = office.run("verify {out} --json");
    assert_eq!(verified.status, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_large_document_is_signed_as_a_stream() {
    let office = office(Key::p256("cli sign"));
    let content: Vec<u8> = (0..70_000_000_u32).map(|index| (index % 251) as u8).collect();
    office.file("large", &content);
    for (option, verify) in [("--detached", "--content {large}"), ("", "")] {
        let signed = office.run(&format!("sign {{large}} {STORE} --format cms {option} {TRUST} --out {{out}}"));
        assert_eq!(signed.status, 0, "{}{}", signed.out, signed.err);
        assert_eq!(office.run(&format!("verify {{out}} {verify} {TRUST}")).status, 0, "{option}");
        assert!(office.read("out").len() < 10_000 || option.is_empty());
    }
}

/// Whether a program is there; said in plain words where it is not.
fn has(program: &str, arguments: &[&str]) -> bool {
    let there = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

#[test]
fn openssl_and_xmlsec_accept_what_is_signed() {
    for key in [Key::p256("cli sign"), Key::rsa("cli sign")] {
        let office = office(key);
        office.file("root.pem", rastau_mint::pem::encode("CERTIFICATE", &office.root.certificate).as_bytes());
        for (format, document, out) in [("cms", "a.txt", "out.p7s"), ("xml", "a.xml", "out.xml")] {
            let signed = office.run(&format!("sign {{{document}}} {STORE} --format {format} --out {{{out}}}"));
            assert_eq!(signed.status, 0, "{}", signed.err);
        }
        if has("openssl", &["version"]) {
            let words = office
                .words("cms -verify -binary -inform DER -in {out.p7s} -CAfile {root.pem} -purpose any -out {content}");
            let output = Command::new("openssl").args(&words).output().expect("runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(office.read("content"), CONTENT);
        }
        if has("xmlsec1", &["--version"]) {
            let words = office.words("--verify --trusted-pem {root.pem} --enabled-key-data x509 {out.xml}");
            let output = Command::new("xmlsec1").args(&words).output().expect("runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn keys_of_the_national_ca_sign_as_far_as_their_evidence_goes() {
    let Some(folder) = crate::interop::folder() else { return };
    let office = office(Key::p256("cli sign"));
    office.file("qwerty", b"Qwerty12");
    let at = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let trust = format!(
        "--trust {} --intermediates {} --crl {}",
        at("certs/root_test_gost_2022.cer"),
        at("certs/nca_gost2022_test.cer"),
        at("crl/nca_gost2022_test_2026-08.crl")
    );
    let sign = |store: &str, trust: &str| {
        let key = at(&format!("p12/{store}.p12"));
        office.run(&format!("sign {{a.txt}} --key {key} --password-file {{qwerty}} --format cms {trust} --out {{out}}"))
    };
    for store in ["2026_individual_valid", "2026_legal_head_valid"] {
        let signed = sign(store, "");
        assert_eq!(signed.status, 0, "{store}: {}", signed.err);
        let held = office.run("verify {out} --signature-only");
        assert_eq!(held.status, 0, "{store}: {}{}", held.out, held.err);
        std::fs::remove_file(office.path("out")).expect("written");
        // The list has lapsed long ago.
        let unknown = sign(store, &trust);
        assert_eq!(unknown.status, 3, "{store}: {}{}", unknown.out, unknown.err);
        assert!(!office.is_there("out"));
    }
    let revoked = sign("2026_individual_revoked", &trust);
    assert_eq!(revoked.status, 1, "{}{}", revoked.out, revoked.err);
    assert!(revoked.out.contains("certificate-revoked") && !office.is_there("out"), "{}", revoked.out);
}

#[test]
fn what_no_command_line_can_mean_is_refused() {
    for line in ["sign", "sign a --format cms", "sign a --key k --format cms --out o --password secret"] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(run(&words).status, 2, "{line}");
    }
}
