//! Bytes that are a response, and many that are none.

use rastau::revocation::ocsp::{CertStatus, ErrorStatus, MAX_CERTIFICATES, MAX_SINGLES, OcspError, ParsedResponse};
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::ocsp::{ARCHIVE_CUTOFF, NONCE, ResponseBuilder, error_status, generalized, good, revoked, unknown};

use super::{NOON, Scene, scene, time};

fn read(der: &[u8]) -> Result<ParsedResponse, OcspError> {
    ParsedResponse::read(der)
}

/// A response that was changed before it was signed.
fn changed(change: impl FnOnce(&Scene, ResponseBuilder) -> ResponseBuilder) -> Vec<u8> {
    let scene = scene();
    change(scene, scene.delegated().answer(scene.single(good()))).sign(&scene.responder_key)
}

/// A response with one answer whose status is `status`.
fn with_status(status: Vec<u8>) -> Result<CertStatus, OcspError> {
    let scene = scene();
    read(&scene.answer(status)).map(|parsed| parsed.singles()[0].status())
}

#[test]
fn a_response_says_who_when_and_what() {
    let scene = scene();
    let der = scene.answer(revoked("2026-06-02T09:15:00Z", Some(4)));
    let parsed = read(&der).unwrap();
    assert_eq!((parsed.produced_at(), parsed.as_der()), (time(NOON), &der[..]));
    assert_eq!((parsed.singles().len(), parsed.certificates().len(), parsed.nonce()), (1, 1, None));
    assert_eq!(parsed.responder().to_string(), "CN=OCSP RESPONDER, C=KZ");
    let single = &parsed.singles()[0];
    assert_eq!((single.this_update(), single.next_update(), single.archive_cutoff()), (time(NOON), None, None));
    assert!(single.id().names(&scene.leaf, &scene.issuer));
    let armoured = rastau_mint::pem::certificate(&der).replace("CERTIFICATE", "OCSP RESPONSE");
    assert_eq!(read(armoured.as_bytes()).unwrap().as_der(), der);
    assert_eq!(
        read(&scene.own().by_key(&scene.authority.key).answer(scene.single(good())).sign(&scene.authority.key))
            .unwrap()
            .responder()
            .to_string(),
        format!("key {}", scene.authority.key.identifier().iter().map(|o| format!("{o:02x}")).collect::<String>())
    );
}

#[test]
fn every_reason_is_read_and_one_that_is_not_assigned_still_revokes() {
    for (code, name) in [
        (None, None),
        (Some(0), Some("unspecified")),
        (Some(1), Some("keyCompromise")),
        (Some(6), Some("certificateHold")),
        (Some(8), Some("removeFromCRL")),
        (Some(10), Some("aACompromise")),
        (Some(7), Some("unspecified")),
        (Some(11), Some("unspecified")),
        (Some(0xff), Some("unspecified")),
    ] {
        let Ok(CertStatus::Revoked(entry)) = with_status(revoked("2026-06-02T09:15:00Z", code)) else {
            panic!("{code:?} is no revocation");
        };
        assert_eq!(entry.reason.map(|reason| reason.name()), name);
    }
    assert!(matches!(with_status(good()), Ok(CertStatus::Good)));
    assert!(matches!(with_status(unknown()), Ok(CertStatus::Unknown)));
    let long = der::implicit_constructed(
        1,
        &[generalized("2026-06-02T09:15:00Z"), der::explicit(0, &der::tlv(0x0a, &[1, 0]))],
    );
    assert!(matches!(with_status(long), Ok(CertStatus::Revoked(_))));
}

#[test]
fn a_status_that_is_none_of_the_three_is_refused() {
    let date = generalized("2026-06-02T09:15:00Z");
    for (situation, status) in [
        ("good with contents", der::implicit(0, &[0])),
        ("good in constructed form", der::tlv(0xa0, &[])),
        ("unknown with contents", der::implicit(2, &der::null())),
        ("a fourth choice", der::implicit(3, &[])),
        ("NULL", der::null()),
        ("revoked without a date", der::implicit_constructed::<Vec<u8>>(1, &[])),
        ("revoked in primitive form", der::tlv(0x81, &date)),
        ("revoked with UTCTime", der::implicit_constructed(1, &[der::utc_time("260602091500Z")])),
        ("revoked with a fraction", der::implicit_constructed(1, &[der::generalized_time("20260602091500.5Z")])),
        ("revoked with an offset", der::implicit_constructed(1, &[der::generalized_time("20260602091500+0500")])),
        ("revoked with more", der::implicit_constructed(1, &[date.clone(), der::null()])),
        ("a reason that is an INTEGER", {
            der::implicit_constructed(1, &[date.clone(), der::explicit(0, &der::integer(1))])
        }),
        ("two reasons", {
            let two = [der::enumerated(1), der::enumerated(1)].concat();
            der::implicit_constructed(1, &[date.clone(), der::explicit(0, &two)])
        }),
        ("an empty reason", der::implicit_constructed(1, &[date.clone(), der::explicit(0, &der::tlv(0x0a, &[]))])),
    ] {
        assert!(with_status(status).is_err(), "{situation}: read");
    }
}

