use super::*;

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

const KEYS: [KeyAlgorithm; 8] = [
    KeyAlgorithm::Rsa { bits: 2048 },
    KeyAlgorithm::RsaPss { bits: 2048, hash: None },
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::Gost2004,
    KeyAlgorithm::Gost2015_256,
    KeyAlgorithm::Gost2015_512,
];

const USES: [AlgorithmUse; 2] = [AlgorithmUse::Certificate, AlgorithmUse::Signature];

#[test]
fn the_embedded_table_is_read_and_accepts_whatever_is_implemented() {
    let table = AlgorithmTable::builtin();
    for moment in ["1990-01-01T00:00:00Z", "2026-11-22T12:00:00Z", "2100-01-01T00:00:00Z"] {
        for usage in USES {
            for algorithm in SignatureAlgorithm::ALL {
                assert_eq!(table.signature(algorithm, usage, at(moment)), Ok(()), "{algorithm}");
            }
            for key in KEYS {
                assert_eq!(table.key(key, usage, at(moment)), Ok(()), "{key}");
            }
        }
        for digest in HashAlgorithm::ALL {
            assert_eq!(table.digest(digest, at(moment)), Ok(()), "{digest}");
        }
    }
}

#[test]
fn every_kind_of_key_has_its_row() {
    for key in KEYS {
        assert!(KEY_NAMES.contains(&key_name(key)));
        assert!(key.as_str().starts_with(key_name(key)), "{key}");
    }
}

#[test]
fn a_short_rsa_key_is_refused_with_its_length() {
    let refusal = AlgorithmTable::builtin()
        .key(KeyAlgorithm::Rsa { bits: 2047 }, AlgorithmUse::Certificate, at("2026-11-22T12:00:00Z"))
        .unwrap_err();
    assert_eq!((refusal.name.as_ref(), refusal.ended), ("rsa-2047", None));
    let pss = KeyAlgorithm::RsaPss { bits: 2047, hash: None };
    let refusal = AlgorithmTable::builtin().key(pss, AlgorithmUse::Signature, at("2026-11-22T12:00:00Z")).unwrap_err();
    assert_eq!(refusal.name.as_ref(), "rsa-pss-2047");
    let narrowed = AlgorithmTable::from_toml("[[key]]\nname = \"rsa\"\nminimum_bits = 3072").unwrap();
    let judge = |bits| narrowed.key(KeyAlgorithm::Rsa { bits }, AlgorithmUse::Signature, at("2026-11-22T12:00:00Z"));
    assert!(judge(2048).is_err() && judge(3071).is_err());
    assert_eq!((judge(3072), judge(4096)), (Ok(()), Ok(())));
}

#[test]
fn an_end_counts_for_its_use_and_its_last_moment_belongs_to_it() {
    let table = AlgorithmTable::from_toml(
        "[[signature]]\nname = \"gost-34.310-2004\"\nsignatures_until = \"2025-12-31T23:59:59Z\"\n\
         certificates_until = \"2027-12-31T23:59:59Z\"\nreason = \"replaced by GOST 34.10-2015\"",
    )
    .unwrap();
    let judge = |usage, moment| table.signature(SignatureAlgorithm::Gost2004, usage, at(moment));
    assert_eq!(judge(AlgorithmUse::Signature, "2025-12-31T23:59:59Z"), Ok(()));
    let refusal = judge(AlgorithmUse::Signature, "2026-01-01T00:00:00Z").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "gost-34.310-2004 is not accepted after 2025-12-31T23:59:59Z: replaced by GOST 34.10-2015"
    );
    assert_eq!(judge(AlgorithmUse::Certificate, "2026-01-01T00:00:00Z"), Ok(()));
    assert!(judge(AlgorithmUse::Certificate, "2028-01-01T00:00:00Z").is_err());
    // The key of that name and other algorithms have rows of their own.
    assert_eq!(table.key(KeyAlgorithm::Gost2004, AlgorithmUse::Signature, at("2030-01-01T00:00:00Z")), Ok(()));
    let other =
        table.signature(SignatureAlgorithm::RsaPkcs1Sha256, AlgorithmUse::Signature, at("2030-01-01T00:00:00Z"));
    assert_eq!(other, Ok(()));
}

#[test]
fn a_key_whose_kind_has_ended_is_refused_with_its_length() {
    let ended =
        AlgorithmTable::from_toml("[[key]]\nname = \"rsa\"\nsignatures_until = \"2025-12-31T23:59:59Z\"").unwrap();
    let key = KeyAlgorithm::Rsa { bits: 2048 };
    let refusal = ended.key(key, AlgorithmUse::Signature, at("2026-01-01T00:00:00Z")).unwrap_err();
    assert_eq!((refusal.name.as_ref(), refusal.ended), ("rsa-2048", Some(at("2025-12-31T23:59:59Z"))));
}

#[test]
fn a_row_replaces_the_whole_row() {
    let table = AlgorithmTable::from_toml("[[key]]\nname = \"rsa\"").unwrap();
    let judged = table.key(KeyAlgorithm::Rsa { bits: 1024 }, AlgorithmUse::Signature, at("2026-11-22T12:00:00Z"));
    assert_eq!(judged, Ok(()), "what crypto implements is for crypto to say");
}

#[test]
fn mistakes_are_named() {
    for (text, part) in [
        ("[[signature]]\nname = \"rsa-sha1\"", "[[signature]] rsa-sha1 is not known; write one of"),
        ("[[key]]\nname = \"rsa-2048\"", "[[key]] rsa-2048 is not known"),
        ("[[digest]]\nname = \"sha-1\"", "[[digest]] sha-1 is not known"),
        ("[[key]]\nname = \"ed25519\"\nminimum_bits = 256", "minimum_bits is for keys of the name \"rsa\""),
        ("[[key]]\nname = \"rsa\"\n[[key]]\nname = \"rsa\"", "[[key]] rsa appears twice"),
        ("[[key]]\nname = \"rsa\"\nuntil = \"2030-01-01T00:00:00Z\"", "not a table of algorithms"),
        ("[[key]]\nname = \"rsa\"\nsignatures_until = \"2030-01-01\"", "not a table of algorithms"),
        ("[[key]]\nminimum_bits = 2048", "not a table of algorithms"),
        ("[[hash]]\nname = \"sha-256\"", "not a table of algorithms"),
        ("rsa = 2048", "not a table of algorithms"),
    ] {
        let error = AlgorithmTable::from_toml(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}
