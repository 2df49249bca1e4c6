//! From bytes to a verified list, or to the reason why not.

use rastau::crypto::SignatureError;
use rastau::revocation::{ListError, ListNumber, MAX_LIST_BYTES, OpenList, ParsedList, Reason, Source, Unusable};
use rastau::x509::{Certificate, SerialNumber};
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::list::{Entry, ListBuilder};
use rastau_mint::{der, pem};

use super::{Issuer, SERIAL, issuer, read, time, verify};

fn serial(contents: &[u8]) -> SerialNumber {
    SerialNumber::new(contents).unwrap()
}

#[test]
fn a_good_list_says_what_is_in_it() {
    let builder = issuer().list().number(1346).revoke(&SERIAL, "2026-06-02T09:15:00Z", Some(4)).revoke(
        &[5],
        "2026-05-08T00:00:00Z",
        None,
    );
    let bytes = issuer().sign(&builder);
    let list = verify(bytes.clone(), &issuer().certificate).unwrap();
    assert_eq!(list.number().and_then(|number| number.as_u64()), Some(1346));
    assert_eq!(list.this_update(), time("2026-01-01T00:00:00Z"));
    assert_eq!(list.next_update(), Some(time("2027-01-01T00:00:00Z")));
    assert_eq!((list.entries(), list.dropped(), list.duplicates()), (2, 0, 0));
    assert_eq!(list.bytes(), bytes.len());
    assert_eq!(*list.sha256(), rastau::crypto::sha256(&bytes));
    assert_eq!(list.unusable(), None);
    let revoked = list.lookup(&serial(&SERIAL)).unwrap();
    assert_eq!((revoked.date, revoked.reason), (time("2026-06-02T09:15:00Z"), Some(Reason::Superseded)));
    assert!(!revoked.reaches_back());
    let other = list.lookup(&serial(&[5])).unwrap();
    assert_eq!(other.reason, None);
    assert!(other.reaches_back());
    assert_eq!(list.lookup(&serial(&[6])), None);
}

#[test]
fn every_algorithm_signs_lists() {
    for key in [Key::rsa("list"), Key::p384("list"), Key::gost512("list"), Key::gost256("list"), Key::gost2004("list")]
    {
        let issuer = Issuer::new("КО", key);
        let list = issuer.sign(&issuer.list().revoke(&SERIAL, "2026-06-02T09:15:00Z", Some(1)));
        assert!(verify(list.clone(), &issuer.certificate).is_ok());
        let mut flipped = list;
        let end = flipped.len() - 3;
        flipped[end] ^= 1;
        assert!(matches!(verify(flipped, &issuer.certificate), Err(ListError::Signature(_))));
    }
}

#[test]
fn pem_and_base64_are_read_too() {
    let list = issuer().sign(&issuer().list());
    let text = pem::encode("X509 CRL", &list);
    assert!(verify(text.clone().into_bytes(), &issuer().certificate).is_ok());
    let bare: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(verify(bare.into_bytes(), &issuer().certificate).is_ok());
    let two = format!("{text}{text}").into_bytes();
    assert_eq!(ParsedList::read_all(two.clone(), &Source::request(0), MAX_LIST_BYTES).unwrap().len(), 2);
    assert!(read(two).is_err());
}

#[test]
fn what_servers_send_instead_of_a_list_is_refused() {
    assert_eq!(read(Vec::new()).unwrap_err(), ListError::Empty);
    for body in ["<!DOCTYPE html><html>...</html>", "0", "404 not found", "\r\n", "MAAA", "{}"] {
        assert!(read(body.into()).is_err(), "{body}");
    }
    let certificate = issuer().authority.certificate.clone();
    assert!(read(certificate).is_err());
}

#[test]
fn a_list_larger_than_the_limit_is_refused() {
    let list = issuer().sign(&issuer().list());
    let limit = list.len() - 1;
    assert_eq!(ParsedList::read_limited(list, Source::request(0), limit).unwrap_err(), ListError::TooLarge { limit });
}

#[test]
fn a_list_cut_anywhere_is_refused() {
    let list = issuer().sign(&issuer().list().revoke(&SERIAL, "2026-06-02T09:15:00Z", Some(4)));
    for end in 0..list.len() {
        assert!(read(list[..end].to_vec()).is_err(), "cut at {end}");
    }
    let mut longer = list;
    longer.push(0);
    assert!(read(longer).is_err());
}

