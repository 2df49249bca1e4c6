//! Real certificates and lists of the National CA's test systems, where the machine has them.
//!
//! They are public but not ours to publish: the folder is named by `RASTAU_INTEROP`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rastau::clock::Time;
use rastau::crypto::{KeyAlgorithm, SignatureAlgorithm};
use rastau::der::armour::{self, Label};
use rastau::policy::RevocationRule;
use rastau::policy::{Policy, Purpose};
use rastau::revocation::{ParsedList, Snapshot, Source, Status};
use rastau::service::{CheckRequest, Grounds, Lists};
use rastau::subject::{Role, Subject};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::x509::Certificate;
use serde_json::{Value, json};

use crate::demo::service;

/// The folder of real data, or nothing and a word about it.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("RASTAU_INTEROP").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: RASTAU_INTEROP names no folder with certificates of the National CA's test systems");
    }
    folder
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    let bytes = fs::read(folder.join("certs").join(name)).unwrap();
    Certificate::from_der(&armour::decode_one(&bytes, Label::Certificate).unwrap()).unwrap()
}

fn list(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join("crl").join(name)).unwrap()
}

fn grounds(folder: &Path, anchors: &[&str], intermediates: &[&str], lists: &[&str], now: Time) -> Grounds {
    let mut builder = Pool::builder();
    for name in anchors {
        builder = builder.anchor(Anchor::new(certificate(folder, name), Purposes::ALL, false));
    }
    for name in intermediates {
        builder = builder.intermediate(certificate(folder, name));
    }
    let pool = Arc::new(builder.build());
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let (snapshot, rejected) = Snapshot::read(lists.iter().map(|name| list(folder, name)), &issuers, now);
    assert!(rejected.is_empty(), "{rejected:?}");
    Grounds::new(pool, Lists::Fixed(Arc::new(snapshot)))
}

fn check(
    folder: &Path,
    name: &str,
    grounds: &Grounds,
    at: &str,
    purpose: Purpose,
    revocation: RevocationRule,
    identity: Option<Value>,
) -> Value {
    let now: Time = at.parse().unwrap();
    let service = service(grounds.clone(), now);
    let text = String::from_utf8(fs::read(folder.join("certs").join(name)).unwrap()).unwrap_or_else(|_| {
        use std::fmt::Write as _;
        // DER goes over the wire as base64.
        let der = fs::read(folder.join("certs").join(name)).unwrap();
        let mut text = String::new();
        write!(text, "{}", base64(&der)).unwrap();
        text
    });
    let mut request = json!({ "certificate": text, "at": at });
    if let Some(identity) = identity {
        request["identity"] = identity;
    }
    let request: CheckRequest = serde_json::from_value(request).unwrap();
    let policy = Policy { revocation, ..Policy::kz(purpose) };
    let prepared = service.prepare_under(request, policy, service.grounds()).unwrap();
    serde_json::to_value(service.check(prepared)).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn outcome(report: &Value) -> (&str, Option<&str>) {
    (report["decision"].as_str().unwrap(), report["refusal"]["code"].as_str())
}

#[test]
fn the_test_root_and_its_issuing_authority_make_a_chain() {
    let Some(folder) = folder() else { return };
    let root = certificate(&folder, "root_test_gost_2022.cer");
    let issuing = certificate(&folder, "nca_gost2022_test.cer");
    for signed in [&root, &issuing] {
        let algorithm = signed.signature_algorithm().unwrap();
        assert_eq!(algorithm, SignatureAlgorithm::Gost2015_512);
        let key = root.public_key().unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::Gost2015_512);
        key.verify(algorithm, signed.tbs(), signed.signature()).unwrap();
        let mut changed = signed.tbs().to_vec();
        changed[40] ^= 1;
        assert!(key.verify(algorithm, &changed, signed.signature()).is_err());
    }
}

