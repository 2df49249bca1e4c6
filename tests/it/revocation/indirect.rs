//! Indirect lists: entries about certificates of other issuers, and who may issue such lists about whom.

use std::slice::from_ref;
use std::sync::{Arc, OnceLock};

use rastau::clock::Time;
use rastau::revocation::{RevocationList, Snapshot, Status, UnknownCause, Unusable, Vouched};
use rastau::x509::Certificate;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::extension::{CERTIFICATE_ISSUER, Extension, Point, directory_name, full_name, uri};
use rastau_mint::key::Key;
use rastau_mint::list::{Entry, ListBuilder};

use super::{Issuer, REVOKED_ON, SERIAL, noon, time, word};

/// A root, two authorities under it, and one that issues lists for both of them.
struct World {
    root: Issuer,
    one: Issuer,
    two: Issuer,
    lists: Issuer,
}

impl World {
    fn new() -> Self {
        let root = Issuer::new("ТҮБІР", Key::p256("indirect root"));
        let under = |name: &str| Issuer::of(root.authority.subordinate(name, Key::p256(name)));
        let [one, two, lists] = ["БІРІНШІ", "ЕКІНШІ", "ТІЗІМДЕР"].map(under);
        Self { root, one, two, lists }
    }

    /// The leaf of the first authority, whose point names the issuer of lists.
    fn leaf(&self) -> Certificate {
        self.leaf_of(&self.one, Point::default().issued_by(&[directory_name(&self.lists.authority.name)]))
    }

    fn leaf_of(&self, issuer: &Issuer, point: Point) -> Certificate {
        issuer.leaf_with(|leaf| leaf.replace(Extension::points(&[point])))
    }

    /// Paths of all four to the root.
    fn vouched(&self) -> Vouched {
        let mut vouched = Vouched::default();
        let root = &self.root.certificate;
        vouched.add(&[], root);
        for authority in [&self.one, &self.two, &self.lists] {
            vouched.add(from_ref(&authority.certificate), root);
        }
        vouched
    }

    /// The root's list, which names none of the authorities.
    fn of_root(&self) -> Arc<RevocationList> {
        self.root.verified(&self.root.list())
    }

    fn answer_at(&self, lists: &[Arc<RevocationList>], leaf: &Certificate, vouched: Vouched, at: Time) -> Status {
        let snapshot = Snapshot::assemble(lists.iter().cloned(), noon()).with_vouched(Arc::new(vouched));
        snapshot.status(leaf, &self.one.certificate, at, noon())
    }

    /// The answer with the root's list beside it and everybody vouched for.
    fn answer(&self, list: &ListBuilder) -> &'static str {
        let lists = [self.lists.verified(list), self.of_root()];
        word(&self.answer_at(&lists, &self.leaf(), self.vouched(), noon()))
    }

    fn entry(&self, serial: &[u8]) -> Entry {
        Entry::new(serial, REVOKED_ON, Some(4))
    }
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

fn indirect() -> ListBuilder {
    world().lists.list().indirect()
}

#[test]
fn an_indirect_list_answers_for_the_certificates_that_name_its_issuer() {
    let world = world();
    let (one, two) = (&world.one.authority.name, &world.two.authority.name);
    assert_eq!(world.answer(&indirect()), "good");
    assert_eq!(world.answer(&indirect().entry(world.entry(&SERIAL).of_issuer(one))), "revoked");
    assert_eq!(world.answer(&indirect().entry(world.entry(&SERIAL).of_issuer(two))), "good", "another's certificate");
    assert_eq!(world.answer(&indirect().entry(world.entry(&SERIAL))), "good", "the list issuer's own certificate");
    assert_eq!(world.answer(&indirect().entry(world.entry(&[9]).of_issuer(one))), "good");
}