#[test]
fn a_list_with_a_byte_changed_anywhere_is_not_believed() {
    let list = issuer().sign(&issuer().list().revoke(&SERIAL, "2026-06-02T09:15:00Z", Some(4)));
    for place in 0..list.len() {
        let mut changed = list.clone();
        changed[place] ^= 1;
        assert!(verify(changed, &issuer().certificate).is_err(), "changed at {place}");
    }
}

#[test]
fn lengths_that_are_not_there_reserve_nothing() {
    for declared in
        [&[0x84, 0x7f, 0xff, 0xff, 0xff][..], &[0x84, 0xff, 0xff, 0xff, 0xff], &[0x85, 1, 0, 0, 0, 0], &[0x80]]
    {
        assert!(read(der::tlv_with_length(0x30, declared, &[0; 64])).is_err());
        // Inside: revokedCertificates claims to hold far more than there is.
        let tbs = [
            der::integer(1),
            issuer().authority.key.algorithm_identifier(),
            issuer().authority.name.clone(),
            der::time("2026-01-01T00:00:00Z"),
            der::tlv_with_length(0x30, declared, &[]),
        ];
        let list = der::sequence(&[
            der::sequence(&tbs),
            issuer().authority.key.algorithm_identifier(),
            der::bit_string(&[0; 64]),
        ]);
        assert!(read(list).is_err());
    }
}

#[test]
fn the_wrong_issuer_is_told_from_the_wrong_key() {
    let list = issuer().sign(&issuer().list());
    let stranger = Issuer::new("БАСҚА КО", Key::p256("stranger"));
    assert_eq!(verify(list.clone(), &stranger.certificate).unwrap_err(), ListError::IssuerName);
    let namesake = Issuer::new("СЫНАҚ КО", Key::p256("namesake"));
    assert_eq!(verify(list.clone(), &namesake.certificate).unwrap_err(), ListError::Signature(SignatureError::Invalid));
    let other_kind = Issuer::new("СЫНАҚ КО", Key::gost512("namesake"));
    assert!(matches!(verify(list.clone(), &other_kind.certificate), Err(ListError::Signature(_))));
    let issuers = [stranger.certificate.clone(), namesake.certificate, issuer().certificate.clone()];
    assert!(read(list.clone()).unwrap().verify_with_any(&issuers).is_ok());
    let failed = read(list).unwrap().verify_with_any(&[stranger.certificate]).unwrap_err();
    assert_eq!(failed.1, ListError::IssuerUnknown);
}

#[test]
fn an_open_list_is_tried_with_eight_keys_of_its_issuers_name_and_filed_under_every_one_that_holds() {
    let stranger = Issuer::new("БАСҚА КО", Key::p256("stranger"));
    let rejected = read(issuer().sign(&issuer().list())).unwrap().verify(&stranger.certificate).unwrap_err();
    let open = OpenList::new(rejected);
    let namesakes: Vec<Certificate> =
        (0..8).map(|number| Issuer::new("СЫНАҚ КО", Key::p256(&format!("namesake {number}"))).certificate).collect();
    let own = issuer().certificate.clone();
    let of = |issuers: &[&Certificate]| {
        let verified = open.verified_with(issuers.iter().copied());
        verified.map(|lists| lists.iter().map(|list| *list.issuer_key()).collect::<Vec<_>>())
    };
    assert_eq!(of(&[&stranger.certificate]), Err(ListError::IssuerUnknown));
    let mut crowd: Vec<&Certificate> = namesakes.iter().chain([&own]).collect();
    assert_eq!(of(&crowd), Err(ListError::Signature(SignatureError::Invalid)), "the ninth key is not tried");
    assert!(!open.is_claimed());
    // Several certificates of one key are one.
    crowd.swap(7, 8);
    crowd.splice(0..1, [&namesakes[0]; 20]);
    let key = *own.public_key().unwrap().spki_sha256();
    assert_eq!(of(&crowd), Ok(vec![key]));
    assert_eq!(of(&[&own, &own]), Ok(vec![key]), "once");
    assert!(open.is_claimed());
}

