//! `rastau check` where an authority signs its lists with another key than its certificates, and what evidence counts at
//! the moment asked about: the same in every form of the question.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::world::{SERIAL, World};
use serde_json::{Value, json};

use super::forms::{Question, base64};
use super::run_with_input;

const NAME: &str = "nca of two keys";
const AT: &str = "2026-08-20T12:00:00Z";
const REVOKED_ON: &str = "2026-06-01T00:00:00Z";

fn world() -> World {
    World::of_two_keys(NAME)
}

/// What is asked about the leaf, these authorities and lists being known.
fn about<'a>(world: &'a World, authorities: &[&'a Authority], lists: &[Vec<u8>]) -> Question<'a> {
    Question {
        leaf: &world.leaf,
        root: &world.root.certificate,
        intermediates: authorities.iter().map(|authority| &*authority.certificate).collect(),
        lists: lists.to_vec(),
        at: AT,
        profile: "kz",
    }
}

fn check(world: &World, authorities: &[&Authority], lists: &[Vec<u8>]) -> String {
    about(world, authorities, lists).decision()
}

#[test]
fn the_list_of_a_new_key_counts_when_the_new_certificate_is_sent() {
    let world = world();
    let list = world.of_second(|list| list);
    let both = [&world.first, &world.second];
    assert_eq!(check(&world, &both, &[world.of_root(), list.clone()]), "accepted");
    assert_eq!(check(&world, &[&world.first], &[world.of_root(), list.clone()]), "undetermined", "whose key it is");
    assert_eq!(check(&world, &both, &[list]), "undetermined", "whether the new key still stands");
    let revoking = world.of_second(|list| list.revoke(&SERIAL, REVOKED_ON, Some(1)));
    assert_eq!(check(&world, &both, &[world.of_root(), revoking]), "refused");
    // The root took the second certificate back.
    let taken = world.root.list().revoke(&world.second.serial, REVOKED_ON, Some(1));
    let clean = world.of_second(|list| list);
    assert_eq!(check(&world, &both, &[world.root.sign_list(&taken), clean]), "undetermined");
}

#[test]
fn strangers_of_the_same_name_clear_and_convict_nobody() {
    let world = world();
    let neighbour = world.root.subordinate("neighbour", Key::p256("neighbour"));
    let namesakes = [
        Authority::root(NAME, Key::p256("stranger")),
        Authority::root("stranger", Key::p256("stranger")).subordinate(NAME, Key::p256("stranger below")),
        neighbour.subordinate(NAME, Key::p256("named by the neighbour")),
    ];
    let of_neighbour = neighbour.sign_list(&neighbour.list());
    for namesake in &namesakes {
        for list in [namesake.list(), namesake.list().revoke(&SERIAL, REVOKED_ON, None)] {
            let lists = [world.of_root(), of_neighbour.clone(), namesake.sign_list(&list)];
            assert_eq!(check(&world, &[&world.first, &neighbour, namesake], &lists), "undetermined");
        }
    }
}

#[test]
fn the_path_of_a_second_key_may_lead_through_an_authority_that_only_the_line_brings() {
    let root = Authority::root("root", Key::p256("root of three tiers"));
    let above = root.subordinate("above", Key::p256("above"));
    let [first, second] = ["first key", "second key"].map(|key| above.subordinate(NAME, Key::p256(key)));
    let leaf = first.issue(CertificateBuilder::individual("650615100015").serial(&SERIAL));
    let clean = [root.sign_list(&root.list()), above.sign_list(&above.list())];
    let of_second = |list: ListBuilder| second.sign_list(&list);
    let revoking = of_second(second.list().revoke(&SERIAL, REVOKED_ON, Some(1)));
    for (what, lists, wanted) in [
        ("all lists", [clean.to_vec(), vec![of_second(second.list())]].concat(), "accepted"),
        ("one that names the leaf, of an issuer that no list tells about", vec![clean[0].clone(), revoking], "refused"),
    ] {
        let question = Question {
            leaf: &leaf,
            root: &root.certificate,
            intermediates: [&above, &first, &second].map(|authority| &*authority.certificate).to_vec(),
            lists,
            at: AT,
            profile: "kz",
        };
        assert_eq!(question.decision(), wanted, "{what}");
    }
}

#[test]
fn a_line_brings_no_more_lists_than_anybody_has() {
    let world = world();
    let list = base64(&world.of_first(|list| list));
    let mut line = about(&world, &[&world.first], &[]).line();
    line["crls"] = json!(vec![list; 1025]);
    let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes()).json();
    assert_eq!(answer["error"]["errors"][0]["code"], "too-many", "{answer}");
}

/// Which lists of the authority there are, beside the root's, and what that comes to under `rfc5280` and under `kz`.
type Cell = (&'static str, Vec<ListBuilder>, [&'static str; 2]);

