//! Lists that the certificate's issuer signed with another key: after a rollover, or with a key for lists alone; and those
//! of somebody who only bears its name.

use std::slice::from_ref;
use std::sync::{Arc, OnceLock};

use rastau::clock::Time;
use rastau::revocation::{Asked, RevocationList, Snapshot, Status, Vouched, When};
use rastau::service::vouched_among;
use rastau::trust::{Anchor, AnchorRule, Pool, Purposes};
use rastau::x509::Certificate;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::extension::{BASIC_CONSTRAINTS, Extension};
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;

use super::{Issuer, REVOKED_ON, SERIAL, noon, time, word};

const NAME: &str = "АУЫСЫМ";

/// keyUsage cRLSign alone, and keyCertSign alone, by the first octet.
const CRL_SIGN: u8 = 0x02;
const KEY_CERT_SIGN: u8 = 0x04;

/// A root and an authority under it, whose leaf is asked about.
struct World {
    root: Issuer,
    ca: Issuer,
    /// Another authority under the root, which names whom it likes.
    neighbour: Issuer,
    stranger: Issuer,
    leaf: Certificate,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let root = Issuer::new("ТҮБІР", Key::p256("root of namesakes"));
        let ca = Issuer::of(root.authority.subordinate(NAME, Key::p256("first key")));
        let neighbour = Issuer::of(root.authority.subordinate("КӨРШІ", Key::p256("neighbour")));
        let stranger = Issuer::new("БӨТЕН ТҮБІР", Key::p256("stranger"));
        let leaf = ca.leaf();
        World { root, ca, neighbour, stranger, leaf }
    })
}

/// The authority's name with a second key, certified by `by`.
fn second(by: &Issuer) -> Issuer {
    second_of(by, |builder| builder)
}

fn second_of(by: &Issuer, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Issuer {
    let key = Key::p256("second key");
    let builder = change(CertificateBuilder::issuing_ca(NAME, &key));
    Issuer::of(by.authority.subordinate_of(builder, key))
}

/// A list about certificates of authorities only.
fn of_authorities(issuer: &Issuer) -> ListBuilder {
    issuer.list().issuing_distribution_point(&[der::implicit(2, &[0xff])])
}

/// Everybody's list but the authority's: nobody is revoked.
fn others() -> Vec<Arc<RevocationList>> {
    let world = world();
    [&world.root, &world.neighbour, &world.stranger].map(|issuer| issuer.verified(&issuer.list())).into()
}

/// The lists, with the paths of their issuers as a search finds them, under these anchors.
fn snapshot(lists: Vec<Arc<RevocationList>>, sent: &[&Issuer], anchors: &[&Issuer]) -> Snapshot {
    snapshot_as_of(noon(), lists, sent, anchors)
}

/// The same, with the paths as of some time.
fn snapshot_as_of(time: Time, lists: Vec<Arc<RevocationList>>, sent: &[&Issuer], anchors: &[&Issuer]) -> Snapshot {
    let pool = anchors.iter().fold(Pool::builder(), |pool, anchor| {
        pool.anchor(Anchor::new(anchor.certificate.clone(), Purposes::ALL, false))
    });
    let pool = pool.build();
    let extra: Vec<Certificate> = sent.iter().map(|issuer| issuer.certificate.clone()).collect();
    let issuers: Vec<Certificate> = pool.authorities().chain(&extra).cloned().collect();
    let snapshot = Snapshot::assemble(lists, noon());
    let signers = snapshot.to_be_vouched(&issuers);
    let vouched = vouched_among(&signers, &extra, &pool, AnchorRule::NameAndKey, time);
    snapshot.with_vouched(Arc::new(vouched))
}

fn ask(snapshot: &Snapshot, leaf: &Certificate, at: Time) -> Status {
    let world = world();
    let asked = Asked { certificate: leaf, above: from_ref(&world.ca.certificate), anchor: &world.root.certificate };
    snapshot.status_of(&asked, When::new(at, noon()))
}

/// The answer about the leaf, when `signer` signed the list and everybody was sent.
fn answer(signer: &Issuer, list: &ListBuilder, more: &[Arc<RevocationList>]) -> &'static str {
    let world = world();
    let lists = others().into_iter().chain(more.iter().cloned()).chain([signer.verified(list)]).collect();
    let snapshot = snapshot(lists, &[&world.ca, &world.neighbour, signer], &[&world.root, &world.stranger]);
    word(&ask(&snapshot, &world.leaf, noon()))
}

