//! Paths through hierarchies minted for the test.

use std::path::Path;

use rastau::clock::Time;
use rastau::trust::{
    Anchor, AnchorPurpose, AnchorRule, Breach, Budget, NameForm, PathError, Paths, Pool, Purposes, Resource,
    SearchOptions, find_paths, load,
};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::name::{self, Name};
use rastau_mint::profile;

const CA_BITS: u8 = 0x06;

fn key(label: &str) -> Key {
    Key::ed25519(label)
}

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn root(label: &str) -> Authority {
    Authority::root(label, key(label))
}

/// An extension nobody knows, below an enterprise number that is not given out.
fn unknown() -> Extension {
    Extension::new("1.3.6.1.4.1.4294967295.1", vec![5, 0])
}

/// An authority of any name and key under `issuer`.
fn under(issuer: &Authority, common_name: &str, key_label: &str) -> Authority {
    under_with(issuer, common_name, key_label, |builder| builder)
}

fn under_with(
    issuer: &Authority,
    common_name: &str,
    key_label: &str,
    change: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
) -> Authority {
    let key = key(key_label);
    let builder = CertificateBuilder::new(&Name::authority(common_name), &key).authority(None);
    issuer.subordinate_of(change(builder), key)
}

fn leaf_builder() -> CertificateBuilder {
    CertificateBuilder::new(&Name::authority("leaf"), &key("leaf"))
}

fn leaf(issuer: &Authority) -> Certificate {
    read(&issuer.issue(leaf_builder()))
}

fn pool(anchors: &[&Authority]) -> Pool {
    anchors
        .iter()
        .fold(Pool::builder(), |pool, root| pool.anchor(Anchor::new(read(&root.certificate), Purposes::ALL, false)))
        .build()
}

fn certificates(authorities: &[&Authority]) -> Vec<Certificate> {
    authorities.iter().map(|authority| read(&authority.certificate)).collect()
}

fn options() -> SearchOptions {
    SearchOptions::new("2026-08-20T00:00:00Z".parse().unwrap(), AnchorPurpose::Sign.into())
}

fn search(leaf: &Certificate, extra: &[&Authority], anchors: &[&Authority]) -> Result<Paths, PathError> {
    find_paths(leaf, &certificates(extra), &pool(anchors), options())
}

/// The number of certificates below the anchor on every path.
fn lengths(paths: &Paths) -> Vec<usize> {
    paths.iter().map(|path| path.certificates().len()).collect()
}

#[test]
fn a_kazakh_chain_in_gost() {
    let root = Authority::root("root", Key::gost512("root"));
    let nca = root.subordinate("nca", Key::gost512("nca"));
    let leaf = read(&nca.issue(CertificateBuilder::individual("900101300018")));
    let paths = search(&leaf, &[&nca], &[&root]).unwrap();
    let path = paths.first();
    let links: Vec<_> = path.links().map(|(lower, upper)| (lower.clone(), upper.clone())).collect();
    assert_eq!(links, [(leaf.clone(), read(&nca.certificate)), (read(&nca.certificate), read(&root.certificate))]);
    assert_eq!((path.leaf(), path.issuer()), (&leaf, Some(&read(&nca.certificate))));
}

#[test]
fn the_issuing_authority_itself_may_be_the_anchor() {
    let root = root("root");
    let nca = under(&root, "nca", "nca");
    let paths = search(&leaf(&nca), &[&nca, &root], &[&nca]).unwrap();
    assert_eq!(lengths(&paths), [1]);
}

#[test]
fn intermediates_come_from_configuration_too() {
    let root = root("root");
    let nca = under(&root, "nca", "nca");
    let pool = Pool::builder()
        .anchor(Anchor::new(read(&root.certificate), Purposes::ALL, false))
        .intermediate(read(&nca.certificate))
        .build();
    // The same one sent along is no second path.
    let paths = find_paths(&leaf(&nca), &certificates(&[&nca, &nca]), &pool, options()).unwrap();
    assert_eq!(lengths(&paths), [2]);
}

#[test]
fn an_anchor_asked_about_has_a_path_without_links() {
    let root = root("root");
    let certificate = read(&root.certificate);
    let paths = search(&certificate, &[&root], &[&root]).unwrap();
    assert_eq!((lengths(&paths), paths.first().leaf(), paths.first().issuer()), (vec![0], &certificate, None));
}

