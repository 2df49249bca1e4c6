//! Algorithms that ended: documents and timestamps (`policy::algorithms`).

use std::sync::Arc;

use rastau::policy::algorithms::AlgorithmTable;
use rastau_mint::key::Key;

use super::{SIGNED, World, accepted, check, json, refused};

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