#[test]
fn another_key_that_the_same_authority_certified_signs_lists_for_both() {
    let world = world();
    for (what, by) in [("named by the root as well", &world.root), ("a new key under the old one", &world.ca)] {
        let second = second(by);
        // The certificate that the first key signed for the second is looked up in a list of the first.
        let beside = [world.ca.verified(&of_authorities(&world.ca))];
        let list = second.list();
        assert_eq!(answer(&second, &list, &beside), "good", "{what}");
        assert_eq!(answer(&second, &list.revoke(&SERIAL, REVOKED_ON, None), &beside), "revoked", "{what}");
        let lapsed = second.list().updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        assert_eq!(answer(&second, &lapsed, &beside), "stale", "{what}");
    }
}

#[test]
fn a_key_for_lists_alone_signs_lists() {
    let lists_only =
        second_of(&world().root, |builder| builder.replace(Extension::key_usage(CRL_SIGN)).without(BASIC_CONSTRAINTS));
    assert_eq!(answer(&lists_only, &lists_only.list(), &[]), "good");
}

#[test]
fn a_namesake_whom_somebody_else_named_is_not_believed() {
    let world = world();
    let revoking = |issuer: &Issuer| issuer.list().revoke(&SERIAL, REVOKED_ON, None);
    for (what, by) in [("another authority under the root", &world.neighbour), ("another root", &world.stranger)] {
        let namesake = second(by);
        assert_eq!(answer(&namesake, &namesake.list(), &[]), "no list", "{what}");
        assert_eq!(answer(&namesake, &revoking(&namesake), &[]), "no list", "{what}");
    }
    // Self-signed, and sent with the request: no path at all.
    let impostor = Issuer::new(NAME, Key::p256("impostor of the second key"));
    assert_eq!(answer(&impostor, &impostor.list(), &[]), "no list");
    assert_eq!(answer(&impostor, &revoking(&impostor), &[]), "no list");
}