#[test]
fn nobody_knows_the_issuer() {
    let error = search(&leaf(&root("other")), &[], &[&root("root")]).unwrap_err();
    assert!(matches!(&error, PathError::NoIssuerFound { offender } if offender.is_leaf()), "{error}");
}

#[test]
fn the_root_sent_along_is_not_believed() {
    let other = root("other");
    let nca = under(&other, "nca", "nca");
    let error = search(&leaf(&nca), &[&nca, &other], &[&root("root")]).unwrap_err();
    assert!(matches!(&error, PathError::UntrustedRoot { offender } if offender.depth == 2), "{error}");
    let alone = search(&read(&other.certificate), &[&other], &[&root("root")]).unwrap_err();
    assert!(matches!(&alone, PathError::UntrustedRoot { offender } if offender.is_leaf()), "{alone}");
}

#[test]
fn a_tampered_leaf_is_told_from_one_without_a_chain() {
    let root = root("root");
    let tampered = root.prepare(leaf_builder()).sign_and_tamper(&root.key, |signature| signature[0] ^= 1);
    let error = search(&read(&tampered), &[], &[&root]).unwrap_err();
    assert!(error.is_leaf_signature(), "{error}");
    let impostor = root.with_key(key("impostor"));
    assert!(search(&leaf(&impostor), &[], &[&root]).unwrap_err().is_leaf_signature());
}

#[test]
fn a_tampered_intermediate_is_not_blamed_on_the_leaf() {
    let root = root("root");
    let nca = under(&root.with_key(key("impostor")), "nca", "nca");
    let error = search(&leaf(&nca), &[&nca], &[&root]).unwrap_err();
    assert!(matches!(&error, PathError::SignatureInvalid { offender, .. } if offender.depth == 1), "{error}");
    assert!(!error.is_leaf_signature());
}

#[test]
fn ten_issuers_of_one_name() {
    let root = root("root");
    let same: Vec<Authority> = (0..10).map(|number| under(&root, "nca", &format!("nca {number}"))).collect();
    let extra: Vec<&Authority> = same.iter().collect();
    for authority in &same {
        // Without key identifiers every key has to be tried.
        let der = authority.prepare(leaf_builder()).without(extension::AUTHORITY_KEY_IDENTIFIER).sign(&authority.key);
        let paths = search(&read(&der), &extra, &[&root]).unwrap();
        assert_eq!((lengths(&paths), paths.first().issuer()), (vec![2], Some(&read(&authority.certificate))));
    }
}

#[test]
fn a_wrong_key_identifier_only_changes_the_order() {
    let root = root("root");
    let (right, wrong) = (under(&root, "nca", "right"), under(&root, "nca", "wrong"));
    let der = right
        .prepare(leaf_builder())
        .replace(Extension::authority_key_identifier(&wrong.key_identifier))
        .sign(&right.key);
    let paths = search(&read(&der), &[&wrong, &right], &[&root]).unwrap();
    assert_eq!(paths.first().issuer(), Some(&read(&right.certificate)));

    // With a budget of one signature only the hinted one is tried: the leaf of the other is not reached.
    let tight = SearchOptions { budget: Budget { signatures: 2, ..Budget::DEFAULT }, ..options() };
    let extra = certificates(&[&wrong, &right]);
    assert!(find_paths(&leaf(&right), &extra, &pool(&[&root]), tight).is_ok());
    let error = find_paths(&read(&der), &extra, &pool(&[&root]), tight).unwrap_err();
    assert_eq!(error, PathError::BudgetExceeded(Resource::Signatures));
}

#[test]
fn loops_end() {
    let a = root("a");
    let b = under(&a, "b", "b");
    // a and b certify each other, and none is an anchor.
    let a_by_b = under(&b, "a", "a");
    let error = search(&leaf(&b), &[&b, &a_by_b], &[&root("root")]).unwrap_err();
    assert!(matches!(error, PathError::Loop { .. }), "{error}");
    // Now a third one leads out of the loop.
    let out = root("out");
    let a_by_out = under(&out, "a", "a");
    assert_eq!(lengths(&search(&leaf(&b), &[&b, &a_by_b, &a_by_out], &[&out]).unwrap()), [3]);
}

