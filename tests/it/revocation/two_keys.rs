//! A service whose authority signs its lists with another key than its certificates: what the configuration has to name,
//! and what a request may bring.

use std::path::Path;
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::config::{Config, Sources};
use rastau::service::{CheckRequest, Service};
use rastau::verdict::Decision;
use rastau_mint::authority::Authority;
use rastau_mint::pem;
use rastau_mint::world::World;

use super::noon;

/// A service that knows these authorities, with the lists of the root and of the second key.
fn started(world: &World, folder: &Path, authorities: &[&Authority]) -> Service {
    let write = |name: &str, contents: &[u8]| std::fs::write(folder.join(name), contents).unwrap();
    write("root.pem", pem::certificate(&world.root.certificate).as_bytes());
    let bundle: String = authorities.iter().map(|one| pem::certificate(&one.certificate)).collect();
    write("nca.pem", bundle.as_bytes());
    write("root.crl", &world.of_root());
    write("nca.crl", &world.of_second(|list| list));
    let text = "[data]\ndirectory = \"data\"\n[trust]\nanchors = \"root.pem\"\nintermediates = [\"nca.pem\"]\n\
                [[revocation.list]]\npath = \"root.crl\"\n[[revocation.list]]\npath = \"nca.crl\"\n";
    write("rastau.toml", text.as_bytes());
    let sources = Sources { file: Some(folder.join("rastau.toml")), ..Sources::default() };
    let started = Service::start(&Config::load(&sources).unwrap(), Arc::new(FixedClock(noon()))).unwrap();
    Arc::into_inner(started.service).unwrap()
}

fn ask(world: &World, service: &Service, sent: &[&Authority]) -> Decision {
    let sent = sent.iter().map(|one| pem::certificate(&one.certificate)).collect();
    let certificate = pem::certificate(&world.leaf);
    let request = CheckRequest { certificate, intermediates: sent, ..CheckRequest::default() };
    service.check(service.prepare(request).unwrap()).decision()
}

#[test]
fn both_certificates_in_the_configuration_make_the_list_of_the_second_key_count() {
    let world = World::of_two_keys("nca");
    let folder = tempfile::tempdir().unwrap();
    let service = started(&world, folder.path(), &[&world.first, &world.second]);
    assert_eq!(ask(&world, &service, &[]), Decision::Accepted);
    assert!(service.readiness().ready, "{:?}", service.readiness());
}

#[test]
fn a_certificate_that_only_a_request_brings_makes_no_list_of_the_service_count() {
    let world = World::of_two_keys("nca");
    let folder = tempfile::tempdir().unwrap();
    // The list is not verified at all without the key that signed it.
    let service = started(&world, folder.path(), &[&world.first]);
    assert_eq!(ask(&world, &service, &[]), Decision::Undetermined);
    assert_eq!(ask(&world, &service, &[&world.second]), Decision::Undetermined);
    assert!(!service.readiness().ready);
    // The first key may come with the request: the path that leads through it ends at the same anchor.
    let folder = tempfile::tempdir().unwrap();
    let service = started(&world, folder.path(), &[&world.second]);
    assert_eq!(ask(&world, &service, &[&world.first]), Decision::Accepted);
    assert_eq!(ask(&world, &service, &[]), Decision::Refused, "no path");
}
