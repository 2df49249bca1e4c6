//! Algorithms that ended: documents and timestamps (`policy::algorithms`).

use std::sync::Arc;

use rastau::policy::algorithms::AlgorithmTable;
use rastau_mint::key::Key;
use rastau_mint::xml;

use super::{SIGNED, World, accepted, ask_alone, check, json, refused};
use crate::signing::under_a_bare_key;

/// Between the timestamp and now.
const ENDED: &str = "2026-08-01T00:00:00Z";
/// Before the timestamp.
const ENDED_BEFORE: &str = "2026-07-01T00:00:00Z";

fn world(table: &str, name: &str, until: &str) -> World {
    let rows = format!("[[{table}]]\nname = \"{name}\"\nsignatures_until = \"{until}\"\nreason = \"test\"");
    World { algorithms: Arc::new(AlgorithmTable::from_toml(&rows).unwrap()), ..World::new() }
}

#[test]
fn a_document_signed_or_hashed_with_what_ended_is_refused() {
    for (table, name) in [("signature", "ecdsa-sha256"), ("digest", "sha-256"), ("key", "ecdsa-p256")] {
        let world = world(table, name, ENDED);
        let report = world.ask(&world.document(world.signer()));
        refused(&report, "algorithm-not-allowed");
        let messages = &json(&report)["refusal"]["messages"];
        assert!(messages["en"].as_str().unwrap().contains(name), "{table}: {messages}");
        assert_eq!(check(&report, "algorithm"), "failed");
        // Once, in the place of the check that the key alone has passed, and beside all others.
        let checks = json(&report)["signatures"][0]["checks"].as_array().unwrap().clone();
        assert_eq!(checks.iter().filter(|check| check["name"] == "algorithm").count(), 1, "{checks:#?}");
        assert_eq!((check(&report, "format"), check(&report, "signature")), ("passed".into(), "passed".into()));
    }
}

#[test]
fn a_timestamp_of_before_the_end_keeps_it_good() {
    for (table, name) in [("signature", "rsa-sha256"), ("key", "rsa")] {
        let world = world(table, name, ENDED).with_person(Key::rsa("person"));
        refused(&world.ask(&world.document(world.signer())), "algorithm-not-allowed");
        accepted(&world.ask(&world.document(world.stamped(SIGNED))));
    }
}

#[test]
fn a_timestamp_made_with_what_ended_proves_nothing_whatever_date_it_states() {
    for (table, name) in [("signature", "ecdsa-sha256"), ("digest", "sha-256"), ("key", "ecdsa-p256")] {
        let world = world(table, name, ENDED);
        let report = world.ask(&world.document(world.stamped(SIGNED)));
        refused(&report, "algorithm-not-allowed");
        assert_eq!(json(&report)["signatures"][0]["timestamp"]["status"], "undetermined", "{table}");
    }
    let rows = format!("[[signature]]\nname = \"ecdsa-sha256\"\ncertificates_until = \"{ENDED}\"\nreason = \"test\"");
    let world = World { algorithms: Arc::new(AlgorithmTable::from_toml(&rows).unwrap()), ..World::new() };
    let report = world.ask(&world.document(world.stamped(SIGNED)));
    assert_eq!(json(&report)["signatures"][0]["timestamp"]["status"], "undetermined", "its authority's certificate");
}

#[test]
fn a_timestamp_made_after_the_end_proves_nothing() {
    for (table, name) in [("signature", "ecdsa-sha256"), ("digest", "sha-256"), ("key", "ecdsa-p256")] {
        let world = world(table, name, ENDED_BEFORE);
        let report = world.ask(&world.document(world.stamped(SIGNED)));
        refused(&report, "algorithm-not-allowed");
        assert_ne!(json(&report)["signatures"][0]["timestamp"]["status"], "passed", "{table}");
    }
}

#[test]
fn the_end_of_another_algorithm_changes_nothing() {
    for (table, name) in [("signature", "rsa-sha256"), ("digest", "sha-512"), ("key", "rsa")] {
        let world = world(table, name, ENDED_BEFORE);
        accepted(&world.ask(&world.document(world.signer())));
    }
}

/// The rows of a document signed with P-256: signature, key, digest.
const OWN: [(&str, &str); 3] = [("signature", "ecdsa-sha256"), ("key", "ecdsa-p256"), ("digest", "sha-256")];

#[test]
fn without_trust_the_table_is_asked_all_the_same() {
    let plain = World::new();
    let documents = [
        ("cms", plain.document(plain.signer())),
        ("xml", xml::enveloped("<a>1</a>", &plain.person, &plain.leaf).into_bytes()),
        ("a bare key", under_a_bare_key(&Key::p256("bare")).into_bytes()),
    ];
    for (format, document) in documents {
        accepted(&ask_alone(&plain, &document));
        for (table, name) in OWN {
            let report = ask_alone(&world(table, name, ENDED), &document);
            refused(&report, "algorithm-not-allowed");
            let messages = &json(&report)["refusal"]["messages"];
            assert!(messages["en"].as_str().unwrap().contains(name), "{format}, {table}: {messages}");
            assert_eq!((check(&report, "algorithm"), check(&report, "signature")), ("failed".into(), "passed".into()));
            accepted(&ask_alone(&world(table, name, "2100-01-01T00:00:00Z"), &document));
        }
        accepted(&ask_alone(&world("signature", "rsa-sha256", ENDED), &document));
    }
}

#[test]
fn without_trust_a_timestamp_of_before_the_end_keeps_nothing_good() {
    // Nobody says whose the timestamp is, so it proves no time.
    let world = world("signature", "rsa-sha256", ENDED).with_person(Key::rsa("person"));
    let stamped = world.document(world.stamped(SIGNED));
    accepted(&world.ask(&stamped));
    refused(&ask_alone(&world, &stamped), "algorithm-not-allowed");
}

#[test]
fn without_trust_a_bare_key_shorter_than_the_operator_wants_is_refused() {
    let document = under_a_bare_key(&Key::rsa("bare")).into_bytes();
    let world = |bits: u32| {
        let rows = format!("[[key]]\nname = \"rsa\"\nminimum_bits = {bits}\nreason = \"test\"");
        World { algorithms: Arc::new(AlgorithmTable::from_toml(&rows).unwrap()), ..World::new() }
    };
    refused(&ask_alone(&world(3072), &document), "algorithm-not-allowed");
    accepted(&ask_alone(&world(2048), &document));
}