#[test]
fn an_issuer_whose_key_usage_lacks_crl_sign_may_not_sign_lists() {
    let key = Key::p256("no crl sign");
    let authority = |extension: Option<Extension>| {
        let builder = CertificateBuilder::root_ca("КО", &key);
        let builder = match extension {
            Some(extension) => builder.replace(extension),
            None => builder.without(extension::KEY_USAGE),
        };
        Issuer::of(rastau_mint::authority::Authority::self_signed(&builder, key.clone()))
    };
    let without = authority(Some(Extension::key_usage(0x04).critical()));
    assert_eq!(verify(without.sign(&without.list()), &without.certificate).unwrap_err(), ListError::IssuerMayNotSign);
    let unstated = authority(None);
    assert!(verify(unstated.sign(&unstated.list()), &unstated.certificate).is_ok());
}

#[test]
fn algorithm_identifiers_may_differ_by_a_null_and_by_nothing_else() {
    let issuer = Issuer::new("КО", Key::rsa("list"));
    let key = &issuer.authority.key;
    let verified = |inner: Vec<u8>, outer: Vec<u8>| {
        let builder = ListBuilder { inner_algorithm: Some(inner), outer_algorithm: Some(outer), ..issuer.list() };
        verify(issuer.sign(&builder), &issuer.certificate)
    };
    let (with, without) = (key.algorithm_identifier(), key.algorithm_identifier_without_parameters());
    assert!(verified(without.clone(), with.clone()).is_ok());
    assert!(verified(with.clone(), without).is_ok());
    let other = Key::p256("x").algorithm_identifier();
    assert_eq!(verified(with.clone(), other).unwrap_err(), ListError::AlgorithmsDiffer);
    let odd = der::sequence(&[der::oid("1.2.840.113549.1.1.11"), der::integer(1)]);
    assert_eq!(verified(with, odd).unwrap_err(), ListError::AlgorithmsDiffer);
    let sha1 = der::sequence(&[der::oid("1.2.840.113549.1.1.5"), der::null()]);
    assert!(matches!(verified(sha1.clone(), sha1), Err(ListError::AlgorithmNotAllowed(_))));
}

#[test]
fn what_is_critical_and_not_known_makes_a_list_unusable_but_visible() {
    let unknown = || Extension::new("1.2.3.4", der::null());
    let point = |fields: &[Vec<u8>]| issuer().list().issuing_distribution_point(fields);
    let entry = |extension: Extension| {
        let mut entry = Entry::new(&SERIAL, "2026-06-02T09:15:00Z", Some(4));
        entry.extensions.push(extension);
        issuer().list().entry(entry)
    };
    let issuer_of_entry = Extension::new(extension::CERTIFICATE_ISSUER, der::sequence::<Vec<u8>>(&[]));
    let freshest = Extension::freshest_list(&[&["http://crl.invalid/d.crl"]]);
    let relative = der::implicit_constructed(0, &[der::implicit_constructed(1, &[der::oid("2.5.4.3")])]);
    let unread = der::explicit(0, &extension::full_name(&[der::implicit(8, &[0x2a])]));
    let table = [
        ("unknown critical", issuer().list().with(unknown().critical()), Some("1.2.3.4")),
        ("unknown, not critical", issuer().list().with(unknown()), None),
        ("of a type too large to hold, critical", issuer().list().with(Extension::unknown().critical()), Some("2.25")),
        (
            "of two types too large to hold, not critical",
            issuer().list().with(Extension::unknown()).with(Extension::new("2.999.2", der::null())),
            None,
        ),
        ("delta", issuer().list().number(15).delta_to(14), None),
        (
            "delta without a number",
            issuer().list().without(extension::LIST_NUMBER).delta_to(14),
            Some("delta list without a number"),
        ),
        (
            "critical freshest list, the delta of the 2026 profiles",
            issuer().list().with(freshest.clone().critical()),
            Some("does not say which full list"),
        ),
        ("freshest list, not critical", issuer().list().with(freshest), None),
        ("indirect", point(&[der::implicit(4, &[0xff])]), None),
        ("some reasons", point(&[der::implicit(3, &[1, 0x40])]), None),
        ("attribute certificates", point(&[der::implicit(5, &[0xff])]), Some("attribute")),
        ("a point with a relative name that is none", point(&[relative]), Some("distribution point")),
        ("a point with a name that is not read", point(&[unread]), Some("distribution point")),
        ("users only", point(&[der::implicit(1, &[0xff])]), None),
        ("entry: unknown critical", entry(unknown().critical()), Some("1.2.3.4")),
        ("entry: unknown, not critical", entry(unknown()), None),
        ("entry: of a type too large to hold, critical", entry(Extension::unknown().critical()), Some("2.25")),
        ("entry: of a type too large to hold, not critical", entry(Extension::unknown()), None),
        ("entry: of another issuer", entry(issuer_of_entry), Some("indirect")),
        (
            "entry: invalidity date",
            entry(Extension::new(extension::INVALIDITY_DATE, der::generalized_time("20260101000000Z"))),
            None,
        ),
    ];
    for (what, builder, wanted) in table {
        let list = issuer().verified(&builder);
        let why = list.unusable().map(ToString::to_string);
        match wanted {
            None => assert_eq!(why, None, "{what}"),
            Some(part) => assert!(why.as_deref().is_some_and(|why| why.contains(part)), "{what}: {why:?}"),
        }
    }
    let from_delta_address = Source::urls(&["http://crl.invalid/d.crl"]).unwrap().of_deltas(true);
    let plain = ParsedList::read(issuer().sign(&issuer().list()), from_delta_address).unwrap();
    assert_eq!(plain.unusable(), Some(&Unusable::DeltaWithoutBase));
}

