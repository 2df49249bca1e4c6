//! By whose signature a response is believed.

use rastau::crypto::SignatureError;
use rastau::revocation::ocsp::{
    DelegateError, OcspError, OcspRules, OcspStatus, ParsedResponse, Responses, Signer, Standing, Unavailable,
};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{EXTENDED_KEY_USAGE, Extension, KEY_USAGE};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{NO_CHECK, OCSP_SIGNING, ResponseBuilder, good, revoked};

use super::{NOON, Scene, noon, scene, short, time};

/// A response by a delegate whose certificate was changed before the authority signed it.
fn delegate(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Vec<u8> {
    let scene = scene();
    let certificate = change(scene.authority.responder("OCSP RESPONDER", &scene.responder_key));
    let certificate = scene.authority.issue(certificate);
    response(&certificate, &scene.responder_key)
}

fn response(certificate: &[u8], key: &Key) -> Vec<u8> {
    let scene = scene();
    let builder = scene.delegated().answer(scene.single(good()));
    ResponseBuilder { certificates: vec![certificate.to_vec()], ..builder }.sign(key)
}

fn refused(der: &[u8]) -> OcspError {
    scene().verify(der).unwrap_err()
}

fn delegate_refused(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> DelegateError {
    match refused(&delegate(change)) {
        OcspError::Delegate(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn the_authority_or_its_delegate_signs_by_name_or_by_key_with_any_algorithm() {
    let pairs = [
        (Key::p256("ocsp tests"), Key::p256("ocsp responder")),
        (Key::rsa("rsa ocsp tests"), Key::rsa("rsa ocsp responder")),
        (Key::gost512("ocsp"), Key::gost512("ocsp responder")),
        (Key::gost2004("ocsp"), Key::gost2004("ocsp responder")),
        (Key::p384("ocsp"), Key::ed25519("ocsp responder")),
    ];
    for (authority_key, responder_key) in pairs {
        let scene = Scene::new(Authority::root("СЫНАҚ КО", authority_key.clone()), responder_key.clone());
        let delegated = scene.delegated().answer(scene.single(good()));
        for builder in [delegated.clone(), delegated.by_key(&responder_key)] {
            let response = scene.verify(&builder.sign(&responder_key)).unwrap();
            assert!(matches!(response.signer(), Signer::Delegate(_)));
            assert_eq!(&**response.responder_text(), "CN=OCSP RESPONDER, C=KZ");
        }
        let own = scene.own().answer(scene.single(good()));
        for builder in [own.clone(), own.by_key(&authority_key)] {
            let der = builder.sign(&authority_key);
            assert_eq!(scene.verify(&der).unwrap().signer(), &Signer::Issuer);
            assert_eq!(short(&scene.status(&[der])), "good");
        }
    }
}

#[test]
fn parameters_of_the_algorithm_may_be_null_or_absent() {
    let (authority_key, key) = (Key::gost512("ocsp"), Key::gost512("ocsp responder"));
    let scene = Scene::new(Authority::root("СЫНАҚ КО", authority_key), key.clone());
    for algorithm in [key.algorithm_identifier(), key.algorithm_identifier_without_parameters()] {
        let builder = scene.delegated().answer(scene.single(good()));
        let der = ResponseBuilder { algorithm: Some(algorithm), ..builder }.sign(&key);
        assert!(scene.verify(&der).is_ok());
    }
}

#[test]
fn the_certificate_of_the_authority_itself_may_come_along() {
    let scene = scene();
    let own = scene.own().answer(scene.single(good())).certificate(&scene.authority.certificate);
    assert_eq!(scene.verify(&own.sign(&scene.authority.key)).unwrap().signer(), &Signer::Issuer);
    let delegated = scene.delegated().answer(scene.single(good()));
    let certificates = vec![scene.authority.certificate.clone(), scene.responder.clone()];
    let der = ResponseBuilder { certificates, ..delegated }.sign(&scene.responder_key);
    assert!(matches!(scene.verify(&der).unwrap().signer(), Signer::Delegate(_)));
}

#[test]
fn a_stranger_is_not_believed_whatever_it_brings() {
    let scene = scene();
    let stranger = Key::p256("a stranger");
    let single = || scene.single(good());
    // With the certificate of the true delegate, without any, with one of its own making.
    assert_eq!(
        refused(&scene.delegated().answer(single()).sign(&stranger)),
        OcspError::Signature(SignatureError::Invalid)
    );
    assert_eq!(refused(&scene.own().answer(single()).sign(&stranger)), OcspError::Signature(SignatureError::Invalid));
    let bare = ResponseBuilder { certificates: Vec::new(), ..scene.delegated().answer(single()) };
    assert_eq!(refused(&bare.sign(&scene.responder_key)), OcspError::SignerUnknown);
    let forged = scene.authority.prepare(scene.authority.responder("OCSP RESPONDER", &stranger)).sign(&stranger);
    assert_eq!(
        refused(&response(&forged, &stranger)),
        OcspError::Delegate(DelegateError::Signature(SignatureError::Invalid))
    );
    let twin = scene.authority.with_key(stranger.clone());
    let forged = twin.issue(twin.responder("OCSP RESPONDER", &stranger));
    assert!(matches!(refused(&response(&forged, &stranger)), OcspError::Delegate(DelegateError::Signature(_))));
    // By the hash of a key that is not the one that signed.
    let by_key = scene.delegated().answer(single()).by_key(&scene.responder_key);
    let forged = scene.authority.issue(scene.authority.responder("OCSP RESPONDER", &stranger));
    let by_key = ResponseBuilder { certificates: vec![forged], ..by_key };
    assert_eq!(refused(&by_key.sign(&stranger)), OcspError::SignerUnknown);
}

#[test]
fn a_certificate_of_the_same_authority_that_is_no_responder_is_not_believed() {
    let leaf = |builder: CertificateBuilder| builder.without(EXTENDED_KEY_USAGE);
    assert_eq!(delegate_refused(leaf), DelegateError::Purpose);
    for purposes in [&["1.3.6.1.5.5.7.3.4"][..], &["2.5.29.37.0"], &["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.2"]] {
        let other = |builder: CertificateBuilder| builder.replace(Extension::extended_key_usage(purposes));
        assert_eq!(delegate_refused(other), DelegateError::Purpose);
    }
    let both = [OCSP_SIGNING, "1.3.6.1.5.5.7.3.4"];
    let both = delegate(|builder| builder.replace(Extension::extended_key_usage(&both).critical()));
    assert!(scene().verify(&both).is_ok(), "more purposes do no harm");
}

#[test]
fn the_usage_of_a_delegates_key_must_allow_signatures_where_it_is_named() {
    let usage = |octet| delegate_refused(|builder| builder.replace(Extension::key_usage(octet)));
    assert_eq!(usage(0x20), DelegateError::KeyUsage);
    assert_eq!(usage(0x06), DelegateError::KeyUsage);
    assert!(scene().verify(&delegate(|builder| builder.without(KEY_USAGE))).is_ok());
    for octet in [0x80, 0x40, 0xc0, 0xe0] {
        assert!(scene().verify(&delegate(|builder| builder.replace(Extension::key_usage(octet)))).is_ok());
    }
}

#[test]
fn a_delegate_of_another_authority_is_not_believed() {
    let scene = scene();
    let other = Authority::root("БАСҚА КО", Key::p256("another authority"));
    let certificate = other.issue(other.responder("OCSP RESPONDER", &scene.responder_key));
    let error = refused(&response(&certificate, &scene.responder_key));
    assert_eq!(error, OcspError::Delegate(DelegateError::NotDirect));
    // Nor one below an authority in between, however that is placed.
    let below = scene.authority.subordinate("ІШКІ КО", Key::p256("an authority below"));
    let certificate = below.issue(below.responder("OCSP RESPONDER", &scene.responder_key));
    let builder = scene.delegated().answer(scene.single(good()));
    let certificates = vec![certificate, below.certificate.clone()];
    let der = ResponseBuilder { certificates, ..builder }.sign(&scene.responder_key);
    assert_eq!(refused(&der), OcspError::Delegate(DelegateError::NotDirect));
}

#[test]
fn a_delegate_must_have_been_valid_when_it_signed() {
    let valid = |from: &'static str, to: &'static str| delegate(move |builder| builder.valid(from, to));
    let late = valid("2026-08-20T12:00:01Z", "2027-01-01T00:00:00Z");
    let expired = valid("2025-01-01T00:00:00Z", "2026-08-20T11:59:59Z");
    for der in [late, expired] {
        assert_eq!(refused(&der), OcspError::Delegate(DelegateError::NotValid(noon())));
    }
    assert!(scene().verify(&valid("2026-08-20T12:00:00Z", "2026-08-20T12:00:00Z")).is_ok());
    // Valid when it signed, but not at the thisUpdate that it claims.
    let scene = scene();
    let certificate = scene.authority.responder("OCSP RESPONDER", &scene.responder_key);
    let certificate = scene.authority.issue(certificate.valid("2026-08-20T12:00:00Z", "2027-01-01T00:00:00Z"));
    for (status, wanted) in [
        (good(), "unavailable: Rejected"),
        (revoked("2026-08-21T00:00:00Z", Some(4)), "unavailable: Rejected"),
        (revoked("2026-06-02T09:15:00Z", Some(1)), "revoked 2026-06-02T09:15:00Z, keyCompromise"),
    ] {
        let mut single = scene.single(status).until("2026-08-21T00:00:00Z");
        single.this_update = rastau_mint::ocsp::generalized("2026-08-20T11:00:00Z");
        let builder = scene.delegated().answer(single);
        let der = ResponseBuilder { certificates: vec![certificate.clone()], ..builder }.sign(&scene.responder_key);
        assert_eq!(short(&scene.status(&[der])), wanted);
    }
}

#[test]
fn a_key_that_has_outlived_its_certificate_does_not_answer_for_years_to_come() {
    let scene = scene();
    let certificate = scene.authority.responder("OCSP RESPONDER", &scene.responder_key);
    let certificate = scene.authority.issue(certificate.valid("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"));
    let mut single = scene.single(good()).until("2046-01-01T00:00:00Z");
    single.this_update = rastau_mint::ocsp::generalized("2026-05-01T00:00:00Z");
    let builder = scene.delegated_at("2026-05-01T00:00:00Z").answer(single);
    let der = ResponseBuilder { certificates: vec![certificate], ..builder }.sign(&scene.responder_key);
    assert_eq!(short(&scene.status_at(std::slice::from_ref(&der), "2026-05-31T00:00:00Z")), "good");
    assert_eq!(short(&scene.status_at(&[der], NOON)), "unavailable: Stale");
}

#[test]
fn critical_extensions_of_a_delegate_are_understood_or_it_is_not_believed() {
    let error = delegate_refused(|builder| builder.with(Extension::unknown().critical()));
    assert!(matches!(error, DelegateError::CriticalExtension(_)));
    assert!(scene().verify(&delegate(|builder| builder.with(Extension::unknown()))).is_ok());
    let nocheck = Extension::new(NO_CHECK, rastau_mint::der::null()).critical();
    assert!(scene().verify(&delegate(|builder| builder.replace(nocheck))).is_ok());
}

#[test]
fn weak_algorithms_are_refused_in_the_response_and_in_the_delegates_certificate() {
    let weak = Key::rsa_with(2048, Hash::Sha1, "rsa ocsp tests");
    let authority = Authority::root("СЫНАҚ КО", Key::rsa("rsa ocsp tests"));
    let scene = Scene::new(authority, Key::rsa("rsa ocsp responder"));
    let der = scene.own().answer(scene.single(good())).sign(&weak);
    assert!(matches!(scene.verify(&der), Err(OcspError::AlgorithmNotAllowed(_))));
    let certificate = scene.authority.prepare(scene.authority.responder("OCSP RESPONDER", &scene.responder_key));
    let builder = scene.delegated().answer(scene.single(good()));
    let der = ResponseBuilder { certificates: vec![certificate.sign(&weak)], ..builder }.sign(&scene.responder_key);
    assert!(matches!(scene.verify(&der), Err(OcspError::Delegate(DelegateError::AlgorithmNotAllowed(_)))));
    // The algorithm of another kind of key.
    let builder = ResponseBuilder { algorithm: Some(Key::p256("x").algorithm_identifier()), ..scene.own() };
    let der = builder.answer(scene.single(good())).sign(&scene.authority.key);
    assert_eq!(scene.verify(&der).unwrap_err(), OcspError::Signature(SignatureError::AlgorithmMismatch));
}

#[test]
fn a_changed_answer_is_not_believed() {
    let scene = scene();
    let (honest, wanted) = (scene.single(revoked("2026-06-02T09:15:00Z", Some(1))), scene.single(good()));
    let signature = scene.responder_key.sign(&scene.delegated().answer(honest).tbs());
    let changed = scene.delegated().answer(wanted);
    let der = changed.wrap(&scene.responder_key, &changed.tbs(), &signature);
    assert_eq!(refused(&der), OcspError::Signature(SignatureError::Invalid));
    assert_eq!(short(&scene.status(&[der])), "unavailable: Rejected");
}

/// What lists say about the delegate, with and without nocheck.
#[test]
fn a_delegate_that_nothing_vouches_for_is_no_evidence() {
    let scene = scene();
    let without = delegate(|builder| builder.without(NO_CHECK));
    let with = delegate(|builder| builder);
    let status = |der: &[u8], standing: Standing| {
        let (responses, _) = Responses::read([der], OcspRules::default());
        responses.status_with(&scene.leaf, &scene.issuer, noon(), noon(), |delegate| {
            assert_eq!(delegate.subject().to_string(), "CN=OCSP RESPONDER, C=KZ");
            standing
        })
    };
    assert_eq!(short(&status(&without, Standing::Unknown)), "unavailable: ResponderUnchecked");
    assert_eq!(short(&status(&without, Standing::Good)), "good");
    assert_eq!(short(&status(&with, Standing::Unknown)), "good");
    assert_eq!(short(&status(&with, Standing::Good)), "good");
    for der in [with, without] {
        let status = status(&der, Standing::Revoked);
        assert_eq!(short(&status), "unavailable: ResponderRevoked");
        assert!(matches!(status, OcspStatus::Unavailable { cause } if !cause.is_silence() && cause.answer().is_some()));
    }
}

#[test]
fn what_a_delegate_that_nothing_vouches_for_says_is_revoked_is_revoked() {
    let scene = scene();
    let certificate =
        scene.authority.issue(scene.authority.responder("OCSP RESPONDER", &scene.responder_key).without(NO_CHECK));
    let says = |status: Vec<u8>, standing: Standing| {
        let builder = ResponseBuilder { certificates: vec![certificate.clone()], ..scene.delegated() };
        let (responses, _) =
            Responses::read([builder.answer(scene.single(status)).sign(&scene.responder_key)], OcspRules::default());
        short(&responses.status_with(&scene.leaf, &scene.issuer, noon(), noon(), |_| standing))
    };
    let (past, future) = ("2026-06-02T09:15:00Z", "2026-08-20T12:04:00Z");
    let named = "revoked 2026-06-02T09:15:00Z, keyCompromise";
    assert_eq!(says(revoked(past, Some(1)), Standing::Unknown), named);
    assert_eq!(says(revoked(past, Some(6)), Standing::Unknown), "revoked 2026-06-02T09:15:00Z, certificateHold");
    assert_eq!(says(revoked(past, Some(1)), Standing::Revoked), "unavailable: ResponderRevoked");
    // Revoked after the moment in good order clears about the moment.
    assert_eq!(says(revoked(future, Some(4)), Standing::Unknown), "unavailable: ResponderUnchecked");
    // A delegate that was itself revoked in good order, before the response or after it.
    let since = |when| Standing::RevokedSince(time(when));
    assert_eq!(says(good(), since("2026-08-20T12:00:01Z")), "good");
    assert_eq!(says(good(), since("2026-08-20T12:00:00Z")), "unavailable: ResponderRevoked");
    assert_eq!(says(revoked(past, Some(1)), since("2026-08-20T12:00:01Z")), named);
}

#[test]
fn many_certificates_of_the_responders_name_cost_few_signatures() {
    let scene = scene();
    let forged: Vec<Vec<u8>> = (0..7)
        .map(|number| {
            let key = Key::p256(&format!("forged {number}"));
            scene.authority.prepare(scene.authority.responder("OCSP RESPONDER", &key)).sign(&key)
        })
        .collect();
    let builder = scene.delegated().answer(scene.single(good()));
    // The true one last: behind more forgeries than are tried it is not found.
    let last = [forged.clone(), vec![scene.responder.clone()]].concat();
    let der = ResponseBuilder { certificates: last, ..builder.clone() }.sign(&scene.responder_key);
    assert!(scene.verify(&der).is_err());
    let third = [forged[..2].to_vec(), vec![scene.responder.clone()], forged[2..].to_vec()].concat();
    let der = ResponseBuilder { certificates: third, ..builder }.sign(&scene.responder_key);
    assert!(scene.verify(&der).is_ok());
}

#[test]
fn a_response_speaks_for_the_authority_that_it_was_verified_for() {
    let scene = scene();
    // The same name with another key, and a leaf of that with the same serial number.
    let twin = Scene::new(Authority::root("СЫНАҚ КО", Key::p256("a twin")), Key::p256("ocsp responder"));
    let der = scene.answer(good());
    let (responses, _) = Responses::read([&der], OcspRules::default());
    assert_eq!(short(&responses.status(&twin.leaf, &twin.issuer, noon(), noon())), "unavailable: NoResponse");
    assert!(ParsedResponse::read(&der).unwrap().verify(&twin.issuer).is_err());
    // A delegate of one authority answers, with true hashes of the other, about a certificate of that.
    let mut single = scene.single(good());
    single.id = twin.authority.cert_id(&super::SERIAL);
    let der = scene.delegated().answer(single).sign(&scene.responder_key);
    let (responses, _) = Responses::read([&der], OcspRules::default());
    let status = responses.status(&twin.leaf, &twin.issuer, noon(), noon());
    assert!(matches!(status, OcspStatus::Unavailable { cause: Unavailable::Rejected { .. } }));
    // A renewed certificate of the same name and key is the same authority.
    let renewed = CertificateBuilder::root_ca("СЫНАҚ КО", &scene.authority.key).serial(&[9]);
    let renewed = Certificate::from_der(&renewed.self_sign(&scene.authority.key)).unwrap();
    let (responses, _) = Responses::read([scene.answer(good())], OcspRules::default());
    assert_eq!(short(&responses.status(&scene.leaf, &renewed, noon(), noon())), "good");
    assert_eq!(short(&responses.status(&scene.leaf, &scene.issuer, noon(), time(NOON))), "good");
}
