//! Signed messages in the forms of RFC 4134 and timestamps as RFC 3161 has them, each made twice: by the minting library and
//! by OpenSSL.

use std::path::Path;
use std::process::Command;

use rastau::crypto::{HashAlgorithm, hash};
use rastau::tsp::{Nonce, Request, Response};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{self, Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::{self, TokenBuilder};
use serde_json::{Value, json};

use super::Run;
use super::program::{answers, base64, signature_outcome};
use super::run::Suite;

const ABOUT: &str = "\
The forms of signed messages in RFC 4134 section 4 and the answers of RFC 3161, made anew for each run by the minting library \
of the tests and by OpenSSL, with RSA, ECDSA, Ed25519 and GOST keys: those of the RFCs themselves are of 1024 bits with SHA-1, \
or DSA. Messages go through `rastau verify --batch` with `signature_only`, and again with a bit of content or value changed; \
timestamps through `tsp::Request::check` and the verification of the token.";

const CONTENT: &[u8] = b"This is some sample content.";

/// A message to be asked about.
struct Sample {
    form: &'static str,
    id: String,
    expected: &'static str,
    document: Vec<u8>,
    content: Option<Vec<u8>>,
}

impl Sample {
    fn line(&self) -> Value {
        let mut line =
            json!({"id": self.id, "document": base64(&self.document), "format": "cms", "signature_only": true});
        if let Some(content) = &self.content {
            line["content"] = json!(base64(content));
        }
        line
    }
}

/// The good sample, and what must not pass for it: another content, another value.
fn with_changes(form: &'static str, writer: &str, document: Vec<u8>, content: Option<Vec<u8>>) -> Vec<Sample> {
    let sample = |what: &str, expected, document, content| Sample {
        form,
        id: format!("{form}, {writer}{what}"),
        expected,
        document,
        content,
    };
    let mut other_value = document.clone();
    *other_value.last_mut().expect("an octet") ^= 1;
    let (mut other_content, mut other_beside) = (document.clone(), content.clone());
    match &mut other_beside {
        Some(beside) => beside[0] ^= 1,
        None => {
            let place = document.windows(4).position(|window| window == &CONTENT[..4]).expect("the content is inside");
            other_content[place] ^= 1;
        }
    }
    vec![
        sample("", "good", document, content.clone()),
        sample(", other content", "bad", other_content, other_beside),
        sample(", other value", "bad", other_value, content),
    ]
}

/// Keys that sign for the minting library, with their certificates.
fn people() -> Vec<(&'static str, Key, Vec<u8>)> {
    let authority = Authority::root("SAMPLES", Key::p256("samples"));
    [
        ("RSA", Key::rsa("sample rsa")),
        ("ECDSA", Key::p256("sample ec")),
        ("Ed25519", Key::ed25519("sample ed")),
        ("GOST", Key::gost512("sample gost")),
    ]
    .map(|(name, key)| {
        let certificate = authority.issue(CertificateBuilder::individual("650615100015").key(&key));
        (name, key, certificate)
    })
    .into()
}

/// Makes a signer say more, or less.
type Change = fn(Signer) -> Signer;

const FORMS: [(&str, Change); 4] = [
    ("4.2 without attributes", Signer::bare),
    ("4.3 with attributes", |signer| signer),
    ("4.7 named by key identifier", Signer::by_key_id),
    ("4.10 many attributes", |signer| {
        let hints = der::sequence(&[der::utf8("a description"), der::oid(cms::DATA)]);
        let signer = signer.with(Signed::Raw(cms::attribute("1.2.840.113549.1.9.16.2.4", &[hints])));
        signer.with(Signed::Raw(cms::attribute("2.999.1", &[der::integer(1), der::integer(2)])))
    }),
];

fn minted() -> Vec<Sample> {
    let mut samples = Vec::new();
    let people = people();
    for (name, key, certificate) in &people {
        for (form, change) in FORMS {
            let signer = change(Signer::new(key, certificate));
            let message = Cms::over(CONTENT).certificate(certificate).signer(signer);
            samples.extend(with_changes(form, &format!("minted, {name}"), message.encode(), None));
            let beside = Some(CONTENT.to_vec());
            let writer = format!("minted, {name}, beside");
            samples.extend(with_changes(form, &writer, message.clone().detached().encode(), beside));
            samples.push(Sample {
                form,
                id: format!("{form}, minted, {name}, BER"),
                expected: "good",
                document: message.encode_ber(7),
                content: None,
            });
        }
    }
    let mut message = Cms::over(CONTENT);
    for (_, key, certificate) in &people {
        message = message.certificate(certificate).signer(Signer::new(key, certificate));
    }
    samples.extend(with_changes("4.6 several signers", "minted", message.encode(), None));
    let only = Cms::over(b"").certificate(&people[0].2).detached();
    samples.push(Sample {
        form: "4.11 certificates only",
        id: "4.11 certificates only, minted".to_owned(),
        expected: "bad",
        document: only.encode(),
        content: None,
    });
    samples
}

/// Runs OpenSSL in a folder; `None`, after saying so, where there is none.
fn openssl(folder: &Path, arguments: &[&str]) -> Option<()> {
    match Command::new("openssl").current_dir(folder).args(arguments).output() {
        Ok(output) => {
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            Some(())
        }
        Err(error) => {
            println!("skipped: openssl cannot be run ({error})");
            None
        }
    }
}

fn by_openssl(folder: &Path) -> Option<Vec<Sample>> {
    std::fs::write(folder.join("content"), CONTENT).unwrap();
    let mut samples = Vec::new();
    let sign = |options: &[&str]| -> Option<Vec<u8>> {
        let start = ["cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "out"];
        openssl(folder, &[&start[..], options].concat())?;
        Some(std::fs::read(folder.join("out")).unwrap())
    };
    let keys = [("RSA", "rsa", &["rsa:2048"][..]), ("ECDSA", "ec", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])];
    for (name, file, key) in keys {
        let (private, certificate) = (format!("{file}.key"), format!("{file}.pem"));
        let request = ["req", "-x509", "-nodes", "-subj", "/CN=sample", "-newkey"];
        openssl(folder, &[&request[..], key, &["-keyout", &private, "-out", &certificate]].concat())?;
        let signer = ["-signer", &certificate, "-inkey", &private];
        for (form, options) in [
            ("4.2 without attributes", &["-noattr"][..]),
            ("4.3 with attributes", &[]),
            ("4.7 named by key identifier", &["-keyid"]),
            ("4.10 many attributes", &["-cades"]),
        ] {
            let inside = sign(&[&signer[..], options, &["-nodetach"]].concat())?;
            samples.extend(with_changes(form, &format!("OpenSSL, {name}"), inside, None));
            let beside = sign(&[&signer[..], options].concat())?;
            let writer = format!("OpenSSL, {name}, beside");
            samples.extend(with_changes(form, &writer, beside, Some(CONTENT.to_vec())));
        }
    }
    let two = ["-nodetach", "-signer", "rsa.pem", "-inkey", "rsa.key", "-signer", "ec.pem", "-inkey", "ec.key"];
    samples.extend(with_changes("4.6 several signers", "OpenSSL", sign(&two)?, None));
    let others = [
        (
            "5 enveloped",
            &["cms", "-encrypt", "-aes128", "-outform", "DER", "-in", "content", "-out", "out", "rsa.pem"][..],
        ),
        ("6 digested", &["cms", "-digest_create", "-outform", "DER", "-in", "content", "-out", "out"]),
        ("4.11 certificates only", &["crl2pkcs7", "-nocrl", "-certfile", "rsa.pem", "-outform", "DER", "-out", "out"]),
    ];
    for (form, arguments) in others {
        openssl(folder, arguments)?;
        samples.push(Sample {
            form,
            id: format!("{form}, OpenSSL"),
            expected: "bad",
            document: std::fs::read(folder.join("out")).unwrap(),
            content: None,
        });
    }
    Some(samples)
}

/// What an answer of a timestamp authority comes to.
fn stamp_outcome(request: &Request, response: &[u8]) -> (&'static str, String) {
    let response = match Response::read(response) {
        Ok(response) => response,
        Err(error) => return ("bad", error.to_string()),
    };
    match request.check(&response) {
        Err(error) => ("bad", error.to_string()),
        Ok(token) => match token.verify() {
            Ok(_) => ("good", String::new()),
            Err(error) => ("bad", error.to_string()),
        },
    }
}

const NONCE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn request(algorithm: HashAlgorithm) -> Request {
    Request::new(hash(algorithm, CONTENT), Nonce::new(NONCE))
}

fn minted_stamps(run: &mut Run) {
    let authority = Authority::root("SAMPLES", Key::p256("samples"));
    let key = Key::p256("sample tsa");
    let certificate = authority.issue(authority.timestamp_authority("SAMPLE TSA", &key));
    let asked = Nonce::new(NONCE);
    let token = |nonce: &[u8]| {
        let token = TokenBuilder::new(&key, &certificate, CONTENT, "2026-07-20T09:08:10Z");
        token.imprint(Hash::Sha256, &Hash::Sha256.digest(CONTENT)).with(der::integer_raw(nonce))
    };
    let good = token(asked.octets()).encode();
    let mut bent = good.clone();
    *bent.last_mut().expect("an octet") ^= 1;
    let other_person = authority.issue(CertificateBuilder::individual("650615100015").key(&key));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("granted", "good", tsp::response(0, Some(&good))),
        ("granted with modifications", "good", tsp::response(1, Some(&good))),
        ("rejection", "bad", tsp::response(2, None)),
        ("waiting", "bad", tsp::response(3, None)),
        ("rejection with a token", "bad", tsp::response(2, Some(&good))),
        ("granted without a token", "bad", tsp::response(0, None)),
        ("another nonce", "bad", tsp::response(0, Some(&token(&[9; 8]).encode()))),
        ("another value", "bad", tsp::response(0, Some(&bent))),
        (
            "another imprint",
            "bad",
            tsp::response(0, Some(&token(asked.octets()).imprint(Hash::Sha256, &[7; 32]).encode())),
        ),
        (
            "an imprint by another hash",
            "bad",
            tsp::response(
                0,
                Some(&token(asked.octets()).imprint(Hash::Sha512, &Hash::Sha512.digest(CONTENT)).encode()),
            ),
        ),
        (
            "a certificate for other purposes",
            "bad",
            tsp::response(
                0,
                Some(
                    &TokenBuilder::new(&key, &other_person, CONTENT, "2026-07-20T09:08:10Z")
                        .imprint(Hash::Sha256, &Hash::Sha256.digest(CONTENT))
                        .with(der::integer_raw(asked.octets()))
                        .encode(),
                ),
            ),
        ),
    ];
    for (what, expected, response) in cases {
        let (actual, detail) = stamp_outcome(&request(HashAlgorithm::Sha256), &response);
        run.judge("RFC 3161 timestamps", &format!("RFC 3161, minted, {what}"), expected, actual, &detail);
    }
}