#[test]
fn what_is_malformed_is_refused() {
    let list = || issuer().list();
    let number = |value: Vec<u8>| list().replace(Extension::new(extension::LIST_NUMBER, value));
    let entry = |date: Vec<u8>| list().entry(Entry { date, ..Entry::new(&SERIAL, "2026-06-02T09:15:00Z", None) });
    let with_serial = |contents: &[u8]| list().revoke(contents, "2026-06-02T09:15:00Z", None);
    let with_reason = |value: Vec<u8>| {
        let mut entry = Entry::new(&SERIAL, "2026-06-02T09:15:00Z", None);
        entry.extensions.push(Extension::new(extension::REASON_CODE, value));
        list().entry(entry)
    };
    let mut crowded = Entry::new(&SERIAL, "2026-06-02T09:15:00Z", None);
    crowded.extensions = vec![Extension::new("1.2.3.4", der::null()); 9];
    let crowd = |count: u32| {
        (0..count).fold(list(), |list, number| list.with(Extension::new(&format!("1.2.3.{number}"), der::null())))
    };
    let table = [
        ("version 3", ListBuilder { version: Some(2), ..list() }),
        ("extensions in version 1", ListBuilder { version: None, ..list() }),
        ("lapses before it begins", list().updates("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")),
        ("thisUpdate is text", ListBuilder { this_update: der::utf8("260101000000Z"), ..list() }),
        ("thisUpdate without seconds", ListBuilder { this_update: der::utc_time("2601010000Z"), ..list() }),
        ("the number is negative", number(der::integer_raw(&[0x80]))),
        ("the number is longer than 20 octets", number(der::integer_raw(&[1; 21]))),
        ("the number is padded", number(der::integer_raw(&[0, 1]))),
        ("the number is a text", number(der::utf8("1"))),
        ("an extension twice", list().with(Extension::new(extension::LIST_NUMBER, der::integer(2)))),
        ("forty extensions", crowd(40)),
        ("an entry on the 30th of February", entry(der::utc_time("260230000000Z"))),
        ("an entry in local time", entry(der::utc_time("260602091500+0500"))),
        ("an entry without a date", entry(Vec::new())),
        ("an empty serial number", with_serial(&[])),
        ("a padded serial number", with_serial(&[0, 1])),
        ("a padded negative serial number", with_serial(&[0xff, 0x80])),
        (
            "a reason twice",
            with_reason(der::enumerated(1)).entry({
                let mut entry = Entry::new(&[9], "2026-06-02T09:15:00Z", Some(1));
                entry.extensions.push(Extension::new(extension::REASON_CODE, der::enumerated(2)));
                entry
            }),
        ),
        ("a reason that is a number", with_reason(der::integer(1))),
        ("a reason with something behind it", with_reason([der::enumerated(1), der::null()].concat())),
        ("an unknown extension of an entry twice", {
            let mut entry = Entry::new(&SERIAL, "2026-06-02T09:15:00Z", Some(1));
            entry.extensions.extend([der::null(), der::integer(1)].map(|value| Extension::new("1.2.3.4", value)));
            list().entry(entry)
        }),
        ("nine extensions of an entry", list().entry(crowded)),
        (
            "a distribution point with a flag that is no BOOLEAN",
            list().issuing_distribution_point(&[der::implicit(1, &[1])]),
        ),
        (
            "a distribution point in the wrong order",
            list().issuing_distribution_point(&[der::implicit(2, &[0xff]), der::implicit(1, &[0xff])]),
        ),
    ];
    for (what, builder) in table {
        assert!(read(issuer().sign(&builder)).is_err(), "{what}: read");
    }
}