#[test]
fn cross_certificates_give_a_path_to_every_anchor() {
    let (old, new) = (root("old"), root("new"));
    let (by_old, by_new) = (under(&old, "nca", "nca"), under(&new, "nca", "nca"));
    let paths = search(&leaf(&by_new), &[&by_old, &by_new], &[&old, &new]).unwrap();
    assert_eq!(lengths(&paths), [2, 2]);
    let anchors: Vec<_> = paths.iter().map(|path| path.anchor().certificate().clone()).collect();
    assert!(anchors.contains(&read(&old.certificate)) && anchors.contains(&read(&new.certificate)));
}

#[test]
fn a_rolled_over_key_is_certified_by_the_old_one() {
    let old = root("root");
    // Self-issued: the same name, another key, signed by the old key.
    let new = under(&old, "root", "new key");
    let paths = search(&leaf(&new), &[&new], &[&old]).unwrap();
    assert_eq!(lengths(&paths), [2]);
}

#[test]
fn a_currently_valid_alternative_comes_first_and_the_expired_one_is_kept() {
    let root = root("root");
    let current = under(&root, "nca", "nca");
    let expired =
        under_with(&root, "nca", "nca", |builder| builder.valid("2022-01-01T00:00:00Z", "2024-01-01T00:00:00Z"));
    for order in [[&expired, &current], [&current, &expired]] {
        let extra = certificates(&order);
        let at = |at: &str| SearchOptions { at_hint: at.parse().unwrap(), ..options() };
        let paths = find_paths(&leaf(&current), &extra, &pool(&[&root]), at("2026-01-01T00:00:00Z")).unwrap();
        let (first, second) = (paths.first(), paths.iter().nth(1).unwrap());
        assert_eq!(first.issuer(), Some(&read(&current.certificate)));
        assert_eq!(second.issuer(), Some(&read(&expired.certificate)));
        let now: Time = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!((first.is_valid_at(now), second.is_valid_at(now)), (true, false));
    }
}

#[test]
fn the_hint_never_refuses() {
    let root = root("root");
    let long_ago = SearchOptions { at_hint: Time::MIN, ..options() };
    assert!(find_paths(&leaf(&root), &[], &pool(&[&root]), long_ago).is_ok());
}

#[test]
fn an_anchor_for_another_purpose_is_named() {
    let root = root("root");
    let stamps =
        Pool::builder().anchor(Anchor::new(read(&root.certificate), AnchorPurpose::Timestamp.into(), true)).build();
    let error = find_paths(&leaf(&root), &[], &stamps, options()).unwrap_err();
    let PathError::AnchorPurpose { offender, has } = error else { panic!("{error}") };
    assert_eq!((offender.depth, has), (1, AnchorPurpose::Timestamp.into()));
    assert!(stamps.is_demo());

    // Configured a second time for signing, it serves both.
    let both = Pool::builder()
        .anchor(Anchor::new(read(&root.certificate), AnchorPurpose::Timestamp.into(), false))
        .anchor(Anchor::new(read(&root.certificate), AnchorPurpose::Sign.into(), false))
        .build();
    assert!(find_paths(&leaf(&root), &[], &both, options()).is_ok());
    assert_eq!((both.anchors().len(), both.is_demo()), (1, false));
}

#[test]
fn an_anchor_configured_twice_keeps_every_purpose_and_the_mark_of_the_demo() {
    let certificate = read(&root("root").certificate);
    let anchor = |purposes: Purposes, demo| Anchor::new(certificate.clone(), purposes, demo);
    let sign = || Purposes::from(AnchorPurpose::Sign);
    let stamp = || Purposes::from(AnchorPurpose::Timestamp);
    for (first, second) in [(true, false), (false, true)] {
        let pool = Pool::builder().anchor(anchor(sign().union(stamp()), first)).anchor(anchor(sign(), second)).build();
        let [merged] = pool.anchors() else { panic!("one certificate is one anchor") };
        assert_eq!((merged.purposes(), merged.is_demo()), (sign().union(stamp()), true));
    }
    // Another certificate beside it is another anchor.
    let pool = Pool::builder().anchor(anchor(sign(), true)).anchor(Anchor::new(
        read(&root("other").certificate),
        stamp(),
        false,
    ));
    let purposes: Vec<Purposes> = pool.build().anchors().iter().map(Anchor::purposes).collect();
    assert_eq!(purposes, [sign(), stamp()]);
}

