//! An authority that two roots certified, lists that only one path leads to, and what a service makes of evidence that rests on
//! algorithms that are not accepted.

use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::policy::algorithms::AlgorithmTable;
use rastau::revocation::{HostList, RevocationList, Snapshot, Source, Store, StoreOptions};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Service, vouched, vouched_among};
use rastau::trust::{Anchor, AnchorRule, Pool, Purposes};
use rastau::verdict::{Decision, RefusalCode};
use rastau::x509::Certificate;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::{identity, pem};

use super::standing;
use super::{Issuer, REVOKED_ON, noon};

const NAME: &str = "ЕКІ ТҮБІР";

fn anchor(issuer: &Issuer) -> Anchor {
    Anchor::new(issuer.certificate.clone(), Purposes::ALL, false)
}

fn by(root: &Issuer, key: &Key) -> Issuer {
    Issuer::of(root.authority.subordinate_of(CertificateBuilder::issuing_ca(NAME, key), key.clone()))
}

fn person() -> CertificateBuilder {
    CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&Key::ed25519("person"))
}

#[test]
fn no_other_path_forgets_that_the_certificate_itself_is_revoked() {
    let roots = ["БІР", "ЕКІ"].map(|name| Issuer::new(name, Key::p256(name)));
    let (first, second) = (Key::p256("first key of two roots"), Key::p256("second key of two roots"));
    let crossed = roots.each_ref().map(|root| by(root, &first));
    let leaf = crossed[0].authority.issue(person());
    let serial = person().serial_contents();
    // The second key, which the first root certified alone, has the list that names somebody.
    let other_key = by(&roots[0], &second);
    let ask = |anchors: [usize; 2], list: ListBuilder, of_ca: Option<&[u8]>| {
        let of_root = |root: &Issuer| {
            let list = of_ca.filter(|_| std::ptr::eq(root, &roots[0])).map(|serial| (root.list(), serial));
            root.verified(&list.map_or(root.list(), |(list, serial)| list.revoke(serial, REVOKED_ON, None)))
        };
        let own = crossed[0].verified(&crossed[0].list());
        let lists: Vec<Arc<RevocationList>> =
            roots.iter().map(of_root).chain([own, other_key.verified(&list)]).collect();
        let pool = anchors.iter().fold(Pool::builder(), |pool, place| {
            pool.anchor(anchor(&roots[*place])).intermediate(crossed[*place].certificate.clone())
        });
        let pool = Arc::new(pool.intermediate(other_key.certificate.clone()).build());
        let lists = Snapshot::assemble(lists, noon()).with_vouched(Arc::new(vouched(&pool, noon())));
        let grounds = Grounds::new(pool, Lists::Fixed(Arc::new(lists)));
        let service = Service::new(Parts::new(Arc::new(FixedClock(noon())), grounds));
        let request = CheckRequest { certificate: pem::encode("CERTIFICATE", &leaf), ..CheckRequest::default() };
        let report = service.check(service.prepare(request).unwrap());
        (report.decision(), report.refusal().map(|refusal| refusal.code))
    };
    let refused = (Decision::Refused, Some(RefusalCode::CertificateRevoked));
    for anchors in [[0, 1], [1, 0]] {
        let list = other_key.list();
        assert_eq!(ask(anchors, list.clone(), None), (Decision::Accepted, None), "{anchors:?}");
        assert_eq!(ask(anchors, list.clone().revoke(&serial, REVOKED_ON, Some(1)), None), refused, "{anchors:?}");
        // Revoked later in good order is no revocation.
        let later = list.clone().revoke(&serial, "2026-08-25T00:00:00Z", Some(4));
        assert_eq!(ask(anchors, later, None), (Decision::Accepted, None), "{anchors:?}");
        // What befalls the authority on one path is for that path alone.
        let of_ca = crossed[0].certificate.serial_number().as_bytes();
        assert_eq!(ask(anchors, list.clone(), Some(of_ca)), (Decision::Accepted, None), "{anchors:?}");
        // Nor is what a revoked authority leads to: its key may be anybody's.
        let list = list.revoke(&serial, REVOKED_ON, Some(1));
        assert_eq!(ask(anchors, list, Some(of_ca)), (Decision::Accepted, None), "{anchors:?}");
    }
}