#[test]
fn error_statuses_are_told_apart_from_answers() {
    for (code, status) in [
        (1, ErrorStatus::MalformedRequest),
        (2, ErrorStatus::InternalError),
        (3, ErrorStatus::TryLater),
        (5, ErrorStatus::SigRequired),
        (6, ErrorStatus::Unauthorized),
    ] {
        let error = read(&error_status(code)).unwrap_err();
        assert_eq!(error, OcspError::Status(status));
        assert!(error.is_silence());
    }
    // Not assigned, successful without an answer, an answer beside an error, an answer in a primitive wrapping.
    for code in [0, 4, 7, 255] {
        assert!(matches!(read(&error_status(code)), Err(OcspError::Structure(_))), "{code}");
    }
    let both = changed(|_, builder| ResponseBuilder { status: der::enumerated(3), ..builder });
    assert!(matches!(read(&both), Err(OcspError::Structure(_))));
    let long = changed(|_, builder| ResponseBuilder { status: der::tlv(0x0a, &[1, 0]), ..builder });
    assert!(matches!(read(&long), Err(OcspError::Structure(_))));
}

#[test]
fn structures_that_are_not_those_of_the_standard_are_refused() {
    let scene = scene();
    let single = || scene.single(good());
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("another type of response", changed(|_, b| ResponseBuilder { kind: der::oid("1.3.6.1.5.5.7.48.1.2"), ..b })),
        ("version 2", changed(|_, b| ResponseBuilder { version: der::explicit(0, &der::integer(1)), ..b })),
        ("no answers", changed(|_, b| ResponseBuilder { singles: Vec::new(), ..b })),
        ("no responder", changed(|_, b| ResponseBuilder { responder: Vec::new(), ..b })),
        (
            "a third kind of responder",
            changed(|_, b| ResponseBuilder { responder: der::explicit(3, &der::null()), ..b }),
        ),
        ("two names", {
            changed(|s, b| {
                let names = [&s.authority.name[..], &s.authority.name].concat();
                ResponseBuilder { responder: der::explicit(1, &names), ..b }
            })
        }),
        ("producedAt in the short form", {
            changed(|_, b| ResponseBuilder { produced_at: der::utc_time("260820120000Z"), ..b })
        }),
        ("producedAt that is no date", {
            changed(|_, b| ResponseBuilder { produced_at: der::generalized_time("20260230120000Z"), ..b })
        }),
        ("no producedAt", changed(|_, b| ResponseBuilder { produced_at: Vec::new(), ..b })),
        ("nextUpdate before thisUpdate", { changed(|_, b| b.answer(single().until("2026-08-20T11:59:59Z"))) }),
        ("an empty list of extensions", { changed(|_, b| b.answer(single().with(Extension::raw(Vec::new())))) }),
        ("a CertID without a serial number", {
            changed(|_, mut b| {
                let parts =
                    [der::sequence(&[der::oid("1.3.14.3.2.26")]), der::octet_string(&[1]), der::octet_string(&[2])];
                b.singles[0].id = der::sequence(&parts);
                b
            })
        }),
        ("a CertID with more", {
            changed(|_, mut b| {
                let id = &b.singles[0].id;
                b.singles[0].id = der::sequence(&[&id[2..], &der::null()]);
                b
            })
        }),
        ("a serial number of 65 octets", {
            changed(|s, mut b| {
                b.singles[0].id = s.authority.cert_id(&[1; 65]);
                b
            })
        }),
        ("a certificate that is none", changed(|_, b| b.certificate(&der::sequence(&[der::null()])))),
        ("HTML", b"<html><body>503</body></html>".to_vec()),
        ("an empty sequence", vec![0x30, 0]),
        ("a number", der::integer(5)),
    ];
    for (situation, der) in cases {
        let error = read(&der).expect_err(situation);
        assert!(!matches!(error, OcspError::Status(_)), "{situation}: {error}");
    }
    assert_eq!(read(&[]).unwrap_err(), OcspError::Empty);
    // The default written out, which DER forbids, does no harm.
    assert!(read(&changed(|_, b| ResponseBuilder { version: der::explicit(0, &der::integer(0)), ..b })).is_ok());
}

