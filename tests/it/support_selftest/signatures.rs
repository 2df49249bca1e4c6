//! Arithmetic and signatures.

use num_bigint::BigUint;
use rastau_mint::curve::{Affine, Curve, hex};
use rastau_mint::gost::{self, GostKey, Scheme};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::{curves, pem};
use ring::signature as ring_signature;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// RFC 7091 section 7.1 (a curve made for the example).
#[test]
fn the_example_of_rfc_7091_comes_out() {
    let curve = Curve::new(
        "rfc7091",
        [
            "8000000000000000000000000000000000000000000000000000000000000431",
            "7",
            "5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E",
            "8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3",
            "2",
            "8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8",
        ],
    );
    check_vector(
        &curve,
        [
            "7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28",
            "7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B",
            "26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA",
            "2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5",
            "77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3",
            "41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493",
            "1456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40",
        ],
    );
}

/// GOST R 34.10-2012 appendix A.2, the 512-bit example.
#[test]
fn the_512_bit_example_of_the_standard_comes_out() {
    let curve = Curve::new(
        "gost-2012-a.2",
        [
            "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15D\
             F1D852741AF4704A0458047E80E4546D35B8336FAC224DD81664BBF528BE6373",
            "7",
            "1CFF0806A31116DA29D8CFA54E57EB748BC5F377E49400FDD788B649ECA1AC43\
             61834013B2AD7322480A89CA58E0CF74BC9E540C2ADD6897FAD0A3084F302ADC",
            "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15D\
             A82F2D7ECB1DBAC719905C5EECC423F1D86E25EDBE23C595D644AAF187E6E6DF",
            "24D19CC64572EE30F396BF6EBBFD7A6C5213B3B3D7057CC825F91093A68CD762\
             FD60611262CD838DC6B60AA7EEE804E28BC849977FAC33B4B530F1B120248A9A",
            "2BB312A43BD2CE6E0D020613C857ACDDCFBF061E91E5F2C3F32447C259F39B2C\
             83AB156D77F1496BF7EB3351E1EE4E43DC1A18B91B24640B6DBB92CB1ADD371E",
        ],
    );
    check_vector(
        &curve,
        [
            "0BA6048AADAE241BA40936D47756D7C93091A0E8514669700EE7508E508B1020\
             72E8123B2200A0563322DAD2827E2714A2636B7BFD18AADFC62967821FA18DD4",
            "115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD\
             5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1",
            "37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61\
             EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC",
            "3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C591\
             7184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C",
            "0359E7F4B1410FEACC570456C6801496946312120B39D019D455986E364F3658\
             86748ED7A44B3E794434006011842286212273A6D14CF70EA3AF71BB1AE679F1",
            "2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD3\
             5492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36",
            "1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5\
             823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A",
        ],
    );
}

/// d, Qx, Qy, e, k, r, s of an example.
fn check_vector(curve: &Curve, numbers: [&str; 7]) {
    let [d, x, y, e, k, r, s] = numbers.map(hex);
    let public = Affine { x, y };
    assert!(curve.contains(&curve.base) && curve.contains(&public));
    assert_eq!(curve.multiply_base(&d).as_ref(), Some(&public));
    assert_eq!(gost::sign(curve, &d, &k, &e), Some((r.clone(), s.clone())));
    assert!(gost::verify(curve, &public, &e, &r, &s));
    assert!(!gost::verify(curve, &public, &(e + 1u8), &r, &s));
}

#[test]
fn base_points_are_on_their_curves_and_have_the_stated_order() {
    for curve in Scheme::ALL.map(Scheme::curve).into_iter().chain([&*curves::P256, &*curves::P384]) {
        assert!(curve.contains(&curve.base), "{}", curve.name);
        assert_eq!(curve.multiply(&curve.q, &curve.base), None, "{}: q times the base point is infinity", curve.name);
        let k = BigUint::from(0x1234_5678_9abc_def0u64);
        assert_eq!(curve.multiply_base(&k), curve.multiply(&k, &curve.base), "{}", curve.name);
    }
}

