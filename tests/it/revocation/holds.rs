//! Holds that a newer response may lift, and those that it may not.

use std::sync::Arc;

use rastau::clock::{FixedClock, Time};
use rastau::policy::RevocationOrder;
use rastau::revocation::ocsp::{OcspRules, Responses};
use rastau::revocation::{ParsedList, Snapshot, Source};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::Decision;
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::ocsp::{ResponseBuilder, Single, generalized, good};
use rastau_mint::{identity, pem};

const NOW: &str = "2026-08-20T00:00:00Z";
const HOLD: Option<u8> = Some(6);

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// An authority trusted itself, and the serial number of the one certificate that is asked about.
struct World {
    nca: Authority,
    leaf: Vec<u8>,
    serial: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let nca = Authority::root("nca", Key::ed25519("nca"));
        let person = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&Key::ed25519("person"));
        let serial = person.serial_contents();
        Self { leaf: nca.issue(person), serial, nca }
    }

    fn full(&self) -> ListBuilder {
        self.nca.list().number(7).updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z")
    }

    /// The answer under `ocsp-then-crl` about the moment `at`, with a good response given at `good_at`.
    fn decide(&self, lists: &[ListBuilder], good_at: &str, at: &str) -> Decision {
        let nca = Certificate::from_der(&self.nca.certificate).unwrap();
        let verified = lists.iter().enumerate().map(|(position, list)| {
            let parsed = ParsedList::read(self.nca.sign_list(list), Source::request(position)).unwrap();
            Arc::new(parsed.verify(&nca).unwrap())
        });
        let snapshot = Snapshot::assemble(verified, time(NOW));
        let mut single = Single::new(self.nca.cert_id(&self.serial), good(), good_at);
        single.next_update = Some(generalized("2026-08-27T00:00:00Z"));
        let response = ResponseBuilder::new(&self.nca.name, good_at).answer(single).sign(&self.nca.key);
        let pool = Arc::new(Pool::builder().anchor(Anchor::new(nca, Purposes::ALL, false)).build());
        let grounds = Grounds {
            responses: Responses::read([response], OcspRules::default()).0,
            ..Grounds::new(pool, Lists::Fixed(Arc::new(snapshot)))
        };
        let clock = Arc::new(FixedClock(time(NOW)));
        let parts = Parts::new(clock, grounds);
        let service = Service::new(Parts { order: RevocationOrder::OcspThenCrl, ..parts });
        let certificate = pem::encode("CERTIFICATE", &self.leaf);
        let request = CheckRequest { certificate, at: Some(at.to_owned()), ..CheckRequest::default() };
        service.check(service.prepare(request).unwrap()).decision()
    }
}

#[test]
fn a_hold_that_a_delta_set_after_the_response_is_not_lifted_by_it() {
    let world = World::new();
    let delta = world.nca.list().number(8).delta_to(7).updates("2026-08-19T20:00:00Z", "2026-08-20T06:00:00Z");
    let lists = [world.full(), delta.revoke(&world.serial, "2026-08-19T19:00:00Z", HOLD)];
    // Newer than the full list, older than the delta.
    assert_eq!(world.decide(&lists, "2026-08-19T18:00:00Z", NOW), Decision::Refused);
    assert_eq!(world.decide(&lists, "2026-08-19T21:00:00Z", NOW), Decision::Accepted);
}

#[test]
fn a_hold_that_is_over_now_was_a_hold_then() {
    let world = World::new();
    let lists = [world.full().revoke(&world.serial, "2026-08-01T00:00:00Z", HOLD)];
    let lifted = "2026-08-19T23:59:00Z";
    assert_eq!(world.decide(&lists, lifted, NOW), Decision::Accepted);
    assert_eq!(world.decide(&lists, lifted, "2026-08-10T00:00:00Z"), Decision::Refused);
}

#[test]
fn a_response_as_old_as_the_list_lifts_no_hold() {
    let world = World::new();
    let lists = [world.full().revoke(&world.serial, "2026-08-01T00:00:00Z", HOLD)];
    assert_eq!(world.decide(&lists, "2026-08-19T00:30:00Z", NOW), Decision::Refused);
    assert_eq!(world.decide(&lists, "2026-08-19T00:30:01Z", NOW), Decision::Accepted);
}

#[test]
fn a_hold_that_began_after_the_moment_and_is_over_was_none_then() {
    let world = World::new();
    let lists = [world.full().revoke(&world.serial, "2026-08-10T00:00:00Z", HOLD)];
    let lifted = "2026-08-19T23:59:00Z";
    assert_eq!(world.decide(&lists, lifted, "2026-08-09T23:59:59Z"), Decision::Accepted);
    assert_eq!(world.decide(&lists, lifted, "2026-08-10T00:00:00Z"), Decision::Refused);
    // Without a response that lifts it, a hold says nothing good about any moment.
    assert_eq!(world.decide(&lists, "2026-08-18T00:00:00Z", "2026-08-09T23:59:59Z"), Decision::Refused);
}

#[test]
fn what_is_no_hold_is_never_lifted() {
    let world = World::new();
    for reason in [Some(0), Some(1), Some(4), Some(5), None] {
        let lists = [world.full().revoke(&world.serial, "2026-08-01T00:00:00Z", reason)];
        assert_eq!(world.decide(&lists, "2026-08-19T23:59:00Z", NOW), Decision::Refused, "{reason:?}");
    }
}
