//! The embedded demonstration: anchors, lists and certificates whose private keys are public.
//!
//! They let a newcomer run the service with one command and see every kind of answer. Everything that rests on
//! them says so, and [`is_demo`] lets a real configuration refuse them.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Grounds, Lists};
use crate::clock::Time;
use crate::crypto::PublicKey;
use crate::der::armour::{self, Label};
use crate::revocation::{Source, Store, StoreOptions};
use crate::signer::{Password, SigningIdentity, pkcs8};
use crate::trust::{Anchor, Pool, Purposes};
use crate::x509::Certificate;

const ROOTS: [&[u8]; 2] =
    [include_bytes!("../../certs/demo-root-gost.pem"), include_bytes!("../../certs/demo-root-rsa.pem")];
const ISSUING: [&[u8]; 2] =
    [include_bytes!("../../certs/demo-issuing-gost.pem"), include_bytes!("../../certs/demo-issuing-rsa.pem")];
const LISTS: [(&str, &[u8]); 4] = [
    ("demo-issuing-gost.crl", include_bytes!("../../testdata/demo/demo-issuing-gost.crl")),
    ("demo-issuing-rsa.crl", include_bytes!("../../testdata/demo/demo-issuing-rsa.crl")),
    ("demo-root-gost.crl", include_bytes!("../../testdata/demo/demo-root-gost.crl")),
    ("demo-root-rsa.crl", include_bytes!("../../testdata/demo/demo-root-rsa.crl")),
];

/// A request that works against the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name: `valid` is served at `/demo/valid.json`.
    pub name: &'static str,
    /// The certificate, PEM.
    pub certificate: &'static str,
    /// The number to ask for: `iin` or `bin`, and its digits.
    pub number: (&'static str, &'static str),
    /// What comes out, for people.
    pub outcome: &'static str,
}

macro_rules! example {
    ($name:literal, $file:literal, $kind:literal, $number:literal, $outcome:literal) => {
        Example {
            name: $name,
            certificate: include_str!(concat!("../../testdata/demo/", $file)),
            number: ($kind, $number),
            outcome: $outcome,
        }
    };
}

/// One request for each kind of answer.
pub const EXAMPLES: [Example; 7] = [
    example!("valid", "individual-valid.pem", "iin", "650615100015", "accepted"),
    example!("organisation", "legal-head-valid.pem", "bin", "600440000019", "accepted"),
    example!("revoked", "individual-revoked.pem", "iin", "650615100015", "refused: certificate-revoked"),
    example!("expired", "individual-expired.pem", "iin", "650615100015", "refused: certificate-expired"),
    example!("mismatch", "individual-valid.pem", "iin", "720301200081", "refused: identity-mismatch"),
    example!("stranger", "stranger-individual.pem", "iin", "650615100015", "refused: issuer-not-trusted"),
    example!("tampered", "tampered-signature.pem", "iin", "650615100015", "refused: signature-invalid"),
];

/// A signed document that the demonstration has an answer about.
#[derive(Clone, Copy, Debug)]
pub struct DocumentExample {
    /// Its name: `document` is served at `/demo/document.json`.
    pub name: &'static str,
    /// The document.
    pub document: &'static [u8],
    /// What comes out, for people.
    pub outcome: &'static str,
}

/// One question about a document for each kind of answer.
pub const DOCUMENTS: [DocumentExample; 3] = [
    DocumentExample {
        name: "document",
        document: include_bytes!("../../testdata/demo/application.p7s"),
        outcome: "accepted",
    },
    DocumentExample {
        name: "document-revoked",
        document: include_bytes!("../../testdata/demo/application-revoked.p7s"),
        outcome: "refused: certificate-revoked",
    },
    DocumentExample {
        name: "document-xml",
        document: include_bytes!("../../testdata/demo/application.xml"),
        outcome: "accepted",
    },
];

impl DocumentExample {
    /// The example as the body of `POST /v1/documents/verify`.
    #[must_use]
    pub fn body(&self) -> String {
        let document = STANDARD.encode(self.document);
        serde_json::json!({ "document": document, "identity": { "iin": HOLDER } }).to_string()
    }
}

/// The individual of the examples.
const HOLDER: &str = "650615100015";

