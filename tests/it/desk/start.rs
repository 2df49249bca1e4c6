//! `rastau serve` with officials of its own: what it starts on, and what it refuses by name.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::identity;
use rastau_mint::pkcs12::KeyStore;

use super::*;

/// A folder with an authority, its list, an official's key store and a configuration.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        let authority = Authority::root("СЫНАҚ КО", Key::p256("start root"));
        let key = Key::gost512("start official");
        let (iin, bin) = (identity::iin("650615", false, 1), identity::bin("6004", 1));
        let certificate = authority.issue(CertificateBuilder::legal_head(&iin, &bin).key(&key));
        house.put("root.cer", &authority.certificate);
        house.put("root.crl", &authority.list().sign(&authority.key));
        let store = KeyStore::new("Qwerty12").key(&key.pkcs8(), Some("k"), Some(&[1]));
        house.put("head.p12", &store.certificate(&certificate, None, Some(&[1])).encode());
        house.put("password", b"Qwerty12\n");
        house.put("wrong", b"qwerty12\n");
        house
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self, toml: &str) -> Command {
        self.put("rastau.toml", toml.as_bytes());
        let mut command = Command::new(env!("CARGO_BIN_EXE_rastau"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(self.path("rastau.toml"));
        command.arg("--data").arg(self.path("data")).stdin(Stdio::null());
        command
    }
}

const CLIENTS: &str = "[[access.client]]\nname = \"e-licensing\"\nroles = [\"e-licensing\"]\ntoken_sha256 = \
    [\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"]\n";

/// Another client, which may not approve.
const PORTAL: &str = "[[access.client]]\nname = \"portal\"\nroles = [\"portal\"]\ntoken_sha256 = \
    [\"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752\"]\n";

fn toml(key: &str, official: &str, more: &str) -> String {
    format!(
        "[trust]\nanchors = [\"root.cer\"]\n[revocation]\nlists = [\"root.crl\"]\n[[signing.key]]\nid = \"k\"\n{key}\n\
         [[signing.official]]\nid = \"head\"\nkeys = [\"k\"]\nkinds = [\"licence\"]\nservices = [\"*\"]\n{official}\n{more}"
    )
}

const STORE: &str = "pkcs12 = \"head.p12\"\npassword_file = \"password\"";
const NAMED: &str = "bin = \"600440000019\"\nrole = \"head\"";

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_an_official_cannot_be_set_up_with_is_named_with_the_remedy() {
    let house = House::new();
    let second = format!("{NAMED}\nsecond_person = true");
    let cases = [
        (toml(STORE, NAMED, ""), "could have documents signed"),
        (toml(STORE, &second, CLIENTS), "second person"),
        (toml(STORE, &second, &format!("{CLIENTS}{PORTAL}")), "role official"),
        (toml("pkcs12 = \"head.p12\"\npassword_file = \"wrong\"", NAMED, CLIENTS), "password"),
        (toml("pkcs12 = \"head.p12\"", NAMED, CLIENTS), "password"),
        (toml("pkcs12 = \"gone.p12\"", NAMED, CLIENTS), "no such file"),
        (toml("pkcs12 = \"root.cer\"\npassword_file = \"password\"", NAMED, CLIENTS), "signing.key k"),
        (toml("pkcs12 = \"head.p12\"\npassword = \"Qwerty12\"", NAMED, CLIENTS), "password_file"),
        (toml(STORE, "bin = \"670940000051\"", CLIENTS), "does not carry the BIN"),
        (toml(STORE, "iin = \"720301200081\"", CLIENTS), "does not carry the IIN"),
        (toml(STORE, "bin = \"600440000019\"\nrole = \"digital-system\"", CLIENTS), "does not have the role"),
        (toml(STORE, "", CLIENTS), "nobody in particular"),
        (toml(STORE, &format!("{NAMED}\nmedia_types = 5"), CLIENTS), "media_types"),
        (
            toml(STORE, NAMED, &format!("{CLIENTS}\n[journal]\nenabled = false\n")),
            "nothing is signed without a journal",
        ),
        (toml(STORE, NAMED, CLIENTS).replace("keys = [\"k\"]", "keys = [\"l\"]"), "«l»"),
        (toml("id_ = 1", NAMED, CLIENTS), "id_"),
    ];
    for (toml, wanted) in cases {
        let output = house.serve(&toml).output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{wanted}: {said}");
        assert!(said.contains(wanted), "{wanted}: {said}");
        assert!(!said.contains("Qwerty12") && !said.contains("650615"), "no secret and no number: {said}");
    }
}

#[test]
fn a_demo_key_is_refused_outside_the_demo() {
    let house = House::new();
    let demo =
        |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo").join(name).display().to_string();
    let key = format!("pkcs8 = \"{}\"\ncertificate = \"{}\"", demo("official.key"), demo("official.pem"));
    let output = house.serve(&toml(&key, "bin = \"600440000019\"", CLIENTS)).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("key of the demo"), "{}", text(&output));
}