#[test]
fn whose_an_entry_is_holds_for_those_after_it() {
    let world = world();
    let (one, two) = (&world.one.authority.name, &world.two.authority.name);
    let own = &world.lists.authority.name;
    let entries = |entries: Vec<Entry>| entries.into_iter().fold(indirect(), ListBuilder::entry);
    let asked = || world.entry(&SERIAL);
    let other = |name: &[u8]| world.entry(&[7]).of_issuer(name);
    let table = [
        ("after one of the first", vec![other(one), asked()], "revoked"),
        ("two after it", vec![other(one), world.entry(&[8]), asked()], "revoked"),
        ("after one of the second", vec![other(two), asked()], "good"),
        ("before one of the first", vec![asked(), other(one)], "good"),
        ("after the second took over", vec![other(one), other(two), asked()], "good"),
        ("after the first came back", vec![other(two), other(one), asked()], "revoked"),
        ("after the list's issuer came back", vec![other(one), other(own), asked()], "good"),
        ("named again in every entry", vec![other(one), other(one), asked().of_issuer(one)], "revoked"),
    ];
    for (what, list, wanted) in table {
        assert_eq!(world.answer(&entries(list)), wanted, "{what}");
    }
    let list = world.lists.verified(&entries(vec![asked(), other(one)]));
    assert_eq!(
        list.lookup(&rastau::x509::SerialNumber::new(&SERIAL).unwrap()).map(|entry| entry.date),
        Some(time(REVOKED_ON))
    );
    assert_eq!(
        list.lookup(&rastau::x509::SerialNumber::new(&[7]).unwrap()),
        None,
        "another issuer's number is not its own"
    );
}

#[test]
fn one_name_written_in_two_ways_is_one_issuer() {
    let world = world();
    let shouting = rastau_mint::authority::Authority::name_of("біріншІ".to_uppercase().as_str());
    let quiet = rastau_mint::authority::Authority::name_of("  бірінші ");
    for name in [shouting, quiet] {
        assert_eq!(world.answer(&indirect().entry(world.entry(&SERIAL).of_issuer(&name))), "revoked");
    }
}

#[test]
fn entries_of_others_that_are_marked_wrongly_make_the_list_unusable() {
    let world = world();
    let one = &world.one.authority.name;
    let with = |extension: Extension| {
        let mut entry = world.entry(&SERIAL);
        entry.extensions.push(extension);
        indirect().entry(entry)
    };
    let names = |names: &[Vec<u8>]| Extension::new(CERTIFICATE_ISSUER, der::sequence(names)).critical();
    let name = || directory_name(one);
    let table = [
        ("not critical", with(Extension::certificate_issuer(one).not_critical())),
        ("nobody", with(names(&[]))),
        ("two names", with(names(&[name(), name()]))),
        ("an address", with(names(&[uri("http://ca.invalid/")]))),
        ("an address beside the name", with(names(&[name(), uri("http://ca.invalid/")]))),
        ("no names at all", with(Extension::new(CERTIFICATE_ISSUER, der::null()).critical())),
        ("nothing", with(Extension::new(CERTIFICATE_ISSUER, Vec::new()).critical())),
        (
            "something behind it",
            with(Extension::new(CERTIFICATE_ISSUER, [der::sequence(&[name()]), der::null()].concat()).critical()),
        ),
        ("a name that is none", with(names(&[directory_name(&der::sequence(&[der::null()]))]))),
    ];
    for (what, list) in table {
        assert_eq!(world.lists.verified(&list).unusable(), Some(&Unusable::EntryIssuer), "{what}");
        assert_ne!(world.answer(&list), "good", "{what}");
    }
    // Without the mark of an indirect list nothing in it counts, not for its own issuer either.
    for list in [world.lists.list(), world.lists.list().issuing_distribution_point(&[der::implicit(1, &[0xff])])] {
        let list = list.entry(world.entry(&SERIAL).of_issuer(one));
        assert_eq!(world.lists.verified(&list).unusable(), Some(&Unusable::Indirect));
        assert_ne!(world.answer(&list), "good");
        assert_ne!(world.answer(&list), "revoked");
    }
    let twice = {
        let mut entry = world.entry(&SERIAL).of_issuer(one);
        entry.extensions.push(Extension::certificate_issuer(one));
        world.lists.sign(&indirect().entry(entry))
    };
    assert!(super::read(twice).is_err());
}

