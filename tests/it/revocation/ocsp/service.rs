//! Responders asked by the service: how often, and where it never goes.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rastau::clock::FixedClock;
use rastau::config::{Config, Sources};
use rastau::policy::RevocationOrder;
use rastau::revocation::Snapshot;
use rastau::revocation::ocsp::{ClientSettings, FailureCause, NoncePolicy, OcspClient, OcspRules, Responses};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Responder, Responders, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::{Decision, Report};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::ocsp::{ResponseBuilder, Single, good, revoked};
use rastau_mint::{der, extension, identity, pem};

use super::responder::Direct;
use super::{NOON, noon, time};

fn person() -> CertificateBuilder {
    CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&Key::ed25519("person"))
}

async fn ask(service: &Service, leaf: &[u8]) -> Report {
    let request = CheckRequest { certificate: pem::encode("CERTIFICATE", leaf), ..CheckRequest::default() };
    let mut prepared = service.prepare(request).unwrap();
    service.find_chains(&mut prepared, service.grounds());
    service.check(service.ask_responders(prepared, service.grounds()).await)
}

#[tokio::test]
async fn an_authority_with_renewed_certificates_is_one_question() {
    let key = Key::ed25519("nca");
    let certificate = |serial: u8| CertificateBuilder::root_ca("nca", &key).serial(&[serial; 20]);
    let authorities = [1, 2, 3, 4].map(|serial| Authority::self_signed(&certificate(serial), Key::ed25519("nca")));
    let leaf = authorities[0].issue(person());
    let mut pool = Pool::builder();
    for authority in &authorities {
        let certificate = Certificate::from_der(&authority.certificate).unwrap();
        pool = pool.anchor(Anchor::new(certificate, Purposes::ALL, false));
    }
    let single = Single::new(authorities[0].cert_id(&person().serial_contents()), good(), NOON);
    let answer = ResponseBuilder::new(&authorities[0].name, NOON).answer(single).sign(&key);
    let fetch = Direct::new(move |_, _| Ok(answer.clone()));
    let settings = ClientSettings { nonce: NoncePolicy::Off, ..ClientSettings::default() };
    let client = Arc::new(OcspClient::new(Arc::clone(&fetch) as _, Arc::new(FixedClock(noon())), settings));
    let configured = vec![Responder { addresses: [Arc::from("http://one")].into(), authorities: Vec::new() }];
    let grounds = Grounds::new(Arc::new(pool.build()), Lists::Fixed(Arc::new(Snapshot::default())));
    let service = Service::new(Parts {
        order: RevocationOrder::Ocsp,
        responders: Some(Responders { client, configured, discovered: None, timeout: Duration::from_secs(20) }),
        ..Parts::new(Arc::new(FixedClock(noon())), grounds)
    });
    let report = ask(&service, &leaf).await;
    assert_eq!(report.decision(), Decision::Accepted, "{report:?}");
    assert_eq!((fetch.requests(), service.ocsp_figures()[0].asked), (1, 1));
}

/// An authority with a list of its own, and a delegate of its that need not be known to anybody.
struct Delegated {
    authority: Authority,
    leaf: Vec<u8>,
    delegate: Vec<u8>,
}

const DELEGATE: &str = "delegate without nocheck";

impl Delegated {
    fn new(delegate_until: &str) -> Self {
        let authority = Authority::root("nca", Key::ed25519("nca"));
        let leaf = authority.issue(person());
        let delegate = authority.responder("OCSP RESPONDER", &Key::p256(DELEGATE));
        let delegate = delegate.without("1.3.6.1.5.5.7.48.1.5").valid("2025-01-01T00:00:00Z", delegate_until);
        Self { delegate: authority.issue(delegate), leaf, authority }
    }

    fn response(&self, status: Vec<u8>, when: &str) -> Vec<u8> {
        let single = Single::new(self.authority.cert_id(&person().serial_contents()), status, when);
        let name = rastau_mint::name::Name::authority("OCSP RESPONDER").encode();
        ResponseBuilder::new(&name, when).certificate(&self.delegate).answer(single).sign(&Key::p256(DELEGATE))
    }

