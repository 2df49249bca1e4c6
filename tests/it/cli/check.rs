//! `rastau check`, one certificate at a time.

use serde_json::Value;

use super::{demo, file, folder, read, read_text, run, run_with_input};

const AT: &str = "2026-08-20T00:00:00Z";

#[test]
fn every_demo_case_comes_out_as_its_file_says() {
    let cases: Value = serde_json::from_slice(&read("testdata/demo/cases.json")).expect("JSON");
    let mut wrong = Vec::new();
    for case in cases.as_array().expect("cases") {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut args = vec!["check".to_owned(), text(&case["certificate"]), "--json".to_owned()];
        let mut option = |name: &str, value: &Value| {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            args.extend(values.iter().filter_map(Value::as_str).flat_map(|value| [name.to_owned(), value.to_owned()]));
        };
        option("--at", &case["at"]);
        option("--trust", &case["trust"]);
        option("--intermediates", &case["intermediates"]);
        option("--crl", &case["lists"]);
        option("--purpose", &case["purpose"]);
        option("--iin", &case["identity"]["iin"]);
        option("--bin", &case["identity"]["bin"]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let run = run(&args);
        let expected = (text(&case["decision"]), text(&case["refusal"]));
        let status = match expected.0.as_str() {
            "accepted" => 0,
            "refused" => 1,
            _ => 3,
        };
        if run.outcome() != expected || run.status != status {
            wrong.push(format!("{}: {:?} with {}", case["name"], run.outcome(), run.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_demo_authority_is_trusted_without_trust_and_the_report_says_so() {
    let run = run(&["check", &demo("individual-valid.pem"), "--iin", "650615100015"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("✓ ACCEPTED\n"), "{}", run.out);
    assert!(run.out.contains("demo authority, whose keys are public"), "{}", run.out);
    assert!(run.out.contains("650615100015"), "{}", run.out);
    assert!(run.err.is_empty(), "{}", run.err);
}

#[test]
fn nothing_of_the_demo_is_trusted_beside_other_anchors() {
    let run = run(&["check", &demo("individual-valid.pem"), "--trust", &demo("stranger-root.pem"), "--json"]);
    assert_eq!(run.outcome(), ("refused".into(), "issuer-not-trusted".into()));
    assert_eq!(run.status, 1);
}

#[test]
fn a_demo_anchor_is_marked_wherever_it_comes_from() {
    let certificate = demo("individual-valid.pem");
    let run = run(&["check", &certificate, "--trust", "certs/demo-issuing-gost.pem", "--revocation", "off", "--json"]);
    assert_eq!(run.json()["demo"], true);
}

#[test]
fn the_order_of_severity_decides_the_exit_status() {
    for (certificate, extra, status) in [
        ("individual-valid.pem", &[][..], 0),
        ("individual-valid.pem", &["--iin", "720301200081"], 1),
        ("individual-valid.pem", &["--bin", "600440000019"], 1),
        ("individual-revoked.pem", &[], 1),
        ("individual-expired.pem", &[], 1),
        ("tampered-signature.pem", &[], 1),
        ("stranger-individual.pem", &[], 1),
        ("individual-valid.pem", &["--crl", "testdata/demo/demo-issuing-gost-stale.crl"], 3),
        ("individual-valid.pem", &["--crl", "testdata/demo/demo-issuing-gost-by-stranger.crl"], 3),
        ("individual-valid.pem", &["--crl", "testdata/demo/stranger-root.crl", "--revocation", "if-available"], 0),
        ("individual-revoked.pem", &["--revocation", "off"], 0),
        ("rsa-individual-auth.pem", &["--purpose", "sign"], 1),
        ("rsa-individual-auth.pem", &["--purpose", "authenticate"], 0),
        ("rsa-individual-auth.pem", &["--profile", "rfc5280"], 0),
        ("individual-valid.pem", &["--service", "scrap-metal"], 1),
        ("individual-valid.pem", &["--service", "medical-activity", "--iin", "650615100015"], 0),
    ] {
        let path = demo(certificate);
        let mut args = vec!["check", &path, "--at", AT];
        args.extend(extra);
        let run = run(&args);
        assert_eq!(run.status, status, "{certificate} {extra:?}\n{}{}", run.out, run.err);
    }
}

#[test]
fn pem_base64_and_der_from_a_file_or_a_pipe_are_the_same_certificate() {
    use base64::Engine as _;
    let pem = read(&demo("individual-valid.pem"));
    let text = String::from_utf8(pem.clone()).expect("PEM");
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(&base64).expect("base64");
    for input in [pem, base64.into_bytes(), der] {
        let run = run_with_input(&["check", "-", "--json"], &input);
        assert_eq!(run.status, 0, "{}", run.err);
    }
}

#[test]
fn a_folder_and_a_bundle_are_read_whole() {
    let folder = folder();
    let roots = read_text("certs/demo-root-gost.pem") + &read_text("certs/demo-root-rsa.pem");
    file(&folder, "roots.pem", roots.as_bytes());
    file(&folder, "README", b"no certificate");
    let lists = super::folder();
    for name in ["demo-issuing-gost.crl", "demo-root-gost.crl"] {
        file(&lists, name, &read(&demo(name)));
    }
    let trust = folder.path().to_str().expect("UTF-8");
    let lists = lists.path().to_str().expect("UTF-8");
    let issuing = "certs/demo-issuing-gost.pem";
    let args = ["check", &demo("individual-valid.pem"), "--trust", trust, "--intermediates", issuing, "--crl", lists];
    let run = run(&args);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_message_comes_in_the_language_asked_for_else_in_that_of_the_environment() {
    let path = demo("individual-revoked.pem");
    for (language, word) in [("kk", "көрсетілетін"), ("ru", "услугополучателя"), ("en", "applicant")]
    {
        let run = run(&["check", &path, "--language", language]);
        assert!(run.out.contains(word), "{language}: {}", run.out);
        let run = super::run(&["check", &path, "--language", language, "--json"]);
        assert_eq!(run.json()["refusal"]["message"], run.json()["refusal"]["messages"][language]);
    }
    let output = super::program(&["check", &path]).env("LANG", "kk_KZ.UTF-8").output().expect("starts");
    assert!(String::from_utf8(output.stdout).expect("UTF-8").contains("көрсетілетін"));
    assert!(run(&["check", &path]).out.contains("applicant"));
}

#[test]
fn what_is_piped_has_no_escape_codes_and_json_is_one_report() {
    for certificate in ["individual-valid.pem", "individual-revoked.pem"] {
        let path = demo(certificate);
        let human = run(&["check", &path]);
        assert!(!human.out.contains('\u{1b}') && !human.err.contains('\u{1b}'), "{}", human.out);
        let mut forced = super::program(&["check", &path, "--json"]);
        let output = forced.env("CLICOLOR_FORCE", "1").output().expect("starts");
        serde_json::from_slice::<Value>(&output.stdout).expect("one report, uncoloured");
    }
}

#[test]
fn colours_can_be_forced_and_forbidden() {
    let path = demo("individual-valid.pem");
    let coloured = super::program(&["check", &path]).env("CLICOLOR_FORCE", "1").output().expect("starts");
    assert!(coloured.stdout.contains(&0x1b));
    let plain =
        super::program(&["check", &path]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().expect("starts");
    assert!(!plain.stdout.contains(&0x1b));
}

#[test]
fn input_that_cannot_be_read_is_2_and_is_named() {
    let folder = folder();
    let empty = file(&folder, "empty.pem", b"");
    let garbage = file(&folder, "garbage.pem", b"\xff\xfe\x00 garbage");
    let key = file(&folder, "key.pem", b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
    let bundle = read_text(&demo("individual-valid.pem")).repeat(2);
    let bundle = file(&folder, "bundle.pem", bundle.as_bytes());
    let valid = demo("individual-valid.pem");
    let leaf = demo("individual-revoked.pem");
    let here = folder.path().to_str().expect("UTF-8");
    let table: &[(&[&str], &str)] = &[
        (&["check", "/does/not/exist.cer"], "/does/not/exist.cer"),
        (&["check", here], here),
        (&["check", &empty], "empty"),
        (&["check", &garbage], "garbage.pem"),
        (&["check", &key], "PRIVATE KEY"),
        (&["check", &bundle], "2 objects"),
        (&["check", &valid, "--trust", "/does/not/exist"], "--trust /does/not/exist"),
        (&["check", &valid, "--trust", &leaf], "--trust"),
        (&["check", &valid, "--trust", &garbage], "--trust"),
        (&["check", &valid, "--intermediates", &garbage], "--intermediates"),
        (&["check", &valid, "--crl", "/does/not/exist.crl"], "--crl /does/not/exist.crl"),
        (&["check", &valid, "--crl", &valid], "--crl"),
        (&["check", &valid, "--crl", &garbage], "--crl"),
        (&["check", &valid, "--at", "yesterday"], "--at"),
        (&["check", &valid, "--at", "2026-02-30T00:00:00Z"], "--at"),
        (&["check", &valid, "--iin", "12345678901a"], "--iin"),
        (&["check", &valid, "--bin", "1"], "--bin"),
        (&["check", &valid, "--service", "fishing"], "medical-activity"),
        (&["check", &valid, "--nonsense"], "--nonsense"),
        (&["check"], "CERT"),
        (&["check", &valid, "--batch", "x"], "--batch"),
    ];
    for (args, word) in table {
        let run = run(args);
        assert_eq!(run.status, 2, "{args:?}\n{}{}", run.out, run.err);
        assert!(run.out.is_empty(), "{args:?}: {}", run.out);
        assert!(run.err.contains(word), "{args:?}: {}", run.err);
    }
}

#[test]
fn every_unreadable_file_is_named_at_once() {
    let run = run(&["check", &demo("individual-valid.pem"), "--trust", "/no/trust", "--crl", "/no/list"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("/no/trust") && run.err.contains("/no/list"), "{}", run.err);
}

#[test]
fn bytes_that_are_der_but_no_certificate_are_refused_not_unreadable() {
    let run = run_with_input(&["check", "-", "--json"], &[0x30, 3, 2, 1, 5]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert_eq!(run.outcome(), ("refused".into(), "certificate-malformed".into()));
}

#[test]
fn certificate_policies_are_asked_for_by_options() {
    let valid = demo("individual-valid.pem");
    let check = |extra: &[&str]| {
        let mut args = vec!["check", valid.as_str(), "--json"];
        args.extend(extra);
        run(&args)
    };
    let trusted = |run: &super::Run| {
        let report = run.json();
        let checks = report["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["name"] == "trust-chain").expect("trust-chain").clone()
    };
    let policy = "1.2.398.3.3.2";
    for extra in [
        &["--initial-policy", policy][..],
        &["--initial-policy", "1.3.6.1.4.1.32473.1", "--initial-policy", policy, "--require-explicit-policy"],
        &["--require-explicit-policy", "--inhibit-policy-mapping", "--inhibit-any-policy"],
    ] {
        let run = check(extra);
        assert_eq!(run.status, 0, "{extra:?}: {}", run.err);
        assert_eq!(trusted(&run)["evidence"]["policies"], serde_json::json!([policy]), "{extra:?}");
    }
    let other = check(&["--initial-policy", "1.3.6.1.4.1.32473.1", "--require-explicit-policy"]);
    assert_eq!((other.status, other.outcome()), (1, ("refused".into(), "issuer-not-trusted".into())), "{}", other.err);
    let detail = trusted(&other)["detail"].as_str().expect("detail").to_owned();
    assert!(detail.contains("certificate policies") && detail.contains("depth 0"), "{detail}");
    let unasked = check(&["--initial-policy", "1.3.6.1.4.1.32473.1"]);
    assert_eq!(unasked.status, 0, "without a demand a set of policies refuses nobody: {}", unasked.err);
    for malformed in ["any", "1.2.398.", "", "3.1.2", "1.2.398.3.3.2; --iin"] {
        let run = check(&["--initial-policy", malformed]);
        assert_eq!(run.status, 2, "{malformed}");
        assert!(run.err.contains("--initial-policy"), "{malformed}: {}", run.err);
    }
}

#[test]
fn a_list_that_does_not_hold_is_not_passed_over_even_when_none_is_demanded() {
    let ask = |list: &str| {
        run(&[
            "check",
            &demo("individual-valid.pem"),
            "--at",
            AT,
            "--trust",
            "certs/demo-root-gost.pem",
            "--intermediates",
            "certs/demo-issuing-gost.pem",
            "--crl",
            &demo("demo-root-gost.crl"),
            "--crl",
            &demo(list),
            "--revocation",
            "if-available",
            "--json",
        ])
        .outcome()
    };
    assert_eq!(ask("demo-issuing-gost.crl").0, "accepted");
    assert_eq!(ask("demo-issuing-gost-by-stranger.crl"), ("undetermined".to_owned(), "revocation-unknown".to_owned()));
}