#[test]
fn authorities_that_are_configured_are_looked_for_however_many_sign_lists() {
    let root = Issuer::new("БІР", Key::p256("БІР"));
    let keys: Vec<Key> = (0..20).map(|place| Key::p256(&format!("one of twenty {place}"))).collect();
    let all: Vec<Issuer> = keys.iter().map(|key| by(&root, key)).collect();
    let serial = person().serial_contents();
    let leaf = all[0].authority.issue(person());
    for revoking in 1..all.len() {
        let list = |(place, issuer): (usize, &Issuer)| {
            let list = issuer.list();
            issuer.verified(&if place == revoking { list.revoke(&serial, REVOKED_ON, Some(1)) } else { list })
        };
        let lists: Vec<_> = all.iter().enumerate().map(list).chain([root.verified(&root.list())]).collect();
        for configured in [true, false] {
            let pool = Pool::builder().anchor(anchor(&root));
            let pool = match configured {
                true => all.iter().fold(pool, |pool, one| pool.intermediate(one.certificate.clone())),
                false => pool.intermediate(all[0].certificate.clone()),
            };
            let pool = Arc::new(pool.build());
            let sent: Vec<Certificate> = all.iter().map(|one| one.certificate.clone()).collect();
            let snapshot = Snapshot::assemble(lists.clone(), noon());
            let signers = snapshot.to_be_vouched(&sent);
            let vouched = vouched_among(&signers, &sent, &pool, AnchorRule::NameAndKey, noon());
            let lists = Lists::Fixed(Arc::new(snapshot.with_vouched(Arc::new(vouched))));
            let service = Service::new(Parts::new(Arc::new(FixedClock(noon())), Grounds::new(pool, lists)));
            let request = CheckRequest { certificate: pem::encode("CERTIFICATE", &leaf), ..CheckRequest::default() };
            let decision = service.check(service.prepare(request).unwrap()).decision();
            // The first is the authority itself; beside it sixteen of those that were only sent are looked for.
            let wanted = if configured || revoking <= 16 { Decision::Refused } else { Decision::Accepted };
            assert_eq!(decision, wanted, "{revoking}, {configured}");
        }
    }
}

/// A service on the list of [`standing::issuer`], for which SHA-256 is not accepted.
fn on(data: &std::path::Path, hash: Hash) -> Service {
    let pool = Arc::new(Pool::builder().anchor(anchor(standing::issuer())).build());
    let now = super::time(standing::NOW);
    let source = Source::path(data.join("own.crl"));
    let list = standing::issuer().list().sign(&standing::key(hash));
    std::fs::write(data.join("own.crl"), list).unwrap();
    let store = Store::load(vec![source], StoreOptions::new([standing::issuer().certificate.clone()]), now);
    let rows = "[[signature]]\nname = \"rsa-sha256\"\ncertificates_until = \"2020-01-01T00:00:00Z\"\n";
    let algorithms = Arc::new(AlgorithmTable::from_toml(rows).unwrap());
    let grounds = Grounds::new(pool, Lists::Live(Arc::new(store)));
    Service::new(Parts { algorithms, ..Parts::new(Arc::new(FixedClock(now)), grounds) })
}

#[test]
fn a_list_that_is_not_accepted_makes_no_service_ready_and_keeps_nobody_from_fetching_another() {
    let hosts = HostList::read(&["crl.example.kz"]).unwrap();
    let url = "http://crl.example.kz/full.crl";
    let points = Extension::distribution_points(&[&[url]]);
    let leaf = standing::issuer().leaf_with(|builder| builder.replace(points));
    for (hash, is_accepted) in [(Hash::Sha384, true), (Hash::Sha256, false)] {
        let data = tempfile::tempdir().unwrap();
        let service = on(data.path(), hash);
        let readiness = service.readiness();
        assert_eq!(readiness.ready, is_accepted, "{readiness:?}");
        let request = CheckRequest { certificate: pem::certificate(leaf.as_der()), ..CheckRequest::default() };
        let mut prepared = service.prepare(request).unwrap();
        service.find_chains(&mut prepared, service.grounds());
        let named = service.lists_named(&prepared, service.grounds(), &hosts);
        assert_eq!(named.is_empty(), is_accepted, "{named:?}");
        let wanted = if is_accepted { Decision::Accepted } else { Decision::Undetermined };
        assert_eq!(service.check(prepared).decision(), wanted);
    }
}