#[test]
fn a_list_counts_for_others_only_when_it_says_that_it_is_indirect_and_they_name_it() {
    let world = world();
    let name = |issuer: &Issuer| directory_name(&issuer.authority.name);
    let leaf = |point: Point| world.leaf_of(&world.one, point);
    let list = world.lists.verified(&indirect());
    let direct = world.lists.verified(&world.lists.list());
    let answer = |list: &Arc<RevocationList>, leaf: &Certificate| {
        word(&world.answer_at(&[list.clone(), world.of_root()], leaf, world.vouched(), noon()))
    };
    let named = leaf(Point::default().issued_by(&[name(&world.lists)]));
    assert_eq!(answer(&list, &named), "good");
    assert_eq!(answer(&direct, &named), "no list", "it is about its own certificates only");
    for point in [
        Point::named(&[uri("http://crl.invalid/")]),
        Point::default().issued_by(&[name(&world.two)]),
        Point::default().issued_by(&[uri("http://crl.invalid/")]),
        Point::default().issued_by(&[name(&world.one)]),
    ] {
        assert_eq!(answer(&list, &leaf(point)), "no list");
    }
    // One point among several, one name among several.
    let several = world.one.leaf_with(|leaf| {
        leaf.replace(Extension::points(&[
            Point::named(&[uri("http://crl.invalid/")]),
            Point::named(&[uri("http://indirect.invalid/")]).issued_by(&[name(&world.two), name(&world.lists)]),
        ]))
    });
    assert_eq!(answer(&list, &several), "good");
}

#[test]
fn the_point_of_an_indirect_list_is_compared_with_that_of_the_certificate_or_with_its_issuers_name() {
    let world = world();
    let name = directory_name(&world.lists.authority.name);
    let list = |names: &[Vec<u8>]| {
        let fields = [der::explicit(0, &full_name(names)), der::implicit(4, &[0xff])];
        world.lists.verified(&world.lists.list().issuing_distribution_point(&fields))
    };
    let (at, elsewhere) = (uri("http://indirect.invalid/a"), uri("http://indirect.invalid/b"));
    let pointing = Point::named(from_ref(&at)).issued_by(from_ref(&name));
    let pointless = Point::default().issued_by(from_ref(&name));
    for (what, names, point, wanted) in [
        ("the same point", &at, &pointing, "good"),
        ("another point", &elsewhere, &pointing, "no list"),
        ("a point against the issuer's name alone", &at, &pointless, "no list"),
        ("the issuer's name against itself", &name, &pointless, "good"),
        ("the issuer's name against a point", &name, &pointing, "no list"),
    ] {
        let lists = [list(from_ref(names)), world.of_root()];
        let leaf = world.leaf_of(&world.one, point.clone());
        assert_eq!(word(&world.answer_at(&lists, &leaf, world.vouched(), noon())), wanted, "{what}");
    }
}

#[test]
fn reasons_of_the_point_and_of_the_list_bound_what_an_indirect_list_proves() {
    let world = world();
    let name = || directory_name(&world.lists.authority.name);
    let leaf = world.leaf_of(&world.one, Point::default().issued_by(&[name()]).reasons(&[1, 2]));
    let answer = |lists: &[Arc<RevocationList>]| {
        let lists: Vec<_> = lists.iter().cloned().chain([world.of_root()]).collect();
        word(&world.answer_at(&lists, &leaf, world.vouched(), noon()))
    };
    let list = world.lists.verified(&indirect());
    assert_eq!(answer(from_ref(&list)), "some reasons");
    // The issuer's own list, which no point of the certificate is about, makes up for the rest.
    let own = world.one.verified(&world.one.list().some_reasons(&[3, 4, 5, 6, 7, 8]));
    assert_eq!(answer(&[list.clone(), own.clone()]), "good");
    assert_eq!(answer(from_ref(&own)), "some reasons");
    let revoking = world.lists.verified(&indirect().entry(world.entry(&SERIAL).of_issuer(&world.one.authority.name)));
    assert_eq!(answer(&[revoking, own]), "revoked");
}

#[test]
fn without_somebody_who_vouches_an_indirect_list_neither_clears_nor_convicts() {
    let world = world();
    let leaf = world.leaf();
    let revoking = indirect().entry(world.entry(&SERIAL).of_issuer(&world.one.authority.name));
    let root = &world.root.certificate;
    let mut only_lists = Vouched::default();
    only_lists.add(from_ref(&world.lists.certificate), root);
    let mut only_issuer = Vouched::default();
    only_issuer.add(from_ref(&world.one.certificate), root);
    // The list's issuer hangs on another anchor than the certificate's.
    let stranger = Issuer::new("БАСҚА ТҮБІР", Key::p256("another root"));
    let mut apart = only_issuer.clone();
    apart.add(from_ref(&world.lists.certificate), &stranger.certificate);
    // The key is vouched for under another name.
    let renamed = Issuer::of(world.root.authority.subordinate("БАСҚА АТ", Key::p256("ТІЗІМДЕР")));
    let mut misnamed = only_issuer.clone();
    misnamed.add(from_ref(&renamed.certificate), root);
    for vouched in [Vouched::default(), only_lists, only_issuer, apart, misnamed] {
        for list in [indirect(), revoking.clone()] {
            let lists = [world.lists.verified(&list), world.of_root()];
            assert_eq!(word(&world.answer_at(&lists, &leaf, vouched.clone(), noon())), "not vouched");
        }
    }
}

