//! A service whose authority signs its lists with another key than its certificates: what the configuration has to name,
//! and what a request may bring.

use std::path::Path;
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::config::{Config, Sources};
use rastau::service::{CheckRequest, Service};
use rastau::verdict::Decision;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::{identity, pem};

use super::noon;

struct World {
    root: Authority,
    first: Authority,
    second: Authority,
    leaf: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("root", Key::p256("root of two keys"));
        let [first, second] = ["first", "second"].map(|key| root.subordinate("nca", Key::p256(key)));
        let leaf = first.issue(CertificateBuilder::individual(&identity::iin("650615", false, 1)));
        Self { root, first, second, leaf }
    }

    /// A service that knows these authorities, with the lists of the root and of the second key.
    fn started(&self, folder: &Path, authorities: &[&Authority]) -> Service {
        let write = |name: &str, contents: &[u8]| std::fs::write(folder.join(name), contents).unwrap();
        write("root.pem", pem::certificate(&self.root.certificate).as_bytes());
        let bundle: String = authorities.iter().map(|one| pem::certificate(&one.certificate)).collect();
        write("nca.pem", bundle.as_bytes());
        write("root.crl", &self.root.sign_list(&self.root.list()));
        write("nca.crl", &self.second.sign_list(&self.second.list()));
        let text = "[data]\ndirectory = \"data\"\n[trust]\nanchors = \"root.pem\"\nintermediates = [\"nca.pem\"]\n\
                    [[revocation.list]]\npath = \"root.crl\"\n[[revocation.list]]\npath = \"nca.crl\"\n";
        write("rastau.toml", text.as_bytes());
        let sources = Sources { file: Some(folder.join("rastau.toml")), ..Sources::default() };
        let started = Service::start(&Config::load(&sources).unwrap(), Arc::new(FixedClock(noon()))).unwrap();
        Arc::into_inner(started.service).unwrap()
    }

    fn ask(&self, service: &Service, sent: &[&Authority]) -> Decision {
        let sent = sent.iter().map(|one| pem::certificate(&one.certificate)).collect();
        let certificate = pem::certificate(&self.leaf);
        let request = CheckRequest { certificate, intermediates: sent, ..CheckRequest::default() };
        service.check(service.prepare(request).unwrap()).decision()
    }
}

#[test]
fn both_certificates_in_the_configuration_make_the_list_of_the_second_key_count() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let service = world.started(folder.path(), &[&world.first, &world.second]);
    assert_eq!(world.ask(&service, &[]), Decision::Accepted);
    assert!(service.readiness().ready, "{:?}", service.readiness());
}

#[test]
fn a_certificate_that_only_a_request_brings_makes_no_list_of_the_service_count() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    // The list is not verified at all without the key that signed it.
    let service = world.started(folder.path(), &[&world.first]);
    assert_eq!(world.ask(&service, &[]), Decision::Undetermined);
    assert_eq!(world.ask(&service, &[&world.second]), Decision::Undetermined);
    assert!(!service.readiness().ready);
    // The first key may come with the request: the path that leads through it ends at the same anchor.
    let folder = tempfile::tempdir().unwrap();
    let service = world.started(folder.path(), &[&world.second]);
    assert_eq!(world.ask(&service, &[&world.first]), Decision::Accepted);
    assert_eq!(world.ask(&service, &[]), Decision::Refused, "no path");
}