#[test]
fn bare_base64_leaves_of_2026_are_accepted_against_the_list_of_august() {
    let Some(folder) = folder() else { return };
    let at = "2026-08-20T00:00:00Z";
    let grounds = grounds(
        &folder,
        &["root_test_gost_2022.cer"],
        &["nca_gost2022_test.cer"],
        &["nca_gost2022_test_2026-08.crl"],
        at.parse().unwrap(),
    );
    for (name, identity) in [
        ("individual_signer.cer", json!({"iin": "123456789011"})),
        ("legal_entity_signer.cer", json!({"bin": "123456789021"})),
    ] {
        let purpose = Purpose::Sign;
        let report = |rule, identity| check(&folder, name, &grounds, at, purpose, rule, identity);
        // The root's own list is not among the data, so the issuing authority's status is open when it is required.
        let strict = report(RevocationRule::Required, Some(identity.clone()));
        assert_eq!(outcome(&strict), ("undetermined", Some("revocation-unknown")), "{name}");
        let report_if_available = report(RevocationRule::IfAvailable, Some(identity));
        assert_eq!(outcome(&report_if_available), ("accepted", None), "{name}: {report_if_available:#}");
        let other = report(RevocationRule::IfAvailable, Some(json!({"iin": "650615100015"})));
        assert_eq!(outcome(&other).0, "refused", "{name}");
        // With the issuing authority as the anchor, nothing above it has to be looked up.
        let trusted = grounds_of_issuing(&folder, at);
        let direct = check(&folder, name, &trusted, at, purpose, RevocationRule::Required, None);
        assert_eq!(outcome(&direct), ("accepted", None), "{name}: {direct:#}");
    }
}

fn grounds_of_issuing(folder: &Path, at: &str) -> Grounds {
    grounds(folder, &["nca_gost2022_test.cer"], &[], &["nca_gost2022_test_2026-08.crl"], at.parse().unwrap())
}

#[test]
fn the_older_leaves_verify_under_authorities_trusted_directly() {
    let Some(folder) = folder() else { return };
    let at = "2022-06-01T00:00:00Z";
    let rows = [
        ("ceo_valid_sign_2004_gost.cer", "nca_gost_test_2004.cer", Purpose::Sign, Purpose::Authenticate),
        ("individual_valid_sign_2004_rsa.cer", "nca_rsa_test.cer", Purpose::Sign, Purpose::Authenticate),
        ("individual_valid_sign_2004_rsa_auth.cer", "nca_rsa_test.cer", Purpose::Authenticate, Purpose::Sign),
    ];
    for (leaf, issuer, purpose, wrong_purpose) in rows {
        let grounds = grounds(&folder, &[issuer], &[], &[], at.parse().unwrap());
        let ask = |at, purpose| check(&folder, leaf, &grounds, at, purpose, RevocationRule::Off, None);
        assert_eq!(outcome(&ask(at, purpose)), ("accepted", None), "{leaf}");
        assert_eq!(outcome(&ask(at, wrong_purpose)), ("refused", Some("key-usage-not-allowed")), "{leaf}");
        let late = ask("2026-06-01T00:00:00Z", purpose);
        assert_eq!(outcome(&late), ("refused", Some("certificate-expired")), "{leaf}");
        let early = ask("2020-06-01T00:00:00Z", purpose);
        assert_eq!(outcome(&early), ("refused", Some("certificate-not-yet-valid")), "{leaf}");
    }
}

#[test]
fn the_list_named_by_a_2004_leaf_belongs_to_another_issuer_and_does_not_count() {
    let Some(folder) = folder() else { return };
    let at = "2022-03-15T00:00:00Z";
    let now: Time = at.parse().unwrap();
    let leaf = certificate(&folder, "ceo_valid_sign_2004_gost.cer");
    let urls: Vec<_> = leaf.extensions().crl_distribution_points.iter().flat_map(|point| point.urls.iter()).collect();
    assert!(urls.iter().any(|url| url.contains("rsa")), "the oddity is gone: {urls:?}");
    let issuer = certificate(&folder, "nca_gost_test_2004.cer");
    let (snapshot, rejected) =
        Snapshot::read([list(&folder, "nca_gost_test_2004gost_2022-03.crl")], std::slice::from_ref(&issuer), now);
    assert!(rejected.is_empty(), "{rejected:?}");
    assert!(matches!(snapshot.status(&leaf, &issuer, now, now), Status::Good { .. } | Status::Unknown { .. }));
    let stranger = certificate(&folder, "nca_rsa_test.cer");
    assert!(matches!(snapshot.status(&leaf, &stranger, now, now), Status::Unknown { .. }));
}

