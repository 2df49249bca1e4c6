//! Responders asked by the service: how often, and where it never goes.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rastau::clock::FixedClock;
use rastau::config::{Config, Sources};
use rastau::policy::RevocationOrder;
use rastau::revocation::Snapshot;
use rastau::revocation::ocsp::{ClientSettings, FailureCause, NoncePolicy, OcspClient};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Responder, Responders, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::{Decision, Report};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, good};
use rastau_mint::{identity, pem};

use super::responder::Direct;
use super::{NOON, noon};

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
