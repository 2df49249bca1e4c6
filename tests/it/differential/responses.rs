//! OCSP responses: as they stand, and signed again after their contents were changed.

use std::fs;

use rastau::revocation::ocsp::ParsedResponse;
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, cert_id, good, revoked};
use rastau_mint::pem;

use super::{Word, compare, mutants, peers};

fn authority() -> Authority {
    Authority::root("DIFFERENTIAL", Key::p256("differential root"))
}

fn builder(authority: &Authority) -> ResponseBuilder {
    let id = |serial: &[u8]| cert_id(Hash::Sha1, &authority.name, &authority.key.public_bits(), serial);
    ResponseBuilder::new(&authority.name, "2026-08-01T00:00:00Z")
        .answer(Single::new(id(&[1]), good(), "2026-08-01T00:00:00Z").until("2049-08-01T00:00:00Z"))
        .answer(Single::new(id(&[2]), revoked("2026-01-01T00:00:00Z", Some(1)), "2026-08-01T00:00:00Z"))
}

fn read(der: &[u8]) -> Word {
    ParsedResponse::from_der(der).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn mutated_responses_are_read_where_others_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority();
    let mut originals = vec![builder(&authority).certificate(&authority.certificate).sign(&authority.key)];
    originals.extend(super::lists::interop("ocsp", 2));
    let inputs: Vec<Vec<u8>> =
        originals.iter().flat_map(|original| mutants::of_tlv(original, 3 * super::tries())).collect();
    compare("response, pyca", &inputs, read, peers::pyca(folder.path(), &inputs, "response"));
}

#[test]
fn responses_changed_and_signed_again_are_accepted_where_openssl_accepts_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority();
    fs::write(folder.path().join("root.pem"), pem::certificate(&authority.certificate)).unwrap();
    let root = Certificate::from_der(&authority.certificate).unwrap();
    let builder = builder(&authority);
    let signed = |tbs: Vec<u8>| builder.wrap(&authority.key, &tbs, &authority.key.sign(&tbs));
    let inputs: Vec<Vec<u8>> = mutants::of_tlv(&builder.tbs(), super::tries()).into_iter().map(signed).collect();
    let ours = |der: &[u8]| {
        let response = ParsedResponse::from_der(der).map_err(|error| error.to_string())?;
        response.verify(&root).map(|_| ()).map_err(|error| error.to_string())
    };
    let arguments = ["ocsp", "-respin", "input", "-CAfile", "root.pem", "-issuer", "root.pem"];
    compare("signed response, openssl", &inputs, ours, peers::each(folder.path(), &inputs, "openssl", &arguments));
}