#[test]
fn extensions_are_read_once_and_critical_ones_are_understood_or_nobody_may_rely_on_the_response() {
    let scene = scene();
    let unusable = |der: &[u8]| {
        let error = read(der).expect("well-formed").verify(&scene.issuer).map(|_| ()).unwrap_err();
        assert!(matches!(error, OcspError::CriticalExtension(_)), "{error}");
    };
    let twice = changed(|_, b| b.nonce(&[1]).nonce(&[1]));
    assert!(matches!(read(&twice), Err(OcspError::Extension { reason: "appears twice", .. })));
    let strange = || Extension::unknown();
    assert!(read(&changed(|_, b| b.with(strange()))).is_ok());
    unusable(&changed(|_, b| b.with(strange().critical())));
    let single = |extension| changed(|s, b| b.answer(s.single(good()).with(extension)));
    assert!(read(&single(strange())).is_ok());
    unusable(&single(strange().critical()));
    let cutoff = |value| Extension::new(ARCHIVE_CUTOFF, value);
    let parsed = read(&single(cutoff(generalized("2020-01-01T00:00:00Z")).critical())).unwrap();
    assert_eq!(parsed.singles()[1].archive_cutoff(), Some(time("2020-01-01T00:00:00Z")));
    for value in [der::null(), Vec::new(), der::utc_time("200101000000Z"), b"x".to_vec()] {
        assert!(read(&single(cutoff(value))).is_err());
    }
    assert!(read(&changed(|_, b| b.with(Extension::new(NONCE, vec![9]).critical()))).is_ok());
    let many = (0..20).fold(scene.delegated().answer(scene.single(good())), |builder, number| {
        builder.with(Extension::new(&format!("2.999.{number}"), der::null()))
    });
    assert!(matches!(read(&many.sign(&scene.responder_key)), Err(OcspError::TooMany { .. })));
    // A type that is too long to be held is still told apart from another, and makes it unusable when it is critical.
    let long = |last: &str| Extension::new(&format!("2.25.{}.{last}", ["18446744073709551615"; 6].join(".")), vec![]);
    assert!(read(&changed(|_, b| b.with(long("1")).with(long("2")))).is_ok());
    assert!(read(&changed(|_, b| b.with(long("1")).with(long("1")))).is_err());
    unusable(&changed(|_, b| b.with(long("1").critical())));
}

#[test]
fn sizes_and_counts_have_limits() {
    let scene = scene();
    let repeat = |count: usize| {
        let start = scene.delegated();
        let builder = (0..count).fold(start, |builder, _| builder.answer(scene.single(good())));
        builder.sign(&scene.responder_key)
    };
    assert_eq!(read(&repeat(MAX_SINGLES)).unwrap().singles().len(), MAX_SINGLES);
    assert!(matches!(read(&repeat(MAX_SINGLES + 1)), Err(OcspError::TooMany { what: "answers", .. })));
    let certificates = |count: usize| {
        let certificates = vec![scene.responder.clone(); count];
        changed(|_, b| ResponseBuilder { certificates, ..b })
    };
    assert!(read(&certificates(MAX_CERTIFICATES)).is_ok());
    assert!(matches!(read(&certificates(MAX_CERTIFICATES + 1)), Err(OcspError::TooMany { what: "certificates", .. })));
    let fat = changed(|_, b| b.with(Extension::new("2.999.2", vec![0; 1024 * 1024])));
    assert!(matches!(read(&fat), Err(OcspError::TooLarge { .. })));
    assert!(matches!(read(&vec![b'A'; 2 * 1024 * 1024]), Err(OcspError::TooLarge { .. })));
    let deep = (0..40).fold(der::null(), |inner, _| der::sequence(&[inner]));
    assert!(matches!(read(&deep), Err(OcspError::Der(_))));
    assert!(matches!(
        read(&der::tlv_with_length(0x30, &[0x84, 0xff, 0xff, 0xff, 0xff], &[0x0a, 1, 0])),
        Err(OcspError::Der(_))
    ));
}

#[test]
fn no_prefix_and_no_changed_octet_makes_a_panic_or_another_answer() {
    let scene = scene();
    let der = scene.answer(revoked("2026-06-02T09:15:00Z", Some(1)));
    for length in 0..der.len() {
        assert!(read(&der[..length]).is_err(), "{length}");
    }
    assert!(read(&[&der[..], &[0]].concat()).is_err());
    let mut read_still = 0;
    for position in 0..der.len() {
        for bit in 0..8 {
            let mut changed = der.clone();
            changed[position] ^= 1 << bit;
            if let Ok(parsed) = read(&changed) {
                read_still += 1;
                // A change that is not covered by a signature at least leaves the answer as it was.
                if let (0, Ok(response)) = (bit, parsed.verify(&scene.issuer)) {
                    assert_eq!(
                        response.parsed().singles()[0].status(),
                        with_status(revoked("2026-06-02T09:15:00Z", Some(1))).unwrap()
                    );
                }
            }
        }
    }
    assert!(read_still > 100, "{read_still}");
}