#[test]
fn with_room_for_one_path_the_issuer_in_its_period_is_the_one_tried() {
    let root = root("root");
    let current = under(&root, "nca", "nca");
    let expired =
        under_with(&root, "nca", "nca", |builder| builder.valid("2019-01-01T00:00:00Z", "2021-01-01T00:00:00Z"));
    // One signature for the leaf under the key of both, one for the certificate that is tried.
    let tight = SearchOptions { budget: Budget { signatures: 2, ..Budget::DEFAULT }, ..options() };
    for (at, tried) in [("2026-01-01T00:00:00Z", &current), ("2020-01-01T00:00:00Z", &expired)] {
        for order in [[&expired, &current], [&current, &expired]] {
            let options = SearchOptions { at_hint: at.parse().unwrap(), ..tight };
            let paths = find_paths(&leaf(&current), &certificates(&order), &pool(&[&root]), options).unwrap();
            assert_eq!((lengths(&paths), paths.is_complete()), (vec![2], false));
            assert_eq!(paths.first().issuer(), Some(&read(&tried.certificate)), "{at}");
        }
    }
}

#[test]
fn two_certificates_of_one_key_stand_on_no_path_together() {
    // Self-issued: both are nca's, of one key, and one was signed by it.
    let root = root("root");
    let nca = under(&root, "nca", "nca");
    let again = under(&nca, "nca", "nca");
    let paths = search(&leaf(&nca), &[&again, &nca], &[&root]).unwrap();
    assert_eq!(lengths(&paths), [2], "through the other one the same key would vouch for itself");
    // Of another key it is a rollover, and stands between.
    let rolled = under(&nca, "nca", "second key");
    assert_eq!(lengths(&search(&leaf(&rolled), &[&rolled, &nca], &[&root]).unwrap()), [3]);
}

#[test]
fn of_two_certificates_of_one_issuer_the_more_telling_refusal_is_reported() {
    let root = root("root");
    let plain = under_with(&root, "nca", "nca", |builder| builder.replace(Extension::basic_constraints(false, None)));
    let odd = under_with(&root, "nca", "nca", |builder| builder.with(unknown().critical()));
    for extra in [[&plain, &odd], [&odd, &plain]] {
        let error = search(&leaf(&plain), &extra, &[&root]).unwrap_err();
        assert!(matches!(error, PathError::UnhandledCritical { .. }), "{error}");
    }
}

#[test]
fn issuers_that_may_not_issue() {
    type Change = fn(CertificateBuilder) -> CertificateBuilder;
    type Expected = fn(&PathError) -> bool;
    let table: [(&str, Change, Expected); 5] = [
        (
            "basicConstraints without cA",
            |builder| builder.replace(Extension::basic_constraints(false, None)),
            |error| matches!(error, PathError::NotCa { .. }),
        ),
        (
            "no basicConstraints",
            |builder| builder.without(extension::BASIC_CONSTRAINTS),
            |error| matches!(error, PathError::NotCa { .. }),
        ),
        (
            "keyUsage without keyCertSign",
            |builder| builder.replace(Extension::key_usage(0xc0)),
            |error| matches!(error, PathError::KeyUsage { .. }),
        ),
        (
            "an unknown critical extension",
            |builder| builder.with(unknown().critical()),
            |error| matches!(error, PathError::UnhandledCritical { offender, .. } if offender.depth == 1),
        ),
        (
            "it demands a certificate policy, and none is asserted",
            |builder| builder.replace(Extension::policy_constraints(Some(0), None)),
            |error| matches!(error, PathError::Policy { offender, .. } if offender.is_leaf()),
        ),
    ];
    let root = root("root");
    for (situation, change, expected) in table {
        let nca = under_with(&root, "nca", "nca", change);
        let error = search(&leaf(&nca), &[&nca], &[&root]).unwrap_err();
        assert!(expected(&error), "{situation}: {error}");
    }
    let old = version_1(&root, under(&root, "nca", "nca"));
    let error = search(&leaf(&old), &[&old], &[&root]).unwrap_err();
    assert!(matches!(error, PathError::NotCa { .. }), "version 1 cannot say that it is an authority: {error}");
    assert!(search(&leaf(&old), &[], &[&old]).is_ok(), "as an anchor it need not");
    let no_usage = under_with(&root, "nca", "nca", |builder| builder.without(extension::KEY_USAGE));
    assert!(search(&leaf(&no_usage), &[&no_usage], &[&root]).is_ok(), "no keyUsage at all allows everything");
}

