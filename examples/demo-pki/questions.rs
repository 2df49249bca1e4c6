//! The questions themselves, and what rastau must answer.

use serde_json::{Value, json};

use crate::cases::{Case, INTERMEDIATES};
use crate::leaves::{head, holder, organisation, other_holder, other_organisation};

const STRANGER: &[&str] = &["testdata/demo/stranger-root.pem"];
const REVOKED_AUTHORITY: &[&str] = &["testdata/demo/revoked-authority.pem"];

pub fn all() -> Vec<Case> {
    [individuals(), organisations(), evidence(), rsa(), odd()].into_iter().flatten().collect()
}

fn individuals() -> Vec<Case> {
    let iin = || json!({"iin": holder()});
    let valid = "individual-valid";
    vec![
        Case::new("valid", valid, iin(), Ok(()), "everything is in order"),
        Case {
            at: "2040-01-01T00:00:00Z",
            ..Case::new("valid-in-2040", valid, iin(), Ok(()), "the demo still works in 2040")
        },
        Case::new("valid-nobody-asked-for", valid, Value::Null, Ok(()), "no identity in the question, none compared"),
        Case {
            purpose: "authenticate",
            ..Case::new("valid-to-log-in", valid, iin(), Ok(()), "one GOST key signs and authenticates")
        },
        Case::new(
            "wrong-iin",
            valid,
            json!({"iin": other_holder()}),
            Err("identity-mismatch"),
            "the certificate is somebody else's",
        ),
        Case::new(
            "bin-of-an-individual",
            valid,
            json!({"bin": organisation()}),
            Err("identity-missing"),
            "an individual's certificate has no BIN",
        ),
        Case::new("revoked", "individual-revoked", iin(), Err("certificate-revoked"), "in the list, keyCompromise"),
        Case::new(
            "on-hold",
            "individual-on-hold",
            iin(),
            Err("certificate-revoked"),
            "a hold is a revocation until it is lifted",
        ),
        Case::new("expired", "individual-expired", iin(), Err("certificate-expired"), "lapsed 2023-01-01"),
        Case::new(
            "not-yet-valid",
            "individual-not-yet-valid",
            iin(),
            Err("certificate-not-yet-valid"),
            "begins in 2049",
        ),
    ]
}

fn organisations() -> Vec<Case> {
    let bin = || json!({"bin": organisation()});
    let both = || json!({"iin": head(), "bin": organisation()});
    vec![
        Case::new("head", "legal-head-valid", bin(), Ok(()), "the head signs for the organisation"),
        Case::new("head-by-both-numbers", "legal-head-valid", both(), Ok(()), "IIN and BIN both match"),
        Case::new(
            "head-of-another-organisation",
            "legal-head-valid",
            json!({"bin": other_organisation()}),
            Err("identity-mismatch"),
            "another BIN",
        ),
        Case::new(
            "head-right-bin-wrong-iin",
            "legal-head-valid",
            json!({"iin": holder(), "bin": organisation()}),
            Err("identity-mismatch"),
            "one of two numbers is wrong",
        ),
        Case::new(
            "head-revoked",
            "legal-head-revoked",
            bin(),
            Err("certificate-revoked"),
            "in the list, affiliationChanged",
        ),
        Case::new("employee", "legal-employee-valid", bin(), Ok(()), "no service is named, so no role is asked for"),
        Case::new(
            "right-to-sign",
            "right-to-sign-valid",
            bin(),
            Ok(()),
            "a critical extKeyUsage is known and no obstacle",
        ),
        Case::new("digital-system", "digital-system-valid", bin(), Ok(()), "a system has a BIN and needs no IIN"),
        Case::new(
            "digital-system-as-a-person",
            "digital-system-valid",
            json!({"iin": holder()}),
            Err("identity-missing"),
            "a system has no IIN",
        ),
    ]
}