#[test]
fn gost_signatures_verify_and_nothing_near_them_does() {
    for scheme in Scheme::ALL {
        let (key, other) = (GostKey::from_label(scheme, "one"), GostKey::from_label(scheme, "another"));
        let digest = scheme.hash().digest(b"message");
        let signature = key.sign_digest(&digest);
        let verify = |public: &GostKey, digest: &[u8], signature: &[u8]| {
            gost::verify_digest(scheme, &public.public_octets(), digest, signature)
        };
        assert_eq!(signature, key.sign_digest(&digest), "{scheme:?}: the same every time");
        assert!(verify(&key, &digest, &signature), "{scheme:?}");
        assert!(!verify(&other, &digest, &signature), "{scheme:?}: another key");
        assert!(!verify(&key, &scheme.hash().digest(b"messagE"), &signature), "{scheme:?}: another message");
        let (r, s) = signature.split_at(scheme.size());
        assert!(!verify(&key, &digest, &[s, r].concat()), "{scheme:?}: s before r");
        let zero = vec![0; scheme.size()];
        assert!(!verify(&key, &digest, &[&zero, s].concat()), "{scheme:?}: r = 0");
        assert!(!verify(&key, &digest, &[r, &zero].concat()), "{scheme:?}: s = 0");
    }
}

/// ring knows nothing of our arithmetic.
#[test]
fn ring_verifies_ecdsa_rsa_and_ed25519() {
    let cases: [(Key, &dyn ring_signature::VerificationAlgorithm); 5] = [
        (Key::p256("a"), &ring_signature::ECDSA_P256_SHA256_ASN1),
        (Key::p384("a"), &ring_signature::ECDSA_P384_SHA384_ASN1),
        (Key::ed25519("a"), &ring_signature::ED25519),
        (Key::rsa("a"), &ring_signature::RSA_PKCS1_2048_8192_SHA256),
        (Key::rsa_with(2048, Hash::Sha512, "a"), &ring_signature::RSA_PKCS1_2048_8192_SHA512),
    ];
    for (key, algorithm) in cases {
        let spki = key.spki();
        let (_, parsed) = x509_parser::x509::SubjectPublicKeyInfo::from_der(&spki).expect("an SPKI");
        let public = ring_signature::UnparsedPublicKey::new(algorithm, &parsed.subject_public_key.data);
        let signature = key.sign(b"message");
        assert_eq!(signature, key.sign(b"message"), "{}: the same every time", key.signature_oid());
        assert!(public.verify(b"message", &signature).is_ok(), "{}", key.signature_oid());
        assert!(public.verify(b"messagE", &signature).is_err(), "{}", key.signature_oid());
    }
}

/// Kalkan's own signature, and the GOST-2004 and GOST-2015 chains of the National CA's test systems.
#[test]
fn real_signatures_of_the_national_ca_verify() {
    let Some(folder) = std::env::var_os("RASTAU_INTEROP").map(std::path::PathBuf::from) else {
        println!("skipped: RASTAU_INTEROP does not name the folder with the National CA's test data");
        return;
    };
    let Ok(vector) = std::fs::read_to_string(folder.join("vectors/kalkan_gost512.vectors")) else {
        println!("skipped: no vectors/kalkan_gost512.vectors under RASTAU_INTEROP");
        return;
    };
    let field = |name: &str| {
        let line = vector.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {name} in the vector")).to_owned()
    };
    let octets = |name: &str| -> Vec<u8> {
        let digits = field(name);
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
    };
    let key = GostKey::new(Scheme::Gost512A, hex(&field("d")));
    assert_eq!(key.public, Affine { x: hex(&field("qx")), y: hex(&field("qy")) });
    assert_eq!(Hash::Streebog512.digest(field("msg").as_bytes()), octets("digest"));
    assert_eq!(Key::Gost(key.clone()).spki(), octets("spki"));
    assert!(gost::verify_digest(Scheme::Gost512A, &key.public_octets(), &octets("digest"), &octets("sig")));

    for (child, parent, scheme) in [
        ("certs/nca_gost2022_test.cer", "certs/root_test_gost_2022.cer", Scheme::Gost512A),
        ("certs/ceo_valid_sign_2004_gost.cer", "certs/nca_gost_test_2004.cer", Scheme::Gost2004),
    ] {
        let read = |name: &str| {
            let bytes = std::fs::read(folder.join(name)).expect(name);
            if bytes.starts_with(b"-----") {
                pem::decode(&String::from_utf8(bytes).expect("text")).expect("PEM")
            } else {
                bytes
            }
        };
        let (child_der, parent_der) = (read(child), read(parent));
        let (_, child) = X509Certificate::from_der(&child_der).expect("a certificate");
        let (_, parent) = X509Certificate::from_der(&parent_der).expect("a certificate");
        // BIT STRING { OCTET STRING { x ‖ y } }
        let key = &parent.public_key().subject_public_key.data;
        let key = &key[key.len() - 2 * scheme.size()..];
        assert_eq!(scheme.spki(key), parent.public_key().raw, "{scheme:?}");
        let digest = scheme.hash().digest(child.tbs_certificate.as_ref());
        assert!(gost::verify_digest(scheme, key, &digest, &child.signature_value.data), "{scheme:?}");
    }
}