fn version_1(issuer: &Authority, authority: Authority) -> Authority {
    let builder = CertificateBuilder::new(&Name::authority("nca"), &authority.key);
    let builder = CertificateBuilder { version: None, issuer: issuer.name.clone(), extensions: Vec::new(), ..builder };
    Authority::new(&builder, builder.sign(&issuer.key), authority.key)
}

#[test]
fn an_unknown_critical_extension_of_the_leaf_is_told_apart() {
    let root = root("root");
    let odd = read(&root.issue(leaf_builder().with(unknown().critical())));
    let error = search(&odd, &[], &[&root]).unwrap_err();
    assert!(matches!(&error, PathError::UnhandledCritical { offender, .. } if offender.is_leaf()), "{error}");
    let harmless = read(&root.issue(leaf_builder().with(unknown())));
    assert!(search(&harmless, &[], &[&root]).is_ok());
}

#[test]
fn the_true_issuer_is_blamed_not_its_namesake() {
    let root = root("root");
    let broken = under_with(&root, "nca", "true", |builder| builder.replace(Extension::key_usage(0xc0)));
    let namesake = under(&root, "nca", "namesake");
    for extra in [[&broken, &namesake], [&namesake, &broken]] {
        let error = search(&leaf(&broken), &extra, &[&root]).unwrap_err();
        assert!(matches!(error, PathError::KeyUsage { .. }), "{error}");
    }
}

#[test]
fn path_length_counts_what_is_not_self_issued() {
    let length = |limit| move |builder: CertificateBuilder| builder.replace(Extension::basic_constraints(true, limit));
    let root = root("root");
    let top = under_with(&root, "top", "top", length(Some(0)));
    let below = under(&top, "below", "below");
    let error = search(&leaf(&below), &[&top, &below], &[&root]).unwrap_err();
    assert!(matches!(error, PathError::PathLen { limit: 0, found: 1, .. }), "{error}");
    // An authority as the leaf is not an intermediate.
    assert!(search(&read(&below.certificate), &[&top], &[&root]).is_ok());
    // A rollover of top's key is self-issued and does not count.
    let rolled = under(&top, "top", "top, second key");
    assert!(search(&leaf(&rolled), &[&top, &rolled], &[&root]).is_ok());
    // The limit of an anchor counts as well.
    let error = search(&leaf(&below), &[&below], &[&top]).unwrap_err();
    assert!(matches!(error, PathError::PathLen { limit: 0, found: 1, .. }), "{error}");
}

#[test]
fn the_anchor_rule_decides_what_of_an_anchor_counts() {
    let key = key("plain");
    let plain = CertificateBuilder::new(&Name::authority("plain"), &key);
    let plain = Authority::self_signed(&plain.with(unknown().critical()), key);
    let pool = pool(&[&plain]);
    let name_and_key = SearchOptions { anchors: AnchorRule::NameAndKey, ..options() };
    assert!(find_paths(&leaf(&plain), &[], &pool, name_and_key).is_ok());
    assert!(find_paths(&leaf(&plain), &[], &pool, options()).is_err());
    assert!(AnchorRule::Checked.check(&read(&plain.certificate)).is_err());
    assert!(AnchorRule::NameAndKey.check(&read(&plain.certificate)).is_ok());
}