const TSA: &str = "[tsa]\nserial = serial\ndefault_policy = 2.999.3\ndigests = sha256, sha384, sha512\nsigner_digest = sha256\n\
                   accuracy = secs:1\nordering = yes\ntsa_name = yes\ness_cert_id_alg = sha256\n";

/// OpenSSL answers our requests.
fn stamps_of_openssl(run: &mut Run, folder: &Path) -> Option<()> {
    std::fs::write(folder.join("tsa.cnf"), TSA).unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    let start = ["req", "-x509", "-nodes", "-subj", "/CN=tsa", "-newkey", "rsa:2048", "-keyout", "tsa.key"];
    openssl(
        folder,
        &[&start[..], &["-out", "tsa.pem", "-addext", "extendedKeyUsage = critical, timeStamping"]].concat(),
    )?;
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        let request = request(algorithm);
        std::fs::write(folder.join("query"), request.to_der()).unwrap();
        let reply = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query", "-out", "reply"];
        openssl(folder, &[&reply[..], &["-signer", "tsa.pem", "-inkey", "tsa.key"]].concat())?;
        let reply = std::fs::read(folder.join("reply")).unwrap();
        let name = format!("RFC 3161, OpenSSL, {algorithm:?}");
        let (actual, detail) = stamp_outcome(&request, &reply);
        run.judge("RFC 3161 timestamps", &name, "good", actual, &detail);
        let other = Request::new(hash(algorithm, b"other content"), Nonce::new(NONCE));
        let (actual, detail) = stamp_outcome(&other, &reply);
        run.judge("RFC 3161 timestamps", &format!("{name}, other content"), "bad", actual, &detail);
    }
    Some(())
}

#[test]
fn samples_in_the_forms_of_the_standards_come_out() {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = by_openssl(folder.path()) else { return };
    let mut run = Run::of(Suite {
        key: "samples",
        title: "Messages and timestamps",
        version: "forms of RFC 4134 and RFC 3161".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/samples.toml",
    });
    let mut samples = minted();
    samples.extend(theirs);
    samples.sort_by_key(|sample| sample.form);
    let answers = answers("verify", samples.iter().map(Sample::line));
    for sample in &samples {
        let (actual, detail) = signature_outcome(&answers[&sample.id]);
        run.judge(sample.form, &sample.id, sample.expected, actual, &detail);
    }
    minted_stamps(&mut run);
    if stamps_of_openssl(&mut run, folder.path()).is_some() {
        run.publish();
    }
}
