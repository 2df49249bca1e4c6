//! RSASSA-PSS and ECDSA with SHA-512 in certificates and raw signatures, as OpenSSL makes them.

use std::path::Path;

use super::{folder, run};
use crate::programs::{openssl, try_openssl};

/// An authority with a key of RSASSA-PSS alone, and a holder with a plain one; `false` without OpenSSL.
fn authority(folder: &Path, hash: &str, salt: &str) -> bool {
    let (hash_option, mask) = (format!("rsa_pss_keygen_md:{hash}"), format!("rsa_pss_keygen_mgf1_md:{hash}"));
    let salt_option = format!("rsa_pss_keygen_saltlen:{salt}");
    let key = ["genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "ca.key"];
    let restricted = ["-pkeyopt", &hash_option, "-pkeyopt", &mask, "-pkeyopt", &salt_option];
    if !openssl(folder, &[&key[..], &restricted].concat()) {
        return false;
    }
    let root = ["req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=authority", "-days", "30", "-out", "ca.pem"];
    openssl(folder, &root);
    let holder = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=holder", "-keyout", "h.key", "-out", "h.csr"];
    openssl(folder, &holder);
    let issue = ["x509", "-req", "-in", "h.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30", "-out", "h.pem"];
    openssl(folder, &issue)
}

fn check(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).display().to_string();
    let options = ["--profile", "rfc5280", "--revocation", "off", "--json"];
    run(&[&["check", &path("h.pem"), "--trust", &path("ca.pem")][..], &options].concat()).outcome()
}

#[test]
fn a_path_under_a_key_of_rsa_pss_holds_with_a_salt_as_long_as_the_hash() {
    let folder = folder();
    for (hash, salt) in [("sha256", "32"), ("sha384", "48"), ("sha512", "64")] {
        if !authority(folder.path(), hash, salt) {
            return;
        }
        assert_eq!(check(folder.path()).0, "accepted", "{hash}");
    }
}

#[test]
fn other_salts_and_sha_1_under_rsa_pss_are_refused_by_name() {
    let folder = folder();
    for (hash, salt) in [("sha256", "20"), ("sha1", "20")] {
        if !authority(folder.path(), hash, salt) {
            return;
        }
        // OpenSSL takes the shortest salt that the key allows, which says so in the parameters of the signature.
        assert_eq!(check(folder.path()).0, "refused", "{hash} {salt}");
    }
}

#[test]
fn raw_signatures_name_the_hash_where_the_identifier_does_not() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(folder.path().join("m"), b"a message").expect("written");
    let key = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key"];
    if !openssl(folder.path(), &key) {
        return;
    }
    openssl(folder.path(), &["pkey", "-in", "rsa.key", "-pubout", "-out", "rsa.pub"]);
    let (public, signature, message) = (path("rsa.pub"), path("s"), path("m"));
    let check = |more: &[&str]| {
        let args = ["signature", "check", "--public-key", &public, "--signature", &signature, "--message", &message];
        run(&[&args[..], more].concat()).status
    };
    for (hash, name) in [("sha256", "rsa-pss-sha256"), ("sha384", "rsa-pss-sha384"), ("sha512", "rsa-pss-sha512")] {
        let option = format!("-{hash}");
        let sign = ["dgst", &option, "-sign", "rsa.key", "-sigopt", "rsa_padding_mode:pss", "-out", "s"];
        openssl(folder.path(), &[&sign[..], &["-sigopt", "rsa_pss_saltlen:-1", "m"]].concat());
        assert_eq!(check(&["--algorithm", name]), 0, "{name}");
        assert_eq!(check(&[]), 1, "{name}: the usual algorithm of the key is another");
        assert_eq!(check(&["--algorithm", "1.2.840.113549.1.1.10"]), 2, "{name}: SHA-1 without parameters");
    }
    assert_eq!(check(&["--algorithm", "rsa-pss-sha256"]), 1, "of SHA-512");
}

#[test]
fn ecdsa_with_sha_512_holds_on_both_curves() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(folder.path().join("m"), b"a message").expect("written");
    for curve in ["P-256", "P-384"] {
        let curve_option = format!("ec_paramgen_curve:{curve}");
        let key = ["genpkey", "-algorithm", "EC", "-pkeyopt", &curve_option, "-out", "ec.key"];
        if try_openssl(folder.path(), &key).is_none() {
            return;
        }
        openssl(folder.path(), &["pkey", "-in", "ec.key", "-pubout", "-out", "ec.pub"]);
        openssl(folder.path(), &["dgst", "-sha512", "-sign", "ec.key", "-out", "s", "m"]);
        let (public, signature, message) = (path("ec.pub"), path("s"), path("m"));
        let args = ["signature", "check", "--public-key", &public, "--signature", &signature, "--message", &message];
        let check = |more: &[&str]| run(&[&args[..], more].concat()).status;
        assert_eq!(check(&["--algorithm", "1.2.840.10045.4.3.4"]), 0, "{curve}");
        assert_eq!(check(&["--algorithm", "ecdsa-sha512"]), 0, "{curve}");
        assert_eq!(check(&[]), 1, "{curve}");
    }
}