#[test]
fn whoever_may_not_sign_lists_or_is_revoked_or_out_of_time_clears_nobody() {
    let world = world();
    let expired = second_of(&world.root, |builder| builder.valid("2020-01-01T00:00:00Z", "2025-12-31T00:00:00Z"));
    assert_eq!(answer(&expired, &expired.list(), &[]), "no list", "its period was over when the list was issued");
    let short = second_of(&world.root, |builder| builder.valid("2020-01-01T00:00:00Z", "2026-03-01T00:00:00Z"));
    assert_eq!(answer(&short, &short.list(), &[]), "not vouched", "its period is over");
    let revoking = |issuer: &Issuer| issuer.list().revoke(&SERIAL, REVOKED_ON, None);
    assert_eq!(answer(&short, &revoking(&short), &[]), "revoked", "it was not when the list was issued");
    assert_eq!(answer(&expired, &revoking(&expired), &[]), "no list");
    let own = [world.ca.verified(&world.ca.list())];
    assert_eq!(answer(&short, &revoking(&short), &own), "revoked", "beside a list of the issuer's own key");
    assert_eq!(answer(&short, &short.list(), &own), "good");
    let second = second(&world.root);
    let serial = second.certificate.serial_number().as_bytes().to_vec();
    let newer = world.root.list().number(2).updates("2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let revoked = world.root.verified(&newer.clone().revoke(&serial, REVOKED_ON, None));
    assert_eq!(answer(&second, &second.list(), from_ref(&revoked)), "not vouched");
    assert_eq!(answer(&second, &revoking(&second), from_ref(&revoked)), "revoked", "what it names stays revoked");
    // Without any list that tells about it.
    let lists = vec![second.verified(&second.list())];
    let alone = snapshot(lists, &[&world.ca, &second], &[&world.root]);
    assert_eq!(word(&ask(&alone, &world.leaf, noon())), "not vouched");
}

#[test]
fn keys_that_vouch_only_for_each_other_vouch_for_nobody() {
    let world = world();
    // The second key is certified by the first, whose only list is signed by the second.
    let second = second(&world.ca);
    assert_eq!(answer(&second, &second.list(), &[]), "not vouched");
    // A third, certified by the second, does not help.
    let key = Key::p256("third key");
    let third = Issuer::of(second.authority.subordinate_of(CertificateBuilder::issuing_ca(NAME, &key), key));
    let lists = others().into_iter().chain([second.verified(&second.list()), third.verified(&third.list())]).collect();
    let circular = snapshot(lists, &[&world.ca, &second, &third], &[&world.root]);
    assert_eq!(word(&ask(&circular, &world.leaf, noon())), "not vouched");
}

#[test]
fn beside_a_list_of_the_issuers_own_key_another_keys_list_revokes_and_clears_nobody() {
    let world = world();
    let second = second(&world.root);
    let lapsed = world.ca.list().updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let own = |list: &ListBuilder| world.ca.verified(list);
    assert_eq!(answer(&second, &second.list(), &[own(&lapsed)]), "stale", "each key may have a list of its own");
    assert_eq!(answer(&second, &second.list(), &[own(&world.ca.list())]), "good");
    let revoking = second.list().revoke(&SERIAL, REVOKED_ON, None);
    assert_eq!(answer(&second, &revoking, &[own(&world.ca.list())]), "revoked");
    assert_eq!(answer(&second, &second.list(), &[own(&world.ca.list().revoke(&SERIAL, REVOKED_ON, None))]), "revoked");
    // A list of the own key that is about other certificates says nothing about this one.
    assert_eq!(answer(&second, &second.list(), &[own(&of_authorities(&world.ca))]), "good");
}

#[test]
fn a_delta_alone_of_another_key_revokes_whom_it_names_unless_it_is_a_strangers() {
    let world = world();
    let alone = |issuer: &Issuer| issuer.list().number(20).delta_to(14).revoke(&SERIAL, REVOKED_ON, None);
    let own = [world.ca.verified(&world.ca.list())];
    let known = second(&world.root);
    assert_eq!(answer(&known, &alone(&known), &[]), "revoked");
    assert_eq!(answer(&known, &alone(&known), &own), "revoked", "beside a list of the issuer's own key");
    assert_eq!(answer(&known, &known.list().number(20).delta_to(14), &own), "good");
    let strange = second(&world.stranger);
    assert_eq!(answer(&strange, &alone(&strange), &[]), "no list");
    assert_eq!(answer(&strange, &alone(&strange), &own), "good");
}

#[test]
fn an_issuer_whose_certificate_is_not_for_lists_needs_another_that_is() {
    let world = world();
    let key = || Key::p256("certificates only");
    let builder = CertificateBuilder::issuing_ca("ТЕК КУӘЛІК", &key()).replace(Extension::key_usage(KEY_CERT_SIGN));
    let ca = Issuer::of(world.root.authority.subordinate_of(builder, key()));
    let for_lists = Issuer::of(world.root.authority.subordinate("ТЕК КУӘЛІК", key()));
    let leaf = ca.leaf();
    let list = for_lists.verified(&for_lists.list());
    let asked = Asked { certificate: &leaf, above: from_ref(&ca.certificate), anchor: &world.root.certificate };
    let lists: Vec<_> = others().into_iter().chain([list]).collect();
    let alone = Snapshot::assemble(lists.clone(), noon()).with_vouched(Arc::new(Vouched::default()));
    assert_eq!(word(&alone.status_of(&asked, When::new(noon(), noon()))), "no list");
    let both = snapshot(lists, &[&ca, &for_lists], &[&world.root]);
    assert_eq!(word(&both.status_of(&asked, When::new(noon(), noon()))), "good");
}

#[test]
fn a_self_signed_certificate_of_the_authoritys_name_and_key_vouches_for_nothing() {
    // Anybody can write a certificate over somebody's name and key; without a path it makes no key fit to sign lists.
    let world = world();
    let key = || Key::p256("certificates only");
    let builder = CertificateBuilder::issuing_ca("ТЕК КУӘЛІК", &key()).replace(Extension::key_usage(KEY_CERT_SIGN));
    let ca = Issuer::of(world.root.authority.subordinate_of(builder, key()));
    let made_up = Issuer::new("ТЕК КУӘЛІК", key());
    let leaf = ca.leaf();
    let lists: Vec<_> = others().into_iter().chain([made_up.verified(&made_up.list())]).collect();
    let snapshot = snapshot(lists, &[&ca, &made_up], &[&world.root]);
    let asked = Asked { certificate: &leaf, above: from_ref(&ca.certificate), anchor: &world.root.certificate };
    assert_eq!(word(&snapshot.status_of(&asked, When::new(noon(), noon()))), "no list");
}

#[test]
fn a_moment_before_the_new_key_existed_is_answered_by_its_list() {
    let world = world();
    let second = second_of(&world.root, |builder| builder.valid("2026-06-01T00:00:00Z", "2030-01-01T00:00:00Z"));
    let list = second.list().updates("2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let lists = others().into_iter().chain([second.verified(&list)]).collect();
    let snapshot = snapshot(lists, &[&world.ca, &second], &[&world.root]);
    assert_eq!(word(&ask(&snapshot, &world.leaf, time("2026-04-01T00:00:00Z"))), "good");
}

#[test]
fn hundreds_of_namesakes_cost_a_bounded_number_of_looks() {
    let world = world();
    let seconds: Vec<Issuer> = (0..40)
        .map(|number| {
            let key = Key::p256(&format!("namesake {number}"));
            Issuer::of(world.root.authority.subordinate_of(CertificateBuilder::issuing_ca(NAME, &key), key))
        })
        .collect();
    let lists = seconds.iter().map(|second| second.verified(&second.list())).collect();
    let sent: Vec<&Issuer> = seconds.iter().chain([&world.ca]).collect();
    let snapshot = snapshot(lists, &sent, &[&world.root]);
    assert_eq!(word(&ask(&snapshot, &world.leaf, noon())), "not vouched", "the root has no list");
}

#[test]
fn a_namesake_that_a_namesake_of_the_root_named_clears_nobody() {
    let world = world();
    // The neighbour names an authority like the root, and that one names one like the leaf's issuer.
    let like_root = Issuer::of(world.neighbour.authority.subordinate("ТҮБІР", Key::p256("like the root")));
    let like_ca = second(&like_root);
    let asked = |list: &ListBuilder| {
        let more = [like_root.verified(&like_root.list()), like_ca.verified(list)];
        let lists = others().into_iter().chain(more).collect();
        let sent = [&world.ca, &world.neighbour, &like_root, &like_ca];
        ask(&snapshot(lists, &sent, &[&world.root]), &world.leaf, noon())
    };
    assert!(!matches!(asked(&like_ca.list()), Status::Good { .. }));
    assert!(matches!(asked(&like_ca.list().revoke(&SERIAL, REVOKED_ON, None)), Status::Revoked { .. }));
}

#[test]
fn a_list_that_nobody_answers_for_takes_the_place_of_none_for_which_somebody_does() {
    let world = world();
    let at = time("2026-06-10T00:00:00Z");
    let second = second_of(&world.root, |builder| builder.valid("2026-01-01T00:00:00Z", "2026-06-15T00:00:00Z"));
    let dated = |number, this: &str| second.list().number(number).updates(this, "2027-01-01T00:00:00Z");
    let answer = |lists: &[ListBuilder]| {
        let lists = others().into_iter().chain(lists.iter().map(|list| second.verified(list))).collect();
        let snapshot = snapshot_as_of(at, lists, &[&world.ca, &second], &[&world.root]);
        word(&ask(&snapshot, &world.leaf, at))
    };
    let full = dated(5, "2026-06-05T00:00:00Z");
    assert_eq!(answer(std::slice::from_ref(&full)), "good");
    // Its key had no certificate any more by then.
    let late = "2026-07-01T00:00:00Z";
    let revoking = full.clone().revoke(&SERIAL, REVOKED_ON, None);
    assert_eq!(answer(&[revoking.clone(), dated(6, late)]), "revoked");
    let delta = dated(6, "2026-06-06T00:00:00Z").delta_to(5).revoke(&SERIAL, REVOKED_ON, None);
    assert_eq!(answer(&[full, delta, dated(7, late).delta_to(5)]), "revoked");
}
