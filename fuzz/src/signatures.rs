//! Raw signatures: whatever stands in their place, one who signs nothing has none.

use std::sync::OnceLock;

use rastau::crypto::{PublicKey, SignatureAlgorithm, hash};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::rsa::RsaKey;

/// What was signed.
const MESSAGE: &[u8] = b"a message";

/// A key, and its one signature over the message.
struct Signed {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
}

fn signed() -> &'static [Signed] {
    static SIGNED: OnceLock<Vec<Signed>> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let plain = [
            (Key::p256("fuzz"), SignatureAlgorithm::EcdsaSha256),
            (Key::p384("fuzz"), SignatureAlgorithm::EcdsaSha384),
            (Key::ed25519("fuzz"), SignatureAlgorithm::Ed25519),
            (Key::rsa("fuzz"), SignatureAlgorithm::RsaPkcs1Sha256),
            (Key::gost512("fuzz"), SignatureAlgorithm::Gost2015_512),
            (Key::gost256("fuzz"), SignatureAlgorithm::Gost2015_256),
            (Key::gost2004("fuzz"), SignatureAlgorithm::Gost2004),
        ];
        let mut all: Vec<Signed> = plain
            .into_iter()
            .map(|(key, algorithm)| Signed {
                key: PublicKey::from_spki(&key.spki()).expect("a key"),
                algorithm,
                signature: key.sign(MESSAGE),
            })
            .collect();
        let rsa = RsaKey::from_label(2048, "fuzz");
        all.push(Signed {
            key: PublicKey::from_spki(&rsa.pss_spki(&[])).expect("a key"),
            algorithm: SignatureAlgorithm::RsaPssSha256,
            signature: rsa.sign_digest_pss(Hash::Sha256, &Hash::Sha256.digest(MESSAGE), &[7; 32]),
        });
        all
    })
}

/// An octet for the key, one for the algorithm, then the signature, or what is to be changed in the right one. Over the message
/// and over its digest a signature holds or does not; what holds is what was made, ECDSA and GOST aside, where a
/// signature has a twin.
pub fn signature(data: &[u8]) {
    let [which, algorithm, rest @ ..] = data else { return };
    let Some(signed) = signed().get(usize::from(which % 8)) else { return };
    let algorithm = match usize::from(*algorithm).checked_sub(0x80) {
        Some(other) => SignatureAlgorithm::ALL[other % SignatureAlgorithm::ALL.len()],
        None => signed.algorithm,
    };
    let value = if which & 0x80 == 0 {
        rest.to_vec()
    } else {
        let changes = rest.iter().copied().chain(std::iter::repeat(0));
        signed.signature.iter().zip(changes).map(|(octet, change)| octet ^ change).collect()
    };
    judge(signed, algorithm, &value);
    if let Some(der) = signed.key.algorithm().value_from_sides(&value) {
        judge(signed, algorithm, &der);
    }
}

fn judge(signed: &Signed, algorithm: SignatureAlgorithm, value: &[u8]) {
    let holds = signed.key.verify(algorithm, MESSAGE, value).is_ok();
    if let Some(name) = algorithm.hash() {
        let over_digest = signed.key.verify_digest(algorithm, &hash(name, MESSAGE), value).is_ok();
        assert_eq!(holds, over_digest, "{algorithm} {value:02x?}");
    }
    if !holds {
        return;
    }
    assert_eq!(algorithm, signed.algorithm, "a signature of one algorithm is none of another");
    let has_twin = signed.key.algorithm().as_str().starts_with("gost") || signed.key.algorithm().scalar_octets().is_some();
    assert!(has_twin || value == signed.signature, "nobody signed {value:02x?}");
}