    /// What a service comes to about the leaf at `at`, the clock showing `now`, with the list and a response that is at hand or
    /// comes from a responder.
    async fn decide(
        &self,
        list: &ListBuilder,
        (response, is_fetched): (Vec<u8>, bool),
        order: RevocationOrder,
        (at, now): (&str, &str),
    ) -> Decision {
        let read = Certificate::from_der(&self.authority.certificate).unwrap();
        let now = time(now);
        let lists = [self.authority.sign_list(list)];
        let (lists, unread) = Snapshot::read(lists, std::slice::from_ref(&read), now);
        assert!(unread.is_empty());
        let held = (!is_fetched).then(|| response.clone());
        let (responses, _) = Responses::read(held, OcspRules::default());
        let pool = Pool::builder().anchor(Anchor::new(read, Purposes::ALL, false)).build();
        let fetch = Direct::new(move |_, _| Ok(response.clone()));
        let settings = ClientSettings { nonce: NoncePolicy::Off, ..ClientSettings::default() };
        let client = Arc::new(OcspClient::new(fetch as _, Arc::new(FixedClock(now)), settings));
        let configured = vec![Responder { addresses: [Arc::from("http://one")].into(), authorities: Vec::new() }];
        let responders = Responders { client, configured, discovered: None, timeout: Duration::from_secs(20) };
        let grounds = Grounds { responses, ..Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(lists))) };
        let service = Service::new(Parts {
            order,
            responders: is_fetched.then_some(responders),
            ..Parts::new(Arc::new(FixedClock(now)), grounds)
        });
        let certificate = pem::encode("CERTIFICATE", &self.leaf);
        let request = CheckRequest { certificate, at: Some(at.to_owned()), ..CheckRequest::default() };
        let mut prepared = service.prepare(request).unwrap();
        service.find_chains(&mut prepared, service.grounds());
        service.check(service.ask_responders(prepared, service.grounds()).await).decision()
    }
}

/// A list of the authority that names nobody.
fn silent(scene: &Delegated, this: &str) -> ListBuilder {
    scene.authority.list().updates(this, "2027-01-01T00:00:00Z")
}

#[tokio::test]
async fn a_lapsed_answer_that_says_revoked_counts_beside_a_fresh_silent_list() {
    let scene = Delegated::new("2027-01-01T00:00:00Z");
    let list = silent(&scene, "2026-08-20T08:00:00Z");
    let response = scene.response(revoked("2026-08-20T07:00:00Z", Some(1)), "2026-08-20T07:30:00Z");
    for is_fetched in [true, false] {
        let response = (response.clone(), is_fetched);
        let decision = scene.decide(&list, response, RevocationOrder::OcspThenCrl, (NOON, NOON)).await;
        assert_eq!(decision, Decision::Refused, "{is_fetched}");
    }
}

#[tokio::test]
async fn what_a_delegate_of_whom_no_list_tells_says_is_revoked_is_not_mended_by_a_silent_list() {
    // The list is for a distribution point that the leaf alone names.
    const POINT: &str = "http://crl.invalid/1.crl";
    let mut scene = Delegated::new("2027-01-01T00:00:00Z");
    scene.leaf = scene.authority.issue(person().replace(Extension::distribution_points(&[&[POINT]])));
    let name = der::explicit(0, &extension::full_name(&[extension::uri(POINT)]));
    let list = silent(&scene, "2026-08-20T08:00:00Z").issuing_distribution_point(&[name]);
    for order in [RevocationOrder::CrlThenOcsp, RevocationOrder::OcspThenCrl] {
        for (status, wanted) in
            [(good(), Decision::Accepted), (revoked("2026-08-20T10:00:00Z", Some(1)), Decision::Refused)]
        {
            let response = (scene.response(status, NOON), false);
            assert_eq!(scene.decide(&list, response, order, (NOON, NOON)).await, wanted, "{order:?}");
        }
    }
}