/// The body of `POST /v1/submissions/verify` for a form and an attachment of the individual; it is accepted.
#[must_use]
pub fn submission() -> String {
    let [attachment, _, form] = DOCUMENTS.map(|example| STANDARD.encode(example.document));
    serde_json::json!({
        "service": "medical-activity",
        "channel": "portal",
        "applicant": { "iin": HOLDER },
        "form": { "document": form },
        "attachments": [{ "name": "application.p7s", "document": attachment }],
    })
    .to_string()
}

/// The id of the demo's official.
pub const OFFICIAL: &str = "demo-official";

const OFFICIAL_CERTIFICATE: &[u8] = include_bytes!("../../testdata/demo/official.pem");
const OFFICIAL_KEY: &[u8] = include_bytes!("../../testdata/demo/official.key");

/// The demo's official, with a private key that everybody has.
///
/// # Errors
///
/// [`DemoError`] for a broken build.
pub fn official() -> Result<SigningIdentity, DemoError> {
    pkcs8::open(OFFICIAL_KEY, OFFICIAL_CERTIFICATE, &Password::empty()).map_err(|error| DemoError(error.to_string()))
}

/// The body of `POST /v1/licences/sign` for a licence that the demo's official signs.
#[must_use]
pub fn licence() -> String {
    let document = STANDARD.encode("Demo licence No 000001: worth nothing.\n");
    serde_json::json!({
        "document": document,
        "media_type": "text/plain",
        "format": "cms",
        "official": OFFICIAL,
        "kind": "licence",
        "service": "medical-activity",
        "number": "000001",
        "holder": { "iin": HOLDER },
    })
    .to_string()
}

impl Example {
    /// The example as the body of `POST /v1/certificates/check`.
    #[must_use]
    pub fn body(&self) -> String {
        let (kind, number) = self.number;
        serde_json::json!({ "certificate": self.certificate, "identity": { kind: number } }).to_string()
    }
}

/// Whether the embedded demonstration could not be read: a defect of the build, never of the input.
#[derive(Debug, thiserror::Error)]
#[error("the embedded demonstration cannot be read: {0}")]
pub struct DemoError(String);

fn certificates(files: &[&[u8]]) -> Result<Vec<Certificate>, DemoError> {
    files
        .iter()
        .map(|pem| {
            let der = armour::decode_one(pem, Label::Certificate).map_err(|error| DemoError(error.to_string()))?;
            Certificate::from_der(&der).map_err(|error| DemoError(error.to_string()))
        })
        .collect()
}

/// The demo's root certificates.
///
/// # Errors
///
/// [`DemoError`] for a broken build.
pub fn roots() -> Result<Vec<Certificate>, DemoError> {
    certificates(&ROOTS)
}

/// The demo's issuing certificates.
///
/// # Errors
///
/// [`DemoError`] for a broken build.
pub fn intermediates() -> Result<Vec<Certificate>, DemoError> {
    certificates(&ISSUING)
}

/// The demo's revocation lists.
#[must_use]
pub fn lists() -> Vec<Source> {
    LISTS.into_iter().map(|(name, bytes)| Source::embedded(name, bytes)).collect()
}

/// Whether the key of `certificate` is one of the demo's, whatever the certificate around it says and however the key
/// is written.
#[must_use]
pub fn is_demo(certificate: &Certificate) -> bool {
    static KEYS: LazyLock<Vec<PublicKey>> = LazyLock::new(|| {
        let official = certificates(&[OFFICIAL_CERTIFICATE]);
        let known = roots().into_iter().chain(intermediates()).chain(official).flatten();
        known.filter_map(|demo| demo.public_key().ok().cloned()).collect()
    });
    certificate.public_key().is_ok_and(|key| KEYS.iter().any(|demo| demo.shares_secret_with(key)))
}

/// Anchors, intermediates and lists of the demonstration.
///
/// # Errors
///
/// [`DemoError`] for a broken build.
pub fn grounds(now: Time) -> Result<Grounds, DemoError> {
    let mut builder = Pool::builder();
    for root in roots()? {
        builder = builder.anchor(Anchor::new(root, Purposes::ALL, true));
    }
    for issuing in intermediates()? {
        builder = builder.intermediate(issuing);
    }
    let pool = Arc::new(builder.build());
    let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    let store = Store::load(lists(), StoreOptions::new(issuers), now);
    Ok(Grounds::new(pool, Lists::Live(Arc::new(store))))
}
