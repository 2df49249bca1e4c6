//! `inspect --strict`: what is well-formed, in every encoding that is read, and what only looks like it.

use rastau_mint::authority::Authority;
use rastau_mint::cms::{self, Cms, Signer};
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, good};
use rastau_mint::tsp::{self, TokenBuilder};
use rastau_mint::{der, pkcs12};

use super::run_with_input;

/// How `inspect --strict` ends, and what it says.
fn strict(bytes: &[u8]) -> (i32, String) {
    let run = run_with_input(&["inspect", "--strict", "-"], bytes);
    (run.status, run.err)
}

fn well_formed(bytes: &[u8], what: &str) {
    assert_eq!(strict(bytes), (0, String::new()), "{what}");
}

fn token() -> TokenBuilder {
    let authority = Authority::root("ROOT", Key::p256("root"));
    let key = Key::p256("tsa");
    let certificate = authority.issue(authority.timestamp_authority("TSA", &key));
    TokenBuilder::new(&key, &certificate, b"stamped", "2026-07-20T09:08:10Z")
}

fn token_in_ber() -> Vec<u8> {
    let built = token();
    Cms { content: built.info(), signers: vec![built.signer.clone()], ..built.message.clone() }.encode_ber(7)
}

/// The contents of an element whose length takes two octets, or is indefinite.
fn contents(bytes: &[u8]) -> &[u8] {
    match bytes[1] {
        0x80 => &bytes[2..bytes.len() - 2],
        0x82 => &bytes[4..],
        other => panic!("{other:#04x}"),
    }
}

/// The same element with its length in so many octets.
fn under(octets: usize, bytes: &[u8]) -> Vec<u8> {
    let length = (contents(bytes).len() as u64).to_be_bytes();
    let header = [&[0x80 | octets as u8][..], &length[8 - octets..]].concat();
    der::tlv_with_length(bytes[0], &header, contents(bytes))
}

#[test]
fn a_message_in_ber_is_well_formed_under_any_header() {
    let authority = Authority::root("ROOT", Key::p256("root"));
    let message = Cms::over(b"content").certificate(&authority.certificate);
    let message = message.signer(Signer::new(&authority.key, &authority.certificate));
    let enveloped = {
        let data =
            der::sequence(&[der::integer(0), der::set(&[der::null()]), der::sequence(&[der::octet_string(&[7; 300])])]);
        der::sequence(&[der::oid("1.2.840.113549.1.7.3"), der::explicit(0, &data)])
    };
    let forms = [
        ("a message", message.encode()),
        ("a message in pieces", message.encode_ber(3)),
        ("a token", token().encode()),
        ("a token in pieces", token_in_ber()),
        ("an enveloped message", enveloped),
    ];
    for (what, bytes) in forms {
        well_formed(&bytes, what);
        for octets in [3, 4, 8] {
            well_formed(&under(octets, &bytes), what);
        }
        well_formed(&cms::indefinite(0x30, &[contents(&bytes)]), what);
        assert_eq!(strict(&under(4, &bytes)[..bytes.len() - 7]).0, 2, "{what}, cut");
        assert_eq!(strict(&[&under(4, &bytes)[..], &[0]].concat()).0, 2, "{what}, and more");
    }
    let key = &authority.key;
    let store =
        pkcs12::KeyStore::new("p").key(&key.pkcs8(), None, None).certificate(&authority.certificate, None, None);
    let store = store.encode();
    for octets in [3, 4] {
        well_formed(&under(octets, &store), "a key store");
    }
}

#[test]
fn a_timestamp_response_is_well_formed_in_ber_too() {
    let status = der::sequence(&[der::integer(0)]);
    let response = tsp::response(0, Some(&token_in_ber()));
    well_formed(&response, "around a token in BER");
    well_formed(&under(4, &response), "under a long header");
    well_formed(&cms::indefinite(0x30, &[status, token().encode()]), "of indefinite length");
    assert_eq!(strict(&response[..response.len() - 2]).0, 2);
}

#[test]
fn a_token_that_breaks_a_rule_is_no_signed_document_either() {
    let extension = der::sequence(&[der::oid("2.25.1"), der::boolean(true), der::octet_string(&[])]);
    let second = token().signer;
    for (what, built) in [
        ("version 2", TokenBuilder { version: der::integer(2), ..token() }),
        ("an imprint of another length", token().imprint(Hash::Sha256, &[0; 3])),
        ("a critical extension", token().with(der::implicit_constructed(1, &[extension]))),
        ("a padded moment", TokenBuilder { gen_time: der::generalized_time("20260720090810.100Z"), ..token() }),
        ("two signers", TokenBuilder { message: token().message.signer(second), ..token() }),
        ("something behind it", token().with(der::null())),
        ("no content", TokenBuilder { message: token().message.detached(), ..token() }),
    ] {
        let (status, said) = strict(&built.encode());
        assert_eq!(status, 2, "{what}");
        assert!(said.contains("timestamp token"), "{what}: {said}");
        assert_eq!(strict(&tsp::response(0, Some(&built.encode()))).0, 2, "{what}, in a response");
    }
}

#[test]
fn a_request_for_a_timestamp_is_called_one() {
    let imprint = tsp::imprint(Hash::Sha256, &[7; 32]);
    for more in [&[][..], &[der::integer(5), der::boolean(true)]] {
        let request = der::sequence(&[vec![der::integer(1), imprint.clone()], more.to_vec()].concat());
        let (status, said) = strict(&request);
        assert!(status == 2 && said.contains("a request for a timestamp"), "{said}");
    }
}

#[test]
fn an_ocsp_response_with_a_critical_extension_that_nobody_knows_is_well_formed() {
    let authority = Authority::root("ROOT", Key::p256("root"));
    let single = || Single::new(authority.cert_id(&[0x21; 20]), good(), "2026-08-20T12:00:00Z");
    let response = || ResponseBuilder::new(&authority.name, "2026-08-20T12:00:00Z");
    let critical = || Extension::unknown().critical();
    well_formed(&response().answer(single()).with(critical()).sign(&authority.key), "of the response");
    well_formed(&response().answer(single().with(critical())).sign(&authority.key), "of an answer");
}
