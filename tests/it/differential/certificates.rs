//! Certificates: as they stand, and signed again after their contents were changed.

use std::fs;

use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::{CertificateBuilder, assemble};
use rastau_mint::key::Key;
use rastau_mint::pem;

use super::{Word, compare, mutants, peers};

fn authority() -> Authority {
    Authority::root("DIFFERENTIAL", Key::p256("differential root"))
}

fn read(der: &[u8]) -> Word {
    Certificate::from_der(der).map(|_| ()).map_err(|error| error.to_string())
}

/// Minted ones of every profile; real ones where there are some.
fn originals() -> Vec<Vec<u8>> {
    let authority = authority();
    let key = Key::p256("differential holder");
    let mut all: Vec<Vec<u8>> = [
        CertificateBuilder::individual("650615100015"),
        CertificateBuilder::legal_head("650615100015", "990140000005"),
        CertificateBuilder::rsa_sign_2022("650615100015"),
    ]
    .into_iter()
    .map(|builder| authority.issue(builder.key(&key)))
    .collect();
    all.push(authority.certificate);
    all.extend(super::lists::interop("certs", 4));
    all
}

#[test]
fn mutated_certificates_are_read_where_others_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = Vec::new();
    for original in originals() {
        inputs.extend(mutants::of_tlv(&original, super::tries()));
    }
    compare("certificate, pyca", &inputs, read, peers::pyca(folder.path(), &inputs, "certificate"));
    let sample: Vec<Vec<u8>> = inputs.into_iter().step_by(3).collect();
    let arguments = ["x509", "-inform", "DER", "-in", "input", "-noout", "-text"];
    compare("certificate, openssl", &sample, read, peers::each(folder.path(), &sample, "openssl", &arguments));
}

#[test]
fn certificates_changed_and_signed_again_are_accepted_where_openssl_accepts_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority();
    fs::write(folder.path().join("root.pem"), pem::certificate(&authority.certificate)).unwrap();
    let builder = authority.prepare(CertificateBuilder::individual("650615100015").key(&Key::p256("holder")));
    let algorithm = authority.key.algorithm_identifier();
    let signed = |tbs: Vec<u8>| assemble(&tbs, &algorithm, &authority.key.sign(&tbs));
    let inputs: Vec<Vec<u8>> =
        mutants::of_tlv(&builder.tbs(&authority.key), super::tries()).into_iter().map(signed).collect();
    let root = Certificate::from_der(&authority.certificate).unwrap();
    let ours = |der: &[u8]| {
        let certificate = Certificate::from_der(der).map_err(|error| error.to_string())?;
        let pool = rastau::trust::Pool::builder().anchor(rastau::trust::Anchor::new(
            root.clone(),
            rastau::trust::Purposes::ALL,
            false,
        ));
        let at = certificate.validity().not_before;
        let options = rastau::trust::SearchOptions::new(at, rastau::trust::Purposes::ALL);
        let found = rastau::trust::find_paths(&certificate, &[], &pool.build(), options);
        found.map(|_| ()).map_err(|error| error.to_string())
    };
    let arguments = ["verify", "-no_check_time", "-x509_strict", "-CAfile", "root.pem", "input"];
    compare("signed certificate, openssl", &inputs, ours, peers::each(folder.path(), &inputs, "openssl", &arguments));
}
