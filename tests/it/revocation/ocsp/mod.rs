//! Online status: what is read, by whom it may be signed, what it comes to, and how it is fetched.

mod answers;
mod client;
mod interop;
mod reading;
mod request;
pub mod responder;
mod service;
mod signers;

use std::sync::{Arc, OnceLock};

use rastau::clock::Time;
use rastau::revocation::ocsp::{OcspError, OcspResponse, OcspRules, OcspStatus, ParsedResponse, Responses};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use rastau_mint::ocsp::{ResponseBuilder, Single};

use super::time;

/// When most answers are given and most questions asked.
const NOON: &str = "2026-08-20T12:00:00Z";
/// The serial number of the leaf that most tests ask about.
const SERIAL: [u8; 20] = [0x21; 20];

/// An authority, a responder of its, and a leaf.
struct Scene {
    authority: Authority,
    issuer: Certificate,
    leaf: Certificate,
    responder_key: Key,
    responder: Vec<u8>,
}

impl Scene {
    fn new(authority: Authority, responder_key: Key) -> Self {
        let read = |der: &[u8]| Certificate::from_der(der).unwrap();
        let leaf = authority.issue(CertificateBuilder::individual("900101300017").serial(&SERIAL));
        Self {
            issuer: read(&authority.certificate),
            leaf: read(&leaf),
            responder: authority.issue(authority.responder("OCSP RESPONDER", &responder_key)),
            authority,
            responder_key,
        }
    }

    /// One answer about the leaf, given at noon, without nextUpdate.
    fn single(&self, status: Vec<u8>) -> Single {
        Single::new(self.authority.cert_id(&SERIAL), status, NOON)
    }

    /// A response of the delegate at noon, without answers.
    fn delegated(&self) -> ResponseBuilder {
        self.delegated_at(NOON)
    }

    fn delegated_at(&self, produced_at: &str) -> ResponseBuilder {
        let name = Name::authority("OCSP RESPONDER").encode();
        ResponseBuilder::new(&name, produced_at).certificate(&self.responder)
    }

    /// A response that the authority signs itself.
    fn own(&self) -> ResponseBuilder {
        ResponseBuilder::new(&self.authority.name, NOON)
    }

    /// The delegate's response with one answer about the leaf, signed.
    fn answer(&self, status: Vec<u8>) -> Vec<u8> {
        self.delegated().answer(self.single(status)).sign(&self.responder_key)
    }

    fn verify(&self, der: &[u8]) -> Result<OcspResponse, OcspError> {
        ParsedResponse::read(der)?.verify(&self.issuer)
    }

    /// What these responses come to at `at`, the clock showing the same.
    fn status_at(&self, responses: &[Vec<u8>], at: &str) -> OcspStatus {
        let (responses, unread) = Responses::read(responses, OcspRules::default());
        assert!(unread.is_empty(), "{unread:?}");
        responses.status(&self.leaf, &self.issuer, time(at), time(at))
    }

    fn status(&self, responses: &[Vec<u8>]) -> OcspStatus {
        self.status_at(responses, NOON)
    }
}

/// One scene for all tests that need no special one.
fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| Scene::new(Authority::root("СЫНАҚ КО", Key::p256("ocsp tests")), Key::p256("ocsp responder")))
}

/// The status in short.
fn short(status: &OcspStatus) -> String {
    match status {
        OcspStatus::Good { after_expiry: false, .. } => "good".to_owned(),
        OcspStatus::Good { after_expiry: true, .. } => "good, after expiry".to_owned(),
        OcspStatus::Revoked { revoked, stale, after_at, .. } => {
            let reason = revoked.reason.map_or("no reason", |reason| reason.name());
            let stale = if *stale { ", stale" } else { "" };
            let later = if *after_at { ", later" } else { "" };
            format!("revoked {}, {reason}{stale}{later}", revoked.date)
        }
        OcspStatus::Unknown { never_issued: true, .. } => "never issued".to_owned(),
        OcspStatus::Unknown { .. } => "unknown".to_owned(),
        OcspStatus::Unavailable { cause } => {
            let cause = format!("{cause:?}");
            format!("unavailable: {}", cause.split([' ', '{', '(']).next().unwrap_or_default())
        }
    }
}

fn addresses(urls: &[&str]) -> Vec<Arc<str>> {
    urls.iter().map(|url| Arc::from(*url)).collect()
}

fn noon() -> Time {
    time(NOON)
}
