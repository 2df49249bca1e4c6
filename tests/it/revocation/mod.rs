//! Revocation lists: what is read, what is believed, what is answered.

mod changes;
mod crossed;
mod delta;
pub(crate) mod faults;
mod holds;
mod indirect;
mod interop;
mod kept;
mod matrix;
mod namesakes;
pub mod ocsp;
mod orders;
mod reading;
mod reasons;
mod refresh;
mod remembered;
mod standing;
mod status;
mod stored;
mod storing;
mod two_keys;
mod worst;

use std::sync::{Arc, OnceLock};

use rastau::clock::Time;
use rastau::revocation::{ListError, ParsedList, RevocationList, Snapshot, Source, Status, UnknownCause};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;

/// The serial number of the leaf that most tests ask about.
const SERIAL: [u8; 20] = [0x21; 20];

/// When most tests revoke it.
const REVOKED_ON: &str = "2026-06-02T09:15:00Z";

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// An authority with its certificate read.
struct Issuer {
    authority: Authority,
    certificate: Certificate,
}

impl Issuer {
    fn new(name: &str, key: Key) -> Self {
        Self::of(Authority::root(name, key))
    }

    fn of(authority: Authority) -> Self {
        let certificate = Certificate::from_der(&authority.certificate).unwrap();
        Self { authority, certificate }
    }

    fn leaf_with(&self, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Certificate {
        let builder = change(CertificateBuilder::individual("900101300017").serial(&SERIAL));
        Certificate::from_der(&self.authority.issue(builder)).unwrap()
    }

    fn leaf(&self) -> Certificate {
        self.leaf_with(|builder| builder)
    }

    /// A list of this issuer, January 2026 to January 2027, number 1.
    fn list(&self) -> ListBuilder {
        self.authority.list().updates("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    }

    fn sign(&self, list: &ListBuilder) -> Vec<u8> {
        self.authority.sign_list(list)
    }

    fn verified(&self, list: &ListBuilder) -> Arc<RevocationList> {
        Arc::new(verify(self.sign(list), &self.certificate).unwrap())
    }
}

/// One issuer for all tests that need no special one.
fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| Issuer::new("СЫНАҚ КО", Key::p256("revocation tests")))
}

fn read(der: Vec<u8>) -> Result<ParsedList, ListError> {
    ParsedList::read(der, Source::request(0))
}

fn verify(der: Vec<u8>, issuer: &Certificate) -> Result<RevocationList, ListError> {
    read(der)?.verify(issuer).map_err(|failed| failed.1)
}

/// In the middle of the lists' period.
fn noon() -> Time {
    time("2026-08-20T12:00:00Z")
}

fn status(lists: &[Arc<RevocationList>], leaf: &Certificate, at: Time) -> Status {
    Snapshot::assemble(lists.iter().cloned(), noon()).status(leaf, &issuer().certificate, at, noon())
}

/// One word an answer, for tables.
fn word(status: &Status) -> &'static str {
    match status {
        Status::Good { after_expiry: true, .. } => "good, after expiry",
        Status::Good { .. } => "good",
        Status::Revoked { stale: true, .. } => "revoked, stale",
        Status::Revoked { after_at: true, .. } => "revoked later",
        Status::Revoked { .. } => "revoked",
        Status::Unknown { cause } => match cause {
            UnknownCause::NoList => "no list",
            UnknownCause::Rejected { .. } => "rejected",
            UnknownCause::OutOfScope { .. } => "out of scope",
            UnknownCause::Unsupported { .. } => "unsupported",
            UnknownCause::NotVouched { .. } => "not vouched",
            UnknownCause::SomeReasons { .. } => "some reasons",
            UnknownCause::NotYetValid { .. } => "not yet valid",
            UnknownCause::NotAccepted { .. } => "not accepted",
            UnknownCause::Stale { .. } => "stale",
            UnknownCause::Behind { .. } => "behind",
        },
    }
}
