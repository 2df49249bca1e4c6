//! `rastau check` on lists that say only part of the truth: deltas, parts, lists of other issuers.

use rastau_mint::authority::Authority;
use rastau_mint::extension::{Extension, Point, directory_name};
use rastau_mint::key::Key;
use rastau_mint::list::{Entry, ListBuilder};
use rastau_mint::ocsp::{ResponseBuilder, Single, good};
use rastau_mint::world::{SERIAL, World};

use super::{Run, file, folder, run};

const HELD_ON: &str = "2026-08-10T00:00:00Z";

fn world() -> World {
    World::of_two_names("nca", "lists")
}

/// The report on the leaf, with these lists beside the root's.
fn check(world: &World, lists: &[Vec<u8>], more: &[&str]) -> Run {
    let folder = folder();
    let leaf = file(&folder, "leaf.cer", &world.leaf);
    let root = file(&folder, "root.cer", &world.root.certificate);
    let mut args = vec!["check".to_owned(), leaf, "--json".to_owned(), "--trust".to_owned(), root];
    for (name, authority) in [("nca.cer", &world.first), ("lists.cer", &world.second)] {
        args.extend(["--intermediates".to_owned(), file(&folder, name, &authority.certificate)]);
    }
    let of_root = world.of_root();
    for (index, list) in lists.iter().chain([&of_root]).enumerate() {
        args.extend(["--crl".to_owned(), file(&folder, &format!("{index}.crl"), list)]);
    }
    args.extend(["--at", "2026-08-20T12:00:00Z"].map(str::to_owned));
    let args: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
    run(&args)
}

fn outcome(run: &Run) -> (i32, String) {
    (run.status, run.outcome().1)
}

#[test]
fn a_delta_lifts_a_hold_and_both_lists_are_in_the_evidence() {
    let world = world();
    let full = world.first.list().number(14).updates("2026-08-19T20:00:00Z", "2026-08-20T23:00:00Z");
    let full = world.first.sign_list(&full.revoke(&SERIAL, HELD_ON, Some(6)));
    let delta = |number| {
        let delta =
            world.first.list().number(number).delta_to(14).updates("2026-08-20T10:00:00Z", "2026-08-20T17:30:00Z");
        world.first.sign_list(&delta.revoke(&SERIAL, "2026-08-20T09:00:00Z", Some(8)))
    };
    assert_eq!(outcome(&check(&world, std::slice::from_ref(&full), &[])), (1, "certificate-revoked".to_owned()));
    let lifted = check(&world, &[full.clone(), delta(20)], &[]);
    assert_eq!(outcome(&lifted), (0, String::new()), "{}", lifted.out);
    let evidence = evidence(&lifted);
    assert_eq!((evidence["number"].as_u64(), evidence["delta"]["number"].as_u64()), (Some(14), Some(20)));
    // One that does not continue the full list: refused, and said why.
    let refused = check(&world, &[full, delta(14)], &[]);
    assert_eq!(outcome(&refused), (1, "certificate-revoked".to_owned()));
    let report = refused.json();
    let warnings = report["warnings"].as_array().cloned().unwrap_or_default();
    let found = warnings.iter().find(|warning| warning["code"] == "delta-not-used").cloned().unwrap_or_default();
    assert!(found["detail"].as_str().is_some_and(|detail| detail.contains("not above")), "{report:#}");
    // A delta alone is no list.
    assert_eq!(outcome(&check(&world, &[delta(20)], &[])), (3, "revocation-unknown".to_owned()));
}