#[test]
fn extensions_of_an_entry_whose_types_are_too_large_to_be_held_are_told_apart() {
    let long =
        |last: &str| Extension::new(&format!("2.25.{}.{last}", ["18446744073709551615"; 6].join(".")), der::null());
    let with = |extensions: [Extension; 2]| {
        let mut entry = Entry::new(&SERIAL, "2026-06-02T09:15:00Z", Some(1));
        entry.extensions.extend(extensions);
        issuer().list().entry(entry)
    };
    assert!(read(issuer().sign(&with([long("1"), long("1")]))).is_err(), "one type twice");
    assert!(issuer().verified(&with([long("1"), long("2")])).lookup(&serial(&SERIAL)).is_some());
}

#[test]
fn odd_lists_are_read() {
    let v1 = ListBuilder { version: None, extensions: Vec::new(), ..issuer().list() }.revoke(
        &SERIAL,
        "2026-06-02T09:15:00Z",
        None,
    );
    assert!(issuer().verified(&v1).lookup(&serial(&SERIAL)).is_some());
    let far = issuer().list().revoke(&SERIAL, "2060-06-02T09:15:00Z", None);
    assert_eq!(
        issuer().verified(&far).lookup(&serial(&SERIAL)).map(|revoked| revoked.date),
        Some(time("2060-06-02T09:15:00Z"))
    );
    let large = issuer().list().replace(Extension::new(extension::LIST_NUMBER, der::integer_raw(&[0x7f; 20])));
    assert_eq!(issuer().verified(&large).number(), ListNumber::new(&[0x7f; 20]));
}

#[test]
fn unsorted_repeated_negative_and_very_long_serial_numbers_do_no_harm() {
    let long = [0x33; 64];
    let builder = issuer()
        .list()
        .revoke(&[9], "2026-03-01T00:00:00Z", Some(6))
        .revoke(&[1], "2026-01-01T00:00:00Z", None)
        .revoke(&[0x80], "2026-01-01T00:00:00Z", Some(1))
        .revoke(&[9], "2026-02-01T00:00:00Z", Some(1))
        .revoke(&[0xff; 1], "2026-01-01T00:00:00Z", Some(1))
        .revoke(&[0, 0x80], "2026-01-05T00:00:00Z", Some(1))
        .revoke(&long, "2026-01-01T00:00:00Z", Some(1))
        .revoke(&[0x33; 65], "2026-01-01T00:00:00Z", Some(1))
        .revoke(&[0x33; 21], "2026-01-01T00:00:00Z", Some(1))
        .revoke(&[0], "2026-01-01T00:00:00Z", Some(1));
    let list = issuer().verified(&builder);
    assert_eq!((list.entries(), list.dropped(), list.duplicates()), (10, 3, 1));
    let nine = list.lookup(&serial(&[9])).unwrap();
    assert_eq!((nine.date, nine.reason), (time("2026-02-01T00:00:00Z"), Some(Reason::KeyCompromise)));
    for present in [&[1][..], &long, &[0x33; 21], &[0], &[0, 0x80]] {
        assert!(list.lookup(&serial(present)).is_some(), "{present:?}");
    }
    // A negative number is not the positive one with the same octets.
    for absent in [&[0x80][..], &[0xff], &[2], &[0x33; 20]] {
        assert!(list.lookup(&serial(absent)).is_none(), "{absent:?}");
    }
}

#[test]
fn every_reason_is_told_and_strange_ones_count_as_unspecified() {
    let codes: Vec<u8> = (0..=12).chain([255]).collect();
    let builder = codes
        .iter()
        .fold(issuer().list(), |list, &code| list.revoke(&[0x10, code & 0x7f], "2026-06-02T09:15:00Z", Some(code)));
    let list = issuer().verified(&builder);
    for code in codes {
        let revoked = list.lookup(&serial(&[0x10, code & 0x7f])).unwrap();
        let wanted = Reason::from_code(code).unwrap_or(Reason::Unspecified);
        assert_eq!(revoked.reason, Some(wanted), "{code}");
    }
}
