//! Counter-signatures: where the cryptography alone is asked about they are judged like any signature, where trust is they are
//! pointed out.

use rastau::verdict::DocumentReport;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{self, Cms, Signer};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::{der, identity};

use super::{CONTENT, World, accepted, ask_alone, json, refused};

/// How many warnings there are about counter-signatures.
fn pointed_out(report: &DocumentReport) -> usize {
    let warnings = json(report)["signatures"][0]["warnings"].as_array().cloned().unwrap_or_default();
    warnings.iter().filter(|warning| warning["code"] == "counter-signature").count()
}

/// How many are reported, and how many of them hold.
fn reported(report: &DocumentReport) -> (usize, usize) {
    let all = json(report)["signatures"][0]["counter_signatures"].as_array().cloned().unwrap_or_default();
    (all.len(), all.iter().filter(|one| one["holds"] == true).count())
}

/// A counter-signature over another value than the one it stands beside.
fn over_another(signer: &Signer) -> impl Fn(&[u8]) -> Vec<u8> + Send + Sync + use<> {
    let counter = signer.clone().counter();
    move |_| counter(b"another value")
}

#[test]
fn one_that_does_not_hold_refuses_where_the_cryptography_alone_is_asked_about() {
    let world = World::new();
    let own = world.signer();
    let with_type = {
        let signer = own.clone();
        move |value: &[u8]| cms::attribute(cms::COUNTER_SIGNATURE, &[signer.encode(cms::DATA, value)])
    };
    let content = {
        let counter = own.clone().counter();
        move |_: &[u8]| counter(CONTENT)
    };
    let wrong_value = Signer { value: Some(Key::p256("x").sign(b"x")), ..own.clone() };
    for (what, signer) in [
        ("over another value", own.clone().unsigned(over_another(&own))),
        ("over the content", own.clone().unsigned(content)),
        ("with a contentType", own.clone().unsigned(with_type)),
        ("of a wrong value", own.clone().unsigned(wrong_value.counter())),
        ("that cannot be read", own.clone().unsigned(|_| cms::attribute(cms::COUNTER_SIGNATURE, &[der::null()]))),
    ] {
        let document = world.document(signer);
        let report = ask_alone(&world, &document);
        refused(&report, "signature-invalid");
        assert_eq!(reported(&report), (1, 0), "{what}");
        // Anybody may add one to a signature that is good.
        let report = world.ask(&document);
        accepted(&report);
        assert_eq!((reported(&report), pointed_out(&report)), ((1, 0), 1), "{what}");
    }
    let sha1 =
        Signer { digest_algorithm: Some(der::sequence(&[der::oid(Hash::Sha1.oid()), der::null()])), ..own.clone() };
    refused(&ask_alone(&world, &world.document(own.clone().unsigned(sha1.counter()))), "algorithm-not-allowed");

    let document = world.document(own.clone().unsigned(own.counter()));
    for report in [world.ask(&document), ask_alone(&world, &document)] {
        accepted(&report);
        assert_eq!((reported(&report), pointed_out(&report)), ((1, 1), 0));
    }
}

#[test]
fn none_of_many_is_left_out() {
    let world = World::new();
    let own = world.signer();
    for bad in [0, 8, 19] {
        let signer = (0..20).fold(own.clone(), |signer, number| {
            if number == bad { signer.unsigned(over_another(&own)) } else { signer.unsigned(own.clone().counter()) }
        });
        let document = world.document(signer);
        let report = ask_alone(&world, &document);
        refused(&report, "signature-invalid");
        assert_eq!(reported(&report), (20, 19), "the one at {bad}");
    }
}

#[test]
fn one_over_another_is_judged_too() {
    let world = World::new();
    let own = world.signer();
    let unreadable = |_: &[u8]| cms::attribute(cms::COUNTER_SIGNATURE, &[der::null()]);
    for inner in [own.clone().unsigned(over_another(&own)), own.clone().unsigned(unreadable)] {
        let document = world.document(own.clone().unsigned(inner.counter()));
        let report = ask_alone(&world, &document);
        refused(&report, "signature-invalid");
        assert_eq!(reported(&report), (2, 1));
        let report = world.ask(&document);
        accepted(&report);
        assert_eq!(pointed_out(&report), 1);
    }
    let nested = own.clone().unsigned(own.clone().counter()).counter();
    let report = ask_alone(&world, &world.document(own.unsigned(nested)));
    accepted(&report);
    assert_eq!(reported(&report), (2, 2));
}

#[test]
fn one_whose_certificate_is_not_here_is_pointed_out() {
    let world = World::new();
    let key = Key::p256("second");
    let other = world.nca.issue(CertificateBuilder::individual(&identity::iin("700101", true, 1)).key(&key));
    let signer = world.signer().unsigned(Signer::new(&key, &other).counter());
    let without = world.document(signer.clone());
    for report in [world.ask(&without), ask_alone(&world, &without)] {
        accepted(&report);
        assert_eq!((reported(&report), pointed_out(&report)), ((1, 0), 1));
    }
    let with = Cms::over(CONTENT).certificate(&world.leaf).certificate(&other).signer(signer).encode();
    assert_eq!(reported(&ask_alone(&world, &with)), (1, 1));
}