#[test]
fn lists_about_some_reasons_are_all_in_the_evidence() {
    let world = world();
    let part = |bits: &[usize]| world.first.sign_list(&world.first.list().some_reasons(bits));
    let (keys, rest) = (part(&[1, 2]), part(&[3, 4, 5, 6, 7, 8]));
    assert_eq!(outcome(&check(&world, std::slice::from_ref(&keys), &[])), (3, "revocation-unknown".to_owned()));
    let whole = check(&world, &[keys, rest], &[]);
    assert_eq!(outcome(&whole), (0, String::new()), "{}", whole.out);
    assert_eq!(evidence(&whole)["beside"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_indirect_list_of_a_known_authority_answers() {
    let mut world = world();
    let pointing = Extension::points(&[Point::default().issued_by(&[directory_name(&world.second.name)])]);
    world = world.with_leaf(|leaf| leaf.replace(pointing));
    let entry = || Entry::new(&SERIAL, HELD_ON, Some(4));
    let list =
        |change: &dyn Fn(ListBuilder) -> ListBuilder| world.second.sign_list(&change(world.second.list().indirect()));
    let clean = list(&|list| list);
    let naming = list(&|list| list.entry(entry().of_issuer(&world.first.name)));
    let another = list(&|list| list.entry(entry().of_issuer(&world.root.name)));
    assert_eq!(outcome(&check(&world, &[], &[])), (3, "revocation-unknown".to_owned()));
    assert_eq!(outcome(&check(&world, std::slice::from_ref(&clean), &[])), (0, String::new()));
    assert_eq!(outcome(&check(&world, &[naming], &[])), (1, "certificate-revoked".to_owned()));
    assert_eq!(outcome(&check(&world, &[another], &[])), (0, String::new()));
    // Nobody answers for an issuer of lists under another root.
    let stranger = Authority::root("stranger", Key::p256("stranger of lists")).subordinate("lists", Key::p256("lists"));
    world.second = stranger;
    let refused = check(&world, &[clean], &["--revocation", "if-available"]);
    assert_eq!(outcome(&refused), (3, "revocation-unknown".to_owned()), "{}", refused.out);
}

/// What is known about the leaf.
fn evidence(run: &Run) -> serde_json::Value {
    let report = run.json();
    let checks = report["checks"].as_array().cloned().unwrap_or_default();
    let check = checks.iter().find(|check| check["name"] == "revocation").cloned().unwrap_or_default();
    check["evidence"]["certificates"][0].clone()
}

#[test]
fn a_response_lifts_a_hold_only_when_it_is_newer_than_the_delta_and_from_before_the_moment() {
    let world = world();
    let full = world.first.list().number(14).updates("2026-08-19T20:00:00Z", "2026-08-20T23:00:00Z");
    let delta = world.first.list().number(20).delta_to(14).updates("2026-08-20T10:00:00Z", "2026-08-20T17:30:00Z");
    let by_delta = [
        world.first.sign_list(&full.clone()),
        world.first.sign_list(&delta.revoke(&SERIAL, "2026-08-20T09:00:00Z", Some(6))),
    ];
    let by_full = [world.first.sign_list(&full.clone().revoke(&SERIAL, HELD_ON, Some(6)))];
    let after_all = [world.first.sign_list(&full.revoke(&SERIAL, "2026-08-20T13:00:00Z", Some(6)))];
    let folder = folder();
    for (what, lists, given, accepted) in [
        ("older than the delta", &by_delta[..], "2026-08-20T05:00:00Z", false),
        ("newer than the delta", &by_delta, "2026-08-20T11:55:00Z", true),
        ("newer than the list", &by_full, "2026-08-20T11:55:00Z", true),
        ("from after the moment, when the hold was in force", &by_full, "2026-08-21T00:00:00Z", false),
        ("from after a hold that began after the moment", &after_all, "2026-08-21T00:00:00Z", true),
    ] {
        let single = Single::new(world.first.cert_id(&SERIAL), good(), given).until("2026-08-22T00:00:00Z");
        let response = ResponseBuilder::new(&world.first.name, given).answer(single).sign(&world.first.key);
        let response = file(&folder, "response.ors", &response);
        let run = check(&world, lists, &["--ocsp", &response, "--revocation-order", "ocsp-then-crl"]);
        let wanted = if accepted { (0, "") } else { (1, "certificate-revoked") };
        assert_eq!(outcome(&run), (wanted.0, wanted.1.to_owned()), "{what}");
    }
}
