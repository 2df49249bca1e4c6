//! A timestamp token that is given as the document itself.

use rastau::service::DocumentRequest;
use rastau::signed::{Detached, Document, Reopen};
use rastau::verdict::DocumentReport;
use rastau_mint::authority::Authority;
use rastau_mint::cms::{Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

use rastau::policy::{Policy, Profile, Purpose};

use super::{SIGNED, World, accepted, json, outcome, refused};

/// Bytes that come as a stream.
struct Streamed<'a>(&'a [u8]);

impl Reopen for Streamed<'_> {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        Ok(Box::new(self.0))
    }
}

/// Asked as any document under RFC 5280, in memory and as a stream, which come to the same.
fn ask(world: &World, document: &[u8], trust: bool) -> DocumentReport {
    let service = world.service();
    let policy = Policy::of(Profile::Rfc5280, Purpose::Any);
    let prepared = service.prepare_document_under(&DocumentRequest::default(), policy).unwrap();
    let prepared = if trust { prepared } else { prepared.signature_only() };
    let ask = |document| service.verify_document(&prepared, service.grounds(), document, Detached::Absent).unwrap();
    let report = ask(Document::Bytes(document));
    assert_eq!(outcome(&report), outcome(&ask(Document::Stream(&Streamed(document)))), "as a stream");
    report
}

fn token(world: &World) -> TokenBuilder {
    TokenBuilder::new(&world.tsa, &world.tsa_certificate, b"stamped", SIGNED)
}

#[test]
fn one_that_breaks_a_rule_of_tokens_is_refused_whatever_is_asked() {
    let world = World::new();
    let good = || token(&world);
    let extension = der::sequence(&[der::oid("2.25.1"), der::boolean(true), der::octet_string(&[])]);
    let second = Signer::new(&world.person, &world.leaf);
    let unnamed = good().signer.without(&Signed::SigningCertificate);
    for (what, built) in [
        ("version 2", TokenBuilder { version: der::integer(2), ..good() }),
        ("an imprint of another length", good().imprint(Hash::Sha256, &[0; 3])),
        ("a critical extension", good().with(der::implicit_constructed(1, &[extension]))),
        ("two signers", TokenBuilder { message: good().message.certificate(&world.leaf).signer(second), ..good() }),
        ("no reference to its certificate", TokenBuilder { signer: unnamed, ..good() }),
        ("genTime padded", TokenBuilder { gen_time: der::generalized_time("20260720090810.100Z"), ..good() }),
        ("something behind it", good().with(der::null())),
    ] {
        for trust in [true, false] {
            let report = ask(&world, &built.encode(), trust);
            refused(&report, "timestamp-invalid");
            assert!(json(&report)["signatures"][0]["checks"].to_string().contains("timestamp token"), "{what}");
        }
    }
    let detached = TokenBuilder { message: good().message.detached(), ..good() };
    for trust in [true, false] {
        assert!(!outcome(&ask(&world, &detached.encode(), trust)).1.unwrap_or_default().is_empty());
    }
}

#[test]
fn one_of_nobody_who_may_give_timestamps_is_refused_where_trust_is_asked() {
    let mut world = World::new();
    for usage in [
        Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.8"]),
        Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"]).critical(),
        Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.4"]).critical(),
    ] {
        let name = rastau_mint::name::Name::authority("TSA");
        let builder = rastau_mint::certificate::CertificateBuilder::new(&name, &world.tsa).with(usage);
        world.tsa_certificate = world.nca.issue(builder);
        refused(&ask(&world, &token(&world).encode(), true), "timestamp-invalid");
        accepted(&ask(&world, &token(&world).encode(), false));
    }
    let other = der::explicit(0, &der::explicit(4, &world.nca.name));
    let world = World::new();
    refused(&ask(&world, &token(&world).with(other).encode(), true), "timestamp-invalid");
}

#[test]
fn one_whose_authority_is_not_known_is_refused_for_that_alone() {
    let mut world = World::new();
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    world.tsa_certificate = stranger.issue(stranger.timestamp_authority("TSA", &world.tsa));
    refused(&ask(&world, &token(&world).encode(), true), "issuer-not-trusted");
    accepted(&ask(&world, &token(&world).encode(), false));
}

#[test]
fn a_good_one_is_accepted_in_der_and_in_ber() {
    let world = World::new();
    let built = token(&world);
    let message = Cms { content: built.info(), signers: vec![built.signer.clone()], ..built.message.clone() };
    for document in [built.encode(), message.encode_ber(5)] {
        for trust in [true, false] {
            accepted(&ask(&world, &document, trust));
        }
    }
}
