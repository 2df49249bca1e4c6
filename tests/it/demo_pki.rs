//! The demo PKI as it lies in the repository: every file is readable by code that did not write it, and says what its
//! README promises. `cargo run --release --example demo-pki -- --check` compares the bytes; the cases are run elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use rastau_mint::gost::{self, Scheme};
use rastau_mint::hash::Hash;
use rastau_mint::pem;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

#[test]
fn certificates_verify_under_the_issuer_they_name_unless_they_are_odd() {
    let folder = |name: &str| files(name, "pem").into_iter().map(|path| (stem(&path), read_pem(&path)));
    let all: Vec<(String, Vec<u8>)> = folder("certs").chain(folder("testdata/demo")).collect();
    assert!(all.len() > 20, "the demo PKI is there");
    let parsed: Vec<(&str, X509Certificate)> = all.iter().map(|(name, der)| (name.as_str(), parse(der))).collect();
    for (name, certificate) in &parsed {
        let issuer = parsed.iter().map(|(_, issuer)| issuer).find(|issuer| issuer.subject() == certificate.issuer());
        let issuer = issuer.unwrap_or_else(|| panic!("{name}: its issuer is not among the files"));
        let signature = &certificate.signature_value.data;
        let verified = verify(issuer, certificate.tbs_certificate.as_ref(), signature);
        let odd = ["tampered-signature", "rsa-individual-sha1"].contains(name);
        assert_eq!(verified, !odd, "{name}");
        assert_eq!(certificate.is_ca(), is_authority(name), "{name}");
    }
}

fn is_authority(name: &str) -> bool {
    name.starts_with("demo-") || name.ends_with("-root") || name == "revoked-authority"
}

#[test]
fn lists_verify_under_their_issuer_save_the_stranger_s() {
    let authorities: Vec<Vec<u8>> = files("certs", "pem")
        .into_iter()
        .chain(files("testdata/demo", "pem"))
        .filter(|path| is_authority(&stem(path)))
        .map(|path| read_pem(&path))
        .collect();
    let authorities: Vec<X509Certificate> = authorities.iter().map(|der| parse(der)).collect();
    let lists = files("testdata/demo", "crl");
    assert_eq!(lists.len(), 8);
    for path in lists {
        let der = fs::read(&path).expect("a file");
        let (rest, list) = CertificateRevocationList::from_der(&der).expect("a list");
        assert!(rest.is_empty(), "{}", path.display());
        let issuer = authorities.iter().find(|issuer| issuer.subject() == list.issuer()).expect("its issuer");
        let verified = verify(issuer, list.tbs_cert_list.as_ref(), &list.signature_value.data);
        assert_eq!(verified, !stem(&path).ends_with("by-stranger"), "{}", path.display());
    }
}

#[test]
fn the_readme_of_certs_names_every_anchor_with_its_hash() {
    let readme = fs::read_to_string(top().join("certs/README.md")).expect("a README");
    for path in files("certs", "pem") {
        let hash: String = Hash::Sha256.digest(&read_pem(&path)).iter().map(|octet| format!("{octet:02x}")).collect();
        assert!(readme.contains(&stem(&path)) && readme.contains(&hash), "{} {hash}", path.display());
    }
}

fn verify(issuer: &X509Certificate, message: &[u8], signature: &[u8]) -> bool {
    let key = &issuer.public_key().subject_public_key.data;
    if issuer.public_key().algorithm.algorithm.to_string() == "1.2.840.113549.1.1.1" {
        return UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature).is_ok();
    }
    let scheme = Scheme::Gost512A;
    let octets = &key[key.len() - 2 * scheme.size()..];
    gost::verify_digest(scheme, octets, &scheme.hash().digest(message), signature)
}

fn parse(der: &[u8]) -> X509Certificate<'_> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => certificate,
        other => unreachable!("not one certificate: {other:?}"),
    }
}

fn read_pem(path: &Path) -> Vec<u8> {
    fs::read_to_string(path).ok().and_then(|text| pem::decode(&text)).unwrap_or_default()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(top().join(folder)).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