/// The moment asked about against the dates of lists and deltas.
fn matrix(world: &World) -> Vec<Cell> {
    let list = |number: u64, (this, next): (&str, &str)| world.first.list().number(number).updates(this, next);
    let lasting = |this: &'static str| (this, "2030-01-01T00:00:00Z");
    let (before, after) = (lasting("2026-08-19T00:00:00Z"), lasting("2026-08-25T00:00:00Z"));
    let lapsed = ("2026-08-01T00:00:00Z", "2026-08-10T00:00:00Z");
    let names = |list: ListBuilder| list.revoke(&SERIAL, "2026-08-24T00:00:00Z", Some(1));
    let delta = |number, times| list(number, times).delta_to(14);
    let good = ["accepted", "accepted"];
    let bad = ["refused", "refused"];
    let only_later = ["undetermined", "accepted"];
    vec![
        ("from before the moment", vec![list(14, before)], good),
        ("from after it", vec![list(14, after)], only_later),
        ("both, the later first", vec![list(15, after), list(14, before)], good),
        ("both, the later last", vec![list(14, before), list(15, after)], good),
        ("from after it, naming the leaf", vec![names(list(14, after))], bad),
        ("both, the later naming the leaf", vec![list(14, before), names(list(15, after))], bad),
        ("both, the earlier lapsed", vec![list(14, lapsed), list(15, after)], only_later),
        ("with a delta from after it", vec![list(14, before), delta(15, after)], good),
        ("with a delta from after it that names the leaf", vec![list(14, before), names(delta(15, after))], bad),
        ("lapsed, with a delta from before", vec![list(14, lapsed), delta(15, before)], good),
        ("lapsed, with a delta from after", vec![list(14, lapsed), delta(15, after)], only_later),
        ("lapsed, with a delta from after that names the leaf", vec![list(14, lapsed), names(delta(15, after))], bad),
        ("a delta alone", vec![delta(15, before)], ["undetermined", "undetermined"]),
        ("a delta alone that names the leaf", vec![names(delta(15, before))], bad),
    ]
}

#[test]
fn the_moment_asked_about_is_the_present_of_plain_path_validation_alone_and_in_every_form() {
    let world = world();
    for (what, lists, wanted) in matrix(&world) {
        let lists: Vec<Vec<u8>> = lists.iter().map(|list| world.first.sign_list(list)).collect();
        let lists = [vec![world.of_root()], lists].concat();
        for (profile, wanted) in ["rfc5280", "kz"].into_iter().zip(wanted) {
            let question = Question { profile, ..about(&world, &[&world.first], &lists) };
            assert_eq!(question.decision(), wanted, "{what}, {profile}");
        }
    }
}

#[test]
fn a_list_of_the_command_line_finds_its_issuer_in_the_line_that_brings_it_and_in_no_other() {
    let world = world();
    let list = world.of_second(|list| list);
    let both = [&world.first, &world.second];
    let line = |authorities: &[&Authority]| {
        let mut line = about(&world, authorities, &[]).line();
        if let Some(line) = line.as_object_mut() {
            line.remove("crls");
        }
        line.to_string()
    };
    let folder = super::folder();
    let lists = [world.of_root(), list];
    let paths: Vec<String> =
        lists.iter().enumerate().map(|(index, list)| super::file(&folder, &format!("{index}.crl"), list)).collect();
    let lines = [line(&both), line(&[&world.first]), line(&both), line(&[])].join("\n");
    let run = run_with_input(&["check", "--batch", "-", "--crl", &paths[0], "--crl", &paths[1]], lines.as_bytes());
    let decisions: Vec<Value> =
        run.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["decision"].clone()).collect();
    assert_eq!(decisions, ["accepted", "undetermined", "accepted", "refused"], "{}", run.out);
}

#[test]
fn evidence_with_its_last_byte_cut_off_is_no_silence_where_evidence_counts_if_available() {
    let world = world();
    let mut cut = world.of_first(|list| list.revoke(&SERIAL, REVOKED_ON, Some(1)));
    cut.pop();
    for (field, evidence, wanted) in [
        ("crls", json!([]), "accepted"),
        ("crls", json!([base64(&cut)]), "undetermined"),
        ("ocsp_responses", json!([base64(b"<html>sign in first</html>")]), "undetermined"),
        // A responder that says «try later» is silent.
        ("ocsp_responses", json!([base64(&[0x30, 0x03, 0x0a, 0x01, 0x03])]), "accepted"),
    ] {
        let mut line = about(&world, &[&world.first], &[]).line();
        line["revocation"] = json!("if-available");
        line[field] = evidence;
        let answer = run_with_input(&["check", "--batch", "-"], line.to_string().as_bytes()).json();
        assert_eq!(answer["decision"], wanted, "{field}: {answer}");
        let warned =
            answer["warnings"].as_array().is_some_and(|all| all.iter().any(|w| w["code"] == "evidence-unreadable"));
        assert_eq!(warned, line[field] != json!([]), "{answer}");
    }
}
