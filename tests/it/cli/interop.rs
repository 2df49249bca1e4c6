//! The rows about certificates and lists of the National CA's test material, from the command line.

use super::run;

/// Certificate, anchor, moment, further options, exit status, code of the refusal.
type Row<'a> = (&'a str, &'a str, &'a str, &'a [&'a str], i32, &'a str);

fn folder() -> Option<String> {
    crate::interop::folder().and_then(|folder| folder.to_str().map(str::to_owned))
}

#[test]
fn every_certificate_and_list_is_well_formed() {
    let Some(folder) = folder() else { return };
    for kind in ["certs", "crl"] {
        for entry in std::fs::read_dir(format!("{folder}/{kind}")).expect("a folder") {
            let path = entry.expect("a file").path();
            let run = run(&["inspect", "--strict", path.to_str().expect("UTF-8")]);
            assert_eq!(run.status, 0, "{}: {}", path.display(), run.err);
        }
    }
}

#[test]
fn every_list_is_good_under_its_issuer_and_bad_under_another() {
    let Some(folder) = folder() else { return };
    for (list, issuer, entries, number) in [
        ("nca_gost2022_test_2026-08.crl", "nca_gost2022_test.cer", 195, Some(166)),
        ("nca_gost2022_test_2025-04.crl", "nca_gost2022_test.cer", 54, Some(14)),
        ("nca_gost2022_d_test_2025-04_DELTA.crl", "nca_gost2022_test.cer", 0, Some(10)),
        ("nca_gost_test_2004gost_2022-03.crl", "nca_gost_test_2004.cer", 31, None),
    ] {
        let list = format!("{folder}/crl/{list}");
        let shown = run(&["crl", "show", &list, "--issuer", &format!("{folder}/certs/{issuer}"), "--json"]);
        assert_eq!(shown.status, 0, "{list}: {}{}", shown.out, shown.err);
        let json = shown.json();
        assert_eq!((&json["signature"], &json["entries"]), (&"good".into(), &entries.into()), "{list}");
        if let Some(number) = number {
            assert_eq!(json["number"].as_u64(), Some(number), "{list}");
        }
        let stranger = format!("{folder}/certs/root_test_gost_2022.cer");
        assert_eq!(run(&["crl", "show", &list, "--issuer", &stranger]).status, 1, "{list}");
    }
}

#[test]
fn certificates_come_out_as_the_table_says() {
    let Some(folder) = folder() else { return };
    let august = "2026-08-20T00:00:00Z";
    let list = format!("{folder}/crl/nca_gost2022_test_2026-08.crl");
    let table: &[Row<'_>] = &[
        ("individual_signer.cer", "nca_gost2022_test.cer", august, &["--crl", &list, "--iin", "123456789011"], 0, ""),
        (
            "individual_signer.cer",
            "nca_gost2022_test.cer",
            august,
            &["--crl", &list, "--iin", "123456789012"],
            1,
            "identity-mismatch",
        ),
        (
            "individual_signer.cer",
            "nca_gost2022_test.cer",
            august,
            &["--crl", &list, "--bin", "123456789021"],
            1,
            "identity-missing",
        ),
        ("individual_signer.cer", "nca_gost2022_test.cer", august, &[], 3, "revocation-unknown"),
        (
            "individual_signer.cer",
            "nca_gost2022_test.cer",
            "2027-06-01T00:00:00Z",
            &["--crl", &list],
            1,
            "certificate-expired",
        ),
        (
            "individual_signer.cer",
            "nca_gost2022_test.cer",
            "2026-01-01T00:00:00Z",
            &["--crl", &list],
            1,
            "certificate-not-yet-valid",
        ),
        ("individual_signer.cer", "nca_rsa_test.cer", august, &["--crl", &list], 1, "issuer-not-trusted"),
        ("legal_entity_signer.cer", "nca_gost2022_test.cer", august, &["--crl", &list, "--bin", "123456789021"], 0, ""),
        (
            "individual_valid_sign_2004_rsa.cer",
            "nca_rsa_test.cer",
            "2022-06-01T00:00:00Z",
            &["--revocation", "off"],
            0,
            "",
        ),
        (
            "individual_valid_sign_2004_rsa_auth.cer",
            "nca_rsa_test.cer",
            "2022-06-01T00:00:00Z",
            &["--revocation", "off", "--purpose", "authenticate"],
            0,
            "",
        ),
        (
            "individual_valid_sign_2004_rsa_auth.cer",
            "nca_rsa_test.cer",
            "2022-06-01T00:00:00Z",
            &["--revocation", "off", "--purpose", "sign"],
            1,
            "key-usage-not-allowed",
        ),
        (
            "ceo_valid_sign_2004_gost.cer",
            "nca_gost_test_2004.cer",
            "2022-06-01T00:00:00Z",
            &["--revocation", "off"],
            0,
            "",
        ),
        (
            "ceo_valid_sign_2004_gost.cer",
            "nca_gost_test_2004.cer",
            "2026-06-01T00:00:00Z",
            &["--revocation", "off"],
            1,
            "certificate-expired",
        ),
        (
            "nca_gost2022_test.cer",
            "root_test_gost_2022.cer",
            august,
            &["--revocation", "off", "--profile", "rfc5280"],
            0,
            "",
        ),
    ];
    for (certificate, anchor, at, more, status, code) in table {
        let certificate = format!("{folder}/certs/{certificate}");
        let anchor = format!("{folder}/certs/{anchor}");
        let mut args = vec!["check", &certificate, "--trust", &anchor, "--at", at, "--json"];
        args.extend(*more);
        let run = run(&args);
        assert_eq!((run.status, run.outcome().1.as_str()), (*status, *code), "{args:?}: {}{}", run.out, run.err);
    }
}