#[test]
fn every_list_verifies_under_its_issuer_and_under_no_other() {
    let Some(folder) = folder() else { return };
    let rows = [
        ("nca_gost2022_test_2026-08.crl", "nca_gost2022_test.cer", 195, None, true),
        ("nca_gost2022_test_2025-04.crl", "nca_gost2022_test.cer", 54, Some("14"), true),
        ("nca_gost2022_d_test_2025-04_DELTA.crl", "nca_gost2022_test.cer", -1, Some("10"), false),
        ("nca_gost_test_2004gost_2022-03.crl", "nca_gost_test_2004.cer", 31, None, true),
    ];
    for (name, issuer, entries, number, full) in rows {
        let read = || ParsedList::read(list(&folder, name), Source::path(name)).unwrap();
        let verified = read().verify(&certificate(&folder, issuer)).unwrap();
        if entries >= 0 {
            assert_eq!(i64::try_from(verified.entries()).unwrap(), entries, "{name}");
        }
        if let Some(number) = number {
            assert_eq!(verified.number().map(|number| number.to_string()).as_deref(), Some(number), "{name}");
        }
        assert_eq!((verified.unusable(), !verified.is_delta()), (None, full), "{name}");
        assert!(read().verify(&certificate(&folder, "root_test_gost_2022.cer")).is_err(), "{name}: wrong issuer");
        let mut broken = list(&folder, name);
        let middle = broken.len() / 2;
        broken[middle] ^= 1;
        let outcome = ParsedList::read(broken, Source::path(name))
            .map(|parsed| parsed.verify(&certificate(&folder, issuer)).is_ok());
        assert!(!outcome.unwrap_or(false), "{name}: a changed bit went unnoticed");
    }
}

#[test]
fn an_older_list_does_not_take_the_place_of_a_newer_one() {
    let Some(folder) = folder() else { return };
    let now: Time = "2026-08-20T00:00:00Z".parse().unwrap();
    let issuer = certificate(&folder, "nca_gost2022_test.cer");
    let lists =
        ["nca_gost2022_test_2026-08.crl", "nca_gost2022_test_2025-04.crl", "nca_gost2022_d_test_2025-04_DELTA.crl"];
    for rotation in 0..lists.len() {
        let mut order = lists;
        order.rotate_left(rotation);
        let (snapshot, rejected) =
            Snapshot::read(order.map(|name| list(&folder, name)), std::slice::from_ref(&issuer), now);
        assert!(rejected.is_empty());
        let leaf = certificate(&folder, "individual_signer.cer");
        let Status::Good { basis, .. } = snapshot.status(&leaf, &issuer, now, now) else {
            panic!("not good with {order:?}");
        };
        assert_eq!(basis.list.entries(), 195);
    }
}

#[test]
fn subjects_read_as_the_profile_says() {
    let Some(folder) = folder() else { return };
    let person = Subject::of(&certificate(&folder, "individual_signer.cer"));
    assert_eq!(person.iin().map(|iin| iin.as_str().to_owned()).as_deref(), Some("123456789011"));
    assert_eq!((person.bin(), person.defect()), (None, None));
    assert!(person.roles().contains(&Role::Individual), "{:?}", person.roles());
    let organisation = Subject::of(&certificate(&folder, "legal_entity_signer.cer"));
    assert_eq!(organisation.bin().map(|bin| bin.as_str().to_owned()).as_deref(), Some("123456789021"));
    assert_eq!(organisation.defect(), None);
    assert!(organisation.roles().contains(&Role::Organisation), "{:?}", organisation.roles());
}