#[tokio::test]
async fn the_silence_of_a_list_from_after_a_delegates_expiry_does_not_vouch_for_it() {
    let scene = Delegated::new("2026-09-01T00:00:00Z");
    let later = "2026-09-10T00:00:00Z";
    for (this, wanted) in
        [("2026-08-25T00:00:00Z", Decision::Accepted), ("2026-09-05T00:00:00Z", Decision::Undetermined)]
    {
        let list = silent(&scene, this);
        let response = (scene.response(good(), NOON), false);
        assert_eq!(scene.decide(&list, response, RevocationOrder::Ocsp, (NOON, later)).await, wanted, "{this}");
    }
}

#[tokio::test]
async fn a_delegate_that_was_superseded_since_answered_in_its_time() {
    let scene = Delegated::new("2027-01-01T00:00:00Z");
    let serial = Certificate::from_der(&scene.delegate).unwrap().serial_number().as_bytes().to_vec();
    let later = "2026-09-10T00:00:00Z";
    for (reason, when, wanted) in [
        (4, "2026-08-20T12:00:01Z", Decision::Accepted),
        (4, NOON, Decision::Undetermined),
        (1, "2026-08-20T12:00:01Z", Decision::Undetermined),
    ] {
        let list = silent(&scene, "2026-08-25T00:00:00Z").revoke(&serial, when, Some(reason));
        let response = (scene.response(good(), NOON), false);
        let decision = scene.decide(&list, response, RevocationOrder::Ocsp, (NOON, later)).await;
        assert_eq!(decision, wanted, "{reason} {when}");
    }
}

/// A service on this configuration, which trusts `authority`.
fn started(folder: &std::path::Path, authority: &Authority, config: &str) -> Service {
    std::fs::write(folder.join("root.pem"), pem::certificate(&authority.certificate)).unwrap();
    let text = format!("[data]\ndirectory = \"data\"\n[trust]\nanchors = \"root.pem\"\n{config}");
    std::fs::write(folder.join("rastau.toml"), text).unwrap();
    let sources = Sources { file: Some(folder.join("rastau.toml")), ..Sources::default() };
    let started = Service::start(&Config::load(&sources).unwrap(), Arc::new(FixedClock(noon()))).unwrap();
    Arc::into_inner(started.service).unwrap()
}

#[tokio::test]
async fn a_responder_named_by_a_certificate_never_is_this_machine() {
    let authority = Authority::root("nca", Key::ed25519("nca"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let times = "[ocsp]\ntimeout_ms = 500\n";
    // A number is not taken from a certificate at all; a name that is listed is refused once it is resolved.
    for (host, questions) in [("127.0.0.1", 0), ("[::1]", 0), ("localhost", 1)] {
        let address = format!("http://{host}:{port}/");
        let named = Extension::authority_information_access("http://pki.example.kz/ca.cer", Some(&address));
        let leaf = authority.issue(person().replace(named));
        let folder = tempfile::tempdir().unwrap();
        let order = format!("[revocation]\norder = \"ocsp\"\nfetch_hosts = [\"localhost:{port}\"]\n");
        let service = started(folder.path(), &authority, &format!("{order}{times}"));
        let report = ask(&service, &leaf).await;
        assert_eq!(report.decision(), Decision::Undetermined, "{address}");
        let figures = service.ocsp_figures();
        assert_eq!(figures.iter().map(|one| one.asked).collect::<Vec<_>>(), [0, questions], "{address}");
        assert_eq!(
            figures[1].failures.iter().find(|(_, count)| *count > 0).map(|(cause, _)| *cause),
            (questions > 0).then_some(FailureCause::Other),
            "{address}"
        );
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "{address} was connected to");
    }
    // What the operator writes may lead there.
    let folder = tempfile::tempdir().unwrap();
    let responder = format!("[[ocsp.responder]]\nurls = [\"http://localhost:{port}/\"]\n");
    let order = "[revocation]\norder = \"ocsp\"\n";
    let service = started(folder.path(), &authority, &format!("{order}{times}{responder}"));
    assert_eq!(ask(&service, &authority.issue(person())).await.decision(), Decision::Undetermined);
    assert!(listener.accept().is_ok());
}