#[test]
fn a_namesake_of_the_list_issuer_is_not_believed() {
    let world = world();
    let namesake = Issuer::of(world.root.authority.subordinate("ТІЗІМДЕР", Key::p256("namesake of lists")));
    let lists = [namesake.verified(&namesake.list().indirect()), world.of_root()];
    assert_eq!(word(&world.answer_at(&lists, &world.leaf(), world.vouched(), noon())), "not vouched");
}

#[test]
fn the_list_of_an_issuer_that_is_itself_revoked_or_in_doubt_clears_nobody() {
    let world = world();
    let leaf = world.leaf();
    let name = &world.one.authority.name;
    let clean = world.lists.verified(&indirect());
    let revoking = world.lists.verified(&indirect().entry(world.entry(&SERIAL).of_issuer(name)));
    let lists_serial = world.lists.certificate.serial_number().as_bytes().to_vec();
    let root_revoking = world.root.verified(&world.root.list().revoke(&lists_serial, REVOKED_ON, None));
    let root_lapsed = world.root.verified(&world.root.list().updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"));
    for beside in [vec![], vec![root_revoking], vec![root_lapsed]] {
        for (list, wanted) in [(&clean, "not vouched"), (&revoking, "revoked")] {
            let lists: Vec<_> = beside.iter().cloned().chain([list.clone()]).collect();
            assert_eq!(word(&world.answer_at(&lists, &leaf, world.vouched(), noon())), wanted);
        }
    }
    // Nor does it clear a moment by naming the certificate as revoked later.
    let early = time("2026-05-01T00:00:00Z");
    assert_eq!(word(&world.answer_at(from_ref(&revoking), &leaf, world.vouched(), early)), "not vouched");
    assert_eq!(word(&world.answer_at(&[revoking, world.of_root()], &leaf, world.vouched(), early)), "revoked later");
    // An issuer whose certificate was not in force when it issued the list.
    let builder = CertificateBuilder::issuing_ca("ТІЗІМДЕР", &Key::p256("ТІЗІМДЕР"))
        .valid("2020-01-01T00:00:00Z", "2025-12-31T00:00:00Z");
    let expired = Issuer::of(world.root.authority.subordinate_of(builder, Key::p256("ТІЗІМДЕР")));
    let root = &world.root.certificate;
    let mut vouched = Vouched::default();
    vouched.add(from_ref(&world.one.certificate), root);
    vouched.add(from_ref(&expired.certificate), root);
    assert_eq!(word(&world.answer_at(&[clean, world.of_root()], &leaf, vouched, noon())), "not vouched");
}

#[test]
fn a_list_vouches_for_its_own_issuer_only_where_that_ones_certificate_says_so() {
    let world = world();
    // The certificate of the list's issuer names itself, or another one, as the issuer of lists about it.
    let issuer_of_lists = |named: &[u8]| {
        let builder = CertificateBuilder::issuing_ca("ТІЗІМДЕР", &Key::p256("ТІЗІМДЕР"))
            .replace(Extension::points(&[Point::default().issued_by(&[directory_name(named)])]));
        Issuer::of(world.root.authority.subordinate_of(builder, Key::p256("ТІЗІМДЕР")))
    };
    let root = &world.root.certificate;
    let answer = |issuer: &Issuer, list: &ListBuilder, beside: &[Arc<RevocationList>]| {
        let mut vouched = Vouched::default();
        vouched.add(from_ref(&world.one.certificate), root);
        vouched.add(from_ref(&issuer.certificate), root);
        let lists: Vec<_> = beside.iter().cloned().chain([issuer.verified(list)]).collect();
        word(&world.answer_at(&lists, &world.leaf(), vouched, noon()))
    };
    let itself = issuer_of_lists(&world.lists.authority.name);
    let list = || itself.list().indirect();
    assert_eq!(answer(&itself, &list(), &[]), "good");
    assert_eq!(answer(&itself, &list(), &[world.of_root()]), "good");
    // A direct list of his is about certificates that he issued, which his own is not.
    assert_eq!(answer(&itself, &itself.list(), &[]), "no list");
    // What his list says of himself counts, and what the root says of him as well.
    let serial = itself.certificate.serial_number().as_bytes().to_vec();
    let of_himself = list().entry(Entry::new(&serial, REVOKED_ON, None).of_issuer(&world.root.authority.name));
    assert_eq!(answer(&itself, &of_himself, &[]), "not vouched");
    assert_eq!(answer(&itself, &of_himself, &[world.of_root()]), "not vouched");
    let of_root = world.root.verified(&world.root.list().revoke(&serial, REVOKED_ON, None));
    assert_eq!(answer(&itself, &list(), &[of_root]), "not vouched");
    let other = issuer_of_lists(&world.two.authority.name);
    assert_eq!(answer(&other, &other.list().indirect(), &[]), "not vouched");
    assert_eq!(answer(&other, &other.list().indirect(), &[world.of_root()]), "good");
}

#[test]
fn the_issuers_own_full_list_answers_also_when_the_certificate_points_elsewhere() {
    // RFC 5280 6.3.3, at its end: a list of the certificate's issuer, although no distribution point leads to it.
    let world = world();
    let leaf = world.leaf();
    let answer =
        |list: &ListBuilder| word(&world.answer_at(&[world.one.verified(list)], &leaf, Vouched::default(), noon()));
    assert_eq!(answer(&world.one.list()), "good");
    assert_eq!(answer(&world.one.list().revoke(&SERIAL, REVOKED_ON, None)), "revoked");
    let part = der::explicit(0, &full_name(&[uri("http://crl.invalid/1.crl")]));
    assert_eq!(answer(&world.one.list().issuing_distribution_point(&[part])), "out of scope");
    // Being named by either counts.
    let both = |own: &ListBuilder, other: &ListBuilder| {
        let lists = [world.one.verified(own), world.lists.verified(other), world.of_root()];
        word(&world.answer_at(&lists, &leaf, world.vouched(), noon()))
    };
    let revoking = indirect().entry(world.entry(&SERIAL).of_issuer(&world.one.authority.name));
    assert_eq!(both(&world.one.list(), &revoking), "revoked");
    assert_eq!(both(&world.one.list().revoke(&SERIAL, REVOKED_ON, None), &indirect()), "revoked");
    assert_eq!(both(&world.one.list(), &indirect()), "good");
}

#[test]
fn an_indirect_list_answers_for_certificates_of_its_own_issuer_too() {
    let world = world();
    let leaf = world.lists.leaf();
    let answer = |list: &ListBuilder| {
        let snapshot = Snapshot::assemble([world.lists.verified(list)], noon());
        word(&snapshot.status(&leaf, &world.lists.certificate, noon(), noon()))
    };
    assert_eq!(answer(&indirect()), "good");
    assert_eq!(answer(&indirect().entry(world.entry(&SERIAL))), "revoked");
    assert_eq!(answer(&indirect().entry(world.entry(&SERIAL).of_issuer(&world.one.authority.name))), "good");
    let own = &world.lists.authority.name;
    assert_eq!(answer(&indirect().entry(world.entry(&SERIAL).of_issuer(own))), "revoked");
}

#[test]
fn a_delta_of_an_indirect_list_is_about_the_same_certificates() {
    let world = world();
    let one = &world.one.authority.name;
    let entry = |reason| Entry::new(&SERIAL, REVOKED_ON, Some(reason));
    let base = |entry: Entry| indirect().number(5).entry(entry);
    let delta = |entry: Entry| {
        let list = indirect().number(9).delta_to(5).updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
        world.lists.verified(&list.entry(entry))
    };
    let answer = |base: ListBuilder, delta: Arc<RevocationList>| {
        let lists = [world.lists.verified(&base), delta, world.of_root()];
        word(&world.answer_at(&lists, &world.leaf(), world.vouched(), noon()))
    };
    assert_eq!(answer(base(entry(6).of_issuer(one)), delta(entry(8).of_issuer(one))), "good");
    assert_eq!(answer(base(entry(6).of_issuer(one)), delta(entry(8))), "revoked", "another certificate was lifted");
    assert_eq!(answer(indirect().number(5), delta(entry(4).of_issuer(one))), "revoked");
    let direct = world.lists.list().number(9).delta_to(5).updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
    let direct = world.lists.verified(&direct.entry(entry(8)));
    assert_eq!(answer(base(entry(6).of_issuer(one)), direct), "revoked", "another scope");
}

#[test]
fn an_indirect_list_that_cannot_be_used_or_believed_is_not_the_same_as_none() {
    let world = world();
    assert_eq!(world.answer(&indirect().with(Extension::new("1.2.3.4", der::null()).critical())), "unsupported");
    let impostor = world.lists.authority.with_key(Key::p256("impostor of lists"));
    let forged = impostor.sign_list(&indirect());
    let (snapshot, unread) = Snapshot::read([forged], from_ref(&world.lists.certificate), noon());
    assert!(unread.is_empty());
    assert_eq!(word(&snapshot.status(&world.leaf(), &world.one.certificate, noon(), noon())), "rejected");
    assert_eq!(word(&snapshot.status(&world.one.leaf(), &world.one.certificate, noon(), noon())), "no list");
}

#[test]
fn a_stale_indirect_list_proves_nobody_good() {
    let world = world();
    let lapsed = indirect().updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_eq!(world.answer(&lapsed), "stale");
    assert_eq!(
        world.answer(&lapsed.entry(world.entry(&SERIAL).of_issuer(&world.one.authority.name))),
        "revoked, stale"
    );
    let lists = [world.lists.verified(&indirect()), world.of_root()];
    let status = world.answer_at(&lists, &world.leaf(), Vouched::default(), noon());
    assert!(matches!(status, Status::Unknown { cause: UnknownCause::NotVouched { .. } }));
}

#[test]
fn an_issuer_of_lists_clears_somebody_only_where_his_issuer_or_who_stands_above_named_him() {
    let world = world();
    let root = &world.root.certificate;
    let leaf = world.leaf();
    let one = &world.one.authority.name;
    let lists_under = |by: &Issuer| Issuer::of(by.authority.subordinate("ТІЗІМДЕР", Key::p256("lists elsewhere")));
    // A list about authorities alone, so that it says nothing of the leaf.
    let of_authorities = |by: &Issuer| by.verified(&by.list().issuing_distribution_point(&[der::implicit(2, &[0xff])]));
    let second = Issuer::of(world.root.authority.subordinate("БІРІНШІ", Key::p256("second key of the first")));
    for (what, by, wanted) in [
        ("the issuer of the certificate", &world.one, "good"),
        ("the same by its other key", &second, "good"),
        ("an authority beside it", &world.two, "not vouched"),
    ] {
        let named = lists_under(by);
        let mut vouched = world.vouched();
        vouched.add(&[named.certificate.clone(), by.certificate.clone()], root);
        let answer = |list: &ListBuilder| {
            let lists = [named.verified(list), of_authorities(by), world.of_root()];
            word(&world.answer_at(&lists, &leaf, vouched.clone(), noon()))
        };
        assert_eq!(answer(&named.list().indirect()), wanted, "{what}");
        assert_eq!(answer(&named.list().indirect().entry(world.entry(&SERIAL).of_issuer(one))), "revoked", "{what}");
    }
    // A deeper path through somebody with the root's name is not the root's word either.
    let like_root = Issuer::of(world.two.authority.subordinate("ТҮБІР", Key::p256("like the indirect root")));
    let named = lists_under(&like_root);
    let mut vouched = world.vouched();
    vouched.add(&[&named, &like_root, &world.two].map(|one| one.certificate.clone()), root);
    let lists = [
        named.verified(&named.list().indirect()),
        of_authorities(&like_root),
        of_authorities(&world.two),
        world.of_root(),
    ];
    assert_eq!(word(&world.answer_at(&lists, &leaf, vouched, noon())), "not vouched");
}

#[test]
fn a_delta_alone_of_an_indirect_list_revokes_whom_it_names() {
    let world = world();
    let (one, two) = (&world.one.authority.name, &world.two.authority.name);
    let delta = || indirect().number(9).delta_to(5).updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
    assert_eq!(world.answer(&delta().entry(world.entry(&SERIAL).of_issuer(one))), "revoked");
    assert_eq!(world.answer(&delta().entry(world.entry(&SERIAL).of_issuer(two))), "no list");
    let naming = world.lists.verified(&delta().entry(world.entry(&SERIAL).of_issuer(one)));
    let stranger = world.answer_at(&[naming, world.of_root()], &world.leaf(), Vouched::default(), noon());
    assert_eq!(word(&stranger), "no list", "nobody answers for its issuer");
}
