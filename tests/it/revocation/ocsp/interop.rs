//! Real responses of the National CA's test systems, where `RASTAU_INTEROP` names the folder that holds them.

use std::fs;
use std::path::{Path, PathBuf};

use rastau::revocation::ocsp::{OcspError, OcspRules, OcspStatus, ParsedResponse, Responses, Signer};
use rastau::x509::Certificate;

use super::short;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("RASTAU_INTEROP").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: RASTAU_INTEROP names no folder, so the real responses are not there to be read");
    }
    folder
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::from_der(&fs::read(folder.join("certs").join(name)).unwrap()).unwrap()
}

/// The end-entity certificate that a response names is not at hand for every one of them, so that one of the same
/// issuer's name and the serial number of the response stands for it: name, key and number are what a `CertID` binds.
fn stand_in(parsed: &ParsedResponse, issuer: &Certificate) -> Certificate {
    use rastau_mint::certificate::CertificateBuilder;
    let serial = parsed.singles()[0].id().serial_number();
    let key = rastau_mint::key::Key::p256("nobody's");
    let mut builder = CertificateBuilder::individual("900101300017").serial(serial.as_bytes());
    builder.issuer = issuer.subject().as_der().to_vec();
    Certificate::from_der(&builder.sign(&key)).unwrap()
}

#[test]
fn the_real_responses_verify_and_say_what_they_should() {
    let Some(folder) = folder() else { return };
    for (name, authority, wanted) in [
        ("ocsp_response_individual_sign_2004.bin", "nca_rsa_test.cer", "good"),
        (
            "ocsp_response_ceo_2015_revoked.bin",
            "nca_gost2022_test.cer",
            "revoked 2022-07-27T10:25:30Z, certificateHold",
        ),
        ("ocsp_response_individual_2015.bin", "nca_gost2022_test.cer", "never issued"),
    ] {
        let bytes = fs::read(folder.join("ocsp").join(name)).unwrap();
        let issuer = certificate(&folder, authority);
        let parsed = ParsedResponse::read(&bytes).unwrap();
        let response = parsed.verify(&issuer).unwrap();
        assert!(matches!(response.signer(), Signer::Delegate(delegate) if delegate.extensions().ocsp_no_check));
        assert_eq!(parsed.nonce().map(<[u8]>::len), Some(10), "8 octets in an OCTET STRING of its own");
        assert_eq!(parsed.singles()[0].next_update(), None);
        assert_eq!(parsed.singles()[0].this_update(), parsed.produced_at());

        let leaf = stand_in(&parsed, &issuer);
        let (responses, unread) = Responses::read([&bytes], OcspRules::default());
        assert!(unread.is_empty());
        let then = parsed.produced_at();
        assert_eq!(short(&responses.status(&leaf, &issuer, then, then)), wanted, "{name}");
        let late = responses.status(&leaf, &issuer, then.plus_seconds(3600), then.plus_seconds(3600));
        assert!(!matches!(late, OcspStatus::Good { .. } | OcspStatus::Unknown { .. }), "{name}: {}", short(&late));

        // Not under another authority, and not when any octet of the signed part or the signature has changed.
        let other = certificate(&folder, "nca_gost_test_2004.cer");
        assert!(parsed.verify(&other).is_err());
        for position in (40..bytes.len()).step_by(29) {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            let believed = ParsedResponse::read(&changed).and_then(|parsed| parsed.verify(&issuer));
            assert!(believed.is_err(), "{name}: octet {position} changed and still believed");
        }
        assert!(matches!(ParsedResponse::read(&bytes[..bytes.len() - 1]), Err(OcspError::Der(_))));
    }
}