#[test]
fn name_constraints_bind_the_subject_and_its_mailboxes() {
    let within = Name::new().country("KZ").encode();
    let constrained = |constraints: Extension| {
        let root = root("root");
        under_with(&root, "nca", "nca", |builder| builder.with(constraints))
    };
    let nca = constrained(Extension::name_constraints(&[extension::directory_name(&within)], &[]));
    let root = root("root");
    let issue = |nca: &Authority, name: Name| read(&nca.issue(CertificateBuilder::new(&name, &key("leaf"))));

    let inside = Name::new().country("KZ").utf8(name::COMMON_NAME, "inside");
    assert!(search(&issue(&nca, inside), &[&nca], &[&root]).is_ok());
    let outside = Name::new().country("RU").utf8(name::COMMON_NAME, "outside");
    let error = search(&issue(&nca, outside), &[&nca], &[&root]).unwrap_err();
    let PathError::NameConstraint { offender, issuer, form, breach } = error else { panic!("{error}") };
    assert_eq!((offender.depth, issuer.depth), (0, 1));
    assert_eq!((form, breach), (NameForm::Directory, Breach::NotPermitted));

    let no_mail = constrained(Extension::name_constraints(&[], &[extension::mailbox("example.kz")]));
    let mail = Name::new().utf8(name::COMMON_NAME, "x").utf8(name::EMAIL, "a@example.kz");
    let error = search(&issue(&no_mail, mail.clone()), &[&no_mail], &[&root]).unwrap_err();
    assert!(matches!(error, PathError::NameConstraint { form: NameForm::Email, .. }), "{error}");
    // Another address beside it makes it no better.
    let builder = CertificateBuilder::new(&mail, &key("leaf"))
        .with(Extension::subject_alternative_name(&[extension::mailbox("a@other.kz")]));
    let error = search(&read(&no_mail.issue(builder)), &[&no_mail], &[&root]).unwrap_err();
    assert!(matches!(error, PathError::NameConstraint { form: NameForm::Email, .. }), "{error}");
}

#[test]
fn a_mailbox_beyond_ascii_is_a_mailbox() {
    let root = root("root");
    let only = Extension::name_constraints(&[extension::mailbox("example.kz")], &[]);
    let nca = under_with(&root, "nca", "nca", |builder| builder.with(only));
    let issue = |address: &str| {
        let name = Extension::subject_alternative_name(&[extension::smtp_utf8_mailbox(address)]);
        search(&read(&nca.issue(leaf_builder().with(name))), &[&nca], &[&root])
    };
    assert!(issue("асель@example.kz").is_ok());
    let error = issue("асель@example.net").unwrap_err();
    let PathError::NameConstraint { form, breach, .. } = error else { panic!("{error}") };
    assert_eq!((form, breach), (NameForm::Email, Breach::NotPermitted));
}

#[test]
fn a_host_in_the_common_name_is_bound_where_no_other_is_named() {
    let root = root("root");
    let no_host = Extension::name_constraints(&[], &[extension::dns_name("example.kz")]);
    let nca = under_with(&root, "nca", "nca", |builder| builder.with(no_host));
    let issue = |common_name: &str, names: &[Vec<u8>]| {
        let builder = CertificateBuilder::new(&Name::new().utf8(name::COMMON_NAME, common_name), &key("leaf"));
        let builder = if names.is_empty() { builder } else { builder.with(Extension::subject_alternative_name(names)) };
        search(&read(&nca.issue(builder)), &[&nca], &[&root])
    };
    let error = issue("www.example.kz", &[]).unwrap_err();
    assert!(matches!(error, PathError::NameConstraint { form: NameForm::Dns, .. }), "{error}");
    assert!(issue("www.example.kz", &[extension::mailbox("a@other.kz")]).is_err());
    assert!(issue("www.example.kz", &[extension::dns_name("other.kz")]).is_ok());
    assert!(issue("Асель Ахметова", &[]).is_ok());
    // An authority's name is its own.
    let below = under(&nca, "www.example.kz", "below");
    assert!(search(&leaf(&below), &[&nca, &below], &[&root]).is_ok());
}

#[test]
fn only_an_authority_constrains_names() {
    let root = root("root");
    let constraints = || Extension::name_constraints(&[], &[extension::dns_name("example.kz")]);
    for builder in [
        leaf_builder().with(constraints().critical()),
        leaf_builder().with(constraints()),
        leaf_builder().with(constraints()).replace(Extension::basic_constraints(false, None)),
    ] {
        let error = search(&read(&root.issue(builder)), &[], &[&root]).unwrap_err();
        assert!(matches!(error, PathError::Malformed { .. }), "{error}");
    }
    let authority = under_with(&root, "nca", "nca", |builder| builder.with(constraints()));
    assert!(search(&read(&authority.certificate), &[], &[&root]).is_ok());
}

