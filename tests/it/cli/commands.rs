//! The other commands: inspect, crl, signature, config, help.

use std::process::Stdio;

use super::{demo, file, folder, program, read, read_text, run, run_with_input};

#[test]
fn help_and_version_are_answers_not_errors() {
    for args in [&["--help"][..], &["--version"], &["check", "--help"], &["crl", "show", "--help"], &["help"]] {
        let run = run(args);
        assert_eq!(run.status, 0, "{args:?}");
        assert!(!run.out.is_empty() && run.err.is_empty(), "{args:?}");
    }
    assert_eq!(run(&["--version"]).out.trim(), format!("rastau {}", rastau::VERSION));
    let help = run(&["--help"]).out;
    assert!(help.contains("Examples:") && help.contains("Exit status"), "{help}");
}

#[test]
fn unknown_commands_and_options_are_2() {
    for args in [&["verify", "x"][..], &["nonsense"], &["crl"], &["config"], &["serve", "x"], &["inspect"]] {
        let run = run(args);
        assert_eq!(run.status, 2, "{args:?}");
        assert!(!run.err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = program(&["inspect", &demo("individual-valid.pem")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn inspect_shows_a_certificate_with_every_extension() {
    let path = demo("right-to-sign-valid.pem");
    let human = run(&["inspect", &path]);
    assert_eq!(human.status, 0, "{}", human.err);
    for word in ["gost-34.10-2015-512", "SHA-256", "extKeyUsage (critical)", "keyUsage:", "right-to-sign", "BIN"] {
        assert!(human.out.contains(word), "{word}: {}", human.out);
    }
    let json = run(&["inspect", &path, "--json"]).json();
    assert_eq!(json["kind"], "certificate");
    assert_eq!(json["identity"]["bin"], "600440000019");
    assert!(json["extensions"].as_array().is_some_and(|all| all.len() >= 6), "{json}");
}

#[test]
fn inspect_warns_of_what_makes_a_certificate_useless() {
    for (name, word) in [
        ("look-alike-iin.pem", "matches nobody"),
        ("two-iins.pem", "matches nobody"),
        ("rsa-individual-sha1.pem", "sha1"),
    ] {
        let run = run(&["inspect", &demo(name)]);
        assert_eq!(run.status, 0, "{name}: {}", run.err);
        assert!(run.out.contains(word), "{name}: {}", run.out);
    }
}

#[test]
fn inspect_shows_a_list_and_a_bundle() {
    let list = run(&["inspect", &demo("demo-issuing-gost.crl"), "--json"]).json();
    assert_eq!((&list["kind"], &list["entries"]), (&"revocation-list".into(), &3.into()));
    assert_eq!(list["first_entries"].as_array().map(Vec::len), Some(3), "{list}");
    assert!(list["first_entries"][0]["reason"].is_string(), "{list}");
    let bundle = read_text("certs/demo-root-gost.pem") + &read_text("certs/demo-root-rsa.pem");
    let run = run_with_input(&["inspect", "-", "--json"], bundle.as_bytes());
    let objects = run.json();
    assert_eq!(objects["objects"].as_array().map(Vec::len), Some(2), "{objects}");
    let human = run_with_input(&["inspect", "-"], bundle.as_bytes());
    assert_eq!(human.out.matches("Certificate (version 3").count(), 2, "{}", human.out);
}

#[test]
fn strict_is_0_for_what_is_well_formed_and_2_for_the_rest() {
    for good in [demo("individual-valid.pem"), demo("demo-issuing-gost.crl"), "certs/demo-root-rsa.pem".to_owned()] {
        let run = run(&["inspect", "--strict", &good]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{good}: {}", run.err);
    }
    let list = read(&demo("demo-issuing-gost.crl"));
    let cut = list[..list.len() - 1].to_vec();
    let longer = [list, vec![0]].concat();
    let bundle =
        read_text("certs/demo-root-gost.pem") + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for (bad, word) in [
        (cut, "seems to be"),
        (longer, "revocation list"),
        (b"%PDF-1.7 and so on".to_vec(), "PDF"),
        (b"PK\x03\x04".to_vec(), "ZIP"),
        (b"<?xml version='1.0'?><a/>".to_vec(), "XML"),
        (b"hello".to_vec(), "neither"),
        (vec![], "empty"),
        (vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff], "neither"),
        (bundle.into_bytes(), "object 2"),
    ] {
        let run = run_with_input(&["inspect", "--strict", "-"], &bad);
        assert_eq!(run.status, 2, "{word}");
        // A cut list is not DER any more: whatever is said, it is not called well-formed.
        assert!(word == "seems to be" || run.err.contains(word), "{word}: {}", run.err);
    }
}

#[test]
fn crl_show_verifies_and_measures() {
    let list = demo("demo-issuing-gost.crl");
    let good = run(&["crl", "show", &list, "--issuer", "certs/demo-issuing-gost.pem", "--json"]);
    assert_eq!(good.status, 0, "{}", good.err);
    let json = good.json();
    assert_eq!((&json["entries"], &json["signature"]), (&3.into(), &"good".into()));
    for (key, value) in json.as_object().expect("an object") {
        let number = ["read_ms", "hash_ms", "index_ms", "index_bytes", "entries", "number"].contains(&key.as_str());
        assert!(!value.is_null() && number == value.is_number(), "{key} = {value}");
    }
    let stranger = demo("demo-issuing-gost-by-stranger.crl");
    for (list, issuer) in [(&stranger, "certs/demo-issuing-gost.pem"), (&list, "certs/demo-root-rsa.pem")] {
        let bad = run(&["crl", "show", list, "--issuer", issuer, "--json"]);
        assert_eq!(bad.status, 1, "{}", bad.err);
        assert_eq!(bad.json()["signature"], "bad");
        assert_eq!(run(&["crl", "show", list, "--issuer", issuer]).status, 1);
    }
    let leaf = demo("individual-valid.pem");
    for (list, issuer) in [
        ("/no/list.crl", "certs/demo-root-gost.pem"),
        (&list, "/no/issuer.cer"),
        (&leaf, "certs/demo-root-gost.pem"),
        (&list, &list),
    ] {
        assert_eq!(run(&["crl", "show", list, "--issuer", issuer]).status, 2, "{list} {issuer}");
    }
}

/// Key, message and signature out of the demo: a certificate is a signed message of its issuer.
#[test]
fn signature_check_says_good_bad_or_unreadable() {
    use rastau::crypto::{HashAlgorithm, Hasher};
    use rastau::der::armour::{Label, decode_one};
    use rastau::x509::Certificate;
    let folder = folder();
    for (name, issuer, gost) in [
        ("individual-valid.pem", "certs/demo-issuing-gost.pem", true),
        ("rsa-individual-sign.pem", "certs/demo-issuing-rsa.pem", false),
    ] {
        let der = decode_one(&read(&demo(name)), Label::Certificate).expect("PEM");
        let certificate = Certificate::from_der(&der).expect("a certificate");
        let message = file(&folder, "message", certificate.tbs());
        let other = file(&folder, "other", b"other");
        let signature = file(&folder, "signature", certificate.signature());
        let empty = file(&folder, "empty", b"");
        let short = file(&folder, "short", &certificate.signature()[1..]);
        let args = ["signature", "check", "--public-key", issuer, "--signature"];
        let check = |more: &[&str]| run(&[&args[..], more].concat());
        assert_eq!(check(&[&signature, "--message", &message]).status, 0, "{name}");
        assert_eq!(check(&[&signature, "--message", &other]).status, 1, "{name}");
        assert_eq!(check(&[&short, "--message", &message]).status, 1, "{name}");
        let of_nothing = run_with_input(&[&args[..], &[&signature, "--message", "-"]].concat(), b"");
        assert_eq!(of_nothing.status, 1, "an empty message is one: {}", of_nothing.err);
        assert_eq!(check(&[&signature, "--message", "/no/message"]).status, 2);
        assert_eq!(check(&["/no/signature", "--message", &message]).status, 2);
        let mut hasher = Hasher::new(if gost { HashAlgorithm::Streebog512 } else { HashAlgorithm::Sha256 });
        hasher.update(certificate.tbs());
        let hex: String = hasher.finish().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let by_digest = check(&[&signature, "--digest", &hex]);
        assert_eq!(by_digest.status, 0, "{}", by_digest.err);
        assert_eq!(check(&[&signature, "--digest", &"00".repeat(hex.len() / 2)]).status, 1);
        assert_eq!(check(&[&empty, "--message", &message]).status, 1, "an empty signature is a bad one");
        for digest in ["", "0", "zz", "00"] {
            assert_eq!(check(&[&signature, "--digest", digest]).status, 2, "{digest:?}");
        }
        for algorithm in ["x", "1.2.840.113549.1.1.5", "2.25.1", "1.3.101.112"] {
            let run = check(&[&signature, "--message", &message, "--algorithm", algorithm]);
            assert_eq!(run.status, 2, "{algorithm}");
            assert!(run.err.contains("--algorithm"), "{}", run.err);
        }
    }
    let junk = file(&folder, "junk", &[0x30, 0]);
    let run = run(&["signature", "check", "--public-key", &junk, "--signature", &junk, "--message", &junk]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("--public-key"), "{}", run.err);
}

#[test]
fn config_check_names_every_key_that_is_wrong() {
    let folder = folder();
    let good = run(&["config", "check"]);
    assert_eq!(good.status, 0, "{}", good.err);
    assert!(good.out.contains("http.listen") && good.out.contains("demo"), "{}", good.out);
    let bad = file(
        &folder,
        "bad.toml",
        b"[http]\nlisten = \"nowhere\"\nunknown = 1\n[trust]\nanchors = [\"/no/anchor.pem\"]\n",
    );
    let run_bad = run(&["config", "check", "--config", &bad]);
    assert_eq!(run_bad.status, 2);
    for word in ["http.listen", "http.unknown", "remedy:"] {
        assert!(run_bad.err.contains(word), "{word}: {}", run_bad.err);
    }
    let root = format!("{}/certs/demo-root-gost.pem", env!("CARGO_MANIFEST_DIR"));
    let demo = file(&folder, "demo.toml", format!("[trust]\nanchors = [{root:?}]\n").as_bytes());
    let run_demo = run(&["config", "check", "--config", &demo]);
    assert_eq!(run_demo.status, 2, "a demo anchor is refused outside the demo");
    assert!(run_demo.err.contains("demo"), "{}", run_demo.err);
    let keys = run(&["config", "check", "--keys"]);
    assert!(keys.status == 0 && keys.out.contains("revocation.mode"), "{}", keys.out);
}

#[test]
fn config_check_says_when_what_is_configured_cannot_serve() {
    let folder = folder();
    let root = env!("CARGO_MANIFEST_DIR");
    let check = |name: &str, list: &str| {
        let text = format!(
            "[trust]\nanchors = [\"{root}/testdata/demo/stranger-root.pem\"]\n\
             [[revocation.list]]\npath = \"{root}/testdata/demo/{list}\"\n"
        );
        run(&["config", "check", "--config", &file(&folder, name, text.as_bytes())])
    };
    let good = check("good.toml", "stranger-root.crl");
    assert_eq!(good.status, 0, "{}{}", good.out, good.err);
    assert!(good.out.contains("The configuration is good."), "{}", good.out);
    let foreign = check("foreign.toml", "demo-root-rsa.crl");
    assert_eq!(foreign.status, 1, "{}{}", foreign.out, foreign.err);
    assert!(foreign.out.contains("not ready:") && !foreign.out.contains("is good"), "{}", foreign.out);
}

#[test]
fn inspect_shows_an_ocsp_response() {
    use rastau_mint::authority::Authority;
    use rastau_mint::key::Key;
    use rastau_mint::ocsp::{ResponseBuilder, Single, error_status, good, revoked};
    let authority = Authority::root("СЫНАҚ КО", Key::p256("inspect"));
    let response = |status| {
        let single = Single::new(authority.cert_id(&[0x21; 20]), status, "2026-08-20T12:00:00Z");
        let builder = ResponseBuilder::new(&authority.name, "2026-08-20T12:00:00Z").nonce(&[4, 1, 7]);
        builder.answer(single.until("2026-08-21T12:00:00Z")).sign(&authority.key)
    };
    let der = response(revoked("2026-06-02T09:15:00Z", Some(4)));
    let human = run_with_input(&["inspect", "-"], &der);
    assert_eq!(human.status, 0, "{}", human.err);
    for word in
        ["СЫНАҚ КО", "revoked 2026-06-02T09:15:00Z, superseded", "2026-08-21T12:00:00Z", "ocsp-nonce", "sha-256"]
    {
        assert!(human.out.contains(word), "{word}: {}", human.out);
    }
    let json = run_with_input(&["inspect", "-", "--json"], &der).json();
    assert_eq!((&json["kind"], &json["status"]), (&"ocsp-response".into(), &"successful".into()), "{json}");
    assert_eq!(json["answers"][0]["reason"], "superseded");
    assert_eq!(json["answers"][0]["serial_number"], "21".repeat(20));
    let never = run_with_input(&["inspect", "-", "--json"], &response(revoked("1970-01-01T00:00:00Z", Some(6)))).json();
    assert_eq!(never["answers"][0]["status"], "never issued");
    let later = run_with_input(&["inspect", "-", "--json"], &error_status(3)).json();
    assert_eq!((&later["status"], &later["answers"]), (&"tryLater".into(), &serde_json::Value::Null));
    let strict = |der: &[u8]| run_with_input(&["inspect", "--strict", "-"], der).status;
    let good = response(good());
    let reserved = [0x30, 3, 0x0a, 1, 4];
    assert_eq!([&good[..], &error_status(6), &good[..good.len() - 1], &reserved].map(strict), [0, 0, 2, 2]);
}

#[test]
fn inspect_shows_a_key_store_outside_and_with_the_password_inside_but_never_the_key() {
    use rastau_mint::authority::Authority;
    use rastau_mint::key::Key;

    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = Key::gost512("inspected");
    let authority = Authority::root("СЫНАҚ КО", Key::p256("inspect"));
    let iin = rastau_mint::identity::iin("650615", false, 1);
    let certificate = authority.issue(rastau_mint::certificate::CertificateBuilder::individual(&iin).key(&key));
    let store = rastau_mint::pkcs12::KeyStore::new("Qwerty12");
    let store = store.key(&key.pkcs8(), Some("подпись"), Some(&[0xab])).certificate(&certificate, None, Some(&[0xab]));
    let path = write("key.p12", &store.encode());
    let (right, wrong) = (write("right", b"Qwerty12\n"), write("wrong", b"qwerty12\n"));

    let outside = run(&["inspect", &path]);
    assert_eq!(outside.status, 0, "{}", outside.err);
    for part in
        ["PKCS#12", "HMAC-SHA-1, 1024 iterations", "pbeWithSHAAnd3-KeyTripleDES-CBC", "подпись", "--password-file"]
    {
        assert!(outside.out.contains(part), "{part}: {}", outside.out);
    }
    assert!(!outside.out.contains("650615"), "{}", outside.out);
    let inside = run(&["inspect", &path, "--password-file", &right]);
    assert!(inside.out.contains("gost-34.10-2015-512") && inside.out.contains(&iin), "{}", inside.out);
    let json = run(&["inspect", &path, "--password-file", &right, "--json"]).json();
    assert_eq!((json["kind"].as_str(), json["mac_iterations"].as_u64()), (Some("key-store"), Some(1024)));
    assert_eq!(json["contents"]["keys"][0]["algorithm"], "gost-34.10-2015-512");
    assert_eq!(json["contents"]["keys"][0]["certificate"], json["contents"]["certificates"][0]["serial_number"]);

    let refused = run(&["inspect", &path, "--password-file", &wrong]);
    assert!(refused.status == 2 && refused.err.contains("the password is wrong"), "{}", refused.err);
    let absent = run(&["inspect", &path, "--password-file", "/nowhere/at/all"]);
    assert!(absent.status == 2 && absent.err.contains("/nowhere/at/all"), "{}", absent.err);
    for run in [&outside, &inside, &refused, &absent] {
        assert!(!run.out.contains("Qwerty12") && !run.err.contains("werty12"), "{}{}", run.out, run.err);
    }
    assert_eq!(run(&["inspect", "--strict", &path]).status, 0);
    assert_eq!(run(&["inspect", "--strict", &write("cut.p12", &store.encode()[..900])]).status, 2);
}

#[test]
fn a_new_token_is_alone_on_standard_output_and_its_hash_can_be_pasted() {
    let (first, second) = (run(&["token", "new", "--client", "portal"]), run(&["token", "new"]));
    assert_eq!((first.status, second.status), (0, 0), "{}", first.err);
    let token = first.out.strip_suffix('\n').expect("one line");
    assert!(token.starts_with("rastau_") && token.len() == 71 && first.out != second.out, "{}", first.out);
    assert!(!first.err.contains(token), "{}", first.err);
    let digest = first.err.split('"').find(|word| word.len() == 64).expect("a digest");
    assert!(first.err.contains("name = \"portal\"\n") && first.err.contains(&format!("portal {digest}\n")));
    // What is printed is what the configuration takes.
    let folder = folder();
    let lines: Vec<_> = first.err.lines().filter(|line| line.contains(" = ")).collect();
    let toml = format!("[trust]\ndemo = true\n[[access.client]]\nroles = [\"portal\"]\n{}\n", lines.join("\n"));
    let config = file(&folder, "rastau.toml", toml.as_bytes());
    let checked = run(&["config", "check", "--config", &config]);
    assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
    assert!(checked.out.contains("access.client = portal") && !checked.out.contains(digest), "{}", checked.out);
}

#[test]
fn files_of_access_are_looked_at_by_config_check_and_serve() {
    let folder = folder();
    file(&folder, "tokens", b"portal not-a-digest\n");
    let toml = b"[trust]\ndemo = true\n[access]\ntokens = \"tokens\"\n[[access.client]]\nname = \"portal\"\nroles = [\"portal\"]\n";
    let config = file(&folder, "rastau.toml", toml);
    for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let run = run(&[command, &["--config", &config]].concat());
        assert_eq!(run.status, 2, "{command:?}: {}", run.err);
        assert!(run.err.contains("line 1: not a SHA-256") && !run.err.contains("not-a-digest"), "{}", run.err);
    }
}