fn evidence() -> Vec<Case> {
    let iin = || json!({"iin": holder()});
    let valid = "individual-valid";
    let unknown = Err("revocation-unknown");
    vec![
        Case { lists: &[], ..Case::new("no-list", valid, iin(), unknown, "no list at all") },
        Case {
            lists: &["demo-issuing-gost"],
            ..Case::new("no-list-of-the-root", valid, iin(), unknown, "the issuing CA's own status is unknown")
        },
        Case {
            lists: &["demo-issuing-rsa", "demo-root-gost"],
            ..Case::new("list-of-another-authority", valid, iin(), unknown, "the leaf's issuer has no list")
        },
        Case {
            lists: &["demo-issuing-gost-stale", "demo-root-gost"],
            ..Case::new("stale-list", valid, iin(), unknown, "a lapsed list proves nothing good")
        },
        Case {
            lists: &["demo-issuing-gost-stale", "demo-root-gost"],
            ..Case::new(
                "revoked-in-a-stale-list",
                "legal-head-revoked",
                json!({"bin": organisation()}),
                Err("certificate-revoked"),
                "revoked in a lapsed list is still revoked",
            )
        },
        Case {
            lists: &["demo-issuing-gost-by-stranger", "demo-root-gost"],
            ..Case::new("list-signed-by-a-stranger", valid, iin(), unknown, "the list's signature is not its issuer's")
        },
        Case {
            lists: &["demo-issuing-gost-by-stranger", "demo-issuing-gost", "demo-root-gost"],
            ..Case::new(
                "stranger-beside-the-real-list",
                "individual-revoked",
                iin(),
                Err("certificate-revoked"),
                "the forged list, with its higher number, does not hide the real one",
            )
        },
        Case {
            intermediates: &[],
            ..Case::new("no-intermediate", valid, iin(), Err("issuer-not-trusted"), "no chain can be built")
        },
        Case {
            anchors: STRANGER,
            intermediates: INTERMEDIATES,
            ..Case::new(
                "only-the-stranger-trusted",
                valid,
                iin(),
                Err("issuer-not-trusted"),
                "the chain ends at no anchor",
            )
        },
        Case::new("stranger", "stranger-individual", iin(), Err("issuer-not-trusted"), "nobody trusts its root"),
        Case {
            anchors: STRANGER,
            intermediates: &[],
            lists: &["stranger-root"],
            ..Case::new(
                "stranger-trusted",
                "stranger-individual",
                iin(),
                Ok(()),
                "trust is configuration: a root may issue leaves",
            )
        },
        Case {
            intermediates: REVOKED_AUTHORITY,
            lists: &["demo-root-gost", "revoked-authority"],
            ..Case::new(
                "revoked-authority",
                "individual-of-revoked-authority",
                iin(),
                Err("certificate-revoked"),
                "the issuing CA is in the root's list",
            )
        },
    ]
}

fn rsa() -> Vec<Case> {
    let iin = || json!({"iin": holder()});
    let (sign, auth) = ("rsa-individual-sign", "rsa-individual-auth");
    let wrong_use = Err("key-usage-not-allowed");
    vec![
        Case::new("rsa-sign", sign, iin(), Ok(()), "keyUsage c0 signs"),
        Case { purpose: "any", ..Case::new("rsa-sign-for-anything", sign, iin(), Ok(()), "no purpose is asked for") },
        Case {
            purpose: "authenticate",
            ..Case::new("rsa-sign-to-log-in", sign, iin(), wrong_use, "the RSA pairs had a key of its own for that")
        },
        Case {
            purpose: "authenticate",
            ..Case::new("rsa-auth-to-log-in", auth, iin(), Ok(()), "keyUsage a0 and clientAuth authenticate")
        },
        Case::new("rsa-auth-to-sign", auth, iin(), wrong_use, "keyUsage a0 lacks nonRepudiation"),
        Case::new(
            "rsa-sha1",
            "rsa-individual-sha1",
            iin(),
            Err("algorithm-not-allowed"),
            "SHA-1 is recognised and refused",
        ),
    ]
}

fn odd() -> Vec<Case> {
    let iin = || json!({"iin": holder()});
    let nameless = Err("identity-missing");
    vec![
        Case::new(
            "tampered",
            "tampered-signature",
            iin(),
            Err("signature-invalid"),
            "the issuer's key does not verify the signature",
        ),
        Case::new("look-alike", "look-alike-iin", iin(), nameless, "the letters are Cyrillic: this is no IIN"),
        Case::new("two-iins-first", "two-iins", iin(), nameless, "two IINs are none"),
        Case::new(
            "two-iins-second",
            "two-iins",
            json!({"iin": other_holder()}),
            nameless,
            "two IINs are none, whichever is asked for",
        ),
        Case::new(
            "unknown-critical",
            "unknown-critical-extension",
            iin(),
            Err("certificate-malformed"),
            "RFC 5280 section 4.2: reject what is critical and unknown",
        ),
    ]
}