#[test]
fn of_certificates_of_one_key_the_named_one_is_tried_first_and_the_others_too() {
    let (first, second) = (root("first"), root("second"));
    let (by_first, by_second) = (under(&first, "nca", "nca"), under(&second, "nca", "nca"));
    let key_id = &by_first.key.identifier();
    for (issuer, other) in [(&by_first, &by_second), (&by_second, &by_first)] {
        let serial = read(&issuer.certificate).serial_number().as_bytes().to_vec();
        let named = read(&issuer.certificate).issuer().as_der().to_vec();
        let full = Extension::authority_key_identifier_full(key_id, &named, &serial);
        let certificate = read(&issuer.prepare(leaf_builder()).replace(full).sign(&issuer.key));
        for extra in [[issuer, other], [other, issuer]] {
            let paths = search(&certificate, &extra, &[&first, &second]).unwrap();
            assert_eq!(paths.first().issuer(), Some(&read(&issuer.certificate)));
            assert_eq!(paths.iter().count(), 2, "a hint refuses nobody");
        }
    }
}

#[test]
fn a_signature_of_half_octets_is_a_wrong_one() {
    let root = root("root");
    let good = root.issue(leaf_builder());
    assert!(search(&read(&good), &[], &[&root]).is_ok());
    // The octet before the 64 of the signature counts unused bits; the last octet has to end in as many zeros.
    let place = good.len() - 65;
    let mut odd = good.clone();
    assert_eq!(std::mem::replace(&mut odd[place], 1), 0);
    *odd.last_mut().unwrap() &= 0xfe;
    let error = search(&read(&odd), &[], &[&root]).unwrap_err();
    assert!(matches!(error, PathError::SignatureInvalid { .. }), "{error}");
}

#[test]
fn name_constraints_are_bounded() {
    let root = root("root");
    let many: Vec<Vec<u8>> = (0..700).map(|number| extension::dns_name(&format!("x{number}.kz"))).collect();
    let nca = under_with(&root, "nca", "nca", |builder| builder.with(Extension::name_constraints(&[], &many)));
    let names = leaf_builder().with(Extension::subject_alternative_name(
        &(0..700).map(|number| extension::dns_name(&format!("y{number}.kz"))).collect::<Vec<_>>(),
    ));
    let error = search(&read(&nca.issue(names)), &[&nca], &[&root]).unwrap_err();
    assert_eq!(error, PathError::BudgetExceeded(Resource::NameComparisons));
}

#[test]
fn depth_is_bounded() {
    let root = root("root");
    let mut chain = vec![under(&root, "1", "1")];
    for number in 2..=9 {
        let label = number.to_string();
        chain.push(under(chain.last().unwrap(), &label, &label));
    }
    let eight: Vec<&Authority> = chain.iter().take(8).collect();
    let nine: Vec<&Authority> = chain.iter().collect();
    assert_eq!(lengths(&search(&leaf(eight[7]), &eight, &[&root]).unwrap()), [9]);
    assert_eq!(search(&leaf(nine[8]), &nine, &[&root]).unwrap_err(), PathError::TooDeep { limit: 8 });
}

#[test]
fn a_mesh_of_cross_certificates_exhausts_the_budget_and_not_the_machine() {
    let labels: Vec<String> = (0..9).map(|number| format!("m{number}")).collect();
    let roots: Vec<Authority> = labels.iter().map(|label| root(label)).collect();
    let mut mesh = Vec::new();
    for issuer in &roots {
        for subject in labels.iter().filter(|label| Name::authority(label).encode() != issuer.name) {
            mesh.push(under(issuer, subject, subject));
        }
    }
    let extra: Vec<&Authority> = mesh.iter().collect();
    let error = search(&leaf(&roots[0]), &extra, &[&root("anchor")]).unwrap_err();
    assert_eq!(error, PathError::BudgetExceeded(Resource::Candidates));
    // One of them trusted: paths are found, and not more than wanted.
    let paths = search(&leaf(&roots[0]), &extra, &[&roots[0]]).unwrap();
    assert_eq!((lengths(&paths)[0], paths.iter().count() <= 8, paths.is_complete()), (1, true, false));
}

#[test]
fn a_crowd_of_namesakes_exhausts_the_signatures() {
    let root = root("root");
    let crowd: Vec<Authority> = (0..101).map(|number| under(&root, "nca", &format!("crowd {number}"))).collect();
    let extra: Vec<&Authority> = crowd.iter().collect();
    let stranger = crowd[0].with_key(key("stranger"));
    let error = search(&leaf(&stranger), &extra, &[&root]).unwrap_err();
    assert_eq!(error, PathError::BudgetExceeded(Resource::Signatures));
    // With a right key identifier the crowd does no harm.
    assert!(search(&leaf(&crowd[100]), &extra, &[&root]).is_ok());
}

#[test]
fn algorithms_and_keys_that_are_not_accepted_are_named() {
    let sha1 = rastau_mint::key::Key::rsa_with(2048, rastau_mint::hash::Hash::Sha1, "sha1");
    let weak = Authority::root("weak", sha1);
    let error = search(&leaf(&weak), &[], &[&weak]).unwrap_err();
    assert!(matches!(&error, PathError::AlgorithmNotAllowed { offender, .. } if offender.is_leaf()), "{error}");
    let short = Key::rsa_with(1024, rastau_mint::hash::Hash::Sha256, "short");
    let builder = CertificateBuilder::new(&Name::authority("root"), &short).authority(None);
    let short = Authority::new(&builder, builder.self_sign(&short), short);
    let error = search(&leaf(&short), &[], &[&short]).unwrap_err();
    assert!(matches!(&error, PathError::KeyNotAllowed { offender, .. } if offender.depth == 1), "{error}");
}

#[test]
fn names_chain_by_meaning_not_by_bytes() {
    let key = key("root");
    let upper = Name::new().printable(name::COMMON_NAME, "ROOT  One").country("KZ");
    let lower = Name::new().utf8(name::COMMON_NAME, "root one").country("kz");
    let anchor = Authority::self_signed(&CertificateBuilder::new(&upper, &key).authority(None), key.clone());
    let issuer = Authority { name: lower.encode(), ..anchor.clone() };
    assert!(search(&leaf(&issuer), &[], &[&anchor]).is_ok());
}

#[test]
fn an_issuer_without_a_name_issues_nothing() {
    let key = key("nameless");
    let builder = CertificateBuilder::new(&Name::new(), &key).replace(Extension::key_usage(CA_BITS));
    let nameless = Authority::self_signed(&builder.replace(Extension::basic_constraints(true, None)), key);
    let error = search(&leaf(&nameless), &[], &[&nameless]).unwrap_err();
    assert!(matches!(error, PathError::NoIssuerFound { .. }), "{error}");
}

#[test]
fn the_demo_profiles_chain() {
    let root = Authority::root("root", Key::rsa("root"));
    let leaf = read(&root.issue(CertificateBuilder::rsa_sign_2022("900101300018")));
    assert!(search(&leaf, &[], &[&root]).is_ok());
    assert_eq!(profile::person("900101300018").encode(), leaf.subject().as_der());
}

/// Real certificates of the National CA's test system, from the folder that `RASTAU_INTEROP` names.
#[test]
fn real_kazakh_certificates_chain() {
    let Some(folder) = std::env::var_os("RASTAU_INTEROP").map(|folder| Path::new(&folder).join("certs")) else {
        println!("skipped: RASTAU_INTEROP names no folder with real certificates");
        return;
    };
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let read = |name: &str| load::read(&std::fs::read(folder.join(name)).unwrap(), AnchorRule::Checked).unwrap();
    let pool = ["root_test_gost_2022.cer", "nca_gost_test_2004.cer", "nca_rsa_test.cer"]
        .iter()
        .flat_map(|name| read(name))
        .fold(Pool::builder(), |pool, root| pool.anchor(Anchor::new(root, Purposes::ALL, false)))
        .intermediate(read("nca_gost2022_test.cer").remove(0))
        .build();
    let leaves = [
        ("ceo_valid_sign_2004_gost.cer", 1),
        ("individual_valid_sign_2004_rsa.cer", 1),
        ("individual_valid_sign_2004_rsa_auth.cer", 1),
        ("individual_signer.cer", 2),
        ("legal_entity_signer.cer", 2),
    ];
    for (name, length) in leaves {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let leaf = load::read(&bytes, AnchorRule::NameAndKey).unwrap().remove(0);
        let paths = find_paths(&leaf, &[], &pool, options()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((lengths(&paths), paths.is_complete()), (vec![length], true), "{name}");
    }
}
